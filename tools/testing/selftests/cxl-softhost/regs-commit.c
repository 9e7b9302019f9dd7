// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a commit is judged by (policy "checked"): each rule with its reason, the
 * value it expects and the one it found. A refusal sets ERROR NOT COMMITTED and
 * changes nothing else.
 */
#include <string.h>

#include "fixture.h"

#define TOP (-(uint64_t)UNIT)	/* the last unit of the address space */

static struct cxl_softhost_result commit(int fd, uint32_t node, unsigned int number,
					 uint64_t base, uint64_t size, uint32_t ways_code,
					 uint32_t granularity_code, uint64_t extra)
{
	struct decoder values = {
		.base = base, .size = size, .ways_code = ways_code,
		.granularity_code = granularity_code, .extra = extra,
	};

	return decoder_commit(fd, node, number, &values);
}

/* ERR is set, COMMIT stays, COMMITTED isn't; then COMMIT = 0 clears ERR (T6). */
static void expect_failed_state(int fd, uint32_t node, unsigned int number)
{
	uint32_t control = decoder_control(fd, node, number);

	EXPECT_EQ(CONTROL_COMMIT | CONTROL_ERROR,
		  control & (CONTROL_COMMIT | CONTROL_ERROR | CONTROL_COMMITTED));
	EXPECT_RESULT(DONE, NONE, reg_write(fd, node, HDM_DECODER(number) + HDM_CONTROL, 4,
					    control & ~CONTROL_COMMIT));
	EXPECT_EQ(0, decoder_control(fd, node, number) &
		     (CONTROL_COMMIT | CONTROL_ERROR | CONTROL_COMMITTED));
}

#define EXPECT_COMMIT(fd, node, number, ...)					\
	do {									\
		EXPECT_RESULT(COMMITTED, NONE, commit(fd, node, number, __VA_ARGS__));	\
		EXPECT_EQ(CONTROL_COMMIT | CONTROL_COMMITTED,			\
			  decoder_control(fd, node, number) &			\
			  (CONTROL_COMMIT | CONTROL_ERROR | CONTROL_COMMITTED));	\
	} while (0)

#define EXPECT_NO_COMMIT(reason, expected, found, fd, node, number, ...)	\
	do {									\
		struct cxl_softhost_result no_commit = commit(fd, node, number, __VA_ARGS__);	\
										\
		EXPECT_REFUSED(reason, expected, found, no_commit);		\
		EXPECT_EQ(number, no_commit.decoder);				\
		expect_failed_state(fd, node, number);				\
	} while (0)

TEST(ORDER_decoder_before_is_not_committed)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_NO_COMMIT(ORDER, 0, 1, host.fd, id, 1, 0, UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(ORDER, 0, 3, host.fd, id, 3, 0, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 0, 0, UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(ORDER, 1, 2, host.fd, id, 2, UNIT, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 1, UNIT, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 2, 2 * UNIT, UNIT, 0, 0, 0);
	/* A gap: 1 went away, 3 needs 2, which is there. */
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 1));
	EXPECT_COMMIT(host.fd, id, 3, 3 * UNIT, UNIT, 0, 0, 0);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 2));
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 3));
	EXPECT_NO_COMMIT(ORDER, 1, 3, host.fd, id, 3, 3 * UNIT, UNIT, 0, 0, 0);
}

