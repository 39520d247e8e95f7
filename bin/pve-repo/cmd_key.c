/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pve-repo/keys.h"
#include "pve-repo/updates.h"
#include "pvecommon/apply.h"
#include "pvecommon/fs.h"
#include "repo.h"

enum {
	COL_FILE,
	COL_KEY,
	COL_STATE,
	COL_ALGORITHM,
	COL_CREATED,
	COL_EXPIRES,
	COL_USER,
	COL_ROLE,
	COL_READABLE,
	COL_PUBLISHED,
	COL_SIGNS,
	COL_MESSAGE,
	NCOLS,
};

const struct pve_col repo_key_cols[REPO_KEY_NCOLS] = {
	{"file", PVE_T_STR, false, "the keyring; FILE:LINE of a source that it is embedded in"},
	{"key", PVE_T_STR, false, "fingerprint"},
	{"state", PVE_T_STR, false, "good, expiring, weak, expired, revoked; missing, unusable"},
	{"algorithm", PVE_T_STR, false, "rsa4096, ed25519"},
	{"created", PVE_T_TIME, true, "when the key was made"},
	{"expires", PVE_T_TIME, false, "empty: never"},
	{"user", PVE_T_STR, false, "whose key it says it is"},
	{"role", PVE_T_STR, false, "trusted for all, signed-by, embedded, spare"},
	{"readable", PVE_T_BOOL, false, "verify: apt's user _apt can read the file"},
	{"published", PVE_T_STR, false, "verify: the file of Proxmox that it is, byte for byte"},
	{"signs", PVE_T_STR, false, "verify: fetched Releases that it has signed"},
	{"message", PVE_T_STR, false, "verify: what is wrong"},
};
_Static_assert(NCOLS == REPO_KEY_NCOLS, "a column each");

const struct pve_opt repo_key_options[] = {
	{'t', "to", PVE_OPT_STR, offsetof(struct repo_key_opts, to), .arg = "DIR",
	 .help = "add: put it there, instead of where it belongs"},
	{0},
};

static const char *const roles[] = {
	[REPO_RING_TRUSTED] = "trusted for all",
	[REPO_RING_SIGNED_BY] = "signed-by",
	[REPO_RING_EMBEDDED] = "embedded",
	[REPO_RING_SPARE] = "spare",
};

struct report {
	struct pve_ctx *ctx;
	struct repo_state state;
	struct repo_keys keys;
	struct pve_col cols[NCOLS];
	struct pve_out *out;
	struct pve_findings found; /* for the exit code */
	bool verify;
	time_t now;
};

static void find(struct report *r, enum pve_finding_severity severity, struct pve_row *row,
		 const char *message)
{
	pve_findings_add(&r->found, severity, "KEY", "", "%s", message);
	pve_row_str(row, COL_MESSAGE, message);
	pve_row_color(row, severity == PVE_F_CRITICAL ? "red" : "yellow");
}

/* --- rows -------------------------------------------------------------------------- */

static void row_signs(struct report *r, struct pve_row *row, const struct repo_keyring *ring,
		      size_t key)
{
	PVE_BUF b = {0};

	for (size_t i = 0; i < r->state.lists.ndists; i++) {
		const struct repo_dist *d = r->state.lists.dist[i];

		if (repo_keyring_is_for(ring, d) && repo_key_signed(&r->keys, ring, key, d))
			pve_buf_printf(&b, "%s%s %s", b.len ? ", " : "", d->uri, d->suite);
	}
	pve_row_buf(row, COL_SIGNS, &b);
}

/* What is to be said of a key that the host relies on is worse than of one that lies there. */
static void judge_key(struct report *r, struct pve_row *row, const struct repo_keyring *ring,
		      size_t key)
{
	const struct repo_pgp_key *k = &ring->ring.v[key];
	const struct repo_published *named = repo_published_named(ring->path);
	const char *misnamed = repo_keyring_misnamed(ring);
	enum repo_key_state state = repo_key_state(ring, key, r->now);
	bool spare = ring->role == REPO_RING_SPARE;

	if (!ring->readable)
		find(r, PVE_F_CRITICAL, row, "apt's user _apt cannot read it: chmod 644");
	else if (named && !ring->published && !repo_published_has(named, k->fpr))
		find(r, PVE_F_CRITICAL, row, "is called like a key of Proxmox, and is another");
	else if (misnamed)
		find(r, spare ? PVE_F_WARNING : PVE_F_CRITICAL, row, misnamed);
	else if (state >= REPO_KEY_EXPIRED)
		find(r, PVE_F_WARNING, row, "nothing signed by it is accepted any more");
	else if (state == REPO_KEY_WEAK)
		find(r, PVE_F_WARNING, row, repo_pgp_weakness(k));
	else if (state == REPO_KEY_EXPIRING)
		find(r, PVE_F_WARNING, row, "expires within 90 days: look for its successor");
}

