/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "cluster-text.h"
#include "macro.h"
#include "plan.h"

/* Plans and what undoes them, without a kernel: what there is before, what a plan makes of it, what there is then. */

/* "" is none; in the kernel it has a record, and owns the buckets that it lets in */
static struct cip_cluster *parse(const char *words)
{
	struct cip_cluster *cluster = NULL;

	if (!*words)
		return NULL;
	ck_assert_int_eq(cluster_new(NULL, &cluster), 0);
	ck_assert_int_eq(cluster_set_address(cluster, "10.0.0.100"), 0);
	ck_assert_int_eq(cluster_parse_words(cluster, "dev eth0"), 0);
	ck_assert_int_eq(cluster_parse_words(cluster, words), 0);
	cluster_complete(cluster);
	cluster->observed.recorded = 1;
	cluster->observed.assigned = cluster->buckets;
	return cluster;
}

static struct cip_list *list_of(const char *words)
{
	struct cip_cluster *cluster = parse(words);
	struct cip_list *list = NULL;

	ck_assert_int_eq(list_new(NULL, &list), 0);
	if (cluster)
		ck_assert_int_eq(list_append(list, cluster), 0);
	cluster_unref(cluster);
	return list;
}

static struct plan *plan_of(const char *want, const char *have, int repair)
{
	struct cip_cluster *to = parse(want), *from = parse(have);
	struct plan *plan = NULL;

	ck_assert_int_eq(plan_new(NULL, &plan), 0);
	ck_assert_int_eq(plan_diff(NULL, plan, to, from, NULL, repair), 0);
	cluster_unref(to);
	cluster_unref(from);
	return plan;
}

static const char *in_words(const struct plan *plan)
{
	static char text[512];

	text[0] = '\0';
	if (plan->count)
		ck_assert_int_eq(plan_step_format(&plan->steps[0], text, sizeof(text)), 0);
	return text;
}

#define FOUR	"total 4 buckets 1"
#define CREATE	"create 10.0.0.100/32 dev eth0 mac 03:bf:0a:00:00:64 hash sourceip total 4 seed 0x0 buckets 1"
#define DESTROY "destroy 10.0.0.100 dev eth0"
#define LABEL	"10.0.0.100 dev eth0: "

static const struct {
	const char *before, *want;
	int repair;
	const char *now;  /* when it is undone */
	const char *back; /* what undoes it, in words; "": nothing */
	int done;	  /* is the plan taken for done? */
} undone[] = {
	{ "", FOUR, 0, FOUR, DESTROY, 1 },
	{ "", FOUR, 0, "", "", 0 },
	/* somebody has moved a bucket of it since */
	{ "", FOUR, 0, "total 4 buckets 1,2", DESTROY, 0 },
	{ FOUR, "", 0, "", CREATE, 1 },
	{ FOUR, "", 0, FOUR, "", 0 },
	/* somebody has made another one of it since */
	{ FOUR, "", 0, "total 5 buckets 1", "", 0 },
	{ FOUR, "total 4 buckets 2,3", 0, "total 4 buckets 2,3", LABEL "add buckets 1, remove buckets 2,3", 1 },
	{ FOUR, "total 4 buckets 2,3", 0, FOUR, "", 0 },
	/* of what was added somebody has taken one away, and added another one */
	{ FOUR, "total 4 buckets 1-3", 0, "total 4 buckets 1,3,4", LABEL "remove buckets 3", 0 },
	{ FOUR, "total 4 buckets 1-3", 0, "", "", 0 },
	{ FOUR, "total 5 buckets 1", 0, "total 5 buckets 1",
	  LABEL "rehash hash sourceip total 4 seed 0x0 buckets 1", 1 },
	{ FOUR, "total 5 buckets 1", 0, FOUR, "", 0 },
	{ FOUR, "total 5 buckets 1", 0, "total 6 buckets 1", "", 0 },
	/* what was put back was asked for before; and it cannot be told whether it was */
	{ FOUR, FOUR, 1, FOUR, "", 0 },
	{ FOUR, "total 5 buckets 1", 1, "total 5 buckets 1",
	  LABEL "rehash hash sourceip total 4 seed 0x0 buckets 1", 1 },
};

START_TEST(undo)
{
	struct plan *plan = plan_of(undone[_i].want, undone[_i].before, undone[_i].repair), *back = NULL;
	struct cip_list *now = list_of(undone[_i].now);

	ck_assert_uint_eq(plan->count, 1);
	ck_assert_int_eq(plan_is_done(plan, now), undone[_i].done);
	ck_assert_int_eq(plan_undo(NULL, plan, now, &back), 0);
	ck_assert_str_eq(in_words(back), undone[_i].back);
	plan_free(back);
	plan_free(plan);
	list_unref(now);
}
END_TEST

/* What was done in two tries is undone to what was before the first. */
START_TEST(undo_two_steps)
{
	struct plan *plan = plan_of(FOUR, "", 0), *second = plan_of("total 5 buckets 1", FOUR, 0), *back = NULL;
	struct cip_list *now = list_of("total 5 buckets 1");

	ck_assert_int_eq(plan_append(NULL, plan, second), 0);
	ck_assert_int_eq(plan_undo(NULL, plan, now, &back), 0);
	ck_assert_uint_eq(back->count, 1);
	ck_assert_str_eq(in_words(back), DESTROY);
	plan_free(back);
	plan_free(second);
	plan_free(plan);
	list_unref(now);
}
END_TEST

START_TEST(rehash_beside_repair)
{
	struct plan *plan = plan_of("total 5 buckets 1", FOUR, 1);

	ck_assert_int_eq(plan->steps[0].op, PLAN_REHASH);
	ck_assert(plan_step_writes(&plan->steps[0]));
	ck_assert_str_eq(in_words(plan), LABEL "repair, rehash hash sourceip total 5 seed 0x0 buckets 1");
	plan_free(plan);
}
END_TEST

/* 0 would be any generation, and the kernel passes over it, too. */
START_TEST(generations)
{
	ck_assert_uint_eq(backend_next_generation(1), 2);
	ck_assert_uint_eq(backend_next_generation(UINT32_MAX), 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("plan");
	TCase *tcase = tcase_create("pure");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, undo, 0, (int)ARRAY_SIZE(undone));
	tcase_add_test(tcase, undo_two_steps);
	tcase_add_test(tcase, rehash_beside_repair);
	tcase_add_test(tcase, generations);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
