/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_BOOT_H
#define PVE_BOOT_BOOT_H

#include "pvecommon/cmd.h"

/* The commands of pve-boot, each in cmd_NAME.c; their option tables, structs and columns. */

#define BOOT_STATUS_NCOLS 8
int boot_cmd_status(struct pve_ctx *ctx);
extern const struct pve_col boot_status_cols[BOOT_STATUS_NCOLS];

#define BOOT_LIST_NCOLS 10
int boot_cmd_list(struct pve_ctx *ctx);
extern const struct pve_col boot_list_cols[BOOT_LIST_NCOLS];

#define BOOT_LOADER_NCOLS 3
int boot_cmd_loader(struct pve_ctx *ctx);
extern const struct pve_col boot_loader_cols[BOOT_LOADER_NCOLS];

#define BOOT_VERIFY_NCOLS 8
int boot_cmd_verify(struct pve_ctx *ctx);
struct boot_verify_opts {
	bool all;
};
extern const struct pve_opt boot_verify_options[];
extern const struct pve_col boot_verify_cols[BOOT_VERIFY_NCOLS];

int boot_cmd_check(struct pve_ctx *ctx);

int boot_cmd_partition(struct pve_ctx *ctx);
struct boot_partition_opts {
	uint64_t esp_size, hdsize; /* bytes; 0: not given */
	const char *like;          /* a disk */
	bool new_guids;
};
extern const struct pve_opt boot_partition_options[];

int boot_cmd_format(struct pve_ctx *ctx);
struct boot_format_opts {
	bool force;
};
extern const struct pve_opt boot_format_options[];

int boot_cmd_refresh(struct pve_ctx *ctx);
struct boot_refresh_opts {
	const char *hook; /* NULL: called by a person */
	struct pve_strv kernels;
	bool evict, verify;
};
extern const struct pve_opt boot_refresh_options[];

#define BOOT_KERNEL_NCOLS 5
int boot_cmd_kernel(struct pve_ctx *ctx);
struct boot_kernel_opts {
	bool next_boot;
};
extern const struct pve_opt boot_kernel_options[];
extern const struct pve_col boot_kernel_cols[BOOT_KERNEL_NCOLS];

#define BOOT_CMDLINE_NCOLS 3
int boot_cmd_cmdline(struct pve_ctx *ctx);
extern const struct pve_col boot_cmdline_cols[BOOT_CMDLINE_NCOLS];

int boot_cmd_clean(struct pve_ctx *ctx);

int boot_cmd_init(struct pve_ctx *ctx);
int boot_cmd_reinit(struct pve_ctx *ctx);
int boot_cmd_replace(struct pve_ctx *ctx);
struct boot_replace_opts {
	bool force;
};
extern const struct pve_opt boot_replace_options[];

#endif
