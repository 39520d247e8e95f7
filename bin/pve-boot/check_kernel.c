/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about kernels: in /boot, on the ESPs, and those that are pinned. */
#include "check.h"

#include <inttypes.h>
#include <strings.h>

#include "kernels.h"
#include "select.h"

#define DAY 86400
#define PIN_OLD_DAYS 30 /* after which a pin may be forgotten */

const struct check_kernel *check_find_kernel(const struct check_facts *f, const char *version)
{
	for (size_t i = 0; i < f->nkernels; i++)
		if (strcmp(f->kernel[i].version, version) == 0)
			return &f->kernel[i];
	return NULL;
}

const struct esp_kernel *check_find_pair(const struct check_esp *e, const char *version)
{
	enum esp_mode mode = esp_mode(&e->esp->tree);

	for (size_t i = 0; i < e->kernels.n; i++) {
		const struct esp_kernel *k = &e->kernels.v[i];

		if (k->layout == mode && k->image && k->initrd &&
		    strcasecmp(k->version, version) == 0)
			return k;
	}
	return NULL;
}

__attribute__((format(printf, 5, 6))) static void add(struct pve_findings *found,
						      enum pve_finding_severity severity,
						      const char *code, const char *object,
						      const char *fmt, ...)
{
	PVE_FREE char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	message = pve_vasprintf(fmt, ap);
	va_end(ap);
	pve_finding_fix(pve_findings_add(found, severity, code, object, "%s", message),
			"pve-boot refresh");
}

/* The newest one of which both files are there. */
static const struct check_kernel *newest(const struct check_facts *f)
{
	for (size_t i = 0; i < f->nkernels; i++)
		if (f->kernel[i].has_image && f->kernel[i].has_initrd)
			return &f->kernel[i];
	return NULL;
}

/* What a refresh would bring, and cannot.  A pin has findings of its own. */
static void check_wanted(const struct check_facts *f, struct pve_findings *found)
{
	struct pve_span pin = boot_pin_parse((struct pve_span){f->pin.text.data, f->pin.text.len});

	for (size_t i = 0; i < f->want.n; i++) {
		const char *version = f->want.v[i];
		PVE_FREE char *image = pve_asprintf("/boot/vmlinuz-%s", version);

		if (!check_find_kernel(f, version) && !pve_span_eq(pin, version))
			pve_finding_fix(pve_findings_add(found, PVE_F_WARNING, "BOOT-KERNEL-ABSENT",
							 image,
							 "is not there, though its kernel is "
							 "selected: every refresh fails for it"),
					"pve-boot kernel list");
	}
}

/* As long as one kernel can be started the host still boots. */
static enum pve_finding_severity severity_of_refusal(const struct check_facts *f)
{
	for (size_t i = 0; i < f->nkernels; i++)
		if (f->kernel[i].has_image && f->kernel[i].has_initrd && !f->kernel[i].refused)
			return PVE_F_WARNING;
	return PVE_F_CRITICAL;
}

static void check_boot(const struct check_facts *f, struct pve_findings *found)
{
	check_wanted(f, found);
	for (size_t i = 0; i < f->nkernels; i++) {
		const struct check_kernel *k = &f->kernel[i];
		PVE_FREE char *initrd = pve_asprintf("/boot/initrd.img-%s", k->version);
		PVE_FREE char *image = pve_asprintf("/boot/vmlinuz-%s", k->version);

		if (k->broken_image)
			pve_findings_add(found, PVE_F_CRITICAL, "BOOT-KERNEL-BROKEN", image, "%s",
					 k->broken_image);
		if (k->refused)
			pve_findings_add(found, severity_of_refusal(f), "BOOT-KERNEL-UNSIGNED", image,
					 "%s", k->refused);
		if (k->broken_initrd)
			pve_finding_fix(pve_findings_add(found, PVE_F_CRITICAL,
							 "BOOT-INITRD-BROKEN", initrd, "%s",
							 k->broken_initrd),
					"update-initramfs -u -k %s", k->version);
		if (k->has_image && !k->has_initrd)
			pve_finding_fix(pve_findings_add(found, PVE_F_WARNING,
							 "BOOT-INITRD-MISSING", initrd,
							 "is not there: its kernel gets to no ESP"),
					"update-initramfs -c -k %s", k->version);
	}
}

/* Is what the ESP has of another size than what the host has now? */
static bool is_stale(const struct check_kernel *host, const struct esp_kernel *k)
{
	return host && ((k->image && host->has_image && k->image->size != host->image_size) ||
			(k->initrd && host->has_initrd && k->initrd->size != host->initrd_size));
}

static void check_one(const struct check_facts *f, const struct check_esp *e,
		      const struct esp_kernel *k, struct pve_findings *found)
{
	const char *uuid = e->esp->uuid;

	if (k->layout != esp_mode(&e->esp->tree))
		add(found, PVE_F_INFO, "BOOT-KERNEL-INACTIVE", uuid,
		    "%s lies there for a loader that is not in use, and takes room", k->version);
	else if (!k->image || !k->initrd)
		add(found, PVE_F_WARNING, "BOOT-KERNEL-INCOMPLETE", uuid, "%s has no %s",
		    k->version, k->image ? "initial RAM disk" : "kernel");
	else if (k->layout == ESP_MODE_SYSTEMD && !k->entry)
		add(found, PVE_F_WARNING, "BOOT-KERNEL-NO-ENTRY", uuid,
		    "%s is there, but not in the loader's menu", k->version);
	else if ((k->image->size == 0) | (k->initrd->size == 0))
		add(found, PVE_F_CRITICAL, "BOOT-KERNEL-INCOMPLETE", uuid, "%s has an empty %s",
		    k->version, k->image->size ? "initial RAM disk" : "kernel");
	else if (is_stale(check_find_kernel(f, k->version), k))
		add(found, PVE_F_WARNING, "BOOT-KERNEL-STALE", uuid, "%s is not what /boot has now",
		    k->version);
}

