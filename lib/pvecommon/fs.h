/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVECOMMON_FS_H
#define PVECOMMON_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "pvecommon/buf.h"
#include "pvecommon/err.h"
#include "pvecommon/strv.h"
#include "pvecommon/sys.h"

/*
 * Files below the root of a struct pve_sys.  Paths are absolute and mean that root;
 * symbolic links, also absolute ones and "..", never lead out of it (openat2(2) with
 * RESOLVE_IN_ROOT, Linux 5.6).  Error messages name the path with the root before it.
 */

/* The largest file that the tools read or write as a whole, unless a caller says less. */
#define PVE_FS_MAX (64u << 20)

/* Opens with the flags of open(2) plus O_CLOEXEC; mode is for O_CREAT.  Returns the
 * descriptor or -1. */
int pve_fs_open(struct pve_sys *sys, const char *path, int flags, mode_t mode,
		struct pve_err *e);
/* Opens a file to read it; anything else than a regular file is an error (PVE_DATA), and a FIFO of
 * that name holds nobody up. */
int pve_fs_open_regular(struct pve_sys *sys, const char *path, struct stat *st, struct pve_err *e);
/* The whole file.  max in bytes (0: PVE_FS_MAX); a larger file, a directory and a device
 * are errors (PVE_DATA).  A missing file is an error with e->sys == ENOENT.  The bytes are
 * added to out, which is untouched on failure.  st may be NULL. */
int pve_fs_read(struct pve_sys *sys, const char *path, size_t max, struct pve_buf *out,
		struct stat *st, struct pve_err *e);
/* The same of a file that the administrator names: one of this machine, also with --root; any kind
 * will do, as a pipe, which is waited for.  "-": standard input. */
int pve_fs_read_given(const char *path, size_t max, struct pve_buf *out, struct pve_err *e);
/* Does the file hold these bytes?  same[i] tells it for bytes[i], without keeping the file in
 * memory.  n is at most 8.  A file of any size will do; otherwise fails as pve_fs_read does. */
int pve_fs_matches(struct pve_sys *sys, const char *path, const struct pve_span *bytes, size_t n,
		   bool *same, struct pve_err *e);
/* Follows links.  0, or -1 with e->sys set. */
int pve_fs_stat(struct pve_sys *sys, const char *path, struct stat *st, struct pve_err *e);
bool pve_fs_exists(struct pve_sys *sys, const char *path);
/* Names in a directory without . and .., in byte order, added to names. */
int pve_fs_list(struct pve_sys *sys, const char *path, struct pve_strv *names,
		struct pve_err *e);
/* The same for a directory that is open, in the order in which it has them.  Takes fd over.  0, or -1
 * with errno and nothing added. */
int pve_fs_list_fd(int fd, struct pve_strv *names);
/* What a symbolic link says, added to out; e->sys == EINVAL when path is none. */
int pve_fs_readlink(struct pve_sys *sys, const char *path, struct pve_buf *out,
		    struct pve_err *e);

/* What a descriptor leads to, as a path below the root; NULL when that lies elsewhere or cannot be
 * told.  To be freed. */
char *pve_fs_name(struct pve_sys *sys, int fd);

/*
 * Changes.  Tools do not call these: they put steps into a plan (plan.h), and its
 * executor calls them.
 */

/* Puts bytes into place of a file so that at every instant, power cuts included, the old
 * content or the new one is there as a whole:
 * pve_fs_stage writes and syncs a temporary file ".NAME.TAG.tmp" beside it, with mode,
 * owner, ACL and other extended attributes of the old file (or the given mode when there
 * is none); pve_fs_commit renames it over the file and syncs the directory;
 * pve_fs_unstage removes it.  A symbolic link stays: what it points to is replaced.  On
 * FUSE (pmxcfs), where modes, owners and attributes cannot be set, that is left out. */
int pve_fs_stage(struct pve_sys *sys, const char *path, const char *tag, struct pve_span bytes,
		 mode_t mode, struct pve_err *e);
int pve_fs_commit(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);
/* Nothing there is no error. */
int pve_fs_unstage(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);
/* stage and commit in one. */
int pve_fs_write(struct pve_sys *sys, const char *path, const char *tag, struct pve_span bytes,
		 mode_t mode, struct pve_err *e);

/* Renames the file, or the symbolic link itself, to ".NAME.TAG.old" beside it and back;
 * drop removes what was set aside.  Together they are a removal that can be undone
 * without loss.  The directory is synced each time. */
int pve_fs_set_aside(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);
int pve_fs_put_back(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);
int pve_fs_drop_aside(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);
/* Is there something set aside for this path? */
bool pve_fs_is_aside(struct pve_sys *sys, const char *path, const char *tag);

/* Gives the file that a write to path would replace the second name ".NAME.TAG.old", so
 * that it can come back as it was, owner, times and all, without any space: restore renames
 * it into place, when its bytes still are those given (else, and when there is none, it fails
 * with ENOENT), and drop_kept removes the second name; nothing there is no error.  Where there
 * are no hard links keep does nothing. */
int pve_fs_keep(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);
int pve_fs_restore(struct pve_sys *sys, const char *path, const char *tag, struct pve_span bytes,
		   struct pve_err *e);
int pve_fs_drop_kept(struct pve_sys *sys, const char *path, const char *tag, struct pve_err *e);

/* One directory; its parent must exist.  Existing is an error (e->sys == EEXIST). */
int pve_fs_mkdir(struct pve_sys *sys, const char *path, mode_t mode, struct pve_err *e);
/* The directory and whatever is missing above it, mode 0755; existing is fine. */
int pve_fs_mkdir_parents(struct pve_sys *sys, const char *path, struct pve_err *e);
/* An empty directory. */
int pve_fs_rmdir(struct pve_sys *sys, const char *path, struct pve_err *e);
/* Removes the name, not what a link leads to; missing is fine.  Syncs the directory. */
int pve_fs_unlink(struct pve_sys *sys, const char *path, struct pve_err *e);

/* Takes the lock of a tool: /run/lock/TOOL.lock on the host, the root directory itself
 * with --root (so that nothing is left behind there).  Waits up to wait_s seconds, then
 * fails with PVE_AGAIN and says who holds it.  The lock is held until the returned
 * descriptor is closed. */
int pve_fs_lock(struct pve_sys *sys, const char *tool, unsigned wait_s, struct pve_err *e);

#endif
