/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "kernel.h"
#include "state-put.h"

/* ------------------------------------------------------------------ devices */

static int take_addr(const struct nlmsghdr *nlh, void *data)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr, *addr = NULL;
	uint32_t flags = ifa->ifa_flags;

	(void)data;
	for (attr = attr_first(nlh, sizeof(*ifa)); attr; attr = attr_next(nlh, attr)) {
		if (mnl_attr_get_type(attr) == IFA_FLAGS)
			flags = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == IFA_ADDRESS)
			addr = attr;
	}
	/* which of a network's addresses is the first depends on who came first */
	if (ifa->ifa_family == AF_INET)
		flags &= ~(uint32_t)IFA_F_SECONDARY;
	put("%s: dev %u /%u scope %u flags %x ", flags & IFA_F_MCAUTOJOIN ? "group" : "address", ifa->ifa_index,
	    ifa->ifa_prefixlen, ifa->ifa_scope, flags);
	if (addr)
		put_value(mnl_attr_get_payload(addr), mnl_attr_get_payload_len(addr));
	end_line();
	return MNL_CB_OK;
}

/* The kernel's own groups; that of an IPv6 address comes when a worker of the kernel has the time. */
static int is_kernels(const uint8_t mac[6])
{
	static const uint8_t all_nodes[] = { 0x33, 0x33, 0, 0, 0, 1 }, all_hosts[] = { 1, 0, 0x5e, 0, 0, 1 };

	return !memcmp(mac, all_nodes, 6) || !memcmp(mac, all_hosts, 6) ||
	       (mac[0] == 0x33 && mac[1] == 0x33 && mac[2] == 0xff);
}

static int take_mac(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	(void)data;
	for (attr = attr_first(nlh, sizeof(*ndm)); attr; attr = attr_next(nlh, attr)) {
		if (mnl_attr_get_type(attr) != NDA_LLADDR || is_kernels(mnl_attr_get_payload(attr)))
			continue;
		put("mac: dev %d ", ndm->ndm_ifindex);
		put_value(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
		end_line();
	}
	return MNL_CB_OK;
}

/* Who holds it is not in the other list. */
static void read_references(void)
{
	FILE *file = fopen("/proc/thread-self/net/dev_mcast", "re");
	char line[128], device[16], text[13];
	unsigned int users, global;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %15s %u %u %12s", device, &users, &global, text) != 4 ||
		    !strncmp(text, "3333ff", 6) || !strcmp(text, "333300000001") ||
		    !strcmp(text, "01005e000001"))
			continue;
		put("mac references: dev %s %u %u %s", device, users, global, text);
		end_line();
	}
	if (file)
		fclose(file);
}

static void read_promote(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/conf/" DEVICE "/promote_secondaries", "re");
	int value = -1;

	if (!file || fscanf(file, "%d", &value) != 1)
		die("cannot read promote_secondaries");
	fclose(file);
	put("promote_secondaries %d", value);
	end_line();
}

static void read_devices(void)
{
	struct nlmsghdr *nlh = rtnl_request(RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	struct ndmsg *ndm;

	ifa->ifa_family = AF_UNSPEC;
	if (rtnl_ask(nlh, take_addr, NULL) < 0)
		die("cannot read addresses");
	nlh = rtnl_request(RTM_GETNEIGH, NLM_F_DUMP);
	ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	ndm->ndm_family = AF_BRIDGE;
	if (rtnl_ask(nlh, take_mac, NULL) < 0)
		die("cannot read MACs");
	read_references();
	read_promote();
}

/* ------------------------------------------------------------------ states */

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int is_of_ruleset(const char *line)
{
	return strncmp(line, "address", 7) && strncmp(line, "group", 5) && strncmp(line, "mac", 3) &&
	       strncmp(line, "promote", 7);
}

static void copy_ruleset(const struct state *known)
{
	uint32_t i;

	for (i = 0; i < known->count; i++)
		if (is_of_ruleset(known->lines[i])) {
			put("%s", known->lines[i]);
			end_line();
		}
}

void state_read(struct state *state, const struct state *known)
{
	put_begin(state);
	state->generation = nft_generation();
	if (known && known->generation == state->generation)
		copy_ruleset(known);
	else
		put_ruleset();
	read_devices();
	qsort(state->lines, state->count, sizeof(state->lines[0]), compare_lines);
}

int state_compare(const struct state *a, const struct state *b)
{
	uint32_t i;

	if (a->count != b->count)
		return 1;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->lines[i], b->lines[i]))
			return 1;
	return 0;
}

/* Walks both; one: what only a has, other: what only b has. False as soon as one of them says so. */
static int walk(const struct state *a, const struct state *b, int (*one)(const char *),
		int (*other)(const char *))
{
	uint32_t i = 0, j = 0;

	while (i < a->count || j < b->count) {
		int order = i == a->count ? 1 : j == b->count ? -1 : strcmp(a->lines[i], b->lines[j]);

		if (order < 0 && !one(a->lines[i]))
			return 0;
		if (order > 0 && !other(b->lines[j]))
			return 0;
		i += order <= 0;
		j += order >= 0;
	}
	return 1;
}

/* Chains of a class, which nothing leads to if no element is another, and their rules. */
static int is_of_class(const char *line)
{
	return (!strncmp(line, "chain", 5) || !strncmp(line, "rule", 4)) &&
	       (strstr(line, "=cip.C") || strstr(line, "=errors.C"));
}

static int is_harmless(const char *line)
{
	return !strncmp(line, "mac", 3) || !strncmp(line, "promote", 7) || !strncmp(line, "group", 5) ||
	       is_of_class(line);
}

static int is_replaced(const char *line)
{
	return !strncmp(line, "mac references", 14) || !strncmp(line, "promote", 7);
}

int state_is_more(const struct state *a, const struct state *b)
{
	return walk(a, b, is_harmless, is_replaced);
}

static int has_record(const struct state *state, const char *address)
{
	char record[96];
	uint32_t i;

	snprintf(record, sizeof(record), "element of clusters: 1={ 1=%s }", address);
	for (i = 0; i < state->count; i++)
		if (!strncmp(state->lines[i], record, strlen(record)))
			return 1;
	return 0;
}

const char *state_bare_address(const struct state *state)
{
	uint32_t i;

	for (i = 0; i < state->count; i++)
		if (!strncmp(state->lines[i], "address: dev", 12) && !strstr(state->lines[i], "dev 1 ") &&
		    !has_record(state, strrchr(state->lines[i], ' ') + 1))
			return state->lines[i];
	return NULL;
}

static int print_gone(const char *line)
{
	printf("    - %.1000s\n", line);
	return 1;
}

static int print_new(const char *line)
{
	printf("    + %.1000s\n", line);
	return 1;
}

void state_differ(const struct state *from, const struct state *to)
{
	(void)walk(from, to, print_gone, print_new);
}
