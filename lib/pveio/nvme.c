/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/nvme.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nvme_ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GET_LOG_PAGE 0x02
#define HEALTH_LOG 0x02
#define ALL_NAMESPACES 0xffffffff
#define TIMEOUT_MS 10000

/* Of 16 bytes, little endian; what does not fit is the largest that does. */
static int64_t counter(const unsigned char *p)
{
	uint64_t v = 0;

	for (int i = 15; i >= 8; i--)
		if (p[i])
			return INT64_MAX;
	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v > INT64_MAX ? INT64_MAX : (int64_t)v;
}

static int64_t u32(const unsigned char *p)
{
	return (int64_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
			 (uint32_t)p[3] << 24);
}

void pve_nvme_health_parse(struct pve_smart *s, const unsigned char *log)
{
	int kelvin = log[1] | log[2] << 8;

	s->protocol = PVE_SMART_NVME;
	s->rpm = 0;
	s->nvme = (struct pve_smart_nvme){
		.critical = log[0],
		.spare = log[3],
		.spare_threshold = log[4],
		.used = log[5],
		.read = counter(log + 32),
		.written = counter(log + 48),
		.host_reads = counter(log + 64),
		.host_writes = counter(log + 80),
		.busy_minutes = counter(log + 96),
		.unsafe_shutdowns = counter(log + 144),
		.media_errors = counter(log + 160),
		.error_entries = counter(log + 176),
		.warning_minutes = u32(log + 192),
		.critical_minutes = u32(log + 196),
	};
	s->passed = log[0] == 0;
	s->cycles = counter(log + 112);
	s->hours = counter(log + 128);
	s->error_count = s->nvme.error_entries;
	if (kelvin > 173 && kelvin < 473)
		s->temperature = kelvin - 273;
	s->state = PVE_SMART_READ;
	s->why = "";
}

int pve_nvme_health_read(unsigned char *log, const char *node, struct pve_err *e)
{
	PVE_CLOSE int fd = open(node, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct nvme_admin_cmd cmd = {
		.opcode = GET_LOG_PAGE,
		.nsid = ALL_NAMESPACES,
		.addr = (uintptr_t)log,
		.data_len = PVE_NVME_HEALTH_LEN,
		/* Low half: the page; high half: its length in words of four bytes, less one. */
		.cdw10 = HEALTH_LOG | (PVE_NVME_HEALTH_LEN / 4 - 1) << 16,
		.timeout_ms = TIMEOUT_MS,
	};
	int status;

	if (fd < 0)
		return pve_err_sys(e, errno, "opening %s", node);
	status = ioctl(fd, NVME_IOCTL_ADMIN_CMD, &cmd);
	if (status < 0)
		return pve_err_sys(e, errno, "%s: reading the health log", node);
	if (status > 0)
		return pve_err_set(e, PVE_FAILED, "%s: the health log was refused, status %#x", node,
				   (unsigned)status);
	return 0;
}

int pve_nvme_health_call(const void *arg)
{
	unsigned char log[PVE_NVME_HEALTH_LEN] = {0};
	struct pve_err e = {0};

	if (pve_nvme_health_read(log, arg, &e) == 0)
		return write(STDOUT_FILENO, log, sizeof(log)) != sizeof(log);
	dprintf(STDERR_FILENO, "%s", e.msg);
	return 1;
}
