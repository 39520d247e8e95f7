/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hooks: what they call and how.  The shell is not parsed, only cut into commands at ; & |
 * and newlines and those into words, which is enough for what people write there. */
#include "check_impl.h"

#include <ctype.h>

const char *const check_legacy[] = {"ifconfig", "brctl", "route", "vconfig", NULL};

struct hook {
	struct check *c;
	const struct net_option *o;
	struct pve_span iface;
	bool firewall, address, legacy, relative, absent; /* said already */
};

/* Takes the next command off *rest; false when there is none. */
static bool next_command(struct pve_span *rest, struct pve_span *command)
{
	if (!rest->len)
		return false;
	command->p = rest->p;
	command->len = 0;
	while (command->len < rest->len && !strchr(";&|\n(){}", rest->p[command->len]))
		command->len++;
	rest->p += command->len;
	rest->len -= command->len;
	while (rest->len && strchr(";&|\n(){}", *rest->p))
		rest->p++, rest->len--;
	return true;
}

/* The word that is run: behind assignments and words that only lead to it. */
static struct pve_span program(struct pve_span *rest)
{
	static const char lead[] = "! if then else elif do while until exec sudo nohup command";
	struct pve_span w;

	do
		w = pve_span_word(rest);
	while (w.len && (check_word_in(w, lead) || (check_has(w, '=') && !check_has(w, '/'))));
	return w;
}

static struct pve_span base(struct pve_span path)
{
	const char *slash = path.len ? memrchr(path.p, '/', path.len) : NULL;

	if (slash) {
		path.len -= (size_t)(slash + 1 - path.p);
		path.p = slash + 1;
	}
	return path;
}

static bool has_word(struct pve_span rest, const char *words)
{
	struct pve_span w;

	while ((w = pve_span_word(&rest)).len)
		if (check_word_in(w, words))
			return true;
	return false;
}

/* Every reload runs the hooks of every interface again (ifupdown2), so what adds without
 * asking adds once more each time. */
static void firewall(struct hook *h, struct pve_span name, struct pve_span args)
{
	if (h->firewall || !check_word_in(name, "iptables ip6tables") ||
	    (h->o->key->id != NET_K_UP && h->o->key->id != NET_K_PRE_UP) ||
	    !has_word(args, "-A -I --append --insert") || has_word(h->o->value, "-C --check"))
		return;
	h->firewall = true;
	check_opt(h->c, CHECK_HOOK_FIREWALL, h->o,
		  "%.*s: the hook adds its %.*s rule again at each reload; test with -C first",
		  PVE_SPAN_ARG(h->iface), PVE_SPAN_ARG(name));
}

/* ip [options] address add ... */
static void address(struct hook *h, struct pve_span name, struct pve_span args)
{
	struct pve_span object, verb;

	do
		object = pve_span_word(&args);
	while (object.len && *object.p == '-');
	verb = pve_span_word(&args);
	if (h->address || !pve_span_eq(name, "ip") ||
	    !check_word_in(object, "a ad add addr addre addres address") ||
	    !check_word_in(verb, "a add"))
		return;
	h->address = true;
	check_opt(h->c, CHECK_HOOK_ADDRESS, h->o,
		  "%.*s: the hook adds an address, which a reload may take away again; write an "
		  "address line",
		  PVE_SPAN_ARG(h->iface));
}

static void legacy(struct hook *h, struct pve_span name)
{
	for (unsigned n = 0; check_legacy[n] && !h->legacy; n++) {
		if (!pve_span_eq(name, check_legacy[n]) || h->c->facts->legacy & 1u << n)
			continue;
		h->legacy = true;
		check_opt(h->c, CHECK_HOOK_LEGACY, h->o,
			  "%.*s: the hook calls %s, which Debian 12 does not install; use ip or "
			  "bridge",
			  PVE_SPAN_ARG(h->iface), check_legacy[n]);
	}
}

static void relative(struct hook *h, struct pve_span path)
{
	if (h->relative || !path.len || strchr("/$~\"'`-<>", *path.p) || !check_has(path, '/'))
		return;
	h->relative = true;
	check_opt(h->c, CHECK_HOOK_RELATIVE, h->o,
		  "%.*s: the hook calls %.*s, but in which directory it runs is not said",
		  PVE_SPAN_ARG(h->iface), (int)(path.len > 60 ? 60 : path.len), path.p);
}

static void absent(struct hook *h, struct pve_span path)
{
	if (h->absent || !path.len || *path.p != '/' || !pve_map_get(&h->c->facts->absent, path))
		return;
	h->absent = true;
	check_opt(h->c, CHECK_HOOK_MISSING, h->o, "%.*s: the hook calls %.*s, which is not there",
		  PVE_SPAN_ARG(h->iface), (int)(path.len > 60 ? 60 : path.len), path.p);
}

static void check_one(struct check *c, const struct net_stanza *s, const struct net_option *o)
{
	struct hook h = {.c = c, .o = o, .iface = s->name};
	struct pve_span rest = o->value, command;

	if (check_has(o->value, '\\'))
		check_opt(c, CHECK_HOOK_BACKSLASH, o,
			  "%.*s: the hook has a backslash, which ifupdown2 takes for a line break",
			  PVE_SPAN_ARG(s->name));
	while (next_command(&rest, &command)) {
		struct pve_span path = program(&command), name = base(path);

		firewall(&h, name, command);
		address(&h, name, command);
		legacy(&h, name);
		relative(&h, path);
		absent(&h, path);
	}
}

void check_hooks(struct check *c)
{
	for (size_t n = 0; n < c->conf->nstanzas; n++) {
		const struct net_stanza *s = c->conf->stanza[n];

		for (uint32_t k = 0; s->kind == NET_IFACE && k < s->nopts; k++)
			if (net_key_is_hook(s->opt[k].key))
				check_one(c, s, &s->opt[k]);
	}
}

/* Characters that a path of a program has when no shell makes anything of it. */
static bool is_plain_path(struct pve_span path)
{
	for (size_t i = 0; i < path.len; i++)
		if (!isalnum((unsigned char)path.p[i]) && !strchr("/._+-", path.p[i]))
			return false;
	return path.len > 1 && *path.p == '/';
}

void check_hook_programs(const struct net_conf *conf, struct pve_strv *paths)
{
	for (size_t i = 0; i < conf->nstanzas; i++) {
		const struct net_stanza *s = conf->stanza[i];

		for (uint32_t k = 0; s->kind == NET_IFACE && k < s->nopts; k++) {
			struct pve_span rest = s->opt[k].value, command, path;

			while (net_key_is_hook(s->opt[k].key) && next_command(&rest, &command)) {
				path = program(&command);
				if (is_plain_path(path))
					pve_strv_add_span(paths, path);
			}
		}
	}
	pve_strv_sort(paths);
	pve_strv_uniq(paths);
}
