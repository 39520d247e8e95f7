/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/dl.h"

#include <dlfcn.h>
#include <string.h>

int pve_dl_load(const char *soname, const char *title, const struct pve_dl_sym *syms, size_t n,
		struct pve_err *e)
{
	void *lib = dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	int rc = 0;

	/* -1 said here, since the analyzer does not know that pve_err_set returns nothing else. */
	if (!lib) {
		pve_err_set(e, PVE_NOTHERE, "%s cannot be loaded: %s", title, dlerror());
		return -1;
	}
	for (size_t i = 0; i < n && rc == 0; i++) {
		void *f = dlsym(lib, syms[i].name);

		if (f) {
			memcpy(syms[i].to, &f, sizeof(f));
		} else {
			pve_err_set(e, PVE_NOTHERE, "%s has no %s", title, syms[i].name);
			rc = -1;
		}
	}
	dlclose(lib); /* it stays: RTLD_NODELETE */
	return rc;
}
