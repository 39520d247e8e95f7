/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-acme/issue.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pve-acme/netproc.h"
#include "pve-acme/stop.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pveio/base64.h"
#include "pveio/x509.h"

#define TAG "pve-acme-order"

/* --- what is wanted ----------------------------------------------------------------------- */

static int find_names(struct acme_issue *i, struct pve_err *e)
{
	const struct acme_domains *d = &i->host->domains;

	if (!d->n)
		return pve_err_set(e, PVE_CONFIG,
				   "no domain is configured for this node: "
				   "pve-acme config set -acme domains=NAME");
	i->names = pve_calloc(d->n, sizeof(*i->names));
	for (size_t k = 0; k < d->n; k++) {
		const struct acme_domain *one = &d->v[k];
		const struct acme_plugin *plugin = acme_host_plugin(i->host, one, e);

		if (!plugin)
			return -1;
		i->names[i->n++] = (struct acme_solve_name){
			.name = {pve_name_type(one->name), one->name},
			.challenge = acme_plugin_challenge(plugin),
			.plugin = plugin,
			.alias = one->alias,
		};
		pve_strv_addf(&i->words, "%s %s",
			      pve_name_type(one->name) == PVE_NAME_IP ? "ip" : "dns", one->name);
	}
	return 0;
}

/* A plugin's credentials are kept as an account's key is. */
static int check_plugins(struct acme_issue *i, struct pve_err *e)
{
	for (size_t k = 0; k < i->n; k++)
		if (i->names[k].plugin->data)
			return acme_file_private(i->sys, ACME_PLUGINS, e);
	return 0;
}

/* A certificate that could not be put in place is an order spent for nothing: a file beside it is
 * written and removed again. */
static int check_target(struct acme_issue *i, struct pve_err *e)
{
	const char *path = i->host->node.key;

	if (pve_fs_stage(i->sys, path, TAG, pve_span("\n"), 0600, e) < 0)
		return pve_err_prefix(e, "the certificate could not be put in place%s",
				      e->sys == EACCES ? " (has the cluster quorum? see 'pvecm status')"
						       : "");
	return pve_fs_unstage(i->sys, path, TAG, e);
}

static int read_journal(struct acme_issue *i, struct pve_err *e)
{
	PVE_BUF text = {0};
	struct pve_err why = {0};

	if (pve_fs_read(i->sys, ACME_ORDER_JOURNAL, 0, &text, NULL, &why) < 0 &&
	    why.sys != ENOENT)
		return pve_err_set(e, why.code, "%s", why.msg);
	if (acme_journal_parse(&i->journal, (struct pve_span){text.data, text.len},
			       ACME_ORDER_JOURNAL, &why) < 0)
		return pve_err_set(e, why.code, "%s%s; without that file a new order is begun",
				   i->sys->root, why.msg);
	i->journal_read = true;
	return 0;
}

static int write_journal(struct acme_issue *i, struct pve_err *e)
{
	PVE_BUF text = {0};

	acme_journal_format(&i->journal, &text);
	if (!text.len)
		return pve_fs_exists(i->sys, ACME_ORDER_JOURNAL)
			       ? pve_fs_unlink(i->sys, ACME_ORDER_JOURNAL, e)
			       : 0;
	if (pve_fs_mkdir_parents(i->sys, ACME_STATE_DIR, e) < 0)
		return -1;
	return pve_fs_write(i->sys, ACME_ORDER_JOURNAL, TAG,
			    (struct pve_span){text.data, text.len}, 0600, e);
}

int acme_issue_init(struct acme_issue *i, struct pve_sys *sys, const struct acme_host *host,
		    const struct acme_issue_opts *opts, unsigned wait_s, struct pve_err *e)
{
	i->sys = sys;
	i->host = host;
	i->opts = *opts;
	i->lock = -1;
	if (pve_diags_err(&host->diags, e) < 0 || find_names(i, e) < 0 ||
	    check_plugins(i, e) < 0 || acme_host_writable(host, sys, e) < 0)
		return -1;
	if (opts->dry_run)
		return 0;
	i->lock = pve_fs_lock(sys, TAG, wait_s, e);
	i->kept_out = i->lock < 0;
	return i->kept_out ? -1 : check_target(i, e);
}

