/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "images.h"

#include <strings.h>

const char *const boot_grub_images[] = {
	"EFI/proxmox/grubx64.efi",
	"EFI/proxmox/shimx64.efi",
	"EFI/proxmox/mmx64.efi",
	"EFI/proxmox/fbx64.efi",
	"EFI/BOOT/BOOTX64.EFI",
	"EFI/BOOT/grubx64.efi",
	"EFI/BOOT/mmx64.efi",
	"EFI/BOOT/fbx64.efi",
	"grub/i386-pc/core.img",
	"grub/i386-pc/boot.img",
	NULL,
};

bool boot_is_grub_image(const char *path)
{
	for (size_t i = 0; boot_grub_images[i]; i++)
		if (strcasecmp(boot_grub_images[i], path) == 0)
			return true;
	return false;
}
