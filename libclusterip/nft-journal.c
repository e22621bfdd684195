/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "nft-elem.h"
#include "nft-journal.h"

/* More than that has changed everything. */
#define ENTRIES_MAX 65536
/* A commit is told when it is done, a little after its generation can be read. */
#define TOLD_WITHIN_MS 500
/* Commits of others, one behind the other, that came in between. */
#define COMMIT_TRIES 64

static const char *const sets[] = {
	NFT_BUCKETS, NFT_ASSIGNED, NFT_CLUSTERS,       NFT_ADDRESSES,	NFT_ERRORS,
	NFT_MACS,    NFT_RETIRED,  NFT_LATE_ADDRESSES, NFT_LATE_ERRORS,
};

static const char *known_set(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		if (!strcmp(sets[i], name))
			return sets[i];
	return ""; /* of constants, or of nobody */
}

static int holds_slots(const char *set)
{
	return !strcmp(set, NFT_BUCKETS) || !strcmp(set, NFT_ASSIGNED);
}

int nft_entry_is_slot(const struct nft_entry *entry)
{
	return entry->set && holds_slots(entry->set) && entry->addr.family;
}

int nft_entry_is_since(const struct nft_entry *entry, uint32_t generation)
{
	return (int32_t)(entry->generation - generation) > 0;
}

int nft_journal_is_open(const struct nft_journal *journal)
{
	return journal->nl.sock != NULL;
}

int nft_journal_covers(const struct nft_journal *journal, uint32_t generation)
{
	return nft_journal_is_open(journal) && (int32_t)(generation - journal->first) >= 0;
}

void nft_journal_open(struct nft_journal *journal, struct nfnl *nfnl)
{
	uint32_t generation;

	if (nft_journal_is_open(journal) || nfnl_listen(nfnl, &journal->nl) < 0)
		return;
	if (nfnl_generation(nfnl, &generation) < 0) {
		nl_close(&journal->nl);
		return;
	}
	journal->first = journal->last = generation;
	nfnl->nl.journaled = 1;
}

void nft_journal_close(struct nft_journal *journal, struct nfnl *nfnl)
{
	if (!nft_journal_is_open(journal))
		return;
	nl_close(&journal->nl);
	free(journal->entries);
	memset(journal, 0, sizeof(*journal));
	nfnl->nl.journaled = 0;
}

static int append(struct nft_journal *journal, const struct nft_entry *entry)
{
	uint32_t space = journal->space ? journal->space * 2 : 64;
	struct nft_entry *entries;

	if (journal->count == ENTRIES_MAX)
		return -ENOBUFS;
	if (journal->count == journal->space) {
		entries = realloc(journal->entries, space * sizeof(*entries));
		if (!entries)
			return -ENOMEM;
		journal->entries = entries;
		journal->space = space;
	}
	journal->entries[journal->count++] = *entry;
	return 0;
}

/* The entries of a commit come before the message that gives its generation. */
static void take_commit(struct nft_journal *journal, const struct nlmsghdr *nlh)
{
	const struct nlattr *attr = nl_find_attr(nlh, sizeof(struct nfgenmsg), NFTA_GEN_ID);

	if (!attr || mnl_attr_validate(attr, MNL_TYPE_U32) < 0)
		return;
	journal->last = ntohl(mnl_attr_get_u32(attr));
	for (; journal->told < journal->count; journal->told++)
		journal->entries[journal->told].generation = journal->last;
}

struct element_reading {
	struct nft_journal *journal;
	struct nft_entry entry;
};

static int take_element(const struct nft_elem *elem, void *data)
{
	struct element_reading *reading = data;
	const char *set = reading->entry.set;

	reading->entry.addr = (struct addr){ 0 };
	if (holds_slots(set) || !strcmp(set, NFT_RETIRED))
		(void)nft_elem_slot(elem, &reading->entry.addr);
	else if (*set)
		reading->entry.addr = nft_elem_addr(elem);
	return append(reading->journal, &reading->entry);
}

static int take_elements(struct nft_journal *journal, const struct nlmsghdr *nlh, struct nft_entry *entry)
{
	const struct nlattr *set = nl_find_attr(nlh, sizeof(struct nfgenmsg), NFTA_SET_ELEM_LIST_SET);
	struct element_reading reading = { journal, *entry };

	if (!set || mnl_attr_validate(set, MNL_TYPE_NUL_STRING) < 0)
		return -EBADMSG;
	reading.entry.set = known_set(mnl_attr_get_str(set));
	return nft_elem_each(nlh, take_element, &reading);
}

/* The name of the table is the first attribute of every object. */
static int is_ours(const struct nlmsghdr *nlh)
{
	const struct nlattr *table = nl_find_attr(nlh, sizeof(struct nfgenmsg), NFTA_TABLE_NAME);

	return table && mnl_attr_validate(table, MNL_TYPE_NUL_STRING) >= 0 &&
	       !strcmp(mnl_attr_get_str(table), NFT_TABLE);
}

