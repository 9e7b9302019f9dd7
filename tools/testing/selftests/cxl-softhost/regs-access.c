// SPDX-License-Identifier: GPL-2.0-only
/* The component register block: what is where, and who may access it how. */
#include <string.h>

#include "fixture.h"

#define CM CXL_SOFTHOST_CM_BASE
#define CM_END (CXL_SOFTHOST_CM_BASE + CXL_SOFTHOST_CM_SIZE)

/* The whole range by aligned four byte reads, the reference for all others. */
static void read_range(int fd, uint32_t node, uint8_t *image)
{
	uint32_t offset, value;

	for (offset = 0; offset < CXL_SOFTHOST_CM_SIZE; offset += 4) {
		value = reg_read(fd, node, CM + offset, 4);
		memcpy(image + offset, &value, 4);
	}
}

static void make_registers_interesting(struct host *host)
{
	struct decoder values = {
		.base = 0x7edcba9870000000ULL, .size = 0x0123456780000000ULL,
		.extra = 0x1357924680000000ULL,
	};
	unsigned int i;

	for (i = 0; i < host->config.decoders; i++) {
		decoder_program(host->fd, host->endpoints[0].id, i, &values);
		reg_write(host->fd, host->endpoints[0].id, HDM_DECODER(i) + HDM_CONTROL, 4, 0x11a5);
	}
	reg_write(host->fd, host->endpoints[0].id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE);
}

TEST(reads_of_every_width_at_every_offset_are_by_extraction)
{
	static uint8_t image[CXL_SOFTHOST_CM_SIZE];
	uint32_t width, offset;
	struct host host;

	host_create(&host, &(struct host_config){ .decoders = 10 });
	make_registers_interesting(&host);
	read_range(host.fd, host.endpoints[0].id, image);
	for (width = 1; width <= 8; width++) {
		/* Past the structures everything is alike: not each byte of it. */
		for (offset = 0; offset + width <= sizeof(image);
		     offset += offset < 0x400 ? 1 : 61) {
			uint64_t wanted = 0, found;

			test_context("width %u at %#x", width, CM + offset);
			memcpy(&wanted, image + offset, width);
			found = reg_read(host.fd, host.endpoints[0].id, CM + offset, width);
			if (!EXPECT_EQ(wanted, found))
				return;
		}
	}
}

TEST(offsets_outside_the_range_are_NOT_MINE)
{
	static const uint32_t outside[] = {
		0, 4, 0xff8, CM_END, CM_END + 4, 0x8000, 0xe000, 0xfff8, 0x10000, 0x11100,
		0x7ffffff8, UINT32_MAX - 7, UINT32_MAX,
	};
	struct cxl_softhost_reg_read out;
	struct cxl_softhost_result result;
	struct host host;
	uint32_t width;
	unsigned int i;

	host_create(&host, NULL);
	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		for (width = 1; width <= 8; width++) {
			uint32_t nodes[] = { host.bridge, host.endpoints[0].id };
			unsigned int j;

			test_context("width %u at %#x", width, outside[i]);
			for (j = 0; j < ARRAY_SIZE(nodes); j++) {
				ASSERT_RETURN(0, __reg_read(host.fd, nodes[j], outside[i], width,
							    &out));
				EXPECT_EQ(CXL_SOFTHOST_OUTCOME_NOT_MINE, out.out_outcome);
				EXPECT_EQ(0, out.out_value);
				ASSERT_RETURN(0, __reg_write(host.fd, nodes[j], outside[i], width,
							     ALL_ONES, &result));
				EXPECT_RESULT(NOT_MINE, NONE, result);
			}
		}
	}
}

/* As Linux walks it: the array header, then one header for each structure. */
struct capability {
	uint32_t id, version, pointer;
};

static unsigned int walk(int fd, uint32_t node, struct capability *caps, unsigned int room)
{
	uint32_t header = reg_read(fd, node, CM, 4);
	unsigned int i, count = header >> 24;

	EXPECT_EQ(1, header & 0xffff);
	EXPECT_EQ(1, header >> 16 & 0xf);
	EXPECT_EQ(1, header >> 20 & 0xf);
	ASSERT_TRUE(count <= room);
	for (i = 0; i < count; i++) {
		uint32_t element = reg_read(fd, node, CM + 4 * (i + 1), 4);

		caps[i].id = element & 0xffff;
		caps[i].version = element >> 16 & 0xf;
		caps[i].pointer = element >> 20;
	}
	/* After the last one there is nothing. */
	EXPECT_EQ(0, reg_read(fd, node, CM + 4 * (count + 1), 4));
	return count;
}

