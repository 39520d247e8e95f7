/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ops_line.h"
#include "pveio/nl_write.h"
#include "pvecommon/fs.h"

/* --- links --------------------------------------------------------------------- */

/* What is already there of that kind is only set: a step must bear being repeated.  The alias of
 * a new link the kernel passes over (rtnl_create_link). */
static int do_add(struct pve_nl *nl, const struct net_op_line *l, struct pve_err *e)
{
	bool new = pve_nl_link_create(nl, l->name, l->kind, l->value, l->nvalues, e) == 0;
	struct pve_nl_value set[PVE_NL_NATTRS];
	size_t nset = 0;

	if (!new && (!e || e->sys != EEXIST))
		return -1;
	for (size_t i = 0; i < l->nvalues; i++)
		if (new ? l->value[i].attr == PVE_NL_ALIAS : !pve_nl_attrs[l->value[i].attr].fixed)
			set[nset++] = l->value[i];
	return nset ? pve_nl_link_change(nl, l->name, l->kind, set, nset, e) : 0;
}

/* Of that kind, and with the values that are given? */
static bool is_that(const struct pve_nl_snapshot *s, const struct net_op_line *l)
{
	const struct pve_nl_link *link = s->nlinks ? &s->link[0] : NULL;

	if (!link || strcmp(link->kind, l->kind) != 0)
		return false;
	for (size_t i = 0; i < l->nvalues; i++) {
		bool same = false;

		for (unsigned k = 0; k < link->nvalues; k++)
			same |= pve_nl_value_same(&link->value[k], &l->value[i]);
		if (!same)
			return false;
	}
	return true;
}

static int do_del(struct pve_nl *nl, const struct net_op_line *l, struct pve_err *e)
{
	int index = pve_nl_index(nl, l->name);
	struct pve_nl_snapshot s;
	bool that;

	if (!index)
		return 0;
	if (pve_nl_snapshot_read_link(&s, index, e) < 0)
		return -1;
	that = is_that(&s, l);
	pve_nl_snapshot_free(&s);
	return that ? pve_nl_link_delete(nl, l->name, e) : 0;
}

/* --- what links have ------------------------------------------------------------ */

/* Each returns 0 when it is as it should be already. */
static int do_addr(struct pve_nl *nl, const struct net_op_line *l, struct pve_err *e)
{
	const struct pve_nl_addr_more more = {.label = l->label,
					      .has_broadcast = l->has_broadcast,
					      .broadcast = l->broadcast};
	int ret = l->add ? pve_nl_addr_add(nl, l->name, &l->addr, &more, e)
			 : pve_nl_addr_del(nl, l->name, &l->addr, e);

	if (ret < 0 && e && e->sys == (l->add ? EEXIST : EADDRNOTAVAIL))
		return 0;
	return ret < 0 ? pve_err_prefix(e, "address %s", l->what) : 0;
}

static int do_route(struct pve_nl *nl, const struct net_op_line *l, struct pve_err *e)
{
	const struct pve_nl_route *r = &l->route;
	char via[INET6_ADDRSTRLEN];
	int ret = l->add ? pve_nl_route_replace(nl, l->name, r, l->onlink, e)
			 : pve_nl_route_del(nl, l->name, r, e);

	if (ret < 0 && !l->add && e && e->sys == ESRCH)
		return 0;
	if (ret < 0 && r->has_gateway)
		return pve_err_prefix(e, "route %s via %s", l->what,
				      inet_ntop(r->family, &r->gateway, via, sizeof(via)));
	return ret < 0 ? pve_err_prefix(e, "route %s", l->what) : 0;
}

static int do_vid(struct pve_nl *nl, const struct net_op_line *l, struct pve_err *e)
{
	int ret = l->add ? pve_nl_vlan_add(nl, l->name, l->self, &l->vlan, e)
			 : pve_nl_vlan_del(nl, l->name, l->self, &l->vlan, e);

	if (ret < 0 && !l->add && e && e->sys == ENOENT)
		return 0;
	return ret < 0 ? pve_err_prefix(e, "VLAN %s", l->what) : 0;
}

static int do_remote(struct pve_nl *nl, const struct net_op_line *l, struct pve_err *e)
{
	int ret = l->add ? pve_nl_remote_add(nl, l->name, &l->remote, e)
			 : pve_nl_remote_del(nl, l->name, &l->remote, e);

	if (ret < 0 && e && e->sys == (l->add ? EEXIST : ENOENT))
		return 0;
	return ret < 0 ? pve_err_prefix(e, "remote %s", l->what) : 0;
}

static int do_sysctl(struct pve_sys *sys, const struct net_op_line *l, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf("/proc/sys/%s", l->name);
	PVE_CLOSE int fd = pve_fs_open(sys, path, O_WRONLY, 0, e);
	size_t len = strlen(l->what);

	if (fd < 0)
		return -1;
	if (write(fd, l->what, len) != (ssize_t)len)
		return pve_err_sys(e, errno, "writing %s to %s", l->what, path);
	return 0;
}

/* --- operations ---------------------------------------------------------------- */

