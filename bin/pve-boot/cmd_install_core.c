/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB's core image comes to the BIOS boot partition of a disk. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core.h"
#include "install_impl.h"
#include "pvecommon/fs.h"
#include "pvecommon/fs_place.h"
#include "pveio/gpt.h"

struct disk {
	struct install *w;
	int fd;
	struct boot_sectors part; /* the BIOS boot partition; n 0: none */
	struct boot_sectors used; /* what the boot sector leads to */
	char sector[BOOT_SECTOR]; /* the boot sector */
};

static int read_at(struct disk *d, uint64_t sector, char *to, size_t n)
{
	ssize_t got = pread(d->fd, to, n, (off_t)(sector * BOOT_SECTOR));

	if (got == (ssize_t)n)
		return 0;
	return pve_err_sys(d->w->e, got < 0 ? errno : EIO, "reading %s at sector %llu", d->w->disk,
			   (unsigned long long)sector);
}

/* All of it is on the medium then, before anything that is written later. */
static int write_at(struct disk *d, uint64_t sector, struct pve_span bytes)
{
	if (pve_fs_effect(d->w->sys, PVE_EFFECT_WRITE, d->w->disk) < 0 ||
	    pwrite(d->fd, bytes.p, bytes.len, (off_t)(sector * BOOT_SECTOR)) !=
		    (ssize_t)bytes.len ||
	    fsync(d->fd) < 0)
		return pve_err_sys(d->w->e, errno, "writing %s", d->w->disk);
	return 0;
}

static int find_part(struct disk *d)
{
	struct pve_gpt gpt = {0};

	if (pve_gpt_read(d->fd, d->w->disk, &gpt, d->w->e) < 0)
		return -1;
	for (size_t i = 0; gpt.sector == BOOT_SECTOR && i < gpt.n && !d->part.n; i++)
		if (strcmp(gpt.part[i].type, PVE_GPT_BIOS_BOOT) == 0)
			d->part = (struct boot_sectors){gpt.part[i].first,
							gpt.part[i].last - gpt.part[i].first + 1};
	pve_gpt_done(&gpt);
	return 0;
}

/* What is in use; of a core image that is not understood at least the first sector. */
static int find_used(struct disk *d)
{
	char first[BOOT_SECTOR];
	uint64_t start;

	if (read_at(d, 0, d->sector, sizeof(d->sector)) < 0)
		return -1;
	start = boot_core_start((struct pve_span){d->sector, sizeof(d->sector)});
	if (start < d->part.first || start >= d->part.first + d->part.n)
		return 0;
	if (read_at(d, start, first, sizeof(first)) < 0)
		return -1;
	d->used.first = start;
	d->used.n = boot_core_sectors((struct pve_span){first, sizeof(first)}, start);
	if (!d->used.n)
		d->used.n = 1;
	return 0;
}

/* Is this what begins there? */
static int is_there(struct disk *d, uint64_t sector, struct pve_span bytes, bool *same)
{
	PVE_FREE char *is = pve_malloc(bytes.len);

	if (read_at(d, sector, is, bytes.len) < 0)
		return -1;
	*same = memcmp(is, bytes.p, bytes.len) == 0;
	return 0;
}

/* Nothing is written when the image in use is this one. */
static int is_in_use(struct disk *d, struct pve_span core, struct pve_span boot, bool *same)
{
	char sector[BOOT_SECTOR];
	PVE_BUF placed = {0};

	*same = false;
	if (!d->used.n)
		return 0;
	if (boot_core_place(core, d->used.first, &placed, d->w->e) < 0 ||
	    boot_core_sector(boot, (struct pve_span){d->sector, BOOT_SECTOR}, d->used.first, sector,
			     d->w->e) < 0)
		return -1;
	if (d->used.n * BOOT_SECTOR != placed.len || memcmp(sector, d->sector, BOOT_SECTOR) != 0)
		return 0;
	return is_there(d, d->used.first, (struct pve_span){placed.data, placed.len}, same);
}

/* The image goes where nothing is in use, is read back from the medium, and only then the boot
 * sector leads to it. */
static int embed(struct disk *d, struct pve_span core, struct pve_span boot, uint64_t slot)
{
	char sector[BOOT_SECTOR];
	PVE_BUF placed = {0};
	bool same = false;

	if (boot_core_place(core, slot, &placed, d->w->e) < 0 ||
	    boot_core_sector(boot, (struct pve_span){d->sector, BOOT_SECTOR}, slot, sector,
			     d->w->e) < 0 ||
	    write_at(d, slot, (struct pve_span){placed.data, placed.len}) < 0)
		return -1;
	(void)posix_fadvise(d->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (is_there(d, slot, (struct pve_span){placed.data, placed.len}, &same) < 0)
		return -1;
	if (!same)
		return pve_err_set(
			d->w->e, PVE_FAILED,
			"%s: the core image reads back otherwise than it was written; the old "
			"one stays in use",
			d->w->disk);
	return write_at(d, 0, (struct pve_span){sector, sizeof(sector)});
}

static int read_image(struct install *w, const char *dir, const char *name, struct pve_buf *out)
{
	PVE_FREE char *path = pve_asprintf("%s/%s", dir, name);

	if (install_read(w, path, out) < 0)
		return pve_err_sys(w->e, errno, "reading %s on %s", path, w->device);
	return 0;
}

int install_core(struct install *w, const char *dir, bool *done)
{
	PVE_CLOSE int fd = pve_fs_open(w->sys, w->disk, O_RDWR, 0, w->e);
	struct disk d = {.w = w, .fd = fd};
	PVE_BUF core = {0}, boot = {0};
	struct pve_span c, b;
	uint64_t slot;

	*done = false;
	if (fd < 0 || read_image(w, dir, "core.img", &core) < 0 ||
	    read_image(w, dir, "boot.img", &boot) < 0 || find_part(&d) < 0)
		return -1;
	c = (struct pve_span){pve_buf_str(&core), core.len};
	b = (struct pve_span){pve_buf_str(&boot), boot.len};
	if (!d.part.n)
		return 0;
	if (find_used(&d) < 0 || is_in_use(&d, c, b, done) < 0)
		return -1;
	if (*done || !boot_core_slot(&d.part, &d.used, c.len, &slot))
		return 0;
	*done = true;
	return embed(&d, c, b, slot);
}
