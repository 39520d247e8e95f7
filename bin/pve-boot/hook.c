/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hook.h"

#include <string.h>

enum hook_kind hook_kind(const char *name)
{
	static const struct {
		const char *name;
		enum hook_kind kind;
	} hooks[] = {
		{"kernel-postinst", HOOK_KERNEL}, {"kernel-postrm", HOOK_KERNEL},
		{"initramfs", HOOK_KERNEL},       {"apt-pre", HOOK_APT_PRE},
		{"apt-post", HOOK_APT_POST},      {"proxmox-auto-removal", HOOK_APT_FILE},
		{"zz-proxmox-boot", HOOK_ESPS},
	};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (strcmp(hooks[i].name, name) == 0)
			return hooks[i].kind;
	return HOOK_UNKNOWN;
}

bool hook_counts(const char *params)
{
	struct pve_span rest, word;

	if (!params)
		return true;
	rest = pve_span(params);
	word = pve_span_word(&rest);
	if (word.len >= 2 && word.p[0] == '\'' && word.p[word.len - 1] == '\'')
		word = (struct pve_span){word.p + 1, word.len - 2};
	return !word.len || pve_span_eq(word, "configure") || pve_span_eq(word, "remove");
}
