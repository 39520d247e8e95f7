/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpio.h"
#include "initrd.h"
#include "kimage.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "pveio/arc.h"

#define PIECE (256u * 1024u) /* bytes read at once */

static ssize_t read_some(int fd, char *to, size_t n)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && errno == EINTR);
	return got;
}

/* Takes the archives that are not compressed, up to the end of the file or to what is compressed,
 * where the descriptor then stands; *rest says which. */
static int take_plain(int fd, struct cpio *c, char *piece, bool *rest, struct pve_err *e)
{
	ssize_t n;

	*rest = false;
	while ((n = read_some(fd, piece, PIECE)) > 0) {
		size_t taken;

		if (cpio_take(c, (struct pve_span){piece, (size_t)n}, &taken, e) < 0)
			return -1;
		if (taken == (size_t)n)
			continue;
		*rest = true;
		if (lseek(fd, (off_t)taken - n, SEEK_CUR) < 0)
			return pve_err_sys(e, errno, "seeking");
		return 0;
	}
	return n < 0 ? pve_err_sys(e, errno, "reading") : 0;
}

/* Takes what is compressed.  The stream is taken over. */
static int take_compressed(struct pve_arc *arc, struct cpio *c, char *piece, struct pve_err *e)
{
	ssize_t n;

	while ((n = pve_arc_read(arc, piece, PIECE, e)) > 0) {
		size_t taken;

		if (cpio_take(c, (struct pve_span){piece, (size_t)n}, &taken, e) < 0)
			return -1;
		if (taken < (size_t)n)
			return pve_err_set(e, PVE_DATA, "something that is no archive follows one");
	}
	return n < 0 ? -1 : 0;
}

static int check_fd(int *fd, const char *path, struct initrd *i, struct pve_err *e)
{
	PVE_FREE char *piece = pve_malloc(PIECE);
	struct cpio c = {0}, inner = {0};
	struct pve_arc *arc;
	int rc;

	if (take_plain(*fd, &c, piece, &i->compressed, e) < 0)
		return -1;
	i->files = c.files;
	i->archives = c.archives;
	i->has_init = c.has_init;
	if (!i->compressed)
		return c.state == CPIO_BETWEEN ? 0 : pve_err_set(e, PVE_DATA, "is cut");
	arc = pve_arc_open(pve_take_fd(fd), path, e);
	rc = arc ? take_compressed(arc, &inner, piece, e) : -1;
	pve_arc_close(arc);
	if (rc == 0 && inner.state != CPIO_BETWEEN)
		rc = pve_err_set(e, PVE_DATA, "is cut");
	i->files += inner.files;
	i->archives += inner.archives;
	i->has_init |= inner.has_init;
	return rc;
}

int initrd_check(struct pve_sys *sys, const char *path, struct initrd *i, struct pve_err *e)
{
	struct initrd own = {0};
	PVE_CLOSE int fd = -1;
	struct stat st;

	fd = pve_fs_open_regular(sys, path, &st, e);
	if (fd < 0)
		return -1;
	own.size = (uint64_t)st.st_size;
	if (!own.size)
		return pve_err_set(e, PVE_DATA, "%s%s: is empty", sys->root, path);
	if (check_fd(&fd, path, &own, e) < 0)
		return pve_err_prefix(e, "%s%s", sys->root, path);
	if (!own.archives)
		return pve_err_set(e, PVE_DATA, "%s%s: holds no archive", sys->root, path);
	if (i)
		*i = own;
	return 0;
}

int kimage_check(struct pve_sys *sys, const char *path, const char *version, struct kimage *k,
		 struct pve_err *e)
{
	PVE_FREE char *head = pve_malloc(KIMAGE_HEAD);
	struct kimage own;
	PVE_CLOSE int fd = -1;
	struct stat st;
	ssize_t n;

	fd = pve_fs_open_regular(sys, path, &st, e);
	if (fd < 0)
		return -1;
	n = pread(fd, head, KIMAGE_HEAD, 0);
	if (n < 0)
		return pve_err_sys(e, errno, "reading %s%s", sys->root, path);
	if (kimage_parse(&own, (struct pve_span){head, (size_t)n}, (uint64_t)st.st_size, e) < 0)
		return pve_err_prefix(e, "%s%s", sys->root, path);
	if (version && strcmp(own.version, version) != 0)
		return pve_err_set(e, PVE_DATA, "%s%s: is version %s", sys->root, path,
				   own.version);
	if (k)
		*k = own;
	return 0;
}