TEST(capability_headers_are_found_as_Linux_finds_them)
{
	struct capability caps[8];
	struct host host;
	unsigned int count;

	host_create(&host, NULL);
	test_context("endpoint");
	count = walk(host.fd, host.endpoints[0].id, caps, ARRAY_SIZE(caps));
	ASSERT_EQ(1, count);
	EXPECT_EQ(5, caps[0].id);
	EXPECT_TRUE(caps[0].version >= 1 && caps[0].version <= 3);
	EXPECT_EQ(CXL_SOFTHOST_HDM_BASE - CM, caps[0].pointer);
	test_context("host bridge without HDM capability");
	EXPECT_EQ(0, walk(host.fd, host.bridge, caps, ARRAY_SIZE(caps)));
	EXPECT_EQ(0, reg_read(host.fd, host.bridge, HDM_CAPABILITY, 8));
	EXPECT_RESULT(IGNORED, READ_ONLY, reg_write(host.fd, host.bridge, HDM_GLOBAL, 4, 2));

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	test_context("host bridge");
	count = walk(host.fd, host.bridge, caps, ARRAY_SIZE(caps));
	ASSERT_EQ(1, count);
	EXPECT_EQ(5, caps[0].id);
}

TEST(extra_capabilities_are_shown_and_left_to_the_VMM)
{
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.port = 1,
		.decoder_count = 10,
		.capabilities = {
			{ .id = 2, .version = 2, .offset = 0x600, .length = 0x58 },
			{ .id = 0 },
			{ .id = 7, .version = 1, .offset = 0xff8, .length = 8 },
		},
	};
	struct cxl_softhost_reg_read out;
	struct capability caps[8];
	unsigned int i, count, seen = 0;
	struct host host;
	uint32_t id, at;

	host_create(&host, &(struct host_config){ .ports = 2, .bridge_decoders = 1 });
	node.parent_id = host.bridge;
	node.partitions[0] = (struct cxl_softhost_partition){
		.length = UNIT, .backend_id = host.endpoints[0].backends[0],
	};
	id = node_create(host.fd, &node);
	count = walk(host.fd, id, caps, ARRAY_SIZE(caps));
	EXPECT_EQ(3, count);
	for (i = 0; i < count; i++) {
		test_context("capability %u", caps[i].id);
		seen |= 1U << caps[i].id;
		if (caps[i].id == 2) {
			EXPECT_EQ(2, caps[i].version);
			EXPECT_EQ(0x600, caps[i].pointer);
		} else if (caps[i].id == 7) {
			EXPECT_EQ(1, caps[i].version);
			EXPECT_EQ(0xff8, caps[i].pointer);
		}
	}
	test_context("all");
	EXPECT_EQ(1 << 2 | 1 << 5 | 1 << 7, seen);
	for (at = 0x600; at < 0x658; at += 4) {
		ASSERT_RETURN(0, __reg_read(host.fd, id, CM + at, 4, &out));
		EXPECT_EQ(CXL_SOFTHOST_OUTCOME_NOT_MINE, out.out_outcome);
		EXPECT_RESULT(NOT_MINE, NONE, reg_write(host.fd, id, CM + at, 4, 1));
	}
	ASSERT_RETURN(0, __reg_read(host.fd, id, CM + 0xff8, 8, &out));
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_NOT_MINE, out.out_outcome);
	/* Beside them the range is the module's. */
	EXPECT_EQ(0, reg_read(host.fd, id, CM + 0x5fc, 4));
	EXPECT_EQ(0, reg_read(host.fd, id, CM + 0x658, 4));
	EXPECT_EQ(0, reg_read(host.fd, id, CM + 0xff4, 4));
}

/* Code of the decoder count field. */
static uint32_t count_code(unsigned int count)
{
	static const unsigned int counts[] = { 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++)
		if (counts[i] == count)
			return i;
	return ~0U;
}

/* Bits 22:21 say which coherency models there are, from version 3 on. */
#define COHERENCY (3U << 21)

