/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/run.h"

static int64_t real_now(struct pve_sys *sys, clockid_t clock)
{
	struct timespec ts;

	(void)sys;
	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int pve_sys_init(struct pve_sys *sys, const char *root, struct pve_err *e)
{
	size_t len;
	int fd;

	if (!root)
		root = "/";
	fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		pve_err_sys(e, errno, "--root %s", root);
		if (e)
			e->code = PVE_NOTHERE;
		return -1;
	}
	*sys = (struct pve_sys){.root_fd = fd, .run = pve_run_real, .now = real_now};
	len = strlen(root);
	while (len && root[len - 1] == '/')
		len--;
	sys->root = pve_strndup(root, len);
	sys->rooted = len > 0;
	return 0;
}

void pve_sys_done(struct pve_sys *sys)
{
	if (!sys->root)
		return;
	close(sys->root_fd);
	free(sys->root);
	*sys = (struct pve_sys){.root_fd = -1};
}

time_t pve_sys_time(struct pve_sys *sys)
{
	return (time_t)(sys->now(sys, CLOCK_REALTIME) / 1000000000);
}

const char *pve_sys_boot_id(struct pve_sys *sys, char id[PVE_BOOT_ID])
{
	PVE_BUF text = {0};
	struct pve_span s;

	pve_fs_read(sys, "/proc/sys/kernel/random/boot_id", 64, &text, NULL, NULL);
	s = pve_span_trim((struct pve_span){text.data, text.len});
	snprintf(id, PVE_BOOT_ID, "%.*s", PVE_SPAN_ARG(s));
	return id;
}
