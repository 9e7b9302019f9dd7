// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * libcxlsofthost: bytes, table headers, CEDT and SRAT.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/acpi.h>
#include <cxlsofthost/component.h>
#include <cxlsofthost/host.h>

#include "acpi-internal.h"
#include "internal.h"

/* Table header */
#define CXLSH_TABLE_LENGTH 4
#define CXLSH_TABLE_CHECKSUM 9
#define CXLSH_TABLE_HEADER 36

#define CXLSH_CEDT_CHBS 0
#define CXLSH_CEDT_CHBS_LEN 0x20
#define CXLSH_CEDT_CHBS_CXL2 1
#define CXLSH_CEDT_CFMWS 1
#define CXLSH_CEDT_CFMWS_LEN 0x24
#define CXLSH_CFMWS_RESTRICTIONS 0x3fU
#define CXLSH_CEDT_CXIMS 2
#define CXLSH_CEDT_CXIMS_LEN 8

#define CXLSH_SRAT_LAPIC 0
#define CXLSH_SRAT_MEMORY 1
#define CXLSH_SRAT_X2APIC 2
#define CXLSH_SRAT_ENABLED 1

void cxlsh_buf_init(struct cxlsh_buf *buf, void *data, size_t size)
{
	buf->data = data;
	buf->size = size;
	buf->used = 0;
	buf->error = 0;
}

int cxlsh_buf_status(const struct cxlsh_buf *buf)
{
	if (buf->error)
		return buf->error;
	return buf->used > buf->size ? -ENOSPC : 0;
}

void cxlsh_buf_fail(struct cxlsh_buf *buf)
{
	if (!buf->error)
		buf->error = -EINVAL;
}

/* Nothing is written past the end, and nothing after that either: @used only counts */
void cxlsh_buf_bytes(struct cxlsh_buf *buf, const void *bytes, size_t len)
{
	if (len && buf->used <= buf->size && len <= buf->size - buf->used)
		memcpy(buf->data + buf->used, bytes, len);
	buf->used += len;
}

void cxlsh_buf_insert(struct cxlsh_buf *buf, size_t at, const void *bytes, size_t len)
{
	if (buf->used <= buf->size && len <= buf->size - buf->used) {
		memmove(buf->data + at + len, buf->data + at, buf->used - at);
		memcpy(buf->data + at, bytes, len);
	}
	buf->used += len;
}

static void cxlsh_buf_le(struct cxlsh_buf *buf, uint64_t value, size_t len)
{
	uint8_t bytes[8];

	cxlsh_put_le(bytes, value, len);
	cxlsh_buf_bytes(buf, bytes, len);
}

void cxlsh_buf_u8(struct cxlsh_buf *buf, uint8_t value)
{
	cxlsh_buf_le(buf, value, 1);
}

void cxlsh_buf_u16(struct cxlsh_buf *buf, uint16_t value)
{
	cxlsh_buf_le(buf, value, 2);
}

void cxlsh_buf_u32(struct cxlsh_buf *buf, uint32_t value)
{
	cxlsh_buf_le(buf, value, 4);
}

void cxlsh_buf_u64(struct cxlsh_buf *buf, uint64_t value)
{
	cxlsh_buf_le(buf, value, 8);
}

void cxlsh_buf_zeros(struct cxlsh_buf *buf, size_t len)
{
	if (len && buf->used <= buf->size && len <= buf->size - buf->used)
		memset(buf->data + buf->used, 0, len);
	buf->used += len;
}

void cxlsh_buf_align(struct cxlsh_buf *buf, size_t to)
{
	if (to && buf->used % to)
		cxlsh_buf_zeros(buf, to - buf->used % to);
}

uint8_t cxlsh_acpi_checksum(const void *bytes, size_t len)
{
	const uint8_t *b = bytes;
	uint8_t sum = 0;

	while (len--)
		sum = (uint8_t)(sum + *b++);
	return (uint8_t)(0 - sum);
}

