/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/acme.h"

#include <jansson.h>
#include <string.h>

#define ERROR_URN "urn:ietf:params:acme:error:"

/* Reading one object: where its texts go, and what was wrong first. */
struct reader {
	struct pve_arena *mem;
	struct pve_err *e;
	bool bad;
};

static void wrong(struct reader *r, const char *name, const char *what)
{
	if (!r->bad)
		pve_err_set(r->e, PVE_DATA, "the member %s is %s", name, what);
	r->bad = true;
}

/* The text of a member; otherwise when it is missing or no string. */
static const char *text_or(struct reader *r, const json_t *o, const char *name,
			   const char *otherwise)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_string(v))
		return otherwise;
	return pve_arena_memdup(r->mem, json_string_value(v), strlen(json_string_value(v)));
}

static const char *text(struct reader *r, const json_t *o, const char *name)
{
	const char *t = text_or(r, o, name, NULL);

	if (!t || !*t)
		wrong(r, name, "missing, or no text");
	return t ? t : "";
}

/* The texts of an array, then NULL; members that are no text are wrong. */
static const char *const *texts(struct reader *r, const json_t *o, const char *name, size_t *n)
{
	const json_t *v = json_object_get(o, name);
	size_t count = json_array_size(v);
	const char **list = pve_arena_alloc(r->mem, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		const char *t = json_string_value(json_array_get(v, i));

		if (!t)
			wrong(r, name, "no list of texts");
		list[i] = pve_arena_strdup(r->mem, t ? t : "");
	}
	if (n)
		*n = count;
	return list;
}

/* What every parse begins and ends with: json is an object, and r says how it went. */
static json_t *begin(struct reader *r, struct pve_span json, struct pve_arena *mem,
		     struct pve_err *e)
{
	json_error_t why = {0};
	json_t *o = json_loadb(json.len ? json.p : "", json.len, JSON_REJECT_DUPLICATES, &why);

	*r = (struct reader){.mem = mem, .e = e};
	if (json_is_object(o))
		return o;
	json_decref(o);
	pve_err_set(e, PVE_DATA, "no JSON object: %s", *why.text ? why.text : "another value");
	return NULL;
}

/* --- times -------------------------------------------------------------------------------- */

/* "+01:00" as seconds; false when it is no such thing. */
static bool read_offset(const char *text, long *seconds)
{
	struct tm tm = {0};
	const char *end = *text == '+' || *text == '-' ? strptime(text + 1, "%H:%M", &tm) : NULL;

	if (!end || *end)
		return false;
	*seconds = (*text == '-' ? -1 : 1) * (tm.tm_hour * 3600L + tm.tm_min * 60L);
	return true;
}

time_t pve_acme_time(const char *text)
{
	struct tm tm = {0};
	const char *p = strptime(text, "%Y-%m-%d", &tm);
	long offset = 0;

	p = p && (*p == 'T' || *p == 't' || *p == ' ') ? strptime(p + 1, "%H:%M:%S", &tm) : NULL;
	if (!p)
		return 0;
	if (*p == '.')
		p += 1 + strspn(p + 1, "0123456789");
	if (*p != 'Z' && *p != 'z' && !read_offset(p, &offset))
		return 0;
	return timegm(&tm) - offset;
}

/* --- problems ----------------------------------------------------------------------------- */

static const char *short_type(const char *type)
{
	size_t n = strlen(ERROR_URN);

	return strncmp(type, ERROR_URN, n) == 0 ? type + n : type;
}

static void read_subproblems(struct reader *r, const json_t *o, struct pve_acme_problem *p)
{
	const json_t *list = json_object_get(o, "subproblems");
	size_t n = json_array_size(list);

	p->sub = pve_arena_alloc(r->mem, (n + 1) * sizeof(*p->sub));
	for (size_t i = 0; i < n; i++) {
		const json_t *s = json_array_get(list, i);

		if (!json_is_object(s))
			continue;
		p->sub[p->nsub++] = (struct pve_acme_subproblem){
			.type = short_type(text_or(r, s, "type", "")),
			.detail = text_or(r, s, "detail", ""),
			.identifier = text_or(r, json_object_get(s, "identifier"), "value", ""),
		};
	}
}

static void read_problem(struct reader *r, const json_t *o, struct pve_acme_problem *p)
{
	const json_t *status = json_object_get(o, "status");
	const json_t *algorithms = json_object_get(o, "algorithms");
	PVE_BUF list = {0};

	p->type = short_type(text_or(r, o, "type", ""));
	p->detail = text_or(r, o, "detail", "");
	p->instance = text_or(r, o, "instance", "");
	if (json_is_integer(status) && json_integer_value(status) > 0 &&
	    json_integer_value(status) < 1000)
		p->status = (unsigned)json_integer_value(status);
	for (size_t i = 0; i < json_array_size(algorithms); i++) {
		const char *a = json_string_value(json_array_get(algorithms, i));

		if (a)
			pve_buf_printf(&list, "%s%s", list.len ? " " : "", a);
	}
	p->algorithms = pve_arena_strdup(r->mem, pve_buf_str(&list));
	read_subproblems(r, o, p);
}

