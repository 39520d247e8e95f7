/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loader of an ESP shows: entries and loader.conf of systemd-boot, the menu of GRUB. */
#include <stdlib.h>
#include <string.h>

#include "bls.h"
#include "grub.h"
#include "job.h"
#include "oneshot.h"
#include "pveio/digest.h"

#define LOADER_CONF "loader/loader.conf"
#define ENTRIES "loader/entries"

bool boot_job_will_have(const struct boot_job *j, const char *version)
{
	bool there = false;

	for (size_t i = 0; i < j->in.nhave; i++)
		there |= !j->have[i].other_layout && j->have[i].trust != SYNC_BROKEN &&
			 strcmp(j->have[i].version, version) == 0;
	for (size_t i = 0; i < j->plan.n; i++) {
		const struct sync_op *op = &j->plan.v[i];

		if (!op->version || op->other_layout || strcmp(op->version, version) != 0)
			continue;
		there = op->kind == SYNC_DROP
				? false
				: there || op->kind == SYNC_PLACE || op->kind == SYNC_SWAP;
	}
	return there;
}

/* The pinned version, when it can be booted.  B12: a default that is not there boots something
 * else, or nothing.  B4: what is pinned for the next boot is no default; oneshot.h has that. */
static const char *pin_of(struct boot_job *j, const struct boot_host *h)
{
	const char *pin = h->pin;

	if (!pin || boot_job_will_have(j, pin))
		return pin;
	free(j->warning);
	j->warning = pve_asprintf("%s is pinned, but is not on this ESP and cannot be copied to it, so "
				  "it is not made the default",
				  pin);
	return NULL;
}

void boot_job_unlist(struct boot_job *j, const char *path)
{
	const struct esp_node *node = esp_find(&j->esp->tree, path);
	struct manifest *m = &j->manifest;

	for (size_t i = m->n; node && i-- > 0;)
		if (esp_find_listed(&j->esp->tree, m->v[i].path) == node) {
			manifest_remove(m, m->v[i].path);
			j->manifest_changes = true;
		}
}

int boot_job_list_text(struct boot_job *j, const char *path, struct pve_span text, struct pve_err *e)
{
	struct manifest_file m = {.size = text.len, .path = path, .source = ""};
	char digest[PVE_DIGEST_TEXT];

	if (pve_digest(PVE_DIGEST_SHA256, text, digest, e) < 0)
		return -1;
	memcpy(m.sha256, digest, sizeof(m.sha256));
	boot_job_unlist(j, path);
	manifest_put(&j->manifest, &m);
	j->manifest_changes = true;
	return 0;
}

static bool is_listed(const struct boot_job *j, const struct esp_node *node)
{
	for (size_t i = 0; i < j->manifest.n; i++)
		if (j->manifest.v[i].size == node->size &&
		    esp_find_listed(&j->esp->tree, j->manifest.v[i].path) == node)
			return true;
	return false;
}

/* What is as it should be, while the manifest knows nothing of it, or something else: a run was
 * interrupted, or somebody else wrote it. */
static int list_unlisted(struct boot_job *j, const struct job_text *t)
{
	const struct esp_node *node = esp_find(&j->esp->tree, t->path);

	if (t->changes || !node || (is_listed(j, node) && !pve_strv_has(&j->changed, t->path)))
		return 0;
	return boot_job_list_text(j, t->path, (struct pve_span){pve_buf_str(&t->text), t->text.len},
				  &j->err);
}

/* --- systemd-boot -------------------------------------------------------------------------- */

static const struct esp_node *entry_node(const struct boot_job *j, const char *version)
{
	for (size_t i = 0; i < j->kernels.n; i++)
		if (j->kernels.v[i].layout == ESP_MODE_SYSTEMD && j->kernels.v[i].entry &&
		    strcmp(j->kernels.v[i].version, version) == 0)
			return j->kernels.v[i].entry;
	return esp_findf(&j->esp->tree, ENTRIES "/proxmox-%s.conf", version);
}

static int make_entry(struct boot_job *j, const struct boot_host *h, struct job_text *entry,
		      const char *version)
{
	const struct esp_node *node = entry_node(j, version);
	struct job_paths p = boot_job_paths(&j->mem, ESP_MODE_SYSTEMD, version);
	const char *image = pve_arena_printf(&j->mem, "/%s", p.image);
	const char *initrd = pve_arena_printf(&j->mem, "/%s", p.initrd);
	struct bls_entry want = {pve_span(h->title), pve_span(version),
				 {h->cmdline.data, h->cmdline.len}, pve_span(image), pve_span(initrd)};
	PVE_BUF was = {0};

	entry->version = version;
	entry->path = node ? pve_strdup(node->path)
			   : pve_asprintf(ENTRIES "/proxmox-%s.conf", version);
	if (node && esp_read(&j->esp->tree, node, BOOT_TEXT_MAX, &was, &j->err) < 0)
		return -1;
	bls_entry_format(&want, (struct pve_span){was.data, was.len}, &entry->text);
	entry->changes = !node || was.len != entry->text.len ||
			 memcmp(was.data, entry->text.data, was.len) != 0;
	return 0;
}

