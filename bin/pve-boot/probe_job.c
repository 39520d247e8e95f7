/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is on an ESP beside what should be: everything is read, nothing is mounted or written. */
#include <stdlib.h>
#include <string.h>

#include "bls.h"
#include "grub.h"
#include "job.h"
#include "oneshot.h"
#include "pveio/digest.h"

#define TEXT_MAX (1u << 20)  /* bytes of a menu or entry that is believed */
#define LOADER_CONF "loader/loader.conf"
#define ENTRIES "loader/entries"
#define SMALL_FILES 8        /* clusters for files that are replaced, and directories that grow */

struct job_paths boot_job_paths(struct pve_arena *mem, enum esp_mode layout, const char *version)
{
	struct job_paths p = {0};
	const char *slash = "";

	if (layout == ESP_MODE_SYSTEMD) {
		p.dir = pve_arena_printf(mem, "EFI/proxmox/%s", version);
		slash = "/";
	}
	p.image = pve_arena_printf(mem, "%s%svmlinuz-%s", p.dir ? p.dir : "", slash, version);
	p.initrd = pve_arena_printf(mem, "%s%sinitrd.img-%s", p.dir ? p.dir : "", slash, version);
	return p;
}

/* --- reading -------------------------------------------------------------------------------- */

/* The text of a small file; an empty one when there is none. */
static int read_small(struct boot_job *j, const char *path, struct pve_buf *text, bool *there)
{
	const struct esp_node *node = esp_find(&j->esp->tree, path);

	*there = node && !node->dir;
	return *there ? esp_read(&j->esp->tree, node, TEXT_MAX, text, &j->err) : 0;
}

/* A manifest that is cut or damaged is none: then contents are compared. */
static int read_manifest(struct boot_job *j)
{
	struct pve_diags d = {0};
	PVE_BUF text = {0};
	bool there;

	if (read_small(j, MANIFEST_PATH, &text, &there) < 0)
		return -1;
	if (there && manifest_parse(&j->manifest, (struct pve_span){text.data, text.len},
				    MANIFEST_PATH, &d) < 0) {
		manifest_done(&j->manifest);
		j->manifest_changes = true;
	}
	pve_diags_done(&d);
	return 0;
}

struct hashing {
	struct pve_digest *digest;
};

static int hash_piece(void *data, struct pve_span piece, struct pve_err *e)
{
	struct hashing *h = data;

	return pve_digest_add(h->digest, piece, e);
}

static int hash_node(struct boot_job *j, const struct esp_node *node, char sha256[MANIFEST_SHA256])
{
	struct hashing h = {pve_digest_new(PVE_DIGEST_SHA256, &j->err)};
	char text[PVE_DIGEST_TEXT];
	int ret = -1;

	if (h.digest && esp_stream(&j->esp->tree, node, hash_piece, &h, &j->err) == 0)
		ret = pve_digest_end(h.digest, text, &j->err);
	if (ret == 0)
		memcpy(sha256, text, MANIFEST_SHA256);
	pve_digest_free(h.digest);
	return ret;
}

/* --- what is there ----------------------------------------------------------------------------- */

/* Has a file the bytes that were once written?  By its size here: content is verify's business,
 * and everything that replaces it through the kernel changes source or size. */
static const struct manifest_file *known(const struct boot_job *j, const struct esp_node *node)
{
	const struct manifest_file *m = node ? manifest_find(&j->manifest, node->path) : NULL;

	return m && m->size == node->size ? m : NULL;
}

static enum sync_trust trust_of(const struct boot_job *j, const struct esp_kernel *k)
{
	if (!k->image || !k->initrd || !k->image->size || !k->initrd->size)
		return SYNC_BROKEN;
	if (known(j, k->image) && known(j, k->initrd))
		return SYNC_VERIFIED;
	if (manifest_find(&j->manifest, k->image->path) ||
	    manifest_find(&j->manifest, k->initrd->path))
		return SYNC_BROKEN;
	return SYNC_COMPLETE;
}

static void remember(struct boot_job *j, const struct esp_node *node, const struct boot_file *f)
{
	struct manifest_file m = {.size = node->size, .mtime = f->mtime, .ctime = f->ctime,
				  .inode = f->inode, .path = node->path, .source = f->path};

	memcpy(m.sha256, f->sha256, sizeof(m.sha256));
	manifest_put(&j->manifest, &m);
	j->manifest_changes = true;
}

