/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Longer than any text the library writes, and filled before every call to see how far it wrote. */
#define BUF_SIZE 8192
#define FILLER	 '#'

struct cip_ctx *unit_ctx;

static void setup(void)
{
	ck_assert_int_eq(cip_new(&unit_ctx), 0);
}

static void teardown(void)
{
	unit_ctx = cip_unref(unit_ctx);
}

TCase *unit_tcase(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}

struct cip_cluster *unit_cluster(void)
{
	struct cip_cluster *cluster = NULL;

	ck_assert_int_eq(cip_cluster_new(unit_ctx, &cluster), 0);
	ck_assert_ptr_nonnull(cluster);
	return cluster;
}

struct cip_cluster *unit_parse(const char *text)
{
	struct cip_cluster *cluster = unit_cluster();

	ck_assert_msg(cip_cluster_parse(cluster, text) == 0, "%s: %s", text, cip_get_error(unit_ctx));
	return cluster;
}

/* strcasestr() is an extension, and words begin sentences with a capital */
static int contains_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text; text++) {
		size_t i = 0;

		while (i < len && text[i] && (text[i] | 0x20) == (word[i] | 0x20))
			i++;
		if (i == len)
			return 1;
	}
	return 0;
}

void unit_assert_error(uint32_t attr, const char *field, const char *range)
{
	const char *text = cip_get_error(unit_ctx);

	ck_assert_msg(contains_word(text, field), "\"%s\" does not name the field: %s", text, field);
	ck_assert_msg(!range || contains_word(text, range), "\"%s\" does not name the range: %s", text, range);
	ck_assert_msg(!strchr(text, '\n'), "\"%s\" is more than one line", text);
	ck_assert_msg(cip_get_error_attr(unit_ctx) == attr, "\"%s\" is about attribute %u, not %u", text,
		      (unsigned)cip_get_error_attr(unit_ctx), (unsigned)attr);
}

void unit_assert_line(struct cip_cluster *cluster, const char *line)
{
	char buf[BUF_SIZE];

	ck_assert_int_eq(cip_cluster_format(cluster, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, line);
}

void unit_assert_buckets(struct cip_cluster *cluster, const char *list)
{
	char buf[BUF_SIZE];

	ck_assert_int_eq(cip_cluster_get_buckets(cluster, buf, sizeof(buf)), 0);
	ck_assert_str_eq(buf, list);
}

static void assert_filler(const char *buf, size_t from)
{
	while (from < BUF_SIZE && buf[from] == FILLER)
		from++;
	ck_assert_msg(from == BUF_SIZE, "byte %zu was written", from);
}

/* A sentence that a failing call must not leave standing. */
static void leave_sentence(void)
{
	ck_assert_int_eq(cip_set_dry_run(unit_ctx, 5), -EINVAL);
}

static void assert_new_sentence(const char *word)
{
	ck_assert_msg(contains_word(cip_get_error(unit_ctx), word), "\"%s\" says nothing of \"%s\"",
		      cip_get_error(unit_ctx), word);
}

void unit_assert_text(unit_text_getter get, struct cip_cluster *cluster, const char *expected)
{
	size_t need = strlen(expected) + 1;
	char buf[BUF_SIZE];

	for (size_t size = 0; size < need; size++) {
		memset(buf, FILLER, sizeof(buf));
		leave_sentence();
		ck_assert_int_eq(get(cluster, buf, size), -ENOSPC);
		assert_new_sentence("does not fit");
		assert_filler(buf, 0);
	}
	memset(buf, FILLER, sizeof(buf));
	ck_assert_int_eq(get(cluster, buf, need), 0);
	assert_filler(buf, need);
	ck_assert_str_eq(buf, expected);
}

void unit_assert_no_text(unit_text_getter get, struct cip_cluster *cluster)
{
	char buf[BUF_SIZE];

	memset(buf, FILLER, sizeof(buf));
	leave_sentence();
	ck_assert_int_eq(get(cluster, buf, sizeof(buf)), -ENODATA);
	assert_new_sentence("is not set");
	ck_assert_int_eq(get(cluster, buf, 0), -ENODATA);
	assert_filler(buf, 0);
}

int unit_failed_at(const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, cip_get_error(unit_ctx));
	return EXIT_FAILURE;
}

static void child(int (*function)(void *data), void *data)
{
	int status = UNIT_NOT_POSSIBLE;

	if (!unshare(CLONE_NEWUSER | CLONE_NEWNET))
		status = function(data);
	cip_unref(unit_ctx);
	_exit(status);
}

int unit_in_namespace(int (*function)(void *data), void *data)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		child(function, data);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == UNIT_NOT_POSSIBLE) {
		fprintf(stderr, "a network of its own is not to be had here: not tested\n");
		return 0;
	}
	ck_assert_msg(status == 0, "the child ended with status %#x", (unsigned)status);
	return 1;
}

uint32_t unit_random(uint32_t *state)
{
	/* xorshift32 of George Marsaglia; the state must not be 0 */
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}
