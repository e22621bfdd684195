/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPD_CIPD_H
#define CIPD_CIPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <syslog.h>

#include <clusterip/clusterip.h>

/* what cip_plan_format() never exceeds */
#define LINE_SIZE 4352
#define TEXT_SIZE 512

/* a line of the file: a cluster IP as it has to be */
struct entry {
	struct cip_cluster *cluster;
	uint32_t line;
	char address[46], ifname[16];
	bool followed;		  /* the line has no buckets: they are what others made of them */
	struct cip_cluster *seen; /* followed: as the kernel had it when it was last in order */
	bool in_order;		  /* followed: it was so at this look */
	bool failed;		  /* cannot be had now, and must not keep the others from it */
	bool anew;		  /* was made anew at this look */
	char complaint[TEXT_SIZE];
};

struct entries {
	struct entry *items;
	size_t count;
};

/* what others did since the last look; told when it turns out to have done damage */
#define CAUSES_MAX 4
struct causes {
	char texts[CAUSES_MAX][TEXT_SIZE];
	unsigned int count; /* may be more than are kept */
};

struct options {
	const char *path, *netns, *backend;
	uint32_t interval; /* seconds; 0: never */
	bool verbose;
};

struct keeper {
	const char *path;
	struct cip_ctx *ctx;
	struct cip_monitor *monitor;
	struct entries entries;
	struct causes causes;
	bool news;  /* there were some since the last look began, and there has to be another */
	bool retry; /* that one is to try again what has failed */
	bool started;
	bool deaf;		   /* the monitor could not be read when that was last tried */
	uint64_t steps;		   /* put back since the start */
	char complaint[TEXT_SIZE]; /* about what is no line's fault */
};

/* options.c: returns false after having said what is wrong, or having printed what was asked for; *ret_status then */
bool read_options(struct options *options, int argc, char **argv, int *ret_status);
bool enter_netns(const char *name);

/* log.c: one line on the standard error, with syslog's priority before it where that is the journal */
void log_open(bool verbose);
void say(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* file.c: reads the file anew; says what is wrong with it, and then leaves the entries as they were */
bool load(struct keeper *keeper);
void free_entries(struct entries *entries);
struct entry *find_entry(const struct entries *entries, const char *address);

/* keep.c */
/* Puts back what is missing. False: something cannot be had now, and has to be tried again. */
bool look(struct keeper *keeper);
size_t count_failed(const struct keeper *keeper);

/* follow.c: remembers the buckets of those that are followed and in order, and asks for what was remembered */
int follow(struct keeper *keeper);

/*
 * news.c: all that the kernel tells of; the causes are added to. applied: of devices it may be what was done just now, and
 * no cause of it. If it cannot be read that is said, and noted in the keeper.
 */
void read_news(struct keeper *keeper, bool applied);

/* causes.c */
void add_cause(struct causes *causes, const char *text);
void tell_causes(struct causes *causes);

/* loop.c */
/* Tells the service manager, in the middle of a long look. */
void tell_alive(void);
/* until a signal; returns the exit status */
int run_loop(struct keeper *keeper, uint32_t interval);

#endif
