// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Device registers and mailbox, used as Linux uses them, and as it never would.
 */
#include <string.h>

#include "driver.h"
#include "tap.h"

static const uint8_t cel_uuid[16] = {
	0x0d, 0xa9, 0xc0, 0xb5, 0xbf, 0x41, 0x4b, 0x78,
	0x8f, 0x79, 0x96, 0xb1, 0x62, 0x3b, 0x3f, 0x17
};

/* Walk the capabilities array as the driver does; they must not overlap */
static void probe(void)
{
	uint64_t array = get(0, 8), at[3], len[3];
	unsigned int count = (unsigned int)(array >> 32 & 0xffff);
	unsigned int seen = 0;

	eq(array & 0xffff, 0, "capabilities array: ID 0");
	eq(array >> 16 & 0xff, 1, "version 1");
	eq(array >> 24 & 0xf, 1, "of a memory device");
	eq(count, 3, "three capabilities");
	for (unsigned int i = 0; i < count && i < 3; i++) {
		uint64_t header = 0x10 * (i + 1);
		uint64_t id = get(header, 2);

		at[i] = get(header + 4, 4);
		len[i] = get(header + 8, 4);
		ok(at[i] >= 0x10 * (count + 1) && at[i] + len[i] <= 0x10000,
		   "capability %#x lies in the block", (unsigned int)id);
		for (unsigned int j = 0; j < i; j++)
			ok(at[i] >= at[j] + len[j] || at[j] >= at[i] + len[i],
			   "and not on another");
		seen |= id == 1 ? 1 : id == 2 ? 2 : id == 0x4000 ? 4 : 8;
		if (id == 2) {
			eq(at[i], mailbox, "where commands are sent to");
			ok(len[i] >= 0x20 + (1U << (get(at[i], 4) & 0x1f)),
			   "mailbox length covers its payload");
		}
		if (id == 0x4000) {
			eq(get(at[i], 8), 0x14, "ready, media ready");
			eq(len[i], 8, "memory device status is 8 bytes");
		}
		if (id == 1)
			eq(get(at[i], 8), 0, "no events pending");
	}
	eq(seen, 7, "device status, mailbox, memory device status");
	eq(get(mailbox, 4) & 0x1f, 11, "payload of 2 KiB");
	eq(get(mailbox, 4) & 0x60, 0, "no interrupts");
}

static void test_probe_flow(void)
{
	uint8_t in[24], out[256];
	size_t len = sizeof(out), cel_len;

	start(GIB, 0, 0);
	probe();

	eq(command(0x0400, NULL, 0, out, &len), 0, "Get Supported Logs");
	eq(len, 8 + 20, "one log");
	eq(out[0] | out[1] << 8, 1, "says so");
	bytes(out + 8, cel_uuid, 16, "the Command Effects Log");
	cel_len = out[24] | (size_t)out[25] << 8;
	ok(cel_len && !(cel_len % 4), "of %zu bytes", cel_len);

	memcpy(in, cel_uuid, 16);
	memset(in + 16, 0, 8);
	in[20] = (uint8_t)cel_len;
	len = sizeof(out);
	eq(command(0x0401, in, 24, out, &len), 0, "Get Log");
	eq(len, cel_len, "all of it");
	for (size_t i = 0; i < cel_len; i += 4) {
		uint16_t opcode = (uint16_t)(out[i] | out[i + 1] << 8);
		uint16_t effect = (uint16_t)(out[i + 2] | out[i + 3] << 8);
		unsigned int code = command(opcode, in, 0, NULL, NULL);

		ok(code == 0 || code == 0x16, "%#x is implemented", opcode);
		eq(effect, opcode == 0x0301 ? 0x8 : 0, "%#x: effects", opcode);
	}

	/* In two parts, as with a smaller payload */
	in[16] = 4;
	in[20] = 8;
	len = sizeof(out);
	eq(command(0x0401, in, 24, out + 64, &len), 0, "Get Log from 4");
	bytes(out + 64, out + 4, 8, "is the same log");
	in[16] = (uint8_t)cel_len;
	eq(command(0x0401, in, 24, out, &len), 2, "behind its end");
	in[16] = 0xff;
	memset(in + 17, 0xff, 3);
	in[20] = 2;
	eq(command(0x0401, in, 24, out, &len), 2, "offset plus length wraps");
	in[0] ^= 1;
	ok(command(0x0401, in, 24, out, &len) != 0, "another log");
	ok(command(0x0401, in, 24, out, &len) <= 0x16, "with a code that old guests know");

	eq(command(0x0301, "\1\2\3\4\5\6\7\0", 8, NULL, NULL), 0, "Set Timestamp");
	clock_now += 5;
	len = sizeof(out);
	eq(command(0x0300, NULL, 0, out, &len), 0, "Get Timestamp");
	bytes(out, "\6\2\3\4\5\6\7\0", 8, "time goes on");

	len = sizeof(out);
	eq(command(0x4000, NULL, 0, out, &len), 0, "Identify");
	eq(len, 0x43, "0x43 bytes");
	bytes(out, "a revision much ", 16, "firmware revision, cut at 16");
	eq(out[0x10], 4, "total: 4 * 256 MiB");
	eq(out[0x18], 4, "all of it volatile");
	eq(out[0x20], 0, "none persistent");
	eq(out[0x28], 0, "no partition alignment");
	eq(out[0x38] | out[0x39], 0, "no label area");
	eq(out[0x3c] | out[0x3f] | out[0x41], 0, "no poison");

	len = sizeof(out);
	eq(command(0x4200, NULL, 0, out, &len), 0, "Get Health Info");
	eq(len, 18, "18 bytes");
	eq(out[0] | out[1], 0, "healthy");
	eq(command(0x4102, in, 8, out, &len), 3, "Get LSA without labels: unsupported");
	eq(len, 0, "no output");
}

