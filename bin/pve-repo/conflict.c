/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entries of one repository whose options cannot stand together: apt then reads nothing at all
 * (debmetaindex.cc: CreateItemInternal, MapsAreEqual, Set*, NormalizeSignedBy). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pve-repo/sources_impl.h"
#include "pve-repo/uri.h"
#include "pvecommon/buf.h"
#include "pvecommon/map.h"

#define CONFLICT " is not the same as at "
#define APT_READS_KEYS 204 /* first with a key in Signed-By (2.3.10) */
#define APT_LETS_EMPTY 300 /* first for which none beside one is no conflict (2.9.8) */

/* What apt keeps for each Release file.  The first entry of the repository sets the values. */
struct release {
	const struct repo_entry *first;
	int trusted, check_valid_until, check_date; /* -1: not said */
	unsigned long long min, max, future;        /* 0: not said, and free to be set later */
	bool insecure, weak, downgrade;
	const char *inrelease; /* NULL: not said */
	const char *signed_by; /* normalized; "" likewise free */
	const struct repo_entry *min_by, *max_by, *future_by, *signed_by_by;
};

struct conflict {
	struct repo_sources *s;
	struct pve_map release; /* name of the Release file in /var/lib/apt/lists -> release */
	const struct repo_entry *e;
	const char *uri, *suite;
	bool refused;
};

static const char *value(const struct repo_entry *e, const char *key)
{
	const struct repo_option *o = repo_entry_option(e, key);

	return o ? o->value : NULL;
}

static int tristate(const struct repo_entry *e, const char *key)
{
	const char *v = value(e, key);

	/* What is neither yes nor no is no. */
	return v ? repo_bool(v, 0) != 0 : -1;
}

static unsigned long long seconds(const struct repo_entry *e, const char *key)
{
	const char *v = value(e, key);

	return v ? strtoull(v, NULL, 10) : 0;
}

static bool flag(const struct repo_entry *e, const char *key)
{
	const char *v = value(e, key);

	return v && repo_bool(v, 0) != 0;
}

/* --- Signed-By ---------------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Lines without blanks around, "." as an empty one. */
static void normalize_key(const char *v, struct pve_buf *out)
{
	while (*v) {
		size_t len = strcspn(v, "\n"), n = len;
		const char *p = v;

		while (n && is_space(*p))
			p++, n--;
		while (n && is_space(p[n - 1]))
			n--;
		if (n != 1 || *p != '.')
			pve_buf_add(out, p, n);
		pve_buf_putc(out, '\n');
		v += len + (v[len] == '\n');
	}
}

/* 40 hexadecimal digits and perhaps a '!', in upper case; or a path.  False for all else. */
static bool normalize_one(struct pve_span one, struct pve_buf *out)
{
	size_t digits = 0;

	if (one.p[0] != '/') {
		while (digits < one.len && isxdigit((unsigned char)one.p[digits]))
			digits++;
		if (digits != 40 || (one.len != 40 && (one.len != 41 || one.p[40] != '!')))
			return false;
	}
	for (size_t i = 0; i < one.len; i++)
		pve_buf_putc(out, one.p[0] == '/' ? one.p[i]
						  : (char)toupper((unsigned char)one.p[i]));
	return true;
}

