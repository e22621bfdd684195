/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_API_ANNOUNCE_H
#define CIP_API_ANNOUNCE_H

#include "api-parts.h"

/* Announce what the parts have created. That it may fail does not concern the verb. */
void announce_created(struct cip_ctx *ctx, const struct parts *parts);

#endif
