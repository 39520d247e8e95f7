/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/renewal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pve-acme/retry.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pveio/base64.h"

#define DAY 86400
#define SHORT_LIFE (10 * DAY)
#define ASK_MIN 60
#define ASK_DEFAULT (6 * 3600) /* RFC 9773, section 4.3.3, for answers without Retry-After */

/* --- the file ----------------------------------------------------------------------------- */

static time_t time_of(struct pve_span text)
{
	uint64_t n;

	return pve_num_span(text, (uint64_t)INT64_MAX / 4, &n) == 0 ? (time_t)n : 0;
}

static int64_t skew_of(struct pve_span text)
{
	bool behind = text.len && *text.p == '-';

	if (behind)
		text = (struct pve_span){text.p + 1, text.len - 1};
	return behind ? -(int64_t)time_of(text) : (int64_t)time_of(text);
}

static void set_text(char **to, struct pve_span text)
{
	free(*to);
	*to = pve_strndup(text.len ? text.p : "", text.len);
}

static const struct {
	const char *word;
	size_t offset;
} times[] = {
	{"ordered", offsetof(struct acme_renewal, ordered)},
	{"point", offsetof(struct acme_renewal, point)},
	{"ask", offsetof(struct acme_renewal, ask)},
	{"tried", offsetof(struct acme_renewal, tried)},
	{"not-before", offsetof(struct acme_renewal, not_before)},
	{"mailed", offsetof(struct acme_renewal, mailed)},
};
#define TIMES (sizeof(times) / sizeof(*times))

static void parse_line(struct acme_renewal *r, struct pve_span line)
{
	struct pve_span rest = line, word = pve_span_word(&rest);

	rest = pve_span_trim(rest);
	if (memchr(line.len ? line.p : "", 0, line.len))
		return;
	for (size_t i = 0; i < TIMES; i++)
		if (pve_span_eq(word, times[i].word))
			*(time_t *)((char *)r + times[i].offset) = time_of(rest);
	if (pve_span_eq(word, "fingerprint") && rest.len)
		set_text(&r->fingerprint, rest);
	else if (pve_span_eq(word, "error") && rest.len)
		set_text(&r->error, rest);
	else if (pve_span_eq(word, "clock"))
		r->skew = skew_of(rest);
	else if (pve_span_eq(word, "failures"))
		r->failures = (unsigned)(time_of(rest) & 0xffff);
	else if (pve_span_eq(word, "window")) {
		r->start = time_of(pve_span_word(&rest));
		r->end = time_of(pve_span_trim(rest));
	}
}

void acme_renewal_parse(struct acme_renewal *r, struct pve_span text)
{
	while (text.len) {
		const char *end = memchr(text.p, '\n', text.len);
		size_t n = end ? (size_t)(end - text.p) : text.len;

		parse_line(r, (struct pve_span){text.p, n});
		text.p += n + (end != NULL);
		text.len -= n + (end != NULL);
	}
}

void acme_renewal_format(const struct acme_renewal *r, struct pve_buf *out)
{
	if (r->fingerprint)
		pve_buf_printf(out, "fingerprint %s\n", r->fingerprint);
	if (r->start || r->end)
		pve_buf_printf(out, "window %" PRId64 " %" PRId64 "\n", (int64_t)r->start,
			       (int64_t)r->end);
	for (size_t i = 0; i < TIMES; i++) {
		time_t t = *(const time_t *)((const char *)r + times[i].offset);

		if (t)
			pve_buf_printf(out, "%s %" PRId64 "\n", times[i].word, (int64_t)t);
	}
	if (r->skew)
		pve_buf_printf(out, "clock %" PRId64 "\n", r->skew);
	if (r->failures)
		pve_buf_printf(out, "failures %u\n", r->failures);
	if (r->error)
		pve_buf_printf(out, "error %s\n", r->error);
}

void acme_renewal_done(struct acme_renewal *r)
{
	free(r->fingerprint);
	free(r->error);
	*r = (struct acme_renewal){0};
}

/* --- the rule ----------------------------------------------------------------------------- */

static bool has_name(const struct pve_chain *chain, const struct acme_domain *d)
{
	const struct pve_cert *c = &chain->v[0];

	if (pve_name_type(d->name) == PVE_NAME_IP)
		return pve_chain_is_for(chain, d->name);
	for (size_t i = 0; i < c->nsan; i++)
		if (c->san[i].type == PVE_NAME_DNS && strcasecmp(c->san[i].text, d->name) == 0)
			return true;
	return false;
}

bool acme_renewal_same_names(const struct pve_chain *chain, const struct acme_domains *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!has_name(chain, &names->v[i]))
			return false;
	return chain->v[0].nsan == names->n;
}

static bool is_ours(const struct acme_renewal *r, const struct pve_chain *chain)
{
	return r->fingerprint && strcmp(r->fingerprint, chain->v[0].fingerprint) == 0;
}

