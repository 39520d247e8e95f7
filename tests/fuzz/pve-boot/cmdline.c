/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's command line: what is added is there, what is removed is not, and reading what was
 * read changes nothing. */
#include "pve-boot/cmdline.h"

#include <string.h>

#include "../lib/edits.h"

static void read_again(struct pve_span text)
{
	PVE_BUF once = {0}, twice = {0};

	if (boot_cmdline_parse(text, "f", &once, NULL) < 0)
		return;
	/* A line that begins with # was the middle of one. */
	if (once.data[0] == '#')
		return;
	assert(boot_cmdline_parse(span_of(&once), "f", &twice, NULL) == 0);
	assert_same(span_of(&once), &twice);
}

static void add_and_remove(struct pve_span text)
{
	PVE_STRV words = {0};
	struct boot_cmdline_edit add = {.add = &words}, remove = {.remove = &words};
	PVE_BUF with = {0}, same = {0}, without = {0};

	pve_strv_add(&words, "fuzz.word=1");
	/* An open quote swallows what comes behind it. */
	for (size_t i = 0, quotes = 0; i <= text.len; i++) {
		if (i == text.len && quotes % 2)
			return;
		quotes += i < text.len && text.p[i] == '"';
	}
	assert(boot_cmdline_edit(text, &add, &with, NULL) == 0);
	assert(boot_cmdline_edit(span_of(&with), &add, &same, NULL) == 0);
	assert_same(span_of(&with), &same);
	assert(boot_cmdline_edit(span_of(&with), &remove, &without, NULL) == 0);
	assert(boot_cmdline_edit(span_of(&without), &remove, &without, NULL) < 0);
	with.len = 0;
	if (boot_cmdline_edit_file(text, &add, &with, NULL) == 0)
		assert(memmem(with.data, with.len, "fuzz.word=1", 11));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};

	read_again(text);
	add_and_remove(text);
	return 0;
}
