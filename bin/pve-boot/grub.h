/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_GRUB_H
#define PVE_BOOT_GRUB_H

#include <stdbool.h>
#include <stddef.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/span.h"
#include "pvecommon/sys.h"

/*
 * GRUB's menu on an ESP whose kernels lie at its top.
 *
 * The stock tool mounts the ESP over /boot and lets grub-mkconfig write its menu: hundreds of
 * programs, which look at whatever else the host has, and write in place.  This menu is made from
 * the same settings, /etc/default/grub with its grub.d and the text of /etc/grub.d/40_custom, and
 * comes to the ESP as a whole or not at all.
 */
#define BOOT_GRUB_CFG "grub/grub.cfg"
#define BOOT_GRUBENV "grub/grubenv"

/* Variables of /etc/default/grub, as the shell would have them; "" when not set. */
struct boot_grub_settings {
	char *fallback;                        /* GRUB_DEFAULT */
	char *timeout, *timeout_style;         /* GRUB_TIMEOUT, GRUB_TIMEOUT_STYLE */
	char *terminal, *terminal_in, *terminal_out; /* GRUB_TERMINAL, _INPUT, _OUTPUT */
	char *serial;                          /* GRUB_SERIAL_COMMAND */
	char *cmdline, *cmdline_default;       /* GRUB_CMDLINE_LINUX, _DEFAULT */
	struct pve_buf custom;                 /* what /etc/grub.d/40_custom adds */
};

/* One of the files that a shell would read one after another: what it sets replaces what is there.
 * An expansion may name a variable that was set before ("$GRUB_CMDLINE_LINUX more"); anything else
 * that only a shell could tell is PVE_DATA, with file:line.  Pure. */
int boot_grub_settings_add(struct boot_grub_settings *s, struct pve_span text, const char *file,
			   struct pve_err *e);
/* The part of a script of /etc/grub.d that prints itself ("exec tail -n +3 $0"), added to out. */
void boot_grub_custom(struct pve_span script, struct pve_buf *out);
/* All of that from the host. */
int boot_grub_settings_read(struct boot_grub_settings *s, struct pve_sys *sys, struct pve_err *e);
void boot_grub_settings_done(struct boot_grub_settings *s);
/* The kernel's command line with GRUB, one line, added to out: GRUB_CMDLINE_LINUX and _DEFAULT.
 * fallback, /etc/kernel/cmdline, gives root= when they have none, and all words when neither is
 * set.  PVE_DATA when there is no root= at all.  Pure. */
int boot_grub_cmdline(const struct boot_grub_settings *s, struct pve_span fallback,
		      struct pve_buf *out, struct pve_err *e);

struct boot_grub {
	const char *title;           /* of the product */
	const char *cmdline;         /* one line of words */
	const char *const *versions; /* n of them, the newest first */
	size_t n;
	const char *pin;             /* the default; NULL: that of the settings, or the newest */
	const char *serial;          /* of the ESP, "0A1B-2C3D"; NULL: not known */
	const struct boot_grub_settings *settings; /* NULL: none */
};

/* The whole file, added to out. */
void boot_grub_cfg(const struct boot_grub *grub, struct pve_buf *out);
/* Does a menu, also one of grub-mkconfig, have this kernel? */
bool boot_grub_has(struct pve_span cfg, const char *version);

/*
 * GRUB's environment block: 1024 bytes that it can write itself (grub-editenv(1)).
 */
#define BOOT_GRUBENV_SIZE 1024

/* A variable; .p is NULL when there is none.  Points into the text. */
struct pve_span boot_grubenv_get(struct pve_span text, const char *name);
/* The block with a variable set, or without it when value is NULL, added to out.  Others stay.  An
 * empty text is a new block.  PVE_DATA when the text is no such block, or has no room. */
int boot_grubenv_set(struct pve_span text, const char *name, const char *value,
		     struct pve_buf *out, struct pve_err *e);

#endif
