/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics in the OpenMetrics text format, of what Prometheus' own text format can read, too */
#include "metrics.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

struct family {
	const char *name, *type, *unit, *help;
	void (*samples)(FILE *file, const char *name, struct cip_cluster *cluster);
};

static void print_label(FILE *file, const char *name, const char *value)
{
	json_t *text = text_value(value);

	fprintf(file, "%s=\"", name);
	for (const char *c = text ? json_string_value(text) : ""; *c; c++) {
		if (*c == '\\' || *c == '"')
			putc('\\', file);
		putc(*c, file);
	}
	putc('"', file);
	json_decref(text);
}

static void print_address(FILE *file, struct cip_cluster *cluster)
{
	char address[46] = "";

	cip_cluster_get_address(cluster, address, sizeof(address));
	print_label(file, "address", address);
}

static void print_sample(FILE *file, const char *name, struct cip_cluster *cluster, uint64_t value)
{
	fprintf(file, "%s{", name);
	print_address(file, cluster);
	fprintf(file, "} %" PRIu64 "\n", value);
}

static void info_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	char ifname[16] = "", mac[18] = "";

	cip_cluster_get_ifname(cluster, ifname, sizeof(ifname));
	cip_cluster_get_mac(cluster, mac, sizeof(mac));
	fprintf(file, "%s{", name);
	print_address(file, cluster);
	print_label(file, ",device", ifname);
	print_label(file, ",mac_mode", cip_mac_mode_get_name(cip_cluster_get_mac_mode(cluster)));
	print_label(file, ",mac", mac);
	print_label(file, ",hash", cip_hash_mode_get_name(cip_cluster_get_hash_mode(cluster)));
	fprintf(file, ",source_prefix=\"%" PRIu32 "\",outgoing=\"%s\"", cip_cluster_get_source_prefix(cluster),
		cip_cluster_get_outgoing(cluster) ? "true" : "false");
	print_label(file, ",backend", cip_cluster_get_backend(cluster));
	fputs("} 1\n", file);
}

static void total_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	print_sample(file, name, cluster, cip_cluster_get_total_nodes(cluster));
}

static void local_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	uint64_t count = 0;

	for (uint32_t bucket = 0; (bucket = cip_cluster_next_bucket(cluster, bucket));)
		count++;
	print_sample(file, name, cluster, count);
}

static void dark_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	uint64_t count = 0;

	for (uint32_t bucket = 1; bucket <= cip_cluster_get_total_nodes(cluster); bucket++)
		count += cip_cluster_is_assigned(cluster, bucket) && !cip_cluster_has_bucket(cluster, bucket);
	print_sample(file, name, cluster, count);
}

static void print_buckets(FILE *file, const char *name, struct cip_cluster *cluster, bool bytes)
{
	uint64_t counted[2];

	for (uint32_t bucket = 0; (bucket = cip_cluster_next_bucket(cluster, bucket));) {
		if (cip_cluster_get_bucket_counters(cluster, bucket, &counted[0], &counted[1]))
			continue;
		fprintf(file, "%s_total{", name);
		print_address(file, cluster);
		fprintf(file, ",bucket=\"%" PRIu32 "\"} %" PRIu64 "\n", bucket, counted[bytes]);
	}
}

static void bucket_packets_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	print_buckets(file, name, cluster, false);
}

static void bucket_bytes_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	print_buckets(file, name, cluster, true);
}

static void print_foreign(FILE *file, const char *name, struct cip_cluster *cluster, bool bytes)
{
	uint64_t counted[2];

	if (cip_cluster_get_foreign_counters(cluster, &counted[0], &counted[1]))
		return;
	fprintf(file, "%s_total{", name);
	print_address(file, cluster);
	fprintf(file, "} %" PRIu64 "\n", counted[bytes]);
}

static void foreign_packets_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	print_foreign(file, name, cluster, false);
}

static void foreign_bytes_samples(FILE *file, const char *name, struct cip_cluster *cluster)
{
	print_foreign(file, name, cluster, true);
}

/*
 * node_exporter knows neither the type "info" nor that samples of a counter may be called otherwise than its family:
 * it refuses a file with the first, and takes the second for metrics without a type.
 */
