// SPDX-License-Identifier: GPL-2.0-only
/* The states of a decoder, and what writes do in each of them. */
#include <string.h>

#include "fixture.h"

#define STATE (CONTROL_COMMIT | CONTROL_COMMITTED | CONTROL_ERROR)

struct image {
	uint32_t registers[8];
};

static struct image read_image(int fd, uint32_t node, unsigned int number)
{
	struct image image;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(image.registers); i++)
		image.registers[i] = reg_read(fd, node, HDM_DECODER(number) + 4 * i, 4);
	return image;
}

/* Write ones to each register but Control, in 4 and 8 bytes: all ignored. */
static void expect_fields_ignore_writes(int fd, uint32_t node, unsigned int number,
					enum cxl_softhost_reason reason)
{
	static const uint32_t fields[] = {
		HDM_BASE_LOW, HDM_BASE_HIGH, HDM_SIZE_LOW, HDM_SIZE_HIGH, HDM_EXTRA_LOW,
		HDM_EXTRA_HIGH,
	};
	struct image before = read_image(fd, node, number), after;
	struct cxl_softhost_result result;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		result = reg_write(fd, node, HDM_DECODER(number) + fields[i], 4, ~0U);
		EXPECT_EQ(CXL_SOFTHOST_OUTCOME_IGNORED, result.outcome);
		EXPECT_EQ(reason, result.reason);
	}
	for (i = 0; i < 0x10; i += 8) {
		result = reg_write(fd, node, HDM_DECODER(number) + i, 8, ALL_ONES);
		EXPECT_EQ(CXL_SOFTHOST_OUTCOME_IGNORED, result.outcome);
		EXPECT_EQ(reason, result.reason);
	}
	after = read_image(fd, node, number);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
}

static struct cxl_softhost_result write_control(int fd, uint32_t node, unsigned int number,
						uint32_t value)
{
	return reg_write(fd, node, HDM_DECODER(number) + HDM_CONTROL, 4, value);
}

TEST(T7_T9_live_decoder_keeps_its_values_and_uncommit_does_not_clear_them)
{
	struct decoder values = {
		.base = WINDOW_HPA, .size = UNIT, .granularity_code = 4, .extra = UNIT,
	};
	struct image live, idle;
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 0, &values));
	live = read_image(host.fd, id, 0);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 0));
	idle = read_image(host.fd, id, 0);
	EXPECT_EQ(live.registers[4] & ~STATE, idle.registers[4]);
	live.registers[4] = idle.registers[4];
	EXPECT_EQ(0, memcmp(&live, &idle, sizeof(live)));
	/* And commits again as it is. */
	EXPECT_RESULT(COMMITTED, NONE, write_control(host.fd, id, 0,
						     idle.registers[4] | CONTROL_COMMIT));
	EXPECT_EQ(UNIT, translate(host.fd, WINDOW_HPA).out_dpa);
}

TEST(T8_writes_to_a_live_decoder_are_ignored)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT };
	struct host host;
	uint32_t id, control;

	host_create(&host, &(struct host_config){ .bridge_decoders = 1 });
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 0, &values));
	expect_fields_ignore_writes(host.fd, id, 0, CXL_SOFTHOST_REASON_LIVE);
	expect_fields_ignore_writes(host.fd, host.bridge, 0, CXL_SOFTHOST_REASON_LIVE);
	test_context("Control with COMMIT still set");
	control = decoder_control(host.fd, id, 0);
	EXPECT_RESULT(IGNORED, LIVE, write_control(host.fd, id, 0, control ^ CONTROL_WAYS(3)));
	EXPECT_EQ(control, decoder_control(host.fd, id, 0));
	EXPECT_RESULT(IGNORED, LIVE, write_control(host.fd, id, 0, control | CONTROL_LOCK));
	EXPECT_EQ(control, decoder_control(host.fd, id, 0));
	/* It still isn't locked. */
	EXPECT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 0));
}

TEST(uncommit_takes_other_bits_of_the_same_write)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_RESULT(UNCOMMITTED, NONE, write_control(host.fd, id, 0, CONTROL_WAYS(1) |
						       CONTROL_GRANULARITY(2)));
	EXPECT_EQ(CONTROL_WAYS(1) | CONTROL_GRANULARITY(2), decoder_control(host.fd, id, 0));
}

