/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/uri.h"

#include <ctype.h>
#include <string.h>

#include "pvecommon/buf.h"

static const char *keep(struct pve_arena *mem, const char *from, const char *to)
{
	return from < to ? pve_arena_memdup(mem, from, (size_t)(to - from)) : "";
}

/* Into the arena; the buffer is empty afterwards. */
static const char *keep_buf(struct pve_arena *mem, struct pve_buf *b)
{
	const char *s = pve_arena_memdup(mem, pve_buf_str(b), b->len);

	b->len = 0;
	return s;
}

static unsigned hex(char c)
{
	return (unsigned)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
}

static const char *unquote(struct pve_arena *mem, const char *from, const char *to)
{
	PVE_BUF b = {0};

	while (from < to) {
		if (*from == '%' && from + 2 < to && isxdigit((unsigned char)from[1]) &&
		    isxdigit((unsigned char)from[2])) {
			pve_buf_putc(&b, (char)(hex(from[1]) << 4 | hex(from[2])));
			from += 3;
		} else {
			pve_buf_putc(&b, *from++);
		}
	}
	return keep_buf(mem, &b);
}

/* Adds s with %hh for the bytes in bad and all that is no printable ASCII. */
static void quote(struct pve_buf *b, const char *s, const char *bad)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (strchr(bad, c) || c == '%' || c <= ' ' || c >= 0x7f)
			pve_buf_printf(b, "%%%02x", c);
		else
			pve_buf_putc(b, *s);
	}
}

/* The brackets of "[::1]" go, and a port with its colon.  A bracket that never closes leaves no
 * host at all. */
static void split_port(struct repo_uri *u, const char *host, struct pve_arena *mem)
{
	PVE_BUF b = {0};
	size_t port_from = 0, pos;
	bool inside = false;

	for (; *host; host++) {
		if (*host == '[') {
			inside = true;
		} else if (inside && *host == ']') {
			inside = false;
			port_from = b.len;
		} else {
			pve_buf_putc(&b, *host);
		}
	}
	if (inside)
		return;
	for (pos = b.len; pos > 0 && b.data[pos - 1] != ':'; pos--)
		;
	if (pos && pos - 1 >= port_from) {
		/* As atoi() has it: what is no number is 0, and 0 is no port. */
		for (const char *p = b.data + pos; isdigit((unsigned char)*p); p++)
			u->port = u->port * 10 + (unsigned)(*p - '0');
		b.len = pos - 1;
	}
	u->host = keep_buf(mem, &b);
}

static const char *find(const char *from, const char *to, char c)
{
	while (from < to && *from != c)
		from++;
	return from;
}

/* The '/' that ends the host; none in square brackets. */
static const char *host_end(const char *p, const char *end)
{
	bool inside = false;

	for (; p < end && (*p != '/' || inside); p++) {
		if (*p == '[')
			inside = true;
		if (inside && *p == ']')
			inside = false;
	}
	return p;
}

void repo_uri_parse(struct repo_uri *u, const char *text, struct pve_arena *mem)
{
	const char *end = text + strlen(text), *colon = find(text, end, ':'), *slash = colon;
	const char *host, *from, *at, *second;

	*u = (struct repo_uri){"", "", "", "", 0, "/"};
	if (colon + 3 < end && colon[1] == '/' && colon[2] == '/')
		slash += 3;
	slash = host_end(slash, end);
	u->access = keep(mem, text, colon);
	if (slash < end)
		u->path = keep(mem, slash, end);
	host = colon + 2 <= end && colon[1] == '/' && colon[2] == '/' ? colon + 3 : colon + 1;
	if (host >= end)
		return;
	if (host > slash)
		host = slash;
	from = host + 1 > slash ? slash : host + 1;
	/* The last '@' that is not the first character ends the login. */
	for (at = slash; at > from && at[-1] != '@'; at--)
		;
	at = at > from ? at - 1 : slash;
	second = find(from, at, ':');
	if (at == slash) {
		split_port(u, keep(mem, host, slash), mem);
		return;
	}
	u->user = unquote(mem, host, second);
	if (second < at)
		u->password = unquote(mem, second + 1, at);
	split_port(u, keep(mem, at + 1, slash), mem);
}

static void format_host(const struct repo_uri *u, struct pve_buf *b)
{
	static const char reserved[] = ":/?#[]@";

	if (u->access[0])
		pve_buf_puts(b, "//");
	if (u->user[0]) {
		quote(b, u->user, reserved);
		if (u->password[0]) {
			pve_buf_putc(b, ':');
			quote(b, u->password, reserved);
		}
		pve_buf_putc(b, '@');
	}
	if (u->access[0] && strpbrk(u->host, "/:"))
		pve_buf_printf(b, "[%s]", u->host);
	else
		pve_buf_puts(b, u->host);
	if (u->port)
		pve_buf_printf(b, ":%u", u->port);
}

static void format(const struct repo_uri *u, struct pve_buf *b)
{
	if (u->access[0])
		pve_buf_printf(b, "%s:", u->access);
	if (u->host[0])
		format_host(u, b);
	if (u->path[0] != '/')
		pve_buf_putc(b, '/');
	pve_buf_puts(b, u->path);
}

const char *repo_uri_format(const struct repo_uri *u, struct pve_arena *mem)
{
	PVE_BUF b = {0};

	format(u, &b);
	return keep_buf(mem, &b);
}

const char *repo_subst(const char *text, const char *subst, const char *with,
		       struct pve_arena *mem)
{
	PVE_BUF b = {0};
	const char *hit = strstr(text, subst);

	if (!hit)
		return text;
	for (; hit; hit = strstr(text, subst)) {
		pve_buf_add(&b, text, (size_t)(hit - text));
		pve_buf_puts(&b, with);
		text = hit + strlen(subst);
	}
	pve_buf_puts(&b, text);
	return keep_buf(mem, &b);
}

const char *repo_uri_fix(const char *text, const char *arch, struct pve_arena *mem)
{
	struct repo_uri u;
	PVE_BUF b = {0};

	if (!strchr(text, ':'))
		return NULL;
	repo_uri_parse(&u, repo_subst(text, "$(ARCH)", arch, mem), mem);
	format(&u, &b);
	if (b.data[b.len - 1] != '/')
		pve_buf_putc(&b, '/');
	return keep_buf(mem, &b);
}

const char *repo_uri_filename(const char *uri, struct pve_arena *mem)
{
	struct repo_uri u;
	PVE_BUF plain = {0};
	PVE_BUF b = {0};

	repo_uri_parse(&u, uri, mem);
	u.user = u.password = u.access = "";
	format(&u, &plain);
	quote(&b, pve_buf_str(&plain), "\\|{}[]<>\"^~_=!@#$%^&*");
	for (size_t i = 0; i < b.len; i++)
		if (b.data[i] == '/')
			b.data[i] = '_';
	return keep_buf(mem, &b);
}

const char *repo_uri_meta(const char *uri, const char *suite, const char *name,
			  struct pve_arena *mem)
{
	static const char encode[] = "+~ ";
	PVE_BUF b = {0};
	size_t len = strlen(suite);

	pve_buf_puts(&b, uri);
	if (strcmp(suite, "/") == 0) {
		;
	} else if (len && suite[len - 1] == '/') {
		quote(&b, suite, encode);
	} else {
		pve_buf_puts(&b, "dists/");
		quote(&b, suite, encode);
		pve_buf_putc(&b, '/');
	}
	pve_buf_puts(&b, name);
	return keep_buf(mem, &b);
}
