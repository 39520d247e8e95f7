/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compat.h"

#include <string.h>

bool boot_compat_is(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;
	const char *name = slash ? slash + 1 : argv0;

	return name && (strcmp(name, "proxmox-boot-tool") == 0 ||
			strcmp(name, "pve-efiboot-tool") == 0);
}

/* What may follow a command: operands, an option without a value, and one with one. */
static const struct {
	const char *command, *verb;
	int min, max;
	const char *flag, *option;
} forms[] = {
	{"format", NULL, 1, 1, "--force", NULL},
	{"init", NULL, 1, 2, NULL, NULL},
	{"reinit", NULL, 0, 0, NULL, NULL},
	{"clean", NULL, 0, 0, "--dry-run", NULL},
	{"refresh", NULL, 0, 0, NULL, "--hook"},
	{"status", NULL, 0, 0, "--quiet", NULL},
	{"kernel", "add", 1, 1, NULL, NULL},
	{"kernel", "remove", 1, 1, NULL, NULL},
	{"kernel", "list", 0, 0, NULL, NULL},
	{"kernel", "pin", 1, 1, "--next-boot", NULL},
	{"kernel", "unpin", 0, 0, "--next-boot", NULL},
};

static bool is(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The rest of the arguments by a form; false when they do not fit. */
static bool take(size_t form, int argc, char *const *argv, int i, struct pve_strv *out)
{
	int operands = 0;

	for (; i < argc; i++) {
		if (is(argv[i], forms[form].option)) {
			if (++i == argc)
				return false;
			pve_strv_add(out, argv[i - 1]);
		} else if (is(argv[i], "--dry-run") && is(forms[form].flag, "--dry-run")) {
			;
		} else if (argv[i][0] == '-' && !is(argv[i], forms[form].flag)) {
			return false;
		} else if (argv[i][0] != '-' && ++operands > forms[form].max) {
			return false;
		}
		pve_strv_add(out, argv[i]);
	}
	return operands >= forms[form].min;
}

enum boot_compat_kind boot_compat_parse(int argc, char *const *argv, struct pve_strv *out)
{
	const char *command = argc > 1 ? argv[1] : NULL;

	if (!command)
		return BOOT_COMPAT_NOTHING;
	if (is(command, "help") || is(command, "--help"))
		return BOOT_COMPAT_HELP;
	if (is(command, "kernels"))
		command = "kernel";
	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (!is(forms[f].command, command) ||
		    (forms[f].verb && (argc < 3 || !is(forms[f].verb, argv[2]))))
			continue;
		pve_strv_add(out, command);
		if (forms[f].verb)
			pve_strv_add(out, forms[f].verb);
		/* It never asks. */
		if (is(command, "format"))
			pve_strv_add(out, "--yes");
		if (!take(f, argc, argv, forms[f].verb ? 3 : 2, out))
			return BOOT_COMPAT_WRONG;
		return is(forms[f].verb, "list") ? BOOT_COMPAT_KERNEL_LIST : BOOT_COMPAT_RUN;
	}
	return BOOT_COMPAT_WRONG;
}

/* status: 2 says that no ESP is kept in sync, and everything else that some are, in whatever state;
 * callers go by it. */
int boot_compat_code(const char *command, int code)
{
	if (strcmp(command, "status") == 0)
		return code == 2 ? 2 : 0;
	if (code == 0 || code == 2)
		return code;
	return 1;
}
