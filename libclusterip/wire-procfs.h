/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_PROCFS_H
#define CIP_WIRE_PROCFS_H

#include "addr.h"
#include "bucketset.h"

/*
 * /proc/net/ipt_CLUSTERIP of the calling thread's network namespace: one file for each address that a rule is about,
 * with its local buckets. All return 0 or a negative errno.
 */
#define PROCFS_PATH_MAX 64

/* Is procfs mounted, and that of this process's PID namespace? */
int procfs_is_there(void);
/* Is the target there at all? Where it is not, there are no rules with it. */
int procfs_has_target(void);
/* Can there be a table "filter"? Reading one that is not there would make it. */
int procfs_has_filter(void);
void procfs_path(const struct addr *addr, char buf[PROCFS_PATH_MAX]);
/* -ENOENT: no rule is about it, -EACCES: the file belongs to another user, -EBADMSG: not a list of buckets */
int procfs_read(const struct addr *addr, struct bucketset *ret_buckets);
/* "1,3,5\n" or nothing; 0 or -EBADMSG */
int procfs_parse(const char *text, struct bucketset *ret_buckets);
/* A bucket becomes local, or no longer is. No error: it was so before. */
int procfs_set(const struct addr *addr, uint32_t bucket, int local);
/* Call back for every file. */
typedef int (*procfs_cb)(const struct addr *addr, void *data);
int procfs_each(procfs_cb cb, void *data);

#endif
