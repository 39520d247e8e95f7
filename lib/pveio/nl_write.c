/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/nl_write.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Words of the kernel are one line; those in its sources are shorter than this. */
#define WORDS_MAX 200

struct pve_nl {
	struct nl_sock *sk;
	int ioctl_fd;             /* for names */
	int error;                /* errno of the last refusal */
	char words[WORDS_MAX];    /* of the kernel; "" when it had none */
};

/* --- the socket ---------------------------------------------------------------- */

/* NLMSGERR_ATTR_MSG stands behind the error, and behind the request unless that was cut
 * off (NETLINK_CAP_ACK).  libnl 3.7 does not read it. */
static void read_words(struct pve_nl *nl, struct nlmsgerr *err)
{
	struct nlmsghdr *h = (struct nlmsghdr *)((char *)err - NLMSG_HDRLEN);
	int at = NLMSG_ALIGN(sizeof(*err)), rest;
	struct nlattr *a, *first;

	nl->words[0] = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		at += (int)NLMSG_ALIGN(err->msg.nlmsg_len - NLMSG_HDRLEN);
	rest = (int)h->nlmsg_len - (int)NLMSG_HDRLEN - at;
	first = (struct nlattr *)((char *)err + at);
	nla_for_each_attr(a, first, rest, rest) if (nla_type(a) == NLMSGERR_ATTR_MSG)
		nla_strlcpy(nl->words, a, sizeof(nl->words));
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct pve_nl *nl = arg;

	(void)from;
	nl->error = -err->error;
	read_words(nl, err);
	return NL_STOP;
}

struct pve_nl *pve_nl_open(struct pve_err *e)
{
	struct pve_nl *nl = pve_calloc(1, sizeof(*nl));
	int one = 1, rc;

	nl->ioctl_fd = -1;
	nl->sk = nl_socket_alloc();
	if (!nl->sk) {
		pve_err_set(e, PVE_FAILED, "rtnetlink: no socket");
		pve_nl_close(nl);
		return NULL;
	}
	rc = nl_connect(nl->sk, NETLINK_ROUTE);
	nl->ioctl_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (rc < 0 || nl->ioctl_fd < 0) {
		pve_err_set(e, PVE_NOTHERE, "rtnetlink: %s",
			    rc < 0 ? nl_geterror(rc) : strerror(errno));
		pve_nl_close(nl);
		return NULL;
	}
	/* Kernels without them answer with a number alone. */
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &one,
		   sizeof(one));
	/* Answers are short: no need to ask for their size first. */
	nl_socket_disable_msg_peek(nl->sk);
	nl_socket_modify_err_cb(nl->sk, NL_CB_CUSTOM, on_error, nl);
	return nl;
}

void pve_nl_close(struct pve_nl *nl)
{
	if (!nl)
		return;
	if (nl->sk)
		nl_socket_free(nl->sk);
	pve_cleanup_close(&nl->ioctl_fd);
	free(nl);
}

int pve_nl_index(struct pve_nl *nl, const char *name)
{
	struct ifreq r = {.ifr_ifindex = 0};

	if (strlen(name) >= sizeof(r.ifr_name))
		return (int)if_nametoindex(name);
	memcpy(r.ifr_name, name, strlen(name) + 1);
	return ioctl(nl->ioctl_fd, SIOCGIFINDEX, &r) == 0 ? r.ifr_ifindex : 0;
}

/* --- requests ------------------------------------------------------------------ */

/* A message under way.  bad is set once something could not be put in. */
struct request {
	struct nl_msg *msg;
	bool bad;
};

static struct request start(int type, int flags, const void *header, size_t len)
{
	struct request r = {.msg = nlmsg_alloc_simple(type, flags | NLM_F_ACK)};

	r.bad = !r.msg || nlmsg_append(r.msg, (void *)header, len, NLMSG_ALIGNTO) < 0;
	return r;
}

static void put(struct request *r, int type, const void *data, size_t len)
{
	r->bad = r->bad || nla_put(r->msg, type, (int)len, data) < 0;
}

static void put_u32(struct request *r, int type, uint32_t v)
{
	put(r, type, &v, sizeof(v));
}

static void put_text(struct request *r, int type, const char *s)
{
	put(r, type, s, strlen(s) + 1);
}

static struct nlattr *nest(struct request *r, int type)
{
	struct nlattr *a = r->bad ? NULL : nla_nest_start(r->msg, type);

	r->bad = !a;
	return a;
}

static void nest_end(struct request *r, struct nlattr *a)
{
	if (!r->bad)
		nla_nest_end(r->msg, a);
}

