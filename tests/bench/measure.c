/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure RUNS -- COMMAND... [-- COMMAND...]...
 *
 * Runs the commands in turn, RUNS rounds, with their output thrown away, and prints a line
 * for each: best wall time in microseconds, peak resident memory in KiB, worst exit status,
 * least CPU time of its own, without that of programs it starts, in microseconds, and least CPU
 * time together with these.
 * Taking turns lets a busy moment of the machine hit all of them alike.
 *
 * A status from 64 on (sysexits.h, a signal) is one of a command that did not do its work, which
 * is fast: measure says so, prints no line, and ends with 69.  Below, checks have their findings.
 */
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define NO_WORK 64

struct result {
	long us, kib, own, all;
	int status;
};

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* On the CPU, from a process that has ended but is not yet waited for.  The times of wait4
 * would have those of its children in them. */
static long own_us(pid_t pid)
{
	unsigned long long ns = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	f = fopen(path, "r");
	if (f && fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	if (f)
		fclose(f);
	return (long)(ns / 1000);
}

static void run_once(char **argv, struct result *best)
{
	posix_spawn_file_actions_t quiet;
	struct rusage usage;
	long from, took, own, all;
	siginfo_t info;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
	from = now_us();
	if (posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ) != 0) {
		fprintf(stderr, "measure: cannot start %s\n", argv[0]);
		exit(69);
	}
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	took = now_us() - from;
	own = own_us(pid);
	wait4(pid, &status, 0, &usage);
	all = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
	      usage.ru_stime.tv_usec;
	posix_spawn_file_actions_destroy(&quiet);
	if (took < best->us)
		best->us = took;
	if (own < best->own)
		best->own = own;
	if (all < best->all)
		best->all = all;
	if (usage.ru_maxrss > best->kib)
		best->kib = usage.ru_maxrss;
	status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (status > best->status)
		best->status = status;
	if (status >= NO_WORK) {
		fprintf(stderr, "measure: %s ended with status %d\n", argv[0], status);
		exit(69);
	}
}

int main(int argc, char **argv)
{
	struct result best[COMMANDS_MAX];
	char **command[COMMANDS_MAX];
	int n = 0, runs = argc > 1 ? atoi(argv[1]) : 0;

	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		argv[i] = NULL;
		if (n < COMMANDS_MAX && i + 1 < argc) {
			best[n] = (struct result){.us = LONG_MAX, .own = LONG_MAX, .all = LONG_MAX};
			command[n++] = &argv[i + 1];
		}
	}
	if (runs < 1 || n < 1) {
		fprintf(stderr, "usage: measure RUNS -- COMMAND... [-- COMMAND...]...\n");
		return 64;
	}
	for (int r = 0; r < runs; r++)
		for (int i = 0; i < n; i++)
			run_once(command[i], &best[i]);
	for (int i = 0; i < n; i++)
		printf("%ld %ld %d %ld %ld\n", best[i].us, best[i].kib, best[i].status,
		       best[i].own, best[i].all);
	return 0;
}
