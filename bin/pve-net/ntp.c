/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ntp.h"

#include <ctype.h>

#include "pvecommon/textfile.h"

static void add(struct ntp_conf *c, struct pve_span name, const char *kind, const char *file,
		unsigned line)
{
	c->v = pve_grow(c->v, c->n, &c->cap, sizeof(*c->v));
	c->v[c->n++] = (struct ntp_server){
		.name = pve_arena_memdup(&c->memory, name.p, name.len),
		.kind = kind,
		.file = file,
		.line = line,
	};
}

static void drop(struct ntp_conf *c, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].kind != kind)
			c->v[n++] = c->v[i];
	c->n = n;
}

/* One name for each kind: they are compared by address. */
static const char server[] = "server", fallback[] = "fallback", pool[] = "pool", peer[] = "peer";

/* The words of a value; an empty one drops all.  A '\' at the end of the line is a blank. */
static void timesyncd_value(struct ntp_conf *c, struct pve_span value, const char *kind,
			    const char *file, unsigned line)
{
	struct pve_span word;

	while ((word = pve_span_word(&value)).len)
		if (!pve_span_eq(word, "\\"))
			add(c, word, kind, file, line);
}

static bool continues(struct pve_span text)
{
	return text.len && text.p[text.len - 1] == '\\';
}

void ntp_timesyncd_read(struct ntp_conf *c, struct pve_span bytes, const char *file)
{
	struct pve_textfile t = {0};
	const char *kind = NULL; /* of the assignment that goes on */
	bool time = false;

	pve_textfile_parse(&t, bytes);
	for (size_t i = 0; i < t.n; i++) {
		struct pve_span text = pve_span_trim(t.v[i].text), value;
		bool more = continues(text);
		const char *eq = text.len ? memchr(text.p, '=', text.len) : NULL;

		if (text.len && (text.p[0] == '#' || text.p[0] == ';'))
			continue;
		value = text;
		if (!kind) {
			if (text.len && text.p[0] == '[')
				time = pve_span_eq(text, "[Time]");
			if (!time || !eq)
				continue;
			struct pve_span key =
				pve_span_trim((struct pve_span){text.p, (size_t)(eq - text.p)});

			kind = pve_span_eq(key, "NTP")           ? server
			       : pve_span_eq(key, "FallbackNTP") ? fallback
								 : NULL;
			value = pve_span_trim(
				(struct pve_span){eq + 1, (size_t)(text.p + text.len - eq - 1)});
			if (kind && !value.len)
				drop(c, kind);
		}
		if (more)
			value.len--;
		if (kind)
			timesyncd_value(c, value, kind, file, (unsigned)i + 1);
		if (!more)
			kind = NULL;
	}
	pve_textfile_done(&t);
}

/* --- chrony --------------------------------------------------------------------- */

static bool word_is(struct pve_span w, const char *s)
{
	return w.len == strlen(s) && strncasecmp(w.p, s, w.len) == 0;
}

/* The kind of source that a line names, and which, else NULL.  *key is its first word, and *rest
 * what stands behind *value. */
static const char *read_source(struct pve_span line, struct pve_span *key, struct pve_span *value,
			       struct pve_span *rest)
{
	static const char *const kinds[] = {server, pool, peer};

	*rest = pve_span_trim(line);
	*key = pve_span_word(rest);
	*value = pve_span_word(rest);
	for (size_t k = 0; value->len && k < 3; k++)
		if (word_is(*key, kinds[k]))
			return kinds[k];
	return NULL;
}

/* "WHAT WORD WORD...", with one blank between words. */
static void add_include(struct pve_strv *more, const char *what, struct pve_span word,
			struct pve_span rest)
{
	PVE_BUF line = {0};

	pve_buf_puts(&line, what);
	for (; word.len; word = pve_span_word(&rest))
		pve_buf_printf(&line, " %.*s", PVE_SPAN_ARG(word));
	pve_strv_add(more, pve_buf_str(&line));
}

