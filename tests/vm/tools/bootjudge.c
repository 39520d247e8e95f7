/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bootjudge - kernels whose every byte is known, and a look at ESPs after a power cut
 *
 *     bootjudge make VERSION BUILD image|initrd     that file, to standard output
 *     bootjudge look IMAGE     exit 0 when the vfat file system in the image offers a kernel, and
 *                              each that it offers is there as a whole: image and initrd, of the
 *                              same build; and menu and loader.conf are.  The menu is
 *                              loader/entries/proxmox-*.conf, or grub/grub.cfg
 *     bootjudge boot IMAGE DIR exit 0 when every EFI loader in the image is whole and finds a kernel,
 *                              as above, and there is one for a firmware without entries.  Loaders
 *                              that are whole are the files DIR/sd.* and DIR/grub.*; a module of
 *                              GRUB, hello.mod, must be one of DIR/module.*
 *     bootjudge core DISK FILE exit 0 when the boot sector of the disk's image leads to GRUB's core
 *                              image, and that is one of the FILEs, but for where it says it is
 *
 * A kernel image has the header of one and then a pattern of version and build; an initrd is an
 * archive (cpio, newc) of one file with such a pattern.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pvecommon/buf.h"
#include "pvecommon/fat.h"
#include "pvecommon/mem.h"

#define IMAGE_BYTES 60000u
#define INITRD_BYTES 120000u
#define BUILDS 3

/* n bytes that no other version, build or kind has anywhere. */
static void pattern(struct pve_buf *b, const char *version, int build, const char *kind, size_t n)
{
	PVE_FREE char *name = pve_asprintf("%s %d %s", version, build, kind);
	uint64_t x = 14695981039346656037ull;

	for (const char *p = name; *p; p++)
		x = (x ^ (unsigned char)*p) * 1099511628211ull;
	for (size_t i = 0; i < n; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		pve_buf_add(b, &x, sizeof(x));
	}
}

/* Linux, Documentation/arch/x86/boot.rst: what a loader looks at. */
static void make_image(struct pve_buf *b, const char *version, int build)
{
	static const char text[] = " (build@host) #1 SMP";
	size_t at = 0x600;

	pattern(b, version, build, "image", IMAGE_BYTES);
	memcpy(b->data + 0x1f1, "\x04", 1);          /* sectors of setup code */
	for (int i = 0; i < 4; i++)                  /* all behind that, in 16 bytes */
		b->data[0x1f4 + i] = (char)((IMAGE_BYTES - 5 * 512) / 16 >> 8 * i);
	memcpy(b->data + 0x1fe, "\x55\xaa", 2);
	memcpy(b->data + 0x202, "HdrS\x0f\x02", 6);
	memcpy(b->data + 0x20e, "\x00\x04", 2);      /* the version is at 0x200 + 0x400 */
	memcpy(b->data + 0x211, "\x01", 1);          /* loaded high */
	memcpy(b->data + at, version, strlen(version));
	memcpy(b->data + at + strlen(version), text, sizeof(text));
}

static void member(struct pve_buf *b, const char *name, unsigned mode, const struct pve_buf *data)
{
	pve_buf_printf(b, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", 1u, mode, 0u,
		       0u, 1u, 0u, (unsigned)data->len, 0u, 0u, 0u, 0u, (unsigned)strlen(name) + 1, 0u,
		       name);
	pve_buf_putc(b, '\0');
	while (b->len % 4)
		pve_buf_putc(b, '\0');
	pve_buf_add(b, data->data, data->len);
	while (b->len % 4)
		pve_buf_putc(b, '\0');
}

static void make_initrd(struct pve_buf *b, const char *version, int build)
{
	PVE_BUF data = {0}, none = {0};

	pattern(&data, version, build, "initrd", INITRD_BYTES);
	member(b, "pattern", 0100644, &data);
	pve_buf_add(&none, "", 0);
	member(b, "TRAILER!!!", 0, &none);
}

static void make(struct pve_buf *b, const char *version, int build, const char *kind)
{
	if (strcmp(kind, "image") == 0)
		make_image(b, version, build);
	else
		make_initrd(b, version, build);
}

/* --- looking ------------------------------------------------------------------------------------ */

static int read_at(void *data, uint64_t offset, void *buf, size_t n, struct pve_err *e)
{
	if (pread(*(int *)data, buf, n, (off_t)offset) != (ssize_t)n)
		return pve_err_set(e, PVE_FAILED, "cannot read at %llu", (unsigned long long)offset);
	return 0;
}

static int collect(void *data, struct pve_span piece, struct pve_err *e)
{
	(void)e;
	pve_buf_span(data, piece);
	return 0;
}

struct look {
	struct pve_fat fat;
	struct pve_fat_tree tree;
	unsigned offered, bad;
};

static const struct pve_fat_entry *find(const struct look *l, const char *path)
{
	for (size_t i = 0; i < l->tree.n; i++)
		if (strcasecmp(l->tree.v[i].path, path) == 0)
			return &l->tree.v[i];
	return NULL;
}

