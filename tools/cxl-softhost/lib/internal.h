/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: little helpers that several pieces share.
 */
#ifndef CXLSOFTHOST_INTERNAL_H
#define CXLSOFTHOST_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cxlsofthost/host.h>

#define CXLSH_ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline uint64_t cxlsh_get_le(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	uint64_t value = 0;

	while (len--)
		value = value << 8 | b[len];
	return value;
}

static inline void cxlsh_put_le(void *bytes, uint64_t value, size_t len)
{
	uint8_t *b = bytes;

	for (size_t i = 0; i < len; i++)
		b[i] = (uint8_t)(value >> (8 * i));
}

/*
 * The part of [offset, offset + len) that lies in [base, base + size): guests
 * choose offset and len, so nothing here may wrap.
 *
 * Return: its length, 0 if there is none. *skip is where it begins in the
 * access, *at where it begins in the range.
 */
static inline size_t cxlsh_overlap(uint64_t offset, size_t len, uint64_t base,
				   uint64_t size, size_t *skip, uint64_t *at)
{
	uint64_t room;

	if (offset < base) {
		if (base - offset >= len)
			return 0;
		*skip = (size_t)(base - offset);
		*at = 0;
	} else {
		if (offset - base >= size)
			return 0;
		*skip = 0;
		*at = offset - base;
	}
	len -= *skip;
	room = size - *at;
	return len < room ? len : (size_t)room;
}

/* Copy what an access has in common with a range of registers */
static inline void cxlsh_read_range(uint64_t offset, void *data, size_t len,
				    uint64_t base, const void *regs, size_t size)
{
	size_t skip, n;
	uint64_t at;

	n = cxlsh_overlap(offset, len, base, size, &skip, &at);
	if (n)
		memcpy((uint8_t *)data + skip, (const uint8_t *)regs + at, n);
}

static inline void cxlsh_report(const struct cxlsh_host *host, uint32_t node_id,
				const struct cxl_softhost_result *result)
{
	if (host->result)
		host->result(host->result_ctx, node_id, result);
}

#endif /* CXLSOFTHOST_INTERNAL_H */
