/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmdline.h"
#include "host.h"
#include "initrd.h"
#include "kernels.h"
#include "install.h"
#include "kimage.h"
#include "pvecommon/dpkg.h"
#include "pvecommon/fs.h"
#include "pveio/digest.h"

#define STATUS_MAX (64u << 20) /* bytes of one package's stanza in dpkg's status */
#define STATUS_PIECE 32768u     /* bytes read of it at once */
#define PIECE (1u << 20)

/* --- choices -------------------------------------------------------------------------------- */

/* A missing file is an empty one. */
static int read_text(struct pve_sys *sys, const char *path, struct pve_buf *text,
		     struct pve_err *e)
{
	struct pve_err own = {0};

	if (pve_fs_read(sys, path, 0, text, NULL, &own) == 0 || own.sys == ENOENT)
		return 0;
	*e = own;
	return -1;
}

int boot_pin_read(struct pve_sys *sys, const char *file, char **version, struct pve_err *e)
{
	PVE_BUF text = {0};
	struct pve_span v;

	if (read_text(sys, file, &text, e) < 0)
		return -1;
	v = boot_pin_parse((struct pve_span){pve_buf_str(&text), text.len});
	*version = v.len ? pve_strndup(v.p, v.len) : NULL;
	return 0;
}

int boot_host_read_choices(struct boot_host *h, struct pve_sys *sys, struct pve_err *e)
{
	PVE_BUF manual = {0};

	h->sys = sys;
	if (read_text(sys, BOOT_MANUAL, &manual, e) < 0)
		return -1;
	boot_manual_parse(&h->manual, (struct pve_span){manual.data, manual.len}, BOOT_MANUAL, NULL);
	if (boot_pin_read(sys, BOOT_PIN, &h->pin, e) < 0 ||
	    boot_pin_read(sys, BOOT_NEXT_PIN, &h->next_pin, e) < 0)
		return -1;
	return esp_list_read(&h->esps, sys, e);
}

/* --- kernels -------------------------------------------------------------------------------- */

static bool has_image(struct pve_sys *sys, const char *version)
{
	PVE_FREE char *path = pve_asprintf("/boot/vmlinuz-%s", version);

	return pve_fs_exists(sys, path);
}

/* Below a root that does not run, /proc is empty, and nothing runs. */
static char *running_version(struct pve_sys *sys)
{
	PVE_BUF text = {0};
	struct pve_span v;
	char *version;

	if (getenv("SOURCE_DATE_EPOCH") ||
	    pve_fs_read(sys, "/proc/sys/kernel/osrelease", 4096, &text, NULL, NULL) < 0)
		return NULL;
	v = pve_span_trim((struct pve_span){text.data, text.len});
	if (!boot_version_valid(v))
		return NULL;
	version = pve_strndup(v.p, v.len);
	if (has_image(sys, version))
		return version;
	free(version);
	return NULL;
}

/* Bytes up to the end of the last stanza that is whole; 0: none is. */
static size_t whole_stanzas(const struct pve_buf *text)
{
	for (const char *p = text->data + text->len; p - text->data >= 2; p--)
		if (p[-1] == '\n' && p[-2] == '\n')
			return (size_t)(p - text->data);
	return 0;
}

static ssize_t read_more(int fd, struct pve_buf *text)
{
	ssize_t n;

	do
		n = read(fd, pve_buf_reserve(text, STATUS_PIECE), STATUS_PIECE);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		text->len += (size_t)n;
	return n;
}

/* In pieces, since the whole of it would be most of the memory and time of a run that finds
 * nothing to do. */
static int parse_status(struct boot_host *h, int fd, struct pve_err *e)
{
	PVE_BUF text = {0};
	bool any = false;
	ssize_t n;

	while ((n = read_more(fd, &text)) > 0 && text.len < STATUS_MAX) {
		size_t whole = whole_stanzas(&text);

		if (!whole)
			continue;
		any = true;
		if (boot_packages_parse(&h->packages, (struct pve_span){text.data, whole}, e) < 0)
			return -1;
		text.len -= whole;
		memmove(text.data, text.data + whole, text.len);
	}
	if (n < 0)
		return pve_err_sys(e, errno, "reading %s", PVE_DPKG_STATUS);
	if (any && !text.len)
		return 0;
	return boot_packages_parse(&h->packages, (struct pve_span){text.data, text.len}, e);
}

