/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "error.h"
#include "target-view.h"

static int fill(struct cip_ctx *ctx, const struct view *view, struct cip_list *list)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < view->count; i++) {
		if (view->items[i].local_rc < 0)
			return view_local_failed(ctx, &view->items[i]);
		rc = list_append(list, view->items[i].cluster);
	}
	list_sort(list);
	return rc;
}

int target_query(struct cip_ctx *ctx, struct target_priv *priv, const struct addr *only,
		 struct snapshot *ret_snapshot)
{
	struct cip_list *list = NULL;
	struct view view = { 0 };
	int rc;

	rc = list_new(NULL, &list);
	if (rc == 0)
		rc = view_read(ctx, priv, only, &view);
	if (rc == 0)
		rc = fill(ctx, &view, list);
	view_clear(&view);
	if (rc < 0) {
		list_unref(list);
		return rc == -ENOMEM ? cip_error_nomem(ctx) : rc;
	}
	memset(ret_snapshot, 0, sizeof(*ret_snapshot));
	ret_snapshot->list = list;
	return 0;
}
