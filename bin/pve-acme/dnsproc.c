/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/dnsproc.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "pve-acme/msg.h"
#include "pve-acme/retry.h"
#include "pve-acme/tsig.h"
#include "pve-acme/zone.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pveio/base64.h"

#define TIMEOUT_MS 5000
#define LOOK_MS 3000  /* for what is good to know before an order, not more */
#define CHOICE_MS 1000 /* for a name server behind which there is another one */
#define ROUND_MS 2000 /* for the answers of all servers to one look */

static int job_follow(const struct acme_dns_server *resolver, char **args, size_t n,
		      struct pve_strv *out, struct pve_err *e)
{
	(void)n;
	return acme_zone_follow(resolver, args[0], out, e);
}

/* --- looking things up ---------------------------------------------------------------------- */

/* Why a question was not answered, or "". */
static const char *unknown(const struct acme_dns_ask *a)
{
	if (!a->answered)
		return a->err.msg;
	if (a->msg.rcode == PVE_DNS_NOERROR || a->msg.rcode == PVE_DNS_NXDOMAIN)
		return "";
	return pve_dns_rcode_name(a->msg.rcode);
}

static void add_addresses(const struct acme_dns_ask *a, struct pve_strv *found)
{
	for (size_t i = 0; i < a->msg.n; i++) {
		const struct pve_dns_rr *rr = &a->msg.v[i];
		struct acme_dns_server s;

		if (rr->section == PVE_DNS_ANSWER && rr->type == (unsigned)a->type &&
		    acme_dns_server_set(&s, rr->data, ACME_DNS_PORT) == 0)
			pve_strv_add(found, s.text);
	}
}

static int job_addresses(const struct acme_dns_server *resolver, char **args, size_t n,
			 struct pve_strv *out, struct pve_err *e)
{
	static const enum pve_dns_type types[2] = {PVE_DNS_A, PVE_DNS_AAAA};
	PVE_FREE struct acme_dns_ask *a = pve_calloc(2 * n, sizeof(*a));

	(void)e;
	for (size_t i = 0; i < 2 * n; i++)
		a[i] = (struct acme_dns_ask){
			.server = resolver, .name = args[i / 2], .type = types[i % 2], .recurse = true};
	acme_dns_ask_all(a, 2 * n, LOOK_MS);
	for (size_t i = 0; i < n; i++) {
		PVE_STRV found = {0};

		add_addresses(&a[2 * i], &found);
		add_addresses(&a[2 * i + 1], &found);
		pve_strv_add(out, *unknown(&a[2 * i]) ? unknown(&a[2 * i]) : unknown(&a[2 * i + 1]));
		pve_strv_addf(out, "%zu", found.n);
		for (size_t j = 0; j < found.n; j++)
			pve_strv_add(out, found.v[j]);
		acme_dns_ask_done(&a[2 * i]);
		acme_dns_ask_done(&a[2 * i + 1]);
	}
	return 0;
}

#define CAA_CRITICAL 0x80 /* RFC 8659, section 4.1 */

/* Adds the records of CAA in an answer: tag and value of each, and "1" when it is critical.  A resolver puts those of a CNAME's
 * target into the same answer. */
static void find_caa(const struct acme_dns_ask *a, struct pve_strv *found)
{
	for (size_t i = 0; i < a->msg.n; i++) {
		const struct pve_dns_rr *rr = &a->msg.v[i];
		const char *value;

		if (rr->section != PVE_DNS_ANSWER || rr->type != PVE_DNS_CAA || !rr->text ||
		    memchr(rr->text, '\0', rr->text_len))
			continue;
		value = strchr(rr->text, ' ');
		pve_strv_add_span(found, (struct pve_span){rr->text, value ? (size_t)(value - rr->text)
									  : rr->text_len});
		pve_strv_add(found, value ? value + 1 : "");
		pve_strv_add(found, (unsigned char)*rr->data.p & CAA_CRITICAL ? "1" : "");
	}
}

/* The answers of a name and of what is above it: the first records that there are count. */
static void add_caa(const struct acme_dns_ask *a, size_t n, struct pve_strv *out)
{
	PVE_STRV found = {0};
	const char *why = "";
	size_t i;

	for (i = 0; i < n && !found.n && !*why; i++) {
		/* That a server keeps silent about "org" says nothing. */
		if (strchr(a[i].name, '.'))
			why = unknown(&a[i]);
		find_caa(&a[i], &found);
	}
	pve_strv_add(out, why);
	pve_strv_add(out, found.n ? a[i - 1].name : "");
	pve_strv_addf(out, "%zu", found.n / ACME_CAA_WORDS);
	for (size_t k = 0; k < found.n; k++)
		pve_strv_add(out, found.v[k]);
}

