/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aptconf.h"

#include "pvecommon/buf.h"
#include "pvecommon/strv.h"

#define DEPTH_MAX 30 /* scopes in scopes; apt allows as many */

static const char *const defaults[][2] = {
	{"Dir", "/"},
	{"Dir::State", "var/lib/apt"},
	{"Dir::State::lists", "lists/"},
	{"Dir::State::status", "/var/lib/dpkg/status"},
	{"Dir::State::extended_states", "extended_states"},
	{"Dir::Etc", "etc/apt"},
	{"Dir::Etc::sourcelist", "sources.list"},
	{"Dir::Etc::sourceparts", "sources.list.d"},
	{"Dir::Etc::main", "apt.conf"},
	{"Dir::Etc::netrc", "auth.conf"},
	{"Dir::Etc::netrcparts", "auth.conf.d"},
	{"Dir::Etc::parts", "apt.conf.d"},
	{"Dir::Etc::preferences", "preferences"},
	{"Dir::Etc::preferencesparts", "preferences.d"},
	{"Dir::Etc::trusted", "trusted.gpg"},
	{"Dir::Etc::trustedparts", "trusted.gpg.d"},
	{"Acquire::Changelogs::URI::Origin::Debian",
	 "https://metadata.ftp-master.debian.org/changelogs/@CHANGEPATH@_changelog"},
};

static void set(struct repo_aptconf *c, const char *key, const char *value, const char *file,
		unsigned line)
{
	c->v = pve_grow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n++] = (struct repo_aptconf_item){key, value, file, line, 0, 0};
}

void repo_aptconf_init(struct repo_aptconf *c)
{
	*c = (struct repo_aptconf){0};
	for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		set(c, defaults[i][0], defaults[i][1], NULL, 0);
}

/* --- reading ----------------------------------------------------------------------- */

struct parser {
	struct repo_aptconf *c;
	const char *file, *base; /* its name and its first byte */
	struct pve_span rest;
	const char *word; /* where the last word begins, and behind its end */
	const char *word_end;
	unsigned line;
	struct pve_diags *d;
	const char *scope[DEPTH_MAX + 1];
	unsigned depth;
	struct pve_strv words; /* of the statement being read */
	unsigned start;        /* its line */
};

static void take(struct parser *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p->line += p->rest.p[i] == '\n';
	p->rest.p += n;
	p->rest.len -= n;
}

static bool at(const struct parser *p, const char *s)
{
	return pve_span_starts(p->rest, s);
}

static size_t to_end_of_line(const struct parser *p)
{
	const char *nl = memchr(p->rest.p, '\n', p->rest.len);

	return nl ? (size_t)(nl - p->rest.p) : p->rest.len;
}

static bool is_space(char ch)
{
	return pve_is_blank(ch) || ch == '\n' || ch == '\r' || ch == '\f' || ch == '\v';
}

static void clear_key(struct parser *p, struct pve_span key)
{
	size_t keep = 0;

	for (size_t i = 0; i < p->c->n; i++) {
		const char *k = p->c->v[i].key;

		/* A key in the file may have a NUL in it, which would end the comparison. */
		if (strnlen(k, key.len) == key.len && strncasecmp(k, key.p, key.len) == 0 &&
		    (!k[key.len] || strncmp(k + key.len, "::", 2) == 0))
			continue;
		p->c->v[keep++] = p->c->v[i];
	}
	p->c->n = keep;
}

static void directive(struct parser *p)
{
	size_t n = to_end_of_line(p);
	struct pve_span line = {p->rest.p, n}, word = pve_span_word(&line);
	unsigned at_line = p->line;

	if (pve_span_eq(word, "#clear")) {
		/* ends at the semicolon, of which there may be several in a line */
		while ((word = pve_span_word(&line)).len) {
			while (word.len &&
			       (word.p[word.len - 1] == ';' || word.p[word.len - 1] == '\r'))
				word.len--;
			if (word.len)
				clear_key(p, word);
		}
	} else if (pve_span_eq(word, "#include")) {
		pve_diags_add(p->d, PVE_WARNING, p->file, at_line, "#include is not followed");
	}
	take(p, n);
}

/* A comment, a directive or white space: is something of that kind passed over? */
static bool pass(struct parser *p)
{
	const char *end;

	if (is_space(*p->rest.p)) {
		take(p, 1);
	} else if (*p->rest.p == '#') {
		directive(p);
	} else if (at(p, "//")) {
		take(p, to_end_of_line(p));
	} else if (at(p, "/*")) {
		end = memmem(p->rest.p + 2, p->rest.len - 2, "*/", 2);
		if (!end)
			pve_diags_add(p->d, PVE_ERROR, p->file, p->line,
				      "the comment is not closed");
		take(p, end ? (size_t)(end + 2 - p->rest.p) : p->rest.len);
	} else {
		return false;
	}
	return true;
}

/* A word with its quotes taken off. */
static void word(struct parser *p)
{
	PVE_BUF w = {0};
	bool quoted = false;

	if (!p->words.n)
		p->start = p->line;
	p->word = p->rest.p;
	while (p->rest.len) {
		char ch = *p->rest.p;

		if (ch == '"') {
			quoted = !quoted;
		} else if (!quoted && (is_space(ch) || ch == ';' || ch == '{' || ch == '}')) {
			break;
		} else if (quoted && ch == '\n') {
			pve_diags_add(p->d, PVE_ERROR, p->file, p->line,
				      "the quotes are not closed");
			quoted = false;
			break;
		} else {
			pve_buf_putc(&w, ch);
		}
		take(p, 1);
	}
	if (quoted)
		pve_diags_add(p->d, PVE_ERROR, p->file, p->line, "the quotes are not closed");
	p->word_end = p->rest.p;
	pve_strv_add(&p->words, pve_buf_str(&w));
}

