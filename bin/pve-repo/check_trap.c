/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What apt reads without a word, and otherwise than it looks. */
#include <string.h>
#include <strings.h>

#include "pve-repo/check.h"
#include "pve-repo/sources_impl.h"

/* --- both formats ----------------------------------------------------------------------------- */

static void check_option(struct repo_check *c, const struct repo_entry *e,
			 const struct repo_option *o)
{
	bool line = e->file->format == REPO_LIST;
	const char *lower = repo_option_key(REPO_SOURCES, o->name);

	if (line && strchr(o->value, '[') && strstr(o->value, "]["))
		repo_check_trapped(c, REPO_CHECK_OPTION_BRACKETS, e, o->line,
				         "\"][\" is part of the value of %s: all options stand in one pair of "
			      "brackets", o->key);
	if (!o->last)
		repo_check_trapped(c, REPO_CHECK_FIELD_TWICE, e, o->line,
				         "%s is given again behind it, and the last one counts", o->name);
	if (o->known || strncasecmp(o->name, "X-", 2) == 0)
		return;
	if (line && lower)
		repo_check_trapped(c, REPO_CHECK_OPTION_IGNORED, e, o->line,
				         "apt ignores %s in a line: it is %s there", o->name, lower);
	else if (line)
		repo_check_trapped(c, REPO_CHECK_OPTION_IGNORED, e, o->line,
				         "apt knows no option %s", o->name);
	else if (repo_option_key(REPO_LIST, o->name) ||
		 strncasecmp(o->name, "allow-", 6) == 0 || strcasecmp(o->name, "inrelease-path") == 0)
		repo_check_trapped(c, REPO_CHECK_OPTION_IGNORED, e, o->line,
				         "apt ignores %s in a stanza", o->name);
}

/* --- lines -------------------------------------------------------------------------------------- */

static void check_line(struct repo_check *c, const struct repo_entry *e)
{
	struct pve_span tail = repo_entry_tail(e);

	if (tail.len && tail.p[0] != '#')
		repo_check_trapped(c, REPO_CHECK_LINE_CUT, e, e->line,
				 "apt drops \"%.*s\" from this line: a quote or bracket stays open",
				 (int)(tail.len < 60 ? tail.len : 60), tail.p);
	for (size_t i = 0; i < e->components.n; i++) {
		const char *w = e->components.v[i].text;

		if (strchr(w, ' '))
			repo_check_trapped(c, REPO_CHECK_COMPONENT_QUOTED, e, e->line,
					 "\"%s\" is one component: quotes do not list several", w);
		else if (strcmp(w, "\\") == 0)
			repo_check_trapped(c, REPO_CHECK_BACKSLASH, e, e->line,
					 "the backslash is the name of a component: no line goes on "
					 "in the next");
	}
}

/* --- stanzas ------------------------------------------------------------------------------------ */

static void check_words(struct repo_check *c, const struct repo_entry *e,
			const struct repo_field *f)
{
	for (size_t k = 0; repo_field_takes_words(f->name) && k < f->words.n; k++)
		if (f->words.v[k].text[0] == '#') {
			repo_check_trapped(c, REPO_CHECK_VALUE_COMMENT, e, f->line,
					   "in %s the # and what is behind it are values, too: a "
					   "comment has it in the first column", f->name);
			return;
		}
}

/* A field Types again behind a line of blanks: the first stanza is gone. */
static void check_joined(struct repo_check *c, const struct repo_entry *e,
			 const struct repo_field *f)
{
	struct pve_span t = e->file->text;
	size_t at = f->at;
	bool blanks = false;

	if (strcasecmp(f->name, "Types") != 0 || f == repo_entry_field(e, "Types"))
		return;
	/* Is there a line of blanks from here to the end of the stanza? */
	while (at < e->at + e->len) {
		const char *eol = memchr(t.p + at, '\n', t.len - at);
		size_t len = eol ? (size_t)(eol - t.p) - at : t.len - at;
		struct pve_span line = {t.p + at, len};

		blanks |= line.len && pve_span_trim(line).len == 0 && pve_is_blank(line.p[0]);
		at += len + 1;
	}
	if (blanks)
		repo_check_trapped(c, REPO_CHECK_STANZAS_JOINED, e, f->line,
				         "a line of blanks joins this stanza with the next one: of what both have "
			      "apt takes the last, and this repository is not used");
	else
		repo_check_trapped(c, REPO_CHECK_FIELD_TWICE, e, f->line,
				         "Types is given again behind it, and the last one counts");
}

static void check_twice(struct repo_check *c, const struct repo_entry *e, const struct repo_field *f)
{
	static const char *const own[] = {"URIs", "Suites", "Components", "Enabled"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (strcasecmp(own[i], f->name) == 0 && repo_entry_field(e, f->name) != f)
			repo_check_trapped(c, REPO_CHECK_FIELD_TWICE, e, f->line,
				         "%s is given again behind it, and the last one counts", f->name);
}

static void check_stanza(struct repo_check *c, const struct repo_entry *e)
{
	const struct repo_field *enabled = repo_entry_field(e, "Enabled");

	for (size_t i = 0; i < e->nfields; i++) {
		check_words(c, e, &e->field[i]);
		check_joined(c, e, &e->field[i]);
		check_twice(c, e, &e->field[i]);
	}
	if (enabled && repo_bool(enabled->value, -1) < 0)
		pve_finding_fix(repo_check_at(c, REPO_CHECK_ENABLED_VALUE, e->file->path, enabled->line,
					      "\"%s\" is neither yes nor no, and so the repository is "
					      "used", enabled->value),
				"pve-repo disable %s:%u", e->file->path, e->line);
}

void repo_check_trap(struct repo_check *c)
{
	for (size_t i = 0; i < c->s->nentries; i++) {
		const struct repo_entry *e = c->s->entry[i];

		if (!e->enabled && e->file->format == REPO_LIST)
			continue;
		for (size_t k = 0; k < e->noptions; k++)
			check_option(c, e, &e->option[k]);
		if (e->file->format == REPO_LIST)
			check_line(c, e);
		else
			check_stanza(c, e);
	}
	for (size_t i = 0; i < c->facts->host->silly.n; i++)
		repo_check_about(c, REPO_CHECK_FILE_IGNORED, c->facts->host->silly.v[i],
				 "apt passes over this file: a name has only letters, digits and "
				 "\"_-.:\", and ends in .list or .sources");
}
