/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/subscription.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pveio/base64.h"
#include "pveio/digest.h"
#include "pveio/json.h"
#include "pvecommon/buf.h"
#include "pvecommon/num.h"

/* Behind the text in the checksum; the same for all hosts, in the public source of both. */
#define SHARED "kjfdlskfhiuewhfk947368"
#define DAY (24 * 3600)

static const struct {
	const char *name;
	enum repo_sub_status status;
} names[] = {
	{"none", REPO_SUB_NONE},         {"new", REPO_SUB_NEW},
	{"active", REPO_SUB_ACTIVE},     {"notfound", REPO_SUB_NOTFOUND},
	{"invalid", REPO_SUB_INVALID},   {"expired", REPO_SUB_EXPIRED},
	{"suspended", REPO_SUB_SUSPENDED},
};

const char *repo_subscription_status(enum repo_sub_status s)
{
	return names[s].name;
}

static void set(char *to, size_t size, struct pve_span value)
{
	snprintf(to, size, "%.*s", PVE_SPAN_ARG(value));
}

static void invalid(struct repo_subscription *s, const char *why)
{
	if (s->status == REPO_SUB_INVALID && s->why[0])
		return;
	s->status = REPO_SUB_INVALID;
	snprintf(s->why, sizeof(s->why), "%s", why);
}

/* --- key --------------------------------------------------------------------------------- */

/* "pve2c-0123456789": sockets, level. */
static void read_key(struct repo_subscription *s, struct pve_span key)
{
	static const char levels[] = "cbsp";
	static const char *const level[] = {"community", "basic", "standard", "premium"};
	const char *l;
	size_t kind = 0;

	set(s->raw_key, sizeof(s->raw_key), key);
	while (kind < key.len && key.p[kind] != '-')
		kind++;
	snprintf(s->key, sizeof(s->key), "%.*s-******", (int)(kind < 20 ? kind : 20), key.p);
	if (!pve_span_starts(key, "pve") || kind != 5 || !isdigit((unsigned char)key.p[3]))
		return;
	l = key.p[4] ? strchr(levels, key.p[4]) : NULL;
	if (!l)
		return;
	s->sockets = (unsigned)(key.p[3] - '0');
	s->level = level[l - levels];
}

/* --- JSON -------------------------------------------------------------------------------- */

static void member(const char *key, const char *value, void *data)
{
	struct repo_subscription *s = data;
	uint64_t n = 0;

	if (strcmp(key, "status") == 0) {
		s->status = REPO_SUB_INVALID;
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (strcasecmp(names[i].name, value) == 0)
				s->status = names[i].status;
	} else if (strcmp(key, "checktime") == 0) {
		if (pve_num_span(pve_span(value), INT64_MAX, &n) == 0)
			s->checked = (int64_t)n;
	} else if (strcmp(key, "nextduedate") == 0) {
		set(s->due, sizeof(s->due), pve_span(value));
	} else if (strcmp(key, "serverid") == 0 || strcmp(key, "validdirectory") == 0) {
		set(s->server, sizeof(s->server), pve_span(value));
	} else if (strcmp(key, "signature") == 0) {
		s->is_signed = *value != '\0';
	}
}

