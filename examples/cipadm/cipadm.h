/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIPADM_CIPADM_H
#define CIPADM_CIPADM_H

#include <stdbool.h>
#include <stdint.h>

#include <clusterip/clusterip.h>

/* what cip_cluster_format() and cip_plan_format() never exceed */
#define LINE_SIZE 4352

enum status {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1,
	STATUS_USAGE = 2,
	STATUS_NO_CLUSTER = 3,
	STATUS_NOT_PERMITTED = 4,
};

struct app;

struct command {
	const char *name;
	/* gets the words after the verb; returns an exit status, or a negative errno after fail() */
	int (*run)(struct app *app, int argc, char **argv);
	const char *usage;
	const char *help;
};

/* how results are written; each returns 0, or a negative errno after fail() */
struct output {
	int (*clusters)(struct app *app, struct cip_list *list);
	int (*plan)(struct app *app);
	int (*faults)(struct app *app, struct cip_report *report, uint32_t clusters);
	int (*bucket)(struct app *app, uint32_t bucket);
	int (*owner)(struct app *app, uint32_t bucket, bool local);
	int (*address)(struct app *app, const char *address);
};

struct failure {
	int err;	   /* negative errno, 0 while all is well */
	int status;	   /* exit status, where the errno does not tell it */
	const char *field; /* the word at fault, or NULL */
	char text[2 * LINE_SIZE];
};

struct app {
	bool json, dry_run, quiet, stats, help, version;
	int verbose;
	double watch; /* seconds from one look to the next; 0: one look */
	const char *netns;
	const char *backend;
	const char *announce; /* a number, or NULL */
	const struct output *out;
	const struct command *command;
	struct cip_ctx *ctx;
	struct failure failure;
};

extern const struct command commands[]; /* ends with a command without a name */
extern const struct output text_output;
extern const struct output json_output;

/* options.c: reads the options before the verb; returns the index of the verb, or a negative errno */
int read_options(struct app *app, int argc, char **argv);

/* help.c */
const struct command *find_command(const char *name);
void print_help(void);
void print_command_help(const struct command *command);

/* failure.c: each notes a failure and returns the negative errno that it was given */
int fail(struct app *app, int err, const char *field, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int fail_cip(struct app *app, int err);
int fail_open(struct app *app, int err, const char *kind, const char *name);
const char *cip_error_field(struct app *app);
const char *cip_error_text(struct app *app, int err);
int report_failure(struct app *app);

/* out-json.c; the text as JSON, made UTF-8, or NULL */
struct json_t *text_value(const char *text);
void json_failure(struct app *app, int status);

/* cmd-announce.c: returns 0, or a negative errno after fail() */
int set_announce(struct app *app);

/* cmd-read.c: all, or a list of one; each returns 0, or a negative errno after fail() */
int read_clusters(struct app *app, const char *address, const char *ifname, struct cip_list **ret_list);

/* cmd-watch.c: what follows --watch, and what it does; a signal ends that */
int read_watch(struct app *app, const char *word);
int watch_clusters(struct app *app, const char *address, const char *ifname);

/* the verbs */
int cmd_announce(struct app *app, int argc, char **argv);
int cmd_create(struct app *app, int argc, char **argv);
int cmd_destroy(struct app *app, int argc, char **argv);
int cmd_set(struct app *app, int argc, char **argv);
int cmd_bucket(struct app *app, int argc, char **argv);
int cmd_get(struct app *app, int argc, char **argv);
int cmd_show(struct app *app, int argc, char **argv);
int cmd_metrics(struct app *app, int argc, char **argv);
int cmd_check(struct app *app, int argc, char **argv);
int cmd_apply(struct app *app, int argc, char **argv);
int cmd_restore(struct app *app, int argc, char **argv);
int cmd_dump(struct app *app, int argc, char **argv);
int cmd_import(struct app *app, int argc, char **argv);
int cmd_migrate(struct app *app, int argc, char **argv);
int cmd_hash(struct app *app, int argc, char **argv);
int cmd_owner(struct app *app, int argc, char **argv);
int cmd_keepalived_config(struct app *app, int argc, char **argv);
int cmd_address(struct app *app, int argc, char **argv);
int cmd_help(struct app *app, int argc, char **argv);

#endif