TEST(T6_failed_decoder_recovers_by_COMMIT_0_only)
{
	struct decoder values = { .base = WINDOW_HPA, .size = 9 * UNIT };
	struct host host;
	uint32_t id, control;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_REFUSED(DPA_CAPACITY, 4 * UNIT, 9 * UNIT, decoder_commit(host.fd, id, 0, &values));
	control = decoder_control(host.fd, id, 0);
	EXPECT_EQ(CONTROL_COMMIT | CONTROL_ERROR, control & STATE);
	expect_fields_ignore_writes(host.fd, id, 0, CXL_SOFTHOST_REASON_LIVE);
	test_context("COMMIT = 1 again is no edge");
	write_control(host.fd, id, 0, decoder_commit_value(&values));
	EXPECT_EQ(control, decoder_control(host.fd, id, 0));
	EXPECT_RESULT(IGNORED, LIVE, write_control(host.fd, id, 0, control | CONTROL_WAYS(1)));
	EXPECT_EQ(control, decoder_control(host.fd, id, 0));
	test_context("COMMIT = 0");
	EXPECT_RESULT(DONE, NONE, write_control(host.fd, id, 0, control & ~CONTROL_COMMIT));
	EXPECT_EQ(0, decoder_control(host.fd, id, 0) & STATE);
	values.size = UNIT;
	EXPECT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 0, &values));
	EXPECT_EQ(CONTROL_COMMIT | CONTROL_COMMITTED, decoder_control(host.fd, id, 0) & STATE);
}

TEST(commit_sees_the_fields_of_its_own_write)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT };
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	decoder_program(host.fd, id, 0, &values);
	ASSERT_RESULT(DONE, NONE, write_control(host.fd, id, 0, CONTROL_WAYS(0xf)));
	EXPECT_RESULT(COMMITTED, NONE, write_control(host.fd, id, 0, CONTROL_COMMIT |
						     CONTROL_GRANULARITY(3)));
	EXPECT_EQ(CONTROL_GRANULARITY(3), decoder_control(host.fd, id, 0) & 0xff);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 0));
	EXPECT_REFUSED(WAYS_RESERVED, 0xa, 0xf, write_control(host.fd, id, 0, CONTROL_COMMIT |
							      CONTROL_WAYS(0xf)));
}

TEST(T2_type_bit_sticks_without_commit)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_RESULT(DONE, NONE, write_control(host.fd, id, 2, CONTROL_HOST_ONLY));
	EXPECT_EQ(CONTROL_HOST_ONLY, decoder_control(host.fd, id, 2));
	EXPECT_RESULT(DONE, NONE, write_control(host.fd, id, 2, 0));
	EXPECT_EQ(0, decoder_control(host.fd, id, 2));
}

TEST(T3_result_bits_written_back_mean_nothing)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_DONE,
		  write_control(host.fd, id, 0, CONTROL_COMMITTED | CONTROL_ERROR).outcome);
	EXPECT_EQ(0, decoder_control(host.fd, id, 0));
	decoder_program(host.fd, id, 0, &(struct decoder){ .base = WINDOW_HPA, .size = UNIT });
	EXPECT_RESULT(COMMITTED, NONE, write_control(host.fd, id, 0, CONTROL_COMMIT |
						     CONTROL_ERROR));
	EXPECT_EQ(CONTROL_COMMIT | CONTROL_COMMITTED, decoder_control(host.fd, id, 0));
	/* Linux writes back what it read, without COMMIT. */
	EXPECT_RESULT(UNCOMMITTED, NONE, write_control(host.fd, id, 0, CONTROL_COMMITTED));
	EXPECT_EQ(0, decoder_control(host.fd, id, 0));
}

TEST(T23_lock_on_commit_holds_until_reset)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT, .lock = true };
	struct host host;
	uint32_t id, control;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 0, &values));
	control = decoder_control(host.fd, id, 0);
	EXPECT_EQ(decoder_commit_value(&values) | CONTROL_COMMITTED, control);
	expect_fields_ignore_writes(host.fd, id, 0, CXL_SOFTHOST_REASON_LOCKED);
	EXPECT_RESULT(IGNORED, LOCKED, write_control(host.fd, id, 0, 0));
	EXPECT_RESULT(IGNORED, LOCKED, write_control(host.fd, id, 0, control & ~CONTROL_LOCK));
	EXPECT_EQ(control, decoder_control(host.fd, id, 0));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(host.fd, WINDOW_HPA).out_reason);
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(host.fd, id));
	EXPECT_EQ(0, decoder_control(host.fd, id, 0));
	EXPECT_RESULT(DONE, NONE, write_control(host.fd, id, 0, CONTROL_HOST_ONLY));
}

TEST(T23_refused_commit_does_not_lock)
{
	struct decoder values = { .base = WINDOW_HPA, .size = 9 * UNIT, .lock = true };
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_REFUSED(DPA_CAPACITY, 4 * UNIT, 9 * UNIT, decoder_commit(host.fd, id, 0, &values));
	EXPECT_RESULT(DONE, NONE, write_control(host.fd, id, 0, 0));
	values.size = UNIT;
	values.lock = false;
	EXPECT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 0, &values));
	EXPECT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 0));
}

