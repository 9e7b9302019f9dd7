// SPDX-License-Identifier: GPL-2.0-only
/*
 * States saved and restored: what a guest has programmed, and the numbers of its
 * slots, come back in another host, whole or not at all.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "guest.h"
#include "mock.h"
#include "phase-bed.h"
#include "random-guest.h"
#include "state.h"

#define FIRST 300
#define SLOTS 8

/* Where @to has the nodes of @from; IDs that are another's are put in at once. */
static void rename_nodes(struct state *state, const struct host *from, const struct host *to)
{
	unsigned int i, endpoint;

	for (i = 0; i < state->count; i++) {
		struct cxl_softhost_record *record = &state->records[i];
		uint32_t old = record->node_id;

		if (old == from->bridge)
			record->node_id = to->bridge;
		for (endpoint = 0; endpoint < from->config.endpoints; endpoint++)
			if (old == from->endpoints[endpoint].id)
				record->node_id = to->endpoints[endpoint].id;
	}
}

/* The same host once more, its IDs after so many others. */
static void twin_create(struct host *twin, const struct host *host, unsigned int others)
{
	int fd = softhost_open();
	unsigned int i;

	for (i = 0; i < others; i++)
		backend_create(fd, memory_reserve(PAGE), PAGE, 0);
	host_create_on(fd, twin, &host->config);
	EXPECT_TRUE(twin->bridge != host->bridge);
}

/* All registers of a node, and of its twin */
static bool same_registers(const struct host *one, uint32_t node, const struct host *other,
			   uint32_t twin, unsigned int decoders)
{
	uint32_t offset;

	for (offset = HDM_CAPABILITY; offset < HDM_DECODER(decoders); offset += 8)
		if (!EXPECT_EQ(reg_read(one->fd, node, offset, 8),
			       reg_read(other->fd, twin, offset, 8)))
			return false;
	return true;
}

/* Kinds, places and numbers; host addresses and IDs are the hosts' own. */
static bool same_map(const struct host *one, const struct host *other)
{
	struct map map = map_get(one->fd), twin = map_get(other->fd);
	bool same = EXPECT_EQ(map.count, twin.count);
	unsigned int i;

	for (i = 0; same && i < map.count; i++) {
		const struct cxl_softhost_segment *a = &map.segments[i], *b = &twin.segments[i];

		same = EXPECT_EQ(a->hpa, b->hpa) && EXPECT_EQ(a->length, b->length) &&
		       EXPECT_EQ(a->dpa, b->dpa) && EXPECT_EQ(a->kind, b->kind) &&
		       EXPECT_EQ(a->reason, b->reason) && EXPECT_EQ(a->slot, b->slot) &&
		       EXPECT_EQ(a->cookie, b->cookie) && EXPECT_EQ(a->partition, b->partition) &&
		       EXPECT_EQ(a->backend_offset, b->backend_offset);
	}
	map_free(&map);
	map_free(&twin);
	return same;
}

/*
 * A guest goes on, again and again another host takes its state over, and the guest
 * goes on in that one.
 */
TEST_TIMEOUT(saved_and_restored_is_the_same, 240)
{
	unsigned int turn, i, slots = 0, out_of_order = 0;
	static struct model model;
	struct host host, twin;
	int vm_fd;

	busy_host(&host, &model, &vm_fd);
	for (turn = 0; turn < 60; turn++) {
		int twin_vm = mock_create();
		struct state state, again;
		struct cxl_softhost_info info;
		uint32_t last = 0;

		test_context("turn %u", turn);
		for (i = 0; i < 20; i++)
			random_step(&host, &model);
		info = softhost_info(host.fd);
		state = state_get(host.fd);
		for (i = 0; i < state.count; i++) {
			if (state.records[i].kind != CXL_SOFTHOST_RECORD_SLOT)
				continue;
			slots++;
			out_of_order += state.records[i].index < last;
			last = state.records[i].index;
		}

		twin_create(&twin, &host, 1 + turn % 13);
		rename_nodes(&state, &host, &twin);
		state_set(twin.fd, &state);
		again = state_get(twin.fd);
		EXPECT_TRUE(state_equal(&state, &again));
		state_free(&again);
		attach(twin.fd, twin_vm, info.out_first_slot, info.out_slot_count);
		again = state_get(twin.fd);
		EXPECT_TRUE(state_equal(&state, &again));
		state_free(&again);
		if (!same_registers(&host, host.bridge, &twin, twin.bridge, 4) ||
		    !same_registers(&host, host.endpoints[0].id, &twin, twin.endpoints[0].id, 4) ||
		    !same_registers(&host, host.endpoints[1].id, &twin, twin.endpoints[1].id, 4) ||
		    !same_map(&host, &twin))
			return;

		host_close(&host);
		ASSERT_DONE(close(vm_fd));
		host = twin;
		vm_fd = twin_vm;
		if (!EXPECT_AS_MODELLED(&model) || !EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd))
			return;
		state_free(&state);
	}
	test_context("all");
	test_note("%u slots in %u states, %u times not in the order of HPA", slots, turn,
		  out_of_order);
	EXPECT_TRUE(slots > turn / 2);
	EXPECT_TRUE(out_of_order > 0);
}