/* The build whose bytes the file has; 0: of none. */
static int build_of(struct look *l, const char *path, const char *version, const char *kind)
{
	const struct pve_fat_entry *entry = find(l, path);
	PVE_BUF is = {0};
	struct pve_err e = {0};

	if (!entry || pve_fat_stream(&l->fat, entry, collect, &is, &e) < 0)
		return 0;
	for (int build = 1; build <= BUILDS; build++) {
		PVE_BUF want = {0};

		make(&want, version, build, kind);
		if (want.len == is.len && memcmp(want.data, is.data, is.len) == 0)
			return build;
	}
	return 0;
}

static void judge(struct look *l, const char *image, const char *initrd)
{
	const char *name = strrchr(image, '/') ? strrchr(image, '/') + 1 : image;
	PVE_FREE char *version = pve_strdup(strncmp(name, "vmlinuz-", 8) == 0 ? name + 8 : "?");
	char *twin = strstr(version, ".twin");
	int a, b;

	/* A second copy of the same kernel, for the time of its exchange. */
	if (twin)
		*twin = '\0';
	a = build_of(l, image, version, "image");
	b = build_of(l, initrd, version, "initrd");

	l->offered++;
	if (a && a == b)
		return;
	l->bad++;
	printf("%s: image of build %d, initrd of build %d\n", version, a, b);
}

/* "linux PATH ..." and "initrd PATH" behind each other, in both menus. */
static void read_menu(struct look *l, const struct pve_fat_entry *file)
{
	PVE_BUF text = {0};
	struct pve_err e = {0};
	char *line, *rest = NULL, image[300] = "", initrd[300];
	unsigned before = l->offered;

	if (pve_fat_stream(&l->fat, file, collect, &text, &e) < 0) {
		printf("%s: %s\n", file->path, e.msg);
		l->bad++;
		return;
	}
	for (line = strtok_r(pve_buf_reserve(&text, 1) - text.len, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		sscanf(line, " linux /%299s", image);
		if (*image && sscanf(line, " initrd /%299s", initrd) == 1) {
			judge(l, image, initrd);
			*image = '\0';
		}
	}
	if (l->offered == before) {
		printf("%s: offers nothing\n", file->path);
		l->bad++;
	}
}

static void open_image(struct look *l, const char *path)
{
	static int fd;
	struct pve_fat_io io = {.read = read_at, .data = &fd};
	struct pve_err e = {0};
	off_t size;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	if (size < 0)
		err(2, "%s", path);
	io.size = (uint64_t)size;
	if (pve_fat_open(&l->fat, &io, &e) < 0 || pve_fat_tree_read(&l->tree, &l->fat, &e) < 0)
		errx(1, "%s: %s", path, e.msg);
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, const char *with)
{
	size_t n = strlen(text), m = strlen(with);

	return n >= m && strcmp(text + n - m, with) == 0;
}

/* "timeout 3", and perhaps a default of ours. */
static bool is_loader_conf(const char *text)
{
	const char *rest = starts(text, "timeout 3\n") ? text + strlen("timeout 3\n") : NULL;

	return rest && (!*rest || (starts(rest, "default proxmox-") && ends(rest, ".conf\n") &&
				   strchr(rest, '\n') == rest + strlen(rest) - 1));
}

/* A small file has all of what was once written to it: from its first word to its last. */
static void check_text(struct look *l, const struct pve_fat_entry *file)
{
	bool entry = starts(file->path, "loader/entries/proxmox-"), whole;
	PVE_BUF text = {0};
	struct pve_err e = {0};
	const char *is;

	if (!entry && strcmp(file->path, "grub/grub.cfg") != 0 &&
	    strcmp(file->path, "loader/loader.conf") != 0)
		return;
	if (pve_fat_stream(&l->fat, file, collect, &text, &e) < 0)
		text.len = 0;
	is = pve_buf_str(&text);
	if (entry)
		whole = starts(is, "title    ") && strstr(is, "\noptions  root=ZFS=rpool/ROOT/pve-1 boot=zfs") &&
			strstr(is, "\ninitrd   /EFI/") && ends(is, "\n");
	else if (starts(file->path, "grub"))
		whole = starts(is, "# Written by pve-boot") && ends(is, "custom.cfg\nfi\n");
	else
		whole = is_loader_conf(is);
	if (whole && strlen(is) == text.len)
		return;
	printf("%s: neither the old nor the new one: %s\n", file->path, is);
	l->bad++;
}

static int look(const char *path)
{
	struct look l = {0};

	open_image(&l, path);
	for (size_t i = 0; i < l.tree.n; i++) {
		if (starts(l.tree.v[i].path, "loader/entries/proxmox-") ||
		    strcmp(l.tree.v[i].path, "grub/grub.cfg") == 0)
			read_menu(&l, &l.tree.v[i]);
		check_text(&l, &l.tree.v[i]);
	}
	if (find(&l, "loader") && !find(&l, "loader/loader.conf"))
		l.bad++, printf("loader/loader.conf: missing\n");
	if (!l.offered)
		printf("offers no kernel\n");
	return !l.offered || l.bad;
}

/* --- loaders ------------------------------------------------------------------------------ */

static bool read_file(const char *path, struct pve_buf *b)
{
	FILE *f = fopen(path, "re");
	char piece[65536];
	size_t n;

	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		pve_buf_add(b, piece, n);
	return f && fclose(f) == 0;
}

/* Is it one of the files DIR/KIND.*? */
static bool is_one_of(const struct pve_buf *is, const char *dir, const char *kind)
{
	DIR *d = opendir(dir);
	bool same = false;

	for (struct dirent *f; d && !same && (f = readdir(d));) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dir, f->d_name);
		PVE_BUF want = {0};

		if (strncmp(f->d_name, kind, strlen(kind)) == 0 && f->d_name[strlen(kind)] == '.')
			same = read_file(path, &want) && want.len == is->len &&
			       memcmp(want.data, is->data, is->len) == 0;
	}
	if (d)
		closedir(d);
	return same;
}

