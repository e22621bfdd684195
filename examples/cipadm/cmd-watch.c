/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show --watch: looks again and again, until a signal */
#include "args.h"
#include "watch.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INTERVAL_DEFAULT 1.0
#define INTERVAL_MIN	 0.1
#define INTERVAL_MAX	 3600.0

struct watch {
	struct app *app;
	const char *address, *ifname;
	struct screen screen;
	sigset_t signals; /* what the terminal has to be put right for */
	struct sample now, before;
};

int read_watch(struct app *app, const char *word)
{
	char *end;

	app->watch = INTERVAL_DEFAULT;
	if (!*word)
		return 0;
	app->watch = strtod(word + 1, &end);
	/* strtod() alone would take signs, blanks, exponents and names */
	if (word[1] && strspn(word + 1, "0123456789.") == strlen(word + 1) && !*end &&
	    app->watch >= INTERVAL_MIN && app->watch <= INTERVAL_MAX)
		return 0;
	return fail(app, -EINVAL, "watch", "show: --watch%s: seconds must be %g..%g", word, INTERVAL_MIN,
		    INTERVAL_MAX);
}

static double clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* a cluster IP that was there may go and come back */
static int look(struct watch *watch, struct cip_list **ret_list)
{
	int err;

	err = read_clusters(watch->app, watch->address, watch->ifname, ret_list);
	if (err != -ENOENT || !watch->now.list)
		return err;
	err = cip_list_new(watch->app->ctx, ret_list);
	return err ? fail_cip(watch->app, err) : 0;
}

static int take_sample(struct watch *watch)
{
	struct cip_list *list;
	int err;

	err = look(watch, &list);
	if (err)
		return err;
	cip_list_unref(watch->before.list);
	watch->before = watch->now;
	watch->now = (struct sample){ .list = list, .seconds = clock_now() };
	return 0;
}

static int draw(struct watch *watch)
{
	int err = 0;

	if (watch->app->json)
		err = watch->app->out->clusters(watch->app, watch->now.list);
	else
		draw_table(&watch->screen, &watch->now, &watch->before, watch->app->watch);
	if (!err && (fflush(stdout) || ferror(stdout)))
		err = fail(watch->app, -EIO, NULL, "cannot write to the standard output");
	return err;
}

static void find_signals(struct watch *watch)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };

	sigemptyset(&watch->signals);
	for (size_t i = 0; watch->screen.live && i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&watch->signals, signals[i]);
	sigprocmask(SIG_BLOCK, &watch->signals, NULL);
}

/* ctrl-Z: the shell gets its terminal as it was */
static void stop(struct watch *watch)
{
	screen_leave(&watch->screen);
	raise(SIGSTOP);
	screen_enter(&watch->screen);
}

/* returns the signal that came before a moment, or 0 */
static int wait_until(struct watch *watch, double moment)
{
	struct timespec time;
	double left, seconds;
	int signal;

	left = fmax(moment - clock_now(), 0);
	time.tv_nsec = (long)(modf(left, &seconds) * 1e9);
	time.tv_sec = (time_t)seconds;
	signal = sigtimedwait(&watch->signals, NULL, &time);
	if (signal < 0)
		return errno == EINTR ? wait_until(watch, moment) : 0;
	return signal;
}

/* returns 0 when it is time to look again, a signal that ends it, or a negative errno after fail() */
static int wait_and_redraw(struct watch *watch, double moment)
{
	int signal, err;

	while ((signal = wait_until(watch, moment))) {
		if (signal != SIGWINCH && signal != SIGTSTP)
			return signal;
		if (signal == SIGTSTP)
			stop(watch);
		screen_measure(&watch->screen);
		err = draw(watch);
		if (err)
			return err;
	}
	return 0;
}

static int run_watch(struct watch *watch)
{
	double moment = clock_now();
	int ret;

	do {
		ret = take_sample(watch);
		if (!ret)
			ret = draw(watch);
		moment = fmax(moment + watch->app->watch, clock_now());
		if (!ret)
			ret = wait_and_redraw(watch, moment);
	} while (!ret);
	return ret;
}

/* who started this shall see that a signal has ended it */
static void die(struct watch *watch, int signal)
{
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &watch->signals, NULL);
}

int watch_clusters(struct app *app, const char *address, const char *ifname)
{
	struct watch watch = { .app = app, .address = address, .ifname = ifname };
	int ret;

	if (!app->json)
		screen_find(&watch.screen);
	find_signals(&watch);
	screen_enter(&watch.screen);
	ret = run_watch(&watch);
	screen_leave(&watch.screen);
	cip_list_unref(watch.now.list);
	cip_list_unref(watch.before.list);
	if (ret > 0)
		die(&watch, ret);
	return ret;
}