static void add_key(struct report *r, const struct repo_keyring *ring, size_t key)
{
	const struct repo_pgp_key *k = &ring->ring.v[key];
	struct pve_row *row = pve_out_row(r->out, NULL);
	time_t expires = repo_key_expires(ring, key);

	pve_row_str(row, COL_FILE, ring->path);
	pve_row_text(row, COL_KEY, k->fpr);
	pve_row_str(row, COL_STATE, repo_key_state_name(repo_key_state(ring, key, r->now)));
	pve_row_str(row, COL_ALGORITHM, k->algo_name);
	pve_row_time(row, COL_CREATED, k->created);
	if (expires)
		pve_row_time(row, COL_EXPIRES, expires);
	pve_row_text(row, COL_USER, k->user);
	pve_row_str(row, COL_ROLE, roles[ring->role]);
	pve_row_bool(row, COL_READABLE, ring->readable);
	pve_row_str(row, COL_PUBLISHED, ring->published ? ring->published->file : NULL);
	if (pve_out_wants(r->out, COL_SIGNS))
		row_signs(r, row, ring, key);
	if (r->verify)
		judge_key(r, row, ring, key);
}

static void add_bad(struct report *r, const struct repo_keyring *ring)
{
	struct pve_row *row = pve_out_row(r->out, NULL);

	pve_row_str(row, COL_FILE, ring->path);
	pve_row_str(row, COL_STATE, ring->there ? "unusable" : "missing");
	pve_row_str(row, COL_ROLE, roles[ring->role]);
	if (ring->there)
		pve_row_bool(row, COL_READABLE, ring->readable);
	find(r, ring->role == REPO_RING_SPARE ? PVE_F_WARNING : PVE_F_CRITICAL, row, ring->err.msg);
}

static void add_ring(struct report *r, const struct repo_keyring *ring)
{
	if (ring->err.code)
		add_bad(r, ring);
	for (size_t i = 0; i < ring->ring.n; i++)
		if (ring->ring.v[i].primary)
			add_key(r, ring, i);
}

/* --- list and verify --------------------------------------------------------------- */

static int read_all(struct report *r)
{
	struct repo_state *s = &r->state;
	struct pve_sys *sys = &r->ctx->sys;
	struct pve_err *e = &r->ctx->err;

	if (repo_host_read(&s->host, sys, e) < 0 || repo_aptconf_read(&s->conf, sys, e) < 0 ||
	    repo_lists_read(&s->lists, &s->conf, &s->host, sys, e) < 0)
		return -1;
	repo_warn_refused(r->ctx, &s->host.sources);
	return repo_keys_read(&r->keys, &s->conf, &s->lists, &s->host.sources, sys, e);
}

/* Operands of verify are files, of the host's own or not. */
static int add_files(struct report *r)
{
	const struct pve_strv *files = &r->ctx->operands;

	for (size_t i = 1; i < files->n; i++) {
		struct repo_keyring *ring = NULL;

		for (size_t j = 0; j < r->keys.n; j++)
			if (strcmp(r->keys.v[j]->path, files->v[i]) == 0)
				ring = r->keys.v[j];
		if (!ring) {
			ring = repo_keys_add(&r->keys, files->v[i], REPO_RING_SPARE);
			repo_keyring_read(ring, &r->ctx->sys);
		}
		add_ring(r, ring);
	}
	return 0;
}

static int show(struct report *r)
{
	memcpy(r->cols, repo_key_cols, sizeof(r->cols));
	for (int i = COL_READABLE; i < NCOLS; i++)
		r->cols[i].hidden = !r->verify;
	r->cols[COL_ALGORITHM].hidden = r->cols[COL_USER].hidden = r->cols[COL_ROLE].hidden =
		r->verify;
	r->out = pve_out_new(r->cols, NCOLS, &r->ctx->out, &r->ctx->err);
	if (!r->out || read_all(r) < 0)
		return -1;
	r->now = pve_sys_time(&r->ctx->sys);
	if (r->ctx->operands.n > 1) {
		add_files(r);
	} else {
		for (size_t i = 0; i < r->keys.n; i++)
			add_ring(r, r->keys.v[i]);
	}
	if (pve_ctx_print(r->ctx, r->out) < 0)
		return -1;
	return r->verify ? pve_findings_code(&r->found) : 0;
}

