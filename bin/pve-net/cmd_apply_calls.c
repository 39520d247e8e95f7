/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <unistd.h>

#include "pveio/nl_write.h"
#include "pvecommon/fs.h"
#include "pvecommon/num.h"

#define FIELDS_MAX (PVE_NL_NATTRS + 4)

/* A line cut at its tabs. */
struct line {
	char *text; /* owned */
	const char *f[FIELDS_MAX + 1];
	size_t n;
};

static void line_cut(struct line *l, struct pve_span s)
{
	char *p = pve_strndup(s.p, s.len);

	*l = (struct line){.text = p, .f = {p}, .n = 1};
	while ((p = strchr(p, '\t')) && l->n < FIELDS_MAX) {
		*p++ = '\0';
		l->f[l->n++] = p;
	}
}

/* The rest of the field that begins with "name="; NULL when there is none. */
static const char *field(const struct line *l, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 2; i < l->n; i++)
		if (strncmp(l->f[i], name, len) == 0 && l->f[i][len] == '=')
			return l->f[i] + len + 1;
	return NULL;
}

static unsigned field_number(const struct line *l, const char *name, unsigned none)
{
	const char *text = field(l, name);
	uint64_t n;

	return text && pve_num_span(pve_span(text), UINT32_MAX, &n) == 0 ? (unsigned)n : none;
}

static int bad_line(const struct line *l, struct pve_err *e)
{
	return pve_err_set(e, PVE_FAILED, "operation '%s' on '%s' is not understood", l->f[0],
			   l->n > 1 ? l->f[1] : "");
}

/* --- links --------------------------------------------------------------------- */

static int read_values(const struct line *l, size_t from, struct pve_nl_value *v, size_t *n)
{
	*n = 0;
	for (size_t i = from; i < l->n; i++)
		if (*n == PVE_NL_NATTRS || !net_value_parse(l->f[i], &v[(*n)++]))
			return -1;
	return 0;
}

/* What is already there of that kind is only set: a step must bear being repeated. */
static int do_add(struct pve_nl *nl, const struct line *l, struct pve_err *e)
{
	struct pve_nl_value v[PVE_NL_NATTRS], set[PVE_NL_NATTRS];
	size_t n, nset = 0;

	if (l->n < 3 || read_values(l, 3, v, &n) < 0)
		return bad_line(l, e);
	if (pve_nl_link_create(nl, l->f[1], l->f[2], v, n, e) == 0)
		return 0;
	if (!e || e->sys != EEXIST)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!pve_nl_attrs[v[i].attr].fixed)
			set[nset++] = v[i];
	return pve_nl_link_change(nl, l->f[1], l->f[2], set, nset, e);
}

static int do_set(struct pve_nl *nl, const struct line *l, struct pve_err *e)
{
	struct pve_nl_value v[PVE_NL_NATTRS];
	size_t n;

	if (l->n < 3 || read_values(l, 2, v, &n) < 0)
		return bad_line(l, e);
	return pve_nl_link_change(nl, l->f[1], NULL, v, n, e);
}

/* Of that kind, and with the values that are given? */
static bool is_that(const struct pve_nl_snapshot *s, const struct line *l)
{
	const struct pve_nl_link *link = s->nlinks ? &s->link[0] : NULL;
	struct pve_nl_value v;

	if (!link || strcmp(link->kind, l->f[2]) != 0)
		return false;
	for (size_t i = 3; i < l->n; i++) {
		bool same = false;

		for (unsigned k = 0; net_value_parse(l->f[i], &v) && k < link->nvalues; k++)
			same |= pve_nl_value_same(&link->value[k], &v);
		if (!same)
			return false;
	}
	return true;
}

static int do_del(struct pve_nl *nl, const struct line *l, struct pve_err *e)
{
	struct pve_nl_snapshot s;
	int index;
	bool that;

	if (l->n < 3)
		return bad_line(l, e);
	index = pve_nl_index(nl, l->f[1]);
	if (!index)
		return 0;
	if (pve_nl_snapshot_read_link(&s, index, e) < 0)
		return -1;
	that = is_that(&s, l);
	pve_nl_snapshot_free(&s);
	if (!that)
		return 0;
	return pve_nl_link_delete(nl, l->f[1], e);
}

