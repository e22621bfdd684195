/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_VALIDATE_H
#define CIP_VALIDATE_H

#include "cluster.h"

/* Does the value make sense as a whole? 0, or -EINVAL with a sentence in ctx, which need not be the value's own. */
int validate_cluster(struct cip_ctx *ctx, const struct cip_cluster *cluster);
/* Could a changing verb work on it? 0, or -EINVAL likewise (no address; a bucket above total). */
int validate_target(struct cip_ctx *ctx, const struct cip_cluster *cluster);

#endif