/* Has a file of the ESP the content of that of /boot?  1, 0, -1.  By the manifest when the source
 * has not changed since; else by digest, which the manifest then gets. */
static int is_same(struct boot_job *j, struct boot_host *h, const struct esp_node *node,
		   struct boot_file *f)
{
	const struct manifest_file *m = known(j, node);
	char sha256[MANIFEST_SHA256];

	if (!node || !f->there || node->size != f->size)
		return 0;
	if (boot_file_unchanged(f, m))
		return 1;
	if (boot_file_digest(h, f, &j->err) < 0)
		return -1;
	if (m)
		memcpy(sha256, m->sha256, sizeof(sha256));
	else if (hash_node(j, node, sha256) < 0)
		return -1;
	if (strcmp(sha256, f->sha256) != 0)
		return 0;
	remember(j, node, f);
	return 1;
}

static int compare(struct boot_job *j, struct boot_host *h, const struct esp_kernel *k,
		   struct sync_have *have)
{
	struct boot_kernel *wanted = boot_kernel_find(h, k->version);
	int image, initrd;

	if (!wanted || have->other_layout)
		return 0;
	image = is_same(j, h, k->image, &wanted->image);
	initrd = image < 0 ? -1 : is_same(j, h, k->initrd, &wanted->initrd);
	if (initrd < 0)
		return -1;
	have->same = (image ? SYNC_IMAGE : 0u) | (initrd ? SYNC_INITRD : 0u);
	if (have->same == SYNC_BOTH && have->trust != SYNC_BROKEN)
		have->trust = SYNC_VERIFIED;
	return 0;
}

static uint64_t allocated(const struct esp_node *node)
{
	return node ? node->allocated : 0;
}

/* A directory with files of others in it stays. */
static bool is_ours_alone(const struct esp_tree *t, const struct esp_node *dir,
			  const struct esp_kernel *k)
{
	for (const struct esp_node *c = esp_child(t, dir, NULL); c; c = esp_child(t, dir, c))
		if (c != k->image && c != k->initrd)
			return false;
	return true;
}

static int look_at_pairs(struct boot_job *j, struct boot_host *h, struct pve_span menu)
{
	struct esp_tree *t = &j->esp->tree;

	esp_kernels_find(&j->kernels, t);
	j->have = pve_calloc(j->kernels.n + 1, sizeof(*j->have));
	for (size_t i = 0; i < j->kernels.n; i++) {
		const struct esp_kernel *k = &j->kernels.v[i];
		const struct esp_node *dir = k->layout == ESP_MODE_SYSTEMD
						     ? esp_findf(t, "EFI/proxmox/%s", k->version)
						     : NULL;

		j->have[i] = (struct sync_have){
			.version = k->version,
			.other_layout = k->layout != j->mode,
			.offered = j->mode == ESP_MODE_GRUB ? boot_grub_has(menu, k->version)
							    : k->entry != NULL,
			.trust = trust_of(j, k),
			.image = allocated(k->image),
			.initrd = allocated(k->initrd),
			.dir = dir && is_ours_alone(t, dir, k) ? dir->allocated : 0,
		};
		if (compare(j, h, k, &j->have[i]) < 0)
			return -1;
	}
	j->in.have = j->have;
	j->in.nhave = j->kernels.n;
	return 0;
}

/* --- what should be there ----------------------------------------------------------------------- */

static uint64_t clusters(const struct boot_job *j, uint64_t bytes)
{
	uint64_t c = j->esp->tree.cluster_size;

	return (bytes + c - 1) / c * c;
}

/* Bytes of a directory of two files: 32 for each 13 characters of a name, for its short name, and
 * for "." and ".." */
static uint64_t dir_bytes(const struct boot_job *j, const char *version)
{
	size_t slots = 2 + 2 * (1 + (strlen(version) + strlen("initrd.img-") + 12) / 13);

	return clusters(j, slots * 32);
}