TEST(T10_I9_uncommit_out_of_order_keeps_the_DPA_of_others)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + UNIT, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 2, WINDOW_HPA + 2 * UNIT, UNIT));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	EXPECT_EQ(UNIT, translate(host.fd, WINDOW_HPA + UNIT).out_dpa);
	EXPECT_EQ(2 * UNIT, translate(host.fd, WINDOW_HPA + 2 * UNIT).out_dpa);
	/* Linux then zeroes what it uncommitted. */
	decoder_program(host.fd, id, 0, &(struct decoder){ .base = 0 });
	EXPECT_EQ(UNIT, translate(host.fd, WINDOW_HPA + UNIT).out_dpa);
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 1));
	EXPECT_EQ(2 * UNIT, translate(host.fd, WINDOW_HPA + 2 * UNIT).out_dpa);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(host.fd, WINDOW_HPA).out_reason);
}

TEST(T28_PENDING_is_never_seen)
{
	struct host host;
	uint32_t id, control;
	unsigned int i;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	for (i = 0; i < 64; i++) {
		struct decoder values = { .base = WINDOW_HPA, .size = i * UNIT,
					  .ways_code = i & 0xf };

		decoder_commit(host.fd, id, 0, &values);
		control = decoder_control(host.fd, id, 0);
		test_context("size %u units, ways code %#x", i, values.ways_code);
		EXPECT_TRUE(control & CONTROL_COMMIT);
		EXPECT_TRUE(!(control & CONTROL_COMMITTED) != !(control & CONTROL_ERROR));
		write_control(host.fd, id, 0, 0);
		EXPECT_EQ(0, decoder_control(host.fd, id, 0));
	}
}

TEST(T27_reset_puts_everything_back)
{
	struct image before, after;
	struct host host;
	uint32_t id;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	id = host.endpoints[0].id;
	before = read_image(host.fd, id, 0);
	EXPECT_RESULT(DONE, NONE, reset(host.fd, id));
	EXPECT_RESULT(DONE, NONE, reset(host.fd, 0));
	host_enable(&host, 0);
	ASSERT_RESULT(DONE, NONE, node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_DISABLED));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	test_context("endpoint");
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(host.fd, id));
	after = read_image(host.fd, id, 0);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)));
	EXPECT_EQ(0, reg_read(host.fd, id, HDM_GLOBAL, 4));
	EXPECT_TRUE(decoder_is_committed(host.fd, host.bridge, 0));
	test_context("Mem_Enable is off, media state is kept");
	ASSERT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(DONE, NONE, node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_READY));
	EXPECT_EQ(CXL_SOFTHOST_REASON_MEM_DISABLED, translate(host.fd, WINDOW_HPA).out_reason);
	ASSERT_RESULT(DONE, NONE, node_set_media(host.fd, id, CXL_SOFTHOST_MEDIA_DISABLED));
	test_context("host");
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(host.fd, 0));
	EXPECT_EQ(0, decoder_control(host.fd, host.bridge, 0));
	EXPECT_EQ(0, decoder_control(host.fd, id, 0));
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_EQ(CXL_SOFTHOST_REASON_MEDIA_DISABLED, translate(host.fd, WINDOW_HPA).out_reason);
}

TEST(reset_of_a_bridge_leaves_its_devices_alone)
{
	struct host host;
	uint32_t id;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(host.fd, host.bridge));
	EXPECT_TRUE(decoder_is_committed(host.fd, id, 0));
	EXPECT_EQ(HDM_GLOBAL_ENABLE, reg_read(host.fd, id, HDM_GLOBAL, 4));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_DECODER, translate(host.fd, WINDOW_HPA).out_reason);
}

TEST(results_name_the_decoder_and_the_generation_of_the_map)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT };
	struct cxl_softhost_result result;
	uint64_t generation;
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	generation = softhost_info(host.fd).out_generation;
	test_context("fields");
	result = reg_write(host.fd, id, HDM_DECODER(1) + HDM_BASE_LOW, 4, UNIT);
	EXPECT_EQ(generation, result.generation);
	test_context("refused");
	result = decoder_commit(host.fd, id, 2, &values);
	EXPECT_EQ(2, result.decoder);
	EXPECT_EQ(generation, result.generation);
	test_context("committed");
	result = decoder_commit(host.fd, id, 0, &values);
	EXPECT_EQ(0, result.decoder);
	EXPECT_TRUE(result.generation != generation);
	EXPECT_EQ(softhost_info(host.fd).out_generation, result.generation);
	EXPECT_EQ(translate(host.fd, WINDOW_HPA).out_generation, result.generation);
	test_context("uncommitted");
	generation = result.generation;
	result = decoder_uncommit(host.fd, id, 0);
	EXPECT_EQ(0, result.decoder);
	EXPECT_TRUE(result.generation != generation);
	test_context("enable");
	result = reg_write(host.fd, id, HDM_GLOBAL, 4, 0);
	EXPECT_EQ(CXL_SOFTHOST_NONE, result.decoder);
}
