/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB comes to an ESP: grub-install(8) writes into directories that are not in use yet. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "grub.h"
#include "install_impl.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"

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

/* Copies a file of a directory into the one aside.  Directories in it are passed over. */
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
		return 0;
	return pve_vfat_copy_into(&w->v, to, fd, (uint64_t)st.st_size, w->e);
}

static int list(struct install *w, const char *path, struct pve_strv *names)
{
	int fd = openat(w->v.top, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || pve_fs_list_fd(fd, names) < 0)
		return pve_err_sys(w->e, errno, "%s on %s", path, w->device);
	return 0;
}

static int copy_all_aside(struct install *w, const char *path)
{
	PVE_STRV names = {0};

	if (list(w, path, &names) < 0)
		return -1;
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

	if (pve_vfat_mkdir(&w->v, path, w->e) < 0 || pve_vfat_mkdir(&w->v, aside, w->e) < 0 ||
	    copy_all_aside(w, path) < 0)
		return -1;
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return pve_err_sys(w->e, errno, "mounting %s over %s", from, to);
	return 0;
}

/* Is there a directory in it?  Next to GRUB's images lie the kernels of systemd-boot, and what
 * other systems put there. */
static int has_directory(struct install *w, const char *path, bool *has)
{
	PVE_STRV names = {0};

	*has = false;
	if (list(w, path, &names) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		PVE_FREE char *name = pve_asprintf("%s/%s", path, names.v[i]);
		struct stat st;

		*has |= fstatat(w->v.top, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISDIR(st.st_mode);
	}
	return 0;
}

static int put_from_aside(struct install *w, const char *path, const char *name)
{
	PVE_FREE char *aside = pve_vfat_aside(path);
	PVE_FREE char *from = pve_asprintf("%s/%s", aside, name);
	PVE_FREE char *to = pve_asprintf("%s/%s", path, name);
	PVE_BUF bytes = {0};

	if (install_read(w, from, &bytes) < 0)
		return pve_err_sys(w->e, errno, "reading %s on %s", from, w->device);
	return install_put(w, to, (struct pve_span){bytes.data, bytes.len});
}

/* File by file.  GRUB's image goes first: a shim that comes without it would be in its way. */
static int put_all(struct install *w, const char *path)
{
	PVE_FREE char *aside = pve_vfat_aside(path);
	PVE_STRV names = {0};

	if (list(w, aside, &names) < 0)
		return -1;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < names.n; i++)
			if ((strcasecmp(names.v[i], "grubx64.efi") == 0) == (pass == 0) &&
			    put_from_aside(w, path, names.v[i]) < 0)
				return -1;
	return 0;
}

/* All of it takes its place at once, unless there are directories, which would go with the old
 * files. */
static int uncover(struct install *w, const char *path)
{
	PVE_FREE char *to = pve_asprintf("%s/%s", w->path, path);
	PVE_FREE char *aside = pve_vfat_aside(path);
	bool shared;

	if (umount2(to, 0) < 0)
		return pve_err_sys(w->e, errno, "unmounting %s", to);
	if (has_directory(w, path, &shared) < 0 ||
	    (shared ? put_all(w, path) : pve_vfat_swap(&w->v, path, w->e)) < 0)
		return -1;
	return pve_vfat_remove(&w->v, aside, w->e);
}

static int run_grub(struct install *w, const char *target, const char *option)
{
	PVE_FREE char *program = grub_install();
	PVE_STRV argv = {0};

	pve_strv_add(&argv, program ? program : "grub-install");
	pve_strv_addf(&argv, "--target=%s", target);
	pve_strv_addf(&argv, "--boot-directory=%s", w->path);
	if (w->sys->rooted)
		pve_strv_addf(&argv, "--directory=%s/usr/lib/grub/%s", w->sys->root, target);
	pve_strv_add(&argv, "--no-floppy");
	/* They would be written in place, and the menu needs none of them. */
	pve_strv_add(&argv, "--locales=");
	pve_strv_add(&argv, "--fonts=");
	pve_strv_add(&argv, "--themes=");
	pve_strv_add(&argv, "--modules=" GRUB_MODULES);
	if (option)
		pve_strv_add(&argv, option);
	if (strcmp(target, "i386-pc") == 0) {
		pve_strv_addf(&argv, "%s%s", w->sys->root, w->disk);
		return install_run(w, &argv);
	}
	pve_strv_addf(&argv, "--efi-directory=%s", w->path);
	pve_strv_add(&argv, "--bootloader-id=proxmox");
	if (!boot_variables_work(w->sys))
		pve_strv_add(&argv, "--no-nvram");
	return install_run(w, &argv);
}

