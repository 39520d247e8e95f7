/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parser has to say. */
#include "check_impl.h"

static int by_line(const void *key, const void *stanza)
{
	uint32_t line = *(const uint32_t *)key, at = ((const struct net_stanza *)stanza)->line;

	return line < at ? -1 : line > at;
}

/* "iface NAME" alone: the SDN writes such stanzas, and every host that runs it has the one
 * engine that reads them. */
static bool is_typeless(const struct net_file *f, uint32_t line)
{
	const struct net_stanza *s =
		f->nstanzas ? bsearch(&line, f->stanza, f->nstanzas, sizeof(*s), by_line) : NULL;

	return s && s->kind == NET_IFACE && s->name.len && !s->head->family.len && !s->head->inherits.len;
}

/* Template lines are a finding of the file (check_file.c). */
static bool is_said_elsewhere(const struct check *c, const struct pve_diag *d)
{
	const uint32_t *pos = pve_map_get(&c->file, pve_span(d->file));
	const struct net_file *f = pos ? c->conf->file[*pos] : NULL;

	if (!f || !d->line || d->line > f->nlines)
		return false;
	return f->line[d->line - 1].kind == NET_LINE_OPAQUE ||
	       (c->facts->ifupdown2 && is_typeless(f, d->line));
}

void check_syntax(struct check *c)
{
	for (size_t i = 0; i < c->conf->diags.n; i++) {
		const struct pve_diag *d = &c->conf->diags.v[i];

		if (d->severity == PVE_ERROR)
			check_at(c, CHECK_SYNTAX, d->file, d->line ? d->line : 1, "%s", d->msg);
		else if (d->severity == PVE_WARNING && !is_said_elsewhere(c, d))
			check_at(c, CHECK_READING, d->file, d->line ? d->line : 1, "%s", d->msg);
	}
}
