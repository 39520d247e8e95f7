#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The script never ends.
# vm: cpus 1
# vm: timeout 20
# shellcheck source=/dev/null
. "${VM_LIB:?}"

pass 'started'
sleep 3600
