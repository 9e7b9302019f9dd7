// SPDX-License-Identifier: GPL-2.0-only
/*
 * Defects found in other software CXL hosts, each by its label. What the VM has
 * mapped is asked of KVM, where it leads is asked of MAP_GET and compared with
 * a decode of its own.
 */
#include <errno.h>

#include "fixture.h"
#include "model.h"
#include "vm.h"

struct setup {
	struct host host;
	struct vm vm;
	struct model model;
};

static void setup(struct setup *s, const struct host_config *config)
{
	unsigned int i;

	host_create(&s->host, config);
	vm_create(&s->vm);
	attach(s->host.fd, s->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable_all(&s->host);
	model_init(&s->model, &s->host);
	s->model.engine = true;
	for (i = 0; i < s->host.config.endpoints; i++) {
		s->model.endpoints[i].hdm_enable = true;
		s->model.endpoints[i].mem_enable = true;
	}
}

static struct cxl_softhost_result commit(struct setup *s, unsigned int endpoint,
					 unsigned int number, uint64_t base, uint64_t size,
					 uint64_t skip)
{
	struct decoder values = { .base = base, .size = size, .extra = skip };
	struct cxl_softhost_result result;

	result = decoder_commit(s->host.fd, s->host.endpoints[endpoint].id, number, &values);
	if (result.outcome == CXL_SOFTHOST_OUTCOME_COMMITTED)
		model_commit(&s->model, endpoint, number, &values);
	return result;
}

static struct cxl_softhost_result commit_bridge(struct setup *s, unsigned int number,
						uint64_t base, uint64_t size, unsigned int port)
{
	struct decoder values = { .base = base, .size = size, .extra = port };
	struct cxl_softhost_result result;

	result = decoder_commit(s->host.fd, s->host.bridge, number, &values);
	if (result.outcome == CXL_SOFTHOST_OUTCOME_COMMITTED)
		model_commit_bridge(&s->model, number, &values);
	return result;
}

static struct cxl_softhost_result uncommit(struct setup *s, unsigned int endpoint,
					   unsigned int number)
{
	s->model.endpoints[endpoint].decoders[number].committed = false;
	return host_uncommit(&s->host, endpoint, number);
}

/* The map is as modelled, and KVM has a slot exactly where it says so. */
static void expect_as_modelled(struct setup *s)
{
	unsigned int i;

	EXPECT_AS_MODELLED(&s->model);
	for (i = 0; i < s->host.window_count; i++) {
		uint64_t hpa = s->host.config.windows[i].hpa;
		uint64_t end = hpa + s->host.config.windows[i].length;

		for (; hpa < end; hpa += UNIT) {
			struct model_answer answer = model_at(&s->model, hpa);

			if (answer.reasons || answer.interleaved)
				EXPECT_NOT_MAPPED(&s->vm, hpa, UNIT);
			else
				EXPECT_MAPPED(&s->vm, hpa, UNIT);
		}
	}
}

TEST(B1_uncommit_behind_a_passthrough_bridge_unmaps)
{
	struct setup s;

	setup(&s, NULL);
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_MAPPED(&s.vm, WINDOW_HPA, UNIT);
	expect_as_modelled(&s);
	EXPECT_RESULT(UNCOMMITTED, NONE, uncommit(&s, 0, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	expect_as_modelled(&s);
}

TEST(B2_recommit_elsewhere_maps_there_and_only_there)
{
	struct setup s;
	unsigned int i;

	setup(&s, NULL);
	for (i = 0; i < 4; i++) {
		EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA + i * UNIT, UNIT, 0));
		EXPECT_MAPPED(&s.vm, WINDOW_HPA + i * UNIT, UNIT);
		expect_as_modelled(&s);
		EXPECT_RESULT(UNCOMMITTED, NONE, uncommit(&s, 0, 0));
	}
	expect_as_modelled(&s);
}

TEST(B3_volatile_then_persistent_at_the_same_HPA_is_persistent_memory)
{
	struct map map;
	struct setup s;

	setup(&s, NULL);
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	map = map_get(s.host.fd);
	EXPECT_EQ((uintptr_t)s.host.endpoints[0].memory[VOLATILE],
		  map_find(&map, WINDOW_HPA)->host_addr);
	EXPECT_RESULT(UNCOMMITTED, NONE, uncommit(&s, 0, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 2 * UNIT));
	map = map_get(s.host.fd);
	EXPECT_EQ((uintptr_t)s.host.endpoints[0].memory[PERSISTENT],
		  map_find(&map, WINDOW_HPA)->host_addr);
	EXPECT_EQ(PERSISTENT, map_find(&map, WINDOW_HPA)->partition);
	expect_as_modelled(&s);
}

TEST(B4_system_reset_unmaps)
{
	struct setup s;

	setup(&s, &(struct host_config){ .bridge_decoders = 2, .endpoints = 2 });
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 1, 0, WINDOW_HPA + 2 * UNIT, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 1, WINDOW_HPA + 2 * UNIT, UNIT, 1));
	EXPECT_MAPPED(&s.vm, WINDOW_HPA, UNIT);
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + 2 * UNIT, UNIT);
	expect_as_modelled(&s);
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(s.host.fd, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	EXPECT_EQ(0, softhost_info(s.host.fd).out_slots_used);
}

