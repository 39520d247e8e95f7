/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delta.h"

#include <ctype.h>
#include <linux/rtnetlink.h>

#include "probe_gen.h"
#include "probe_service.h"
#include "pvecommon/fs.h"

/* --- what is owned ------------------------------------------------------------- */

static void merge_link(struct net_state *into, struct net_link *l, const struct net_link *from)
{
	for (unsigned i = 0; i < from->nvalues; i++) {
		const struct pve_nl_value *v = &from->value[i];

		if (net_link_value(l, v->attr))
			continue;
		if (v->s)
			net_link_set_text(l, v->attr, v->s);
		else
			net_link_set_number(l, v->attr, v->n);
	}
	for (const struct net_ip *ip = from->ip; ip; ip = ip->next)
		if (!net_link_find_ip(l, &ip->a))
			net_link_add_ip(into, l, ip);
	for (const struct net_hop *h = from->hop; h; h = h->next)
		if (!net_link_find_hop(l, &h->r))
			net_link_add_hop(into, l, h);
	for (const struct net_remote *r = from->remote; r; r = r->next)
		if (!net_link_has_remote(l, &r->r))
			net_link_add_remote(into, l, &r->r);
	if (!l->vlans)
		l->vlans = from->vlans;
	for (unsigned i = 0; l->vlans && from->vlans && i < 64; i++)
		l->vlans->all.bit[i] |= from->vlans->all.bit[i];
}

/* Both the last generation and the live files count: the stock tools may have put the latter
 * into effect since. */
static void merge_owned(struct net_state *into, const struct net_state *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const struct net_link *f = from->link[i];
		struct net_link *l;

		if (f->gone)
			continue;
		l = net_state_find(into, f->name);
		if (!l) {
			l = net_state_add(into, f->name);
			l->kind = f->kind;
			l->iface = f->iface;
			l->make = f->make;
		}
		merge_link(into, l, f);
	}
}

static int read_owned(struct net_delta *d, struct pve_sys *sys, struct pve_err *e)
{
	struct pve_diags none = {0};

	if (net_stage_conf(&d->stage, sys, NET_VIEW_LIVE, &d->before, e) < 0 ||
	    net_gen_last(sys, &d->last, &d->have_last, e) < 0)
		return -1;
	net_model_read(&d->before_model, &d->before);
	net_want_read(&d->owned, &d->before_model, &none);
	if (d->have_last) {
		net_gen_conf(&d->last, &d->last_conf);
		net_model_read(&d->last_model, &d->last_conf);
		net_want_read(&d->owned_more, &d->last_model, &none);
		merge_owned(&d->owned, &d->owned_more);
	}
	pve_diags_done(&none);
	return 0;
}

/* --- what is ------------------------------------------------------------------- */

/* As little as the comparison needs. */
static unsigned snapshot_of(const struct net_state *want)
{
	unsigned flags = PVE_NL_ADDRS | PVE_NL_ROUTES | PVE_NL_DETAILS;

	for (size_t i = 0; i < want->n; i++) {
		if (want->link[i]->vlans)
			flags |= PVE_NL_VLANS;
		for (const struct net_hop *h = want->link[i]->hop; h; h = h->next)
			if (h->r.table != RT_TABLE_MAIN)
				flags |= PVE_NL_TABLES;
	}
	return flags;
}

static void read_sysctls(struct net_delta *d, struct pve_sys *sys)
{
	for (const struct net_sysctl *s = d->want.sysctl; s; s = s->next) {
		struct net_sysctl *is = pve_arena_alloc(&d->now.mem, sizeof(*is));
		PVE_FREE char *path = pve_asprintf("/proc/sys/%s", s->path);
		PVE_BUF b = {0};
		struct pve_span t;

		is->path = s->path;
		if (pve_fs_read(sys, path, 4096, &b, NULL, NULL) == 0) {
			t = pve_span_trim((struct pve_span){b.data, b.len});
			is->value = pve_arena_memdup(&d->now.mem, t.p, t.len);
		}
		*d->now.sysctl_end = is;
		d->now.sysctl_end = &is->next;
	}
}

/* Guests' configurations matter only to bridges that are about to filter. */
static bool needs_guests(const struct net_delta *d)
{
	for (size_t i = 0; i < d->want.n; i++) {
		const struct net_link *l = d->want.link[i];
		const struct net_link *now = net_state_find(&d->now, l->name);

		if (!l->gone && now && net_link_number(l, PVE_NL_BR_FILTERING, 0) &&
		    !net_link_number(now, PVE_NL_BR_FILTERING, 1))
			return true;
	}
	return false;
}