static void test_capacities(void)
{
	static const uint8_t zeros[16];
	uint8_t out[0x43];
	size_t len = sizeof(out);

	start(0, 3 * GIB, 0);
	command(0x4000, NULL, 0, out, &len);
	eq(out[0x10], 12, "persistent only: total");
	eq(out[0x18], 0, "volatile");
	eq(out[0x20], 12, "persistent");
	start(2 * GIB, GIB, 0);
	len = sizeof(out);
	command(0x4000, NULL, 0, out, &len);
	eq(out[0x10], 12, "mixed: total");
	eq(out[0x18], 8, "volatile");
	eq(out[0x20], 4, "persistent");
	len = sizeof(out);
	eq(command(0x4100, NULL, 0, out, &len), 0, "Get Partition Info");
	eq(len, 32, "32 bytes");
	eq(out[0], 8, "active volatile");
	eq(out[8], 4, "active persistent");
	bytes(out + 16, zeros, 16, "no change to come");
	/* Far more than 2^32 units would overflow a careless sum */
	start(0x8000000000000000, 0x7ffffffff0000000, 0);
	len = sizeof(out);
	command(0x4000, NULL, 0, out, &len);
	bytes(out + 0x10, "\xff\xff\xff\xff\x0f\0\0\0", 8, "the largest device");
}

