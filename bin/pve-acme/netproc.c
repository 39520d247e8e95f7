/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/netproc.h"

#include <stdio.h>
#include <string.h>

#include "pve-acme/account.h"
#include "pve-acme/dnsproc.h"
#include "pve-acme/msg.h"
#include "pve-acme/order.h"
#include "pve-acme/retry.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pveio/base64.h"

struct netproc {
	struct pve_sys *sys;
	int fd;
	struct acme_msg begin;   /* what the client borrows its texts from */
	struct acme_signer signer;
	struct acme_client client;
	bool begun;
};

/* --- asking the keeper -------------------------------------------------------------------- */

/* Sends the message and waits for its answer. */
static int ask(struct netproc *p, const struct acme_msg *m, struct acme_msg *answer,
	       struct pve_err *e)
{
	if (acme_msg_send(p->fd, m, e) < 0 || acme_msg_recv(p->fd, answer, e) < 0)
		return -1;
	return answer->word == ACME_MSG_OK ? 0 : acme_msg_error(answer, e);
}

static int ask_sign(void *data, enum acme_key key, struct pve_span input,
		    struct pve_buf *signature, struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_SIGN};
	ACME_MSG answer = {0};

	pve_strv_addf(&m.args, "%d", (int)key);
	pve_strv_add_span(&m.args, input);
	if (ask(data, &m, &answer, e) < 0)
		return -1;
	if (answer.args.n != 1 || !pve_base64_decode(pve_span(answer.args.v[0]), signature))
		return pve_err_set(e, PVE_FAILED, "the keeper gave no signature");
	return 0;
}

static int ask_bind(void *data, const char *url, struct pve_buf *jws, struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_BIND};
	ACME_MSG answer = {0};

	pve_strv_add(&m.args, url);
	if (ask(data, &m, &answer, e) < 0)
		return -1;
	if (answer.args.n != 1)
		return pve_err_set(e, PVE_FAILED, "the keeper gave no binding");
	pve_buf_puts(jws, answer.args.v[0]);
	return 0;
}

static void tell(void *data, const char *line)
{
	const struct netproc *p = data;
	ACME_MSG m = {.word = ACME_MSG_TELL};

	pve_strv_add(&m.args, line);
	acme_msg_send(p->fd, &m, NULL);
}

static int ask_placed(void *data, const char *url, struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_PLACED};
	ACME_MSG answer = {0};

	pve_strv_add(&m.args, url);
	return ask(data, &m, &answer, e);
}

static int ask_solve(void *data, const struct acme_task *tasks, size_t n, struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_SOLVE};
	ACME_MSG answer = {0};

	for (size_t i = 0; i < n; i++) {
		pve_strv_addf(&m.args, "%zu", tasks[i].name);
		pve_strv_add(&m.args, tasks[i].token);
	}
	return ask(data, &m, &answer, e);
}

/* --- jobs --------------------------------------------------------------------------------- */

/* NULL for an empty text, which stands for "none". */
static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static int job_directory(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
			 struct pve_err *e)
{
	const struct pve_acme_directory *d = &c->dir;

	(void)args, (void)n, (void)e;
	pve_strv_add(out, d->terms ? d->terms : "");
	pve_strv_add(out, d->website ? d->website : "");
	pve_strv_add(out, d->external_account ? "1" : "");
	pve_strv_add(out, d->caa_identities);
	for (size_t i = 0; d->profiles[i]; i++) {
		pve_strv_add(out, d->profiles[i]);
		pve_strv_add(out, d->profile_texts[i]);
	}
	return 0;
}

static int job_register(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
			struct pve_err *e)
{
	const struct acme_account_want want = {
		.agree = *args[0],
		.existing = *args[1],
		.bind = *args[2],
		.contacts = n > 3 ? (const char *const *)args + 3 : NULL,
	};
	PVE_BUF json = {0};

	if (acme_account_register(c, &want, &json, e) < 0)
		return -1;
	pve_strv_add(out, c->kid);
	pve_strv_add(out, pve_buf_str(&json));
	return 0;
}

