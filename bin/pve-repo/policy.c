/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policy.h"

#include "pve-repo/phased.h"
#include "pvecommon/deb822.h"
#include "pvecommon/debver.h"
#include "pvecommon/num.h"

/* --- reading stanzas --------------------------------------------------------------- */

/* The fields that make two packages of one version different for apt, each with a factor that
 * keeps "Depends: x" and "Conflicts: x" apart. */
static const struct {
	const char *name;
	uint32_t factor;
} hashed[] = {
	{"Installed-Size", 3}, {"Depends", 5}, {"Pre-Depends", 7},
	{"Conflicts", 11},     {"Breaks", 13}, {"Replaces", 17},
};

/* dpkg writes these fields anew: blanks, "=", epochs of 0 and case say nothing. */
static uint64_t hash_value(struct pve_span v)
{
	uint64_t h = 5381;

	for (size_t i = 0; i < v.len; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c == '0' && i + 1 < v.len && v.p[i + 1] == ':') {
			i++;
			continue;
		}
		if (c == '=' || c == ' ' || (c >= '\t' && c <= '\r'))
			continue;
		h = 33 * h + (c >= 'A' && c <= 'Z' ? c | 0x20u : c);
	}
	return h;
}

static bool is(struct pve_span name, const char *field)
{
	size_t n = strlen(field);

	return name.len == n && strncasecmp(name.p, field, n) == 0;
}

static void parse_field(struct policy_stanza *s, struct pve_span name, struct pve_span value)
{
	for (size_t i = 0; i < sizeof(hashed) / sizeof(*hashed); i++)
		if (is(name, hashed[i].name))
			s->hash += hashed[i].factor * hash_value(value);
	if (is(name, "Package"))
		s->name = value;
	else if (is(name, "Version"))
		s->version = value;
	else if (is(name, "Architecture"))
		s->arch = value;
	else if (is(name, "Section"))
		s->section = value;
	else if (is(name, "Multi-Arch") && !is(value, "no"))
		s->multi_arch = value;
	else if (is(name, "Size"))
		pve_num_span(value, UINT64_MAX, &s->size);
	else if (is(name, "Phased-Update-Percentage"))
		pve_num_span(value, 100, &s->phased);
}

void policy_stanza_parse(struct policy_stanza *s, struct pve_span text)
{
	struct pve_span rest = text, name, value;

	*s = (struct policy_stanza){.phased = 100};
	while (pve_deb822_field(&rest, &name, &value))
		parse_field(s, name, value);
	pve_dpkg_source(text, &s->source, &s->source_version);
}

/* --- versions ---------------------------------------------------------------------- */

static const char *string(struct repo_policy *p, struct pve_span s)
{
	return pve_arena_memdup(&p->mem, s.len ? s.p : "", s.len);
}

static const char *effective_arch(const struct repo_policy *p, struct pve_span arch)
{
	for (size_t i = 0; i < p->lists->archs.n; i++)
		if (pve_span_eq(arch, p->lists->archs.v[i]))
			return p->lists->archs.v[i];
	return pve_span_eq(arch, "all") ? p->native : NULL;
}

/* The installed package that a stanza is about, or NULL. */
static struct policy_package *installed(struct repo_policy *p, const struct policy_stanza *s)
{
	const char *arch = effective_arch(p, s->arch);
	struct pve_dpkg_package *d = arch ? pve_dpkg_find(p->db, s->name) : NULL;

	for (; d; d = d->next) {
		struct policy_package *pkg = &p->package[d - p->db->v];

		if (pkg->arch == arch)
			return pkg;
	}
	return NULL;
}

static bool same_package(const struct policy_version *v, const struct policy_stanza *s)
{
	return v->hash == s->hash && (!v->size || !s->size || v->size == s->size) &&
	       pve_span_same(v->multi_arch, s->multi_arch);
}

static void add_list(struct policy_version *v, const struct repo_index *index)
{
	v->list = pve_grow(v->list, v->nlists, &v->lists_cap, sizeof(struct repo_index *));
	v->list[v->nlists++] = index;
}

static struct policy_version *version_add(struct repo_policy *p, struct policy_package *pkg,
					  const struct policy_stanza *s)
{
	struct policy_version *v = pve_arena_alloc(&p->mem, sizeof(*v)), **at = &pkg->version;

	v->version = string(p, s->version);
	v->section = string(p, s->section);
	v->source = string(p, s->source);
	v->source_version = string(p, s->source_version);
	v->multi_arch = pve_span(string(p, s->multi_arch));
	v->hash = s->hash;
	v->size = s->size;
	v->phased = (unsigned)s->phased;
	/* highest first; of equal ones those that were read first */
	while (*at && pve_debver_cmp(pve_span((*at)->version), s->version) >= 0)
		at = &(*at)->next;
	v->next = *at;
	return *at = v;
}

static struct policy_version *version_find(const struct policy_package *pkg,
					   const struct policy_stanza *s)
{
	for (struct policy_version *v = pkg->version; v; v = v->next)
		if (same_package(v, s) && pve_debver_cmp(pve_span(v->version), s->version) == 0)
			return v;
	return NULL;
}

static void take_stanza(struct repo_policy *p, const struct repo_index *index, struct pve_span text)
{
	struct policy_version *v;
	struct policy_package *pkg;
	struct policy_stanza s;

	policy_stanza_parse(&s, text);
	pkg = installed(p, &s);
	if (!pkg || !s.version.len)
		return;
	v = version_find(pkg, &s);
	if (!v)
		v = version_add(p, pkg, &s);
	add_list(v, index);
}

/* Is the package that this stanza begins with installed in any architecture?  Nearly all are
 * not, so that this is asked before anything else of them is looked at. */
