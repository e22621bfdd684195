/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One table of show --watch, in the most talkative of three forms that has room: a line for each bucket, with runs of
 * those of other nodes in one; a map with a character for each bucket; a line for each cluster IP.
 */
#include "watch.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#define LEVELS	   8
#define ROW_FIXED  32 /* columns of a bucket's line beside its bar */
#define MAP_FIXED  8
#define FRAME_ROWS 2 /* the headline, and the line that the cursor is on */

enum state { FOREIGN, LOCAL, DARK };
enum form { FORM_ROWS, FORM_MAP, FORM_LINES };

static const char *const state_names[] = { "not local", "local", "dark" };
static const char state_cells[] = { '.', '_', '!' }; /* without traffic */
static const char *const state_colours[] = { "\033[2m", "\033[32m", "\033[1;31m" };
static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };

static enum state state_of(struct cip_cluster *cluster, uint32_t bucket)
{
	if (cip_cluster_has_bucket(cluster, bucket))
		return LOCAL;
	return cip_cluster_is_assigned(cluster, bucket) ? DARK : FOREIGN;
}

static void paint(const struct screen *screen, enum state state)
{
	if (screen->colour)
		fputs(state_colours[state], stdout);
}

static void unpaint(const struct screen *screen)
{
	if (screen->colour)
		fputs("\033[m", stdout);
}

/* what an earlier table has left of the line goes, and so does the last column of a line that is too long */
static void end_line(const struct screen *screen)
{
	puts(screen->live ? "\033[K" : "");
}

static const char *rate_text(double rate, char text[16])
{
	if (isnan(rate))
		return strcpy(text, "-");
	snprintf(text, 16, rate < 1e6 ? "%.1f/s" : "%.3g/s", rate);
	return text;
}

/* ------------------------------------------------------------------ one cluster IP in numbers */

struct sums {
	uint32_t local, dark;
	double most, all;
};

static struct sums sum(const struct change *change)
{
	struct sums sums = { .all = change->seconds > 0 ? 0 : NAN };
	double rate;

	for (uint32_t bucket = 1; bucket <= cip_cluster_get_total_nodes(change->now); bucket++) {
		enum state state = state_of(change->now, bucket);

		sums.local += state == LOCAL;
		sums.dark += state == DARK;
		if (state != LOCAL)
			continue;
		rate = bucket_rate(change, bucket);
		sums.all += rate;
		sums.most = fmax(sums.most, rate);
	}
	return sums;
}

static void draw_numbers(const struct screen *screen, const struct change *change, const struct sums *sums)
{
	char address[46] = "", ifname[16] = "", in[16], foreign[16];

	cip_cluster_get_address(change->now, address, sizeof(address));
	cip_cluster_get_ifname(change->now, ifname, sizeof(ifname));
	printf("%s dev %s: %" PRIu32 " of %" PRIu32 " local, ", address, ifname, sums->local,
	       cip_cluster_get_total_nodes(change->now));
	if (sums->dark) {
		paint(screen, DARK);
		printf("%" PRIu32 " dark", sums->dark);
		unpaint(screen);
		fputs(", ", stdout);
	}
	printf("let in %s, foreign %s", rate_text(sums->all, in), rate_text(foreign_rate(change), foreign));
}

/* ------------------------------------------------------------------ a line for each bucket */

/* the last of the buckets that share a line with this one */
static uint32_t run_end(struct cip_cluster *cluster, uint32_t bucket)
{
	if (state_of(cluster, bucket) != FOREIGN)
		return bucket;
	while (bucket < cip_cluster_get_total_nodes(cluster) && state_of(cluster, bucket + 1) == FOREIGN)
		bucket++;
	return bucket;
}

/* traffic is never without a bar */
static uint32_t part_of(double rate, double most, uint32_t whole)
{
	return rate > 0 && most > 0 ? (uint32_t)ceil(rate / most * whole) : 0;
}

static void draw_bar(const struct screen *screen, double rate, double most)
{
	uint32_t whole = screen->columns > ROW_FIXED + 8 ? screen->columns - ROW_FIXED : 8;
	uint32_t filled = part_of(rate, most, whole);
	char text[16];

	fputs("     ", stdout);
	for (uint32_t i = 0; i < whole; i++)
		fputs(i >= filled ? " " : screen->unicode ? "█" : "#", stdout);
	printf(" %10s", rate_text(rate, text));
}

static void draw_bucket(const struct screen *screen, const struct change *change, uint32_t first, uint32_t last,
			double most)
{
	enum state state = state_of(change->now, first);
	char range[24];

	snprintf(range, sizeof(range), first < last ? "%" PRIu32 "-%" PRIu32 : "%" PRIu32, first, last);
	paint(screen, state);
	printf("%9s %s", range, state_names[state]);
	if (state == LOCAL)
		draw_bar(screen, bucket_rate(change, first), most);
	if (state == DARK)
		fputs("      assigned, but not let in", stdout);
	unpaint(screen);
	end_line(screen);
}

