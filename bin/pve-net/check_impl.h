/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_CHECK_IMPL_H
#define PVE_NET_CHECK_IMPL_H

#include "check.h"

/* Between check.c and the themes, each of which is one check_THEME.c. */
struct check_place {
	uint32_t file, line; /* position in conf, from 0; line from 1 */
	size_t seq;          /* of the finding, in the order of adding */
};

struct check {
	const struct net_conf *conf;
	const struct net_model *model;
	const struct check_facts *facts;
	struct pve_findings *out;
	size_t first;              /* findings before that are not ours */
	struct pve_map file;       /* path -> &file_pos[i] */
	uint32_t *file_pos;        /* each its own number */
	struct check_place *place; /* of out->v[first + i] */
	size_t places_cap;
	struct pve_arena mem; /* lives as long as the check */
};

/* Adds a finding at a line of a file, or at the option, or at the head of the stanza.  Its
 * fix is the editor at that line until the caller sets a better one.  Valid until the next
 * one is added. */
struct pve_finding *check_at(struct check *c, enum check_id id, const char *file, unsigned line,
			     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
struct pve_finding *check_opt(struct check *c, enum check_id id, const struct net_option *o,
			      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
struct pve_finding *check_stanza(struct check *c, enum check_id id, const struct net_stanza *s,
				 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "pve-net VERB IFACE ARGS" as the fix; verb is one word.  Names come from the file and end
 * in somebody's shell: when there is any character that a shell could take for its own, the
 * editor stays the fix. */
void check_fix(struct pve_finding *f, const char *verb, const char *iface, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* A command whose last word is the file, quoted for a shell where that is needed. */
void check_fix_file(struct pve_finding *f, const char *file, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The first 60 bytes of a value, for "%.*s". */
#define CHECK_VALUE(o) (int)((o)->value.len > 60 ? 60 : (o)->value.len), (o)->value.p

/* Does the option stand in a stanza of the interface, and not in one that is inherited from?
 * All stanzas of one name are of one interface. */
static inline bool check_owns(const struct net_iface *i, const struct net_option *o)
{
	return pve_span_eq(o->stanza->name, i->name);
}

/* The value as a decimal number up to 2^32 - 1; -1 when it is none. */
int64_t check_number(const struct net_option *o);
/* Is value one of the space-separated words?  Letter case counts. */
bool check_word_in(struct pve_span value, const char *words);
/* on, yes, 1, true; letter case does not count. */
bool check_yes(const struct net_option *o);

/* A number for each interface of the model, from 0: those with a stanza first. */
size_t check_index(const struct net_model *m, const struct net_iface *i);
/* Is the byte in the value? */
bool check_has(struct pve_span value, char byte);
/* The mode that the kernel uses: as given, balance-rr when none is. */
const char *check_bond_mode(const struct net_iface *i);

/* The themes. */
void check_syntax(struct check *c);
void check_reading(struct check *c);
void check_file(struct check *c);
void check_names(struct check *c);
void check_autostart(struct check *c);
void check_options(struct check *c);
void check_addresses(struct check *c);
void check_subnets(struct check *c);
void check_gateways(struct check *c);
void check_graph(struct check *c);
void check_vlans(struct check *c);
void check_bridges(struct check *c);
void check_bonds(struct check *c);
void check_mtu(struct check *c);
void check_hooks(struct check *c);
void check_ovs(struct check *c);
void check_engine(struct check *c);
void check_live(struct check *c);

#endif
