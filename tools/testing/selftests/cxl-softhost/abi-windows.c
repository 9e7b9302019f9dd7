// SPDX-License-Identifier: GPL-2.0-only
/* WINDOW_CREATE: every value that can be wrong, one at a time. */
#include <errno.h>

#include "fixture.h"

#define MODULO CXL_SOFTHOST_ARITHMETIC_MODULO
#define XOR CXL_SOFTHOST_ARITHMETIC_XOR
#define LINEAR_ONLY CXL_SOFTHOST_WINDOW_LINEAR_ONLY
#define BRIDGES 16

struct bed {
	struct host host;
	uint32_t bridges[BRIDGES];
};

static void bed_create(struct bed *bed)
{
	struct cxl_softhost_node_create node = {
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE, .ports = 1,
	};
	unsigned int i;

	host_create(&bed->host, NULL);
	bed->bridges[0] = bed->host.bridge;
	for (i = 1; i < BRIDGES; i++)
		bed->bridges[i] = node_create(bed->host.fd, &node);
}

/* A window to as many bridges as it has ways; destroyed again if it can be made */
static int window_with(struct bed *bed, const struct cxl_softhost_window_create *values)
{
	struct cxl_softhost_window_create window = *values;
	struct cxl_softhost_result result;
	int ret;

	window.size = sizeof(window);
	if (!window.targets)
		window.targets = (uintptr_t)bed->bridges;
	ret = softhost_ioctl(bed->host.fd, CXL_SOFTHOST_WINDOW_CREATE, &window);
	if (!ret)
		EXPECT_RETURN(0, __destroy(bed->host.fd, window.out_id, &result));
	return ret;
}

#define WINDOW(hpa_, length_, ways_, granularity_, arithmetic_)			\
	{ .hpa = hpa_, .length = length_, .ways = ways_, .granularity = granularity_,	\
	  .arithmetic = arithmetic_ }

TEST(WINDOW_CREATE_values)
{
	static const struct {
		const char *what;
		struct cxl_softhost_window_create values;
		int ret;
	} cases[] = {
		{ "base", WINDOW(UNIT / 2, UNIT, 1, 256, MODULO), -EINVAL },
		{ "base + 1", WINDOW(1, UNIT, 1, 256, MODULO), -EINVAL },
		{ "length 0", WINDOW(0, 0, 1, 256, MODULO), -EINVAL },
		{ "length", WINDOW(0, UNIT + UNIT / 2, 1, 256, MODULO), -EINVAL },
		{ "wraps", WINDOW(-UNIT, 2 * UNIT, 1, 256, MODULO), -EOVERFLOW },
		{ "wraps to 0", WINDOW(-UNIT, UNIT, 1, 256, MODULO), -EOVERFLOW },
		{ "end above 2^52", WINDOW(1ULL << 52, UNIT, 1, 256, MODULO), -EOVERFLOW },
		{ "end above 2^52", WINDOW(0, (1ULL << 52) + UNIT, 1, 256, MODULO), -EOVERFLOW },
		{ "ways 0", WINDOW(0, UNIT, 0, 256, MODULO), -EINVAL },
		{ "ways 5", WINDOW(0, 5 * UNIT, 5, 256, MODULO), -EINVAL },
		{ "ways 7", WINDOW(0, 7 * UNIT, 7, 256, MODULO), -EINVAL },
		{ "ways 17", WINDOW(0, 17 * UNIT, 17, 256, MODULO), -EINVAL },
		{ "ways 32", WINDOW(0, 32 * UNIT, 32, 256, MODULO), -EINVAL },
		{ "ways max", WINDOW(0, UNIT, UINT32_MAX, 256, MODULO), -EINVAL },
		{ "ways 2", WINDOW(0, 2 * UNIT, 2, 256, MODULO), 0 },
		{ "ways 3", WINDOW(0, 3 * UNIT, 3, 256, MODULO), 0 },
		{ "ways 4", WINDOW(0, 4 * UNIT, 4, 512, MODULO), 0 },
		{ "ways 6", WINDOW(0, 6 * UNIT, 6, 256, MODULO), 0 },
		{ "ways 8", WINDOW(0, 8 * UNIT, 8, 4096, MODULO), 0 },
		{ "ways 12", WINDOW(0, 12 * UNIT, 12, 256, MODULO), 0 },
		{ "ways 16", WINDOW(0, 16 * UNIT, 16, 16384, MODULO), 0 },
		{ "length of 2 ways", WINDOW(0, 3 * UNIT, 2, 256, MODULO), -EINVAL },
		{ "length of 3 ways", WINDOW(0, 4 * UNIT, 3, 256, MODULO), -EINVAL },
		{ "length of 12 ways", WINDOW(0, 6 * UNIT, 12, 256, MODULO), -EINVAL },
		{ "granularity 0", WINDOW(0, UNIT, 1, 0, MODULO), -EINVAL },
		{ "granularity 128", WINDOW(0, UNIT, 1, 128, MODULO), -EINVAL },
		{ "granularity 257", WINDOW(0, UNIT, 1, 257, MODULO), -EINVAL },
		{ "granularity 768", WINDOW(0, UNIT, 1, 768, MODULO), -EINVAL },
		{ "granularity 32768", WINDOW(0, UNIT, 1, 32768, MODULO), -EINVAL },
		{ "arithmetic 2", WINDOW(0, UNIT, 1, 256, 2), -EINVAL },
		{ "at 0", WINDOW(0, UNIT, 1, 16384, MODULO), 0 },
		{ "highest", WINDOW((1ULL << 52) - UNIT, UNIT, 1, 256, MODULO), 0 },
	};
	unsigned int i;
	struct bed bed;

	bed_create(&bed);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		test_context("%s", cases[i].what);
		EXPECT_RETURN(cases[i].ret, window_with(&bed, &cases[i].values));
	}
}

