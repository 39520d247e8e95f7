/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smartd.h"

static bool take_line(struct pve_span *text, struct pve_span *line)
{
	const char *nl = text->len ? memchr(text->p, '\n', text->len) : NULL;
	size_t n;

	if (!text->len)
		return false;
	*line = (struct pve_span){text->p, nl ? (size_t)(nl - text->p) : text->len};
	n = line->len + (nl != NULL);
	text->p += n;
	text->len -= n;
	return true;
}

/* --- smartd.conf(5) ---------------------------------------------------------------- */

struct conf {
	bool scans;          /* DEVICESCAN */
	bool any;            /* a line that watches something */
	bool mails;          /* all of these have -m */
	struct pve_strv devices;
};

static void read_conf_line(struct conf *c, struct pve_span line)
{
	struct pve_span first = pve_span_word(&line), word;
	bool mails = false, ignored = false;

	if (!first.len || first.p[0] == '#' || pve_span_eq(first, "DEFAULT"))
		return;
	while ((word = pve_span_word(&line)).len && word.p[0] != '#') {
		mails |= pve_span_eq(word, "-m");
		if (pve_span_eq(word, "-d") && pve_span_eq(pve_span_word(&line), "ignore"))
			ignored = true;
	}
	if (pve_span_eq(first, "DEVICESCAN"))
		c->scans = true;
	else
		pve_strv_add_span(&c->devices, first);
	if (!ignored)
		c->mails = mails && (c->mails || !c->any);
	c->any |= !ignored;
}

static void read_conf(struct conf *c, struct pve_span text)
{
	PVE_BUF joined = {0};
	struct pve_span line;

	/* A backslash at its end carries a line on. */
	while (take_line(&text, &line)) {
		bool more = line.len && line.p[line.len - 1] == '\\';

		pve_buf_add(&joined, line.p, line.len - more);
		if (more)
			continue;
		read_conf_line(c, (struct pve_span){joined.data, joined.len});
		joined.len = 0;
		/* What stands below DEVICESCAN is not read by smartd. */
		if (c->scans)
			return;
	}
}

static bool is_watched(const struct conf *c, const struct pve_disk *d)
{
	if (d->member)
		return pve_strv_has(&c->devices, d->member->node);
	for (size_t i = 0; i < d->dev->nlinks; i++)
		if (pve_strv_has(&c->devices, d->dev->link[i]))
			return true;
	return pve_strv_has(&c->devices, d->dev->node);
}

static void check_disks(const struct conf *c, const struct pve_disks *disks,
			struct pve_findings *found)
{
	for (size_t i = 0; i < disks->n && !c->scans; i++) {
		const struct pve_disk *d = &disks->v[i];

		if (d->type != PVE_DISK_UNKNOWN && d->type != PVE_DISK_MMC && !is_watched(c, d))
			pve_findings_add(found, PVE_F_WARNING, "SMART-SMARTD-DISK", d->name,
					 "smartd.conf has no DEVICESCAN, and no line for this disk");
	}
}

static void check_conf(const struct smartd_facts *facts, const struct pve_disks *disks,
		       struct pve_findings *found)
{
	static const char path[] = "/etc/smartd.conf";
	struct conf c = {0};

	read_conf(&c, facts->conf);
	if (!facts->have_conf || !c.any)
		pve_findings_add(found, PVE_F_WARNING, "SMART-SMARTD-CONF", path,
				 facts->have_conf ? "smartd is told to watch no disk"
						  : "is not there, and smartd does not start without");
	else if (!c.mails)
		pve_findings_add(found, PVE_F_WARNING, "SMART-SMARTD-MAIL", path,
				 "a line without -m: of those disks smartd mails nobody");
	if (c.any)
		check_disks(&c, disks, found);
	pve_strv_done(&c.devices);
}

/* --- mail to root ------------------------------------------------------------------ */

/* "root: a, b" of aliases(5). */
static char *alias(struct pve_span text)
{
	struct pve_span line;

	while (take_line(&text, &line)) {
		struct pve_span rest;

		if (line.len < 5 || strncasecmp(line.p, "root", 4) != 0)
			continue;
		rest = pve_span_trim((struct pve_span){line.p + 4, line.len - 4});
		if (!rest.len || rest.p[0] != ':')
			continue;
		rest = pve_span_trim((struct pve_span){rest.p + 1, rest.len - 1});
		if (rest.len && !pve_span_eq(rest, "root"))
			return pve_strndup(rest.p, rest.len);
	}
	return NULL;
}

/* "user:root@pam:1:0:first:last:address:comment:" */
static char *pve_address(struct pve_span text)
{
	struct pve_span line;

	while (take_line(&text, &line)) {
		if (!pve_span_starts(line, "user:root@pam:"))
			continue;
		for (int field = 0; field < 6; field++) {
			const char *colon = memchr(line.p, ':', line.len);

			if (!colon)
				return NULL;
			line.len -= (size_t)(colon + 1 - line.p);
			line.p = colon + 1;
		}
		line.len = memchr(line.p, ':', line.len)
				   ? (size_t)((char *)memchr(line.p, ':', line.len) - line.p)
				   : line.len;
		return line.len ? pve_strndup(line.p, line.len) : NULL;
	}
	return NULL;
}

static bool has(struct pve_span line, const char *word)
{
	return line.len && memmem(line.p, line.len, word, strlen(word));
}

char *smartd_root_mail(const struct smartd_facts *facts)
{
	struct pve_span text = facts->forward, line;

	while (take_line(&text, &line)) {
		line = pve_span_trim(line);
		if (!line.len || line.p[0] == '#')
			continue;
		/* Of Proxmox VE up to 7, and from 8 on. */
		if (has(line, "pvemailforward") || has(line, "proxmox-mail-forward"))
			return pve_address(facts->users);
		if (!pve_span_eq(line, "root") && !pve_span_eq(line, "\\root"))
			return pve_strndup(line.p, line.len);
	}
	return alias(facts->aliases);
}

static void check_mail(const struct smartd_facts *facts, struct pve_findings *found)
{
	PVE_FREE char *to = NULL;
	struct pve_finding *f;

	if (!facts->mailer) {
		f = pve_findings_add(found, PVE_F_WARNING, "SMART-MAIL-NONE", "root",
				     "there is no sendmail, so warnings of smartd are lost");
		pve_finding_fix(f, "apt install postfix");
		return;
	}
	to = smartd_root_mail(facts);
	if (to)
		return;
	f = pve_findings_add(found, PVE_F_WARNING, "SMART-MAIL-LOCAL", "root",
			     "mail to root stays on this host, where nobody may read it");
	if (facts->users.len)
		pve_finding_fix(f, "pveum user modify root@pam --email ADDRESS");
	else
		pve_finding_fix(f, "echo 'root: ADDRESS' >> /etc/aliases && newaliases");
}

void smartd_check(const struct smartd_facts *facts, const struct pve_disks *disks,
		  struct pve_findings *found)
{
	if (!facts->installed) {
		pve_finding_fix(pve_findings_add(found, PVE_F_WARNING, "SMART-TOOL-MISSING",
						 "smartmontools", "is not installed"),
				"apt install smartmontools");
	} else if (facts->running == 0 || !facts->enabled) {
		pve_finding_fix(pve_findings_add(found, PVE_F_WARNING, "SMART-SMARTD-OFF", "smartd",
						 facts->running == 0 ? "does not run"
								     : "does not start at boot"),
				"systemctl enable --now smartmontools");
	}
	if (facts->installed)
		check_conf(facts, disks, found);
	check_mail(facts, found);
}
