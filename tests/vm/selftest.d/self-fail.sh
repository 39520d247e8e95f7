#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Two checks fail, and the script goes on after them.
# vm: cpus 1
# shellcheck source=/dev/null
. "${VM_LIB:?}"

is 'equal' a a
is 'different' a b
ok 'a command that fails' sh -c 'echo its output; exit 7'
fails 'a command that must fail' 7 sh -c 'exit 7'
