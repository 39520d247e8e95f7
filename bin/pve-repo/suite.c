/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/suite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pve-repo/uri.h"

/* One entry on its way. */
struct step {
	struct repo_move *m;
	const struct repo_entry *e;
	struct repo_edits *edits;
	bool refused;
};

/* One error for each entry is enough. */
__attribute__((format(printf, 3, 4))) static void say(struct step *t, enum pve_severity how,
						      const char *fmt, ...)
{
	char text[300];
	va_list ap;

	if (how == PVE_ERROR && t->refused)
		return;
	t->refused |= how == PVE_ERROR;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	pve_diags_add(&t->m->said, how, t->e->file->path, t->e->line, "%s", text);
}

static void replace(struct step *t, const struct repo_word *w, const char *text)
{
	if (strcmp(w->text, text) != 0)
		repo_edit_add(t->edits, w->at, w->len, text);
}

static bool is_ours(const struct repo_kind *k)
{
	return k->product == REPO_DEBIAN || k->product == REPO_DEBIAN_SECURITY ||
	       k->product == REPO_PVE || k->product == REPO_CEPH;
}

/* What the entry is, by its first component: all of one entry are of one product. */
static void classify(const struct repo_entry *e, size_t uri, size_t suite, struct repo_kind *k)
{
	repo_classify(k, e->uris.v[uri].text, e->suites.v[suite].text,
		      e->components.n ? e->components.v[0].text : "");
}

/* --- suites ------------------------------------------------------------------------------- */

/* Behind the codename of Debian's suites. */
static const char *suffix(const struct step *t, const struct repo_kind *k)
{
	bool security = k->product == REPO_DEBIAN_SECURITY || strcmp(k->suffix, "/updates") == 0 ||
			strcmp(k->suffix, "-security") == 0;

	if (!security)
		return k->suffix;
	return t->m->to->slash_updates ? "/updates" : "-security";
}

static void move_suite(struct step *t, size_t i)
{
	struct repo_kind k;
	const char *text;

	classify(t->e, 0, i, &k);
	if (!is_ours(&k)) {
		if (k.suite && k.suite != t->m->to)
			say(t, PVE_WARNING, "%s of %s is not ours to move: ask who makes it",
			    t->e->suites.v[i].text, t->e->uris.v[0].text);
		return;
	}
	if (!k.suite && !k.alias) {
		say(t, PVE_WARNING, "the suite %s of %s is unknown and stays",
		    t->e->suites.v[i].text, t->e->uris.v[0].text);
		return;
	}
	text = pve_arena_printf(&t->m->mem, "%s%s", t->m->to->codename, suffix(t, &k));
	replace(t, &t->e->suites.v[i], text);
}

/* --- addresses ------------------------------------------------------------------------------ */

/* From an archive host to the one that has it now. */
static const char *live_uri(const struct repo_kind *k, const char *uri, struct pve_arena *mem)
{
	struct repo_uri u;

	repo_uri_parse(&u, uri, mem);
	switch (k->product) {
	case REPO_DEBIAN:
		u.host = "ftp.debian.org";
		break;
	case REPO_DEBIAN_SECURITY:
		u.host = "security.debian.org";
		break;
	default:
		u.host = k->channel == REPO_ENTERPRISE ? "enterprise.proxmox.com"
						       : "download.proxmox.com";
		u.access = k->channel == REPO_ENTERPRISE ? "https" : "http";
	}
	return repo_uri_format(&u, mem);
}

static void move_uri(struct step *t, size_t i)
{
	const struct repo_word *w = &t->e->uris.v[i];
	struct repo_kind k;
	const char *uri = NULL;

	classify(t->e, i, 0, &k);
	if (!is_ours(&k))
		return;
	k.suite = t->m->to;
	if (t->m->archive)
		uri = repo_archive_uri(&k, w->text, &t->m->mem);
	else if (k.archived && !t->m->to->retired)
		uri = live_uri(&k, w->text, &t->m->mem);
	if (uri)
		replace(t, w, uri);
}

