/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/dpkg.h"

#include "pvecommon/deb822.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"

/* The file of a host with 10,000 packages has 12 MB. */
#define STATUS_MAX (256u << 20)

static const char *const wants[] = {
	[PVE_DPKG_UNKNOWN] = "unknown", [PVE_DPKG_INSTALL] = "install",
	[PVE_DPKG_HOLD] = "hold",       [PVE_DPKG_DEINSTALL] = "deinstall",
	[PVE_DPKG_PURGE] = "purge",     NULL,
};

static const char *const states[] = {
	[PVE_DPKG_NOT_INSTALLED] = "not-installed",
	[PVE_DPKG_CONFIG_FILES] = "config-files",
	[PVE_DPKG_HALF_INSTALLED] = "half-installed",
	[PVE_DPKG_UNPACKED] = "unpacked",
	[PVE_DPKG_HALF_CONFIGURED] = "half-configured",
	[PVE_DPKG_TRIGGERS_AWAITED] = "triggers-awaited",
	[PVE_DPKG_TRIGGERS_PENDING] = "triggers-pending",
	[PVE_DPKG_INSTALLED] = "installed",
	NULL,
};

static int word_of(struct pve_span w, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (pve_span_eq(w, words[i]))
			return i;
	return -1;
}

/* Three words: what is wanted, whether it is whole, what is there. */
static int parse_status(struct pve_dpkg_package *p, struct pve_span s)
{
	struct pve_span want = pve_span_word(&s), flag = pve_span_word(&s);
	int w = word_of(want, wants), state = word_of(pve_span_word(&s), states);

	if (w < 0 || state < 0 || pve_span_trim(s).len)
		return -1;
	p->want = (enum pve_dpkg_want)w;
	p->state = (enum pve_dpkg_state)state;
	p->reinstall = pve_span_eq(flag, "reinstreq");
	return 0;
}

void pve_dpkg_source(struct pve_span stanza, struct pve_span *name, struct pve_span *version)
{
	struct pve_span source = pve_deb822_get(stanza, "Source");

	*name = pve_span_word(&source);
	source = pve_span_trim(source);
	if (source.len > 2 && source.p[0] == '(' && source.p[source.len - 1] == ')')
		*version = (struct pve_span){source.p + 1, source.len - 2};
	else
		*version = pve_deb822_get(stanza, "Version");
	if (!name->len)
		*name = pve_deb822_get(stanza, "Package");
}

/* NULL, or what is wrong. */
static const char *parse_package(struct pve_dpkg_package *p, struct pve_span stanza)
{
	struct pve_span rest = stanza, name, value, status = {0};

	p->stanza = stanza;
	while (pve_deb822_field(&rest, &name, &value)) {
		if (pve_span_eq(name, "Package"))
			p->name = value;
		else if (pve_span_eq(name, "Status"))
			status = value;
		else if (pve_span_eq(name, "Version"))
			p->version = value;
		else if (pve_span_eq(name, "Architecture"))
			p->arch = value;
	}
	if (!p->name.len)
		return "a stanza without a field Package";
	if (!status.len)
		return "a package without a field Status";
	if (parse_status(p, status) < 0)
		return "a Status that is not three known words";
	if (pve_dpkg_present(p) && !p->version.len && p->state != PVE_DPKG_HALF_INSTALLED)
		return "an installed package without a version";
	pve_dpkg_source(stanza, &p->source, &p->source_version);
	return NULL;
}

static void add(struct pve_dpkg *db, size_t *cap, const struct pve_dpkg_package *p)
{
	db->v = pve_grow(db->v, db->n, cap, sizeof(*db->v));
	db->v[db->n++] = *p;
}

/* Once the array no longer moves. */
static void index_names(struct pve_dpkg *db)
{
	for (size_t i = db->n; i-- > 0;)
		db->v[i].next = pve_map_set(&db->names, db->v[i].name, &db->v[i]);
}

static unsigned line_at(const struct pve_dpkg *db, const char *at)
{
	unsigned line = 1;

	for (const char *p = db->text.data; p < at; p++)
		line += *p == '\n';
	return line;
}

void pve_dpkg_parse(struct pve_dpkg *db, const char *file, struct pve_diags *d)
{
	struct pve_span text = {pve_buf_str(&db->text), db->text.len}, stanza;
	size_t cap = 0;

	while (pve_deb822_next(&text, &stanza)) {
		struct pve_dpkg_package p = {.state = PVE_DPKG_NOT_INSTALLED};
		const char *wrong = parse_package(&p, stanza);

		if (!wrong)
			add(db, &cap, &p);
		else if (d)
			pve_diags_add(d, PVE_ERROR, file, line_at(db, stanza.p), "%s", wrong);
	}
	index_names(db);
}

int pve_dpkg_read(struct pve_dpkg *db, struct pve_sys *sys, const char *file, struct pve_err *e)
{
	struct pve_diags d = {0};
	int rc;

	*db = (struct pve_dpkg){0};
	if (!file)
		file = PVE_DPKG_STATUS;
	if (pve_fs_read(sys, file, STATUS_MAX, &db->text, NULL, e) < 0)
		return -1;
	pve_dpkg_parse(db, file, &d);
	rc = pve_diags_err(&d, e);
	pve_diags_done(&d);
	if (rc < 0)
		pve_dpkg_done(db);
	return rc;
}

struct pve_dpkg_package *pve_dpkg_find(const struct pve_dpkg *db, struct pve_span name)
{
	return pve_map_get(&db->names, name);
}

bool pve_dpkg_present(const struct pve_dpkg_package *p)
{
	return p->state >= PVE_DPKG_HALF_INSTALLED;
}

struct pve_span pve_dpkg_version(const struct pve_dpkg *db, const char *name)
{
	for (struct pve_dpkg_package *p = pve_dpkg_find(db, pve_span(name)); p; p = p->next)
		if (pve_dpkg_present(p) && p->version.len)
			return p->version;
	return (struct pve_span){NULL, 0};
}

void pve_dpkg_done(struct pve_dpkg *db)
{
	pve_map_done(&db->names);
	free(db->v);
	pve_buf_done(&db->text);
	*db = (struct pve_dpkg){0};
}
