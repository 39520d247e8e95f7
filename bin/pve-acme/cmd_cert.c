/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "acme.h"
#include "show.h"

#include "pvecommon/mem.h"
#include "pveio/x509.h"

enum {
	COL_FILENAME,
	COL_FINGERPRINT,
	COL_SUBJECT,
	COL_ISSUER,
	COL_NOTBEFORE,
	COL_NOTAFTER,
	COL_TYPE,
	COL_BITS,
	COL_SAN,
	COL_PEM,
	COL_KEY,
	COL_VALUE,
};

const struct pve_col acme_cert_cols[ACME_CERT_NCOLS] = {
	[COL_FILENAME] = {"filename", PVE_T_STR, false, "of the certificate"},
	[COL_FINGERPRINT] = {"fingerprint", PVE_T_STR, false, "SHA-256"},
	[COL_SUBJECT] = {"subject", PVE_T_STR, false, "whose it is"},
	[COL_ISSUER] = {"issuer", PVE_T_STR, false, "who signed it"},
	[COL_NOTBEFORE] = {"notbefore", PVE_T_TIME, false, "from when it is good"},
	[COL_NOTAFTER] = {"notafter", PVE_T_TIME, false, "until when"},
	[COL_TYPE] = {"public-key-type", PVE_T_STR, false, "kind of its key"},
	[COL_BITS] = {"public-key-bits", PVE_T_INT, false, "size of its key"},
	[COL_SAN] = {"san", PVE_T_STR, false, "the names that it is for"},
	[COL_PEM] = {"pem", PVE_T_STR, true, "itself"},
	[COL_KEY] = {"key", PVE_T_STR, true, "the property"},
	[COL_VALUE] = {"value", PVE_T_STR, true, "what it is"},
};

#define ACME_ORDER_OPTIONS                                                                         \
	"force ca-bundle timeout resolver http-address http-port tls-port key-type reuse-key "     \
	"profile preferred-chain reregister"

const struct pve_opt acme_cert_options[] = {
	{'f', "force", PVE_OPT_FLAG, offsetof(struct acme_cert_opts, force),
	 .help = "set, order, renew: replace what is there"},
	{'r', "restart", PVE_OPT_FLAG, offsetof(struct acme_cert_opts, restart),
	 .help = "set, delete: have pveproxy load it, and see that it does"},
	{0, "ca-bundle", PVE_OPT_STR, offsetof(struct acme_cert_opts, net.ca_bundle), "FILE",
	 "order, renew, revoke: trust these certificates instead of the system's"},
	{0, "timeout", PVE_OPT_DURATION, offsetof(struct acme_cert_opts, net.timeout), "SECONDS",
	 "order, renew, revoke: for everything (300)", .min = 1, .max = 86400},
	{0, "resolver", PVE_OPT_STR, offsetof(struct acme_cert_opts, resolver), "ADDRESS[:PORT]",
	 "order, renew: the name server to ask (that of resolv.conf)"},
	{0, "http-address", PVE_OPT_STR, offsetof(struct acme_cert_opts, http_address), "ADDRESS",
	 "order, renew: where the listeners are (all addresses)"},
	{0, "http-port", PVE_OPT_UINT, offsetof(struct acme_cert_opts, http_port), "N",
	 "order, renew: port for http-01, for a host behind a forwarder (80)", .min = 1, .max = 65535},
	{0, "tls-port", PVE_OPT_UINT, offsetof(struct acme_cert_opts, tls_port), "N",
	 "order, renew: port for tls-alpn-01 (443)", .min = 1, .max = 65535},
	{0, "key-type", PVE_OPT_CHOICE, offsetof(struct acme_cert_opts, key_type), "TYPE",
	 "order, renew: kind of the new key (ec256)", PVE_PKEY_TYPES},
	{0, "reuse-key", PVE_OPT_FLAG, offsetof(struct acme_cert_opts, reuse_key),
	 .help = "order, renew: keep the key that is there"},
	{0, "profile", PVE_OPT_STR, offsetof(struct acme_cert_opts, profile), "NAME",
	 "order, renew: the server's profile for the certificate"},
	{0, "preferred-chain", PVE_OPT_STR, offsetof(struct acme_cert_opts, preferred_chain), "NAME",
	 "order, renew: the chain in which somebody of that common name is an issuer"},
	{0, "reregister", PVE_OPT_FLAG, offsetof(struct acme_cert_opts, reregister),
	 .help = "order, renew: make an account anew that the server has lost"},
	{0, "reason", PVE_OPT_STR, offsetof(struct acme_cert_opts, reason), "REASON",
	 "revoke: keyCompromise, superseded, cessationOfOperation, affiliationChanged, or its number"},
	{0, "by-key", PVE_OPT_FLAG, offsetof(struct acme_cert_opts, by_key),
	 .help = "revoke: signed by the certificate's own key, without the account"},
	{0, "if-due", PVE_OPT_FLAG, offsetof(struct acme_cert_opts, if_due),
	 .help = "renew: for a timer: only when it is due; a failure is mailed"},
	{0, "days", PVE_OPT_UINT, offsetof(struct acme_cert_opts, days), "N",
	 "renew, status: due that many days before it expires, not by its life", .min = 1, .max = 3650},
	{0, "mail", PVE_OPT_STR, offsetof(struct acme_cert_opts, mail), "ADDRESS",
	 "renew: whom to tell of a failure (root)"},
	{0},
};

