/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pvecommon/fs_place.h"
#include "pvecommon/mem.h"

/* The kernel refuses a resolution below a root with EAGAIN while directories are being
 * renamed; a few tries get through. */
#define RESOLVE_TRIES 32
#define READ_STEP ((size_t)64 * 1024)

int pve_fs_open(struct pve_sys *sys, const char *path, int flags, mode_t mode,
		struct pve_err *e)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.mode = flags & O_CREAT ? mode : 0,
		.resolve = RESOLVE_IN_ROOT,
	};
	int fd = -1;

	if (*path != '/')
		return pve_err_set(e, PVE_FAILED, "%s: not an absolute path", path);
	if (flags & O_CREAT && pve_fs_effect(sys, PVE_EFFECT_CREATE, path) < 0)
		return pve_err_sys(e, errno, "%s%s", sys->root, path);
	for (int i = 0; fd < 0 && i < RESOLVE_TRIES; i++) {
		/* On the host itself nothing has to be kept in, and older kernels do as well. */
		if (sys->rooted)
			fd = (int)syscall(SYS_openat2, sys->root_fd, path, &how, sizeof(how));
		else
			fd = open(path, flags | O_CLOEXEC, mode);
		if (fd < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
	if (fd < 0)
		return pve_err_sys(e, errno, "%s%s", sys->root, path);
	return fd;
}

/* hint: bytes that there are, in all likelihood. */
static int read_all(int fd, size_t hint, size_t max, struct pve_buf *out)
{
	for (;;) {
		size_t room = out->len < hint ? hint - out->len : READ_STEP;
		char *to = pve_buf_reserve(out, room);
		ssize_t n = read(fd, to, room);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
		if (out->len > max) {
			errno = EFBIG;
			return -1;
		}
	}
}

/* Without O_NONBLOCK a FIFO would hold the tool up for ever. */
int pve_fs_open_regular(struct pve_sys *sys, const char *path, struct stat *st, struct pve_err *e)
{
	PVE_CLOSE int fd = pve_fs_open(sys, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0, e);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0)
		return pve_err_sys(e, errno, "%s%s", sys->root, path);
	if (!S_ISREG(st->st_mode))
		return pve_err_set(e, PVE_DATA, "%s%s: not a regular file", sys->root, path);
	return pve_take_fd(&fd);
}

int pve_fs_read(struct pve_sys *sys, const char *path, size_t max, struct pve_buf *out,
		struct stat *st, struct pve_err *e)
{
	PVE_BUF bytes = {0};
	struct stat own;
	size_t hint = 0;
	PVE_CLOSE int fd = pve_fs_open_regular(sys, path, st ? st : &own, e);

	if (fd < 0)
		return -1;
	if (!max)
		max = PVE_FS_MAX;
	if (!st)
		st = &own;
	/* One allocation and one call when the size is known; files of /proc and /sys lie about
	 * theirs.  The byte more than there are shows the end of the file. */
	if (st->st_size > 0 && (size_t)st->st_size <= max)
		hint = (size_t)st->st_size + 1;
	if (read_all(fd, hint, max, &bytes) < 0) {
		if (errno == EFBIG)
			return pve_err_set(e, PVE_DATA, "%s%s: larger than %zu bytes", sys->root,
					   path, max);
		return pve_err_sys(e, errno, "reading %s%s", sys->root, path);
	}
	if (out->data) {
		pve_buf_add(out, bytes.data, bytes.len);
	} else {
		*out = bytes;
		bytes = (struct pve_buf){0};
	}
	return 0;
}

int pve_fs_read_given(const char *path, size_t max, struct pve_buf *out, struct pve_err *e)
{
	bool input = strcmp(path, "-") == 0;
	PVE_CLOSE int own = input ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int fd = input ? STDIN_FILENO : own;

	if (fd < 0)
		return pve_err_sys(e, errno, "%s", path);
	if (read_all(fd, 0, max, out) == 0)
		return 0;
	if (errno == EFBIG)
		return pve_err_set(e, PVE_DATA, "%s: is larger than %zu bytes", path, max);
	return pve_err_sys(e, errno, "reading %s", path);
}