/* All names, and all that are above them, are asked for at once. */
static int job_caa(const struct acme_dns_server *resolver, char **args, size_t n,
		   struct pve_strv *out, struct pve_err *e)
{
	struct acme_dns_ask *a = NULL;
	size_t total = 0, cap = 0, first = 0, next;

	(void)e;
	for (size_t i = 0; i < n; i++)
		for (const char *at = args[i]; at; at = strchr(at, '.'), at += at != NULL) {
			a = pve_grow(a, total, &cap, sizeof(*a));
			a[total++] = (struct acme_dns_ask){
				.server = resolver, .name = at, .type = PVE_DNS_CAA, .recurse = true};
		}
	acme_dns_ask_all(a, total, LOOK_MS);
	for (size_t i = 0; i < n; i++, first = next) {
		for (next = first; next < total && strchr(a[next].name, '.'); next++)
			;
		next += next < total;
		add_caa(a + first, next - first, out);
	}
	for (size_t i = 0; i < total; i++)
		acme_dns_ask_done(&a[i]);
	free(a);
	return 0;
}

/* --- updates ------------------------------------------------------------------------------ */

/* What an update is sent by: server, zone and key, as far as they are given. */
struct update {
	struct acme_dns_server server;
	char zone[PVE_DNS_NAME];
	struct acme_tsig key;
	struct pve_buf secret;
};

/* The server that is given, or the primary one of the zone, or the first that serves it. */
static int find_server(const struct acme_dns_server *resolver, char **args, struct update *u,
		       struct pve_err *e)
{
	struct acme_zone zone;

	if (*args[1] && acme_dns_server_parse(&u->server, args[1], e) < 0)
		return -1;
	snprintf(u->zone, sizeof(u->zone), "%s", args[2]);
	if (*args[1] && *args[2])
		return 0;
	if (acme_zone_find(*args[1] ? &u->server : resolver, args[3], &zone, e) < 0)
		return -1;
	if (!*args[2])
		snprintf(u->zone, sizeof(u->zone), "%s", zone.name);
	if (!*args[1]) {
		u->server = zone.v[0].at;
		for (size_t i = 0; i < zone.n; i++)
			if (strcasecmp(zone.v[i].ns, zone.primary) == 0) {
				u->server = zone.v[i].at;
				break;
			}
	}
	acme_zone_done(&zone);
	return 0;
}

static int send_update(const struct update *u, char **args, uint32_t ttl, struct pve_err *e)
{
	PVE_BUF message = {0};
	PVE_BUF mac = {0};
	PVE_BUF answer = {0};
	struct pve_dns_msg m = {0};
	uint16_t id = (uint16_t)arc4random();
	unsigned rcode;

	if (pve_dns_update(&message, id, u->zone, args[3], args[4], ttl, e) < 0 ||
	    (u->key.name && acme_tsig_sign(&u->key, &message, time(NULL), &mac, e) < 0) ||
	    acme_dns_exchange(&u->server, (struct pve_span){message.data, message.len}, TIMEOUT_MS,
			      &answer, e) < 0 ||
	    pve_dns_parse(&m, (struct pve_span){answer.data, answer.len}, e) < 0)
		return -1;
	rcode = m.rcode;
	pve_dns_done(&m);
	if (u->key.name && acme_tsig_verify(&u->key, (struct pve_span){answer.data, answer.len},
					    (struct pve_span){mac.data, mac.len}, time(NULL), e) < 0)
		return -1;
	if (rcode == PVE_DNS_NOERROR)
		return 0;
	return pve_err_set(e, rcode == PVE_DNS_REFUSED ? PVE_DENIED : PVE_FAILED,
			   "%s does not change %s in the zone %s: %s", u->server.text, args[3],
			   u->zone, pve_dns_rcode_name(rcode));
}

static int job_update(const struct acme_dns_server *resolver, char **args, size_t n,
		      struct pve_strv *out, struct pve_err *e)
{
	struct update u = {0};
	uint64_t ttl = 0;
	int rc;

	(void)n, (void)out;
	if (pve_num_u64(args[5], 1, 86400, &ttl, e) < 0 || find_server(resolver, args, &u, e) < 0)
		return -1;
	if (*args[6]) {
		if (!pve_base64_decode(pve_span(args[8]), &u.secret))
			return pve_err_set(e, PVE_USAGE, "the secret of the key %s is no base64",
					   args[6]);
		u.key = (struct acme_tsig){args[6], args[7], {u.secret.data, u.secret.len}};
	}
	rc = send_update(&u, args, *args[0] ? (uint32_t)ttl : 0, e);
	pve_buf_done(&u.secret);
	return rc;
}

/* --- waiting ------------------------------------------------------------------------------ */

