/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "select.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pvecommon/deb822.h"
#include "pvecommon/debver.h"
#include "pvecommon/mem.h"

int boot_version_cmp(const char *a, const char *b)
{
	return -pve_debver_cmp(pve_span(a), pve_span(b));
}

/* --- packages ------------------------------------------------------------------------------ */

static bool ends_in(struct pve_span s, const char *tail)
{
	size_t n = strlen(tail);

	return s.len >= n && memcmp(s.p + s.len - n, tail, n) == 0;
}

/* "6.8.12-4-pve" of "proxmox-kernel-6.8.12-4-pve-signed"; .len is 0 for any other package. */
static struct pve_span version_of(struct pve_span name)
{
	static const char *const prefixes[] = {"proxmox-kernel-", "pve-kernel-"};
	struct pve_span v = {"", 0};
	size_t digits = 0;

	for (size_t i = 0; i < 2 && !v.len; i++)
		if (pve_span_starts(name, prefixes[i]))
			v = (struct pve_span){name.p + strlen(prefixes[i]),
					      name.len - strlen(prefixes[i])};
	while (digits < v.len && isdigit((unsigned char)v.p[digits]))
		digits++;
	if (!digits || digits == v.len || v.p[digits] != '.' || ends_in(name, "-dbg") ||
	    ends_in(name, "-dbgsym"))
		return (struct pve_span){0};
	if (ends_in(v, "-signed"))
		v.len -= strlen("-signed");
	return v;
}

/* The three words of the field Status: 1 configured, 0 unpacked, -1 takes no slot, -2 unreadable. */
static int state_of(struct pve_span stanza)
{
	struct pve_span s = pve_deb822_get(stanza, "Status");
	struct pve_span want = pve_span_word(&s), flag = pve_span_word(&s),
			state = pve_span_word(&s);

	if (!want.len || !flag.len || !state.len)
		return -2;
	if (!pve_span_eq(want, "install") && !pve_span_eq(want, "hold"))
		return -1;
	if (pve_span_eq(state, "unpacked") || pve_span_eq(state, "half-configured"))
		return 0;
	if (pve_span_eq(state, "not-installed") || pve_span_eq(state, "config-files") ||
	    pve_span_eq(state, "half-installed"))
		return -1;
	return 1;
}

/* A version comes from several packages: signed and not, and under both names. */
static void add_package(struct boot_packages *p, struct pve_span version, bool configured)
{
	for (size_t i = 0; i < p->n; i++)
		if (pve_span_eq(version, p->v[i].version)) {
			p->v[i].configured |= configured;
			return;
		}
	p->v = pve_grow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n++] = (struct boot_package){.version = pve_strndup(version.p, version.len),
					     .configured = configured};
}

static int add_stanza(struct boot_packages *p, struct pve_span stanza, struct pve_err *e)
{
	struct pve_span name = pve_deb822_get(stanza, "Package"), version = version_of(name);
	int state;

	if (!version.len)
		return 0;
	state = state_of(stanza);
	if (state == -2)
		return pve_err_set(e, PVE_DATA,
				   "dpkg's status says nothing about the state of %.*s",
				   PVE_SPAN_ARG(name));
	if (state >= 0)
		add_package(p, version, state == 1);
	return 0;
}

static int newer_first(const void *a, const void *b)
{
	const struct boot_package *x = a, *y = b;

	return boot_version_cmp(x->version, y->version);
}

/* The name of a package is the first field that dpkg writes. */
int boot_packages_parse(struct boot_packages *p, struct pve_span status, struct pve_err *e)
{
	static const char mark[] = "\nPackage: p";
	struct pve_span rest = status, stanza;
	const char *at;

	if (!pve_span_starts(status, "Package: "))
		return pve_err_set(e, PVE_DATA, "dpkg's status file does not begin with a package");
	if (!ends_in(status, "\n"))
		return pve_err_set(e, PVE_DATA, "dpkg's status file is cut off");
	for (at = status.p; at; at = memmem(rest.p, rest.len, mark, strlen(mark))) {
		rest.len -= (size_t)(at - rest.p);
		rest.p = at;
		if (!pve_deb822_next(&rest, &stanza))
			break;
		if (add_stanza(p, stanza, e) < 0)
			return -1;
		/* The line feed that the next one is found by. */
		if (rest.p > status.p)
			rest.p--, rest.len++;
	}
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), newer_first);
	return 0;
}

void boot_packages_done(struct boot_packages *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].version);
	free(p->v);
	*p = (struct boot_packages){0};
}

/* --- selection ----------------------------------------------------------------------------- */

