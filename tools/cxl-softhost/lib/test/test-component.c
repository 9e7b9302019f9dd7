// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Component blocks: what goes to the module, how, and what doesn't.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/component.h>

#include "fake.h"
#include "tap.h"

static void test_forward(void)
{
	static const uint8_t zeros[32];
	struct fake fake;
	struct cxlsh_component comp = { &fake.host, 2 };
	uint8_t data[32];

	fake_init(&fake);
	for (int i = 0; i < CXL_SOFTHOST_CM_SIZE; i++)
		fake.regs[2][i] = (uint8_t)(i * 7 + (i >> 8));

	for (uint32_t width = 1; width <= 8; width++) {
		for (uint32_t offset = 0x1100; offset < 0x1110; offset++) {
			bool good;

			fake_forget(&fake);
			memset(data, 0xaa, sizeof(data));
			good = !cxlsh_component_read(&comp, offset, data, width) &&
			       fake.count == 1 && fake.calls[0].width == width &&
			       fake.calls[0].offset == offset &&
			       !memcmp(data, &fake.regs[2][offset - 0x1000], width) &&
			       data[width] == 0xaa;
			if (!good || offset == 0x1100)
				ok(good, "read of %u at %#x goes on as it is", width,
				   offset);
		}
	}

	fake_forget(&fake);
	eq(cxlsh_component_read(&comp, 0x0, data, 8), 0, "CXL.io range");
	bytes(data, zeros, 8, "CXL.io range is zeros");
	eq(cxlsh_component_read(&comp, 0x2000, data, 8), 0, "above CXL.cachemem");
	bytes(data, zeros, 8, "above is zeros");
	cxlsh_component_read(&comp, 0xffffffffffffffff, data, 32);
	bytes(data, zeros, 32, "the last byte of all offsets is zero");
	cxlsh_component_read(&comp, 0x100001100, data, 4);
	bytes(data, zeros, 4, "4 GiB further up is another place");
	cxlsh_component_write(&comp, 0x0, data, 8);
	cxlsh_component_write(&comp, 0xfffffffffffffffe, data, 8);
	cxlsh_component_write(&comp, 0x2000, data, 8);
	cxlsh_component_read(&comp, 0x1100, data, 0);
	cxlsh_component_write(&comp, 0x1100, data, 0);
	eq(fake.count, 0, "none of that reached the module");

	/* Half below the range, half in it; and the same at its end */
	memset(data, 0xaa, sizeof(data));
	cxlsh_component_read(&comp, 0xffc, data, 8);
	bytes(data, zeros, 4, "lower half: zeros");
	bytes(data + 4, &fake.regs[2][0], 4, "upper half: registers");
	eq(fake.calls[0].offset, 0x1000, "the part inside is asked for");
	eq(fake.calls[0].width, 4, "and no more");
	cxlsh_component_read(&comp, 0x1ffd, data, 8);
	bytes(data, &fake.regs[2][0xffd], 3, "lower part: registers");
	bytes(data + 3, zeros, 5, "upper part: zeros");

	fake_forget(&fake);
	cxlsh_component_read(&comp, 0x1100, data, 19);
	bytes(data, &fake.regs[2][0x100], 19, "a long read comes in pieces");
	eq(fake.count, 3, "of 8, 8 and 3");
	eq(fake.calls[2].width, 3, "the last is 3");
}

static void test_write(void)
{
	const uint8_t data[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 };
	struct fake fake;
	struct cxlsh_component comp = { &fake.host, 3 };

	fake_init(&fake);
	eq(cxlsh_component_write(&comp, 0x1104, data, 4), 0, "write");
	eq(fake.calls[0].value, 0x04030201, "value is little endian");
	eq(fake.calls[0].node_id, 3, "node");
	eq(fake.results, 1, "the result is told");
	eq(fake.last_node, 3, "with the node");
	fake_forget(&fake);
	cxlsh_component_write(&comp, 0x1120, data, 8);
	eq(fake.count, 1, "8 bytes are one write");
	eq(fake.calls[0].value, 0x0807060504030201, "all of them");
	fake_forget(&fake);
	cxlsh_component_write(&comp, 0x1120, data, 11);
	eq(fake.count, 2, "11 bytes are two");
	eq(fake.calls[1].value, 0x0b0a09, "the rest is in the second");
	fake_forget(&fake);
	cxlsh_component_write(&comp, 0xffe, data, 4);
	eq(fake.calls[0].offset, 0x1000, "a straddling write begins in the range");
	eq(fake.calls[0].value, 0x0403, "with what belongs there");

	fake.host.result = NULL;
	eq(cxlsh_component_write(&comp, 0x1104, data, 4), 0, "nobody need listen");
}

static void test_errors(void)
{
	static const uint8_t zeros[16];
	struct fake fake;
	struct cxlsh_component comp = { &fake.host, 1 };
	uint8_t data[16];

	fake_init(&fake);
	memset(fake.regs[1], 0x77, sizeof(fake.regs[1]));
	fake.not_mine = 0x600;
	memset(data, 0xaa, sizeof(data));
	eq(cxlsh_component_read(&comp, 0x1600, data, 4), 0, "not the module's");
	bytes(data, zeros, 4, "is zeros");

	fake.fail_op = FAKE_READ;
	fake.fail_after = 1;
	fake.fail_with = -ENODEV;
	memset(data, 0xaa, sizeof(data));
	eq(cxlsh_component_read(&comp, 0x1100, data, 16), -ENODEV,
	   "an error on the way is given back");
	bytes(data, zeros, 16, "nothing of it is shown");
	fake.fail_op = FAKE_WRITE;
	fake.fail_after = 0;
	eq(cxlsh_component_write(&comp, 0x1100, data, 4), -ENODEV, "of a write too");
	eq(fake.results, 0, "without a result");
}

static void test_empty(void)
{
	/* ID 1, version 1, CXL.cachemem version 1, array size 0 */
	static const uint8_t want[8] = { 0x01, 0x00, 0x11, 0x00 };
	const struct cxlsh_component comp = { NULL, 0 };
	uint8_t data[8];

	eq(cxlsh_component_read(&comp, 0x1000, data, 8), 0, "block without a node");
	bytes(data, want, 8, "has a header without capabilities");
	cxlsh_component_read(&comp, 0x1002, data, 1);
	eq(data[0], 0x11, "in bytes too");
	cxlsh_component_read(&comp, 0xffe, data, 4);
	bytes(data, "\0\0\1\0", 4, "and from before it");
	cxlsh_component_read(&comp, 0x1100, data, 8);
	bytes(data, "\0\0\0\0\0\0\0\0", 8, "and nothing else");
	eq(cxlsh_component_write(&comp, 0x1000, data, 8), 0, "writes are dropped");
}

int main(void)
{
	test_forward();
	test_write();
	test_errors();
	test_empty();
	return tap_done();
}
