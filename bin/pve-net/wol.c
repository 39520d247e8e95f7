/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "wol.h"

#include <string.h>

/* Letter n is bit n. */
static const char letters[] = "pumbagsf";

char *wol_text(unsigned modes, char text[WOL_TEXT])
{
	size_t n = 0;

	for (size_t i = 0; letters[i]; i++)
		if (modes >> i & 1)
			text[n++] = letters[i];
	if (!n)
		text[n++] = 'd';
	text[n] = '\0';
	return text;
}

int wol_parse(const char *text, unsigned *modes)
{
	unsigned m = 0;

	if (strcmp(text, "d") == 0) {
		*modes = 0;
		return 0;
	}
	if (!*text)
		return -1;
	for (; *text; text++) {
		const char *at = strchr(letters, *text);

		if (!at)
			return -1;
		m |= 1u << (at - letters);
	}
	*modes = m;
	return 0;
}
