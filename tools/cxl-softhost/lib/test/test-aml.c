// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * AML. Byte by byte here; test/run asks ACPICA as well if it is installed:
 * "--dump FILE" writes a DSDT for that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cxlsofthost/acpi.h>

#include "tap.h"

static uint8_t data[8192];
static struct cxlsh_buf buf;

static void start(void)
{
	memset(data, 0xaa, sizeof(data));
	cxlsh_buf_init(&buf, data, sizeof(data));
}

#define IS(want, ...) do {							\
	eq(cxlsh_buf_status(&buf), 0, __VA_ARGS__);				\
	eq(buf.used, sizeof(want) - 1, "its length");				\
	bytes(data, want, sizeof(want) - 1, "its bytes");			\
	start();								\
} while (0)

#define REFUSED(...) do {							\
	eq(cxlsh_buf_status(&buf), -EINVAL, __VA_ARGS__);			\
	start();								\
} while (0)

static void test_objects(void)
{
	start();
	cxlsh_aml_integer(&buf, 0);
	cxlsh_aml_integer(&buf, 1);
	cxlsh_aml_integer(&buf, 0xff);
	cxlsh_aml_integer(&buf, 0x100);
	cxlsh_aml_integer(&buf, 0x10000);
	cxlsh_aml_integer(&buf, 0x100000000);
	IS("\x00\x01\x0a\xff\x0b\x00\x01\x0c\x00\x00\x01\x00"
	   "\x0e\x00\x00\x00\x00\x01\x00\x00\x00", "integers");
	cxlsh_aml_name_string(&buf, "_HID", "ACPI0016");
	IS("\x08_HID\x0d" "ACPI0016\0", "string");
	cxlsh_aml_name_eisaid(&buf, "_CID", "PNP0A08");
	IS("\x08_CID\x0c\x41\xd0\x0a\x08", "EISA ID");
	cxlsh_aml_uuid(&buf, "00112233-4455-6677-8899-aabbCCDDeeff");
	IS("\x11\x13\x0a\x10\x33\x22\x11\x00\x55\x44\x77\x66"
	   "\x88\x99\xaa\xbb\xcc\xdd\xee\xff", "UUID");
	cxlsh_aml_return(&buf);
	cxlsh_aml_integer(&buf, 1);
	IS("\xa4\x01", "return");

	cxlsh_aml_string(&buf, "\x80");
	REFUSED("8-bit string");
	cxlsh_aml_eisaid(&buf, "PNP0A0");
	REFUSED("short EISA ID");
	cxlsh_aml_eisaid(&buf, "PNP0A0G");
	REFUSED("EISA ID with a wrong digit");
	cxlsh_aml_eisaid(&buf, "pnp0A08");
	REFUSED("EISA ID in small letters");
	cxlsh_aml_uuid(&buf, "00112233-4455-6677-8899-aabbCCDDeef");
	REFUSED("short UUID");
	cxlsh_aml_uuid(&buf, "00112233-4455-6677-8899-aabbCCDDeefg");
	REFUSED("UUID with a wrong digit");
	cxlsh_aml_uuid(&buf, "00112233-4455-6677-8899+aabbCCDDeeff");
	REFUSED("UUID without a dash");
}

static void test_paths(void)
{
	start();
	cxlsh_aml_name(&buf, "A");
	IS("\x08" "A___", "short name is padded");
	cxlsh_aml_name(&buf, "\\_SB");
	IS("\x08\\_SB_", "from the root");
	cxlsh_aml_name(&buf, "^^ABCD");
	IS("\x08^^ABCD", "from the parent");
	cxlsh_aml_name(&buf, "\\_SB.PC00");
	IS("\x08\\\x2e_SB_PC00", "two segments");
	cxlsh_aml_name(&buf, "A.B.C9");
	IS("\x08\x2f\x03" "A___B___C9__", "three segments");
	cxlsh_aml_name(&buf, "\\");
	IS("\x08\\\0", "the root itself");
	cxlsh_aml_name(&buf, "ABCDE");
	REFUSED("five letters");
	cxlsh_aml_name(&buf, "9ABC");
	REFUSED("digit in front");
	cxlsh_aml_name(&buf, "ab");
	REFUSED("small letters");
	cxlsh_aml_name(&buf, "A.");
	REFUSED("empty segment at the end");
	cxlsh_aml_name(&buf, "A..B");
	REFUSED("empty segment in the middle");
}

