/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/solve.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pve-acme/dnsnet.h"
#include "pve-acme/dnsproc.h"
#include "pve-acme/journal.h"
#include "pve-acme/responder.h"
#include "pve-acme/stop.h"
#include "pve-acme/webroot.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

/* How a challenge is met. */
enum way { WAY_HTTP, WAY_WEBROOT, WAY_ALPN, WAY_DNS };

static enum way way_of(const struct acme_solve_name *name)
{
	if (strcmp(name->challenge, "dns-01") == 0)
		return WAY_DNS;
	if (strcmp(name->challenge, "tls-alpn-01") == 0)
		return WAY_ALPN;
	return name->plugin->api && strcmp(name->plugin->api, "webroot") == 0 ? WAY_WEBROOT
									       : WAY_HTTP;
}

static void tell(struct acme_solver *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct acme_solver *s, const char *fmt, ...)
{
	PVE_BUF line = {0};
	va_list ap;

	if (!s->tell)
		return;
	va_start(ap, fmt);
	pve_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	s->tell(s->tell_to, pve_buf_str(&line));
}

/* --- processes ---------------------------------------------------------------------------- */

/* The name servers of resolv.conf(5), without those that cannot be asked, as one behind an interface
 * that is gone. */
static int find_resolver(struct acme_solver *s, struct pve_err *e)
{
	size_t len = 0, n = 0;
	PVE_BUF text = {0};
	struct pve_span rest;

	*s->resolver_text = '\0';
	if (s->resolver) {
		snprintf(s->resolver_text, sizeof(s->resolver_text), "%s", s->resolver);
		return 0;
	}
	if (pve_fs_read(s->sys, "/etc/resolv.conf", 0, &text, NULL, e) < 0)
		return -1;
	rest = (struct pve_span){text.data, text.len};
	while (rest.len) {
		const char *end = memchr(rest.p, '\n', rest.len);
		struct pve_span line = {rest.p, end ? (size_t)(end - rest.p) : rest.len};
		struct acme_dns_server server;
		PVE_FREE char *address = NULL;
		struct pve_span word;

		rest.p += line.len + (end ? 1 : 0);
		rest.len -= line.len + (end ? 1 : 0);
		if (!pve_span_eq(pve_span_word(&line), "nameserver"))
			continue;
		word = pve_span_word(&line);
		address = pve_strndup(word.p, word.len);
		if (n == ACME_DNS_RESOLVERS || acme_dns_server_parse(&server, address, NULL) < 0)
			continue;
		len += (size_t)snprintf(s->resolver_text + len, sizeof(s->resolver_text) - len, "%s%s",
					n++ ? "," : "", server.text);
	}
	return n ? 0 : pve_err_set(e, PVE_NOTHERE,
			   "/etc/resolv.conf names no name server that can be asked; give one with --resolver");
}

int acme_solver_start(struct acme_solver *s, const struct acme_solve_name *names, size_t n,
		      bool dns, struct pve_err *e)
{
	bool need[WAY_DNS + 1] = {false};
	struct pve_err ignored = {0};

	for (size_t i = 0; i < n; i++)
		need[way_of(&names[i])] = true;
	if (need[WAY_HTTP] && !s->http.pid &&
	    acme_responder_start(&s->http, ACME_RESPONDER_HTTP, s->http_address,
				 s->http_port, e) < 0)
		return -1;
	if (need[WAY_ALPN] && !s->alpn.pid &&
	    acme_responder_start(&s->alpn, ACME_RESPONDER_ALPN, s->http_address,
				 s->tls_port, e) < 0)
		return -1;
	/* What is looked up before an order, and what an earlier run has left, can do without it. */
	if (find_resolver(s, need[WAY_DNS] ? e : &ignored) < 0)
		return need[WAY_DNS] ? -1 : 0;
	if (s->dns.pid || (!need[WAY_DNS] && !dns))
		return 0;
	return acme_child_start(&s->dns, acme_dnsproc, NULL, NULL, 0, e);
}

void acme_solver_stop(struct acme_solver *s)
{
	acme_child_stop(&s->http);
	acme_child_stop(&s->alpn);
	acme_child_stop(&s->dns);
	pve_strv_done(&s->left);
}

/* --- what is left ------------------------------------------------------------------------- */

/* The journal knows of a thing before it is there. */
static int leave(struct acme_solver *s, char *line, struct pve_err *e)
{
	pve_strv_take(&s->left, line);
	return s->keep ? s->keep(s->keep_data, &s->left, e) : 0;
}

void acme_solver_adopt(struct acme_solver *s, const struct pve_strv *left)
{
	for (size_t i = 0; i < left->n; i++)
		pve_strv_add(&s->left, left->v[i]);
}

