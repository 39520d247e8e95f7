/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_BLK_IMPL_H
#define PVEIO_BLK_IMPL_H

#include <sys/types.h>

#include "pvecommon/udevdb.h"

/* Between blk.c and blk_udev.c only: the record that libudev has of a block device, by its
 * number.  false when there is none.  handle is a struct udev of libudev. */
void *pve_blk_udev_open(void);
bool pve_blk_udev_read(void *handle, dev_t devno, struct pve_udev_record *r);
void pve_blk_udev_close(void *handle);

#endif