size_t cxlsh_table_begin(struct cxlsh_buf *buf, const char *signature,
			 uint8_t revision, const struct cxlsh_acpi_oem *oem)
{
	static const struct cxlsh_acpi_oem own = {
		.id = { 'C', 'X', 'L', 'S', 'H', ' ' },
		.table_id = { 'S', 'O', 'F', 'T', 'H', 'O', 'S', 'T' },
		.revision = 1,
		.creator = { 'C', 'X', 'S', 'H' },
		.creator_revision = 1,
	};
	size_t table = buf->used;

	if (strlen(signature) != 4) {
		cxlsh_buf_fail(buf);
		signature = "????";
	}
	if (!oem)
		oem = &own;
	cxlsh_buf_bytes(buf, signature, 4);
	cxlsh_buf_u32(buf, 0);
	cxlsh_buf_u8(buf, revision);
	cxlsh_buf_u8(buf, 0);
	cxlsh_buf_bytes(buf, oem->id, sizeof(oem->id));
	cxlsh_buf_bytes(buf, oem->table_id, sizeof(oem->table_id));
	cxlsh_buf_u32(buf, oem->revision);
	cxlsh_buf_bytes(buf, oem->creator, sizeof(oem->creator));
	cxlsh_buf_u32(buf, oem->creator_revision);
	return table;
}

int cxlsh_table_end(struct cxlsh_buf *buf, size_t table)
{
	size_t len = buf->used - table;
	int ret;

	if (buf->used < table || len < CXLSH_TABLE_HEADER || len > UINT32_MAX)
		cxlsh_buf_fail(buf);
	ret = cxlsh_buf_status(buf);
	if (ret)
		return ret;
	cxlsh_put_le(buf->data + table + CXLSH_TABLE_LENGTH, len, 4);
	buf->data[table + CXLSH_TABLE_CHECKSUM] = 0;
	buf->data[table + CXLSH_TABLE_CHECKSUM] =
		cxlsh_acpi_checksum(buf->data + table, len);
	return 0;
}

static void cxlsh_cedt_header(struct cxlsh_buf *buf, uint8_t type, size_t len)
{
	cxlsh_buf_u8(buf, type);
	cxlsh_buf_u8(buf, 0);
	cxlsh_buf_u16(buf, (uint16_t)len);
}

void cxlsh_cedt_chbs(struct cxlsh_buf *buf, uint32_t uid, uint64_t base)
{
	if (base % CXLSH_COMPONENT_SIZE)
		cxlsh_buf_fail(buf);
	cxlsh_cedt_header(buf, CXLSH_CEDT_CHBS, CXLSH_CEDT_CHBS_LEN);
	cxlsh_buf_u32(buf, uid);
	cxlsh_buf_u32(buf, CXLSH_CEDT_CHBS_CXL2);
	cxlsh_buf_u32(buf, 0);
	cxlsh_buf_u64(buf, base);
	cxlsh_buf_u64(buf, CXLSH_COMPONENT_SIZE);
}

void cxlsh_cedt_cfmws(struct cxlsh_buf *buf, const struct cxlsh_cfmws *window)
{
	int ways = cxlsh_encode_ways(window->ways);
	int granularity = cxlsh_encode_granularity(window->granularity);

	if (ways < 0 || granularity < 0 || !window->length ||
	    window->hpa % CXL_SOFTHOST_UNIT ||
	    window->length % (window->ways * CXL_SOFTHOST_UNIT) ||
	    window->length - 1 > UINT64_MAX - window->hpa ||
	    window->restrictions & ~CXLSH_CFMWS_RESTRICTIONS) {
		cxlsh_buf_fail(buf);
		return;
	}
	for (uint32_t i = 0; i < window->ways; i++)
		for (uint32_t j = 0; j < i; j++)
			if (window->targets[i] == window->targets[j])
				cxlsh_buf_fail(buf);

	cxlsh_cedt_header(buf, CXLSH_CEDT_CFMWS,
			  CXLSH_CEDT_CFMWS_LEN + 4 * window->ways);
	cxlsh_buf_u32(buf, 0);
	cxlsh_buf_u64(buf, window->hpa);
	cxlsh_buf_u64(buf, window->length);
	cxlsh_buf_u8(buf, (uint8_t)ways);
	cxlsh_buf_u8(buf, window->xor_arithmetic);
	cxlsh_buf_u16(buf, 0);
	cxlsh_buf_u32(buf, (uint32_t)granularity);
	cxlsh_buf_u16(buf, window->restrictions);
	cxlsh_buf_u16(buf, window->qtg_id);
	for (uint32_t i = 0; i < window->ways; i++)
		cxlsh_buf_u32(buf, window->targets[i]);
}

