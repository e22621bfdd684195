/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/netfilter.h>
#include <string.h>

#include "kernel.h"
#include "verbs-list.h"

#define FIRST "10.0.0.100/24 dev v0 total 16 seed 1 buckets 1-4"
/* with a MAC of its own, nothing on the device says that it is a cluster IP's */
#define SECOND                                                                                                 \
	"10.0.0.200/24 dev v0 total 8 hash sourceip-sourceport-destport mac 03:01:02:03:04:05 buckets 1,3"
#define SIXTH	 "2001:db8::100/64 dev v0 total 4 buckets 1"
#define GROUP	 "10.0.0.150/24 dev v0 total 4 mac-mode igmp buckets 1"
#define GROUP6	 "2001:db8::150/64 dev v0 total 4 mac-mode igmp buckets 1"
#define UNICAST	 "10.0.0.160/24 dev v0 total 4 mac-mode unicast buckets 1"
#define UNICAST6 "2001:db8::160/64 dev v0 total 4 mac-mode unicast buckets 1"
#define NOADDR	 "10.0.0.101 dev v0 total 1 buckets all noaddr"
#define OUTGOING "10.0.0.170/24 dev v0 total 4 outgoing buckets 2"
#define REFUSED	 "2001:db8::200/64 dev x0 total 4 buckets 1"
#define LF	 "\n"
#define BOTH	 FIRST LF SIXTH

static const char *const rules =
	"*filter\n"
	"-A INPUT -d 10.0.0.101/32 -i v0 -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:65 "
	"--total-nodes 4 --local-node 2 --hash-init 0\n"
	"-A INPUT -d 10.0.0.102/32 -i v0 -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:66 "
	"--total-nodes 4 --local-node 3 --hash-init 0\n"
	"COMMIT\n";

static void damage(void)
{
	addr_remove("10.0.0.100", DEVICE);
	/* went with it, as a second address of the same network */
	addr_add("10.0.0.200", 24, DEVICE);
	mac_remove("03:bf:0a:00:00:64", DEVICE);
	elem_remove(NFPROTO_IPV4, "addresses", "10.0.0.100");
}

static void damage6(void)
{
	addr_remove("2001:db8::100", DEVICE);
	mac_remove("03:bf:00:00:01:00", DEVICE);
	chain_flush(NFPROTO_IPV6, "prerouting");
}

/* Its device gone and come back, as another one of the same name looks to the kernel: nothing of it is left there. */
static void damage_groups(void)
{
	addr_remove("10.0.0.150", DEVICE);
	addr_remove("239.127.0.150", DEVICE);
	addr_remove("2001:db8::150", DEVICE);
	addr_remove("ff15::db8:150", DEVICE);
}

/* An address with another prefix length than it should have. */
static void damage_prefix(void)
{
	addr_remove("10.0.0.100", DEVICE);
	addr_remove("2001:db8::100", DEVICE);
	addr_add("10.0.0.100", 32, DEVICE);
	addr_add("2001:db8::100", 128, DEVICE);
}

/* Somebody was killed before it could sweep what a rehash had left, of the class that is the next to be taken. */
static void leave_behind(void)
{
	static const char *const addresses[] = { "10.0.0.100", "2001:db8::100" };
	uint8_t family;
	size_t i;

	for (i = 0; i < 2; i++) {
		family = i ? NFPROTO_IPV6 : NFPROTO_IPV4;
		slot_add(family, "retired", addresses[i], 3, 1);
		slot_add(family, "buckets", addresses[i], 3, 2);
		slot_add(family, "assigned", addresses[i], 3, 2);
	}
}

