/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define B(channel) (1u << (channel))
#define OLD (B(REPO_MAIN) | B(REPO_TEST))
#define NEW (B(REPO_ENTERPRISE) | B(REPO_NO_SUBSCRIPTION) | B(REPO_TEST))

/* Oldest first.  From trixie on the installer writes stanzas with Signed-By. */
/* clang-format off */
const struct repo_suite repo_suites[] = {
	{"jessie", 8, 4, 100, true, false, true, "main contrib", "pvetest", NULL},
	{"stretch", 9, 5, 104, true, false, true, "main contrib", "pvetest", "5.4"},
	{"buster", 10, 6, 108, true, false, true, "main contrib", "pvetest", "6.4"},
	{"bullseye", 11, 7, 202, false, false, false, "main contrib", "pvetest", "7.4"},
	{"bookworm", 12, 8, 206, false, false, false, "main contrib non-free-firmware", "pvetest", "8.4.0"},
	{"trixie", 13, 9, 300, false, true, false, "main contrib non-free-firmware", "pve-test", NULL},
	{"forky", 14, 10, 301, false, true, false, "main contrib non-free-firmware", "pve-test", NULL},
};
const size_t repo_nsuites = sizeof(repo_suites) / sizeof(*repo_suites);

/* Which Ceph Proxmox makes for which release: the guide, and the release table of pveceph. */
const struct repo_ceph repo_cephs[] = {
	{"luminous", 12, "2020-03", {{"stretch", OLD}, {"buster", B(REPO_MAIN)}}},
	{"nautilus", 14, "2021-06", {{"buster", OLD}}},
	{"octopus", 15, "2022-08", {{"buster", OLD}, {"bullseye", OLD}}},
	{"pacific", 16, "2024-03", {{"bullseye", OLD}}},
	{"quincy", 17, "2024-06", {{"bullseye", OLD}, {"bookworm", NEW | B(REPO_MAIN)}}},
	{"reef", 18, "2025-08", {{"bookworm", NEW}}},
	{"squid", 19, "2026-09", {{"bookworm", NEW}, {"trixie", NEW}}},
	{"tentacle", 20, "2027-11", {{"trixie", NEW}}},
};
const size_t repo_ncephs = sizeof(repo_cephs) / sizeof(*repo_cephs);
/* clang-format on */

#define ENTERPRISE "https://enterprise.proxmox.com/debian"
#define DOWNLOAD "http://download.proxmox.com/debian"
#define PROXMOX_KEYRING "/usr/share/keyrings/proxmox-archive-keyring.gpg"
#define DEBIAN_KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"
#define PARTS "/etc/apt/sources.list.d/"

/* The repositories beside Ceph.  %s in a suite is the codename. */
static const struct {
	const char *handle;
	enum repo_product product;
	enum repo_channel channel;
	const char *uri, *suite;
	const char *list, *sources; /* the file before and from trixie on */
	const char *comment;
} plain[] = {
	{"debian", REPO_DEBIAN, REPO_NO_CHANNEL, "http://ftp.debian.org/debian", "%s",
	 "/etc/apt/sources.list", PARTS "debian.sources", NULL},
	{"debian-updates", REPO_DEBIAN, REPO_NO_CHANNEL, "http://ftp.debian.org/debian",
	 "%s-updates", "/etc/apt/sources.list", PARTS "debian.sources", NULL},
	{"debian-security", REPO_DEBIAN_SECURITY, REPO_NO_CHANNEL,
	 "http://security.debian.org/debian-security", NULL, "/etc/apt/sources.list",
	 PARTS "debian.sources", "# security updates\n"},
	{"enterprise", REPO_PVE, REPO_ENTERPRISE, ENTERPRISE "/pve", "%s",
	 PARTS "pve-enterprise.list", PARTS "pve-enterprise.sources", NULL},
	{"no-subscription", REPO_PVE, REPO_NO_SUBSCRIPTION, DOWNLOAD "/pve", "%s",
	 "/etc/apt/sources.list", PARTS "proxmox.sources",
	 "# PVE pve-no-subscription repository provided by proxmox.com,\n"
	 "# NOT recommended for production use\n"},
	{"test", REPO_PVE, REPO_TEST, DOWNLOAD "/pve", "%s", "/etc/apt/sources.list",
	 PARTS "proxmox.sources", NULL},
};
#define NPLAIN (sizeof(plain) / sizeof(*plain))

static const char *const channels[] = {
	[REPO_ENTERPRISE] = "enterprise",
	[REPO_NO_SUBSCRIPTION] = "no-subscription",
	[REPO_TEST] = "test",
	[REPO_MAIN] = "main",
};
#define NCHANNELS (sizeof(channels) / sizeof(*channels))

/* --- look-ups ------------------------------------------------------------------------- */

int repo_suite_order(const char *codename)
{
	for (size_t i = 0; i < repo_nsuites; i++)
		if (strcmp(repo_suites[i].codename, codename) == 0)
			return (int)i;
	return -1;
}

const struct repo_suite *repo_suite_find(const char *codename)
{
	int i = repo_suite_order(codename);

	return i < 0 ? NULL : &repo_suites[i];
}

const struct repo_ceph *repo_ceph_find(const char *name)
{
	for (size_t i = 0; i < repo_ncephs; i++)
		if (strcmp(repo_cephs[i].name, name) == 0)
			return &repo_cephs[i];
	return NULL;
}

