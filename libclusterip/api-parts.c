/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "api-parts.h"
#include "error.h"

void reasons_add(struct reasons *reasons, const struct backend *backend, const char *sentence)
{
	size_t left = sizeof(reasons->text) - reasons->len;
	int len = snprintf(reasons->text + reasons->len, left, "%s%s: %s", reasons->len ? "; " : "",
			   backend->name, sentence);

	reasons->count++;
	reasons->len += (size_t)len < left ? (size_t)len : left - 1;
}

/* Open all; those that the kernel has nothing of are left out. */
static int open_all(struct cip_ctx *ctx, struct parts *parts)
{
	const struct backend *backend;
	struct kept_error kept;
	size_t i;
	int rc;

	kept_error_save(ctx, &kept);
	for (i = 0; (backend = backend_at(i)); i++) {
		rc = backend_open(ctx, backend, &parts->items[parts->count].opened);
		if (rc == 0)
			parts->count++;
		else if (rc != -EOPNOTSUPP)
			return rc;
		else
			reasons_add(&parts->missing, backend, ctx->error);
	}
	if (!parts->count)
		return cip_error(ctx, -EOPNOTSUPP, CIP_ATTR_BACKEND, "%s", parts->missing.text);
	kept_error_restore(ctx, &kept);
	return 0;
}

static int open_named(struct cip_ctx *ctx, const char *name, struct parts *parts)
{
	size_t i = 0;

	while (strcmp(backend_at(i)->name, name))
		i++;
	parts->count = 1;
	return backend_open(ctx, backend_at(i), &parts->items[0].opened);
}

int parts_open(struct cip_ctx *ctx, const char *name, struct parts *ret_parts)
{
	struct parts parts = { 0 };
	int rc = strcmp(name, "auto") ? open_named(ctx, name, &parts) : open_all(ctx, &parts);

	if (rc == 0)
		*ret_parts = parts;
	return rc;
}

int parts_read(struct cip_ctx *ctx, struct parts *parts, const struct addr *only, uint32_t flags)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < parts->count; i++) {
		struct opened *opened = &parts->items[i].opened;

		rc = opened->backend->query(ctx, opened->priv, only, flags, &parts->items[i].snapshot);
	}
	return rc;
}

void parts_drop(struct parts *parts)
{
	uint32_t i;

	for (i = 0; i < parts->count; i++) {
		snapshot_clear(&parts->items[i].snapshot);
		parts->items[i].faults = report_unref(parts->items[i].faults);
		parts->items[i].plan = plan_free(parts->items[i].plan);
	}
}

void parts_clear(struct parts *parts)
{
	uint32_t i;

	parts_drop(parts);
	for (i = 0; i < parts->count; i++) {
		const struct opened *opened = &parts->items[i].opened;

		plan_free(parts->items[i].done);
		if (opened->backend->rest)
			opened->backend->rest(opened->priv);
	}
	parts->count = 0;
}

struct cip_cluster *part_find(const struct part *part, const struct addr *addr)
{
	struct cip_cluster *have = list_find_sorted(part->snapshot.list, addr);

	return have && have->observed.recorded ? have : NULL;
}

int parts_elsewhere(struct cip_ctx *ctx, const struct parts *parts, const struct part *but,
		    struct cip_list **ret_list)
{
	struct cip_list *list;
	uint32_t i;
	int rc;

	rc = list_new(ctx, &list);
	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < parts->count; i++)
		if (&parts->items[i] != but && parts->items[i].snapshot.list)
			rc = list_merge(list, parts->items[i].snapshot.list);
	if (rc < 0)
		list_unref(list);
	else
		*ret_list = list;
	return rc;
}

static int has(struct cip_ctx *ctx, const struct backend *backend, const struct addr *addr)
{
	struct part part = { 0 };
	int rc;

	rc = backend_open(ctx, backend, &part.opened);
	if (rc == 0)
		rc = backend->query(ctx, part.opened.priv, addr, 0, &part.snapshot);
	rc = rc == 0 && part_find(&part, addr);
	snapshot_clear(&part.snapshot);
	return rc;
}

const char *parts_other_home(struct cip_ctx *ctx, const struct parts *parts, const struct addr *addr)
{
	const struct backend *backend;
	const char *name = NULL;
	struct kept_error kept;
	size_t i;
	uint32_t j;

	kept_error_save(ctx, &kept);
	for (i = 0; !name && (backend = backend_at(i)); i++) {
		for (j = 0; j < parts->count && parts->items[j].opened.backend != backend; j++)
			;
		if (j == parts->count && has(ctx, backend, addr))
			name = backend->name;
	}
	kept_error_restore(ctx, &kept);
	return name;
}
