/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_CHECK_IP_H
#define PVE_NET_CHECK_IP_H

#include <stdbool.h>

#include "pvecommon/span.h"

/* An address with or without its prefix, as an option of interfaces(5) gives it. */
struct check_ip {
	unsigned char b[16]; /* network order; IPv4 in the first 4, the rest 0 */
	int family;          /* 4 or 6 */
	int prefix;          /* 0..32 or 0..128; -1: none was given */
};

enum check_ip_error {
	CHECK_IP_OK,
	CHECK_IP_LITERAL, /* not an address */
	CHECK_IP_ZONE,    /* fe80::1%eno1: no engine takes a zone */
	CHECK_IP_PREFIX,  /* the part behind the slash */
};

/* ADDRESS[/PREFIX]; behind an IPv4 address the prefix may be a dotted mask.  With
 * CHECK_IP_PREFIX the address itself is set and prefix is -1; with the others *ip is
 * untouched. */
enum check_ip_error check_ip_parse(struct pve_span s, struct check_ip *ip);
/* A netmask option as a prefix: digits, or a mask of that family whose ones are all in
 * front (255.255.255.0, ffff:ffff::).  -1 when it is neither. */
int check_ip_mask(struct pve_span s, int family);

/* Longest prefix of the family: 32 or 128. */
int check_ip_bits(const struct check_ip *ip);
bool check_ip_same(const struct check_ip *a, const struct check_ip *b);
/* By family, then address bytes, then shorter prefix first: a network stands directly
 * before all that it contains.  For qsort after masking with check_ip_net. */
int check_ip_order(const struct check_ip *a, const struct check_ip *b);
/* The network that ip is in: host bits cleared.  ip->prefix must be set. */
struct check_ip check_ip_net(const struct check_ip *ip);
/* Is a inside net (whose prefix must be set)? */
bool check_ip_in(const struct check_ip *net, const struct check_ip *a);

bool check_ip_is_any(const struct check_ip *ip);        /* 0.0.0.0, :: */
bool check_ip_is_multicast(const struct check_ip *ip);  /* 224/4, 255.255.255.255, ff00::/8 */
bool check_ip_is_link_local(const struct check_ip *ip); /* 169.254/16, fe80::/10 */
/* Are all bits behind the prefix 0 (network, subnet-router anycast), or 1 (broadcast)?
 * False when there are none. */
bool check_ip_host_zero(const struct check_ip *ip);
bool check_ip_host_ones(const struct check_ip *ip);

#define CHECK_IP_TEXT 64
/* "192.0.2.1/24", without the prefix when there is none. */
char *check_ip_text(const struct check_ip *ip, char text[CHECK_IP_TEXT]);

#endif
