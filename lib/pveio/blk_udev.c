/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libudev.h>
#include <stdlib.h>

#include "pveio/blk_impl.h"
#include "pvecommon/dl.h"

/* What is used of libudev. */
static struct {
	__typeof__(udev_new) *udev_new;
	__typeof__(udev_device_new_from_devnum) *udev_device_new_from_devnum;
	__typeof__(udev_device_get_is_initialized) *udev_device_get_is_initialized;
	__typeof__(udev_device_get_properties_list_entry) *udev_device_get_properties_list_entry;
	__typeof__(udev_list_entry_get_value) *udev_list_entry_get_value;
	__typeof__(udev_list_entry_get_name) *udev_list_entry_get_name;
	__typeof__(udev_device_get_devlinks_list_entry) *udev_device_get_devlinks_list_entry;
	__typeof__(udev_device_unref) *udev_device_unref;
	__typeof__(udev_unref) *udev_unref;
	__typeof__(udev_list_entry_get_next) *udev_list_entry_get_next;
} calls;

void *pve_blk_udev_open(struct pve_err *e)
{
	const struct pve_dl_sym want[] = {
		{"udev_new", &calls.udev_new},
		{"udev_device_new_from_devnum", &calls.udev_device_new_from_devnum},
		{"udev_device_get_is_initialized", &calls.udev_device_get_is_initialized},
		{"udev_device_get_properties_list_entry",
		 &calls.udev_device_get_properties_list_entry},
		{"udev_list_entry_get_value", &calls.udev_list_entry_get_value},
		{"udev_list_entry_get_name", &calls.udev_list_entry_get_name},
		{"udev_device_get_devlinks_list_entry", &calls.udev_device_get_devlinks_list_entry},
		{"udev_device_unref", &calls.udev_device_unref},
		{"udev_unref", &calls.udev_unref},
		{"udev_list_entry_get_next", &calls.udev_list_entry_get_next},
	};
	void *handle;

	if (pve_dl_load("libudev.so.1", "libudev", want, sizeof(want) / sizeof(*want), e) < 0)
		return NULL;
	handle = calls.udev_new();
	if (!handle)
		abort();
	return handle;
}

bool pve_blk_udev_read(void *handle, dev_t devno, struct pve_udev_record *r)
{
	struct udev_device *d =
		handle ? calls.udev_device_new_from_devnum(handle, 'b', devno) : NULL;
	struct udev_list_entry *entry;
	bool known;

	if (!d)
		return false;
	known = calls.udev_device_get_is_initialized(d) > 0;
	for (entry = calls.udev_device_get_properties_list_entry(d); entry;
	     entry = calls.udev_list_entry_get_next(entry)) {
		const char *value = calls.udev_list_entry_get_value(entry);

		pve_udev_record_prop(r, pve_span(calls.udev_list_entry_get_name(entry)),
				     pve_span(value ? value : ""));
	}
	for (entry = calls.udev_device_get_devlinks_list_entry(d); entry;
	     entry = calls.udev_list_entry_get_next(entry)) {
		const char *link = calls.udev_list_entry_get_name(entry);

		if (strncmp(link, "/dev/", 5) == 0)
			pve_udev_record_link(r, pve_span(link + 5));
	}
	calls.udev_device_unref(d);
	return known;
}

void pve_blk_udev_close(void *handle)
{
	if (handle)
		calls.udev_unref(handle);
}