/* --- addresses and routes ------------------------------------------------------ */

static bool read_ip(const char *text, int *family, struct in6_addr *b)
{
	*b = (struct in6_addr){0};
	*family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(*family, text, b) == 1;
}

static bool read_prefix(const char *text, int *family, struct in6_addr *b, unsigned *prefix)
{
	const char *slash = strchr(text, '/');
	PVE_FREE char *address = slash ? pve_strndup(text, (size_t)(slash - text)) : NULL;
	uint64_t n;

	if (!slash || !read_ip(address, family, b) || pve_num_span(pve_span(slash + 1), 128, &n) < 0)
		return false;
	*prefix = (unsigned)n;
	return true;
}

static int do_addr(struct pve_nl *nl, const struct line *l, bool add, struct pve_err *e)
{
	struct pve_nl_addr a = {.scope = field_number(l, "scope", 0),
				.preferred = field_number(l, "preferred", UINT32_MAX)};
	struct pve_nl_addr_more more = {.label = field(l, "label")};
	const char *peer = field(l, "peer"), *brd = field(l, "brd");
	int family, ret;

	if (l->n < 3 || !read_prefix(l->f[2], &a.family, &a.bytes, &a.prefix))
		return bad_line(l, e);
	a.peer = a.bytes;
	if (peer && (!read_ip(peer, &family, &a.peer) || family != a.family))
		return bad_line(l, e);
	more.has_broadcast = brd && inet_pton(AF_INET, brd, &more.broadcast) == 1;
	if (add)
		ret = pve_nl_addr_add(nl, l->f[1], &a, &more, e);
	else
		ret = pve_nl_addr_del(nl, l->f[1], &a, e);
	/* As it should be already. */
	if (ret < 0 && e && e->sys == (add ? EEXIST : EADDRNOTAVAIL))
		return 0;
	return ret < 0 ? pve_err_prefix(e, "address %s", l->f[2]) : 0;
}

static int do_route(struct pve_nl *nl, const struct line *l, bool add, struct pve_err *e)
{
	struct pve_nl_route r = {.metric = field_number(l, "metric", 0),
				 .table = field_number(l, "table", RT_TABLE_MAIN),
				 .protocol = field_number(l, "proto", RTPROT_STATIC)};
	const char *via = field(l, "via");
	int family, ret;

	if (l->n < 3 || !read_prefix(l->f[2], &r.family, &r.dst, &r.prefix))
		return bad_line(l, e);
	r.has_gateway = via != NULL;
	if (via && (!read_ip(via, &family, &r.gateway) || family != r.family))
		return bad_line(l, e);
	if (add)
		ret = pve_nl_route_replace(nl, l->f[1], &r, strcmp(l->f[l->n - 1], "onlink") == 0,
					   e);
	else
		ret = pve_nl_route_del(nl, l->f[1], &r, e);
	if (ret < 0 && !add && e && e->sys == ESRCH)
		return 0;
	return ret < 0 ? pve_err_prefix(e, "route %s%s%s", l->f[2], via ? " via " : "",
					via ? via : "")
		       : 0;
}

/* --- bridges and VXLANs -------------------------------------------------------- */

static int do_vid(struct pve_nl *nl, const struct line *l, bool add, struct pve_err *e)
{
	struct pve_nl_vlan v = {0};
	struct pve_span from, to;
	const char *dash;
	uint64_t a, b, flags;
	bool self;
	int ret;

	if (l->n < 5 || !(dash = strchr(l->f[3], '-')))
		return bad_line(l, e);
	from = (struct pve_span){l->f[3], (size_t)(dash - l->f[3])};
	to = pve_span(dash + 1);
	if (pve_num_span(from, 4094, &a) < 0 || pve_num_span(to, 4094, &b) < 0 ||
	    pve_num_span(pve_span(l->f[4]), UINT16_MAX, &flags) < 0)
		return bad_line(l, e);
	v = (struct pve_nl_vlan){.from = (uint16_t)a, .to = (uint16_t)b, .flags = (uint16_t)flags};
	self = strcmp(l->f[2], "self") == 0;
	ret = add ? pve_nl_vlan_add(nl, l->f[1], self, &v, e)
		  : pve_nl_vlan_del(nl, l->f[1], self, &v, e);
	if (ret < 0 && !add && e && e->sys == ENOENT)
		return 0;
	return ret < 0 ? pve_err_prefix(e, "VLAN %s", l->f[3]) : 0;
}

