/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "session.h"

#include "pve-acme/stop.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pvecommon/num.h"
#include "pveio/base64.h"

#define ATTEMPTS 4       /* wrong answers, then Proxmox VE gives up, too */
#define HMAC_MAX 4096

static const struct {
	const char *name, *url;
} known[] = {
	{"Let's Encrypt V2", "https://acme-v02.api.letsencrypt.org/directory"},
	{"Let's Encrypt V2 Staging", "https://acme-staging-v02.api.letsencrypt.org/directory"},
};
#define SERVERS (sizeof(known) / sizeof(*known))

struct reg {
	struct pve_ctx *ctx;
	struct acme_account_opts *opts;
	struct acme_session s;
	const char *name;
	char *path, *directory;
	struct pve_strv contacts;
	struct acme_file file;       /* as it is on disk */
	struct acme_stored stored;
	struct pve_pkey *key;
	bool resumed;                /* of a run that got no answer */
	struct pve_strv meta;        /* of the server: netproc.h, job directory */
	char *kid;                   /* of the external account; NULL */
	struct pve_buf mac;          /* its secret */
};

static void done(struct reg *r)
{
	acme_session_done(&r->s);
	free(r->path);
	free(r->directory);
	pve_strv_done(&r->contacts);
	acme_file_done(&r->file);
	acme_stored_done(&r->stored);
	pve_pkey_free(r->key);
	pve_strv_done(&r->meta);
	free(r->kid);
	if (r->mac.len)
		explicit_bzero(r->mac.data, r->mac.len);
	pve_buf_done(&r->mac);
}

/* --- questions, on a terminal only -------------------------------------------------------- */

