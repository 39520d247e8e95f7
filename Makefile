# SPDX-License-Identifier: GPL-3.0-or-later
# Build of the pve tools.  One Makefile, every object out of tree in $(B).
# A tool is a folder under bin/; its file `deps` names the pkg-config modules it
# links, its file `aliases` the programs of others that it can stand in for.
# Nothing here knows a tool by name.

VERSION   := 0.1.0
SOVERSION := 0

PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
LIBDIR  ?= $(PREFIX)/lib
MANDIR  ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
UNITDIR ?= $(PREFIX)/lib/systemd/system

# Three variants of the same objects: plain, SAN=1 (ASan, UBSan), FUZZ=1 (clang, libFuzzer).
ifdef FUZZ
B  := build/fuzz
CC := clang
INSTRUMENT := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
else ifdef SAN
B  := build/san
INSTRUMENT := -fsanitize=address,undefined -fno-sanitize-recover=all
else
B  := build
HARDEN := -D_FORTIFY_SOURCE=3
endif

PKG_CONFIG ?= pkg-config
CFLAGS   ?= -O3 -g
WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2 \
            -Wno-missing-field-initializers $(if $(WERROR),-Werror)
ALL_CPPFLAGS := -Ilib -Ibin -D_GNU_SOURCE -DPVE_VERSION='"$(VERSION)"' $(HARDEN) $(CPPFLAGS)
ALL_CFLAGS   := -std=gnu11 $(WARNINGS) -fPIC -fstack-protector-strong -fstack-clash-protection \
                $(INSTRUMENT) $(CFLAGS)
ALL_LDFLAGS  := -Wl,-z,relro,-z,now -Wl,--as-needed $(INSTRUMENT) $(LDFLAGS)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(patsubst build/%,%,$(2))';)

