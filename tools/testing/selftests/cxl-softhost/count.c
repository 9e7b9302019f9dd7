// SPDX-License-Identifier: GPL-2.0-only
/*
 * What commands cost, counted from outside: calls of KVM's slot setter and
 * changes that KVM made by kprobes, allocations by the kmem events.
 */
#include <errno.h>
#include <sys/mman.h>

#include "fixture.h"
#include "tracing.h"
#include "vm.h"

#define ROUNDS 20

struct setup {
	struct host host;
	struct vm vm;
	uint32_t id;
};

static void setup(struct setup *setup, const struct host_config *config)
{
	host_create(&setup->host, config);
	vm_create(&setup->vm);
	setup->id = setup->host.endpoints[0].id;
	attach(setup->host.fd, setup->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable_all(&setup->host);
}

/* Of all that was counted in this test */
static struct slot_counts total;

static bool check_slots_set(const char *file, int line, unsigned int calls,
			    unsigned int creations, unsigned int deletions, const char *what)
{
	struct trace trace = tracing_end();
	struct slot_counts counts = trace_slots(&trace);
	bool good = counts.calls == calls && counts.creations == creations &&
		    counts.deletions == deletions && counts.others == 0;

	total.calls += counts.calls;
	total.creations += counts.creations;
	total.deletions += counts.deletions;
	if (!good) {
		test_fail(file, line,
			  "%s: expected %u calls, %u created, %u deleted; found %u, %u, %u, and %u others",
			  what, calls, creations, deletions, counts.calls, counts.creations,
			  counts.deletions, counts.others);
		trace_note(&trace);
	}
	trace_free(&trace);
	return good;
}

#define EXPECT_SLOTS_SET(calls, creations, deletions, what)			\
	do {									\
		tracing_begin();						\
		what;								\
		check_slots_set(__FILE__, __LINE__, calls, creations, deletions,	\
				#what);						\
	} while (0)
#define EXPECT_NO_SLOT_SET(what) EXPECT_SLOTS_SET(0, 0, 0, what)

TEST(slot_counter_counts)
{
	uint8_t *memory = memory_reserve(UNIT);
	struct slot_counts counts;
	struct trace trace;
	struct vm vm;

	vm_create(&vm);
	tracing_open();
	tracing_enable_slots();
	EXPECT_SLOTS_SET(1, 1, 0, vm_slot_set(vm.fd, 1, WINDOW_HPA, UNIT, memory));
	EXPECT_SLOTS_SET(1, 0, 0, vm_slot_set(vm.fd, 2, WINDOW_HPA, UNIT, memory));
	EXPECT_SLOTS_SET(1, 0, 1, vm_slot_set(vm.fd, 1, WINDOW_HPA, 0, memory));
	EXPECT_SLOTS_SET(1, 0, 0, vm_slot_set(vm.fd, 1, WINDOW_HPA, 0, memory));
	EXPECT_SLOTS_SET(2, 1, 1, vm_probe(vm.fd, WINDOW_HPA));
	/* a move is neither */
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 1, WINDOW_HPA, UNIT, memory));
	tracing_begin();
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 1, WINDOW_HPA + UNIT, UNIT, memory));
	trace = tracing_end();
	counts = trace_slots(&trace);
	EXPECT_EQ(1, counts.calls);
	EXPECT_EQ(1, counts.others);
	EXPECT_EQ(0, counts.creations + counts.deletions);
	tracing_close();
}