TEST(WINDOW_CREATE_targets)
{
	struct cxl_softhost_window_create values = WINDOW(0, UNIT, 1, 256, MODULO);
	uint32_t targets[2] = { 0 };
	struct host *host;
	struct bed bed;

	bed_create(&bed);
	host = &bed.host;
	values.targets = (uintptr_t)targets;
#define EXPECT_TARGET(ret, id)							\
	do {									\
		targets[values.ways - 1] = id;					\
		EXPECT_RETURN(ret, window_with(&bed, &values));			\
	} while (0)
	for (; values.ways <= 2; values.ways++) {
		test_context("last of %u", values.ways);
		values.length = values.ways * UNIT;
		EXPECT_TARGET(-ENOENT, 0);
		EXPECT_TARGET(-ENOENT, OUT_OF_RANGE_ID);
		EXPECT_TARGET(-EINVAL, host->endpoints[0].id);
		EXPECT_TARGET(-EINVAL, host->windows[0]);
		EXPECT_TARGET(-EINVAL, host->endpoints[0].backends[0]);
		EXPECT_TARGET(0, bed.bridges[values.ways]);
		targets[0] = bed.bridges[1];
	}
	values.ways = 2;
	test_context("one twice");
	EXPECT_TARGET(-EINVAL, targets[0]);
	test_context("no array");
	values.targets = PAGE;
	EXPECT_RETURN(-EFAULT, window_with(&bed, &values));
}

TEST(a_bridge_that_any_of_the_ways_names_is_in_use)
{
	struct cxl_softhost_window_create values = WINDOW(0, 16 * UNIT, 16, 256, MODULO);
	struct cxl_softhost_result result;
	unsigned int i;
	struct bed bed;

	bed_create(&bed);
	values.size = sizeof(values);
	values.targets = (uintptr_t)bed.bridges;
	ASSERT_RETURN(0, softhost_ioctl(bed.host.fd, CXL_SOFTHOST_WINDOW_CREATE, &values));
	for (i = 1; i < BRIDGES; i++)
		EXPECT_RETURN(-EBUSY, __destroy(bed.host.fd, bed.bridges[i], &result));
	EXPECT_RETURN(0, __destroy(bed.host.fd, values.out_id, &result));
	for (i = 1; i < BRIDGES; i++)
		EXPECT_RETURN(0, __destroy(bed.host.fd, bed.bridges[i], &result));
}

