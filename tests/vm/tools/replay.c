/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay - go through the states that a disk can be in after a power cut
 *
 *     replay [-k] [-e N] [-n N] [-s SEED] [-f MARK] [-t MARK] LOG IMAGE COMMAND [ARG...]
 *
 * LOG is what QEMU's blklogwrites wrote (the format of dm-log-writes: Linux,
 * Documentation/admin-guide/device-mapper/log-writes.rst), from an empty disk on.  IMAGE is
 * made as large as the log needs and brought into one state after the other, and COMMAND is
 * run for each; it must leave with 0 when the state is good, and may change IMAGE as it likes,
 * unless -k says that it does not: then only what differs between two states is written.
 *
 * Writes between two flushes are an epoch: a disk with a volatile cache may have any of them
 * on its medium, in any combination, when the power goes.  The states are: every prefix of
 * the log; and in each epoch all writes but one, one alone, and N (20) random choices of what
 * came before a random instant.  A write with FUA is on the medium once it is done.  Discards
 * change nothing.  -f and -t take only the epochs and prefixes between two marks: a mark is a
 * write that begins with "replay-mark NAME\n".  Single-sector torn writes are not made.
 *
 * -e has only each N-th of them judged.
 *
 * Bad states are named on stdout as they are found; the last line is "N states, N bad".
 * Exit: 0 none bad, 1 some bad, 64 usage, 65 LOG is none or has no such mark.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_MAGIC 0x6a736677736872ULL
#define LOG_FLUSH 1u
#define LOG_FUA 2u
#define LOG_DISCARD 4u
#define MARK "replay-mark "
#define EXIT_USAGE 64
#define EXIT_LOG 65

/* All fields are little-endian, and so is every machine that these tests run on. */
struct log_super {
	uint64_t magic, version, entries;
	uint32_t sector_size; /* bytes; of all sectors below */
};

struct log_entry {
	uint64_t sector, sectors, flags, data_len;
};

struct write {
	uint64_t at, len; /* bytes; len 0: none, a flush alone */
	const uint8_t *data;
	bool flush, fua; /* flush: whatever came before it is on the medium */
};

struct replay {
	struct write *v;
	size_t n;
	uint64_t size; /* bytes of the image */
	const char *path;
	char **command;
	bool keeps;    /* the command leaves the image alone */
	unsigned each; /* of so many states one is judged */
	unsigned seen, states, bad;
	uint64_t random;
};

static uint64_t next_random(struct replay *r)
{
	/* xorshift64 */
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random;
}

/* --- the log --------------------------------------------------------------------- */

static const uint8_t *map_log(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(EXIT_LOG, "%s", path);
	p = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	if (!p || p == MAP_FAILED)
		errx(EXIT_LOG, "%s: cannot be mapped, or is empty", path);
	close(fd);
	*len = (size_t)st.st_size;
	return p;
}

static void read_log(struct replay *r, const char *path)
{
	struct log_super super;
	struct log_entry entry;
	size_t len, at;
	const uint8_t *log = map_log(path, &len);

	if (len < sizeof(super))
		errx(EXIT_LOG, "%s: too short", path);
	memcpy(&super, log, sizeof(super));
	if (super.magic != LOG_MAGIC || super.version != 1 || super.sector_size < sizeof(entry))
		errx(EXIT_LOG, "%s: no log of writes, version 1", path);
	r->v = calloc(super.entries + 1, sizeof(*r->v));
	if (!r->v)
		err(1, "%s", path);
	at = super.sector_size;
	for (; r->n < super.entries; r->n++) {
		struct write *w = &r->v[r->n];

		if (len - at < super.sector_size)
			errx(EXIT_LOG, "%s: cut off in entry %zu", path, r->n);
		memcpy(&entry, log + at, sizeof(entry));
		at += super.sector_size;
		w->flush = entry.flags & LOG_FLUSH;
		w->fua = entry.flags & LOG_FUA;
		if (entry.flags & LOG_DISCARD)
			continue;
		w->at = entry.sector * super.sector_size;
		w->len = entry.sectors * super.sector_size;
		w->data = log + at;
		if (len - at < w->len)
			errx(EXIT_LOG, "%s: cut off in the data of entry %zu", path, r->n);
		at += w->len;
		if (r->size < w->at + w->len)
			r->size = w->at + w->len;
	}
}

static bool is_mark(const struct write *w, const char *name)
{
	size_t n = strlen(MARK), len = strlen(name);

	return w->len > n + len && memcmp(w->data, MARK, n) == 0 &&
	       memcmp(w->data + n, name, len) == 0 && w->data[n + len] == '\n';
}

/* The number of the entry behind the last write of that mark. */
static size_t find_mark(const struct replay *r, const char *name)
{
	for (size_t i = r->n; i-- > 0;)
		if (is_mark(&r->v[i], name))
			return i + 1;
	errx(EXIT_LOG, "the log has no mark '%s'", name);
}

/* --- states ---------------------------------------------------------------------- */

static void apply(uint8_t *image, const struct write *w)
{
	if (w->len)
		memcpy(image + w->at, w->data, w->len);
}