static void read_guests(struct net_delta *d, struct pve_sys *sys)
{
	static const char *const dirs[] = {"/etc/pve/qemu-server", "/etc/pve/lxc"};

	for (size_t k = 0; k < 2; k++) {
		PVE_STRV names = {0};

		pve_fs_list(sys, dirs[k], &names, NULL);
		for (size_t i = 0; i < names.n; i++) {
			PVE_FREE char *path = pve_asprintf("%s/%s", dirs[k], names.v[i]);
			PVE_BUF text = {0};
			char *end;
			unsigned long id = strtoul(names.v[i], &end, 10);

			if (strcmp(end, ".conf") == 0 && isdigit((unsigned char)names.v[i][0]) &&
			    pve_fs_read(sys, path, 0, &text, NULL, NULL) == 0)
				net_guests_parse(&d->guests, (unsigned)id,
						 (struct pve_span){text.data, text.len});
		}
	}
}

/* Are all links there that nobody can make? */
static bool all_there(const struct net_state *want, const struct net_state *now)
{
	for (size_t i = 0; i < want->n; i++)
		if (!want->link[i]->make && !want->link[i]->gone &&
		    !net_state_find(now, want->link[i]->name))
			return false;
	return true;
}

/* Only what is missing can be a NIC that is to get, or had, another name. */
static void read_pins(struct net_delta *d, struct pve_sys *sys)
{
	if (all_there(&d->want, &d->now) && all_there(&d->owned, &d->now))
		return;
	if (!d->pins.n)
		net_pins_read(&d->pins, sys, &d->stage);
	net_pins_add(&d->pins, &d->host.live, &d->now);
}

/* What a captured host does not tell is neither drift nor to be changed. */
static void drop_untold(struct net_delta *d)
{
	unsigned told = d->host.live.want;

	for (size_t i = 0; i < d->want.n; i++) {
		struct net_link *l = d->want.link[i];

		if (!net_state_find(&d->now, l->name))
			continue;
		if (!(told & PVE_NL_VLANS))
			l->vlans = NULL;
		if (!(told & PVE_NL_DETAILS))
			l->remote = NULL;
		if (!(told & PVE_NL_ADDRS))
			l->ip = NULL;
		if (!(told & PVE_NL_ROUTES))
			l->hop = NULL;
	}
}

static int read_now(struct net_delta *d, struct pve_sys *sys, struct pve_err *e)
{
	if (net_host_read_live(&d->host, sys, snapshot_of(&d->want), e) < 0)
		return -1;
	net_state_read(&d->now, &d->host.live);
	read_pins(d, sys);
	if (sys->rooted)
		drop_untold(d);
	read_sysctls(d, sys);
	net_want_rename(&d->want, &d->now);
	net_want_rename(&d->owned, &d->now);
	if (needs_guests(d))
		read_guests(d, sys);
	return 0;
}

/* --- all of it ----------------------------------------------------------------- */

static void plan(struct net_delta *d, const struct net_delta_opts *opts)
{
	struct net_ops_opts o = {.owned = &d->owned,
				 .model = &d->model,
				 .guests = &d->guests,
				 .ovs = d->services.have_ovs,
				 .force = opts->force};

	net_ops_plan(&d->ops, &d->want, &d->now, &o);
}

/* Before planning, which changes what is. */
static void find_started(struct net_delta *d)
{
	for (size_t i = 0; i < d->want.n; i++) {
		const struct net_link *want = d->want.link[i];
		const struct net_link *now = net_state_find(&d->now, want->name);

		if (!want->iface || !net_link_number(want, PVE_NL_UP, 0) ||
		    (now ? net_link_number(now, PVE_NL_UP, 0) != 0 : want->optional))
			continue;
		pve_map_set(&d->started, pve_span(want->iface->name), (void *)want->iface);
	}
}

static void init(struct net_delta *d)
{
	*d = (struct net_delta){0};
	net_state_init(&d->want);
	net_state_init(&d->now);
	net_state_init(&d->owned);
	net_state_init(&d->owned_more);
}

/* Puts a file as the generation has it; as an empty one when it has none: a glob may read it
 * again, and a name may be written in it.  A pin goes away then, see net_stage_bytes. */
static int put_file(struct net_delta *d, struct pve_sys *sys, const struct net_gen *target,
		    const char *path, struct pve_err *e)
{
	const struct net_gen_file *f = net_gen_find(target, path);
	struct net_stage_file *to = net_stage_open(&d->stage, sys, path, e);

	if (!to)
		return -1;
	if (f && !to->live_there)
		to->mode = f->mode;
	net_stage_put(&d->stage, to, f ? f->bytes : (struct pve_span){"", 0});
	return 0;
}

