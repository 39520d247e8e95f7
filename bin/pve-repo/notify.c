/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "notify.h"

#include <string.h>

#include "pvecommon/conf_colon.h"
#include "pvecommon/deb822.h"
#include "pvecommon/propstr.h"
#include "pvecommon/text.h"

#define GAP 4 /* blanks between columns, as the stock node has them */

/* --- what was told ------------------------------------------------------------------- */

void repo_told_read(struct repo_told *t, struct pve_span text)
{
	struct pve_span line;

	*t = (struct repo_told){{0}};
	while (pve_deb822_line(&text, &line))
		if (line.len)
			pve_strv_add_span(&t->line, line);
	pve_strv_sort(&t->line);
}

void repo_told_done(struct repo_told *t)
{
	pve_strv_done(&t->line);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool was_told(const struct repo_told *t, const char *line)
{
	return t->line.n && bsearch(&line, t->line.v, t->line.n, sizeof(char *), by_text);
}

static char *update_line(const struct repo_update *u)
{
	return pve_asprintf("package %s %s", u->package, u->candidate);
}

static char *failure_line(const struct repo_refresh *x)
{
	PVE_BUF b = {0};

	pve_text_escape(&b, pve_span(x->reason));
	return pve_asprintf("failure %s %s %s", x->uri, x->suite, pve_buf_str(&b));
}

static bool is_news(const struct repo_update *u)
{
	return !u->held && !u->phased_out;
}

size_t repo_notify_updates(const struct repo_updates *u, const struct repo_told *t, size_t *pick)
{
	size_t n = 0;

	for (size_t i = 0; i < u->n; i++) {
		PVE_FREE char *line = update_line(&u->v[i]);

		if (is_news(&u->v[i]) && !was_told(t, line))
			pick[n++] = i;
	}
	return n;
}

size_t repo_notify_failures(const struct repo_refreshes *r, const struct repo_told *t, size_t *pick)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		PVE_FREE char *line = failure_line(&r->v[i]);

		if (r->v[i].state == REPO_FETCH_FAILED && !was_told(t, line))
			pick[n++] = i;
	}
	return n;
}

void repo_told_format(const struct repo_updates *u, const struct repo_refreshes *r,
		      const struct repo_told *t, bool muted, struct pve_buf *out)
{
	for (size_t i = 0; i < u->n; i++) {
		PVE_FREE char *line = update_line(&u->v[i]);

		if (is_news(&u->v[i]) && (!muted || was_told(t, line)))
			pve_buf_printf(out, "%s\n", line);
	}
	for (size_t i = 0; i < r->n; i++) {
		PVE_FREE char *line = failure_line(&r->v[i]);

		if (r->v[i].state == REPO_FETCH_FAILED)
			pve_buf_printf(out, "%s\n", line);
	}
}

/* --- messages ------------------------------------------------------------------------ */

static void headers(const struct repo_mail *m, const char *subject, struct pve_buf *out)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = {0};

	gmtime_r(&m->date, &tm);
	pve_buf_printf(out, "From: Proxmox VE <%s>\nTo: %s\nSubject: %s (%s)\n", m->from, m->to,
		       subject, m->host);
	pve_buf_printf(out, "Date: %.3s, %02d %.3s %d %02d:%02d:%02d +0000\n",
		       days + 3 * tm.tm_wday, tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900,
		       tm.tm_hour, tm.tm_min, tm.tm_sec);
	pve_buf_puts(out, "Auto-Submitted: auto-generated\nMIME-Version: 1.0\n");
}

static void part_headers(const char *subtype, struct pve_buf *out)
{
	pve_buf_printf(out, "Content-Type: text/%s; charset=UTF-8\n"
			    "Content-Transfer-Encoding: 8bit\n\n", subtype);
}