TEST(HDM_capability_tells_what_the_node_was_created_with)
{
	static const unsigned int counts[] = { 1, 2, 4, 6, 8, 10 };
	struct host host;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		test_context("%u decoders", counts[i]);
		host_create(&host, &(struct host_config){
			.decoders = counts[i], .bridge_decoders = counts[i],
		});
		EXPECT_EQ(count_code(counts[i]) | 1 << 8 | 1 << 9,
			  reg_read(host.fd, host.endpoints[0].id, HDM_CAPABILITY, 4) & ~COHERENCY);
		EXPECT_EQ(count_code(counts[i]) | 8 << 4 | 1 << 8 | 1 << 9,
			  reg_read(host.fd, host.bridge, HDM_CAPABILITY, 4) & ~COHERENCY);
		host_close(&host);
	}
	test_context("flags");
	host_create(&host, &(struct host_config){
		.flags = CXL_SOFTHOST_NODE_WAYS_3_6_12, .without = CXL_SOFTHOST_NODE_A14_12,
		.bridge_decoders = 32, .target_count = 2,
	});
	EXPECT_EQ(2 | 1 << 8 | 1 << 11,
		  reg_read(host.fd, host.endpoints[0].id, HDM_CAPABILITY, 4) & ~COHERENCY);
	EXPECT_EQ(0xc | 2 << 4 | 1 << 8 | 1 << 9,
		  reg_read(host.fd, host.bridge, HDM_CAPABILITY, 4) & ~COHERENCY);
	host_create(&host, &(struct host_config){
		.flags = CXL_SOFTHOST_NODE_WAYS_16, .without = CXL_SOFTHOST_NODE_A11_8,
	});
	EXPECT_EQ(2 | 1 << 9 | 1 << 12,
		  reg_read(host.fd, host.endpoints[0].id, HDM_CAPABILITY, 4) & ~COHERENCY);
}

TEST(T29_bits_that_do_not_exist_read_0)
{
	struct host host;
	unsigned int i;

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	for (i = 0; i < 4; i++) {
		static const struct {
			uint32_t offset, endpoint, bridge;
		} registers[] = {
			{ HDM_BASE_LOW, 0xf0000000, 0xf0000000 },
			{ HDM_BASE_HIGH, 0xffffffff, 0xffffffff },
			{ HDM_SIZE_LOW, 0xf0000000, 0xf0000000 },
			{ HDM_SIZE_HIGH, 0xffffffff, 0xffffffff },
			{ HDM_CONTROL, 0x11ff, 0x11ff },
			{ HDM_EXTRA_LOW, 0xf0000000, 0xffffffff },
			{ HDM_EXTRA_HIGH, 0xffffffff, 0xffffffff },
		};
		unsigned int j;

		for (j = 0; j < ARRAY_SIZE(registers); j++) {
			uint32_t at = HDM_DECODER(i) + registers[j].offset;
			/* Without COMMIT: that isn't a bit to store. */
			uint32_t ones = registers[j].offset == HDM_CONTROL ? ~CONTROL_COMMIT : ~0U;

			test_context("decoder %u, register %#x", i, registers[j].offset);
			EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, at, 4));
			EXPECT_RESULT(DONE, NONE, reg_write(host.fd, host.endpoints[0].id, at, 4,
							    ones));
			EXPECT_EQ(registers[j].endpoint,
				  reg_read(host.fd, host.endpoints[0].id, at, 4));
			EXPECT_RESULT(DONE, NONE, reg_write(host.fd, host.bridge, at, 4, ones));
			EXPECT_EQ(registers[j].bridge, reg_read(host.fd, host.bridge, at, 4));
		}
		test_context("decoder %u, reserved register", i);
		EXPECT_RESULT(IGNORED, READ_ONLY, reg_write(host.fd, host.endpoints[0].id,
							    HDM_DECODER(i) + 0x1c, 4, ~0U));
		EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, HDM_DECODER(i) + 0x1c, 4));
	}
	test_context("beyond the last decoder");
	EXPECT_RESULT(IGNORED, READ_ONLY, reg_write(host.fd, host.endpoints[0].id,
						    HDM_DECODER(4), 4, ~0U));
	EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, HDM_DECODER(4), 4));
}

TEST(read_only_registers_ignore_writes)
{
	static const uint32_t offsets[] = {
		CM, CM + 4, CM + 8, CM + 0xfc, HDM_CAPABILITY, HDM_CAPABILITY + 8,
		HDM_CAPABILITY + 12, CM + 0x800, CM_END - 4,
	};
	struct host host;
	unsigned int i;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		uint64_t before = reg_read(host.fd, host.endpoints[0].id, offsets[i], 4);

		test_context("offset %#x", offsets[i]);
		EXPECT_RESULT(IGNORED, READ_ONLY, reg_write(host.fd, host.endpoints[0].id,
							    offsets[i], 4, ~before));
		EXPECT_EQ(before, reg_read(host.fd, host.endpoints[0].id, offsets[i], 4));
	}
}

