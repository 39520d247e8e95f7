/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "acme.h"

#include "pve-acme/install.h"
#include "pve-acme/issue.h"
#include "pve-acme/keeper.h"
#include "pve-acme/stop.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pveio/base64.h"

/* cert order and cert revoke. */

#define TIMEOUT_S 300
#define HTTP_PORT 80
#define TLS_PORT 443
#define CA_MAX (128u << 10) /* one message to the network process holds it */

struct order {
	struct pve_ctx *ctx;
	const struct acme_cert_opts *opts;
	struct acme_host h;
	struct acme_issue issue;
	struct pve_buf ca, chain_text, key_text;
	struct pve_chain chain;
	struct pve_change change;
	bool force;
	const char *replaces; /* as of struct acme_issue_opts */
};

static void done(struct order *o)
{
	pve_change_done(&o->change);
	pve_chain_done(&o->chain);
	acme_issue_done(&o->issue);
	pve_buf_done(&o->ca);
	pve_buf_done(&o->chain_text);
	pve_buf_done(&o->key_text);
	acme_host_done(&o->h);
}

static void tell(void *to, const char *line)
{
	acme_say(to, "%s", line);
}

static void warn(void *to, const char *line)
{
	struct pve_ctx *ctx = to;

	pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
}

static int issue_options(struct pve_ctx *ctx, struct acme_issue_opts *out, struct pve_buf *ca)
{
	const struct acme_cert_opts *opts = ctx->opts;
	const struct acme_net_opts *net = &opts->net;
	int type = opts->key_type ? pve_pkey_type(opts->key_type) : PVE_PKEY_P256;

	if (net->ca_bundle && pve_fs_read_given(net->ca_bundle, CA_MAX, ca, &ctx->err) < 0)
		return -1;
	*out = (struct acme_issue_opts){
		.ca_pem = net->ca_bundle ? pve_buf_str(ca) : NULL,
		.resolver = opts->resolver,
		.http_address = opts->http_address,
		.http_port = opts->http_port ? (unsigned)opts->http_port : HTTP_PORT,
		.tls_port = opts->tls_port ? (unsigned)opts->tls_port : TLS_PORT,
		.forwarded = opts->http_address || opts->http_port || opts->tls_port,
		.timeout_s = net->timeout ? (unsigned)net->timeout : TIMEOUT_S,
		.key_type = (enum pve_pkey_type)type,
		.reuse_key = opts->reuse_key,
		.profile = opts->profile,
		.preferred_chain = opts->preferred_chain,
		.reregister = opts->reregister,
		.dry_run = ctx->dry_run,
		.tell = tell,
		.warn = warn,
		.tell_to = ctx,
	};
	return 0;
}

/* --dry-run: what would be asked of whom, and how it would be met. */
static int show(struct order *o)
{
	const struct acme_issue *i = &o->issue;

	for (size_t k = 0; k < i->n; k++)
		printf("order %s: %s by the plugin %s%s%s\n", i->names[k].name.text,
		       i->names[k].challenge, i->names[k].plugin->id,
		       i->names[k].alias ? ", alias " : "", i->names[k].alias ? i->names[k].alias : "");
	printf("write %s: the new key\nwrite %s: the new certificate\nrun systemctl reload-or-restart "
	       "pveproxy: to show it\n",
	       o->h.node.key, o->h.node.cert);
	return 0;
}

/* The account was made anew at the server: its file says so. */
static int plan_account(struct order *o, struct pve_plan *plan)
{
	const struct acme_issue *i = &o->issue;
	PVE_FREE char *path = acme_account_path(o->h.domains.account);
	struct pve_span was;
	PVE_BUF text = {0};

	if (!i->reregistered)
		return 0;
	acme_stored_format(&i->account, &text);
	pve_plan_write(plan, path, acme_file_was(&i->account_file, &was),
		       (struct pve_span){text.data, text.len}, 0600,
		       "the account that the server has now");
	return 0;
}

/* From now on this is the certificate that is renewed. */
static int plan_renewal(struct order *o, struct pve_plan *plan)
{
	PVE_CLEANUP(acme_renewal_done) struct acme_renewal r = {0};
	ACME_FILE file = {0};

	if (acme_renewal_read(&r, &file, &o->ctx->sys, &o->ctx->err) < 0)
		return -1;
	acme_renewal_ordered(&r, o->chain.v[0].fingerprint, pve_sys_time(&o->ctx->sys));
	acme_renewal_clock(&r, o->issue.keeper.skew);
	acme_renewal_plan(&r, &file, &o->ctx->sys, plan);
	return 0;
}