unsigned repo_ceph_channels(const struct repo_ceph *c, const struct repo_suite *s)
{
	for (size_t i = 0; c && s && c->in[i].codename; i++)
		if (strcmp(c->in[i].codename, s->codename) == 0)
			return c->in[i].channels;
	return 0;
}

const char *repo_channel_name(enum repo_channel c)
{
	return channels[c];
}

const char *repo_component(enum repo_product p, enum repo_channel c, const struct repo_suite *s)
{
	if (p == REPO_CEPH)
		return channels[c];
	if (p != REPO_PVE)
		return NULL;
	switch (c) {
	case REPO_ENTERPRISE:
		return "pve-enterprise";
	case REPO_NO_SUBSCRIPTION:
		return "pve-no-subscription";
	case REPO_TEST:
		return s->test;
	default:
		return NULL;
	}
}

/* --- the repositories of a release ------------------------------------------------------ */

/* form with the codename in place of "%s". */
static const char *named(const char *form, const char *codename, struct pve_arena *mem)
{
	return pve_arena_printf(mem, "%s%s", codename, form + strlen("%s"));
}

static void fill_plain(struct repo_standard *r, size_t i, const struct repo_suite *s,
		       struct pve_arena *mem)
{
	const char *form = plain[i].suite;

	if (!form)
		form = s->slash_updates ? "%s/updates" : "%s-security";
	*r = (struct repo_standard){
		.handle = plain[i].handle,
		.product = plain[i].product,
		.channel = plain[i].channel,
		.suite = s,
		.uri = plain[i].uri,
		.suite_name = named(form, s->codename, mem),
		.components = repo_component(plain[i].product, plain[i].channel, s),
		.file = s->deb822 ? plain[i].sources : plain[i].list,
		.comment = s->deb822 ? NULL : plain[i].comment,
	};
	if (!r->components)
		r->components = s->components;
	if (s->deb822)
		r->signed_by = r->product == REPO_PVE ? PROXMOX_KEYRING : DEBIAN_KEYRING;
}

static void fill_ceph(struct repo_standard *r, const struct repo_ceph *c, enum repo_channel ch,
		      const struct repo_suite *s, struct pve_arena *mem)
{
	const char *base = ch == REPO_ENTERPRISE ? ENTERPRISE : DOWNLOAD;

	*r = (struct repo_standard){
		.handle = pve_arena_printf(mem, "ceph-%s-%s", c->name, channels[ch]),
		.product = REPO_CEPH,
		.channel = ch,
		.ceph = c,
		.suite = s,
		.uri = pve_arena_printf(mem, "%s/ceph-%s", base, c->name),
		.suite_name = s->codename,
		.components = channels[ch],
		.file = s->deb822 ? PARTS "ceph.sources" : PARTS "ceph.list",
		.signed_by = s->deb822 ? PROXMOX_KEYRING : NULL,
	};
}

const struct repo_standard *repo_standards(const struct repo_suite *s, struct pve_arena *mem)
{
	struct repo_standard *all =
		pve_arena_alloc(mem, (NPLAIN + repo_ncephs * NCHANNELS + 1) * sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < NPLAIN; i++)
		fill_plain(&all[n++], i, s, mem);
	for (size_t i = repo_ncephs; i > 0; i--) {
		unsigned has = repo_ceph_channels(&repo_cephs[i - 1], s);

		/* Beside no-subscription, main is only an old name of it. */
		if (has & B(REPO_NO_SUBSCRIPTION))
			has &= ~B(REPO_MAIN);
		for (size_t c = REPO_ENTERPRISE; c < NCHANNELS; c++)
			if (has & B(c))
				fill_ceph(&all[n++], &repo_cephs[i - 1], (enum repo_channel)c, s, mem);
	}
	return all;
}

static const struct repo_standard *find(const struct repo_standard *all, const char *handle)
{
	for (; all->handle; all++)
		if (strcmp(all->handle, handle) == 0)
			return all;
	return NULL;
}

const struct repo_standard *repo_standard_find(const struct repo_standard *all,
					       const char *handle)
{
	static const char *const alias[][2] = {
		{"pve-enterprise", "enterprise"},
		{"pve-no-subscription", "no-subscription"},
		{"pvetest", "test"},
		{"pve-test", "test"},
	};
	static const char no_sub[] = "-no-subscription", old[] = "-main";
	const struct repo_standard *r = find(all, handle);
	size_t len = strlen(handle);
	char name[REPO_HANDLE_MAX];

	for (size_t i = 0; !r && i < sizeof(alias) / sizeof(*alias); i++)
		if (strcmp(alias[i][0], handle) == 0)
			r = find(all, alias[i][1]);
	if (r || strncmp(handle, "ceph-", 5) != 0 || len > 40)
		return r;
	/* "ceph-quincy" is that of Proxmox VE 7; the names of the two eras stand for each other. */
	snprintf(name, sizeof(name), "%s-main", handle);
	r = find(all, name);
	if (!r && len > strlen(no_sub) && strcmp(handle + len - strlen(no_sub), no_sub) == 0) {
		snprintf(name, sizeof(name), "%.*s-main", (int)(len - strlen(no_sub)), handle);
		r = find(all, name);
	}
	if (!r && len > strlen(old) && strcmp(handle + len - strlen(old), old) == 0) {
		snprintf(name, sizeof(name), "%.*s-no-subscription", (int)(len - strlen(old)), handle);
		r = find(all, name);
	}
	return r;
}
