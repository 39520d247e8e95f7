/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "value.h"

#include <ctype.h>
#include <net/if.h>

#include "model.h"
#include "pvecommon/num.h"

enum net_value_kind net_value_kind_of(const struct net_key *key)
{
	switch (key->id) {
	case NET_K_BRIDGE_PORTS:
	case NET_K_BRIDGE_VIDS:
	case NET_K_BOND_SLAVES:
	case NET_K_BOND_ARP_IP_TARGET:
	case NET_K_OVS_PORTS:
	case NET_K_OVS_BONDS:
		return NET_V_WORDS;
	case NET_K_ADDRESS:
	case NET_K_VXLAN_REMOTEIP:
	case NET_K_PRE_UP:
	case NET_K_UP:
	case NET_K_DOWN:
	case NET_K_POST_DOWN:
		return NET_V_LINES;
	default:
		return NET_V_ONE;
	}
}

const char *net_name_refusal(const char *name)
{
	if (strlen(name) >= IFNAMSIZ)
		return "is longer than 15 characters";
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return "is no name";
	if (strchr(name, '/'))
		return "has a slash";
	if (strchr(name, '%'))
		return "has a percent sign";
	for (const char *p = name; *p; p++)
		if (isspace((unsigned char)*p) || iscntrl((unsigned char)*p))
			return "has a blank";
	return NULL;
}

/* --- kinds of values ------------------------------------------------------------ */

static bool is_name(struct pve_span w)
{
	char name[IFNAMSIZ];

	if (w.len >= sizeof(name))
		return false;
	memcpy(name, w.p, w.len);
	name[w.len] = '\0';
	return !net_name_refusal(name);
}

static bool are_names(struct pve_span list)
{
	struct pve_span w = pve_span_word(&list);
	bool ok = w.len;

	for (; w.len && ok; w = pve_span_word(&list))
		ok = is_name(w);
	return ok;
}

/* Behind "regex" and "glob" come patterns, which are no names. */
static bool are_ports(struct pve_span list)
{
	struct pve_span rest = list, w;

	while ((w = pve_span_word(&rest)).len)
		if (pve_span_eq(w, "regex") || pve_span_eq(w, "glob"))
			return true;
	return are_names(list);
}

static bool is_one_of(struct pve_span value, const char *words)
{
	struct pve_span rest = pve_span(words), w;

	while ((w = pve_span_word(&rest)).len)
		if (pve_span_same(w, value))
			return true;
	return false;
}

static bool is_number(struct pve_span value, uint64_t min, uint64_t max)
{
	uint64_t n;

	return pve_num_span(value, max, &n) == 0 && n >= min;
}

static bool is_literal(struct pve_span value)
{
	struct net_addr a = {0};

	return !memchr(value.p, '/', value.len) && net_addr_parse(value, &a);
}

static bool are_literals(struct pve_span value, int family)
{
	bool some = false;

	while (value.len) {
		struct pve_span piece = {value.p, 0};
		struct net_addr a = {0};

		while (piece.len < value.len && !strchr(" \t,", piece.p[piece.len]))
			piece.len++;
		value.p += piece.len + (piece.len < value.len);
		value.len -= piece.len + (piece.len < value.len);
		if (!piece.len)
			continue;
		if (memchr(piece.p, '/', piece.len) || !net_addr_parse(piece, &a) ||
		    (family && a.family != family))
			return false;
		some = true;
	}
	return some;
}

/* "aa:bb:cc:dd:ee:ff", perhaps behind the class "ether"; "random" (ifupdown). */
static bool is_mac(struct pve_span value)
{
	struct pve_span w = pve_span_word(&value);

	if (pve_span_eq(w, "ether"))
		w = pve_span_word(&value);
	if (pve_span_eq(w, "random"))
		return !value.len;
	if (w.len != 17 || value.len)
		return false;
	for (size_t i = 0; i < w.len; i++)
		if (i % 3 == 2 ? w.p[i] != ':' : !isxdigit((unsigned char)w.p[i]))
			return false;
	return strchr("02468aceACE", w.p[1]); /* not a group address */
}

