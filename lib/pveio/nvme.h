/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_NVME_H
#define PVEIO_NVME_H

#include "pveio/smart.h"

/*
 * The health log of an NVMe controller, read by its own ioctl.  One command is sent, which
 * every controller must know (Get Log Page 02h of the controller, not of a namespace), so
 * nothing is added to its error log.
 */
#define PVE_NVME_HEALTH_LEN 512

/* Asks the controller of a namespace's node ("/dev/nvme0n1") for its log page, of
 * PVE_NVME_HEALTH_LEN bytes.  On failure: PVE_DENIED, or what the device says. */
int pve_nvme_health_read(unsigned char *log, const char *node, struct pve_err *e);
/* The same for a process of its own, as struct pve_run has it: arg is the node, the page goes to
 * stdout, or the reason to stderr. */
int pve_nvme_health_call(const void *arg);
/* Takes the log page apart (NVM Express base specification 2.0, figure 207), into *s, which
 * was initialised.  log has PVE_NVME_HEALTH_LEN bytes. */
void pve_nvme_health_parse(struct pve_smart *s, const unsigned char *log);

#endif
