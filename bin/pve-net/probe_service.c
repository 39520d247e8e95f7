/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe_service.h"

#include "pvecommon/fs.h"
#include "pvecommon/num.h"
#include "want.h"

static bool have_program(struct pve_sys *sys, const char *name)
{
	static const char *const dirs[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					   "/usr/bin",        "/sbin",          "/bin"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		PVE_FREE char *path = pve_asprintf("%s/%s", dirs[i], name);

		if (pve_fs_exists(sys, path))
			return true;
	}
	return false;
}

static bool is_alive(struct pve_sys *sys, const char *pid_file)
{
	PVE_BUF text = {0};
	PVE_FREE char *proc = NULL;
	uint64_t pid;

	if (pve_fs_read(sys, pid_file, 64, &text, NULL, NULL) < 0 ||
	    pve_num_span(pve_span_trim((struct pve_span){text.data, text.len}), INT32_MAX, &pid) < 0)
		return false;
	proc = pve_asprintf("/proc/%u", (unsigned)pid);
	return pve_fs_exists(sys, proc);
}

static void read_client(struct net_services *s, struct pve_sys *sys, const struct net_iface *i,
			int family)
{
	PVE_FREE char *path = pve_asprintf("/run/dhclient%s.%s.pid", family == 6 ? "6" : "", i->name);
	PVE_FREE char *key = pve_asprintf("%d %s", family, i->name);

	if (pve_span_eq(net_iface_method(i, family == 6 ? "inet6" : "inet"), "dhcp") &&
	    !pve_strv_has(&s->dhcp, key) && is_alive(sys, path))
		pve_strv_add(&s->dhcp, key);
}

static void read_model(struct net_services *s, struct pve_sys *sys, const struct net_model *m)
{
	for (size_t n = 0; n < m->nifaces; n++) {
		read_client(s, sys, m->iface[n], 4);
		read_client(s, sys, m->iface[n], 6);
	}
}

void net_services_read(struct net_services *s, struct pve_sys *sys, const struct net_model *old,
		       const struct net_model *want, const struct net_state *now)
{
	*s = (struct net_services){.have_ovs = have_program(sys, "ovs-vsctl"),
				   .have_dhclient = have_program(sys, "dhclient")};
	for (size_t n = 0; n < want->nifaces; n++)
		if (want->iface[n]->type == NET_T_OVS_BRIDGE && want->iface[n]->nstanzas &&
		    want->iface[n]->start != NET_START_NO &&
		    !net_state_find(now, want->iface[n]->name))
			s->ovs_missing = true;
	read_model(s, sys, old);
	read_model(s, sys, want);
}