static const char *address_refusal(struct pve_span value)
{
	struct net_addr a = {0};

	if (memchr(value.p, ' ', value.len))
		return "one address each; use address+= for another one";
	if (memchr(value.p, '%', value.len))
		return "an address here has no zone";
	if (!net_addr_parse(value, &a))
		return "no IP address";
	if (a.prefix < 0)
		return memchr(value.p, '/', value.len)
			       ? "the prefix is not from 0 to 32 (128 for IPv6)"
			       : "no prefix, as in 192.0.2.1/24: each engine would assume "
				 "another one";
	return NULL;
}

static const char *vids_refusal(struct pve_span value)
{
	struct net_vids v;
	bool overlap;

	if (net_vids_parse(value, &v, NULL, &overlap) < 0)
		return "VLAN ids are 1 to 4094, ranges as 2-4094, between blanks";
	return overlap ? "a VLAN id is given twice" : NULL;
}

#define YES_NO "yes no on off 1 0 true false"

static const char *bridge_refusal(enum net_key_id id, struct pve_span value)
{
	switch (id) {
	case NET_K_BRIDGE_PORTS:
		return are_ports(value) ? NULL : "names of interfaces, or none";
	case NET_K_BRIDGE_STP:
	case NET_K_BRIDGE_VLAN_AWARE:
		return is_one_of(value, YES_NO) ? NULL : "yes or no";
	case NET_K_BRIDGE_FD:
	case NET_K_BRIDGE_HELLO:
	case NET_K_BRIDGE_MAXAGE:
		return is_number(value, 0, 255) ? NULL : "seconds, 0 to 255";
	case NET_K_BRIDGE_VIDS:
		return vids_refusal(value);
	default: /* NET_K_BRIDGE_PVID, NET_K_BRIDGE_ACCESS */
		return is_number(value, 1, 4094) ? NULL : "a VLAN id, 1 to 4094";
	}
}

static const char *bond_refusal(enum net_key_id id, struct pve_span value)
{
	switch (id) {
	case NET_K_BOND_SLAVES:
		return are_names(value) ? NULL : "names of interfaces";
	case NET_K_BOND_MASTER:
	case NET_K_BOND_PRIMARY:
		return is_name(value) ? NULL : "the name of an interface";
	case NET_K_BOND_MODE:
		return is_one_of(value, "balance-rr active-backup balance-xor broadcast 802.3ad "
					"balance-tlb balance-alb 0 1 2 3 4 5 6")
			       ? NULL
			       : "one of balance-rr, active-backup, balance-xor, broadcast, "
				 "802.3ad, "
				 "balance-tlb, balance-alb";
	case NET_K_BOND_XMIT_HASH_POLICY:
		return is_one_of(value, "layer2 layer2+3 layer3+4 encap2+3 encap3+4 vlan+srcmac")
			       ? NULL
			       : "one of layer2, layer2+3, layer3+4, encap2+3, encap3+4, "
				 "vlan+srcmac";
	case NET_K_BOND_LACP_RATE:
		return is_one_of(value, "slow fast 0 1") ? NULL : "slow or fast";
	case NET_K_BOND_ARP_IP_TARGET:
		return are_literals(value, AF_INET) ? NULL : "IPv4 addresses without a prefix";
	default: /* miimon, delays, interval, min-links */
		return is_number(value, 0, 65535) ? NULL : "a number from 0 to 65535";
	}
}