/* Not with fork, which copies the page tables of whole disks. */
static int run_command(const struct replay *r)
{
	pid_t pid;
	int status = posix_spawnp(&pid, r->command[0], NULL, NULL, r->command, environ);

	if (status)
		return 127;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Puts the state into the image file, which the last command may have changed. */
static void write_image(const struct replay *r, const uint8_t *state)
{
	int fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	uint64_t done = 0;

	if (fd < 0)
		err(1, "%s", r->path);
	while (done < r->size) {
		/* Holes stay holes: images are mostly empty. */
		uint64_t n = r->size - done < 65536 ? r->size - done : 65536;
		const uint8_t *p = state + done;

		if ((p[0] || memcmp(p, p + 1, n - 1) != 0) &&
		    pwrite(fd, p, n, (off_t)done) != (ssize_t)n)
			err(1, "%s", r->path);
		done += n;
	}
	if (ftruncate(fd, (off_t)r->size) < 0 || close(fd) < 0)
		err(1, "%s", r->path);
}

static void judge(struct replay *r, const uint8_t *state, const char *name)
{
	int code;

	if (r->seen++ % r->each)
		return;
	if (!r->keeps)
		write_image(r, state);
	setenv("REPLAY_STATE", name, 1);
	r->states++;
	code = run_command(r);
	if (code == 0)
		return;
	if (code == 126 || code == 127)
		errx(1, "%s: cannot be run", r->command[0]);
	r->bad++;
	printf("bad: %s (exit %d)\n", name, code);
	fflush(stdout);
}

/* Which writes of the epoch are on the medium. */
static void choose_random(struct replay *r, size_t from, size_t to, bool *on)
{
	size_t cut = from + next_random(r) % (to - from + 1);

	for (size_t i = from; i < to; i++)
		on[i - from] = i < cut && (r->v[i].fua || next_random(r) >> 32 & 1);
}

static void try_choice(struct replay *r, const uint8_t *base, uint8_t *state, size_t from,
		       size_t to, const bool *on, const char *name)
{
	for (size_t i = from; i < to; i++)
		if (on[i - from])
			apply(state, &r->v[i]);
	judge(r, state, name);
	for (size_t i = from; i < to; i++)
		if (r->v[i].len)
			memcpy(state + r->v[i].at, base + r->v[i].at, r->v[i].len);
}

/* base and state are equal before and after. */
static void try_epoch(struct replay *r, const uint8_t *base, uint8_t *state, size_t from,
		      size_t to, unsigned choices)
{
	bool *on = calloc(to - from + 1, sizeof(*on));
	char name[96];

	if (!on)
		err(1, "epoch");
	for (size_t one = from; one < to; one++) {
		for (int only = 0; only < 2; only++) {
			for (size_t i = from; i < to; i++)
				on[i - from] = (i == one) == only || r->v[i].fua;
			snprintf(name, sizeof(name), "epoch %zu-%zu %s %zu", from, to,
				 only ? "only" : "without", one);
			try_choice(r, base, state, from, to, on, name);
		}
	}
	for (unsigned k = 0; k < choices; k++) {
		choose_random(r, from, to, on);
		snprintf(name, sizeof(name), "epoch %zu-%zu choice %u", from, to, k);
		try_choice(r, base, state, from, to, on, name);
	}
	free(on);
}

/* The image file itself, for a command that keeps it as it is; else memory. */
static uint8_t *new_state(const struct replay *r)
{
	int fd = -1;
	uint8_t *state;

	if (!r->keeps)
		return calloc(1, r->size);
	fd = open(r->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)r->size) < 0)
		err(1, "%s", r->path);
	state = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return state == MAP_FAILED ? NULL : state;
}

static void try_all(struct replay *r, size_t first, size_t last, unsigned choices)
{
	uint8_t *base = calloc(1, r->size), *state = new_state(r);
	size_t from = 0; /* of the epoch */
	char name[64];

	if (!base || !state)
		err(1, "image of %" PRIu64 " bytes", r->size);
	for (size_t i = 0; i <= last; i++) {
		bool ends = i == last || r->v[i].flush;

		if (i >= first) {
			snprintf(name, sizeof(name), "prefix %zu", i);
			judge(r, state, name);
		}
		if (ends && i > first && i > from) {
			/* Back to where the epoch began: base is there still. */
			for (size_t k = from; k < i; k++)
				if (r->v[k].len)
					memcpy(state + r->v[k].at, base + r->v[k].at, r->v[k].len);
			try_epoch(r, base, state, from, i, choices);
		}
		if (ends) {
			for (size_t k = from; k < i; k++) {
				apply(base, &r->v[k]);
				apply(state, &r->v[k]);
			}
			from = i;
		}
		if (i < last)
			apply(state, &r->v[i]);
	}
	free(base);
	if (r->keeps)
		munmap(state, r->size);
	else
		free(state);
}

int main(int argc, char **argv)
{
	struct replay r = {.random = 1, .each = 1};
	const char *from = NULL, *to = NULL;
	unsigned choices = 20;
	int c;

	while ((c = getopt(argc, argv, "+ke:n:s:f:t:")) != -1) {
		switch (c) {
		case 'k': r.keeps = true; break;
		case 'e': r.each = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'n': choices = (unsigned)strtoul(optarg, NULL, 10); break;
		case 's': r.random = strtoull(optarg, NULL, 10) | 1; break;
		case 'f': from = optarg; break;
		case 't': to = optarg; break;
		default: argc = 0;
		}
	}
	if (argc - optind < 3 || !r.each) {
		fprintf(stderr, "usage: replay [-k] [-e N] [-n N] [-s SEED] [-f MARK] [-t MARK] LOG IMAGE "
				"COMMAND [ARG...]\n");
		return EXIT_USAGE;
	}
	read_log(&r, argv[optind]);
	r.path = argv[optind + 1];
	r.command = argv + optind + 2;
	try_all(&r, from ? find_mark(&r, from) : 0, to ? find_mark(&r, to) : r.n, choices);
	printf("%u states, %u bad\n", r.states, r.bad);
	return r.bad ? 1 : 0;
}