/* By the life that is left; at most all of it but a moment. */
static void by_lifetime(const struct pve_cert *c, unsigned days, struct acme_due *due)
{
	time_t life = c->not_after - c->not_before, left = life < SHORT_LIFE ? life / 2 : life / 3;

	due->reason = ACME_RENEW_LIFETIME;
	if (days && (time_t)days * DAY < life) {
		due->reason = ACME_RENEW_DAYS;
		left = (time_t)days * DAY;
	}
	due->at = c->not_after - left;
}

static void find_reason(const struct acme_renewal *r, const struct pve_chain *chain,
			const struct acme_domains *names, unsigned days, time_t now,
			struct acme_due *due)
{
	if (!chain) {
		*due = (struct acme_due){ACME_RENEW_NONE, 0, 0, false};
	} else if (!is_ours(r, chain)) {
		*due = (struct acme_due){ACME_RENEW_FOREIGN, 0, 0, false};
	} else if (!acme_renewal_same_names(chain, names)) {
		*due = (struct acme_due){ACME_RENEW_NAMES, now, 0, false};
	} else {
		by_lifetime(&chain->v[0], days, due);
		if (r->point && due->reason != ACME_RENEW_DAYS) {
			due->reason = ACME_RENEW_WINDOW;
			due->at = r->point;
		}
		/* Whatever was suggested: an expired certificate is renewed. */
		if (now >= chain->v[0].not_after) {
			due->reason = ACME_RENEW_EXPIRED;
			due->at = chain->v[0].not_after;
		}
	}
}

void acme_renewal_due(const struct acme_renewal *r, const struct pve_chain *chain,
		      const struct acme_domains *names, unsigned days, time_t now,
		      struct acme_due *due)
{
	find_reason(r, chain, names, days, now, due);
	due->next = due->at && r->not_before > due->at ? r->not_before : due->at;
	due->now = due->at && due->next <= now && names->n;
}

const char *acme_reason_text(enum acme_reason reason)
{
	switch (reason) {
	case ACME_RENEW_NONE:
		return "there is none";
	case ACME_RENEW_FOREIGN:
		return "it was not ordered here";
	case ACME_RENEW_NAMES:
		return "other names are configured";
	case ACME_RENEW_EXPIRED:
		return "it has expired";
	case ACME_RENEW_WINDOW:
		return "the CA suggests that time";
	case ACME_RENEW_LIFETIME:
		return "little of its life is left then";
	case ACME_RENEW_DAYS:
		return "that many days are left then";
	}
	return "";
}

/* --- what happened ------------------------------------------------------------------------ */

void acme_renewal_failed(struct acme_renewal *r, const char *error, time_t not_before, time_t now)
{
	static const time_t pauses[] = {60, 600, 6000};
	time_t pause = r->failures < 3 ? pauses[r->failures] : DAY;

	if (!r->failures)
		r->mailed = 0;
	r->failures++;
	r->tried = now;
	r->not_before = now + pause > not_before ? now + pause : not_before;
	set_text(&r->error, pve_span(error));
	for (char *p = r->error; *p; p++)
		if ((unsigned char)*p < 0x20)
			*p = ' ';
}

bool acme_renewal_tells(const struct acme_renewal *r, const struct pve_chain *chain, time_t now)
{
	static const time_t parts[] = {3, 7};

	for (size_t i = 0; r->mailed && chain && i < sizeof(parts) / sizeof(*parts); i++) {
		const struct pve_cert *c = &chain->v[0];
		time_t mark = c->not_after - (c->not_after - c->not_before) / parts[i];

		if (r->mailed < mark && mark <= now)
			return true;
	}
	return !r->mailed;
}

void acme_renewal_ordered(struct acme_renewal *r, const char *fingerprint, time_t now)
{
	acme_renewal_done(r);
	r->fingerprint = pve_strdup(fingerprint);
	r->ordered = now;
}

void acme_renewal_window(struct acme_renewal *r, time_t start, time_t end, int64_t retry_after,
			 uint64_t random, time_t now)
{
	int64_t wait = retry_after < 0 ? ASK_DEFAULT : retry_after;

	r->ask = now + (wait < ASK_MIN ? ASK_MIN : wait > DAY ? DAY : (time_t)wait);
	if (end <= start || !start) {
		r->start = r->end = r->point = 0;
		return;
	}
	/* The point stays while the window does: drawn again and again it would come too early. */
	if (r->point && r->start == start && r->end == end)
		return;
	r->start = start;
	r->end = end;
	r->point = start + (time_t)(random % (uint64_t)(end - start));
}

void acme_renewal_clock(struct acme_renewal *r, int64_t skew)
{
	r->skew = acme_skew_said(skew) ? skew : 0;
}

bool acme_renewal_id(const struct pve_cert *cert, struct pve_buf *out)
{
	if (!cert->authority.len || !cert->serial_der.len)
		return false;
	pve_base64url_encode(cert->authority, out);
	pve_buf_putc(out, '.');
	pve_base64url_encode(cert->serial_der, out);
	return true;
}