static void test_hostile(void)
{
	uint64_t commands;
	unsigned int bad = 0, unsupported = 0;
	uint8_t junk[64];

	start(GIB, 0, 0);
	memset(junk, 0xff, sizeof(junk));

	/* Every opcode, with lengths that lie: no code above 0x16, no access outside */
	for (uint32_t opcode = 0; opcode < 0x10000; opcode += opcode < 0x5000 ? 1 : 0x101) {
		static const uint64_t lengths[] = { 0, 8, 24, 2048, 2049, 0x1fffff };

		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			uint64_t code;

			put(mailbox + 8, 8, opcode | lengths[i] << 16);
			put(mailbox + 4, 1, 1);
			code = get(mailbox + 0x10, 8) >> 32;
			unsupported += code == 3;
			if (code > 0x16 || code == 1)
				bad++;
		}
	}
	eq(bad, 0, "no return code above 0x16, none of them \"in background\"");
	ok(unsupported > 100000, "%u commands were unsupported", unsupported);

	eq(command(0x4000, junk, 1, NULL, NULL), 0x16, "Identify takes no input");
	put(mailbox + 8, 8, 0xffffffffffffffff);
	eq(get(mailbox + 8, 8), 0x1fffffffff, "reserved bits of Command");
	put(mailbox + 0, 4, 0);
	eq(get(mailbox, 4), 11, "capabilities are read-only");
	put(mailbox + 0x10, 8, 0);
	put(mailbox + 0x18, 8, ~0ULL);
	eq(get(mailbox + 0x18, 8), 0, "background status is read-only");
	put(mailbox + 4, 4, 0xfffffffe);
	eq(get(mailbox + 4, 4), 0, "interrupt enables aren't there");
	put(0x80, 8, ~0ULL);
	eq(get(0x80, 8), 0, "device status is read-only");

	/* The doorbell is in byte 0 of Control, however it is reached */
	put(mailbox + 8, 8, 0x4000);
	commands = dev->mailbox.commands;
	put(mailbox + 5, 1, 1);
	put(mailbox + 3, 1, 1);
	eq(dev->mailbox.commands, commands, "neighbours don't ring");
	put(mailbox + 1, 4, 0x01000000);
	eq(dev->mailbox.commands, commands + 1, "an unaligned write does");
	put(mailbox + 8, 8, 0x4000);
	/* 8 bytes at Control: command and doorbell in one */
	put(mailbox + 4, 8, 1 | 0x0400ULL << 32);
	eq(get(mailbox + 8, 8), 0x0400 | 28ULL << 16, "a wide write rings last");

	/* Command in parts: the driver of a 32-bit guest writes two halves */
	put(mailbox + 8, 4, 0x4000);
	put(mailbox + 12, 4, 0);
	put(mailbox + 4, 4, 1);
	eq(get(mailbox + 8, 4) >> 16, 0x43, "two halves");
	eq(get(mailbox + 0x14, 2), 0, "return code by itself");

	/* All widths and places, at the ends of everything */
	for (uint64_t at = mailbox + 0x20 + 2048 - 20; at < mailbox + 0x20 + 2048 + 20; at++)
		for (size_t n = 1; n <= 64; n++) {
			cxlsh_type3_mmio_write(dev, DEVICE + at, junk, n);
			cxlsh_type3_mmio_read(dev, DEVICE + at, junk, n);
			memset(junk, 0xff, sizeof(junk));
		}
	for (uint64_t at = 0; at < 0x140; at++)
		for (size_t n = 1; n <= 64; n++)
			cxlsh_type3_mmio_read(dev, DEVICE + at, junk, n);
	eq(get(mailbox + 0x20 + 2048, 8), 0, "behind the payload is nothing");
	eq(get(0xfff8, 8), 0, "nor at the end of the block");
}

static void test_widths(void)
{
	unsigned int bad = 0;

	start(GIB, 0, 0);
	for (uint64_t at = 0; at < 0x140; at++)
		for (size_t n = 2; n <= 8; n++)
			for (size_t i = 0; i < n; i++)
				bad += (get(at, n) >> (8 * i) & 0xff) != get(at + i, 1);
	eq(bad, 0, "every width reads the same bytes");
}

static void test_reset(void)
{
	uint8_t out[8];
	size_t len = sizeof(out);

	start(GIB, 0, 0);
	command(0x0301, "\1\1\1\1\1\1\1\1", 8, NULL, NULL);
	command(0x9999, NULL, 0, NULL, NULL);
	cxlsh_type3_reset(dev);
	eq(get(mailbox + 8, 8) | get(mailbox + 0x10, 8) | get(mailbox + 0x20, 8), 0,
	   "mailbox is empty after a reset");
	command(0x0300, NULL, 0, out, &len);
	bytes(out, "\0\0\0\0\0\0\0\0", 8, "the timestamp is gone");
	dev->setup.now = NULL;
	eq(command(0x0300, NULL, 0, NULL, NULL), 3, "no clock, no Get Timestamp");
	eq(command(0x0301, "\1\1\1\1\1\1\1\1", 8, NULL, NULL), 0, "but Set Timestamp");
}

int main(void)
{
	driver_init();
	test_probe_flow();
	test_capacities();
	test_hostile();
	test_widths();
	test_reset();
	driver_exit();
	return tap_done();
}
