/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "changelog.h"

#include <string.h>

#include "pve-repo/uri.h"
#include "pvecommon/debver.h"

#define MARK "@CHANGEPATH@"

/* --- where ------------------------------------------------------------------------- */

static const char *setting(const struct repo_aptconf *conf, const char *what, const char *kind,
			   const char *name)
{
	PVE_FREE char *key =
		pve_asprintf("Acquire::Changelogs::URI::%s%s::%s", what, kind, name ? name : "");
	const char *value = name ? repo_aptconf_get(conf, key) : "";

	return *value ? value : NULL;
}

static const char *template_of(const struct repo_dist *d, const struct repo_aptconf *conf,
			       struct pve_arena *mem)
{
	const char *t = setting(conf, "Override::", "Label", d->label);

	if (!t)
		t = setting(conf, "Override::", "Origin", d->origin);
	if (!t && d->release.changelogs.len)
		t = pve_arena_memdup(mem, d->release.changelogs.p, d->release.changelogs.len);
	if (!t)
		t = setting(conf, "", "Label", d->label);
	return t ? t : setting(conf, "", "Origin", d->origin);
}

/* "main/libx/libxyz/libxyz_1.0-1" */
static const char *change_path(const struct repo_update *u, struct pve_arena *mem)
{
	struct pve_span version = pve_debver_no_epoch(pve_span(u->source_version));
	int n = strncmp(u->source, "lib", 3) == 0 ? 4 : 1;

	return pve_arena_printf(mem, "%s/%.*s/%s/%s_%.*s", u->component, n, u->source, u->source,
				u->source, PVE_SPAN_ARG(version));
}

const char *repo_changelog_uri(const struct repo_update *u, struct repo_aptconf *conf,
			       struct pve_arena *mem, struct pve_err *e)
{
	const char *t = u->dist ? template_of(u->dist, conf, mem) : NULL;
	const char *at = t ? strstr(t, MARK) : NULL;

	if (!t || strcmp(t, "no") == 0) {
		pve_err_set(e, PVE_NOTHERE,
			    "%s: %s has no changelogs: its Release has no field Changelogs",
			    u->package, u->origin && *u->origin ? u->origin : "its repository");
		return NULL;
	}
	if (!at)
		return t;
	return pve_arena_printf(mem, "%.*s%s%s", (int)(at - t), t, change_path(u, mem),
				at + strlen(MARK));
}

const char *repo_proxy(const struct repo_aptconf *conf, const char *uri, struct pve_arena *mem)
{
	const char *const schemes[] = {"https", "http"};
	struct repo_uri u;

	repo_uri_parse(&u, uri, mem);
	for (int i = strcmp(u.access, "https") == 0 ? 0 : 1; i < 2; i++) {
		PVE_FREE char *of_host = pve_asprintf("Acquire::%s::Proxy::%s", schemes[i], u.host);
		PVE_FREE char *of_all = pve_asprintf("Acquire::%s::Proxy", schemes[i]);
		const char *v = repo_aptconf_get(conf, of_host);

		if (!*v)
			v = repo_aptconf_get(conf, of_all);
		if (*v)
			return strcmp(v, "DIRECT") == 0 || strcmp(v, "false") == 0 ? "" : v;
	}
	return NULL;
}

/* --- what -------------------------------------------------------------------------- */

/* "hello (2.10-3) unstable; urgency=medium": the version, or nothing. */
static struct pve_span heading(struct pve_span line)
{
	struct pve_span none = {0}, word = line;
	const char *end;

	if (!line.len || pve_is_blank(*line.p))
		return none;
	pve_span_word(&word);
	word = pve_span_trim(word);
	if (!word.len || *word.p != '(')
		return none;
	end = memchr(word.p, ')', word.len);
	return end ? (struct pve_span){word.p + 1, (size_t)(end - word.p) - 1} : none;
}

size_t repo_changelog_cut(struct pve_span text, const char *installed, struct pve_buf *out)
{
	bool wanted = false;
	size_t n = 0;

	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, nl ? (size_t)(nl - text.p) + 1 : text.len};
		struct pve_span version = heading(line);

		if (version.len) {
			wanted = pve_debver_cmp(version, pve_span(installed)) > 0;
			n += wanted;
		}
		if (wanted)
			pve_buf_span(out, line);
		text.p += line.len;
		text.len -= line.len;
	}
	return n;
}
