/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grub.h"

#include <ctype.h>
#include <string.h>

#include "pvecommon/mem.h"

/* A word between single quotes in GRUB's language, which has no escape within them. */
static void quoted(struct pve_buf *out, const char *text)
{
	pve_buf_putc(out, '\'');
	for (; *text; text++)
		if (*text == '\'')
			pve_buf_puts(out, "'\\''");
		else
			pve_buf_putc(out, *text);
	pve_buf_putc(out, '\'');
}

/* The command line is written as it is but for what GRUB would take for its own. */
static void words(struct pve_buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\'\"$;{}|&<>", *text))
			pve_buf_putc(out, '\\');
		pve_buf_putc(out, *text);
	}
}

static void entry(const struct boot_grub *grub, const char *version, struct pve_buf *out)
{
	PVE_BUF title = {0}, id = {0};

	pve_buf_printf(&title, "%s, Linux %s", grub->title, version);
	pve_buf_printf(&id, "proxmox-%s", version);
	pve_buf_puts(out, "\nmenuentry ");
	quoted(out, pve_buf_str(&title));
	pve_buf_puts(out, " --class proxmox --id ");
	quoted(out, pve_buf_str(&id));
	pve_buf_printf(out, " {\n\tlinux /vmlinuz-%s ", version);
	words(out, grub->cmdline);
	pve_buf_printf(out, "\n\tinitrd /initrd.img-%s\n}\n", version);
}

void boot_grub_cfg(const struct boot_grub *grub, struct pve_buf *out)
{
	pve_buf_puts(out, "# Written by pve-boot with each refresh; custom.cfg beside it is yours.\n"
			  "set timeout=5\n");
	if (grub->pin)
		pve_buf_printf(out, "set default='proxmox-%s'\n", grub->pin);
	else
		pve_buf_puts(out, "set default=0\n");
	for (size_t i = 0; i < grub->n; i++)
		entry(grub, grub->versions[i], out);
	pve_buf_puts(out, "\nif [ -f ${config_directory}/custom.cfg ]; then\n"
			  "\tsource ${config_directory}/custom.cfg\nfi\n");
}

bool boot_grub_has(struct pve_span cfg, const char *version)
{
	PVE_BUF name = {0};
	const char *at = cfg.p, *end = cfg.len ? cfg.p + cfg.len : cfg.p;

	pve_buf_printf(&name, "/vmlinuz-%s", version);
	while (at < end && (at = memmem(at, (size_t)(end - at), name.data, name.len))) {
		at += name.len;
		if (at == end || isspace((unsigned char)*at))
			return true;
	}
	return false;
}