/* Is there a pair that would do, should that of /boot be no good? */
static void want_kernels(struct boot_job *j, struct boot_host *h)
{
	j->want = pve_calloc(h->nkernels + 1, sizeof(*j->want));
	for (size_t i = 0; i < h->nkernels; i++) {
		struct boot_kernel *k = &h->kernel[i];
		bool needed = true;

		for (size_t n = 0; n < j->in.nhave; n++)
			needed &= j->have[n].other_layout || j->have[n].same != SYNC_BOTH ||
				  strcmp(j->have[n].version, k->version) != 0;
		/* Only what is to be copied has to be looked into. */
		if (needed)
			boot_kernel_check(h, k);
		j->want[i] = (struct sync_want){
			.version = k->version,
			.image = clusters(j, k->image.size),
			.initrd = clusters(j, k->initrd.size),
			.dir = j->mode == ESP_MODE_SYSTEMD ? dir_bytes(j, k->version) : 0,
			.spare = k->spare,
			.unusable = needed && k->bad,
		};
	}
	j->in.want = j->want;
	j->in.nwant = h->nkernels;
	j->in.menu = j->in.split = j->mode == ESP_MODE_GRUB;
}

/* Will the version be on the ESP when the plan is done? */
static bool will_be(const struct boot_job *j, const char *version)
{
	bool there = false;

	for (size_t i = 0; i < j->in.nhave; i++)
		there |= !j->have[i].other_layout && j->have[i].trust != SYNC_BROKEN &&
			 strcmp(j->have[i].version, version) == 0;
	for (size_t i = 0; i < j->plan.n; i++) {
		const struct sync_op *op = &j->plan.v[i];

		if (!op->version || op->other_layout || strcmp(op->version, version) != 0)
			continue;
		there = op->kind == SYNC_DROP ? false : there || op->kind == SYNC_PLACE;
	}
	return there;
}

/* The pinned version, when it can be booted.  B12: a default that is not there boots something
 * else, or nothing.  B4: what is pinned for the next boot is no default; oneshot.h has that. */
static const char *pin_of(struct boot_job *j, const struct boot_host *h)
{
	const char *pin = h->pin;

	if (!pin || will_be(j, pin))
		return pin;
	free(j->warning);
	j->warning = pve_asprintf("%s is pinned, but is not on this ESP and cannot be copied to it, so "
				  "it is not made the default",
				  pin);
	return NULL;
}

/* --- small files -------------------------------------------------------------------------------- */

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
	if (node && esp_read(&j->esp->tree, node, TEXT_MAX, &was, &j->err) < 0)
		return -1;
	bls_entry_format(&want, (struct pve_span){was.data, was.len}, &entry->text);
	entry->changes = !node || was.len != entry->text.len ||
			 memcmp(was.data, entry->text.data, was.len) != 0;
	return 0;
}

static int make_entries(struct boot_job *j, const struct boot_host *h)
{
	j->entry = pve_calloc(h->nkernels + 1, sizeof(*j->entry));
	for (; j->nentries < h->nkernels; j->nentries++)
		if (make_entry(j, h, &j->entry[j->nentries], h->kernel[j->nentries].version) < 0) {
			j->nentries++;
			return -1;
		}
	return 0;
}