/* The full name of what is called so in the scope at hand. */
static const char *full_name(struct parser *p, const char *name)
{
	const char *scope = p->scope[p->depth];

	if (!*scope)
		return pve_arena_strdup(&p->c->mem, name);
	return pve_arena_printf(&p->c->mem, "%s::%s", scope, name);
}

/* "KEY VALUE;", or in a list only "VALUE;". */
static void statement(struct parser *p)
{
	struct pve_strv value = {0};
	const char *key = "";
	PVE_FREE char *text = NULL;

	if (p->words.n > 1 || !p->depth)
		key = p->words.v[0];
	for (size_t i = p->words.n > 1 || !p->depth ? 1 : 0; i < p->words.n; i++)
		pve_strv_add(&value, p->words.v[i]);
	text = value.n ? pve_strv_join(&value, " ") : pve_strdup("");
	set(p->c, full_name(p, key), pve_arena_strdup(&p->c->mem, text), p->file, p->start);
	if (p->words.n == 2) {
		p->c->v[p->c->n - 1].at = (size_t)(p->word - p->base);
		p->c->v[p->c->n - 1].len = (size_t)(p->word_end - p->word);
	}
	pve_strv_done(&value);
}

static void end_statement(struct parser *p)
{
	if (p->words.n)
		statement(p);
	pve_strv_done(&p->words);
}

static void open_scope(struct parser *p)
{
	const char *scope;

	if (!p->words.n || p->depth == DEPTH_MAX) {
		pve_diags_add(p->d, PVE_ERROR, p->file, p->line,
			      p->words.n ? "scopes lie too deep" : "a scope without a name");
		pve_strv_done(&p->words);
		/* counted all the same, so that its end is not taken for another's */
		scope = p->scope[p->depth];
		if (p->depth < DEPTH_MAX)
			p->scope[++p->depth] = scope;
		return;
	}
	scope = full_name(p, p->words.v[0]);
	if (p->words.n > 1)
		statement(p);
	pve_strv_done(&p->words);
	p->scope[++p->depth] = scope;
}

static void close_scope(struct parser *p)
{
	end_statement(p);
	if (p->depth)
		p->depth--;
	else
		pve_diags_add(p->d, PVE_ERROR, p->file, p->line, "'}' closes nothing");
}

void repo_aptconf_parse(struct repo_aptconf *c, const char *file, struct pve_span text,
			struct pve_diags *d)
{
	struct parser p = {.c = c, .base = text.p, .rest = text, .line = 1, .d = d, .scope = {""}};

	p.file = pve_arena_strdup(&c->mem, file);
	while (p.rest.len) {
		char ch = *p.rest.p;

		if (pass(&p))
			continue;
		if (ch == ';')
			end_statement(&p);
		else if (ch == '{')
			open_scope(&p);
		else if (ch == '}')
			close_scope(&p);
		else {
			word(&p);
			continue;
		}
		take(&p, 1);
	}
	if (p.words.n || p.depth)
		pve_diags_add(d, PVE_ERROR, p.file, p.words.n ? p.start : p.line,
			      p.words.n ? "extra junk at the end: a ';' is missing"
					: "a '}' is missing at the end");
	pve_strv_done(&p.words);
}

/* --- asking ------------------------------------------------------------------------ */

const struct repo_aptconf_item *repo_aptconf_find(const struct repo_aptconf *c, const char *key)
{
	for (size_t i = c->n; i-- > 0;)
		if (strcasecmp(c->v[i].key, key) == 0)
			return &c->v[i];
	return NULL;
}

const char *repo_aptconf_get(const struct repo_aptconf *c, const char *key)
{
	const struct repo_aptconf_item *item = repo_aptconf_find(c, key);

	return item ? item->value : "";
}

bool repo_aptconf_bool(const struct repo_aptconf *c, const char *key, bool otherwise)
{
	static const char *const yes[] = {"1", "yes", "true", "with", "on", "enable"};
	static const char *const no[] = {"0", "no", "false", "without", "off", "disable"};
	const char *value = repo_aptconf_get(c, key);

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++) {
		if (strcasecmp(value, yes[i]) == 0)
			return true;
		if (strcasecmp(value, no[i]) == 0)
			return false;
	}
	return otherwise;
}

const char *repo_aptconf_path(struct repo_aptconf *c, const char *key)
{
	const char *path = repo_aptconf_get(c, key);
	PVE_FREE char *name = pve_strdup(key);
	size_t len;
	char *up;

	while (*path != '/' && (up = strrchr(name, ':'))) {
		const char *above;

		up[-1] = '\0';
		above = repo_aptconf_get(c, name);
		if (*above)
			path = pve_arena_printf(&c->mem, "%s%s%s", above,
						above[strlen(above) - 1] == '/' ? "" : "/", path);
	}
	for (len = strlen(path); len > 1 && path[len - 1] == '/';)
		len--;
	return pve_arena_memdup(&c->mem, path, len);
}

void repo_aptconf_each(const struct repo_aptconf *c, const char *key,
		       bool (*f)(const struct repo_aptconf_item *item, void *data), void *data)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < c->n; i++) {
		const char *k = c->v[i].key;

		if (strncasecmp(k, key, len) == 0 && strncmp(k + len, "::", 2) == 0 &&
		    !strstr(k + len + 2, "::") && !f(&c->v[i], data))
			return;
	}
}

void repo_aptconf_done(struct repo_aptconf *c)
{
	free(c->v);
	pve_arena_done(&c->mem);
	*c = (struct repo_aptconf){0};
}
