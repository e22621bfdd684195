/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The cluster IPs of every namespace are the first ones of 198.18.0.0/15, the network for benchmarks. */
#define DEVICE	      "v1"
#define TOTAL_NODES   16
#define HASH_SEED     0x1234
#define LOCAL_BUCKETS "1-5"
#define LAST_LOCAL    5

/* One sentence on stderr, the text of errno behind it if that is not 0, and exit status 2. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

void *allocate(size_t count, size_t size);

/* Namespaces are called PREFIX-KIND-COUNT; a descriptor of one, for enter_netns() */
int open_netns(const char *prefix, const char *kind, uint32_t count);
void enter_netns(int fd);

/* Address of the cluster IP number index, from 0 on, in host byte order or as text. */
uint32_t cluster_address(uint32_t index);
void address_text(uint32_t address, char *text, size_t size);

double thread_ns(void);
double wall_us(void);

#endif
