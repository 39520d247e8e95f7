/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_NET_CHECK_IP_H
#define PVE_NET_CHECK_IP_H

#include "model.h"

/* What an address is.  family must be set; where a prefix matters and is -1 the answer is
 * no.  (RFC 1112, 3927, 4291.) */
bool check_ip_is_any(const struct net_addr *a);        /* 0.0.0.0, :: */
bool check_ip_is_multicast(const struct net_addr *a);  /* 224/4, 255.255.255.255, ff00::/8 */
bool check_ip_is_link_local(const struct net_addr *a); /* 169.254/16, fe80::/10 */
/* Nothing but itself: /32, /128. */
bool check_ip_is_single(const struct net_addr *a);
/* Are all bits behind the prefix 0 (network, subnet-router anycast) or 1 (broadcast)?  No
 * when there are none. */
bool check_ip_host_zero(const struct net_addr *a);
bool check_ip_host_ones(const struct net_addr *a);

bool check_ip_same(const struct net_addr *a, const struct net_addr *b);
/* By family, then by the bytes of the address. */
int check_ip_order(const struct net_addr *a, const struct net_addr *b);
/* The network that a is in: host bits cleared.  a->prefix must be set. */
struct in6_addr check_ip_net(const struct net_addr *a);

#endif