static int do_remote(struct pve_nl *nl, const struct line *l, bool add, struct pve_err *e)
{
	struct pve_nl_remote r = {0};
	int ret;

	if (l->n < 3 || !read_ip(l->f[2], &r.family, &r.bytes))
		return bad_line(l, e);
	ret = add ? pve_nl_remote_add(nl, l->f[1], &r, e) : pve_nl_remote_del(nl, l->f[1], &r, e);
	if (ret < 0 && e && e->sys == (add ? EEXIST : ENOENT))
		return 0;
	return ret < 0 ? pve_err_prefix(e, "remote %s", l->f[2]) : 0;
}

static int do_sysctl(struct pve_sys *sys, const struct line *l, struct pve_err *e)
{
	PVE_FREE char *path = l->n == 3 ? pve_asprintf("/proc/sys/%s", l->f[1]) : NULL;
	PVE_CLOSE int fd = -1;
	size_t len;

	if (!path)
		return bad_line(l, e);
	fd = pve_fs_open(sys, path, O_WRONLY, 0, e);
	if (fd < 0)
		return -1;
	len = strlen(l->f[2]);
	if (write(fd, l->f[2], len) != (ssize_t)len)
		return pve_err_sys(e, errno, "writing %s to %s", l->f[2], path);
	return 0;
}

/* --- operations ---------------------------------------------------------------- */

static int do_line(struct pve_sys *sys, struct pve_nl *nl, const struct line *l, struct pve_err *e)
{
	const char *verb = l->f[0];
	bool add = *verb && verb[strlen(verb) - 1] == '+';

	if (strcmp(verb, "add") == 0)
		return do_add(nl, l, e);
	if (strcmp(verb, "set") == 0)
		return do_set(nl, l, e);
	if (strcmp(verb, "del") == 0)
		return do_del(nl, l, e);
	if (strcmp(verb, "sysctl") == 0)
		return do_sysctl(sys, l, e);
	if (strncmp(verb, "addr", 4) == 0)
		return do_addr(nl, l, add, e);
	if (strncmp(verb, "route", 5) == 0)
		return do_route(nl, l, add, e);
	if (strncmp(verb, "vid", 3) == 0)
		return do_vid(nl, l, add, e);
	if (strncmp(verb, "remote", 6) == 0)
		return do_remote(nl, l, add, e);
	return bad_line(l, e);
}

/* The reason, with what was asked of the kernel.  EPERM is about the request here, not about
 * who runs this. */
static void refused(const struct line *l, const struct pve_err *why, struct pve_err *e)
{
	PVE_BUF text = {0};

	for (size_t i = 0; i < l->n; i++)
		pve_buf_printf(&text, "%s%s", i ? " " : "", l->f[i]);
	*e = *why;
	pve_err_set(e, PVE_FAILED, "%s (in: %s)", why->msg, pve_buf_str(&text));
	e->sys = why->sys;
}

/* All lines of one operation.  For an undo a link that is gone has nothing to undo, and the
 * other lines are tried nevertheless; the first error is the one that counts. */
static int do_op(struct pve_sys *sys, struct pve_nl *nl, const char *words, bool undo,
		 struct pve_err *e)
{
	int ret = 0;

	while (*words) {
		size_t len = strcspn(words, "\n");
		struct pve_err why = {0};
		struct line l;
		int rc;

		line_cut(&l, (struct pve_span){words, len});
		rc = do_line(sys, nl, &l, &why);
		words += len + (words[len] == '\n');
		if (rc == 0 || (undo && (why.sys == ENODEV || why.sys == ENOENT))) {
			free(l.text);
			continue;
		}
		if (ret == 0 && e)
			refused(&l, &why, e);
		free(l.text);
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