static int read_packages(struct boot_host *h, struct pve_err *e)
{
	PVE_CLOSE int fd = pve_fs_open(h->sys, PVE_DPKG_STATUS, O_RDONLY, 0, e);

	if (fd < 0 || parse_status(h, fd, e) < 0)
		return pve_err_prefix(e, "dpkg's packages cannot be read, so no kernel is selected");
	for (size_t i = 0; i < h->packages.n; i++)
		if (!h->packages.v[i].configured)
			h->packages.v[i].files = has_image(h->sys, h->packages.v[i].version);
	return 0;
}

static int64_t nanoseconds(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct boot_file look_at(struct pve_sys *sys, const char *name, const char *version)
{
	struct boot_file f = {.path = pve_asprintf("/boot/%s-%s", name, version)};
	struct stat st;

	if (pve_fs_stat(sys, f.path, &st, NULL) < 0 || !S_ISREG(st.st_mode))
		return f;
	f.there = true;
	f.size = (uint64_t)st.st_size;
	f.mtime = nanoseconds(st.st_mtim);
	f.ctime = nanoseconds(st.st_ctim);
	f.inode = st.st_ino;
	return f;
}

static bool is_asked_for(const struct boot_host *h, const struct pve_strv *callers, const char *v)
{
	return pve_strv_has(&h->manual, v) || (callers && pve_strv_has(callers, v)) ||
	       (h->pin && strcmp(h->pin, v) == 0) || (h->next_pin && strcmp(h->next_pin, v) == 0) ||
	       (h->running && strcmp(h->running, v) == 0);
}

static void look_at_kernels(struct boot_host *h, const struct pve_strv *callers)
{
	h->nkernels = h->selection.boot.n;
	h->kernel = pve_calloc(h->nkernels + 1, sizeof(*h->kernel));
	for (size_t i = 0; i < h->nkernels; i++) {
		struct boot_kernel *k = &h->kernel[i];

		k->version = h->selection.boot.v[i];
		k->image = look_at(h->sys, "vmlinuz", k->version);
		k->initrd = look_at(h->sys, "initrd.img", k->version);
		k->spare = i > 0 && !is_asked_for(h, callers, k->version);
	}
}

static const char *title_of(struct pve_sys *sys)
{
	if (pve_fs_exists(sys, "/etc/pve"))
		return "Proxmox Virtual Environment";
	if (pve_fs_exists(sys, "/usr/share/doc/proxmox-mailgateway"))
		return "Proxmox Mailgateway";
	if (pve_fs_exists(sys, "/usr/share/doc/proxmox-backup"))
		return "Proxmox Backup Server";
	return "Proxmox Virtual Environment";
}

static void read_cmdline(struct boot_host *h)
{
	PVE_BUF text = {0};

	if (pve_fs_read(h->sys, BOOT_CMDLINE, 65536, &text, NULL, &h->cmdline_err) == 0)
		boot_cmdline_parse((struct pve_span){text.data, text.len}, BOOT_CMDLINE, &h->cmdline,
				   &h->cmdline_err);
	else if (h->cmdline_err.sys == ENOENT)
		pve_err_set(&h->cmdline_err, PVE_DATA,
			    BOOT_CMDLINE ": there is none, and that of the running kernel is never "
					 "taken; pve-boot cmdline set 'root=...' makes one");
}

static void read_grub(struct boot_host *h)
{
	PVE_BUF text = {0};

	if (boot_grub_settings_read(&h->grub, h->sys, &h->grub_err) < 0)
		return;
	/* For its root= only; that there is no such file is no matter then. */
	pve_fs_read(h->sys, BOOT_CMDLINE, 65536, &text, NULL, NULL);
	boot_grub_cmdline(&h->grub, (struct pve_span){pve_buf_str(&text), text.len},
			  &h->grub_cmdline, &h->grub_err);
}

int boot_host_read_selection(struct boot_host *h, struct pve_sys *sys,
			     const struct pve_strv *callers, struct pve_err *e)
{
	struct boot_wishes wishes;

	if (boot_host_read_choices(h, sys, e) < 0 || read_packages(h, e) < 0)
		return -1;
	h->running = running_version(sys);
	wishes = (struct boot_wishes){h->running, callers, &h->manual, h->pin, h->next_pin};
	return boot_select(&h->selection, &h->packages, &wishes, e);
}

int boot_host_read(struct boot_host *h, struct pve_sys *sys, const struct pve_strv *callers,
		   struct pve_err *e)
{
	if (boot_host_read_selection(h, sys, callers, e) < 0)
		return -1;
	look_at_kernels(h, callers);
	h->title = title_of(sys);
	read_cmdline(h);
	read_grub(h);
	return 0;
}

static void kernel_done(struct boot_kernel *k)
{
	free(k->image.path);
	free(k->initrd.path);
	free(k->bad);
}

void boot_host_done(struct boot_host *h)
{
	for (size_t i = 0; i < h->nkernels; i++)
		kernel_done(&h->kernel[i]);
	free(h->kernel);
	if (h->firmware)
		boot_firmware_done(h->firmware);
	free(h->firmware);
	esp_list_done(&h->esps);
	pve_strv_done(&h->manual);
	free(h->pin);
	free(h->next_pin);
	free(h->running);
	boot_packages_done(&h->packages);
	boot_selection_done(&h->selection);
	pve_buf_done(&h->cmdline);
	boot_grub_settings_done(&h->grub);
	pve_buf_done(&h->grub_cmdline);
	*h = (struct boot_host){0};
}

struct boot_kernel *boot_kernel_find(struct boot_host *h, const char *version)
{
	for (size_t i = 0; i < h->nkernels; i++)
		if (strcmp(h->kernel[i].version, version) == 0)
			return &h->kernel[i];
	return NULL;
}

/* --- contents -------------------------------------------------------------------------------- */

static int digest_of(int fd, const char *path, char sha256[MANIFEST_SHA256], struct pve_err *e)
{
	struct pve_digest *d = pve_digest_new(PVE_DIGEST_SHA256, e);
	PVE_FREE char *piece = pve_malloc(PIECE);
	char text[PVE_DIGEST_TEXT];
	ssize_t n = -1;
	int ret = -1;

	if (!d)
		return -1;
	while ((n = read(fd, piece, PIECE)) > 0)
		if (pve_digest_add(d, (struct pve_span){piece, (size_t)n}, e) < 0)
			break;
	if (n < 0)
		pve_err_sys(e, errno, "reading %s", path);
	else if (n == 0)
		ret = pve_digest_end(d, text, e);
	if (ret == 0)
		memcpy(sha256, text, MANIFEST_SHA256);
	pve_digest_free(d);
	return ret;
}

int boot_file_digest(struct boot_host *h, struct boot_file *f, struct pve_err *e)
{
	PVE_CLOSE int fd = -1;

	if (*f->sha256)
		return 0;
	fd = pve_fs_open(h->sys, f->path, O_RDONLY, 0, e);
	return fd < 0 ? -1 : digest_of(fd, f->path, f->sha256, e);
}

bool boot_file_unchanged(const struct boot_file *f, const struct manifest_file *m)
{
	return f->there && m && strcmp(m->source, f->path) == 0 && m->size == f->size &&
	       m->mtime == f->mtime && m->ctime == f->ctime && m->inode == f->inode;
}

/* Reading variables asks the firmware, so it is left until it matters. */
static char *refusal(struct boot_host *h, const char *path)
{
	if (!h->firmware) {
		h->firmware = pve_calloc(1, sizeof(*h->firmware));
		boot_firmware_read(h->firmware, h->sys);
	}
	return boot_kernel_refusal(h->sys, h->firmware, path);
}

void boot_kernel_check(struct boot_host *h, struct boot_kernel *k)
{
	struct pve_err e = {0};

	if (k->checked)
		return;
	k->checked = true;
	if (!k->image.there || !k->initrd.there)
		k->bad = pve_asprintf("%s is missing", k->image.there ? k->initrd.path : k->image.path);
	else if (kimage_check(h->sys, k->image.path, k->version, NULL, &e) < 0 ||
		 initrd_check(h->sys, k->initrd.path, NULL, &e) < 0)
		k->bad = pve_strdup(e.msg);
	else
		k->bad = refusal(h, k->image.path);
}
