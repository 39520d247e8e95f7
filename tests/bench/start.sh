# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh disable=SC2154
# What it costs to start a tool.

for tool in build/bin/pve-*; do
	case $tool in */pve-check) continue ;; esac
	within "$(basename "$tool") --version / true" 3 300 -- "$tool" --version -- /bin/true
done
