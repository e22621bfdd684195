/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libiptc/libiptc.h>
#include <pthread.h>
#include <string.h>

#include "wire-iptc.h"

#define TABLE "filter"

/* The only state of the library outside a context: libiptc's own cannot be had twice. */
static pthread_mutex_t iptc_mutex = PTHREAD_MUTEX_INITIALIZER;

/* 0 is libiptc's word for a kernel that speaks another version of the protocol. */
static int last_error(void)
{
	return errno ? -errno : -EPROTO;
}

int filter_open(struct filter *filter)
{
	int rc = 0;

	(void)pthread_mutex_lock(&iptc_mutex);
	errno = 0;
	filter->handle = iptc_init(TABLE);
	if (filter->handle)
		return 0;
	rc = last_error();
	(void)pthread_mutex_unlock(&iptc_mutex);
	return rc == -ENOPROTOOPT ? -ENOENT : rc;
}

void filter_close(struct filter *filter)
{
	iptc_free(filter->handle);
	filter->handle = NULL;
	(void)pthread_mutex_unlock(&iptc_mutex);
}

int filter_each(struct filter *filter, filter_cb cb, void *data)
{
	const struct ipt_entry *entry;
	const char *chain;
	uint32_t number;
	int rc = 0;

	for (chain = iptc_first_chain(filter->handle); rc == 0 && chain;
	     chain = iptc_next_chain(filter->handle)) {
		number = 0;
		for (entry = iptc_first_rule(chain, filter->handle); rc == 0 && entry;
		     entry = iptc_next_rule(entry, filter->handle))
			rc = cb(chain, ++number, entry, data);
	}
	return rc;
}

int filter_is_reached(struct filter *filter, const char *chain)
{
	unsigned int references = 0;

	if (iptc_builtin(chain, filter->handle))
		return !strcmp(chain, "INPUT");
	return iptc_get_references(&references, chain, filter->handle) && references > 0;
}

int filter_insert(struct filter *filter, const char *chain, uint32_t number, const struct ipt_entry *entry)
{
	errno = 0;
	return iptc_insert_entry(chain, entry, number - 1, filter->handle) ? 0 : last_error();
}

int filter_replace(struct filter *filter, const char *chain, uint32_t number, const struct ipt_entry *entry)
{
	errno = 0;
	return iptc_replace_entry(chain, entry, number - 1, filter->handle) ? 0 : last_error();
}

int filter_delete(struct filter *filter, const char *chain, uint32_t number)
{
	errno = 0;
	return iptc_delete_num_entry(chain, number - 1, filter->handle) ? 0 : last_error();
}

int filter_commit(struct filter *filter)
{
	errno = 0;
	return iptc_commit(filter->handle) ? 0 : last_error();
}