void ntp_chrony_read(struct ntp_conf *c, struct pve_span bytes, const char *file,
		     struct pve_strv *more)
{
	static const char *const includes[] = {"include", "confdir", "sourcedir"};
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, bytes);
	for (size_t i = 0; i < t.n; i++) {
		struct pve_span key, value, rest;
		const char *kind = read_source(t.v[i].text, &key, &value, &rest);

		if (kind)
			add(c, value, kind, file, (unsigned)i + 1);
		for (size_t k = 0; k < 3 && value.len; k++)
			if (word_is(key, includes[k]))
				add_include(more, includes[k], value, rest);
	}
	pve_textfile_done(&t);
}

static bool names_source(struct pve_span line)
{
	struct pve_span key, value, rest;

	return read_source(line, &key, &value, &rest) != NULL;
}

/* The next line of *rest, with its end. */
static struct pve_span whole_line(struct pve_span *rest)
{
	const char *end = memchr(rest->p, '\n', rest->len);
	struct pve_span l = {rest->p, end ? (size_t)(end + 1 - rest->p) : rest->len};

	rest->p += l.len;
	rest->len -= l.len;
	return l;
}

unsigned ntp_chrony_mute(struct pve_span bytes, struct pve_buf *out)
{
	unsigned n = 0;

	while (bytes.len) {
		struct pve_span l = whole_line(&bytes);

		if (names_source(l)) {
			pve_buf_puts(out, NTP_MARK);
			n++;
		}
		pve_buf_span(out, l);
	}
	return n;
}

unsigned ntp_chrony_unmute(struct pve_span bytes, struct pve_buf *out)
{
	const size_t mark = strlen(NTP_MARK);
	unsigned n = 0;

	while (bytes.len) {
		struct pve_span l = whole_line(&bytes);

		if (pve_span_starts(l, NTP_MARK) &&
		    names_source((struct pve_span){l.p + mark, l.len - mark})) {
			l = (struct pve_span){l.p + mark, l.len - mark};
			n++;
		}
		pve_buf_span(out, l);
	}
	return n;
}

void ntp_conf_done(struct ntp_conf *c)
{
	free(c->v);
	pve_arena_done(&c->memory);
	*c = (struct ntp_conf){0};
}

size_t ntp_conf_servers(const struct ntp_conf *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->v[i].kind != fallback;
	return n;
}

int ntp_server_check(const char *name, struct pve_err *e)
{
	bool good = isalnum((unsigned char)*name) || *name == ':';

	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(".-:%_", *p))
			good = false;
	if (!good || strlen(name) > 253)
		return pve_err_set(e, PVE_USAGE, "'%s' is not a host name or address", name);
	return 0;
}

void ntp_dropin_format(struct pve_buf *out, const struct pve_strv *servers)
{
	PVE_FREE char *list = pve_strv_join(servers, " ");

	pve_buf_printf(out, "[Time]\nNTP=\nNTP=%s\n", list);
}

void ntp_sources_format(struct pve_buf *out, const struct pve_strv *servers)
{
	for (size_t i = 0; i < servers->n; i++)
		pve_buf_printf(out, "server %s iburst\n", servers->v[i]);
}

/* --- who is in use -------------------------------------------------------------- */

/* The next line of *rest. */
static struct pve_span line(struct pve_span *rest)
{
	struct pve_span l = whole_line(rest);

	l.len -= l.len && l.p[l.len - 1] == '\n';
	return l;
}

bool ntp_chrony_uses(struct pve_span sources, const char *name)
{
	size_t n = strlen(name);

	while (sources.len) {
		struct pve_span l = line(&sources);

		if (pve_span_starts(l, "^,*,") && l.len > 4 + n && memcmp(l.p + 4, name, n) == 0 &&
		    l.p[4 + n] == ',')
			return true;
	}
	return false;
}

bool ntp_timesyncd_uses(struct pve_span properties, const char *name)
{
	static const char key[] = "ServerName=";

	while (properties.len) {
		struct pve_span l = pve_span_trim(line(&properties));

		if (pve_span_starts(l, key) &&
		    pve_span_eq((struct pve_span){l.p + strlen(key), l.len - strlen(key)}, name))
			return true;
	}
	return false;
}
