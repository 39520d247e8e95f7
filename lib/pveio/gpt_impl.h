/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PVEIO_GPT_IMPL_H
#define PVEIO_GPT_IMPL_H

#include <libfdisk/libfdisk.h>
#include <uuid.h>

#include "pvecommon/err.h"

/* Between the files gpt*.c only: what is used of libfdisk and libuuid, under its own names. */
struct pve_gpt_calls {
	__typeof__(fdisk_unref_context) *fdisk_unref_context;
	__typeof__(fdisk_new_context) *fdisk_new_context;
	__typeof__(fdisk_disable_dialogs) *fdisk_disable_dialogs;
	__typeof__(fdisk_save_user_sector_size) *fdisk_save_user_sector_size;
	__typeof__(fdisk_assign_device_by_fd) *fdisk_assign_device_by_fd;
	__typeof__(fdisk_is_labeltype) *fdisk_is_labeltype;
	__typeof__(fdisk_write_disklabel) *fdisk_write_disklabel;
	__typeof__(fdisk_partition_get_type) *fdisk_partition_get_type;
	__typeof__(fdisk_partition_get_name) *fdisk_partition_get_name;
	__typeof__(fdisk_partition_get_partno) *fdisk_partition_get_partno;
	__typeof__(fdisk_partition_get_start) *fdisk_partition_get_start;
	__typeof__(fdisk_partition_get_end) *fdisk_partition_get_end;
	__typeof__(fdisk_parttype_get_string) *fdisk_parttype_get_string;
	__typeof__(fdisk_partition_get_uuid) *fdisk_partition_get_uuid;
	__typeof__(fdisk_new_iter) *fdisk_new_iter;
	__typeof__(fdisk_get_partitions) *fdisk_get_partitions;
	__typeof__(fdisk_table_next_partition) *fdisk_table_next_partition;
	__typeof__(fdisk_partition_has_partno) *fdisk_partition_has_partno;
	__typeof__(fdisk_partition_has_start) *fdisk_partition_has_start;
	__typeof__(fdisk_partition_has_size) *fdisk_partition_has_size;
	__typeof__(fdisk_partition_get_size) *fdisk_partition_get_size;
	__typeof__(fdisk_free_iter) *fdisk_free_iter;
	__typeof__(fdisk_unref_table) *fdisk_unref_table;
	__typeof__(fdisk_has_label) *fdisk_has_label;
	__typeof__(fdisk_get_sector_size) *fdisk_get_sector_size;
	__typeof__(fdisk_get_nsectors) *fdisk_get_nsectors;
	__typeof__(fdisk_get_first_lba) *fdisk_get_first_lba;
	__typeof__(fdisk_get_last_lba) *fdisk_get_last_lba;
	__typeof__(fdisk_get_disklabel_id) *fdisk_get_disklabel_id;
	__typeof__(fdisk_get_label) *fdisk_get_label;
	__typeof__(fdisk_label_get_parttype_from_string) *fdisk_label_get_parttype_from_string;
	__typeof__(fdisk_new_unknown_parttype) *fdisk_new_unknown_parttype;
	__typeof__(fdisk_partition_set_type) *fdisk_partition_set_type;
	__typeof__(fdisk_unref_parttype) *fdisk_unref_parttype;
	__typeof__(fdisk_new_partition) *fdisk_new_partition;
	__typeof__(fdisk_partition_partno_follow_default) *fdisk_partition_partno_follow_default;
	__typeof__(fdisk_partition_end_follow_default) *fdisk_partition_end_follow_default;
	__typeof__(fdisk_partition_set_partno) *fdisk_partition_set_partno;
	__typeof__(fdisk_partition_set_start) *fdisk_partition_set_start;
	__typeof__(fdisk_partition_size_explicit) *fdisk_partition_size_explicit;
	__typeof__(fdisk_partition_set_size) *fdisk_partition_set_size;
	__typeof__(fdisk_partition_set_name) *fdisk_partition_set_name;
	__typeof__(fdisk_partition_set_uuid) *fdisk_partition_set_uuid;
	__typeof__(fdisk_add_partition) *fdisk_add_partition;
	__typeof__(fdisk_wipe_partition) *fdisk_wipe_partition;
	__typeof__(fdisk_unref_partition) *fdisk_unref_partition;
	__typeof__(fdisk_new_script) *fdisk_new_script;
	__typeof__(fdisk_script_set_header) *fdisk_script_set_header;
	__typeof__(fdisk_apply_script_headers) *fdisk_apply_script_headers;
	__typeof__(fdisk_set_script) *fdisk_set_script;
	__typeof__(fdisk_unref_script) *fdisk_unref_script;
	__typeof__(fdisk_enable_wipe) *fdisk_enable_wipe;
	__typeof__(fdisk_is_partition_used) *fdisk_is_partition_used;
	__typeof__(fdisk_set_partition) *fdisk_set_partition;
	__typeof__(fdisk_set_disklabel_id_from_string) *fdisk_set_disklabel_id_from_string;
	__typeof__(fdisk_get_npartitions) *fdisk_get_npartitions;
	__typeof__(uuid_generate_random) *uuid_generate_random;
	__typeof__(uuid_unparse_lower) *uuid_unparse_lower;
};

/* Loads both libraries, once. */
int pve_gpt_load(struct pve_gpt_calls *calls, struct pve_err *e);

#endif
