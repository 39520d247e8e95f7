/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe_verify.h"
#include "pvecommon/fs.h"
#include "pveio/digest.h"

#define PIECE (1u << 20) /* bytes read at once */

void verify_esp_open(struct verify_esp *v)
{
	struct esp_tree *t = &v->esp->tree;
	const struct esp_node *node = esp_find(t, MANIFEST_PATH);
	PVE_BUF text = {0};
	struct pve_err e = {0};

	if (v->esp->err.code)
		return;
	v->has_manifest = node && !node->dir;
	if (v->has_manifest && esp_read(t, node, MANIFEST_MAX, &text, &e) < 0)
		pve_diags_add(&v->manifest_diags, PVE_ERROR, MANIFEST_PATH, 0, "%s", e.msg);
	else if (v->has_manifest)
		manifest_parse(&v->manifest, (struct pve_span){text.data, text.len}, MANIFEST_PATH,
			       &v->manifest_diags);
	verify_list(&v->files, &v->manifest, t);
}

void verify_esp_done(struct verify_esp *v)
{
	verify_files_done(&v->files);
	manifest_done(&v->manifest);
	pve_diags_done(&v->manifest_diags);
	*v = (struct verify_esp){0};
}

/* A source on the host, for all the files that were made from it. */
struct source {
	const char *path; /* borrowed */
	char sha256[MANIFEST_SHA256];
};

/* What the threads share.  Each writes to its own files, or to the sources. */
struct readers {
	struct pve_sys *sys;
	struct source *source;
	size_t nsources;
	uint64_t done; /* bytes that all have read: __atomic */
};

struct reader {
	struct readers *all;
	struct verify_esp *v; /* NULL: reads the sources */
	pthread_t thread;
	bool runs;
};

/* A digest that is being made, and who hears of its progress. */
struct making {
	struct pve_digest *digest;
	uint64_t *done;
};

static int take(void *data, struct pve_span piece, struct pve_err *e)
{
	struct making *m = data;

	__atomic_add_fetch(m->done, piece.len, __ATOMIC_RELAXED);
	return pve_digest_add(m->digest, piece, e);
}

static void read_file(struct readers *all, struct esp_tree *t, struct verify_file *f)
{
	struct making m = {pve_digest_new(PVE_DIGEST_SHA256, &f->err), &all->done};
	char text[PVE_DIGEST_TEXT];

	if (m.digest && esp_stream(t, f->node, take, &m, &f->err) == 0 &&
	    pve_digest_end(m.digest, text, &f->err) == 0)
		memcpy(f->is, text, sizeof(f->is));
	pve_digest_free(m.digest);
}

static int stream_fd(int fd, struct making *m, struct pve_err *e)
{
	PVE_FREE char *piece = pve_malloc(PIECE);
	ssize_t n;

	while ((n = read(fd, piece, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pve_err_sys(e, errno, "reading");
		if (take(m, (struct pve_span){piece, (size_t)n}, e) < 0)
			return -1;
	}
	return 0;
}

/* A source that cannot be read is as good as none: the ESP cannot be held against it. */
static void read_source(struct readers *all, struct source *s)
{
	PVE_CLOSE int fd =
		pve_fs_open(all->sys, s->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, NULL);
	struct making m = {NULL, &all->done};
	char text[PVE_DIGEST_TEXT];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	m.digest = pve_digest_new(PVE_DIGEST_SHA256, NULL);
	if (m.digest && stream_fd(fd, &m, NULL) == 0 && pve_digest_end(m.digest, text, NULL) == 0)
		memcpy(s->sha256, text, sizeof(s->sha256));
	pve_digest_free(m.digest);
}

static void *work(void *data)
{
	struct reader *r = data;

	if (!r->v) {
		for (size_t i = 0; i < r->all->nsources; i++)
			read_source(r->all, &r->all->source[i]);
		return NULL;
	}
	if (r->v->files.n)
		esp_drop_cache(&r->v->esp->tree);
	for (size_t i = 0; i < r->v->files.n; i++)
		if (r->v->files.v[i].node)
			read_file(r->all, &r->v->esp->tree, &r->v->files.v[i]);
	return NULL;
}

static struct source *find_source(struct readers *all, const char *path)
{
	for (size_t i = 0; i < all->nsources; i++)
		if (strcmp(all->source[i].path, path) == 0)
			return &all->source[i];
	return NULL;
}

static void list_sources(struct readers *all, const struct verify_esp *v, size_t n, uint64_t *bytes)
{
	size_t cap = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].files.n; k++) {
			const struct verify_file *f = &v[i].files.v[k];

			*bytes += f->node ? f->node->size : 0;
			if (!*f->source || find_source(all, f->source))
				continue;
			*bytes += f->node ? f->node->size : 0;
			all->source =
				pve_grow(all->source, all->nsources, &cap, sizeof(*all->source));
			all->source[all->nsources++] = (struct source){.path = f->source};
		}
}

/* Starts a thread for each reader, or does its work at once where none can be started; shows how
 * far they are until all have ended. */
static void run(struct reader *reader, size_t n, struct readers *all, struct pve_progress *progress)
{
	for (size_t i = 0; i < n; i++) {
		reader[i].runs = pthread_create(&reader[i].thread, NULL, work, &reader[i]) == 0;
		if (!reader[i].runs)
			work(&reader[i]);
	}
	for (size_t i = 0; i < n; i++)
		while (reader[i].runs) {
			struct timespec until;

			clock_gettime(CLOCK_REALTIME, &until);
			until.tv_nsec += 100000000;
			until.tv_sec += until.tv_nsec / 1000000000;
			until.tv_nsec %= 1000000000;
			if (pthread_timedjoin_np(reader[i].thread, NULL, &until) == 0)
				reader[i].runs = false;
			pve_progress_set(progress, __atomic_load_n(&all->done, __ATOMIC_RELAXED));
		}
}

/* To each file the digest of its source. */
static void hand_out(struct readers *all, struct verify_esp *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].files.n; k++) {
			struct verify_file *f = &v[i].files.v[k];
			const struct source *s = find_source(all, f->source);

			if (s)
				memcpy(f->host, s->sha256, sizeof(f->host));
		}
}

/* Fails when there is nothing to compute digests with. */
static int try_digest(struct pve_err *e)
{
	struct pve_digest *d = pve_digest_new(PVE_DIGEST_SHA256, e);

	pve_digest_free(d);
	return d ? 0 : -1;
}

int verify_esps_read(struct verify_esp *v, size_t n, struct pve_ctx *ctx)
{
	struct readers all = {.sys = &ctx->sys};
	struct reader *reader;
	struct pve_progress progress;
	uint64_t bytes = 0;

	if (try_digest(&ctx->err) < 0)
		return -1;
	list_sources(&all, v, n, &bytes);
	reader = pve_calloc(n + 1, sizeof(*reader));
	for (size_t i = 0; i <= n; i++)
		reader[i] = (struct reader){.all = &all, .v = i < n ? &v[i] : NULL};
	pve_ctx_progress(ctx, &progress, "verifying", PVE_PROGRESS_BYTES, bytes);
	run(reader, n + 1, &all, &progress);
	pve_progress_done(&progress);
	hand_out(&all, v, n);
	free(reader);
	free(all.source);
	return 0;
}
