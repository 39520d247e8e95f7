/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "published.h"

#include "pveio/digest.h"

/* None of the files is nearly as large, and other keyrings of a host are. */
#define PUBLISHED_MAX 16384

#define TRUSTED "/etc/apt/trusted.gpg.d/"

const struct repo_published repo_published[] = {
	{
		"proxmox-ve-release-5.x.gpg",
		"5.x",
		TRUSTED "proxmox-ve-release-5.x.gpg",
		"511d36d0f1350c01c42a3dc9f3c27939",
		.sha512 = "ffb95f0f4be68d2e753c8875ea2f8465864a58431d5361e88789568673551501"
			  "ae574283a4e0492f17d79dc67edfb173a56a6304dea39e01f249ebdabc9f074a",
	},
	{
		"proxmox-ve-release-6.x.gpg",
		"6.x",
		TRUSTED "proxmox-ve-release-6.x.gpg",
		"f3f6c5a3a67baf38ad178e5ff1ee270c",
		.sha512 = "acca6f416917e8e11490a08a1e2842d500b3a5d9f322c6319db0927b2901c3ea"
			  "e23cfb5cd5df6facf2b57399d3cfa52ad7769ebdd75d9b204549ca147da52626",
		.fpr = {"353479F83781D7F8ED5F5AC57BF2812E8A6E88E0"},
	},
	{
		"proxmox-release-bullseye.gpg",
		"7.x",
		TRUSTED "proxmox-release-bullseye.gpg",
		"bcc35c7173e0845c0d6ad6470b70f50e",
		.sha512 = "7fb03ec8a1675723d2853b84aa4fdb49a46a3bb72b9951361488bfd19b29aab0"
			  "a789a4f8c7406e71a69aabbc727c936d3549731c4659ffa1a08f44db8fdcebfa",
		.fpr = {"28139A2F830BD68478A1A01FDD4BA3917E23BF59"},
	},
	{
		"proxmox-release-bookworm.gpg",
		"8.x",
		TRUSTED "proxmox-release-bookworm.gpg",
		"41558dc019ef90bd0f6067644a51cf5b",
		.sha512 = "7da6fe34168adc6e479327ba517796d4702fa2f8b4f0a9833f5ea6e6b48f6507"
			  "a6da403a274fe201595edc86a84463d50383d07f64bdde2e3658108db7d6dc87",
		.fpr = {"F4E136C67CDCE41AE6DE6FC81140AF8F639E0C39"},
	},
	{
		"proxmox-archive-keyring-trixie.gpg",
		"9.x",
		"/usr/share/keyrings/proxmox-archive-keyring.gpg",
		"77c8b1166d15ce8350102ab1bca2fcbf",
		.sha256 = "136673be77aba35dcce385b28737689ad64fd785a797e57897589aed08db6e45",
		.fpr = {"24B30F06ECC1836A4E5EFECBA7BCD1420BFE778E",
			"F4E136C67CDCE41AE6DE6FC81140AF8F639E0C39"},
	},
	{0},
};

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is(const char *want, const char *text)
{
	return want && *text && strcmp(want, text) == 0;
}

const struct repo_published *repo_published_match(struct pve_span bytes)
{
	char sha512[PVE_DIGEST_TEXT] = "", sha256[PVE_DIGEST_TEXT] = "";

	/* None of them is armored either; hashing is what takes the time. */
	if (bytes.len > PUBLISHED_MAX || !bytes.len || *bytes.p == '-')
		return NULL;
	pve_digest(PVE_DIGEST_SHA512, bytes, sha512, NULL);
	pve_digest(PVE_DIGEST_SHA256, bytes, sha256, NULL);
	for (const struct repo_published *p = repo_published; p->file; p++)
		if (is(p->sha512, sha512) || is(p->sha256, sha256))
			return p;
	return NULL;
}

const struct repo_published *repo_published_named(const char *path)
{
	for (const struct repo_published *p = repo_published; p->file; p++)
		if (strcmp(base(path), p->file) == 0 || strcmp(base(path), base(p->dest)) == 0)
			return p;
	return NULL;
}

int repo_published_has(const struct repo_published *p, const char *fpr)
{
	for (int i = 0; i < 2; i++)
		if (p->fpr[i] && strcmp(p->fpr[i], fpr) == 0)
			return 1;
	return 0;
}

int repo_published_check(const char *path, struct pve_span bytes, struct pve_err *e)
{
	const struct repo_published *p = repo_published_named(path);
	enum pve_digest_kind kind = p && p->sha512 ? PVE_DIGEST_SHA512 : PVE_DIGEST_SHA256;
	const char *want = p ? (p->sha512 ? p->sha512 : p->sha256) : NULL;
	char text[PVE_DIGEST_TEXT];

	if (!p)
		return 0;
	if (pve_digest(kind, bytes, text, e) < 0)
		return -1;
	if (strcmp(text, want) == 0)
		return 0;
	return pve_err_set(e, PVE_DATA,
			   "%s: is not the %s that Proxmox published: its %s is %s, and should be "
			   "%s; fetch it again",
			   path, p->file, p->sha512 ? "sha512" : "sha256", text, want);
}
