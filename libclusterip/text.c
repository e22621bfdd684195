/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "macro.h"
#include "text.h"

/* Leading bytes of characters, and what the second byte may be: the others are 80..bf (RFC 3629, 4). */
static const struct lead {
	unsigned char first, last, low, high;
	size_t len;
} leads[] = {
	{ 0x20, 0x7e, 0, 0, 1 },
	/* not c2 80..9f: to a terminal they are control characters, too */
	{ 0xc2, 0xc2, 0xa0, 0xbf, 2 },
	{ 0xc3, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	/* not ed a0..bf: halves of characters of UTF-16 */
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static int is_whole(const struct lead *lead, const unsigned char *at)
{
	size_t i;

	if (lead->len > 1 && (at[1] < lead->low || at[1] > lead->high))
		return 0;
	/* a final NUL is none of these, and ends the loop before what is behind it */
	for (i = 2; i < lead->len; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return 1;
}

/* Bytes of the character that begins here, 0 if none does. */
static size_t character(const unsigned char *at)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(leads); i++)
		if (*at >= leads[i].first && *at <= leads[i].last)
			return is_whole(&leads[i], at) ? leads[i].len : 0;
	return 0;
}

void text_clean(char *text)
{
	unsigned char *at = (unsigned char *)text;
	size_t len;

	while (*at) {
		len = character(at);
		if (!len)
			*at = '?';
		at += len ? len : 1;
	}
}
