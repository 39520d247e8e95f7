/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "uuids.h"

#include <strings.h>

#include "pvecommon/textfile.h"

static bool is_line_of(struct pve_span line, const char *uuid)
{
	struct pve_span s = pve_span_trim(line);

	return s.len == strlen(uuid) && strncasecmp(s.p, uuid, s.len) == 0;
}

void boot_uuids_add(struct pve_span text, const char *uuid, struct pve_buf *out)
{
	struct pve_textfile t = {0};
	bool there = false;

	pve_textfile_parse(&t, text);
	for (size_t i = 0; i < t.n; i++)
		there |= is_line_of(t.v[i].text, uuid);
	if (!there)
		pve_textfile_insert(&t, t.n, pve_span(uuid), NULL);
	pve_textfile_format(&t, out);
	pve_textfile_done(&t);
}

void boot_uuids_remove(struct pve_span text, const char *uuid, struct pve_buf *out)
{
	struct pve_textfile t = {0};

	pve_textfile_parse(&t, text);
	for (size_t i = t.n; i-- > 0;)
		if (is_line_of(t.v[i].text, uuid))
			pve_textfile_delete(&t, i);
	pve_textfile_format(&t, out);
	pve_textfile_done(&t);
}
