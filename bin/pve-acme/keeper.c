/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/keeper.h"

#include <stdlib.h>

#include "pve-acme/confine.h"
#include "pve-acme/jws.h"
#include "pve-acme/msg.h"
#include "pve-acme/netproc.h"
#include "pve-acme/stop.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pveio/acme.h"
#include "pveio/base64.h"

static int run_netproc(void *sys, int fd, struct pve_err *e)
{
	return acme_netproc(sys, fd, e);
}

int acme_keeper_start(struct acme_keeper *k, struct pve_sys *sys, struct pve_err *e)
{
	k->sys = sys;
	k->timeout_s = 300;
	acme_confine_memory();
	return acme_child_start(&k->net, run_netproc, sys, NULL, 0, e);
}

void acme_keeper_stop(struct acme_keeper *k)
{
	acme_child_stop(&k->net);
}

/* --- serving ------------------------------------------------------------------------------ */

/* The other process reads what comes from outside, and may have fallen to it: what it says is
 * examined here once more, as far as it decides on what we do as root. */

static int do_sign(struct acme_keeper *k, const struct acme_msg *m, struct pve_strv *out,
		   struct pve_err *e)
{
	PVE_BUF signature = {0};
	PVE_BUF text = {0};
	uint64_t which;

	if (m->args.n != 2 || pve_num_u64(m->args.v[0], 0, 2, &which, e) < 0 || !k->key[which])
		return pve_err_set(e, PVE_FAILED, "there is no such key to sign with");
	if (pve_pkey_sign(k->key[which], pve_span(m->args.v[1]), &signature, e) < 0)
		return -1;
	pve_base64_encode((struct pve_span){signature.data, signature.len}, &text);
	pve_strv_add(out, pve_buf_str(&text));
	return 0;
}

/* RFC 8555, section 7.3.4: a JWS by the secret that CA and account holder share. */
static int do_bind(struct acme_keeper *k, const struct acme_msg *m, struct pve_strv *out,
		   struct pve_err *e)
{
	PVE_FREE char *alg = pve_asprintf("HS%u", k->eab_bits);
	PVE_BUF jwk = {0};
	PVE_BUF input = {0};
	PVE_BUF mac = {0};
	PVE_BUF jws = {0};
	struct acme_jws want = {.alg = alg, .kid = k->eab_kid};

	if (m->args.n != 1 || !k->eab_kid)
		return pve_err_set(e, PVE_FAILED, "there is no external account to bind to");
	if (pve_pkey_jwk(k->key[ACME_KEY_ACCOUNT], &jwk, e) < 0)
		return -1;
	want.url = m->args.v[0];
	want.payload = (struct pve_span){jwk.data, jwk.len};
	acme_jws_input(&want, &input);
	if (pve_hmac(k->eab_bits, k->eab_mac, (struct pve_span){input.data, input.len}, &mac, e) < 0)
		return -1;
	acme_jws_format((struct pve_span){input.data, input.len},
			(struct pve_span){mac.data, mac.len}, &jws);
	pve_strv_add(out, pve_buf_str(&jws));
	return 0;
}

static int do_solve(struct acme_keeper *k, const struct acme_msg *m, struct pve_err *e)
{
	size_t n = m->args.n / 2;
	PVE_FREE struct acme_task *tasks = pve_calloc(n + 1, sizeof(*tasks));

	if (!k->hooks.solve)
		return pve_err_set(e, PVE_FAILED, "nobody solves challenges here");
	for (size_t i = 0; i < n; i++) {
		uint64_t name;

		if (pve_num_u64(m->args.v[2 * i], 0, UINT32_MAX, &name, e) < 0)
			return -1;
		/* It becomes a part of a path, which we write as root. */
		if (!pve_acme_is_token(m->args.v[2 * i + 1]))
			return pve_err_set(e, PVE_DATA, "a challenge whose token is none");
		tasks[i] = (struct acme_task){(size_t)name, m->args.v[2 * i + 1]};
	}
	return k->hooks.solve(k->hooks.data, tasks, n, e);
}

/* One word of a line: it becomes a part of the journal, whose other lines say what we remove. */
static bool is_word(const char *text)
{
	while ((unsigned char)*text > ' ' && *text != 0x7f)
		text++;
	return !*text;
}

static int do_placed(struct acme_keeper *k, const struct acme_msg *m, struct pve_err *e)
{
	if (m->args.n != 1 || !k->hooks.placed)
		return pve_err_set(e, PVE_FAILED, "nobody orders here");
	if (!is_word(m->args.v[0]))
		return pve_err_set(e, PVE_DATA, "an order whose URL is none");
	return k->hooks.placed(k->hooks.data, m->args.v[0], e);
}

