/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_ntp_conf.h"

#include <string.h>

#include "probe_dropin.h"
#include "pvecommon/fs.h"
#include "pvecommon/mem.h"
#include "source.h"

#define UNITS "/etc/systemd/system/"
#define CHRONY_CONF "/etc/chrony/chrony.conf"
#define DIRS_MAX 10     /* on one line (MAX_CONF_DIRS in chrony's conf.c) */
#define INCLUDES_MAX 64 /* files that include one another would have no end */

static const struct {
	const char *name;
	const char *links[4]; /* that enable it */
	const char *units[3]; /* that may be masked */
	const char *conf;
} daemons[] = {
	[NTP_NONE] = {.name = "none"},
	[NTP_TIMESYNCD] = {"timesyncd",
			   {UNITS "sysinit.target.wants/systemd-timesyncd.service",
			    UNITS "dbus-org.freedesktop.timesync1.service"},
			   {UNITS "systemd-timesyncd.service"},
			   "/etc/systemd/timesyncd.conf"},
	[NTP_CHRONY] = {"chrony",
			{UNITS "multi-user.target.wants/chrony.service",
			 UNITS "multi-user.target.wants/chronyd.service", UNITS "chronyd.service"},
			{UNITS "chrony.service"},
			CHRONY_CONF},
};

const char *ntp_daemon_name(enum ntp_daemon d)
{
	return daemons[d].name;
}

/* The target of a link need not exist below --root. */
static bool link_is(struct pve_sys *sys, const char *path, bool null)
{
	PVE_BUF target = {0};

	return pve_fs_readlink(sys, path, &target, NULL) == 0 &&
	       null == (strcmp(pve_buf_str(&target), "/dev/null") == 0);
}

static bool masked(struct pve_sys *sys, enum ntp_daemon d)
{
	for (size_t i = 0; daemons[d].units[i]; i++)
		if (link_is(sys, daemons[d].units[i], true))
			return true;
	return false;
}

static bool enabled(struct pve_sys *sys, enum ntp_daemon d)
{
	if (masked(sys, d))
		return false;
	for (size_t i = 0; daemons[d].links[i]; i++)
		if (link_is(sys, daemons[d].links[i], false))
			return true;
	return false;
}

static bool configured(struct pve_sys *sys, enum ntp_daemon d)
{
	return !masked(sys, d) && pve_fs_exists(sys, daemons[d].conf);
}

static void choose(struct ntp_setup *s, struct pve_sys *sys)
{
	bool chrony = enabled(sys, NTP_CHRONY), timesyncd = enabled(sys, NTP_TIMESYNCD);

	s->both = chrony && timesyncd;
	if (chrony)
		s->daemon = NTP_CHRONY;
	else if (timesyncd)
		s->daemon = NTP_TIMESYNCD;
	else if (configured(sys, NTP_CHRONY))
		s->daemon = NTP_CHRONY;
	else if (configured(sys, NTP_TIMESYNCD))
		s->daemon = NTP_TIMESYNCD;
}

/* The name of a file, with the setup's memory. */
static const char *keep(struct ntp_setup *s, const char *path)
{
	pve_strv_add(&s->files, path);
	return s->files.v[s->files.n - 1];
}

static int timesyncd_read(struct ntp_setup *s, struct pve_sys *sys, struct pve_err *e)
{
	static const char *const mains[] = {
		"/etc/systemd/timesyncd.conf", "/run/systemd/timesyncd.conf",
		"/usr/local/lib/systemd/timesyncd.conf", "/usr/lib/systemd/timesyncd.conf", NULL};
	static const char *const dirs[] = {NTP_DROPIN_DIR, "/run/systemd/timesyncd.conf.d",
					   "/usr/local/lib/systemd/timesyncd.conf.d",
					   "/usr/lib/systemd/timesyncd.conf.d", NULL};
	PVE_STRV paths = {0};

	for (size_t i = 0; mains[i]; i++)
		if (pve_fs_exists(sys, mains[i])) {
			pve_strv_add(&paths, mains[i]);
			break;
		}
	if (probe_dropins(sys, dirs, ".conf", &paths, e) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++) {
		PVE_BUF text = {0};

		if (probe_read(sys, paths.v[i], &text, NULL, e) < 0)
			return -1;
		ntp_timesyncd_read(&s->conf, (struct pve_span){text.data, text.len},
				   keep(s, paths.v[i]));
	}
	return 0;
}

static int chrony_file(struct ntp_setup *s, struct pve_sys *sys, const char *path,
		       struct pve_err *e);

/* The files of "confdir DIR..." and "sourcedir DIR...". */
static int chrony_dirs(struct ntp_setup *s, struct pve_sys *sys, struct pve_span words,
		       const char *suffix, struct pve_strv *paths, struct pve_err *e)
{
	const char *dirs[DIRS_MAX + 1] = {NULL};
	PVE_STRV list = {0};
	struct pve_span word;

	while ((word = pve_span_word(&words)).len && list.n < DIRS_MAX)
		if (word.p[0] == '/')
			pve_strv_addf(&list, "%.*s", PVE_SPAN_ARG(word));
	for (size_t i = 0; i < list.n; i++) {
		dirs[i] = list.v[i];
		s->sources |= suffix[1] == 's' && strcmp(dirs[i], NTP_SOURCES_DIR) == 0;
	}
	return probe_dropins(sys, dirs, suffix, paths, e);
}

/* "include PATTERN", "confdir DIR...", "sourcedir DIR...". */
static int chrony_more(struct ntp_setup *s, struct pve_sys *sys, const char *what,
		       struct pve_err *e)
{
	struct pve_span rest = pve_span(what), key = pve_span_word(&rest);
	PVE_STRV paths = {0};
	int ret = 0;

	if (key.p[0] == 'i' && pve_span_starts(rest = pve_span_trim(rest), "/"))
		net_source_glob(sys, "/", rest, &paths);
	else if (key.p[0] != 'i')
		ret = chrony_dirs(s, sys, rest, key.p[0] == 's' ? ".sources" : ".conf", &paths, e);
	for (size_t i = 0; ret == 0 && i < paths.n; i++)
		ret = chrony_file(s, sys, paths.v[i], e);
	return ret;
}

static int chrony_file(struct ntp_setup *s, struct pve_sys *sys, const char *path,
		       struct pve_err *e)
{
	PVE_BUF text = {0};
	PVE_STRV more = {0};

	if (s->files.n >= INCLUDES_MAX)
		return pve_err_set(e, PVE_DATA, "%s: more than %d files include one another", path,
				   INCLUDES_MAX);
	if (probe_read(sys, path, &text, NULL, e) < 0)
		return -1;
	ntp_chrony_read(&s->conf, (struct pve_span){text.data, text.len}, keep(s, path), &more);
	for (size_t i = 0; i < more.n; i++)
		if (chrony_more(s, sys, more.v[i], e) < 0)
			return -1;
	return 0;
}

int ntp_setup_read(struct ntp_setup *s, struct pve_sys *sys, struct pve_err *e)
{
	choose(s, sys);
	if (s->daemon == NTP_TIMESYNCD)
		return timesyncd_read(s, sys, e);
	return s->daemon == NTP_CHRONY ? chrony_file(s, sys, CHRONY_CONF, e) : 0;
}

void ntp_setup_done(struct ntp_setup *s)
{
	ntp_conf_done(&s->conf);
	pve_strv_done(&s->files);
	*s = (struct ntp_setup){0};
}
