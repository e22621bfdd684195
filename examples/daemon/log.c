/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cipd.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool to_journal, all;

/* systemd tells which stream is the journal's; the standard error may have been redirected since */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void log_open(bool verbose)
{
	to_journal = is_journal();
	all = verbose;
}

void say(int priority, const char *format, ...)
{
	char text[2 * LINE_SIZE];
	va_list args;

	if (priority > LOG_INFO && !all)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (to_journal)
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "cipd: %s\n", text);
}
