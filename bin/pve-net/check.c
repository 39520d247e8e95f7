/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_impl.h"

#include <ctype.h>
#include <stdio.h>

#include "pvecommon/num.h"

/* Is it made of characters only that mean themselves to every shell? */
static bool plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("_.:/+-=,@ ", *s))
			return false;
	return true;
}

void check_fix_file(struct pve_finding *f, const char *file, const char *fmt, ...)
{
	struct pve_buf fix = {0};
	va_list ap;

	va_start(ap, fmt);
	pve_buf_vprintf(&fix, fmt, ap);
	va_end(ap);
	pve_buf_putc(&fix, ' ');
	if (plain(file) && !strchr(file, ' ')) {
		pve_buf_puts(&fix, file);
	} else {
		pve_buf_putc(&fix, '\'');
		for (const char *p = file; *p; p++)
			pve_buf_puts(&fix, *p == '\'' ? "'\\''" : (char[]){*p, 0});
		pve_buf_putc(&fix, '\'');
	}
	pve_finding_fix(f, "%s", pve_buf_str(&fix));
	pve_buf_done(&fix);
}

static struct pve_finding *add(struct check *c, enum check_id id, const char *file, unsigned line,
			       const char *message)
{
	const struct check_code *code = &check_codes[id];
	size_t n = c->out->n - c->first;
	const uint32_t *pos = pve_map_get(&c->file, pve_span(file));
	char *object = pve_asprintf("%s:%u", file, line);
	struct pve_finding *f =
		pve_findings_add(c->out, code->severity, code->name, object, "%s", message);

	free(object);
	c->place = pve_grow(c->place, n, &c->places_cap, sizeof(*c->place));
	c->place[n] = (struct check_place){pos ? *pos : 0, line, n};
	check_fix_file(f, file, "editor +%u", line);
	return f;
}

struct pve_finding *check_at(struct check *c, enum check_id id, const char *file, unsigned line,
			     const char *fmt, ...)
{
	va_list ap;
	char *message;

	va_start(ap, fmt);
	message = pve_arena_vprintf(&c->mem, fmt, ap);
	va_end(ap);
	return add(c, id, file, line, message);
}

struct pve_finding *check_opt(struct check *c, enum check_id id, const struct net_option *o,
			      const char *fmt, ...)
{
	va_list ap;
	char *message;

	va_start(ap, fmt);
	message = pve_arena_vprintf(&c->mem, fmt, ap);
	va_end(ap);
	return add(c, id, o->stanza->head->file->path, o->line, message);
}

struct pve_finding *check_stanza(struct check *c, enum check_id id, const struct net_stanza *s,
				 const char *fmt, ...)
{
	va_list ap;
	char *message;

	va_start(ap, fmt);
	message = pve_arena_vprintf(&c->mem, fmt, ap);
	va_end(ap);
	return add(c, id, s->head->file->path, s->line, message);
}

void check_fix(struct pve_finding *f, const char *verb, const char *iface, const char *fmt, ...)
{
	struct pve_buf args = {0};
	va_list ap;

	va_start(ap, fmt);
	pve_buf_vprintf(&args, fmt, ap);
	va_end(ap);
	if (plain(iface) && *iface != '-' && !strchr(iface, ' ') && plain(pve_buf_str(&args)))
		pve_finding_fix(f, "pve-net %s %s %s", verb, iface, pve_buf_str(&args));
	pve_buf_done(&args);
}

int64_t check_number(const struct net_option *o)
{
	uint64_t n;

	return pve_num_span(o->value, UINT32_MAX, &n) < 0 ? -1 : (int64_t)n;
}

bool check_word_in(struct pve_span value, const char *words)
{
	const char *end;

	for (; *words; words = end + (*end == ' ')) {
		end = strchrnul(words, ' ');
		if (value.len == (size_t)(end - words) && value.len &&
		    memcmp(words, value.p, value.len) == 0)
			return true;
	}
	return false;
}

bool check_yes(const struct net_option *o)
{
	/* By length: no two have the same. */
	static const char *const yes[] = {"", "1", "on", "yes", "true"};

	return o && o->value.len && o->value.len < sizeof(yes) / sizeof(*yes) &&
	       strncasecmp(o->value.p, yes[o->value.len], o->value.len) == 0;
}

size_t check_index(const struct net_model *m, const struct net_iface *i)
{
	return i->nstanzas ? i->order : m->nifaces + i->order;
}

bool check_has(struct pve_span value, char byte)
{
	return value.len && memchr(value.p, byte, value.len);
}

static int by_place(const void *a, const void *b)
{
	const struct check_place *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Brings our findings into the order of the files. */
static void order(struct check *c)
{
	size_t n = c->out->n - c->first;
	struct pve_finding *v, *sorted;

	if (n < 2)
		return;
	v = c->out->v + c->first;
	qsort(c->place, n, sizeof(*c->place), by_place);
	sorted = pve_calloc(n, sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		sorted[i] = v[c->place[i].seq];
	memcpy(v, sorted, n * sizeof(*v));
	free(sorted);
}

static void begin(struct check *c)
{
	c->first = c->out->n;
	c->file_pos = pve_calloc(c->conf->nfiles + 1, sizeof(*c->file_pos));
	for (size_t i = 0; i < c->conf->nfiles; i++) {
		c->file_pos[i] = (uint32_t)i;
		pve_map_set(&c->file, pve_span(c->conf->file[i]->path), &c->file_pos[i]);
	}
}

static void end(struct check *c)
{
	order(c);
	free(c->place);
	free(c->file_pos);
	pve_map_done(&c->file);
	pve_arena_done(&c->mem);
}

void net_check(const struct net_conf *conf, const struct net_model *model,
	       const struct check_facts *facts, struct pve_findings *out)
{
	static void (*const theme[])(struct check *) = {
		check_syntax,    check_reading, check_file,      check_engine,  check_names,
		check_autostart, check_options, check_addresses, check_subnets, check_gateways,
		check_graph,     check_vlans,   check_bridges,   check_bonds,   check_ovs,
		check_mtu,       check_hooks,   check_live,
	};
	struct check c = {.conf = conf, .model = model, .facts = facts, .out = out};

	begin(&c);
	for (size_t i = 0; i < sizeof(theme) / sizeof(*theme); i++)
		theme[i](&c);
	end(&c);
}
