/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Looks at functions the way an operating system does, through reads of
 * configuration space alone; all numbers are from the specifications, none from
 * the library.
 */
#ifndef CXLSOFTHOST_TEST_GUEST_H
#define CXLSOFTHOST_TEST_GUEST_H

#include <stddef.h>
#include <stdint.h>

struct guest_function {
	void *function;
	void (*read)(void *function, uint64_t offset, void *data, size_t len);
	int (*write)(void *function, uint64_t offset, const void *data, size_t len);
};

static inline uint32_t guest_get(const struct guest_function *f, uint64_t offset,
				 size_t len)
{
	uint8_t data[4] = { 0 };

	f->read(f->function, offset, data, len);
	return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
	       (uint32_t)data[3] << 24;
}

static inline int guest_put(const struct guest_function *f, uint64_t offset,
			    size_t len, uint32_t value)
{
	uint8_t data[4] = { (uint8_t)value, (uint8_t)(value >> 8),
			    (uint8_t)(value >> 16), (uint8_t)(value >> 24) };

	return f->write(f->function, offset, data, len);
}

/* Capability in the list that begins at 0x34; 0 if it isn't there */
static inline unsigned int guest_cap(const struct guest_function *f, uint8_t id)
{
	unsigned int at, ttl = 48;

	if (!(guest_get(f, 6, 2) & 0x10))
		return 0;
	for (at = guest_get(f, 0x34, 1); at >= 0x40 && ttl--; at = guest_get(f, at + 1, 1))
		if (guest_get(f, at, 1) == id)
			return at;
	return 0;
}

/* Next extended capability after @from (0 = the first) with this ID */
static inline unsigned int guest_ext_cap(const struct guest_function *f,
					 unsigned int from, uint16_t id)
{
	unsigned int ttl = (4096 - 256) / 8;
	unsigned int at = from ? guest_get(f, from, 4) >> 20 : 0x100;

	for (; at >= 0x100 && ttl--; at = guest_get(f, at, 4) >> 20) {
		if (!guest_get(f, at, 4))
			return 0;
		if ((guest_get(f, at, 4) & 0xffff) == id)
			return at;
	}
	return 0;
}

/* DVSEC of the CXL consortium with this ID */
static inline unsigned int guest_dvsec(const struct guest_function *f, uint16_t id)
{
	unsigned int at = 0;

	while ((at = guest_ext_cap(f, at, 0x23)))
		if ((guest_get(f, at + 4, 4) & 0xffff) == 0x1e98 &&
		    guest_get(f, at + 8, 2) == id)
			return at;
	return 0;
}

/* Register block by identifier; BAR number and offset, 0 if it isn't there */
static inline int guest_block(const struct guest_function *f, uint8_t id,
			      unsigned int *bar, uint64_t *offset)
{
	unsigned int at = guest_dvsec(f, 8);
	unsigned int len = at ? guest_get(f, at + 4, 4) >> 20 : 0;

	for (unsigned int b = 0xc; at && b + 8 <= len; b += 8) {
		uint32_t low = guest_get(f, at + b, 4);

		if ((low >> 8 & 0xff) != id)
			continue;
		*bar = low & 7;
		*offset = (low & 0xffff0000) |
			  (uint64_t)guest_get(f, at + b + 4, 4) << 32;
		return 1;
	}
	return 0;
}

#endif /* CXLSOFTHOST_TEST_GUEST_H */
