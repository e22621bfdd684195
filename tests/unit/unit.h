/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UNIT_H
#define UNIT_H

#include <check.h>
#include <clusterip/clusterip.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#define ARRAY_SIZE(a) ((int)(sizeof(a) / sizeof((a)[0])))

/* what tests put into a result before a call that must leave it alone */
#define UNTOUCHED 0x5eedU

/* the context of the running test, made and checked for leaks of references by the fixture */
extern struct cip_ctx *unit_ctx;

Suite *address_suite(void);
Suite *buckets_suite(void);
Suite *cluster_suite(void);
Suite *compare_suite(void);
Suite *ctx_suite(void);
Suite *fields_suite(void);
Suite *hash_suite(void);
Suite *import_suite(void);
Suite *lines_suite(void);
Suite *list_suite(void);
Suite *log_suite(void);
Suite *monitor_suite(void);
Suite *names_suite(void);
Suite *process_suite(void);
Suite *queried_suite(void);
Suite *refs_suite(void);
Suite *text_suite(void);
Suite *validate_suite(void);
Suite *vectors_suite(void);
Suite *verbs_suite(void);

/* a test case in which unit_ctx is a fresh context for every test */
TCase *unit_tcase(Suite *suite, const char *name);

/* an empty cluster IP of unit_ctx; fails the test instead of returning NULL */
struct cip_cluster *unit_cluster(void);

/* a cluster IP of unit_ctx read from a line */
struct cip_cluster *unit_parse(const char *text);

/* the last error of unit_ctx is about the attribute, and names the field and (unless NULL) its range */
void unit_assert_error(uint32_t attr, const char *field, const char *range);

/* the cluster IP formats as the line */
void unit_assert_line(struct cip_cluster *cluster, const char *line);

/* the local buckets of the cluster IP format as the list */
void unit_assert_buckets(struct cip_cluster *cluster, const char *list);

/* a getter that writes text: exact size is enough, one byte less is -ENOSPC and writes nothing */
typedef int (*unit_text_getter)(struct cip_cluster *cluster, char *buf, size_t size);
void unit_assert_text(unit_text_getter get, struct cip_cluster *cluster, const char *expected);

/* a getter of an attribute that is not set: -ENODATA, and nothing is written */
void unit_assert_no_text(unit_text_getter get, struct cip_cluster *cluster);

/*
 * Runs a function in a child with a network of its own, where it may do everything with unit_ctx, and fails if the
 * function does not return 0. A function says "return unit_failed()" instead of asserting. False where
 * namespaces are not to be had, or the function says that what it needs is not.
 */
#define UNIT_NOT_POSSIBLE 77
int unit_in_namespace(int (*function)(void *data), void *data);
#define unit_failed() unit_failed_at(__FILE__, __LINE__)
int unit_failed_at(const char *file, int line);

/* the Ethernet device tap0 of the network namespace: it lives as long as the descriptor; -1: not to be had */
int unit_open_device(void);
int unit_set_up(void);
/* creates the cluster IP of a line in the kernel; without assertions, for use in a namespace */
int unit_create(const char *line);

/* a small generator of pseudo-random numbers: the same sets in every run, so that failures repeat */
uint32_t unit_random(uint32_t *state);

#endif