TEST(XOR_maps)
{
	static const struct {
		const char *what;
		uint32_t ways, arithmetic, count;
		uint64_t maps[4];
		int ret;
	} cases[] = {
		{ "none for 1 way", 1, XOR, 0, { 0 }, 0 },
		{ "none for 3 ways", 3, XOR, 0, { 0 }, 0 },
		{ "none for 2 ways", 2, XOR, 0, { 0 }, -EINVAL },
		{ "2 ways", 2, XOR, 1, { 0x2020900 }, 0 },
		{ "4 ways, one", 4, XOR, 1, { 0x2020900 }, -EINVAL },
		{ "4 ways", 4, XOR, 2, { 0x2020900, 0x4041200 }, 0 },
		{ "8 ways, two", 8, XOR, 2, { 0x2020900, 0x4041200 }, -EINVAL },
		{ "8 ways", 8, XOR, 3, { 0x2020900, 0x4041200, 0x1010400 }, 0 },
		{ "16 ways, three", 16, XOR, 3, { 0x2020900, 0x4041200, 0x1010400 }, -EINVAL },
		{ "16 ways", 16, XOR, 4, { 0x2020900, 0x4041200, 0x1010400, 0x800 }, 0 },
		{ "6 ways", 6, XOR, 1, { 0x2020900 }, 0 },
		{ "12 ways, one", 12, XOR, 1, { 0x2020900 }, -EINVAL },
		{ "12 ways", 12, XOR, 2, { 0x2020900, 0x4041200 }, 0 },
		{ "more than needed", 2, XOR, 4, { 0x2020900, 0x4041200, 0x1010400, 0x800 }, 0 },
		{ "five", 2, XOR, 5, { 0x2020900, 0x4041200, 0x1010400, 0x800 }, -EINVAL },
		{ "0", 2, XOR, 1, { 0 }, -EINVAL },
		{ "the second 0", 4, XOR, 2, { 0x2020900, 0 }, -EINVAL },
		{ "one not used 0", 2, XOR, 2, { 0x2020900, 0 }, -EINVAL },
		{ "below the granularity", 2, XOR, 1, { 0x2020980 }, -EINVAL },
		{ "highest bit", 2, XOR, 1, { 1ULL << 63 | 0x100 }, 0 },
		{ "without XOR", 2, MODULO, 1, { 0x2020900 }, -EINVAL },
	};
	unsigned int i;
	struct bed bed;

	bed_create(&bed);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cxl_softhost_window_create values =
			WINDOW(0, cases[i].ways * UNIT, cases[i].ways, 256, cases[i].arithmetic);

		test_context("%s", cases[i].what);
		values.xor_map_count = cases[i].count;
		if (cases[i].count)
			values.xor_maps = (uintptr_t)cases[i].maps;
		EXPECT_RETURN(cases[i].ret, window_with(&bed, &values));
	}
	test_context("no array");
	{
		struct cxl_softhost_window_create values = WINDOW(0, 2 * UNIT, 2, 256, XOR);

		values.xor_map_count = 1;
		values.xor_maps = PAGE;
		EXPECT_RETURN(-EFAULT, window_with(&bed, &values));
		values.xor_map_count = 0;
		values.arithmetic = MODULO;
		EXPECT_RETURN(-EINVAL, window_with(&bed, &values));
	}
}

