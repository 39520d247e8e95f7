/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "acme.h"

#include "pve-acme/confine.h"
#include "pve-acme/install.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

#define PEM_MAX (1u << 20) /* what pmxcfs takes as one file */

struct set {
	struct pve_ctx *ctx;
	struct pve_change change;
	struct acme_host h;
	struct pve_buf chain_text, key_text;
	struct acme_file old_key;
	struct pve_chain chain;
	struct pve_pkey *key;
	bool keeps_key;
};

static void done(struct set *s)
{
	pve_buf_done(&s->chain_text);
	pve_buf_done(&s->key_text);
	acme_file_done(&s->old_key);
	pve_chain_done(&s->chain);
	pve_pkey_free(s->key);
	acme_host_done(&s->h);
	pve_change_done(&s->change);
}

static int read_chain(struct set *s, const char *path)
{
	struct pve_err *e = &s->ctx->err;

	if (pve_fs_read_given(path, PEM_MAX, &s->chain_text, e) < 0)
		return -1;
	if (pve_chain_parse(&s->chain, (struct pve_span){s->chain_text.data, s->chain_text.len}, e) < 0)
		return pve_err_prefix(e, "%s", path);
	return 0;
}

/* The key that is given, or the one that is there. */
static int read_key(struct set *s, const char *path)
{
	struct pve_err *e = &s->ctx->err;
	struct pve_span text;

	s->keeps_key = !path;
	if (path && pve_fs_read_given(path, PEM_MAX, &s->key_text, e) < 0)
		return -1;
	if (!path && acme_file_read(&s->old_key, &s->ctx->sys, s->h.node.key, e) < 0)
		return -1;
	if (!path && !s->old_key.there)
		return pve_err_set(e, PVE_USAGE, "cert set: there is no key yet, so one must be given");
	text = path ? (struct pve_span){pve_buf_str(&s->key_text), s->key_text.len}
		    : acme_file_span(&s->old_key);
	s->key = pve_pkey_parse(text, e);
	return s->key ? 0 : pve_err_prefix(e, "%s", path ? path : s->h.node.key);
}

/* Each of the lines behind the name of the file. */
static int check(struct set *s, const char *path)
{
	const struct acme_cert_opts *opts = s->ctx->opts;
	struct pve_err why = {0};
	struct pve_strv lines = {0};
	PVE_BUF text = {0};

	if (acme_pair_check(&s->chain, s->key, &s->h.domains, s->h.node.name,
			    pve_sys_time(&s->ctx->sys), opts->force, &why) == 0)
		return 0;
	pve_strv_split(&lines, pve_span(why.msg), "\n");
	for (size_t i = 0; i < lines.n; i++)
		pve_buf_printf(&text, "%s%s: %s", i ? "\n" : "", path, lines.v[i]);
	pve_strv_done(&lines);
	return pve_err_set(&s->ctx->err, why.code, "%s", pve_buf_str(&text));
}

/* What Proxmox VE calls --force: something is there already. */
static int check_there(struct set *s)
{
	const struct acme_cert_opts *opts = s->ctx->opts;
	ACME_FILE cert = {0}, key = {0};

	if (opts->force)
		return 0;
	if (acme_file_read(&cert, &s->ctx->sys, s->h.node.cert, &s->ctx->err) < 0 ||
	    acme_file_read(&key, &s->ctx->sys, s->h.node.key, &s->ctx->err) < 0)
		return -1;
	if (cert.there || (key.there && !s->keeps_key))
		return pve_err_set(&s->ctx->err, PVE_FAILED,
				   "there is a %s already; --force replaces it",
				   cert.there ? "certificate" : "key");
	return 0;
}

/* The blocks alone: what stands around them is for people. */
static void clean(struct set *s, struct pve_buf *chain, struct pve_buf *key)
{
	for (size_t i = 0; i < s->chain.n; i++)
		pve_buf_span(chain, s->chain.v[i].pem);
	pve_pkey_format(s->key, key);
}

static int set(struct set *s)
{
	const struct acme_cert_opts *opts = s->ctx->opts;
	struct pve_ctx *ctx = s->ctx;
	const char *const *o = (const char *const *)ctx->operands.v;
	struct acme_pair pair = {0};
	PVE_BUF chain = {0};
	PVE_BUF key = {0};
	PVE_PLAN plan = {0};

	if (acme_change_begin(ctx, &s->change) < 0 || acme_host_read(&s->h, &ctx->sys, &ctx->err) < 0 ||
	    acme_host_writable(&s->h, &ctx->sys, &ctx->err) < 0 || read_chain(s, o[0]) < 0 ||
	    read_key(s, ctx->operands.n > 1 ? o[1] : NULL) < 0 || check_there(s) < 0 ||
	    check(s, o[0]) < 0)
		return -1;
	clean(s, &chain, &key);
	pair.chain = (struct pve_span){chain.data, chain.len};
	if (!s->keeps_key)
		pair.key = (struct pve_span){key.data, key.len};
	if (acme_install_plan(ctx, &s->h, &pair, &s->chain, opts->restart, &plan) < 0)
		return -1;
	return pve_ctx_apply(ctx, &s->change, &plan);
}

int acme_cert_set(struct pve_ctx *ctx)
{
	struct set s = {.ctx = ctx};
	int rc;

	acme_confine_memory();
	rc = set(&s);
	done(&s);
	return rc;
}

static int is_true(struct pve_ctx *ctx, const char *word, bool *yes)
{
	static const char *const words[2][5] = {{"0", "no", "off", "false", NULL},
						{"1", "yes", "on", "true", NULL}};

	for (int i = 0; i < 2; i++)
		for (size_t w = 0; words[i][w]; w++)
			if (strcasecmp(words[i][w], word) == 0) {
				*yes = i;
				return 0;
			}
	return pve_err_set(&ctx->err, PVE_USAGE, "cert delete: '%s' is neither 1 nor 0", word);
}

int acme_cert_delete(struct pve_ctx *ctx)
{
	const struct acme_cert_opts *opts = ctx->opts;
	bool restart = opts->restart;
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};
	ACME_HOST h = {0};

	if (ctx->operands.n && is_true(ctx, ctx->operands.v[0], &restart) < 0)
		return -1;
	if (acme_change_begin(ctx, &change) < 0 || acme_host_read(&h, &ctx->sys, &ctx->err) < 0 ||
	    acme_host_writable(&h, &ctx->sys, &ctx->err) < 0 ||
	    acme_uninstall_plan(ctx, &h, restart, &plan) < 0)
		return -1;
	return pve_ctx_apply(ctx, &change, &plan);
}
