// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Committing decoders as firmware does: which writes, in which order, and what
 * is left after a refusal.
 */
#include <errno.h>
#include <string.h>

#include <cxlsofthost/firmware.h>

#include "fake.h"
#include "tap.h"

#define BRIDGE 1
#define ENDPOINT 2
#define HDM 0x1100

static struct fake fake;

static struct cxlsh_firmware_region region(void)
{
	return (struct cxlsh_firmware_region){
		.hpa = 0x4050000000,
		.length = 0x120000000,
		.granularity = 1024,
		.bridge_node = BRIDGE,
		.bridge_decoder = 1,
		.endpoint_node = ENDPOINT,
		.endpoint_decoder = 2,
		.port = 5,
		.skip = 0x230000000,
	};
}

static uint32_t reg(uint32_t node_id, uint32_t offset)
{
	const uint8_t *b = &fake.regs[node_id][HDM - 0x1000 + offset];

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static void test_good(void)
{
	static const struct fake_call want[] = {
		{ FAKE_READ, ENDPOINT, HDM + 0x04, 4, 0 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x04, 4, 3 },
		{ FAKE_SET, ENDPOINT, CXL_SOFTHOST_SET_MEM_ENABLE, 0, 1 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x54, 4, 0x40 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x50, 4, 0x50000000 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x5c, 4, 0x1 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x58, 4, 0x20000000 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x68, 4, 0x2 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x64, 4, 0x30000000 },
		{ FAKE_WRITE, ENDPOINT, HDM + 0x60, 4, 0x1202 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x34, 4, 0x40 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x30, 4, 0x50000000 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x3c, 4, 0x1 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x38, 4, 0x20000000 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x48, 4, 0 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x44, 4, 5 },
		{ FAKE_WRITE, BRIDGE, HDM + 0x40, 4, 0x1202 },
	};
	const unsigned int count = sizeof(want) / sizeof(want[0]);
	struct cxlsh_firmware_region r = region();
	struct cxlsh_firmware_report report;

	fake_init(&fake);
	/* Poison on decode error: someone else's bit in Global Control */
	fake.regs[ENDPOINT][HDM - 0x1000 + 4] = 1;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), 0, "commit");
	eq(report.step, CXLSH_FIRMWARE_FINISHED, "finished");
	eq(report.result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED, "committed");
	eq(fake.count, count, "no call too many");
	for (unsigned int i = 0; i < count && i < fake.count; i++) {
		const struct fake_call *got = &fake.calls[i];

		ok(got->op == want[i].op && got->node_id == want[i].node_id &&
		   got->offset == want[i].offset && got->width == want[i].width &&
		   got->value == want[i].value, "call %u: %u %u %#x %#x", i, got->op,
		   got->node_id, (unsigned int)got->offset, (unsigned int)got->value);
	}
	eq(fake.results, count - 1, "every result is told");

	r.lock = true;
	fake_init(&fake);
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), 0, "commit and lock");
	eq(fake.calls[9].value, 0x1302, "endpoint locked");
	eq(fake.calls[16].value, 0x1302, "bridge locked");
}

static void test_device(void)
{
	static struct cxlsh_type3 dev;
	const struct cxlsh_type3_setup setup = {
		.host = &fake.host, .node_id = ENDPOINT, .id = { .vendor = 1 },
		.volatile_size = 1ULL << 30,
	};
	struct cxlsh_firmware_region r = region();
	struct cxlsh_firmware_report report;
	uint8_t ctrl;

	fake_init(&fake);
	cxlsh_type3_init(&dev, &setup);
	r.device = &dev;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), 0, "commit with a device model");
	cxlsh_type3_config_read(&dev, dev.dvsec + 0xcU, &ctrl, 1);
	eq(ctrl, 6, "the guest will see Mem_Enable");
	eq(fake_calls(&fake, FAKE_SET), 1, "set once");
	r.endpoint_node = 3;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), -EINVAL, "another node's device");
}

