/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "explain.h"

#include <ctype.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/num.h"
#include "pvecommon/text.h"

#define VLAN_MAX 4094

/* A pattern is text with two kinds of holes: # is a number (at most nine digits), * at its
 * end is any rest that is not empty.  So is the sentence: # and * are what was matched, in
 * the same order.  The first that matches is taken. */
static const struct {
	const char *pattern, *type, *text;
	char guest; /* its first number is a VMID */
} forms[] = {
	{"lo", "loopback", "loopback device of the host itself"},
	{"eth#", "ethernet",
	 "Ethernet device # in the order in which the kernel found them; "
	 "another may get the name at the next boot"},
	{"wlan#", "wlan", "wireless LAN device # in the order in which the kernel found them"},
	{"nic#", "ethernet", "network device # with a name pinned by Proxmox VE"},
	{"wwan#", "wwan", "mobile broadband device # in the order in which the kernel found them"},
	{"if#", "ethernet", "network device # with a name pinned by the administrator"},
	{"vmbr#v#", "bridge", "bridge that Proxmox VE made for the guests in VLAN # below vmbr#"},
	{"vmbr#", "bridge", "bridge # of Proxmox VE"},
	{"bond#", "bond", "bond #"},
	{"tap#i#", "tap", "network device # of virtual machine #", 1},
	{"veth#i#", "veth", "host side of network device # of container #", 1},
	{"fwbr#i#", "bridge", "firewall bridge of network device # of guest #", 1},
	{"fwln#i#", "veth",
	 "link of the firewall bridge of network device # of guest # to the "
	 "bridge outside",
	 1},
	{"fwln#o#", "ovs",
	 "link of the firewall bridge of network device # of guest # to Open "
	 "vSwitch",
	 1},
	{"fwpr#p#", "veth",
	 "port of the bridge outside to the firewall of network device # of "
	 "guest #",
	 1},
	{"vxlan_*", "vxlan", "VXLAN of the SDN virtual network *"},
	{"ln_*", "veth", "link of the SDN virtual network * to its zone's bridge"},
	{"pr_*", "veth", "port to the SDN virtual network * at its zone's bridge"},
	{"vrf_*", "vrf", "routing table of the SDN zone *"},
	{"vrfbr_*", "bridge", "bridge of the SDN zone *"},
	{"vrfvx_*", "vxlan", "VXLAN of the SDN zone *"},
	{"dummy_*", "dummy", "loopback of the SDN fabric *"},
	{"dummy#", "dummy", "dummy device #: no cable, always up"},
	{"ovs-system", "ovs", "Open vSwitch's own device; not to be configured"},
	{"docker0", "bridge", "Docker's default bridge"},
	{"br-*", "bridge", "bridge *; Docker names its networks so"},
	{"virbr#", "bridge", "bridge # of libvirt"},
	{"vnet#", "tap", "guest's network device # of libvirt"},
	{"wg#", "wireguard", "WireGuard tunnel #"},
	{"tun#", "tun", "tunnel # of a program such as OpenVPN, without Ethernet"},
	{"tap#", "tap", "tunnel # of a program such as OpenVPN, with Ethernet"},
	{"ppp#", "ppp", "point-to-point link #"},
	{"sit#", "tunnel", "IPv6-in-IPv4 tunnel #"},
	{"gre#", "tunnel", "GRE tunnel #"},
	{"tailscale#", "wireguard", "Tailscale VPN #"},
	{"zt*", "tun", "ZeroTier network *"},
	{"cali*", "veth", "host side of a Kubernetes pod, made by Calico"},
	{"veth*", "veth", "one end of a virtual cable; container engines name theirs so"},
};

/* What was matched by the holes of a pattern. */
struct holes {
	struct pve_span v[2];
	size_t n;
};

static bool match(const char *pattern, const char *name, struct holes *h)
{
	h->n = 0;
	for (; *pattern; pattern++) {
		size_t len;

		if (*pattern == '#')
			len = strspn(name, "0123456789");
		else if (*pattern == '*')
			len = strlen(name);
		else if (*pattern == *name) {
			name++;
			continue;
		} else
			return false;
		if (!len || (*pattern == '#' && (len > 9 || (len > 1 && *name == '0'))))
			return false;
		h->v[h->n++] = (struct pve_span){name, len};
		name += len;
	}
	return !*name;
}