/* An entry is written when its kernel comes; one whose kernel stays, when it changes. */
static void settle_entries(struct boot_job *j)
{
	for (size_t i = 0; i < j->nentries; i++)
		j->entry[i].changes &= will_be(j, j->entry[i].version);
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
	if (read_small(j, LOADER_CONF, &was, &there) < 0)
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

int boot_job_menu(struct boot_job *j, const struct boot_host *h, size_t i, struct pve_buf *out,
		  struct pve_err *e)
{
	PVE_FREE const char **versions = pve_calloc(h->nkernels + j->in.nhave + 1, sizeof(*versions));
	const char *pin = pin_of(j, h);
	struct boot_grub grub = {.title = h->title, .cmdline = pve_buf_str(&h->grub_cmdline),
				 .versions = versions, .pin = pin, .settings = &h->grub,
				 .serial = j->esp->tree.kind == ESP_DIR ? NULL : j->esp->uuid};

	for (size_t k = 0; k < h->nkernels; k++)
		if (sync_menu_has(&j->plan, &j->in, i, h->kernel[k].version))
			versions[grub.n++] = h->kernel[k].version;
	for (size_t k = 0; k < j->in.nhave; k++)
		if (!j->have[k].other_layout && !boot_kernel_find((struct boot_host *)h, j->have[k].version) &&
		    sync_menu_has(&j->plan, &j->in, i, j->have[k].version))
			versions[grub.n++] = j->have[k].version;
	if (!grub.n)
		return pve_err_set(e, PVE_FAILED, "the menu would have no kernel");
	boot_grub_cfg(&grub, out);
	return 0;
}

/* GRUB: the menu at the end of the plan, beside what it is. */
static int make_menu(struct boot_job *j, const struct boot_host *h, struct pve_span was)
{
	j->loader.path = pve_strdup(BOOT_GRUB_CFG);
	if (boot_job_menu(j, h, SIZE_MAX, &j->loader.text, &j->err) < 0)
		return -1;
	j->loader.changes = j->loader.text.len != was.len ||
			    memcmp(j->loader.text.data, was.p, was.len) != 0;
	return 0;
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* Free space is counted, which reads the whole table, only when something is to be written.  What
 * is found damaged then may have to go first: no plan is made. */
static int plan_with_space(struct boot_job *j)
{
	uint64_t known_free = j->in.free;

	if (!j->checked) {
		j->in.free = UINT64_MAX / 4;
		if (sync_plan(&j->plan, &j->in, &j->err) < 0)
			return -1;
		if (!j->plan.n)
			return 0;
		sync_plan_done(&j->plan);
		j->in.free = known_free;
		if (boot_job_look_at_damage(j, true) < 0)
			return -1;
	}
	return j->names.n ? 0 : sync_plan(&j->plan, &j->in, &j->err);
}

static int job_plan(struct boot_job *j, struct boot_host *h)
{
	PVE_BUF menu = {0};
	struct pve_span was;
	bool there;

	if (j->esp->err.code) {
		j->err = j->esp->err;
		return -1;
	}
	j->mode = esp_mode(&j->esp->tree);
	if (j->mode == ESP_MODE_NONE)
		return pve_err_set(&j->err, PVE_FAILED,
				   "no loader is on it yet; pve-boot init %s puts one there",
				   j->esp->tree.path);
	j->err = j->mode == ESP_MODE_GRUB ? h->grub_err : h->cmdline_err;
	if (j->err.code)
		return -1;
	if (boot_job_look_at_leftovers(j) < 0)
		return -1;
	if (j->names.n)
		return 0;
	if (read_manifest(j) < 0 ||
	    (j->mode == ESP_MODE_GRUB && read_small(j, BOOT_GRUB_CFG, &menu, &there) < 0))
		return -1;
	was = (struct pve_span){pve_buf_str(&menu), menu.len};
	if (look_at_pairs(j, h, was) < 0)
		return -1;
	want_kernels(j, h);
	j->in.reserve = (h->nkernels + SMALL_FILES) * j->esp->tree.cluster_size + clusters(j, 2 * menu.len);
	if (plan_with_space(j) < 0)
		return -1;
	if (j->names.n)
		return 0;
	if (j->mode == ESP_MODE_GRUB)
		return make_menu(j, h, was);
	if (make_entries(j, h) < 0 || make_loader(j, h) < 0)
		return -1;
	settle_entries(j);
	return 0;
}

void boot_job_plan(struct boot_job *j, struct boot_host *h, struct esp *esp, bool evict)
{
	j->esp = esp;
	j->in.evict = evict;
	if (job_plan(j, h) < 0)
		sync_plan_done(&j->plan);
}

bool boot_job_any(const struct boot_job *j)
{
	bool any = j->plan.n || j->manifest_changes || j->loader.changes || j->asides.n || j->names.n;

	for (size_t i = 0; i < j->nentries; i++)
		any |= j->entry[i].changes;
	return any && !j->err.code;
}

uint64_t boot_job_bytes(const struct boot_job *j)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < j->plan.n; i++)
		if (j->plan.v[i].kind == SYNC_COPY)
			bytes += j->plan.v[i].bytes;
	return bytes;
}

static void text_done(struct job_text *t)
{
	free(t->path);
	pve_buf_done(&t->text);
}

void boot_job_done(struct boot_job *j)
{
	esp_kernels_done(&j->kernels);
	manifest_done(&j->manifest);
	sync_plan_done(&j->plan);
	for (size_t i = 0; i < j->nentries; i++)
		text_done(&j->entry[i]);
	free(j->entry);
	text_done(&j->loader);
	free(j->have);
	free(j->want);
	free(j->warning);
	pve_strv_done(&j->asides);
	pve_strv_done(&j->names);
	pve_arena_done(&j->mem);
	*j = (struct boot_job){0};
}