/* Columns as wide as their widest cell, and a gap; the last one is not filled up. */
static void table_row(struct pve_buf *out, const size_t width[3], const char *const cell[3])
{
	for (int c = 0; c < 3; c++)
		pve_buf_printf(out, "%-*s", c < 2 ? (int)width[c] + GAP : 0, cell[c]);
	pve_buf_putc(out, '\n');
}

/* A new dependency has no installed version. */
static const char *installed(const struct repo_update *x)
{
	return x->installed ? x->installed : "-";
}

static const char *const heads[] = {"Package Name", "Installed Version", "Available Version"};

static void updates_text(const struct repo_updates *u, const size_t *pick, size_t n,
			 struct pve_buf *out)
{
	size_t width[3] = {strlen(heads[0]), strlen(heads[1]), 0};

	pve_buf_puts(out, "The following updates are available:\n\n");
	for (size_t i = 0; i < n; i++) {
		const struct repo_update *x = &u->v[pick[i]];
		size_t name = strlen(x->package), old = strlen(installed(x));

		width[0] = name > width[0] ? name : width[0];
		width[1] = old > width[1] ? old : width[1];
	}
	table_row(out, width, heads);
	for (size_t i = 0; i < n; i++) {
		const struct repo_update *x = &u->v[pick[i]];
		const char *const cells[] = {x->package, installed(x), x->candidate};

		table_row(out, width, cells);
	}
}

static void html_row(struct pve_buf *out, const char *tag, const char *const cell[3])
{
	pve_buf_puts(out, "<tr>");
	for (int c = 0; c < 3; c++) {
		pve_buf_printf(out, "<%s style=\"border: 1px solid\">", tag);
		for (const char *p = cell[c]; *p; p++)
			if (*p == '&')
				pve_buf_puts(out, "&amp;");
			else if (*p == '<')
				pve_buf_puts(out, "&lt;");
			else
				pve_buf_putc(out, *p);
		pve_buf_printf(out, "</%s>", tag);
	}
	pve_buf_puts(out, "</tr>\n");
}

static void updates_html(const struct repo_updates *u, const size_t *pick, size_t n,
			 struct pve_buf *out)
{
	pve_buf_puts(out, "<html>\n<body>\nThe following updates are available:\n"
			  "<table style=\"border: 1px solid; border-collapse: collapse\">\n");
	html_row(out, "th", heads);
	for (size_t i = 0; i < n; i++) {
		const struct repo_update *x = &u->v[pick[i]];
		const char *const cells[] = {x->package, installed(x), x->candidate};

		html_row(out, "td", cells);
	}
	pve_buf_puts(out, "</table>\n</body>\n</html>\n");
}

void repo_mail_updates(const struct repo_mail *m, const struct repo_updates *u, const size_t *pick,
		       size_t n, struct pve_buf *out)
{
	PVE_BUF text = {0}, html = {0}, boundary = {0};

	updates_text(u, pick, n, &text);
	updates_html(u, pick, n, &html);
	/* It must not stand in what it parts. */
	pve_buf_printf(&boundary, "=_pve-repo_%lld", (long long)m->date);
	while (strstr(pve_buf_str(&text), pve_buf_str(&boundary)) ||
	       strstr(pve_buf_str(&html), pve_buf_str(&boundary)))
		pve_buf_putc(&boundary, '_');
	headers(m, "New software packages available", out);
	pve_buf_printf(out, "Content-Type: multipart/alternative; boundary=\"%s\"\n\n--%s\n",
		       pve_buf_str(&boundary), pve_buf_str(&boundary));
	part_headers("plain", out);
	pve_buf_puts(out, pve_buf_str(&text));
	pve_buf_printf(out, "\n--%s\n", pve_buf_str(&boundary));
	part_headers("html", out);
	pve_buf_puts(out, pve_buf_str(&html));
	pve_buf_printf(out, "\n--%s--\n", pve_buf_str(&boundary));
}

