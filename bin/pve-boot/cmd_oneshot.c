/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oneshot.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bls.h"
#include "calls.h"
#include "efivars.h"
#include "grub.h"
#include "install.h"
#include "leftovers.h"
#include "pvecommon/fs.h"
#include "pveio/mnt.h"
#include "pveio/vfat.h"

#define ONE_SHOT EFIVARS "/LoaderEntryOneShot-" EFI_LOADER
#define ENTRIES "loader/entries"
#define TEXT_MAX (1u << 20) /* bytes of a small file that is believed */

/* --- planning ----------------------------------------------------------------------------------- */

struct work {
	struct pve_plan *plan;
	struct pve_sys *sys;
	const char *version, *pin;
	struct esp_list list;
	struct pve_err *e;
};

static void plan_call(struct work *w, const char *what, const char *const *argv,
		      const char *const *undo)
{
	if (w->version)
		pve_plan_call(w->plan, what, argv, undo, "%s is started next, and only once",
			      w->version);
	else
		pve_plan_call(w->plan, what, argv, undo, "no kernel is chosen for the next start");
}

static int plan_grub(struct work *w, struct esp *esp)
{
	const struct esp_node *node = esp_find(&esp->tree, BOOT_GRUBENV);
	PVE_FREE char *want = w->version ? pve_asprintf("proxmox-%s", w->version) : pve_strdup("");
	PVE_FREE char *what = pve_asprintf("set next_entry on ESP %s", esp->uuid);
	PVE_FREE char *was = NULL;
	PVE_BUF text = {0};
	struct pve_span is;

	if (node && esp_read(&esp->tree, node, TEXT_MAX, &text, w->e) < 0)
		return -1;
	is = boot_grubenv_get((struct pve_span){pve_buf_str(&text), text.len}, "next_entry");
	was = pve_strndup(is.p ? is.p : "", is.len);
	if (strcmp(was, want) != 0)
		plan_call(w, what, (const char *const[]){"grubenv", esp->uuid, want, NULL},
			  (const char *const[]){"grubenv", esp->uuid, was, NULL});
	return 0;
}

/* That of the version as it is called on this ESP, where its name may have a counter. */
static const char *entry_name(struct esp *esp, const char *version, struct pve_arena *mem)
{
	const struct esp_node *dir = esp_find(&esp->tree, ENTRIES), *node = NULL;

	while (dir && (node = esp_child(&esp->tree, dir, node)))
		if (bls_entry_is(node->name, version))
			return node->name;
	return pve_arena_printf(mem, "proxmox-%s.conf", version);
}

static void plan_variable(struct work *w, const struct efivars *v, struct esp *first)
{
	struct pve_arena mem = {0};
	const char *want = w->version ? entry_name(first, w->version, &mem) : "";

	if (strcmp(v->one_shot, want) != 0)
		plan_call(w, "set LoaderEntryOneShot", (const char *const[]){"one-shot", want, NULL},
			  (const char *const[]){"one-shot", v->one_shot, NULL});
	pve_arena_done(&mem);
}

static int plan_entry(struct work *w, struct esp *esp)
{
	const char *version = w->version ? w->version : "", *pin = w->pin ? w->pin : "";
	PVE_FREE char *what = pve_asprintf("%s an entry for one attempt on ESP %s",
					   w->version ? "make" : "remove", esp->uuid);

	if (w->version && !esp_findf(&esp->tree, ENTRIES "/%s",
				     entry_name(esp, w->version, &esp->tree.mem)))
		return pve_err_set(w->e, PVE_FAILED,
				   "%s is not on ESP %s yet: pve-boot refresh --kernel %s, then again",
				   w->version, esp->uuid, w->version);
	if (w->version || boot_oneshot_has_entry(&esp->tree))
		plan_call(w, what,
			  (const char *const[]){"try-once", esp->uuid, version, pin, NULL},
			  (const char *const[]){"try-once", esp->uuid, "", pin, NULL});
	return 0;
}

