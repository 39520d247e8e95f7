/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVE_BOOT_ESP_H
#define PVE_BOOT_ESP_H

#include <stdbool.h>
#include <stdint.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/mem.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/*
 * EFI system partitions as the commands see them.  What a UUID of the list leads to may be a
 * block device or an image file, which are read without mounting them and without a change of
 * their access times, or a directory that stands for a mounted one.  All three are a struct
 * esp_tree: its files, sizes and free space.
 */
#define ESP_LIST "/etc/kernel/proxmox-boot-uuids"
#define ESP_BY_UUID "/dev/disk/by-uuid"

enum esp_kind { ESP_DEVICE, ESP_IMAGE, ESP_DIR };

/* A file or directory on it. */
struct esp_node {
	const char *path; /* from the top, without a slash before: "EFI/proxmox/grubx64.efi"; long
			   * names in UTF-8, as they are stored */
	const char *name; /* the last part of path */
	bool dir;
	unsigned depth;     /* 0 at the top */
	uint64_t size;      /* bytes; 0 of a directory */
	uint64_t allocated; /* bytes, in whole clusters */
	int64_t mtime;      /* seconds since the epoch; vfat keeps even ones of local time, which is
			     * taken for UTC */
	uint32_t cluster;   /* the first one; 0: empty, or kind is ESP_DIR */
};

struct esp_tree {
	enum esp_kind kind;
	char *path;         /* as it was asked for: "/dev/disk/by-uuid/0A1B-2C3D" */
	char *device;       /* what that leads to: "/dev/sda2" */
	struct esp_node *v; /* n of them: each directory before what is in it, names of one
			     * directory in byte order */
	size_t n, cap;
	uint32_t cluster_size;   /* bytes */
	uint32_t serial;         /* of vfat; 0 of a directory */
	bool dirty;              /* vfat: mounted for writing, or not unmounted */
	uint64_t size;           /* bytes that files can take, free ones included */
	struct pve_diags damage; /* of the file system: what was passed over, and why; without line
				  * numbers */

	struct esp_source *source; /* where bytes come from (probe_esp.c) */
	struct pve_arena mem;
};

/* Opens what is below the root for reading without a change of its access time, which only the
 * owner of a file may ask for.  The descriptor, or -1; PVE_NOTHERE when there is nothing. */
int boot_open_quietly(struct pve_sys *sys, const char *path, struct pve_err *e);
/* Opens what path leads to and reads all names.  *t must be { 0 } and ends with esp_close, also on
 * failure: PVE_NOTHERE when there is nothing, PVE_DATA when it is no vfat or damaged at the top.
 * Damage further down is in t->damage, and the rest is read. */
int esp_open(struct esp_tree *t, struct pve_sys *sys, const char *path, struct pve_err *e);
void esp_close(struct esp_tree *t);

/* The whole content, added to out.  PVE_DATA when it is larger than max bytes, or its chain is
 * damaged. */
int esp_read(struct esp_tree *t, const struct esp_node *node, size_t max, struct pve_buf *out,
	     struct pve_err *e);
/* Takes content in pieces of up to a mebibyte; 0, or -1 with e to end it. */
typedef int esp_sink(void *data, struct pve_span piece, struct pve_err *e);
/* Hands the content on to the sink.  PVE_DATA when the chain is damaged. */
int esp_stream(struct esp_tree *t, const struct esp_node *node, esp_sink *sink, void *data,
	       struct pve_err *e);
/* Bytes that are free.  Follows the chain of every file on the way: what is cross-linked, loops,
 * or is longer or shorter than its size joins t->damage, once. */
int esp_free(struct esp_tree *t, uint64_t *bytes, struct pve_err *e);
/* Drops what the kernel has cached of the device or image, so that the next bytes come from the
 * medium.  What cannot be dropped (a directory) is read as it is. */
void esp_drop_cache(struct esp_tree *t);

/* --- pure ---------------------------------------------------------------------------------- */

