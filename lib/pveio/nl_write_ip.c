/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What links have: addresses, routes, VLANs of ports, remotes of VXLANs. */
#include "pveio/nl_request.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

/* --- addresses and routes ------------------------------------------------------ */

static struct pve_nl_request start_addr(int type, int flags, int index, const struct pve_nl_addr *a)
{
	struct ifaddrmsg m = {.ifa_family = (uint8_t)a->family,
			      .ifa_prefixlen = (uint8_t)a->prefix,
			      .ifa_scope = (uint8_t)a->scope,
			      .ifa_index = (uint32_t)index};
	struct pve_nl_request r = pve_nl_req_start(type, flags, &m, sizeof(m));

	pve_nl_req_put(&r, IFA_LOCAL, &a->bytes, pve_nl_addr_len(a->family));
	pve_nl_req_put(&r, IFA_ADDRESS, &a->peer, pve_nl_addr_len(a->family));
	return r;
}

int pve_nl_addr_add(struct pve_nl *nl, const char *name, const struct pve_nl_addr *a,
		    const struct pve_nl_addr_more *more, struct pve_err *e)
{
	struct ifa_cacheinfo life = {.ifa_prefered = a->preferred, .ifa_valid = UINT32_MAX};
	int index = pve_nl_find(nl, name, e);
	struct pve_nl_request r;

	if (!index)
		return -1;
	r = start_addr(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, a);
	if (more && more->label)
		pve_nl_req_text(&r, IFA_LABEL, more->label);
	if (more && more->has_broadcast)
		pve_nl_req_put(&r, IFA_BROADCAST, &more->broadcast, sizeof(more->broadcast));
	if (a->preferred != UINT32_MAX)
		pve_nl_req_put(&r, IFA_CACHEINFO, &life, sizeof(life));
	return pve_nl_req_finish(nl, &r, name, e);
}

int pve_nl_addr_del(struct pve_nl *nl, const char *name, const struct pve_nl_addr *a,
		    struct pve_err *e)
{
	int index = pve_nl_find(nl, name, e);
	struct pve_nl_request r;

	if (!index)
		return -1;
	r = start_addr(RTM_DELADDR, 0, index, a);
	return pve_nl_req_finish(nl, &r, name, e);
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
	int index = pve_nl_find(nl, name, e);
	struct pve_nl_request q;

	if (!index)
		return -1;
	if (type == RTM_DELROUTE)
		m.rtm_scope = RT_SCOPE_NOWHERE;
	q = pve_nl_req_start(type, flags, &m, sizeof(m));
	pve_nl_req_u32(&q, RTA_TABLE, r->table);
	pve_nl_req_u32(&q, RTA_OIF, (uint32_t)index);
	if (r->prefix)
		pve_nl_req_put(&q, RTA_DST, &r->dst, pve_nl_addr_len(r->family));
	if (r->has_gateway)
		pve_nl_req_put(&q, RTA_GATEWAY, &r->gateway, pve_nl_addr_len(r->family));
	if (r->metric)
		pve_nl_req_u32(&q, RTA_PRIORITY, r->metric);
	return pve_nl_req_finish(nl, &q, name, e);
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
	struct ifinfomsg m = {.ifi_family = AF_BRIDGE, .ifi_index = pve_nl_find(nl, name, e)};
	struct bridge_vlan_info info = {.flags = v->flags, .vid = v->from};
	uint16_t flags = self ? BRIDGE_FLAGS_SELF : BRIDGE_FLAGS_MASTER;
	struct nlattr *spec;
	struct pve_nl_request r;

	if (!m.ifi_index)
		return -1;
	r = pve_nl_req_start(type, 0, &m, sizeof(m));
	spec = pve_nl_req_nest(&r, IFLA_AF_SPEC);
	pve_nl_req_put(&r, IFLA_BRIDGE_FLAGS, &flags, sizeof(flags));
	if (v->to > v->from) {
		info.flags = v->flags | BRIDGE_VLAN_INFO_RANGE_BEGIN;
		pve_nl_req_put(&r, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
		info.flags = v->flags | BRIDGE_VLAN_INFO_RANGE_END;
		info.vid = v->to;
	}
	pve_nl_req_put(&r, IFLA_BRIDGE_VLAN_INFO, &info, sizeof(info));
	pve_nl_req_nest_end(&r, spec);
	return pve_nl_req_finish(nl, &r, name, e);
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
			  .ndm_ifindex = pve_nl_find(nl, name, e)};
	struct pve_nl_request q;

	if (!m.ndm_ifindex)
		return -1;
	q = pve_nl_req_start(type, flags, &m, sizeof(m));
	pve_nl_req_put(&q, NDA_LLADDR, zero, sizeof(zero));
	pve_nl_req_put(&q, NDA_DST, &r->bytes, pve_nl_addr_len(r->family));
	return pve_nl_req_finish(nl, &q, name, e);
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
