/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/conf_colon.h"

#include "edits.h"

static void edit(struct pve_conf_colon *c, struct pve_span file)
{
	const struct pve_conf_colon_key *k;
	PVE_BUF b = {0};

	assert(pve_conf_colon_set(c, "key", pve_span("a: #b"), NULL) == 0);
	k = pve_conf_colon_find(c, "key");
	assert(k && pve_span_eq(k->value, "a: #b"));
	pve_conf_colon_format(c, &b);
	assert_one_place(file, span_of(&b), 16);
	assert(pve_conf_colon_remove(c, "key") && !pve_conf_colon_find(c, "key"));
}

/* Any text can be the description, and setting the present one changes nothing. */
static void describe(struct pve_conf_colon *c, struct pve_span text)
{
	PVE_BUF was = {0}, before = {0}, after = {0}, now = {0};

	if (pve_conf_colon_description(c, &was) && was.len && was.data[was.len - 1] != '\n') {
		pve_conf_colon_format(c, &before);
		pve_conf_colon_describe(c, span_of(&was));
		pve_conf_colon_format(c, &after);
		if (!memchr(was.data, '\n', was.len))
			assert_same(span_of(&before), &after);
	}
	pve_conf_colon_describe(c, text);
	assert(pve_conf_colon_description(c, &now) == (text.len > 0));
	if (text.len && text.p[text.len - 1] == '\n')
		pve_buf_putc(&now, '\n');
	assert_same(text, &now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span file = {(const char *)data, size};
	struct pve_conf_colon c = {0};
	struct pve_diags d = {0};
	PVE_BUF b = {0};

	pve_conf_colon_parse(&c, file, "f", &d);
	pve_conf_colon_format(&c, &b);
	assert_same(file, &b);
	edit(&c, file);
	describe(&c, file);
	pve_conf_colon_done(&c);
	pve_diags_done(&d);
	return 0;
}
