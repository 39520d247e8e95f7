/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/client.h"

#include <stdarg.h>
#include <string.h>

#include "pve-acme/jws.h"
#include "pve-acme/retry.h"
#include "pvecommon/mem.h"

#define NS_PER_MS 1000000ll
#define FAILURES 12           /* in a row, before the server is given up */
#define FIRST_FAILURES 3      /* likewise, of one that was never reached: its name may be wrong */
#define BAD_NONCES 24         /* likewise: servers refuse good ones on purpose, at random */
#define NO_NONCES 8          /* likewise, of answers that should bring a nonce and do not */
#define LOSSES 12             /* in a row, of requests that are not repeated unseen */
#define PATIENCE_S 60         /* a Retry-After longer than that ends the run */
#define ANSWER_LIMIT (1u << 20)

/* --- time --------------------------------------------------------------------------------- */

int acme_client_pause(struct acme_client *c, unsigned ms, struct pve_err *e)
{
	int64_t now = c->opts.sys->now(c->opts.sys, CLOCK_MONOTONIC);
	struct timespec t = {ms / 1000, (long)(ms % 1000) * NS_PER_MS};

	if (now + ms * NS_PER_MS > c->deadline)
		return pve_err_set(e, PVE_AGAIN, "not done within %u seconds", c->opts.timeout_s);
	nanosleep(&t, NULL);
	return 0;
}

static int64_t retry_after(struct acme_client *c, const struct pve_http_res *res)
{
	struct pve_span value = pve_http_header(res, "Retry-After", 0);

	return value.p ? acme_retry_after(value, pve_sys_time(c->opts.sys)) : -1;
}

unsigned acme_client_poll(struct acme_client *c, const struct pve_http_res *last, unsigned n)
{
	int64_t s = retry_after(c, last);

	return s > 0 && s <= PATIENCE_S ? (unsigned)s * 1000 : acme_poll_pause(n);
}

/* --- answers ------------------------------------------------------------------------------ */

void acme_client_tell(struct acme_client *c, const char *fmt, ...)
{
	PVE_BUF line = {0};
	va_list ap;

	if (!c->opts.tell)
		return;
	va_start(ap, fmt);
	pve_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	c->opts.tell(c->opts.tell_to, pve_buf_str(&line));
}

bool acme_client_refused(const struct acme_client *c, const char *type)
{
	return c->fate == ACME_REFUSED && strcmp(c->problem.type, type) == 0;
}

/* Does the value of a field Link, one of its members, have that relation?  *target is what
 * stands between < and >. */
static bool has_rel(struct pve_span link, const char *rel, struct pve_span *target)
{
	const char *end = memchr(link.p, '>', link.len), *p;
	size_t n = strlen(rel);

	if (!link.len || link.p[0] != '<' || !end)
		return false;
	*target = (struct pve_span){link.p + 1, (size_t)(end - link.p - 1)};
	p = memmem(end, link.len - (size_t)(end - link.p), "rel=", 4);
	if (!p)
		return false;
	p += 4;
	p += *p == '"';
	return (size_t)(link.p + link.len - p) >= n && memcmp(p, rel, n) == 0;
}

char *acme_client_link(const struct pve_http_res *res, const char *rel, size_t n)
{
	struct pve_span field, target;

	for (size_t i = 0; field = pve_http_header(res, "Link", i), field.p; i++) {
		while (field.len) {
			const char *next = memmem(field.p, field.len, ",<", 2);
			const char *spaced = memmem(field.p, field.len, ", <", 3);
			struct pve_span one = field;

			if (!next || (spaced && spaced < next))
				next = spaced;
			if (next)
				one.len = (size_t)(next - field.p);
			field.p += one.len + (next ? 1 : 0);
			field.len -= one.len + (next ? 1 : 0);
			if (has_rel(pve_span_trim(one), rel, &target) && n-- == 0)
				return pve_strndup(target.p, target.len);
			field = pve_span_trim(field);
		}
	}
	return NULL;
}