static const struct family families[] = {
	{ "clusterip_info", "gauge", NULL, "A cluster IP of this node; always 1.", info_samples },
	{ "clusterip_total_nodes", "gauge", NULL, "Buckets that the traffic is divided into.", total_samples },
	{ "clusterip_local_buckets", "gauge", NULL, "Buckets that this node lets in.", local_samples },
	{ "clusterip_dark_buckets", "gauge", NULL, "Buckets assigned to this node that it does not let in.",
	  dark_samples },
	{ "clusterip_bucket_packets", "counter", NULL, "Packets let in for a bucket since it became local.",
	  bucket_packets_samples },
	{ "clusterip_bucket_bytes", "counter", "bytes",
	  "Bytes let in for a bucket since it became local, IP headers included.", bucket_bytes_samples },
	{ "clusterip_foreign_packets", "counter", NULL,
	  "Packets left to other nodes since the rules were made.", foreign_packets_samples },
	{ "clusterip_foreign_bytes", "counter", "bytes",
	  "Bytes left to other nodes since the rules were made, IP headers included.", foreign_bytes_samples },
	{ NULL, NULL, NULL, NULL, NULL },
};

static void print_head(FILE *file, const struct family *family)
{
	fprintf(file, "# TYPE %s %s\n", family->name, family->type);
	if (family->unit)
		fprintf(file, "# UNIT %s %s\n", family->name, family->unit);
	fprintf(file, "# HELP %s %s\n", family->name, family->help);
}

/*
 * An address that two backends have is there twice, one behind the other. Two samples with the same labels would spoil
 * all of them, and everything else that node_exporter tells.
 */
static bool is_repeated(struct cip_list *list, uint32_t index)
{
	return index && !(cip_cluster_compare(cip_list_get(list, index - 1), cip_list_get(list, index)) &
			  1 << CIP_ATTR_ADDRESS);
}

static void print_clusters(FILE *file, struct cip_list *list)
{
	struct cip_cluster *cluster;

	for (const struct family *family = families; family->name; family++) {
		print_head(file, family);
		for (uint32_t i = 0; (cluster = cip_list_get(list, i)); i++)
			if (!is_repeated(list, i))
				family->samples(file, family->name, cluster);
	}
}

/* of one kind, or of one cluster IP; what all cluster IPs share is a fault of none of them */
static uint32_t count_faults(const struct scrape *scrape, uint32_t kind, const char *only)
{
	uint32_t count = 0;
	const char *address;

	for (uint32_t i = 0; (address = cip_report_get_address(scrape->report, i)); i++) {
		if (only ? strcmp(address, only) : cip_report_get_fault(scrape->report, i) != kind)
			continue;
		count += !scrape->named || !*address || cip_list_find(scrape->list, address);
	}
	return count;
}

static void print_intact(FILE *file, const struct scrape *scrape)
{
	static const struct family family = { "clusterip_intact", "gauge", NULL,
					      "1 if the kernel is as it should be for a cluster IP, else 0.",
					      NULL };
	struct cip_cluster *cluster;
	char address[46];

	print_head(file, &family);
	for (uint32_t i = 0; (cluster = cip_list_get(scrape->list, i)); i++)
		if (!is_repeated(scrape->list, i) &&
		    cip_cluster_get_address(cluster, address, sizeof(address)) == 0)
			print_sample(file, family.name, cluster, count_faults(scrape, 0, address) == 0);
}

static void print_faults(FILE *file, const struct scrape *scrape)
{
	static const struct family family = { "clusterip_faults", "gauge", NULL,
					      "Faults that a check found, of each kind.", NULL };
	const char *name;

	print_head(file, &family);
	for (uint32_t kind = 1; (name = cip_fault_get_name(kind)); kind++)
		fprintf(file, "%s{kind=\"%s\"} %" PRIu32 "\n", family.name, name,
			count_faults(scrape, kind, NULL));
}

void metrics_print(FILE *file, const struct scrape *scrape)
{
	static const struct family errors = {
		"clusterip_scrape_errors", "gauge", NULL,
		"Reads of the kernel that failed; what they would have told is absent.", NULL
	};

	if (scrape->list)
		print_clusters(file, scrape->list);
	if (scrape->list && scrape->report)
		print_intact(file, scrape);
	if (scrape->report)
		print_faults(file, scrape);
	print_head(file, &errors);
	fprintf(file, "%s %" PRIu32 "\n# EOF\n", errors.name, scrape->errors);
}
