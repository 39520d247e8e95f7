/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libudev.h>

#include "pveio/blk_impl.h"

void *pve_blk_udev_open(void)
{
	return udev_new();
}

bool pve_blk_udev_read(void *handle, dev_t devno, struct pve_udev_record *r)
{
	struct udev_device *d = handle ? udev_device_new_from_devnum(handle, 'b', devno) : NULL;
	struct udev_list_entry *entry;
	bool known;

	if (!d)
		return false;
	known = udev_device_get_is_initialized(d) > 0;
	udev_list_entry_foreach(entry, udev_device_get_properties_list_entry(d))
	{
		const char *value = udev_list_entry_get_value(entry);

		pve_udev_record_prop(r, pve_span(udev_list_entry_get_name(entry)),
				     pve_span(value ? value : ""));
	}
	udev_list_entry_foreach(entry, udev_device_get_devlinks_list_entry(d))
	{
		const char *link = udev_list_entry_get_name(entry);

		if (strncmp(link, "/dev/", 5) == 0)
			pve_udev_record_link(r, pve_span(link + 5));
	}
	udev_device_unref(d);
	return known;
}

void pve_blk_udev_close(void *handle)
{
	if (handle)
		udev_unref(handle);
}
