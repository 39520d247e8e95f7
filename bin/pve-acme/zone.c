/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/zone.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pvecommon/mem.h"

#define TIMEOUT_MS 4000
#define TRIES 3
#define PAUSE_MS 300L
#define CNAMES 10 /* more in a row no CA follows */

/* One question to the resolver; an answer NOERROR or NXDOMAIN is one.  SERVFAIL may be of this
 * moment, as when another server was slow, so it is asked again. */
static int ask(const struct acme_dns_server *resolver, const char *name, enum pve_dns_type type,
	       struct acme_dns_ask *a, struct pve_err *e)
{
	const struct timespec pause = {0, PAUSE_MS * 1000000};

	for (int i = 1;; i++) {
		*a = (struct acme_dns_ask){
			.server = resolver, .name = name, .type = type, .recurse = true};
		acme_dns_ask_all(a, 1, TIMEOUT_MS);
		if (!a->answered || a->msg.rcode != PVE_DNS_SERVFAIL || i == TRIES)
			break;
		acme_dns_ask_done(a);
		nanosleep(&pause, NULL);
	}
	if (a->answered &&
	    (a->msg.rcode == PVE_DNS_NOERROR || a->msg.rcode == PVE_DNS_NXDOMAIN))
		return 0;
	if (a->answered)
		pve_err_set(e, PVE_FAILED, "%s: the name server %s says %s", name, resolver->text,
			    pve_dns_rcode_name(a->msg.rcode));
	else
		pve_err_set(e, a->err.code ? a->err.code : PVE_AGAIN, "%s: %s", name, a->err.msg);
	acme_dns_ask_done(a);
	return -1;
}

static const struct pve_dns_rr *find_rr(const struct pve_dns_msg *m, const char *name,
					enum pve_dns_type type)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].type == type && (!name || strcasecmp(m->v[i].name, name) == 0))
			return &m->v[i];
	return NULL;
}

int acme_zone_follow(const struct acme_dns_server *resolver, const char *name,
		     struct pve_strv *chain, struct pve_err *e)
{
	pve_strv_add(chain, name);
	for (;;) {
		const char *last = chain->v[chain->n - 1];
		const struct pve_dns_rr *rr;
		struct acme_dns_ask a;
		char target[PVE_DNS_NAME];

		if (ask(resolver, last, PVE_DNS_CNAME, &a, e) < 0)
			return -1;
		rr = find_rr(&a.msg, last, PVE_DNS_CNAME);
		snprintf(target, sizeof(target), "%s", rr ? rr->target : "");
		acme_dns_ask_done(&a);
		if (!*target)
			return 0;
		if (pve_strv_has(chain, target) || chain->n > CNAMES) {
			PVE_FREE char *way = pve_strv_join(chain, " -> ");

			return pve_err_set(e, PVE_DATA, "the CNAME records go in a circle: %s -> %s",
					   way, target);
		}
		pve_strv_add(chain, target);
	}
}

/* --- zones -------------------------------------------------------------------------------- */

/* The SOA record comes with the answer, or, when the name has none, as the authority for that. */
static int find_soa(const struct acme_dns_server *resolver, const char *name, struct acme_zone *zone,
		    struct pve_err *e)
{
	for (const char *at = name; at && *at;) {
		const char *dot = strchr(at, '.');
		const struct pve_dns_rr *rr;
		struct acme_dns_ask a;

		if (ask(resolver, at, PVE_DNS_SOA, &a, e) < 0)
			return -1;
		rr = find_rr(&a.msg, NULL, PVE_DNS_SOA);
		if (rr) {
			snprintf(zone->name, sizeof(zone->name), "%s", rr->name);
			snprintf(zone->primary, sizeof(zone->primary), "%s", rr->target);
		}
		acme_dns_ask_done(&a);
		if (rr)
			return 0;
		at = dot ? dot + 1 : NULL;
	}
	return pve_err_set(e, PVE_NOTHERE, "%s: no zone is known that would hold it", name);
}

static void add_addresses(const struct pve_dns_msg *m, const char *ns, unsigned port,
			  struct acme_zone *zone)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct pve_dns_rr *rr = &m->v[i];
		struct acme_zone_server s;

		if ((rr->type != PVE_DNS_A && rr->type != PVE_DNS_AAAA) ||
		    strcasecmp(rr->name, ns) != 0 || acme_dns_server_set(&s.at, rr->data, port) < 0)
			continue;
		snprintf(s.ns, sizeof(s.ns), "%s", ns);
		zone->v = pve_grow(zone->v, zone->n, &zone->cap, sizeof(*zone->v));
		zone->v[zone->n++] = s;
	}
}