static void test_blocks(void)
{
	size_t outer, inner;

	start();
	outer = cxlsh_aml_scope(&buf, "\\_SB");
	inner = cxlsh_aml_device(&buf, "DEV0");
	cxlsh_aml_end(&buf, inner);
	cxlsh_aml_end(&buf, outer);
	IS("\x10\x0d\\_SB_\x5b\x82\x05" "DEV0", "nested blocks");
	outer = cxlsh_aml_package(&buf, 2);
	cxlsh_aml_integer(&buf, 5);
	cxlsh_aml_integer(&buf, 0);
	cxlsh_aml_end(&buf, outer);
	IS("\x12\x05\x02\x0a\x05\x00", "package");
	outer = cxlsh_aml_method(&buf, "_STA", 0, false);
	cxlsh_aml_end(&buf, outer);
	outer = cxlsh_aml_method(&buf, "_OSC", 4, true);
	cxlsh_aml_end(&buf, outer);
	IS("\x14\x06_STA\x00\x14\x06_OSC\x0c", "methods");
	cxlsh_aml_method(&buf, "_OSC", 8, true);
	REFUSED("eight arguments");
	cxlsh_aml_package(&buf, 256);
	REFUSED("256 objects");
	cxlsh_aml_end(&buf, 5);
	REFUSED("end of what didn't begin");
}

/* Length of a scope with @fill bytes in it, read back as an interpreter does */
static void test_length(size_t fill)
{
	size_t size = fill + 16, block, bytes_more, len;
	uint8_t *big = calloc(1, size);
	struct cxlsh_buf b;

	if (!big)
		abort();
	cxlsh_buf_init(&b, big, size);
	block = cxlsh_aml_scope(&b, "ABCD");
	cxlsh_buf_zeros(&b, fill);
	cxlsh_aml_end(&b, block);
	bytes_more = big[1] >> 6;
	len = bytes_more ? big[1] & 0xf : big[1] & 0x3f;
	for (size_t i = 0; i < bytes_more; i++)
		len |= (size_t)big[2 + i] << (4 + 8 * i);
	ok(!cxlsh_buf_status(&b) && len == b.used - 1 &&
	   b.used == 1 + 1 + bytes_more + 4 + fill &&
	   !memcmp(big + 2 + bytes_more, "ABCD", 4), "a block of %zu, length in %zu bytes",
	   fill, bytes_more + 1);
	free(big);
}

static void test_resources(void)
{
	size_t list;

	start();
	list = cxlsh_aml_resources(&buf);
	cxlsh_aml_bus_window(&buf, 0x10, 0x1f);
	cxlsh_aml_resources_end(&buf, list);
	IS("\x11\x15\x0a\x12\x88\x0d\x00\x02\x0c\x00\x00\x00\x10\x00\x1f\x00\x00\x00\x10\x00"
	   "\x79\x00", "bus window");
	cxlsh_aml_memory_window(&buf, 0xc0000000, 0x40000000, false);
	IS("\x87\x17\x00\x00\x0c\x01\x00\x00\x00\x00\x00\x00\x00\xc0\xff\xff\xff\xff"
	   "\x00\x00\x00\x00\x00\x00\x00\x40", "memory window that ends at 4 GiB");
	cxlsh_aml_memory_window(&buf, 0x8000000000, 0x100000000, true);
	IS("\x8a\x2b\x00\x00\x0c\x07\x00\x00\x00\x00\x00\x00\x00\x00"
	   "\x00\x00\x00\x00\x80\x00\x00\x00\xff\xff\xff\xff\x80\x00\x00\x00"
	   "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00",
	   "prefetchable window above");
	cxlsh_aml_memory_range(&buf, 0xe0000000, 0x10000000);
	IS("\x87\x17\x00\x00\x0d\x01\x00\x00\x00\x00\x00\x00\x00\xe0\xff\xff\xff\xef"
	   "\x00\x00\x00\x00\x00\x00\x00\x10", "memory range");
	cxlsh_aml_io_window(&buf, 0xd00, 0xf300);
	IS("\x88\x0d\x00\x01\x0c\x03\x00\x00\x00\x0d\xff\xff\x00\x00\x00\xf3", "I/O window");
	cxlsh_aml_io_range(&buf, 0x3f8, 8);
	IS("\x47\x01\xf8\x03\xf8\x03\x01\x08", "I/O range");
	cxlsh_aml_irq(&buf, 4, false);
	cxlsh_aml_irq(&buf, 0x105, true);
	IS("\x89\x06\x00\x03\x01\x04\x00\x00\x00\x89\x06\x00\x01\x01\x05\x01\x00\x00", "IRQs");

	cxlsh_aml_bus_window(&buf, 2, 1);
	REFUSED("buses backwards");
	cxlsh_aml_memory_window(&buf, 0x1000, 0, false);
	REFUSED("memory of no size");
	cxlsh_aml_memory_window(&buf, ~0ULL, 2, false);
	REFUSED("memory past 2^64");
	cxlsh_aml_io_window(&buf, 0xffff, 2);
	REFUSED("I/O past 64 KiB");
	cxlsh_aml_io_range(&buf, 0, 0);
	REFUSED("I/O of no size");
}