/* Sends it and waits for the answer; name is the object's for the error. */
static int finish(struct pve_nl *nl, struct request *r, const char *name, struct pve_err *e)
{
	int rc = -NLE_MSGSIZE;

	nl->error = 0;
	nl->words[0] = '\0';
	if (!r->bad) {
		rc = nl_send_auto(nl->sk, r->msg);
		if (rc >= 0)
			rc = nl_wait_for_ack(nl->sk);
	}
	nlmsg_free(r->msg);
	if (rc >= 0)
		return 0;
	if (!nl->error)
		return pve_err_set(e, PVE_FAILED, "%s: rtnetlink: %s", name, nl_geterror(rc));
	if (!nl->words[0])
		return pve_err_sys(e, nl->error, "%s", name);
	return pve_err_sys(e, nl->error, "%s: the kernel says \"%s\"", name, nl->words);
}

static int find(struct pve_nl *nl, const char *name, struct pve_err *e)
{
	int index = pve_nl_index(nl, name);

	if (!index)
		pve_err_sys(e, ENODEV, "%s", name);
	return index;
}

/* --- values -------------------------------------------------------------------- */

static void put_ip(struct request *r, const struct pve_nl_attr_info *i, const char *text)
{
	struct in6_addr b;

	if (!*text)
		return;
	if (inet_pton(AF_INET, text, &b) == 1)
		put(r, i->type, &b, 4);
	else if (inet_pton(AF_INET6, text, &b) == 1)
		put(r, i->type6, &b, 16);
	else
		r->bad = true;
}

static void put_ips(struct request *r, int type, const char *text)
{
	struct nlattr *list = nest(r, type);
	char one[INET_ADDRSTRLEN];
	struct in_addr b;
	int n = 0;

	while (*text && !r->bad) {
		size_t len = strcspn(text, ",");

		if (len >= sizeof(one)) {
			r->bad = true;
			return;
		}
		memcpy(one, text, len);
		one[len] = '\0';
		text += len + (text[len] == ',');
		if (inet_pton(AF_INET, one, &b) == 1)
			put(r, n++, &b, sizeof(b));
		else
			r->bad = true;
	}
	/* An empty list stays: it takes away what was there. */
	if (!r->bad)
		nla_nest_end_keep_empty(r->msg, list);
}

static void put_mac(struct request *r, int type, const char *text)
{
	unsigned char b[32];
	size_t n = 0;
	char *end;

	while (*text && n < sizeof(b)) {
		unsigned long v = strtoul(text, &end, 16);

		if (end == text || v > 255 || (*end && *end != ':')) {
			r->bad = true;
			return;
		}
		b[n++] = (unsigned char)v;
		text = end + (*end == ':');
	}
	put(r, type, b, n);
}

/* The other end of a pair, whose header says nothing. */
static void put_peer(struct request *r, int type, const char *name)
{
	struct nlattr *a = nest(r, type);
	struct ifinfomsg m = {0};

	r->bad = r->bad || nlmsg_append(r->msg, &m, sizeof(m), NLMSG_ALIGNTO) < 0;
	put_text(r, IFLA_IFNAME, name);
	nest_end(r, a);
}

static void put_number(struct request *r, const struct pve_nl_attr_info *i, uint64_t n)
{
	uint8_t n8 = (uint8_t)n;
	uint16_t n16 = (uint16_t)n;

	if (i->form == PVE_NL_U8) {
		put(r, i->type, &n8, sizeof(n8));
	} else if (i->form == PVE_NL_U32) {
		put_u32(r, i->type, (uint32_t)n);
	} else {
		n16 = i->form == PVE_NL_BE16 ? htons(n16) : n16;
		put(r, i->type, &n16, sizeof(n16));
	}
}

static int put_value(struct pve_nl *nl, struct request *r, const struct pve_nl_value *v,
		     struct pve_err *e)
{
	const struct pve_nl_attr_info *i = &pve_nl_attrs[v->attr];
	int index = 0;

	switch (i->form) {
	case PVE_NL_FLAG:
		break;
	case PVE_NL_LINK:
		if (*v->s && !(index = find(nl, v->s, e)))
			return -1;
		put_u32(r, i->type, (uint32_t)index);
		break;
	case PVE_NL_MACS:
		put_mac(r, i->type, v->s);
		break;
	case PVE_NL_TEXT:
		put_text(r, i->type, v->s);
		break;
	case PVE_NL_IP:
		put_ip(r, i, v->s);
		break;
	case PVE_NL_IPS:
		put_ips(r, i->type, v->s);
		break;
	case PVE_NL_PEER:
		put_peer(r, i->type, v->s);
		break;
	default:
		put_number(r, i, v->n);
		break;
	}
	return 0;
}

/* --- links --------------------------------------------------------------------- */

static int put_place(struct pve_nl *nl, struct request *r, enum pve_nl_place place,
		     const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	for (size_t i = 0; i < n; i++)
		if (pve_nl_attrs[v[i].attr].place == place && put_value(nl, r, &v[i], e) < 0)
			return -1;
	return 0;
}

