// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: AML objects and resource descriptors.
 */
#include <string.h>

#include "acpi-internal.h"
#include "internal.h"

/* Longest length that PkgLength can tell */
#define AML_LENGTH_MAX 0x0fffffffU
#define AML_SEGMENTS_MAX 255

/* Address space descriptors */
#define AML_DESC_WORD 0x88
#define AML_DESC_DWORD 0x87
#define AML_DESC_QWORD 0x8a
#define AML_DESC_IO_PORT 0x47
#define AML_DESC_IRQ 0x89
#define AML_DESC_END 0x79
#define AML_SPACE_MEMORY 0
#define AML_SPACE_IO 1
#define AML_SPACE_BUS 2
#define AML_SPACE_CONSUMER 0x01
#define AML_SPACE_FIXED 0x0c	/* both ends */
#define AML_MEMORY_WRITABLE 0x01
#define AML_MEMORY_PREFETCHABLE 0x06
#define AML_IO_ENTIRE 0x03

static bool cxlsh_aml_lead(char c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t cxlsh_aml_segment(const char *path, char segment[4])
{
	size_t len = 0;

	memset(segment, '_', 4);
	while (len < 4 && (cxlsh_aml_lead(path[len]) ||
			   (len && path[len] >= '0' && path[len] <= '9'))) {
		segment[len] = path[len];
		len++;
	}
	return len;
}

void cxlsh_aml_path(struct cxlsh_buf *buf, const char *path)
{
	size_t segments = 1;
	char segment[4];

	if (*path == '\\')
		cxlsh_buf_u8(buf, (uint8_t)*path++);
	else
		while (*path == '^')
			cxlsh_buf_u8(buf, (uint8_t)*path++);
	if (!*path) {
		cxlsh_buf_u8(buf, AML_ZERO);
		return;
	}

	for (const char *c = path; *c; c++)
		segments += *c == '.';
	if (segments > AML_SEGMENTS_MAX) {
		cxlsh_buf_fail(buf);
		return;
	}
	if (segments == 2) {
		cxlsh_buf_u8(buf, AML_DUAL_NAME);
	} else if (segments > 2) {
		cxlsh_buf_u8(buf, AML_MULTI_NAME);
		cxlsh_buf_u8(buf, (uint8_t)segments);
	}
	for (;;) {
		size_t len = cxlsh_aml_segment(path, segment);

		cxlsh_buf_bytes(buf, segment, sizeof(segment));
		path += len;
		if (!len || (*path && *path != '.')) {
			cxlsh_buf_fail(buf);
			return;
		}
		if (!*path++)
			return;
	}
}

/*
 * The length of a block goes between opcode and contents, and takes one to four
 * bytes depending on its value: it is put there when the block ends. Blocks
 * around it begin earlier, so their @start stays right.
 */
void cxlsh_aml_end(struct cxlsh_buf *buf, size_t start)
{
	size_t len = buf->used - start;
	uint8_t bytes[4];
	size_t n;

	if (buf->used < start || len > AML_LENGTH_MAX - sizeof(bytes)) {
		cxlsh_buf_fail(buf);
		return;
	}
	/* The length counts itself. One byte tells 6 bits, more tell 4 + 8 each */
	if (len + 1 <= 0x3f) {
		bytes[0] = (uint8_t)(len + 1);
		cxlsh_buf_insert(buf, start, bytes, 1);
		return;
	}
	n = len + 2 <= 0xfff ? 2 : len + 3 <= 0xfffff ? 3 : 4;
	len += n;
	bytes[0] = (uint8_t)((n - 1) << 6 | (len & 0xf));
	cxlsh_put_le(bytes + 1, len >> 4, n - 1);
	cxlsh_buf_insert(buf, start, bytes, n);
}

size_t cxlsh_aml_block(struct cxlsh_buf *buf, uint8_t opcode)
{
	cxlsh_buf_u8(buf, opcode);
	return buf->used;
}

size_t cxlsh_aml_scope(struct cxlsh_buf *buf, const char *path)
{
	size_t start = cxlsh_aml_block(buf, AML_SCOPE);

	cxlsh_aml_path(buf, path);
	return start;
}

size_t cxlsh_aml_device(struct cxlsh_buf *buf, const char *path)
{
	size_t start;

	cxlsh_buf_u8(buf, AML_EXT);
	start = cxlsh_aml_block(buf, AML_EXT_DEVICE);
	cxlsh_aml_path(buf, path);
	return start;
}

size_t cxlsh_aml_method(struct cxlsh_buf *buf, const char *path,
			unsigned int args, bool serialized)
{
	size_t start = cxlsh_aml_block(buf, AML_METHOD);

	if (args > 7)
		cxlsh_buf_fail(buf);
	cxlsh_aml_path(buf, path);
	cxlsh_buf_u8(buf, (uint8_t)((args & 7) | (serialized ? 8 : 0)));
	return start;
}

size_t cxlsh_aml_package(struct cxlsh_buf *buf, unsigned int count)
{
	size_t start = cxlsh_aml_block(buf, AML_PACKAGE);

	if (count > 255)
		cxlsh_buf_fail(buf);
	cxlsh_buf_u8(buf, (uint8_t)count);
	return start;
}

void cxlsh_aml_name(struct cxlsh_buf *buf, const char *path)
{
	cxlsh_buf_u8(buf, AML_NAME);
	cxlsh_aml_path(buf, path);
}

void cxlsh_aml_integer(struct cxlsh_buf *buf, uint64_t value)
{
	if (value <= 1) {
		cxlsh_buf_u8(buf, value ? AML_ONE : AML_ZERO);
	} else if (value <= UINT8_MAX) {
		cxlsh_buf_u8(buf, AML_BYTE);
		cxlsh_buf_u8(buf, (uint8_t)value);
	} else if (value <= UINT16_MAX) {
		cxlsh_buf_u8(buf, AML_WORD);
		cxlsh_buf_u16(buf, (uint16_t)value);
	} else if (value <= UINT32_MAX) {
		cxlsh_buf_u8(buf, AML_DWORD);
		cxlsh_buf_u32(buf, (uint32_t)value);
	} else {
		cxlsh_buf_u8(buf, AML_QWORD);
		cxlsh_buf_u64(buf, value);
	}
}

void cxlsh_aml_string(struct cxlsh_buf *buf, const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c > 0x7f)
			cxlsh_buf_fail(buf);
	cxlsh_buf_u8(buf, AML_STRING);
	cxlsh_buf_bytes(buf, text, strlen(text) + 1);
}

