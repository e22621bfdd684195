/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOL_H
#define TOOL_H

#include <stddef.h>
#include <stdint.h>

/* What the test programs have in common: dying, time, numbers from arguments, sockets in other namespaces. */

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* One sentence on stderr, the text of errno behind it if that is not 0, and exit status 2. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

uint64_t now_us(void);
void sleep_us(uint64_t us);
uint32_t number(const char *text, uint32_t max);
uint32_t address(const char *text); /* network byte order */
uint32_t random_u32(uint64_t *state);

/* netns is a name below /run/netns; the socket stays there, the caller comes back */
int socket_in(const char *netns, int domain, int type, int protocol);
void enter_netns(const char *netns);
int device_index(int fd, const char *name);

/* The process runs on the first, second, ... of the CPUs it may use; nothing happens if there are too few. */
void run_on_cpu(unsigned int nth);

#endif
