/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "pve-acme/dnsapi.h"
#include "pve-acme/keyfile.h"
#include "pve-acme/solve.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
#define TTL "60" /* seconds: a record that lives for a minute */

int acme_solve_dns(struct acme_solver *s, const struct pve_strv *args, struct pve_strv *out,
		   struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_JOB};

	if (!s->dns.pid)
		return pve_err_set(e, PVE_NOTHERE, "no name server can be asked; give one with --resolver");

	pve_strv_add(&m.args, args->v[0]);
	pve_strv_add(&m.args, s->resolver_text);
	for (size_t i = 1; i < args->n; i++)
		pve_strv_add(&m.args, args->v[i]);
	return acme_child_ask(&s->dns, &m, out, e);
}

char *acme_solve_record_name(struct acme_solver *s, const struct acme_solve_name *name,
			     struct pve_err *e)
{
	const char *base = name->alias ? name->alias : name->name.text;
	PVE_STRV args = {0};
	PVE_STRV chain = {0};
	const char *last;

	if (strncmp(base, "*.", 2) == 0)
		base += 2;
	pve_strv_add(&args, "follow");
	/* An alias may be written with the label or without it. */
	pve_strv_addf(&args, "%s%s", strncmp(base, "_acme-challenge.", 16) == 0 ? "" : "_acme-challenge.",
		      base);
	if (acme_solve_dns(s, &args, &chain, e) < 0)
		return NULL;
	/* It goes into a line of the journal, and to programs. */
	last = chain.n ? chain.v[chain.n - 1] : "";
	if (!*last || *last == '-' || last[strspn(last, NAME_BYTES)]) {
		pve_err_set(e, PVE_DATA, "%s leads to \"%s\", which is no name for a record", args.v[1], last);
		return NULL;
	}
	return pve_strdup(last);
}

/* --- an update of the zone ---------------------------------------------------------------- */

/* The key that the plugin names: in a file, as acme.sh's own nsupdate has it. */
static int find_key(struct acme_solver *s, const struct acme_plugin *plugin, struct pve_arena *mem,
		    struct acme_keyfile *key, struct pve_err *e)
{
	const char *path = acme_plugin_data(plugin, "NSUPDATE_KEY", mem);
	PVE_BUF text = {0};

	*key = (struct acme_keyfile){"", "", ""};
	if (!path)
		return 0;
	if (pve_fs_read(s->sys, path, 1 << 16, &text, NULL, e) < 0)
		return -1;
	return acme_keyfile_parse(key, (struct pve_span){text.data, text.len}, path, mem, e);
}

static int update(struct acme_solver *s, const struct acme_plugin *plugin, const char *name,
		  const char *text, bool add, struct pve_arena *mem, struct pve_err *e)
{
	const char *server = acme_plugin_data(plugin, "NSUPDATE_SERVER", mem);
	const char *port = acme_plugin_data(plugin, "NSUPDATE_SERVER_PORT", mem);
	const char *zone = acme_plugin_data(plugin, "NSUPDATE_ZONE", mem);
	struct acme_keyfile key;
	PVE_STRV args = {0};

	if (find_key(s, plugin, mem, &key, e) < 0)
		return -1;
	pve_strv_add(&args, "update");
	pve_strv_add(&args, add ? "1" : "");
	if (server && port)
		pve_strv_addf(&args, strchr(server, ':') ? "[%s]:%s" : "%s:%s", server, port);
	else
		pve_strv_add(&args, server ? server : "");
	pve_strv_add(&args, zone ? zone : "");
	pve_strv_add(&args, name);
	pve_strv_add(&args, text);
	pve_strv_add(&args, TTL);
	pve_strv_add(&args, key.name);
	pve_strv_add(&args, key.algorithm);
	pve_strv_add(&args, key.secret);
	return acme_solve_dns(s, &args, NULL, e);
}

int acme_solve_ready(struct acme_solver *s, const struct acme_plugin *plugin, struct pve_err *e)
{
	PVE_CLEANUP(pve_arena_done) struct pve_arena mem = {0};
	struct acme_keyfile key;

	if (!plugin->api)
		return pve_err_set(e, PVE_DATA, "it has no api");
	if (strcmp(plugin->api, "nsupdate") == 0)
		return find_key(s, plugin, &mem, &key, e);
	return acme_dnsapi_ready(s->sys, plugin, e);
}

/* Passes on what a program wrote, as lines of what is going on. */
static void tell_lines(const struct acme_solver *s, const struct pve_buf *said)
{
	PVE_STRV lines = {0};

	pve_strv_split(&lines, (struct pve_span){said->data, said->len}, "\n");
	for (size_t i = 0; i < lines.n && s->tell; i++) {
		for (char *p = lines.v[i]; *p; p++)
			if ((unsigned char)*p < ' ' || *p == 0x7f)
				*p = ' ';
		s->tell(s->tell_to, lines.v[i]);
	}
}

int acme_solve_record(struct acme_solver *s, const struct acme_plugin *plugin, const char *name,
		      const char *text, bool add, struct pve_err *e)
{
	struct pve_arena mem = {0};
	PVE_BUF said = {0};
	int rc;

	if (!plugin->api)
		rc = pve_err_set(e, PVE_DATA, "the plugin has no api");
	else if (strcmp(plugin->api, "nsupdate") == 0)
		rc = update(s, plugin, name, text, add, &mem, e);
	else
		rc = acme_dnsapi(s->sys, plugin, name, text, add, &said, e);
	pve_arena_done(&mem);
	tell_lines(s, &said);
	return rc < 0 ? pve_err_prefix(e, "plugin %s: %s", plugin->id, name) : 0;
}