static int take_object(struct nft_journal *journal, const struct nlmsghdr *nlh)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	struct nft_entry entry = { .family = nfg->nfgen_family };
	int type = nlh->nlmsg_type & 0xff;

	if (!is_ours(nlh))
		return 0;
	entry.gone = type == NFT_MSG_DELSETELEM || type == NFT_MSG_DELSET || type == NFT_MSG_DELTABLE ||
		     type == NFT_MSG_DELCHAIN || type == NFT_MSG_DELRULE;
	entry.holds = type == NFT_MSG_DELSET || type == NFT_MSG_DELTABLE || type == NFT_MSG_NEWTABLE;
	if (type == NFT_MSG_NEWSETELEM || type == NFT_MSG_DELSETELEM)
		return take_elements(journal, nlh, &entry);
	return append(journal, &entry);
}

static int take_message(struct nft_journal *journal, const struct nlmsghdr *nlh)
{
	if (nlh->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nfgenmsg))
		return 0;
	if ((nlh->nlmsg_type & 0xff) != NFT_MSG_NEWGEN)
		return take_object(journal, nlh);
	take_commit(journal, nlh);
	return 0;
}

/* All that the socket has. */
static int take_all(struct nft_journal *journal)
{
	const struct nlmsghdr *nlh;
	int len, rc = 0;

	while (rc == 0 && (len = nl_poll(&journal->nl)) != 0) {
		if (len < 0)
			return len == -ENOMEM ? -ENOBUFS : len;
		for (nlh = (void *)journal->nl.buf; rc == 0 && mnl_nlmsg_ok(nlh, len);
		     nlh = mnl_nlmsg_next(nlh, &len))
			rc = take_message(journal, nlh);
	}
	return rc;
}

static int is_behind(const struct nft_journal *journal, uint32_t generation)
{
	return (int32_t)(generation - journal->last) > 0;
}

static int take_until(struct nft_journal *journal, uint32_t generation)
{
	struct pollfd wait = { .fd = mnl_socket_get_fd(journal->nl.sock), .events = POLLIN };
	int rc = take_all(journal);

	while (rc == 0 && is_behind(journal, generation)) {
		if (poll(&wait, 1, TOLD_WITHIN_MS) == 0)
			return -ENOBUFS;
		rc = take_all(journal);
	}
	return rc;
}

int nft_journal_read(struct nft_journal *journal, struct nfnl *nfnl, uint32_t *ret_generation)
{
	uint32_t generation;
	int rc = nfnl_generation(nfnl, &generation);

	if (rc == 0)
		rc = take_until(journal, generation);
	if (rc == 0)
		*ret_generation = journal->last;
	if (rc != -ENOBUFS)
		return rc;
	nft_journal_close(journal, nfnl);
	nft_journal_open(journal, nfnl);
	return -EINTR;
}

int nft_journal_took(struct nft_journal *journal, struct nfnl *nfnl, uint32_t from, uint8_t family,
		     const char *set)
{
	uint32_t generation, i;
	int rc;

	if (!nft_journal_is_open(journal))
		return 0;
	rc = nft_journal_read(journal, nfnl, &generation);
	for (i = from; rc == 0 && i < journal->count; i++) {
		const struct nft_entry *entry = &journal->entries[i];

		rc = entry->gone && entry->family == family && entry->set && !strcmp(entry->set, set);
	}
	return rc;
}

/* A repair that moves no bucket leaves them to those who do. */
static int touches_buckets(const struct plan_step *step)
{
	return step->op != PLAN_REPAIR || !bucketset_empty(&step->let_add) ||
	       !bucketset_empty(&step->let_del) || !bucketset_empty(&step->own_add) ||
	       !bucketset_empty(&step->own_del);
}

/* Neither does a plan depend on the buckets of others, nor does it touch them. */
static int matters(const struct nft_entry *entry, const struct plan_index *index)
{
	const struct plan_step *step;

	if (!nft_entry_is_slot(entry))
		return 1;
	step = plan_index_find(index, &entry->addr);
	return step && touches_buckets(step);
}

static int has_changed(const struct nft_journal *journal, const struct plan *plan, uint32_t generation)
{
	struct plan_index index;
	uint32_t i;
	int changed = 0;

	if (plan_index(plan, &index) < 0)
		return 1;
	for (i = 0; !changed && i < journal->count; i++)
		changed = nft_entry_is_since(&journal->entries[i], generation) &&
			  matters(&journal->entries[i], &index);
	free(index.steps);
	return changed;
}

int nft_journal_commit(struct nft_journal *journal, struct nfnl *nfnl, const struct plan *plan,
		       uint32_t *generation, const struct nfnl_note **ret_refused)
{
	int rc = nfnl_commit(nfnl, ret_refused), tries;
	uint32_t now;

	for (tries = 0; rc == -ERESTART && tries < COMMIT_TRIES; tries++) {
		if (!nft_journal_covers(journal, *generation) || nft_journal_read(journal, nfnl, &now) < 0 ||
		    has_changed(journal, plan, *generation))
			break;
		*generation = now;
		rc = nfnl_commit_again(nfnl, now, ret_refused);
	}
	if (rc == -ERESTART)
		nft_journal_open(journal, nfnl); /* for the next try */
	return rc;
}
