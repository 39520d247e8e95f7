/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "service.h"

#include "want.h"

/* --- Open vSwitch -------------------------------------------------------------- */

static struct pve_span option(const struct net_iface *i, const char *key)
{
	for (size_t n = i->nopts; n > 0; n--)
		if (strcmp(i->opt[n - 1]->key->name, key) == 0)
			return i->opt[n - 1]->value;
	return (struct pve_span){"", 0};
}

static bool is_brought_up(const struct net_iface *i)
{
	return i->nstanzas && net_type_is_ovs(i->type) && i->start != NET_START_NO;
}

/* The stanza that says so, or the bridge that names it among its ports. */
static const char *bridge_of(const struct net_iface *i)
{
	for (const struct net_edge *e = i->upper; e; e = e->next_upper)
		if (e->relation == NET_PORT)
			return e->upper->name;
	return NULL;
}

static void add_words(struct pve_strv *argv, struct pve_span words)
{
	struct pve_span w;

	while ((w = pve_span_word(&words)).len)
		pve_strv_add_span(argv, w);
}

static void add_all(struct pve_strv *argv, const char *const *words)
{
	for (; *words; words++)
		pve_strv_add(argv, *words);
}

static void add_tail(struct pve_strv *argv, const struct net_iface *i)
{
	struct pve_span extra = option(i, "ovs-extra"), w;

	if (i->mtu) {
		add_all(argv, (const char *const[]){"--", "set", "Interface", i->name, NULL});
		pve_strv_addf(argv, "mtu_request=%u", i->mtu);
	}
	if (extra.len)
		pve_strv_add(argv, "--");
	/* ifupdown's script gives this to a shell, which knows the name of the interface. */
	while ((w = pve_span_word(&extra)).len)
		if (pve_span_eq(w, "${IFACE}") || pve_span_eq(w, "$IFACE"))
			pve_strv_add(argv, i->name);
		else
			pve_strv_add_span(argv, w);
}

/* "tag" of "tag=5", "other_config:stp-enable" of "other_config:stp-enable=true". */
static struct pve_span column(struct pve_span setting)
{
	const char *eq = memchr(setting.p, '=', setting.len);

	return (struct pve_span){setting.p, eq ? (size_t)(eq - setting.p) : setting.len};
}

/* Takes the next setting of a port off *options; what stands behind "--" are further commands. */
static struct pve_span next_setting(struct pve_span *options)
{
	struct pve_span rest = *options, w = pve_span_word(&rest);

	if (!w.len || pve_span_eq(w, "--"))
		return (struct pve_span){"", 0};
	*options = rest;
	return w;
}

static bool sets(struct pve_span options, struct pve_span what)
{
	struct pve_span w;

	while ((w = next_setting(&options)).len)
		if (pve_span_same(column(w), what))
			return true;
	return false;
}

/* add-port passes over the settings of a port that is there already, so they are set behind it, and
 * those that went are cleared. */
static void add_settings(struct pve_strv *argv, const struct net_iface *was,
			 const struct net_iface *i)
{
	struct pve_span options = option(i, "ovs-options"), w;
	struct pve_span old = was ? option(was, "ovs-options") : (struct pve_span){"", 0};

	while ((w = next_setting(&old)).len) {
		struct pve_span gone = column(w);
		const char *colon = memchr(gone.p, ':', gone.len);

		if (sets(options, gone))
			continue;
		add_all(argv, (const char *const[]){"--", colon ? "remove" : "clear", "Port", i->name,
						    NULL});
		if (colon)
			pve_strv_add_span(argv, (struct pve_span){gone.p, (size_t)(colon - gone.p)});
		if (colon)
			gone.len -= (size_t)(colon + 1 - gone.p), gone.p = colon + 1;
		pve_strv_add_span(argv, gone);
	}
	for (bool first = true; (w = next_setting(&options)).len; first = false) {
		if (first)
			add_all(argv, (const char *const[]){"--", "set", "Port", i->name, NULL});
		pve_strv_add_span(argv, w);
	}
	add_words(argv, options);
}

