#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The guest's kernel panics.
# vm: cpus 1
# shellcheck source=/dev/null
. "${VM_LIB:?}"

pass 'started'
echo c >/proc/sysrq-trigger
sleep 3600
