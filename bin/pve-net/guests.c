/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guests.h"

#include "pvecommon/num.h"

bool net_guest_of_name(const char *name, unsigned *guest, unsigned *nic)
{
	static const struct {
		const char *prefix;
		char between;
	} forms[] = {{"tap", 'i'}, {"veth", 'i'}, {"fwpr", 'p'}};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t len = strlen(forms[i].prefix);
		struct pve_span id = {name + len, 0}, n;
		uint64_t a, b;

		if (strncmp(name, forms[i].prefix, len) != 0)
			continue;
		id.len = strspn(id.p, "0123456789");
		if (id.p[id.len] != forms[i].between)
			continue;
		n = pve_span(id.p + id.len + 1);
		if (pve_num_span(id, 999999999, &a) == 0 && pve_num_span(n, 99, &b) == 0) {
			*guest = (unsigned)a;
			*nic = (unsigned)b;
			return true;
		}
	}
	return false;
}

/* "trunks=2;5-9" */
static void parse_trunks(struct pve_span v, struct net_vids *trunks)
{
	PVE_FREE char *text = pve_strndup(v.len ? v.p : "", v.len);

	for (char *p = text; *p; p++)
		if (*p == ';')
			*p = ',';
	net_vids_parse(pve_span(text), trunks, NULL, NULL);
}

static void parse_net(struct net_guests *g, unsigned guest, unsigned nic, struct pve_span value)
{
	struct net_guest_port port = {.guest = guest, .nic = nic};

	while (value.len) {
		struct pve_span word = {value.p, 0};
		uint64_t n;

		while (word.len < value.len && value.p[word.len] != ',')
			word.len++;
		value.p += word.len + (word.len < value.len);
		value.len -= word.len + (word.len < value.len);
		if (pve_span_starts(word, "tag=") &&
		    pve_num_span((struct pve_span){word.p + 4, word.len - 4}, 4094, &n) == 0)
			port.tag = (unsigned)n;
		else if (pve_span_starts(word, "trunks="))
			parse_trunks((struct pve_span){word.p + 7, word.len - 7}, &port.trunks);
	}
	g->v = pve_grow(g->v, g->n, &g->cap, sizeof(*g->v));
	g->v[g->n++] = port;
}

static void parse_line(struct net_guests *g, unsigned guest, struct pve_span line)
{
	const char *colon = line.len ? memchr(line.p, ':', line.len) : NULL;
	struct pve_span number, value;
	uint64_t nic;

	if (!colon || !pve_span_starts(line, "net"))
		return;
	number = (struct pve_span){line.p + 3, (size_t)(colon - line.p) - 3};
	value = pve_span_trim(
		(struct pve_span){colon + 1, line.len - (size_t)(colon + 1 - line.p)});
	if (pve_num_span(number, 99, &nic) == 0)
		parse_net(g, guest, (unsigned)nic, value);
}

void net_guests_parse(struct net_guests *g, unsigned guest, struct pve_span text)
{
	while (text.len) {
		const char *nl = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, nl ? (size_t)(nl - text.p) : text.len};

		if (line.len && line.p[0] == '[')
			return;
		parse_line(g, guest, line);
		text.p += line.len + (nl != NULL);
		text.len -= line.len + (nl != NULL);
	}
}

void net_guests_done(struct net_guests *g)
{
	free(g->v);
	*g = (struct net_guests){0};
}

static void set_range(struct net_vids *v, unsigned from, unsigned to)
{
	for (unsigned id = from; id <= to; id++)
		net_vids_set(v, id, true);
}

bool net_guest_vlans(const struct net_guests *g, const char *port, struct net_vlans *table)
{
	unsigned guest, nic, first, last;

	if (!g || !net_guest_of_name(port, &guest, &nic))
		return false;
	for (size_t i = 0; i < g->n; i++) {
		const struct net_guest_port *p = &g->v[i];

		if (p->guest != guest || p->nic != nic)
			continue;
		*table = (struct net_vlans){.pvid = p->tag ? p->tag : 1};
		if (net_vids_run(&p->trunks, 1, &first, &last))
			table->all = p->trunks;
		else if (!p->tag)
			set_range(&table->all, 2, 4094);
		net_vids_set(&table->all, table->pvid, true);
		net_vids_set(&table->untagged, table->pvid, true);
		return true;
	}
	return false;
}