static const struct {
	const char *name, *lines;
	void (*damage)(void);
} setups[] = {
	{ "empty", "", NULL },
	{ "one", FIRST, NULL },
	{ "two", FIRST LF SECOND, NULL },
	{ "six", SIXTH, NULL },
	{ "both", BOTH, NULL },
	{ "igmp", GROUP LF GROUP6, NULL },
	{ "unicast", UNICAST LF UNICAST6, NULL },
	{ "noaddr", NOADDR, NULL },
	{ "outgoing", OUTGOING, NULL },
	{ "all", FIRST LF SECOND LF SIXTH LF GROUP LF GROUP6 LF UNICAST LF UNICAST6 LF NOADDR LF OUTGOING,
	  NULL },
	{ "damaged", FIRST LF SECOND, damage },
	{ "damaged6", BOTH, damage6 },
	{ "damaged-groups", GROUP LF GROUP6, damage_groups },
	{ "left-behind", BOTH, leave_behind },
	{ "damaged-prefix", BOTH, damage_prefix },
};

static void apply(struct cip_ctx *ctx, const char *lines)
{
	struct cip_list *list;

	if (cip_list_new(ctx, &list) || cip_list_parse(list, lines) || cip_apply(ctx, list, 0))
		die("setup: %s", cip_get_error(ctx));
	cip_list_unref(list);
}

void setup(struct cip_ctx *ctx, const char *name)
{
	size_t i = 0;

	while (strcmp(setups[i].name, name))
		i++;
	kernel_clear();
	apply(ctx, setups[i].lines);
	if (setups[i].damage)
		setups[i].damage();
}

#define REHASHED "10.0.0.100/24 dev v0 total 32 hash sourceip-sourceport seed 1 buckets 7,9" LF
#define WANTED	 REHASHED "10.0.0.101/24 dev v0 total 4 buckets all"
#define WANTED6	 "2001:db8::100/64 dev v0 total 8 buckets 2" LF "2001:db8::101/64 dev v0 total 4 buckets all" LF
#define PRUNE	 CIP_APPLY_PRUNE
#define KEEP	 CIP_APPLY_KEEP_BUCKETS
#define SHARED	 "10.0.0.180/24 dev v0 total 16 seed 1 mac 03:bf:0a:00:00:64 buckets 1"