TEST(HPA_BELOW_base_lies_below_the_end_of_a_lower_decoder)
{
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	EXPECT_COMMIT(host.fd, host.bridge, 0, 4 * UNIT, 4 * UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(HPA_BELOW, 8 * UNIT, 7 * UNIT, host.fd, host.bridge, 1, 7 * UNIT, UNIT,
			 0, 0, 0);
	EXPECT_NO_COMMIT(HPA_BELOW, 8 * UNIT, 4 * UNIT, host.fd, host.bridge, 1, 4 * UNIT,
			 4 * UNIT, 0, 0, 0);
	/* Not overlapping, but out of order. */
	EXPECT_NO_COMMIT(HPA_BELOW, 8 * UNIT, 0, host.fd, host.bridge, 1, 0, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, host.bridge, 1, 8 * UNIT, UNIT, 0, 0, 0);
	/* The decoder right below is gone: the one below that counts. */
	EXPECT_COMMIT(host.fd, host.bridge, 2, 10 * UNIT, UNIT, 0, 0, 0);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, host.bridge, 0));
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, host.bridge, 1));
	EXPECT_COMMIT(host.fd, host.bridge, 3, 11 * UNIT, UNIT, 0, 0, 0);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, host.bridge, 3));
	EXPECT_NO_COMMIT(HPA_BELOW, 11 * UNIT, 10 * UNIT, host.fd, host.bridge, 3, 10 * UNIT,
			 UNIT, 0, 0, 0);
}

