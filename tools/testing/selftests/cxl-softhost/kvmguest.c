// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM guests that see memory, all-ones, and memory again, in the order that
 * their own registers promise: vCPU 0 stores to decoder registers, vCPU 1 looks
 * at the window all the time.
 */
#include <string.h>

#include "guest.h"

#define ROUNDS 300
#define ROUNDS_IF_SLOW 100

#define END_OF_UNIT (UNIT - sizeof(uint64_t))

/* Commits and uncommits decoder 0 of endpoint 0, at the base of the window. */
static void one_decoder(struct guest *guest, struct host *host)
{
	const struct decoder decoder = { .base = WINDOW_HPA, .size = UNIT };
	uint8_t *memory;

	host_create(host, NULL);
	host_enable(host, 0);
	guest_create(guest, host);
	memory = host->endpoints[0].memory[VOLATILE];
	guest_watch(guest, WINDOW_HPA, memory);
	guest_watch(guest, WINDOW_HPA + END_OF_UNIT, memory + END_OF_UNIT);
	guest_on_decoder(guest, GUEST_ENDPOINT(0), 0, &decoder);
	guest_off(guest, GUEST_ENDPOINT(0), HDM_DECODER(0) + HDM_CONTROL,
		  decoder_commit_value(&decoder) & ~CONTROL_COMMIT);
}

TEST(guest_sees_memory_and_all_ones_in_the_promised_order)
{
	const unsigned int rounds = kernel_is_slow() ? ROUNDS_IF_SLOW : ROUNDS;
	struct guest guest;
	struct host host;

	one_decoder(&guest, &host);
	guest_run(&guest, rounds);
	guest_expect_kept(&guest, 1);
	EXPECT_EQ(0, guest.shared->programmer_broken);
	EXPECT_EQ(CXL_SOFTHOST_OUTCOME_UNCOMMITTED, guest.result.outcome);
	/* each commit and each uncommit is another map */
	EXPECT_TRUE(guest.result.generation >= 2 * rounds);
	test_note("%u rounds", rounds);
}

/* All of the above would be worth nothing if it couldn't tell. */
TEST(observer_notices_memory_that_should_be_gone)
{
	struct guest guest;
	struct host host;

	one_decoder(&guest, &host);
	guest.shared->lie = 1;
	guest_run(&guest, 3);
	EXPECT_TRUE(guest.shared->observations[1].broken > 0);
	EXPECT_TRUE(guest.shared->observations[1].memory[GUEST_UNMAPPED] > 0);
	EXPECT_EQ(GUEST_PHASE(1, GUEST_UNMAPPED), guest.shared->observations[1].phase);
}

TEST(observer_notices_all_ones_where_memory_is_promised)
{
	struct guest guest;
	struct host host;

	one_decoder(&guest, &host);
	/* The commit is forgotten. */
	guest.shared->on_count--;
	guest.shared->status_value = 0;
	guest_run(&guest, 3);
	EXPECT_TRUE(guest.shared->observations[1].broken > 0);
	EXPECT_TRUE(guest.shared->observations[1].all_ones[GUEST_MAPPED] > 0);
	EXPECT_EQ(3 * 2, guest.shared->programmer_broken);
	EXPECT_EQ(ALL_ONES, guest.shared->observations[1].value);
}

TEST(one_store_that_maps_two_extents)
{
	struct guest guest;
	struct host host;
	uint8_t *memory;

	host_create(&host, NULL);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + 2 * UNIT, UNIT));
	host_enable(&host, 0);
	guest_create(&guest, &host);
	memory = host.endpoints[0].memory[VOLATILE];
	guest_watch(&guest, WINDOW_HPA, memory);
	guest_watch(&guest, WINDOW_HPA + 2 * UNIT + END_OF_UNIT, memory + UNIT + END_OF_UNIT);
	guest_on(&guest, GUEST_ENDPOINT(0), HDM_GLOBAL, HDM_GLOBAL_ENABLE);
	guest_off(&guest, GUEST_ENDPOINT(0), HDM_GLOBAL, 0);
	guest.shared->status_gpa = GUEST_REGISTER(GUEST_ENDPOINT(0), HDM_GLOBAL);
	guest.shared->status_mask = HDM_GLOBAL_ENABLE;
	guest.shared->status_value = HDM_GLOBAL_ENABLE;
	guest_run(&guest, 100);
	guest_expect_kept(&guest, 1);
	EXPECT_EQ(0, guest.shared->programmer_broken);
}

/*
 * Device 1 answers at the base of the window all the time; bridge and device 0
 * are programmed and taken away two units above.
 */
