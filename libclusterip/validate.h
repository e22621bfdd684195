/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_VALIDATE_H
#define CIP_VALIDATE_H

#include "cluster.h"

/* Does the value make sense as a whole? 0 or -EINVAL. */
int validate_cluster(struct cip_cluster *cluster);
/* Could a changing verb work on it? 0, -EINVAL (no address; a bucket above total). */
int validate_target(struct cip_cluster *cluster);

#endif