TEST(HPA_ABOVE_end_lies_above_the_base_of_a_higher_decoder)
{
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	EXPECT_COMMIT(host.fd, host.bridge, 0, 0, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, host.bridge, 1, 4 * UNIT, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, host.bridge, 2, 8 * UNIT, UNIT, 0, 0, 0);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, host.bridge, 1));
	EXPECT_NO_COMMIT(HPA_ABOVE, 8 * UNIT, 9 * UNIT, host.fd, host.bridge, 1, 7 * UNIT,
			 2 * UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(HPA_ABOVE, 8 * UNIT, 21 * UNIT, host.fd, host.bridge, 1, 20 * UNIT,
			 UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(HPA_BELOW, UNIT, 0, host.fd, host.bridge, 1, 0, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, host.bridge, 1, UNIT, 7 * UNIT, 0, 0, 0);
}

TEST(HPA_WRAP_base_plus_size_passes_2_to_the_64)
{
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	EXPECT_NO_COMMIT(HPA_WRAP, UNIT, 2 * UNIT, host.fd, host.bridge, 0, TOP, 2 * UNIT, 0, 0,
			 0);
	EXPECT_NO_COMMIT(HPA_WRAP, 2 * UNIT, TOP, host.fd, host.bridge, 0, TOP - UNIT, TOP, 0, 0,
			 0);
	EXPECT_NO_COMMIT(HPA_WRAP, UNIT, TOP, host.fd, host.bridge, 0, TOP, TOP, 0, 0, 0);
	/* Up to the end isn't past it. */
	EXPECT_COMMIT(host.fd, host.bridge, 0, TOP - UNIT, 2 * UNIT, 0, 0, 0);
}

TEST(SIZE_WAYS_size_is_no_multiple_of_ways_times_256_MiB)
{
	struct host host;
	uint32_t id;

	host_create(&host, &(struct host_config){
		.flags = CXL_SOFTHOST_NODE_WAYS_3_6_12 | CXL_SOFTHOST_NODE_WAYS_16,
		.bridge_decoders = 1,
	});
	id = host.endpoints[0].id;
	EXPECT_NO_COMMIT(SIZE_WAYS, 2 * UNIT, UNIT, host.fd, id, 0, 0, UNIT, 1, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 2 * UNIT, 3 * UNIT, host.fd, id, 0, 0, 3 * UNIT, 1, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 4 * UNIT, 6 * UNIT, host.fd, id, 0, 0, 6 * UNIT, 2, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 8 * UNIT, 4 * UNIT, host.fd, id, 0, 0, 4 * UNIT, 3, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 16 * UNIT, 8 * UNIT, host.fd, id, 0, 0, 8 * UNIT, 4, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 3 * UNIT, 4 * UNIT, host.fd, id, 0, 0, 4 * UNIT, 8, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 6 * UNIT, 4 * UNIT, host.fd, id, 0, 0, 4 * UNIT, 9, 0, 0);
	EXPECT_NO_COMMIT(SIZE_WAYS, 12 * UNIT, 4 * UNIT, host.fd, id, 0, 0, 4 * UNIT, 0xa, 0, 0);
	/* Host bridges have no such rule. */
	EXPECT_RESULT(COMMITTED, INTERLEAVED, commit(host.fd, host.bridge, 0, 0, UNIT, 1, 0,
						     0x0100));
}

TEST(B10_WAYS_RESERVED_reserved_code)
{
	static const uint32_t reserved[] = { 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf };
	struct host host;
	unsigned int i;

	host_create(&host, &(struct host_config){
		.flags = CXL_SOFTHOST_NODE_WAYS_3_6_12 | CXL_SOFTHOST_NODE_WAYS_16,
		.bridge_decoders = 1,
	});
	for (i = 0; i < ARRAY_SIZE(reserved); i++) {
		test_context("code %#x", reserved[i]);
		EXPECT_NO_COMMIT(WAYS_RESERVED, 0xa, reserved[i], host.fd, host.endpoints[0].id,
				 0, 0, 48 * UNIT, reserved[i], 0, 0);
		EXPECT_NO_COMMIT(WAYS_RESERVED, 0xa, reserved[i], host.fd, host.bridge, 0, 0,
				 48 * UNIT, reserved[i], 0, 0x0706050403020100ULL);
	}
}

TEST(B10_WAYS_UNSUPPORTED_codes_that_host_bridges_must_not_have)
{
	static const struct {
		uint32_t code, ways;
	} device_only[] = { { 4, 16 }, { 8, 3 }, { 9, 6 }, { 0xa, 12 } };
	struct host host;
	unsigned int i;

	host_create(&host, &(struct host_config){ .bridge_decoders = 1 });
	for (i = 0; i < ARRAY_SIZE(device_only); i++) {
		test_context("code %#x", device_only[i].code);
		EXPECT_NO_COMMIT(WAYS_UNSUPPORTED, 8, device_only[i].ways, host.fd, host.bridge, 0,
				 0, 48 * UNIT, device_only[i].code, 0, 0x0706050403020100ULL);
	}
}

TEST(WAYS_UNSUPPORTED_codes_that_the_capability_register_does_not_allow)
{
	static const struct {
		uint32_t flags, code, ways;
		uint32_t most;		/* 0: it is allowed */
	} cases[] = {
		{ 0, 4, 16, 8 }, { 0, 8, 3, 8 }, { 0, 9, 6, 8 }, { 0, 0xa, 12, 8 },
		{ CXL_SOFTHOST_NODE_WAYS_3_6_12, 4, 16, 12 },
		{ CXL_SOFTHOST_NODE_WAYS_3_6_12, 8, 3, 0 },
		{ CXL_SOFTHOST_NODE_WAYS_3_6_12, 9, 6, 0 },
		{ CXL_SOFTHOST_NODE_WAYS_3_6_12, 0xa, 12, 0 },
		{ CXL_SOFTHOST_NODE_WAYS_16, 4, 16, 0 },
		{ CXL_SOFTHOST_NODE_WAYS_16, 8, 3, 16 },
		{ 0, 3, 8, 0 },
	};
	struct host host;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t id;

		test_context("flags %#x, %u ways", cases[i].flags, cases[i].ways);
		host_create(&host, &(struct host_config){ .flags = cases[i].flags });
		id = host.endpoints[0].id;
		if (cases[i].most)
			EXPECT_NO_COMMIT(WAYS_UNSUPPORTED, cases[i].most, cases[i].ways, host.fd,
					 id, 0, 0, 48 * UNIT, cases[i].code, 0, 0);
		else
			EXPECT_RESULT(COMMITTED, INTERLEAVED,
				      commit(host.fd, id, 0, 0, cases[i].ways * UNIT,
					     cases[i].code, 0, 0));
		host_close(&host);
	}
}