TEST(commit_is_one_creation_and_uncommit_one_deletion)
{
	unsigned int round;
	struct setup s;

	setup(&s, NULL);
	tracing_open();
	tracing_enable_slots();
	for (round = 0; round < ROUNDS; round++) {
		test_context("round %u", round);
		EXPECT_SLOTS_SET(1, 1, 0, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
		ASSERT_TRUE(decoder_is_committed(s.host.fd, s.id, 0));
		EXPECT_SLOTS_SET(1, 0, 1, host_uncommit(&s.host, 0, 0));
		ASSERT_TRUE(!decoder_is_committed(s.host.fd, s.id, 0));
	}
	test_note("%u commits and %u uncommits: %u calls of KVM, %u slots created, %u deleted",
		  ROUNDS, ROUNDS, total.calls, total.creations, total.deletions);
	test_context("resets and enables");
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_SLOTS_SET(1, 1, 0, host_commit(&s.host, 0, 1, WINDOW_HPA + 2 * UNIT, UNIT));
	EXPECT_SLOTS_SET(2, 0, 2, node_set_mem_enable(s.host.fd, s.id, 0));
	EXPECT_SLOTS_SET(2, 2, 0, node_set_mem_enable(s.host.fd, s.id, 1));
	EXPECT_SLOTS_SET(2, 0, 2, reg_write(s.host.fd, s.id, HDM_GLOBAL, 4, 0));
	EXPECT_SLOTS_SET(2, 2, 0, reg_write(s.host.fd, s.id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_SLOTS_SET(2, 0, 2, reset(s.host.fd, s.id));
	tracing_close();
}

TEST(register_traffic_that_changes_no_mapping_sets_no_slot)
{
	const struct decoder zero = { .base = WINDOW_HPA };
	const struct decoder interleaved = {
		.base = WINDOW_HPA, .size = 2 * UNIT, .ways_code = 1,
	};
	const uint32_t control = HDM_DECODER(0) + HDM_CONTROL;
	struct setup s;
	int fd;

	setup(&s, &(struct host_config){ .bridge_decoders = 2 });
	fd = s.host.fd;
	tracing_open();
	tracing_enable_slots();
	EXPECT_NO_SLOT_SET(decoder_program(fd, s.id, 0, &interleaved));
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(COMMITTED, NONE, decoder_commit(fd, s.id, 0, &zero)));
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(fd, s.id, 0)));
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(COMMITTED, INTERLEAVED,
					 decoder_commit(fd, s.id, 0, &interleaved)));
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(UNCOMMITTED, NONE, decoder_uncommit(fd, s.id, 0)));
	test_context("the endpoint is idle");
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&s.host, 0, WINDOW_HPA,
									     4 * UNIT, 0)));
	EXPECT_NO_SLOT_SET(reg_write(fd, s.id, HDM_GLOBAL, 4, 0));
	EXPECT_NO_SLOT_SET(reg_write(fd, s.id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_NO_SLOT_SET(reset(fd, s.id));
	EXPECT_NO_SLOT_SET(host_enable(&s.host, 0));
	test_context("refused");
	EXPECT_NO_SLOT_SET(host_commit(&s.host, 0, 0, WINDOW_HPA, 16 * UNIT));
	EXPECT_NO_SLOT_SET(reg_write(fd, s.id, control, 4, 0));
	test_context("the endpoint is mapped");
	EXPECT_SLOTS_SET(1, 1, 0, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(IGNORED, LIVE, reg_write(fd, s.id, HDM_DECODER(0) +
								  HDM_BASE_LOW, 4, 0)));
	EXPECT_NO_SLOT_SET(ASSERT_RESULT(IGNORED, READ_ONLY, reg_write(fd, s.id, HDM_CAPABILITY,
								       4, ALL_ONES)));
	EXPECT_NO_SLOT_SET(reg_write(fd, s.id, control, 2, 0));
	EXPECT_NO_SLOT_SET(reg_write(fd, s.id, 0, 4, ALL_ONES));
	EXPECT_NO_SLOT_SET(reg_write(fd, s.id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE));
	EXPECT_NO_SLOT_SET(node_set_mem_enable(fd, s.id, 1));
	EXPECT_NO_SLOT_SET(node_set_media(fd, s.id, CXL_SOFTHOST_MEDIA_READY));
	EXPECT_NO_SLOT_SET(decoder_program(fd, s.id, 1, &interleaved));
	EXPECT_NO_SLOT_SET(reg_read(fd, s.id, control, 4));
	EXPECT_NO_SLOT_SET(translate(fd, WINDOW_HPA));
	EXPECT_NO_SLOT_SET(softhost_info(fd));
	EXPECT_NO_SLOT_SET(map_get(fd));
	EXPECT_MAPPED(&s.vm, WINDOW_HPA, UNIT);
	tracing_close();
}

#define REGISTERS 128

static void read_registers(const struct setup *s)
{
	struct cxl_softhost_reg_read out;
	unsigned int i;

	for (i = 0; i < REGISTERS; i++)
		__reg_read(s->host.fd, s->id, CXL_SOFTHOST_CM_BASE + 4 * i, 4, &out);
	/* other widths, and the VMM's own */
	__reg_read(s->host.fd, s->id, HDM_DECODER(0), 8, &out);
	__reg_read(s->host.fd, s->id, 3, 1, &out);
}

#define ADDRESSES 64

static void translate_all(const struct setup *s)
{
	struct cxl_softhost_translate out;
	unsigned int i;

	for (i = 0; i < ADDRESSES; i++) {
		__translate(s->host.fd, WINDOW_HPA + i * UNIT / 4, &out);
		__translate(s->host.fd, i * PAGE, &out);
		__translate_dpa(s->host.fd, s->id, i * UNIT / 4, &out);
	}
}

/* What @what allocates, beside what KVM does for it. */
#define COUNT_ALLOCATIONS(trace, what)						\
	({									\
		what;			/* whatever it needs is touched */	\
		tracing_begin();						\
		what;								\
		*(trace) = tracing_end();					\
		trace_allocations(trace);					\
	})

#define EXPECT_NO_ALLOCATION(what)						\
	({									\
		struct trace __trace;						\
		unsigned int __count = COUNT_ALLOCATIONS(&__trace, what);	\
										\
		if (!EXPECT_EQ(0, __count))					\
			trace_note(&__trace);					\
		trace_free(&__trace);						\
		__count;							\
	})

static void list_map(const struct setup *s)
{
	static struct cxl_softhost_segment segments[64];
	uint32_t count = ARRAY_SIZE(segments);

	__map_get(s->host.fd, sizeof(segments[0]), &count, segments, NULL);
}

static void touch_a_page(void)
{
	uint8_t *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

	*(volatile uint8_t *)memory = 1;
	munmap(memory, PAGE);
}

TEST(REG_READ_and_TRANSLATE_allocate_nothing)
{
	unsigned int listed, touched, read, translated;
	struct trace trace;
	struct setup s;

	setup(&s, NULL);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	tracing_open();
	tracing_enable_allocations();
	test_context("the counter counts");
	listed = COUNT_ALLOCATIONS(&trace, list_map(&s));
	EXPECT_TRUE(listed >= 1);
	touched = COUNT_ALLOCATIONS(&trace, touch_a_page());
	EXPECT_TRUE(trace_count(&trace, "mm_page_alloc") >= 1);
	EXPECT_TRUE(trace_count(&trace, "kmem_cache_alloc") >= 1);
	test_context("%s", "");
	read = EXPECT_NO_ALLOCATION(read_registers(&s));
	translated = EXPECT_NO_ALLOCATION(translate_all(&s));
	EXPECT_NO_ALLOCATION(softhost_info(s.host.fd));
	test_note("allocations: %u REG_READ: %u; %u TRANSLATE: %u; one MAP_GET: %u; a page fault: %u",
		  REGISTERS + 2, read, 3 * ADDRESSES, translated, listed, touched);
	tracing_close();
}

TEST(commit_and_uncommit_allocate_only_in_KVM)
{
	uint8_t *memory = memory_reserve(UNIT);
	unsigned int commit, uncommit, bare, module;
	struct trace trace;
	struct setup s;

	setup(&s, NULL);
	tracing_open();
	tracing_enable_allocations();
	test_context("a slot of the VMM's own");
	tracing_begin();
	ASSERT_RETURN(0, vm_slot_set(s.vm.fd, 1, 4 * WINDOW_HPA, UNIT, memory));
	trace = tracing_end();
	bare = trace_kvm_allocations(&trace);
	EXPECT_TRUE(bare >= 1);
	test_context("commit");
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&s.host, 0, 0));
	tracing_begin();
	host_commit(&s.host, 0, 0, WINDOW_HPA, UNIT);
	trace = tracing_end();
	ASSERT_TRUE(decoder_is_committed(s.host.fd, s.id, 0));
	commit = trace_kvm_allocations(&trace);
	EXPECT_TRUE(commit >= 1);
	module = trace_allocations(&trace);
	if (!EXPECT_EQ(0, module))
		trace_note(&trace);
	test_context("uncommit");
	tracing_begin();
	host_uncommit(&s.host, 0, 0);
	trace = tracing_end();
	ASSERT_TRUE(!decoder_is_committed(s.host.fd, s.id, 0));
	uncommit = trace_kvm_allocations(&trace);
	module += trace_allocations(&trace);
	if (!EXPECT_EQ(0, trace_allocations(&trace)))
		trace_note(&trace);
	test_note("allocations in KVM: a commit %u, an uncommit %u, a slot of the VMM's own %u; elsewhere: %u",
		  commit, uncommit, bare, module);
	tracing_close();
}
