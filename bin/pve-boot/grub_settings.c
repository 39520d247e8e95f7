/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /etc/default/grub, read as far as a shell is not needed for it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "grub.h"
#include "pvecommon/mem.h"
#include "pvecommon/textfile.h"

static const struct {
	const char *name;
	size_t at;
} variables[] = {
	{"GRUB_DEFAULT", offsetof(struct boot_grub_settings, fallback)},
	{"GRUB_TIMEOUT", offsetof(struct boot_grub_settings, timeout)},
	{"GRUB_TIMEOUT_STYLE", offsetof(struct boot_grub_settings, timeout_style)},
	{"GRUB_TERMINAL", offsetof(struct boot_grub_settings, terminal)},
	{"GRUB_TERMINAL_INPUT", offsetof(struct boot_grub_settings, terminal_in)},
	{"GRUB_TERMINAL_OUTPUT", offsetof(struct boot_grub_settings, terminal_out)},
	{"GRUB_SERIAL_COMMAND", offsetof(struct boot_grub_settings, serial)},
	{"GRUB_CMDLINE_LINUX", offsetof(struct boot_grub_settings, cmdline)},
	{"GRUB_CMDLINE_LINUX_DEFAULT", offsetof(struct boot_grub_settings, cmdline_default)},
};

#define NVARIABLES (sizeof(variables) / sizeof(variables[0]))

static char **field(struct boot_grub_settings *s, size_t i)
{
	return (char **)((char *)s + variables[i].at);
}

/* What a variable has that is named at p, of n characters; NULL when it is none of these. */
static const char *value_of(struct boot_grub_settings *s, const char *p, size_t n)
{
	for (size_t i = 0; i < NVARIABLES; i++)
		if (strlen(variables[i].name) == n && memcmp(variables[i].name, p, n) == 0)
			return *field(s, i) ? *field(s, i) : "";
	return NULL;
}

/* "$NAME" or "${NAME}" at *i, which moves behind it.  false: something else. */
static bool expand_name(struct boot_grub_settings *s, struct pve_span src, size_t *i,
			struct pve_buf *out)
{
	bool brace = *i + 1 < src.len && src.p[*i + 1] == '{';
	size_t from = *i + 1 + brace, to = from;
	const char *value;

	while (to < src.len && (isalnum((unsigned char)src.p[to]) || src.p[to] == '_'))
		to++;
	if (to == from || (brace && (to >= src.len || src.p[to] != '}')))
		return false;
	value = value_of(s, src.p + from, to - from);
	if (!value)
		return false;
	pve_buf_puts(out, value);
	*i = to + brace;
	return true;
}

/* The value of one word of the shell's in double quotes or none, with expansions. */
static bool expand(struct boot_grub_settings *s, struct pve_span src, struct pve_buf *out)
{
	size_t i = 0;
	bool quote = false;

	while (i < src.len) {
		char c = src.p[i];

		if (c == '$') {
			if (!expand_name(s, src, &i, out))
				return false;
			continue;
		}
		if (c == '`' || c == '~' || c == '\'' || (c == '\\' && i + 1 == src.len))
			return false;
		i++;
		if (c == '"')
			quote = !quote;
		else if (c == '\\')
			pve_buf_putc(out, src.p[i++]);
		else
			pve_buf_putc(out, c);
	}
	return !quote;
}

int boot_grub_settings_add(struct boot_grub_settings *s, struct pve_span text, const char *file,
			   struct pve_err *e)
{
	struct pve_textfile t = {0};
	int ret = 0;

	pve_textfile_parse(&t, text);
	for (size_t i = 0; i < NVARIABLES && ret == 0; i++) {
		struct pve_setting set;
		PVE_BUF value = {0};

		if (!pve_textfile_sh_find(&t, variables[i].name, &set))
			continue;
		if (!set.computed)
			pve_buf_span(&value, set.value);
		else if (!expand(s, set.value, &value))
			ret = pve_err_set(e, PVE_DATA,
					  "%s:%zu: what %s is, only a shell could tell; write it "
					  "without commands and other variables",
					  file, set.line + 1, variables[i].name);
		if (ret == 0) {
			free(*field(s, i));
			*field(s, i) = pve_strdup(pve_buf_str(&value));
		}
	}
	pve_textfile_done(&t);
	return ret;
}

void boot_grub_settings_done(struct boot_grub_settings *s)
{
	for (size_t i = 0; i < NVARIABLES; i++)
		free(*field(s, i));
	pve_buf_done(&s->custom);
	*s = (struct boot_grub_settings){0};
}

/* The second line says how much of the script is printed: from line 3 on. */
void boot_grub_custom(struct pve_span script, struct pve_buf *out)
{
	const char *first = script.len ? memchr(script.p, '\n', script.len) : NULL;
	const char *end = script.p + script.len, *second;
	struct pve_span line;

	second = first ? memchr(first + 1, '\n', (size_t)(end - first - 1)) : NULL;
	if (!second)
		return;
	line = pve_span_trim((struct pve_span){first + 1, (size_t)(second - first - 1)});
	if (pve_span_eq(line, "exec tail -n +3 $0"))
		pve_buf_add(out, second + 1, (size_t)(end - second - 1));
}

/* --- the command line -------------------------------------------------------------------- */

static void add_word(struct pve_buf *out, const char *p, size_t n)
{
	if (out->len)
		pve_buf_putc(out, ' ');
	pve_buf_add(out, p, n);
}

/* Words between blanks; in double quotes there may be blanks.  root: only those with root=. */
static bool add_words(struct pve_span text, bool root, struct pve_buf *out)
{
	bool found = false;
	size_t i = 0;

	while (i < text.len) {
		size_t from;
		bool quote = false;

		while (i < text.len && isspace((unsigned char)text.p[i]))
			i++;
		from = i;
		while (i < text.len && (quote || !isspace((unsigned char)text.p[i])))
			quote ^= text.p[i++] == '"';
		if (i == from)
			break;
		bool is_root = i - from > 5 && memcmp(text.p + from, "root=", 5) == 0;

		found |= is_root;
		if (!root || is_root)
			add_word(out, text.p + from, i - from);
	}
	return found;
}

int boot_grub_cmdline(const struct boot_grub_settings *s, struct pve_span fallback,
		      struct pve_buf *out, struct pve_err *e)
{
	PVE_BUF line = {0}, root = {0};
	bool has = false;

	/* A host that never had GRUB, and gets it now, has its words only there. */
	if (!s->cmdline && !s->cmdline_default)
		has = add_words(fallback, false, &line);
	has |= add_words(pve_span(s->cmdline ? s->cmdline : ""), false, &line);
	has |= add_words(pve_span(s->cmdline_default ? s->cmdline_default : ""), false, &line);
	if (!has && !add_words(fallback, true, &root))
		return pve_err_set(e, PVE_DATA,
				   "no root= in GRUB_CMDLINE_LINUX of /etc/default/grub, nor in "
				   "/etc/kernel/cmdline: the kernel would find no root");
	if (root.len) {
		pve_buf_add(out, root.data, root.len);
		if (line.len)
			pve_buf_putc(out, ' ');
	}
	pve_buf_add(out, pve_buf_str(&line), line.len);
	return 0;
}
