/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pveio/gpt_impl.h"

#include "pvecommon/dl.h"

int pve_gpt_load(struct pve_gpt_calls *c, struct pve_err *e)
{
	const struct pve_dl_sym fdisk[] = {
		{"fdisk_unref_context", &c->fdisk_unref_context},
		{"fdisk_new_context", &c->fdisk_new_context},
		{"fdisk_disable_dialogs", &c->fdisk_disable_dialogs},
		{"fdisk_save_user_sector_size", &c->fdisk_save_user_sector_size},
		{"fdisk_assign_device_by_fd", &c->fdisk_assign_device_by_fd},
		{"fdisk_is_labeltype", &c->fdisk_is_labeltype},
		{"fdisk_write_disklabel", &c->fdisk_write_disklabel},
		{"fdisk_partition_get_type", &c->fdisk_partition_get_type},
		{"fdisk_partition_get_name", &c->fdisk_partition_get_name},
		{"fdisk_partition_get_partno", &c->fdisk_partition_get_partno},
		{"fdisk_partition_get_start", &c->fdisk_partition_get_start},
		{"fdisk_partition_get_end", &c->fdisk_partition_get_end},
		{"fdisk_parttype_get_string", &c->fdisk_parttype_get_string},
		{"fdisk_partition_get_uuid", &c->fdisk_partition_get_uuid},
		{"fdisk_new_iter", &c->fdisk_new_iter},
		{"fdisk_get_partitions", &c->fdisk_get_partitions},
		{"fdisk_table_next_partition", &c->fdisk_table_next_partition},
		{"fdisk_partition_has_partno", &c->fdisk_partition_has_partno},
		{"fdisk_partition_has_start", &c->fdisk_partition_has_start},
		{"fdisk_partition_has_size", &c->fdisk_partition_has_size},
		{"fdisk_partition_get_size", &c->fdisk_partition_get_size},
		{"fdisk_free_iter", &c->fdisk_free_iter},
		{"fdisk_unref_table", &c->fdisk_unref_table},
		{"fdisk_has_label", &c->fdisk_has_label},
		{"fdisk_get_sector_size", &c->fdisk_get_sector_size},
		{"fdisk_get_nsectors", &c->fdisk_get_nsectors},
		{"fdisk_get_first_lba", &c->fdisk_get_first_lba},
		{"fdisk_get_last_lba", &c->fdisk_get_last_lba},
		{"fdisk_get_disklabel_id", &c->fdisk_get_disklabel_id},
		{"fdisk_get_label", &c->fdisk_get_label},
		{"fdisk_label_get_parttype_from_string", &c->fdisk_label_get_parttype_from_string},
		{"fdisk_new_unknown_parttype", &c->fdisk_new_unknown_parttype},
		{"fdisk_partition_set_type", &c->fdisk_partition_set_type},
		{"fdisk_unref_parttype", &c->fdisk_unref_parttype},
		{"fdisk_new_partition", &c->fdisk_new_partition},
		{"fdisk_partition_partno_follow_default",
		 &c->fdisk_partition_partno_follow_default},
		{"fdisk_partition_end_follow_default", &c->fdisk_partition_end_follow_default},
		{"fdisk_partition_set_partno", &c->fdisk_partition_set_partno},
		{"fdisk_partition_set_start", &c->fdisk_partition_set_start},
		{"fdisk_partition_size_explicit", &c->fdisk_partition_size_explicit},
		{"fdisk_partition_set_size", &c->fdisk_partition_set_size},
		{"fdisk_partition_set_name", &c->fdisk_partition_set_name},
		{"fdisk_partition_set_uuid", &c->fdisk_partition_set_uuid},
		{"fdisk_add_partition", &c->fdisk_add_partition},
		{"fdisk_wipe_partition", &c->fdisk_wipe_partition},
		{"fdisk_unref_partition", &c->fdisk_unref_partition},
		{"fdisk_new_script", &c->fdisk_new_script},
		{"fdisk_script_set_header", &c->fdisk_script_set_header},
		{"fdisk_apply_script_headers", &c->fdisk_apply_script_headers},
		{"fdisk_set_script", &c->fdisk_set_script},
		{"fdisk_unref_script", &c->fdisk_unref_script},
		{"fdisk_enable_wipe", &c->fdisk_enable_wipe},
		{"fdisk_is_partition_used", &c->fdisk_is_partition_used},
		{"fdisk_set_partition", &c->fdisk_set_partition},
		{"fdisk_set_disklabel_id_from_string", &c->fdisk_set_disklabel_id_from_string},
		{"fdisk_get_npartitions", &c->fdisk_get_npartitions},
	};
	const struct pve_dl_sym uuid[] = {
		{"uuid_generate_random", &c->uuid_generate_random},
		{"uuid_unparse_lower", &c->uuid_unparse_lower},
	};

	/* The second is in memory with the first. */
	if (c->uuid_unparse_lower)
		return 0;
	if (pve_dl_load("libfdisk.so.1", "libfdisk", fdisk, sizeof(fdisk) / sizeof(*fdisk), e) < 0)
		return -1;
	return pve_dl_load("libuuid.so.1", "libuuid", uuid, sizeof(uuid) / sizeof(*uuid), e);
}
