/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/install.h"

#include <errno.h>
#include <time.h>

#include "acme.h"
#include "pve-acme/stop.h"
#include "pvecommon/mail.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pvecommon/run.h"
#include "pvecommon/textfile.h"
#include "pveio/tls.h"

#define PORT "8006"
#define RELOAD_MS 90000   /* that long systemd waits for a service at most */
#define SHOWN_MS 15000    /* after the reload: until the new one must be shown */
#define HANDSHAKE_MS 5000
#define PAUSE_MS 200

/* --- functions of plans ------------------------------------------------------------------- */

/* "reload": has pveproxy read its files again.  It is harmless at any time, and repeated. */
static int call_reload(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	static const char *const argv[] = {"systemctl", "reload-or-restart", "pveproxy.service", NULL};
	const struct pve_run cmd = {.argv = argv, .timeout_ms = RELOAD_MS};

	(void)args, (void)data;
	return pve_run_ok(sys, &cmd, NULL, e);
}

/* "reload-back": the same on the way back, where its failure must not keep anybody from what comes
 * next: the files are what they were, and the service is asked again with the next certificate. */
static int call_reload_back(struct pve_sys *sys, const char *const *args, void *data,
			    struct pve_err *e)
{
	struct pve_err why = {0};

	(void)e;
	if (call_reload(sys, args, NULL, &why) < 0)
		pve_log_line(data, PVE_LOG_WARNING,
			     "the old certificate is back, but pveproxy was not reloaded: %s", why.msg);
	return 0;
}

/* "nothing": where a plan goes forward without it, and back with something else; or the reverse. */
static int call_nothing(struct pve_sys *sys, const char *const *args, void *data,
			struct pve_err *e)
{
	(void)sys, (void)args, (void)data, (void)e;
	return 0;
}

/* "show ADDRESS PORT FINGERPRINT": reload, then the certificate with that fingerprint must be shown.
 * Old workers of pveproxy may answer for a moment, and nobody when it is restarted. */
static int call_show(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	char seen[PVE_TLS_FINGERPRINT] = "";
	struct pve_err why = {0};
	int64_t end;
	uint64_t port;

	if (!args[1] || !args[2] || !args[3] || pve_num_u64(args[2], 1, 65535, &port, e) < 0)
		return pve_err_set(e, PVE_FAILED, "the call of show is not as it was written");
	if (call_reload(sys, args, data, e) < 0)
		return -1;
	end = sys->now(sys, CLOCK_MONOTONIC) / 1000000 + SHOWN_MS;
	while (sys->now(sys, CLOCK_MONOTONIC) / 1000000 < end) {
		if (pve_tls_peer(args[1], (unsigned)port, HANDSHAKE_MS, seen, &why) == 0 &&
		    strcmp(seen, args[3]) == 0)
			return 0;
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000}, NULL);
	}
	if (!*seen)
		return pve_err_set(e, PVE_FAILED, "pveproxy does not answer with the new certificate: %s",
				   why.msg);
	return pve_err_set(e, PVE_FAILED,
			   "pveproxy (%s port %s) does not show the new certificate but %s; see "
			   "'journalctl -u pveproxy'",
			   args[1], args[2], seen);
}

static const struct pve_call calls[] = {
	{"reload", call_reload},
	{"reload-back", call_reload_back},
	{"nothing", call_nothing},
	{"show", call_show},
	{"mail", pve_mail_call},
	{NULL, NULL},
};

int acme_change_begin(struct pve_ctx *ctx, struct pve_change *change)
{
	return pve_ctx_begin(ctx, calls, &ctx->log, change);
}

/* --- plans -------------------------------------------------------------------------------- */

/* Where pveproxy listens: LISTEN_IP in /etc/default/pveproxy, or else everywhere. */
static const char *proxy_address(struct pve_sys *sys, struct pve_arena *mem)
{
	struct pve_textfile text = {0};
	struct pve_setting s;
	ACME_FILE file = {0};
	const char *address = "127.0.0.1";

	if (acme_file_read(&file, sys, "/etc/default/pveproxy", NULL) < 0 || !file.there)
		return address;
	pve_textfile_parse(&text, acme_file_span(&file));
	if (pve_textfile_sh_find(&text, "LISTEN_IP", &s) && s.value.len && !s.computed &&
	    !pve_span_eq(s.value, "::") && !pve_span_eq(s.value, "0.0.0.0"))
		address = pve_arena_memdup(mem, s.value.p, s.value.len);
	pve_textfile_done(&text);
	return address;
}

