/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "pve-repo/changelog.h"
#include "pve-repo/uri.h"
#include "pvecommon/text.h"
#include "pveio/http.h"
#include "repo.h"

static const struct repo_update *find(const struct repo_updates *u, const char *package)
{
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->v[i].package, package) == 0)
			return &u->v[i];
	return NULL;
}

/* As apt does, a login goes over https only. */
static int find_login(struct repo_auth *auth, const char *uri, struct pve_sys *sys,
		      struct pve_arena *mem, struct pve_err *e)
{
	struct repo_uri u;

	repo_uri_parse(&u, uri, mem);
	if (strcmp(u.access, "https") != 0)
		return 0;
	return repo_auth_read(auth,
			      u.port ? pve_arena_printf(mem, "%s:%u%s", u.host, u.port, u.path)
				     : pve_arena_printf(mem, "%s%s", u.host, u.path),
			      sys, mem, e);
}

static int fetch(const char *uri, struct repo_state *s, struct pve_sys *sys, struct pve_arena *mem,
		 struct pve_buf *text, struct pve_err *e)
{
	struct repo_auth auth = {0};
	const char *ca = repo_aptconf_get(&s->conf, "Acquire::https::CaInfo");
	struct pve_http_req req = {.url = uri, .proxy = repo_proxy(&s->conf, uri, mem)};
	struct pve_http_res res;
	int ret;

	if (find_login(&auth, uri, sys, mem, e) < 0)
		return -1;
	if (auth.found) {
		req.user = auth.login;
		req.password = auth.password;
	}
	if (*ca)
		req.ca_file = pve_arena_printf(mem, "%s%s", sys->root, ca);
	ret = pve_http(&req, &res, e);
	explicit_bzero(&auth, sizeof(auth));
	if (ret < 0)
		return -1;
	if (res.status && res.status != 200)
		pve_err_set(e, PVE_NOTHERE, "%s: %u %s", uri, res.status,
			    pve_http_status_text(res.status));
	else
		pve_buf_add(text, res.body.data, res.body.len);
	pve_http_done(&res);
	return text->len ? 0 : -1;
}

/* The version of the source that the installed package was built from: what entries are of. */
static const char *installed_source(const struct repo_state *s, const struct repo_update *u,
				    struct pve_arena *mem)
{
	size_t n = strcspn(u->package, ":");
	const struct pve_dpkg_package *p =
		pve_dpkg_find(&s->dpkg, (struct pve_span){u->package, n});

	for (; p; p = p->next)
		if (pve_span_eq(p->version, u->installed))
			return pve_arena_memdup(mem, p->source_version.p, p->source_version.len);
	return u->installed;
}

static int show(struct pve_ctx *ctx, struct repo_state *s, const struct repo_updates *u,
		const char *package, struct pve_arena *mem)
{
	const struct repo_update *x = find(u, package);
	PVE_BUF text = {0}, cut = {0}, safe = {0};
	const char *uri, *from;

	if (!x && !pve_dpkg_find(&s->dpkg, pve_span(package)))
		return pve_err_set(&ctx->err, PVE_DATA, "%s: is not installed", package);
	if (!x) {
		pve_log_line(&ctx->log, PVE_LOG_NOTICE, "%s: there is no newer version", package);
		return 0;
	}
	uri = repo_changelog_uri(x, &s->conf, mem, &ctx->err);
	if (!uri || fetch(uri, s, &ctx->sys, mem, &text, &ctx->err) < 0)
		return -1;
	from = installed_source(s, x, mem);
	if (!repo_changelog_cut((struct pve_span){pve_buf_str(&text), text.len}, from, &cut))
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "%s: nothing is written about what is newer than %s", package, from);
	/* It comes from the network: nothing in it may drive the terminal. */
	for (struct pve_span rest = {pve_buf_str(&cut), cut.len}; rest.len;) {
		const char *nl = memchr(rest.p, '\n', rest.len);
		size_t n = nl ? (size_t)(nl - rest.p) : rest.len;

		pve_text_safe(&safe, (struct pve_span){rest.p, n});
		pve_buf_putc(&safe, '\n');
		n += nl != NULL;
		rest.p += n;
		rest.len -= n;
	}
	fwrite(pve_buf_str(&safe), 1, safe.len, stdout);
	return 0;
}

int repo_cmd_changelog(struct pve_ctx *ctx)
{
	struct repo_updates u = {0};
	struct pve_arena mem = {0};
	struct repo_state s;
	int rc;

	if (repo_state_read(&s, &ctx->sys, &ctx->err) < 0)
		return -1;
	rc = repo_updates_read(&u, &s, &ctx->sys, &ctx->err);
	repo_state_warn(ctx, &s);
	for (size_t i = 0; rc == 0 && i < ctx->operands.n; i++)
		rc = show(ctx, &s, &u, ctx->operands.v[i], &mem);
	pve_arena_done(&mem);
	repo_updates_done(&u);
	repo_state_done(&s);
	return rc;
}
