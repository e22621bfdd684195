/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask tcp TARGET PORT FIRST COUNT           one connection from each of COUNT addresses, FIRST and following
 * ask udp TARGET PORT FIRST COUNT [SIZE]    one datagram from each, of so many bytes
 * ask stream TARGET PORT FIRST COUNT        a datagram every millisecond, from each in turn, until SIGTERM
 * ask trace TARGET PORT FIRST COUNT         the same, with what became of which
 *
 * "tcp" and "udp" print "CLIENT NAME" for each client, "CLIENT -" without an answer, "CLIENT NAME NAME" if two
 * nodes answered. "stream" prints at the end
 *
 *     sent N answered N lost N doubled N
 *     NAME N             for each node, the number of its answers
 *
 * and "trace" behind it, with the time of sending in microseconds since 1970,
 *
 *     lost CLIENT TIME         or "doubled", for each of these
 *     client CLIENT NAME...    for each client, the nodes that answered it
 *
 * A datagram is sent once. Lost are those that have no answer a second after the last one was sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "ask.h"
#include "tool.h"

struct asked asked;

void client_text(uint32_t client, char *text)
{
	struct in_addr in = { .s_addr = htonl(asked.first + client) };

	inet_ntop(AF_INET, &in, text, INET_ADDRSTRLEN);
}

int main(int argc, char **argv)
{
	errno = 0;
	if (argc < 6 || argc > 7)
		die("usage: ask tcp|udp|stream|trace TARGET PORT FIRST COUNT [SIZE]");
	asked.target.sin_family = AF_INET;
	asked.target.sin_addr.s_addr = address(argv[2]);
	asked.target.sin_port = htons((uint16_t)number(argv[3], 65535));
	asked.first = ntohl(address(argv[4]));
	asked.count = number(argv[5], CLIENTS_MAX);
	asked.size = argc == 7 ? number(argv[6], 65000) : 0;
	if (!strcmp(argv[1], "tcp"))
		return ask_tcp();
	if (!strcmp(argv[1], "udp"))
		return ask_udp();
	if (!strcmp(argv[1], "stream"))
		return ask_stream(0);
	if (!strcmp(argv[1], "trace"))
		return ask_stream(1);
	die("'%s' is none of tcp, udp, stream, trace", argv[1]);
}
