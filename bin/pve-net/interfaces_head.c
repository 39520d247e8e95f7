/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that open a stanza. */
#include "interfaces_impl.h"

void net_file_diag(const struct net_file *f, struct pve_diags *d, enum pve_severity severity,
		   uint32_t line, const char *text, struct pve_span what)
{
	if (!d)
		return;
	if (what.p)
		pve_diags_add(d, severity, f->path, line, "%s: %.*s", text,
			      what.len > 80 ? 80 : (int)what.len, what.p);
	else
		pve_diags_add(d, severity, f->path, line, "%s", text);
}

bool net_head_kind(const struct net_stanza *open, struct pve_span w, enum net_stanza_kind *kind)
{
	static const struct {
		const char *word;
		enum net_stanza_kind kind;
	} heads[] = {
		{"iface", NET_IFACE},     {"auto", NET_AUTO},
		{"allow-auto", NET_AUTO}, {"no-auto-down", NET_NO_AUTO_DOWN},
		{"rename", NET_RENAME},   {"no-scripts", NET_NO_SCRIPTS},
		{"source", NET_SOURCE},   {"mapping", NET_MAPPING},
		{"vlan", NET_VLAN},       {"template", NET_TEMPLATE},
	};

	/* Most lines are options; no head begins as they do. */
	if (w.p[0] == 'b' || w.p[0] == 'p' || w.p[0] == 'h' || w.p[0] == 'u')
		return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (w.p[0] == heads[i].word[0] && pve_span_eq(w, heads[i].word)) {
			*kind = heads[i].kind;
			/* To Debian the last two are options. */
			return *kind < NET_VLAN || !open || open->kind >= NET_VLAN;
		}
	if (w.p[0] != 's' && w.p[0] != 'a')
		return false;
	*kind = pve_span_starts(w, "source-dir") ? NET_SOURCE_DIR : NET_ALLOW;
	return *kind == NET_SOURCE_DIR ||
	       (pve_span_starts(w, "allow-") && w.len > strlen("allow-"));
}

/* --- what engines know ---------------------------------------------------------- */

static bool word_in(struct pve_span w, const char *const *list)
{
	while (*list && !pve_span_eq(w, *list))
		list++;
	return *list;
}

bool net_method_is_known(struct pve_span family, struct pve_span method)
{
	static const char *const inet[] = {"loopback", "static", "manual", "dhcp",   "bootp",
					   "tunnel",   "ppp",    "wvdial", "ipv4ll", NULL};
	static const char *const inet6[] = {"auto",   "loopback", "static", "manual", "dhcp",
					    "tunnel", "v4tunnel", "6to4",   "ppp",    NULL};
	static const char *const ipx[] = {"static", "dynamic", NULL};
	static const char *const can[] = {"static", NULL};

	if (pve_span_eq(family, "inet"))
		return word_in(method, inet);
	if (pve_span_eq(family, "inet6"))
		return word_in(method, inet6);
	if (pve_span_eq(family, "ipx"))
		return word_in(method, ipx);
	return pve_span_eq(family, "can") && word_in(method, can);
}

static bool known_family(struct pve_span family)
{
	static const char *const families[] = {"inet", "inet6", "ipx", "can", NULL};

	return word_in(family, families);
}

/* What Debian's ifupdown refuses and another engine reads. */
static const char *only_of(enum net_stanza_kind kind)
{
	if (kind == NET_IFACE)
		return "no family and method: only ifupdown2 reads this, ifupdown refuses the file";
	if (kind == NET_VLAN)
		return "only ifupdown2 reads this, ifupdown refuses the file: vlan";
	return "only ifupdown-ng reads this, ifupdown refuses the file: template";
}

/* --- reading -------------------------------------------------------------------- */

/* The stanza may not have its head yet. */
static void diag(const struct net_file *f, const struct net_stanza *s, struct pve_diags *d,
		 enum pve_severity severity, const char *text, struct pve_span what)
{
	net_file_diag(f, d, severity, s->line, text, what);
}

