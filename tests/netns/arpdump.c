/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arpdump NETNS
 *
 * Prints every ARP packet that any device of the namespace sends or receives, one line each, until it is killed:
 *
 *     request|reply SENDER-ADDRESS SENDER-MAC TARGET-ADDRESS from ETHERNET-SOURCE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/if_ether.h>
#include <stdio.h>
#include <sys/socket.h>

#include "tool.h"

static const char *mac(const uint8_t *byte, char text[18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", byte[0], byte[1], byte[2], byte[3], byte[4],
		 byte[5]);
	return text;
}

static void print_packet(const uint8_t *frame)
{
	const struct ether_arp *arp =
		(const struct ether_arp *)(const void *)(frame + sizeof(struct ether_header));
	char sender[INET_ADDRSTRLEN], target[INET_ADDRSTRLEN], hardware[18], source[18];

	inet_ntop(AF_INET, arp->arp_spa, sender, sizeof(sender));
	inet_ntop(AF_INET, arp->arp_tpa, target, sizeof(target));
	printf("%s %s %s %s from %s\n", ntohs(arp->arp_op) == ARPOP_REPLY ? "reply" : "request", sender,
	       mac(arp->arp_sha, hardware), target, mac(frame + 6, source));
}

/*
 * A socket for ARP alone would miss what a bridge hands from port to port: it sits behind the bridge. One for
 * everything sits before it, and the filter leaves only ARP.
 */
static int open_tap(const char *netns)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 128),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	static struct sock_fprog filter = { .len = ARRAY_SIZE(code), .filter = code };
	int fd = socket_in(netns, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		die("filter");
	return fd;
}

int main(int argc, char **argv)
{
	uint8_t frame[128];
	ssize_t size;
	int fd;

	errno = 0;
	if (argc != 2)
		die("usage: arpdump NETNS");
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open_tap(argv[1]);
	printf("ready\n");
	while ((size = recv(fd, frame, sizeof(frame), 0)) >= 0 || errno == EINTR)
		if (size >= (ssize_t)(sizeof(struct ether_header) + sizeof(struct ether_arp)))
			print_packet(frame);
	die("receive");
}
