/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "wire-addr.h"
#include "wire-rtnl.h"

/* What fails for want of memory may not fail again. */
#define PROMOTION_TRIES 8

static struct nlmsghdr *header(struct addr_message *message)
{
	return (struct nlmsghdr *)(void *)message->bytes;
}

/* -EEXIST, or -EADDRNOTAVAIL: it was so already. *ret_changed: it was done, or may have been. */
static int request(struct nl *nl, struct addr_message *message, uint16_t type, uint16_t flags, int *ret_changed)
{
	int already = type == RTM_NEWADDR ? -EEXIST : -EADDRNOTAVAIL, rc;
	struct nlmsghdr *nlh = header(message);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nlh->nlmsg_seq = ++nl->seq;
	rc = nl_change(nl, nlh, already, ret_changed);
	return rc == 0 && !*ret_changed ? already : rc;
}

/* ------------------------------------------------------------------ reading */

/* What does not fit is nothing that kernels of today say. */
static int keep_attr(const struct nlattr *attr, void *data)
{
	struct addr_message *message = data;

	(void)mnl_attr_put_check(header(message), sizeof(message->bytes), mnl_attr_get_type(attr),
				 mnl_attr_get_payload_len(attr), mnl_attr_get_payload(attr));
	return MNL_CB_OK;
}

static void keep_message(const struct nlmsghdr *nlh, struct addr_message *message)
{
	struct nlmsghdr *copy = mnl_nlmsg_put_header(message->bytes);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(copy, sizeof(*ifa));

	memcpy(ifa, mnl_nlmsg_get_payload(nlh), sizeof(*ifa));
	(void)mnl_attr_parse(nlh, sizeof(*ifa), keep_attr, message);
}

static const void *read_attr(const struct nlmsghdr *nlh, uint16_t type, size_t size)
{
	const struct nlattr *attr = nl_find_attr(nlh, sizeof(struct ifaddrmsg), type);

	return attr && mnl_attr_get_payload_len(attr) == size ? mnl_attr_get_payload(attr) : NULL;
}

static void read_flags(const struct nlmsghdr *nlh, struct addr_entry *entry)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const void *flags = read_attr(nlh, IFA_FLAGS, sizeof(entry->flags));

	entry->flags = ifa->ifa_flags;
	if (flags)
		memcpy(&entry->flags, flags, sizeof(entry->flags));
}

struct addr_reading {
	uint8_t family;
	addr_cb cb;
	void *data;
};

static int take_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct addr_reading *reading = data;
	struct addr_entry entry = { .addr.family = reading->family };
	const void *local, *remote;
	size_t len = addr_len(&entry.addr);

	if (nlh->nlmsg_type != RTM_NEWADDR)
		return 0;
	/* IPv6 has IFA_LOCAL on point-to-point links only */
	remote = read_attr(nlh, IFA_ADDRESS, len);
	local = read_attr(nlh, IFA_LOCAL, len);
	if (!local)
		local = remote;
	if (!local)
		return 0;
	memcpy(entry.addr.bytes, local, len);
	entry.index = ifa->ifa_index;
	entry.prefix = ifa->ifa_prefixlen;
	entry.has_peer = remote && memcmp(local, remote, len);
	read_flags(nlh, &entry);
	keep_message(nlh, &entry.message);
	return reading->cb(&entry, reading->data);
}

int addr_each(struct nl *nl, uint8_t family, addr_cb cb, void *data)
{
	struct addr_reading reading = { family, cb, data };
	char buf[64] = { 0 };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

	nlh->nlmsg_type = RTM_GETADDR;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++nl->seq;
	ifa->ifa_family = family == 6 ? AF_INET6 : AF_INET;
	return nl_request(nl, nlh, take_addr, &reading);
}

struct addr_question {
	const struct addr *addr;
	uint32_t index, found;
};

static int compare_addr(const struct addr_entry *entry, void *data)
{
	struct addr_question *question = data;

	if (entry->index == question->index && !addr_compare(&entry->addr, question->addr))
		question->found = entry->prefix;
	return 0;
}

