/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "explain.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "pvecommon/num.h"

/* Names as systemd's udev-builtin-net_id.c makes them.  A reader advances *p over what it
 * understood and returns false, with *p where it was, when the text is something else. */

static const struct {
	const char *prefix, *type, *what;
} prefixes[] = {
	{"en", "ethernet", "Ethernet"}, {"ib", "infiniband", "InfiniBand"},
	{"sl", "slip", "serial line"},  {"wl", "wlan", "wireless LAN"},
	{"ww", "wwan", "wireless WAN"},
};

/* A letter and a number of at most nine digits. */
static bool letter(const char **p, char c, unsigned *v)
{
	uint64_t n;
	size_t len;

	if (**p != c)
		return false;
	len = strspn(*p + 1, "0123456789");
	if (!len || len > 9)
		return false;
	pve_num_span((struct pve_span){*p + 1, len}, UINT32_MAX, &n);
	*v = (unsigned)n;
	*p += 1 + len;
	return true;
}

/* What a driver calls a port: p0, p0s1 (split port), pf0vf1 and pf0sf1 (representors). */
static void port_name(struct explain *x, const char **p)
{
	const char *q = *p + 1;
	unsigned n, sub;

	if (letter(&q, 'p', &n)) {
		pve_buf_printf(&x->text, ", port %u", n);
		if (letter(&q, 's', &sub))
			pve_buf_printf(&x->text, ", part %u of it", sub);
		*p = q;
	} else if (q[0] == 'p' && (q++, letter(&q, 'f', &n))) {
		pve_buf_printf(&x->text, ", port of physical function %u", n);
		if ((q[0] == 'v' || q[0] == 's') && q[1] == 'f') {
			const char *kind = q[0] == 'v' ? "virtual function" : "subfunction";

			q++;
			if (letter(&q, 'f', &sub))
				pve_buf_printf(&x->text, ", representing its %s %u", kind, sub);
		}
		*p = q;
	} else {
		pve_buf_printf(&x->text, ", port \"%s\"", *p + 1);
		*p += strlen(*p);
	}
}

/* [n<phys_port_name>|d<dev_port>][r<slot>][v<slot>] */
static void suffix(struct explain *x, const char **p)
{
	unsigned n;

	if (**p == 'n' && isalnum((unsigned char)(*p)[1]))
		port_name(x, p);
	else if (letter(p, 'd', &n))
		pve_buf_printf(&x->text, ", device port %u", n);
	if (letter(p, 'r', &n))
		pve_buf_printf(&x->text, ", representor %u", n);
	if (letter(p, 'v', &n))
		pve_buf_printf(&x->text, ", virtual function %u", n);
}

/* u<port>...[c<config>][i<interface>]: the chain from the controller to the device. */
static bool usb(struct explain *x, const char **p)
{
	const char *sep = ", USB port ";
	unsigned n;

	if (**p != 'u')
		return false;
	while (letter(p, 'u', &n)) {
		pve_buf_printf(&x->text, "%s%u", sep, n);
		sep = ".";
	}
	if (letter(p, 'c', &n))
		pve_buf_printf(&x->text, ", configuration %u", n);
	if (letter(p, 'i', &n))
		pve_buf_printf(&x->text, ", interface %u", n);
	return true;
}

/* [P<domain>]p<bus>s<slot>[f<function>], or [P<domain>]s<slot>[f<function>] for a slot that
 * the firmware numbers; then a USB chain or a suffix. */
static bool pci(struct explain *x, const char **p)
{
	const char *q = *p;
	unsigned domain = 0, bus = 0, slot, function = 0;
	bool has_domain = letter(&q, 'P', &domain), has_bus = letter(&q, 'p', &bus);
	bool has_function;

	if (!letter(&q, 's', &slot))
		return false;
	has_function = letter(&q, 'f', &function);
	*p = q;
	pve_buf_puts(&x->text, has_bus ? " on " : " in ");
	if (has_domain)
		pve_buf_printf(&x->text, "PCI domain %u, ", domain);
	if (has_bus)
		pve_buf_printf(&x->text, "%sbus %u, slot %u", has_domain ? "" : "PCI ", bus, slot);
	else
		pve_buf_printf(&x->text, "hot-plug slot %u", slot);
	if (has_function)
		pve_buf_printf(&x->text, ", function %u", function);
	x->has_pci = has_bus && bus < 256 && slot < 32 && function < 8;
	x->domain = domain;
	x->bus = bus;
	x->slot = slot;
	x->function = function;
	if (!usb(x, p))
		suffix(x, p);
	return true;
}