static bool can_ask(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* The answer without its end of line, to be freed; NULL at the end of input, and when a signal
 * came: they are held back, so only the wait hears of them.  A terminal gives one line at a time,
 * so none is in the buffer of stdin. */
static char *ask(const char *question)
{
	PVE_FREE char *line = NULL;
	size_t size = 0;
	struct pve_span text;
	ssize_t n;

	fputs(question, stderr);
	if (acme_stop_wait(STDIN_FILENO, -1, NULL) < 0)
		return NULL;
	n = getline(&line, &size, stdin);
	if (n < 0)
		return NULL;
	text = pve_span_trim((struct pve_span){line, (size_t)n});
	return pve_strndup(text.p, text.len);
}

/* The same for what nobody shall read on the screen. */
static char *ask_secret(const char *question)
{
	struct termios before, silent;
	bool quiet = tcgetattr(STDIN_FILENO, &before) == 0;
	char *answer;

	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	if (quiet)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	answer = ask(question);
	if (quiet) {
		tcsetattr(STDIN_FILENO, TCSANOW, &before);
		fputc('\n', stderr);
	}
	return answer;
}

/* The menu of Proxmox VE. */
static char *ask_directory(void)
{
	fputs("Directory endpoints:\n", stderr);
	for (size_t i = 0; i < SERVERS; i++)
		fprintf(stderr, "%zu) %s (%s)\n", i, known[i].name, known[i].url);
	fprintf(stderr, "%zu) Custom\n", SERVERS);
	for (int i = 0; i < ATTEMPTS; i++) {
		PVE_FREE char *answer = ask("Enter selection: ");
		uint64_t n;

		if (!answer)
			break;
		if (pve_num_u64(answer, 0, SERVERS, &n, NULL) < 0)
			fputs("Invalid selection.\n", stderr);
		else
			return n < SERVERS ? pve_strdup(known[n].url) : ask("Enter custom URL: ");
	}
	return NULL;
}

static int choose_directory(struct reg *r)
{
	if (r->resumed) {
		if (r->opts->directory && strcmp(r->opts->directory, r->stored.directory) != 0)
			return pve_err_set(&r->ctx->err, PVE_USAGE,
					   "the registration of '%s' at %s has had no answer yet; to try "
					   "another server, remove %s first",
					   r->name, r->stored.directory, r->path);
		r->directory = pve_strdup(r->stored.directory);
	} else if (r->opts->directory) {
		r->directory = pve_strdup(r->opts->directory);
	} else if (can_ask()) {
		r->directory = ask_directory();
		if (!r->directory)
			pve_err_set(&r->ctx->err, PVE_USAGE, "no directory was chosen");
	} else {
		pve_err_set(&r->ctx->err, PVE_USAGE,
			    "account register: needs --directory URL, since there is no terminal to ask "
			    "at; Let's Encrypt is %s",
			    known[0].url);
	}
	return r->directory ? 0 : -1;
}

static int agree(struct reg *r)
{
	const char *terms = r->meta.n ? r->meta.v[0] : "";
	PVE_FREE char *answer = NULL;

	if (!*terms)
		return 0;
	fprintf(stderr, "\nTerms of Service: %s\n", terms);
	if (r->opts->accept_tos)
		return 0;
	if (!can_ask())
		return pve_err_set(&r->ctx->err, PVE_DENIED,
				   "account register: read %s; --accept-tos says that you agree", terms);
	answer = ask("Do you agree to the above terms? [y|N]");
	if (answer && strcasecmp(answer, "y") == 0)
		return 0;
	return pve_err_set(&r->ctx->err, PVE_DENIED,
			   "cannot continue without agreeing to the terms; nothing was registered");
}

/* --- before the server is asked ----------------------------------------------------------- */

/* Either may be missing: the first operand is the name unless it can only be a contact. */
static int read_operands(struct reg *r)
{
	const struct pve_strv *o = &r->ctx->operands;
	bool named = o->n && !strpbrk(o->v[0], "@:");

	r->name = named ? o->v[0] : ACME_DEFAULT_ACCOUNT;
	r->path = acme_account_path(r->name);
	if (!acme_is_id(r->name))
		return pve_err_set(&r->ctx->err, PVE_USAGE,
				   "'%s' cannot be the name of an account: a letter, then letters, digits, "
				   "'-' and '_'",
				   r->name);
	if (acme_contacts(o, named, &r->contacts, &r->ctx->err) < 0)
		return -1;
	return acme_contacts(&r->opts->contact, 0, &r->contacts, &r->ctx->err);
}

/* A file without a location is what a run left that got no answer: its key may have an account. */
static int read_file(struct reg *r)
{
	struct pve_err *e = &r->ctx->err;

	if (acme_file_read(&r->file, &r->ctx->sys, r->path, e) < 0)
		return -1;
	if (!r->file.there)
		return 0;
	if (acme_account_read(&r->stored, NULL, &r->ctx->sys, r->name, e) < 0)
		return -1;
	if (r->stored.location)
		return pve_err_set(e, PVE_FAILED,
				   "there is an account '%s' already, at %s; see 'pve-acme account info %s'",
				   r->name, r->stored.directory, r->name);
	r->resumed = true;
	if (!r->contacts.n)
		free(acme_stored_status(&r->stored, &r->contacts));
	r->key = pve_pkey_parse(pve_span(r->stored.key), e);
	return r->key ? 0 : pve_err_prefix(e, "%s", r->path);
}

/* Takes the secret that the CA gave its customer, as base64url or base64. */
static int set_binding(struct reg *r, const char *kid, struct pve_span text, const char *where)
{
	struct pve_span word = pve_span_trim(text);

	if (!word.len || !pve_base64url_decode(word, &r->mac) || !r->mac.len)
		return pve_err_set(&r->ctx->err, PVE_DATA, "%s: is not in base64url", where);
	r->kid = pve_strdup(kid);
	r->s.keeper.eab_kid = r->kid;
	r->s.keeper.eab_mac = (struct pve_span){r->mac.data, r->mac.len};
	r->s.keeper.eab_bits = 256;
	return 0;
}

static int read_binding(struct reg *r)
{
	struct pve_err *e = &r->ctx->err;
	PVE_BUF text = {0};

	if (!r->opts->eab_kid != !r->opts->eab_hmac_file)
		return pve_err_set(e, PVE_USAGE, "--eab-kid and --eab-hmac-file belong together");
	if (!r->opts->eab_kid)
		return 0;
	if (pve_fs_read_given(r->opts->eab_hmac_file, HMAC_MAX, &text, e) < 0)
		return -1;
	return set_binding(r, r->opts->eab_kid, (struct pve_span){text.data, text.len},
			   r->opts->eab_hmac_file);
}

/* The server knows its customers, and no option said which of them this is. */
static int ask_binding(struct reg *r)
{
	PVE_FREE char *kid = NULL;
	char *secret;
	int rc;

	if (!can_ask())
		return pve_err_set(&r->ctx->err, PVE_USAGE,
				   "%s knows its customers: give the key that it gave you with --eab-kid "
				   "and --eab-hmac-file",
				   r->directory);
	fprintf(stderr, "%s wants an external account binding.\n", r->directory);
	kid = ask("Enter EAB key id: ");
	secret = kid && *kid ? ask_secret("Enter EAB key: ") : NULL;
	if (!secret)
		return pve_err_set(&r->ctx->err, PVE_USAGE, "no key was given; nothing was registered");
	rc = set_binding(r, kid, pve_span(secret), "the EAB key");
	explicit_bzero(secret, strlen(secret));
	free(secret);
	return rc;
}

static int make_key(struct reg *r)
{
	int type = r->opts->key_type ? pve_pkey_type(r->opts->key_type) : (int)ACME_ACCOUNT_KEY;

	if (r->resumed)
		return 0;
	if (type < PVE_PKEY_RSA2048 || type > PVE_PKEY_RSA4096)
		pve_log_line(&r->ctx->log, PVE_LOG_NOTICE,
			     "the ACME client of Proxmox VE itself takes RSA keys only, so it cannot use "
			     "this account");
	r->key = pve_pkey_new((enum pve_pkey_type)type, &r->ctx->err);
	return r->key ? acme_stored_init(&r->stored, r->directory, r->key, &r->ctx->err) : -1;
}

static int put(struct reg *r, const char *why)
{
	PVE_PLAN plan = {0};

	acme_session_write(&r->s, &plan, r->path, &r->file, &r->stored, why);
	if (acme_session_apply(&r->s, &plan) < 0)
		return -1;
	acme_file_done(&r->file);
	return acme_file_read(&r->file, &r->ctx->sys, r->path, &r->ctx->err);
}

/* The contacts are kept with the key, for a run that goes on. */
static int save_key(struct reg *r)
{
	PVE_BUF json = {0};

	pve_buf_puts(&json, "{\"contact\":[");
	for (size_t i = 0; i < r->contacts.n; i++) {
		pve_buf_puts(&json, i ? "," : "");
		pve_acme_quote(&json, r->contacts.v[i]);
	}
	pve_buf_puts(&json, "],\"status\":\"unregistered\"}");
	if (acme_stored_set_account(&r->stored, pve_buf_str(&json), NULL, &r->ctx->err) < 0)
		return -1;
	return put(r, "the key, before the server hears of it");
}

/* --- the registration --------------------------------------------------------------------- */

/* The server said no, so there is nothing that the key could be needed for. */
static void take_back(struct reg *r)
{
	struct pve_err why = r->ctx->err;
	struct pve_span was;
	PVE_PLAN plan = {0};

	pve_plan_remove(&plan, r->path, acme_file_was(&r->file, &was), "the server refused it");
	acme_session_apply(&r->s, &plan);
	r->ctx->err = why;
}

static int ask_server(struct reg *r, struct pve_strv *out)
{
	PVE_FREE const char **args = pve_calloc(r->contacts.n + 5, sizeof(*args));
	size_t n = 0;

	args[n++] = "register";
	args[n++] = "1";
	args[n++] = "";
	args[n++] = r->kid ? "1" : "";
	for (size_t i = 0; i < r->contacts.n; i++)
		args[n++] = r->contacts.v[i];
	if (acme_session_job(&r->s, &r->s.keeper, out, args) == 0)
		return 0;
	if (r->s.keeper.fate == ACME_REFUSED)
		take_back(r);
	else
		pve_err_prefix(&r->ctx->err,
			       "no answer, so the account may exist; its key is kept in %s, run the same "
			       "command again",
			       r->path);
	return -1;
}

static int finish(struct reg *r, const struct pve_strv *out)
{
	struct pve_err *e = &r->ctx->err;

	if (out->n != 2)
		return pve_err_set(e, PVE_FAILED, "the network process said nothing of use");
	if (acme_stored_set_account(&r->stored, out->v[1], out->v[0], e) < 0)
		return -1;
	if (*r->meta.v[0] && acme_stored_set(&r->stored, "tos", r->meta.v[0], e) < 0)
		return -1;
	if (r->kid && acme_stored_set(&r->stored, "eabKid", r->kid, e) < 0)
		return -1;
	acme_say(r->ctx, "Registration successful, account URL: '%s'", out->v[0]);
	if (put(r, "the account as the server has it") < 0)
		return -1;
	acme_say(r->ctx, "Task OK");
	return 0;
}

static int prepare(struct reg *r)
{
	if (acme_session_start(&r->s, r->ctx) < 0 || read_operands(r) < 0 || read_file(r) < 0 ||
	    read_binding(r) < 0)
		return -1;
	if (!r->contacts.n)
		return pve_err_set(&r->ctx->err, PVE_USAGE,
				   "account register: needs a contact, such as admin@example.org");
	if (choose_directory(r) < 0 || make_key(r) < 0)
		return -1;
	return 0;
}

static int reg(struct reg *r)
{
	PVE_STRV out = {0};

	if (prepare(r) < 0)
		return -1;
	if (r->ctx->dry_run) {
		PVE_PLAN plan = {0};

		acme_session_write(&r->s, &plan, r->path, &r->file, &r->stored,
				   "the key, and what the server says");
		return acme_session_apply(&r->s, &plan);
	}
	if (acme_session_begin(&r->s, &r->s.keeper, r->directory, NULL, r->key, NULL) < 0 ||
	    acme_session_job(&r->s, &r->s.keeper, &r->meta,
			     (const char *const[]){"directory", NULL}) < 0)
		return -1;
	if (r->meta.n < 3)
		return pve_err_set(&r->ctx->err, PVE_FAILED, "the network process said nothing of use");
	if (agree(r) < 0 || (*r->meta.v[2] && !r->kid && ask_binding(r) < 0))
		return -1;
	acme_say(r->ctx, "Generating ACME account key..");
	if (save_key(r) < 0)
		return -1;
	acme_say(r->ctx, "Registering ACME account..");
	return ask_server(r, &out) < 0 ? -1 : finish(r, &out);
}

int acme_account_register_cmd(struct pve_ctx *ctx)
{
	struct reg r = {.ctx = ctx, .opts = ctx->opts};
	int rc = reg(&r);

	done(&r);
	return rc;
}