static void test_refused(void)
{
	struct cxlsh_firmware_region r = region();
	struct cxlsh_firmware_report report;

	fake_init(&fake);
	fake.refuse_commit = BRIDGE;
	fake.refuse_reason = CXL_SOFTHOST_REASON_HPA_BELOW;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), -ECANCELED, "bridge refused");
	eq(report.step, CXLSH_FIRMWARE_BRIDGE, "the step is named");
	eq(report.result.reason, CXL_SOFTHOST_REASON_HPA_BELOW, "and the reason");
	eq(reg(BRIDGE, 0x40) & 0xe00, 0, "bridge decoder: COMMIT is clear");
	eq(reg(ENDPOINT, 0x60) & 0xe00, 0, "endpoint decoder: uncommitted again");

	fake_init(&fake);
	fake.refuse_commit = ENDPOINT;
	fake.refuse_reason = CXL_SOFTHOST_REASON_DPA_CAPACITY;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), -ECANCELED, "endpoint refused");
	eq(report.step, CXLSH_FIRMWARE_ENDPOINT, "the step is named");
	eq(report.result.reason, CXL_SOFTHOST_REASON_DPA_CAPACITY, "and the reason");
	eq(reg(ENDPOINT, 0x60) & 0xe00, 0, "endpoint decoder: COMMIT is clear");
	eq(reg(BRIDGE, 0x40), 0, "the bridge wasn't touched");

	fake_init(&fake);
	fake.refuse_set = ENDPOINT;
	fake.refuse_reason = CXL_SOFTHOST_REASON_NO_SLOTS;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), -ECANCELED, "Mem_Enable refused");
	eq(report.step, CXLSH_FIRMWARE_MEM_ENABLE, "the step is named");

	/* A live decoder ignores base and size: it must not be uncommitted for that */
	fake_init(&fake);
	fake.ignore_writes = BRIDGE;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), -ECANCELED, "bridge decoder in use");
	eq(report.result.reason, CXL_SOFTHOST_REASON_LIVE, "the reason is told");
	eq(fake.calls[fake.count - 1].node_id, ENDPOINT, "the bridge is left alone");

	for (unsigned int after = 0; after < 16; after++) {
		int ret;

		fake_init(&fake);
		fake.fail_op = FAKE_WRITE;
		fake.fail_with = -ENODEV;
		fake.fail_after = after;
		ret = cxlsh_firmware_commit(&fake.host, &r, &report);
		if (after < 15)
			eq(ret, -ENODEV, "write %u fails", after);
		else
			eq(ret, 0, "no write left to fail");
	}
	fake_init(&fake);
	fake.fail_op = FAKE_READ;
	fake.fail_with = -EPERM;
	eq(cxlsh_firmware_commit(&fake.host, &r, &report), -EPERM, "a read fails");
}

static void test_decoder(void)
{
	struct cxlsh_decoder d = {
		.hpa = 0x4000000000, .length = 1ULL << 30, .ways = 4, .granularity = 256,
		.targets = { 3, 1, 4, 2 },
	};
	struct cxl_softhost_result result;

	fake_init(&fake);
	eq(cxlsh_decoder_commit(&fake.host, CXL_SOFTHOST_NODE_HOST_BRIDGE, BRIDGE, 0, &d,
				&result), 0, "4 ways");
	eq(reg(BRIDGE, 0x24), 0x02040103, "target list, way 0 in byte 0");
	eq(reg(BRIDGE, 0x20), 0x1620, "control");
	eq(cxlsh_decoder_uncommit(&fake.host, BRIDGE, 0, &result), 0, "uncommit");
	eq(result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED, "done");
	eq(reg(BRIDGE, 0x20), 0x1020, "the rest of control stays");
	eq(reg(BRIDGE, 0x14), 0x40, "base stays");

	eq(cxlsh_decoder_commit(&fake.host, CXL_SOFTHOST_NODE_SWITCH, 3, 1, &d, &result), 0,
	   "4 ways of a switch");
	eq(reg(3, 0x44), 0x02040103, "its target list");

#define BAD(change, ...) do {							\
	struct cxlsh_decoder good = d;						\
	uint32_t kind = CXL_SOFTHOST_NODE_HOST_BRIDGE, index = 0;		\
										\
	change;									\
	fake_forget(&fake);							\
	eq(cxlsh_decoder_commit(&fake.host, kind, BRIDGE, index, &d, &result),	\
	   -EINVAL, __VA_ARGS__);						\
	eq(fake.count, 0, "nothing was written");				\
	d = good;								\
} while (0)
	BAD(d.hpa += 4096; (void)index, "base");
	BAD(d.length += 4096; (void)index, "size");
	BAD(d.ways = 5; (void)index, "ways");
	BAD(d.ways = 12; (void)index, "more ways than a list has");
	BAD(d.granularity = 128; (void)index, "granularity");
	BAD(d.skip = 1ULL << 28; (void)index, "skip on a bridge");
	BAD(kind = 9; (void)index, "kind");
	BAD(index = 32, "decoder 32");
	BAD(d.skip = 1; kind = CXL_SOFTHOST_NODE_ENDPOINT, "skip");
#undef BAD
	eq(cxlsh_decoder_uncommit(&fake.host, BRIDGE, 32, &result), -EINVAL,
	   "uncommit decoder 32");
	ok(!strcmp(cxlsh_firmware_step_name(CXLSH_FIRMWARE_BRIDGE), "host bridge decoder"),
	   "steps have names");
	ok(!strcmp(cxlsh_firmware_step_name((enum cxlsh_firmware_step)9), "unknown"),
	   "unknown ones too");
}

int main(void)
{
	test_good();
	test_device();
	test_refused();
	test_decoder();
	return tap_done();
}
