/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about configuration: the command line, fstab, hooks of others. */
#include "check.h"

#include <strings.h>

#include "cmdline.h"
#include "pvecommon/textfile.h"

#define POSTINST "/etc/kernel/postinst.d/zz-systemd-boot"
#define INITRAMFS "/etc/initramfs/post-update.d/systemd-boot"

static struct pve_span span_of(const struct check_text *t)
{
	return (struct pve_span){t->text.data, t->text.len};
}

/* Takes the next line off *rest; false at the end. */
static bool next_line(struct pve_span *rest, struct pve_span *line)
{
	const char *nl = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	size_t n;

	if (!rest->len)
		return false;
	*line = (struct pve_span){rest->p, nl ? (size_t)(nl - rest->p) : rest->len};
	n = line->len + (nl ? 1 : 0);
	rest->p += n;
	rest->len -= n;
	return true;
}

static bool has_mode(const struct check_facts *f, enum esp_mode mode)
{
	for (size_t i = 0; i < f->list.n; i++)
		if (!f->list.v[i].err.code && esp_mode(&f->list.v[i].tree) == mode)
			return true;
	return false;
}

/* --- command line ------------------------------------------------------------------ */

/* Words that loaders and installers add by themselves, and that say nothing of an intention. */
static bool is_usual(const char *word)
{
	static const char *const usual[] = {
		"root=", "boot=", "initrd=", "BOOT_IMAGE=", "quiet", "splash", "ro", "rw"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++) {
		size_t n = strlen(usual[i]);

		if (strncmp(word, usual[i], n) == 0 && (usual[i][n - 1] == '=' || !word[n]))
			return true;
	}
	return false;
}

static void split(struct pve_span line, struct pve_strv *words)
{
	pve_strv_split(words, line, " \t\n");
}

/* The words that GRUB would pass, and the line on which they are set. */
static void grub_words(const struct check_facts *f, struct pve_strv *words, size_t *line)
{
	static const char *const keys[] = {BOOT_GRUB_VARIABLE, "GRUB_CMDLINE_LINUX"};
	struct pve_textfile t = {0};
	struct pve_setting s;

	pve_textfile_parse(&t, span_of(&f->grub));
	for (size_t i = 0; i < 2; i++)
		if (pve_textfile_sh_find(&t, keys[i], &s) && s.value.len) {
			split(s.value, words);
			*line = s.line + 1;
		}
	pve_textfile_done(&t);
}

/* Words of a file that the loader in use does not read, and that are not in the one it reads. */
static void tell_wrong_file(const struct pve_strv *unread, const struct pve_strv *read,
			    const char *place, const char *loader, const char *right,
			    struct pve_findings *found)
{
	for (size_t i = 0; i < unread->n; i++)
		if (!is_usual(unread->v[i]) && !pve_strv_has(read, unread->v[i]))
			pve_finding_fix(pve_findings_add(found, PVE_F_WARNING,
							 "BOOT-CMDLINE-WRONG-FILE", place,
							 "'%s' has no effect here: %s reads %s",
							 unread->v[i], loader, right),
					"pve-boot cmdline add %s", unread->v[i]);
}

static void check_running(const struct check_facts *f, const struct pve_strv *words,
			  struct pve_findings *found)
{
	PVE_STRV running = {0};
	PVE_BUF news = {0};

	if (!f->running.text.data)
		return;
	split(span_of(&f->running), &running);
	for (size_t i = 0; i < words->n; i++)
		if (!pve_strv_has(&running, words->v[i]))
			pve_buf_printf(&news, " +%s", words->v[i]);
	for (size_t i = 0; i < running.n; i++)
		if (!is_usual(running.v[i]) && !pve_strv_has(words, running.v[i]))
			pve_buf_printf(&news, " -%s", running.v[i]);
	if (news.len)
		pve_findings_add(found, PVE_F_INFO, "BOOT-CMDLINE-RUNNING", BOOT_CMDLINE,
				 "the running kernel was started without these changes:%s",
				 news.data);
}