static int put_target(struct net_delta *d, struct pve_sys *sys, const struct net_gen *target,
		      struct pve_err *e)
{
	PVE_STRV paths = {0};
	NET_GEN now = {0};
	struct net_conf live;
	int ret;

	if (net_stage_pending(&d->stage))
		return pve_err_set(e, PVE_DENIED,
				   "changes are staged (see pve-net diff): apply them, or drop "
				   "them with 'pve-net revert'");
	if (net_stage_conf(&d->stage, sys, NET_VIEW_LIVE, &live, e) < 0)
		return -1;
	ret = net_gen_take(sys, &live, NULL, &now, e);
	net_conf_done(&live);
	if (ret < 0)
		return -1;
	for (size_t i = 0; i < now.nfiles; i++)
		pve_strv_add(&paths, now.file[i].path);
	for (size_t i = 0; i < target->nfiles; i++)
		if (!pve_strv_has(&paths, target->file[i].path))
			pve_strv_add(&paths, target->file[i].path);
	for (size_t i = 0; i < paths.n; i++)
		if (put_file(d, sys, target, paths.v[i], e) < 0)
			return -1;
	return 0;
}

int net_delta_read(struct net_delta *d, struct pve_sys *sys, const struct net_delta_opts *opts,
		   struct pve_err *e)
{
	init(d);
	d->view = opts->view;
	if (net_stage_read(&d->stage, sys, e) < 0 ||
	    (opts->target && put_target(d, sys, opts->target, e) < 0) ||
	    net_stage_conf(&d->stage, sys, opts->view, &d->conf, e) < 0 ||
	    (!opts->compare && read_owned(d, sys, e) < 0)) {
		net_delta_done(d);
		return -1;
	}
	net_model_read(&d->model, &d->conf);
	net_want_read(&d->want, &d->model, &d->diags);
	if (read_now(d, sys, e) < 0) {
		net_delta_done(d);
		return -1;
	}
	if (opts->compare)
		return 0;
	net_services_read(&d->services, sys, &d->before_model, &d->model, &d->now);
	net_service_warn(&d->services, &d->model, &d->diags);
	find_started(d);
	plan(d, opts);
	net_service_refuse(&d->services, net_delta_in_effect(d), &d->model, &d->ops.diags);
	return 0;
}

const struct net_model *net_delta_in_effect(const struct net_delta *d)
{
	return d->view == NET_VIEW_LIVE && d->have_last ? &d->last_model : &d->before_model;
}

int net_delta_check(const struct net_delta *d, struct pve_err *e)
{
	const struct pve_diags *refused = &d->ops.diags;
	PVE_BUF lines = {0};

	if (pve_diags_err(&d->conf.diags, e) < 0 || pve_diags_err(&d->diags, e) < 0)
		return -1;
	for (size_t i = 0; i < refused->n; i++)
		if (refused->v[i].severity == PVE_ERROR)
			pve_buf_printf(&lines, "%s%s", lines.len ? "\n" : "", refused->v[i].msg);
	return lines.len ? pve_err_set(e, PVE_DENIED, "%s", pve_buf_str(&lines)) : 0;
}

int net_delta_verify(struct net_delta *d, struct pve_sys *sys, const struct net_delta_opts *opts,
		     struct pve_err *e)
{
	const struct net_operation *op;

	net_ops_done(&d->ops);
	net_state_done(&d->now);
	net_state_done(&d->want);
	net_host_done(&d->host);
	net_want_read(&d->want, &d->model, &d->diags);
	if (read_now(d, sys, e) < 0)
		return -1;
	plan(d, opts);
	if (!d->ops.n)
		return 0;
	op = &d->ops.v[0];
	return pve_err_set(e, PVE_FAILED,
			   "%s: the kernel took it without a word, but it is not so: %s (%s)",
			   op->object, op->action, op->why);
}

void net_delta_done(struct net_delta *d)
{
	net_ops_done(&d->ops);
	pve_map_done(&d->started);
	net_services_done(&d->services);
	net_guests_done(&d->guests);
	net_state_done(&d->owned_more);
	net_state_done(&d->owned);
	net_state_done(&d->now);
	net_state_done(&d->want);
	net_pins_done(&d->pins);
	net_host_done(&d->host);
	net_model_done(&d->last_model);
	net_conf_done(&d->last_conf);
	net_gen_done(&d->last);
	net_model_done(&d->before_model);
	net_conf_done(&d->before);
	net_model_done(&d->model);
	net_conf_done(&d->conf);
	net_stage_done(&d->stage);
	pve_diags_done(&d->diags);
	*d = (struct net_delta){0};
}
