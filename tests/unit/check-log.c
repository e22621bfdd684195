/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

/* the two ends of the pipe that the library logs to */
static int log_pipe[2];

static void open_log(void)
{
	ck_assert_int_eq(pipe2(log_pipe, O_NONBLOCK | O_CLOEXEC), 0);
}

/* what was logged since; nothing reads as "" */
static void close_log(char *buf, size_t size)
{
	ssize_t len = read(log_pipe[0], buf, size - 1);

	buf[len > 0 ? len : 0] = '\0';
	close(log_pipe[0]);
	close(log_pipe[1]);
}

struct query {
	int fd, priority; /* -1: not set */
};

/* The library has something to tell when a verb works, so let one work. */
static int query(void *data)
{
	const struct query *query = data;
	struct cip_list *list = NULL;

	if (query->fd >= 0 && cip_set_log_fd(unit_ctx, query->fd))
		return unit_failed();
	if (query->priority >= 0 && cip_set_log_priority(unit_ctx, query->priority))
		return unit_failed();
	if (cip_query(unit_ctx, &list))
		return unit_failed();
	cip_list_unref(list);
	return 0;
}

/* What a query logs; false where it cannot be told. */
static int log_of_query(int priority, int to_pipe, char *buf, size_t size)
{
	struct query words = { .fd = -1, .priority = priority };
	int possible;

	open_log();
	if (to_pipe)
		words.fd = log_pipe[1];
	possible = unit_in_namespace(query, &words);
	close_log(buf, size);
	return possible;
}

START_TEST(lines)
{
	char buf[65536];

	if (!log_of_query(7, 1, buf, sizeof(buf)))
		return;
	ck_assert_str_ne(buf, "");
	ck_assert_int_eq(buf[strlen(buf) - 1], '\n');
}
END_TEST

START_TEST(silent_below_the_priority)
{
	char buf[65536];

	for (int priority = -1; priority <= 6; priority++)
		if (log_of_query(priority, 1, buf, sizeof(buf)))
			ck_assert_str_eq(buf, "");
}
END_TEST

START_TEST(silent_unless_asked)
{
	char buf[65536];

	if (log_of_query(7, 0, buf, sizeof(buf)))
		ck_assert_str_eq(buf, "");
}
END_TEST

/* Nothing goes to the standard streams, whatever fails. */
START_TEST(standard_streams_stay_clean)
{
	struct cip_cluster *cluster = unit_cluster();
	int out = dup(1), err = dup(2);
	char buf[4096];

	open_log();
	dup2(log_pipe[1], 1);
	dup2(log_pipe[1], 2);
	cip_cluster_set_total_nodes(cluster, 0);
	cip_cluster_parse(cluster, "nonsense");
	cip_create(unit_ctx, cluster);
	cip_destroy(unit_ctx, "10.0.0.100", NULL);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	close_log(buf, sizeof(buf));
	ck_assert_str_eq(buf, "");
	cip_cluster_unref(cluster);
}
END_TEST

/* A log that cannot be written is no reason to fail. */
START_TEST(descriptor_that_cannot_be_written)
{
	struct cip_list *list = NULL;

	ck_assert_int_eq(cip_set_log_fd(unit_ctx, 1023), 0);
	ck_assert_int_eq(cip_set_log_priority(unit_ctx, 7), 0);
	ck_assert_int_eq(cip_query(unit_ctx, &list), -EPERM);
	ck_assert_ptr_null(list);
}
END_TEST

Suite *log_suite(void)
{
	Suite *suite = suite_create("log");
	TCase *tcase = unit_tcase(suite, "log");

	tcase_add_test(tcase, lines);
	tcase_add_test(tcase, silent_below_the_priority);
	tcase_add_test(tcase, silent_unless_asked);
	tcase_add_test(tcase, standard_streams_stay_clean);
	tcase_add_test(tcase, descriptor_that_cannot_be_written);
	return suite;
}