/* What is left has neither the lowest number nor the lowest DPA. */
static void use_out_of_order(struct host *host)
{
	unsigned int i;

	host_enable(host, 0);
	for (i = 0; i < 3; i++)
		ASSERT_RESULT(COMMITTED, NONE,
			      host_commit(host, 0, i, WINDOW_HPA + (i + 1) * UNIT, UNIT));
	for (i = 0; i < 2; i++)
		ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(host, 0, i));
}

static uint32_t slot_at(const struct host *host, uint64_t hpa)
{
	struct map map = map_get(host->fd);
	const struct cxl_softhost_segment *segment = map_find(&map, hpa);
	uint32_t slot = segment ? segment->slot : CXL_SOFTHOST_NONE;

	map_free(&map);
	return slot;
}

TEST(slot_numbers_are_honoured_on_restore)
{
	const uint64_t last = WINDOW_HPA + 3 * UNIT;
	struct host host, twin;
	struct vm vm, other;
	struct state state;

	vm_create(&vm);
	vm_create(&other);
	host_create(&host, &(struct host_config){ .volatile_units = 4 });
	attach(host.fd, vm.fd, FIRST, SLOTS);
	use_out_of_order(&host);
	ASSERT_EQ(FIRST + 2, slot_at(&host, last));
	state = state_get(host.fd);

	test_context("in another VM");
	twin_create(&twin, &host, 7);
	rename_nodes(&state, &host, &twin);
	state_set(twin.fd, &state);
	attach(twin.fd, other.fd, FIRST, SLOTS);
	EXPECT_EQ(FIRST + 2, slot_at(&twin, last));
	EXPECT_MAPPED(&other, last, UNIT);
	/* KVM itself: a number in use can't get another size, a free one can. */
	EXPECT_RETURN(-EINVAL, vm_slot_set(other.fd, FIRST + 2, last, PAGE, memory_reserve(PAGE)));
	EXPECT_RETURN(-EEXIST, vm_slot_set(other.fd, FIRST, last, PAGE, memory_reserve(PAGE)));

	test_context("which goes on");
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&twin, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_EQ(FIRST, slot_at(&twin, WINDOW_HPA + UNIT));

	test_context("in the same VM, whose slots the first host has left");
	host_close(&twin);
	host_close(&host);
	host_create(&host, &(struct host_config){ .volatile_units = 4 });
	rename_nodes(&state, &twin, &host);
	state_set(host.fd, &state);
	ASSERT_RETURN(0, __take_over(host.fd, vm.fd, FIRST, SLOTS));
	EXPECT_EQ(FIRST + 2, slot_at(&host, last));
	EXPECT_MAPPED(&vm, last, UNIT);
	state_free(&state);
}

TEST(an_ATTACH_that_can_not_honour_them_is_EINVAL)
{
	struct host host, twin;
	int vm_fd = mock_create();
	struct state state;

	host_create(&host, &(struct host_config){ .volatile_units = 4 });
	attach(host.fd, vm_fd, FIRST, SLOTS);
	use_out_of_order(&host);
	state = state_get(host.fd);
	host_close(&host);

	vm_fd = mock_create();
	host_create(&twin, &host.config);
	rename_nodes(&state, &host, &twin);
	state_set(twin.fd, &state);
	EXPECT_RETURN(-EINVAL, __attach(twin.fd, vm_fd, FIRST + 3, SLOTS, NULL));
	EXPECT_RETURN(-EINVAL, __attach(twin.fd, vm_fd, FIRST, 2, NULL));
	EXPECT_RETURN(-EINVAL, __attach(twin.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(twin.fd).out_engine);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	test_context("taking slots over");
	ASSERT_RETURN(0, vm_slot_set(vm_fd, FIRST + 1, 0x10000, PAGE, memory_reserve(PAGE)));
	EXPECT_RETURN(-EINVAL, __take_over(twin.fd, vm_fd, FIRST, 2));
	EXPECT_EQ(1, mock_slot_count(vm_fd));
	ASSERT_RETURN(0, vm_slot_set(vm_fd, FIRST + 1, 0x10000, 0, NULL));
	test_context("refused by KVM");
	/* If KVM refuses, the numbers are kept for another try. */
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 1, ENOMEM, NOT_PROOFS);
	EXPECT_RETURN(-EREMOTEIO, __attach(twin.fd, vm_fd, FIRST, 3, NULL));
	EXPECT_RETURN(0, __attach(twin.fd, vm_fd, FIRST, 3, NULL));
	EXPECT_EQ(FIRST + 2, slot_at(&twin, WINDOW_HPA + 3 * UNIT));
	EXPECT_SLOTS_AS_MAPPED(twin.fd, vm_fd);
	state_free(&state);
}

