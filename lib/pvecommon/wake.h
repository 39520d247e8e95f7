/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_WAKE_H
#define PVECOMMON_WAKE_H

#include <stdbool.h>

#include "pvecommon/err.h"
#include "pvecommon/span.h"

/* Wake-on-LAN: the magic packet, and the property "wakeonlan" of a node's configuration. */
#define PVE_WAKE_SIZE 102 /* bytes: FF six times, then the MAC address sixteen times */
#define PVE_WAKE_PORT 9   /* "discard", as Proxmox VE and the guide have it */

void pve_wake_packet(unsigned char packet[PVE_WAKE_SIZE], const unsigned char mac[6]);

/* Does it look like a MAC address, right or wrong: six parts between ':' or '-'?  No name of a
 * node does. */
bool pve_wake_is_mac(const char *text);
/* 52:54:00:12:34:56 or 52-54-00-12-34-56, of one device: a group address (lowest bit of the
 * first byte) and all zeros are refused.  PVE_USAGE; mac is untouched then. */
int pve_wake_mac_parse(const char *text, unsigned char mac[6], struct pve_err *e);

#define PVE_WAKE_MAC_TEXT 18
char *pve_wake_mac_text(const unsigned char mac[6], char text[PVE_WAKE_MAC_TEXT]);

struct pve_wake_node {
	bool has_mac;
	unsigned char mac[6];
	char interface[16]; /* "bind-interface"; "" when there is none */
	char broadcast[16]; /* "broadcast-address", IPv4; likewise */
};

/* Reads "wakeonlan: [mac=]MAC[,bind-interface=IF][,broadcast-address=IPv4]" out of the bytes of
 * /etc/pve/nodes/NODE/config.  No such line leaves *n empty.  What is wrong with it is an error
 * in d at file:line (file is borrowed by d); the other lines are not looked at. */
void pve_wake_node_parse(struct pve_wake_node *n, struct pve_span bytes, const char *file,
		     struct pve_diags *d);

/* A node's name, as it may stand in a path: letters, digits and '-'. */
bool pve_wake_is_node(const char *name);
bool pve_wake_is_ipv4(const char *text);

#endif