TEST(B5_nothing_stale_shadows_an_interleave)
{
	struct decoder values = { .base = WINDOW_HPA, .size = 2 * UNIT, .ways_code = 1 };
	struct setup s;

	setup(&s, NULL);
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_RESULT(UNCOMMITTED, NONE, reset(s.host.fd, 0));
	host_enable_all(&s.host);
	EXPECT_RESULT(COMMITTED, INTERLEAVED,
		      decoder_commit(s.host.fd, s.host.endpoints[0].id, 0, &values));
	model_commit(&s.model, 0, 0, &values);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	expect_as_modelled(&s);
}

TEST(B6_two_windows_on_one_bridge_are_each_mapped_in_place)
{
	struct setup s;

	setup(&s, &(struct host_config){
		.windows = { { WINDOW_HPA + 8 * UNIT, 2 * UNIT }, { WINDOW_HPA, 2 * UNIT } },
		.volatile_units = 4,
	});
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA + UNIT, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 1, WINDOW_HPA + 8 * UNIT, 2 * UNIT, 0));
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + UNIT, UNIT);
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + 8 * UNIT, 2 * UNIT);
	expect_as_modelled(&s);
	EXPECT_RESULT(UNCOMMITTED, NONE, uncommit(&s, 0, 0));
	expect_as_modelled(&s);
}

TEST(B7_T18_endpoint_range_larger_than_the_bridges_is_clipped)
{
	struct setup s;

	setup(&s, &(struct host_config){ .bridge_decoders = 2 });
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA + UNIT, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, 2 * UNIT, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, UNIT);
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + UNIT, UNIT);
	expect_as_modelled(&s);
}

TEST(T17_decoder_larger_than_the_window_is_clipped)
{
	struct setup s;

	setup(&s, &(struct host_config){
		.windows[0] = { WINDOW_HPA + UNIT, UNIT }, .volatile_units = 4,
	});
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, 4 * UNIT, 0));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, UNIT);
	EXPECT_MAPPED(&s.vm, WINDOW_HPA + UNIT, UNIT);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA + 2 * UNIT, 2 * UNIT);
	expect_as_modelled(&s);
}

TEST(B8_only_the_device_at_the_port_that_the_bridge_routes_to_is_mapped)
{
	struct setup s;

	setup(&s, &(struct host_config){ .bridge_decoders = 2, .endpoints = 2, .ports = 3 });
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	test_context("to a device without a decoder there");
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA, UNIT, 1));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	expect_as_modelled(&s);
	test_context("to a port without a device");
	EXPECT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(s.host.fd, s.host.bridge, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA, UNIT, 2));
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	expect_as_modelled(&s);
	test_context("to that device");
	EXPECT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(s.host.fd, s.host.bridge, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_MAPPED(&s.vm, WINDOW_HPA, UNIT);
	expect_as_modelled(&s);
}

TEST(B9_out_of_order_overlapping_and_oversized_commits_are_refused)
{
	struct setup s;

	setup(&s, NULL);
	EXPECT_REFUSED(ORDER, 0, 1, commit(&s, 0, 1, WINDOW_HPA, UNIT, 0));
	reg_write(s.host.fd, s.host.endpoints[0].id, HDM_DECODER(1) + HDM_CONTROL, 4, 0);
	EXPECT_REFUSED(DPA_CAPACITY, 4 * UNIT, 5 * UNIT, commit(&s, 0, 0, WINDOW_HPA, 5 * UNIT,
								0));
	reg_write(s.host.fd, s.host.endpoints[0].id, HDM_DECODER(0) + HDM_CONTROL, 4, 0);
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, 2 * UNIT, 0));
	EXPECT_REFUSED(HPA_BELOW, WINDOW_HPA + 2 * UNIT, WINDOW_HPA + UNIT,
		       commit(&s, 0, 1, WINDOW_HPA + UNIT, UNIT, 0));
	expect_as_modelled(&s);
}

