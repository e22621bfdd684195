/* SPDX-License-Identifier: GPL-2.0-or-later */
/* when to look: at once after an event, but never more than for a share of the time */
#include "cipd.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

/* After a look there is a rest of so many times what it took of the CPU: in a storm of changes most of it stays free. */
#define REST_FACTOR 4
#define REST_MIN_US 1000
/* until what cannot be had is tried again, from the first time to the longest */
#define BACKOFF_MIN_US UINT64_C(100000)
#define BACKOFF_MAX_US UINT64_C(60000000)

struct loop {
	struct keeper *keeper;
	sd_event *event;
	sd_event_source *news;
	bool renewed;				   /* the monitor, which has heard nothing since */
	sd_event_source *pause, *again, *interval; /* timers */
	uint64_t not_before, backoff, interval_us;
	char status[TEXT_SIZE];
};

/*
 * sd-event switches off a source whose handler has failed, and goes on without it: then cipd would be alive and do
 * nothing. So the loop ends, and the service manager begins anew.
 */
static int end_on_failure(struct loop *loop, int err)
{
	return err < 0 ? sd_event_exit(loop->event, err) : 0;
}

void tell_alive(void)
{
	if (sd_watchdog_enabled(0, NULL) > 0)
		sd_notify(0, "WATCHDOG=1");
}

static uint64_t clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static uint64_t now_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

static int arm(sd_event_source *timer, uint64_t when)
{
	int err = sd_event_source_set_time(timer, when);

	return err < 0 ? err : sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static void notify_status(struct loop *loop)
{
	const struct keeper *keeper = loop->keeper;
	size_t count = keeper->entries.count;
	char status[TEXT_SIZE];

	if (*keeper->complaint)
		snprintf(status, sizeof(status), "STATUS=%.400s", keeper->complaint);
	else
		snprintf(status, sizeof(status),
			 "STATUS=%zu of %zu cluster IPs in place, put back %" PRIu64 " times",
			 count - count_failed(keeper), count, keeper->steps);
	if (!strcmp(status, loop->status))
		return;
	snprintf(loop->status, sizeof(loop->status), "%s", status);
	sd_notify(0, status);
}

static int plan_retry(struct loop *loop, bool good)
{
	if (good) {
		loop->backoff = 0;
		return sd_event_source_set_enabled(loop->again, SD_EVENT_OFF);
	}
	loop->backoff = loop->backoff ? loop->backoff * 2 : BACKOFF_MIN_US;
	if (loop->backoff > BACKOFF_MAX_US)
		loop->backoff = BACKOFF_MAX_US;
	return arm(loop->again, now_us() + loop->backoff);
}

/* ------------------------------------------------------------------ listening */

static int on_news(sd_event_source *source, int fd, uint32_t events, void *data);

static int start_listening(struct loop *loop)
{
	struct keeper *keeper = loop->keeper;
	int err = cip_monitor_new(keeper->ctx, &keeper->monitor);

	if (err < 0) {
		say(LOG_ERR, "%s", cip_get_error(keeper->ctx));
		return err;
	}
	return sd_event_add_io(loop->event, &loop->news, cip_monitor_get_fd(keeper->monitor), EPOLLIN, on_news,
			       loop);
}

static void stop_listening(struct loop *loop)
{
	loop->news = sd_event_source_disable_unref(loop->news);
	loop->keeper->monitor = cip_monitor_unref(loop->keeper->monitor);
}

/*
 * What could not be read may have been anything, so there is another look, with a new monitor. Only if that one is
 * deaf, too, does cipd end: it would forget the buckets that it has seen.
 */
static int check_hearing(struct loop *loop)
{
	if (!loop->keeper->deaf) {
		loop->renewed = false;
		return 0;
	}
	if (loop->renewed)
		return -ENOTCONN;
	loop->renewed = true;
	loop->keeper->news = true;
	stop_listening(loop);
	return start_listening(loop);
}

/* ------------------------------------------------------------------ looking */

static int look_now(struct loop *loop)
{
	uint64_t start = clock_us(CLOCK_PROCESS_CPUTIME_ID), rest;
	bool well = !*loop->keeper->complaint, good = look(loop->keeper);
	int err;

	rest = (clock_us(CLOCK_PROCESS_CPUTIME_ID) - start) * REST_FACTOR;
	loop->not_before = now_us() + (rest > REST_MIN_US ? rest : REST_MIN_US);
	notify_status(loop);
	/* what keeps all lines from being looked after does not wait as long as a line that has failed for days */
	if (well && *loop->keeper->complaint)
		loop->backoff = 0;
	err = plan_retry(loop, good);
	if (err >= 0)
		err = check_hearing(loop);
	return err < 0 || !loop->keeper->news ? err : arm(loop->pause, loop->not_before);
}

static int look_soon(struct loop *loop)
{
	return now_us() >= loop->not_before ? look_now(loop) : arm(loop->pause, loop->not_before);
}

static int on_pause(sd_event_source *timer, uint64_t when, void *data)
{
	(void)timer;
	(void)when;
	return end_on_failure(data, look_now(data));
}

static int on_again(sd_event_source *timer, uint64_t when, void *data)
{
	struct loop *loop = data;

	(void)timer;
	(void)when;
	loop->keeper->retry = true;
	return end_on_failure(loop, look_soon(loop));
}

static int on_interval(sd_event_source *timer, uint64_t when, void *data)
{
	struct loop *loop = data;
	int err = look_soon(loop);

	(void)when;
	if (err >= 0)
		err = arm(timer, now_us() + loop->interval_us);
	return end_on_failure(loop, err);
}

/* ------------------------------------------------------------------ events */

/* All that is there, for one look. */
static int on_news(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct loop *loop = data;
	int err;

	(void)source;
	(void)fd;
	(void)events;
	read_news(loop->keeper, false);
	err = check_hearing(loop);
	if (err >= 0 && loop->keeper->news)
		err = look_soon(loop);
	return end_on_failure(loop, err);
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
	struct loop *loop = data;
	int err = 0;

	(void)source;
	(void)info;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_us());
	if (load(loop->keeper)) {
		say(LOG_INFO, "%s: %zu cluster IPs", loop->keeper->path, loop->keeper->entries.count);
		err = look_now(loop);
	} else {
		say(LOG_WARNING, "what the file had before stays in force");
	}
	sd_notify(0, "READY=1");
	return end_on_failure(loop, err);
}