void pve_acme_problem_parse(struct pve_acme_problem *p, struct pve_span json)
{
	struct reader r;
	json_t *o;

	*p = (struct pve_acme_problem){.type = "", .detail = "", .instance = "", .algorithms = ""};
	o = begin(&r, json, &p->mem, NULL);
	if (o)
		read_problem(&r, o, p);
	json_decref(o);
}

void pve_acme_problem_text(const struct pve_acme_problem *p, struct pve_buf *out)
{
	pve_buf_printf(out, "%s", *p->type ? p->type : "no reason given");
	if (*p->detail)
		pve_buf_printf(out, ": %s", p->detail);
	for (size_t i = 0; i < p->nsub; i++) {
		const struct pve_acme_subproblem *s = &p->sub[i];

		pve_buf_printf(out, "; %s%s%s: %s", s->identifier, *s->identifier ? ": " : "", s->type,
			       s->detail);
	}
}

/* --- objects ------------------------------------------------------------------------------ */

static void read_profiles(struct reader *r, const json_t *meta, struct pve_acme_directory *d)
{
	json_t *profiles = json_object_get(meta, "profiles"), *v;
	size_t n = json_object_size(profiles), i = 0;
	const char **names = pve_arena_alloc(r->mem, (n + 1) * sizeof(*names));
	const char **words = pve_arena_alloc(r->mem, (n + 1) * sizeof(*words));
	const char *name;

	json_object_foreach(profiles, name, v) {
		names[i] = pve_arena_strdup(r->mem, name);
		words[i++] = pve_arena_strdup(r->mem, json_is_string(v) ? json_string_value(v) : "");
	}
	d->profiles = names;
	d->profile_texts = words;
}

static const char *read_identities(struct reader *r, const json_t *meta)
{
	const json_t *list = json_object_get(meta, "caaIdentities");
	PVE_BUF all = {0};

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *one = json_string_value(json_array_get(list, i));

		if (one && *one && !strpbrk(one, " \t\r\n"))
			pve_buf_printf(&all, "%s%s", all.len ? " " : "", one);
	}
	return pve_arena_strdup(r->mem, pve_buf_str(&all));
}

int pve_acme_directory_parse(struct pve_acme_directory *d, struct pve_span json,
			     struct pve_err *e)
{
	struct reader r;
	const json_t *meta;
	json_t *o;

	*d = (struct pve_acme_directory){0};
	o = begin(&r, json, &d->mem, e);
	if (!o)
		return -1;
	d->new_nonce = text(&r, o, "newNonce");
	d->new_account = text(&r, o, "newAccount");
	d->new_order = text(&r, o, "newOrder");
	d->revoke_cert = text_or(&r, o, "revokeCert", NULL);
	d->key_change = text_or(&r, o, "keyChange", NULL);
	d->renewal_info = text_or(&r, o, "renewalInfo", NULL);
	meta = json_object_get(o, "meta");
	d->terms = text_or(&r, meta, "termsOfService", NULL);
	d->website = text_or(&r, meta, "website", NULL);
	d->external_account = json_is_true(json_object_get(meta, "externalAccountRequired"));
	d->caa_identities = read_identities(&r, meta);
	read_profiles(&r, meta, d);
	json_decref(o);
	if (!r.bad)
		return 0;
	pve_arena_done(&d->mem);
	*d = (struct pve_acme_directory){0};
	return -1;
}

int pve_acme_account_parse(struct pve_acme_account *a, struct pve_span json, struct pve_err *e)
{
	struct reader r;
	json_t *o;

	*a = (struct pve_acme_account){0};
	o = begin(&r, json, &a->mem, e);
	if (!o)
		return -1;
	a->status = text(&r, o, "status");
	a->orders = text_or(&r, o, "orders", NULL);
	a->contacts = texts(&r, o, "contact", NULL);
	json_decref(o);
	if (!r.bad)
		return 0;
	pve_arena_done(&a->mem);
	*a = (struct pve_acme_account){0};
	return -1;
}

static struct pve_acme_identifier read_identifier(struct reader *r, const json_t *o)
{
	return (struct pve_acme_identifier){text(r, o, "type"), text(r, o, "value")};
}

