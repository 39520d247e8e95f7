/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gen.h"

#include <inttypes.h>
#include <limits.h>

#include "pin.h"
#include "pvecommon/diff.h"
#include "pvecommon/num.h"
#include "pvecommon/text.h"

#define MAGIC "pve-net generation 1\n"

void net_gen_add(struct net_gen *g, const char *path, mode_t mode, struct pve_span bytes)
{
	g->file = pve_grow(g->file, g->nfiles, &g->cap, sizeof(*g->file));
	g->file[g->nfiles++] = (struct net_gen_file){
		.path = pve_arena_strdup(&g->mem, path),
		.mode = mode & 07777,
		.bytes = {pve_arena_memdup(&g->mem, bytes.p, bytes.len), bytes.len},
	};
}

const struct net_gen_file *net_gen_find(const struct net_gen *g, const char *path)
{
	for (size_t i = 0; i < g->nfiles; i++)
		if (strcmp(g->file[i].path, path) == 0)
			return &g->file[i];
	return NULL;
}

bool net_gen_same(const struct net_gen *a, const struct net_gen *b)
{
	if (a->nfiles != b->nfiles)
		return false;
	for (size_t i = 0; i < a->nfiles; i++) {
		const struct net_gen_file *f = net_gen_find(b, a->file[i].path);

		if (!f || !pve_span_same(f->bytes, a->file[i].bytes))
			return false;
	}
	return true;
}

void net_gen_done(struct net_gen *g)
{
	free(g->file);
	pve_arena_done(&g->mem);
	*g = (struct net_gen){0};
}

/* --- bytes --- */

static void put_text(struct pve_buf *out, const char *key, const char *value)
{
	pve_buf_printf(out, "%s ", key);
	pve_text_escape(out, pve_span(value ? value : ""));
	pve_buf_putc(out, '\n');
}

static void put_bytes(struct pve_buf *out, struct pve_span bytes)
{
	pve_buf_span(out, bytes);
	pve_buf_putc(out, '\n');
}

void net_gen_format(const struct net_gen *g, struct pve_buf *out)
{
	pve_buf_printf(out, MAGIC "time %" PRIu64 "\n", (uint64_t)g->time);
	put_text(out, "user", g->user);
	put_text(out, "login", g->login);
	put_text(out, "from", g->from);
	put_text(out, "via", g->via);
	put_text(out, "why", g->why);
	pve_buf_printf(out, "plan %zu\n", g->plan.len);
	put_bytes(out, g->plan);
	for (size_t i = 0; i < g->nfiles; i++) {
		const struct net_gen_file *f = &g->file[i];

		pve_buf_printf(out, "file %zu %04o ", f->bytes.len, (unsigned)f->mode);
		pve_text_escape(out, pve_span(f->path));
		pve_buf_putc(out, '\n');
		put_bytes(out, f->bytes);
	}
	pve_buf_puts(out, "end\n");
}

/* The unread rest.  After the first failure every further get gives nothing. */
struct reader {
	struct pve_span rest;
	struct net_gen *g;
	unsigned line; /* of the last one that was read */
	bool bad;
};

static struct pve_span get_line(struct reader *r)
{
	const char *nl = r->rest.len ? memchr(r->rest.p, '\n', r->rest.len) : NULL;
	struct pve_span line = {r->rest.p, nl ? (size_t)(nl - r->rest.p) : 0};

	if (r->bad)
		return (struct pve_span){"", 0};
	r->line++;
	if (!nl) {
		r->bad = true;
		return (struct pve_span){"", 0};
	}
	r->rest.p += line.len + 1;
	r->rest.len -= line.len + 1;
	return line;
}

/* The rest of a line that must begin with the key. */
static struct pve_span get_value(struct reader *r, const char *key)
{
	struct pve_span line = get_line(r);
	size_t n = strlen(key);

	if (!pve_span_starts(line, key) || line.len == n || line.p[n] != ' ') {
		r->bad = true;
		return (struct pve_span){"", 0};
	}
	return (struct pve_span){line.p + n + 1, line.len - n - 1};
}

/* Text without NUL bytes. */
static const char *get_text(struct reader *r, struct pve_span escaped)
{
	PVE_BUF text = {0};

	pve_text_unescape(&text, escaped);
	if (text.len && memchr(text.data, '\0', text.len))
		r->bad = true;
	return pve_arena_memdup(&r->g->mem, pve_buf_str(&text), text.len);
}

static struct pve_span get_bytes(struct reader *r, size_t len)
{
	struct pve_span bytes = {r->rest.p, len};

	if (r->bad || len >= r->rest.len || r->rest.p[len] != '\n') {
		r->bad = true;
		return (struct pve_span){"", 0};
	}
	for (size_t i = 0; i <= len; i++)
		r->line += r->rest.p[i] == '\n';
	r->rest.p += len + 1;
	r->rest.len -= len + 1;
	return bytes;
}

static uint64_t get_num(struct reader *r, struct pve_span digits, uint64_t max)
{
	uint64_t v = 0;

	if (pve_num_span(digits, max, &v) < 0)
		r->bad = true;
	return v;
}

