# SPDX-License-Identifier: GPL-2.0-only
#
#   make demo           the scene: a stock Linux guest onlines CXL memory
#   make test           the tests; SUITES="core scene" for some of them,
#                       KERNEL=6.1, 6.12 or 7 for those of one host kernel
#   make kunit          KUnit tests, on a User Mode Linux
#   make check          static checks
#   make test-debug     all kselftests on a kernel with KASAN, lockdep and more
#   make test-kcsan     and on one that finds data races
#   make test-mutants   planted bugs, which the tests must catch
#   make test-full      all of these
#   make fuzz-decode TIME=seconds
#                       random hierarchies against the model, new ones each time
#   make coverage       lines and branches of core/ that its tests reach
#   make bench-core     what a translation and a map cost in core/
#   make modules        the module for the running kernel (KDIR= for another)
#   make tools          libcxlsofthost and cxlvm, below build/
#
# demo and test do all of their own set-up and load nothing into this machine's
# own kernel.

MUTANTS := tools/testing/cxl-softhost/mutants
CORE := tools/testing/cxl-softhost/core

help:
	@sed -n '3,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' $(firstword $(MAKEFILE_LIST))

demo:
	@scripts/setup --demo
	@scripts/demo

test:
	@scripts/setup
	@scripts/test $(SUITES)

kunit check:
	@scripts/setup
	@scripts/test $@

test-debug test-kcsan:
	@scripts/setup
	@scripts/test $(@:test-%=%)

test-mutants:
	@scripts/setup
	@$(MUTANTS)/run
	@$(MUTANTS)/run-source
	@$(MUTANTS)/run-kernel

test-full:
	@scripts/test-full

fuzz-decode: TIME ?= 60
fuzz-decode:
	@scripts/setup
	@$(MAKE) -s -C $(CORE) BUILD=$(CURDIR)/build/core COMPILERS=gcc LEVELS=O2 all
	@TIME=$(TIME) build/core/gcc-O2/test-property

coverage:
	@scripts/setup
	@$(MAKE) -s -C $(CORE) BUILD=$(CURDIR)/build/core coverage

bench-core:
	@scripts/setup
	@$(MAKE) -s -C $(CORE) BUILD=$(CURDIR)/build/core bench

modules:
	$(MAKE) -C drivers/cxl-softhost modules

tools:
	$(MAKE) -C tools/cxl-softhost/lib BUILD=$(CURDIR)/build/lib
	$(MAKE) -C samples/cxl-softhost O=$(CURDIR)/build/cxlvm

.PHONY: help demo test kunit check test-debug test-kcsan test-mutants test-full
.PHONY: fuzz-decode coverage bench-core modules tools