/* Each answer brings the next nonce, errors too (RFC 8555, section 6.5). */
static void keep_nonce(struct acme_client *c, const struct pve_http_res *res)
{
	struct pve_span n = pve_http_header(res, "Replay-Nonce", 0);
	size_t good = 0;

	while (good < n.len && (n.p[good] == '-' || n.p[good] == '_' ||
				(n.p[good] >= '0' && n.p[good] <= '9') ||
				(n.p[good] >= 'A' && n.p[good] <= 'Z') ||
				(n.p[good] >= 'a' && n.p[good] <= 'z')))
		good++;
	if (!n.len || good < n.len)
		return;
	free(c->nonce);
	c->nonce = pve_strndup(n.p, n.len);
}

static bool is_whole(const struct acme_ask *ask, const struct pve_http_res *res)
{
	struct pve_span body = {res->body.data, res->body.len};

	switch (ask->body) {
	case ACME_BODY_JSON:
		return pve_acme_valid(body);
	case ACME_BODY_PEM:
		body = pve_span_trim(body);
		return body.len > 25 &&
		       memcmp(body.p + body.len - 25, "-----END CERTIFICATE-----", 25) == 0;
	default:
		return true;
	}
}

/* What a refusal means to the administrator. */
static int refusal(struct acme_client *c, const struct acme_ask *ask, const struct pve_http_res *res,
		   struct pve_err *e)
{
	PVE_BUF text = {0};
	PVE_FREE char *terms = acme_client_link(res, "terms-of-service", 0);
	const char *type = c->problem.type;

	c->fate = ACME_REFUSED;
	if (*type || *c->problem.detail)
		pve_acme_problem_text(&c->problem, &text);
	else
		pve_buf_printf(&text, "HTTP status %u %s", res->status,
			       pve_http_status_text(res->status));
	if (strcmp(type, "accountDoesNotExist") == 0)
		return pve_err_set(e, PVE_NOTHERE,
				   "%s: %s knows no such account; it may have lost it: --reregister "
				   "makes it anew with the same key",
				   ask->what, c->opts.directory);
	if (strcmp(type, "userActionRequired") == 0 && terms)
		return pve_err_set(e, PVE_FAILED,
				   "%s: %s; new terms must be agreed to: %s (account update "
				   "--accept-tos)",
				   ask->what, pve_buf_str(&text), terms);
	return pve_err_set(e, res->status == 429 ? PVE_AGAIN : PVE_FAILED, "%s: %s", ask->what,
			   pve_buf_str(&text));
}

/* --- asking ------------------------------------------------------------------------------- */

/* One round trip failed in a way that a repetition may help.  Waits; 0 to go on. */
static int wait_after(struct acme_client *c, const struct acme_ask *ask, int64_t after_s,
		      struct pve_err *e)
{
	struct pve_err late = {0};
	PVE_FREE char *why = pve_strdup(e->msg);
	unsigned pause = acme_retry_pause(c->failures, arc4random());

	c->fate = ACME_GIVEN_UP;
	if (after_s > PATIENCE_S) {
		c->not_before = pve_sys_time(c->opts.sys) + after_s;
		return pve_err_set(e, PVE_AGAIN, "%s; the server wants a pause of %lld seconds", why,
				   (long long)after_s);
	}
	if (++c->failures > (pve_http_reached(c->http) ? FAILURES : FIRST_FAILURES))
		return pve_err_set(e, e->code, "%s: given up after %u tries: %s", ask->what,
				   c->failures, why);
	if (after_s >= 0)
		pause = (unsigned)after_s * 1000 + pause % 100;
	acme_client_tell(c, "%s: %s; trying again", ask->what, why);
	if (acme_client_pause(c, pause, &late) < 0)
		return pve_err_set(e, PVE_AGAIN, "%s: %s: %s", ask->what, late.msg, why);
	return 0;
}

static int sign(struct acme_client *c, const struct acme_ask *ask, struct pve_buf *body,
		struct pve_err *e)
{
	const struct acme_signer *s = c->opts.signer;
	const struct acme_jws jws = {
		.alg = s->alg[ask->key],
		.kid = ask->by_jwk ? NULL : c->opts.kid,
		.jwk = s->jwk[ask->key],
		.nonce = c->nonce,
		.url = ask->url,
		.payload = pve_span(ask->payload),
	};
	PVE_BUF input = {0};
	PVE_BUF signature = {0};