static int plan_systemd(struct work *w)
{
	struct efivars v;
	struct esp *first = NULL;
	bool works;
	int ret = 0;

	efivars_read(&v, w->sys);
	works = v.efi && v.readable && boot_variables_work(w->sys);
	for (size_t i = 0; i < w->list.n && ret == 0; i++) {
		struct esp *esp = &w->list.v[i];

		if (esp->err.code || esp_mode(&esp->tree) != ESP_MODE_SYSTEMD)
			continue;
		first = first ? first : esp;
		if (!works || !w->version)
			ret = plan_entry(w, esp);
	}
	if (ret == 0 && first && works)
		plan_variable(w, &v, first);
	efivars_done(&v);
	return ret;
}

int boot_oneshot_plan(struct pve_plan *plan, struct pve_sys *sys, const char *version,
		      const char *pin, struct pve_err *e)
{
	struct work w = {.plan = plan, .sys = sys, .version = version, .pin = pin, .e = e};
	int ret = esp_list_read(&w.list, sys, e);

	if (ret == 0)
		esp_list_open(&w.list, sys);
	for (size_t i = 0; i < w.list.n && ret == 0; i++)
		if (!w.list.v[i].err.code && esp_mode(&w.list.v[i].tree) == ESP_MODE_GRUB)
			ret = plan_grub(&w, &w.list.v[i]);
	if (ret == 0)
		ret = plan_systemd(&w);
	esp_list_done(&w.list);
	return ret;
}

/* --- the EFI variable --------------------------------------------------------------------------- */

/* efivarfs protects what the kernel does not know from rm (FS_IOC_SETFLAGS, ioctl_iflags(2)). */
static void unprotect(const char *path)
{
	PVE_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	int flags = 0;

	if (fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL)) {
		flags &= ~FS_IMMUTABLE_FL;
		(void)ioctl(fd, FS_IOC_SETFLAGS, &flags);
	}
}

/* one-shot ENTRY: the whole variable in one write, as efivarfs wants it: attributes (kept over a
 * restart, seen by loader and system), then UTF-16 with its end. */
int boot_call_one_shot(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	static const char attributes[4] = {7, 0, 0, 0};
	PVE_BUF bytes = {0};
	PVE_CLOSE int fd = -1;

	(void)sys;
	(void)data;
	unprotect(ONE_SHOT);
	if (!*args[1]) {
		if (unlink(ONE_SHOT) < 0 && errno != ENOENT)
			return pve_err_sys(e, errno, "removing LoaderEntryOneShot");
		return 0;
	}
	pve_buf_add(&bytes, attributes, sizeof(attributes));
	for (const char *p = args[1];; p++) {
		pve_buf_putc(&bytes, *p);
		pve_buf_putc(&bytes, 0);
		if (!*p)
			break;
	}
	fd = open(ONE_SHOT, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len)
		return pve_err_sys(e, errno, "writing LoaderEntryOneShot");
	return 0;
}

/* --- on an ESP ---------------------------------------------------------------------------------- */

/* An ESP of the list as it is mounted for a moment. */
struct mounted {
	struct esp_tree tree;
	struct pve_mnt mnt;
	int dir;
	struct pve_vfat v;
};

static void leave(struct mounted *m)
{
	pve_mnt_done(&m->mnt);
	if (m->dir >= 0)
		close(m->dir);
	esp_close(&m->tree);
}

static int enter(struct mounted *m, struct pve_sys *sys, const char *uuid, struct pve_err *e)
{
	PVE_FREE char *path = pve_asprintf(ESP_BY_UUID "/%s", uuid);
	PVE_CLOSE int fd = -1;
	PVE_STRV asides = {0};

	*m = (struct mounted){.mnt = {-1, -1, -1}, .dir = -1};
	if (boot_leftovers_find(sys, path, &asides, e) < 0 || esp_open(&m->tree, sys, path, e) < 0)
		return -1;
	if (m->tree.kind == ESP_DIR) {
		m->dir = pve_fs_open(sys, path, O_RDONLY | O_DIRECTORY, 0, e);
	} else {
		fd = pve_fs_open(sys, path, O_RDWR, 0, e);
		if (fd < 0 || pve_mnt_vfat(&m->mnt, fd, m->tree.device, e) < 0)
			return -1;
	}
	m->v = (struct pve_vfat){sys, m->dir >= 0 ? m->dir : m->mnt.top, m->tree.device};
	return m->v.top < 0 ? -1 : boot_leftovers_remove(&m->v, &asides, e);
}