static int install(struct order *o)
{
	struct pve_ctx *ctx = o->ctx;
	struct acme_pair pair = {.key = {o->key_text.data, o->key_text.len}};
	PVE_BUF blocks = {0}; /* and nothing of what the server may have put between them */
	PVE_PLAN plan = {0};

	acme_say(ctx, "Setting pveproxy certificate and key");
	if (pve_chain_parse(&o->chain, (struct pve_span){o->chain_text.data, o->chain_text.len},
			    &ctx->err) < 0)
		return -1;
	for (size_t k = 0; k < o->chain.n; k++)
		pve_buf_span(&blocks, o->chain.v[k].pem);
	pair.chain = (struct pve_span){blocks.data, blocks.len};
	if (acme_change_begin(ctx, &o->change) < 0 || plan_account(o, &plan) < 0 ||
	    acme_install_plan(ctx, &o->h, &pair, &o->chain, true, &plan) < 0 ||
	    plan_renewal(o, &plan) < 0)
		return -1;
	acme_say(ctx, "Restarting pveproxy");
	if (pve_ctx_apply(ctx, &o->change, &plan) < 0)
		return -1;
	acme_say(ctx, "Task OK");
	return acme_issue_finish(&o->issue, &ctx->err);
}

static int check_there(struct order *o)
{
	if (o->force || !pve_fs_exists(&o->ctx->sys, o->h.node.cert))
		return 0;
	return pve_err_set(&o->ctx->err, PVE_FAILED,
			   "there is a certificate already: \"cert renew\" renews it, and --force orders "
			   "another one");
}

static int order(struct order *o)
{
	struct pve_ctx *ctx = o->ctx;
	struct acme_issue_opts opts;

	if (acme_host_read(&o->h, &ctx->sys, &ctx->err) < 0 || check_there(o) < 0 ||
	    issue_options(ctx, &opts, &o->ca) < 0)
		return -1;
	opts.replaces = o->replaces;
	if (acme_issue_init(&o->issue, &ctx->sys, &o->h, &opts, (unsigned)ctx->wait, &ctx->err) < 0)
		return -1;
	if (ctx->dry_run)
		return show(o);
	acme_say(ctx, "Loading ACME account details");
	if (acme_issue_run(&o->issue, &o->chain_text, &o->key_text, &ctx->err) < 0)
		return -1;
	return install(o);
}

int acme_order(struct pve_ctx *ctx, struct acme_keeper *net, bool force, const char *replaces,
	       struct acme_order_end *end)
{
	struct order o = {.ctx = ctx, .opts = ctx->opts, .force = force, .replaces = replaces};
	int rc;

	o.issue.keeper = *net;
	*net = (struct acme_keeper){0};
	rc = order(&o);
	*end = (struct acme_order_end){o.issue.not_before, o.issue.kept_out};
	done(&o);
	return rc;
}

int acme_cert_order(struct pve_ctx *ctx)
{
	const struct acme_cert_opts *opts = ctx->opts;
	struct acme_keeper net = {0};
	struct acme_order_end ignored;

	if (!ctx->dry_run && acme_keeper_start(&net, &ctx->sys, &ctx->err) < 0)
		return -1;
	return acme_order(ctx, &net, opts->force, NULL, &ignored);
}

/* --- revoke ------------------------------------------------------------------------------- */

struct revoke {
	struct pve_ctx *ctx;
	const struct acme_cert_opts *opts;
	struct acme_host h;
	struct acme_keeper keeper;
	struct acme_stored account;
	struct pve_pkey *key;
	struct pve_buf ca, pem;
	struct pve_chain chain;
	struct pve_change change;
};

/* RFC 5280, section 5.3.1, as far as it makes sense for a server's certificate. */
static int find_reason(struct pve_ctx *ctx, const char *word)
{
	static const struct {
		const char *name;
		int code;
	} reasons[] = {{"unspecified", 0}, {"keyCompromise", 1}, {"affiliationChanged", 3},
		       {"superseded", 4},  {"cessationOfOperation", 5}};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		char number[2] = {(char)('0' + reasons[i].code), '\0'};

		if (!word || strcasecmp(word, reasons[i].name) == 0 || strcmp(word, number) == 0)
			return reasons[i].code;
	}
	return pve_err_set(&ctx->err, PVE_USAGE,
			   "%s is no reason: unspecified, keyCompromise, affiliationChanged, superseded "
			   "or cessationOfOperation",
			   word);
}

