/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pve-repo/draft.h"
#include "pve-repo/subscription.h"

#include "../lib/edits.h"

/* /etc/subscription, auth.conf and the record of undo. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pve_span text = {(const char *)data, size};
	struct repo_subscription s;
	struct repo_auth a = {0};
	struct repo_undo u = {0};

	repo_subscription_parse(&s, text, 1700000000);
	if (strlen(repo_subscription_status(s.status)) == 0)
		abort();
	repo_auth_find(&a, text, "f", "enterprise.proxmox.com/debian/pve");
	if (repo_undo_parse(&u, text, "f", NULL) == 0)
		repo_undo_done(&u);
	return 0;
}