/* --- info --------------------------------------------------------------------------------- */

struct info {
	struct pve_ctx *ctx;
	struct pve_out *out; /* NULL: boxes */
	struct pve_arena mem;
};

static const char *names_of(struct info *in, const struct pve_cert *c, const char *sep)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < c->nsan; i++)
		pve_buf_printf(&text, "%s%s", i ? sep : "", c->san[i].text);
	return pve_arena_strdup(&in->mem, pve_buf_str(&text));
}

static void add_row(struct info *in, const char *name, const struct pve_cert *c)
{
	struct pve_row *row = pve_out_row(in->out, NULL);

	pve_row_str(row, COL_FILENAME, name);
	pve_row_str(row, COL_FINGERPRINT, c->fingerprint);
	pve_row_str(row, COL_SUBJECT, c->subject);
	pve_row_str(row, COL_ISSUER, c->issuer);
	pve_row_time(row, COL_NOTBEFORE, c->not_before);
	pve_row_time(row, COL_NOTAFTER, c->not_after);
	pve_row_str(row, COL_TYPE, c->key_type);
	pve_row_int(row, COL_BITS, c->key_bits);
	pve_row_str(row, COL_SAN, names_of(in, c, " "));
	pve_row_str(row, COL_PEM, pve_arena_memdup(&in->mem, c->pem.p, c->pem.len));
}

static int show_box(struct info *in, const char *name, const struct pve_cert *c)
{
	const struct acme_box_row rows[] = {
		{"filename", name},
		{"fingerprint", c->fingerprint},
		{"subject", c->subject},
		{"issuer", c->issuer},
		{"notbefore", acme_show_time(&in->mem, c->not_before)},
		{"notafter", acme_show_time(&in->mem, c->not_after)},
		{"public-key-type", c->key_type},
		{"public-key-bits", pve_arena_printf(&in->mem, "%u", c->key_bits)},
		{"san", names_of(in, c, "\n")},
	};

	return acme_show_box(in->ctx, rows, sizeof(rows) / sizeof(*rows));
}

static int show_file(struct info *in, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	PVE_CLEANUP(pve_chain_done) struct pve_chain chain = {0};
	ACME_FILE file = {0};
	struct pve_err why = {0};

	if (acme_file_read(&file, &in->ctx->sys, path, &in->ctx->err) < 0)
		return -1;
	if (!file.there)
		return 0;
	if (pve_chain_parse(&chain, acme_file_span(&file), &why) < 0) {
		pve_log_line(&in->ctx->log, PVE_LOG_WARNING, "%s%s: %s", in->ctx->sys.root, path,
			     why.msg);
		return 0;
	}
	if (!in->out)
		return show_box(in, name, &chain.v[0]);
	add_row(in, name, &chain.v[0]);
	return 0;
}

static int info(struct pve_ctx *ctx)
{
	struct info in = {.ctx = ctx};
	ACME_HOST h = {0};
	int rc;

	if (acme_host_read(&h, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (acme_show_rows(ctx)) {
		in.out = pve_out_new(acme_cert_cols, ACME_CERT_NCOLS, &ctx->out, &ctx->err);
		if (!in.out)
			return -1;
	}
	rc = show_file(&in, ACME_ROOT_CA);
	rc = rc < 0 ? rc : show_file(&in, h.node.own_cert);
	rc = rc < 0 ? rc : show_file(&in, h.node.cert);
	if (rc == 0 && in.out)
		rc = pve_ctx_print(ctx, in.out);
	pve_out_free(in.out);
	pve_arena_done(&in.mem);
	return rc;
}

int acme_cmd_cert(struct pve_ctx *ctx)
{
	static const struct acme_verb verbs[] = {
		{"info", "", "", 0, 0, info},
		{"set", "CERTS [KEY]", "force restart", 1, 2, acme_cert_set},
		{"delete", "[RESTART]", "restart", 0, 1, acme_cert_delete},
		{"order", "", ACME_ORDER_OPTIONS, 0, 0, acme_cert_order},
		{"renew", "", ACME_ORDER_OPTIONS " if-due days mail", 0, 0, acme_cert_renew},
		{"status", "", "days", 0, 0, acme_cert_status},
		{"revoke", "", "ca-bundle timeout reason by-key", 0, 0, acme_cert_revoke},
		{0},
	};

	return acme_verb_run(ctx, verbs);
}