static unsigned port_of(const struct acme_dns_server *s)
{
	unsigned char port[2];

	/* At the same place in both families' addresses. */
	memcpy(port, (const char *)&s->addr + 2, 2);
	return (unsigned)port[0] << 8 | port[1];
}

static int add_servers(const struct acme_dns_server *resolver, struct acme_zone *zone,
		       struct pve_err *e)
{
	struct acme_dns_ask ns, address[2];
	unsigned port = port_of(resolver);

	if (ask(resolver, zone->name, PVE_DNS_NS, &ns, e) < 0)
		return -1;
	for (size_t i = 0; i < ns.msg.n; i++) {
		const char *name = ns.msg.v[i].target;

		if (ns.msg.v[i].type != PVE_DNS_NS)
			continue;
		for (size_t j = 0; j < 2; j++)
			address[j] = (struct acme_dns_ask){.server = resolver,
							   .name = name,
							   .type = j ? PVE_DNS_AAAA : PVE_DNS_A,
							   .recurse = true};
		acme_dns_ask_all(address, 2, TIMEOUT_MS);
		for (size_t j = 0; j < 2; j++) {
			add_addresses(&address[j].msg, name, port, zone);
			acme_dns_ask_done(&address[j]);
		}
	}
	acme_dns_ask_done(&ns);
	if (zone->n)
		return 0;
	return pve_err_set(e, PVE_NOTHERE, "the zone %s has no name server with an address",
			   zone->name);
}

int acme_zone_find(const struct acme_dns_server *resolver, const char *name, struct acme_zone *zone,
		   struct pve_err *e)
{
	*zone = (struct acme_zone){0};
	if (find_soa(resolver, name, zone, e) == 0 && add_servers(resolver, zone, e) == 0)
		return 0;
	acme_zone_done(zone);
	return -1;
}

void acme_zone_done(struct acme_zone *zone)
{
	free(zone->v);
	*zone = (struct acme_zone){0};
}

/* --- are they there? ---------------------------------------------------------------------- */

static bool has_text(const struct pve_dns_msg *m, const struct acme_zone_record *r)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].section == PVE_DNS_ANSWER && m->v[i].type == PVE_DNS_TXT &&
		    strcasecmp(m->v[i].name, r->name) == 0 && m->v[i].text_len == strlen(r->text) &&
		    memcmp(m->v[i].text, r->text, m->v[i].text_len) == 0)
			return true;
	return false;
}

/* Judges the answers of one zone's servers about one record. */
static bool judge(const struct acme_zone_record *r, struct acme_dns_ask *asks, struct pve_buf *why)
{
	bool good = true;

	for (size_t i = 0; i < r->zone->n; i++) {
		const struct acme_zone_server *s = &r->zone->v[i];
		bool heard = asks[i].answered;

		if (heard && !has_text(&asks[i].msg, r)) {
			pve_buf_printf(why, "%s%s (%s) does not have %s yet", why->len ? "; " : "",
				       s->ns, s->at.text, r->name);
			good = false;
		}
		/* Of several addresses of one server one is enough: this host may have only IPv4. */
		for (size_t j = 0; j < r->zone->n && !heard; j++)
			heard = asks[j].answered && strcmp(r->zone->v[j].ns, s->ns) == 0;
		if (!heard) {
			pve_buf_printf(why, "%s%s: %s", why->len ? "; " : "", s->ns, asks[i].err.msg);
			good = false;
		}
	}
	return good;
}

int acme_zone_has(const struct acme_zone_record *records, size_t n, unsigned timeout_ms,
		  struct pve_buf *why)
{
	struct acme_dns_ask *asks;
	size_t total = 0, at = 0;
	bool good = true;

	for (size_t i = 0; i < n; i++)
		total += records[i].zone->n;
	asks = pve_calloc(total + 1, sizeof(*asks));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < records[i].zone->n; j++)
			asks[at++] = (struct acme_dns_ask){.server = &records[i].zone->v[j].at,
							   .name = records[i].name,
							   .type = PVE_DNS_TXT};
	acme_dns_ask_all(asks, total, timeout_ms);
	at = 0;
	for (size_t i = 0; i < n; i++) {
		good = judge(&records[i], asks + at, why) && good;
		at += records[i].zone->n;
	}
	for (size_t i = 0; i < total; i++)
		acme_dns_ask_done(&asks[i]);
	free(asks);
	return good;
}