/* By path, upper and lower case alike as vfat has it; NULL when there is none. */
const struct esp_node *esp_find(const struct esp_tree *t, const char *path);
const struct esp_node *esp_findf(const struct esp_tree *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What is in a directory (NULL: at the top): prev is NULL for the first; NULL at the end. */
const struct esp_node *esp_child(const struct esp_tree *t, const struct esp_node *dir,
				 const struct esp_node *prev);

/* Is the first path below the second one? */
bool esp_lies_below(const char *path, const char *dir);

/* Images that the firmware starts by an entry; each is there as long as its loader is. */
#define ESP_SD_IMAGE "EFI/systemd/systemd-bootx64.efi"
#define ESP_GRUB_IMAGE "EFI/proxmox/grubx64.efi"

enum esp_mode {
	ESP_MODE_NONE,    /* no loader of ours */
	ESP_MODE_SYSTEMD, /* systemd-boot */
	ESP_MODE_GRUB,
};

/* By the stock tool's rules: GRUB when its EFI image is there, else systemd-boot when there is
 * loader/loader.conf, else GRUB (BIOS) when there is a directory grub. */
enum esp_mode esp_mode(const struct esp_tree *t);
/* "none", "systemd-boot", "grub". */
const char *esp_mode_name(enum esp_mode mode);

/* A kernel on an ESP, in the layout of one of the loaders. */
struct esp_kernel {
	const char *version;          /* "6.8.12-4-pve"; lives as long as the tree */
	enum esp_mode layout;         /* ESP_MODE_SYSTEMD: EFI/proxmox/V/; ESP_MODE_GRUB: the top */
	const struct esp_node *image; /* vmlinuz-V; NULL: missing */
	const struct esp_node *initrd; /* initrd.img-V; NULL: missing */
	const struct esp_node *entry;  /* loader/entries/proxmox-V.conf, also with a counter of boot
					* attempts; NULL: missing, or GRUB */
};

struct esp_kernels {
	struct esp_kernel *v; /* by layout, newest first */
	size_t n, cap;
};

/* All of which the kernel or the initrd is there. */
void esp_kernels_find(struct esp_kernels *k, struct esp_tree *t);
void esp_kernels_done(struct esp_kernels *k);
/* Was a change of the loader interrupted?  Then there are kernels that only the other one finds, and the
 * images of both, or the one that the firmware starts without an entry is no copy of systemd-boot yet,
 * or no more. */
bool esp_is_between(const struct esp_tree *t, const struct esp_kernels *k);

/* --- the list ------------------------------------------------------------------------------- */

struct esp {
	char *uuid;           /* as in the list: "0A1B-2C3D" */
	unsigned line;        /* from 1 */
	struct esp_tree tree; /* only when err.code is 0 */
	struct pve_err err;   /* why it cannot be read: absent, no vfat, damaged */
};

struct esp_list {
	struct esp *v; /* in the order of the file, each UUID once */
	size_t n, cap;
	bool exists;            /* the file does: alone that says that its ESPs are kept in sync */
	struct pve_diags diags; /* lines that are no UUID, and repeated ones */
};

/* A file of the manifest: an entry that the loader counts has another name each time that it is started
 * ("+2-1" before ".conf"), and is the same nevertheless. */
const struct esp_node *esp_find_listed(const struct esp_tree *t, const char *path);
/* Why there are no links to ESPs, with what makes them; false: there may be. */
bool esp_links_missing(struct pve_sys *sys, struct pve_buf *why);
/* A vfat serial number as udev writes it: four hexadecimal digits, a dash, four more. */
bool esp_is_uuid(struct pve_span s);
/* Pure: the lines of the file; nothing is opened. */
void esp_list_parse(struct esp_list *l, struct pve_span text);
/* Reads the file; a missing one is no error. */
int esp_list_read(struct esp_list *l, struct pve_sys *sys, struct pve_err *e);
/* Opens each; what fails is in its err. */
void esp_list_open(struct esp_list *l, struct pve_sys *sys);
/* That ESP, when it is there, is left out. */
void esp_list_drop(struct esp_list *l, const char *uuid);
void esp_list_done(struct esp_list *l);

#endif
