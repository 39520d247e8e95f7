/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/look.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <stdarg.h>
#include <string.h>

#include "pve-acme/caa.h"
#include "pve-acme/dnsapi.h"
#include "pve-acme/dnsproc.h"
#include "pve-acme/webroot.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"

static void warn(const struct acme_look *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(const struct acme_look *l, const char *fmt, ...)
{
	PVE_BUF line = {0};
	va_list ap;

	if (!l->warn)
		return;
	va_start(ap, fmt);
	pve_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	l->warn(l->warn_to, pve_buf_str(&line));
}

static bool is_ip(const struct acme_solve_name *n)
{
	return n->name.type == PVE_NAME_IP;
}

static bool by_dns(const struct acme_solve_name *n)
{
	return strcmp(n->challenge, "dns-01") == 0;
}

/* The list that was answered with, from the front. */
static const char *next(const struct pve_strv *answer, size_t *at)
{
	return *at < answer->n ? answer->v[(*at)++] : "";
}

static size_t next_count(const struct pve_strv *answer, size_t *at)
{
	uint64_t n = 0;

	pve_num_u64(next(answer, at), 0, answer->n, &n, NULL);
	return (size_t)n;
}

/* --- addresses ---------------------------------------------------------------------------- */

static bool same_address(const struct sockaddr *a, const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (a && a->sa_family == AF_INET && inet_pton(AF_INET, text, &v4) == 1)
		return memcmp(&((const struct sockaddr_in *)(const void *)a)->sin_addr, &v4, 4) == 0;
	return a && a->sa_family == AF_INET6 && inet_pton(AF_INET6, text, &v6) == 1 &&
	       memcmp(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, &v6, 16) == 0;
}

static bool is_ours(const struct ifaddrs *own, const char *text)
{
	if (strncmp(text, "127.", 4) == 0) /* all of the loopback's network */
		return true;
	for (; own; own = own->ifa_next)
		if (same_address(own->ifa_addr, text))
			return true;
	return false;
}

/* Judges the addresses of one name, which are at least one. */
static void judge_addresses(const struct acme_look *l, const struct ifaddrs *own, const char *name,
			    const struct pve_strv *addresses)
{
	PVE_FREE char *list = pve_strv_join(addresses, ", ");
	size_t ours = 0;

	for (size_t i = 0; i < addresses->n; i++)
		ours += is_ours(own, addresses->v[i]);
	if (!ours) {
		warn(l,
		     "%s leads to %s, which is no address of this host; right only if what is there passes "
		     "the CA on",
		     name, list);
		return;
	}
	for (size_t i = 0; i < addresses->n; i++)
		if (strchr(addresses->v[i], ':') && !is_ours(own, addresses->v[i]))
			warn(l,
			     "%s leads to %s, too, which is no address of this host, and CAs ask by IPv6 "
			     "first",
			     name, addresses->v[i]);
}

static int judge_name(const struct acme_look *l, const struct ifaddrs *own, const char *name,
		      const char *why, const struct pve_strv *addresses, struct pve_err *e)
{
	if (!addresses->n && !*why)
		return pve_err_set(e, PVE_NOTHERE,
				   "%s has no address in the DNS, so the CA cannot ask it (seen from %s; "
				   "--resolver asks another name server)",
				   name, l->solver->resolver_text);
	if (!addresses->n)
		warn(l, "%s: whether it leads to this host is not known: %s", name, why);
	else if (!l->forwarded)
		judge_addresses(l, own, name, addresses);
	return 0;
}

static int look_at_answers(const struct acme_look *l, const struct ifaddrs *own,
			   const struct pve_strv *names, const struct pve_strv *answer, struct pve_err *e)
{
	size_t at = 0;

	for (size_t i = 0; i < names->n; i++) {
		const char *why = next(answer, &at);
		size_t n = next_count(answer, &at);
		PVE_STRV addresses = {0};

		while (n--)
			pve_strv_add(&addresses, next(answer, &at));
		if (judge_name(l, own, names->v[i], why, &addresses, e) < 0)
			return -1;
	}
	return 0;
}

/* Has all names looked up at once. */
static int ask(const struct acme_look *l, const char *job, const struct pve_strv *names,
	       struct pve_strv *answer, struct pve_err *e)
{
	PVE_STRV args = {0};

	pve_strv_add(&args, job);
	pve_strv_add(&args, l->solver->resolver_text);
	for (size_t i = 0; i < names->n; i++)
		pve_strv_add(&args, names->v[i]);
	return l->ask(l->ask_data, &args, answer, e);
}

static int look_at_addresses(const struct acme_look *l, struct pve_err *e)
{
	struct ifaddrs *own = NULL;
	PVE_STRV names = {0};
	PVE_STRV answer = {0};
	int rc = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!by_dns(&l->names[i]) && !is_ip(&l->names[i]))
			pve_strv_add(&names, l->names[i].name.text);
	if (getifaddrs(&own) < 0)
		own = NULL;
	for (size_t i = 0; i < l->n && !l->forwarded; i++)
		if (is_ip(&l->names[i]) && !is_ours(own, l->names[i].name.text))
			warn(l, "%s is no address of this host; right only if what is there passes the CA on",
			     l->names[i].name.text);
	if (names.n && *l->solver->resolver_text)
		rc = ask(l, "addresses", &names, &answer, e);
	if (rc == 0 && answer.n)
		rc = look_at_answers(l, own, &names, &answer, e);
	freeifaddrs(own);
	return rc;
}