/* Exactly N.N: a series, whose meta package has that name. */
static bool is_series(const char *v)
{
	size_t a = strspn(v, "0123456789"), b;

	if (!a || v[a] != '.')
		return false;
	b = strspn(v + a + 1, "0123456789");
	return b && !v[a + 1 + b];
}

static bool is_kernel(const char *v)
{
	return strstr(v, "-pve");
}

static bool takes_slot(const struct boot_package *p)
{
	return p->configured || p->files;
}

static void keep(struct boot_selection *s, const char *version)
{
	if (version && *version && !pve_strv_has(&s->keep, version))
		pve_strv_add(&s->keep, version);
}

/* The newest two kernels, or the newest two of the rest, which are the series.  Returns the last
 * of them, NULL if there is none. */
static const char *keep_two(struct boot_selection *s, const struct boot_packages *p, bool kernels)
{
	const char *last = NULL;
	unsigned taken = 0;

	for (size_t i = 0; i < p->n && taken < 2; i++) {
		const struct boot_package *package = &p->v[i];

		if (is_kernel(package->version) != kernels || !takes_slot(package))
			continue;
		keep(s, package->version);
		last = package->version;
		taken++;
	}
	return last;
}

/* 6.11.11-2-pve is not of the series 6.1. */
static void keep_newest_of(struct boot_selection *s, const struct boot_packages *p,
			   const char *series)
{
	size_t n = strlen(series);

	for (size_t i = 0; i < p->n; i++) {
		const char *v = p->v[i].version;

		if (is_kernel(v) && takes_slot(&p->v[i]) && strncmp(v, series, n) == 0 &&
		    (v[n] == '.' || v[n] == '-')) {
			keep(s, v);
			return;
		}
	}
}

static void keep_all(struct boot_selection *s, const struct pve_strv *l)
{
	for (size_t i = 0; l && i < l->n; i++)
		keep(s, l->v[i]);
}

static void keep_passing(struct boot_selection *s, const struct pve_strv *callers)
{
	for (size_t i = 0; callers && i < callers->n; i++) {
		if (!pve_strv_has(&s->keep, callers->v[i]))
			pve_strv_add(&s->passing, callers->v[i]);
		keep(s, callers->v[i]);
	}
}

static int by_version(const void *a, const void *b)
{
	return boot_version_cmp(*(char *const *)a, *(char *const *)b);
}

int boot_select(struct boot_selection *s, const struct boot_packages *p,
		const struct boot_wishes *w, struct pve_err *e)
{
	const char *older;

	keep(s, w->running);
	keep_all(s, w->manual);
	keep_two(s, p, true);
	older = keep_two(s, p, false);
	if (older)
		keep_newest_of(s, p, older);
	keep(s, w->pin);
	keep(s, w->next_pin);
	keep_passing(s, w->callers);
	if (s->keep.n)
		qsort(s->keep.v, s->keep.n, sizeof(*s->keep.v), by_version);
	for (size_t i = 0; i < s->keep.n; i++)
		if (!is_series(s->keep.v[i]))
			pve_strv_add(&s->boot, s->keep.v[i]);
	if (!s->boot.n)
		return pve_err_set(e, PVE_FAILED,
				   "no kernel is selected: dpkg has none installed, none runs that is "
				   "in /boot, and none is listed (pve-boot kernel add VERSION)");
	return 0;
}

void boot_selection_done(struct boot_selection *s)
{
	pve_strv_done(&s->keep);
	pve_strv_done(&s->boot);
	pve_strv_done(&s->passing);
}

/* --- APT ----------------------------------------------------------------------------------- */

static void pattern(struct pve_buf *out, const char *prefix, const char *version,
		    const char *suffix)
{
	pve_buf_printf(out, "  \"^%s-kernel-", prefix);
	for (; *version; version++) {
		if (strchr(".+*?()[]{}|^$", *version))
			pve_buf_putc(out, '\\');
		pve_buf_putc(out, *version);
	}
	pve_buf_printf(out, "%s$\";\n", suffix);
}

void boot_apt_format(const struct boot_selection *s, struct pve_buf *out)
{
	pve_buf_puts(out, "// Written by pve-boot with each refresh: kernels that autoremove keeps.\n"
			  "APT::NeverAutoRemove\n{\n");
	for (size_t i = 0; i < s->keep.n; i++) {
		pattern(out, "pve", s->keep.v[i], "");
		pattern(out, "proxmox", s->keep.v[i], "");
		pattern(out, "proxmox", s->keep.v[i], "-signed");
	}
	pve_buf_puts(out, "};\n");
}