void acme_issue_done(struct acme_issue *i)
{
	acme_solver_stop(&i->solver);
	acme_keeper_stop(&i->keeper);
	pve_pkey_free(i->key);
	pve_pkey_free(i->account_key);
	acme_stored_done(&i->account);
	acme_file_done(&i->account_file);
	acme_journal_done(&i->journal);
	pve_strv_done(&i->words);
	free(i->names);
	if (i->lock > 0)
		close(i->lock);
	*i = (struct acme_issue){0};
}

/* --- keys --------------------------------------------------------------------------------- */

static int read_account(struct acme_issue *i, struct pve_err *e)
{
	const char *name = i->host->domains.account;

	if (acme_account_read(&i->account, &i->account_file, i->sys, name, e) < 0)
		return -1;
	if (!i->account.location && !i->opts.reregister)
		return pve_err_set(e, PVE_CONFIG,
				   "the account %s is not registered yet: pve-acme account "
				   "register %s",
				   name, name);
	i->account_key = pve_pkey_parse(pve_span(i->account.key), e);
	if (!i->account_key)
		return pve_err_prefix(e, "the account %s", name);
	return 0;
}

static struct pve_pkey *present_key(struct acme_issue *i, struct pve_err *e)
{
	PVE_BUF pem = {0};
	struct pve_pkey *key;

	if (pve_fs_read(i->sys, i->host->node.key, 0, &pem, NULL, e) < 0)
		return NULL;
	key = pve_pkey_parse((struct pve_span){pem.data, pem.len}, e);
	if (!key)
		pve_err_prefix(e, "%s", i->host->node.key);
	return key;
}

/* A key and a request for it, into the journal, so that they outlive us. */
static int make_request(struct acme_issue *i, struct pve_err *e)
{
	PVE_FREE struct pve_name *names = pve_calloc(i->n, sizeof(*names));
	PVE_BUF der = {0};
	PVE_BUF csr = {0};
	PVE_BUF pem = {0};

	for (size_t k = 0; k < i->n; k++)
		names[k] = i->names[k].name;
	i->key = i->opts.reuse_key ? present_key(i, e) : pve_pkey_new(i->opts.key_type, e);
	if (!i->key || pve_csr(i->key, names, i->n, &der, e) < 0)
		return -1;
	pve_base64url_encode((struct pve_span){der.data, der.len}, &csr);
	pve_pkey_format(i->key, &pem);
	acme_journal_done(&i->journal);
	i->journal.directory = pve_strdup(i->account.directory);
	i->journal.account = pve_strdup(i->host->domains.account);
	i->journal.begun = pve_sys_time(i->sys);
	i->journal.key = pve_buf_take(&pem);
	i->journal.csr = pve_buf_take(&csr);
	for (size_t k = 0; k < i->words.n; k++)
		pve_strv_add(&i->journal.names, i->words.v[k]);
	return write_journal(i, e);
}

/* Goes on with the order of the journal when it is for the same names, or begins a new one. */
static int find_request(struct acme_issue *i, struct pve_err *e)
{
	if (!acme_journal_fits(&i->journal, i->account.directory, i->host->domains.account,
			       &i->words))
		return make_request(i, e);
	i->searches = !i->journal.url;
	i->key = pve_pkey_parse(pve_span(i->journal.key), e);
	return i->key ? 0 : pve_err_prefix(e, ACME_ORDER_JOURNAL);
}

/* --- what the order asks of us ------------------------------------------------------------ */

static int placed(void *data, const char *url, struct pve_err *e)
{
	struct acme_issue *i = data;

	if (i->journal.url && strcmp(i->journal.url, url) == 0)
		return 0;
	free(i->journal.url);
	i->journal.url = pve_strdup(url);
	return write_journal(i, e);
}

static int keep(void *data, const struct pve_strv *left, struct pve_err *e)
{
	struct acme_issue *i = data;

	pve_strv_done(&i->journal.left);
	for (size_t k = 0; k < left->n; k++)
		pve_strv_add(&i->journal.left, left->v[k]);
	return write_journal(i, e);
}