/* Also half of it: that has a finding of its own. */
static bool is_there(const struct check_esp *e, const char *version)
{
	for (size_t i = 0; i < e->kernels.n; i++)
		if (e->kernels.v[i].layout == esp_mode(&e->esp->tree) &&
		    strcasecmp(e->kernels.v[i].version, version) == 0)
			return true;
	return false;
}

static size_t count_pairs(const struct check_esp *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->kernels.n; i++)
		n += check_find_pair(e, e->kernels.v[i].version) == &e->kernels.v[i];
	return n;
}

/* Each kernel that is selected and whole in /boot is on each ESP. */
static void check_missing(const struct check_facts *f, const struct check_esp *e,
			  struct pve_findings *found)
{
	const struct check_kernel *top = newest(f);

	for (size_t i = 0; i < f->want.n; i++) {
		const struct check_kernel *k = check_find_kernel(f, f->want.v[i]);

		if (k && k->has_initrd && !is_there(e, k->version))
			add(found, PVE_F_WARNING, "BOOT-KERNEL-MISSING", e->esp->uuid,
			    "%s, %s, is not there", k->version,
			    k == top ? "the newest in /boot" : "which is selected");
	}
}

static void check_on_esp(const struct check_facts *f, const struct check_esp *e, bool others,
			 struct pve_findings *found)
{
	for (size_t i = 0; i < e->kernels.n; i++)
		check_one(f, e, &e->kernels.v[i], found);
	if (esp_mode(&e->esp->tree) == ESP_MODE_NONE)
		return;
	if (!count_pairs(e))
		add(found, others ? PVE_F_WARNING : PVE_F_CRITICAL, "BOOT-ESP-NO-KERNEL",
		    e->esp->uuid, "there is no kernel that its loader could boot");
	else
		check_missing(f, e, found);
}

/* Is there a pair on another ESP? */
static bool others_boot(const struct check_facts *f, size_t but)
{
	for (size_t i = 0; i < f->list.n; i++)
		if (i != but && !f->list.v[i].err.code && count_pairs(&f->esp[i]))
			return true;
	return false;
}

/* A pin keeps newer kernels from booting, and from being noticed: say for how long. */
static void check_pin(const struct check_facts *f, struct pve_findings *found)
{
	struct pve_span v = boot_pin_parse((struct pve_span){f->pin.text.data, f->pin.text.len});
	PVE_FREE char *version = pve_strndup(v.len ? v.p : "", v.len);
	int64_t age = (f->now - f->pin.mtime) / DAY;
	const struct check_kernel *k = check_find_kernel(f, version), *top = newest(f);
	struct pve_finding *one = NULL;

	if (!f->pin.text.data)
		return;
	if (!v.len)
		one = pve_findings_add(found, PVE_F_WARNING, "BOOT-PIN-BROKEN", BOOT_PIN ":1",
				       "names no kernel");
	else if (!k || !k->has_image || !k->has_initrd)
		one = pve_findings_add(found, PVE_F_CRITICAL, "BOOT-PIN-MISSING", BOOT_PIN ":1",
				       "%s is pinned, but its %s is not in /boot", version,
				       k && k->has_image ? "initial RAM disk" : "kernel");
	else if (top && boot_version_cmp(top->version, version) < 0)
		one = pve_findings_add(found, age >= PIN_OLD_DAYS ? PVE_F_WARNING : PVE_F_INFO,
				       "BOOT-PIN-IGNORES", BOOT_PIN ":1",
				       "%s is pinned since %" PRId64
				       " days, so that %s never boots",
				       version, age, top->version);
	if (one)
		pve_finding_fix(one, "pve-boot kernel unpin");
}

/* One that is older than this boot was not taken back when it had been obeyed. */
static void check_next_pin(const struct check_facts *f, struct pve_findings *found)
{
	struct pve_span text = {f->next_pin.text.data, f->next_pin.text.len};
	struct pve_span v = boot_pin_parse(text);
	struct pve_finding *one;

	if (!f->next_pin.text.data)
		return;
	if (!v.len)
		one = pve_findings_add(found, PVE_F_WARNING, "BOOT-PIN-BROKEN", BOOT_NEXT_PIN ":1",
				       "names no kernel, but hides a permanent pin");
	else if (f->booted && f->next_pin.mtime < f->booted)
		one = pve_findings_add(
			found, PVE_F_WARNING, "BOOT-NEXT-PIN-LEFT", BOOT_NEXT_PIN ":1",
			"%.*s was for one boot, which is over, and is still set", PVE_SPAN_ARG(v));
	else
		return;
	pve_finding_fix(one, "pve-boot kernel unpin --next-boot");
}

void check_kernels(const struct check_facts *f, struct pve_findings *found)
{
	check_boot(f, found);
	for (size_t i = 0; i < f->list.n; i++)
		if (!f->list.v[i].err.code)
			check_on_esp(f, &f->esp[i], others_boot(f, i), found);
	check_pin(f, found);
	check_next_pin(f, found);
}
