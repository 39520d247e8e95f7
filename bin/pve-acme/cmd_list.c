/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "acme.h"

#include "pve-acme/retry.h"

#include "pvecommon/mem.h"
#include "pvecommon/text.h"
#include "pveio/x509.h"

enum { COL_DOMAIN, COL_CHALLENGE, COL_PLUGIN, COL_API, COL_ALIAS, COL_ACCOUNT, COL_KEY, COL_PROBLEM };

const struct pve_col acme_list_cols[ACME_LIST_NCOLS] = {
	{"domain", PVE_T_STR, false, "the name to be certified"},
	{"challenge", PVE_T_STR, false, "http-01, tls-alpn-01, dns-01"},
	{"plugin", PVE_T_STR, false, "what meets the challenge"},
	{"api", PVE_T_STR, false, "how it does that"},
	{"alias", PVE_T_STR, false, "the domain whose _acme-challenge is used"},
	{"account", PVE_T_STR, false, "who orders"},
	{"key", PVE_T_STR, true, "the key of the node's configuration that names it"},
	{"problem", PVE_T_STR, true, "why it cannot be ordered as it is"},
};

void acme_warn_clock(struct pve_ctx *ctx, int64_t skew)
{
	PVE_FREE char *line = acme_skew_warning(skew);

	if (line)
		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
}

void acme_say(struct pve_ctx *ctx, const char *fmt, ...)
{
	PVE_BUF line = {0};
	PVE_BUF safe = {0};
	va_list ap;

	if (ctx->log.level < PVE_LOG_NOTICE)
		return;
	va_start(ap, fmt);
	pve_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	pve_text_safe(&safe, (struct pve_span){pve_buf_str(&line), line.len});
	puts(pve_buf_str(&safe));
	fflush(stdout);
}

static void add_row(struct pve_out *out, const struct acme_host *h, const struct acme_domain *d)
{
	struct pve_row *row = pve_out_row(out, NULL);
	struct pve_err why = {0};
	const struct acme_plugin *p = acme_host_plugin(h, d, &why);

	pve_row_str(row, COL_DOMAIN, d->name);
	pve_row_str(row, COL_CHALLENGE, p ? acme_plugin_challenge(p) : NULL);
	pve_row_str(row, COL_PLUGIN, d->plugin);
	pve_row_str(row, COL_API, p ? p->api : NULL);
	pve_row_str(row, COL_ALIAS, d->alias);
	pve_row_str(row, COL_ACCOUNT, h->domains.account);
	pve_row_str(row, COL_KEY, d->key);
	pve_row_str(row, COL_PROBLEM, p ? NULL : why.msg);
	if (!p)
		pve_row_color(row, "red");
}

int acme_cmd_list(struct pve_ctx *ctx)
{
	ACME_HOST h = {0};
	struct pve_out *out = pve_out_new(acme_list_cols, ACME_LIST_NCOLS, &ctx->out, &ctx->err);
	int rc;

	if (!out)
		return -1;
	if (acme_host_read(&h, &ctx->sys, &ctx->err) < 0) {
		pve_out_free(out);
		return -1;
	}
	for (size_t i = 0; i < h.diags.n; i++) {
		PVE_FREE char *line = pve_diag_format(&h.diags.v[i]);

		pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", line);
	}
	for (size_t i = 0; i < h.domains.n; i++)
		add_row(out, &h, &h.domains.v[i]);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}
