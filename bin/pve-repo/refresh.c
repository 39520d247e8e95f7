/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "refresh.h"

#include <string.h>
#include <strings.h>

#include "pvecommon/num.h"
#include "pvecommon/text.h"

static const char *const names[] = {
	[REPO_FETCH_UNKNOWN] = "unknown",
	[REPO_FETCH_SAME] = "same",
	[REPO_FETCH_NEW] = "new",
	[REPO_FETCH_FAILED] = "failed",
};

const char *repo_fetch_name(enum repo_fetch state)
{
	return names[state];
}

/* --- why ----------------------------------------------------------------------------- */

static bool has(const char *text, const char *words)
{
	return strcasestr(text, words) != NULL;
}

static bool is_enterprise(const char *uri)
{
	return has(uri, "//enterprise.proxmox.com/");
}

/* What apt says, and what it means.  The first that fits. */
static const struct {
	const char *said, *reason;
	unsigned http;
} reasons[] = {
	{"401  Unauthorized", "the server wants a login", 401},
	{"402  Payment", "the server wants a subscription", 402},
	{"403  Forbidden", "the server refuses this host", 403},
	{"404  Not Found", "there is no such suite: it has moved or was never there", 404},
	{"410  Gone", "the suite is gone: it has moved", 410},
	{"407  ", "the proxy wants a login", 407},
	{"429  ", "the server has had too many requests from here", 429},
	{"500  ", "the server failed", 500},
	{"502  ", "a proxy got no good answer from the server", 502},
	{"503  ", "the server does not serve at present", 503},
	{"504  ", "a proxy got no answer from the server", 504},
	{"Could not resolve", "the name of the server cannot be resolved", 0},
	{"Temporary failure resolving", "the name of the server cannot be resolved", 0},
	{"Network is unreachable", "there is no route to the server", 0},
	{"No route to host", "there is no route to the server", 0},
	{"Connection refused", "nobody listens at the server", 0},
	{"connection timed out", "the server does not answer", 0},
	{"Connection timed out", "the server does not answer", 0},
	{"certificate verification failed", "the server's certificate is not trusted", 0},
	{"Could not handshake", "no TLS connection can be made", 0},
	{"EXPKEYSIG", "the key that signed it has expired", 0},
	{"REVKEYSIG", "the key that signed it was revoked", 0},
	{"NO_PUBKEY", "the key that signed it is not in the keyring", 0},
	{"BADSIG", "its signature is wrong: it was altered on the way", 0},
	{"signatures were invalid", "its signature is not accepted", 0},
	{"is expired (invalid since", "it is older than it may be: the mirror is not kept up", 0},
	{"is not valid yet", "it is dated in the future: this host's clock is wrong", 0},
	{"Hash Sum mismatch",
	 "a list is not what the Release says: the mirror is being updated, or "
	 "a cache is wrong",
	 0},
	{"File has unexpected size",
	 "a list is not what the Release says: the mirror is being "
	 "updated, or a cache is wrong",
	 0},
	{"weak security information", "it has digests of MD5 and SHA-1 only", 0},
	{"changed its",
	 "it now calls itself otherwise than before: apt-get update "
	 "--allow-releaseinfo-change, if that is right",
	 0},
	{"does not have a Release file", "there is no such suite", 0},
	{"no longer has a Release file", "there is no such suite any more", 0},
	{"is not signed", "it is not signed, or not by a key that is known", 0},
	{"Could not connect", "there is no connection to the server", 0},
	{"Unable to connect", "there is no connection to the server", 0},
};

#define NREASONS (sizeof(reasons) / sizeof(*reasons))

static size_t reason_of(const char *said)
{
	size_t i = 0;

	while (i < NREASONS && !has(said, reasons[i].said))
		i++;
	return i;
}

static void explain(struct repo_refreshes *r, struct repo_refresh *x)
{
	size_t i = reason_of(x->said);

	x->reason = i < NREASONS ? reasons[i].reason : x->said;
	x->http = i < NREASONS ? reasons[i].http : 0;
	if (is_enterprise(x->uri) && (x->http == 401 || x->http == 403)) {
		x->reason = "no valid subscription: the enterprise repositories are for those who "
			    "have one";
		x->fix = "pve-repo add --only no-subscription";
	} else if (x->http == 404 && has(x->said, "(Packages)")) {
		x->reason = "a list that its Release names is not there";
	} else if (x->http == 404 && has(x->uri, ".proxmox.com/")) {
		x->fix = "pve-repo check";
	} else if (has(x->reason, "keyring") && x->dist) {
		x->fix = pve_arena_printf(&r->mem, "pve-repo key verify");
	}
}

/* --- reading ------------------------------------------------------------------------- */

/* The URI as apt prints it, without the '/' at its end. */
static size_t uri_len(const char *uri)
{
	size_t n = strlen(uri);

	return n && uri[n - 1] == '/' ? n - 1 : n;
}

/* Is the line about this repository?  apt names it "URI SUITE InRelease", or by the address of a
 * file in it. */
static bool is_about(const char *line, const struct repo_refresh *x)
{
	PVE_FREE char *words = pve_asprintf("%.*s %s", (int)uri_len(x->uri), x->uri, x->suite);
	PVE_FREE char *slash = pve_asprintf("%.*s/ %s", (int)uri_len(x->uri), x->uri, x->suite);
	PVE_FREE char *files =
		pve_asprintf("%.*s/dists/%s/", (int)uri_len(x->uri), x->uri, x->suite);
	const char *at = strstr(line, words);
	size_t n = strlen(words);

	if (!at) {
		at = strstr(line, slash);
		n = strlen(slash);
	}
	/* "bookworm" is not "bookworm-updates", but "bookworm/main" is a list of it */
	if (at && (!at[n] || strchr(" /':", at[n])))
		return true;
	return strstr(line, files) != NULL;
}