TEST(B9_of_two_devices_at_one_HPA_the_one_routed_to_answers)
{
	struct setup s;
	struct map map;
	unsigned int port;

	setup(&s, &(struct host_config){ .bridge_decoders = 2, .endpoints = 2 });
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 1, 0, WINDOW_HPA, UNIT, 0));
	for (port = 0; port < 2; port++) {
		test_context("port %u", port);
		EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA, UNIT, port));
		map = map_get(s.host.fd);
		EXPECT_EQ(s.host.endpoints[port].id, map_find(&map, WINDOW_HPA)->node_id);
		EXPECT_EQ(1, softhost_info(s.host.fd).out_slots_used);
		expect_as_modelled(&s);
		EXPECT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(s.host.fd, s.host.bridge, 0));
	}
}

TEST(B10_reserved_encodings_are_refused_and_harm_nothing)
{
	struct setup s;
	unsigned int ways, granularity;

	setup(&s, &(struct host_config){ .bridge_decoders = 2 });
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, UNIT, 0));
	EXPECT_RESULT(COMMITTED, NONE, commit_bridge(&s, 0, WINDOW_HPA, UNIT, 0));
	for (ways = 0; ways < 16; ways++) {
		for (granularity = 0; granularity < 16; granularity++) {
			struct decoder values = {
				.base = WINDOW_HPA + UNIT, .size = UNIT, .ways_code = ways,
				.granularity_code = granularity, .extra = 0x0706050403020100ULL,
			};
			bool legal = ways <= 3 && granularity <= 6;

			test_context("ways code %#x, granularity code %#x", ways, granularity);
			EXPECT_EQ(legal ? CXL_SOFTHOST_OUTCOME_COMMITTED :
				  CXL_SOFTHOST_OUTCOME_REFUSED,
				  decoder_commit(s.host.fd, s.host.bridge, 1, &values).outcome);
			/* The access that killed others. */
			EXPECT_TRUE(translate(s.host.fd, WINDOW_HPA + UNIT).out_reason !=
				    CXL_SOFTHOST_REASON_NONE);
			reg_write(s.host.fd, s.host.bridge, HDM_DECODER(1) + HDM_CONTROL, 4, 0);
		}
	}
	test_context("after all of it");
	expect_as_modelled(&s);
}

TEST(unplug_with_memory_in_use_unmaps)
{
	struct setup s;

	setup(&s, NULL);
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA, 2 * UNIT, 0));
	EXPECT_MAPPED(&s.vm, WINDOW_HPA, 2 * UNIT);
	EXPECT_RESULT(UNCOMMITTED, NONE, destroy(s.host.fd, s.host.endpoints[0].id));
	s.model.endpoints[0].destroyed = true;
	EXPECT_NOT_MAPPED(&s.vm, WINDOW_HPA, 4 * UNIT);
	expect_as_modelled(&s);
	/* Nothing refers to its memory any more. */
	EXPECT_RETURN(0, __destroy(s.host.fd, s.host.endpoints[0].backends[VOLATILE], NULL));
	EXPECT_RETURN(0, __destroy(s.host.fd, s.host.endpoints[0].backends[PERSISTENT], NULL));
}

TEST(TRANSLATE_from_DPA_finds_the_lowest_HPA)
{
	struct cxl_softhost_translate found;
	uint32_t id;
	struct setup s;

	setup(&s, NULL);
	id = s.host.endpoints[0].id;
	EXPECT_RESULT(COMMITTED, NONE, commit(&s, 0, 0, WINDOW_HPA + UNIT, UNIT, UNIT));
	ASSERT_RETURN(0, __translate_dpa(s.host.fd, id, UNIT + 0x12345, &found));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, found.out_reason);
	EXPECT_EQ(WINDOW_HPA + UNIT + 0x12345, found.out_hpa);
	EXPECT_EQ(UNIT - 0x12345, found.out_length);
	EXPECT_EQ(s.host.windows[0], found.out_window_id);
	EXPECT_EQ(BACKEND_OFFSET + UNIT + 0x12345, found.out_backend_offset);
	ASSERT_RETURN(0, __translate_dpa(s.host.fd, id, 0, &found));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NOT_MAPPED, found.out_reason);
	ASSERT_RETURN(0, __translate_dpa(s.host.fd, id, 2 * UNIT, &found));
	EXPECT_EQ(CXL_SOFTHOST_REASON_NOT_MAPPED, found.out_reason);
}
