/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files as such: line ends, comments, templates, what is sourced. */
#include "check_impl.h"

/* What was already said about a file; each is said once, at the first line. */
struct said {
	bool crlf, template;
};

static bool has(struct pve_span s, const char *needle)
{
	return s.len && memmem(s.p, s.len, needle, strlen(needle));
}

static void crlf(struct check *c, const struct net_file *f, uint32_t line)
{
	struct pve_finding *found =
		check_at(c, CHECK_FILE_CRLF, f->path, line,
			 "lines end in CR LF: no backslash continues such a line");

	check_fix_file(found, f->path, "sed -i 's/\\r$//'");
}

/* mako renders a file that has a percent sign anywhere; what it then changes are lines that
 * begin with one, and ${...}. */
static void template(struct check *c, const struct net_file *f, uint32_t line)
{
	check_at(c, CHECK_FILE_TEMPLATE, f->path, line,
		 "ifupdown2 runs the file through the template engine mako because of this line; "
		 "other engines take it as it is");
}

static void check_line(struct check *c, const struct net_file *f, uint32_t number, bool percent,
		       struct said *said)
{
	const struct net_line *l = &f->line[number - 1];
	struct pve_span text = net_line_text(f, number);

	if (l->eol == 2 && !said->crlf) {
		said->crlf = true;
		crlf(c, f, number);
	}
	if (l->kind == NET_LINE_COMMENT && text.len && text.p[text.len - 1] == '\\')
		check_at(c, CHECK_FILE_COMMENT, f->path, number,
			 "the comment ends in a backslash, so ifupdown2 takes the next line for a "
			 "part of it");
	if (percent && !said->template && l->kind != NET_LINE_COMMENT &&
	    (l->kind == NET_LINE_OPAQUE || has(text, "${"))) {
		said->template = true;
		template(c, f, number);
	}
}

static void check_one(struct check *c, const struct net_file *f)
{
	bool percent = has(f->text, "%");
	struct said said = {0};

	for (uint32_t i = 1; i <= f->nlines; i++)
		check_line(c, f, i, percent, &said);
	if (f->nlines && !f->line[f->nlines - 1].eol)
		check_fix_file(check_at(c, CHECK_FILE_NEWLINE, f->path, f->nlines,
					"the last line has no line end; whatever is appended "
					"becomes a part of it"),
			       f->path, "sed -i '$a\\'");
}

static void check_sdn(struct check *c)
{
	static const char sdn[] = "/etc/network/interfaces.d/sdn";
	const char *main_file = c->conf->file[0]->path;

	if (!c->facts->sdn || pve_map_get(&c->file, pve_span(sdn)))
		return;
	check_fix_file(check_at(c, CHECK_FILE_SDN, main_file, 1,
				"the SDN wrote %s, but nothing sources it: its networks do not "
				"come up",
				sdn),
		       main_file, "sed -i '$a source /etc/network/interfaces.d/*'");
}

void check_file(struct check *c)
{
	for (size_t i = 0; i < c->conf->nfiles; i++)
		check_one(c, c->conf->file[i]);
	if (c->conf->nfiles)
		check_sdn(c);
}
