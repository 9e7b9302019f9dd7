// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Tables, byte by byte.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/acpi.h>

#include "tap.h"

#define GIB 0x40000000ULL

static const struct cxlsh_acpi_oem oem = {
	"OEMID1", "TABLEID2", 0x11223344, "CRTR", 0x55667788
};

static const uint32_t targets[] = { 7, 0x01020304 };

static int build_cedt(struct cxlsh_buf *buf)
{
	const struct cxlsh_cfmws one = {
		.hpa = 0x4000000000, .length = 4 * GIB, .ways = 1, .granularity = 256,
		.restrictions = CXLSH_CFMWS_HOST_ONLY | CXLSH_CFMWS_VOLATILE,
		.targets = targets,
	};
	const struct cxlsh_cfmws two = {
		.hpa = 0x5000000000, .length = 8 * GIB, .ways = 2, .granularity = 4096,
		.xor_arithmetic = true, .restrictions = 0x1f, .qtg_id = 0x1234,
		.targets = targets,
	};
	size_t table = cxlsh_table_begin(buf, "CEDT", 1, &oem);

	cxlsh_cedt_chbs(buf, 7, 0x90010000);
	cxlsh_cedt_cfmws(buf, &one);
	cxlsh_cedt_cfmws(buf, &two);
	return cxlsh_table_end(buf, table);
}

/* From the layouts in the ACPI and CXL specifications; the checksum by hand */
static const uint8_t cedt[] = {
	'C', 'E', 'D', 'T', 0x98, 0, 0, 0, 1, 0xb6,
	'O', 'E', 'M', 'I', 'D', '1', 'T', 'A', 'B', 'L', 'E', 'I', 'D', '2',
	0x44, 0x33, 0x22, 0x11, 'C', 'R', 'T', 'R', 0x88, 0x77, 0x66, 0x55,
	/* CHBS: type, reserved, length, UID, version, reserved, base, length */
	0, 0, 0x20, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0x01, 0x90, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,
	/* CFMWS: base, size, ways, arithmetic, granularity, restrictions, QTG */
	1, 0, 0x28, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0,
	1, 0, 0x2c, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0x50, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0,
	1, 1, 0, 0, 4, 0, 0, 0, 0x1f, 0, 0x34, 0x12, 7, 0, 0, 0, 4, 3, 2, 1,
};

static uint8_t sum(const uint8_t *data, size_t len)
{
	uint8_t s = 0;

	while (len--)
		s = (uint8_t)(s + *data++);
	return s;
}

static void test_cedt(void)
{
	uint8_t data[256];
	struct cxlsh_buf buf;
	size_t second;

	memset(data, 0xaa, sizeof(data));
	cxlsh_buf_init(&buf, data, sizeof(data));
	eq(build_cedt(&buf), 0, "CEDT");
	eq(buf.used, sizeof(cedt), "length");
	bytes(data, cedt, sizeof(cedt), "every byte");
	eq(sum(data, buf.used), 0, "sum is 0");
	eq(data[sizeof(cedt)], 0xaa, "and not a byte more");

	/* A second table in the same buffer has its own header */
	cxlsh_buf_align(&buf, 64);
	eq(buf.used % 64, 0, "aligned");
	second = buf.used;
	cxlsh_table_end(&buf, cxlsh_table_begin(&buf, "TEST", 2, NULL));
	eq(sum(data + second, buf.used - second), 0, "a second table sums to 0");
	eq(data[second + 4], 36, "an empty table is its header");
	eq(sum(data, sizeof(cedt)), 0, "the first is as it was");
}

static void test_cxims(void)
{
	static const uint64_t maps[] = { 0x0102030405060600, 0x4000 };
	/* Type, reserved, length, reserved, granularity, number of maps, maps */
	static const uint8_t want[] = {
		2, 0, 0x18, 0, 0, 0, 1, 2, 0, 6, 6, 5, 4, 3, 2, 1, 0, 0x40, 0, 0, 0, 0, 0, 0,
	};
	static const uint64_t none[] = { 0x200, 0 };
	static const uint64_t low[] = { 0x200, 0x101 };
	uint8_t data[64];
	struct cxlsh_buf buf;

	cxlsh_buf_init(&buf, data, sizeof(data));
	cxlsh_cedt_cxims(&buf, 512, maps, 2);
	eq(cxlsh_buf_status(&buf), 0, "CXIMS");
	eq(buf.used, sizeof(want), "length");
	bytes(data, want, sizeof(want), "every byte");

#define CXIMS(granularity, list, count, ...) do {				\
	cxlsh_buf_init(&buf, data, sizeof(data));				\
	cxlsh_cedt_cxims(&buf, granularity, list, count);			\
	eq(cxlsh_buf_status(&buf), -EINVAL, __VA_ARGS__);			\
} while (0)
	CXIMS(300, maps, 2, "CXIMS: granularity");
	CXIMS(256, maps, 0, "CXIMS: no maps");
	CXIMS(256, maps, 5, "CXIMS: more maps than ways can need");
	CXIMS(256, none, 2, "CXIMS: an empty map");
	CXIMS(256, low, 2, "CXIMS: a bit below the granularity");
	CXIMS(1024, maps, 2, "CXIMS: the same maps, another granularity");