static const char *other_refusal(enum net_key_id id, struct pve_span value)
{
	switch (id) {
	case NET_K_VLAN_RAW_DEVICE:
	case NET_K_VXLAN_PHYSDEV:
	case NET_K_OVS_BRIDGE:
	case NET_K_VRF:
		return is_name(value) ? NULL : "the name of an interface";
	case NET_K_VLAN_ID:
		return is_number(value, 1, 4094) ? NULL : "a VLAN id, 1 to 4094";
	case NET_K_VLAN_PROTOCOL:
		return is_one_of(value, "802.1q 802.1ad 802.1Q 802.1AD") ? NULL
									 : "802.1q or 802.1ad";
	case NET_K_VXLAN_ID:
		return is_number(value, 1, 16777215) ? NULL : "a VXLAN id, 1 to 16777215";
	case NET_K_VXLAN_LOCAL_TUNNELIP:
	case NET_K_VXLAN_SVCNODEIP:
		return is_literal(value) ? NULL : "an IP address without a prefix";
	case NET_K_VXLAN_REMOTEIP:
		return are_literals(value, 0) ? NULL : "IP addresses without a prefix";
	case NET_K_OVS_TYPE:
		return is_one_of(value, "OVSBridge OVSBond OVSPort OVSIntPort OVSTunnel")
			       ? NULL
			       : "one of OVSBridge, OVSBond, OVSPort, OVSIntPort, OVSTunnel";
	case NET_K_OVS_PORTS:
	case NET_K_OVS_BONDS:
		return are_names(value) ? NULL : "names of interfaces";
	case NET_K_LINK_TYPE:
		return is_one_of(value, "dummy veth") ? NULL : "dummy or veth";
	default:
		return NULL;
	}
}

static const char *ip_refusal(enum net_key_id id, struct pve_span value)
{
	switch (id) {
	case NET_K_ADDRESS:
		return address_refusal(value);
	case NET_K_NETMASK:
		return net_mask_bits(value, AF_INET) >= 0 || net_mask_bits(value, AF_INET6) >= 0
			       ? NULL
			       : "no netmask";
	case NET_K_BROADCAST:
		return is_literal(value) || is_one_of(value, "+ -") ? NULL : "no IP address";
	case NET_K_GATEWAY:
		return is_literal(value) ? NULL : "an IP address without a prefix";
	case NET_K_METRIC:
		return is_number(value, 0, UINT32_MAX) ? NULL : "a number";
	case NET_K_MTU:
		return is_number(value, 68, 65535) ? NULL : "bytes, 68 to 65535";
	default: /* NET_K_HWADDRESS */
		return is_mac(value) ? NULL : "a MAC address as 02:00:5e:00:53:01";
	}
}

const char *net_value_refusal(const struct net_key *key, struct pve_span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (iscntrl((unsigned char)value.p[i]))
			return "a control character, which could become a line of its own";
	if (value.len && value.p[value.len - 1] == '\\')
		return "a backslash at the end would continue the line";
	if (value.len && (value.p[0] == ' ' || value.p[value.len - 1] == ' '))
		return "a blank at an end, which no engine keeps";
	if (!value.len)
		return "no value";
	switch (key->id) {
	case NET_K_ADDRESS:
	case NET_K_NETMASK:
	case NET_K_BROADCAST:
	case NET_K_GATEWAY:
	case NET_K_METRIC:
	case NET_K_MTU:
	case NET_K_HWADDRESS:
		return ip_refusal(key->id, value);
	case NET_K_BRIDGE_PORTS:
	case NET_K_BRIDGE_STP:
	case NET_K_BRIDGE_FD:
	case NET_K_BRIDGE_HELLO:
	case NET_K_BRIDGE_MAXAGE:
	case NET_K_BRIDGE_VLAN_AWARE:
	case NET_K_BRIDGE_VIDS:
	case NET_K_BRIDGE_PVID:
	case NET_K_BRIDGE_ACCESS:
		return bridge_refusal(key->id, value);
	case NET_K_BOND_SLAVES:
	case NET_K_BOND_MASTER:
	case NET_K_BOND_MODE:
	case NET_K_BOND_MIIMON:
	case NET_K_BOND_UPDELAY:
	case NET_K_BOND_DOWNDELAY:
	case NET_K_BOND_XMIT_HASH_POLICY:
	case NET_K_BOND_PRIMARY:
	case NET_K_BOND_LACP_RATE:
	case NET_K_BOND_ARP_INTERVAL:
	case NET_K_BOND_ARP_IP_TARGET:
	case NET_K_BOND_MIN_LINKS:
		return bond_refusal(key->id, value);
	default:
		return other_refusal(key->id, value);
	}
}

bool net_name_matches(const char *name, const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '*')
			return true;
		if (*pattern != '#') {
			if (*name++ != *pattern)
				return false;
			continue;
		}
		if (!isdigit((unsigned char)*name))
			return false;
		while (isdigit((unsigned char)*name))
			name++;
	}
	return !*name;
}
