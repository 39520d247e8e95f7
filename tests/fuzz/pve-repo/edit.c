/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever is edited in whatever bytes: outside of the edited entry nothing changes, and to
 * enable what was disabled gives the same bytes. */
#include "pve-repo/edit.h"
#include "pve-repo/repair.h"

#include "../lib/edits.h"

static void parse(struct repo_sources *s, const char *path, struct pve_span text)
{
	*s = (struct repo_sources){.arch = "amd64"};
	repo_sources_add(s, path, text);
	repo_sources_conflicts(s);
}

/* The bytes before and behind the entry stay; what is added when the file has no last line end
 * stands within. */
static void assert_outside(struct pve_span was, const struct repo_entry *e, const struct pve_buf *is)
{
	size_t tail = was.len - (e->at + e->len);

	if (is->len < e->at + tail || (e->at && memcmp(was.p, is->data, e->at) != 0) ||
	    (tail && memcmp(was.p + was.len - tail, is->data + is->len - tail, tail) != 0))
		abort();
}

static void edit(const struct repo_entry *e, enum repo_change change, const struct repo_part *part,
		 struct pve_buf *out)
{
	struct repo_edits edits = {0};

	repo_edit_change(&edits, e, change, part);
	repo_edits_apply(&edits, e->file->text, out);
	repo_edits_done(&edits);
}

/* Disabled and enabled again it is as it was. */
static void there_and_back(const char *path, struct pve_span text, size_t n)
{
	const struct repo_part whole = {REPO_WHOLE, NULL};
	struct repo_sources s, off;
	PVE_BUF once = {0};
	PVE_BUF twice = {0};
	struct pve_span changed;

	parse(&s, path, text);
	edit(s.entry[n], REPO_DISABLE, &whole, &once);
	assert_outside(text, s.entry[n], &once);
	changed = (struct pve_span){once.data, once.len};
	parse(&off, path, changed);
	/* Behind a '#', what has no scheme is taken for prose. */
	if (off.nentries + 1 == s.nentries && s.file[0]->format == REPO_LIST) {
		repo_sources_done(&off);
		repo_sources_done(&s);
		return;
	}
	if (off.nentries != s.nentries || off.entry[n]->enabled || off.diags.errors > s.diags.errors)
		abort();
	if (!repo_entry_field(s.entry[n], "Enabled") && text.p[text.len - 1] == '\n') {
		edit(off.entry[n], REPO_ENABLE, &whole, &twice);
		assert_same(text, &twice);
	}
	repo_sources_done(&off);
	repo_sources_done(&s);
}

static void parts(const struct repo_entry *e, struct pve_span text)
{
	const struct repo_words *lists[] = {&e->types, &e->uris, &e->suites, &e->components};

	for (int i = 0; i < 4; i++)
		for (size_t k = 0; k < lists[i]->n; k++) {
			PVE_FREE bool *word = pve_calloc(lists[i]->n, sizeof(bool));
			struct repo_part part = {REPO_TYPES + i, word};

			word[k] = true;
			for (int change = REPO_ENABLE; change <= REPO_REMOVE; change++) {
				PVE_BUF out = {0};

				if (change == REPO_REMOVE && lists[i]->n == 1)
					continue; /* all of it, with the empty lines around */
				edit(e, (enum repo_change)change, &part, &out);
				assert_outside(text, e, &out);
			}
		}
}

/* Repairs stay within the entry, but for blanks and comments that end the stanza before it. */
static void repair(const struct repo_entry *e, struct pve_span text)
{
	struct repo_edits edits = {0};
	PVE_BUF out = {0};

	if (repo_repair_all(&edits, e)) {
		repo_edits_apply(&edits, text, &out);
		assert_outside(text, e, &out);
	} else if (edits.n) {
		abort();
	}
	repo_edits_done(&edits);
}

/* What is refused becomes a comment, one after the other: each time there is more of it, and once
 * there is nothing left to refuse. */
static void comment(const char *path, struct pve_span text)
{
	struct pve_buf now = {0};

	pve_buf_add(&now, text.p, text.len);
	for (unsigned n = 0; n < 50; n++) {
		struct repo_sources s = {.arch = "amd64"};
		struct repo_edits edits = {0};
		struct pve_buf next = {0};
		bool refused;

		repo_sources_add(&s, path, span_of(&now));
		refused = s.diags.errors && !strstr(s.diags.v[0].msg, "NUL byte");
		if (refused)
			repo_edit_comment(&edits, s.file[0], s.diags.v[0].line);
		repo_edits_apply(&edits, s.file[0]->text, &next);
		if (refused && next.len <= now.len)
			abort();
		repo_edits_done(&edits);
		repo_sources_done(&s);
		pve_buf_done(&now);
		now = next;
		if (!refused)
			break;
	}
	pve_buf_done(&now);
}

static void one_format(const char *path, struct pve_span text)
{
	struct repo_sources s;

	parse(&s, path, text);
	for (size_t i = 0; i < s.nentries && i < 8; i++) {
		if (s.entry[i]->enabled)
			there_and_back(path, text, i);
		parts(s.entry[i], text);
		repair(s.entry[i], text);
	}
	if (text.len < 4096)
		comment(path, text);
	repo_sources_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};

	one_format("/x.list", text);
	one_format("/x.sources", text);
	return 0;
}
