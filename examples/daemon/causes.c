/* SPDX-License-Identifier: GPL-2.0-or-later */
/* what others did, kept until it is known whether it did damage */
#include "cipd.h"

#include <stdio.h>
#include <string.h>

static bool is_known(const struct causes *causes, const char *text)
{
	for (unsigned int i = 0; i < causes->count && i < CAUSES_MAX; i++)
		if (!strcmp(causes->texts[i], text))
			return true;
	return false;
}

void add_cause(struct causes *causes, const char *text)
{
	if (is_known(causes, text))
		return;
	if (causes->count < CAUSES_MAX)
		snprintf(causes->texts[causes->count], TEXT_SIZE, "%s", text);
	causes->count++;
}

void tell_causes(struct causes *causes)
{
	for (unsigned int i = 0; i < causes->count && i < CAUSES_MAX; i++)
		say(LOG_WARNING, "%s", causes->texts[i]);
	if (causes->count > CAUSES_MAX)
		say(LOG_WARNING, "and there were %u other changes", causes->count - CAUSES_MAX);
	causes->count = 0;
}
