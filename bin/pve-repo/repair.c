/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/repair.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pve-repo/check.h"
#include "pve-repo/sources_impl.h"

static bool is_list(const struct repo_entry *e)
{
	return e->file->format == REPO_LIST;
}

static size_t line_end(struct pve_span t, size_t at)
{
	const char *eol = at < t.len ? memchr(t.p + at, '\n', t.len - at) : NULL;

	return eol ? (size_t)(eol - t.p) : t.len;
}

static size_t line_start(struct pve_span t, size_t at)
{
	while (at > 0 && t.p[at - 1] != '\n')
		at--;
	return at;
}

static char *copy(struct pve_span t, size_t from, size_t to)
{
	return pve_strndup(t.p + from, to - from);
}

/* --- options -------------------------------------------------------------------------- */

/* An option of a line goes with the blanks behind it, the last one with those before it, and the
 * only one with its brackets. */
static void drop_from_line(struct repo_edits *edits, const struct repo_entry *e,
			   const struct repo_option *o)
{
	struct pve_span t = e->file->text;
	size_t from = o->at, to = o->at + o->len;

	if (e->noptions == 1) {
		from = e->options_at;
		to = from + e->options_len;
	}
	while (to < t.len && pve_is_blank(t.p[to]))
		to++;
	while (e->noptions > 1 && to < t.len && t.p[to] == ']' && pve_is_blank(t.p[from - 1]))
		from--;
	repo_edit_add(edits, from, to - from, "");
}

static void drop_option(struct repo_edits *edits, const struct repo_entry *e,
			const struct repo_option *o)
{
	if (is_list(e))
		drop_from_line(edits, e, o);
	else
		repo_edit_add(edits, o->at, o->len, "");
}

static bool drop_options(struct repo_edits *edits, const struct repo_entry *e,
			 bool (*which)(const struct repo_option *o))
{
	bool any = false;

	for (size_t i = 0; i < e->noptions; i++)
		if (which(&e->option[i])) {
			drop_option(edits, e, &e->option[i]);
			any = true;
		}
	return any;
}

static bool opens(const struct repo_option *o)
{
	return repo_option_opens(o) != NULL;
}

static bool is_overruled(const struct repo_option *o)
{
	return !o->last;
}

/* The name that apt heeds in this format, of one that it does not; or NULL. */
static const char *heeded(const struct repo_entry *e, const struct repo_option *o)
{
	const char *key;

	if (o->known)
		return NULL;
	if (is_list(e))
		return repo_option_key(REPO_SOURCES, o->name);
	key = repo_option_key(REPO_LIST, o->name);
	return key ? repo_option_field(key) : NULL;
}

static bool rename_options(struct repo_edits *edits, const struct repo_entry *e)
{
	bool any = false;

	for (size_t i = 0; i < e->noptions; i++) {
		const struct repo_option *o = &e->option[i];
		const char *name = heeded(e, o);
		size_t n = strlen(o->name);

		/* As it is spelled: quotes and escapes in a name are left alone. */
		if (!name || o->len < n || memcmp(e->file->text.p + o->at, o->name, n) != 0)
			continue;
		repo_edit_add(edits, o->at, n, name);
		any = true;
	}
	return any;
}

static bool join_brackets(struct repo_edits *edits, const struct repo_entry *e)
{
	bool any = false;

	for (size_t i = 0; is_list(e) && i < e->noptions; i++) {
		const char *p = e->file->text.p + e->option[i].at, *end = p + e->option[i].len;

		while ((p = memmem(p, (size_t)(end - p), "][", 2))) {
			repo_edit_add(edits, (size_t)(p - e->file->text.p), 2, " ");
			any = true;
			p += 2;
		}
	}
	return any;
}

/* --- the words of a line ---------------------------------------------------------------- */

/* Words that need no quotes. */
static bool is_plain(const char *s)
{
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr(" -_./+", *s))
			return false;
	return true;
}

static bool unquote(struct repo_edits *edits, const struct repo_entry *e)
{
	bool any = false;

	for (size_t i = 0; is_list(e) && i < e->components.n; i++) {
		const struct repo_word *w = &e->components.v[i];

		if (!strchr(w->text, ' ') || !is_plain(w->text))
			continue;
		repo_edit_add(edits, w->at, w->len, w->text);
		any = true;
	}
	return any;
}

static bool drop_backslash(struct repo_edits *edits, const struct repo_entry *e)
{
	PVE_FREE bool *word = pve_calloc(e->components.n + 1, sizeof(*word));
	const struct repo_part part = {REPO_COMPONENTS, word};
	size_t n = 0;

	for (size_t i = 0; is_list(e) && i < e->components.n; i++)
		n += word[i] = strcmp(e->components.v[i].text, "\\") == 0;
	if (!n || n == e->components.n)
		return false;
	repo_edit_change(edits, e, REPO_REMOVE, &part);
	return true;
}

/* Behind a quote that stays open: the quote goes, and what it hid is read. */
static bool drop_quote(struct repo_edits *edits, const struct repo_entry *e)
{
	struct pve_span tail, cut;
	const char *quote;

	if (!is_list(e))
		return false;
	tail = cut = repo_entry_tail(e);
	quote = tail.len && tail.p[0] != '#' ? memchr(tail.p, '"', tail.len) : NULL;
	if (!quote)
		return false;
	cut.len = (size_t)(quote - tail.p);
	if (memchr(cut.p, '[', cut.len) || memchr(quote + 1, '"', tail.len - cut.len - 1))
		return false;
	repo_edit_add(edits, (size_t)(quote - e->file->text.p), 1, "");
	return true;
}

/* A word that stands in its list already goes.  Behind a # stands a comment, which is another
 * matter. */