TOOLS      := $(notdir $(patsubst %/,%,$(dir $(wildcard bin/*/main.c))))
COMMON_SRC := $(wildcard lib/pvecommon/*.c)
IO_SRC     := $(wildcard lib/pveio/*.c)
TOOL_SRC   := $(wildcard bin/*/*.c)
UNIT_SRC   := $(wildcard tests/unit/*/*.c)
FUZZ_SRC   := $(wildcard tests/fuzz/*/*.c)
BENCH_SRC  := $(wildcard tests/bench/*.c)
VM_SRC     := $(wildcard tests/vm/tools/*.c)
SOURCES    := $(COMMON_SRC) $(IO_SRC) $(TOOL_SRC)

deps_of = $(shell cat $(wildcard $(1)) /dev/null)
pkg     = $(if $(strip $(2)),$(shell $(PKG_CONFIG) $(1) $(2)))
COMMON_DEPS := $(call deps_of,lib/pvecommon/deps)
IO_DEPS     := $(call deps_of,lib/pveio/deps)
IO_CFLAGS   := $(call pkg,--cflags,$(COMMON_DEPS) $(IO_DEPS))

SONAME := libpvecommon.so.$(SOVERSION)
LIB    := $(B)/lib/$(SONAME)
IO_LIB := $(B)/lib/libpveio.a
BINS   := $(TOOLS:%=$(B)/bin/%)
UNITS  := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/unit/%)
FUZZES := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/targets/%)
BENCHES := $(BENCH_SRC:tests/bench/%.c=$(B)/bench/%)
VM_TOOLS := $(VM_SRC:tests/vm/tools/%.c=$(B)/vmtools/%)

.PHONY: all run test test-vm lint fuzz bench install uninstall clean help
.PHONY: units fuzz-targets print-cflags print-sources
.DELETE_ON_ERROR:
.SECONDARY:

all: $(LIB) $(BINS) $(B)/bin/pve-check ## build library and tools into build/

# --- objects -----------------------------------------------------------------
$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/lib/pveio/%.o $(B)/obj/bin/%.o $(B)/obj/lib/pvecommon/%.o $(B)/obj/tests/%.o: \
	EXTRA_CFLAGS = $(IO_CFLAGS)

$(LIB): $(COMMON_SRC:%.c=$(B)/obj/%.o) lib/pvecommon/pvecommon.map
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script=lib/pvecommon/pvecommon.map $(ALL_LDFLAGS) \
		-o $@ $(filter %.o,$^) $(call pkg,--libs,$(COMMON_DEPS))
	@ln -sf $(SONAME) $(@D)/libpvecommon.so

$(IO_LIB): $(IO_SRC:%.c=$(B)/obj/%.o)
	@mkdir -p $(@D)
	$(call say,AR,$@)rm -f $@; $(AR) rcs $@ $^

# Everything of a tool but main.c is an archive too, so that unit tests and fuzz
# targets link the very objects that the tool is made of.
define tool_rules
$(B)/lib/$(1).a: $$(patsubst %.c,$(B)/obj/%.o,$$(filter-out %/main.c,$$(wildcard bin/$(1)/*.c)))
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)rm -f $$@; $$(AR) rcs $$@ $$^

$(B)/bin/$(1): $(B)/obj/bin/$(1)/main.o $(B)/lib/$(1).a $(IO_LIB) $(LIB)
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC) -pie $$(ALL_LDFLAGS) -Wl,-rpath,'$$$$ORIGIN/../lib' -o $$@ \
		$$(filter %.o %.a,$$^) -L$(B)/lib -lpvecommon \
		$$(call pkg,--libs,$$(call deps_of,bin/$(1)/deps))
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rules,$(t))))

$(B)/bin/pve-check: $(wildcard scripts/pve-check)
	@mkdir -p $(@D)
	$(if $<,$(Q)install -m 755 $< $@,@:)

# --- tests -------------------------------------------------------------------
# tests/unit/lib/x.c tests the library; tests/unit/<tool>/x.c tests that tool's objects.
# Both link the library's objects, not the .so, so that internal symbols can be reached.
COMMON_OBJ := $(COMMON_SRC:%.c=$(B)/obj/%.o)
$(B)/lib/lib.a: $(COMMON_OBJ)
	@mkdir -p $(@D)
	$(Q)rm -f $@; $(AR) rcs $@ $^

TEST_LIBS = $(call pkg,--libs,$(COMMON_DEPS) $(IO_DEPS))

define test_rules
$(B)/tests/unit/$(1)/%: $(B)/obj/tests/unit/$(1)/%.o $(if $(filter-out lib,$(1)),$(B)/lib/$(1).a) $(IO_LIB) $(B)/lib/lib.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC) -pie $$(ALL_LDFLAGS) -o $$@ $$^ -lcmocka $$(TEST_LIBS)

$(B)/targets/$(1)/%: $(B)/obj/tests/fuzz/$(1)/%.o $(if $(filter-out lib,$(1)),$(B)/lib/$(1).a) $(IO_LIB) $(B)/lib/lib.a
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)$$(CC) -fsanitize=fuzzer $$(ALL_LDFLAGS) -o $$@ $$^ $$(TEST_LIBS)
endef
$(foreach t,lib $(TOOLS),$(eval $(call test_rules,$(t))))

$(B)/bench/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -o $@ $<

# Programs for the scripts of tests/vm, which find them in PATH.
$(B)/vmtools/%: $(B)/obj/tests/vm/tools/%.o $(B)/lib/lib.a
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -pie $(ALL_LDFLAGS) -o $@ $^ $(call pkg,--libs,$(COMMON_DEPS))

units: $(UNITS)
fuzz-targets: $(FUZZES)

run: all ## report on the sample hosts and on this machine
	$(Q)scripts/report

# What tests that run side by side would else build at the same time, over each other.
TEST_TOOLS := $(B)/vmtools/bootjudge $(B)/bench/measure

test: all $(TEST_TOOLS) ## unit, cli and net tests and a short fuzz
	$(Q)$(MAKE) --no-print-directory SAN=1 units
	$(Q)$(MAKE) --no-print-directory FUZZ=1 fuzz-targets
	$(Q)scripts/run-tests $(SUITES)

test-vm: all $(VM_TOOLS) ## tests on real kernels and disks, in virtual machines
	$(Q)scripts/setup vm
	$(Q)for p in ifupdown ifupdown2; do scripts/fetch-peer $$p build/peers/$$p || :; done
	$(Q)tests/vm/run -j 2 --all

lint: ## every static check
	$(Q)scripts/lint

FUZZ_SECONDS ?= 300
fuzz: ## fuzz each parser for FUZZ_SECONDS (300)
	$(Q)$(MAKE) --no-print-directory FUZZ=1 fuzz-targets
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/run-tests fuzz

bench: all $(BENCHES) ## each figure beside a peer's, as a ratio
	$(Q)scripts/setup bench
	$(Q)tests/bench/run

# --- installation ------------------------------------------------------------
MANPAGES := $(wildcard man/*.[578])
man_dest  = $(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
COMP_BASH = $(DATADIR)/bash-completion/completions/$(1)
COMP_ZSH  = $(DATADIR)/zsh/vendor-completions/_$(1)
COMP_FISH = $(DATADIR)/fish/vendor_completions.d/$(1).fish
SERVICES := $(notdir $(wildcard scripts/systemd/*.service scripts/systemd/*.timer))
wants = $(shell sed -n 's|^WantedBy=\(.*\)|$(UNITDIR)/\1.wants/$(1)|p' scripts/systemd/$(1))
HOOKS    := $(wildcard scripts/hooks/*)
HOOKDIR   = $(DATADIR)/pve-tools/hooks
# Names that stand in for programs of others lie apart, where only those who want that find them.
ALIASDIR ?= $(LIBDIR)/pve-tools/aliases
aliases   = $(call deps_of,bin/$(1)/aliases)
INSTALLED := $(HOOKS:scripts/hooks/%=$(HOOKDIR)/%) $(TOOLS:%=$(SBINDIR)/%) $(SBINDIR)/pve-check \
	$(foreach t,$(TOOLS),$(addprefix $(ALIASDIR)/,$(call aliases,$(t)))) \
	$(SERVICES:%=$(UNITDIR)/%) $(foreach s,$(SERVICES),$(call wants,$(s))) \
	$(LIBDIR)/$(SONAME) $(foreach m,$(MANPAGES),$(call man_dest,$(m))) \
	$(foreach t,$(TOOLS),$(call COMP_BASH,$(t)) $(call COMP_ZSH,$(t)) $(call COMP_FISH,$(t)))

install: all ## install below DESTDIR and PREFIX (/usr/local)
	$(Q)install -d $(sort $(dir $(INSTALLED:%=$(DESTDIR)%)))
	$(Q)install -m 755 $(BINS) $(B)/bin/pve-check $(DESTDIR)$(SBINDIR)
	$(Q)install -m 644 $(LIB) $(DESTDIR)$(LIBDIR)
	$(Q)cp -p $(HOOKS) $(DESTDIR)$(HOOKDIR)
	$(Q)$(foreach m,$(MANPAGES),install -m 644 $(m) $(DESTDIR)$(call man_dest,$(m)) &&) :
	$(Q)$(foreach t,$(TOOLS),\
		$(B)/bin/$(t) completion bash > $(DESTDIR)$(call COMP_BASH,$(t)) && \
		$(B)/bin/$(t) completion zsh  > $(DESTDIR)$(call COMP_ZSH,$(t)) && \
		$(B)/bin/$(t) completion fish > $(DESTDIR)$(call COMP_FISH,$(t)) &&) :
	$(Q)$(foreach t,$(TOOLS),$(foreach a,$(call aliases,$(t)),\
		ln -sf $(SBINDIR)/$(t) $(DESTDIR)$(ALIASDIR)/$(a) &&)) :
# A safety net must not wait for somebody to enable it.
	$(Q)$(foreach s,$(SERVICES),\
		sed 's|@SBINDIR@|$(SBINDIR)|' scripts/systemd/$(s) > $(DESTDIR)$(UNITDIR)/$(s) && \
		$(foreach w,$(call wants,$(s)),ln -sf ../$(s) $(DESTDIR)$(w) &&)) :

uninstall: ## remove what install put there
	$(Q)rm -f $(INSTALLED:%=$(DESTDIR)%)

clean: ## remove build/ but for downloaded peers and kernels
	$(Q)find build -mindepth 1 -maxdepth 1 ! -name vm ! -name peers -exec rm -rf {} + 2>/dev/null || :

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22
	@echo '  SAN=1: with ASan and UBSan; WERROR=1: warnings are errors; V=1: show commands'

print-cflags:
	@echo $(ALL_CPPFLAGS) $(filter-out -fsanitize%,$(ALL_CFLAGS)) $(IO_CFLAGS)
print-sources:
	@printf '%s\n' $(SOURCES)

-include $(patsubst %.c,$(B)/obj/%.d,$(SOURCES) $(UNIT_SRC) $(FUZZ_SRC) $(VM_SRC))
