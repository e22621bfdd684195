/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <dirent.h>
#include <pthread.h>

/* References are taken and dropped in any thread: what is counted shows when the last one closes the sockets. */

#define THREADS 4
#define ROUNDS	300000

/* one of each kind */
struct objects {
	struct cip_ctx *ctx;
	struct cip_cluster *cluster;
	struct cip_list *list;
	struct cip_report *report;
	struct cip_monitor *monitor;
	pthread_barrier_t *start; /* of all threads at once */
};

static int make(struct objects *objects)
{
	if (cip_new(&objects->ctx))
		return -ENOMEM;
	if (cip_verify(objects->ctx, NULL, NULL, &objects->report) ||
	    cip_monitor_new(objects->ctx, &objects->monitor))
		return UNIT_NOT_POSSIBLE;
	if (cip_cluster_new(objects->ctx, &objects->cluster) || cip_list_new(objects->ctx, &objects->list) ||
	    cip_cluster_set_address(objects->cluster, "10.0.0.100") ||
	    cip_list_add(objects->list, objects->cluster))
		return -ENOMEM;
	return 0;
}

static void drop(struct objects *objects)
{
	cip_unref(objects->ctx);
	cip_cluster_unref(objects->cluster);
	cip_list_unref(objects->list);
	cip_report_unref(objects->report);
	cip_monitor_unref(objects->monitor);
}

static void *churn(void *data)
{
	const struct objects *objects = data;

	pthread_barrier_wait(objects->start);
	for (int i = 0; i < ROUNDS; i++) {
		struct objects mine = {
			.ctx = cip_ref(objects->ctx),
			.cluster = cip_cluster_ref(objects->cluster),
			.list = cip_list_ref(objects->list),
			.report = cip_report_ref(objects->report),
			.monitor = cip_monitor_ref(objects->monitor),
		};

		drop(&mine);
	}
	return NULL;
}

/* values that come and go while others of the same context do */
static void *make_values(void *data)
{
	const struct objects *objects = data;
	struct cip_cluster *copy;

	pthread_barrier_wait(objects->start);
	for (int i = 0; i < ROUNDS; i++) {
		if (cip_cluster_copy(objects->cluster, &copy))
			return data;
		cip_cluster_unref(copy);
	}
	return NULL;
}

static int count_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

static int run_threads(struct objects *objects)
{
	void *failed, *any = NULL;
	pthread_t threads[THREADS];
	pthread_barrier_t start;

	objects->start = &start;
	if (pthread_barrier_init(&start, NULL, THREADS))
		return -EAGAIN;
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, i ? churn : make_values, objects))
			return -EAGAIN;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		any = any ? any : failed;
	}
	return any ? -ENOMEM : 0;
}

static int check_counts(void *data)
{
	int before = count_descriptors(), open, rc;
	struct objects objects = { 0 };

	(void)data;
	rc = make(&objects);
	open = count_descriptors();
	if (rc == 0 && run_threads(&objects))
		rc = unit_failed();
	/* none too few: all of it is there still */
	if (rc == 0 && (count_descriptors() != open || cip_list_get(objects.list, 0) != objects.cluster ||
			cip_report_count(objects.report) || cip_monitor_next(objects.monitor)))
		rc = unit_failed();
	drop(&objects);
	/* and none too many */
	if (rc == 0 && (open <= before || count_descriptors() != before))
		rc = unit_failed();
	return rc;
}

START_TEST(threads)
{
	unit_in_namespace(check_counts, NULL);
}
END_TEST

Suite *refs_suite(void)
{
	Suite *suite = suite_create("refs");
	TCase *tcase = unit_tcase(suite, "refs");

	tcase_add_test(tcase, threads);
	return suite;
}