static int cxlsh_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

void cxlsh_aml_eisaid(struct cxlsh_buf *buf, const char *id)
{
	uint32_t value = 0;

	if (strlen(id) != 7) {
		cxlsh_buf_fail(buf);
		return;
	}
	/* Three letters of 5 bits and four digits of 4, most significant first */
	for (int i = 0; i < 3; i++) {
		if (id[i] < 'A' || id[i] > 'Z')
			cxlsh_buf_fail(buf);
		value = value << 5 | ((uint32_t)(id[i] - 'A' + 1) & 0x1f);
	}
	for (int i = 3; i < 7; i++) {
		if (cxlsh_hex(id[i]) < 0)
			cxlsh_buf_fail(buf);
		value = value << 4 | ((uint32_t)cxlsh_hex(id[i]) & 0xf);
	}
	cxlsh_buf_u8(buf, AML_DWORD);
	for (int shift = 24; shift >= 0; shift -= 8)
		cxlsh_buf_u8(buf, (uint8_t)(value >> shift));
}

void cxlsh_aml_uuid(struct cxlsh_buf *buf, const char *uuid)
{
	/* Where each byte's digits are in the text: the first three fields are turned */
	static const uint8_t at[16] = {
		6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34
	};
	size_t start = cxlsh_aml_block(buf, AML_BUFFER);

	cxlsh_aml_integer(buf, sizeof(at));
	if (strlen(uuid) != 36 || uuid[8] != '-' || uuid[13] != '-' ||
	    uuid[18] != '-' || uuid[23] != '-') {
		cxlsh_buf_fail(buf);
		return;
	}
	for (size_t i = 0; i < sizeof(at); i++) {
		int high = cxlsh_hex(uuid[at[i]]), low = cxlsh_hex(uuid[at[i] + 1]);

		if (high < 0 || low < 0) {
			cxlsh_buf_fail(buf);
			return;
		}
		cxlsh_buf_u8(buf, (uint8_t)(high << 4 | low));
	}
	cxlsh_aml_end(buf, start);
}

void cxlsh_aml_return(struct cxlsh_buf *buf)
{
	cxlsh_buf_u8(buf, AML_RETURN);
}

void cxlsh_aml_name_integer(struct cxlsh_buf *buf, const char *path, uint64_t value)
{
	cxlsh_aml_name(buf, path);
	cxlsh_aml_integer(buf, value);
}

void cxlsh_aml_name_string(struct cxlsh_buf *buf, const char *path, const char *text)
{
	cxlsh_aml_name(buf, path);
	cxlsh_aml_string(buf, text);
}

void cxlsh_aml_name_eisaid(struct cxlsh_buf *buf, const char *path, const char *id)
{
	cxlsh_aml_name(buf, path);
	cxlsh_aml_eisaid(buf, id);
}

size_t cxlsh_aml_resources(struct cxlsh_buf *buf)
{
	return cxlsh_aml_block(buf, AML_BUFFER);
}