static void add_port(struct pve_strv *argv, const struct net_iface *was, const struct net_iface *i)
{
	const char *bridge = bridge_of(i);

	if (!bridge)
		return;
	pve_strv_add(argv, "--");
	if (i->type == NET_T_OVS_BOND)
		pve_strv_add(argv, "--fake-iface");
	add_all(argv, (const char *const[]){"--may-exist",
					    i->type == NET_T_OVS_BOND ? "add-bond" : "add-port", bridge,
					    i->name, NULL});
	for (const struct net_edge *e = i->lower; e; e = e->next_lower)
		if (i->type == NET_T_OVS_BOND && e->relation == NET_SLAVE)
			pve_strv_add(argv, e->lower->name);
	add_settings(argv, was, i);
	if (i->type == NET_T_OVS_INT_PORT)
		add_all(argv, (const char *const[]){"--", "set", "Interface", i->name,
						    "type=internal", NULL});
	add_tail(argv, i);
}

static void add_bridge(struct pve_strv *argv, const struct net_iface *i)
{
	add_all(argv, (const char *const[]){"--", "--may-exist", "add-br", i->name, NULL});
	add_words(argv, option(i, "ovs-options"));
	add_tail(argv, i);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Of an Open vSwitch port: is it still one of the same kind, of the same bridge, with the same
 * slaves?  Otherwise it must go before it can come again. */
static bool stays(const struct net_iface *was, const struct net_iface *now)
{
	const struct net_edge *a = was->lower, *b = now ? now->lower : NULL;

	if (!now || !is_brought_up(now) || now->type != was->type)
		return false;
	/* An internal port would lose its addresses: see net_service_refuse. */
	if (was->type == NET_T_OVS_BRIDGE || was->type == NET_T_OVS_INT_PORT)
		return true;
	if (!same_text(bridge_of(was), bridge_of(now)))
		return false;
	while (a && b && strcmp(a->lower->name, b->lower->name) == 0)
		a = a->next_lower, b = b->next_lower;
	return was->type != NET_T_OVS_BOND || (!a && !b);
}

static void remove_gone(struct pve_strv *argv, const struct net_model *old,
			const struct net_model *want, bool bridges)
{
	for (size_t n = 0; n < old->nifaces; n++) {
		const struct net_iface *i = old->iface[n], *now = net_model_find(want, i->name);
		bool bridge = i->type == NET_T_OVS_BRIDGE;

		if (!is_brought_up(i) || bridge != bridges || stays(i, now))
			continue;
		add_all(argv, (const char *const[]){"--", "--if-exists",
						    bridge ? "del-br" : "del-port", i->name, NULL});
	}
}

void net_ovs_argv(const struct net_model *old, const struct net_model *want, struct pve_strv *argv)
{
	size_t before;

	add_all(argv, (const char *const[]){"ovs-vsctl", "--timeout=15", NULL});
	before = argv->n;
	remove_gone(argv, old, want, false);
	remove_gone(argv, old, want, true);
	for (size_t n = 0; n < want->nifaces; n++)
		if (is_brought_up(want->iface[n]) && want->iface[n]->type == NET_T_OVS_BRIDGE)
			add_bridge(argv, want->iface[n]);
	for (size_t n = 0; n < want->nifaces; n++)
		if (is_brought_up(want->iface[n]) && want->iface[n]->type != NET_T_OVS_BRIDGE)
			add_port(argv, net_model_find(old, want->iface[n]->name), want->iface[n]);
	if (argv->n == before) {
		pve_strv_done(argv);
		*argv = (struct pve_strv){0};
	}
}

static bool same_words(const struct pve_strv *a, const struct pve_strv *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i], b->v[i]) != 0)
			return false;
	return true;
}

static void plan_ovs(struct pve_plan *plan, const struct net_services *s,
		     const struct net_model *old, const struct net_model *want)
{
	PVE_STRV argv = {0};
	PVE_STRV undo = {0};
	PVE_STRV same = {0};

	net_ovs_argv(old, want, &argv);
	net_ovs_argv(want, old, &undo);
	net_ovs_argv(old, old, &same);
	if (!argv.n || !s->have_ovs || (same_words(&argv, &same) && !s->ovs_missing))
		return;
	pve_plan_run(plan, "Open vSwitch", (const char *const *)argv.v,
		     undo.n ? (const char *const *)undo.v : NULL,
		     "its stanzas have changed; one transaction");
	plan->v[plan->n - 1].timeout_ms = 20000;
}

/* --- DHCP ---------------------------------------------------------------------- */

