/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wire-procfs.h"

#define PROCFS "/proc/thread-self/net"
#define FOLDER PROCFS "/ipt_CLUSTERIP"
#define TABLES PROCFS "/ip_tables_names"

int procfs_is_there(void)
{
	return access(PROCFS, F_OK) == 0;
}

int procfs_has_target(void)
{
	return access(FOLDER, F_OK) == 0;
}

int procfs_has_filter(void)
{
	char line[64];
	FILE *file = fopen(TABLES, "re");
	int found = 0;

	if (!file)
		return errno != ENOENT; /* who may not read it finds out by asking for the table */
	while (!found && fgets(line, sizeof(line), file))
		found = !strcmp(line, "filter\n");
	fclose(file);
	return found;
}

void procfs_path(const struct addr *addr, char buf[PROCFS_PATH_MAX])
{
	snprintf(buf, PROCFS_PATH_MAX, FOLDER "/%u.%u.%u.%u", addr->bytes[0], addr->bytes[1], addr->bytes[2],
		 addr->bytes[3]);
}

int procfs_parse(const char *text, struct bucketset *ret_buckets)
{
	char list[BUCKETSET_TEXT_MAX];
	size_t len = strcspn(text, "\n");

	if (len >= sizeof(list) || strspn(text, "0123456789,") != len || (text[len] && text[len + 1]))
		return -EBADMSG;
	memcpy(list, text, len);
	list[len] = '\0';
	return bucketset_parse(len ? list : "none", 0, ret_buckets) == 0 ? 0 : -EBADMSG;
}

int procfs_read(const struct addr *addr, struct bucketset *ret_buckets)
{
	char path[PROCFS_PATH_MAX], text[BUCKETSET_TEXT_MAX];
	ssize_t len;
	int fd, rc = 0;

	procfs_path(addr, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		rc = -errno;
	(void)close(fd);
	if (rc < 0)
		return rc;
	text[len] = '\0';
	return procfs_parse(text, ret_buckets);
}

int procfs_set(const struct addr *addr, uint32_t bucket, int local)
{
	char path[PROCFS_PATH_MAX], text[16];
	struct bucketset now;
	int fd, rc = 0;

	procfs_path(addr, path);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(text, sizeof(text), "%c%u", local ? '+' : '-', bucket);
	if (write(fd, text, strlen(text)) < 0)
		rc = -errno;
	(void)close(fd);
	/* -ENOMEM for "+", -ENOENT for "-": out of range, or so before */
	if (rc == -ENOMEM || rc == -ENOENT) {
		if (procfs_read(addr, &now) == 0 && bucketset_has(&now, bucket) == local)
			return 0;
		return rc == -ENOMEM ? -ERANGE : rc;
	}
	return rc;
}

int procfs_each(procfs_cb cb, void *data)
{
	DIR *folder = opendir(FOLDER);
	const struct dirent *file;
	struct addr addr;
	int rc = 0;

	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while (rc == 0 && (file = readdir(folder)))
		if (addr_parse(file->d_name, &addr) == 0)
			rc = cb(&addr, data);
	closedir(folder);
	return rc;
}
