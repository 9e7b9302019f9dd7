// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariants that hold whatever is programmed: I1, I5, I6 and I9, each by name,
 * over random programs that are mostly meaningful.
 */
#include "mock.h"
#include "random-guest.h"

TEST_TIMEOUT(I1_every_byte_is_where_a_decode_of_the_latched_registers_puts_it, 120)
{
	unsigned int step, mapped = 0;
	static struct model model;
	struct host host;
	int vm_fd;

	busy_host(&host, &model, &vm_fd);
	for (step = 0; step < 600; step++) {
		test_context("step %u", step);
		random_step(&host, &model);
		if (!EXPECT_AS_MODELLED(&model) || !EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd))
			return;
		mapped += mock_slot_count(vm_fd) > 0;
	}
	test_context("all");
	test_note("memory was mapped after %u of %u steps", mapped, step);
	EXPECT_TRUE(mapped > step / 4);
}

TEST(I1_a_new_generation_means_another_map_and_an_old_one_the_same)
{
	static struct model model;
	struct host host;
	unsigned int step, changes = 0;
	struct map before;
	int vm_fd;

	busy_host(&host, &model, &vm_fd);
	before = map_get(host.fd);
	for (step = 0; step < 300; step++) {
		struct map after;

		test_context("step %u", step);
		if (random_below(3))
			random_commit(&host, &model);
		else if (random_below(2))
			random_uncommit(&host, &model);
		else
			random_gate(&host, &model);
		after = map_get(host.fd);
		EXPECT_EQ(map_equal(&before, &after), before.generation == after.generation);
		EXPECT_TRUE(after.generation >= before.generation);
		EXPECT_EQ(after.generation, softhost_info(host.fd).out_generation);
		changes += before.generation != after.generation;
		map_free(&before);
		before = after;
	}
	EXPECT_TRUE(changes > 20);
}

static bool inside_a_window(const struct host *host, const struct mockvm_slot *slot)
{
	unsigned int i;

	for (i = 0; i < host->window_count; i++)
		if (slot->gpa >= host->config.windows[i].hpa &&
		    slot->gpa + slot->size <= host->config.windows[i].hpa +
					      host->config.windows[i].length)
			return true;
	return false;
}

static bool inside_a_partition(const struct host *host, const struct mockvm_slot *slot)
{
	unsigned int i, j;

	for (i = 0; i < host->config.endpoints; i++) {
		for (j = 0; j < 2; j++) {
			uint64_t from = (uintptr_t)host->endpoints[i].memory[j];

			if (slot->addr >= from && slot->addr + slot->size <=
						  from + host->endpoints[i].lengths[j])
				return true;
		}
	}
	return false;
}

TEST(I5_only_donated_slots_only_in_windows_only_in_backends)
{
	unsigned int i, step, attach_calls, created = 0;
	struct cxl_softhost_info info;
	static struct model model;
	struct mock_log log;
	struct host host;
	int vm_fd;

	busy_host(&host, &model, &vm_fd);
	info = softhost_info(host.fd);
	attach_calls = mock_get_log(vm_fd).count;
	for (step = 0; step < 1500; step++) {
		if (random_below(3))
			random_commit(&host, &model);
		else if (random_below(2))
			random_uncommit(&host, &model);
		else
			random_gate(&host, &model);
	}
	detach(host.fd);
	log = mock_get_log(vm_fd);
	for (i = 0; i < log.count; i++) {
		const struct mockvm_slot *slot = &log.calls[i].region;

		test_context("call %u: slot %u, %#llx + %#llx", i, slot->slot, slot->gpa,
			     slot->size);
		EXPECT_TRUE(slot->slot >= info.out_first_slot &&
			    slot->slot < info.out_first_slot + info.out_slot_count);
		/* Never moved, resized or retargeted. */
		if (i >= attach_calls)
			EXPECT_TRUE(log.calls[i].op == MOCKVM_OP_CREATE ||
				    log.calls[i].op == MOCKVM_OP_DELETE);
		if (slot->size)
			EXPECT_TRUE(inside_a_window(&host, slot));
		/* What ATTACH proves numbers free with isn't memory of a device. */
		if (slot->size && i >= attach_calls) {
			EXPECT_EQ(0, slot->flags);
			EXPECT_TRUE(inside_a_partition(&host, slot));
		}
		created += i >= attach_calls && log.calls[i].op == MOCKVM_OP_CREATE;
	}
	test_context("all");
	test_note("%u slots were created in %u steps", created, step);
	EXPECT_TRUE(created > 20);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
}

