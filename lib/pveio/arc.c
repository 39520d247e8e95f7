/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/arc.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pvecommon/mem.h"
#include "pvecommon/dl.h"

/* Bytes that libarchive reads at once; its own examples have 10240, which costs a third more. */
#define BLOCK (128 * 1024)

/* What is used of libarchive, under its own names and with its own types. */
struct calls {
	__typeof__(archive_read_new) *archive_read_new;
	__typeof__(archive_read_support_filter_all) *archive_read_support_filter_all;
	__typeof__(archive_read_support_format_raw) *archive_read_support_format_raw;
	__typeof__(archive_read_open_fd) *archive_read_open_fd;
	__typeof__(archive_read_next_header) *archive_read_next_header;
	__typeof__(archive_filter_code) *archive_filter_code;
	__typeof__(archive_read_data) *archive_read_data;
	__typeof__(archive_read_free) *archive_read_free;
	__typeof__(archive_error_string) *archive_error_string;
};

struct pve_arc {
	struct calls c;
	struct archive *archive; /* NULL: the file is not compressed */
	const char *name;
	int fd;
};

static int load(struct pve_arc *arc, struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"archive_read_new", &arc->c.archive_read_new},
		{"archive_read_support_filter_all", &arc->c.archive_read_support_filter_all},
		{"archive_read_support_format_raw", &arc->c.archive_read_support_format_raw},
		{"archive_read_open_fd", &arc->c.archive_read_open_fd},
		{"archive_read_next_header", &arc->c.archive_read_next_header},
		{"archive_filter_code", &arc->c.archive_filter_code},
		{"archive_read_data", &arc->c.archive_read_data},
		{"archive_read_free", &arc->c.archive_read_free},
		{"archive_error_string", &arc->c.archive_error_string},
	};
	struct pve_err why = {0};

	if (pve_dl_load("libarchive.so.13", "libarchive", want, sizeof(want) / sizeof(*want),
			&why) == 0)
		return 0;
	return pve_err_set(e, why.code, "%s: is compressed, and %s", arc->name, why.msg);
}

static int damaged(const struct pve_arc *arc, struct pve_err *e)
{
	const char *why = arc->c.archive_error_string(arc->archive);

	return pve_err_set(e, PVE_DATA, "%s: cannot be decompressed: %s", arc->name,
			   why ? why : "damaged");
}

/* Not every file that begins like this is compressed, but no text does. */
static bool is_compressed(const unsigned char *p, size_t n)
{
	static const struct {
		const char *bytes;
		size_t n;
	} magic[] = {
		{"\x1f\x8b", 2},         /* gzip, RFC 1952 */
		{"BZh", 3},              /* bzip2 */
		{"\xfd\x37zXZ", 5},      /* xz */
		{"\x5d\x00\x00", 3},     /* lzma */
		{"\x04\x22\x4d\x18", 4}, /* lz4 frame */
		{"\x02\x21\x4c\x18", 4}, /* lz4, legacy */
		{"\x28\xb5\x2f\xfd", 4}, /* zstd, RFC 8878 */
	};

	for (size_t i = 0; i < sizeof(magic) / sizeof(*magic); i++)
		if (n >= magic[i].n && memcmp(p, magic[i].bytes, magic[i].n) == 0)
			return true;
	return false;
}

static int start(struct pve_arc *arc, struct pve_err *e)
{
	struct archive_entry *entry;

	if (load(arc, e) < 0)
		return -1;
	arc->archive = arc->c.archive_read_new();
	if (!arc->archive)
		abort(); /* out of memory, as everywhere: mem.h */
	arc->c.archive_read_support_filter_all(arc->archive);
	arc->c.archive_read_support_format_raw(arc->archive);
	if (arc->c.archive_read_open_fd(arc->archive, arc->fd, BLOCK) != ARCHIVE_OK ||
	    arc->c.archive_read_next_header(arc->archive, &entry) != ARCHIVE_OK)
		return damaged(arc, e);
	/* What none of its filters knows is passed through; here that is no use. */
	if (arc->c.archive_filter_code(arc->archive, 0) == ARCHIVE_FILTER_NONE)
		return pve_err_set(e, PVE_DATA, "%s: cannot be decompressed: damaged", arc->name);
	return 0;
}

struct pve_arc *pve_arc_open(int fd, const char *name, struct pve_err *e)
{
	struct pve_arc *arc = pve_calloc(1, sizeof(*arc));
	unsigned char head[6];
	off_t at;
	ssize_t n;

	arc->fd = fd;
	arc->name = name;
	at = lseek(fd, 0, SEEK_CUR);
	n = pread(fd, head, sizeof(head), at < 0 ? 0 : at);
	if (n < 0)
		pve_err_sys(e, errno, "reading %s", name);
	else if (!is_compressed(head, (size_t)n) || start(arc, e) == 0)
		return arc;
	pve_arc_close(arc);
	return NULL;
}

ssize_t pve_arc_read(struct pve_arc *arc, void *buf, size_t n, struct pve_err *e)
{
	ssize_t got;

	if (arc->archive) {
		got = arc->c.archive_read_data(arc->archive, buf, n);
		return got >= 0 ? got : damaged(arc, e);
	}
	do
		got = read(arc->fd, buf, n);
	while (got < 0 && errno == EINTR);
	return got >= 0 ? got : pve_err_sys(e, errno, "reading %s", arc->name);
}

void pve_arc_close(struct pve_arc *arc)
{
	if (!arc)
		return;
	if (arc->archive)
		arc->c.archive_read_free(arc->archive);
	close(arc->fd);
	free(arc);
}
