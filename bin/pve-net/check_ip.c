/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-net/check_ip.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>

#include "pvecommon/num.h"

static int literal(struct pve_span s, unsigned char b[16])
{
	char text[INET6_ADDRSTRLEN];
	int family = memchr(s.len ? s.p : "", ':', s.len) ? AF_INET6 : AF_INET;

	if (!s.len || s.len >= sizeof(text) || memchr(s.p, 0, s.len))
		return 0;
	memcpy(text, s.p, s.len);
	text[s.len] = 0;
	memset(b, 0, 16);
	if (inet_pton(family, text, b) != 1)
		return 0;
	return family == AF_INET6 ? 6 : 4;
}

static int ones_in_front(const unsigned char *b, int bytes)
{
	int n = 0;

	while (n < bytes * 8 && b[n / 8] & (0x80 >> n % 8))
		n++;
	for (int i = n; i < bytes * 8; i++)
		if (b[i / 8] & (0x80 >> i % 8))
			return -1;
	return n;
}

int check_ip_mask(struct pve_span s, int family)
{
	unsigned char b[16];
	uint64_t n;

	if (pve_num_span(s, family == 6 ? 128 : 32, &n) == 0)
		return (int)n;
	if (literal(s, b) != family)
		return -1;
	return ones_in_front(b, family == 6 ? 16 : 4);
}

enum check_ip_error check_ip_parse(struct pve_span s, struct check_ip *ip)
{
	const char *slash = s.len ? memchr(s.p, '/', s.len) : NULL;
	struct pve_span addr = {s.p, slash ? (size_t)(slash - s.p) : s.len};
	struct check_ip got = {.prefix = -1};

	if (addr.len && memchr(addr.p, '%', addr.len))
		return CHECK_IP_ZONE;
	got.family = literal(addr, got.b);
	if (!got.family)
		return CHECK_IP_LITERAL;
	if (slash) {
		struct pve_span rest = {slash + 1, s.len - addr.len - 1};

		got.prefix = check_ip_mask(rest, got.family);
		if (got.prefix < 0) {
			*ip = got;
			return CHECK_IP_PREFIX;
		}
	}
	*ip = got;
	return CHECK_IP_OK;
}

int check_ip_bits(const struct check_ip *ip)
{
	return ip->family == 6 ? 128 : 32;
}

bool check_ip_same(const struct check_ip *a, const struct check_ip *b)
{
	return a->family == b->family && memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

int check_ip_order(const struct check_ip *a, const struct check_ip *b)
{
	int c;

	if (a->family != b->family)
		return a->family - b->family;
	c = memcmp(a->b, b->b, sizeof(a->b));
	return c ? c : a->prefix - b->prefix;
}

struct check_ip check_ip_net(const struct check_ip *ip)
{
	struct check_ip net = *ip;

	for (int i = 0; i < 16; i++) {
		int bits = net.prefix - i * 8;

		if (bits <= 0)
			net.b[i] = 0;
		else if (bits < 8)
			net.b[i] &= (unsigned char)(0xff00 >> bits);
	}
	return net;
}

bool check_ip_in(const struct check_ip *net, const struct check_ip *a)
{
	struct check_ip x = *a, y = check_ip_net(net);

	x.prefix = net->prefix;
	x = check_ip_net(&x);
	return check_ip_same(&x, &y);
}

bool check_ip_is_any(const struct check_ip *ip)
{
	static const unsigned char zero[16];

	return memcmp(ip->b, zero, 16) == 0;
}

bool check_ip_is_multicast(const struct check_ip *ip)
{
	if (ip->family == 6)
		return ip->b[0] == 0xff;
	return ip->b[0] >> 4 == 0xe || memcmp(ip->b, "\xff\xff\xff\xff", 4) == 0;
}

bool check_ip_is_link_local(const struct check_ip *ip)
{
	if (ip->family == 6)
		return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
	return ip->b[0] == 169 && ip->b[1] == 254;
}

/* Do all bits behind the prefix have this value? */
static bool host_bits(const struct check_ip *ip, bool value)
{
	int bits = check_ip_bits(ip);

	if (ip->prefix < 0 || ip->prefix >= bits)
		return false;
	for (int i = ip->prefix; i < bits; i++)
		if (!!(ip->b[i / 8] & (0x80 >> i % 8)) != value)
			return false;
	return true;
}

bool check_ip_host_zero(const struct check_ip *ip)
{
	return host_bits(ip, false);
}

bool check_ip_host_ones(const struct check_ip *ip)
{
	return host_bits(ip, true);
}

char *check_ip_text(const struct check_ip *ip, char text[CHECK_IP_TEXT])
{
	char addr[INET6_ADDRSTRLEN] = "";

	inet_ntop(ip->family == 6 ? AF_INET6 : AF_INET, ip->b, addr, sizeof(addr));
	if (ip->prefix < 0)
		snprintf(text, CHECK_IP_TEXT, "%s", addr);
	else
		snprintf(text, CHECK_IP_TEXT, "%s/%d", addr, ip->prefix);
	return text;
}
