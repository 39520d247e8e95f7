/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes up at boot: auto and allow- lines. */
#include "edit_impl.h"

struct name_map {
	const char *name;
};

static const char *map_drop(void *data, unsigned index, struct pve_span word)
{
	const struct name_map *m = data;

	return index && pve_span_eq(word, m->name) ? "" : NULL;
}

static unsigned names_on(const struct net_stanza *s, const char *name, unsigned *others)
{
	struct pve_span rest = net_stanza_args(s), w;
	unsigned n = 0;

	*others = 0;
	while ((w = pve_span_word(&rest)).len) {
		n += pve_span_eq(w, name);
		*others += !pve_span_eq(w, name);
	}
	return n;
}

static bool is_start(const struct net_stanza *s, const char *words)
{
	struct pve_span rest, w;

	if (s->kind != NET_AUTO && s->kind != NET_ALLOW)
		return false;
	if (!words)
		return true;
	rest = pve_span(words);
	while ((w = pve_span_word(&rest)).len)
		if (pve_span_same(w, s->head->word))
			return true;
	return false;
}

void edit_autostart_drop(struct net_edit *ed, const char *iface, const char *words)
{
	struct name_map m = {iface};
	unsigned others;

	for (size_t i = 0; i < ed->conf->nstanzas; i++) {
		const struct net_stanza *s = ed->conf->stanza[i];

		if (!is_start(s, words) || !names_on(s, iface, &others))
			continue;
		if (others)
			edit_words(ed, s->head->file, s->line, edit_head_lines(s), false, map_drop, &m);
		else
			net_batch_delete(edit_batch(ed, s->head->file), s->line,
					 s->line + edit_head_lines(s) - 1);
	}
}

/* The line that starts the interface with one of these words, or NULL. */
static const struct net_stanza *started_by(const struct net_edit *ed, const char *iface,
					   const char *words)
{
	unsigned others;

	for (size_t i = 0; i < ed->conf->nstanzas; i++)
		if (is_start(ed->conf->stanza[i], words) &&
		    names_on(ed->conf->stanza[i], iface, &others))
			return ed->conf->stanza[i];
	return NULL;
}

static void start_by(struct net_edit *ed, const char *iface, const char *word, const char *same,
		     const char *other)
{
	const struct net_stanza *s = edit_next(ed, iface, &(size_t){0});
	PVE_BUF text = {0};

	edit_autostart_drop(ed, iface, other);
	if (started_by(ed, iface, same))
		return;
	pve_buf_printf(&text, "%s %s", word, iface);
	net_batch_insert(edit_batch(ed, s->head->file), s->line, (struct pve_span){text.data, text.len});
}

void edit_autostart(struct net_edit *ed, const char *iface, struct pve_span value)
{
	const struct net_stanza *s;
	size_t at = 0;

	while ((s = edit_next(ed, iface, &at)))
		if (s->autostart || s->hotplug) {
			edit_complain(ed, PVE_DATA,
				      "%s:%u: %s is started by a line inside its stanza: change "
				      "that by hand",
				      s->head->file->path, s->line, iface);
			return;
		}
	if (pve_span_eq(value, "yes"))
		start_by(ed, iface, "auto", "auto allow-auto", "allow-hotplug");
	else if (pve_span_eq(value, "hotplug"))
		start_by(ed, iface, "allow-hotplug", "allow-hotplug", "auto allow-auto");
	else if (pve_span_eq(value, "no") || !value.len)
		edit_autostart_drop(ed, iface, "auto allow-auto allow-hotplug");
	else
		edit_complain(ed, PVE_USAGE, "autostart=%.*s: yes, no or hotplug",
			      PVE_SPAN_ARG(value));
}
