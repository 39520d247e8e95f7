/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of the standard repositories something is, in whatever spelling. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pve-repo/table.h"
#include "pve-repo/uri.h"
#include "pvecommon/buf.h"

#define ENTERPRISE_HOST "enterprise.proxmox.com"
#define DOWNLOAD_HOST "download.proxmox.com"
#define PROXMOX_ARCHIVE "archive.proxmox.com"
#define DEBIAN_ARCHIVE "archive.debian.org"
#define BOTH (1u << REPO_MAIN | 1u << REPO_NO_SUBSCRIPTION)

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcasecmp(s + n - m, end) == 0;
}

/* The path with single slashes, none at its end. */
static char *clean_path(const char *path)
{
	PVE_BUF b = {0};

	for (; *path; path++)
		if (*path != '/' || (path[1] != '/' && path[1] != '\0'))
			pve_buf_putc(&b, *path);
	pve_buf_putc(&b, '\0');
	return pve_buf_take(&b);
}

/* --- suite ------------------------------------------------------------------------------ */

static void classify_suite(struct repo_kind *k, const char *suite)
{
	static const char *const alias[] = {"stable",   "oldstable", "oldoldstable", "testing",
					    "unstable", "sid",       "experimental"};
	size_t len = strcspn(suite, "-/"), all = strlen(suite);

	k->suffix = suite + len;
	/* A flat repository is a directory of whatever name. */
	if (all && suite[all - 1] == '/')
		return;
	for (size_t i = 0; i < repo_nsuites; i++)
		if (strlen(repo_suites[i].codename) == len &&
		    strncmp(repo_suites[i].codename, suite, len) == 0)
			k->suite = &repo_suites[i];
	for (size_t i = 0; i < sizeof(alias) / sizeof(*alias); i++)
		k->alias |= strlen(alias[i]) == len && strncmp(alias[i], suite, len) == 0;
}

/* --- product ---------------------------------------------------------------------------- */

static void classify_channel(struct repo_kind *k, const char *component)
{
	static const struct {
		const char *component;
		enum repo_channel channel;
	} pve[] = {
		{"pve-enterprise", REPO_ENTERPRISE},
		{"pve-no-subscription", REPO_NO_SUBSCRIPTION},
		{"pvetest", REPO_TEST},
		{"pve-test", REPO_TEST},
	};

	for (size_t i = 0; k->product == REPO_PVE && i < sizeof(pve) / sizeof(*pve); i++)
		if (strcmp(component, pve[i].component) == 0)
			k->channel = pve[i].channel;
	for (int c = REPO_ENTERPRISE; k->product == REPO_CEPH && c <= REPO_MAIN; c++)
		if (strcmp(component, repo_channel_name((enum repo_channel)c)) == 0)
			k->channel = (enum repo_channel)c;
	/* Where both names are, main is the old one of no-subscription. */
	if (k->product == REPO_CEPH && k->channel == REPO_MAIN &&
	    (repo_ceph_channels(k->ceph, k->suite) & BOTH) == BOTH)
		k->channel = REPO_NO_SUBSCRIPTION;
}

static void classify_proxmox(struct repo_kind *k, const char *path, const char *component)
{
	static const char base[] = "/debian";
	const char *rest;

	k->product = REPO_PROXMOX_OTHER;
	if (strncmp(path, base, strlen(base)) != 0)
		return;
	rest = path + strlen(base);
	if (strncmp(rest, "/ceph-", 6) == 0) {
		k->product = REPO_CEPH;
		k->ceph = repo_ceph_find(rest + 6);
	} else if (strcmp(rest, "/pve") == 0 || !*rest) {
		k->product = REPO_PVE;
	}
	classify_channel(k, component);
	/* The path of old was common to all products. */
	if (k->product == REPO_PVE && !*rest && k->channel == REPO_NO_CHANNEL)
		k->product = REPO_PROXMOX_OTHER;
}

/* Mirrors keep the paths of the originals. */
static void classify_debian(struct repo_kind *k, const char *host, const char *path)
{
	if (ends_with(path, "/debian-security") || strcasecmp(host, "security.debian.org") == 0)
		k->product = REPO_DEBIAN_SECURITY;
	else if (ends_with(path, "/debian") ||
		 (ends_with(host, ".debian.org") && ends_with(path, "/debian-debug")))
		k->product = REPO_DEBIAN;
}

void repo_classify(struct repo_kind *k, const char *uri, const char *suite, const char *component)
{
	struct pve_arena mem = {0};
	struct repo_uri u;
	PVE_FREE char *path = NULL;

	*k = (struct repo_kind){.product = REPO_FOREIGN};
	repo_uri_parse(&u, uri, &mem);
	path = clean_path(u.path);
	classify_suite(k, suite);
	k->archived = strcasecmp(u.host, PROXMOX_ARCHIVE) == 0 ||
		      strcasecmp(u.host, DEBIAN_ARCHIVE) == 0;
	if (strcasecmp(u.host, ENTERPRISE_HOST) == 0 || strcasecmp(u.host, DOWNLOAD_HOST) == 0 ||
	    strcasecmp(u.host, PROXMOX_ARCHIVE) == 0)
		classify_proxmox(k, path, component);
	else
		classify_debian(k, u.host, path);
	pve_arena_done(&mem);
}

/* --- names ------------------------------------------------------------------------------ */

const char *repo_handle(const struct repo_kind *k, char handle[REPO_HANDLE_MAX])
{
	switch (k->product) {
	case REPO_DEBIAN:
		if (strcmp(k->suffix, "-updates") != 0 && *k->suffix)
			return NULL;
		return *k->suffix ? "debian-updates" : "debian";
	case REPO_DEBIAN_SECURITY:
		return "debian-security";
	case REPO_PVE:
		return k->channel ? repo_channel_name(k->channel) : NULL;
	case REPO_CEPH:
		if (!k->ceph || !k->channel)
			return NULL;
		snprintf(handle, REPO_HANDLE_MAX, "ceph-%s-%s", k->ceph->name,
			 repo_channel_name(k->channel));
		return handle;
	default:
		return NULL;
	}
}

const char *repo_maker(const struct repo_kind *k)
{
	switch (k->product) {
	case REPO_DEBIAN:
	case REPO_DEBIAN_SECURITY:
		return "Debian";
	case REPO_PVE:
	case REPO_CEPH:
	case REPO_PROXMOX_OTHER:
		return "Proxmox";
	default:
		return NULL;
	}
}

const char *repo_archive_uri(const struct repo_kind *k, const char *uri, struct pve_arena *mem)
{
	const char *maker = repo_maker(k);
	struct repo_uri u;

	if (!maker || k->archived || !k->suite || !k->suite->retired)
		return NULL;
	repo_uri_parse(&u, uri, mem);
	u.host = strcmp(maker, "Debian") == 0 ? DEBIAN_ARCHIVE : PROXMOX_ARCHIVE;
	/* The archive of Proxmox asks for no login and is the same for all channels. */
	u.access = "http";
	u.user = u.password = "";
	u.port = 0;
	return repo_uri_format(&u, mem);
}