/* "" when it is no list of fingerprints and paths. */
static const char *normalize(const char *v, struct pve_arena *mem)
{
	PVE_BUF out = {0};

	if (strstr(v, "-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
		normalize_key(v, &out);
		return pve_arena_memdup(mem, pve_buf_str(&out), out.len);
	}
	while (*v) {
		struct pve_span one = {v, 0};

		while (*v && *v != ',' && !is_space(*v))
			v++, one.len++;
		if (one.len) {
			if (out.len)
				pve_buf_putc(&out, ',');
			if (!normalize_one(one, &out))
				return "";
		}
		v += *v != '\0';
	}
	return pve_arena_memdup(mem, pve_buf_str(&out), out.len);
}

/* --- comparing ---------------------------------------------------------------------- */

static void conflicts(struct conflict *c, const char *field, const struct repo_entry *with)
{
	/* The embedded key of an entry is a conflict of many lines; both places are enough. */
	repo_read_refuse(c->s, c->e->file, c->e->line,
			 "%s" CONFLICT "%s:%u for the same repository %s %s", field,
			 with->file->path, with->line, c->uri, c->suite);
	c->refused = true;
}

static void set_seconds(struct conflict *c, const char *key, const char *field,
			unsigned long long *have, const struct repo_entry **by)
{
	unsigned long long want = seconds(c->e, key);

	if (*have && *have != want && !c->refused)
		conflicts(c, field, *by);
	if (!*have) {
		*have = want;
		*by = c->e;
	}
}

static void set_tristate(struct conflict *c, const char *key, const char *field, int have,
			 const struct release *r)
{
	if (have != tristate(c->e, key) && !c->refused)
		conflicts(c, field, r->first);
}

static void set_signed_by(struct conflict *c, struct release *r)
{
	const char *v = value(c->e, "signed-by");
	const char *want = v && *v ? normalize(v, &c->s->mem) : "";
	bool old = c->s->apt && c->s->apt < APT_READS_KEYS && want[0] == '-';

	if (c->refused || (!want[0] && (!v || !*v) && c->s->apt >= APT_LETS_EMPTY))
		return;
	if (!r->signed_by[0] && v && *v) {
		if (old) {
			repo_read_refuse(c->s, c->e->file, c->e->line,
					 "Signed-By has a key in it, which the apt of this release "
					 "does not read: it takes a path or a fingerprint");
			c->refused = true;
			return;
		}
		if (!want[0]) {
			repo_read_refuse(c->s, c->e->file, c->e->line,
					 "Signed-By is neither a path nor a fingerprint of 40 digits");
			c->refused = true;
		}
		r->signed_by = want;
		r->signed_by_by = c->e;
	} else if (strcmp(want, r->signed_by) != 0) {
		conflicts(c, "Signed-By", r->signed_by_by);
	}
}

static bool same_path(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* What only lines can say. */
static void compare_insecure(struct conflict *c, const struct release *r)
{
	const struct repo_entry *e = c->e;
	const char *path = value(e, "inrelease-path");

	if (flag(e, "allow-insecure") != r->insecure)
		conflicts(c, "allow-insecure", r->first);
	else if (flag(e, "allow-weak") != r->weak)
		conflicts(c, "allow-weak", r->first);
	else if (flag(e, "allow-downgrade-to-insecure") != r->downgrade)
		conflicts(c, "allow-downgrade-to-insecure", r->first);
	else if (!same_path(path, r->inrelease))
		conflicts(c, "inrelease-path", r->first);
}

static struct release *release_new(struct conflict *c)
{
	const struct repo_entry *e = c->e;
	struct release *r = pve_arena_alloc(&c->s->mem, sizeof(*r));

	*r = (struct release){
		.first = e,
		.trusted = tristate(e, "trusted"),
		.check_valid_until = tristate(e, "check-valid-until"),
		.check_date = tristate(e, "check-date"),
		.insecure = flag(e, "allow-insecure"),
		.weak = flag(e, "allow-weak"),
		.downgrade = flag(e, "allow-downgrade-to-insecure"),
		.inrelease = value(e, "inrelease-path"),
		.signed_by = "",
	};
	return r;
}

static void compare(struct conflict *c)
{
	const char *name = repo_uri_filename(
		repo_uri_meta(c->uri, c->suite, "Release", &c->s->mem), &c->s->mem);
	struct release *r = pve_map_get(&c->release, pve_span(name));

	if (!r) {
		r = release_new(c);
		pve_map_set(&c->release, pve_span(name), r);
	}
	compare_insecure(c, r);
	set_tristate(c, "trusted", "Trusted", r->trusted, r);
	set_tristate(c, "check-valid-until", "Check-Valid-Until", r->check_valid_until, r);
	set_seconds(c, "valid-until-max", "Valid-Until-Max", &r->max, &r->max_by);
	set_seconds(c, "valid-until-min", "Valid-Until-Min", &r->min, &r->min_by);
	set_tristate(c, "check-date", "Check-Date", r->check_date, r);
	set_seconds(c, "date-max-future", "Date-Max-Future", &r->future, &r->future_by);
	set_signed_by(c, r);
}

static void compare_entry(struct conflict *c)
{
	const struct repo_entry *e = c->e;

	for (size_t u = 0; u < e->uris.n; u++)
		for (size_t n = 0; n < e->suites.n && !c->refused; n++) {
			const char *suite = e->suites.v[n].text;

			/* A line has $(ARCH) replaced in flat suites only. */
			if (e->file->format == REPO_SOURCES || repo_suite_is_flat(suite))
				suite = repo_subst(suite, "$(ARCH)", c->s->arch, &c->s->mem);
			c->uri = repo_uri_fix(e->uris.v[u].text, c->s->arch, &c->s->mem);
			c->suite = suite;
			compare(c);
		}
}

void repo_sources_conflicts(struct repo_sources *s)
{
	struct conflict c = {.s = s};

	for (size_t i = 0; i < s->nentries; i++) {
		c.e = s->entry[i];
		c.refused = false;
		if (c.e->enabled && c.e->types.n)
			compare_entry(&c);
	}
	pve_map_done(&c.release);
}

bool repo_is_conflict(const struct pve_diag *d)
{
	return strstr(d->msg, CONFLICT) != NULL;
}