TEST(a_state_can_not_be_had_while_a_change_is_pending)
{
	struct state before, after;
	uint32_t count = 0;
	struct bed bed;
	uint64_t token;

	bed_create(&bed);
	before = state_get(bed.host.fd);
	token = begin_commit(&bed);
	EXPECT_RETURN(-EBUSY, __state_get(bed.host.fd, sizeof(before.records[0]), &count, NULL,
					  NULL));
	EXPECT_EQ(token, pending_token(bed.host.fd));
	ASSERT_RESULT(COMMITTED, NONE, apply(bed.host.fd, token));
	after = state_get(bed.host.fd);
	/* The decoder, which was programmed before, and the slot */
	EXPECT_EQ(before.count + 2, after.count);
	state_free(&before);
	state_free(&after);
}

TEST(with_the_advisory_engine_as_well)
{
	struct host host, twin;
	struct vm vm, other;
	struct state state, again;

	vm_create(&vm);
	vm_create(&other);
	host_create_two_phase(&host, &(struct host_config){ .volatile_units = 4 });
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 1, WINDOW_HPA + UNIT, UNIT));
	state = state_get(host.fd);
	/* Bridge, device, two decoders */
	ASSERT_EQ(4, state.count);
	state.records = realloc(state.records, 5 * sizeof(state.records[0]));
	ASSERT_TRUE(state.records);
	state.records[state.count++] = (struct cxl_softhost_record){
		.kind = CXL_SOFTHOST_RECORD_SLOT, .index = 5, .hpa = WINDOW_HPA + UNIT,
		.length = UNIT };

	host_create_two_phase(&twin, &host.config);
	rename_nodes(&state, &host, &twin);
	state_set(twin.fd, &state);
	ASSERT_RETURN(0, __attach_advisory(twin.fd, 5, 3));
	/* The first one, of which nothing is said, gets what that leaves. */
	EXPECT_EQ(6, slot_at(&twin, WINDOW_HPA));
	EXPECT_EQ(5, slot_at(&twin, WINDOW_HPA + UNIT));
	again = state_get(twin.fd);
	EXPECT_EQ(state.count + 1, again.count);
	state_free(&state);
	state_free(&again);
}

/* The guest's memory is where it was, and its next store to a decoder works. */
TEST(a_guest_goes_on_in_another_VM)
{
	const struct decoder second = { .base = WINDOW_HPA + UNIT, .size = UNIT };
	struct guest guest;
	struct host host, twin;
	struct state state;
	struct vm vm;

	vm_create(&vm);
	host_create(&host, &(struct host_config){ .volatile_units = 4 });
	attach(host.fd, vm.fd, FIRST, SLOTS);
	use_out_of_order(&host);
	state = state_get(host.fd);
	host_close(&host);
	vm_close(&vm);

	twin_create(&twin, &host, 7);
	rename_nodes(&state, &host, &twin);
	state_set(twin.fd, &state);
	guest_create_unattached(&guest, &twin);
	attach(twin.fd, guest.vm.fd, FIRST, SLOTS);
	EXPECT_EQ(FIRST + 2, slot_at(&twin, WINDOW_HPA + 3 * UNIT));
	/* The third decoder, with the DPA that two others before it have left it */
	guest_watch_steady(&guest, WINDOW_HPA + 3 * UNIT,
			   twin.endpoints[0].memory[VOLATILE] + 2 * UNIT);
	guest_watch(&guest, WINDOW_HPA + UNIT, twin.endpoints[0].memory[VOLATILE]);
	guest_on_decoder(&guest, GUEST_ENDPOINT(0), 0, &second);
	guest_off(&guest, GUEST_ENDPOINT(0), HDM_DECODER(0) + HDM_CONTROL, 0);
	guest_run(&guest, 50);
	guest_expect_kept(&guest, 1);
	EXPECT_EQ(0, guest.shared->programmer_broken);
	EXPECT_EQ(FIRST + 2, slot_at(&twin, WINDOW_HPA + 3 * UNIT));
	state_free(&state);
}
