/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smartctl OPTION... DEVICE
 *
 * Stands in for smartctl and the disk behind it, for benches: after $SMARTCTL_MS milliseconds
 * it prints the file $SMARTCTL_REPORT.  It costs next to nothing itself, so that what is
 * measured is the one who starts it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	const char *report = getenv("SMARTCTL_REPORT"), *text = getenv("SMARTCTL_MS");
	long ms = text ? strtol(text, NULL, 10) : 0;
	struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
	static char bytes[1 << 16];
	ssize_t n;
	int fd;

	nanosleep(&wait, NULL);
	fd = report ? open(report, O_RDONLY | O_CLOEXEC) : -1;
	n = fd >= 0 ? read(fd, bytes, sizeof(bytes)) : -1;
	if (n < 0 || write(STDOUT_FILENO, bytes, (size_t)n) != n) {
		fprintf(stderr, "smartctl: cannot give %s\n", report ? report : "$SMARTCTL_REPORT");
		return 2;
	}
	return 0;
}