	acme_jws_input(&jws, &input);
	free(c->nonce); /* each is good once */
	c->nonce = NULL;
	if (s->sign(s->data, ask->key, (struct pve_span){input.data, input.len}, &signature, e) < 0)
		return -1;
	acme_jws_format((struct pve_span){input.data, input.len},
			(struct pve_span){signature.data, signature.len}, body);
	return 0;
}

/* What one round trip came to. */
enum outcome { GOOD, AGAIN_NOW, AGAIN_LATER, UNCLEAR, OVER };

static int round_trip(struct acme_client *c, const struct acme_ask *ask, const char *method,
		      struct pve_span body, struct pve_http_res *res, struct pve_err *e)
{
	static const char *const headers[] = {"Content-Type: application/jose+json",
					      "Accept: application/json, "
					      "application/pem-certificate-chain, "
					      "application/problem+json",
					      NULL};
	int64_t left = (c->deadline - c->opts.sys->now(c->opts.sys, CLOCK_MONOTONIC)) / NS_PER_MS;
	struct pve_http_req req = {
		.url = ask->url,
		.method = method,
		.ca_pem = {c->opts.ca_pem, c->opts.ca_pem ? strlen(c->opts.ca_pem) : 0},
		.total_ms = left < 1 ? 1 : left < 60000 ? (unsigned)left : 60000,
		.limit = ANSWER_LIMIT,
		.stay = true,
	};

	if (ask->payload) {
		req.body = body;
		req.headers = headers;
	}
	if (pve_http_ask(c->http, &req, res, e) < 0)
		return -1;
	keep_nonce(c, res);
	return 0;
}

/* Judges an answer that is not 2xx, or not whole. */
static enum outcome judge(struct acme_client *c, const struct acme_ask *ask,
			  const struct pve_http_res *res, bool reconnected, struct pve_err *e)
{
	pve_arena_done(&c->problem.mem);
	pve_acme_problem_parse(&c->problem, (struct pve_span){res->body.data, res->body.len});
	if (res->status < 300) {
		pve_err_set(e, PVE_FAILED, "the answer was cut off");
		return UNCLEAR;
	}
	if (strcmp(c->problem.type, "badNonce") == 0) {
		pve_err_set(e, PVE_FAILED, "nonce refused");
		/* libcurl sends a request again when a connection that was open dies below it,
		 * and then the nonce is used up because the request was carried out. */
		return reconnected ? UNCLEAR : AGAIN_NOW;
	}
	pve_err_set(e, PVE_FAILED, "HTTP status %u %s", res->status,
		    pve_http_status_text(res->status));
	/* Both say that nothing was done: RFC 6585, section 4; RFC 9110, section 15.6.4. */
	if (res->status == 429 || res->status == 503)
		return AGAIN_LATER;
	if (res->status >= 500 || res->status == 408)
		return UNCLEAR;
	refusal(c, ask, res, e);
	return OVER;
}

/* One try; *after is what Retry-After said, or -1. */
static enum outcome try(struct acme_client *c, const struct acme_ask *ask, const char *method,
			struct pve_http_res *res, int64_t *after, struct pve_err *e)
{
	unsigned connections = pve_http_connections(c->http);
	PVE_BUF body = {0};
	enum outcome out;
	bool reconnected;

	*after = -1;
	c->fate = ACME_GIVEN_UP;
	if (ask->payload && sign(c, ask, &body, e) < 0)
		return OVER;
	if (round_trip(c, ask, method, (struct pve_span){body.data, body.len}, res, e) < 0) {
		if (e->code == PVE_DENIED)
			return OVER;
		return e->code == PVE_NOTHERE ? AGAIN_LATER : UNCLEAR;
	}
	if (res->status >= 200 && res->status < 300 && is_whole(ask, res))
		return GOOD;
	reconnected = connections > 0 && pve_http_connections(c->http) > connections;
	out = judge(c, ask, res, reconnected, e);
	*after = retry_after(c, res);
	if (res->status == 429 && *after > PATIENCE_S)
		refusal(c, ask, res, e);
	pve_http_done(res);
	return out;
}

static int ask_as(struct acme_client *c, const struct acme_ask *ask, const char *method,
		  struct pve_http_res *res, struct pve_err *e);

