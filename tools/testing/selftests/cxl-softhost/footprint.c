// SPDX-License-Identifier: GPL-2.0-only
/* What one host takes of kernel memory: printed, bounded, and only at set-up. */
#include <string.h>

#include "fixture.h"
#include "tracing.h"
#include "vm.h"

#define ENDPOINTS 16
#define DECODERS 10
#define BOUND (1ULL << 20)

static const struct host_config big = {
	.windows = {
		{ WINDOW_HPA, 16 * UNIT }, { 2 * WINDOW_HPA, 16 * UNIT },
		{ 3 * WINDOW_HPA, 16 * UNIT }, { 4 * WINDOW_HPA, 16 * UNIT },
	},
	.bridge_decoders = 16,
	.endpoints = ENDPOINTS,
	.decoders = DECODERS,
	.volatile_units = 2,
	.persistent_units = 2,
};

static uint64_t host_bytes(const struct host *host)
{
	return softhost_info(host->fd).out_host_bytes;
}

/* Four decoders in each window, one of each endpoint, each on its own port. */
static void commit_all(struct host *host)
{
	unsigned int i;

	for (i = 0; i < ENDPOINTS; i++) {
		uint64_t base = (1 + i / 4) * WINDOW_HPA + i % 4 * 4 * UNIT;

		ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(host, i, base, 4 * UNIT, i));
		ASSERT_RESULT(COMMITTED, NONE, host_commit(host, i, 0, base, UNIT));
		ASSERT_RESULT(COMMITTED, NONE, host_commit(host, i, 1, base + 2 * UNIT, UNIT));
	}
}

TEST(host_with_4_windows_and_16_endpoints)
{
	uint64_t set_up, attached;
	unsigned int round;
	struct host host;
	struct vm vm;

	host_create(&host, &big);
	vm_create(&vm);
	set_up = host_bytes(&host);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	attached = host_bytes(&host);
	test_note("host with 4 windows and 16 endpoints: %llu bytes",
		  (unsigned long long)attached);
	test_note("%llu of them before ATTACH, for up to %u slots",
		  (unsigned long long)set_up, softhost_info(host.fd).out_slots_worst);
	/* Registers alone take more than four bytes each. */
	EXPECT_TRUE(set_up > ENDPOINTS * DECODERS * 8 * 4);
	EXPECT_TRUE(attached > set_up && attached <= BOUND);
	host_enable_all(&host);
	for (round = 0; round < 3; round++) {
		test_context("round %u", round);
		commit_all(&host);
		EXPECT_EQ(2 * ENDPOINTS, softhost_info(host.fd).out_slots_used);
		EXPECT_EQ(attached, host_bytes(&host));
		ASSERT_RESULT(UNCOMMITTED, NONE, reset(host.fd, 0));
		EXPECT_EQ(attached, host_bytes(&host));
		host_enable_all(&host);
	}
	test_context("after DETACH");
	EXPECT_EQ(0, detach(host.fd).flags);
	EXPECT_EQ(set_up, host_bytes(&host));
}

TEST(grows_with_what_is_set_up)
{
	static const struct {
		const char *what;
		struct host_config config;
	} hosts[] = {
		{ "nothing much", { .decoders = 1 } },
		{ "ten decoders", { .decoders = 10 } },
		{ "sixteen endpoints", { .decoders = 10, .endpoints = 16, .bridge_decoders = 16 } },
	};
	uint64_t before = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		struct host host;

		test_context("%s", hosts[i].what);
		host_create(&host, &hosts[i].config);
		test_note("host with %s: %llu bytes", hosts[i].what,
			  (unsigned long long)host_bytes(&host));
		EXPECT_TRUE(host_bytes(&host) > before);
		before = host_bytes(&host);
		host_close(&host);
	}
}

/* The number after "NAME=" */
static uint64_t field(const struct trace_event *event, const char *name, int base)
{
	const char *at = strstr(event->fields, name);

	ASSERT_TRUE(at);
	return strtoull(at + strlen(name), NULL, base);
}

/*
 * Bytes asked of kmalloc() by what has not been freed again. The last event of a
 * pointer tells: big blocks are traced twice, inside of each other.
 */
static uint64_t live_bytes(const struct trace *trace, bool show)
{
	uint64_t bytes = 0;
	unsigned int i, j;

	for (i = 0; i < trace->count; i++) {
		const struct trace_event *event = &trace->events[i];
		bool live = !strcmp(event->name, "kmalloc");
		uint64_t ptr;

		if (!live)
			continue;
		ptr = field(event, "ptr=", 16);
		for (j = i + 1; live && j < trace->count; j++)
			live = field(&trace->events[j], "ptr=", 16) != ptr;
		if (!live)
			continue;
		bytes += field(event, "bytes_req=", 10);
		if (show)
			test_note("  %s", event->fields);
	}
	return bytes;
}

TEST(out_host_bytes_is_what_was_allocated)
{
	uint64_t told, live;
	struct trace trace;
	struct host host;

	tracing_open();
	tracing_enable("kmem/kmalloc");
	tracing_enable("kmem/kfree");
	tracing_begin();
	host_create(&host, &big);
	trace = tracing_end();
	tracing_close();
	live = live_bytes(&trace, false);
	told = host_bytes(&host);
	test_note("by kmalloc() and not freed: %llu bytes; out_host_bytes: %llu",
		  (unsigned long long)live, (unsigned long long)told);
	/* The kernel may take a little for itself meanwhile. */
	EXPECT_TRUE(told <= live);
	EXPECT_TRUE(live <= told + told / 8);
	if (test_has_failed())
		live_bytes(&trace, true);
}