/* Four octal digits. */
static mode_t get_mode(struct reader *r, struct pve_span digits)
{
	mode_t mode = 0;

	r->bad |= digits.len != 4;
	for (size_t i = 0; i < digits.len && !r->bad; i++) {
		r->bad |= digits.p[i] < '0' || digits.p[i] > '7';
		mode = mode * 8 + (mode_t)(digits.p[i] - '0');
	}
	return mode;
}

static void get_file(struct reader *r)
{
	struct pve_span head = get_value(r, "file"), bytes;
	size_t len = (size_t)get_num(r, pve_span_word(&head), r->rest.len);
	mode_t mode = get_mode(r, pve_span_word(&head));
	const char *path;

	if (head.len)
		head.p++, head.len--;
	path = get_text(r, head);
	bytes = get_bytes(r, len);
	r->bad |= path[0] != '/' || net_gen_find(r->g, path);
	if (!r->bad)
		net_gen_add(r->g, path, mode, bytes);
}

int net_gen_parse(struct pve_span bytes, struct net_gen *g, struct pve_err *e)
{
	struct net_gen own = {0};
	struct reader r = {.rest = bytes, .g = &own};
	size_t len;

	if (!pve_span_starts(bytes, MAGIC))
		return pve_err_set(e, PVE_DATA, "not a generation of pve-net");
	get_line(&r);
	own.time = (time_t)get_num(&r, get_value(&r, "time"), INT64_MAX);
	own.user = get_text(&r, get_value(&r, "user"));
	own.login = get_text(&r, get_value(&r, "login"));
	own.from = get_text(&r, get_value(&r, "from"));
	own.via = get_text(&r, get_value(&r, "via"));
	own.why = get_text(&r, get_value(&r, "why"));
	len = (size_t)get_num(&r, get_value(&r, "plan"), r.rest.len);
	own.plan = get_bytes(&r, len);
	own.plan.p = pve_arena_memdup(&own.mem, own.plan.p, own.plan.len);
	while (!r.bad && !pve_span_eq(r.rest, "end\n"))
		get_file(&r);
	if (r.bad) {
		net_gen_done(&own);
		return pve_err_set(e, PVE_DATA, "line %u is damaged", r.line);
	}
	*g = own;
	return 0;
}

/* --- meaning --- */

void net_gen_conf(const struct net_gen *g, struct net_conf *c)
{
	*c = (struct net_conf){.missing = !net_gen_find(g, NET_INTERFACES)};
	for (size_t i = 0; i < g->nfiles; i++)
		if (!net_pin_is_path(g->file[i].path))
			net_conf_add(c, g->file[i].path, g->file[i].bytes);
}

static void diff_file(const char *path, const struct net_gen_file *a, const struct net_gen_file *b,
		      struct pve_buf *out)
{
	struct pve_span none = {"", 0};

	pve_diff(a ? a->bytes : none, b ? b->bytes : none, a ? path : "/dev/null",
		 b ? path : "/dev/null", out);
}

void net_gen_diff(const struct net_gen *a, const struct net_gen *b, struct pve_buf *out)
{
	for (size_t i = 0; i < a->nfiles; i++)
		diff_file(a->file[i].path, &a->file[i], net_gen_find(b, a->file[i].path), out);
	for (size_t i = 0; i < b->nfiles; i++)
		if (!net_gen_find(a, b->file[i].path))
			diff_file(b->file[i].path, NULL, &b->file[i], out);
}

/* --- the store --- */

static void plan_write(struct pve_plan *plan, struct net_gen *g, unsigned number, const char *why)
{
	PVE_FREE char *path = pve_asprintf(NET_GEN_DIR "/%u", number);
	PVE_BUF bytes = {0};

	g->number = number;
	net_gen_format(g, &bytes);
	/* The configuration may hold keys and passwords. */
	pve_plan_write(plan, path, NULL, (struct pve_span){bytes.data, bytes.len}, 0600, "%s", why);
}

void net_gen_plan(struct pve_plan *plan, const struct net_gen_store *store,
		  const struct net_gen *last, struct net_gen *before, struct net_gen *after)
{
	unsigned next = store->n ? store->number[store->n - 1] + 1 : 1;
	size_t have = store->n + 1;
	bool hand = !net_gen_same(before, after) && (!last || !net_gen_same(last, before));

	if (!hand && last && net_gen_same(last, after))
		return;
	if (!store->parent)
		pve_plan_mkdir(plan, NET_GEN_PARENT, 0755, "for what pve-net has to remember");
	if (!store->dir)
		pve_plan_mkdir(plan, NET_GEN_DIR, 0700, "for the generations to roll back to");
	if (hand) {
		before->via = "hand";
		plan_write(plan, before, next++, last ? "the files as somebody else has left them"
						      : "the files as they were");
		have++;
	}
	plan_write(plan, after, next, "to be able to roll back to it");
	for (size_t i = 0; i < store->n && have > NET_GEN_KEEP; i++, have--) {
		PVE_FREE char *path = pve_asprintf(NET_GEN_DIR "/%u", store->number[i]);

		pve_plan_remove(plan, path, NULL, "only the last %d are kept", NET_GEN_KEEP);
	}
}

void net_gen_store_done(struct net_gen_store *store)
{
	free(store->number);
	*store = (struct net_gen_store){0};
}
