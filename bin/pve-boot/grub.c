/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GRUB's menu and environment. */
#include "grub.h"

#include <ctype.h>
#include <string.h>

#include "pvecommon/mem.h"
#include "pvecommon/num.h"

/* --- words -------------------------------------------------------------------------- */

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

static bool is_set(const char *text)
{
	return text && *text;
}

/* Words of settings that GRUB reads as words: nothing that could end the command. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(" -_=.,:/+", *text))
			return false;
	return true;
}

/* --- the menu ------------------------------------------------------------------------ */

static void terminal(const char *what, const char *own, const char *both, struct pve_buf *out)
{
	const char *value = is_set(own) ? own : both;

	if (is_set(value) && is_plain(value))
		pve_buf_printf(out, "terminal_%s %s\n", what, value);
}

/* What is on the screen, and for how long. */
static void put_settings(const struct boot_grub_settings *s, struct pve_buf *out)
{
	if (s && is_set(s->serial) && is_plain(s->serial))
		pve_buf_printf(out, "%s\n", s->serial);
	if (s) {
		terminal("input", s->terminal_in, s->terminal, out);
		terminal("output", s->terminal_out, s->terminal, out);
	}
	if (s && is_set(s->timeout_style) && is_plain(s->timeout_style))
		pve_buf_printf(out, "set timeout_style=%s\n", s->timeout_style);
	pve_buf_printf(out, "set timeout=%s\n",
		       s && is_set(s->timeout) && is_plain(s->timeout) ? s->timeout : "5");
}

/* GRUB_DEFAULT: a position, "saved", or the id or title of an entry of whatever menu, in which a
 * version is looked for. */
static void put_default(const struct boot_grub *g, struct pve_buf *out)
{
	const char *asked = g->settings ? g->settings->fallback : NULL;
	uint64_t index;

	if (g->pin) {
		pve_buf_printf(out, "set default='proxmox-%s'\n", g->pin);
		return;
	}
	if (is_set(asked) && strcmp(asked, "saved") == 0) {
		pve_buf_puts(out, "set default=\"${saved_entry}\"\n");
		return;
	}
	if (is_set(asked) && g->n && pve_num_u64(asked, 0, g->n - 1, &index, NULL) == 0) {
		pve_buf_printf(out, "set default=%u\n", (unsigned)index);
		return;
	}
	for (size_t i = 0; is_set(asked) && i < g->n; i++)
		if (strstr(asked, g->versions[i])) {
			pve_buf_printf(out, "set default='proxmox-%s'\n", g->versions[i]);
			return;
		}
	pve_buf_puts(out, "set default=0\n");
}

/* One start of another entry.  It is taken only when GRUB could write down that it is over: else a
 * kernel that hangs would be started again and again. */
static void put_once(struct pve_buf *out)
{
	pve_buf_puts(out, "if [ \"${next_entry}\" ]; then\n"
			  "\tset once=\"${next_entry}\"\n"
			  "\tset next_entry=\n"
			  "\tif save_env next_entry; then\n"
			  "\t\tset default=\"${once}\"\n"
			  "\tfi\n"
			  "fi\n");
}

/* Where an entry cannot be loaded, the others are tried, the newest first. */
static void put_fallback(const struct boot_grub *g, struct pve_buf *out)
{
	if (g->n < 2)
		return;
	pve_buf_puts(out, "set fallback=\"");
	for (size_t i = 0; i < g->n; i++)
		pve_buf_printf(out, "%s%zu", i ? " " : "", i);
	pve_buf_puts(out, "\"\n");
}

