/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One repository twice, in any spelling: scheme, case of the host, doubled slashes, the names that
 * Proxmox has for one component, main and no-subscription. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pve-repo/check.h"
#include "pve-repo/uri.h"

/* Where it really is, as one text: the same for all spellings of one repository. */
static char *identity(struct repo_check *c, const struct repo_single *one, const char *type)
{
	const struct repo_entry *e = one->e;
	const char *suite = e->suites.v[one->n].text;
	const char *component = e->components.n ? e->components.v[one->k].text : "";
	const struct repo_option *arch = repo_entry_option(e, "arch");
	char handle[REPO_HANDLE_MAX];
	struct repo_uri u;
	PVE_BUF b = {0};

	repo_uri_parse(&u, e->uris.v[one->u].text, &c->mem);
	if (one->kind.product == REPO_PVE && one->kind.channel) {
		pve_buf_printf(&b, "%s", repo_handle(&one->kind, handle));
	} else {
		bool file = strcasecmp(u.access, "http") != 0 && strcasecmp(u.access, "https") != 0;

		for (const char *p = u.host; *p; p++)
			pve_buf_putc(&b, (char)tolower((unsigned char)*p));
		pve_buf_printf(&b, "|%s|", file ? u.access : "");
		for (const char *p = u.path; *p; p++)
			if (*p != '/' || (p[1] != '/' && p[1] != '\0'))
				pve_buf_putc(&b, *p);
		pve_buf_printf(&b, "|%s", one->kind.product == REPO_CEPH && one->kind.channel
						 ? repo_channel_name(one->kind.channel)
						 : component);
	}
	pve_buf_printf(&b, "|%s|%s|%s", type, suite, arch ? arch->value : "");
	return pve_arena_memdup(&c->mem, pve_buf_str(&b), b.len);
}

/* The file of the release keeps the entry: pve-enterprise.sources beside pve-enterprise.list. */
static bool is_standard_file(const struct repo_check *c, const struct repo_single *one)
{
	for (const struct repo_standard *r = c->facts->all; r && r->handle; r++)
		if (strcmp(r->file, one->e->file->path) == 0 && r->product == one->kind.product)
			return true;
	return false;
}

/* Both are in one entry: the word in which they differ is removed by its name, unless it is twice
 * in the same spelling. */
static const char *within(struct repo_check *c, const struct repo_single *extra,
			  const struct repo_single *stays)
{
	const struct repo_entry *e = extra->e;
	const struct {
		const char *option, *word, *other;
	} lists[] = {
		{"uri", e->uris.v[extra->u].text, e->uris.v[stays->u].text},
		{"suite", e->suites.v[extra->n].text, e->suites.v[stays->n].text},
		{"component", e->components.n ? e->components.v[extra->k].text : "",
		 e->components.n ? e->components.v[stays->k].text : ""},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (strcmp(lists[i].word, lists[i].other) != 0 && repo_check_is_plain(lists[i].word))
			return pve_arena_printf(&c->mem, "pve-repo remove %s:%u --%s %s",
						e->file->path, e->line, lists[i].option,
						lists[i].word);
	return pve_arena_printf(&c->mem, "pve-repo repair %s:%u", e->file->path, e->line);
}

static void twice(struct repo_check *c, const struct repo_single *one, const struct repo_single *was)
{
	const struct repo_single *extra = one, *stays = was;
	struct pve_finding *f;

	if (one->e == was->e && one->u == was->u && one->n == was->n && one->k == was->k)
		return;
	if (is_standard_file(c, one) && !is_standard_file(c, was))
		extra = was, stays = one;
	f = repo_check_entry(c, REPO_CHECK_DUPLICATE, extra->e,
			     "%s %s %s is at %s:%u already", extra->e->uris.v[extra->u].text,
			     extra->e->suites.v[extra->n].text,
			     extra->e->components.n ? extra->e->components.v[extra->k].text : "",
			     stays->e->file->path, stays->e->line);
	pve_finding_fix(f, "%s",
			extra->e != stays->e ? repo_check_command(c, "remove", extra)
					     : within(c, extra, stays));
}

static void check(struct repo_check *c, struct repo_single *one)
{
	for (size_t i = 0; i < one->e->types.n; i++) {
		const char *type = one->e->types.v[i].text;
		struct pve_span key = pve_span(identity(c, one, type));
		struct repo_single *mine = pve_arena_alloc(&c->mem, sizeof(*mine));
		const struct repo_single *was = pve_map_get(&c->seen, key);

		*mine = *one;
		if (!was)
			pve_map_set(&c->seen, key, mine);
		else
			twice(c, mine, was);
	}
}

void repo_check_duplicate(struct repo_check *c)
{
	repo_check_each(c, check);
	pve_map_done(&c->seen);
}
