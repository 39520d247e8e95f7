/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_SMART_SMART_H
#define PVE_SMART_SMART_H

#include "pvecommon/cmd.h"

/* The commands of pve-smart, each in cmd_NAME.c; their option tables, structs and columns. */

/* Options that several commands share come first in their structs. */
struct smart_ask_opts {
	uint64_t timeout; /* seconds for one disk; 0: SMART_TIMEOUT_S */
};

#define SMART_LIST_NCOLS 28
int smart_cmd_list(struct pve_ctx *ctx);
struct smart_list_opts {
	struct smart_ask_opts ask;
	bool no_smart;
};
extern const struct pve_opt smart_list_options[];
extern const struct pve_col smart_list_cols[SMART_LIST_NCOLS];

#define SMART_SHOW_NCOLS 9
int smart_cmd_show(struct pve_ctx *ctx);
extern const struct pve_col smart_show_cols[SMART_SHOW_NCOLS];

int smart_cmd_check(struct pve_ctx *ctx);
extern const struct pve_opt smart_ask_options[]; /* of show, check and test */

#define SMART_HISTORY_NCOLS 16
int smart_cmd_history(struct pve_ctx *ctx);
struct smart_history_opts {
	bool plot;
};
extern const struct pve_opt smart_history_options[];
extern const struct pve_col smart_history_cols[SMART_HISTORY_NCOLS];

int smart_cmd_watch(struct pve_ctx *ctx);
struct smart_watch_opts {
	struct smart_ask_opts ask;
	const char *mail; /* NULL: root */
	bool no_mail;
};
extern const struct pve_opt smart_watch_options[];

#define SMART_TEST_NCOLS 9
int smart_cmd_test(struct pve_ctx *ctx);
int smart_cmd_enable(struct pve_ctx *ctx);
int smart_cmd_disable(struct pve_ctx *ctx);
extern const struct pve_col smart_test_cols[SMART_TEST_NCOLS];

#define SMART_LOCATE_NCOLS 2
int smart_cmd_locate(struct pve_ctx *ctx);
extern const struct pve_col smart_locate_cols[SMART_LOCATE_NCOLS];

#endif