static void read_order(struct reader *r, const json_t *o, struct pve_acme_order *order)
{
	const json_t *ids = json_object_get(o, "identifiers"), *error = json_object_get(o, "error");

	order->status = text(r, o, "status");
	order->finalize = text(r, o, "finalize");
	order->certificate = text_or(r, o, "certificate", NULL);
	order->profile = text_or(r, o, "profile", "");
	order->expires = pve_acme_time(text_or(r, o, "expires", ""));
	order->authorizations = texts(r, o, "authorizations", &order->nauthorizations);
	order->nids = json_array_size(ids);
	order->id = pve_arena_alloc(r->mem, (order->nids + 1) * sizeof(*order->id));
	for (size_t i = 0; i < order->nids; i++)
		order->id[i] = read_identifier(r, json_array_get(ids, i));
	order->failed = json_is_object(error);
	read_problem(r, error, &order->error);
}

int pve_acme_order_parse(struct pve_acme_order *order, struct pve_span json, struct pve_err *e)
{
	struct reader r;
	json_t *o;

	*order = (struct pve_acme_order){0};
	o = begin(&r, json, &order->mem, e);
	if (!o)
		return -1;
	read_order(&r, o, order);
	json_decref(o);
	if (!r.bad)
		return 0;
	pve_arena_done(&order->mem);
	*order = (struct pve_acme_order){0};
	return -1;
}

bool pve_acme_is_token(const char *t)
{
	return t && *t &&
	       !t[strspn(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")];
}

static void read_challenge(struct reader *r, const json_t *o, struct pve_acme_challenge *c)
{
	const json_t *error = json_object_get(o, "error");

	c->type = text(r, o, "type");
	c->url = text(r, o, "url");
	c->status = text_or(r, o, "status", "pending");
	c->token = text_or(r, o, "token", NULL);
	if (!pve_acme_is_token(c->token))
		c->token = NULL;
	c->failed = json_is_object(error);
	read_problem(r, error, &c->error);
}

int pve_acme_authz_parse(struct pve_acme_authz *a, struct pve_span json, struct pve_err *e)
{
	struct reader r;
	const json_t *list;
	json_t *o;

	*a = (struct pve_acme_authz){0};
	o = begin(&r, json, &a->mem, e);
	if (!o)
		return -1;
	a->status = text(&r, o, "status");
	a->id = read_identifier(&r, json_object_get(o, "identifier"));
	a->wildcard = json_is_true(json_object_get(o, "wildcard"));
	list = json_object_get(o, "challenges");
	a->n = json_array_size(list);
	a->v = pve_arena_alloc(&a->mem, (a->n + 1) * sizeof(*a->v));
	for (size_t i = 0; i < a->n; i++)
		read_challenge(&r, json_array_get(list, i), &a->v[i]);
	json_decref(o);
	if (!r.bad)
		return 0;
	pve_arena_done(&a->mem);
	*a = (struct pve_acme_authz){0};
	return -1;
}

int pve_acme_renewal_parse(struct pve_acme_renewal *w, struct pve_span json, struct pve_err *e)
{
	struct reader r;
	const json_t *window;
	json_t *o;

	*w = (struct pve_acme_renewal){0};
	o = begin(&r, json, &w->mem, e);
	if (!o)
		return -1;
	window = json_object_get(o, "suggestedWindow");
	w->start = pve_acme_time(text(&r, window, "start"));
	w->end = pve_acme_time(text(&r, window, "end"));
	w->explanation = text_or(&r, o, "explanationURL", "");
	json_decref(o);
	if (!r.bad && (!w->start || w->end <= w->start))
		wrong(&r, "suggestedWindow", "no span of time");
	if (!r.bad)
		return 0;
	pve_arena_done(&w->mem);
	*w = (struct pve_acme_renewal){0};
	return -1;
}

void pve_acme_orders_parse(struct pve_span json, struct pve_strv *urls)
{
	struct pve_arena mem = {0};
	struct reader r;
	json_t *o = begin(&r, json, &mem, NULL);
	const json_t *list = json_object_get(o, "orders");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_string(json_array_get(list, i)))
			pve_strv_add(urls, json_string_value(json_array_get(list, i)));
	json_decref(o);
}

bool pve_acme_valid(struct pve_span json)
{
	struct pve_arena mem = {0};
	struct reader r;
	json_t *o = begin(&r, json, &mem, NULL);

	json_decref(o);
	return o != NULL;
}

void pve_acme_quote(struct pve_buf *out, const char *text)
{
	json_t *s = json_string_nocheck(text);
	char *quoted = s ? json_dumps(s, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;

	/* What is no UTF-8 cannot be said in JSON; the server then refuses the empty text. */
	pve_buf_puts(out, quoted ? quoted : "\"\"");
	free(quoted);
	json_decref(s);
}