static struct repo_refresh *find(struct repo_refreshes *r, const char *line)
{
	for (size_t i = 0; i < r->n; i++)
		if (is_about(line, &r->v[i]))
			return &r->v[i];
	return NULL;
}

/* Keeps what tells most: what is known before what is not, an earlier cause before its effects. */
static void fail(struct repo_refreshes *r, struct repo_refresh *x, const char *said)
{
	size_t now = reason_of(said), before = reason_of(x->said);

	x->state = REPO_FETCH_FAILED;
	if (!*x->said || now < before)
		x->said = pve_arena_strdup(&r->mem, said);
}

static const char *behind(const char *line, const char *start)
{
	size_t n = strlen(start);

	return strncmp(line, start, n) == 0 ? line + n : NULL;
}

struct reader {
	struct repo_refreshes *r;
	struct repo_refresh *failing; /* the last line was its "Err:" */
	bool list;                    /* of a list of packages */
};

static void take_line(struct reader *s, const char *line)
{
	struct repo_refresh *x = find(s->r, line);

	if (s->failing && *line == ' ') { /* the cause stands on the next line */
		PVE_FREE char *said = pve_asprintf("%s%s", line + strspn(line, " "),
						   s->list ? " (Packages)" : "");

		fail(s->r, s->failing, said);
		s->failing = NULL;
		return;
	}
	s->failing = NULL;
	if (behind(line, "Err:") && x) {
		x->state = REPO_FETCH_FAILED;
		s->failing = x;
		s->list = has(line, " Packages");
	} else if (behind(line, "Hit:") && x) {
		if (x->state == REPO_FETCH_UNKNOWN)
			x->state = REPO_FETCH_SAME;
	} else if (behind(line, "Get:") && x) {
		if (x->state != REPO_FETCH_FAILED)
			x->state = REPO_FETCH_NEW;
	} else if (behind(line, "E: ") || behind(line, "W: ")) {
		bool error = *line == 'E';

		/* Of warnings those count that say why a repository could not be used. */
		if (x &&
		    (error || behind(line, "W: Failed to fetch") || behind(line, "W: GPG error") ||
		     has(line, "error occurred during the signature")))
			fail(s->r, x, line + 3);
		else if (!x && error && !has(line, "Some index files failed to download"))
			pve_strv_add(&s->r->other, line + 3);
	}
}

void repo_refresh_parse(struct repo_refreshes *r, const struct repo_lists *l,
			struct pve_span output)
{
	struct reader s = {.r = r};

	*r = (struct repo_refreshes){.n = l->ndists};
	r->v = pve_calloc(l->ndists + 1, sizeof(*r->v));
	for (size_t i = 0; i < l->ndists; i++)
		r->v[i] = (struct repo_refresh){.uri = l->dist[i]->uri,
						.suite = l->dist[i]->suite,
						.dist = l->dist[i],
						.said = "",
						.reason = ""};
	while (output.len) {
		const char *nl = memchr(output.p, '\n', output.len);
		size_t n = nl ? (size_t)(nl - output.p) : output.len;
		PVE_FREE char *line = pve_strndup(output.p, n);

		take_line(&s, line);
		n += nl != NULL;
		output.p += n;
		output.len -= n;
	}
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].state == REPO_FETCH_FAILED)
			explain(r, &r->v[i]);
}

/* --- the file ------------------------------------------------------------------------ */

static void put(struct pve_buf *out, const char *s, char end)
{
	pve_text_escape(out, pve_span(s));
	pve_buf_putc(out, end);
}

void repo_refresh_format(const struct repo_refreshes *r, struct pve_buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct repo_refresh *x = &r->v[i];

		put(out, x->uri, '\t');
		put(out, x->suite, '\t');
		put(out, names[x->state], '\t');
		pve_buf_printf(out, "%u\t", x->http);
		put(out, x->reason, '\n');
	}
}

static const char *take_field(struct repo_refreshes *r, struct pve_span *line)
{
	const char *tab = line->len ? memchr(line->p, '\t', line->len) : NULL;
	size_t n = tab ? (size_t)(tab - line->p) : line->len;
	PVE_BUF b = {0};

	pve_text_unescape(&b, (struct pve_span){line->p, n});
	n += tab != NULL;
	line->p += n;
	line->len -= n;
	return pve_arena_memdup(&r->mem, pve_buf_str(&b), b.len);
}

void repo_refresh_read(struct repo_refreshes *r, struct pve_span text)
{
	struct pve_span line;
	size_t cap = 0;

	*r = (struct repo_refreshes){0};
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		struct repo_refresh x = {.said = ""};
		const char *state, *http;
		uint64_t v = 0;

		line = (struct pve_span){text.p, nl ? (size_t)(nl - text.p) : text.len};
		text.p += line.len + (nl != NULL);
		text.len -= line.len + (nl != NULL);
		x.uri = take_field(r, &line);
		x.suite = take_field(r, &line);
		state = take_field(r, &line);
		http = take_field(r, &line);
		x.reason = take_field(r, &line);
		if (pve_num_span(pve_span(http), 999, &v) < 0)
			continue;
		x.http = (unsigned)v;
		for (int i = 0; i <= REPO_FETCH_FAILED; i++)
			if (strcmp(state, names[i]) == 0)
				x.state = (enum repo_fetch)i;
		r->v = pve_grow(r->v, r->n, &cap, sizeof(*r->v));
		r->v[r->n++] = x;
	}
}

void repo_refreshes_done(struct repo_refreshes *r)
{
	free(r->v);
	pve_strv_done(&r->other);
	pve_arena_done(&r->mem);
	*r = (struct repo_refreshes){0};
}
