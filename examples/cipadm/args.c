/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reads the words after the verb */
#include "args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct keyword *find_keyword(const struct keyword *keywords, const char *word)
{
	for (; keywords->name; keywords++)
		if (!strcmp(keywords->name, word))
			return keywords;
	return NULL;
}

static int take_value(struct app *app, const struct keyword *keyword, const char *value)
{
	if (*keyword->value)
		return fail(app, -EINVAL, keyword->name, "%s: \"%s\" is given twice", app->command->name,
			    keyword->name);
	if (!value)
		return fail(app, -EINVAL, keyword->name, "%s: \"%s\" needs a value", app->command->name,
			    keyword->name);
	*keyword->value = value;
	return 0;
}

int args_refuse(struct app *app, const char *word)
{
	if (word[0] == '-' && word[1])
		return fail(app, -EINVAL, NULL, "%s: unknown word \"%s\" (options stand before the verb)",
			    app->command->name, word);
	return fail(app, -EINVAL, NULL, "%s: unknown word \"%s\"", app->command->name, word);
}

int args_sort(struct app *app, int argc, char **argv, const struct keyword *keywords, const char **plain,
	      int min, int max)
{
	const struct keyword *keyword;
	int err, count = 0;

	for (int i = 0; i < argc; i++) {
		keyword = find_keyword(keywords, argv[i]);
		if (keyword) {
			i++;
			err = take_value(app, keyword, i < argc ? argv[i] : NULL);
			if (err)
				return err;
		} else if (count < max && (argv[i][0] != '-' || !argv[i][1])) {
			plain[count++] = argv[i];
		} else {
			return args_refuse(app, argv[i]);
		}
	}
	if (count < min)
		return fail(app, -EINVAL, NULL, "a word is missing: %s %s", app->command->name,
			    app->command->usage);
	return count;
}

int args_target(struct app *app, int argc, char **argv, int min, const char **address, const char **ifname)
{
	const struct keyword keywords[] = { { "dev", ifname }, { NULL, NULL } };
	int count;

	count = args_sort(app, argc, argv, keywords, address, min, 1);
	if (count == 0 && *ifname)
		return fail(app, -EINVAL, "address", "%s: 'dev' needs an address before it",
			    app->command->name);
	return count;
}

/* what the shell kept together must not fall apart in the text */
static int check_word(struct app *app, const char *word)
{
	if (*word && !strpbrk(word, " \t\n\v\f\r"))
		return 0;
	return fail(app, -EINVAL, NULL, "%s: bad word \"%s\"", app->command->name, word);
}

static size_t joined_size(int argc, char **argv)
{
	size_t size = 1;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;
	return size;
}

int args_join(struct app *app, int argc, char **argv, char **ret_text)
{
	char *text, *end;
	int err;

	for (int i = 0; i < argc; i++) {
		err = check_word(app, argv[i]);
		if (err)
			return err;
	}
	text = calloc(1, joined_size(argc, argv));
	if (!text)
		return fail(app, -ENOMEM, NULL, "%s", strerror(ENOMEM));
	end = text;
	for (int i = 0; i < argc; i++) {
		end = stpcpy(end, i ? " " : "");
		end = stpcpy(end, argv[i]);
	}
	*ret_text = text;
	return 0;
}

/* decimal or 0x hexadecimal, as the library reads numbers; strtoull() alone would take signs, blanks, octal */
int args_number(struct app *app, const char *field, const char *word, uint32_t *ret_number)
{
	bool hex = !strncasecmp(word, "0x", 2);
	const char *digits = hex ? word + 2 : word;
	const char *alphabet = hex ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long number;

	errno = 0;
	number = strtoull(digits, NULL, hex ? 16 : 10);
	if (errno || number > UINT32_MAX || !*digits || digits[strspn(digits, alphabet)])
		return fail(app, -EINVAL, field, "%s: %s \"%s\" is not a number", app->command->name, field,
			    word);
	*ret_number = (uint32_t)number;
	return 0;
}
