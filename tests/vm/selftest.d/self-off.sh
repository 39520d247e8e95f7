#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The guest powers off before the script ends.
# vm: cpus 1
# shellcheck source=/dev/null
. "${VM_LIB:?}"

pass 'started'
echo o >/proc/sysrq-trigger
sleep 3600