void cxlsh_aml_resources_end(struct cxlsh_buf *buf, size_t start)
{
	uint8_t count[8];
	struct cxlsh_buf size;

	cxlsh_buf_u8(buf, AML_DESC_END);
	/* A checksum of 0 isn't checked */
	cxlsh_buf_u8(buf, 0);
	if (buf->used < start) {
		cxlsh_buf_fail(buf);
		return;
	}
	cxlsh_buf_init(&size, count, sizeof(count));
	cxlsh_aml_integer(&size, buf->used - start);
	cxlsh_buf_insert(buf, start, count, size.used);
	cxlsh_aml_end(buf, start);
}

/* One descriptor, with fields of @width bytes: granularity, ends, offset, length */
static void cxlsh_aml_space(struct cxlsh_buf *buf, uint8_t tag, size_t width,
			    uint8_t type, uint8_t general, uint8_t specific,
			    uint64_t base, uint64_t length)
{
	const uint64_t fields[5] = { 0, base, base + length - 1, 0, length };
	uint8_t bytes[8];

	cxlsh_buf_u8(buf, tag);
	cxlsh_buf_u16(buf, (uint16_t)(3 + 5 * width));
	cxlsh_buf_u8(buf, type);
	cxlsh_buf_u8(buf, general);
	cxlsh_buf_u8(buf, specific);
	for (size_t i = 0; i < CXLSH_ARRAY_SIZE(fields); i++) {
		cxlsh_put_le(bytes, fields[i], width);
		cxlsh_buf_bytes(buf, bytes, width);
	}
}

void cxlsh_aml_bus_window(struct cxlsh_buf *buf, uint8_t first, uint8_t last)
{
	if (last < first) {
		cxlsh_buf_fail(buf);
		return;
	}
	cxlsh_aml_space(buf, AML_DESC_WORD, 2, AML_SPACE_BUS, AML_SPACE_FIXED, 0,
			first, last - first + 1U);
}

static void cxlsh_aml_memory(struct cxlsh_buf *buf, uint64_t base, uint64_t length,
			     uint8_t general, uint8_t specific)
{
	if (!length || length - 1 > UINT64_MAX - base) {
		cxlsh_buf_fail(buf);
		return;
	}
	if (base + (length - 1) <= UINT32_MAX && length <= UINT32_MAX)
		cxlsh_aml_space(buf, AML_DESC_DWORD, 4, AML_SPACE_MEMORY, general,
				specific, base, length);
	else
		cxlsh_aml_space(buf, AML_DESC_QWORD, 8, AML_SPACE_MEMORY, general,
				specific, base, length);
}

void cxlsh_aml_memory_window(struct cxlsh_buf *buf, uint64_t base,
			     uint64_t length, bool prefetchable)
{
	cxlsh_aml_memory(buf, base, length, AML_SPACE_FIXED,
			 AML_MEMORY_WRITABLE |
			 (prefetchable ? AML_MEMORY_PREFETCHABLE : 0));
}

void cxlsh_aml_memory_range(struct cxlsh_buf *buf, uint64_t base, uint64_t length)
{
	cxlsh_aml_memory(buf, base, length, AML_SPACE_FIXED | AML_SPACE_CONSUMER,
			 AML_MEMORY_WRITABLE);
}

void cxlsh_aml_io_window(struct cxlsh_buf *buf, uint16_t base, uint32_t length)
{
	if (!length || length > UINT16_MAX || base + length > 0x10000) {
		cxlsh_buf_fail(buf);
		return;
	}
	cxlsh_aml_space(buf, AML_DESC_WORD, 2, AML_SPACE_IO, AML_SPACE_FIXED,
			AML_IO_ENTIRE, base, length);
}

void cxlsh_aml_io_range(struct cxlsh_buf *buf, uint16_t base, uint8_t length)
{
	if (!length || base + length > 0x10000)
		cxlsh_buf_fail(buf);
	cxlsh_buf_u8(buf, AML_DESC_IO_PORT);
	cxlsh_buf_u8(buf, 1);	/* decodes 16 bits */
	cxlsh_buf_u16(buf, base);
	cxlsh_buf_u16(buf, base);
	cxlsh_buf_u8(buf, 1);
	cxlsh_buf_u8(buf, length);
}

void cxlsh_aml_irq(struct cxlsh_buf *buf, uint32_t gsi, bool level)
{
	cxlsh_buf_u8(buf, AML_DESC_IRQ);
	cxlsh_buf_u16(buf, 6);
	/* Consumer, exclusive, active high; bit 1: edge */
	cxlsh_buf_u8(buf, level ? 0x01 : 0x03);
	cxlsh_buf_u8(buf, 1);
	cxlsh_buf_u32(buf, gsi);
}