static bool mac(struct explain *x, const char **p)
{
	const char *h = *p + 1;
	bool local;

	if (**p != 'x' || strspn(h, "0123456789abcdef") != 12)
		return false;
	snprintf(x->mac, sizeof(x->mac), "%.2s:%.2s:%.2s:%.2s:%.2s:%.2s", h, h + 2, h + 4, h + 6,
		 h + 8, h + 10);
	/* The second lowest bit of the first byte (IEEE 802, section 8.4). */
	local = strchr("2367abef", h[1]) != NULL;
	pve_buf_printf(&x->text, " with the MAC address %s%s", x->mac,
		       local ? ", which is not burnt in but locally assigned" : "");
	*p = h + 12;
	return true;
}

/* Buses other than PCI, each with one number. */
static bool other(struct explain *x, const char **p)
{
	static const struct {
		char c;
		const char *what;
	} forms[] = {
		{'o', " on board, number %u as the firmware counts"},
		{'d', " in the device tree, alias %u"},
		{'v', " of a POWER hypervisor, slot %u"},
		{'X', " of a Xen guest, number %u"},
		{'b', " on a BCMA bus, core %u"},
	};
	unsigned n, port;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		char number[16];
		const char *hole = strstr(forms[i].what, "%u");

		if (!letter(p, forms[i].c, &n))
			continue;
		snprintf(number, sizeof(number), "%u", n);
		pve_buf_add(&x->text, forms[i].what, (size_t)(hole - forms[i].what));
		pve_buf_puts(&x->text, number);
		pve_buf_puts(&x->text, hole + 2);
		if (forms[i].c == 'o')
			suffix(x, p);
		return true;
	}
	if (!letter(p, 'i', &n))
		return false;
	pve_buf_printf(&x->text, " simulated by netdevsim %u", n);
	if (**p == 'n' && (*p)[1] == 'p') {
		++*p;
		if (letter(p, 'p', &port))
			pve_buf_printf(&x->text, ", port %u", port);
	}
	return true;
}

/* c<bus_id> of s390, a<vendor><model>i<instance> of ACPI. */
static bool platform(struct explain *x, const char **p)
{
	const char *q = *p + 1;
	size_t n;
	unsigned instance;

	if (**p == 'c') {
		n = strspn(q, "0123456789abcdef.");
		if (!n || q[n])
			return false;
		pve_buf_printf(&x->text, " on the s390 channel %s", q);
		*p = q + n;
		return true;
	}
	if (**p != 'a')
		return false;
	n = 0;
	while (n < 8 && (isupper((unsigned char)q[n]) || isdigit((unsigned char)q[n]) ||
			 (q[n] >= 'a' && q[n] <= 'f')))
		n++;
	*p = q + n;
	if (n < 7 || !letter(p, 'i', &instance)) {
		*p = q - 1;
		return false;
	}
	pve_buf_printf(&x->text, " of the ACPI platform, device %.*s, instance %u", (int)n, q,
		       instance);
	return true;
}

bool explain_udev(struct explain *x, const char *name)
{
	struct explain try = {.guest = -1, .vlan = -1};
	size_t i;
	const char *p = name + 2;

	for (i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i].prefix, 2) == 0)
			break;
	if (i == sizeof(prefixes) / sizeof(*prefixes))
		return false;
	try.type = prefixes[i].type;
	pve_buf_printf(&try.text, "%s device", prefixes[i].what);
	if ((!pci(&try, &p) && !mac(&try, &p) && !platform(&try, &p) && !other(&try, &p)) || *p) {
		explain_done(&try);
		return false;
	}
	if (try.has_pci)
		pve_buf_printf(&try.text, " (lspci -s %04x:%02x:%02x.%u)", try.domain, try.bus,
			       try.slot, try.function);
	explain_done(x);
	*x = try;
	return true;
}
