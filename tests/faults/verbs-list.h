/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VERBS_LIST_H
#define VERBS_LIST_H

#include "inject.h"
#include "verbs.h"

#define VERB(name) int verb_##name(struct cip_ctx *ctx, const struct scenario *scenario)

VERB(new);
VERB(parse);
VERB(list);
VERB(import);
VERB(query);
VERB(query_one);
VERB(announce);
VERB(create);
VERB(modify);
VERB(destroy);
VERB(add);
VERB(remove);
VERB(set);
VERB(hash_mode);
VERB(total);
VERB(seed);
VERB(apply);
VERB(migrate);
VERB(monitor);

#endif
