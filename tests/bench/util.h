/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>
#include <stdint.h>

#include "family.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define DEVICE	      "v1"
#define TOTAL_NODES   16
#define HASH_SEED     0x1234
#define LOCAL_BUCKETS "1-5"
#define LAST_LOCAL    5

/* One sentence on stderr, the text of errno behind it if that is not 0, and exit status 2. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

void *allocate(size_t count, size_t size);

/* Namespaces are called PREFIX-KIND-FAMILY-COUNT; a descriptor of one, for enter_netns() */
int open_netns(const char *prefix, const char *kind, enum family family, uint32_t count);
void enter_netns(int fd);

double thread_ns(void);
double wall_us(void);

#endif
