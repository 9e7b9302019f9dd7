// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMM takes memory away from two vCPUs that are looking at it: by resets,
 * enables, DESTROY and DETACH. When the command returns, it is gone.
 */
#include <unistd.h>

#include "guest.h"

#define ROUNDS 40
#define WAIT_US 50
#define HUGE_PAGE (512 * PAGE)

/* Tell both vCPUs what holds now, and wait until both have looked. */
static void announce(struct guest *guest, unsigned int round, enum guest_phase kind)
{
	const uint64_t phase = GUEST_PHASE(round, kind);
	struct guest_shared *shared = guest->shared;
	unsigned int vcpu;

	__atomic_store_n(&shared->phase, phase, __ATOMIC_SEQ_CST);
	if (kind == GUEST_CHANGING)
		return;
	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
		while (__atomic_load_n(&shared->observations[vcpu].seen, __ATOMIC_ACQUIRE) != phase)
			usleep(WAIT_US);
}

static void enable_and_commit(struct host *host)
{
	host_enable(host, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(host, 0, 0, WINDOW_HPA, UNIT));
}

static void reset_node(struct host *host)
{
	ASSERT_RESULT(UNCOMMITTED, NONE, reset(host->fd, host->endpoints[0].id));
}

static void reset_host(struct host *host)
{
	ASSERT_RESULT(UNCOMMITTED, NONE, reset(host->fd, 0));
}

static void set_enables(struct host *host, bool on)
{
	ASSERT_RESULT(DONE, NONE, node_set_mem_enable(host->fd, host->endpoints[0].id, on));
}

static void disable_memory(struct host *host)
{
	set_enables(host, false);
}

static void enable_memory(struct host *host)
{
	set_enables(host, true);
}

static void disable_media(struct host *host)
{
	ASSERT_RESULT(DONE, NONE, node_set_media(host->fd, host->endpoints[0].id,
						 CXL_SOFTHOST_MEDIA_DISABLED));
}

static void ready_media(struct host *host)
{
	ASSERT_RESULT(DONE, NONE, node_set_media(host->fd, host->endpoints[0].id,
						 CXL_SOFTHOST_MEDIA_READY));
}

static void look_at(struct guest *guest, struct host *host)
{
	uint8_t *memory = host->endpoints[0].memory[VOLATILE];
	const uint64_t last = UNIT - sizeof(uint64_t);
	unsigned int vcpu;

	/*
	 * Each vCPU has pages of its own, huge ones as well: KVM of Linux 7 warns
	 * about vCPUs that share one ("The KVM engine" in design.rst).
	 */
	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++) {
		uint64_t away = vcpu * 2 * HUGE_PAGE;

		guest_watch_by(guest, vcpu, WINDOW_HPA + away, memory + away);
		guest_watch_by(guest, vcpu, WINDOW_HPA + last - away, memory + last - away);
	}
	guest->shared->phase = GUEST_PHASE(0, GUEST_CHANGING);
	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++)
		guest_start(guest, vcpu, guest_observer);
}

static void stop_looking(struct guest *guest)
{
	unsigned int vcpu;

	guest->shared->stop = 1;
	for (vcpu = 0; vcpu < GUEST_VCPUS; vcpu++) {
		guest_join(guest, vcpu);
		guest_expect_kept(guest, vcpu);
		guest_note(guest, vcpu);
	}
}

/* @off takes the memory away and @on gives it back, @ROUNDS times. */
static void check_removal(void (*off)(struct host *host), void (*on)(struct host *host))
{
	struct guest guest;
	unsigned int round;
	struct host host;

	host_create(&host, NULL);
	enable_and_commit(&host);
	guest_create(&guest, &host);
	look_at(&guest, &host);
	for (round = 1; round <= ROUNDS; round++) {
		announce(&guest, round, GUEST_MAPPED);
		announce(&guest, round, GUEST_CHANGING);
		off(&host);
		announce(&guest, round, GUEST_UNMAPPED);
		announce(&guest, round, GUEST_CHANGING);
		on(&host);
	}
	announce(&guest, round, GUEST_MAPPED);
	stop_looking(&guest);
}

TEST(RESET_of_the_device_while_vCPUs_run)
{
	check_removal(reset_node, enable_and_commit);
}

TEST(RESET_of_the_host_while_vCPUs_run)
{
	check_removal(reset_host, enable_and_commit);
}

TEST(Mem_Enable_while_vCPUs_run)
{
	check_removal(disable_memory, enable_memory);
}

TEST(media_while_vCPUs_run)
{
	check_removal(disable_media, ready_media);
}

TEST(DESTROY_of_the_device_while_vCPUs_run)
{
	struct guest guest;
	struct host host;

	host_create(&host, NULL);
	enable_and_commit(&host);
	guest_create(&guest, &host);
	look_at(&guest, &host);
	announce(&guest, 1, GUEST_MAPPED);
	announce(&guest, 1, GUEST_CHANGING);
	EXPECT_RESULT(UNCOMMITTED, NONE, destroy(host.fd, host.endpoints[0].id));
	announce(&guest, 1, GUEST_UNMAPPED);
	stop_looking(&guest);
}

TEST(DETACH_and_ATTACH_while_vCPUs_run)
{
	struct guest guest;
	unsigned int round;
	struct host host;

	/* Decoders stay: exits are answered by TRANSLATE meanwhile. */
	host_create(&host, NULL);
	enable_and_commit(&host);
	guest_create(&guest, &host);
	look_at(&guest, &host);
	for (round = 1; round <= ROUNDS; round++) {
		announce(&guest, round, GUEST_MAPPED);
		EXPECT_EQ(0, detach(host.fd).flags);
		announce(&guest, round + ROUNDS, GUEST_MAPPED);
		attach(host.fd, guest.vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	}
	EXPECT_TRUE(guest.vcpus[0].hits > 0);
	announce(&guest, 3 * ROUNDS, GUEST_CHANGING);
	reset_host(&host);
	announce(&guest, 3 * ROUNDS, GUEST_UNMAPPED);
	stop_looking(&guest);
}
