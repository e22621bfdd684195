/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "wire-netns.h"
#include "wire-nfnl.h"

/* How often answers may be reported as lost before the rest is given up. */
#define LOST_MAX 16

int nfnl_open(struct nfnl *nfnl)
{
	memset(nfnl, 0, sizeof(*nfnl));
	return nl_open(&nfnl->nl, NETLINK_NETFILTER);
}

static int join(struct nl *nl)
{
	int group = NFNLGRP_NFTABLES;

	return mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ? -errno : 0;
}

int nfnl_listen(const struct nfnl *nfnl, struct nl *ret_listener)
{
	struct nl listener;
	int back, rc = netns_enter_of(mnl_socket_get_fd(nfnl->nl.sock), &back);

	if (rc < 0)
		return rc;
	rc = nl_open(&listener, NETLINK_NETFILTER);
	netns_leave(back);
	if (rc < 0)
		return rc;
	rc = join(&listener);
	if (rc < 0)
		nl_close(&listener);
	else
		*ret_listener = listener;
	return rc;
}

void nfnl_close(struct nfnl *nfnl)
{
	nl_close(&nfnl->nl);
	free(nfnl->data);
	free(nfnl->notes);
	memset(nfnl, 0, sizeof(*nfnl));
}

static int make_room(struct nfnl *nfnl)
{
	size_t space = nfnl->space ? nfnl->space * 2 : 2 * NFNL_MESSAGE_MAX;
	struct nfnl_note *notes;
	char *data;

	if (nfnl->space - nfnl->len < NFNL_MESSAGE_MAX) {
		data = realloc(nfnl->data, space);
		if (!data)
			return -ENOMEM;
		/* libmnl leaves the padding of attributes as it is: let it be zero and not what was freed */
		memset(data + nfnl->space, 0, space - nfnl->space);
		nfnl->data = data;
		nfnl->space = space;
	}
	if (nfnl->count == nfnl->note_space) {
		notes = realloc(nfnl->notes, (nfnl->note_space + 64) * 2 * sizeof(*notes));
		if (!notes)
			return -ENOMEM;
		nfnl->notes = notes;
		nfnl->note_space = (nfnl->note_space + 64) * 2;
	}
	return 0;
}

static struct nlmsghdr *put_header_at(void *buf, uint32_t seq, uint16_t type, uint8_t family, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = seq;
	nfg->nfgen_family = family;
	nfg->version = NFNETLINK_V0;
	return nlh;
}

static struct nlmsghdr *put_header(struct nfnl *nfnl, uint16_t type, uint8_t family, uint16_t flags,
				   uint16_t res_id)
{
	struct nlmsghdr *nlh = put_header_at(nfnl->data + nfnl->len, ++nfnl->nl.seq, type, family, flags);

	((struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->res_id = htons(res_id);
	nfnl->last = nlh;
	return nlh;
}

void nfnl_done(struct nfnl *nfnl)
{
	nfnl->len += MNL_ALIGN(nfnl->last->nlmsg_len);
}

void nfnl_begin_requests(struct nfnl *nfnl)
{
	nfnl->len = 0;
	nfnl->count = 0;
}

int nfnl_begin_batch(struct nfnl *nfnl, uint32_t generation)
{
	struct nlmsghdr *nlh;

	nfnl_begin_requests(nfnl);
	if (make_room(nfnl) < 0)
		return -ENOMEM;
	nlh = put_header(nfnl, NFNL_MSG_BATCH_BEGIN, AF_UNSPEC, 0, NFNL_SUBSYS_NFTABLES);
	mnl_attr_put_u32(nlh, NFNL_BATCH_GENID, htonl(generation));
	nfnl_done(nfnl);
	return 0;
}

struct nlmsghdr *nfnl_next(struct nfnl *nfnl, uint16_t type, uint8_t family, uint16_t flags, const char *what,
			   const void *about)
{
	struct nlmsghdr *nlh;

	if (make_room(nfnl) < 0)
		return NULL;
	nlh = put_header(nfnl, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), family, flags, 0);
	nfnl->notes[nfnl->count++] = (struct nfnl_note){ nlh->nlmsg_seq, what, about };
	return nlh;
}

int nfnl_elems_begin(struct nfnl *nfnl, const struct nfnl_elems *elems, const char *what, const void *about)
{
	uint16_t type = elems->adding ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM;
	struct nlmsghdr *nlh =
		nfnl_next(nfnl, type, elems->family, elems->adding ? NLM_F_CREATE : 0, what, about);

	if (!nlh)
		return -ENOMEM;
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, elems->table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, elems->set);
	nfnl->list = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_LIST_ELEMENTS);
	return 0;
}

void nfnl_elems_add(struct nfnl *nfnl, const void *key, size_t len)
{
	struct nlmsghdr *nlh = nfnl->last;
	struct nlattr *elem = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM), *data;

	data = mnl_attr_nest_start(nlh, NFTA_SET_ELEM_KEY);
	mnl_attr_put(nlh, NFTA_DATA_VALUE, len, key);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, elem);
}

