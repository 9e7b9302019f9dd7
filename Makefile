# SPDX-License-Identifier: GPL-2.0-only
#
#   make demo           the scene: a stock Linux guest onlines CXL memory
#   make test           all tests; SUITES="core scene" for some of them
#   make test-mutants   planted bugs, which the tests must catch
#   make modules        the module for the running kernel (KDIR= for another)
#   make tools          libcxlsofthost and cxlvm, below build/
#
# demo and test do all of their own set-up and load nothing into this machine's
# own kernel.

MUTANTS := tools/testing/cxl-softhost/mutants

help:
	@sed -n '3,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' $(firstword $(MAKEFILE_LIST))

demo:
	@scripts/setup
	@scripts/demo

test:
	@scripts/setup
	@scripts/test $(SUITES)

test-mutants:
	@scripts/setup
	@$(MUTANTS)/run
	@$(MUTANTS)/run-kernel

modules:
	$(MAKE) -C drivers/cxl-softhost modules

tools:
	$(MAKE) -C tools/cxl-softhost/lib BUILD=$(CURDIR)/build/lib
	$(MAKE) -C samples/cxl-softhost O=$(CURDIR)/build/cxlvm

.PHONY: help demo test test-mutants modules tools
