/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"

#define UNDO_TRIES    100
#define UNDO_FAILURES 8

void backend_wait(int tries)
{
	long us = 100L * (tries < 50 ? tries : 50) + getpid() % 64;
	struct timespec pause = { 0, us * 1000 };

	if (tries > 2)
		(void)nanosleep(&pause, NULL);
}

int backend_undo_again(struct undoing *undoing, int rc)
{
	if (rc >= 0)
		return 0;
	undoing->failures += rc != -ERESTART;
	if (++undoing->tries >= UNDO_TRIES || undoing->failures >= UNDO_FAILURES)
		return 0;
	backend_wait(undoing->tries);
	return 1;
}

uint32_t backend_next_generation(uint32_t generation)
{
	return generation == UINT32_MAX ? 1 : generation + 1;
}
