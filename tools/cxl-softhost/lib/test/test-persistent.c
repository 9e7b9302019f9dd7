// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * What devices with persistent capacity have beside: labels and Shutdown State.
 */
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "tap.h"

static void test_labels(void)
{
	uint8_t in[8 + 300], out[2048];
	size_t len = sizeof(out);

	start(0, GIB, LSA_BYTES);
	memset(lsa, 0, 4096);
	command(0x4000, NULL, 0, out, &len);
	eq(out[0x38] | out[0x39] << 8, 4096, "label area of 4096 bytes");
	memset(in, 0, sizeof(in));
	in[1] = 0x0f;
	for (int i = 0; i < 256; i++)
		in[8 + i] = (uint8_t)i;
	eq(command(0x4103, in, 8 + 256, NULL, NULL), 0, "Set LSA up to the end");
	bytes(lsa + 0xf00, in + 8, 256, "is in the caller's memory");
	eq(command(0x4103, in, 8 + 257, NULL, NULL), 2, "one byte too many");
	eq(command(0x4103, in, 8, NULL, NULL), 0, "nothing at all is fine");
	eq(command(0x4103, in, 7, NULL, NULL), 0x16, "no whole header");
	memset(in, 0xff, 4);
	eq(command(0x4103, in, 8 + 1, NULL, NULL), 2, "offset far outside");

	memset(in, 0, 8);
	in[1] = 0x0f;
	in[5] = 1;
	len = sizeof(out);
	eq(command(0x4102, in, 8, out, &len), 0, "Get LSA");
	eq(len, 256, "256 bytes");
	bytes(out, lsa + 0xf00, 256, "of labels");
	in[4] = 1;
	eq(command(0x4102, in, 8, out, &len), 2, "one byte too many");
	memset(in, 0, 8);
	in[4] = 1;
	in[5] = 8;
	eq(command(0x4102, in, 8, out, &len), 2, "more than the payload holds");
	in[4] = 0;
	len = sizeof(out);
	eq(command(0x4102, in, 8, out, &len), 0, "just what it holds");
	eq(len, 2048, "2048 bytes");
	memset(in, 0, 4);
	memset(in + 4, 0xff, 4);
	eq(command(0x4102, in, 8, out, &len), 2, "2^32 - 1 bytes");
	cxlsh_type3_reset(dev);
	eq(lsa[0xfff], 255, "labels survive a reset");
}

/* Little-endian words of a Get or Set LSA; gives the return code */
static unsigned int get_lsa(uint32_t offset, uint32_t length, size_t in_len, size_t *out_len)
{
	uint8_t in[9] = { 0 }, out[2048];

	for (int i = 0; i < 4; i++) {
		in[i] = (uint8_t)(offset >> (8 * i));
		in[4 + i] = (uint8_t)(length >> (8 * i));
	}
	*out_len = sizeof(out);
	return command(0x4102, in, in_len, out, out_len);
}

static unsigned int set_lsa(uint32_t offset, size_t length)
{
	static uint8_t in[8 + 4096];

	memset(in, 0x5a, sizeof(in));
	memset(in, 0, 8);
	for (int i = 0; i < 4; i++)
		in[i] = (uint8_t)(offset >> (8 * i));
	return command(0x4103, in, 8 + length, NULL, NULL);
}

