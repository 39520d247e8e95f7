/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who reads the files, who may write them, and what waits beside them. */
#include "check_impl.h"

#include "pvecommon/debver.h"

static void versions(struct check *c)
{
	const struct net_engine_versions *v = &c->facts->engine;
	const char *path = c->conf->file[0]->path;

	if (v->ifupdown.len && pve_debver_cmp(v->ifupdown, pve_span("0.8.35+pve1")) < 0)
		pve_finding_fix(
			check_at(c, CHECK_ENGINE_OLD, path, 1,
				 "ifupdown %.*s is older than 0.8.35+pve1: it cannot reload "
				 "a changed network without a reboot",
				 PVE_SPAN_ARG(v->ifupdown)),
			"apt install ifupdown2");
	if (v->ifupdown2.len && !net_engine_is_pve(v->ifupdown2))
		check_at(c, CHECK_ENGINE_STOCK, path, 1,
			 "ifupdown2 %.*s is not Proxmox's build: its reload takes the ports of "
			 "running guests off their bridges; 'pve-net apply' does not",
			 PVE_SPAN_ARG(v->ifupdown2));
}

/* Stock ifupdown2 has one VLAN-aware bridge, unless its policy says otherwise. */
static void aware_twice(struct check *c)
{
	const struct net_iface *first = NULL;

	if (!c->facts->engine.ifupdown2.len || c->facts->many_aware ||
	    net_engine_is_pve(c->facts->engine.ifupdown2))
		return;
	for (size_t n = 0; n < c->model->nifaces; n++) {
		const struct net_iface *i = c->model->iface[n];

		if (i->type != NET_T_BRIDGE || !i->vlan_aware)
			continue;
		if (first) {
			check_opt(
				c, CHECK_BRIDGE_AWARE_TWICE,
				net_iface_find(i, NET_K_BRIDGE_VLAN_AWARE),
				"%s is VLAN-aware as %s is: stock ifupdown2 knows one such bridge",
				i->name, first->name);
			return;
		}
		first = i;
	}
}

static void mode(struct check *c)
{
	const struct check_facts *f = c->facts;
	const char *path = c->conf->file[0]->path;

	if (f->mode & 0111 || f->mode & f->writable)
		check_fix_file(check_at(c, CHECK_FILE_MODE, path, 1,
					"the mode is %04o, not 0644: %s", f->mode & 07777,
					f->mode & f->writable
						? "others can write commands that root runs"
						: "nobody runs this file"),
			       path, "chmod 0644");
	else if (f->mode && !(f->mode & 0004) && f->gui)
		check_fix_file(check_at(c, CHECK_FILE_MODE, path, 1,
					"the mode is %04o, not 0644: pveproxy reads the file as "
					"www-data, so the GUI shows no network",
					f->mode & 07777),
			       path, "chmod 0644");
	if (f->owner)
		check_fix_file(check_at(c, CHECK_FILE_MODE, path, 1,
					"user %u owns the file, not root: that user can write "
					"commands that root runs",
					f->owner),
			       path, "chown root:root");
}

static void staged(struct check *c)
{
	static const char path[] = NET_INTERFACES ".new";
	const struct check_facts *f = c->facts;

	if (f->staged == CHECK_STAGED_STALE)
		pve_finding_fix(check_at(c, CHECK_STAGED, path, 1,
					 "what is staged is not based on %s as that is now: an "
					 "apply would undo what was changed since",
					 NET_INTERFACES),
				"pve-net set --rebase");
}

/* ifupdown-ng takes the first name of an auto line only. */
static void several(struct check *c, const struct net_stanza *s)
{
	struct pve_span rest = net_stanza_args(s);

	pve_span_word(&rest);
	if (pve_span_word(&rest).len)
		check_stanza(c, CHECK_AUTO_SEVERAL, s,
			     "several names on one line: ifupdown-ng takes the first one only");
}

void check_engine(struct check *c)
{
	if (!c->conf->nfiles)
		return;
	versions(c);
	aware_twice(c);
	mode(c);
	staged(c);
	for (size_t n = 0; n < c->conf->nstanzas; n++)
		if (c->conf->stanza[n]->kind == NET_AUTO)
			several(c, c->conf->stanza[n]);
}
