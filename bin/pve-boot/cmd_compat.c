/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "host.h"

static const char usage[] = "usage: proxmox-boot-tool <command> [arguments]\n"
			    "  format <partition> [--force]\n"
			    "  init <partition> [grub]\n"
			    "  reinit\n"
			    "  clean [--dry-run]\n"
			    "  refresh [--hook <name>]\n"
			    "  kernel add|remove <version>\n"
			    "  kernel pin <version> [--next-boot]\n"
			    "  kernel unpin [--next-boot]\n"
			    "  kernel list\n"
			    "  status [--quiet]\n"
			    "  help\n";

static void put_list(const char *title, const struct boot_host *h, bool manual)
{
	bool any = false;

	printf("%s kernels:\n", title);
	for (size_t i = 0; i < h->nkernels; i++) {
		if (pve_strv_has(&h->manual, h->kernel[i].version) != manual)
			continue;
		printf("%s\n", h->kernel[i].version);
		any = true;
	}
	if (!any)
		puts("None.");
	putchar('\n');
}

/* As the stock tool prints it, for those who read it. */
static int kernel_list(void)
{
	struct pve_sys sys = {0};
	struct boot_host h = {0};
	struct pve_err e = {0};
	int ret = pve_sys_init(&sys, NULL, &e);

	if (ret == 0)
		ret = boot_host_read(&h, &sys, NULL, &e);
	if (ret == 0) {
		put_list("Manually selected", &h, true);
		put_list("Automatically selected", &h, false);
		if (h.pin)
			printf("Pinned kernel:\n%s\n\n", h.pin);
		if (h.next_pin)
			printf("Kernel pinned on next-boot:\n%s\n\n", h.next_pin);
	} else {
		fprintf(stderr, "proxmox-boot-tool: error: %s\n", e.msg);
	}
	boot_host_done(&h);
	pve_sys_done(&sys);
	return ret < 0 || fflush(stdout) < 0 ? 1 : 0;
}

static int run(const struct pve_tool *tool, char *argv0, const struct pve_strv *args)
{
	char **argv = pve_calloc(args->n + 2, sizeof(*argv));
	int code;

	argv[0] = argv0;
	for (size_t i = 0; i < args->n; i++)
		argv[i + 1] = args->v[i];
	/* Its own message does not come so far. */
	if (strcmp(args->v[0], "clean") == 0 && access("/etc/kernel/proxmox-boot-uuids", F_OK) < 0)
		code = 2;
	else
		code = boot_compat_code(args->v[0], pve_main(tool, (int)args->n + 1, argv));
	free(argv);
	return code;
}

int boot_compat_main(const struct pve_tool *tool, int argc, char **argv)
{
	PVE_STRV args = {0};

	switch (boot_compat_parse(argc, argv, &args)) {
	case BOOT_COMPAT_RUN: return run(tool, argv[0], &args);
	case BOOT_COMPAT_KERNEL_LIST: return kernel_list();
	case BOOT_COMPAT_HELP:
		fputs(usage, stdout);
		puts("\nThis is pve-boot under that name; pve-boot(8) tells what it does.");
		return 0;
	case BOOT_COMPAT_NOTHING: fputs(usage, stderr); return 0;
	case BOOT_COMPAT_WRONG: break;
	}
	fputs(usage, stderr);
	return 1;
}
