/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "acme.h"
#include "show.h"

#include "pvecommon/mem.h"

enum { COL_KEY, COL_VALUE, COL_NAME, COL_STATUS, COL_CONTACT, COL_DIRECTORY, COL_LOCATION, COL_PROBLEM };

const struct pve_col acme_account_cols[ACME_ACCOUNT_NCOLS] = {
	[COL_KEY] = {"key", PVE_T_STR, true, "info: the property"},
	[COL_VALUE] = {"value", PVE_T_STR, true, "info: what it is"},
	[COL_NAME] = {"name", PVE_T_STR, false, "of its file"},
	[COL_STATUS] = {"status", PVE_T_STR, false, "as the server said: valid, deactivated; unregistered"},
	[COL_CONTACT] = {"contact", PVE_T_STR, false, "whom the server tells what concerns the account"},
	[COL_DIRECTORY] = {"directory", PVE_T_STR, false, "URL of the server"},
	[COL_LOCATION] = {"location", PVE_T_STR, true, "URL of the account there"},
	[COL_PROBLEM] = {"problem", PVE_T_STR, true, "why it cannot be used"},
};

const struct pve_opt acme_account_options[] = {
	{0, "directory", PVE_OPT_STR, offsetof(struct acme_account_opts, directory), .arg = "URL",
	 .help = "register: of the server; asked for on a terminal"},
	{0, "accept-tos", PVE_OPT_FLAG, offsetof(struct acme_account_opts, accept_tos),
	 .help = "register, update: agree to the terms of service"},
	{0, "contact", PVE_OPT_LIST, offsetof(struct acme_account_opts, contact), .arg = "CONTACT",
	 .help = "register, update: whom the server tells what concerns the account"},
	{0, "key-type", PVE_OPT_CHOICE, offsetof(struct acme_account_opts, key_type), .arg = "TYPE",
	 .help = "register, rollover: kind of the new key (rsa2048)", .choices = PVE_PKEY_TYPES},
	{0, "eab-kid", PVE_OPT_STR, offsetof(struct acme_account_opts, eab_kid), .arg = "ID",
	 .help = "register: name of the key that the CA gave its customer"},
	{0, "eab-hmac-file", PVE_OPT_STR, offsetof(struct acme_account_opts, eab_hmac_file),
	 .arg = "FILE", .help = "register: that key, in base64url"},
	{0, "ca-bundle", PVE_OPT_STR, offsetof(struct acme_account_opts, net.ca_bundle),
	 .arg = "FILE", .help = "trust these certificates instead of the system's"},
	{0, "timeout", PVE_OPT_DURATION, offsetof(struct acme_account_opts, net.timeout),
	 .arg = "SECONDS", .help = "for everything together (300)", .min = 1, .max = 86400},
	{0},
};

/* --- list --------------------------------------------------------------------------------- */

static void add_row(struct pve_ctx *ctx, struct pve_out *out, const char *name)
{
	struct acme_stored a = {0};
	struct pve_row *row = pve_out_row(out, NULL);
	struct pve_err why = {0};
	struct pve_strv contacts = {0};
	PVE_FREE char *status = NULL, *joined = NULL;

	pve_row_str(row, COL_NAME, name);
	if (acme_account_read(&a, NULL, &ctx->sys, name, &why) < 0) {
		pve_row_str(row, COL_STATUS, "unusable");
		pve_row_str(row, COL_PROBLEM, why.msg);
		pve_row_color(row, "red");
		pve_log_err(&ctx->log, &why);
		return;
	}
	status = acme_stored_status(&a, &contacts);
	joined = pve_strv_join(&contacts, ", ");
	pve_row_str(row, COL_STATUS, status);
	pve_row_str(row, COL_CONTACT, contacts.n ? joined : NULL);
	pve_row_str(row, COL_DIRECTORY, a.directory);
	pve_row_str(row, COL_LOCATION, a.location);
	pve_strv_done(&contacts);
	acme_stored_done(&a);
}

static int list(struct pve_ctx *ctx)
{
	struct pve_out *out;
	PVE_STRV names = {0};
	int rc;

	if (acme_accounts_list(&ctx->sys, &names, &ctx->err) < 0)
		return -1;
	out = pve_out_new(acme_account_cols, ACME_ACCOUNT_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < names.n; i++)
		add_row(ctx, out, names.v[i]);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

/* --- info --------------------------------------------------------------------------------- */

static int info(struct pve_ctx *ctx)
{
	const char *name = ctx->operands.n ? ctx->operands.v[0] : ACME_DEFAULT_ACCOUNT;
	PVE_CLEANUP(acme_stored_done) struct acme_stored a = {0};
	PVE_STRV contacts = {0};
	PVE_FREE char *status = NULL, *joined = NULL;
	struct pve_pkey *key;
	PVE_BUF thumb = {0};
	struct acme_box_row rows[10];
	size_t n = 0;
	int rc;

	if (acme_account_read(&a, NULL, &ctx->sys, name, &ctx->err) < 0)
		return -1;
	key = pve_pkey_parse(pve_span(a.key), &ctx->err);
	if (!key)
		return pve_err_prefix(&ctx->err, "the key of the account '%s'", name);
	status = acme_stored_status(&a, &contacts);
	joined = pve_strv_join(&contacts, "\n");
	if (contacts.n)
		rows[n++] = (struct acme_box_row){"contact", joined};
	rows[n++] = (struct acme_box_row){"directory", a.directory};
	if (a.eab_kid)
		rows[n++] = (struct acme_box_row){"external account", a.eab_kid};
	rows[n++] = (struct acme_box_row){"key", pve_pkey_name(key)};
	if (a.location)
		rows[n++] = (struct acme_box_row){"location", a.location};
	rows[n++] = (struct acme_box_row){"name", name};
	rows[n++] = (struct acme_box_row){"status", status};
	if (pve_pkey_thumbprint(key, &thumb, NULL) == 0)
		rows[n++] = (struct acme_box_row){"thumbprint", pve_buf_str(&thumb)};
	if (a.tos)
		rows[n++] = (struct acme_box_row){"tos", a.tos};
	rc = acme_show_box(ctx, rows, n);
	pve_pkey_free(key);
	return rc;
}

int acme_cmd_account(struct pve_ctx *ctx)
{
	static const struct acme_verb verbs[] = {
		{"list", "", "", 0, 0, list},
		{"info", "[NAME]", "", 0, 1, info},
		{"register", "[NAME] CONTACT...",
		 "directory accept-tos contact key-type eab-kid eab-hmac-file ca-bundle timeout", 0,
		 PVE_MANY, acme_account_register_cmd},
		{"update", "[NAME] [CONTACT...]", "accept-tos contact ca-bundle timeout", 0, PVE_MANY,
		 acme_account_update_cmd},
		{"deactivate", "[NAME]", "ca-bundle timeout", 0, 1, acme_account_deactivate_cmd},
		{"rollover", "[NAME]", "key-type ca-bundle timeout", 0, 1, acme_account_rollover_cmd},
		{0},
	};

	return acme_verb_run(ctx, verbs);
}
