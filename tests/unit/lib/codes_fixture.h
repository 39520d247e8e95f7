/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of a tool's table of codes: what it must be, and files of the tree that tell of it. */
#ifndef TESTS_CODES_FIXTURE_H
#define TESTS_CODES_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "pvecommon/buf.h"
#include "pvecommon/findings.h"
#include "pvecommon/mem.h"

struct code {
	const char *name, *meaning;
	enum pve_finding_severity severity;
};

static const char *const code_severity[] = {"info", "warning", "critical"};

static inline char *code_file(const char *path)
{
	PVE_FCLOSE FILE *f = fopen(path, "re");
	PVE_BUF b = {0};
	int byte;

	if (!f)
		fail_msg("%s cannot be read", path);
	while ((byte = getc(f)) != EOF)
		pve_buf_putc(&b, (char)byte);
	return pve_buf_take(&b);
}

/* of(i) is the i-th of n. */
static inline void codes_are_whole(struct code (*of)(int i), int n, const char *prefix)
{
	for (int i = 0; i < n; i++) {
		const struct code c = of(i);

		assert_non_null(c.name);
		assert_int_equal(strncmp(c.name, prefix, strlen(prefix)), 0);
		assert_true(strlen(c.meaning) > 10);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(c.name, of(k).name);
	}
}

/* With its severity: ".It Sy NET-MTU-BOND Pq warning". */
static inline void codes_are_documented(struct code (*of)(int i), int n, const char *manual)
{
	PVE_FREE char *text = code_file(manual);

	for (int i = 0; i < n; i++) {
		const struct code c = of(i);
		PVE_FREE char *item =
			pve_asprintf("\n.It Sy %s Pq %s\n", c.name, code_severity[c.severity]);

		if (!strstr(text, item))
			fail_msg("%s with its severity is not in %s", c.name, manual);
	}
}

#endif
