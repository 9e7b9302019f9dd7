// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <string.h>

#include "bus.h"

bool bus_add(struct bus *bus, uint64_t base, uint64_t size, bus_fn *fn, void *opaque)
{
	if (bus->count == BUS_RANGES || !size || base + size < base)
		return false;
	for (uint32_t i = 0; i < bus->count; i++) {
		const struct bus_range *range = &bus->ranges[i];

		if (base < range->base + range->size && range->base < base + size)
			return false;
	}
	bus->ranges[bus->count++] = (struct bus_range){ base, size, fn, opaque };
	return true;
}

bool bus_dispatch(const struct bus *bus, uint64_t addr, uint8_t *data, uint32_t length,
		  bool write)
{
	for (uint32_t i = 0; i < bus->count; i++) {
		const struct bus_range *range = &bus->ranges[i];
		struct bus_access access = { .length = length, .write = write, .data = data };

		if (addr < range->base || addr - range->base >= range->size)
			continue;
		access.offset = addr - range->base;
		if (length > range->size - access.offset)
			break;
		range->fn(range->opaque, &access);
		return true;
	}
	if (!write)
		memset(data, 0xff, length);
	return false;
}

uint64_t bus_value(const struct bus_access *access)
{
	uint64_t value = 0;

	memcpy(&value, access->data, access->length);
	return value;
}

void bus_set_value(struct bus_access *access, uint64_t value)
{
	memcpy(access->data, &value, access->length);
}
