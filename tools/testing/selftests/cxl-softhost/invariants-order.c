// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invariants about what comes after what: I2, I3, I4 and I8, each by name.
 * I4 at every step of longer changes: rollback.c; its exception: condemned.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "mock.h"
#include "process.h"

/* A register write that a thread makes while the test looks at what is visible. */
struct pending {
	struct host *host;
	struct cxl_softhost_result (*action)(struct host *host);
	struct cxl_softhost_result result;
	bool returned;
};

static void *pending_run(void *data)
{
	struct pending *pending = data;

	pending->result = pending->action(pending->host);
	__atomic_store_n(&pending->returned, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static bool pending_returned(struct pending *pending)
{
	usleep(50000);
	return __atomic_load_n(&pending->returned, __ATOMIC_SEQ_CST);
}

static struct cxl_softhost_result action_commit(struct host *host)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT };

	return reg_write(host->fd, host->endpoints[0].id, HDM_DECODER(0) + HDM_CONTROL, 4,
			 decoder_commit_value(&values));
}

TEST(I2_I7_COMMITTED_is_not_visible_before_the_slot_is_there)
{
	struct decoder values = { .base = WINDOW_HPA, .size = UNIT };
	struct pending pending = { .action = action_commit };
	struct map before, during;
	struct host host;
	pthread_t thread;
	uint32_t id;
	int vm_fd;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	decoder_program(host.fd, id, 0, &values);
	before = map_get(host.fd);
	mock_hold(vm_fd, MOCKVM_MASK(CREATE));
	pending.host = &host;
	ASSERT_EQ(0, pthread_create(&thread, NULL, pending_run, &pending));
	ASSERT_TRUE(mock_wait_held(vm_fd, 10000));
	test_context("KVM is at it");
	EXPECT_TRUE(!pending_returned(&pending));
	/* Readers aren't kept waiting, and see what was before. */
	EXPECT_EQ(0, decoder_control(host.fd, id, 0) & CONTROL_COMMITTED);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(host.fd, WINDOW_HPA).out_reason);
	during = map_get(host.fd);
	EXPECT_TRUE(map_equal(&before, &during));
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	mock_release(vm_fd);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	test_context("KVM is done");
	EXPECT_RESULT(COMMITTED, NONE, pending.result);
	EXPECT_TRUE(decoder_is_committed(host.fd, id, 0));
	EXPECT_EQ(1, mock_slot_count(vm_fd));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

static struct cxl_softhost_result removal_uncommit(struct host *host)
{
	return host_uncommit(host, 0, 0);
}

static struct cxl_softhost_result removal_reset(struct host *host)
{
	return reset(host->fd, host->endpoints[0].id);
}

static struct cxl_softhost_result removal_reset_host(struct host *host)
{
	return reset(host->fd, 0);
}

static struct cxl_softhost_result removal_HDM_enable(struct host *host)
{
	return reg_write(host->fd, host->endpoints[0].id, HDM_GLOBAL, 4, 0);
}

static struct cxl_softhost_result removal_Mem_Enable(struct host *host)
{
	return node_set_mem_enable(host->fd, host->endpoints[0].id, 0);
}

static struct cxl_softhost_result removal_media(struct host *host)
{
	return node_set_media(host->fd, host->endpoints[0].id, CXL_SOFTHOST_MEDIA_DISABLED);
}

static struct cxl_softhost_result removal_destroy(struct host *host)
{
	return destroy(host->fd, host->endpoints[0].id);
}

static struct cxl_softhost_result removal_bridge_uncommit(struct host *host)
{
	return decoder_uncommit(host->fd, host->bridge, 0);
}

static struct cxl_softhost_result removal_bridge_reset(struct host *host)
{
	return reset(host->fd, host->bridge);
}

static struct cxl_softhost_result removal_detach(struct host *host)
{
	return detach(host->fd);
}