static int build(struct cxlsh_buf *b)
{
	static const struct cxlsh_acpi_window windows[] = {
		{ CXLSH_WINDOW_MEMORY, 0xc0000000, 0x10000000 },
		{ CXLSH_WINDOW_PREFETCHABLE, 0x8000000000, 0x100000000 },
		{ CXLSH_WINDOW_IO, 0x1000, 0x1000 },
	};
	static const struct cxlsh_acpi_prt prt[] = { { 0, 0, 16 }, { 31, 3, 300 } };
	const struct cxlsh_acpi_bridge full = {
		.name = "CX00", .uid = 7, .segment = 1, .first_bus = 16, .last_bus = 31,
		.windows = windows, .window_count = 3, .prt = prt, .prt_count = 2,
		.osc_grant = CXLSH_OSC_CAPABILITY | CXLSH_OSC_LTR,
	};
	const struct cxlsh_acpi_bridge bare = {
		.name = "CX01", .uid = 8, .first_bus = 255, .last_bus = 255,
	};
	size_t table = cxlsh_table_begin(b, "DSDT", 2, NULL);
	size_t scope = cxlsh_aml_scope(b, "\\_SB");
	size_t device;

	cxlsh_aml_cxl_root(b, "CXLM");
	cxlsh_aml_host_bridge(b, &full);
	cxlsh_aml_host_bridge(b, &bare);
	device = cxlsh_aml_device(b, "PCI0");
	cxlsh_aml_name_eisaid(b, "_HID", "PNP0A08");
	cxlsh_aml_osc(b, CXLSH_OSC_HOTPLUG, false);
	cxlsh_aml_end(b, device);
	cxlsh_aml_end(b, scope);
	return cxlsh_table_end(b, table);
}

static void test_bridge(void)
{
	static const struct cxlsh_acpi_prt bad_prt = { 32, 0, 0 };
	static const struct cxlsh_acpi_window bad_window = { CXLSH_WINDOW_IO, 0x10000, 1 };
	struct cxlsh_acpi_bridge bridge = { .name = "CX00", .last_bus = 1 };
	/* What names the device, up to its _CRS: PNP0A03 is what Linux looks for */
	static const char head[] = "CX00\x08_HID\x0d" "ACPI0016\0"
				   "\x08_CID\x12\x0c\x02\x0c\x41\xd0\x0a\x08\x0c\x41\xd0\x0a\x03"
				   "\x08_UID\x0a\x07\x08_SEG\x01\x08_BBN\x0a\x10\x08_CRS";
	static const char root[] = "\x5b\x82\x14" "CXLM\x08_HID\x0d" "ACPI0017";
	unsigned int bad = 0, heads = 0, roots = 0;
	size_t need;

	start();
	eq(build(&buf), 0, "a DSDT");
	for (size_t i = 0; i + sizeof(head) < buf.used; i++) {
		heads += !memcmp(data + i, head, sizeof(head) - 1);
		roots += !memcmp(data + i, root, sizeof(root));
	}
	eq(heads, 1, "ACPI0016: _HID, _CID, _UID, _SEG, _BBN");
	eq(roots, 1, "ACPI0017");
	need = buf.used;
	for (size_t size = 0; size < need; size++) {
		uint8_t *memory = malloc(size ? size : 1);
		struct cxlsh_buf b;

		cxlsh_buf_init(&b, memory, size);
		if (build(&b) != -ENOSPC || b.used != need)
			bad++;
		free(memory);
	}
	eq(bad, 0, "every size below %zu is too small, and says so", need);

	start();
	bridge.prt = &bad_prt;
	bridge.prt_count = 1;
	cxlsh_aml_host_bridge(&buf, &bridge);
	REFUSED("device 32 in _PRT");
	bridge.prt = NULL;
	bridge.windows = &bad_window;
	bridge.window_count = 1;
	cxlsh_aml_host_bridge(&buf, &bridge);
	REFUSED("I/O window outside");
	bridge.window_count = 0;
	bridge.name = "TOOLONG";
	cxlsh_aml_host_bridge(&buf, &bridge);
	REFUSED("long name");
}

static int dump(const char *path)
{
	FILE *file = fopen(path, "wb");
	int ret;

	start();
	if (!file)
		return 1;
	ret = build(&buf) || fwrite(data, 1, buf.used, file) != buf.used;
	return fclose(file) || ret;
}

int main(int argc, char **argv)
{
	static const size_t fills[] = {
		0, 58, 59, 4089, 4090, 0xfffff - 8, 0xfffff - 7, 0xfffff - 6, 0x200000
	};

	if (argc == 3 && !strcmp(argv[1], "--dump"))
		return dump(argv[2]);
	test_objects();
	test_paths();
	test_blocks();
	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++)
		test_length(fills[i]);
	test_resources();
	test_bridge();
	return tap_done();
}
