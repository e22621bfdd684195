/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_IPTC_H
#define CIP_WIRE_IPTC_H

#include <stdint.h>

struct ipt_entry;
struct xtc_handle;

/*
 * iptables' table "filter". libiptc keeps its last error in a global, so only one thread is between open and close;
 * others wait. All return 0 or a negative errno.
 */
struct filter {
	struct xtc_handle *handle;
};

#define FILTER_CHAIN_MAX 32

/* Read the table. -ENOENT: the kernel has none, -EPERM. Close it in any case but a failure. */
int filter_open(struct filter *filter);
void filter_close(struct filter *filter);

/* Call back for every rule of every chain; number counts from 1. A negative result ends it. */
typedef int (*filter_cb)(const char *chain, uint32_t number, const struct ipt_entry *entry, void *data);
int filter_each(struct filter *filter, filter_cb cb, void *data);
/* Does another rule jump there, or the kernel itself? */
int filter_is_reached(struct filter *filter, const char *chain);

/* Changes of what was read. They get to the kernel with filter_commit(), all of them or none. */
int filter_insert(struct filter *filter, const char *chain, uint32_t number, const struct ipt_entry *entry);
int filter_replace(struct filter *filter, const char *chain, uint32_t number, const struct ipt_entry *entry);
int filter_delete(struct filter *filter, const char *chain, uint32_t number);
/* -EAGAIN: somebody has changed the table without taking the lock. */
int filter_commit(struct filter *filter);

/*
 * The lock that every iptables takes before it changes something. -EBUSY: another process kept it for 5 seconds. The
 * descriptor holds it until it is closed.
 */
int xtables_lock_take(int *ret_fd);

/*
 * Has the kernel the target CLUSTERIP? Makes it load the modules, as far as they exist. -ENOPROTOOPT: no ip_tables,
 * -ENOENT: no such target, -EPERM.
 */
int xtables_probe_target(void);

#endif
