/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "state-put.h"

/* what is being read */
static struct state *reading;
static size_t line_begin;

void put_begin(struct state *state)
{
	reading = state;
	line_begin = state->len = 0;
	state->count = 0;
}

void put(const char *format, ...)
{
	size_t left = sizeof(reading->text) - reading->len;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(reading->text + reading->len, left, format, args);
	va_end(args);
	if (len < 0 || (size_t)len >= left)
		die("the state is too large");
	reading->len += (size_t)len;
}

/* The number behind the word is that of a class. */
static void hide_number(char *line, const char *word)
{
	char *at = line, *end;

	while ((at = strstr(at, word))) {
		at += strlen(word);
		for (end = at; isdigit((unsigned char)*end);)
			end++;
		if (end == at)
			continue;
		*at = 'C';
		memmove(at + 1, end, strlen(end) + 1);
	}
}

void end_line(void)
{
	char *line = reading->text + line_begin;

	hide_number(line, "cip.");
	hide_number(line, "errors.");
	hide_number(line, "class ");
	if (reading->count == STATE_LINES_MAX)
		die("the state has too many lines");
	reading->lines[reading->count++] = line;
	line_begin += strlen(line) + 1;
	reading->len = line_begin;
}

static int is_text(const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len && isprint(data[i]);)
		i++;
	return len > 1 && i + 1 == len && !data[i];
}

/* Nothing says which attributes have others in them; a value that looks so does so each time. */
static int is_nested(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at + sizeof(struct nlattr) <= len) {
		const struct nlattr *attr = (const void *)(data + at);

		if (attr->nla_len < sizeof(*attr) || at + attr->nla_len > len ||
		    attr->nla_type & NLA_TYPE_MASK & ~0xff)
			return 0;
		at += NLA_ALIGN(attr->nla_len);
	}
	return at == len && len > 0;
}

/* Of an expression: those that begin at the first slot of a class, and those that count. */
static int hides(const char *expression, uint16_t type)
{
	return (!strcmp(expression, "hash") && type == NFTA_HASH_OFFSET) ||
	       (!strcmp(expression, "numgen") && type == NFTA_NG_OFFSET) || !strcmp(expression, "counter");
}

static void put_attrs(const uint8_t *data, size_t len, const char *expression)
{
	const char *name = "";
	size_t at = 0;

	while (at + sizeof(struct nlattr) <= len) {
		const struct nlattr *attr = (const void *)(data + at);
		const uint8_t *value = mnl_attr_get_payload(attr);
		size_t size = mnl_attr_get_payload_len(attr);
		uint16_t type = mnl_attr_get_type(attr);

		put(" %u=", type);
		if (hides(expression, type))
			put("*");
		else if (*name && type == NFTA_EXPR_DATA && is_nested(value, size))
			put_attrs(value, size, name);
		else
			put_value(value, size);
		name = type == NFTA_EXPR_NAME && is_text(value, size) ? (const char *)value : "";
		at += NLA_ALIGN(attr->nla_len);
	}
}

void put_value(const uint8_t *data, size_t len)
{
	size_t i;

	if (is_text(data, len)) {
		put("%s", (const char *)data);
	} else if (is_nested(data, len)) {
		put("{");
		put_attrs(data, len, "");
		put(" }");
	} else {
		for (i = 0; i < len; i++)
			put("%02x", data[i]);
	}
}

/* Attributes of an object whose types are none of the hidden ones. */
void put_object(const struct nlmsghdr *nlh, const char *what, uint32_t hidden)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	put("%s %u:", what, nfg->nfgen_family);
	for (attr = attr_first(nlh, sizeof(*nfg)); attr; attr = attr_next(nlh, attr)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type < 32 && hidden >> type & 1)
			continue;
		put(" %u=", type);
		put_value(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
	}
}