static bool has_place(enum pve_nl_place place, const struct pve_nl_value *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (pve_nl_attrs[v[i].attr].place == place)
			return true;
	return false;
}

/* IFLA_LINKINFO; kind may be NULL when no value is of a kind. */
static int put_info(struct pve_nl *nl, struct request *r, const char *kind,
		    const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	struct nlattr *info = nest(r, IFLA_LINKINFO), *data;
	int ret = 0;

	if (kind) {
		put_text(r, IFLA_INFO_KIND, kind);
		data = nest(r, IFLA_INFO_DATA);
		ret = put_place(nl, r, PVE_NL_AT_INFO, v, n, e);
		nest_end(r, data);
	}
	if (ret == 0 && has_place(PVE_NL_AT_PORT, v, n)) {
		put_text(r, IFLA_INFO_SLAVE_KIND, "bridge");
		data = nest(r, IFLA_INFO_SLAVE_DATA);
		ret = put_place(nl, r, PVE_NL_AT_PORT, v, n, e);
		nest_end(r, data);
	}
	nest_end(r, info);
	return ret;
}

static void put_up(struct ifinfomsg *m, const struct pve_nl_value *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].attr == PVE_NL_UP) {
			m->ifi_change = IFF_UP;
			m->ifi_flags = v[i].n ? IFF_UP : 0;
		}
}

static int send_link(struct pve_nl *nl, struct request *r, const char *name, const char *kind,
		       const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	int ret = put_place(nl, r, PVE_NL_AT_LINK, v, n, e);

	if (ret == 0 && (kind || has_place(PVE_NL_AT_PORT, v, n)))
		ret = put_info(nl, r, kind, v, n, e);
	if (ret < 0) {
		nlmsg_free(r->msg);
		return pve_err_prefix(e, "%s", name);
	}
	return finish(nl, r, name, e);
}

int pve_nl_link_create(struct pve_nl *nl, const char *name, const char *kind,
		    const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	struct ifinfomsg m = {0};
	struct request r;

	put_up(&m, v, n);
	r = start(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof(m));
	put_text(&r, IFLA_IFNAME, name);
	return send_link(nl, &r, name, kind, v, n, e);
}

int pve_nl_link_change(struct pve_nl *nl, const char *name, const char *kind,
		       const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	struct ifinfomsg m = {.ifi_index = find(nl, name, e)};
	struct request r;

	if (!m.ifi_index)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (pve_nl_attrs[v[i].attr].kind)
			kind = pve_nl_attrs[v[i].attr].kind;
	put_up(&m, v, n);
	r = start(RTM_NEWLINK, 0, &m, sizeof(m));
	return send_link(nl, &r, name, kind, v, n, e);
}

int pve_nl_link_delete(struct pve_nl *nl, const char *name, struct pve_err *e)
{
	struct ifinfomsg m = {.ifi_index = find(nl, name, e)};
	struct request r;

	if (!m.ifi_index)
		return -1;
	r = start(RTM_DELLINK, 0, &m, sizeof(m));
	return finish(nl, &r, name, e);
}

/* --- addresses and routes ------------------------------------------------------ */

static size_t bytes_of(int family)
{
	return family == AF_INET6 ? 16 : 4;
}

static struct request start_addr(int type, int flags, int index, const struct pve_nl_addr *a)
{
	struct ifaddrmsg m = {.ifa_family = (uint8_t)a->family,
			      .ifa_prefixlen = (uint8_t)a->prefix,
			      .ifa_scope = (uint8_t)a->scope,
			      .ifa_index = (uint32_t)index};
	struct request r = start(type, flags, &m, sizeof(m));

	put(&r, IFA_LOCAL, &a->bytes, bytes_of(a->family));
	put(&r, IFA_ADDRESS, &a->peer, bytes_of(a->family));
	return r;
}

int pve_nl_addr_add(struct pve_nl *nl, const char *name, const struct pve_nl_addr *a,
		    const struct pve_nl_addr_more *more, struct pve_err *e)
{
	struct ifa_cacheinfo life = {.ifa_prefered = a->preferred, .ifa_valid = UINT32_MAX};
	int index = find(nl, name, e);
	struct request r;

	if (!index)
		return -1;
	r = start_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, a);
	if (more && more->label)
		put_text(&r, IFA_LABEL, more->label);
	if (more && more->has_broadcast)
		put(&r, IFA_BROADCAST, &more->broadcast, sizeof(more->broadcast));
	if (a->preferred != UINT32_MAX)
		put(&r, IFA_CACHEINFO, &life, sizeof(life));
	return finish(nl, &r, name, e);
}

int pve_nl_addr_del(struct pve_nl *nl, const char *name, const struct pve_nl_addr *a,
		    struct pve_err *e)
{
	int index = find(nl, name, e);
	struct request r;