/* --- components ------------------------------------------------------------------------------ */

static void move_ceph(struct step *t, const struct repo_word *w, const struct repo_kind *k)
{
	unsigned has = repo_ceph_channels(k->ceph, t->m->to);
	enum repo_channel c = k->channel;

	if (!t->e->enabled && !has)
		return; /* a left-over that does nothing */
	if (!has) {
		say(t, PVE_ERROR, "there is no Ceph %s for %s: upgrade Ceph first",
		    k->ceph ? k->ceph->name : "of this name", t->m->to->codename);
		return;
	}
	/* One thing under two names; where both are known, no-subscription is the right one. */
	if (c == REPO_MAIN || c == REPO_NO_SUBSCRIPTION)
		c = has & 1u << REPO_NO_SUBSCRIPTION ? REPO_NO_SUBSCRIPTION : REPO_MAIN;
	if (c && has & 1u << c) {
		replace(t, w, repo_component(REPO_CEPH, c, t->m->to));
		return;
	}
	say(t, PVE_ERROR, "Ceph for %s has no component %s", t->m->to->codename, w->text);
}

static void move_component(struct step *t, size_t i)
{
	const struct repo_word *w = &t->e->components.v[i];
	struct repo_kind k;

	repo_classify(&k, t->e->uris.v[0].text, t->e->suites.v[0].text, w->text);
	if (k.product == REPO_CEPH)
		move_ceph(t, w, &k);
	else if (k.product == REPO_PVE && k.channel == REPO_TEST)
		replace(t, w, t->m->to->test);
}

/* Firmware left non-free with Debian 12: who had the one needs the other. */
static void add_firmware(struct step *t)
{
	const struct repo_entry *e = t->e;
	const struct repo_word *last;
	struct repo_kind k;

	classify(e, 0, 0, &k);
	if ((k.product != REPO_DEBIAN && k.product != REPO_DEBIAN_SECURITY) || !k.suite ||
	    k.suite->debian >= 12 || t->m->to->debian < 12 ||
	    !repo_words_have(&e->components, "non-free") ||
	    repo_words_have(&e->components, "non-free-firmware"))
		return;
	last = &e->components.v[e->components.n - 1];
	repo_edit_add(t->edits, last->at + last->len, 0, " non-free-firmware");
}

/* --- entries ---------------------------------------------------------------------------------- */

static void add_signed_by(struct step *t)
{
	struct repo_kind k;

	classify(t->e, 0, 0, &k);
	if (!t->m->to->deb822 || repo_entry_option(t->e, "signed-by") || !is_ours(&k) ||
	    (k.suite && k.suite->deb822))
		return;
	repo_edit_option(t->edits, t->e, "signed-by",
			 k.product == REPO_PVE || k.product == REPO_CEPH
				 ? "/usr/share/keyrings/proxmox-archive-keyring.gpg"
				 : "/usr/share/keyrings/debian-archive-keyring.gpg");
}

static void move_entry(struct step *t)
{
	const struct repo_entry *e = t->e;

	if (!e->uris.n || !e->suites.n)
		return;
	for (size_t i = 0; i < e->suites.n; i++)
		move_suite(t, i);
	for (size_t i = 0; i < e->uris.n; i++)
		move_uri(t, i);
	for (size_t i = 0; i < e->components.n; i++)
		move_component(t, i);
	if (e->components.n)
		add_firmware(t);
	add_signed_by(t);
}

void repo_move(struct repo_move *m)
{
	for (size_t f = 0; f < m->s->nfiles; f++) {
		const struct repo_file *file = m->s->file[f];

		for (size_t i = file->entry; i < file->entry + file->nentries; i++) {
			struct step t = {m, m->s->entry[i], &m->edits[f], false};

			move_entry(&t);
		}
	}
}

void repo_move_done(struct repo_move *m)
{
	pve_diags_done(&m->said);
	pve_arena_done(&m->mem);
}