/* Is it whole, and what it starts, too? */
static void try_loader(struct look *l, const struct pve_fat_entry *file, const char *dir)
{
	PVE_BUF is = {0};
	struct pve_err e = {0};
	bool sd, grub;

	if (pve_fat_stream(&l->fat, file, collect, &is, &e) < 0)
		is.len = 0;
	sd = is_one_of(&is, dir, "sd");
	grub = !sd && is_one_of(&is, dir, "grub");
	if (!sd && !grub) {
		printf("%s: no loader that is known\n", file->path);
		l->bad++;
		return;
	}
	l->offered = 0;
	for (size_t i = 0; i < l->tree.n; i++)
		if (sd ? strncmp(l->tree.v[i].path, "loader/entries/proxmox-", 23) == 0
		       : strcmp(l->tree.v[i].path, "grub/grub.cfg") == 0)
			read_menu(l, &l->tree.v[i]);
	if (!l->offered) {
		printf("%s, %s: finds no kernel\n", file->path, sd ? "systemd-boot" : "GRUB");
		l->bad++;
	}
}

static int boot(const char *path, const char *dir)
{
	static const char *const loaders[] = {"EFI/BOOT/BOOTX64.EFI", "EFI/systemd/systemd-bootx64.efi",
					      "EFI/proxmox/grubx64.efi"};
	const struct pve_fat_entry *file;
	struct pve_err e = {0};
	PVE_BUF is = {0};
	struct look l = {0};

	open_image(&l, path);
	for (int i = 0; i < 3; i++) {
		file = find(&l, loaders[i]);
		if (file)
			try_loader(&l, file, dir);
		else if (i == 0)
			l.bad++, printf("%s: missing\n", loaders[i]);
	}
	file = find(&l, "grub/x86_64-efi/hello.mod");
	if (file && (pve_fat_stream(&l.fat, file, collect, &is, &e) < 0 ||
		     !is_one_of(&is, dir, "module")))
		l.bad++, printf("%s: neither the old nor the new one\n", file->path);
	return l.bad > 0;
}

/* GRUB's include/grub/i386/pc/boot.h: where the sector stands, and the core's own note of it. */
static int core(const char *path, char **files, int n)
{
	unsigned char sector[512];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t start, second;
	bool good = false;

	if (fd < 0 || pread(fd, sector, sizeof(sector), 0) != sizeof(sector))
		err(2, "%s", path);
	memcpy(&start, sector + 0x5c, sizeof(start));
	if (sector[510] != 0x55 || sector[511] != 0xaa || sector[0x66] != 0x90)
		errx(1, "the boot sector is none of GRUB's");
	for (int i = 0; i < n; i++) {
		PVE_BUF want = {0}, is = {0};

		if (!read_file(files[i], &want))
			err(2, "%s", files[i]);
		if (pread(fd, pve_buf_reserve(&is, want.len), want.len, (off_t)(start * 512)) !=
		    (ssize_t)want.len)
			continue;
		memcpy(&second, is.data + 500, sizeof(second));
		memcpy(is.data + 500, want.data + 500, sizeof(second));
		good |= second == start + 1 && memcmp(is.data, want.data, want.len) == 0;
	}
	if (!good)
		printf("sector %llu begins no core image that is known\n", (unsigned long long)start);
	return !good;
}

int main(int argc, char **argv)
{
	PVE_BUF out = {0};

	if (argc == 3 && strcmp(argv[1], "look") == 0)
		return look(argv[2]);
	if (argc == 4 && strcmp(argv[1], "boot") == 0)
		return boot(argv[2], argv[3]);
	if (argc >= 4 && strcmp(argv[1], "core") == 0)
		return core(argv[2], argv + 3, argc - 3);
	if (argc != 5 || strcmp(argv[1], "make") != 0)
		errx(64, "usage: bootjudge make VERSION BUILD image|initrd, "
			 "bootjudge look IMAGE, boot IMAGE DIR, core DISK FILE...");
	make(&out, argv[2], argv[3][0] - '0', argv[4]);
	return fwrite(out.data, 1, out.len, stdout) != out.len;
}