/* A nonce for the next request, when the last answer brought none. */
static int need_nonce(struct acme_client *c, struct pve_err *e)
{
	const struct acme_ask ask = {.what = "a nonce", .url = c->dir.new_nonce};
	struct pve_http_res res;

	for (int i = 0; !c->nonce; i++) {
		if (i == NO_NONCES)
			return pve_err_set(e, PVE_FAILED, "%s gives no nonce", c->dir.new_nonce);
		if (ask_as(c, &ask, "HEAD", &res, e) < 0)
			return -1;
		pve_http_done(&res);
	}
	return 0;
}

static int ask_as(struct acme_client *c, const struct acme_ask *ask, const char *method,
		  struct pve_http_res *res, struct pve_err *e)
{
	unsigned bad_nonces = 0;
	int64_t after;

	for (;;) {
		enum outcome out;

		if (ask->payload && need_nonce(c, e) < 0)
			return -1;
		out = try(c, ask, method, res, &after, e);
		if (out == GOOD) {
			c->failures = 0;
			c->losses = ask->once ? 0 : c->losses;
			c->fate = ACME_DONE;
			return 0;
		}
		if (out == OVER)
			return -1;
		if (out == AGAIN_NOW && ++bad_nonces < BAD_NONCES)
			continue;
		if (wait_after(c, ask, after, e) < 0)
			return -1;
		if (out != UNCLEAR || !ask->once)
			continue;
		if (++c->losses > LOSSES)
			return pve_err_prefix(e, "%s: given up after %u tries", ask->what, c->losses);
		c->fate = ACME_LOST;
		return -1;
	}
}

int acme_client_ask(struct acme_client *c, const struct acme_ask *ask, struct pve_http_res *res,
		    struct pve_err *e)
{
	struct pve_err own = {0};

	return ask_as(c, ask, NULL, res, e ? e : &own);
}

static bool is_loopback(const char *url)
{
	static const char *const hosts[] = {"localhost", "127.", "[::1]"};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		if (strncmp(url + strlen("http://"), hosts[i], strlen(hosts[i])) == 0)
			return true;
	return false;
}

/* Orders, certificates and signed records go by the time: with a wrong one an order is spent for
 * nothing. */
static int check_clock(struct acme_client *c, const struct pve_http_res *res, struct pve_err *e)
{
	char text[ACME_SKEW_TEXT];

	c->skew = acme_clock_skew(pve_http_header(res, "Date", 0), pve_http_header(res, "Age", 0),
				  pve_sys_time(c->opts.sys));
	if (c->skew < ACME_SKEW_WRONG && c->skew > -ACME_SKEW_WRONG)
		return 0;
	return pve_err_set(e, PVE_FAILED,
			   "%s: the clock of this host is %s that of the server; set it first (chronyc "
			   "makestep)",
			   c->opts.directory, acme_skew_text(c->skew, text));
}

int acme_client_init(struct acme_client *c, const struct acme_client_opts *opts, struct pve_err *e)
{
	const struct acme_ask ask = {
		.what = "the directory", .url = opts->directory, .body = ACME_BODY_JSON};
	struct pve_http_res res;
	int rc;

	*c = (struct acme_client){.opts = *opts};
	c->deadline = opts->sys->now(opts->sys, CLOCK_MONOTONIC) +
		      (int64_t)opts->timeout_s * 1000 * NS_PER_MS;
	if (strncmp(opts->directory, "https://", 8) != 0 &&
	    (strncmp(opts->directory, "http://", 7) != 0 || !is_loopback(opts->directory)))
		return pve_err_set(e, PVE_USAGE, "%s: a directory is asked by https only",
				   opts->directory);
	c->http = pve_http_open(e);
	if (!c->http || acme_client_ask(c, &ask, &res, e) < 0)
		return -1;
	rc = pve_acme_directory_parse(&c->dir, (struct pve_span){res.body.data, res.body.len}, e);
	if (rc < 0)
		pve_err_prefix(e, "%s", opts->directory);
	else
		rc = check_clock(c, &res, e);
	pve_http_done(&res);
	return rc;
}

void acme_client_done(struct acme_client *c)
{
	pve_http_close(c->http);
	pve_arena_done(&c->dir.mem);
	pve_arena_done(&c->problem.mem);
	free(c->nonce);
	free(c->kid);
	*c = (struct acme_client){0};
}
