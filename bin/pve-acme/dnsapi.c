/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/dnsapi.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pve-acme/confine.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/run.h"

#define TIMEOUT_MS 300000

/* dnsapi.sh, as it is. */
__asm__(".section .rodata\n"
	".global acme_dnsapi_shell\n"
	"acme_dnsapi_shell:\n"
	".incbin \"bin/pve-acme/dnsapi.sh\"\n"
	".byte 0\n"
	".previous\n");
extern const char acme_dnsapi_shell[];

/* Where packages put acme.sh's scripts, Proxmox VE's own first. */
static const char *const places[] = {
	"/usr/share/proxmox-acme/dnsapi",
	"/usr/share/acme.sh/dnsapi",
	"/usr/local/share/acme.sh/dnsapi",
	"/opt/acme.sh/dnsapi",
};

static int find_script(struct pve_sys *sys, const char *api, char **script, struct pve_err *e)
{
	PVE_BUF tried = {0};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		PVE_FREE char *path = pve_asprintf("%s/dns_%s.sh", places[i], api);

		if (pve_fs_exists(sys, path)) {
			*script = pve_asprintf("%s%s", sys->root, path);
			return 0;
		}
		pve_buf_printf(&tried, "%s%s", i ? ", " : "", places[i]);
	}
	return pve_err_set(e, PVE_NOTHERE, "there is no dns_%s.sh in %s", api, pve_buf_str(&tried));
}

int acme_dnsapi_ready(struct pve_sys *sys, const struct acme_plugin *plugin, struct pve_err *e)
{
	PVE_CLEANUP(pve_arena_done) struct pve_arena mem = {0};
	PVE_FREE char *script = NULL;
	const char *path;

	if (strcmp(plugin->api, "exec") != 0)
		return find_script(sys, plugin->api, &script, e);
	path = acme_plugin_data(plugin, "EXEC_PATH", &mem);
	if (!path)
		return pve_err_set(e, PVE_DATA, "the data of an exec plugin needs EXEC_PATH=FILE");
	return access(path, X_OK) == 0 ? 0 : pve_err_sys(e, errno, "%s", path);
}

/* Becoming nobody is setpriv's part; who is no root already stays what he is. */
static void add_setpriv(struct pve_strv *argv)
{
	static const char *const words[] = {"setpriv",         "--reuid=nobody", "--regid=nogroup",
					    "--clear-groups", "--no-new-privs", "--"};

	for (size_t i = 0; geteuid() == 0 && i < sizeof(words) / sizeof(*words); i++)
		pve_strv_add(argv, words[i]);
}

static int start(struct pve_sys *sys, const struct pve_strv *argv, const struct pve_buf *input,
		 struct pve_buf *said, struct pve_err *e)
{
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "HOME=/",
					  NULL};
	const struct pve_run cmd = {
		.argv = (const char *const *)argv->v,
		.env = env,
		.input = {input->data, input->len},
		.timeout_ms = TIMEOUT_MS,
	};

	struct pve_run_result res = {0};
	int rc = pve_run_ok(sys, &cmd, &res, e);

	pve_buf_add(said, res.out.data, res.out.len);
	pve_run_done(&res);
	return rc;
}

int acme_dnsapi(struct pve_sys *sys, const struct acme_plugin *plugin, const char *name,
		const char *text, bool add, struct pve_buf *said, struct pve_err *e)
{
	struct pve_arena mem = {0};
	PVE_FREE char *script = NULL;
	PVE_STRV argv = {0};
	PVE_BUF input = {0};
	int rc = 0;

	add_setpriv(&argv);
	if (strcmp(plugin->api, "exec") == 0) {
		const char *path = acme_plugin_data(plugin, "EXEC_PATH", &mem);

		if (path) {
			pve_strv_add(&argv, path);
			pve_strv_add(&argv, add ? "add" : "remove");
			pve_strv_add(&argv, name);
			pve_strv_add(&argv, text);
		} else {
			rc = pve_err_set(e, PVE_DATA, "the data of an exec plugin needs EXEC_PATH=FILE");
		}
	} else {
		rc = find_script(sys, plugin->api, &script, e);
		if (rc == 0) {
			const char *const words[] = {"bash",   "-c",   acme_dnsapi_shell, "pve-acme",
						     add ? "add" : "rm", script, plugin->api, name};

			for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
				pve_strv_add(&argv, words[i]);
			pve_buf_printf(&input, "%s\n", text);
		}
	}
	if (rc == 0) {
		acme_plugin_lines(plugin, &input);
		rc = start(sys, &argv, &input, said, e);
	}
	pve_arena_done(&mem);
	return rc;
}
