/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <clusterip/clusterip.h>

#include "addr.h"

int addr_parse(const char *text, struct addr *ret_addr)
{
	struct addr addr = { 0 };

	if (inet_pton(AF_INET, text, addr.bytes) == 1)
		addr.family = 4;
	else if (inet_pton(AF_INET6, text, addr.bytes) == 1)
		addr.family = 6;
	else
		return -EINVAL;
	*ret_addr = addr;
	return 0;
}

static char *put_octet(char *to, uint8_t octet)
{
	if (octet >= 100)
		*to++ = (char)('0' + octet / 100);
	if (octet >= 10)
		*to++ = (char)('0' + octet / 10 % 10);
	*to++ = (char)('0' + octet % 10);
	return to;
}

/* IPv4 by hand: every move of a bucket writes the address, and inet_ntop() goes through printf. */
static void format_ipv4(const uint8_t bytes[4], char *to)
{
	int i;

	for (i = 0; i < 4; i++) {
		to = put_octet(to, bytes[i]);
		*to++ = i < 3 ? '.' : '\0';
	}
}

void addr_format(const struct addr *addr, char buf[ADDR_TEXT_MAX])
{
	if (addr->family == 4)
		format_ipv4(addr->bytes, buf);
	else if (!inet_ntop(AF_INET6, addr->bytes, buf, ADDR_TEXT_MAX))
		buf[0] = '\0';
}

int addr_compare(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

size_t addr_len(const struct addr *addr)
{
	return addr->family == 6 ? 16 : 4;
}

uint32_t addr_bits(const struct addr *addr)
{
	return addr->family == 6 ? 128 : 32;
}

void addr_mask(struct addr *addr, uint32_t bits)
{
	size_t i;

	for (i = 0; i < addr_len(addr); i++, bits -= bits < 8 ? bits : 8)
		if (bits < 8)
			addr->bytes[i] &= (uint8_t) ~(0xffu >> bits);
}

int addr_is_unicast(const struct addr *addr)
{
	static const uint8_t unspecified[16], loopback6[16] = { [15] = 1 };

	if (addr->family == 4)
		return addr->bytes[0] != 0 && addr->bytes[0] != 127 && addr->bytes[0] < 224;
	return addr->bytes[0] != 0xff && memcmp(addr->bytes, unspecified, 16) &&
	       memcmp(addr->bytes, loopback6, 16);
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int mac_parse(const char *text, uint8_t ret_mac[6])
{
	uint8_t mac[6];
	int i, hi, lo;

	if (strlen(text) != 17)
		return -EINVAL;
	for (i = 0; i < 6; i++, text += 3) {
		hi = hex_digit(text[0]);
		lo = hex_digit(text[1]);
		if (hi < 0 || lo < 0 || (i < 5 && text[2] != ':' && text[2] != '-'))
			return -EINVAL;
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
	memcpy(ret_mac, mac, 6);
	return 0;
}

void mac_format(const uint8_t mac[6], char buf[MAC_TEXT_MAX])
{
	snprintf(buf, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
		 mac[5]);
}

static const uint8_t ipv4_groups[3] = { 0x01, 0x00, 0x5e }, ipv6_groups[2] = { 0x33, 0x33 };

void mac_default(uint32_t mac_mode, const struct addr *addr, uint8_t ret_mac[6])
{
	const uint8_t *end = addr->bytes + addr_len(addr);

	ret_mac[0] = mac_mode == CIP_MAC_UNICAST ? 0x02 : 0x03;
	ret_mac[1] = 0xbf;
	memcpy(ret_mac + 2, end - 4, 4);
	if (mac_mode != CIP_MAC_IGMP)
		return;
	if (addr->family == 6) {
		memcpy(ret_mac, ipv6_groups, sizeof(ipv6_groups));
		return;
	}
	memcpy(ret_mac, ipv4_groups, sizeof(ipv4_groups));
	ret_mac[3] = 0x7f;
}

int mac_fits(uint32_t mac_mode, const uint8_t mac[6])
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	switch (mac_mode) {
	case CIP_MAC_UNICAST:
		return (mac[0] & 3) == 2;
	case CIP_MAC_IGMP:
		return (!memcmp(mac, ipv4_groups, sizeof(ipv4_groups)) && mac[3] < 0x80) ||
		       !memcmp(mac, ipv6_groups, sizeof(ipv6_groups));
	default:
		return (mac[0] & 1) && memcmp(mac, broadcast, sizeof(broadcast));
	}
}

/* RFC 1112, 6.4, and RFC 2464, 7: the MAC has the last 23 or 32 bits of the group. Both are of local scope. */
struct addr mac_group(const uint8_t mac[6])
{
	struct addr group = { .family = 4, .bytes = { 239, mac[3] | 0x80, mac[4], mac[5] } };

	if (mac[0] == ipv4_groups[0])
		return group;
	group = (struct addr){ .family = 6, .bytes = { 0xff, 0x15 } };
	memcpy(group.bytes + 12, mac + 2, 4);
	return group;
}

int number_parse(const char *text, uint32_t max, uint32_t *ret_number)
{
	int hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const char *digits = hex ? text + 2 : text;
	unsigned long long value;
	char *end;

	/* strtoull() alone would take blanks, signs, octal and a second 0x */
	if (!*digits || digits[strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789")])
		return -EINVAL;
	errno = 0;
	value = strtoull(digits, &end, hex ? 16 : 10);
	if (errno || *end || value > max)
		return -EINVAL;
	*ret_number = (uint32_t)value;
	return 0;
}