#undef CXIMS
}

static void test_overflow(void)
{
	unsigned int bad = 0;

	/* Each size has its own allocation: ASan sees a step beside it */
	for (size_t size = 0; size < sizeof(cedt); size++) {
		uint8_t *data = malloc(size ? size : 1);
		struct cxlsh_buf buf;

		cxlsh_buf_init(&buf, size ? data : NULL, size);
		if (build_cedt(&buf) != -ENOSPC || buf.used != sizeof(cedt) ||
		    cxlsh_buf_status(&buf) != -ENOSPC)
			bad++;
		free(data);
	}
	eq(bad, 0, "every size that is too small says so, and how much it takes");
}

static void test_refused(void)
{
	const struct cxlsh_cfmws good = {
		.hpa = 0x4000000000, .length = 4 * GIB, .ways = 2, .granularity = 256,
		.restrictions = 6, .targets = targets,
	};
	const uint32_t twice[] = { 7, 7 };
	struct cxlsh_cfmws w;
	uint8_t data[512];
	struct cxlsh_buf buf;

#define CFMWS(change, want, ...) do {						\
	w = good;								\
	change;									\
	cxlsh_buf_init(&buf, data, sizeof(data));				\
	cxlsh_cedt_cfmws(&buf, &w);						\
	eq(cxlsh_buf_status(&buf), want, __VA_ARGS__);				\
} while (0)
	CFMWS((void)0, 0, "a good window");
	CFMWS(w.hpa += 4096, -EINVAL, "base");
	CFMWS(w.length = 0, -EINVAL, "no size");
	CFMWS(w.length += GIB / 4, -EINVAL, "size isn't a multiple of ways * 256 MiB");
	CFMWS(w.ways = 5, -EINVAL, "5 ways");
	CFMWS(w.ways = 0, -EINVAL, "0 ways");
	CFMWS(w.granularity = 100, -EINVAL, "granularity");
	CFMWS(w.restrictions = 0x40, -EINVAL, "unknown restriction");
	CFMWS(w.targets = twice, -EINVAL, "a target twice");
	CFMWS(w.hpa = 0xffffffff00000000; w.length = 4 * GIB, 0, "up to 2^64");
	CFMWS(w.hpa = 0xffffffff00000000; w.length = 8 * GIB, -EINVAL, "past 2^64");
#undef CFMWS
	cxlsh_buf_init(&buf, data, sizeof(data));
	cxlsh_cedt_chbs(&buf, 1, 0x90001000);
	eq(cxlsh_buf_status(&buf), -EINVAL, "CHBS isn't aligned");
	cxlsh_cedt_chbs(&buf, 1, 0x90010000);
	eq(cxlsh_buf_status(&buf), -EINVAL, "errors stick");
	cxlsh_buf_init(&buf, data, sizeof(data));
	cxlsh_table_begin(&buf, "TOOLONG", 1, NULL);
	eq(cxlsh_buf_status(&buf), -EINVAL, "signature");
	cxlsh_buf_init(&buf, data, sizeof(data));
	eq(cxlsh_table_end(&buf, 0), -EINVAL, "a table that didn't begin");
	eq(cxlsh_table_end(&buf, 100), -EINVAL, "nor there");
}

static void test_srat(void)
{
	static const uint8_t want[] = {
		1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		/* Local APIC 3 in domain 0x04030201: low byte, then the three others */
		0, 16, 0x01, 3, 1, 0, 0, 0, 0, 0x02, 0x03, 0x04, 0, 0, 0, 0,
		/* x2APIC 255 */
		2, 24, 0, 0, 1, 0, 0, 0, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		/* Memory */
		1, 40, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0,
		0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	uint8_t data[256];
	struct cxlsh_buf buf;
	size_t table;

	cxlsh_buf_init(&buf, data, sizeof(data));
	table = cxlsh_srat_begin(&buf, &oem);
	cxlsh_srat_cpu(&buf, 0x04030201, 3);
	cxlsh_srat_cpu(&buf, 1, 255);
	cxlsh_srat_memory(&buf, 2, 0x100000000, 2 * GIB);
	eq(cxlsh_table_end(&buf, table), 0, "SRAT");
	eq(buf.used, 36 + sizeof(want), "length");
	bytes(data, "SRAT", 4, "signature");
	eq(data[8], 3, "revision");
	bytes(data + 36, want, sizeof(want), "every byte");
	eq(sum(data, buf.used), 0, "sum is 0");
	cxlsh_srat_memory(&buf, 0, 0, 0);
	eq(cxlsh_buf_status(&buf), -EINVAL, "memory of no size");
}

static void test_checksum(void)
{
	uint8_t data[] = { 1, 2, 3, 250 };

	eq(cxlsh_acpi_checksum(data, 3), 250, "6 + 250 = 0");
	eq(cxlsh_acpi_checksum(data, 4), 0, "0");
	eq(cxlsh_acpi_checksum(data, 0), 0, "of nothing");
}

int main(void)
{
	test_cedt();
	test_cxims();
	test_overflow();
	test_refused();
	test_srat();
	test_checksum();
	return tap_done();
}