/* The key that signs: of the account, or of the certificate. */
static int find_key(struct revoke *r)
{
	struct pve_err *e = &r->ctx->err;
	ACME_FILE file = {0};
	const char *name = r->h.domains.account;

	if (acme_account_read(&r->account, NULL, &r->ctx->sys, name, e) < 0)
		return -1;
	r->keeper.directory = r->account.directory;
	r->keeper.kid = r->account.location;
	if (!r->opts->by_key) {
		r->key = pve_pkey_parse(pve_span(r->account.key), e);
		r->keeper.key[ACME_KEY_ACCOUNT] = r->key;
		return r->key ? 0 : pve_err_prefix(e, "the account %s", name);
	}
	if (acme_file_read(&file, &r->ctx->sys, r->h.node.key, e) < 0)
		return -1;
	r->key = pve_pkey_parse(acme_file_span(&file), e);
	r->keeper.key[ACME_KEY_CERT] = r->key;
	return r->key ? 0 : pve_err_prefix(e, "%s", r->h.node.key);
}

static int ask_server(struct revoke *r, int reason)
{
	struct pve_err *e = &r->ctx->err;
	PVE_BUF der64 = {0};
	PVE_STRV args = {0};

	pve_base64url_encode(r->chain.v[0].der, &der64);
	pve_strv_add(&args, "revoke");
	pve_strv_add(&args, pve_buf_str(&der64));
	pve_strv_addf(&args, "%d", reason);
	pve_strv_add(&args, r->opts->by_key ? "1" : "");
	if (find_key(r) < 0)
		return -1;
	r->keeper.ca_pem = r->opts->net.ca_bundle ? pve_buf_str(&r->ca) : NULL;
	r->keeper.timeout_s = r->opts->net.timeout ? (unsigned)r->opts->net.timeout : TIMEOUT_S;
	acme_say(r->ctx, "Revoking old certificate");
	if (acme_keeper_begin(&r->keeper, e) == 0) {
		acme_warn_clock(r->ctx, r->keeper.skew);
		if (acme_keeper_job(&r->keeper, &args, NULL, e) == 0)
			return 0;
	}
	/* A certificate that has expired needs no revocation, and some servers say so. */
	if (r->chain.v[0].not_after >= pve_sys_time(&r->ctx->sys) || r->keeper.fate != ACME_REFUSED)
		return -1;
	acme_say(r->ctx, "%s; it has expired anyway", e->msg);
	*e = (struct pve_err){0};
	return 0;
}

static int revoke(struct revoke *r)
{
	struct pve_ctx *ctx = r->ctx;
	int reason = find_reason(ctx, r->opts->reason);
	PVE_PLAN plan = {0};
	int rc = 0;

	if (reason < 0)
		return -1;
	if (!ctx->dry_run && acme_keeper_start(&r->keeper, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (acme_host_read(&r->h, &ctx->sys, &ctx->err) < 0 ||
	    acme_host_writable(&r->h, &ctx->sys, &ctx->err) < 0 ||
	    pve_fs_read(&ctx->sys, r->h.node.cert, 0, &r->pem, NULL, &ctx->err) < 0)
		return -1;
	if (pve_chain_parse(&r->chain, (struct pve_span){r->pem.data, r->pem.len}, &ctx->err) < 0)
		return pve_err_prefix(&ctx->err, "%s", r->h.node.cert);
	if (r->opts->net.ca_bundle &&
	    pve_fs_read_given(r->opts->net.ca_bundle, CA_MAX, &r->ca, &ctx->err) < 0)
		return -1;
	if (ctx->dry_run) {
		printf("revoke the certificate %s: its server says so to everybody from then on\n",
		       r->chain.v[0].fingerprint);
	} else {
		acme_stop_hold();
		rc = ask_server(r, reason);
		acme_keeper_stop(&r->keeper);
		acme_stop_release();
	}
	if (rc < 0)
		return -1;
	if (!ctx->dry_run)
		acme_say(ctx, "Deleting certificate files");
	if (acme_change_begin(ctx, &r->change) < 0 ||
	    acme_uninstall_plan(ctx, &r->h, true, &plan) < 0)
		return -1;
	return pve_ctx_apply(ctx, &r->change, &plan);
}

int acme_cert_revoke(struct pve_ctx *ctx)
{
	struct revoke r = {.ctx = ctx, .opts = ctx->opts};
	int rc = revoke(&r);

	pve_change_done(&r.change);
	acme_keeper_stop(&r.keeper);
	pve_pkey_free(r.key);
	acme_stored_done(&r.account);
	pve_chain_done(&r.chain);
	pve_buf_done(&r.ca);
	pve_buf_done(&r.pem);
	acme_host_done(&r.h);
	return rc;
}
