/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/textfile.h"

#include "edits.h"

/* The first byte chooses the editor, the rest is the file. */
enum { SHELL, MODPROBE, SYSCTL, INI, EDITORS };

static bool find(struct pve_textfile *t, int editor, struct pve_setting *s)
{
	switch (editor) {
	case SHELL:
		return pve_textfile_sh_find(t, "K", s);
	case MODPROBE:
		return pve_textfile_modprobe_find(t, "m", "k_1", s);
	case SYSCTL:
		return pve_textfile_sysctl_find(t, "k.a/b", s);
	default:
		return pve_textfile_ini_find(t, "S", "K", s);
	}
}

static int set(struct pve_textfile *t, int editor, struct pve_span v)
{
	switch (editor) {
	case SHELL:
		return pve_textfile_sh_set(t, "K", v, NULL);
	case MODPROBE:
		return pve_textfile_modprobe_set(t, "m", "k_1", v, NULL);
	case SYSCTL:
		return pve_textfile_sysctl_set(t, "k.a/b", v, NULL);
	default:
		return pve_textfile_ini_set(t, "S", "K", v, NULL);
	}
}

static int unset(struct pve_textfile *t, int editor)
{
	switch (editor) {
	case SHELL:
		return pve_textfile_sh_remove(t, "K", NULL);
	case MODPROBE:
		return pve_textfile_modprobe_remove(t, "m", "k_1", NULL);
	case SYSCTL:
		return pve_textfile_sysctl_remove(t, "k.a/b", NULL);
	default:
		return pve_textfile_ini_remove(t, "S", "K", NULL);
	}
}

static void edit(struct pve_textfile *t, int editor, struct pve_span file)
{
	struct pve_setting s;
	PVE_BUF once = {0}, twice = {0};
	struct pve_span value = pve_span(editor == MODPROBE ? "it's $x;#" : "a \"q\" it's $x;#\\`");

	if (editor == INI)
		value = pve_span("a ] = # b");
	if (set(t, editor, value) == 0) {
		assert(find(t, editor, &s) && pve_span_same(s.value, value) && !s.computed);
		pve_textfile_format(t, &once);
		assert_one_place(file, span_of(&once), 60);
		assert(set(t, editor, value) == 0);
		pve_textfile_format(t, &twice);
		assert_same(span_of(&once), &twice);
	}
	if (unset(t, editor) == 0)
		assert(!find(t, editor, &s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span file = {(const char *)data + 1, size - 1};
	struct pve_textfile t = {0};
	PVE_BUF b = {0};

	if (!size || size > 20000)
		return 0;
	pve_textfile_parse(&t, file);
	pve_textfile_format(&t, &b);
	assert_same(file, &b);
	edit(&t, data[0] % EDITORS, file);
	pve_textfile_done(&t);
	return 0;
}