static int solve(void *data, const struct acme_task *tasks, size_t n, struct pve_err *e)
{
	struct acme_issue *i = data;
	PVE_FREE struct acme_solve_task *to_do = pve_calloc(n + 1, sizeof(*to_do));
	struct pve_arena mem = {0};
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < n; k++) {
		PVE_BUF text = {0};
		PVE_BUF digest = {0};

		if (tasks[k].name >= i->n)
			rc = pve_err_set(e, PVE_FAILED, "a challenge for a name that is not ours");
		else
			rc = acme_keeper_authorization(&i->keeper, tasks[k].token, &text, &digest, e);
		if (rc == 0)
			to_do[k] = (struct acme_solve_task){
				.name = &i->names[tasks[k].name],
				.token = tasks[k].token,
				.authorization = pve_arena_strdup(&mem, pve_buf_str(&text)),
				.digest = pve_arena_strdup(&mem, pve_buf_str(&digest)),
			};
	}
	if (rc == 0)
		rc = acme_solver_solve(&i->solver, to_do, n, e);
	pve_arena_done(&mem);
	return rc;
}

/* --- the run ------------------------------------------------------------------------------ */

/* Everything that talks is started before a key is read, and so before the journal, which has
 * one. */
static int start(struct acme_issue *i, struct pve_err *e)
{
	i->solver = (struct acme_solver){
		.sys = i->sys,
		.plugins = &i->host->plugins,
		.resolver = i->opts.resolver,
		.http_address = i->opts.http_address,
		.http_port = i->opts.http_port,
		.tls_port = i->opts.tls_port,
		.timeout_s = i->opts.timeout_s,
		.tell = i->opts.tell,
		.tell_to = i->opts.tell_to,
		.keep = keep,
		.keep_data = i,
	};
	if (acme_solver_start(&i->solver, i->names, i->n,
			      pve_fs_exists(i->sys, ACME_ORDER_JOURNAL), e) < 0 ||
	    read_journal(i, e) < 0)
		return -1;
	acme_solver_adopt(&i->solver, &i->journal.left);
	/* What a run that died has left goes first: it may be in the way. */
	return i->solver.left.n ? acme_solver_clean(&i->solver, e) : 0;
}

static int begin(struct acme_issue *i, struct pve_err *e)
{
	i->keeper.directory = i->account.directory;
	i->keeper.ca_pem = i->opts.ca_pem;
	i->keeper.kid = i->account.location;
	i->keeper.key[ACME_KEY_ACCOUNT] = i->account_key;
	i->keeper.timeout_s = i->opts.timeout_s;
	i->keeper.tell = i->opts.tell;
	i->keeper.tell_to = i->opts.tell_to;
	i->keeper.hooks = (struct acme_order_hooks){placed, solve, i};
	return acme_keeper_begin(&i->keeper, e);
}

static int order(struct acme_issue *i, struct pve_buf *chain, struct pve_err *e)
{
	const char *resume = i->journal.url ? i->journal.url : i->searches ? ACME_ORDER_SEARCH : NULL;
	const char *const wants[] = {i->journal.csr, resume, i->opts.profile, i->opts.replaces,
				     i->opts.preferred_chain};
	PVE_STRV args = {0};
	PVE_STRV out = {0};

	pve_strv_add(&args, "order");
	for (size_t k = 0; k < sizeof(wants) / sizeof(*wants); k++)
		pve_strv_add(&args, wants[k] ? wants[k] : "");
	for (size_t k = 0; k < i->n; k++) {
		pve_strv_add(&args, i->names[k].name.type == PVE_NAME_IP ? "ip" : "dns");
		pve_strv_add(&args, i->names[k].name.text);
		pve_strv_add(&args, i->names[k].challenge);
	}
	if (acme_keeper_job(&i->keeper, &args, &out, e) < 0)
		return -1;
	if (out.n != 1)
		return pve_err_set(e, PVE_FAILED, "the order came to nothing");
	pve_buf_puts(chain, out.v[0]);
	return 0;
}

/* The server has lost the account (its data, or this directory, was made anew): the same key gets
 * another one. */
static int reregister(struct acme_issue *i, struct pve_err *e)
{
	PVE_STRV args = {0};
	PVE_STRV contacts = {0};
	PVE_STRV out = {0};

	free(acme_stored_status(&i->account, &contacts));
	pve_strv_add(&args, "register");
	pve_strv_add(&args, i->account.tos ? "1" : "");
	pve_strv_add(&args, "");
	pve_strv_add(&args, "");
	for (size_t k = 0; k < contacts.n; k++)
		pve_strv_add(&args, contacts.v[k]);
	if (acme_keeper_job(&i->keeper, &args, &out, e) < 0 || out.n != 2)
		return -1;
	if (acme_stored_set_account(&i->account, out.v[1], out.v[0], e) < 0)
		return -1;
	i->reregistered = true;
	free(i->journal.url); /* an order of the old account */
	i->journal.url = NULL;
	i->searches = false;
	return 0;
}