void net_dhcp_argv(const char *iface, int family, bool stop, struct pve_strv *argv)
{
	const char *six = family == 6 ? "6" : "";

	pve_strv_add(argv, "dhclient");
	pve_strv_add(argv, family == 6 ? "-6" : "-4");
	if (stop)
		pve_strv_add(argv, "-r");
	pve_strv_add(argv, "-pf");
	pve_strv_addf(argv, "/run/dhclient%s.%s.pid", six, iface);
	pve_strv_add(argv, "-lf");
	pve_strv_addf(argv, "/var/lib/dhcp/dhclient%s.%s.leases", six, iface);
	pve_strv_add(argv, iface);
}

static bool wants_dhcp(const struct net_model *m, const char *name, int family)
{
	const struct net_iface *i = net_model_find(m, name);

	return i && (i->start == NET_START_AUTO || i->start == NET_START_HOTPLUG) &&
	       pve_span_eq(net_iface_method(i, family == 6 ? "inet6" : "inet"), "dhcp");
}

static bool is_running(const struct net_services *s, const char *name, int family)
{
	PVE_FREE char *key = pve_asprintf("%d %s", family, name);

	return pve_strv_has(&s->dhcp, key);
}

static void plan_client(struct pve_plan *plan, const char *name, int family, bool stop)
{
	PVE_STRV argv = {0};
	PVE_STRV undo = {0};

	net_dhcp_argv(name, family, stop, &argv);
	net_dhcp_argv(name, family, !stop, &undo);
	pve_plan_run(plan, name, (const char *const *)argv.v, (const char *const *)undo.v,
		     stop ? "its method is dhcp no more" : "its method is dhcp, and no client runs");
	plan->v[plan->n - 1].timeout_ms = 120000;
}

void net_service_plan_before(struct pve_plan *plan, const struct net_services *s,
			     const struct net_model *old, const struct net_model *want)
{
	for (size_t n = 0; n < old->nifaces; n++)
		for (int family = 4; s->have_dhclient && family <= 6; family += 2)
			if (wants_dhcp(old, old->iface[n]->name, family) &&
			    !wants_dhcp(want, old->iface[n]->name, family) &&
			    is_running(s, old->iface[n]->name, family))
				plan_client(plan, old->iface[n]->name, family, true);
	plan_ovs(plan, s, old, want);
}

void net_service_plan_after(struct pve_plan *plan, const struct net_services *s,
			    const struct net_model *want)
{
	for (size_t n = 0; s->have_dhclient && n < want->nifaces; n++)
		for (int family = 4; family <= 6; family += 2) {
			const char *name = want->iface[n]->name;

			if (wants_dhcp(want, name, family) && !is_running(s, name, family))
				plan_client(plan, name, family, false);
		}
}

void net_service_warn(const struct net_services *s, const struct net_model *want,
		      struct pve_diags *d)
{
	bool ovs = false;

	for (size_t n = 0; n < want->nifaces; n++) {
		const struct net_iface *i = want->iface[n];

		ovs |= is_brought_up(i);
		for (int family = 4; !s->have_dhclient && family <= 6; family += 2)
			if (wants_dhcp(want, i->name, family) && !is_running(s, i->name, family))
				pve_diags_add(d, PVE_WARNING, i->stanza[0]->head->file->path,
					      i->stanza[0]->line,
					      "%s: dhclient is not installed; it gets no lease", i->name);
	}
	if (ovs && !s->have_ovs)
		pve_diags_add(d, PVE_WARNING, NULL, 0,
			      "Open vSwitch: ovs-vsctl is not installed; its stanzas are left out");
}

void net_service_refuse(const struct net_services *s, const struct net_model *old,
			const struct net_model *want, struct pve_diags *d)
{
	for (size_t n = 0; s->have_ovs && n < old->nifaces; n++) {
		const struct net_iface *i = old->iface[n], *now = net_model_find(want, i->name);
		const char *from, *to;

		if (i->type != NET_T_OVS_INT_PORT || !is_brought_up(i) || !now ||
		    now->type != i->type || !is_brought_up(now))
			continue;
		from = bridge_of(i), to = bridge_of(now);
		if (from && to && strcmp(from, to) != 0)
			pve_diags_add(d, PVE_ERROR, NULL, 0,
				      "%s: an internal port of Open vSwitch would lose its addresses on the "
				      "way from %s to %s: add one of another name to %s, or take this one "
				      "out and apply that first",
				      i->name, from, to, to);
	}
}

void net_services_done(struct net_services *s)
{
	pve_strv_done(&s->dhcp);
}
