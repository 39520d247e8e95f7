/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "boot.h"
#include "calls.h"
#include "cmdline.h"
#include "esp.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "pvecommon/textfile.h"

enum { COL_LOADER, COL_FILE, COL_CMDLINE };

const struct pve_col boot_cmdline_cols[BOOT_CMDLINE_NCOLS] = {
	{"loader", PVE_T_STR, false, "systemd-boot, grub: which the words are for"},
	{"file", PVE_T_STR, false, "where they stand"},
	{"cmdline", PVE_T_STR, false, "the words"},
};

/* Which of the two files count here: that of systemd-boot when an ESP has it; that of GRUB when
 * one has it, and when no ESP is kept in sync. */
struct loaders {
	bool systemd, grub;
};

static int find_loaders(struct pve_ctx *ctx, struct loaders *l)
{
	struct esp_list esps = {0};

	*l = (struct loaders){0};
	if (esp_list_read(&esps, &ctx->sys, &ctx->err) < 0)
		return -1;
	esp_list_open(&esps, &ctx->sys);
	for (size_t i = 0; i < esps.n; i++) {
		enum esp_mode mode = esps.v[i].err.code ? ESP_MODE_NONE : esp_mode(&esps.v[i].tree);

		l->systemd |= mode == ESP_MODE_SYSTEMD;
		l->grub |= mode == ESP_MODE_GRUB;
	}
	/* ESPs that cannot be read now: the file that a refresh insists on. */
	if (!l->systemd && !l->grub)
		*(esps.n ? &l->systemd : &l->grub) = true;
	esp_list_done(&esps);
	return 0;
}

static int read_file(struct pve_ctx *ctx, const char *file, struct pve_buf *text, bool *there)
{
	struct pve_err e = {0};

	*there = pve_fs_read(&ctx->sys, file, 0, text, NULL, &e) == 0;
	if (*there || e.sys == ENOENT)
		return 0;
	ctx->err = e;
	return -1;
}

/* The words of GRUB's variable, to be freed by the arena of t. */
static struct pve_span grub_words(struct pve_textfile *t)
{
	struct pve_setting s;

	return pve_textfile_sh_find(t, BOOT_GRUB_VARIABLE, &s) ? s.value : (struct pve_span){"", 0};
}

/* --- show --------------------------------------------------------------------------------------- */

static void row(struct pve_out *out, const char *loader, const char *file, struct pve_span words)
{
	struct pve_row *r = pve_out_row(out, NULL);

	pve_row_str(r, COL_LOADER, loader);
	pve_row_str(r, COL_FILE, file);
	pve_row_fmt(r, COL_CMDLINE, "%.*s", PVE_SPAN_ARG(words));
}

static int show_systemd(struct pve_ctx *ctx, struct pve_out *out)
{
	PVE_BUF text = {0}, line = {0};
	bool there;

	if (read_file(ctx, BOOT_CMDLINE, &text, &there) < 0)
		return -1;
	if (!there)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "there is no %s" BOOT_CMDLINE "; pve-boot cmdline set 'root=...' "
				   "makes one",
				   ctx->sys.root);
	if (boot_cmdline_parse((struct pve_span){text.data, text.len}, BOOT_CMDLINE, &line,
			       &ctx->err) < 0)
		return -1;
	row(out, "systemd-boot", BOOT_CMDLINE, (struct pve_span){line.data, line.len});
	return 0;
}

static int show_grub(struct pve_ctx *ctx, struct pve_out *out)
{
	struct pve_textfile t = {0};
	PVE_BUF text = {0};
	bool there;

	if (read_file(ctx, BOOT_GRUB_DEFAULTS, &text, &there) < 0)
		return -1;
	pve_textfile_parse(&t, (struct pve_span){text.data, text.len});
	row(out, "grub", BOOT_GRUB_DEFAULTS, grub_words(&t));
	pve_textfile_done(&t);
	return 0;
}

static int show(struct pve_ctx *ctx, const struct loaders *l)
{
	struct pve_out *out = pve_out_new(boot_cmdline_cols, BOOT_CMDLINE_NCOLS, &ctx->out, &ctx->err);
	int ret = out ? 0 : -1;

	if (ret == 0 && l->systemd)
		ret = show_systemd(ctx, out);
	if (ret == 0 && l->grub)
		ret = show_grub(ctx, out);
	if (ret == 0)
		ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}

