/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/wake.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

#include "pvecommon/conf_colon.h"
#include "pvecommon/mem.h"
#include "pvecommon/propstr.h"

void pve_wake_packet(unsigned char packet[PVE_WAKE_SIZE], const unsigned char mac[6])
{
	memset(packet, 0xff, 6);
	for (int i = 1; i <= 16; i++)
		memcpy(packet + 6 * i, mac, 6);
}

bool pve_wake_is_mac(const char *text)
{
	size_t seps = 0;

	if (strchr(text, ':'))
		return true;
	for (const char *p = text; *p; p++) {
		if (*p == '-')
			seps++;
		else if (!isxdigit((unsigned char)*p))
			return false;
	}
	return seps == 5;
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

int pve_wake_mac_parse(const char *text, unsigned char mac[6], struct pve_err *e)
{
	static const unsigned char zero[6];
	unsigned char m[6] = {0};
	const char *p = text;
	char sep = strlen(text) == 17 ? text[2] : '\0';

	for (int i = 0; i < 6; i++) {
		if ((sep != ':' && sep != '-') || !isxdigit((unsigned char)p[0]) ||
		    !isxdigit((unsigned char)p[1]) || p[2] != (i < 5 ? sep : '\0'))
			return pve_err_set(e, PVE_USAGE,
					   "'%s' is not a MAC address such as 52:54:00:12:34:56",
					   text);
		m[i] = (unsigned char)(digit(p[0]) << 4 | digit(p[1]));
		p += 3;
	}
	if (m[0] & 1 || memcmp(m, zero, 6) == 0)
		return pve_err_set(e, PVE_USAGE, "'%s' is the MAC address of no single device",
				   text);
	memcpy(mac, m, 6);
	return 0;
}

char *pve_wake_mac_text(const unsigned char mac[6], char text[PVE_WAKE_MAC_TEXT])
{
	snprintf(text, PVE_WAKE_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	return text;
}

bool pve_wake_is_node(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return n && n < 64 && !name[n] && name[0] != '-';
}

bool pve_wake_is_ipv4(const char *text)
{
	struct in_addr a;

	return inet_pton(AF_INET, text, &a) == 1;
}

/* A value that fits, else an error. */
static void text_read(char to[16], struct pve_span value, const char *key, bool ipv4,
		      const char *file, unsigned line, struct pve_diags *d)
{
	char text[16] = "";

	if (value.len < sizeof(text))
		memcpy(text, value.p, value.len);
	if (!text[0] || (ipv4 && !pve_wake_is_ipv4(text)) || (!ipv4 && strpbrk(text, "/ \t")))
		pve_diags_add(d, PVE_ERROR, file, line, "wakeonlan: %s '%.*s' is not %s", key,
			      PVE_SPAN_ARG(value),
			      ipv4 ? "an IPv4 address" : "the name of an interface");
	else
		memcpy(to, text, sizeof(text));
}

static void property_read(struct pve_wake_node *n, const struct pve_propstr *p, const char *file,
			  unsigned line, struct pve_diags *d)
{
	const struct pve_prop *mac = pve_propstr_find(p, "mac"),
			      *interface = pve_propstr_find(p, "bind-interface"),
			      *broadcast = pve_propstr_find(p, "broadcast-address");

	if (interface)
		text_read(n->interface, interface->value, "bind-interface", false, file, line, d);
	if (broadcast)
		text_read(n->broadcast, broadcast->value, "broadcast-address", true, file, line, d);
	if (mac) {
		PVE_FREE char *text = pve_strndup(mac->value.p, mac->value.len);
		struct pve_err why = {0};

		n->has_mac = pve_wake_mac_parse(text, n->mac, &why) == 0;
		if (!n->has_mac)
			pve_diags_add(d, PVE_ERROR, file, line, "wakeonlan: %s", why.msg);
	} else {
		pve_diags_add(d, PVE_ERROR, file, line, "wakeonlan: without a MAC address");
	}
}

void pve_wake_node_parse(struct pve_wake_node *n, struct pve_span bytes, const char *file,
		     struct pve_diags *d)
{
	const struct pve_conf_colon_key *key;
	struct pve_conf_colon conf = {0};
	struct pve_propstr p = {0};

	*n = (struct pve_wake_node){0};
	pve_conf_colon_parse(&conf, bytes, file, NULL);
	key = pve_conf_colon_find(&conf, "wakeonlan");
	if (key) {
		unsigned line = (unsigned)key->line + 1;

		pve_propstr_parse(&p, key->value, "mac", file, line, d);
		property_read(n, &p, file, line, d);
		pve_propstr_done(&p);
	}
	pve_conf_colon_done(&conf);
}