/* setup, name, verb, a, b, n, flags, warm */
const struct scenario scenarios[] = {
	{ "empty", "new", verb_new, NULL, NULL, 0, READS | PURE | NO_SENTENCE, NULL },
	{ "empty", "parse", verb_parse, FIRST, "10.0.0.1", 0, READS | PURE, NULL },
	{ "empty", "parse6", verb_parse, UNICAST6, "2001:db8::1", 0, READS | PURE, NULL },
	{ "empty", "list", verb_list, BOTH, SECOND, 0, READS | PURE, NULL },
	{ "empty", "import", verb_import, rules, NULL, 0, READS | PURE, NULL },

	{ "empty", "query", verb_query, NULL, NULL, 0, READS, NULL },
	{ "all", "query", verb_query, NULL, NULL, 0, READS, NULL },
	{ "two", "query auto", verb_query, NULL, NULL, 0, READS | AUTO, NULL },
	{ "damaged", "query", verb_query, NULL, NULL, 0, READS, NULL },
	{ "two", "query one", verb_query_one, "10.0.0.100", NULL, 0, READS, NULL },
	{ "both", "query one6", verb_query_one, "2001:db8::100", "v0", 0, READS | AUTO, NULL },
	{ "all", "verify", verb_verify, NULL, NULL, 0, READS, NULL },
	{ "two", "verify auto", verb_verify, NULL, NULL, 0, READS | AUTO, NULL },
	{ "damaged", "verify", verb_verify, NULL, NULL, 0, READS, NULL },
	{ "damaged6", "verify", verb_verify, NULL, NULL, 0, READS, NULL },
	{ "damaged6", "verify one", verb_verify, "2001:db8::100", NULL, 0, READS, NULL },
	{ "two", "announce", verb_announce, "10.0.0.100", NULL, 2, READS, NULL },
	{ "six", "announce6", verb_announce, "2001:db8::100", NULL, 2, READS, NULL },
	{ "one", "monitor", verb_monitor, "10.0.0.100", "16", 0, READS, NULL },

	{ "empty", "create", verb_create, FIRST, NULL, 0, 0, NULL },
	{ "empty", "create auto", verb_create, FIRST, NULL, 0, AUTO | ANNOUNCES, NULL },
	{ "empty", "create6", verb_create, SIXTH, NULL, 0, 0, NULL },
	{ "one", "create second", verb_create, SECOND, NULL, 0, 0, NULL },
	{ "one", "create6", verb_create, SIXTH, NULL, 0, AUTO | ANNOUNCES, NULL },
	{ "one", "create noaddr", verb_create, NOADDR, NULL, 0, 0, NULL },
	{ "one", "create shared MAC", verb_create, SHARED, NULL, 0, 0, NULL },
	{ "two", "create again", verb_create, FIRST, NULL, 0, 0, NULL },
	{ "two", "create dry", verb_create, SIXTH, NULL, 0, DRY | READS, NULL },
	{ "empty", "create igmp", verb_create, GROUP, NULL, 0, 0, NULL },
	{ "empty", "create igmp6", verb_create, GROUP6, NULL, 0, 0, NULL },
	{ "empty", "create unicast", verb_create, UNICAST, NULL, 0, 0, NULL },
	{ "unicast", "create unicast", verb_create, "10.0.0.161/24 dev v0 total 4 mac-mode unicast buckets 2",
	  NULL, 0, 0, NULL },
	{ "empty", "create unicast6", verb_create, UNICAST6, NULL, 0, 0, NULL },
	{ "one", "create outgoing", verb_create, OUTGOING, NULL, 0, 0, NULL },
	{ "empty", "create refused", verb_create, REFUSED, NULL, 0, 0, NULL },
	{ "both", "create refused", verb_create, REFUSED, NULL, 0, 0, NULL },
	{ "damaged", "create", verb_create, FIRST, NULL, 0, REPAIRS, NULL },
	{ "damaged6", "create6", verb_create, SIXTH, NULL, 0, REPAIRS, NULL },
	{ "damaged-groups", "create igmp", verb_create, GROUP, NULL, 0, REPAIRS, NULL },
	{ "damaged-groups", "create igmp6", verb_create, GROUP6, NULL, 0, REPAIRS, NULL },

	{ "one", "destroy", verb_destroy, "10.0.0.100", NULL, 0, 0, NULL },
	{ "two", "destroy first", verb_destroy, "10.0.0.100", NULL, 0, AUTO, NULL },
	{ "two", "destroy second", verb_destroy, "10.0.0.200", "v0", 0, 0, NULL },
	{ "six", "destroy6", verb_destroy, "2001:db8::100", NULL, 0, 0, NULL },
	{ "igmp", "destroy igmp", verb_destroy, "10.0.0.150", NULL, 0, 0, NULL },
	{ "igmp", "destroy igmp6", verb_destroy, "2001:db8::150", NULL, 0, 0, NULL },
	{ "unicast", "destroy unicast", verb_destroy, "10.0.0.160", NULL, 0, 0, NULL },
	{ "unicast", "destroy unicast6", verb_destroy, "2001:db8::160", NULL, 0, 0, NULL },
	{ "outgoing", "destroy outgoing", verb_destroy, "10.0.0.170", NULL, 0, 0, NULL },
	{ "noaddr", "destroy noaddr", verb_destroy, "10.0.0.101", NULL, 0, 0, NULL },
	{ "damaged", "destroy", verb_destroy, "10.0.0.100", NULL, 0, 0, NULL },
	{ "damaged6", "destroy6", verb_destroy, "2001:db8::100", NULL, 0, 0, NULL },
	{ "damaged-prefix", "destroy", verb_destroy, "10.0.0.100", NULL, 0, 0, NULL },
	{ "damaged-prefix", "destroy6", verb_destroy, "2001:db8::100", NULL, 0, 0, NULL },

	{ "two", "modify", verb_modify, "10.0.0.100 total 3 seed 7 buckets 1,3", NULL, 0, 0, NULL },
	{ "both", "modify6", verb_modify, "2001:db8::100 hash sourceip-sourceport buckets 2", NULL, 0, 0,
	  NULL },
	{ "two", "modify dry", verb_modify, "10.0.0.100 total 3 seed 7 buckets 1,3", NULL, 0, DRY | READS,
	  NULL },
	{ "left-behind", "modify", verb_modify, "10.0.0.100 total 3 seed 7 buckets 1,3", NULL, 0, 0, NULL },
	{ "left-behind", "modify6", verb_modify, "2001:db8::100 total 3 buckets 2", NULL, 0, 0, NULL },
	{ "two", "hash mode", verb_hash_mode, "10.0.0.100", NULL, CIP_HASH_SOURCEIP_SOURCEPORT, 0, NULL },
	{ "two", "total", verb_total, "10.0.0.200", NULL, 4, AUTO, NULL },
	{ "both", "seed", verb_seed, "10.0.0.100", NULL, 9, 0, NULL },
	{ "two", "add", verb_add, "10.0.0.100", "5,9-12", 0, 0, NULL },
	{ "two", "add warm", verb_add, "10.0.0.100", "5,9-12", 0, 0, "6" },
	{ "two", "add outdated", verb_add, "10.0.0.100", "5,9-12", 0, OUTDATED, "6" },
	{ "both", "add6", verb_add, "2001:db8::100", "2-3", 0, AUTO, NULL },
	{ "both", "add6 warm", verb_add, "2001:db8::100", "2-3", 0, AUTO, "4" },
	{ "both", "add6 outdated", verb_add, "2001:db8::100", "2-3", 0, AUTO | OUTDATED, "4" },
	{ "two", "remove", verb_remove, "10.0.0.100", "2-4", 0, 0, NULL },
	{ "two", "remove warm", verb_remove, "10.0.0.100", "2-4", 0, 0, "7" },
	{ "two", "set", verb_set, "10.0.0.100", "1,16", 0, 0, NULL },
	{ "two", "set none", verb_set, "10.0.0.100", "none", 0, 0, "16" },

	{ "empty", "apply", verb_apply, WANTED LF WANTED6, NULL, 0, 0, NULL },
	{ "two", "apply", verb_apply, WANTED, NULL, 0, 0, NULL },
	{ "two", "apply prune", verb_apply, WANTED, NULL, PRUNE, 0, NULL },
	{ "both", "apply prune6", verb_apply, WANTED6, NULL, PRUNE, AUTO, NULL },
	{ "both", "apply prune both", verb_apply, WANTED6 WANTED, NULL, PRUNE, 0, NULL },
	{ "all", "apply prune", verb_apply, WANTED6 WANTED, NULL, PRUNE, 0, NULL },
	{ "all", "apply none", verb_apply, "", NULL, PRUNE, 0, NULL },
	{ "one", "apply shared MAC", verb_apply, SHARED, NULL, PRUNE, 0, NULL },
	{ "both", "apply refused", verb_apply, REHASHED REFUSED, NULL, PRUNE, 0, NULL },
	{ "igmp", "apply igmp", verb_apply, "10.0.0.151/24 dev v0 total 4 mac-mode igmp buckets 1" LF GROUP6,
	  NULL, PRUNE, 0, NULL },
	{ "unicast", "apply unicast", verb_apply,
	  "10.0.0.161/24 dev v0 total 4 mac-mode unicast buckets 1" LF FIRST, NULL, PRUNE, 0, NULL },
	{ "two", "apply keep", verb_apply, "10.0.0.100/24 dev v0 total 16 seed 1 buckets 9" LF NOADDR, NULL,
	  KEEP, 0, NULL },
	{ "damaged", "apply keep", verb_apply, FIRST LF SECOND, NULL, KEEP, REPAIRS, NULL },
	{ "damaged6", "apply", verb_apply, FIRST LF WANTED6, NULL, PRUNE, REPAIRS, NULL },
	{ "two", "apply dry", verb_apply, WANTED6, NULL, PRUNE, DRY | READS, NULL },

	{ "two", "migrate", verb_migrate, "10.0.0.100", NULL, 0, READS | AUTO, NULL },
};

const unsigned int scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);
