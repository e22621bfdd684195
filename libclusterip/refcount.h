/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_REFCOUNT_H
#define CIP_REFCOUNT_H

#include <stdatomic.h>

/*
 * How many hold an object. A garbage collector drops what it likes in whatever thread it runs in, while another thread
 * uses the context: so counts are atomic, where nothing else is.
 */
struct refcount {
	atomic_uint holders;
};

static inline void refcount_init(struct refcount *count)
{
	atomic_init(&count->holders, 1);
}

static inline void refcount_take(struct refcount *count)
{
	atomic_fetch_add_explicit(&count->holders, 1, memory_order_relaxed);
}

/* Was it the last one? Then all that other threads did to the object before they dropped theirs is seen here. */
static inline int refcount_drop(struct refcount *count)
{
	return atomic_fetch_sub_explicit(&count->holders, 1, memory_order_acq_rel) == 1;
}

#endif
