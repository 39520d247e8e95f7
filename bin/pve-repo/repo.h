/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_REPO_REPO_H
#define PVE_REPO_REPO_H

#include "pve-repo/probe.h"
#include "pvecommon/cmd.h"

/* The commands of pve-repo, each in cmd_NAME.c; their option tables and structs too. */
int repo_cmd_list(struct pve_ctx *ctx);
int repo_cmd_check(struct pve_ctx *ctx);
int repo_cmd_updates(struct pve_ctx *ctx);
int repo_cmd_add(struct pve_ctx *ctx);
int repo_cmd_enable(struct pve_ctx *ctx);
int repo_cmd_disable(struct pve_ctx *ctx);
int repo_cmd_remove(struct pve_ctx *ctx);
int repo_cmd_repair(struct pve_ctx *ctx);
int repo_cmd_undo(struct pve_ctx *ctx);
int repo_cmd_key(struct pve_ctx *ctx);
int repo_cmd_verify(struct pve_ctx *ctx);
int repo_cmd_status(struct pve_ctx *ctx);
int repo_cmd_subscription(struct pve_ctx *ctx);
int repo_cmd_suite(struct pve_ctx *ctx);
int repo_cmd_convert(struct pve_ctx *ctx);
int repo_cmd_refresh(struct pve_ctx *ctx);
int repo_cmd_notify(struct pve_ctx *ctx);
int repo_cmd_upgrade(struct pve_ctx *ctx);
int repo_cmd_changelog(struct pve_ctx *ctx);

struct repo_list_opts {
	bool enabled; /* leave out what apt does not use */
};

struct repo_notify_opts {
	bool print;     /* send nothing */
	bool always;    /* whatever datacenter.cfg says */
	const char *to; /* address */
};

struct repo_key_opts {
	const char *to; /* add: directory */
};

struct repo_updates_opts {
	bool security; /* only these */
	bool added;    /* --new: packages that an upgrade brings with it */
};

struct repo_check_opts {
	const char *suite; /* can the host move there? */
};

struct repo_status_opts {
	const char *suite; /* of this release instead of the host's */
};

struct repo_subscription_opts {
	bool login; /* write it */
};

struct repo_suite_opts {
	bool archive; /* the address of retired releases */
	bool force;   /* any release, not only the next */
};

struct repo_convert_opts {
	const char *to; /* "sources", "list"; NULL: sources */
};

struct repo_add_opts {
	bool only;    /* disable the other repositories of the product */
	bool archive; /* the address of retired releases */
	const char *suite;
};

#define REPO_LIST_NCOLS 11
#define REPO_UPDATES_NCOLS 11
#define REPO_KEY_NCOLS 12
#define REPO_VERIFY_NCOLS 7
#define REPO_REFRESH_NCOLS 7
#define REPO_UPGRADE_NCOLS 5
extern const struct pve_opt repo_list_options[];
extern const struct pve_col repo_list_cols[REPO_LIST_NCOLS];
extern const struct pve_col repo_verify_cols[REPO_VERIFY_NCOLS];
extern const struct pve_col repo_refresh_cols[REPO_REFRESH_NCOLS];
extern const struct pve_col repo_upgrade_cols[REPO_UPGRADE_NCOLS];
extern const struct pve_opt repo_notify_options[];
extern const struct pve_opt repo_key_options[];
extern const struct pve_col repo_key_cols[REPO_KEY_NCOLS];
extern const struct pve_opt repo_updates_options[];
extern const struct pve_col repo_updates_cols[REPO_UPDATES_NCOLS];

#define REPO_STATUS_NCOLS 9
#define REPO_SUBSCRIPTION_NCOLS 3
extern const struct pve_opt repo_status_options[];
extern const struct pve_col repo_status_cols[REPO_STATUS_NCOLS];
extern const struct pve_opt repo_subscription_options[];
extern const struct pve_col repo_subscription_cols[REPO_SUBSCRIPTION_NCOLS];
extern const struct pve_opt repo_add_options[];
extern const struct pve_opt repo_check_options[];
extern const struct pve_opt repo_suite_options[];
extern const struct pve_opt repo_convert_options[];
extern const struct pve_opt repo_narrow_options[]; /* into a struct repo_narrow */

/* Says on stderr what apt refuses, with file and line: for commands that go on nevertheless. */
void repo_warn_refused(struct pve_ctx *ctx, const struct repo_sources *s);

#endif
