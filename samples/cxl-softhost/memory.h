/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Host memory for guest RAM and CXL devices, and the guest's RAM itself. */
#ifndef CXLVM_MEMORY_H
#define CXLVM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The same for plain RAM and CXL memory, so that they can be compared. */
enum page_advice {
	PAGE_ADVICE_DEFAULT,	/* the host's settings */
	PAGE_ADVICE_HUGE,	/* MADV_HUGEPAGE */
	PAGE_ADVICE_SMALL,	/* MADV_NOHUGEPAGE */
	PAGE_ADVICE_HUGETLB,	/* memfd of the hugetlb pool, 2 MiB pages */
};

/*
 * MAP_SHARED memory of @size bytes on a 1 GiB boundary, so that KVM can use
 * huge pages under any guest address that is aligned alike. Backed by @file,
 * which grows to @size, or by a memfd named @name if @file is NULL. Returns
 * NULL after a message.
 */
void *memory_map(const char *name, const char *file, size_t size, enum page_advice advice);

/* Guest RAM: [0, low) and [4 GiB, 4 GiB + high), one piece of host memory. */
struct guest_ram {
	uint8_t *host;
	uint64_t low;
	uint64_t high;
};

bool guest_ram_init(struct guest_ram *ram, uint64_t size, enum page_advice advice);

/* Host address of [gpa, gpa + length), or NULL if that isn't all RAM. */
void *guest_ram_at(const struct guest_ram *ram, uint64_t gpa, uint64_t length);

#endif