/* Removes one thing. */
static int clean(struct acme_solver *s, const char *line, struct pve_err *e)
{
	PVE_STRV words = {0};
	const struct acme_plugin *plugin;

	pve_strv_split(&words, pve_span(line), " ");
	if (words.n >= 2 && strcmp(words.v[0], ACME_LEFT_FILE) == 0)
		return acme_webroot_remove(s->sys, line + strlen(ACME_LEFT_FILE) + 1, e);
	if (words.n != 4 || strcmp(words.v[0], ACME_LEFT_TXT) != 0)
		return pve_err_set(e, PVE_DATA, "what is left, \"%s\", is not understood", line);
	plugin = acme_plugins_find(s->plugins, words.v[1]);
	if (!plugin)
		return pve_err_set(e, PVE_DATA,
				   "the record %s is left, but the plugin %s that made it is gone; add it "
				   "again, or remove the record and its line in " ACME_ORDER_JOURNAL,
				   words.v[2], words.v[1]);
	if (acme_solve_record(s, plugin, words.v[2], words.v[3], false, e) < 0)
		return -1;
	tell(s, "Remove TXT record: %s", words.v[2]);
	return 0;
}

int acme_solver_clean(struct acme_solver *s, struct pve_err *e)
{
	struct pve_strv kept = {0};
	struct pve_err why = {0};
	int rc = 0;

	for (size_t i = 0; i < s->left.n; i++) {
		if (clean(s, s->left.v[i], rc < 0 ? NULL : &why) == 0)
			continue;
		pve_strv_add(&kept, s->left.v[i]);
		rc = -1;
	}
	pve_strv_done(&s->left);
	s->left = kept;
	if (s->keep && s->keep(s->keep_data, &s->left, rc < 0 ? NULL : &why) < 0)
		rc = -1;
	if (rc < 0)
		pve_err_set(e, why.code, "%s", why.msg);
	return rc;
}

/* --- solving ------------------------------------------------------------------------------ */

static int solve_file(struct acme_solver *s, const struct acme_solve_task *task, struct pve_err *e)
{
	struct pve_arena mem = {0};
	const char *root = acme_plugin_data(task->name->plugin, "ROOT", &mem);
	PVE_FREE char *path = root ? acme_webroot_path(root, task->token) : NULL;
	int rc;

	pve_arena_done(&mem);
	if (!path)
		return pve_err_set(e, PVE_DATA, "plugin %s: its data has no ROOT=DIR",
				   task->name->plugin->id);
	rc = leave(s, pve_asprintf(ACME_LEFT_FILE " %s", path), e);
	return rc < 0 ? rc : acme_webroot_write(s->sys, path, task->authorization, e);
}

static int solve_record(struct acme_solver *s, const struct acme_solve_task *task,
			struct pve_strv *records, struct pve_err *e)
{
	PVE_FREE char *name = acme_solve_record_name(s, task->name, e);

	if (!name || leave(s, pve_asprintf(ACME_LEFT_TXT " %s %s %s", task->name->plugin->id, name,
					   task->digest), e) < 0)
		return -1;
	if (acme_solve_record(s, task->name->plugin, name, task->digest, true, e) < 0)
		return -1;
	tell(s, "Add TXT record: %s", name);
	pve_strv_add(records, name);
	pve_strv_add(records, task->digest);
	return 0;
}

/* The tasks of one way as pages of a responder, and gives it these. */
static int serve_pages(struct acme_child *c, enum way way, const struct acme_solve_task *tasks,
		       size_t n, struct pve_err *e)
{
	PVE_FREE struct acme_responder_page *pages = pve_calloc(n + 1, sizeof(*pages));
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (way_of(tasks[i].name) == way)
			pages[count++] = (struct acme_responder_page){
				tasks[i].name->name, tasks[i].token, tasks[i].authorization};
	return count ? acme_responder_serve(c, pages, count, e) : 0;
}

/* Waits until all servers have all records, and then as long as the plugins want. */
static int await_records(struct acme_solver *s, const struct acme_solve_task *tasks, size_t n,
			 const struct pve_strv *records, struct pve_err *e)
{
	PVE_STRV args = {0};
	unsigned delay = 0;

	if (!records->n)
		return 0;
	pve_strv_add(&args, "await");
	pve_strv_addf(&args, "%u", s->timeout_s);
	for (size_t i = 0; i < records->n; i++)
		pve_strv_add(&args, records->v[i]);
	tell(s, "Waiting until every name server has it");
	if (acme_solve_dns(s, &args, NULL, e) < 0)
		return pve_err_prefix(e, "not every name server has the records in time");
	for (size_t i = 0; i < n; i++)
		if (way_of(tasks[i].name) == WAY_DNS && tasks[i].name->plugin->delay_given &&
		    tasks[i].name->plugin->delay > delay)
			delay = tasks[i].name->plugin->delay;
	return delay && acme_stop_wait(-1, (int)delay * 1000, e) < 0 ? -1 : 0;
}

int acme_solver_solve(struct acme_solver *s, const struct acme_solve_task *tasks, size_t n,
		      struct pve_err *e)
{
	PVE_STRV records = {0};

	for (size_t i = 0; i < n; i++) {
		enum way way = way_of(tasks[i].name);

		if ((way == WAY_WEBROOT && solve_file(s, &tasks[i], e) < 0) ||
		    (way == WAY_DNS && solve_record(s, &tasks[i], &records, e) < 0))
			return -1;
	}
	if (serve_pages(&s->http, WAY_HTTP, tasks, n, e) < 0 ||
	    serve_pages(&s->alpn, WAY_ALPN, tasks, n, e) < 0)
		return -1;
	return await_records(s, tasks, n, &records, e);
}