/* Does what the other process asks for, and answers. */
static int serve(struct acme_keeper *k, const struct acme_msg *m, struct pve_err *e)
{
	ACME_MSG answer = {.word = ACME_MSG_OK};
	struct pve_err why = {0};
	int rc;

	switch (m->word) {
	case ACME_MSG_TELL:
		if (k->tell && m->args.n)
			k->tell(k->tell_to, m->args.v[0]);
		return 0;
	case ACME_MSG_SIGN:
		rc = do_sign(k, m, &answer.args, &why);
		break;
	case ACME_MSG_BIND:
		rc = do_bind(k, m, &answer.args, &why);
		break;
	case ACME_MSG_PLACED:
		rc = do_placed(k, m, &why);
		break;
	case ACME_MSG_SOLVE:
		rc = do_solve(k, m, &why);
		break;
	default:
		rc = pve_err_set(&why, PVE_FAILED, "an unknown question");
	}
	if (rc < 0)
		acme_msg_fill_error(&answer, &why, 0, 0);
	return acme_msg_send(k->net.fd, &answer, e);
}

/* Sends one message of work and serves until it is done. */
static int work(struct acme_keeper *k, const struct acme_msg *m, struct pve_strv *out,
		struct pve_err *e)
{
	if (acme_msg_send(k->net.fd, m, e) < 0)
		return -1;
	for (;;) {
		ACME_MSG in = {0};
		uint64_t fate = 0;

		if (acme_stop_wait(k->net.fd, -1, e) < 0 || acme_msg_recv(k->net.fd, &in, e) < 0) {
			k->fate = ACME_GIVEN_UP;
			return -1;
		}
		if (in.word == ACME_MSG_OK) {
			*out = in.args;
			in.args = (struct pve_strv){0};
			return 0;
		}
		if (in.word == ACME_MSG_ERROR) {
			if (in.args.n == 4)
				pve_num_u64(in.args.v[1], 0, ACME_GIVEN_UP, &fate, NULL);
			k->fate = (enum acme_fate)fate;
			k->not_before = in.args.n == 4 ? strtoll(in.args.v[2], NULL, 10) : 0;
			return acme_msg_error(&in, e);
		}
		if (serve(k, &in, e) < 0)
			return -1;
	}
}

int acme_keeper_begin(struct acme_keeper *k, struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_BEGIN};
	PVE_STRV out = {0};

	pve_strv_add(&m.args, k->directory);
	pve_strv_add(&m.args, k->ca_pem ? k->ca_pem : "");
	pve_strv_add(&m.args, k->kid ? k->kid : "");
	pve_strv_addf(&m.args, "%u", k->timeout_s);
	for (size_t i = 0; i < 3; i++) {
		PVE_BUF jwk = {0};
		const char *alg = k->key[i] ? pve_pkey_alg(k->key[i]) : NULL;

		if (k->key[i] && pve_pkey_jwk(k->key[i], &jwk, e) < 0)
			return -1;
		pve_strv_add(&m.args, alg ? alg : "");
		pve_strv_add(&m.args, pve_buf_str(&jwk));
	}
	if (work(k, &m, &out, e) < 0)
		return -1;
	if (out.n != 1 || pve_num_i64(out.v[0], INT64_MIN / 2, INT64_MAX / 2, &k->skew, e) < 0)
		return pve_err_set(e, PVE_FAILED, "the network process said nothing of use");
	return 0;
}

int acme_keeper_job(struct acme_keeper *k, const struct pve_strv *args, struct pve_strv *out,
		    struct pve_err *e)
{
	ACME_MSG m = {.word = ACME_MSG_JOB};
	PVE_STRV ignored = {0};
	struct pve_strv *answer = out ? out : &ignored;

	for (size_t i = 0; i < args->n; i++)
		pve_strv_add(&m.args, args->v[i]);
	return work(k, &m, answer, e);
}

int acme_keeper_authorization(const struct acme_keeper *k, const char *token, struct pve_buf *out,
			      struct pve_buf *digest, struct pve_err *e)
{
	PVE_BUF text = {0};

	pve_buf_printf(&text, "%s.", token);
	if (pve_pkey_thumbprint(k->key[ACME_KEY_ACCOUNT], &text, e) < 0 ||
	    pve_sha256_base64url((struct pve_span){text.data, text.len}, digest, e) < 0)
		return -1;
	pve_buf_add(out, text.data, text.len);
	return 0;
}