static int make_entries(struct boot_job *j, const struct boot_host *h)
{
	const struct pve_strv *twins = &j->plan.twins;

	j->entry = pve_calloc(h->nkernels + twins->n + 1, sizeof(*j->entry));
	for (size_t i = 0; i < h->nkernels + twins->n; i++)
		if (make_entry(j, h, &j->entry[j->nentries++],
			       i < h->nkernels ? h->kernel[i].version : twins->v[i - h->nkernels]) < 0)
			return -1;
	return 0;
}

/* An entry is written when its kernel comes; one whose kernel stays, when it changes.  Those of twins
 * come behind, and do not stay. */
static void settle_entries(struct boot_job *j, const struct boot_host *h)
{
	for (size_t i = 0; i < h->nkernels; i++)
		j->entry[i].changes &= boot_job_will_have(j, j->entry[i].version);
}

static int make_loader(struct boot_job *j, const struct boot_host *h)
{
	const char *pin = pin_of(j, h);
	const struct esp_node *entry = pin ? entry_node(j, pin) : NULL;
	char value[256];
	PVE_BUF was = {0};
	struct pve_span text;
	bool there, counted;

	j->loader.path = pve_strdup(LOADER_CONF);
	if (boot_job_read_small(j, LOADER_CONF, &was, &there) < 0)
		return -1;
	text = there ? (struct pve_span){was.data, was.len} : pve_span(BLS_LOADER_NEW);
	counted = (entry && bls_entry_counts(entry->name)) || boot_oneshot_has_entry(&j->esp->tree);
	j->loader.changes = bls_loader_want(text, pin, counted, value, sizeof(value));
	if (j->loader.changes)
		bls_loader_set_default(text, value, &j->loader.text);
	else
		pve_buf_span(&j->loader.text, text);
	j->loader.changes |= !there;
	return 0;
}

int boot_job_make_entries(struct boot_job *j, const struct boot_host *h)
{
	if (make_entries(j, h) < 0)
		return -1;
	/* That loader.conf is there says that the loader is. */
	if (j->beside)
		j->loader.path = pve_strdup(LOADER_CONF);
	else if (make_loader(j, h) < 0)
		return -1;
	for (size_t i = 0; i < j->nentries; i++)
		if (list_unlisted(j, &j->entry[i]) < 0)
			return -1;
	settle_entries(j, h);
	return 0;
}

/* --- GRUB ---------------------------------------------------------------------------------- */

int boot_job_menu(struct boot_job *j, const struct boot_host *h, size_t i, struct pve_buf *out,
		  struct pve_err *e)
{
	const struct pve_strv *twins = &j->plan.twins;
	PVE_FREE const char **versions =
		pve_calloc(h->nkernels + twins->n + j->in.nhave + 1, sizeof(*versions));
	const char *pin = pin_of(j, h);
	struct boot_grub grub = {.title = h->title, .cmdline = pve_buf_str(&h->grub_cmdline),
				 .versions = versions, .pin = pin, .settings = &h->grub,
				 .serial = j->esp->tree.kind == ESP_DIR ? NULL : j->esp->uuid};

	for (size_t k = 0; k < h->nkernels; k++)
		if (sync_menu_has(&j->plan, &j->in, i, h->kernel[k].version))
			versions[grub.n++] = h->kernel[k].version;
	for (size_t k = 0; k < twins->n; k++)
		if (sync_menu_has(&j->plan, &j->in, i, twins->v[k]))
			versions[grub.n++] = twins->v[k];
	for (size_t k = 0; k < j->in.nhave; k++)
		if (!j->have[k].other_layout && !boot_kernel_find((struct boot_host *)h, j->have[k].version) &&
		    sync_menu_has(&j->plan, &j->in, i, j->have[k].version))
			versions[grub.n++] = j->have[k].version;
	/* For a moment that is right, when what was there was damaged and had to go first. */
	if (!grub.n && i == SIZE_MAX)
		return pve_err_set(e, PVE_FAILED, "the menu would have no kernel");
	boot_grub_cfg(&grub, out);
	return 0;
}

/* GRUB: the menu at the end of the plan, beside what it is. */
int boot_job_make_menu(struct boot_job *j, const struct boot_host *h, struct pve_span was)
{
	j->loader.path = pve_strdup(BOOT_GRUB_CFG);
	if (boot_job_menu(j, h, SIZE_MAX, &j->loader.text, &j->err) < 0)
		return -1;
	j->loader.changes = j->loader.text.len != was.len ||
			    memcmp(j->loader.text.data, was.p, was.len) != 0;
	return list_unlisted(j, &j->loader);
}
