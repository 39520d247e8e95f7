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
#include "images.h"
#include "install_impl.h"
#include "leftovers.h"
#include "manifest.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"
#include "pveio/digest.h"
#include "pveio/mnt.h"

#define PRIVATE_DIR "/run/pve-boot" /* only root may look into it */
#define PROGRAM_MS 300000

/* --- programs ----------------------------------------------------------------------------------- */

int install_run(struct install *w, const struct pve_strv *argv)
{
	const struct pve_run cmd = {.argv = (const char *const *)argv->v, .timeout_ms = PROGRAM_MS};

	return pve_run_ok(w->sys, &cmd, NULL, w->e);
}

/* --- files -------------------------------------------------------------------------------------- */

int install_read(struct install *w, const char *path, struct pve_buf *out)
{
	PVE_CLOSE int fd = openat(w->v.top, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char piece[65536];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
		pve_buf_add(out, piece, (size_t)n);
	return (int)n;
}

int install_put(struct install *w, const char *path, struct pve_span bytes)
{
	const char *slash = strrchr(path, '/');
	PVE_FREE char *dir = pve_strndup(path, (size_t)(slash - path));
	PVE_BUF is = {0};

	if (install_read(w, path, &is) == 0 && pve_span_same((struct pve_span){is.data, is.len}, bytes))
		return 0;
	return pve_vfat_mkdir(&w->v, dir, w->e) < 0 ? -1 : pve_vfat_write(&w->v, path, bytes, w->e);
}

static int put_new(struct install *w, const char *path, const char *text)
{
	return pve_vfat_exists(&w->v, path) ? 0 : install_put(w, path, pve_span(text));
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
	return install_run(w, &argv);
}

/* GRUB is not what starts any more; its EFI image, which goes last, is what says that it is. */
static int retire_grub(struct install *w)
{
	static const char *const files[] = {"shimx64.efi", "mmx64.efi", "fbx64.efi", "BOOTX64.CSV",
					    "grubx64.efi"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		PVE_FREE char *path = pve_asprintf("EFI/proxmox/%s", files[i]);

		if (pve_vfat_retire(&w->v, path, w->e) < 0)
			return -1;
	}
	return 0;
}

/* loader.conf belongs to the administrator, too: it is made, never reset (B6, B19). */
static int install_sd(struct install *w)
{
	bool fresh = !pve_vfat_exists(&w->v, ESP_SD_IMAGE);
	struct pve_span bytes;
	PVE_BUF image = {0};

	if (boot_sd_read(w->sys, &image, w->e) < 0)
		return -1;
	bytes = (struct pve_span){image.data, image.len};
	if (pve_vfat_mkdir(&w->v, "EFI/proxmox", w->e) < 0 ||
	    pve_vfat_mkdir(&w->v, "loader/entries", w->e) < 0 ||
	    put_new(w, "loader/entries.srel", "type1\n") < 0)
		return -1;
	if (install_put(w, ESP_SD_IMAGE, bytes) < 0 ||
	    install_put(w, "EFI/BOOT/BOOTX64.EFI", bytes) < 0 ||
	    put_new(w, "loader/loader.conf", BLS_LOADER_NEW) < 0)
		return -1;
	return run_bootctl(w, fresh) < 0 ? -1 : retire_grub(w);
}

/* --- the manifest ------------------------------------------------------------------------------- */

static int note_image(struct install *w, struct manifest *m, const char *path)
{
	struct manifest_file file = {.path = path, .source = ""};
	char digest[PVE_DIGEST_TEXT];
	PVE_BUF bytes = {0};

	if (!pve_vfat_exists(&w->v, path))
		return 0;
	if (install_read(w, path, &bytes) < 0)
		return pve_err_sys(w->e, errno, "reading %s on %s", path, w->device);
	if (pve_digest(PVE_DIGEST_SHA256, (struct pve_span){pve_buf_str(&bytes), bytes.len}, digest,
		       w->e) < 0)
		return -1;
	memcpy(file.sha256, digest, sizeof(file.sha256));
	file.size = bytes.len;
	manifest_put(m, &file);
	return 0;
}

/* What is there of GRUB's images now goes into the manifest, what is not out of it.  A manifest that
 * is damaged is the matter of the next refresh. */
static int note_images(struct install *w)
{
	bool grub = strcmp(w->mode, "grub") == 0;
	struct manifest m = {0};
	struct pve_diags d = {0};
	PVE_BUF is = {0}, text = {0};
	int ret;

	(void)install_read(w, MANIFEST_PATH, &is);
	ret = is.len ? manifest_parse(&m, (struct pve_span){is.data, is.len}, MANIFEST_PATH, &d) : 0;
	pve_diags_done(&d);
	if (ret == 0) {
		for (size_t i = 0; boot_grub_images[i] && ret == 0; i++) {
			manifest_remove(&m, boot_grub_images[i]);
			ret = grub ? note_image(w, &m, boot_grub_images[i]) : 0;
		}
		manifest_format(&m, &text);
		if (ret == 0 && (is.len || m.n))
			ret = install_put(w, MANIFEST_PATH, (struct pve_span){text.data, text.len});
	} else {
		ret = 0;
	}
	manifest_done(&m);
	return ret;
}

/* --- where ---------------------------------------------------------------------------------------- */

static int install(struct install *w)
{
	if (boot_leftovers_remove(&w->v, &w->asides, w->e) < 0)
		return -1;
	if ((strcmp(w->mode, "grub") == 0 ? install_grub(w) : install_sd(w)) < 0)
		return -1;
	return note_images(w);
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

	int ret = -1;

	(void)data;
	if (pve_fs_stat(sys, w.device, &st, e) < 0 ||
	    boot_leftovers_find(sys, w.device, &w.asides, e) < 0) {
		pve_strv_done(&w.asides);
		return -1;
	}
	if (S_ISDIR(st.st_mode)) {
		fd = pve_fs_open(sys, w.device, O_RDONLY | O_DIRECTORY, 0, e);
		w.v.top = fd;
		ret = fd < 0 ? -1 : install(&w);
	} else {
		fd = pve_fs_open(sys, w.device, O_RDWR, 0, e);
		ret = fd < 0 ? -1 : install_apart(&w, fd);
	}
	pve_strv_done(&w.asides);
	return ret;
}