/* Returns false when there is something to report. */
static bool check_tail(const struct net_head *h, const struct net_stanza *s, struct pve_diags *d)
{
	if (h->inherits.len)
		return true;
	if (!h->family.len)
		diag(h->file, s, d, PVE_WARNING, only_of(NET_IFACE), s->name);
	else if (!known_family(h->family))
		diag(h->file, s, d, PVE_ERROR, "unknown address family", h->family);
	else if (!h->method.len)
		diag(h->file, s, d, PVE_ERROR, "no method", net_stanza_args(s));
	else if (!net_method_is_known(h->family, h->method))
		diag(h->file, s, d, PVE_ERROR, "unknown method", h->method);
	else
		return true;
	return false;
}

/* Reads what stands behind the name.  Returns false when there was something to report. */
static bool read_tail(struct net_head *h, struct pve_span rest, const struct net_stanza *s,
		      struct pve_diags *d)
{
	bool plain = true;

	while (rest.len) {
		struct pve_span w = net_take_word(&rest);

		if (pve_span_eq(w, "inherits") && !h->inherits.len) {
			h->inherits = net_take_word(&rest);
			if (h->inherits.len)
				continue;
			diag(h->file, s, d, PVE_ERROR, "inherits from what?", s->name);
		} else if (!h->family.len && !h->inherits.len) {
			h->family = w;
			continue;
		} else if (!h->method.len && !h->inherits.len) {
			h->method = w;
			continue;
		} else {
			diag(h->file, s, d, PVE_WARNING, "extra word on an iface line is ignored", w);
		}
		plain = false;
	}
	return check_tail(h, s, d) && plain;
}

static struct net_head *new_head(struct net_file *f, struct pve_span word)
{
	struct net_head *h = pve_arena_alloc(&f->mem, sizeof(*h));

	h->file = f;
	h->word = word;
	h->plain = true;
	return h;
}

/* The head for what stands behind the name, which is read once and, if there is anything to
 * report, again for each line that has it. */
static const struct net_head *find_tail(struct net_file *f, const struct net_stanza *s,
					struct pve_span word, struct pve_span tail,
					struct pve_diags *d)
{
	const struct net_head **recent = &f->recent_tail[net_look(tail)];
	struct net_head *h, again = {.file = f};

	if (*recent && (*recent)->plain && pve_span_same((*recent)->tail, tail))
		return *recent;
	h = pve_map_get(&f->tails, tail);
	if (!h) {
		h = new_head(f, word);
		h->tail = tail;
		h->plain = read_tail(h, tail, s, d);
		pve_map_set(&f->tails, tail, h);
	} else if (!h->plain) {
		read_tail(&again, tail, s, d);
	}
	return *recent = h;
}

static const struct net_head *find_word(struct net_file *f, struct pve_span word)
{
	const struct net_head **recent = &f->recent_word[net_look(word)];
	struct net_head *h;

	if (*recent && pve_span_same((*recent)->word, word))
		return *recent;
	h = pve_map_get(&f->words, word);
	if (!h) {
		h = new_head(f, word);
		pve_map_set(&f->words, word, h);
	}
	return *recent = h;
}

void net_head_read(struct net_file *f, struct net_stanza *s, struct pve_span word,
		   struct pve_span args, struct pve_diags *d)
{
	s->args_len = (uint32_t)args.len;
	s->name = (struct pve_span){args.p, 0};
	if (s->kind != NET_IFACE) {
		s->head = find_word(f, word);
		if (s->kind == NET_VLAN || s->kind == NET_TEMPLATE)
			diag(f, s, d, PVE_WARNING, only_of(s->kind), args);
		return;
	}
	s->name = net_take_word(&args);
	if (!s->name.len)
		diag(f, s, d, PVE_ERROR, "iface without a name", (struct pve_span){0});
	s->head = find_tail(f, s, word, args, s->name.len ? d : NULL);
}