/* --- changes -------------------------------------------------------------------------------------- */

/* What is written must be what a refresh takes. */
static int plan_systemd(struct pve_ctx *ctx, const struct boot_cmdline_edit *edit,
			struct pve_plan *plan)
{
	PVE_BUF was = {0}, now = {0}, line = {0};
	struct pve_span old;
	bool there;

	if (read_file(ctx, BOOT_CMDLINE, &was, &there) < 0)
		return -1;
	old = (struct pve_span){pve_buf_str(&was), was.len};
	if (boot_cmdline_edit_file(old, edit, &now, &ctx->err) < 0)
		return -1;
	if (boot_cmdline_parse((struct pve_span){pve_buf_str(&now), now.len}, BOOT_CMDLINE, &line,
			       &ctx->err) < 0)
		return pve_err_prefix(&ctx->err, "not changed, for it would be no good");
	pve_plan_write(plan, BOOT_CMDLINE, there ? &old : NULL,
		       (struct pve_span){now.data, now.len}, 0644, "the words for systemd-boot");
	return 0;
}

static int plan_grub(struct pve_ctx *ctx, const struct boot_cmdline_edit *edit,
		     struct pve_plan *plan)
{
	struct pve_textfile t = {0};
	PVE_BUF was = {0}, now = {0}, words = {0};
	struct pve_span old;
	bool there;
	int ret;

	if (read_file(ctx, BOOT_GRUB_DEFAULTS, &was, &there) < 0)
		return -1;
	old = (struct pve_span){pve_buf_str(&was), was.len};
	pve_textfile_parse(&t, old);
	ret = boot_cmdline_edit(grub_words(&t), edit, &words, &ctx->err);
	if (ret == 0)
		ret = pve_textfile_sh_set(&t, BOOT_GRUB_VARIABLE,
					  (struct pve_span){pve_buf_str(&words), words.len},
					  &ctx->err);
	pve_textfile_format(&t, &now);
	pve_textfile_done(&t);
	if (ret < 0)
		return -1;
	pve_plan_write(plan, BOOT_GRUB_DEFAULTS, there ? &old : NULL,
		       (struct pve_span){now.data, now.len}, 0644, "the words for GRUB");
	return 0;
}

static int change(struct pve_ctx *ctx, const struct loaders *l, const struct boot_cmdline_edit *edit)
{
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (pve_ctx_begin(ctx, boot_calls, NULL, &change) < 0 ||
	    (l->systemd && plan_systemd(ctx, edit, &plan) < 0) ||
	    (l->grub && plan_grub(ctx, edit, &plan) < 0) || pve_ctx_apply(ctx, &change, &plan) < 0)
		return -1;
	if (plan.n && !ctx->dry_run)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE, "the loaders have it after %s",
			     l->systemd ? "the next refresh (pve-boot refresh)"
					: "pve-boot refresh, or update-grub where no ESP is kept");
	return PVE_OK;
}

int boot_cmd_cmdline(struct pve_ctx *ctx)
{
	const struct pve_strv *o = &ctx->operands;
	const char *verb = o->n ? o->v[0] : "show";
	struct pve_strv words = {o->n ? o->v + 1 : NULL, o->n ? o->n - 1 : 0, 0};
	struct boot_cmdline_edit edit = {0};
	struct loaders l;

	if (find_loaders(ctx, &l) < 0)
		return -1;
	if (strcmp(verb, "show") == 0 && o->n <= 1)
		return show(ctx, &l);
	if (strcmp(verb, "set") == 0 && o->n == 2)
		edit.set = o->v[1];
	else if (strcmp(verb, "add") == 0 && o->n > 1)
		edit.add = &words;
	else if (strcmp(verb, "remove") == 0 && o->n > 1)
		edit.remove = &words;
	else
		return pve_err_set(&ctx->err, PVE_USAGE,
				   "cmdline takes show, set TEXT (as one operand), add WORD..., or "
				   "remove WORD...");
	return change(ctx, &l, &edit);
}
