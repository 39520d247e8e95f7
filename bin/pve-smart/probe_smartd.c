/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_smartd.h"

#include "pvecommon/fs.h"

#define FILE_MAX (1u << 20)

static bool read_file(struct pve_sys *sys, const char *path, struct pve_buf *to,
		      struct pve_span *text)
{
	bool there = pve_fs_read(sys, path, FILE_MAX, to, NULL, NULL) == 0;

	*text = (struct pve_span){to->data, to->len};
	return there;
}

/* Debian calls the unit smartmontools, with smartd as its second name. */
static bool is_enabled(struct pve_sys *sys)
{
	static const char dir[] = "/etc/systemd/system/multi-user.target.wants";
	PVE_BUF a = {0}, b = {0};
	PVE_FREE char *one = pve_asprintf("%s/smartmontools.service", dir);
	PVE_FREE char *two = pve_asprintf("%s/smartd.service", dir);

	/* The links themselves count: with --root what they lead to may not be there. */
	return pve_fs_readlink(sys, one, &a, NULL) == 0 || pve_fs_readlink(sys, two, &b, NULL) == 0;
}

static int is_running(struct pve_sys *sys)
{
	PVE_STRV names = {0};

	if (sys->rooted || pve_fs_list(sys, "/proc", &names, NULL) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("/proc/%s/comm", names.v[i]);
		PVE_BUF comm = {0};

		if (names.v[i][0] >= '1' && names.v[i][0] <= '9' &&
		    pve_fs_read(sys, path, 4096, &comm, NULL, NULL) == 0 &&
		    strcmp(pve_buf_str(&comm), "smartd\n") == 0)
			return 1;
	}
	return 0;
}

void smartd_facts_read(struct smartd_facts *facts, struct smartd_files *files, struct pve_sys *sys)
{
	*facts = (struct smartd_facts){0};
	*files = (struct smartd_files){0};
	facts->installed = pve_fs_exists(sys, "/usr/sbin/smartctl");
	facts->enabled = is_enabled(sys);
	facts->running = is_running(sys);
	facts->have_conf = read_file(sys, "/etc/smartd.conf", &files->conf, &facts->conf);
	facts->mailer = pve_fs_exists(sys, "/usr/sbin/sendmail");
	read_file(sys, "/etc/aliases", &files->aliases, &facts->aliases);
	read_file(sys, "/root/.forward", &files->forward, &facts->forward);
	read_file(sys, "/etc/pve/user.cfg", &files->users, &facts->users);
}

void smartd_files_done(struct smartd_files *files)
{
	pve_buf_done(&files->conf);
	pve_buf_done(&files->aliases);
	pve_buf_done(&files->forward);
	pve_buf_done(&files->users);
}
