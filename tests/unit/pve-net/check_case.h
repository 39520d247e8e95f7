/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table-driven tests of the checks: a small interfaces file in, codes and lines out. */
#ifndef TEST_CHECK_CASE_H
#define TEST_CHECK_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "pve-net/check.h"

struct check_case {
	const char *text;
	/* Everything that is found, in order: "GATEWAY-TWICE:8 MTU-CHAIN:12"; "" for nothing. */
	const char *want;
};

/* "NET-GATEWAY-TWICE", "FILE:8" as "GATEWAY-TWICE:8". */
static inline char *check_found(const struct pve_findings *found)
{
	PVE_BUF b = {0};

	for (size_t i = 0; i < found->n; i++)
		pve_buf_printf(&b, "%s%s:%s", i ? " " : "", found->v[i].code + strlen("NET-"),
			       strrchr(found->v[i].object, ':') + 1);
	pve_buf_puts(&b, "");
	return pve_strdup(pve_buf_str(&b));
}

/* Runs the checks on one text; the findings end with pve_findings_done. */
static inline void check_run(const char *path, struct pve_span text,
			     const struct check_facts *facts, struct pve_findings *found)
{
	struct net_conf conf;
	struct net_model model;

	net_conf_parse(&conf, path, text);
	net_model_read(&model, &conf);
	net_check(&conf, &model, facts, found);
	net_model_done(&model);
	net_conf_done(&conf);
}

static inline bool check_case_holds(const struct check_case *one, const struct check_facts *facts)
{
	struct pve_findings found = {0};
	PVE_FREE char *got = NULL;
	bool good;

	check_run("/etc/network/interfaces", pve_span(one->text), facts, &found);
	got = check_found(&found);
	good = strcmp(got, one->want) == 0;
	if (!good) {
		print_error("--- of\n%s--- wanted \"%s\", found \"%s\"\n", one->text, one->want,
			    got);
		for (size_t i = 0; i < found.n; i++)
			print_error("%s %s\n", found.v[i].object, found.v[i].message);
	}
	for (size_t i = 0; i < found.n; i++)
		good = good && found.v[i].fix && *found.v[i].message;
	pve_findings_done(&found);
	return good;
}

/* All of them, so that one run shows every case that fails. */
static inline void check_cases(const struct check_case *cases, size_t n,
			       const struct check_facts *facts)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += !check_case_holds(&cases[i], facts);
	assert_int_equal(bad, 0);
}

#define CHECK_CASES(cases, facts) check_cases(cases, sizeof(cases) / sizeof(*(cases)), facts)

static const struct check_facts check_no_facts = {0};

#endif