/* --- add --------------------------------------------------------------------------- */

#define KEYRING_MAX (8u << 20) /* bytes */

/* Where it goes: the place that the guide gives a published file, else /etc/apt/keyrings; with the
 * extension that apt wants for its content. */
static char *destination(const struct repo_key_opts *opts, const char *path,
			 const struct repo_keyring *ring)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	const char *dot = strrchr(base, '.');
	int n = dot && dot > base ? (int)(dot - base) : (int)strlen(base);

	if (ring->published && !opts->to)
		return pve_strdup(ring->published->dest);
	return pve_asprintf("%s/%.*s.%s", opts->to ? opts->to : REPO_KEYRINGS, n, base,
			    ring->ring.armored ? "asc" : "gpg");
}

static int plan_add(struct pve_ctx *ctx, const char *path, const struct repo_keyring *ring,
		    struct pve_plan *plan)
{
	PVE_FREE char *dest = destination(ctx->opts, path, ring);
	PVE_FREE char *dir = pve_strndup(dest, (size_t)(strrchr(dest, '/') - dest));
	PVE_BUF was = {0};
	struct pve_span old;
	bool there;

	if (*dest != '/')
		return pve_err_set(&ctx->err, PVE_USAGE, "%s: must be an absolute path", dest);
	if (repo_probe_file(&ctx->sys, dest, &was, &there, &ctx->err) < 0)
		return -1;
	old = (struct pve_span){pve_buf_str(&was), was.len};
	if (*dir && !pve_fs_exists(&ctx->sys, dir))
		pve_plan_mkdir(plan, dir, 0755, "for the key in it");
	pve_plan_write(plan, dest, there ? &old : NULL,
		       (struct pve_span){pve_buf_str(&ring->text), ring->text.len}, 0644,
		       ring->published ? "the key of Proxmox VE %s, as published" : "the key %s",
		       ring->published ? ring->published->release : ring->ring.v[0].fpr);
	return 0;
}

static int add(struct pve_ctx *ctx, const char *path)
{
	PVE_CLEANUP(repo_keys_done) struct repo_keys keys = {0};
	struct repo_keyring *ring = repo_keys_add(&keys, path, REPO_RING_SPARE);
	PVE_CHANGE change = {0};
	PVE_PLAN plan = {0};

	if (pve_ctx_begin(ctx, NULL, NULL, &change) < 0 ||
	    pve_fs_read_given(path, KEYRING_MAX, &ring->text, &ctx->err) < 0)
		return -1;
	repo_keyring_parse(ring, path);
	if (ring->err.code) {
		ctx->err = ring->err;
		return -1;
	}
	if (!ring->published &&
	    repo_published_check(path, (struct pve_span){pve_buf_str(&ring->text), ring->text.len},
				 &ctx->err) < 0)
		return -1;
	if (!ring->published)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE,
			     "%s is none of the key files of Proxmox; compare the fingerprint %s "
			     "with what its owner publishes",
			     path, ring->ring.v[0].fpr);
	if (plan_add(ctx, path, ring, &plan) < 0)
		return -1;
	return pve_ctx_apply(ctx, &change, &plan);
}

int repo_cmd_key(struct pve_ctx *ctx)
{
	const char *verb = ctx->operands.n ? ctx->operands.v[0] : "list";
	struct report r = {.ctx = ctx, .verify = strcmp(verb, "verify") == 0};
	int rc;

	if (strcmp(verb, "add") == 0) {
		if (ctx->operands.n != 2)
			return pve_err_set(&ctx->err, PVE_USAGE, "key add: one file is needed");
		return add(ctx, ctx->operands.v[1]);
	}
	if (!r.verify && strcmp(verb, "list") != 0)
		return pve_err_set(&ctx->err, PVE_USAGE, "key %s: list, add and verify are known",
				   verb);
	if (!r.verify && ctx->operands.n > 1)
		return pve_err_set(&ctx->err, PVE_USAGE, "key list: takes no file");
	rc = show(&r);
	pve_out_free(r.out);
	pve_findings_done(&r.found);
	repo_keys_done(&r.keys);
	repo_state_done(&r.state);
	return rc;
}
