/* SPDX-License-Identifier: GPL-2.0-or-later */
/* a configuration of keepalived */
#include "keepalived.h"

#include <inttypes.h>
#include <stdio.h>

#define FIFO "/run/cipadm-notify"

/* the node so many places behind, of those that are left */
static uint32_t find_left(const bool *taken, uint32_t count, uint32_t place, uint32_t behind)
{
	for (;; place = (place + 1) % count)
		if (!taken[place] && behind-- == 0)
			return place;
}

void keepalived_order(uint32_t bucket, uint32_t count, uint32_t *order)
{
	uint32_t digits = bucket - 1, place = 0;
	bool taken[NODES_MAX] = { false };

	for (uint32_t left = count; left; left--) {
		place = find_left(taken, count, place, digits % left);
		digits /= left;
		taken[place] = true;
		*order++ = place;
	}
}

/* A node waits (256 - priority) / 256 of an interval longer than another: with 64, each rank a quarter of one. */
static uint32_t priority_step(uint32_t count)
{
	uint32_t step = count > 1 ? (PRIORITY_MAX - 1) / (count - 1) : 0;

	return step < 64 ? step : 64;
}

static uint32_t priority(const struct keepalived *config, const uint32_t *order)
{
	uint32_t rank = 0;

	while (order[rank] != config->self)
		rank++;
	return PRIORITY_MAX - rank * priority_step(config->node_count);
}

/* keepalived takes the rest of a line of more than 1023 characters for another line, in comments, too */
static void print_nodes(const struct keepalived *config)
{
	const uint32_t for_line = 900 / (NODE_NAME_MAX + 1);

	for (uint32_t i = 0; i < config->node_count; i++)
		printf("%s%s", i == 0 ? "" : i % for_line ? "," : ",\n#\t", config->nodes[i].text);
}

static void print_origin(const struct keepalived *config)
{
	printf("# cipadm keepalived-config %s vrid %" PRIu32, config->cluster, config->first_id);
	printf(" interval %" PRIu32 ".%02" PRIu32, config->interval / 100, config->interval % 100);
	printf(" vip %" PRIu32 ".%" PRIu32 ".%" PRIu32 ".0\n", config->vip >> 24, config->vip >> 16 & 255,
	       config->vip >> 8 & 255);
	printf("#\tnotify %s\n#\tnode %s nodes ", config->notify, config->nodes[config->self].text);
	print_nodes(config);
	puts("\n# Made by this command; do not edit, make it anew, on all nodes.\n");
}

static void print_preferred(const struct keepalived *config, uint32_t bucket, const uint32_t *order)
{
	const uint32_t most = 8;

	printf("\n# bucket %" PRIu32 " prefers", bucket);
	for (uint32_t i = 0; i < config->node_count && i < most; i++)
		printf(" %s", config->nodes[order[i]].text);
	puts(config->node_count > most ? " ..." : "");
}

static void print_globals(const struct keepalived *config)
{
	puts("global_defs {");
	printf("\trouter_id %s\n", config->nodes[config->self].text);
	puts("\tscript_user root");
	puts("\tenable_script_security");
	puts("\tvrrp_version 3");
	puts("\tmax_auto_priority 99");
	puts("\t# not notify_* scripts: keepalived does not wait for one before it starts the next");
	printf("\tvrrp_notify_fifo " FIFO ".%s\n", config->address);
	printf("\tvrrp_notify_fifo_script \"%s %s\"\n", config->notify, config->cluster);
	puts("\t# who is not master any more must know it after a reload, too");
	puts("\tfifo_write_vrrp_states_on_reload");
	puts("}");
}

static void print_instance(const struct keepalived *config, uint32_t bucket)
{
	uint32_t order[NODES_MAX], id = config->first_id + bucket - 1, vip = config->vip + id;

	keepalived_order(bucket, config->node_count, order);
	print_preferred(config, bucket, order);
	printf("vrrp_instance %s-%" PRIu32 " {\n", config->address, bucket);
	puts("\tstate BACKUP");
	printf("\tinterface %s\n", config->ifname);
	printf("\tvirtual_router_id %" PRIu32 "\n", id);
	printf("\tpriority %" PRIu32 "\n", priority(config, order));
	printf("\tadvert_int %" PRIu32 ".%02" PRIu32 "\n", config->interval / 100, config->interval % 100);
	puts("\tvirtual_ipaddress {");
	printf("\t\t%" PRIu32 ".%" PRIu32 ".%" PRIu32 ".%" PRIu32 "/32 dev lo\n", vip >> 24, vip >> 16 & 255,
	       vip >> 8 & 255, vip & 255);
	puts("\t}\n}");
}

void keepalived_print(const struct keepalived *config)
{
	print_origin(config);
	print_globals(config);
	for (uint32_t bucket = 1; bucket <= config->total; bucket++)
		print_instance(config, bucket);
}
