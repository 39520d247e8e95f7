/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check_ip.h"

#include <string.h>

static int bits(const struct net_addr *a)
{
	return a->family == AF_INET6 ? 128 : 32;
}

bool check_ip_is_any(const struct net_addr *a)
{
	static const struct in6_addr any;

	return memcmp(&a->bytes, &any, (size_t)bits(a) / 8) == 0;
}

bool check_ip_is_multicast(const struct net_addr *a)
{
	const unsigned char *b = a->bytes.s6_addr;

	if (a->family == AF_INET6)
		return b[0] == 0xff;
	return b[0] >> 4 == 0xe || memcmp(b, "\xff\xff\xff\xff", 4) == 0;
}

bool check_ip_is_link_local(const struct net_addr *a)
{
	const unsigned char *b = a->bytes.s6_addr;

	if (a->family == AF_INET6)
		return b[0] == 0xfe && (b[1] & 0xc0) == 0x80;
	return b[0] == 169 && b[1] == 254;
}

bool check_ip_is_single(const struct net_addr *a)
{
	return a->prefix == bits(a);
}

/* Do all bits behind the prefix have this value? */
static bool host_bits(const struct net_addr *a, bool value)
{
	if (a->prefix < 0 || a->prefix >= bits(a))
		return false;
	for (int i = a->prefix; i < bits(a); i++)
		if (!!(a->bytes.s6_addr[i / 8] & 0x80 >> i % 8) != value)
			return false;
	return true;
}

bool check_ip_host_zero(const struct net_addr *a)
{
	return host_bits(a, false);
}

bool check_ip_host_ones(const struct net_addr *a)
{
	return host_bits(a, true);
}

bool check_ip_same(const struct net_addr *a, const struct net_addr *b)
{
	return check_ip_order(a, b) == 0;
}

int check_ip_order(const struct net_addr *a, const struct net_addr *b)
{
	if (a->family != b->family)
		return a->family - b->family;
	return memcmp(&a->bytes, &b->bytes, (size_t)bits(a) / 8);
}

struct in6_addr check_ip_net(const struct net_addr *a)
{
	struct in6_addr net = {0};

	for (int i = 0; i < bits(a) / 8; i++) {
		int n = a->prefix - i * 8;

		if (n >= 8)
			net.s6_addr[i] = a->bytes.s6_addr[i];
		else if (n > 0)
			net.s6_addr[i] = a->bytes.s6_addr[i] & (unsigned char)(0xff00 >> n);
	}
	return net;
}
