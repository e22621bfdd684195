/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cipd - keep cluster IPs as a file says, whatever others do to the kernel */
#include "cipd.h"

#include <string.h>

static int start(struct keeper *keeper, const struct options *options)
{
	if (cip_set_backend(keeper->ctx, options->backend) < 0) {
		say(LOG_ERR, "%s", cip_get_error(keeper->ctx));
		return 2;
	}
	return load(keeper) ? run_loop(keeper, options->interval) : 2;
}

int main(int argc, char **argv)
{
	struct keeper keeper = { 0 };
	struct options options;
	int status, err;

	if (!read_options(&options, argc, argv, &status))
		return status;
	log_open(options.verbose);
	if (options.netns && !enter_netns(options.netns))
		return 2;
	keeper.path = options.path;
	err = cip_new(&keeper.ctx);
	if (err) {
		say(LOG_ERR, "%s", strerror(-err));
		return 1;
	}
	status = start(&keeper, &options);
	free_entries(&keeper.entries);
	cip_unref(keeper.ctx);
	return status;
}