TEST(WAYS_TARGETS_more_ways_than_targets)
{
	static const uint32_t counts[] = { 1, 2, 4 };
	struct host host;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		test_context("%u targets", counts[i]);
		host_create(&host, &(struct host_config){
			.bridge_decoders = 1, .target_count = counts[i],
		});
		EXPECT_NO_COMMIT(WAYS_TARGETS, counts[i], 2 * counts[i], host.fd, host.bridge, 0,
				 0, 8 * UNIT, i + 1, 0, 0x0706050403020100ULL);
		EXPECT_NO_COMMIT(WAYS_TARGETS, counts[i], 8, host.fd, host.bridge, 0, 0, 8 * UNIT,
				 3, 0, 0x0706050403020100ULL);
		host_close(&host);
	}
}

TEST(GRANULARITY_RESERVED_reserved_code)
{
	struct host host;
	uint32_t code;

	host_create(&host, &(struct host_config){ .bridge_decoders = 1 });
	for (code = 7; code < 16; code++) {
		test_context("code %u", code);
		EXPECT_NO_COMMIT(GRANULARITY_RESERVED, 6, code, host.fd, host.endpoints[0].id, 0,
				 0, 2 * UNIT, 1, code, 0);
		EXPECT_NO_COMMIT(GRANULARITY_RESERVED, 6, code, host.fd, host.endpoints[0].id, 0,
				 0, 2 * UNIT, 0, code, 0);
		EXPECT_NO_COMMIT(GRANULARITY_RESERVED, 6, code, host.fd, host.bridge, 0, 0, UNIT,
				 0, code, 0);
	}
}

TEST(GRANULARITY_UNSUPPORTED_address_bits_not_in_the_capability_register)
{
	static const struct {
		uint32_t without, ways_code, ways, granularity_code;
		uint32_t supported, needed;	/* needed 0: it is allowed */
	} cases[] = {
		{ CXL_SOFTHOST_NODE_A14_12, 1, 2, 3, 0x0f00, 0 },
		{ CXL_SOFTHOST_NODE_A14_12, 1, 2, 4, 0x0f00, 0x1000 },
		{ CXL_SOFTHOST_NODE_A14_12, 2, 4, 3, 0x0f00, 0x1800 },
		{ CXL_SOFTHOST_NODE_A14_12, 3, 8, 1, 0x0f00, 0 },
		{ CXL_SOFTHOST_NODE_A14_12, 9, 6, 4, 0x0f00, 0x1000 },
		{ CXL_SOFTHOST_NODE_A14_12, 0xa, 12, 3, 0x0f00, 0x1800 },
		{ CXL_SOFTHOST_NODE_A11_8, 1, 2, 4, 0x7000, 0 },
		{ CXL_SOFTHOST_NODE_A11_8, 1, 2, 3, 0x7000, 0x0800 },
		{ CXL_SOFTHOST_NODE_A11_8, 2, 4, 3, 0x7000, 0x1800 },
		/* One and three ways select by no address bit (T19). */
		{ CXL_SOFTHOST_NODE_A14_12, 0, 1, 6, 0x0f00, 0 },
		{ CXL_SOFTHOST_NODE_A14_12, 8, 3, 6, 0x0f00, 0 },
		{ CXL_SOFTHOST_NODE_A11_8, 0, 1, 0, 0x7000, 0 },
		/* Bits above 14 are covered by no capability bit. */
		{ CXL_SOFTHOST_NODE_A11_8, 2, 4, 6, 0x7000, 0 },
		{ 0, 3, 8, 6, 0x7f00, 0 },
	};
	struct host host;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t size = cases[i].ways * UNIT;
		uint32_t id;

		test_context("case %u: %u ways, granularity code %u", i, cases[i].ways,
			     cases[i].granularity_code);
		host_create(&host, &(struct host_config){
			.flags = CXL_SOFTHOST_NODE_WAYS_3_6_12, .without = cases[i].without,
		});
		id = host.endpoints[0].id;
		if (cases[i].needed)
			EXPECT_NO_COMMIT(GRANULARITY_UNSUPPORTED, cases[i].supported,
					 cases[i].needed, host.fd, id, 0, 0, size,
					 cases[i].ways_code, cases[i].granularity_code, 0);
		else
			EXPECT_EQ(CXL_SOFTHOST_OUTCOME_COMMITTED,
				  commit(host.fd, id, 0, 0, size, cases[i].ways_code,
					 cases[i].granularity_code, 0).outcome);
		host_close(&host);
	}
}

