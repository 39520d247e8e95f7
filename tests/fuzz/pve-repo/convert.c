/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was converted is read without an error; the round trip means the same, for convert itself
 * refuses what would not.  The rule of "suite" leaves no file that is refused either. */
#include "pve-repo/convert.h"
#include "pve-repo/suite.h"

#include "../lib/edits.h"

static void convert(const char *path, struct pve_span text, enum repo_format to)
{
	struct repo_sources s = {.arch = "amd64"}, again = {.arch = "amd64"};
	struct pve_diags d = {0};
	PVE_BUF out = {0};

	repo_sources_add(&s, path, text);
	repo_convert(&s, s.file[0], to, &out, &d);
	if (!d.errors) {
		repo_sources_add(&again, to == REPO_SOURCES ? "/x.sources" : "/x.list",
				 (struct pve_span){out.data, out.len});
		if (again.diags.errors)
			abort();
	}
	repo_sources_done(&again);
	repo_sources_done(&s);
	pve_diags_done(&d);
}

static void move(const char *path, struct pve_span text)
{
	struct repo_sources s = {.arch = "amd64"}, after = {.arch = "amd64"};
	struct repo_edits edits = {0};
	struct repo_move m = {.s = &s, .to = repo_suite_find("trixie"), .edits = &edits};
	PVE_BUF out = {0};

	repo_sources_add(&s, path, text);
	repo_move(&m);
	repo_edits_apply(&edits, text, &out);
	repo_sources_add(&after, path, (struct pve_span){out.data, out.len});
	if (after.nentries != s.nentries || after.diags.errors > s.diags.errors)
		abort();
	repo_sources_done(&after);
	repo_sources_done(&s);
	repo_edits_done(&edits);
	repo_move_done(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};

	convert("/x.list", text, REPO_SOURCES);
	convert("/x.sources", text, REPO_LIST);
	move("/x.list", text);
	move("/x.sources", text);
	return 0;
}