/* --- CAA ---------------------------------------------------------------------------------- */

static int judge_caa(const struct acme_look *l, const struct acme_solve_name *name, const char *why,
		     const char *where, const struct pve_strv *records, struct pve_err *e)
{
	const size_t n = records->n / ACME_CAA_WORDS;
	PVE_FREE struct acme_caa *v = pve_calloc(n + 1, sizeof(*v));
	const char *critical;
	const struct acme_caa_want want = {.ca = l->ca,
					   .account = l->account,
					   .challenge = name->challenge,
					   .wildcard = *name->name.text == '*'};
	PVE_BUF text = {0};

	if (*why)
		warn(l, "%s: whether CAA records forbid this CA is not known: %s", name->name.text, why);
	for (size_t i = 0; i < n; i++) {
		char **words = records->v + i * ACME_CAA_WORDS;

		v[i] = (struct acme_caa){words[0], words[1], *words[2]};
	}
	critical = acme_caa_critical(v, n);
	if (critical)
		warn(l, "%s: a CAA record of %s is critical, %s, and a CA that does not know it will not issue",
		     name->name.text, where, critical);
	if (acme_caa_allows(v, n, &want, &text))
		return 0;
	return pve_err_set(e, PVE_DENIED, "%s: the CAA records of %s forbid it: %s%s%s by %s", name->name.text,
			   where, pve_buf_str(&text), l->account ? ", the account " : "",
			   l->account ? l->account : "", name->challenge);
}

static int look_at_caa(const struct acme_look *l, struct pve_err *e)
{
	PVE_STRV names = {0};
	PVE_STRV answer = {0};
	size_t at = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!is_ip(&l->names[i]))
			pve_strv_add(&names, l->names[i].name.text + (*l->names[i].name.text == '*' ? 2 : 0));
	if (!names.n || !*l->ca || !*l->solver->resolver_text)
		return 0;
	if (ask(l, "caa", &names, &answer, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		PVE_STRV records = {0};
		const char *why, *where;
		size_t n;

		if (is_ip(&l->names[i]))
			continue;
		why = next(&answer, &at);
		where = next(&answer, &at);
		for (n = ACME_CAA_WORDS * next_count(&answer, &at); n; n--)
			pve_strv_add(&records, next(&answer, &at));
		if (judge_caa(l, &l->names[i], why, where, &records, e) < 0)
			return -1;
	}
	return 0;
}

/* --- plugins ------------------------------------------------------------------------------ */

/* The CA begins at the name itself; it must come to where the alias does. */
static int look_at_alias(const struct acme_look *l, const struct acme_solve_name *name, struct pve_err *e)
{
	const struct acme_solve_name plain = {.name = name->name};
	PVE_FREE char *ours = acme_solve_record_name(l->solver, name, e);
	PVE_FREE char *theirs = ours && name->alias ? acme_solve_record_name(l->solver, &plain, e) : NULL;
	const char *base = name->name.text + (*name->name.text == '*' ? 2 : 0);

	if (!ours || (name->alias && !theirs))
		return -1;
	if (!name->alias || strcasecmp(ours, theirs) == 0)
		return 0;
	return pve_err_set(e, PVE_CONFIG,
			   "%s: its alias is %s, but the CA would look for the record at %s; its zone needs: "
			   "_acme-challenge.%s. CNAME %s.",
			   name->name.text, name->alias, theirs, base, ours);
}

static int look_at_plugins(const struct acme_look *l, struct pve_err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct acme_solve_name *name = &l->names[i];
		int rc = 0;

		if (by_dns(name))
			rc = acme_solve_ready(l->solver, name->plugin, e);
		else if (name->plugin->api && strcmp(name->plugin->api, "webroot") == 0)
			rc = acme_webroot_ready(l->solver->sys, name->plugin, e);
		if (rc < 0)
			return pve_err_prefix(e, "plugin %s", name->plugin->id);
		if (by_dns(name) && look_at_alias(l, name, e) < 0)
			return -1;
	}
	return 0;
}

int acme_look(const struct acme_look *l, struct pve_err *e)
{
	if (look_at_plugins(l, e) < 0 || look_at_addresses(l, e) < 0)
		return -1;
	return look_at_caa(l, e);
}
