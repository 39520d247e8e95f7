/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_hook.h"

#include <errno.h>
#include <syslog.h>

#include "pvecommon/fs.h"
#include "pvecommon/run.h"

/* Signals do not reach a plan that waits for a hook: one that hangs must not hang it for ever. */
#define HOOK_TIMEOUT_MS (300 * 1000)

static bool is_script(struct pve_sys *sys, const char *path, const char *name)
{
	struct stat st;

	return name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789_-")] == '\0' &&
	       !net_hook_script_is_ours(name) && pve_fs_stat(sys, path, &st, NULL) == 0 &&
	       S_ISREG(st.st_mode) && st.st_mode & 0111;
}

static int read_dir(struct pve_sys *sys, const char *dir, struct pve_strv *out, struct pve_err *e)
{
	PVE_STRV names = {0};
	struct pve_err why = {0};

	if (pve_fs_list(sys, dir, &names, &why) < 0) {
		if (why.sys == ENOENT)
			return 0;
		return pve_err_set(e, why.code, "%s", why.msg);
	}
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, names.v[i]);

		if (is_script(sys, path, names.v[i]))
			pve_strv_add(out, path);
	}
	return 0;
}

int net_hook_scripts_read(struct pve_sys *sys, struct net_hook_scripts *s, struct pve_err *e)
{
	*s = (struct net_hook_scripts){0};
	for (int p = 0; p < NET_HOOK_PHASES; p++) {
		if (read_dir(sys, net_hook_dir((enum net_hook_phase)p), &s->dir[p], e) < 0) {
			net_hook_scripts_done(s);
			return -1;
		}
	}
	return 0;
}

static int run(struct pve_sys *sys, const char *const *env, const char *command, struct pve_err *e)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	const struct pve_run cmd = {
		.argv = argv, .env = env, .timeout_ms = HOOK_TIMEOUT_MS, .inherit = true};

	if (pve_run_ok(sys, &cmd, NULL, e) == 0)
		return 0;
	pve_err_prefix(e, "%s", command);
	return -1;
}

int net_hook_call(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	bool must = strcmp(args[1], "must") == 0;
	const char *const *command = args + 2;
	PVE_STRV env = {0};

	(void)data;
	for (; strcmp(*command, "--") != 0; command++)
		pve_strv_add(&env, *command);
	for (command++; *command; command++) {
		struct pve_err why = {0};

		if (run(sys, (const char *const *)env.v, *command, &why) == 0)
			continue;
		if (must)
			return pve_err_set(e, why.code, "%s", why.msg);
		syslog(LOG_DAEMON | LOG_WARNING, "pve-net: hook passed over: %s", why.msg);
	}
	return 0;
}