TEST(TARGET_DUPLICATE_a_port_occurs_twice)
{
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2 });
	EXPECT_NO_COMMIT(TARGET_DUPLICATE, 0, 1, host.fd, host.bridge, 0, 0, UNIT, 1, 0, 0x0303);
	EXPECT_NO_COMMIT(TARGET_DUPLICATE, 1, 3, host.fd, host.bridge, 0, 0, UNIT, 2, 0,
			 0x05020500);
	EXPECT_NO_COMMIT(TARGET_DUPLICATE, 0, 7, host.fd, host.bridge, 0, 0, UNIT, 3, 0,
			 0x0006050403020100ULL);
	/* Bytes at or above the number of ways are ignored (T13, T40). */
	EXPECT_RESULT(COMMITTED, INTERLEAVED,
		      commit(host.fd, host.bridge, 0, 0, UNIT, 1, 0, 0x0101010101010203ULL));
	EXPECT_COMMIT(host.fd, host.bridge, 1, UNIT, UNIT, 0, 0, 0);
}

TEST(DPA_CAPACITY_I9_range_passes_the_capacity)
{
	struct host host;
	uint32_t id;

	/* 2 + 2 units */
	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, 5 * UNIT, host.fd, id, 0, 0, 5 * UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, 5 * UNIT, host.fd, id, 0, 0, UNIT, 0, 0,
			 4 * UNIT);
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, 9 * UNIT, host.fd, id, 0, 0, 18 * UNIT, 1, 0, 0);
	/* Sums that wrap (T21). */
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, ALL_ONES, host.fd, id, 0, 0, UNIT, 0, 0, TOP);
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, ALL_ONES, host.fd, id, 0, 0, 2 * UNIT, 0, 0,
			 TOP);
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, TOP, host.fd, id, 0, 0, TOP, 0, 0, 0);
	/* What the decoders before it took counts. */
	EXPECT_COMMIT(host.fd, id, 0, 0, 2 * UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 1, 2 * UNIT, UNIT, 0, 0, UNIT);
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, 5 * UNIT, host.fd, id, 2, 4 * UNIT, UNIT, 0, 0,
			 0);
	EXPECT_NO_COMMIT(DPA_CAPACITY, 4 * UNIT, ALL_ONES, host.fd, id, 2, 4 * UNIT, UNIT, 0, 0,
			 TOP);
}