/* What a CA gave must be what was asked for. */
static int check_chain(const struct acme_issue *i, struct pve_span pem, struct pve_err *e)
{
	struct pve_chain chain = {0};
	int rc;

	if (pve_chain_parse(&chain, pem, e) < 0)
		return -1;
	rc = pve_chain_check_order(&chain, e);
	if (rc == 0 && !pve_chain_has_key(&chain, i->key))
		rc = pve_err_set(e, PVE_DATA, "the certificate is for another key");
	for (size_t k = 0; rc == 0 && k < i->n; k++) {
		const char *name = i->names[k].name.text;
		bool found = false;

		for (size_t s = 0; s < chain.v[0].nsan && !found; s++)
			found = strcasecmp(chain.v[0].san[s].text, name) == 0;
		if (!found)
			rc = pve_err_set(e, PVE_DATA, "the certificate is not for %s", name);
	}
	if (rc == 0 && chain.v[0].not_after <= pve_sys_time(i->sys))
		rc = pve_err_set(e, PVE_DATA, "the certificate has expired; is the clock right?");
	pve_chain_done(&chain);
	return rc < 0 ? pve_err_prefix(e, "what the server gave is no use; the next run orders anew")
		      : 0;
}

/* The order goes out of the journal; what is left to be removed stays. */
static int drop_order(struct acme_issue *i, struct pve_err *e)
{
	struct pve_strv left = i->journal.left;

	i->journal.left = (struct pve_strv){0};
	acme_journal_done(&i->journal);
	i->journal.left = left;
	return write_journal(i, e);
}

static void give_up(struct acme_issue *i, struct pve_err *e)
{
	struct pve_err why = {0};

	i->not_before = i->keeper.not_before;
	if (!i->journal_read)
		return;
	if (i->keeper.fate == ACME_REFUSED)
		drop_order(i, NULL);
	if (acme_solver_clean(&i->solver, &why) < 0) {
		PVE_FREE char *first = pve_strdup(e->msg);

		pve_err_set(e, e->code, "%s\n%s; the next run tries again", first, why.msg);
	}
}

static int run(struct acme_issue *i, struct pve_buf *chain, struct pve_err *e)
{
	if (start(i, e) < 0 || read_account(i, e) < 0 || begin(i, e) < 0 || acme_issue_look(i, e) < 0 ||
	    find_request(i, e) < 0)
		return -1;
	if (!i->account.location && reregister(i, e) < 0)
		return -1;
	if (order(i, chain, e) == 0)
		return 0;
	if (e->code != PVE_NOTHERE || i->keeper.fate != ACME_REFUSED || !i->opts.reregister ||
	    i->reregistered || reregister(i, e) < 0)
		return -1;
	return order(i, chain, e);
}

int acme_issue_run(struct acme_issue *i, struct pve_buf *chain, struct pve_buf *key,
		   struct pve_err *e)
{
	struct pve_err left = {0};
	int rc;

	acme_stop_hold();
	rc = run(i, chain, e);
	if (rc == 0 && check_chain(i, (struct pve_span){chain->data, chain->len}, e) < 0) {
		rc = -1;
		i->keeper.fate = ACME_REFUSED; /* to go on with that order would bring the same */
	}
	acme_stop_clean();
	if (rc < 0)
		give_up(i, e);
	else if (acme_solver_clean(&i->solver, &left) < 0 && i->opts.tell)
		i->opts.tell(i->opts.tell_to, left.msg);
	acme_solver_stop(&i->solver);
	acme_keeper_stop(&i->keeper);
	acme_stop_release();
	/* Below --root there is one lock for everything (fs.h), and putting the certificate in place
	 * needs it.  Who comes between finds the journal, and the same order. */
	if (i->sys->rooted)
		close(pve_take_fd(&i->lock));
	if (rc == 0)
		pve_pkey_format(i->key, key);
	return rc;
}

int acme_issue_finish(struct acme_issue *i, struct pve_err *e)
{
	return drop_order(i, e);
}
