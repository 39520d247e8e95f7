/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links. */
#include "pveio/nl_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- values -------------------------------------------------------------------- */

static void put_ip(struct pve_nl_request *r, const struct pve_nl_attr_info *i, const char *text)
{
	struct in6_addr b;

	if (!*text)
		return;
	if (inet_pton(AF_INET, text, &b) == 1)
		pve_nl_req_put(r, i->type, &b, 4);
	else if (inet_pton(AF_INET6, text, &b) == 1)
		pve_nl_req_put(r, i->type6, &b, 16);
	else
		r->bad = true;
}

static void put_ips(struct pve_nl_request *r, int type, const char *text)
{
	struct nlattr *list = pve_nl_req_nest(r, type);
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
			pve_nl_req_put(r, n++, &b, sizeof(b));
		else
			r->bad = true;
	}
	/* An empty list stays: it takes away what was there. */
	if (!r->bad)
		nla_nest_end_keep_empty(r->msg, list);
}

static void put_mac(struct pve_nl_request *r, int type, const char *text)
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
	pve_nl_req_put(r, type, b, n);
}

/* The other end of a pair, whose header says nothing. */
static void put_peer(struct pve_nl_request *r, int type, const char *name)
{
	struct nlattr *a = pve_nl_req_nest(r, type);
	struct ifinfomsg m = {0};

	r->bad = r->bad || nlmsg_append(r->msg, &m, sizeof(m), NLMSG_ALIGNTO) < 0;
	pve_nl_req_text(r, IFLA_IFNAME, name);
	pve_nl_req_nest_end(r, a);
}

static void put_number(struct pve_nl_request *r, const struct pve_nl_attr_info *i, uint64_t n)
{
	uint8_t n8 = (uint8_t)n;
	uint16_t n16 = (uint16_t)n;

	if (i->form == PVE_NL_U8) {
		pve_nl_req_put(r, i->type, &n8, sizeof(n8));
	} else if (i->form == PVE_NL_U32) {
		pve_nl_req_u32(r, i->type, (uint32_t)n);
	} else {
		n16 = i->form == PVE_NL_BE16 ? htons(n16) : n16;
		pve_nl_req_put(r, i->type, &n16, sizeof(n16));
	}
}

static int put_value(struct pve_nl *nl, struct pve_nl_request *r, const struct pve_nl_value *v,
		     struct pve_err *e)
{
	const struct pve_nl_attr_info *i = &pve_nl_attrs[v->attr];
	int index = 0;

	switch (i->form) {
	case PVE_NL_FLAG:
		break;
	case PVE_NL_LINK:
		if (*v->s && !(index = pve_nl_find(nl, v->s, e)))
			return -1;
		pve_nl_req_u32(r, i->type, (uint32_t)index);
		break;
	case PVE_NL_MACS:
		put_mac(r, i->type, v->s);
		break;
	case PVE_NL_TEXT:
		pve_nl_req_text(r, i->type, v->s);
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

static int put_place(struct pve_nl *nl, struct pve_nl_request *r, enum pve_nl_place place,
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
static int put_info(struct pve_nl *nl, struct pve_nl_request *r, const char *kind,
		    const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	struct nlattr *info = pve_nl_req_nest(r, IFLA_LINKINFO), *data;
	int ret = 0;

	if (kind) {
		pve_nl_req_text(r, IFLA_INFO_KIND, kind);
		data = pve_nl_req_nest(r, IFLA_INFO_DATA);
		ret = put_place(nl, r, PVE_NL_AT_INFO, v, n, e);
		pve_nl_req_nest_end(r, data);
	}
	if (ret == 0 && has_place(PVE_NL_AT_PORT, v, n)) {
		pve_nl_req_text(r, IFLA_INFO_SLAVE_KIND, "bridge");
		data = pve_nl_req_nest(r, IFLA_INFO_SLAVE_DATA);
		ret = put_place(nl, r, PVE_NL_AT_PORT, v, n, e);
		pve_nl_req_nest_end(r, data);
	}
	pve_nl_req_nest_end(r, info);
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

static int send_link(struct pve_nl *nl, struct pve_nl_request *r, const char *name,
		     const char *kind, const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	int ret = put_place(nl, r, PVE_NL_AT_LINK, v, n, e);

	if (ret == 0 && (kind || has_place(PVE_NL_AT_PORT, v, n)))
		ret = put_info(nl, r, kind, v, n, e);
	if (ret < 0) {
		nlmsg_free(r->msg);
		return pve_err_prefix(e, "%s", name);
	}
	return pve_nl_req_finish(nl, r, name, e);
}

int pve_nl_link_create(struct pve_nl *nl, const char *name, const char *kind,
		       const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	struct ifinfomsg m = {0};
	struct pve_nl_request r;

	put_up(&m, v, n);
	r = pve_nl_req_start(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof(m));
	pve_nl_req_text(&r, IFLA_IFNAME, name);
	return send_link(nl, &r, name, kind, v, n, e);
}

int pve_nl_link_change(struct pve_nl *nl, const char *name, const char *kind,
		       const struct pve_nl_value *v, size_t n, struct pve_err *e)
{
	struct ifinfomsg m = {.ifi_index = pve_nl_find(nl, name, e)};
	struct pve_nl_request r;

	if (!m.ifi_index)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (pve_nl_attrs[v[i].attr].kind)
			kind = pve_nl_attrs[v[i].attr].kind;
	put_up(&m, v, n);
	r = pve_nl_req_start(RTM_NEWLINK, 0, &m, sizeof(m));
	return send_link(nl, &r, name, kind, v, n, e);
}

int pve_nl_link_delete(struct pve_nl *nl, const char *name, struct pve_err *e)
{
	struct ifinfomsg m = {.ifi_index = pve_nl_find(nl, name, e)};
	struct pve_nl_request r;

	if (!m.ifi_index)
		return -1;
	r = pve_nl_req_start(RTM_DELLINK, 0, &m, sizeof(m));
	return pve_nl_req_finish(nl, &r, name, e);
}
