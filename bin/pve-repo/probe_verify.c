/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pve-repo/verify.h"
#include "pvecommon/fs.h"
#include "pvecommon/run.h"
#include "pveio/arc.h"

#define BLOCK (256 * 1024)
#define TIMEOUT_MS 60000

/* --- what the verifier is given ------------------------------------------------------ */

/* Bytes as a file for a child process, named by /proc/self/fd: nothing is put on a disk.  Not
 * O_CLOEXEC, so that the child has it, too. */
static int memory_file(struct pve_span bytes, char path[32], struct pve_err *e)
{
	int fd = memfd_create("pve-repo", 0);

	if (fd < 0)
		return pve_err_sys(e, errno, "memfd_create");
	while (bytes.len) {
		ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0) {
			pve_err_sys(e, errno, "writing to memory");
			close(fd);
			return -1;
		}
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

static void give_up(struct repo_verified *v, enum repo_verdict verdict, const struct pve_err *e)
{
	v->verdict = verdict;
	v->why = *e;
}

/* All keys with which apt would verify it, as one binary keyring: what apt itself makes. */
static int collect_keys(struct repo_verified *v, const struct repo_dist *d,
			const struct repo_keys *keys, struct pve_buf *ring)
{
	struct pve_err e = {0};
	unsigned missing = 0, bad = 0;

	for (size_t i = 0; i < keys->n; i++) {
		const struct repo_keyring *r = keys->v[i];

		if (!repo_keyring_is_for(r, d))
			continue;
		if (!r->there) {
			missing++;
			e = r->err;
		} else if (r->err.code || !r->readable) {
			bad++;
			if (r->err.code)
				e = r->err;
			else
				pve_err_set(&e, PVE_FAILED,
					    "%s: apt's user _apt cannot read it: chmod 644",
					    r->path);
		} else {
			pve_buf_add(ring, r->ring.bytes.data, r->ring.bytes.len);
		}
	}
	if (ring->len)
		return 0;
	if (!missing && !bad)
		pve_err_set(&e, PVE_FAILED, "there is no key at all to verify it with");
	give_up(v, bad ? REPO_V_UNREADABLE : REPO_V_NO_KEYRING, &e);
	return -1;
}

/* Fingerprints in Signed-By; NULL: any key will do. */
static const char *allowed_keys(const struct repo_dist *d)
{
	const char *by = d->signed_by;

	return by && *by && !strchr(by, '/') && !strstr(by, "-----BEGIN") ? by : NULL;
}

/* --- running it ---------------------------------------------------------------------- */

static int run_gpgv(struct repo_verified *v, const struct repo_dist *d, const char *ring,
		    const char *message, const char *signature, struct pve_sys *sys)
{
	const char *const argv[] = {"gpgv", "--status-fd", "1",     "--keyring",
				    ring,   signature,     message, NULL};
	struct pve_run cmd = {.argv = argv, .timeout_ms = TIMEOUT_MS};
	struct pve_run_result res;
	struct pve_err e = {0};

	if (pve_run(sys, &cmd, &res, &e) < 0)
		return -1;
	repo_verify_status(v, (struct pve_span){pve_buf_str(&res.out), res.out.len},
			   allowed_keys(d));
	pve_run_done(&res);
	return 0;
}

static int run_sqv(struct repo_verified *v, const struct repo_dist *d, const char *ring,
		   const char *message, const char *signature, struct pve_sys *sys)
{
	const char *const argv[] = {"sqv", "--keyring", ring, signature, message, NULL};
	struct pve_run cmd = {.argv = argv, .timeout_ms = TIMEOUT_MS};
	struct pve_run_result res;
	struct pve_err e = {0};

	if (pve_run(sys, &cmd, &res, &e) < 0)
		return -1;
	repo_verify_sqv(v, res.status, (struct pve_span){pve_buf_str(&res.out), res.out.len},
			(struct pve_span){pve_buf_str(&res.err), res.err.len}, allowed_keys(d));
	pve_run_done(&res);
	return 0;
}

/* apt takes sqv from Debian 13 on, where it is installed, and gpgv before. */
static void run(struct repo_verified *v, const struct repo_dist *d, const struct pve_span part[3],
		struct pve_sys *sys)
{
	struct pve_err e = {0};
	char path[3][32];
	int fd[3] = {-1, -1, -1}, n = 0;

	while (n < 3 && (fd[n] = memory_file(part[n], path[n], &e)) >= 0)
		n++;
	if (n < 3)
		give_up(v, REPO_V_UNKNOWN, &e);
	else if (run_sqv(v, d, path[0], path[1], path[2], sys) < 0 &&
		 run_gpgv(v, d, path[0], path[1], path[2], sys) < 0) {
		pve_err_set(&e, PVE_NOTHERE, "neither gpgv nor sqv is installed");
		give_up(v, REPO_V_UNKNOWN, &e);
	}
	for (int i = 0; i < n; i++)
		close(fd[i]);
}

/* The signed text and the signature: of InRelease, or of Release and Release.gpg. */
static int split(const struct repo_dist *d, struct pve_sys *sys, struct pve_buf *message,
		 struct pve_buf *signature)
{
	struct pve_span text = {pve_buf_str(&d->text), d->text.len};

	if (!d->detached)
		return repo_verify_split(text, message, signature);
	pve_buf_span(message, text);
	return pve_fs_read(sys, d->detached, 0, signature, NULL, NULL);
}

void repo_verify_release(struct repo_verified *v, const struct repo_dist *d,
			 const struct repo_keys *keys, struct pve_sys *sys)
{
	PVE_BUF ring = {0}, message = {0}, signature = {0};
	struct pve_err e = {0};

	*v = (struct repo_verified){.verdict = REPO_V_GOOD};
	if (!d->path) {
		pve_err_set(&e, PVE_NOTHERE, "was not fetched yet: pve-repo refresh");
		give_up(v, REPO_V_ABSENT, &e);
	} else if (split(d, sys, &message, &signature) < 0) {
		pve_err_set(&e, PVE_FAILED, "has no signature");
		give_up(v, REPO_V_UNSIGNED, &e);
	} else if (collect_keys(v, d, keys, &ring) == 0) {
		const struct pve_span part[] = {{ring.data, ring.len},
						{pve_buf_str(&message), message.len},
						{pve_buf_str(&signature), signature.len}};

		run(v, d, part, sys);
	}
}

/* --- lists --------------------------------------------------------------------------- */

static int digest_list(const struct repo_index *x, struct pve_sys *sys, enum pve_digest_kind kind,
		       char text[PVE_DIGEST_TEXT], uint64_t *size, struct pve_err *e)
{
	int fd = pve_fs_open(sys, x->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, e);
	struct pve_arc *arc = fd < 0 ? NULL : pve_arc_open(fd, x->path, e);
	struct pve_digest *d = arc ? pve_digest_new(kind, e) : NULL;
	PVE_FREE char *buf = pve_malloc(BLOCK);
	ssize_t n = -1;
	int rc = -1;

	*size = 0;
	while (d && (n = pve_arc_read(arc, buf, BLOCK, e)) > 0) {
		*size += (uint64_t)n;
		if (pve_digest_add(d, (struct pve_span){buf, (size_t)n}, e) < 0)
			break;
	}
	if (d && n == 0)
		rc = pve_digest_end(d, text, e);
	pve_digest_free(d);
	pve_arc_close(arc);
	return rc;
}

void repo_verify_index(struct repo_verified *v, const struct repo_index *x, struct pve_sys *sys)
{
	struct repo_release_file want;
	char text[PVE_DIGEST_TEXT];
	struct pve_err e = {0};
	uint64_t size;

	*v = (struct repo_verified){.verdict = REPO_V_GOOD};
	if (!repo_release_find(&x->dist->release, x->name, &want)) {
		pve_err_set(&e, PVE_FAILED, "its Release has no digest of %s", x->name);
		give_up(v, REPO_V_UNLISTED, &e);
	} else if (digest_list(x, sys, want.kind, text, &size, &e) < 0) {
		give_up(v, REPO_V_WRONG, &e);
	} else if (size != want.size) {
		pve_err_set(&e, PVE_DATA, "has %llu bytes, and its Release says %llu",
			    (unsigned long long)size, (unsigned long long)want.size);
		give_up(v, REPO_V_WRONG, &e);
	} else if (want.digest.len != strlen(text) ||
		   strncasecmp(text, want.digest.p, want.digest.len) != 0) {
		pve_err_set(&e, PVE_DATA, "is not what its Release says: %s instead of %.*s", text,
			    PVE_SPAN_ARG(want.digest));
		give_up(v, REPO_V_WRONG, &e);
	} else if (want.kind == PVE_DIGEST_MD5 || want.kind == PVE_DIGEST_SHA1) {
		pve_err_set(&e, PVE_FAILED, "its Release has nothing better than MD5 or SHA-1");
		give_up(v, REPO_V_WEAK, &e);
	}
}
