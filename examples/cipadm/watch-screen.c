/* SPDX-License-Identifier: GPL-2.0-or-later */
/* the terminal, in the few words that all of today's understand */
#include "watch.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ROWS_DEFAULT	24
#define COLUMNS_DEFAULT 80

/* screen of its own, no cursor, no lines that wrap: a long line would move all that follow */
#define ENTER "\033[?1049h\033[?25l\033[?7l"
#define LEAVE "\033[?7h\033[?25h\033[?1049l"

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

void screen_find(struct screen *screen)
{
	screen->live = isatty(STDOUT_FILENO) && is_set("TERM") && strcmp(getenv("TERM"), "dumb");
	screen->colour = screen->live && !is_set("NO_COLOR");
	screen->unicode = screen->live && setlocale(LC_CTYPE, "") && !strcmp(nl_langinfo(CODESET), "UTF-8");
	screen_measure(screen);
}

void screen_measure(struct screen *screen)
{
	struct winsize size = { 0 };

	screen->rows = 0;
	screen->columns = COLUMNS_DEFAULT;
	if (!screen->live || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	screen->rows = size.ws_row ? size.ws_row : ROWS_DEFAULT;
	if (size.ws_col)
		screen->columns = size.ws_col;
}

void screen_enter(const struct screen *screen)
{
	if (screen->live)
		fputs(ENTER, stdout);
}

void screen_leave(const struct screen *screen)
{
	if (!screen->live)
		return;
	fputs(LEAVE, stdout);
	fflush(stdout);
}