/* Where the name says first the guest or bridge and then the part, English says it the other
 * way round. */
static void fill(struct pve_buf *b, const char *text, const struct holes *h)
{
	size_t used = 0;

	for (; *text; text++)
		if (*text == '#' || *text == '*')
			pve_buf_span(b, h->v[h->n - 1 - used++]);
		else
			pve_buf_putc(b, *text);
}

static unsigned long number(struct pve_span s)
{
	uint64_t n = 0;

	pve_num_span(s, UINT32_MAX, &n);
	return (unsigned long)n;
}

static void vlan_range(struct explain *x)
{
	if (x->vlan < 1 || x->vlan > VLAN_MAX)
		pve_buf_printf(&x->text, "; VLAN ids go from 1 to %d", VLAN_MAX);
}

static bool known(struct explain *x, const char *name)
{
	struct holes h;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (!match(forms[i].pattern, name, &h))
			continue;
		x->type = forms[i].type;
		fill(&x->text, forms[i].text, &h);
		if (forms[i].guest)
			x->guest = (long)number(h.v[0]);
		if (strcmp(forms[i].pattern, "vmbr#v#") == 0) {
			x->vlan = (int)number(h.v[1]);
			x->parent = (size_t)(h.v[0].p + h.v[0].len - name);
			vlan_range(x);
		} else if (strcmp(forms[i].pattern, "vmbr#") == 0 && number(h.v[0]) > VLAN_MAX) {
			pve_buf_printf(&x->text, "; Proxmox VE counts them from 0 to %d", VLAN_MAX);
		}
		return true;
	}
	return false;
}

/* PARENT.ID, PARENT:LABEL and vlanID. */
static bool derived(struct explain *x, const char *name)
{
	const char *dot = strrchr(name, '.'), *colon = strchr(name, ':');
	struct explain lower = {0};
	char parent[IFNAMSIZ] = "";
	struct holes h;

	if (colon && colon > name && colon[1]) {
		x->type = "alias";
		x->parent = (size_t)(colon - name);
		pve_buf_printf(&x->text, "further address, labelled %s, of %.*s", colon + 1,
			       (int)x->parent, name);
		return true;
	}
	if (match("vlan#", name, &h)) {
		x->type = "vlan";
		x->vlan = (int)number(h.v[0]);
		pve_buf_printf(&x->text,
			       "VLAN %d; the name does not say of which interface, its "
			       "vlan-raw-device does",
			       x->vlan);
		vlan_range(x);
		return true;
	}
	if (!dot || dot == name || !match(".#", dot, &h))
		return false;
	x->type = "vlan";
	x->vlan = (int)number(h.v[0]);
	x->parent = (size_t)(dot - name);
	snprintf(parent, sizeof(parent), "%.*s", (int)x->parent, name);
	explain_name(&lower, parent);
	pve_buf_printf(&x->text, "VLAN %d on %s", x->vlan, parent);
	if (strcmp(lower.type, "unknown") != 0)
		pve_buf_printf(&x->text, ": %s", pve_buf_str(&lower.text));
	vlan_range(x);
	explain_done(&lower);
	return true;
}

/* What the kernel refuses (dev_valid_name), and what no configuration can hold. */
static const char *fault(const char *name)
{
	if (!*name)
		return "empty";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "the kernel does not allow this name";
	for (const char *p = name; *p; p++)
		if (isspace((unsigned char)*p) || iscntrl((unsigned char)*p) || *p == '/')
			return "names hold no blanks, slashes and control characters";
	return NULL;
}

void explain_name(struct explain *x, const char *name)
{
	const char *why = fault(name);

	x->guest = x->vlan = -1;
	if (why) {
		x->type = "invalid";
		pve_buf_puts(&x->text, why);
		return;
	}
	if (!explain_udev(x, name) && !known(x, name) &&
	    (strlen(name) >= IFNAMSIZ || !derived(x, name))) {
		x->type = "unknown";
		pve_buf_puts(&x->text, "a name that somebody chose; it says nothing by itself");
	}
	if (strlen(name) >= IFNAMSIZ && !strchr(name, ':'))
		pve_buf_printf(&x->text,
			       "; with %zu bytes it can only be an alternative name, for "
			       "interfaces' own names have at most %d",
			       strlen(name), IFNAMSIZ - 1);
}

void explain_done(struct explain *x)
{
	pve_buf_done(&x->text);
}
