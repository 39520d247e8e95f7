/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_gen.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <unistd.h>

#include "pin.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"

static int by_number(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

int net_gen_list(struct pve_sys *sys, struct net_gen_store *store, struct pve_err *e)
{
	PVE_STRV names = {0};
	struct pve_err why = {0};
	struct net_gen_store own = {.parent = pve_fs_exists(sys, NET_GEN_PARENT)};

	if (pve_fs_list(sys, NET_GEN_DIR, &names, &why) < 0) {
		if (why.sys != ENOENT)
			return pve_err_set(e, why.code, "%s", why.msg);
		*store = own;
		return 0;
	}
	own.dir = true;
	own.number = pve_calloc(names.n + 1, sizeof(*own.number));
	for (size_t i = 0; i < names.n; i++) {
		uint64_t number;

		/* Anything else in there is not ours: temporary files, copies made by hand. */
		if (names.v[i][0] != '0' &&
		    pve_num_u64(names.v[i], 1, UINT_MAX - 2, &number, NULL) == 0)
			own.number[own.n++] = (unsigned)number;
	}
	qsort(own.number, own.n, sizeof(*own.number), by_number);
	*store = own;
	return 0;
}

int net_gen_read(struct pve_sys *sys, unsigned number, struct net_gen *g, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf(NET_GEN_DIR "/%u", number);
	PVE_BUF bytes = {0};
	struct pve_err why = {0};

	if (pve_fs_read(sys, path, 0, &bytes, NULL, &why) < 0) {
		if (why.sys == ENOENT)
			return pve_err_set(e, PVE_NOTHERE,
					   "there is no generation %u; see pve-net history",
					   number);
		return pve_err_set(e, why.code, "%s", why.msg);
	}
	if (net_gen_parse((struct pve_span){bytes.data, bytes.len}, g, e) < 0)
		return pve_err_prefix(e, "%s%s", sys->root, path);
	g->number = number;
	return 0;
}

int net_gen_last(struct pve_sys *sys, struct net_gen *g, bool *there, struct pve_err *e)
{
	NET_GEN_STORE store = {0};

	if (net_gen_list(sys, &store, e) < 0)
		return -1;
	*there = store.n > 0;
	if (*there)
		return net_gen_read(sys, store.number[store.n - 1], g, e);
	*g = (struct net_gen){0};
	return 0;
}

/* Adds a file with the mode that it has, or will have when it is yet to be created. */
static int take_file(struct pve_sys *sys, struct net_gen *g, const char *path,
		     struct pve_span bytes, struct pve_err *e)
{
	struct stat st = {.st_mode = 0644};
	struct pve_err why = {0};

	if (pve_fs_stat(sys, path, &st, &why) < 0 && why.sys != ENOENT && why.sys != ENOTDIR)
		return pve_err_set(e, why.code, "%s", why.msg);
	net_gen_add(g, path, st.st_mode, bytes);
	return 0;
}

static int take_conf(struct pve_sys *sys, const struct net_conf *c, struct net_gen *g,
		     struct pve_err *e)
{
	for (size_t i = 0; i < c->nfiles; i++) {
		PVE_BUF bytes = {0};

		net_file_format(c->file[i], &bytes);
		if (take_file(sys, g, c->file[i]->path,
			      (struct pve_span){pve_buf_str(&bytes), bytes.len}, e) < 0)
			return -1;
	}
	return 0;
}

static bool is_staged(const struct net_stage *stage, const char *path)
{
	for (size_t i = 0; stage && i < stage->n; i++)
		if (strcmp(stage->v[i]->path, path) == 0)
			return true;
	return false;
}

/* The pins on the disk that the staging says nothing of. */
static int take_pins(struct pve_sys *sys, const struct net_stage *stage, struct net_gen *g,
		     struct pve_err *e)
{
	struct pve_err why = {0};
	PVE_STRV names = {0};

	if (pve_fs_list(sys, NET_PIN_DIR, &names, &why) < 0 && why.sys != ENOENT &&
	    why.sys != ENOTDIR)
		return pve_err_set(e, why.code, "%s", why.msg);
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *path = pve_asprintf(NET_PIN_DIR "/%s", names.v[i]);
		PVE_BUF bytes = {0};

		if (!net_pin_is_path(path) || is_staged(stage, path))
			continue;
		if (pve_fs_read(sys, path, 0, &bytes, NULL, e) < 0 ||
		    take_file(sys, g, path, (struct pve_span){pve_buf_str(&bytes), bytes.len}, e) <
			    0)
			return -1;
	}
	return 0;
}

/* Those of the staging; one that is put with no bytes is to be removed. */
static int take_staged_pins(struct pve_sys *sys, const struct net_stage *stage, struct net_gen *g,
			    struct pve_err *e)
{
	for (size_t i = 0; stage && i < stage->n; i++) {
		const struct net_stage_file *f = stage->v[i];
		struct pve_span bytes = net_stage_bytes(f);

		if (net_pin_is_path(f->path) && bytes.len &&
		    take_file(sys, g, f->path, bytes, e) < 0)
			return -1;
	}
	return 0;
}

int net_gen_take(struct pve_sys *sys, const struct net_conf *c, const struct net_stage *stage,
		 struct net_gen *g, struct pve_err *e)
{
	struct net_gen own = {.time = pve_sys_time(sys)};

	if (take_conf(sys, c, &own, e) < 0 || take_pins(sys, stage, &own, e) < 0 ||
	    take_staged_pins(sys, stage, &own, e) < 0) {
		net_gen_done(&own);
		return -1;
	}
	*g = own;
	return 0;
}

/* The name of a user, or its number; "" for (uid_t)-1.  The users of this machine are not those of
 * the host below --root. */
static const char *user_name(const struct pve_sys *sys, struct pve_arena *mem, uid_t uid)
{
	const struct passwd *pw;

	if (uid == (uid_t)-1)
		return "";
	pw = sys->rooted ? NULL : getpwuid(uid);
	return pw ? pve_arena_strdup(mem, pw->pw_name) : pve_arena_printf(mem, "%u", (unsigned)uid);
}

static uid_t login_uid(struct pve_sys *sys)
{
	PVE_BUF text = {0};
	uint64_t uid;

	if (sys->rooted || pve_fs_read(sys, "/proc/self/loginuid", 32, &text, NULL, NULL) < 0 ||
	    pve_num_span(pve_span_trim((struct pve_span){text.data, text.len}), UINT_MAX, &uid) < 0)
		return (uid_t)-1;
	return (uid_t)uid;
}

void net_gen_sign(struct pve_sys *sys, struct net_gen *g, const char *via, const char *why)
{
	const char *sudo = getenv("SUDO_USER"), *ssh = getenv("SSH_CONNECTION");
	struct pve_span peer = pve_span(ssh ? ssh : "");

	peer = pve_span_word(&peer);
	g->time = pve_sys_time(sys);
	g->user =
		sudo && *sudo ? pve_arena_strdup(&g->mem, sudo) : user_name(sys, &g->mem, getuid());
	g->login = user_name(sys, &g->mem, login_uid(sys));
	g->from = pve_arena_memdup(&g->mem, peer.p, peer.len);
	g->via = pve_arena_strdup(&g->mem, via);
	g->why = pve_arena_strdup(&g->mem, why ? why : "");
}
