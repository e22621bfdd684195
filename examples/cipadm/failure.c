/* SPDX-License-Identifier: GPL-2.0-or-later */
/* what went wrong, and the exit status that says so */
#include "cipadm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct app *app, int err, const char *field, const char *format, ...)
{
	va_list args;

	app->failure.err = err;
	app->failure.status = 0;
	app->failure.field = field;
	va_start(args, format);
	vsnprintf(app->failure.text, sizeof(app->failure.text), format, args);
	va_end(args);
	return err;
}

const char *cip_error_field(struct app *app)
{
	uint32_t attr;

	attr = cip_get_error_attr(app->ctx);
	return attr == CIP_ATTR_NONE ? NULL : cip_attr_get_name(attr);
}

const char *cip_error_text(struct app *app, int err)
{
	const char *text;

	text = cip_get_error(app->ctx);
	return *text ? text : strerror(-err);
}

int fail_cip(struct app *app, int err)
{
	return fail(app, err, cip_error_field(app), "%s", cip_error_text(app, err));
}

int fail_open(struct app *app, int err, const char *kind, const char *name)
{
	fail(app, err, NULL, "%s \"%s\": %s", kind, name, strerror(-err));
	/* a name that does not exist is bad input; -ENOENT by itself would say "no such cluster IP" */
	if (err == -ENOENT)
		app->failure.status = STATUS_USAGE;
	return err;
}

static int status_of(int err)
{
	switch (err) {
	case -EINVAL:
	case -ENODEV:
		return STATUS_USAGE;
	case -ENOENT:
		return STATUS_NO_CLUSTER;
	case -EPERM:
	case -EACCES:
		return STATUS_NOT_PERMITTED;
	default:
		return STATUS_REFUSED;
	}
}

int report_failure(struct app *app)
{
	int status;

	status = app->failure.status ? app->failure.status : status_of(app->failure.err);
	fprintf(stderr, "cipadm: %s\n", app->failure.text);
	if (app->json)
		json_failure(app, status);
	return status;
}