static bool drop_repeated(struct repo_edits *edits, const struct repo_entry *e)
{
	const struct repo_words *lists[] = {&e->types, &e->uris, &e->suites, &e->components};
	bool any = false;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const struct repo_words *w = lists[i];
		PVE_FREE bool *word = pve_calloc(w->n + 1, sizeof(*word));
		const struct repo_part part = {REPO_TYPES + i, word};
		size_t n = 0;

		if (repo_words_have(w, "#"))
			continue;
		for (size_t k = 1; k < w->n; k++)
			for (size_t m = 0; m < k && !word[k]; m++)
				n += word[k] = strcmp(w->v[k].text, w->v[m].text) == 0;
		if (n)
			repo_edit_change(edits, e, REPO_REMOVE, &part);
		any |= n != 0;
	}
	return any;
}

/* --- stanzas ---------------------------------------------------------------------------- */

/* A # that stands in a line of its own becomes a comment where it is; else what is behind it moves
 * before the field. */
static size_t move_comment(struct repo_edits *edits, const struct repo_entry *e,
			   const struct repo_field *f, size_t at)
{
	struct pve_span t = e->file->text;
	size_t from = at, start = line_start(t, at), end = line_end(t, at);
	PVE_FREE char *text = NULL, *line = NULL;

	if (end > at && t.p[end - 1] == '\r')
		end--;
	while (from > start && pve_is_blank(t.p[from - 1]))
		from--;
	if (from == start) {
		repo_edit_add(edits, from, at - from, "");
		return end;
	}
	text = copy(t, at, end);
	line = pve_asprintf("%s\n", text);
	repo_edit_insert(edits, t, f->at, line);
	repo_edit_add(edits, from, end - from, "");
	return end;
}

bool repo_field_takes_words(const char *name)
{
	static const char *const lists[] = {"Types", "URIs", "Suites", "Components", "Architectures",
					    "Enabled"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (strcasecmp(lists[i], name) == 0)
			return true;
	return false;
}

static bool move_comments(struct repo_edits *edits, const struct repo_entry *e)
{
	bool any = false;

	for (size_t i = 0; i < e->nfields; i++) {
		const struct repo_field *f = &e->field[i];
		size_t done = 0;

		for (size_t k = 0; repo_field_takes_words(f->name) && k < f->words.n; k++)
			if (f->words.v[k].text[0] == '#' && f->words.v[k].at >= done) {
				done = move_comment(edits, e, f, f->words.v[k].at);
				any = true;
			}
	}
	return any;
}

/* Empties the lines of blanks before a line, comments between them passed over. */
static bool empty_before(struct repo_edits *edits, struct pve_span t, size_t at)
{
	bool any = false;

	while (at > 0) {
		size_t start = line_start(t, at - 1), end = at - 1;

		while (end > start && t.p[end - 1] == '\r')
			end--;
		if (end > start && pve_is_blank(t.p[start]) &&
		    pve_span_trim((struct pve_span){t.p + start, end - start}).len == 0) {
			repo_edit_add(edits, start, end - start, "");
			any = true;
		} else if (t.p[start] != '#') {
			break;
		}
		at = start;
	}
	return any;
}

static bool part_stanzas(struct repo_edits *edits, const struct repo_entry *e)
{
	bool any = false;

	for (size_t i = 1; i < e->nfields; i++)
		if (strcasecmp(e->field[i].name, "Types") == 0)
			any |= empty_before(edits, e->file->text, e->field[i].at);
	return any;
}

/* Of two fields the one that does not count goes.  What is twice because two stanzas are joined is
 * mended by parting them. */
static bool drop_overruled(struct repo_edits *edits, const struct repo_entry *e)
{
	static const char *const own[] = {"Types", "URIs", "Suites", "Components", "Enabled"};
	bool any = part_stanzas(edits, e);

	if (any)
		return true;
	for (size_t i = 0; i < e->nfields; i++)
		for (size_t k = 0; k < sizeof(own) / sizeof(*own); k++)
			if (strcasecmp(own[k], e->field[i].name) == 0 &&
			    repo_entry_field(e, own[k]) != &e->field[i]) {
				repo_edit_add(edits, e->field[i].at, e->field[i].len, "");
				any = true;
			}
	return drop_options(edits, e, is_overruled) || any;
}

/* --- all ---------------------------------------------------------------------------------- */

bool repo_repair(struct repo_edits *edits, const struct repo_entry *e, enum repo_check_id id)
{
	switch (id) {
	case REPO_CHECK_DUPLICATE:
		return drop_repeated(edits, e);
	case REPO_CHECK_UNVERIFIED:
		return drop_options(edits, e, opens);
	case REPO_CHECK_STANZAS_JOINED:
		return part_stanzas(edits, e);
	case REPO_CHECK_VALUE_COMMENT:
		return move_comments(edits, e);
	case REPO_CHECK_OPTION_IGNORED:
		return rename_options(edits, e);
	case REPO_CHECK_OPTION_BRACKETS:
		return join_brackets(edits, e);
	case REPO_CHECK_COMPONENT_QUOTED:
		return unquote(edits, e);
	case REPO_CHECK_BACKSLASH:
		return drop_backslash(edits, e);
	case REPO_CHECK_LINE_CUT:
		return drop_quote(edits, e);
	case REPO_CHECK_FIELD_TWICE:
		return drop_overruled(edits, e);
	default:
		return false;
	}
}

bool repo_repair_all(struct repo_edits *edits, const struct repo_entry *e)
{
	bool any = false;

	/* Once parted, each of two stanzas is looked at by itself. */
	if (repo_repair(edits, e, REPO_CHECK_STANZAS_JOINED))
		return true;
	for (int id = 0; id < REPO_CHECK_IDS; id++)
		any |= repo_repair(edits, e, (enum repo_check_id)id);
	return any;
}