static int job_fetch(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		     struct pve_err *e)
{
	PVE_BUF json = {0};

	(void)args, (void)n;
	if (acme_account_fetch(c, &json, e) < 0)
		return -1;
	pve_strv_add(out, pve_buf_str(&json));
	return 0;
}

static int job_update(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		      struct pve_err *e)
{
	const bool stay = n == 2 && strcmp(args[1], "-") == 0;
	const struct acme_account_want want = {
		.agree = *args[0],
		.contacts = stay ? NULL : (const char *const *)args + 1,
	};
	PVE_BUF json = {0};

	if (acme_account_update(c, &want, &json, e) < 0)
		return -1;
	pve_strv_add(out, pve_buf_str(&json));
	return 0;
}

static int job_deactivate(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
			  struct pve_err *e)
{
	PVE_BUF json = {0};

	(void)args, (void)n;
	if (acme_account_deactivate(c, &json, e) < 0)
		return -1;
	pve_strv_add(out, pve_buf_str(&json));
	return 0;
}

static int job_roll(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		    struct pve_err *e)
{
	bool rolled = false;

	(void)args, (void)n, (void)out;
	return acme_account_roll(c, &rolled, e);
}

static int job_order(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		     struct pve_err *e)
{
	struct netproc *p = c->opts.tell_to;
	const struct acme_order_hooks hooks = {ask_placed, ask_solve, p};
	size_t names = (n - 5) / 3;
	PVE_FREE struct acme_order_name *name = pve_calloc(names + 1, sizeof(*name));
	const struct acme_order_want want = {
		.names = name,
		.n = names,
		.csr = args[0],
		.resume = strcmp(args[1], ACME_ORDER_SEARCH) == 0 ? NULL : or_null(args[1]),
		.search = strcmp(args[1], ACME_ORDER_SEARCH) == 0,
		.profile = or_null(args[2]),
		.replaces = or_null(args[3]),
		.preferred_chain = or_null(args[4]),
	};
	PVE_BUF pem = {0};

	for (size_t i = 0; i < names; i++)
		name[i] = (struct acme_order_name){args[5 + 3 * i], args[6 + 3 * i], args[7 + 3 * i]};
	if (acme_order_run(c, &want, &hooks, &pem, e) < 0)
		return -1;
	pve_strv_add(out, pve_buf_str(&pem));
	return 0;
}

static int job_revoke(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		      struct pve_err *e)
{
	uint64_t reason = 0;

	(void)n, (void)out;
	if (pve_num_u64(args[1], 0, 10, &reason, e) < 0)
		return -1;
	return acme_revoke(c, args[0], (unsigned)reason, *args[2], e);
}

static int job_renewal(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		       struct pve_err *e)
{
	PVE_FREE char *url = NULL;
	struct acme_ask ask_for = {.what = "the renewal information", .body = ACME_BODY_JSON};
	struct pve_acme_renewal window;
	struct pve_http_res res;
	struct pve_span after;
	int rc;

	(void)n;
	if (!c->dir.renewal_info)
		return pve_err_set(e, PVE_FAILED, "%s gives no renewal information",
				   c->opts.directory);
	url = pve_asprintf("%s/%s", c->dir.renewal_info, args[0]);
	ask_for.url = url;
	if (acme_client_ask(c, &ask_for, &res, e) < 0)
		return -1;
	rc = pve_acme_renewal_parse(&window, (struct pve_span){res.body.data, res.body.len}, e);
	if (rc == 0) {
		after = pve_http_header(&res, "Retry-After", 0);
		pve_strv_addf(out, "%lld", (long long)window.start);
		pve_strv_addf(out, "%lld", (long long)window.end);
		pve_strv_add(out, window.explanation);
		pve_strv_addf(out, "%lld",
			      after.p ? (long long)acme_retry_after(after, pve_sys_time(c->opts.sys))
				      : -1LL);
		pve_arena_done(&window.mem);
	}
	pve_http_done(&res);
	return rc;
}

