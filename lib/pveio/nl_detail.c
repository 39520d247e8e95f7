/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only a planner wants to know: attributes of kinds and ports, VLAN tables, remotes. */
#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <string.h>

#include "pveio/nl_impl.h"

/* More than any kind has. */
#define VALUES_MAX 64

/* --- values -------------------------------------------------------------------- */

static const char *ip_text(struct pve_nl_snapshot *s, const struct nlattr *a)
{
	char text[INET6_ADDRSTRLEN];
	int family = nla_len(a) == 16 ? AF_INET6 : AF_INET;
	static const unsigned char none[16];

	if ((nla_len(a) != 4 && nla_len(a) != 16) ||
	    memcmp(nla_data(a), none, (size_t)nla_len(a)) == 0)
		return "";
	return pve_arena_strdup(&s->mem, inet_ntop(family, nla_data(a), text, sizeof(text)));
}

static const char *ips_text(struct pve_nl_snapshot *s, const struct nlattr *list)
{
	const char *all = "";
	struct nlattr *a;
	int rest;

	nla_for_each_nested(a, list, rest)
	{
		const char *one = ip_text(s, a);

		if (*one)
			all = pve_arena_printf(&s->mem, "%s%s%s", all, *all ? "," : "", one);
	}
	return all;
}

static uint64_t number(const struct nlattr *a)
{
	switch (nla_len(a)) {
	case 1:
		return nla_get_u8(a);
	case 2:
		return nla_get_u16(a);
	case 4:
		return nla_get_u32(a);
	default:
		return 0;
	}
}

/* Of a link the index; the name comes when all links are known. */
static struct pve_nl_value read_value(struct pve_nl_snapshot *s, enum pve_nl_attr attr,
				      const struct nlattr *a)
{
	struct pve_nl_value v = {.attr = attr};

	switch (pve_nl_attrs[attr].form) {
	case PVE_NL_MACS:
		v.s = pve_nl_mac_text(s, a);
		break;
	case PVE_NL_TEXT:
		v.s = pve_nl_string(s, a);
		break;
	case PVE_NL_IP:
		v.s = ip_text(s, a);
		break;
	case PVE_NL_IPS:
		v.s = ips_text(s, a);
		break;
	case PVE_NL_BE16:
		v.n = nla_len(a) == 2 ? ntohs(nla_get_u16(a)) : 0;
		break;
	default:
		v.n = number(a);
		break;
	}
	return v;
}

struct values {
	struct pve_nl_value v[VALUES_MAX];
	unsigned n;
};

static void read_nested(struct pve_nl_snapshot *s, const char *kind, const struct nlattr *list,
			struct values *all)
{
	struct nlattr *a;
	int rest;

	nla_for_each_nested(a, list, rest)
	{
		enum pve_nl_attr attr = pve_nl_attr_of_type(kind, nla_type(a));

		if (attr < PVE_NL_NATTRS && all->n < VALUES_MAX)
			all->v[all->n++] = read_value(s, attr, a);
	}
}

void pve_nl_read_details(struct pve_nl_snapshot *s, struct pve_nl_link *l, struct nlattr **tb)
{
	struct nlattr *info[IFLA_INFO_MAX + 1];
	struct values all = {.n = 0};

	if (tb[IFLA_IFALIAS])
		l->alias = pve_nl_string(s, tb[IFLA_IFALIAS]);
	if (!tb[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) < 0)
		return;
	if (info[IFLA_INFO_DATA] && *l->kind)
		read_nested(s, l->kind, info[IFLA_INFO_DATA], &all);
	if (info[IFLA_INFO_SLAVE_KIND] && info[IFLA_INFO_SLAVE_DATA] &&
	    nla_strcmp(info[IFLA_INFO_SLAVE_KIND], "bridge") == 0) {
		l->port = true;
		read_nested(s, NULL, info[IFLA_INFO_SLAVE_DATA], &all);
	}
	l->nvalues = all.n;
	if (all.n)
		l->value = pve_arena_copy(&s->mem, all.v, all.n * sizeof(*all.v));
}

void pve_nl_name_values(struct pve_nl_snapshot *s)
{
	for (size_t i = 0; i < s->nlinks; i++)
		for (unsigned k = 0; k < s->link[i].nvalues; k++) {
			struct pve_nl_value *v = (struct pve_nl_value *)&s->link[i].value[k];
			const struct pve_nl_link *l;

			if (pve_nl_attrs[v->attr].form != PVE_NL_LINK)
				continue;
			l = v->n ? pve_nl_link_by_index(s, (int)v->n) : NULL;
			v->s = l ? l->name : "";
			v->n = 0;
		}
}

/* --- VLAN tables --------------------------------------------------------------- */

static void add_vlan(struct pve_nl_snapshot *s, int index, uint16_t from, uint16_t to,
		     uint16_t flags)
{
	s->vlan = pve_grow(s->vlan, s->nvlans, &s->vlans_cap, sizeof(*s->vlan));
	s->vlan[s->nvlans++] =
		(struct pve_nl_vlan){.index = index,
				     .from = from,
				     .to = to,
				     .flags = flags & (BRIDGE_VLAN_INFO_PVID |
						       BRIDGE_VLAN_INFO_UNTAGGED)};
}

int pve_nl_read_vlans(struct nlmsghdr *h, struct pve_nl_snapshot *s)
{
	struct ifinfomsg *info = nlmsg_data(h);
	struct nlattr *tb[IFLA_MAX + 1], *a;
	uint16_t from = 0;
	int rest;

	if (nlmsg_parse(h, sizeof(*info), tb, IFLA_MAX, NULL) < 0 || !tb[IFLA_AF_SPEC])
		return NL_SKIP;
	nla_for_each_nested(a, tb[IFLA_AF_SPEC], rest)
	{
		struct bridge_vlan_info *v = nla_data(a);

		if (nla_type(a) != IFLA_BRIDGE_VLAN_INFO || nla_len(a) < (int)sizeof(*v))
			continue;
		if (v->flags & BRIDGE_VLAN_INFO_RANGE_BEGIN) {
			from = v->vid;
			continue;
		}
		if (!(v->flags & BRIDGE_VLAN_INFO_RANGE_END))
			from = v->vid;
		add_vlan(s, info->ifi_index, from, v->vid, v->flags);
	}
	return NL_OK;
}

/* --- remotes of VXLANs --------------------------------------------------------- */

int pve_nl_read_remote(struct nlmsghdr *h, struct pve_nl_snapshot *s)
{
	static const unsigned char zero[6];
	struct ndmsg *m = nlmsg_data(h);
	struct nlattr *tb[NDA_MAX + 1];
	struct pve_nl_remote r = {.index = m->ndm_ifindex};

	if (!(m->ndm_flags & NTF_SELF) || nlmsg_parse(h, sizeof(*m), tb, NDA_MAX, NULL) < 0 ||
	    !tb[NDA_LLADDR] || nla_len(tb[NDA_LLADDR]) != 6 || !tb[NDA_DST] ||
	    memcmp(nla_data(tb[NDA_LLADDR]), zero, 6) != 0)
		return NL_SKIP;
	r.family = nla_len(tb[NDA_DST]) == 16 ? AF_INET6 : AF_INET;
	if (!pve_nl_read_bytes(tb[NDA_DST], r.family, &r.bytes))
		return NL_SKIP;
	s->remote = pve_grow(s->remote, s->nremotes, &s->remotes_cap, sizeof(*s->remote));
	s->remote[s->nremotes++] = r;
	return NL_OK;
}