static void test_label_bounds(void)
{
	static uint8_t before[4096];
	uint8_t out[0x43];
	size_t len = sizeof(out);

	start(0, GIB, 0x20000);
	command(0x4000, NULL, 0, out, &len);
	bytes(out + 0x38, "\0\0\2\0", 4, "label area of 128 KiB");

	start(0, GIB, LSA_BYTES);
	memset(lsa, 0xa5, 4096);
	memset(before, 0xa5, 4096);
	eq(get_lsa(0, 8, 7, &len), 0x16, "Get LSA: no whole input");
	eq(get_lsa(0, 8, 9, &len), 0x16, "too much input");
	eq(len, 0, "no output then");
	eq(get_lsa(4096, 0, 8, &len), 0, "nothing, from the end");
	eq(len, 0, "is nothing");
	eq(get_lsa(4097, 0, 8, &len), 2, "nothing, from behind the end");
	eq(get_lsa(4096, 1, 8, &len), 2, "a byte behind the end");
	eq(get_lsa(16, 0xfffffff0, 8, &len), 2, "offset plus length is 2^32");
	eq(get_lsa(0xfffffff0, 32, 8, &len), 2, "offset plus length wraps");
	eq(len, 0, "no output");

	eq(set_lsa(4096, 0), 0, "Set LSA: nothing, at the end");
	eq(set_lsa(4097, 0), 2, "nothing, behind the end");
	eq(set_lsa(4090, 7), 2, "over the end");
	eq(set_lsa(0xffffffff, 1), 2, "offset plus length is 2^32");
	eq(set_lsa(0xfffffff8, 16), 2, "offset plus length wraps");
	eq(set_lsa(0, 2041), 0x16, "more than the payload holds");
	bytes(lsa, before, 4096, "nothing of that was written");
	eq(set_lsa(8, 2040), 0, "just what it holds");
	memset(before + 8, 0x5a, 2040);
	bytes(lsa, before, 4096, "is what was written");

	start(0, GIB, 0);
	eq(get_lsa(0, 0, 8, &len), 3, "no label area: no Get LSA");
	eq(set_lsa(0, 0), 3, "nor Set LSA");
}

/* What the Command Effects Log says about a command; -1: it isn't there */
static int effects(uint16_t opcode)
{
	uint8_t in[24] = { 0 }, out[256];
	size_t len = sizeof(out), size;

	if (command(0x0400, NULL, 0, out, &len))
		abort();
	memcpy(in, out + 8, 16);
	memcpy(in + 20, out + 24, 4);
	size = out[24] | (size_t)out[25] << 8;
	len = sizeof(out);
	if (command(0x0401, in, 24, out, &len) || len != size)
		abort();
	for (size_t i = 0; i < len; i += 4)
		if ((out[i] | out[i + 1] << 8) == opcode)
			return out[i + 2] | out[i + 3] << 8;
	return -1;
}

static void test_persistent_commands(void)
{
	static const uint16_t opcodes[] = { 0x4102, 0x4103, 0x4203, 0x4204 };
	/* Configuration and data at once; policy at once */
	static const int logged[] = { 0, 0x6, 0, 0x8 };

	for (size_t i = 0; i < 4; i++) {
		start(GIB, 0, 0);
		ok(effects(opcodes[i]) == -1, "%#x: not of volatile memory", opcodes[i]);
		start(GIB, GIB, LSA_BYTES);
		eq(effects(opcodes[i]), logged[i], "%#x: logged for persistent memory",
		   opcodes[i]);
		start(GIB, GIB, 0);
		eq(effects(opcodes[i]), i < 2 ? -1 : logged[i], "%#x: without a label area",
		   opcodes[i]);
	}
}

static unsigned int shutdown_state(void)
{
	uint8_t out[8] = { 0xff };
	size_t len = sizeof(out);

	if (command(0x4203, NULL, 0, out, &len) || len != 1)
		return 0x100;
	return out[0];
}

static void test_shutdown_state(void)
{
	uint8_t out[18];
	size_t len = sizeof(out);

	start(GIB, 0, 0);
	eq(command(0x4203, NULL, 0, NULL, NULL), 3, "no Get Shutdown State of volatile memory");
	eq(command(0x4204, "\1", 1, NULL, NULL), 3, "nor Set");

	start(0, GIB, 0);
	eq(shutdown_state(), 0, "a new device is clean");
	eq(command(0x4204, "\xff", 1, NULL, NULL), 0, "Set Shutdown State, reserved bits too");
	eq(shutdown_state(), 1, "dirty, and just that");
	eq(command(0x4204, "\0", 0, NULL, NULL), 0x16, "no input");
	eq(command(0x4204, "\0\0", 2, NULL, NULL), 0x16, "too much input");
	eq(command(0x4203, "\0", 1, NULL, NULL), 0x16, "Get takes none");
	cxlsh_type3_reset(dev);
	eq(shutdown_state(), 1, "it stays over a reset");
	command(0x4200, NULL, 0, out, &len);
	bytes(out + 6, "\0\0\0\0", 4, "no shutdown was dirty");
	eq(command(0x4204, "\376", 1, NULL, NULL), 0, "clean again");
	eq(shutdown_state(), 0, "says so");
}

int main(void)
{
	driver_init();
	test_labels();
	test_label_bounds();
	test_persistent_commands();
	test_shutdown_state();
	driver_exit();
	return tap_done();
}
