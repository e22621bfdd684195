/* SPDX-License-Identifier: GPL-2.0-or-later */
/* a flow in words: SADDR [PROTO [SPORT [DPORT]]] */
#include "flow.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <strings.h>

#include "args.h"

/* those that clusters meet, so that they work without /etc/protocols; it often lacks some of them */
static const struct {
	const char *name;
	uint32_t number;
} protocols[] = {
	{ "icmp", 1 },	 { "igmp", 2 },	     { "ipip", 4 },    { "tcp", 6 },
	{ "udp", 17 },	 { "dccp", 33 },     { "gre", 47 },    { "esp", 50 },
	{ "ah", 51 },	 { "ospf", 89 },     { "vrrp", 112 },  { "l2tp", 115 },
	{ "sctp", 132 }, { "udplite", 136 }, { "icmpv6", 58 }, { "ipv6-icmp", 58 },
};

static int find_protocol(const char *name, uint32_t *ret_number)
{
	const struct protoent *entry;

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (!strcasecmp(protocols[i].name, name)) {
			*ret_number = protocols[i].number;
			return 0;
		}
	}
	entry = getprotobyname(name);
	if (!entry)
		return -ENOENT;
	*ret_number = (uint32_t)entry->p_proto;
	return 0;
}

static int read_protocol(struct app *app, const char *word, uint32_t *ret_number)
{
	if (isdigit((unsigned char)word[0]))
		return args_number(app, "protocol", word, ret_number);
	if (find_protocol(word, ret_number) == 0)
		return 0;
	return fail(app, -EINVAL, "protocol", "%s: \"%s\" is not a protocol", app->command->name, word);
}

int flow_read(struct app *app, const char **words, int count, struct flow *flow)
{
	int err = 0;

	*flow = (struct flow){ .saddr = words[0] };
	if (count > 1)
		err = read_protocol(app, words[1], &flow->protocol);
	if (!err && count > 2)
		err = args_number(app, "sport", words[2], &flow->sport);
	if (!err && count > 3)
		err = args_number(app, "dport", words[3], &flow->dport);
	return err;
}
