// SPDX-License-Identifier: GPL-2.0-only
/* The module's own tracepoints: once each, with what happened. */
#include <string.h>

#include "fixture.h"
#include "tracing.h"
#include "vm.h"

static void expect_fields(const struct trace *trace, const char *name, const char *expected)
{
	const struct trace_event *event = trace_only(trace, name);

	if (event && strcmp(expected, event->fields))
		test_fail(__FILE__, __LINE__, "%s: expected '%s', found '%s'", name, expected,
			  event->fields);
}

static void expect_events(const struct trace *trace, unsigned int count)
{
	if (!EXPECT_EQ(count, trace->count))
		trace_note(trace);
}

/* The device has 2 volatile units, and its memory begins BACKEND_OFFSET into its backend. */
TEST(commit_uncommit_refuse_slot_add_slot_remove)
{
	struct decoder values = { .base = WINDOW_HPA + UNIT, .size = UNIT, .extra = UNIT };
	char text[256], slot_text[256];
	struct trace trace;
	struct host host;
	uint32_t id, slot;
	struct vm vm;

	host_create(&host, NULL);
	id = host.endpoints[0].id;
	vm_create(&vm);
	slot = attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0).out_first_slot;
	host_enable(&host, 0);
	tracing_open();
	tracing_enable("cxl_softhost");

	test_context("commit");
	tracing_begin();
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(host.fd, id, 0, &values));
	trace = tracing_end();
	expect_events(&trace, 2);
	snprintf(slot_text, sizeof(slot_text),
		 "slot=%u node=%u hpa=%#llx length=%#llx backend_offset=%#llx error=0", slot, id,
		 WINDOW_HPA + UNIT, UNIT, BACKEND_OFFSET + UNIT);
	expect_fields(&trace, "cxl_softhost_slot_add", slot_text);
	snprintf(text, sizeof(text),
		 "node=%u decoder=0 hpa=%#llx size=%#llx dpa=%#llx ways=1 granularity=256", id,
		 WINDOW_HPA + UNIT, UNIT, UNIT);
	expect_fields(&trace, "cxl_softhost_commit", text);
	/* COMMITTED is told after the slot is in. */
	EXPECT_TRUE(!strcmp(trace.events[0].name, "cxl_softhost_slot_add"));

	test_context("uncommit");
	tracing_begin();
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	trace = tracing_end();
	expect_events(&trace, 2);
	expect_fields(&trace, "cxl_softhost_slot_remove", slot_text);
	snprintf(text, sizeof(text), "node=%u decoder=0", id);
	expect_fields(&trace, "cxl_softhost_uncommit", text);
	EXPECT_TRUE(!strcmp(trace.events[0].name, "cxl_softhost_slot_remove"));

	test_context("refuse");
	values.extra = 0;
	values.size = 8 * UNIT;
	tracing_begin();
	EXPECT_REFUSED(DPA_CAPACITY, 4 * UNIT, 8 * UNIT, decoder_commit(host.fd, id, 0, &values));
	trace = tracing_end();
	expect_events(&trace, 1);
	snprintf(text, sizeof(text), "node=%u decoder=0 reason=%u expected=%#llx found=%#llx", id,
		 CXL_SOFTHOST_REASON_DPA_CAPACITY, 4 * UNIT, 8 * UNIT);
	expect_fields(&trace, "cxl_softhost_refuse", text);

	test_context("refused by KVM");
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 3, WINDOW_HPA + PAGE, PAGE, memory_reserve(PAGE)));
	tracing_begin();
	reg_write(host.fd, id, HDM_DECODER(0) + HDM_CONTROL, 4, 0);
	host_commit(&host, 0, 0, WINDOW_HPA, UNIT);
	trace = tracing_end();
	expect_events(&trace, 2);
	snprintf(slot_text, sizeof(slot_text),
		 "slot=%u node=%u hpa=%#llx length=%#llx backend_offset=%#llx error=-17", slot, id,
		 WINDOW_HPA, UNIT, BACKEND_OFFSET);
	expect_fields(&trace, "cxl_softhost_slot_add", slot_text);
	snprintf(text, sizeof(text), "node=%u decoder=0 reason=%u expected=0x0 found=0x11", id,
		 CXL_SOFTHOST_REASON_ENGINE);
	expect_fields(&trace, "cxl_softhost_refuse", text);

	test_context("reset");
	ASSERT_RETURN(0, vm_slot_set(vm.fd, 3, 0, 0, NULL));
	reg_write(host.fd, id, HDM_DECODER(0) + HDM_CONTROL, 4, 0);
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	tracing_begin();
	ASSERT_RESULT(UNCOMMITTED, NONE, reset(host.fd, id));
	trace = tracing_end();
	expect_events(&trace, 2);
	snprintf(text, sizeof(text), "node=%u decoder=-1", id);
	expect_fields(&trace, "cxl_softhost_uncommit", text);

	test_context("no news");
	tracing_begin();
	host_enable(&host, 0);
	reset(host.fd, id);
	reg_write(host.fd, id, HDM_CAPABILITY, 4, ALL_ONES);
	trace = tracing_end();
	expect_events(&trace, 0);
	tracing_close();
}