static int read_node(struct mounted *m, const char *path, struct pve_buf *text, struct pve_err *e)
{
	const struct esp_node *node = esp_find(&m->tree, path);

	return node ? esp_read(&m->tree, node, TEXT_MAX, text, e) : 0;
}

static int set_grubenv(struct mounted *m, const char *value, struct pve_err *e)
{
	PVE_BUF was = {0}, now = {0};

	if (read_node(m, BOOT_GRUBENV, &was, e) < 0 ||
	    boot_grubenv_set((struct pve_span){pve_buf_str(&was), was.len}, "next_entry",
			     *value ? value : NULL, &now, e) < 0)
		return -1;
	if (was.len == now.len && memcmp(pve_buf_str(&was), now.data, now.len) == 0)
		return 0;
	return pve_vfat_write(&m->v, BOOT_GRUBENV, (struct pve_span){now.data, now.len}, e);
}

/* grubenv UUID VALUE */
int boot_call_grubenv(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct mounted m;
	int ret = enter(&m, sys, args[1], e);

	(void)data;
	if (ret == 0 && set_grubenv(&m, args[2], e) < 0)
		ret = pve_err_prefix(e, "ESP %s", args[1]);
	leave(&m);
	return ret;
}

static int remove_entries(struct mounted *m, struct pve_err *e)
{
	const struct esp_node *dir = esp_find(&m->tree, ENTRIES), *node = NULL;

	while (dir && (node = esp_child(&m->tree, dir, node)))
		if (boot_oneshot_is_entry(node->name) && pve_vfat_remove(&m->v, node->path, e) < 0)
			return -1;
	return 0;
}

/* With a pin the default is a pattern that matches the one entry and the pinned one. */
static int widen_default(struct mounted *m, const char *pin, struct pve_err *e)
{
	PVE_FREE char *value = pve_asprintf("proxmox-%s[.+]*conf", pin);
	PVE_BUF was = {0}, now = {0};

	if (!*pin)
		return 0;
	if (read_node(m, "loader/loader.conf", &was, e) < 0)
		return -1;
	bls_loader_set_default((struct pve_span){pve_buf_str(&was), was.len}, value, &now);
	return pve_vfat_write(&m->v, "loader/loader.conf", (struct pve_span){now.data, now.len}, e);
}

static int add_entry(struct mounted *m, const char *version, const char *pin, struct pve_err *e)
{
	const struct esp_node *dir = esp_find(&m->tree, ENTRIES), *node = NULL;
	PVE_FREE char *path = *pin ? pve_asprintf(ENTRIES "/proxmox-%s.next+1.conf", pin)
				   : pve_strdup(ENTRIES "/proxmox-next+1.conf");
	PVE_BUF was = {0}, text = {0};

	while (dir && (node = esp_child(&m->tree, dir, node)))
		if (bls_entry_is(node->name, version))
			break;
	if (!node)
		return pve_err_set(e, PVE_FAILED, "%s is not in its menu", version);
	if (esp_read(&m->tree, node, TEXT_MAX, &was, e) < 0)
		return -1;
	boot_oneshot_entry((struct pve_span){pve_buf_str(&was), was.len}, &text);
	if (pve_vfat_write(&m->v, path, (struct pve_span){text.data, text.len}, e) < 0)
		return -1;
	return widen_default(m, pin, e);
}

/* try-once UUID VERSION PIN; VERSION "": no more */
int boot_call_try_once(struct pve_sys *sys, const char *const *args, void *data, struct pve_err *e)
{
	struct mounted m;
	int ret = enter(&m, sys, args[1], e);

	(void)data;
	if (ret == 0)
		ret = remove_entries(&m, e);
	if (ret == 0 && *args[2])
		ret = add_entry(&m, args[2], args[3], e);
	if (ret < 0)
		pve_err_prefix(e, "ESP %s", args[1]);
	leave(&m);
	return ret;
}