static bool is_known(const struct repo_policy *p, struct pve_span stanza)
{
	static const char field[] = "Package: ";
	const size_t n = sizeof(field) - 1;
	const char *nl;

	if (stanza.len < n || memcmp(stanza.p, field, n) != 0)
		return true; /* in an unusual order: to be looked at */
	nl = memchr(stanza.p + n, '\n', stanza.len - n);
	if (!nl || nl[-1] == '\r' || pve_is_blank(nl[-1]))
		return true;
	return pve_dpkg_find(p->db, (struct pve_span){stanza.p + n, (size_t)(nl - stanza.p) - n});
}

size_t repo_policy_feed(struct repo_policy *p, const struct repo_index *index, struct pve_span text,
			bool last)
{
	size_t all = text.len;

	while (text.len) {
		struct pve_span stanza = {text.p, pve_deb822_end(text)};

		if (!stanza.len && !last)
			break;
		if (!stanza.len)
			stanza.len = text.len;
		if (is_known(p, stanza))
			take_stanza(p, index, stanza);
		text.p += stanza.len;
		text.len -= stanza.len;
	}
	return all - text.len;
}

/* --- priorities -------------------------------------------------------------------- */

static void set_list_priorities(struct repo_policy *p)
{
	for (size_t i = 0; i < p->lists->nindexes; i++) {
		struct repo_index *x = p->lists->index[i];
		const struct repo_release *r = &x->dist->release;
		int otherwise = r->but_automatic ? 100 : r->not_automatic ? 1 : 500;

		x->priority = repo_pins_list_priority(p->pins, &x->pin, otherwise, &x->by);
	}
	p->status_priority = repo_pins_list_priority(p->pins, &p->status, 100, &p->status_by);
}

struct repo_policy *repo_policy_new(const struct pve_dpkg *db, struct repo_lists *lists,
				    const struct repo_pins *pins,
				    const struct repo_phasing *phasing)
{
	struct repo_policy *p = pve_calloc(1, sizeof(*p));

	p->db = db;
	p->lists = lists;
	p->pins = pins;
	p->phasing = *phasing;
	p->native = lists->archs.v[0];
	p->status.status = true;
	p->package = pve_calloc(db->n + 1, sizeof(*p->package));
	for (size_t i = 0; i < db->n; i++) {
		p->package[i].dpkg = &db->v[i];
		if (pve_dpkg_present(&db->v[i]) && db->v[i].version.len)
			p->package[i].arch = effective_arch(p, db->v[i].arch);
	}
	set_list_priorities(p);
	return p;
}

void repo_policy_free(struct repo_policy *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->db->n; i++)
		for (struct policy_version *v = p->package[i].version; v; v = v->next)
			free(v->list);
	free(p->package);
	pve_arena_done(&p->mem);
	free(p);
}

/* Does this host wait with a version that is given out in phases? */
bool policy_phased_out(const struct repo_policy *p, const struct policy_version *v)
{
	const struct repo_phasing *ph = &p->phasing;

	if (v->phased >= 100 || ph->always)
		return false;
	if (ph->never)
		return true;
	return *ph->machine_id &&
	       !repo_phased_in(v->source, v->source_version, ph->machine_id, v->phased);
}

static const struct repo_pin *match_pin(const struct repo_policy *p,
					const struct policy_package *pkg,
					const struct policy_version *v)
{
	const struct repo_pin_list *list[64];
	struct repo_pin_version pv = {.version = v->version, .source = v->source, .list = list};
	PVE_FREE char *name = NULL;

	if (!p->pins->n)
		return NULL;
	name = pve_strndup(pkg->dpkg->name.p, pkg->dpkg->name.len);
	for (size_t i = 0; i < v->nlists && pv.nlists < 63; i++)
		list[pv.nlists++] = &v->list[i]->pin;
	if (v->current)
		list[pv.nlists++] = &p->status;
	pv.package = name;
	pv.arch = pkg->arch;
	pv.native = pkg->arch == p->native;
	return repo_pins_match(p->pins, &pv);
}

static int lists_priority(const struct repo_policy *p, struct policy_version *v)
{
	int max = INT_MIN;

	for (size_t i = 0; i < v->nlists; i++)
		if (v->list[i]->priority > max) {
			max = v->list[i]->priority;
			v->from = v->list[i];
			v->by = v->list[i]->by;
		}
	if (v->current && p->status_priority > max) {
		max = p->status_priority;
		v->by = p->status_by;
	}
	return max;
}

/* Is it kept away as a whole, by "never" on all lists that have it? */
static bool is_never(const struct repo_policy *p, const struct policy_version *v)
{
	for (size_t i = 0; i < v->nlists; i++)
		if (v->list[i]->priority != REPO_PIN_NEVER)
			return false;
	return !v->current || p->status_priority == REPO_PIN_NEVER;
}

void policy_set_priority(const struct repo_policy *p, const struct policy_package *pkg,
			 struct policy_version *v)
{
	const struct repo_pin *pin = match_pin(p, pkg, v);

	v->priority = lists_priority(p, v);
	if (pin && !is_never(p, v)) {
		v->priority = pin->priority;
		v->by = pin;
	}
	if (p->phasing.policy && v->priority > 1 && policy_phased_out(p, v))
		v->priority = 1;
}

/* Puts the installed version among those of the lists. */
struct policy_version *policy_add_current(struct repo_policy *p, struct policy_package *pkg)
{
	struct policy_version *v;
	struct policy_stanza s;

	policy_stanza_parse(&s, pkg->dpkg->stanza);
	s.size = 0;
	v = version_find(pkg, &s);
	if (!v)
		v = version_add(p, pkg, &s);
	v->current = true;
	return v;
}