int addr_find(struct nl *nl, uint32_t index, const struct addr *addr, uint32_t *ret_prefix)
{
	struct addr_question question = { .addr = addr, .index = index };
	int rc = addr_each(nl, addr->family, compare_addr, &question);

	if (rc == 0)
		*ret_prefix = question.found;
	return rc;
}

/* ------------------------------------------------------------------ changing */

static void write_place(const struct addr_place *place, struct addr_message *message)
{
	const struct addr *addr = place->addr;
	struct nlmsghdr *nlh;
	struct ifaddrmsg *ifa;

	memset(message, 0, sizeof(*message));
	nlh = mnl_nlmsg_put_header(message->bytes);
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = addr->family == 6 ? AF_INET6 : AF_INET;
	ifa->ifa_prefixlen = (uint8_t)place->prefix;
	ifa->ifa_scope = RT_SCOPE_UNIVERSE;
	ifa->ifa_index = place->index;
	/* every node has the address: to look for duplicates would find them */
	if (addr->family == 6)
		mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
	mnl_attr_put(nlh, IFA_LOCAL, addr_len(addr), addr->bytes);
	mnl_attr_put(nlh, IFA_ADDRESS, addr_len(addr), addr->bytes);
}

static int add(struct nl *nl, const struct addr_place *place, struct addr_done *done)
{
	struct addr_message message;
	int rc;

	write_place(place, &message);
	rc = request(nl, &message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &done->added);
	return rc == -EEXIST ? -ERESTART : rc;
}

/* Somebody was quicker, or the device has gone with all of them. */
static int unless_gone(int rc)
{
	return rc == -EADDRNOTAVAIL || rc == -ENODEV || rc == -ENXIO ? 0 : rc;
}

/*
 * The first address of a network takes the later ones with it when it is removed, the node's own among them, unless the
 * device promotes them. So it does while addresses are removed from it; somebody else who does the same may end that, so
 * each removal looks.
 */
static int promote(struct nl *nl, struct addr_promotion *promotion, uint32_t index)
{
	uint32_t on = 0;
	int rc;

	if (promotion->index != index)
		addr_promotion_end(nl, promotion);
	promotion->index = index;
	rc = rtnl_promote_get(nl, index, &on);
	if (rc < 0 || on)
		return rc;
	promotion->ours = 1;
	return rtnl_promote_set(nl, index, 1);
}

void addr_promotion_end(struct nl *nl, struct addr_promotion *promotion)
{
	int tries;

	for (tries = 0; promotion->ours && tries < PROMOTION_TRIES; tries++)
		promotion->ours = unless_gone(rtnl_promote_set(nl, promotion->index, 0)) < 0;
	*promotion = (struct addr_promotion){ 0 };
}

static int remove_promoting(struct nl *nl, struct addr_message *message, struct addr_promotion *promotion,
			    int *ret_changed)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(header(message));
	int rc = ifa->ifa_family == AF_INET ? promote(nl, promotion, ifa->ifa_index) : 0;

	return rc < 0 ? rc : request(nl, message, RTM_DELADDR, 0, ret_changed);
}

static int remove_entry(struct nl *nl, const struct addr_entry *entry, struct addr_promotion *promotion,
			struct addr_done *done)
{
	struct addr_message message = entry->message;
	int removed = 0, rc = remove_promoting(nl, &message, promotion, &removed);

	if (removed)
		done->removed[done->removed_count++] = entry->message;
	return unless_gone(rc);
}

/* IPv6 does not use what it looks for elsewhere, nor what it has found there: every node has a cluster IP. */
int addr_is_right(const struct addr_entry *entry, uint32_t prefix)
{
	return entry->prefix == prefix && !entry->has_peer &&
	       !(entry->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED));
}

/* IPv6 has an address but once on a device, IPv4 once for a prefix length: there the right one can come first. */
static int is_in_the_way(const struct addr_entry *entry, const struct addr_place *place)
{
	return entry->addr.family == 6 || entry->prefix == place->prefix;
}

