/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/mnt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pvecommon/mem.h"

#define LOOP_TRIES 16 /* another process may take the free one first */

#define PATH_OF_FD 40

static const char *path_of_fd(int fd, char path[PATH_OF_FD])
{
	snprintf(path, PATH_OF_FD, "/proc/self/fd/%d", fd);
	return path;
}

/* --- images --------------------------------------------------------------------------------- */

static int configure(int control, int image)
{
	struct loop_config config = {
		.fd = (__u32)image,
		.info = {.lo_flags = LO_FLAGS_AUTOCLEAR},
	};
	char path[32];
	int number = ioctl(control, LOOP_CTL_GET_FREE), loop;

	if (number < 0)
		return -1;
	snprintf(path, sizeof(path), "/dev/loop%d", number);
	loop = open(path, O_RDWR | O_CLOEXEC);
	if (loop >= 0 && ioctl(loop, LOOP_CONFIGURE, &config) == 0)
		return loop;
	if (loop >= 0) {
		int errnum = errno;

		close(loop);
		errno = errnum;
	}
	return -1;
}

static int attach(int image, const char *name, struct pve_err *e)
{
	PVE_CLOSE int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int loop = -1;

	if (control < 0)
		return pve_err_sys(e, errno, "%s is an image, and /dev/loop-control", name);
	errno = EBUSY;
	for (int i = 0; i < LOOP_TRIES && loop < 0 && errno == EBUSY; i++)
		loop = configure(control, image);
	if (loop < 0)
		pve_err_sys(e, errno, "attaching %s to a loop device", name);
	return loop;
}

/* --- mounting ------------------------------------------------------------------------------- */

/* What the kernel says about a context that failed, as far as it says something. */
static int failed(int context, int errnum, const char *name, struct pve_err *e)
{
	char text[200];
	ssize_t n = read(context, text, sizeof(text) - 1);

	if (n > 2 && text[1] == ' ')
		return pve_err_sys(e, errnum, "mounting %s: %.*s", name, (int)n - 2, text + 2);
	return pve_err_sys(e, errnum, "mounting %s", name);
}

static int make_mount(int device, const char *name, struct pve_err *e)
{
	PVE_CLOSE int context = fsopen("vfat", FSOPEN_CLOEXEC);
	char source[PATH_OF_FD];
	int mount;

	if (context < 0 && errno == ENODEV)
		return pve_err_set(e, PVE_NOTHERE, "mounting %s: the kernel has no vfat (modprobe vfat)",
				   name);
	if (context < 0)
		return pve_err_sys(e, errno, "mounting %s", name);
	if (fsconfig(context, FSCONFIG_SET_STRING, "source", path_of_fd(device, source), 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "umask", "0077", 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return failed(context, errno, name, e);
	mount = fsmount(context, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
				MOUNT_ATTR_NOSYMFOLLOW);
	/* nosymfollow: Linux 5.10.  vfat has no symbolic links anyway. */
	if (mount < 0 && errno == EINVAL)
		mount = fsmount(context, FSMOUNT_CLOEXEC,
				MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return mount < 0 ? failed(context, errno, name, e) : mount;
}

int pve_mnt_vfat(struct pve_mnt *m, int fd, const char *name, struct pve_err *e)
{
	struct pve_mnt new = {-1, -1, -1};
	struct stat st;

	if (fstat(fd, &st) < 0)
		return pve_err_sys(e, errno, "%s", name);
	if (!S_ISBLK(st.st_mode) && (new.loop = attach(fd, name, e)) < 0)
		return -1;
	new.mount = make_mount(new.loop < 0 ? fd : new.loop, name, e);
	if (new.mount >= 0)
		new.top = openat(new.mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (new.mount >= 0 && new.top < 0)
		pve_err_sys(e, errno, "%s", name);
	if (new.top < 0) {
		pve_mnt_done(&new);
		return -1;
	}
	*m = new;
	return 0;
}

void pve_mnt_done(struct pve_mnt *m)
{
	if (m->top >= 0)
		close(m->top);
	if (m->mount >= 0)
		close(m->mount);
	if (m->loop >= 0)
		close(m->loop);
	*m = (struct pve_mnt){-1, -1, -1};
}