static void check_cmdline(const struct check_facts *f, struct pve_findings *found)
{
	bool systemd = has_mode(f, ESP_MODE_SYSTEMD), grub = has_mode(f, ESP_MODE_GRUB);
	PVE_STRV own = {0}, grubs = {0};
	PVE_FREE char *place = NULL;
	PVE_BUF line = {0};
	struct pve_err e;
	size_t at = 0;

	grub_words(f, &grubs, &at);
	place = pve_asprintf(BOOT_GRUB_DEFAULTS ":%zu", at);
	if (!f->cmdline.text.data && systemd)
		pve_finding_fix(
			pve_findings_add(found, PVE_F_WARNING, "BOOT-CMDLINE-NONE", BOOT_CMDLINE,
					 "is not there: nothing says what kernels are started "
					 "with"),
			"pve-boot cmdline set 'root=...'");
	if (!f->cmdline.text.data)
		return;
	if (boot_cmdline_parse(span_of(&f->cmdline), BOOT_CMDLINE, &line, &e) == 0) {
		split((struct pve_span){line.data, line.len}, &own);
	} else if (systemd) {
		pve_finding_fix(pve_findings_add(found, PVE_F_CRITICAL, "BOOT-CMDLINE-BROKEN",
						 BOOT_CMDLINE, "%s", e.msg),
				"pve-boot cmdline set 'root=...'");
		return;
	}
	if (systemd && !grub)
		tell_wrong_file(&grubs, &own, place, "systemd-boot", BOOT_CMDLINE, found);
	if (grub && !systemd)
		tell_wrong_file(&own, &grubs, BOOT_CMDLINE, "GRUB", BOOT_GRUB_DEFAULTS, found);
	if (systemd)
		check_running(f, &own, found);
}

/* --- fstab ------------------------------------------------------------------------- */

/* The serial number that a line of fstab mounts by; an empty span when it is no vfat's. */
static struct pve_span serial_of(struct pve_span spec)
{
	static const char *const prefixes[] = {"UUID=", ESP_BY_UUID "/"};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(prefixes[i]);
		struct pve_span rest = {spec.p + n, spec.len - n};

		if (pve_span_starts(spec, prefixes[i]) && esp_is_uuid(rest))
			return rest;
	}
	return (struct pve_span){0};
}

static bool is_there(const struct check_facts *f, struct pve_span serial)
{
	for (size_t i = 0; i < f->blk.n; i++)
		if (strlen(f->blk.dev[i].uuid) == serial.len &&
		    strncasecmp(f->blk.dev[i].uuid, serial.p, serial.len) == 0)
			return true;
	return !f->blk.n; /* nobody knows */
}

static bool is_listed(const struct check_facts *f, struct pve_span serial)
{
	for (size_t i = 0; i < f->list.n; i++)
		if (strncasecmp(f->list.v[i].uuid, serial.p, serial.len) == 0)
			return true;
	return false;
}

/* Without nofail a mount that fails leaves the host in emergency mode (systemd.mount(5)). */
static bool may_fail(struct pve_span options)
{
	PVE_STRV list = {0};

	pve_strv_split(&list, options, ",");
	return pve_strv_has(&list, "nofail") || pve_strv_has(&list, "noauto");
}

static void check_fstab_line(const struct check_facts *f, struct pve_span line, const char *place,
			     struct pve_findings *found)
{
	struct pve_span spec = pve_span_word(&line), where = pve_span_word(&line);
	struct pve_span serial = serial_of(spec);

	pve_span_word(&line); /* the type */
	if (!serial.len)
		return;
	if (!is_there(f, serial) && !may_fail(pve_span_word(&line)))
		pve_findings_add(
			found, PVE_F_CRITICAL, "BOOT-FSTAB-ABSENT", place,
			"nothing has the serial number %.*s: without nofail the host stops "
			"in emergency mode",
			PVE_SPAN_ARG(serial));
	else if (is_listed(f, serial))
		pve_findings_add(
			found, PVE_F_INFO, "BOOT-FSTAB-ESP", place,
			"%.*s, which is kept in sync here, is mounted on %.*s all the time: "
			"whatever writes there is in no manifest",
			PVE_SPAN_ARG(serial), PVE_SPAN_ARG(where));
}

static void check_fstab(const struct check_facts *f, struct pve_findings *found)
{
	struct pve_span rest = span_of(&f->fstab), line;

	for (unsigned n = 1; next_line(&rest, &line); n++) {
		PVE_FREE char *place = pve_asprintf("/etc/fstab:%u", n);

		check_fstab_line(f, line, place, found);
	}
}

/* --- hooks of others ----------------------------------------------------------------- */

/* Does the script do nothing, as the stock tool sees to by an exit at its start? */
static bool is_muted(struct pve_span script)
{
	struct pve_span line;

	while (next_line(&script, &line)) {
		line = pve_span_trim(line);
		if (line.len && line.p[0] != '#')
			return pve_span_eq(line, "exit 0");
	}
	return true;
}

static void check_hook(const struct check_text *t, const char *path, struct pve_findings *found)
{
	if (!t->text.data || is_muted(span_of(t)))
		return;
	pve_finding_fix(pve_findings_add(found, PVE_F_WARNING, "BOOT-HOOK-DEBIAN", path,
					 "a hook of Debian's systemd-boot, which copies kernels to "
					 "/boot/efi and breaks upgrades"),
			"apt purge systemd-boot");
}

void check_config(const struct check_facts *f, struct pve_findings *found)
{
	check_cmdline(f, found);
	check_fstab(f, found);
	if (!f->list.exists)
		return;
	check_hook(&f->postinst, POSTINST, found);
	check_hook(&f->initramfs, INITRAMFS, found);
}