static unsigned hex(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* md5 of the time, the text as it stands in the file, and the shared string. */
static bool checksum_fits(const struct repo_subscription *s, struct pve_span sum,
			  struct pve_span text)
{
	char digest[PVE_DIGEST_TEXT];
	unsigned char bytes[16];
	PVE_BUF all = {0};
	PVE_BUF want = {0};

	pve_buf_printf(&all, "%lld", (long long)s->checked);
	pve_buf_span(&all, text);
	pve_buf_puts(&all, SHARED);
	if (pve_digest(PVE_DIGEST_MD5, (struct pve_span){all.data, all.len}, digest, NULL) < 0)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(hex(digest[2 * i]) << 4 | hex(digest[2 * i + 1]));
	pve_base64_encode((struct pve_span){(const char *)bytes, sizeof(bytes)}, &want);
	while (want.len && want.data[want.len - 1] == '=')
		want.len--;
	while (sum.len && sum.p[sum.len - 1] == '=')
		sum.len--;
	return pve_span_same(sum, (struct pve_span){want.data, want.len});
}

/* An active one lapses when it was not checked for long, or was due. */
static void check_age(struct repo_subscription *s, time_t now)
{
	int64_t age = (int64_t)now - s->checked;

	if (s->status != REPO_SUB_ACTIVE)
		return;
	if (age < -5400)
		invalid(s, "it was checked in the future");
	else if (age > (s->is_signed ? 365 : 15 + 5) * (int64_t)DAY)
		invalid(s, "it was not checked for too long");
}

static struct pve_span take_line(struct pve_span *rest)
{
	const char *eol = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	struct pve_span line = {rest->p, eol ? (size_t)(eol - rest->p) : rest->len};

	rest->p += line.len + (eol != NULL);
	rest->len -= line.len + (eol != NULL);
	return pve_span_trim(line);
}

void repo_subscription_parse(struct repo_subscription *s, struct pve_span text, time_t now)
{
	struct pve_span rest = text, key, sum, last;
	PVE_BUF json = {0};

	*s = (struct repo_subscription){0};
	key = take_line(&rest);
	if (!key.len)
		return;
	read_key(s, key);
	s->status = REPO_SUB_NEW;
	sum = take_line(&rest);
	last = rest;
	if (!pve_span_trim(last).len)
		return;
	s->status = REPO_SUB_INVALID;
	if (!pve_base64_decode(last, &json) ||
	    pve_json_each((struct pve_span){json.data, json.len}, member, s, NULL) < 0) {
		invalid(s, "the file cannot be read");
		return;
	}
	/* The old form has the text with its line ends in the checksum, the new one is one line. */
	if (!checksum_fits(s, sum, last) && !checksum_fits(s, sum, pve_span_trim(last)))
		invalid(s, "the file does not fit its checksum");
	check_age(s, now);
}

/* --- auth.conf ---------------------------------------------------------------------------- */

static struct pve_span next_token(struct pve_span *rest, const char *start, unsigned *line)
{
	struct pve_span t;

	for (;;) {
		while (rest->len && isspace((unsigned char)*rest->p))
			rest->p++, rest->len--;
		if (!rest->len || *rest->p != '#')
			break;
		while (rest->len && *rest->p != '\n')
			rest->p++, rest->len--;
	}
	*line = 1;
	for (const char *p = start; p < rest->p; p++)
		*line += *p == '\n';
	t = (struct pve_span){rest->p, 0};
	while (rest->len && !isspace((unsigned char)*rest->p))
		rest->p++, rest->len--, t.len++;
	return t;
}

/* "https://" or nothing before it; then the whole host, and what path there is a prefix. */
static bool is_prefix(struct pve_span machine, const char *host_path)
{
	static const char https[] = "https://";

	if (pve_span_starts(machine, https)) {
		machine.p += strlen(https);
		machine.len -= strlen(https);
	}
	while (machine.len && machine.p[machine.len - 1] == '/')
		machine.len--;
	if (!machine.len || strncmp(host_path, machine.p, machine.len) != 0)
		return false;
	/* example.org is not example.org.uk. */
	return memchr(machine.p, '/', machine.len) || !host_path[machine.len] ||
	       host_path[machine.len] == '/';
}

static struct repo_place place_of(struct pve_span text, struct pve_span word)
{
	return (struct repo_place){word.len ? (size_t)(word.p - text.p) : 0, word.len};
}

void repo_auth_find(struct repo_auth *a, struct pve_span text, const char *file,
		    const char *host_path)
{
	struct pve_span rest = text, word;
	bool mine = false;
	unsigned line;

	if (a->found)
		return;
	while ((word = next_token(&rest, text.p, &line)).len) {
		unsigned of_value;

		if (pve_span_eq(word, "machine")) {
			if (a->found)
				return;
			mine = is_prefix(next_token(&rest, text.p, &of_value), host_path);
			if (mine) {
				a->found = true;
				a->file = file;
				a->line = line;
			}
		} else if (pve_span_eq(word, "login")) {
			word = next_token(&rest, text.p, &of_value);
			if (mine) {
				set(a->login, sizeof(a->login), word);
				a->login_place = place_of(text, word);
			}
		} else if (pve_span_eq(word, "password")) {
			word = next_token(&rest, text.p, &of_value);
			if (mine) {
				set(a->password, sizeof(a->password), word);
				a->password_place = place_of(text, word);
			}
		}
	}
}