	if (!index)
		return -1;
	r = start_addr(RTM_DELADDR, 0, index, a);
	return finish(nl, &r, name, e);
}

static int change_route(struct pve_nl *nl, int type, int flags, const char *name,
			const struct pve_nl_route *r, bool onlink, struct pve_err *e)
{
	struct rtmsg m = {.rtm_family = (uint8_t)r->family,
			  .rtm_dst_len = (uint8_t)r->prefix,
			  .rtm_table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC,
			  .rtm_protocol = (uint8_t)r->protocol,
			  .rtm_scope = r->has_gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
			  .rtm_type = RTN_UNICAST,
			  .rtm_flags = onlink ? RTNH_F_ONLINK : 0};
	int index = find(nl, name, e);
	struct request q;

	if (!index)
		return -1;
	if (type == RTM_DELROUTE)
		m.rtm_scope = RT_SCOPE_NOWHERE;
	q = start(type, flags, &m, sizeof(m));
	put_u32(&q, RTA_TABLE, r->table);
	put_u32(&q, RTA_OIF, (uint32_t)index);
	if (r->prefix)
		put(&q, RTA_DST, &r->dst, bytes_of(r->family));
	if (r->has_gateway)
		put(&q, RTA_GATEWAY, &r->gateway, bytes_of(r->family));
	if (r->metric)
		put_u32(&q, RTA_PRIORITY, r->metric);
	return finish(nl, &q, name, e);
}

int pve_nl_route_replace(struct pve_nl *nl, const char *name, const struct pve_nl_route *r,
			 bool onlink, struct pve_err *e)
{
	return change_route(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, name, r, onlink, e);
}

int pve_nl_route_del(struct pve_nl *nl, const char *name, const struct pve_nl_route *r,
		     struct pve_err *e)
{
	return change_route(nl, RTM_DELROUTE, 0, name, r, false, e);
}

/* --- bridges and VXLANs -------------------------------------------------------- */

static int change_vlan(struct pve_nl *nl, int type, const char *name, bool self,
		       const struct pve_nl_vlan *v, struct pve_err *e)
{
	struct ifinfomsg m = {.ifi_family = AF_BRIDGE, .ifi_index = find(nl, name, e)};
	struct bridge_vlan_info info = {.flags = v->flags, .vid = v->from};
	uint16_t flags = self ? BRIDGE_FLAGS_SELF : BRIDGE_FLAGS_MASTER;
	struct nlattr *spec;
	struct request r;

	if (!m.ifi_index)
		return -1;
	r = start(type, 0, &m, sizeof(m));
	spec = nest(&r, IFLA_AF_SPEC);
	put(&r, IFLA_BRIDGE_FLAGS, &flags, sizeof(flags));
	if (v->to > v->from) {
		info.flags = v->flags | BRIDGE_VLAN_INFO_RANGE_BEGIN;
		put(&r, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
		info.flags = v->flags | BRIDGE_VLAN_INFO_RANGE_END;
		info.vid = v->to;
	}
	put(&r, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
	nest_end(&r, spec);
	return finish(nl, &r, name, e);
}

int pve_nl_vlan_add(struct pve_nl *nl, const char *name, bool self, const struct pve_nl_vlan *v,
		    struct pve_err *e)
{
	return change_vlan(nl, RTM_SETLINK, name, self, v, e);
}

int pve_nl_vlan_del(struct pve_nl *nl, const char *name, bool self, const struct pve_nl_vlan *v,
		    struct pve_err *e)
{
	return change_vlan(nl, RTM_DELLINK, name, self, v, e);
}

static int change_remote(struct pve_nl *nl, int type, int flags, const char *name,
			 const struct pve_nl_remote *r, struct pve_err *e)
{
	static const unsigned char zero[6];
	struct ndmsg m = {.ndm_family = AF_BRIDGE,
			  .ndm_state = NUD_NOARP | NUD_PERMANENT,
			  .ndm_flags = NTF_SELF,
			  .ndm_ifindex = find(nl, name, e)};
	struct request q;

	if (!m.ndm_ifindex)
		return -1;
	q = start(type, flags, &m, sizeof(m));
	put(&q, NDA_LLADDR, zero, sizeof(zero));
	put(&q, NDA_DST, &r->bytes, bytes_of(r->family));
	return finish(nl, &q, name, e);
}

int pve_nl_remote_add(struct pve_nl *nl, const char *name, const struct pve_nl_remote *r,
		      struct pve_err *e)
{
	return change_remote(nl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_APPEND, name, r, e);
}

int pve_nl_remote_del(struct pve_nl *nl, const char *name, const struct pve_nl_remote *r,
		      struct pve_err *e)
{
	return change_remote(nl, RTM_DELNEIGH, 0, name, r, e);
}
