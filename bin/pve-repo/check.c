/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pve-repo/repair.h"

/* In the order of what they say. */
static void (*const themes[])(struct repo_check *c) = {
	repo_check_syntax, repo_check_standard,  repo_check_suite, repo_check_ceph,
	repo_check_trust,  repo_check_duplicate, repo_check_trap,  repo_check_upgrade,
};

void repo_check(const struct repo_facts *facts, struct pve_findings *out)
{
	struct repo_check c = {.facts = facts, .s = &facts->host->sources, .out = out};

	for (size_t i = 0; i < sizeof(themes) / sizeof(*themes); i++)
		themes[i](&c);
	pve_arena_done(&c.mem);
}

__attribute__((format(printf, 4, 0))) static struct pve_finding *
add(struct repo_check *c, enum repo_check_id id, const char *object, const char *fmt, va_list ap)
{
	const struct repo_check_code *code = &repo_check_codes[id];
	char text[600];

	vsnprintf(text, sizeof(text), fmt, ap);
	return pve_findings_add(c->out, code->severity, code->name, object, "%s", text);
}

struct pve_finding *repo_check_about(struct repo_check *c, enum repo_check_id id,
				     const char *object, const char *fmt, ...)
{
	struct pve_finding *f;
	va_list ap;

	va_start(ap, fmt);
	f = add(c, id, object, fmt, ap);
	va_end(ap);
	return f;
}

__attribute__((format(printf, 5, 0))) static struct pve_finding *
at(struct repo_check *c, enum repo_check_id id, const char *file, unsigned line, const char *fmt,
   va_list ap)
{
	struct pve_finding *f =
		add(c, id, pve_arena_printf(&c->mem, "%s:%u", file, line), fmt, ap);

	pve_finding_fix(f, "editor +%u %s", line, file);
	return f;
}

struct pve_finding *repo_check_at(struct repo_check *c, enum repo_check_id id, const char *file,
				  unsigned line, const char *fmt, ...)
{
	struct pve_finding *f;
	va_list ap;

	va_start(ap, fmt);
	f = at(c, id, file, line, fmt, ap);
	va_end(ap);
	return f;
}

struct pve_finding *repo_check_entry(struct repo_check *c, enum repo_check_id id,
				     const struct repo_entry *e, const char *fmt, ...)
{
	struct pve_finding *f;
	va_list ap;

	va_start(ap, fmt);
	f = at(c, id, e->file->path, e->line, fmt, ap);
	va_end(ap);
	return f;
}

void repo_check_trapped(struct repo_check *c, enum repo_check_id id, const struct repo_entry *e,
			unsigned line, const char *fmt, ...)
{
	struct repo_edits edits = {0};
	struct pve_finding *f;
	va_list ap;

	va_start(ap, fmt);
	f = at(c, id, e->file->path, line, fmt, ap);
	va_end(ap);
	if (repo_repair(&edits, e, id))
		pve_finding_fix(f, "pve-repo repair %s:%u", e->file->path, line);
	repo_edits_done(&edits);
}

void repo_check_no_fix(struct pve_finding *f)
{
	free(f->fix);
	f->fix = NULL;
}

/* --- single repositories --------------------------------------------------------------------- */

static void each_of(struct repo_check *c, const struct repo_entry *e,
		    void (*f)(struct repo_check *c, struct repo_single *one))
{
	struct repo_single one = {.e = e};

	for (one.u = 0; one.u < e->uris.n; one.u++)
		for (one.n = 0; one.n < e->suites.n; one.n++) {
			one.k = 0;
			do {
				const char *component =
					one.k < e->components.n ? e->components.v[one.k].text : "";

				repo_classify(&one.kind, e->uris.v[one.u].text,
					      e->suites.v[one.n].text, component);
				f(c, &one);
			} while (++one.k < e->components.n);
		}
}

void repo_check_each(struct repo_check *c, void (*f)(struct repo_check *c, struct repo_single *one))
{
	for (size_t i = 0; i < c->s->nentries; i++) {
		const struct repo_entry *e = c->s->entry[i];

		if (e->enabled && repo_words_have(&e->types, "deb"))
			each_of(c, e, f);
	}
}

bool repo_check_is_plain(const char *s)
{
	return s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			   "/.:-_+@%,=~")] == '\0';
}

/* Narrowed by one list: by the one that has several words, components before suites. */
const char *repo_check_command(struct repo_check *c, const char *verb,
			       const struct repo_single *one)
{
	const struct repo_entry *e = one->e;
	const char *option = NULL, *word = NULL;

	if (e->components.n > 1) {
		option = "component";
		word = e->components.v[one->k].text;
	} else if (e->suites.n > 1) {
		option = "suite";
		word = e->suites.v[one->n].text;
	} else if (e->uris.n > 1) {
		option = "uri";
		word = e->uris.v[one->u].text;
	}
	if (!option || !repo_check_is_plain(word))
		return pve_arena_printf(&c->mem, "pve-repo %s %s:%u", verb, e->file->path, e->line);
	return pve_arena_printf(&c->mem, "pve-repo %s %s:%u --%s %s", verb, e->file->path, e->line,
				option, word);
}