TEST_TIMEOUT(I6_nothing_a_guest_does_makes_a_command_fail, 120)
{
	static const uint64_t values[] = {
		0, ALL_ONES, CONTROL_COMMIT, 0xffffffff00000000ULL, UNIT, WINDOW_HPA,
		WINDOW_HPA >> 32,
		CONTROL_COMMIT | CONTROL_LOCK, 1, 0x5555555555555555ULL,
	};
	struct cxl_softhost_translate found;
	struct cxl_softhost_reg_read read;
	struct cxl_softhost_result result;
	static struct model model;
	unsigned int i, created = 0;
	struct host host;
	int vm_fd;

	busy_host(&host, &model, &vm_fd);
	for (i = 0; i < 30000; i++) {
		uint32_t nodes[] = { host.bridge, host.endpoints[0].id, host.endpoints[1].id };
		uint32_t node = nodes[random_below(3)], width = random_below(8) + 1, offset;
		uint64_t value = values[random_below(ARRAY_SIZE(values))] ^
				 (random_below(2) ? 1ULL << random_below(64) : 0);

		/* Mostly where something is. */
		switch (random_below(8)) {
		case 0:
			offset = random_below(0x12000);
			break;
		case 1:
			offset = random_below(UINT32_MAX);
			break;
		default:
			offset = HDM_CAPABILITY + (random_below(0x90) & ~3U);
			break;
		}
		if (random_below(2))
			width = 4;
		test_context("write %u of %#llx, width %u at %#x", i, (unsigned long long)value,
			     width, offset);
		ASSERT_RETURN(0, __reg_write(host.fd, node, offset, width, value, &result));
		ASSERT_TRUE(result.outcome <= CXL_SOFTHOST_OUTCOME_NOT_MINE);
		EXPECT_EQ(0, result.flags);
		if (result.outcome == CXL_SOFTHOST_OUTCOME_REFUSED)
			EXPECT_TRUE(result.reason != CXL_SOFTHOST_REASON_NONE);
		ASSERT_RETURN(0, __reg_read(host.fd, node, offset, width, &read));
		if (i % 8 == 0)
			random_commit(&host, &model);
		if (i % 16 == 0)
			ASSERT_RETURN(0, __translate(host.fd, value, &found));
		if (i % 1024 == 0) {
			EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
			reset(host.fd, i % 2048 ? 0 : node);
			forget_all(&model);
			host_enable_all(&host);
		}
		created += mock_slot_count(vm_fd) > 0;
	}
	test_context("all");
	test_note("memory was mapped after %u of %u writes", created, i);
	EXPECT_TRUE(created > i / 20);
}

TEST(I9_COMMITTED_implies_a_DPA_inside_the_capacity)
{
	const uint64_t capacity = 7 * UNIT;
	static struct model model;
	unsigned int step, endpoint, number;
	struct host host;
	int vm_fd;

	busy_host(&host, &model, &vm_fd);
	for (step = 0; step < 2000; step++) {
		if (random_below(3))
			random_commit(&host, &model);
		else
			random_uncommit(&host, &model);
		for (endpoint = 0; endpoint < 2; endpoint++) {
			for (number = 0; number < 4; number++) {
				const struct model_decoder *decoder =
					&model.endpoints[endpoint].decoders[number];

				if (!decoder->committed || !decoder->size)
					continue;
				if (decoder->dpa + decoder->size / decoder->ways > capacity)
					test_fail(__FILE__, __LINE__,
						  "step %u: decoder %u.%u: DPA %#llx + %#llx",
						  step, endpoint, number,
						  (unsigned long long)decoder->dpa,
						  (unsigned long long)decoder->size);
			}
		}
	}
}

/* KVM has at most 2^31 - 1 pages in a slot: about 8 TiB. */
TEST(I1_T38_a_range_larger_than_a_slot_can_be_is_split)
{
	const uint64_t length = 20ULL << 40, most = ((1ULL << 31) - 1) * PAGE;
	unsigned int i, linear = 0;
	uint64_t end = 1ULL << 45;
	struct host host;
	struct map map;

	host_create(&host, &(struct host_config){
		.windows[0] = { 1ULL << 45, length }, .volatile_units = length / UNIT,
	});
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, 1ULL << 45, length));
	map = map_get(host.fd);
	for (i = 0; i < map.count; i++) {
		const struct cxl_softhost_segment *segment = &map.segments[i];

		test_context("segment %u", i);
		EXPECT_EQ(CXL_SOFTHOST_SEGMENT_LINEAR, segment->kind);
		EXPECT_EQ(end, segment->hpa);
		EXPECT_EQ(end - (1ULL << 45), segment->dpa);
		EXPECT_EQ((uintptr_t)host.endpoints[0].memory[VOLATILE] + segment->dpa,
			  segment->host_addr);
		EXPECT_TRUE(segment->length <= most);
		end += segment->length;
		linear++;
	}
	test_context("all");
	EXPECT_EQ((1ULL << 45) + length, end);
	EXPECT_TRUE(linear > 2 && linear <= 6);
	EXPECT_TRUE(softhost_info(host.fd).out_slots_worst >= linear);
}
