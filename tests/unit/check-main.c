/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * These tests need no privilege, and some of them want to see what the library says without one. Root runs
 * them too, and a library that fails them must not change the machine's network then.
 */
static int drop_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return (int)syscall(SYS_capset, &header, none);
}

int main(void)
{
	SRunner *runner;
	int failed;

	if (drop_capabilities()) {
		perror("capset");
		return EXIT_FAILURE;
	}
	runner = srunner_create(vectors_suite());
	srunner_add_suite(runner, hash_suite());
	srunner_add_suite(runner, names_suite());
	srunner_add_suite(runner, ctx_suite());
	srunner_add_suite(runner, log_suite());
	srunner_add_suite(runner, cluster_suite());
	srunner_add_suite(runner, address_suite());
	srunner_add_suite(runner, fields_suite());
	srunner_add_suite(runner, buckets_suite());
	srunner_add_suite(runner, text_suite());
	srunner_add_suite(runner, compare_suite());
	srunner_add_suite(runner, validate_suite());
	srunner_add_suite(runner, list_suite());
	srunner_add_suite(runner, lines_suite());
	srunner_add_suite(runner, import_suite());
	srunner_add_suite(runner, verbs_suite());
	srunner_add_suite(runner, queried_suite());
	srunner_add_suite(runner, monitor_suite());
	srunner_add_suite(runner, refs_suite());
	srunner_add_suite(runner, process_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
