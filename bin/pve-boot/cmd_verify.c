/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "boot.h"
#include "images.h"
#include "probe_verify.h"

enum { COL_ESP, COL_PATH, COL_STATE, COL_MESSAGE, COL_SOURCE, COL_BYTES, COL_SHA256, COL_DEVICE };

const struct pve_col boot_verify_cols[BOOT_VERIFY_NCOLS] = {
	{"esp", PVE_T_STR, false, "its vfat serial number, as in the list"},
	{"path", PVE_T_STR, false, "of the file on the ESP; empty: the ESP itself"},
	{"state", PVE_T_STR, false,
	 "ok, read; stale, no-source, differs, unknown; changed, missing, unreadable; absent"},
	{"message", PVE_T_STR, false, "what that means"},
	{"source", PVE_T_STR, true, "where on the host it is from"},
	{"bytes", PVE_T_SIZE, true, "of the file on the ESP"},
	{"sha256", PVE_T_STR, true, "as it was read"},
	{"device", PVE_T_STR, true, "block device, image or directory"},
};

const struct pve_opt boot_verify_options[] = {
	{'a', "all", PVE_OPT_FLAG, offsetof(struct boot_verify_opts, all),
	 .help = "show also files of which nothing tells what they were"},
	{0},
};

/* How bad it is; the exit code is that of the worst. */
enum worst { GOOD, DRIFT, DENIED, ABSENT, UNREADABLE, DAMAGE };

static const int codes[] = {
	[GOOD] = PVE_OK,        [DRIFT] = PVE_FAILED,    [DENIED] = PVE_DENIED,
	[ABSENT] = PVE_NOTHERE, [UNREADABLE] = PVE_DATA, [DAMAGE] = PVE_CRITICAL,
};

struct verify {
	struct pve_ctx *ctx;
	struct esp_list list;
	struct verify_esp *v; /* list.n of them */
	struct pve_out *out;
	enum worst worst;
};

static void worsen(struct verify *v, enum worst to)
{
	if (to > v->worst)
		v->worst = to;
}

static struct pve_row *new_row(struct verify *v, const struct esp *esp, const char *state,
			       const char *message)
{
	struct pve_row *row = pve_out_row(v->out, NULL);

	pve_row_str(row, COL_ESP, esp->uuid);
	pve_row_str(row, COL_DEVICE, esp->tree.device);
	pve_row_str(row, COL_STATE, state);
	pve_row_str(row, COL_MESSAGE, message);
	return row;
}

/* One clause; to be freed. */
static char *message_of(const struct verify_file *f, enum verify_state state)
{
	switch (state) {
	case VERIFY_OK:
		return NULL;
	case VERIFY_READ:
		return pve_strdup("can be read, but nothing tells what it was");
	case VERIFY_NO_SOURCE:
		return pve_asprintf("%s is not there any more", f->source);
	case VERIFY_STALE:
		return pve_asprintf("%s is another now: pve-boot refresh", f->source);
	case VERIFY_DIFFERS:
		return pve_asprintf("is not %s, and nobody noted where it is from: pve-boot %s",
				    f->source, f->optional ? "reinit" : "refresh");
	case VERIFY_UNKNOWN:
		return pve_asprintf("there is no %s, and nobody noted where it is from", f->source);
	case VERIFY_CHANGED:
		return pve_asprintf("is not what was written: pve-boot %s",
				    boot_is_grub_image(f->path) ? "reinit" : "refresh --verify");
	case VERIFY_MISSING:
		return pve_asprintf("was written, but is not there: pve-boot %s",
				    boot_is_grub_image(f->path) ? "reinit" : "refresh");
	case VERIFY_UNREADABLE:
		return pve_strdup(f->err.msg);
	}
	return NULL;
}

static void put_file(struct verify *v, const struct esp *esp, const struct verify_file *f)
{
	const struct boot_verify_opts *opts = v->ctx->opts;
	enum verify_state state = verify_state(f);
	PVE_FREE char *message = message_of(f, state);
	struct pve_row *row;

	if (state == VERIFY_READ && !opts->all)
		return;
	row = new_row(v, esp, verify_state_name(state), message);

	pve_row_str(row, COL_PATH, f->path);
	pve_row_text(row, COL_SOURCE, f->source);
	pve_row_text(row, COL_SHA256, f->is);
	if (f->node)
		pve_row_size(row, COL_BYTES, f->node->size);
	if (state > VERIFY_READ)
		pve_row_color(row, verify_is_damage(state) ? "red" : "yellow");
	worsen(v, verify_is_damage(state) ? DAMAGE : state <= VERIFY_READ ? GOOD : DRIFT);
}

/* What is wrong with the manifest, and with the file system. */
static void put_trouble(struct verify *v, const struct verify_esp *e)
{
	for (size_t i = 0; i < e->manifest_diags.n; i++) {
		PVE_FREE char *text = pve_diag_format(&e->manifest_diags.v[i]);

		pve_row_str(new_row(v, e->esp, "changed", text), COL_PATH, MANIFEST_PATH);
		worsen(v, DAMAGE);
	}
	for (size_t i = 0; i < e->esp->tree.damage.n; i++) {
		const struct pve_diag *d = &e->esp->tree.damage.v[i];

		pve_row_str(new_row(v, e->esp, "unreadable", d->msg), COL_PATH, d->file);
		worsen(v, DAMAGE);
	}
}

static void put_esp(struct verify *v, const struct verify_esp *e)
{
	const struct pve_err *err = &e->esp->err;
	bool absent = err->code == PVE_NOTHERE;

	if (err->code) {
		pve_row_color(new_row(v, e->esp, absent ? "absent" : "unreadable", err->msg),
			      "red");
		worsen(v, absent ? ABSENT : err->code == PVE_DENIED ? DENIED : UNREADABLE);
		return;
	}
	put_trouble(v, e);
	for (size_t i = 0; i < e->files.n; i++)
		put_file(v, e->esp, &e->files.v[i]);
}

static int verify(struct verify *v)
{
	struct pve_ctx *ctx = v->ctx;

	if (esp_list_read(&v->list, &ctx->sys, &ctx->err) < 0)
		return -1;
	if (!v->list.exists)
		return pve_err_set(&ctx->err, PVE_NOTHERE,
				   "%s%s is not there: no ESP is kept in sync here", ctx->sys.root,
				   ESP_LIST);
	esp_list_open(&v->list, &ctx->sys);
	v->v = pve_calloc(v->list.n + 1, sizeof(*v->v));
	for (size_t i = 0; i < v->list.n; i++) {
		v->v[i].esp = &v->list.v[i];
		verify_esp_open(&v->v[i]);
	}
	if (verify_esps_read(v->v, v->list.n, ctx) < 0)
		return -1;
	v->out = pve_out_new(boot_verify_cols, BOOT_VERIFY_NCOLS, &ctx->out, &ctx->err);
	if (!v->out)
		return -1;
	for (size_t i = 0; i < v->list.n; i++)
		put_esp(v, &v->v[i]);
	return pve_ctx_print(ctx, v->out) < 0 ? -1 : codes[v->worst];
}

int boot_cmd_verify(struct pve_ctx *ctx)
{
	struct verify v = {.ctx = ctx};
	int rc = verify(&v);

	for (size_t i = 0; v.v && i < v.list.n; i++)
		verify_esp_done(&v.v[i]);
	free(v.v);
	pve_out_free(v.out);
	esp_list_done(&v.list);
	return rc;
}