TEST(DPA_PARTITION_range_crosses_from_volatile_to_persistent)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	EXPECT_NO_COMMIT(DPA_PARTITION, 2 * UNIT, 3 * UNIT, host.fd, id, 0, 0, 3 * UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(DPA_PARTITION, 2 * UNIT, 3 * UNIT, host.fd, id, 0, 0, 2 * UNIT, 0, 0,
			 UNIT);
	EXPECT_NO_COMMIT(DPA_PARTITION, 2 * UNIT, 4 * UNIT, host.fd, id, 0, 0, 4 * UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 0, 0, UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(DPA_PARTITION, 2 * UNIT, 3 * UNIT, host.fd, id, 1, UNIT, 2 * UNIT, 0, 0,
			 0);
	EXPECT_COMMIT(host.fd, id, 1, UNIT, 2 * UNIT, 0, 0, UNIT);
}

TEST(DPA_OVERLAP_range_overlaps_a_live_decoder)
{
	struct host host;
	uint32_t id;

	host_create(&host, &(struct host_config){ .volatile_units = 8 });
	id = host.endpoints[0].id;
	EXPECT_COMMIT(host.fd, id, 0, 0, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 1, 8 * UNIT, UNIT, 0, 0, 2 * UNIT);
	EXPECT_COMMIT(host.fd, id, 2, 16 * UNIT, UNIT, 0, 0, UNIT);
	/* DPA: 0 at 0, 1 at 3, 2 at 5. */
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 0));
	EXPECT_NO_COMMIT(DPA_OVERLAP, 3 * UNIT, 4 * UNIT, host.fd, id, 0, 0, 4 * UNIT, 0, 0, 0);
	EXPECT_NO_COMMIT(DPA_OVERLAP, 3 * UNIT, 4 * UNIT, host.fd, id, 0, 0, UNIT, 0, 0,
			 3 * UNIT);
	EXPECT_NO_COMMIT(DPA_OVERLAP, 5 * UNIT, 6 * UNIT, host.fd, id, 0, 0, UNIT, 0, 0,
			 5 * UNIT);
	EXPECT_COMMIT(host.fd, id, 0, 0, 3 * UNIT, 0, 0, 0);
	ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(host.fd, id, 1));
	EXPECT_NO_COMMIT(DPA_OVERLAP, 5 * UNIT, 6 * UNIT, host.fd, id, 1, 8 * UNIT, 3 * UNIT, 0,
			 0, 0);
	EXPECT_COMMIT(host.fd, id, 1, 8 * UNIT, 2 * UNIT, 0, 0, 0);
}

TEST(T4_T5_size_0_commits_and_takes_no_part)
{
	struct host host;
	uint32_t id;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	host_enable(&host, 0);
	EXPECT_COMMIT(host.fd, id, 0, WINDOW_HPA + 3 * UNIT, 0, 0, 0, 0);
	/* Its base bounds nobody. */
	EXPECT_COMMIT(host.fd, id, 1, WINDOW_HPA, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, id, 2, 0, 0, 0, 0, 0);
	EXPECT_NO_COMMIT(HPA_BELOW, WINDOW_HPA + UNIT, WINDOW_HPA, host.fd, id, 3, WINDOW_HPA,
			 UNIT, 0, 0, 0);
	EXPECT_EQ(0, translate(host.fd, WINDOW_HPA).out_dpa);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(host.fd, WINDOW_HPA).out_reason);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(host.fd, WINDOW_HPA + 3 * UNIT).out_reason);
}

TEST(legal_on_a_component_though_nothing_answers)
{
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	test_context("outside of every window");
	EXPECT_COMMIT(host.fd, host.endpoints[0].id, 0, 1ULL << 60, UNIT, 0, 0, 0);
	EXPECT_COMMIT(host.fd, host.bridge, 0, 0, UNIT, 0, 0, 0);
	test_context("a port that does not exist");
	EXPECT_COMMIT(host.fd, host.bridge, 1, UNIT, UNIT, 0, 0, 200);
	test_context("device-coherent type");
	decoder_program(host.fd, host.bridge, 2, &(struct decoder){
		.base = 1ULL << 40, .size = UNIT,
	});
	EXPECT_RESULT(COMMITTED, NONE, reg_write(host.fd, host.bridge,
						 HDM_DECODER(2) + HDM_CONTROL, 4, CONTROL_COMMIT));
}

TEST(rules_hold_without_lock_and_with_it)
{
	struct decoder values = { .base = 7 * UNIT, .size = UNIT, .lock = true };
	struct host host;

	host_create(&host, &(struct host_config){ .bridge_decoders = 4 });
	EXPECT_COMMIT(host.fd, host.bridge, 0, 4 * UNIT, 4 * UNIT, 0, 0, 0);
	EXPECT_REFUSED(HPA_BELOW, 8 * UNIT, 7 * UNIT, decoder_commit(host.fd, host.bridge, 1,
								     &values));
	expect_failed_state(host.fd, host.bridge, 1);
	values.base = 8 * UNIT;
	EXPECT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, host.bridge, 1, &values));
}