static void draw_rows(const struct screen *screen, const struct change *change, const struct sums *sums)
{
	uint32_t last;

	for (uint32_t bucket = 1; bucket <= cip_cluster_get_total_nodes(change->now); bucket = last + 1) {
		last = run_end(change->now, bucket);
		draw_bucket(screen, change, bucket, last, sums->most);
	}
}

/* ------------------------------------------------------------------ a character for each bucket */

static uint32_t map_columns(const struct screen *screen)
{
	uint32_t room = screen->columns > MAP_FIXED ? screen->columns - MAP_FIXED : 1;

	return room < 16 ? room : room / 16 * 16;
}

static void draw_cell(const struct screen *screen, const struct change *change, uint32_t bucket, double most)
{
	enum state state = state_of(change->now, bucket);
	uint32_t level;

	paint(screen, state);
	level = state == LOCAL ? part_of(bucket_rate(change, bucket), most, LEVELS) : 0;
	if (level && screen->unicode)
		fputs(blocks[level - 1], stdout);
	else
		putchar(level ? '0' + (int)level : state_cells[state]);
	unpaint(screen);
}

static void draw_map(const struct screen *screen, const struct change *change, const struct sums *sums)
{
	uint32_t total = cip_cluster_get_total_nodes(change->now), columns = map_columns(screen);

	for (uint32_t bucket = 1; bucket <= total; bucket++) {
		if ((bucket - 1) % columns == 0)
			printf("%6" PRIu32 " ", bucket);
		draw_cell(screen, change, bucket, sums->most);
		if (bucket % columns == 0 || bucket == total)
			end_line(screen);
	}
}

/* ------------------------------------------------------------------ the table */

static uint32_t height(const struct screen *screen, struct cip_cluster *cluster, enum form form)
{
	uint32_t total = cip_cluster_get_total_nodes(cluster), lines = 1;

	if (form == FORM_MAP)
		lines += (total + map_columns(screen) - 1) / map_columns(screen);
	for (uint32_t bucket = 1; form == FORM_ROWS && bucket <= total; bucket = run_end(cluster, bucket) + 1)
		lines++;
	return lines;
}

static bool has_room(const struct screen *screen, struct cip_list *list, enum form form)
{
	struct cip_cluster *cluster;
	uint32_t lines = FRAME_ROWS;

	for (uint32_t i = 0; lines <= screen->rows && (cluster = cip_list_get(list, i)); i++)
		lines += height(screen, cluster, form);
	return lines <= screen->rows;
}

static enum form choose_form(const struct screen *screen, struct cip_list *list)
{
	if (!screen->rows || has_room(screen, list, FORM_ROWS))
		return FORM_ROWS;
	return has_room(screen, list, FORM_MAP) ? FORM_MAP : FORM_LINES;
}

static void draw_cluster(const struct screen *screen, const struct change *change, enum form form)
{
	struct sums sums = sum(change);

	draw_numbers(screen, change, &sums);
	end_line(screen);
	if (form == FORM_ROWS)
		draw_rows(screen, change, &sums);
	else if (form == FORM_MAP)
		draw_map(screen, change, &sums);
}

static void draw_headline(const struct screen *screen, uint32_t count, double interval, enum form form)
{
	static const char *const legends[] = {
		[FORM_ROWS] = "packets per second of each bucket",
		[FORM_MAP] = ". not local, ! dark, others local",
		[FORM_LINES] = "no room for buckets",
	};
	time_t now = time(NULL);
	char text[16];

	strftime(text, sizeof(text), "%H:%M:%S", localtime(&now));
	printf("%s, every %g s: %" PRIu32 " cluster IP%s; %s", text, interval, count, count == 1 ? "" : "s",
	       legends[form]);
	end_line(screen);
}

/* how many cluster IPs the last form has room for; if not for all, a line says so */
static uint32_t shown_of(const struct screen *screen, uint32_t count, enum form form)
{
	if (form != FORM_LINES || count + FRAME_ROWS <= screen->rows)
		return count;
	return screen->rows > FRAME_ROWS + 1 ? screen->rows - FRAME_ROWS - 1 : 0;
}

void draw_table(const struct screen *screen, const struct sample *now, const struct sample *before,
		double interval)
{
	uint32_t count = cip_list_count(now->list), shown;
	enum form form = choose_form(screen, now->list);
	struct change change;

	if (screen->live)
		fputs("\033[H", stdout);
	draw_headline(screen, count, interval, form);
	shown = shown_of(screen, count, form);
	for (uint32_t i = 0; i < shown; i++) {
		change = change_of(now, before, i);
		draw_cluster(screen, &change, form);
	}
	if (shown < count) {
		printf("and %" PRIu32 " more", count - shown);
		end_line(screen);
	}
	fputs(screen->live ? "\033[J" : "\n", stdout);
}
