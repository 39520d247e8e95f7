/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "boot.h"
#include "esp.h"
#include "pvecommon/fs.h"
#include "verify.h"

enum {
	COL_ESP,
	COL_DEVICE,
	COL_KIND,
	COL_MODE,
	COL_VERSIONS,
	COL_STATE,
	COL_MESSAGE,
	COL_LINE,
};

const struct pve_col boot_status_cols[BOOT_STATUS_NCOLS] = {
	{"esp", PVE_T_STR, false, "its vfat serial number, as in the list"},
	{"device", PVE_T_STR, false, "block device, image or directory"},
	{"kind", PVE_T_STR, false, "device, image, directory"},
	{"mode", PVE_T_STR, false, "systemd-boot, grub, none"},
	{"versions", PVE_T_STR, false, "of the kernels there, newest first"},
	{"state", PVE_T_STR, false, "ok, drift, not-set-up, damaged, unreadable, absent"},
	{"message", PVE_T_STR, false, "why it is not ok"},
	{"line", PVE_T_INT, true, "in the list of ESPs"},
};

/* What an ESP is, worst last: the exit code follows the worst of all. */
enum state { OK, DRIFT, NOT_SET_UP, DAMAGED, UNREADABLE, ABSENT, DENIED };

static const struct {
	const char *name;
	int code;
} states[] = {
	[OK] = {"ok", PVE_OK},
	[DRIFT] = {"drift", PVE_FAILED},
	[NOT_SET_UP] = {"not-set-up", PVE_FAILED},
	[DAMAGED] = {"damaged", PVE_FAILED},
	[UNREADABLE] = {"unreadable", PVE_DATA},
	[ABSENT] = {"absent", PVE_NOTHERE},
	[DENIED] = {"unreadable", PVE_DENIED},
};

struct line {
	const struct esp *esp;
	struct esp_kernels kernels;
	enum esp_mode mode;
	enum state state;
	char *message; /* NULL: it is ok */
};

__attribute__((format(printf, 3, 4))) static void tell(struct line *l, enum state state,
						       const char *fmt, ...)
{
	va_list ap;

	free(l->message);
	l->state = state;
	va_start(ap, fmt);
	l->message = pve_vasprintf(fmt, ap);
	va_end(ap);
}