static int install_grub_efi(struct install *w)
{
	static const char *const dirs[] = {"EFI/proxmox", "EFI/BOOT", "grub/x86_64-efi"};

	for (size_t i = 0; i < 3; i++)
		if (cover(w, dirs[i]) < 0)
			return -1;
	if (run_grub(w, "x86_64-efi", NULL) < 0 || run_grub(w, "x86_64-efi", "--removable") < 0)
		return -1;
	/* The modules first: those who start by the old image have what they need in it. */
	for (size_t i = 3; i-- > 0;)
		if (uncover(w, dirs[i]) < 0)
			return -1;
	return 0;
}

/* The core image is made beside the old one, as all that grub-install writes; then the boot sector
 * switches over.  Only a disk without room for two gets it written in place, by grub-install. */
static int install_grub_bios(struct install *w)
{
	static const char dir[] = "grub/i386-pc";
	bool done;

	if (!*w->disk)
		return pve_err_set(
			w->e, PVE_FAILED,
			"%s: its disk is not known, on which GRUB for a BIOS needs a BIOS "
			"boot partition",
			w->device);
	if (cover(w, dir) < 0 || run_grub(w, "i386-pc", "--no-bootsector") < 0 ||
	    install_core(w, "grub/.i386-pc.new", &done) < 0)
		return -1;
	if (!done && run_grub(w, "i386-pc", NULL) < 0)
		return -1;
	return uncover(w, dir);
}

/* systemd-boot is not what starts any more.  A firmware's entry for it that is still there leads to
 * nothing, and the next one is tried. */
static int retire_sd(struct install *w)
{
	static const char image[] = ESP_SD_IMAGE, conf[] = "loader/loader.conf";
	PVE_BUF text = {0};

	if (w->targets & BOOT_GRUB_EFI)
		return pve_vfat_retire(&w->v, image, w->e);
	/* Where GRUB has no EFI image the mode is told by this file, of which the text is kept. */
	if (!pve_vfat_exists(&w->v, conf))
		return 0;
	if (install_read(w, conf, &text) < 0)
		return pve_err_sys(w->e, errno, "reading %s on %s", conf, w->device);
	if (install_put(w, "loader/loader.conf.old", (struct pve_span){text.data, text.len}) < 0)
		return -1;
	return pve_vfat_retire(&w->v, conf, w->e);
}

/* grub-install makes one in place where there is none. */
static int make_grubenv(struct install *w)
{
	PVE_BUF block = {0};

	if (pve_vfat_exists(&w->v, BOOT_GRUBENV))
		return 0;
	if (boot_grubenv_set((struct pve_span){0}, "next_entry", NULL, &block, w->e) < 0)
		return -1;
	return install_put(w, BOOT_GRUBENV, (struct pve_span){block.data, block.len});
}

int install_grub(struct install *w)
{
	if (!w->path)
		return pve_err_set(w->e, PVE_FAILED,
				   "%s: grub-install needs a vfat, not a directory in its place",
				   w->device);
	if (pve_vfat_mkdir(&w->v, "grub", w->e) < 0 || pve_vfat_mkdir(&w->v, "EFI", w->e) < 0 ||
	    make_grubenv(w) < 0)
		return -1;
	if ((w->targets & BOOT_GRUB_EFI) && install_grub_efi(w) < 0)
		return -1;
	if ((w->targets & BOOT_GRUB_BIOS) && install_grub_bios(w) < 0)
		return -1;
	return retire_sd(w);
}