TEST(T24_HDM_enable_exists_on_devices_only)
{
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4, ~0U));
	EXPECT_EQ(HDM_GLOBAL_ENABLE, reg_read(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4));
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4, 0));
	EXPECT_EQ(0, reg_read(host.fd, host.endpoints[0].id, HDM_GLOBAL, 4));
	EXPECT_RESULT(IGNORED, READ_ONLY, reg_write(host.fd, host.bridge, HDM_GLOBAL, 4, ~0U));
	EXPECT_EQ(0, reg_read(host.fd, host.bridge, HDM_GLOBAL, 4));
}

TEST(T1_writes_that_are_not_aligned_4_or_8_are_ignored)
{
	static const struct {
		uint32_t offset, width;
	} wrong[] = {
		{ 0, 1 }, { 0, 2 }, { 0, 3 }, { 0, 5 }, { 0, 6 }, { 0, 7 }, { 1, 1 }, { 2, 2 },
		{ 1, 4 }, { 2, 4 }, { 3, 4 }, { 1, 8 }, { 4, 8 }, { 2, 8 }, { 7, 8 },
	};
	struct decoder values = { .base = 0x5550000000ULL, .size = UNIT };
	struct host host;
	uint32_t id;
	unsigned int i, reg;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	decoder_program(host.fd, id, 1, &values);
	for (reg = 0; reg < 0x18; reg += 8) {
		for (i = 0; i < ARRAY_SIZE(wrong); i++) {
			uint32_t at = HDM_DECODER(1) + reg + wrong[i].offset;
			uint8_t before[0x20], after[0x20];
			struct cxl_softhost_result result;
			unsigned int j;

			test_context("width %u at %#x", wrong[i].width, at);
			for (j = 0; j < 0x20; j++)
				before[j] = reg_read(host.fd, id, HDM_DECODER(1) + j, 1);
			result = reg_write(host.fd, id, at, wrong[i].width, ALL_ONES);
			EXPECT_RESULT(IGNORED, WIDTH, result);
			EXPECT_EQ(4, result.expected);
			EXPECT_EQ(wrong[i].width, result.found);
			for (j = 0; j < 0x20; j++)
				after[j] = reg_read(host.fd, id, HDM_DECODER(1) + j, 1);
			EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
		}
	}
}

TEST(T1_8_byte_writes_store_both_halves)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_DECODER(0) + HDM_BASE_LOW, 8,
					    0x12345678ffffffffULL));
	EXPECT_EQ(0xf0000000, reg_read(host.fd, id, HDM_DECODER(0) + HDM_BASE_LOW, 4));
	EXPECT_EQ(0x12345678, reg_read(host.fd, id, HDM_DECODER(0) + HDM_BASE_HIGH, 4));
	EXPECT_EQ(0x12345678f0000000ULL, reg_read(host.fd, id, HDM_DECODER(0) + HDM_BASE_LOW, 8));
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_DECODER(0) + HDM_SIZE_LOW, 8,
					    0x220000000ULL));
	EXPECT_EQ(0x220000000ULL, reg_read(host.fd, id, HDM_DECODER(0) + HDM_SIZE_LOW, 8));
	/* Capability and Global Control: one half can be written. */
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_CAPABILITY, 8, ALL_ONES));
	EXPECT_EQ(HDM_GLOBAL_ENABLE, reg_read(host.fd, id, HDM_GLOBAL, 4));
	/* DPA skip high and the reserved register behind it. */
	EXPECT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_DECODER(0) + HDM_EXTRA_HIGH, 8,
					    ALL_ONES));
	EXPECT_EQ(0xffffffff, reg_read(host.fd, id, HDM_DECODER(0) + HDM_EXTRA_HIGH, 8));
}

TEST(T1_8_byte_write_over_Control_stores_the_other_half_first)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT };
	struct cxl_softhost_translate found;
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	decoder_program(host.fd, id, 0, &values);
	/* The commit already sees the skip that comes with it. */
	EXPECT_RESULT(COMMITTED, NONE,
		      reg_write(host.fd, id, HDM_DECODER(0) + HDM_CONTROL, 8,
				UNIT << 32 | decoder_commit_value(&values)));
	found = translate(host.fd, WINDOW_HPA);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, found.out_reason);
	EXPECT_EQ(UNIT, found.out_dpa);
	/* Live: COMMIT goes, the skip that comes with it is ignored. */
	EXPECT_RESULT(UNCOMMITTED, NONE,
		      reg_write(host.fd, id, HDM_DECODER(0) + HDM_CONTROL, 8, 2 * UNIT << 32));
	EXPECT_EQ(UNIT, reg_read(host.fd, id, HDM_DECODER(0) + HDM_EXTRA_LOW, 4));
}