TEST_TIMEOUT(I3_a_removal_reports_done_only_after_the_slot_is_gone, 120)
{
	static const struct {
		const char *name;
		struct cxl_softhost_result (*action)(struct host *host);
		enum cxl_softhost_outcome outcome;
	} removals[] = {
		{ "uncommit", removal_uncommit, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
		{ "reset of the endpoint", removal_reset, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
		{ "reset of the host", removal_reset_host, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
		{ "HDM enable", removal_HDM_enable, CXL_SOFTHOST_OUTCOME_DONE },
		{ "Mem_Enable", removal_Mem_Enable, CXL_SOFTHOST_OUTCOME_DONE },
		{ "media", removal_media, CXL_SOFTHOST_OUTCOME_DONE },
		{ "destroy", removal_destroy, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
		{ "bridge uncommit", removal_bridge_uncommit, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
		{ "bridge reset", removal_bridge_reset, CXL_SOFTHOST_OUTCOME_UNCOMMITTED },
		{ "detach", removal_detach, CXL_SOFTHOST_OUTCOME_DONE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(removals); i++) {
		struct pending pending = { .action = removals[i].action };
		pthread_t thread;
		struct host host;
		int vm_fd;

		test_context("%s", removals[i].name);
		host_create(&host, &(struct host_config){ .bridge_decoders = 1 });
		vm_fd = mock_create();
		attach(host.fd, vm_fd, 100, 0);
		host_enable(&host, 0);
		ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
		ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0));
		EXPECT_EQ(1, mock_slot_count(vm_fd));
		mock_hold(vm_fd, MOCKVM_MASK(DELETE));
		pending.host = &host;
		ASSERT_EQ(0, pthread_create(&thread, NULL, pending_run, &pending));
		ASSERT_TRUE(mock_wait_held(vm_fd, 10000));
		EXPECT_TRUE(!pending_returned(&pending));
		EXPECT_EQ(1, mock_slot_count(vm_fd));
		mock_release(vm_fd);
		ASSERT_EQ(0, pthread_join(thread, NULL));
		EXPECT_EQ(removals[i].outcome, pending.result.outcome);
		EXPECT_EQ(0, pending.result.flags);
		EXPECT_EQ(0, mock_slot_count(vm_fd));
		host_close(&host);
		close(vm_fd);
	}
}

/* The whole CXL.cachemem range of a node, as it reads. */
static void read_range(int fd, uint32_t node, uint64_t *image)
{
	unsigned int i;

	for (i = 0; i < CXL_SOFTHOST_CM_SIZE / 8; i++)
		image[i] = reg_read(fd, node, CXL_SOFTHOST_CM_BASE + 8 * i, 8);
}

TEST(I4_a_failed_addition_leaves_registers_map_and_slots_as_they_were)
{
	static uint64_t before[CXL_SOFTHOST_CM_SIZE / 8], after[CXL_SOFTHOST_CM_SIZE / 8];
	static struct mock_slots slots_before, slots_after;
	struct decoder values = { .base = WINDOW_HPA + 2 * UNIT, .size = UNIT };
	const unsigned int at = (HDM_DECODER(1) + HDM_CONTROL - CXL_SOFTHOST_CM_BASE) / 8;
	struct map map_before, map_after;
	struct host host;
	uint32_t id;
	int vm_fd;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	decoder_program(host.fd, id, 1, &values);
	read_range(host.fd, id, before);
	map_before = map_get(host.fd);
	mock_get_slots(vm_fd, &slots_before);
	mock_fail(vm_fd, MOCKVM_MASK(CREATE), 1, ENOMEM, 0);
	EXPECT_REFUSED(ENGINE, 0, ENOMEM,
		       reg_write(host.fd, id, HDM_DECODER(1) + HDM_CONTROL, 4,
				 decoder_commit_value(&values)));
	read_range(host.fd, id, after);
	/* Only Control of the decoder that asked: what was written, and ERR. */
	EXPECT_EQ(decoder_commit_value(&values) | CONTROL_ERROR, (uint32_t)after[at]);
	after[at] = before[at];
	EXPECT_EQ(0, memcmp(before, after, sizeof(before)));
	map_after = map_get(host.fd);
	EXPECT_TRUE(map_equal(&map_before, &map_after));
	EXPECT_EQ(map_before.generation, map_after.generation);
	mock_get_slots(vm_fd, &slots_after);
	EXPECT_TRUE(mock_slots_equal(&slots_before, &slots_after));
	/* And what failed once works the next time. */
	ASSERT_RESULT(DONE, NONE, reg_write(host.fd, id, HDM_DECODER(1) + HDM_CONTROL, 4, 0));
	EXPECT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 1, &values));
	EXPECT_SLOTS_AS_MAPPED(host.fd, vm_fd);
}

static void close_and_see(bool wait_for_slots)
{
	struct host host;
	unsigned int calls;
	int vm_fd, live;

	host_create(&host, NULL);
	live = mock_live();
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	calls = mock_get_log(vm_fd).count;
	host_close(&host);
	usleep(200000);
	EXPECT_EQ(calls, mock_get_log(vm_fd).count);
	if (wait_for_slots)
		EXPECT_EQ(1, mock_slot_count(vm_fd));
	/* The VM isn't kept. */
	close(vm_fd);
	EXPECT_LIVE(live, 2000);
}

TEST(I8_closing_the_last_descriptor_never_calls_KVM)
{
	close_and_see(true);
}

static void die_attached(struct child *self, void *data)
{
	struct host host;
	int vm_fd;

	(void)data;
	host_create(&host, NULL);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	child_send(self, vm_fd);
	child_receive(self);
}

TEST(I8_death_of_the_owner_never_calls_KVM)
{
	unsigned int calls;
	struct child owner;
	int vm_fd, live = mock_live();

	child_start(&owner, die_attached, NULL);
	vm_fd = child_receive(&owner);
	calls = mock_get_log(vm_fd).count;
	child_send(&owner, -1);
	ASSERT_TRUE(child_join(&owner));
	usleep(200000);
	EXPECT_EQ(calls, mock_get_log(vm_fd).count);
	close(vm_fd);
	EXPECT_LIVE(live, 2000);
}