int pve_fs_matches(struct pve_sys *sys, const char *path, const struct pve_span *bytes, size_t n,
		   bool *same, struct pve_err *e)
{
	bool so_far[8] = {0}, any = true;
	char step[16 * 1024];
	struct stat st;
	PVE_CLOSE int fd = pve_fs_open_regular(sys, path, &st, e);
	size_t at = 0;
	ssize_t got;

	if (fd < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		so_far[i] = true;
	while (any && (got = read(fd, step, sizeof(step))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return pve_err_sys(e, errno, "reading %s%s", sys->root, path);
		any = false;
		for (size_t i = 0; i < n; i++) {
			so_far[i] = so_far[i] && bytes[i].len - at >= (size_t)got &&
				    memcmp(bytes[i].p + at, step, (size_t)got) == 0;
			any |= so_far[i];
		}
		at += (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		same[i] = so_far[i] && bytes[i].len == at;
	return 0;
}

int pve_fs_stat(struct pve_sys *sys, const char *path, struct stat *st, struct pve_err *e)
{
	PVE_CLOSE int fd = pve_fs_open(sys, path, O_PATH, 0, e);

	if (fd < 0)
		return -1;
	if (fstat(fd, st) < 0)
		return pve_err_sys(e, errno, "%s%s", sys->root, path);
	return 0;
}

bool pve_fs_exists(struct pve_sys *sys, const char *path)
{
	struct stat st;

	return pve_fs_stat(sys, path, &st, NULL) == 0;
}

int pve_fs_list_fd(int fd, struct pve_strv *names)
{
	size_t before = names->n;
	struct dirent *entry;
	DIR *dir = fdopendir(fd);
	int failed;

	if (!dir) {
		failed = errno;
		close(fd);
		errno = failed;
		return -1;
	}
	errno = 0;
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			pve_strv_add(names, entry->d_name);
	failed = errno;
	closedir(dir);
	while (failed && names->n > before) {
		free(names->v[--names->n]);
		names->v[names->n] = NULL;
	}
	errno = failed;
	return failed ? -1 : 0;
}

int pve_fs_list(struct pve_sys *sys, const char *path, struct pve_strv *names,
		struct pve_err *e)
{
	int fd = pve_fs_open(sys, path, O_RDONLY | O_DIRECTORY, 0, e);
	size_t before = names->n;

	if (fd < 0)
		return -1;
	if (pve_fs_list_fd(fd, names) < 0)
		return pve_err_sys(e, errno, "listing %s%s", sys->root, path);
	if (!before)
		pve_strv_sort(names);
	return 0;
}

int pve_fs_readlink(struct pve_sys *sys, const char *path, struct pve_buf *out,
		    struct pve_err *e)
{
	PVE_CLOSE int fd = pve_fs_open(sys, path, O_PATH | O_NOFOLLOW, 0, e);
	char target[PATH_MAX];
	ssize_t n;

	if (fd < 0)
		return -1;
	/* An empty path means the link that fd stands for; for anything else that is ENOENT. */
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return pve_err_sys(e, errno == ENOENT ? EINVAL : errno, "%s%s", sys->root, path);
	pve_buf_add(out, target, (size_t)n);
	return 0;
}

/* The path that the kernel has for a descriptor; to be freed. */
static char *proc_name(int fd)
{
	char link[32], target[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, target, sizeof(target));
	return n > 0 && n < PATH_MAX ? pve_strndup(target, (size_t)n) : NULL;
}

char *pve_fs_name(struct pve_sys *sys, int fd)
{
	PVE_FREE char *root = proc_name(sys->root_fd);
	PVE_FREE char *name = proc_name(fd);
	size_t len = root ? strlen(root) : 0;

	if (!root || !name)
		return NULL;
	/* The root of all has a slash at its end, no other. */
	if (len == 1)
		return pve_take_ptr(&name);
	if (strncmp(name, root, len) != 0 || (name[len] && name[len] != '/'))
		return NULL;
	return pve_strdup(name[len] ? name + len : "/");
}

static int lock_open(struct pve_sys *sys, const char *tool, char *path, size_t size,
		     struct pve_err *e)
{
	if (sys->rooted) {
		snprintf(path, size, "/");
		return pve_fs_open(sys, "/", O_RDONLY | O_DIRECTORY, 0, e);
	}
	snprintf(path, size, "/run/lock/%s.lock", tool);
	return pve_fs_open(sys, path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600, e);
}

/* "process 1234", out of the file that the holder wrote its number into. */
static void lock_holder(int fd, char *text, size_t size)
{
	char pid[16];
	ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

	if (n > 0) {
		pid[n] = '\0';
		snprintf(text, size, "process %s", pid);
	} else {
		snprintf(text, size, "another run");
	}
}

int pve_fs_lock(struct pve_sys *sys, const char *tool, unsigned wait_s, struct pve_err *e)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
	int64_t until = sys->now(sys, CLOCK_MONOTONIC) + (int64_t)wait_s * 1000000000;
	char path[128], pid[16], holder[64];
	PVE_CLOSE int fd = lock_open(sys, tool, path, sizeof(path), e);

	if (fd < 0)
		return pve_err_prefix(e, "lock"), -1;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return pve_err_sys(e, errno, "locking %s%s", sys->root, path);
		if (sys->now(sys, CLOCK_MONOTONIC) >= until) {
			lock_holder(fd, holder, sizeof(holder));
			return pve_err_set(e, PVE_AGAIN,
					   "%s is at work (%s holds %s%s); try again, or wait "
					   "longer with --wait",
					   tool, holder, sys->root, path);
		}
		nanosleep(&pause, NULL);
	}
	if (!sys->rooted) {
		int n = snprintf(pid, sizeof(pid), "%d", (int)getpid());

		/* Only for the message above: a failure does not matter. */
		if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)n, 0) < 0)
			errno = 0;
	}
	return pve_take_fd(&fd);
}