static int find_zones(const struct acme_dns_server *resolver, char **args, size_t n,
		      struct acme_zone *zones, struct acme_zone_record *records, struct pve_err *e)
{
	for (size_t i = 0; i < n; i++) {
		if (acme_zone_find(resolver, args[2 * i], &zones[i], e) < 0)
			return -1;
		records[i] = (struct acme_zone_record){args[2 * i], args[2 * i + 1], &zones[i]};
	}
	return 0;
}

static int await(const struct acme_zone_record *records, size_t n, uint64_t seconds,
		 struct pve_err *e)
{
	time_t until = time(NULL) + (time_t)seconds;

	for (unsigned i = 0;; i++) {
		unsigned pause = acme_poll_pause(i);
		const struct timespec t = {pause / 1000, (long)(pause % 1000) * 1000000};
		PVE_BUF why = {0};

		if (acme_zone_has(records, n, ROUND_MS, &why))
			return 0;
		if (time(NULL) > until)
			return pve_err_set(e, PVE_AGAIN, "%s", pve_buf_str(&why));
		nanosleep(&t, NULL);
	}
}

static int job_await(const struct acme_dns_server *resolver, char **args, size_t n,
		     struct pve_strv *out, struct pve_err *e)
{
	size_t records = (n - 1) / 2;
	PVE_FREE struct acme_zone *zones = pve_calloc(records + 1, sizeof(*zones));
	PVE_FREE struct acme_zone_record *record = pve_calloc(records + 1, sizeof(*record));
	uint64_t seconds;
	int rc;

	(void)out;
	if (pve_num_u64(args[0], 0, INT32_MAX, &seconds, e) < 0)
		return -1;
	rc = find_zones(resolver, args + 1, records, zones, record, e);
	if (rc == 0)
		rc = await(record, records, seconds, e);
	for (size_t i = 0; i < records; i++)
		acme_zone_done(&zones[i]);
	return rc;
}

static const struct {
	const char *name;
	size_t min;
	int (*run)(const struct acme_dns_server *resolver, char **args, size_t n,
		   struct pve_strv *out, struct pve_err *e);
} jobs[] = {
	{"follow", 1, job_follow},
	{"addresses", 1, job_addresses},
	{"caa", 1, job_caa},
	{"update", 9, job_update},
	{"await", 3, job_await},
};

/* Has it an answer to what every resolver knows?  One whose own servers are not there says SERVFAIL. */
static bool answers(const struct acme_dns_server *server)
{
	struct acme_dns_ask a = {.server = server, .name = "", .type = PVE_DNS_NS, .recurse = true};
	bool good;

	acme_dns_ask_all(&a, 1, CHOICE_MS);
	good = a.answered && a.msg.rcode != PVE_DNS_SERVFAIL;
	acme_dns_ask_done(&a);
	return good;
}

/* The first of them that answers; the first when none does, so that what is asked next says why.  It stays the
 * choice of this process, since the others before it cost a time-out each. */
static int choose(struct acme_dns_server *resolver, const char *list, struct pve_err *e)
{
	static struct acme_dns_server chosen;
	PVE_STRV words = {0};

	if (!strchr(list, ','))
		return acme_dns_server_parse(resolver, list, e);
	pve_strv_split(&words, pve_span(list), ",");
	for (size_t i = 0; i < words.n; i++)
		if (chosen.len && strcmp(chosen.text, words.v[i]) == 0) {
			*resolver = chosen;
			return 0;
		}
	for (size_t i = 0; i < words.n && i < ACME_DNS_RESOLVERS; i++) {
		if (acme_dns_server_parse(resolver, words.v[i], e) < 0)
			return -1;
		if (answers(resolver)) {
			chosen = *resolver;
			return 0;
		}
	}
	return acme_dns_server_parse(resolver, words.n ? words.v[0] : list, e);
}

int acme_dns_job(const struct pve_strv *args, struct pve_strv *out, struct pve_err *e)
{
	struct acme_dns_server resolver;

	if (args->n < 2 || choose(&resolver, args->v[1], e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++)
		if (strcmp(jobs[i].name, args->v[0]) == 0 && args->n - 2 >= jobs[i].min)
			return jobs[i].run(&resolver, args->v + 2, args->n - 2, out, e);
	return pve_err_set(e, PVE_FAILED, "an unknown job: %s", args->v[0]);
}

int acme_dnsproc(void *unused, int fd, struct pve_err *e)
{
	(void)unused;
	for (;;) {
		ACME_MSG m = {0};
		ACME_MSG answer = {.word = ACME_MSG_OK};
		struct pve_err why = {0};

		if (acme_msg_recv(fd, &m, e) < 0)
			return 0; /* we are not needed any more */
		if (acme_dns_job(&m.args, &answer.args, &why) < 0)
			acme_msg_fill_error(&answer, &why, 0, 0);
		if (acme_msg_send(fd, &answer, e) < 0)
			return -1;
	}
}