static int do_line(struct pve_sys *sys, struct pve_nl *nl, const struct net_op_line *l,
		   struct pve_err *e)
{
	switch (l->verb) {
	case NET_OP_ADD:
		return do_add(nl, l, e);
	case NET_OP_SET:
		return pve_nl_link_change(nl, l->name, NULL, l->value, l->nvalues, e);
	case NET_OP_DEL:
		return do_del(nl, l, e);
	case NET_OP_ADDR:
		return do_addr(nl, l, e);
	case NET_OP_ROUTE:
		return do_route(nl, l, e);
	case NET_OP_VID:
		return do_vid(nl, l, e);
	case NET_OP_REMOTE:
		return do_remote(nl, l, e);
	case NET_OP_SYSCTL:
		return do_sysctl(sys, l, e);
	}
	return pve_err_set(e, PVE_FAILED, "no such operation");
}

static int do_text(struct pve_sys *sys, struct pve_nl *nl, struct pve_span text, struct pve_err *e)
{
	struct net_op_line l;
	int ret;

	if (net_op_line_parse(&l, text))
		ret = do_line(sys, nl, &l, e);
	else
		ret = pve_err_set(e, PVE_FAILED, "it is not understood");
	net_op_line_done(&l);
	return ret;
}

/* The reason, with what was asked of the kernel.  EPERM is about the request here, not about
 * who runs this. */
static void refused(struct pve_span text, const struct pve_err *why, struct pve_err *e)
{
	PVE_FREE char *words = pve_strndup(text.p, text.len);

	for (char *c = words; *c; c++)
		if (*c == '\t')
			*c = ' ';
	*e = *why;
	pve_err_set(e, PVE_FAILED, "%s (in: %s)", why->msg, words);
	e->sys = why->sys;
}

/* All lines of one operation.  For an undo a link that is gone has nothing to undo, and the
 * other lines are tried nevertheless; the first error is the one that counts. */
static int do_op(struct pve_sys *sys, struct pve_nl *nl, const char *words, bool undo,
		 struct pve_err *e)
{
	int ret = 0;

	while (*words) {
		struct pve_span text = {words, strcspn(words, "\n")};
		struct pve_err why = {0};

		words += text.len + (words[text.len] == '\n');
		if (do_text(sys, nl, text, &why) == 0 ||
		    (undo && (why.sys == ENODEV || why.sys == ENOENT)))
			continue;
		if (ret == 0 && e)
			refused(text, &why, e);
		ret = -1;
		if (!undo)
			return -1;
	}
	return ret;
}

static struct pve_nl *open_nl(struct net_run *run, struct net_run *own, struct pve_err *e)
{
	struct net_run *r = run ? run : own;

	if (!r->nl)
		r->nl = pve_nl_open(e);
	return r->nl;
}

int net_call_ops(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct net_run *run = data, own = {0};
	struct pve_nl *nl = open_nl(run, &own, e);
	int ret = nl ? 0 : -1;

	if (run) {
		run->done = 0;
		run->counted = true;
	}
	for (size_t i = 1; ret == 0 && args[i]; i++) {
		ret = do_op(sys, nl, args[i], false, e);
		if (ret == 0 && run)
			run->done++;
	}
	net_run_done(&own);
	return ret;
}

int net_call_undo(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct net_run *run = data, own = {0};
	struct pve_nl *nl = open_nl(run, &own, e);
	size_t n = 0, skip = 0;
	struct pve_err why = {0};
	int ret = nl ? 0 : -1;

	while (args[n + 1])
		n++;
	/* The one that failed may have had a part of its effect. */
	if (run && run->counted && run->done + 1 < n)
		skip = n - run->done - 1;
	for (size_t i = skip; nl && i < n; i++)
		if (do_op(sys, nl, args[i + 1], true, &why) < 0 && ret == 0) {
			if (e)
				*e = why;
			ret = -1;
		}
	net_run_done(&own);
	return ret;
}

int net_call_verify(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct net_run *run = data;

	(void)args;
	return run && run->verify ? run->verify(sys, run->verify_to, e) : 0;
}

void net_run_done(struct net_run *run)
{
	pve_nl_close(run->nl);
	run->nl = NULL;
}

/* --- steps --------------------------------------------------------------------- */

void net_ops_plan_steps(const struct net_ops *ops, struct pve_plan *plan)
{
	static const char *const verify[] = {"net-verify", NULL}, *const nothing[] = {"net-undo",
											  NULL};
	PVE_FREE const char **forward = pve_calloc(ops->n + 2, sizeof(*forward));
	PVE_FREE const char **back = pve_calloc(ops->n + 2, sizeof(*back));

	if (!ops->n)
		return;
	forward[0] = "net-ops";
	back[0] = "net-undo";
	for (size_t i = 0; i < ops->n; i++) {
		forward[i + 1] = ops->v[i].words;
		back[ops->n - i] = ops->v[i].undo;
	}
	pve_plan_call(plan, "change the network", forward, back, "%zu operation%s", ops->n,
		      ops->n == 1 ? "" : "s");
	pve_plan_call(plan, "verify the network", verify, nothing,
		      "the kernel takes some values in silence and does nothing");
}
