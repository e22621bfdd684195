/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ASK_H
#define ASK_H

#include <netinet/in.h>
#include <stdint.h>

#define CLIENTS_MAX 1000
#define NAME_SIZE   16
#define TIMEOUT_US  1000000

struct asked {
	struct sockaddr_in target;
	uint32_t first; /* client's address, host byte order */
	uint32_t count, size;
};

extern struct asked asked;

void client_text(uint32_t client, char *text); /* text has INET_ADDRSTRLEN bytes */

int ask_tcp(void);
int ask_udp(void);
int ask_stream(int trace);

#endif
