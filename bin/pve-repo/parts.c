/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parts.h"

#include <string.h>

bool repo_parts_name_ok(const char *name, const char *extension)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-.:";
	const char *dot = strrchr(name, '.');

	if (*name == '.' || !*name || name[strspn(name, allowed)])
		return false;
	return !dot || strcmp(dot, extension) == 0;
}
