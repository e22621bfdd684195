/* SPDX-License-Identifier: GPL-2.0-or-later */
/* results as JSON: one object, as cipadm-1.schema.json says */
#include "cipadm.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_VERSION 1

/* words of the user and names of devices need not be UTF-8, JSON must be */
json_t *text_value(const char *text)
{
	json_t *value;
	char *copy;

	value = json_string(text);
	if (value)
		return value;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

/* steals members; an object that could not be made is NULL and stays so */
static int print_object(struct app *app, json_t *members)
{
	json_t *object;
	int err;

	object = json_pack("{si ss?}", "version", SCHEMA_VERSION, "verb",
			   app->command ? app->command->name : NULL);
	err = json_object_update(object, members) || json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
	json_decref(members);
	if (err)
		return fail(app, -ENOMEM, NULL, "cannot write JSON");
	putchar('\n');
	return 0;
}

static json_t *bucket_counters_value(struct cip_cluster *cluster)
{
	uint64_t packets, bytes;
	json_t *array;

	array = json_array();
	for (uint32_t bucket = 0; (bucket = cip_cluster_next_bucket(cluster, bucket));) {
		if (cip_cluster_get_bucket_counters(cluster, bucket, &packets, &bytes))
			continue;
		json_array_append_new(array, json_pack("{si sI sI}", "bucket", (int)bucket, "packets",
						       (json_int_t)packets, "bytes", (json_int_t)bytes));
	}
	return array;
}

static json_t *counters_value(struct cip_cluster *cluster)
{
	uint64_t packets, bytes;

	if (cip_cluster_get_foreign_counters(cluster, &packets, &bytes))
		return NULL;
	return json_pack("{so s{sI sI}}", "buckets", bucket_counters_value(cluster), "foreign", "packets",
			 (json_int_t)packets, "bytes", (json_int_t)bytes);
}

static json_t *buckets_value(struct cip_cluster *cluster)
{
	json_t *array;

	array = json_array();
	for (uint32_t bucket = 0; (bucket = cip_cluster_next_bucket(cluster, bucket));)
		json_array_append_new(array, json_integer(bucket));
	return array;
}

static json_t *prefix_value(struct cip_cluster *cluster)
{
	return cip_cluster_get_noaddr(cluster) ? json_null() : json_integer(cip_cluster_get_prefix(cluster));
}

static json_t *cluster_value(struct cip_cluster *cluster)
{
	char address[46], ifname[16], mac[18];

	if (cip_cluster_get_address(cluster, address, sizeof(address)) ||
	    cip_cluster_get_ifname(cluster, ifname, sizeof(ifname)) ||
	    cip_cluster_get_mac(cluster, mac, sizeof(mac)))
		return NULL;
	return json_pack("{ss so so ss ss ss si sI si sb ss so so*}", "address", address, "prefix",
			 prefix_value(cluster), "dev", text_value(ifname), "mac_mode",
			 cip_mac_mode_get_name(cip_cluster_get_mac_mode(cluster)), "mac", mac, "hash",
			 cip_hash_mode_get_name(cip_cluster_get_hash_mode(cluster)), "total",
			 (int)cip_cluster_get_total_nodes(cluster), "seed",
			 (json_int_t)cip_cluster_get_hash_seed(cluster), "source_prefix",
			 (int)cip_cluster_get_source_prefix(cluster), "outgoing",
			 cip_cluster_get_outgoing(cluster), "backend", cip_cluster_get_backend(cluster),
			 "buckets", buckets_value(cluster), "counters", counters_value(cluster));
}

static int write_cluster(FILE *file, struct cip_cluster *cluster)
{
	json_t *value;
	int err;

	value = cluster_value(cluster);
	err = !value || json_dumpf(value, file, JSON_COMPACT);
	json_decref(value);
	return err;
}

/* the object that print_object() would print, but of thousands of cluster IPs only one is a tree of values at a time */
static int write_clusters(struct app *app, FILE *file, struct cip_list *list)
{
	struct cip_cluster *cluster;
	int err = 0;

	fprintf(file, "{\"version\":%d,\"verb\":\"%s\",\"clusters\":[", SCHEMA_VERSION, app->command->name);
	for (uint32_t i = 0; !err && (cluster = cip_list_get(list, i)); i++) {
		if (i)
			putc(',', file);
		err = write_cluster(file, cluster);
	}
	fputs("]}\n", file);
	return fclose(file) || err;
}

/* in one piece: half an object is none */
static int json_clusters(struct app *app, struct cip_list *list)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file;
	int err;

	file = open_memstream(&text, &size);
	err = !file || write_clusters(app, file, list);
	if (!err)
		fwrite(text, 1, size, stdout);
	free(text);
	return err ? fail(app, -ENOMEM, NULL, "cannot write JSON") : 0;
}

static json_t *steps_value(struct app *app)
{
	char line[LINE_SIZE];
	json_t *array;

	array = json_array();
	for (uint32_t i = 0; i < cip_plan_count(app->ctx); i++)
		if (cip_plan_format(app->ctx, i, line, sizeof(line)) == 0)
			json_array_append_new(array, text_value(line));
	return array;
}

static int json_plan(struct app *app)
{
	return print_object(app, json_pack("{sb sb so}", "changed", cip_plan_count(app->ctx) > 0, "dry_run",
					   app->dry_run, "steps", steps_value(app)));
}

static json_t *fault_value(struct cip_report *report, uint32_t index)
{
	const char *address;

	address = cip_report_get_address(report, index);
	return json_pack("{ss? ss so}", "address", *address ? address : NULL, "kind",
			 cip_fault_get_name(cip_report_get_fault(report, index)), "text",
			 text_value(cip_report_get_text(report, index)));
}

static int json_faults(struct app *app, struct cip_report *report, uint32_t clusters)
{
	json_t *array;

	(void)clusters;
	array = json_array();
	for (uint32_t i = 0; i < cip_report_count(report); i++)
		json_array_append_new(array, fault_value(report, i));
	return print_object(app, json_pack("{sb so}", "clean", cip_report_count(report) == 0, "faults", array));
}

static int json_bucket(struct app *app, uint32_t bucket)
{
	return print_object(app, json_pack("{si}", "bucket", (int)bucket));
}

static int json_owner(struct app *app, uint32_t bucket, bool local)
{
	return print_object(app, json_pack("{si sb}", "bucket", (int)bucket, "local", local));
}

static int json_address(struct app *app, const char *address)
{
	return print_object(app, json_pack("{ss}", "address", address));
}

void json_failure(struct app *app, int status)
{
	const struct failure *failure = &app->failure;
	json_t *error;

	error = json_pack("{si si ss? so}", "status", status, "errno", -failure->err, "field", failure->field,
			  "text", text_value(failure->text));
	print_object(app, json_pack("{so}", "error", error));
}

const struct output json_output = {
	.clusters = json_clusters,
	.plan = json_plan,
	.faults = json_faults,
	.bucket = json_bucket,
	.owner = json_owner,
	.address = json_address,
};