/* Is a source of the manifest another file now, as far as its size and time tell? */
static bool is_another(struct pve_sys *sys, const struct manifest_file *f)
{
	struct stat st;

	if (!*f->source || !f->mtime || pve_fs_stat(sys, f->source, &st, NULL) < 0)
		return false;
	return (uint64_t)st.st_size != f->size ||
	       f->mtime != st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

/* What the manifest tells without a file being read: that is for verify. */
static void look_for_drift(struct line *l, struct esp_tree *t, struct pve_sys *sys,
			   const struct manifest *m)
{
	const struct manifest_file *gone = verify_first_drift(m, t);

	if (gone) {
		tell(l, DRIFT, "%s: %s is not what was written (pve-boot refresh)", t->path,
		     gone->path);
		return;
	}
	for (size_t i = 0; i < m->n; i++)
		if (is_another(sys, &m->v[i])) {
			tell(l, DRIFT, "%s: %s is another file now (pve-boot refresh)", t->path,
			     m->v[i].source);
			return;
		}
}

static void look_at_manifest(struct line *l, struct esp_tree *t, struct pve_sys *sys)
{
	const struct esp_node *node = esp_find(t, MANIFEST_PATH);
	struct manifest m = {0};
	struct pve_diags diags = {0};
	struct pve_err e = {0};
	PVE_BUF text = {0};

	if (!node || node->dir)
		return;
	if (esp_read(t, node, MANIFEST_MAX, &text, &e) < 0)
		tell(l, DAMAGED, "%s: %s", t->path, e.msg);
	else if (manifest_parse(&m, (struct pve_span){text.data, text.len}, node->path, &diags) < 0)
		tell(l, DAMAGED, "%s: %s: the manifest is damaged", t->path, node->path);
	else
		look_for_drift(l, t, sys, &m);
	pve_diags_done(&diags);
	manifest_done(&m);
}

static void look(struct line *l, struct esp *esp, struct pve_sys *sys)
{
	*l = (struct line){.esp = esp};
	if (esp->err.code) {
		tell(l,
		     esp->err.code == PVE_NOTHERE  ? ABSENT
		     : esp->err.code == PVE_DENIED ? DENIED
						   : UNREADABLE,
		     "%s", esp->err.msg);
		return;
	}
	l->mode = esp_mode(&esp->tree);
	esp_kernels_find(&l->kernels, &esp->tree);
	if (esp->tree.damage.n)
		tell(l, DAMAGED, "%s: %s: %s", esp->tree.path, esp->tree.damage.v[0].file,
		     esp->tree.damage.v[0].msg);
	else if (l->mode == ESP_MODE_NONE)
		tell(l, NOT_SET_UP, "%s: no loader is set up", esp->tree.path);
	else
		look_at_manifest(l, &esp->tree, sys);
}

/* The versions in one loader's layout, as the stock tool joins them. */
static void put_versions(const struct line *l, enum esp_mode layout, struct pve_buf *b)
{
	size_t before = b->len;

	for (size_t i = 0; i < l->kernels.n; i++)
		if (l->kernels.v[i].layout == layout)
			pve_buf_printf(b, "%s%s", b->len > before ? ", " : "",
				       l->kernels.v[i].version);
}

/* The line that callers of the stock tool match, such as pve8to9:
 * "0A1B-2C3D is configured with: uefi (versions: 6.8.12-4-pve), grub (versions: )". */
static void print_line(const struct line *l)
{
	const struct esp_tree *t = &l->esp->tree;
	PVE_BUF with = {0};

	if (l->esp->err.code)
		return;
	if (esp_find(t, "loader/loader.conf")) {
		pve_buf_puts(&with, "uefi (versions: ");
		put_versions(l, ESP_MODE_SYSTEMD, &with);
		pve_buf_putc(&with, ')');
	}
	if (esp_find(t, "grub")) {
		pve_buf_printf(&with, "%sgrub (versions: ", with.len ? ", " : "");
		put_versions(l, ESP_MODE_GRUB, &with);
		pve_buf_putc(&with, ')');
	}
	if (with.len)
		printf("%s is configured with: %s\n", l->esp->uuid, pve_buf_str(&with));
}

static void put_row(struct pve_out *out, const struct line *l)
{
	static const char *const kinds[] = {"device", "image", "directory"};
	struct pve_row *row = pve_out_row(out, NULL);
	PVE_BUF versions = {0};

	put_versions(l, l->mode, &versions);
	pve_row_str(row, COL_ESP, l->esp->uuid);
	pve_row_str(row, COL_DEVICE, l->esp->tree.device);
	if (!l->esp->err.code) {
		pve_row_str(row, COL_KIND, kinds[l->esp->tree.kind]);
		pve_row_str(row, COL_MODE, esp_mode_name(l->mode));
		pve_row_str(row, COL_VERSIONS, pve_buf_str(&versions));
	}
	pve_row_str(row, COL_STATE, states[l->state].name);
	pve_row_str(row, COL_MESSAGE, l->message);
	pve_row_int(row, COL_LINE, l->esp->line);
	if (l->state != OK)
		pve_row_color(row, l->state <= NOT_SET_UP ? "yellow" : "red");
}

static void print_lines(struct pve_ctx *ctx, const struct line *lines, size_t n)
{
	printf("System currently booted with %s\n",
	       pve_fs_exists(&ctx->sys, "/sys/firmware/efi") ? "uefi" : "legacy bios");
	for (size_t i = 0; i < n; i++) {
		print_line(&lines[i]);
		if (lines[i].message)
			pve_log_line(&ctx->log, PVE_LOG_WARNING, "%s", lines[i].message);
	}
}

/* Rows where they were asked for, else the stock tool's lines. */
static int report(struct pve_ctx *ctx, const struct line *lines, size_t n)
{
	struct pve_out *out;
	int rc;

	if (!ctx->out.json && !ctx->out.no_header && !ctx->out.columns) {
		print_lines(ctx, lines, n);
		return 0;
	}
	out = pve_out_new(boot_status_cols, BOOT_STATUS_NCOLS, &ctx->out, &ctx->err);
	if (!out)
		return -1;
	for (size_t i = 0; i < n; i++)
		put_row(out, &lines[i]);
	rc = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return rc;
}

static int status(struct pve_ctx *ctx, struct esp_list *l)
{
	struct line *lines = pve_calloc(l->n + 1, sizeof(*lines));
	enum state worst = OK;
	int rc;

	esp_list_open(l, &ctx->sys);
	for (size_t i = 0; i < l->n; i++) {
		look(&lines[i], &l->v[i], &ctx->sys);
		if (lines[i].state > worst)
			worst = lines[i].state;
	}
	rc = report(ctx, lines, l->n);
	for (size_t i = 0; i < l->n; i++) {
		esp_kernels_done(&lines[i].kernels);
		free(lines[i].message);
	}
	free(lines);
	return rc < 0 ? -1 : states[worst].code;
}

int boot_cmd_status(struct pve_ctx *ctx)
{
	bool quiet = ctx->log.level == PVE_LOG_ERROR;
	struct esp_list l = {0};
	int rc = PVE_OK;

	if (esp_list_read(&l, &ctx->sys, &ctx->err) < 0)
		return -1;
	/* The code of the stock tool, which its callers ask for. */
	if (!l.exists)
		rc = quiet ? PVE_CRITICAL
			   : pve_err_set(&ctx->err, PVE_CRITICAL,
					 "%s%s is not there: no ESP is kept in sync here",
					 ctx->sys.root, ESP_LIST);
	else if (!quiet)
		rc = status(ctx, &l);
	esp_list_done(&l);
	return rc;
}