void repo_mail_failures(const struct repo_mail *m, const struct repo_refreshes *r,
			const size_t *pick, size_t n, struct pve_buf *out)
{
	headers(m, "Package repositories could not be refreshed", out);
	part_headers("plain", out);
	pve_buf_puts(out, "These repositories could not be refreshed; the others were:\n");
	for (size_t i = 0; i < n; i++) {
		const struct repo_refresh *x = &r->v[pick[i]];

		pve_buf_printf(out, "\n%s %s\n    %s", x->uri, x->suite, x->reason);
		if (x->http)
			pve_buf_printf(out, " (HTTP status %u)", x->http);
		pve_buf_putc(out, '\n');
	}
	pve_buf_puts(out, "\npve-repo check says what mends them.\n");
}

/* --- whom ---------------------------------------------------------------------------- */

static const char *copy(struct pve_arena *mem, struct pve_span s)
{
	return s.len ? pve_arena_memdup(mem, s.p, s.len) : NULL;
}

/* user:root@pam:1:0:First:Last:mail@example.com:comment:keys: */
const char *repo_user_mail(struct pve_arena *mem, struct pve_span user_cfg)
{
	struct pve_span line;

	while (pve_deb822_line(&user_cfg, &line)) {
		const char *p = line.p, *end = line.p + line.len;

		if (!pve_span_starts(line, "user:root@pam:"))
			continue;
		for (int i = 0; i < 6 && p; i++) {
			p = memchr(p, ':', (size_t)(end - p));
			p = p ? p + 1 : NULL;
		}
		if (!p)
			return NULL;
		line = (struct pve_span){p, (size_t)(end - p)};
		p = memchr(line.p, ':', line.len);
		if (p)
			line.len = (size_t)(p - line.p);
		return copy(mem, line);
	}
	return NULL;
}

/* The value of a line "key: value" of datacenter.cfg; NULL: none.  In the arena. */
static const char *setting(struct pve_arena *mem, struct pve_span datacenter_cfg, const char *key)
{
	struct pve_conf_colon c = {0};
	const struct pve_conf_colon_key *k;
	const char *value;

	pve_conf_colon_parse(&c, datacenter_cfg, "datacenter.cfg", NULL);
	k = pve_conf_colon_find(&c, key);
	value = k ? copy(mem, k->value) : NULL;
	pve_conf_colon_done(&c);
	return value;
}

const char *repo_mail_from(struct pve_arena *mem, struct pve_span datacenter_cfg)
{
	return setting(mem, datacenter_cfg, "email_from");
}

bool repo_notify_wanted(struct pve_span datacenter_cfg, bool subscribed, const char **why)
{
	struct pve_arena mem = {0};
	struct pve_propstr p = {0};
	const char *value = setting(&mem, datacenter_cfg, "notify");
	const struct pve_prop *on;
	bool wanted = subscribed;
	const char *text = subscribed ? "there is a subscription" : "there is no active subscription";

	pve_propstr_parse(&p, pve_span(value ? value : ""), NULL, "datacenter.cfg", 0, NULL);
	on = pve_propstr_find(&p, "package-updates");
	if (on && (pve_span_eq(on->value, "always") || pve_span_eq(on->value, "never"))) {
		wanted = pve_span_eq(on->value, "always");
		text = wanted ? "datacenter.cfg has package-updates=always"
			      : "datacenter.cfg has package-updates=never";
	}
	pve_propstr_done(&p);
	pve_arena_done(&mem);
	if (why)
		*why = text;
	return wanted;
}

const char *repo_fqdn(struct pve_arena *mem, const char *hostname, struct pve_span hosts)
{
	struct pve_span line, word;
	size_t n = strlen(hostname);

	while (n && pve_deb822_line(&hosts, &line)) {
		if (line.len && *line.p == '#')
			continue;
		pve_span_word(&line); /* the address */
		while ((word = pve_span_word(&line)).len && *word.p != '#')
			if (word.len > n && pve_span_starts(word, hostname) && word.p[n] == '.')
				return copy(mem, word);
	}
	return pve_arena_strdup(mem, hostname);
}