TEST(LINEAR_ONLY_is_for_one_target)
{
	struct cxl_softhost_window_create values = WINDOW(0, UNIT, 1, 256, MODULO);
	struct bed bed;

	bed_create(&bed);
	values.flags = LINEAR_ONLY;
	EXPECT_RETURN(0, window_with(&bed, &values));
	values.ways = 2;
	values.length = 2 * UNIT;
	EXPECT_RETURN(-EINVAL, window_with(&bed, &values));
	values.flags = 0;
	EXPECT_RETURN(0, window_with(&bed, &values));
}

TEST(IDENTITY_values)
{
	struct cxl_softhost_window_create values = WINDOW(0, 2 * UNIT, 1, 256, MODULO);
	struct cxl_softhost_result result;
	uint64_t length = 4 * UNIT + PAGE;
	uint32_t backend;
	struct bed bed;

	bed_create(&bed);
	backend = backend_create(bed.host.fd, memory_reserve(length), length, 0);
	values.backend_id = backend;
	test_context("fields without the flag");
	EXPECT_RETURN(-EINVAL, window_with(&bed, &values));
	values.backend_id = 0;
	values.backend_offset = PAGE;
	EXPECT_RETURN(-EINVAL, window_with(&bed, &values));

	test_context("without LINEAR_ONLY");
	values.backend_id = backend;
	values.flags = CXL_SOFTHOST_WINDOW_IDENTITY;
	EXPECT_RETURN(-EINVAL, window_with(&bed, &values));
	values.flags |= LINEAR_ONLY;
	EXPECT_RETURN(0, window_with(&bed, &values));

	test_context("backend");
	values.backend_id = 0;
	EXPECT_RETURN(-ENOENT, window_with(&bed, &values));
	values.backend_id = bed.host.bridge;
	EXPECT_RETURN(-EINVAL, window_with(&bed, &values));
	values.backend_id = backend;
	test_context("offset");
	values.backend_offset = length - 2 * UNIT;
	EXPECT_RETURN(0, window_with(&bed, &values));
	values.backend_offset++;
	EXPECT_RETURN(-EINVAL, window_with(&bed, &values));
	values.backend_offset = -UNIT;
	EXPECT_RETURN(-EOVERFLOW, window_with(&bed, &values));
	values.backend_offset = 0;
	values.__reserved4 = 1;
	EXPECT_RETURN(-EOPNOTSUPP, window_with(&bed, &values));

	test_context("the backend stays as long as the window");
	values.__reserved4 = 0;
	values.size = sizeof(values);
	values.targets = (uintptr_t)bed.bridges;
	EXPECT_RETURN(0, softhost_ioctl(bed.host.fd, CXL_SOFTHOST_WINDOW_CREATE, &values));
	EXPECT_RETURN(-EBUSY, __destroy(bed.host.fd, backend, &result));
	EXPECT_RETURN(0, __destroy(bed.host.fd, values.out_id, &result));
	EXPECT_RETURN(0, __destroy(bed.host.fd, backend, &result));
}

/* Callers of ABI level 1 know nothing of the fields behind those of that time. */
TEST(structures_of_level_1_still_do)
{
	struct cxl_softhost_window_create window = WINDOW(0, UNIT, 1, 256, MODULO);
	struct cxl_softhost_info info = { .size = 64, .out_segments_worst = 0xdead };
	struct bed bed;

	bed_create(&bed);
	window.size = 56;
	window.targets = (uintptr_t)bed.bridges;
	window.xor_map_count = 0xdead;
	EXPECT_RETURN(0, softhost_ioctl(bed.host.fd, CXL_SOFTHOST_WINDOW_CREATE, &window));
	EXPECT_EQ(0xdead, window.xor_map_count);
	EXPECT_RETURN(0, softhost_ioctl(bed.host.fd, CXL_SOFTHOST_INFO, &info));
	EXPECT_EQ(CXL_SOFTHOST_ABI, info.out_abi);
	EXPECT_EQ(0xdead, info.out_segments_worst);
}
