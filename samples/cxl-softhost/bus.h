/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Address ranges that devices answer for: I/O ports and MMIO alike. */
#ifndef CXLVM_BUS_H
#define CXLVM_BUS_H

#include <stdbool.h>
#include <stdint.h>

/* An access of 1-8 bytes at @offset from the start of the range. */
struct bus_access {
	uint64_t offset;
	uint32_t length;
	bool write;
	uint8_t *data;
};

typedef void bus_fn(void *opaque, struct bus_access *access);

#define BUS_RANGES 64

struct bus {
	uint32_t count;
	struct bus_range {
		uint64_t base;
		uint64_t size;
		bus_fn *fn;
		void *opaque;
	} ranges[BUS_RANGES];
};

/* False if the range overlaps another one or there are too many. */
bool bus_add(struct bus *bus, uint64_t base, uint64_t size, bus_fn *fn, void *opaque);

/* Nobody there: reads give all-ones, writes are dropped, and false is returned. */
bool bus_dispatch(const struct bus *bus, uint64_t addr, uint8_t *data, uint32_t length,
		  bool write);

uint64_t bus_value(const struct bus_access *access);
void bus_set_value(struct bus_access *access, uint64_t value);

#endif
