#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The steps of README, "Adding a tool" and "Adding a command", are enough: followed to the letter
# in a copy of the tree they give a tool that builds, installs and passes the conformance tests.

setup_file() {
	local tree
	tree=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export COPY=$BATS_FILE_TMPDIR/tree
	mkdir -p "$COPY/bin" "$COPY/man" "$COPY/tests/cli"
	cp -r "$tree/Makefile" "$tree/lib" "$tree/scripts" "$COPY/"
	cp "$tree/man/pve-tools.7" "$COPY/man/"
	cp "$tree/tests/cli/conformance.bats" "$COPY/tests/cli/"
	add_tool
}

add_tool() {
	mkdir -p "$COPY/bin/pve-demo"
	: > "$COPY/bin/pve-demo/deps"
	cat > "$COPY/bin/pve-demo/main.c" << 'END'
/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/cmd.h"

int demo_cmd_list(struct pve_ctx *ctx);
int demo_cmd_check(struct pve_ctx *ctx);

static const struct pve_col cols[] = {
	{"name", PVE_T_STR, false, "a name"},
	{"size", PVE_T_SIZE, false, "how large it is"},
};

static const struct pve_cmd cmds[] = {
	{.name = "list", .operands = "", .help = "list what there is", .cols = cols, .ncols = 2,
	 .run = demo_cmd_list},
	{.name = "check", .operands = "", .help = "find what is wrong", .cols = pve_finding_cols,
	 .ncols = PVE_FINDING_NCOLS, .run = demo_cmd_check},
	{0},
};

int main(int argc, char **argv)
{
	static const struct pve_tool tool = {"pve-demo", "show how a tool is added", cmds};

	return pve_main(&tool, argc, argv);
}
END
	cat > "$COPY/bin/pve-demo/cmd_list.c" << 'END'
/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/cmd.h"

int demo_cmd_list(struct pve_ctx *ctx);

int demo_cmd_list(struct pve_ctx *ctx)
{
	struct pve_out *out = pve_out_new(ctx->cmd->cols, ctx->cmd->ncols, &ctx->out, &ctx->err);
	struct pve_row *row;
	int ret;

	if (!out)
		return -1;
	row = pve_out_row(out, NULL);
	pve_row_str(row, 0, "one");
	pve_row_size(row, 1, 1 << 20);
	ret = pve_ctx_print(ctx, out);
	pve_out_free(out);
	return ret;
}
END
	cat > "$COPY/bin/pve-demo/cmd_check.c" << 'END'
/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pvecommon/cmd.h"

int demo_cmd_check(struct pve_ctx *ctx);

int demo_cmd_check(struct pve_ctx *ctx)
{
	struct pve_findings none = {0};

	return pve_findings_report(ctx, &none);
}
END
	cat > "$COPY/man/pve-demo.8" << 'END'
.\" SPDX-License-Identifier: GPL-3.0-or-later
.Dd November 24, 2026
.Dt PVE-DEMO 8
.Os
.Sh NAME
.Nm pve-demo
.Nd show how a tool is added
.Sh SYNOPSIS
.Nm
.Ar command
.Sh COMMANDS
.Bl -tag -width Ds
.It Cm list
List what there is.
.Bl -tag -width Ds -compact
.It Li name
a name
.It Li size
how large it is
.El
.It Cm check
Find what is wrong.
.It Cm help Op Ar command
.It Cm completion Ar shell
.El
.Sh SEE ALSO
.Xr pve-tools 7
END
}

setup() {
	cd "$COPY" || return
}

@test "a folder under bin/ is a tool: it builds without a change of the Makefile" {
	run make -j 2 all
	[ "$status" -eq 0 ] || { echo "$output"; false; }
	[ "$(build/bin/pve-demo list -H)" = "$(printf 'one\t1048576')" ]
}

@test "it passes the conformance tests as it is" {
	run bats tests/cli/conformance.bats
	[ "$status" -eq 0 ] || { echo "$output"; false; }
}

@test "a command without an entry in the manual is noticed" {
	sed -i 's/^\t{0},$/\t{.name = "extra", .operands = "", .help = "one more", .run = demo_cmd_list},\n\t{0},/' bin/pve-demo/main.c
	make all > build/log 2>&1 || { cat build/log; false; }
	run bats tests/cli/conformance.bats
	[ "$status" -ne 0 ]
	[[ $output == *extra* ]]
}

@test "install and uninstall leave nothing behind" {
	make install DESTDIR="$COPY/dest" > build/log 2>&1 || { cat build/log; false; }
	[ "$("$COPY/dest/usr/local/sbin/pve-demo" list -H -o name)" = one ]
	[ -f "$COPY/dest/usr/local/share/man/man8/pve-demo.8" ]
	[ -s "$COPY/dest/usr/local/share/bash-completion/completions/pve-demo" ]
	units=$COPY/dest/usr/local/lib/systemd/system
	grep -qx 'ExecStart=/usr/local/sbin/pve-net rollback --at-deadline' "$units/pve-net-rollback.service"
	# It is enabled by being there.
	[ -f "$units/sysinit.target.wants/pve-net-rollback.service" ]
	[ -f "$units/timers.target.wants/pve-acme-renew.timer" ]
	grep -qx 'ExecStart=/usr/local/sbin/pve-acme cert renew --if-due [$]OPTIONS' "$units/pve-acme-renew.service"
	make uninstall DESTDIR="$COPY/dest"
	[ -z "$(find dest ! -type d)" ]
}
