/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the checks know from other files, from their bytes. */
#include "check.h"

#include <ctype.h>

/* "ring0_addr" to "ring7_addr" (corosync.conf(5), nodelist). */
static bool is_ring(struct pve_span key)
{
	return key.len == strlen("ring0_addr") && pve_span_starts(key, "ring") &&
	       !memcmp(key.p + 5, "_addr", 5);
}

static void corosync_line(struct check_facts *facts, struct pve_span line)
{
	const char *colon = line.len ? memchr(line.p, ':', line.len) : NULL;
	struct net_addr a = {0};
	struct pve_span key = line, value;
	size_t n;

	if (!colon)
		return;
	key.len = (size_t)(colon - line.p);
	value.p = colon + 1;
	value.len = line.len - key.len - 1;
	if (!is_ring(pve_span_trim(key)) || !net_addr_parse(pve_span_trim(value), &a))
		return;
	n = a.family == AF_INET6 ? 16 : 4;
	key = (struct pve_span){pve_arena_memdup(&facts->mem, &a.bytes, n), n};
	pve_map_set(&facts->ring, key, (void *)key.p);
}

void check_facts_corosync(struct check_facts *facts, struct pve_span text)
{
	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		struct pve_span line = {text.p, end ? (size_t)(end - text.p) : text.len};

		corosync_line(facts, line);
		text.p += line.len + !!end;
		text.len -= line.len + !!end;
	}
}

/* "KEY": "yes", wherever it stands; ifupdown2 takes yes, on, true and 1 for true. */
void check_facts_policy(struct check_facts *facts, struct pve_span text)
{
	static const char key[] = "\"multiple_vlan_aware_bridge_support\"";
	const char *at = text.len ? memmem(text.p, text.len, key, strlen(key)) : NULL;
	struct pve_span rest, word = {NULL, 0};

	if (!at)
		return;
	rest.p = at + strlen(key);
	rest.len = text.len - (size_t)(rest.p - text.p);
	while (rest.len && strchr(" \t\r\n:\"", *rest.p) && *rest.p)
		rest.p++, rest.len--;
	word.p = rest.p;
	while (word.len < rest.len && isalnum((unsigned char)rest.p[word.len]))
		word.len++;
	facts->many_aware = pve_span_eq(word, "yes") || pve_span_eq(word, "on") ||
			    pve_span_eq(word, "true") || pve_span_eq(word, "1");
}

void check_facts_done(struct check_facts *facts)
{
	pve_map_done(&facts->ring);
	pve_map_done(&facts->absent);
	pve_arena_done(&facts->mem);
	ipv6_rules_done(&facts->ipv6);
	*facts = (struct check_facts){0};
}