static int remove_wrong(struct nl *nl, const struct addr_place *place, const struct addr_entry *entries,
			uint32_t count, int in_the_way, struct addr_promotion *promotion,
			struct addr_done *done)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < count; i++)
		if (!addr_is_right(&entries[i], place->prefix) &&
		    is_in_the_way(&entries[i], place) == in_the_way)
			rc = remove_entry(nl, &entries[i], promotion, done);
	return rc;
}

int addr_is_secondary(const struct addr_entry *entry)
{
	return entry->addr.family == 4 && entry->flags & IFA_F_SECONDARY;
}

int addr_is_joined(const struct addr_entry *entry)
{
	return !!(entry->flags & IFA_F_MCAUTOJOIN);
}

static int check_count(struct nl *nl, uint32_t count)
{
	if (count <= ADDR_REMOVED_MAX)
		return 0;
	snprintf(nl->text, sizeof(nl->text), "it is there %u times, with other prefix lengths or peers", count);
	return -E2BIG;
}

int addr_put(struct nl *nl, const struct addr_place *place, const struct addr_entry *entries, uint32_t count,
	     struct addr_promotion *promotion, struct addr_done *done)
{
	uint32_t i, right = 0;
	int rc;

	for (i = 0; i < count; i++)
		right += (uint32_t)addr_is_right(&entries[i], place->prefix);
	rc = check_count(nl, count - right);
	if (rc == 0)
		rc = remove_wrong(nl, place, entries, count, 1, promotion, done);
	if (rc == 0 && !right)
		rc = add(nl, place, done);
	return rc < 0 ? rc : remove_wrong(nl, place, entries, count, 0, promotion, done);
}

int addr_take(struct nl *nl, const struct addr_entry *entries, uint32_t count, struct addr_promotion *promotion,
	      struct addr_done *done)
{
	uint32_t i;
	int rc = check_count(nl, count);

	for (i = 0; rc == 0 && i < count; i++)
		rc = remove_entry(nl, &entries[i], promotion, done);
	return rc;
}

/* Without looking for duplicates, for that had an end; then the address forgets that nobody looked. */
static int put_back_quietly(struct nl *nl, struct addr_message *message, void *flags_at, uint32_t flags)
{
	uint32_t quiet = flags | IFA_F_NODAD;
	int rc, changed;

	memcpy(flags_at, &quiet, sizeof(quiet));
	rc = request(nl, message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &changed);
	memcpy(flags_at, &flags, sizeof(flags));
	return rc < 0 ? rc : request(nl, message, RTM_NEWADDR, NLM_F_REPLACE, &changed);
}

/* 0 also where it is there already */
static int put_back(struct nl *nl, const struct addr_message *removed)
{
	struct addr_message message = *removed;
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(header(&message));
	void *flags_at = (void *)(uintptr_t)read_attr(header(&message), IFA_FLAGS, sizeof(uint32_t));
	uint32_t flags = 0;
	int rc, changed;

	if (flags_at)
		memcpy(&flags, flags_at, sizeof(flags));
	/* what was not used comes back as what it was: looked for, and found elsewhere */
	if (ifa->ifa_family == AF_INET6 && flags_at &&
	    !(flags & (IFA_F_NODAD | IFA_F_TENTATIVE | IFA_F_DADFAILED)))
		rc = put_back_quietly(nl, &message, flags_at, flags);
	else
		rc = request(nl, &message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &changed);
	return rc == -EEXIST ? 0 : rc;
}

static int put_all_back(struct nl *nl, const struct addr_done *done)
{
	uint32_t i;
	int rc = 0, failed;

	for (i = 0; i < done->removed_count; i++) {
		failed = put_back(nl, &done->removed[i]);
		rc = rc < 0 ? rc : failed;
	}
	return rc;
}

/* What the one that was added is in the way of comes behind it, all else before: the address is there all the time. */
int addr_undo(struct nl *nl, const struct addr_place *place, struct addr_promotion *promotion,
	      const struct addr_done *done)
{
	struct addr_message message;
	int rc = 0, changed;

	if (done->added) {
		(void)put_all_back(nl, done);
		write_place(place, &message);
		rc = unless_gone(remove_promoting(nl, &message, promotion, &changed));
	}
	return rc < 0 ? rc : put_all_back(nl, done);
}