/* Undone last, so that the old pair is loaded when it is back. */
static void plan_way_back(struct pve_plan *plan)
{
	pve_plan_call(plan, "pveproxy", (const char *const[]){"nothing", NULL},
		      (const char *const[]){"reload-back", NULL},
		      "if what follows fails: reload with the old certificate");
}

static void plan_reload(struct pve_ctx *ctx, struct pve_plan *plan, const char *fingerprint)
{
	PVE_CLEANUP(pve_arena_done) struct pve_arena mem = {0};
	const char *const show[] = {"show", proxy_address(&ctx->sys, &mem), PORT, fingerprint, NULL};
	const char *const reload[] = {"reload", NULL};

	pve_plan_call(plan, "pveproxy", fingerprint ? show : reload,
		      (const char *const[]){"nothing", NULL},
		      fingerprint ? "reload, and see that it shows the new certificate" : "reload");
}

static void say_fingerprints(struct pve_ctx *ctx, const struct acme_file *old, const char *new)
{
	PVE_CLEANUP(pve_chain_done) struct pve_chain chain = {0};

	if (old->there && pve_chain_parse(&chain, acme_file_span(old), NULL) == 0)
		pve_log_line(&ctx->log, PVE_LOG_INFO, "old fingerprint: %s", chain.v[0].fingerprint);
	pve_log_line(&ctx->log, PVE_LOG_INFO, "new fingerprint: %s", new);
}

int acme_install_plan(struct pve_ctx *ctx, const struct acme_host *h, const struct acme_pair *pair,
		      const struct pve_chain *chain, bool restart, struct pve_plan *plan)
{
	ACME_FILE cert = {0}, key = {0};
	struct pve_span was;
	bool service = restart && !ctx->sys.rooted;

	if (acme_file_read(&cert, &ctx->sys, h->node.cert, &ctx->err) < 0 ||
	    acme_file_read(&key, &ctx->sys, h->node.key, &ctx->err) < 0)
		return -1;
	say_fingerprints(ctx, &cert, chain->v[0].fingerprint);
	if (service)
		plan_way_back(plan);
	if (pair->key.p)
		pve_plan_write(plan, h->node.key, acme_file_was(&key, &was), pair->key, 0640,
			       "the key of the certificate");
	pve_plan_write(plan, h->node.cert, acme_file_was(&cert, &was), pair->chain, 0640,
		       "the certificate %s", chain->v[0].fingerprint);
	if (service)
		plan_reload(ctx, plan, chain->v[0].fingerprint);
	else if (restart)
		pve_log_line(&ctx->log, PVE_LOG_NOTICE, "with --root pveproxy is not reloaded");
	return 0;
}

int acme_uninstall_plan(struct pve_ctx *ctx, const struct acme_host *h, bool restart,
			struct pve_plan *plan)
{
	ACME_FILE cert = {0}, key = {0}, own = {0};
	PVE_CLEANUP(pve_chain_done) struct pve_chain chain = {0};
	struct pve_span was;
	bool service = restart && !ctx->sys.rooted;

	if (acme_file_read(&cert, &ctx->sys, h->node.cert, &ctx->err) < 0 ||
	    acme_file_read(&key, &ctx->sys, h->node.key, &ctx->err) < 0 ||
	    acme_file_read(&own, &ctx->sys, h->node.own_cert, &ctx->err) < 0)
		return -1;
	if (service)
		plan_way_back(plan);
	if (cert.there)
		pve_plan_remove(plan, h->node.cert, acme_file_was(&cert, &was),
				"pve-ssl.pem is shown again");
	if (key.there)
		pve_plan_remove(plan, h->node.key, acme_file_was(&key, &was), "goes with its certificate");
	if (service && own.there && pve_chain_parse(&chain, acme_file_span(&own), NULL) == 0)
		plan_reload(ctx, plan, chain.v[0].fingerprint);
	else if (service)
		plan_reload(ctx, plan, NULL);
	return 0;
}