static void put_entry(const struct boot_grub *g, const char *version, struct pve_buf *out)
{
	PVE_BUF title = {0}, id = {0};

	pve_buf_printf(&title, "%s, Linux %s", g->title, version);
	pve_buf_printf(&id, "proxmox-%s", version);
	pve_buf_puts(out, "\nmenuentry ");
	quoted(out, pve_buf_str(&title));
	pve_buf_puts(out, " --class proxmox --id ");
	quoted(out, pve_buf_str(&id));
	pve_buf_printf(out, " {\n\tlinux /vmlinuz-%s ", version);
	words(out, g->cmdline);
	pve_buf_printf(out, "\n\tinitrd /initrd.img-%s\n}\n", version);
}

void boot_grub_cfg(const struct boot_grub *g, struct pve_buf *out)
{
	pve_buf_puts(out, "# Written by pve-boot with each refresh, from /etc/default/grub and "
			  "/etc/grub.d/40_custom.\n");
	if (g->serial)
		pve_buf_printf(out, "search --no-floppy --fs-uuid --set=root %s\n", g->serial);
	pve_buf_puts(out, "if [ -s $prefix/grubenv ]; then\n\tload_env\nfi\n");
	put_settings(g->settings, out);
	put_default(g, out);
	put_fallback(g, out);
	put_once(out);
	for (size_t i = 0; i < g->n; i++)
		put_entry(g, g->versions[i], out);
	pve_buf_puts(out, "\nif [ \"$grub_platform\" = efi ]; then\n"
			  "\tmenuentry 'UEFI firmware settings' --id uefi-firmware {\n"
			  "\t\tfwsetup\n\t}\nfi\n");
	if (g->settings && g->settings->custom.len) {
		pve_buf_putc(out, '\n');
		pve_buf_add(out, g->settings->custom.data, g->settings->custom.len);
	}
	pve_buf_puts(out, "\nif [ -f $prefix/custom.cfg ]; then\n\tsource $prefix/custom.cfg\nfi\n");
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

/* --- the environment block ------------------------------------------------------------- */

static const char env_magic[] = "# GRUB Environment Block\n";

/* The next line of a block; false at its end.  Values may have a newline behind a backslash. */
static bool next_line(struct pve_span text, size_t *at, struct pve_span *line)
{
	size_t start = *at, i = start;

	while (i < text.len && (text.p[i] != '\n' || (i > start && text.p[i - 1] == '\\')))
		i++;
	if (i >= text.len)
		return false;
	*line = (struct pve_span){text.p + start, i - start};
	*at = i + 1;
	return true;
}

static bool is_of(struct pve_span line, const char *name)
{
	size_t n = strlen(name);

	return line.len > n && memcmp(line.p, name, n) == 0 && line.p[n] == '=';
}

struct pve_span boot_grubenv_get(struct pve_span text, const char *name)
{
	struct pve_span line;
	size_t at = 0, n = strlen(name) + 1;

	while (next_line(text, &at, &line))
		if (is_of(line, name))
			return (struct pve_span){line.p + n, line.len - n};
	return (struct pve_span){0};
}

int boot_grubenv_set(struct pve_span text, const char *name, const char *value,
		     struct pve_buf *out, struct pve_err *e)
{
	size_t at = 0, size = text.len ? text.len : BOOT_GRUBENV_SIZE;
	PVE_BUF block = {0};
	struct pve_span line;

	if (text.len && (text.len < sizeof(env_magic) - 1 ||
			 memcmp(text.p, env_magic, sizeof(env_magic) - 1) != 0))
		return pve_err_set(e, PVE_DATA, "it is no environment block of GRUB");
	if (!text.len)
		pve_buf_puts(&block, env_magic);
	while (next_line(text, &at, &line))
		if (!is_of(line, name)) {
			pve_buf_span(&block, line);
			pve_buf_putc(&block, '\n');
		}
	if (value)
		pve_buf_printf(&block, "%s=%s\n", name, value);
	if (block.len > size)
		return pve_err_set(e, PVE_DATA, "GRUB's environment block has no room for %s", name);
	while (block.len < size)
		pve_buf_putc(&block, '#');
	pve_buf_add(out, block.data, block.len);
	return 0;
}
