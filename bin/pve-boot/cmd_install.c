/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call that puts a loader on an ESP. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bls.h"
#include "calls.h"
#include "install.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"
#include "pveio/mnt.h"
#include "pveio/vfat.h"

#define PRIVATE_DIR "/run/pve-boot" /* only root may look into it */
#define PROGRAM_MS 300000

struct install {
	struct pve_sys *sys;
	const char *device, *mode, *disk;
	unsigned targets;
	struct pve_vfat v;
	char *path;          /* where programs find the ESP */
	struct pve_err *e;
};

/* --- programs ----------------------------------------------------------------------------------- */

static int run(struct install *w, const struct pve_strv *argv)
{
	const struct pve_run cmd = {.argv = (const char *const *)argv->v, .timeout_ms = PROGRAM_MS};

	return pve_run_ok(w->sys, &cmd, NULL, w->e);
}

/* --- files -------------------------------------------------------------------------------------- */

static int read_esp(struct install *w, const char *path, struct pve_buf *out)
{
	PVE_CLOSE int fd = openat(w->v.top, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char piece[65536];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		pve_buf_add(out, piece, (size_t)n);
	return (int)n;
}

/* A small file gets these bytes, unless it has them. */
static int put(struct install *w, const char *path, struct pve_span bytes)
{
	const char *slash = strrchr(path, '/');
	PVE_FREE char *dir = pve_strndup(path, (size_t)(slash - path));
	PVE_BUF is = {0};

	if (read_esp(w, path, &is) == 0 && pve_span_same((struct pve_span){is.data, is.len}, bytes))
		return 0;
	return pve_vfat_mkdir(&w->v, dir, w->e) < 0 ? -1 : pve_vfat_write(&w->v, path, bytes, w->e);
}

static int put_new(struct install *w, const char *path, const char *text)
{
	return pve_vfat_exists(&w->v, path) ? 0 : put(w, path, pve_span(text));
}

/* --- systemd-boot ------------------------------------------------------------------------------- */

/* What bootctl does that is no matter of files: the entry of the firmware and, on a new ESP, the
 * seed of the random numbers.  With --graceful that the firmware cannot be asked is no failure.  An
 * update finds the files as they should be and leaves them alone. */
static int run_bootctl(struct install *w, bool fresh)
{
	PVE_FREE char *bootctl = pve_run_find("bootctl");
	PVE_STRV argv = {0};

	if (!bootctl || !w->path || w->sys->rooted)
		return 0;
	pve_strv_add(&argv, bootctl);
	pve_strv_add(&argv, "--graceful");
	pve_strv_add(&argv, "--no-pager");
	/* The firmware finds the loader without an entry, too: it has the name of the fallback. */
	if (!boot_variables_work(w->sys))
		pve_strv_add(&argv, "--no-variables");
	pve_strv_addf(&argv, "--path=%s", w->path);
	pve_strv_add(&argv, fresh ? "install" : "update");
	return run(w, &argv);
}

/* loader.conf belongs to the administrator, too: it is made, never reset (B6, B19). */
static int install_sd(struct install *w)
{
	bool fresh = !pve_vfat_exists(&w->v, "EFI/systemd/systemd-bootx64.efi");
	struct pve_span bytes;
	PVE_BUF image = {0};

	if (boot_sd_read(w->sys, &image, w->e) < 0)
		return -1;
	bytes = (struct pve_span){image.data, image.len};
	if (pve_vfat_mkdir(&w->v, "EFI/proxmox", w->e) < 0 ||
	    pve_vfat_mkdir(&w->v, "loader/entries", w->e) < 0 ||
	    put_new(w, "loader/loader.conf", BLS_LOADER_NEW) < 0 ||
	    put_new(w, "loader/entries.srel", "type1\n") < 0)
		return -1;
	if (put(w, "EFI/systemd/systemd-bootx64.efi", bytes) < 0 ||
	    put(w, "EFI/BOOT/BOOTX64.EFI", bytes) < 0)
		return -1;
	return run_bootctl(w, fresh);
}

/* --- GRUB --------------------------------------------------------------------------------------- */

/* What the core image must bring along to read grub.cfg and start a kernel.  With all of it inside,
 * no instant matters at which the image is new and the modules beside it are old. */
#define GRUB_MODULES                                                                               \
	"part_gpt part_msdos fat search search_fs_uuid normal configfile test echo linux gzio "    \
	"loadenv minicmd ls cat reboot halt sleep all_video"

static char *grub_install(void)
{
	char *real = pve_run_find("grub-install.real");

	/* Where the stock tool is installed, the other name refuses. */
	return real ? real : pve_run_find("grub-install");
}

/* Nobody wants to see the bytes on their way. */
static int pass_over(void *data, struct pve_span piece, struct pve_err *e)
{
	(void)data;
	(void)piece;
	(void)e;
	return 0;
}

static int copy_aside(struct install *w, const char *path, const char *name)
{
	PVE_FREE char *from = pve_asprintf("%s/%s", path, name);
	PVE_FREE char *aside = pve_vfat_aside(path);
	PVE_FREE char *to = pve_asprintf("%s/%s", aside, name);
	PVE_CLOSE int fd = openat(w->v.top, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return pve_err_sys(w->e, errno, "%s on %s", from, w->device);
	if (!S_ISREG(st.st_mode))
		return pve_err_set(w->e, PVE_FAILED, "%s on %s is a directory, which does not "
				   "belong there",
				   from, w->device);
	return pve_vfat_copy(&w->v, to, fd, (uint64_t)st.st_size, pass_over, NULL, w->e);
}

/* Copies what is in a directory into the one aside. */
static int copy_all_aside(struct install *w, const char *path)
{
	int fd = openat(w->v.top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	PVE_STRV names = {0};

	if (fd < 0 || pve_fs_list_fd(fd, &names) < 0)
		return pve_err_sys(w->e, errno, "%s on %s", path, w->device);
	for (size_t i = 0; i < names.n; i++)
		if (copy_aside(w, path, names.v[i]) < 0)
			return -1;
	return 0;
}

/* Makes a copy of a directory aside, and lets grub-install see that in its place.  What it writes
 * is exchanged with the old directory when all of it is there. */
static int cover(struct install *w, const char *path)
{
	PVE_FREE char *aside = pve_vfat_aside(path);
	PVE_FREE char *from = pve_asprintf("%s/%s", w->path, aside);
	PVE_FREE char *to = pve_asprintf("%s/%s", w->path, path);

	if (pve_vfat_remove(&w->v, aside, w->e) < 0 || pve_vfat_mkdir(&w->v, path, w->e) < 0 ||
	    pve_vfat_mkdir(&w->v, aside, w->e) < 0 || copy_all_aside(w, path) < 0)
		return -1;
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return pve_err_sys(w->e, errno, "mounting %s over %s", from, to);
	return 0;
}

static int uncover(struct install *w, const char *path)
{
	PVE_FREE char *to = pve_asprintf("%s/%s", w->path, path);
	PVE_FREE char *aside = pve_vfat_aside(path);

	if (umount2(to, 0) < 0)
		return pve_err_sys(w->e, errno, "unmounting %s", to);
	if (pve_vfat_swap(&w->v, path, w->e) < 0)
		return -1;
	return pve_vfat_remove(&w->v, aside, w->e);
}

static int run_grub(struct install *w, const char *target, bool removable)
{
	PVE_FREE char *program = grub_install();
	PVE_STRV argv = {0};

	pve_strv_add(&argv, program ? program : "grub-install");
	pve_strv_addf(&argv, "--target=%s", target);
	pve_strv_addf(&argv, "--boot-directory=%s", w->path);
	if (w->sys->rooted)
		pve_strv_addf(&argv, "--directory=%s/usr/lib/grub/%s", w->sys->root, target);
	pve_strv_add(&argv, "--no-floppy");
	pve_strv_add(&argv, "--modules=" GRUB_MODULES);
	if (strcmp(target, "i386-pc") == 0) {
		pve_strv_addf(&argv, "%s%s", w->sys->root, w->disk);
		return run(w, &argv);
	}
	pve_strv_addf(&argv, "--efi-directory=%s", w->path);
	pve_strv_add(&argv, "--bootloader-id=proxmox");
	if (removable)
		pve_strv_add(&argv, "--removable");
	if (!boot_variables_work(w->sys))
		pve_strv_add(&argv, "--no-nvram");
	return run(w, &argv);
}

static int install_grub_efi(struct install *w)
{
	static const char *const dirs[] = {"EFI/proxmox", "EFI/BOOT", "grub/x86_64-efi"};

	for (size_t i = 0; i < 3; i++)
		if (cover(w, dirs[i]) < 0)
			return -1;
	if (run_grub(w, "x86_64-efi", false) < 0 || run_grub(w, "x86_64-efi", true) < 0)
		return -1;
	/* The modules first: those who start by the old image have what they need in it. */
	for (size_t i = 3; i-- > 0;)
		if (uncover(w, dirs[i]) < 0)
			return -1;
	return 0;
}

/* The boot sector and the core image behind it are written in place, by their nature. */
static int install_grub_bios(struct install *w)
{
	if (!*w->disk)
		return pve_err_set(w->e, PVE_FAILED,
				   "%s: its disk is not known, on which GRUB for a BIOS needs a BIOS "
				   "boot partition",
				   w->device);
	if (cover(w, "grub/i386-pc") < 0 || run_grub(w, "i386-pc", false) < 0)
		return -1;
	return uncover(w, "grub/i386-pc");
}

static int install_grub(struct install *w)
{
	if (!w->path)
		return pve_err_set(w->e, PVE_FAILED,
				   "%s: grub-install needs a vfat, not a directory in its place",
				   w->device);
	if (pve_vfat_mkdir(&w->v, "grub", w->e) < 0 || pve_vfat_mkdir(&w->v, "EFI", w->e) < 0)
		return -1;
	if ((w->targets & BOOT_GRUB_EFI) && install_grub_efi(w) < 0)
		return -1;
	return w->targets & BOOT_GRUB_BIOS ? install_grub_bios(w) : 0;
}

/* --- where ---------------------------------------------------------------------------------------- */

static int install(struct install *w)
{
	return strcmp(w->mode, "grub") == 0 ? install_grub(w) : install_sd(w);
}

/* The node of a descriptor, as a path for mount(2). */
static int node_of(int fd, char node[256])
{
	char link[40];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, node, 255);
	if (n > 0)
		node[n] = '\0';
	return n > 0 ? 0 : -1;
}

/* bootctl and grub-install want a path.  It is there in a mount namespace of this process only, in a
 * directory that is root's. */
static int attach(struct install *w, int device)
{
	char node[256];

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return pve_err_sys(w->e, errno, "making a private mount namespace");
	if (mkdir(PRIVATE_DIR, 0700) < 0 && errno != EEXIST)
		return pve_err_sys(w->e, errno, PRIVATE_DIR);
	if (node_of(device, node) < 0 ||
	    mount(node, PRIVATE_DIR, "vfat", MS_NOSUID | MS_NODEV | MS_NOEXEC, "umask=0077") < 0)
		return pve_err_sys(w->e, errno, "mounting %s", w->device);
	w->path = pve_strdup(PRIVATE_DIR);
	return 0;
}

static int install_mounted(struct install *w, int fd)
{
	struct pve_mnt m = {-1, -1, -1};
	int ret;

	if (pve_mnt_vfat(&m, fd, w->device, w->e) < 0)
		return -1;
	w->v.top = m.top;
	ret = attach(w, m.loop < 0 ? fd : m.loop);
	if (ret == 0)
		ret = install(w);
	if (ret == 0 && syncfs(m.top) < 0)
		ret = pve_err_sys(w->e, errno, "syncing %s", w->device);
	if (w->path)
		umount2(w->path, MNT_DETACH);
	free(w->path);
	pve_mnt_done(&m);
	return ret;
}

/* In a process of its own, whose namespace ends with it; its error comes back through a pipe. */
static int install_apart(struct install *w, int fd)
{
	PVE_CLOSE int from = -1, to = -1;
	struct pve_err e = {0};
	int ends[2], status = 0;
	pid_t child;
	ssize_t n;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return pve_err_sys(w->e, errno, "making a pipe");
	from = ends[0];
	to = ends[1];
	child = fork();
	if (child < 0)
		return pve_err_sys(w->e, errno, "starting a process");
	if (child == 0) {
		struct install own = *w;

		own.e = &e;
		if (install_mounted(&own, fd) < 0 && write(to, &e, sizeof(e)) != sizeof(e))
			_exit(2);
		_exit(e.code ? 1 : 0);
	}
	close(pve_take_fd(&to));
	do
		n = read(from, &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(e))
		*w->e = e;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (status && !e.code)
		return pve_err_set(w->e, PVE_FAILED, "installing a loader on %s: the process died",
				   w->device);
	return status ? -1 : 0;
}

int boot_call_install(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct install w = {
		.sys = sys,
		.device = args[1],
		.mode = args[2],
		.targets = (unsigned)strtoul(args[3], NULL, 10),
		.disk = args[4],
		.v = {.sys = sys, .top = -1, .name = args[1]},
		.e = e,
	};
	PVE_CLOSE int fd = -1;
	struct stat st;

	(void)data;
	if (pve_fs_stat(sys, w.device, &st, e) < 0)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		fd = pve_fs_open(sys, w.device, O_RDONLY | O_DIRECTORY, 0, e);
		w.v.top = fd;
		return fd < 0 ? -1 : install(&w);
	}
	fd = pve_fs_open(sys, w.device, O_RDWR, 0, e);
	return fd < 0 ? -1 : install_apart(&w, fd);
}
