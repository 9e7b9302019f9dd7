/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The 64-bit Linux boot protocol: what a boot loader leaves in memory. */
#ifndef CXLVM_BOOT_H
#define CXLVM_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"
#include "options.h"

/*
 * Loads bzImage and initramfs, writes zero page, command line, page tables and
 * GDT. @entry is where the first vCPU starts.
 */
bool boot_load(const struct guest_ram *ram, const struct options *options,
	       const char *extra_words, uint64_t *entry);

#endif