void cxlsh_cedt_cxims(struct cxlsh_buf *buf, uint32_t granularity,
		      const uint64_t *maps, uint32_t count)
{
	int code = cxlsh_encode_granularity(granularity);

	if (code < 0 || !count || count > CXLSH_XOR_MAPS) {
		cxlsh_buf_fail(buf);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		if (!maps[i] || maps[i] & (granularity - 1))
			cxlsh_buf_fail(buf);

	cxlsh_cedt_header(buf, CXLSH_CEDT_CXIMS, CXLSH_CEDT_CXIMS_LEN + 8 * count);
	cxlsh_buf_u16(buf, 0);
	cxlsh_buf_u8(buf, (uint8_t)code);
	cxlsh_buf_u8(buf, (uint8_t)count);
	for (uint32_t i = 0; i < count; i++)
		cxlsh_buf_u64(buf, maps[i]);
}

size_t cxlsh_srat_begin(struct cxlsh_buf *buf, const struct cxlsh_acpi_oem *oem)
{
	size_t table = cxlsh_table_begin(buf, "SRAT", 3, oem);

	/* Reserved; the first dword is 1 for the sake of old readers */
	cxlsh_buf_u32(buf, 1);
	cxlsh_buf_u64(buf, 0);
	return table;
}

void cxlsh_srat_cpu(struct cxlsh_buf *buf, uint32_t domain, uint32_t apic_id)
{
	if (apic_id > 254) {
		cxlsh_buf_u8(buf, CXLSH_SRAT_X2APIC);
		cxlsh_buf_u8(buf, 24);
		cxlsh_buf_u16(buf, 0);
		cxlsh_buf_u32(buf, domain);
		cxlsh_buf_u32(buf, apic_id);
		cxlsh_buf_u32(buf, CXLSH_SRAT_ENABLED);
		cxlsh_buf_zeros(buf, 8);
		return;
	}
	cxlsh_buf_u8(buf, CXLSH_SRAT_LAPIC);
	cxlsh_buf_u8(buf, 16);
	cxlsh_buf_u8(buf, (uint8_t)domain);
	cxlsh_buf_u8(buf, (uint8_t)apic_id);
	cxlsh_buf_u32(buf, CXLSH_SRAT_ENABLED);
	cxlsh_buf_u8(buf, 0);
	/* The domain's upper three bytes */
	cxlsh_buf_u8(buf, (uint8_t)(domain >> 8));
	cxlsh_buf_u8(buf, (uint8_t)(domain >> 16));
	cxlsh_buf_u8(buf, (uint8_t)(domain >> 24));
	cxlsh_buf_u32(buf, 0);
}

void cxlsh_srat_memory(struct cxlsh_buf *buf, uint32_t domain, uint64_t base,
		       uint64_t length)
{
	if (!length || length - 1 > UINT64_MAX - base)
		cxlsh_buf_fail(buf);
	cxlsh_buf_u8(buf, CXLSH_SRAT_MEMORY);
	cxlsh_buf_u8(buf, 40);
	cxlsh_buf_u32(buf, domain);
	cxlsh_buf_u16(buf, 0);
	cxlsh_buf_u64(buf, base);
	cxlsh_buf_u64(buf, length);
	cxlsh_buf_u32(buf, 0);
	cxlsh_buf_u32(buf, CXLSH_SRAT_ENABLED);
	cxlsh_buf_u64(buf, 0);
}
