/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

/*
 * glibc's own, and AddressSanitizer's where it is there: what they give is freed by the other's free(). dlsym() would be
 * the way to ask for either, but it allocates itself.
 */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);
void *__interceptor_malloc(size_t size) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
void *__interceptor_realloc(void *old, size_t size) __attribute__((weak));
void __interceptor_free(void *old) __attribute__((weak));

static long live;
static int uncounted;

long alloc_live(void)
{
	return live;
}

void alloc_uncounted(int on)
{
	uncounted = on;
}

static int refused(void)
{
	if (inject_now(ALLOC) == NO_FAULT)
		return 0;
	errno = ENOMEM;
	return 1;
}

static void *counted(void *data)
{
	live += data && !uncounted;
	return data;
}

void *malloc(size_t size)
{
	if (refused())
		return NULL;
	return counted(__interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
	if (refused())
		return NULL;
	return counted(__interceptor_calloc ? __interceptor_calloc(count, size) : __libc_calloc(count, size));
}

void *realloc(void *old, size_t size)
{
	void *data;

	if (refused())
		return NULL;
	data = __interceptor_realloc ? __interceptor_realloc(old, size) : __libc_realloc(old, size);
	return old ? data : counted(data);
}

void free(void *old)
{
	live -= old && !uncounted;
	if (__interceptor_free)
		__interceptor_free(old);
	else
		__libc_free(old);
}

/* AddressSanitizer's would not come by here. */
char *strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy = malloc(len + 1);

	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return copy;
}

char *strdup(const char *text)
{
	return strndup(text, SIZE_MAX);
}