static int job_dns(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		   struct pve_err *e)
{
	const struct pve_strv words = {.v = args, .n = n};

	(void)c;
	return acme_dns_job(&words, out, e);
}

static const struct {
	const char *name;
	size_t min;   /* arguments */
	int (*run)(struct acme_client *c, char **args, size_t n, struct pve_strv *out,
		   struct pve_err *e);
} jobs[] = {
	{"directory", 0, job_directory}, {"register", 3, job_register},
	{"fetch", 0, job_fetch},         {"update", 1, job_update},
	{"deactivate", 0, job_deactivate}, {"roll", 0, job_roll},
	{"order", 8, job_order},         {"revoke", 3, job_revoke},
	{"renewal", 1, job_renewal},     {"dns", 3, job_dns},
};

/* --- serving ------------------------------------------------------------------------------ */

/* ACME_MSG_BEGIN: directory, certificates, account, time-out, then alg and jwk of each key; it is answered by the skew
 * of our clock in seconds. */
static int begin(struct netproc *p, struct acme_msg *m, struct pve_strv *out, struct pve_err *e)
{
	struct acme_client_opts opts = {
		.sys = p->sys, .signer = &p->signer, .tell = tell, .tell_to = p};
	char **a;
	uint64_t timeout;

	if (m->args.n != 10 || p->begun ||
	    pve_num_u64(m->args.v[3], 1, UINT32_MAX, &timeout, e) < 0)
		return pve_err_set(e, PVE_FAILED, "an unknown beginning");
	p->begin = *m;
	*m = (struct acme_msg){0};
	a = p->begin.args.v;
	p->signer = (struct acme_signer){.sign = ask_sign, .bind = ask_bind, .data = p};
	for (size_t i = 0; i < 3; i++) {
		p->signer.alg[i] = or_null(a[4 + 2 * i]);
		p->signer.jwk[i] = or_null(a[5 + 2 * i]);
	}
	opts.directory = a[0];
	opts.ca_pem = or_null(a[1]);
	opts.kid = or_null(a[2]);
	opts.timeout_s = (unsigned)timeout;
	p->begun = true;
	if (acme_client_init(&p->client, &opts, e) < 0)
		return -1;
	pve_strv_addf(out, "%lld", (long long)p->client.skew);
	return 0;
}

static int job(struct netproc *p, const struct acme_msg *m, struct pve_strv *out, struct pve_err *e)
{
	if (!p->begun || !m->args.n)
		return pve_err_set(e, PVE_FAILED, "a job out of turn");
	for (size_t i = 0; i < sizeof(jobs) / sizeof(*jobs); i++)
		if (strcmp(jobs[i].name, m->args.v[0]) == 0 && m->args.n - 1 >= jobs[i].min)
			return jobs[i].run(&p->client, m->args.v + 1, m->args.n - 1, out, e);
	return pve_err_set(e, PVE_FAILED, "an unknown job: %s", m->args.v[0]);
}

static int serve(struct netproc *p, struct acme_msg *m, struct pve_err *e)
{
	ACME_MSG answer = {.word = ACME_MSG_OK};
	struct pve_err why = {0};
	int rc = m->word == ACME_MSG_BEGIN ? begin(p, m, &answer.args, &why)
					   : job(p, m, &answer.args, &why);

	if (rc < 0)
		acme_msg_fill_error(&answer, &why, (int)p->client.fate, p->client.not_before);
	return acme_msg_send(p->fd, &answer, e);
}

int acme_netproc(struct pve_sys *sys, int fd, struct pve_err *e)
{
	struct netproc p = {.sys = sys, .fd = fd};

	for (;;) {
		ACME_MSG m = {0};

		if (acme_msg_recv(fd, &m, e) < 0 || serve(&p, &m, e) < 0)
			break;
	}
	if (p.begun)
		acme_client_done(&p.client);
	acme_msg_done(&p.begin);
	return 0;
}