/* ------------------------------------------------------------------ the loop */

static int add_timer(struct loop *loop, sd_event_source **ret_timer, sd_event_time_handler_t handler)
{
	/* accuracy: the default of a quarter of a second would be the time without rules */
	int err = sd_event_add_time(loop->event, ret_timer, CLOCK_MONOTONIC, 0, 1, handler, loop);

	return err < 0 ? err : sd_event_source_set_enabled(*ret_timer, SD_EVENT_OFF);
}

static int add_timers(struct loop *loop)
{
	int err = add_timer(loop, &loop->pause, on_pause);

	if (err >= 0)
		err = add_timer(loop, &loop->again, on_again);
	if (err >= 0)
		err = add_timer(loop, &loop->interval, on_interval);
	if (err >= 0 && loop->interval_us)
		err = arm(loop->interval, now_us() + loop->interval_us);
	return err;
}

static int add_signals(struct loop *loop)
{
	sigset_t set;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	err = sd_event_add_signal(loop->event, NULL, SIGHUP, on_hangup, loop);
	/* without a handler they end the loop with 0 */
	if (err >= 0)
		err = sd_event_add_signal(loop->event, NULL, SIGTERM, NULL, NULL);
	return err < 0 ? err : sd_event_add_signal(loop->event, NULL, SIGINT, NULL, NULL);
}

static int prepare(struct loop *loop)
{
	int err = sd_event_new(&loop->event);

	if (err >= 0)
		err = sd_event_set_watchdog(loop->event, 1);
	if (err >= 0)
		err = add_signals(loop);
	if (err >= 0)
		err = add_timers(loop);
	/* before the first look, so that nothing is missed behind it */
	return err < 0 ? err : start_listening(loop);
}

static int run(struct loop *loop)
{
	int err = prepare(loop);

	if (err >= 0)
		err = look_now(loop);
	if (err >= 0) {
		sd_notify(0, "READY=1");
		err = sd_event_loop(loop->event);
	}
	if (err < 0)
		say(LOG_ERR, "cannot go on: %s", strerror(-err));
	stop_listening(loop);
	sd_event_source_unref(loop->pause);
	sd_event_source_unref(loop->again);
	sd_event_source_unref(loop->interval);
	sd_event_unref(loop->event);
	return err < 0 ? 1 : 0;
}

int run_loop(struct keeper *keeper, uint32_t interval)
{
	struct loop loop = { .keeper = keeper, .interval_us = (uint64_t)interval * 1000000 };

	return run(&loop);
}