void nfnl_elems_end(struct nfnl *nfnl)
{
	mnl_attr_nest_end(nfnl->last, nfnl->list);
	nfnl_done(nfnl);
}

/* 0: not about this batch; else the error */
static int take_refusal(struct nfnl *nfnl, const struct nlmsghdr *nlh, uint32_t last,
			const struct nfnl_note **ret_refused)
{
	uint32_t i;

	if (nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_pid != nfnl->nl.portid)
		return 0;
	if (nlh->nlmsg_seq - (last - nfnl->count) > nfnl->count + 1)
		return 0; /* the rest of an earlier failure */
	for (i = 0; i < nfnl->count; i++)
		if (nfnl->notes[i].seq == nlh->nlmsg_seq)
			*ret_refused = &nfnl->notes[i];
	return nl_error_code(&nfnl->nl, nlh);
}

/*
 * All answers are taken: the first refusal is why the batch was refused, and stands first. A batch that is refused message
 * by message has more of them than the queue can hold, which is then reported, too.
 */
static int take_refusals(struct nfnl *nfnl, uint32_t last, const struct nfnl_note **ret_refused)
{
	int rc = 0, lost = 0, len;

	while (lost < LOST_MAX && (len = nl_poll(&nfnl->nl)) != 0) {
		const struct nlmsghdr *nlh = (void *)nfnl->nl.buf;

		lost += len < 0;
		for (; rc == 0 && len > 0 && mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len))
			rc = take_refusal(nfnl, nlh, last, ret_refused);
	}
	return rc == 0 && lost ? -ENOBUFS : rc;
}

/*
 * The kernel has answered before send() returns, and says of a batch what it refuses and no more (nfnetlink_rcv_batch());
 * an answer that it could not deliver is -ENOBUFS. Acknowledgements, which nft does not ask for either, would be a tenth
 * of what it costs to move a bucket.
 */
static int send_batch(struct nfnl *nfnl, uint32_t last, const struct nfnl_note **ret_refused)
{
	int rc = nl_send(&nfnl->nl, nfnl->data, nfnl->len);

	*ret_refused = NULL;
	return rc < 0 ? rc : take_refusals(nfnl, last, ret_refused);
}

int nfnl_commit(struct nfnl *nfnl, const struct nfnl_note **ret_refused)
{
	nfnl->batch_last = nfnl->last->nlmsg_seq;
	if (make_room(nfnl) < 0)
		return -ENOMEM;
	put_header(nfnl, NFNL_MSG_BATCH_END, AF_UNSPEC, 0, NFNL_SUBSYS_NFTABLES);
	nfnl_done(nfnl);
	return send_batch(nfnl, nfnl->batch_last, ret_refused);
}

int nfnl_commit_again(struct nfnl *nfnl, uint32_t generation, const struct nfnl_note **ret_refused)
{
	struct nlattr *attr = mnl_nlmsg_get_payload_offset((void *)nfnl->data, sizeof(struct nfgenmsg));

	generation = htonl(generation);
	memcpy(mnl_attr_get_payload(attr), &generation, sizeof(generation));
	return send_batch(nfnl, nfnl->batch_last, ret_refused);
}

/* A batch without an end is aborted once it was checked. */
int nfnl_check(struct nfnl *nfnl, const struct nfnl_note **ret_refused)
{
	return send_batch(nfnl, nfnl->last->nlmsg_seq, ret_refused);
}

int nfnl_fetch(struct nfnl *nfnl, nl_cb cb, void *data)
{
	return nl_pipeline(&nfnl->nl, nfnl->data, nfnl->len, nfnl->count, cb, data);
}

int nfnl_dump(struct nfnl *nfnl, nl_cb cb, void *data)
{
	return nl_request(&nfnl->nl, nfnl->last, cb, data);
}

static int take_generation(const struct nlmsghdr *nlh, void *data)
{
	const struct nlattr *attr = nl_find_attr(nlh, sizeof(struct nfgenmsg), NFTA_GEN_ID);
	uint32_t *generation = data;

	if (attr && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		*generation = ntohl(mnl_attr_get_u32(attr));
	return 0;
}

int nfnl_generation(struct nfnl *nfnl, uint32_t *ret_generation)
{
	char buf[NLMSG_SPACE(sizeof(struct nfgenmsg))] = { 0 };
	uint16_t type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN;
	uint32_t generation = 0;
	int rc;

	(void)put_header_at(buf, ++nfnl->nl.seq, type, AF_UNSPEC, 0);
	rc = nl_pipeline(&nfnl->nl, buf, sizeof(buf), 1, take_generation, &generation);
	if (rc == 0 && !generation)
		rc = -EOPNOTSUPP; /* no answer worth the name: nf_tables is not there */
	if (rc == 0)
		*ret_generation = generation;
	return rc;
}