TEST(two_devices_behind_two_root_ports_each_in_their_place)
{
	const struct decoder bridge = { .base = WINDOW_HPA + 2 * UNIT, .size = 2 * UNIT };
	const struct decoder device = { .base = WINDOW_HPA + 3 * UNIT, .size = UNIT };
	struct guest guest;
	struct host host;
	uint8_t *memory;

	host_create(&host, &(struct host_config){ .bridge_decoders = 2, .endpoints = 2 });
	host_enable_all(&host);
	guest_create(&guest, &host);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, 2 * UNIT, 1));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 1, 0, WINDOW_HPA, UNIT));
	memory = host.endpoints[1].memory[VOLATILE];
	guest_watch_steady(&guest, WINDOW_HPA, memory);
	guest_watch_steady(&guest, WINDOW_HPA + END_OF_UNIT, memory + END_OF_UNIT);
	memory = host.endpoints[0].memory[VOLATILE];
	guest_watch(&guest, WINDOW_HPA + 3 * UNIT, memory);
	guest_watch(&guest, WINDOW_HPA + 3 * UNIT + END_OF_UNIT, memory + END_OF_UNIT);
	guest_on_decoder(&guest, GUEST_BRIDGE, 1, &bridge);
	guest_on_decoder(&guest, GUEST_ENDPOINT(0), 0, &device);
	guest_off(&guest, GUEST_BRIDGE, HDM_DECODER(1) + HDM_CONTROL, 0);
	guest_off(&guest, GUEST_ENDPOINT(0), HDM_DECODER(0) + HDM_CONTROL, 0);
	guest_run(&guest, 100);
	guest_expect_kept(&guest, 1);
	EXPECT_EQ(0, guest.shared->programmer_broken);
	test_context("device 1 was left alone");
	EXPECT_MAPPED(&guest.vm, WINDOW_HPA, UNIT);
	EXPECT_NOT_MAPPED(&guest.vm, WINDOW_HPA + UNIT, 3 * UNIT);
}

TEST(without_an_engine_every_access_exits_and_TRANSLATE_answers)
{
	struct guest guest;
	struct host host;

	one_decoder(&guest, &host);
	EXPECT_EQ(0, detach(host.fd).flags);
	guest_run(&guest, 20);
	guest_expect_kept(&guest, 1);
	EXPECT_EQ(0, guest.shared->programmer_broken);
	EXPECT_EQ(2 * 2 * 20, guest.vcpus[0].reads);
	EXPECT_EQ(2 * 20, guest.vcpus[0].hits);
}

/* Stores go where TRANSLATE says, mapped or not; others are dropped. */
static void check_stores(struct guest *guest, bool mapped)
{
	static const uint64_t offsets[] = {
		0, 0x1234560, END_OF_UNIT, 2 * UNIT, 2 * UNIT + 0x7654320, 2 * UNIT + END_OF_UNIT,
	};
	struct guest_shared *shared = guest->shared;
	const struct endpoint *endpoint = &guest->host->endpoints[0];
	unsigned int i;

	shared->watched_count = 0;
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		shared->watched[shared->watched_count++] = (struct guest_watched){
			.gpa = WINDOW_HPA + offsets[i],
			.value = (mapped ? 0xa5a5000000000000 : 0x5a5a000000000000) + i,
		};
	/* Nothing answers here. */
	shared->watched[shared->watched_count++] = (struct guest_watched){
		.gpa = WINDOW_HPA + UNIT,
		.value = 0xdead,
	};
	guest->vcpus[0].writes = 0;
	guest->vcpus[0].hits = 0;
	guest_start(guest, 0, guest_storer);
	guest_join(guest, 0);
	EXPECT_EQ(mapped ? 1 : 1 + ARRAY_SIZE(offsets), guest->vcpus[0].writes);
	EXPECT_EQ(mapped ? 0 : ARRAY_SIZE(offsets), guest->vcpus[0].hits);
	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		/* The first decoder skips a unit, so the second one is persistent. */
		unsigned int partition = offsets[i] < UNIT ? VOLATILE : PERSISTENT;
		uint64_t at = partition == VOLATILE ? UNIT + offsets[i] : offsets[i] - 2 * UNIT;
		uint8_t *memory = endpoint->memory[partition] + at;
		uint64_t found;

		test_context("%s, offset %#llx", mapped ? "mapped" : "not mapped",
			     (unsigned long long)offsets[i]);
		memcpy(&found, memory, sizeof(found));
		EXPECT_EQ(shared->watched[i].value, found);
		EXPECT_TRUE(guest_memory_at(guest, WINDOW_HPA + offsets[i]) == memory);
		EXPECT_EQ(partition == VOLATILE ? at : 2 * UNIT + at,
			  translate(guest->host->fd, WINDOW_HPA + offsets[i]).out_dpa);
	}
	test_context("dropped");
	EXPECT_TRUE(!guest_memory_at(guest, WINDOW_HPA + UNIT));
}

TEST(stores_land_at_the_DPA_that_TRANSLATE_tells)
{
	struct decoder first = { .base = WINDOW_HPA, .size = UNIT, .extra = UNIT };
	struct guest guest;
	struct host host;

	host_create(&host, NULL);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, host.endpoints[0].id, 0, &first));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + 2 * UNIT, UNIT));
	guest_create(&guest, &host);
	check_stores(&guest, true);
	EXPECT_EQ(0, detach(host.fd).flags);
	check_stores(&guest, false);
}
