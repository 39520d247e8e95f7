/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_ACME_ACME_H
#define PVE_ACME_ACME_H

#include "pve-acme/probe.h"
#include "pve-acme/verb.h"
#include "pvecommon/cmd.h"

/* The commands of pve-acme, each in cmd_NAME.c; their option tables, structs and columns too.
 * Commands of two words have a table of verbs there (verb.h). */

#define ACME_LIST_NCOLS 8
int acme_cmd_list(struct pve_ctx *ctx);
extern const struct pve_col acme_list_cols[ACME_LIST_NCOLS];

#define ACME_CONFIG_NCOLS 2
int acme_cmd_config(struct pve_ctx *ctx);
struct acme_config_opts {
	const char *property;       /* get */
	const char *value[16];      /* set: by the order of acme_conf_keys; NULL: not given */
	const char *remove;         /* set: names with ',' between */
	const char *digest;         /* set */
};
extern const struct pve_opt acme_config_options[];
extern const struct pve_col acme_config_cols[ACME_CONFIG_NCOLS];

#define ACME_PLUGIN_NCOLS 9
int acme_cmd_plugin(struct pve_ctx *ctx);
struct acme_plugin_opts {
	const char *api, *data, *nodes, *remove, *digest, *type;
	const char *delay;          /* seconds: a text, so that 0 can be told from nothing */
	bool disable, show_secrets;
};
extern const struct pve_opt acme_plugin_options[];
int acme_plugin_add(struct pve_ctx *ctx); /* verbs in cmd_plugin_edit.c */
int acme_plugin_set(struct pve_ctx *ctx);
int acme_plugin_remove(struct pve_ctx *ctx);
extern const struct pve_col acme_plugin_cols[ACME_PLUGIN_NCOLS];

/* Of everything that talks to a server; first in the structs of those commands. */
struct acme_net_opts {
	const char *ca_bundle;      /* file of certificates to trust; NULL: the system's */
	uint64_t timeout;           /* seconds for everything; 0: 300 */
};

#define ACME_ACCOUNT_NCOLS 8
int acme_cmd_account(struct pve_ctx *ctx);
struct acme_account_opts {
	struct acme_net_opts net;
	const char *directory, *key_type, *eab_kid, *eab_hmac_file;
	struct pve_strv contact;
	bool accept_tos;
};
extern const struct pve_opt acme_account_options[];
extern const struct pve_col acme_account_cols[ACME_ACCOUNT_NCOLS];
int acme_account_register_cmd(struct pve_ctx *ctx); /* verbs in cmd_account_register.c */
int acme_account_update_cmd(struct pve_ctx *ctx);   /* and cmd_account_change.c */
int acme_account_deactivate_cmd(struct pve_ctx *ctx);
int acme_account_rollover_cmd(struct pve_ctx *ctx);

#define ACME_CERT_NCOLS 12
int acme_cmd_cert(struct pve_ctx *ctx);
struct acme_cert_opts {
	struct acme_net_opts net;
	bool force, restart;
	const char *resolver, *http_address; /* NULL: resolv.conf; all addresses */
	uint64_t http_port, tls_port;        /* 0: 80 and 443 */
	const char *key_type;                /* NULL: ec256 */
	const char *profile, *preferred_chain, *reason;
	bool reuse_key, reregister, by_key;
	bool if_due;
	uint64_t days;
	const char *mail;
};
extern const struct pve_opt acme_cert_options[];
extern const struct pve_col acme_cert_cols[ACME_CERT_NCOLS];
int acme_cert_set(struct pve_ctx *ctx); /* verbs in cmd_cert_set.c */
int acme_cert_delete(struct pve_ctx *ctx);

int acme_cmd_check(struct pve_ctx *ctx);

/* Verbs of cert, in cmd_order.c, cmd_renew.c and cmd_cert_status.c. */
int acme_cert_order(struct pve_ctx *ctx);
int acme_cert_renew(struct pve_ctx *ctx);
int acme_cert_status(struct pve_ctx *ctx);
int acme_cert_revoke(struct pve_ctx *ctx);

struct acme_keeper;
/* Orders a certificate and puts it into place, over another one with force.  net, started before
 * anything secret was read, is taken; not needed for --dry-run.  replaces: as of struct
 * acme_issue_opts.  *end tells more of a failure. */
struct acme_order_end {
	time_t not_before; /* before then the server wants no other try; 0 */
	bool kept_out;     /* somebody else has the lock, or it is not ours to take */
};
int acme_order(struct pve_ctx *ctx, struct acme_keeper *net, bool force, const char *replaces,
	       struct acme_order_end *end);

/* --- for several commands ------------------------------------------------------------------ */

/* Says that our clock is off, when it is by more than a few minutes (retry.h). */
void acme_warn_clock(struct pve_ctx *ctx, int64_t skew);

/* A line of what is going on, as Proxmox VE's tasks print them: on standard output, but not with
 * --quiet. */
void acme_say(struct pve_ctx *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
