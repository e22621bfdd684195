/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CIP_WIRE_NETNS_H
#define CIP_WIRE_NETNS_H

/* The network namespace of the calling thread. A descriptor, or a negative errno. */
int netns_current(void);
/* The one that a socket is in. It takes CAP_NET_ADMIN there. */
int netns_of(int socket);
/*
 * Bring the thread into that namespace. *ret_back leads back; it is -1 where the thread was there already.
 * -EPERM: changing it takes CAP_SYS_ADMIN.
 */
int netns_enter(int netns, int *ret_back);
/* The same for the namespace that a socket is of. */
int netns_enter_of(int socket, int *ret_back);
void netns_leave(int back);
/* The same for a namespace that is kept; where none is yet, -1, the thread's is from now on, if it can be had. */
int netns_enter_kept(int *netns, int *ret_back);

#endif
