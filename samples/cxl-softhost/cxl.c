// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* CXL while the guest runs: window accesses, what the module said, the report. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "log.h"
#include "report.h"

const struct cxl_window *cxl_find_window(const struct cxl *cxl, uint64_t gpa)
{
	for (uint32_t i = 0; i < cxl->window_count; i++) {
		const struct cxl_window *window = &cxl->windows[i];

		if (gpa >= window->hpa && gpa - window->hpa < window->length)
			return window;
	}
	return NULL;
}

const char *cxl_node_name(const struct cxl *cxl, uint32_t node_id)
{
	for (uint32_t i = 0; i < cxl->bridge_count; i++)
		if (cxl->bridges[i].node_id == node_id)
			return cxl->bridges[i].name;
	for (uint32_t i = 0; i < cxl->device_count; i++)
		if (cxl->devices[i].node_id == node_id)
			return cxl->devices[i].name;
	return "none";
}

void cxl_check(struct cxl *cxl, int error, const char *what)
{
	if (!error || error == -EINTR)
		return;
	log_error("%s: %s (%s)", what, strerror(-error), cxlsh_errno_text(error));
	vm_stop(cxl->vm, VM_END_MODULE);
}

bool cxl_window_access(struct cxl *cxl, uint64_t gpa, uint8_t *data, uint32_t length,
		       bool write)
{
	struct cxl_window *window = (struct cxl_window *)cxl_find_window(cxl, gpa);
	int error;

	if (!window)
		return false;
	if (write)
		error = cxlsh_window_write(&window->access, gpa, data, length);
	else
		error = cxlsh_window_read(&window->access, gpa, data, length);
	cxl_check(cxl, error, "access in a window");
	return true;
}

uint64_t cxl_window_exits(const struct cxl *cxl)
{
	uint64_t exits = 0;

	for (uint32_t i = 0; i < cxl->window_count; i++) {
		const struct cxlsh_window_access *access = &cxl->windows[i].access;

		exits += __atomic_load_n(&access->reads, __ATOMIC_RELAXED) +
			 __atomic_load_n(&access->writes, __ATOMIC_RELAXED);
	}
	return exits;
}

static uint64_t *counter_of(struct cxl *cxl, uint32_t outcome)
{
	switch (outcome) {
	case CXL_SOFTHOST_OUTCOME_COMMITTED:
		return &cxl->counts.commits;
	case CXL_SOFTHOST_OUTCOME_UNCOMMITTED:
		return &cxl->counts.uncommits;
	case CXL_SOFTHOST_OUTCOME_REFUSED:
		return &cxl->counts.refusals;
	case CXL_SOFTHOST_OUTCOME_IGNORED:
		return &cxl->counts.ignored;
	}
	return NULL;
}

void cxl_on_result(void *opaque, uint32_t node_id, const struct cxl_softhost_result *result)
{
	struct cxl *cxl = opaque;
	const char *outcome = cxlsh_outcome_name(result->outcome);
	const char *node = cxl_node_name(cxl, node_id);
	uint64_t *counter = counter_of(cxl, result->outcome);
	bool degraded = result->flags & CXL_SOFTHOST_RESULT_DEGRADED;

	if (counter) {
		(*counter)++;
		report_line("record=event outcome=%s node=%s decoder=%d reason=%s "
			    "expected=0x%" PRIx64 " found=0x%" PRIx64 " generation=%" PRIu64
			    " degraded=%d", outcome, node, (int)result->decoder,
			    cxlsh_reason_name(result->reason), (uint64_t)result->expected,
			    (uint64_t)result->found, (uint64_t)result->generation, degraded);
		if (result->reason)
			log_verbose("%s decoder %d: %s: %s (expected 0x%" PRIx64
				    ", found 0x%" PRIx64 ")", node, (int)result->decoder,
				    outcome, cxlsh_reason_text(result->reason),
				    (uint64_t)result->expected, (uint64_t)result->found);
		else
			log_verbose("%s decoder %d: %s", node, (int)result->decoder, outcome);
	}
	if (degraded) {
		log_error("%s: KVM kept a slot that should be gone, so the guest stops", node);
		vm_stop(cxl->vm, VM_END_DEGRADED);
	}
}

static void report_map(struct cxl *cxl, const char *phase)
{
	struct cxl_softhost_segment *entries = NULL;
	struct cxl_softhost_map_get map = { 0 };
	int error;

	/* The map can grow between asking how large it is and getting it. */
	while ((error = cxlsh_map_get(cxl->fd, &map)) == -EMSGSIZE) {
		free(entries);
		entries = calloc(map.count, sizeof(*entries));
		if (!entries)
			return;
		map.entries = (uintptr_t)entries;
	}
	if (error)
		log_error("MAP_GET: %s", cxlsh_errno_text(error));
	for (uint32_t i = 0; !error && i < map.count; i++) {
		const struct cxl_softhost_segment *segment = &entries[i];
		const struct cxl_window *window = cxl_find_window(cxl, segment->hpa);

		report_line("record=segment phase=%s window=%s hpa=0x%" PRIx64
			    " length=0x%" PRIx64 " kind=%s node=%s dpa=0x%" PRIx64
			    " partition=%s reason=%s slot=%d page_sizes=0x%" PRIx64, phase,
			    window ? window->name : "none", (uint64_t)segment->hpa,
			    (uint64_t)segment->length, cxlsh_segment_kind_name(segment->kind),
			    cxl_node_name(cxl, segment->node_id), (uint64_t)segment->dpa,
			    cxlsh_partition_name(segment->partition),
			    cxlsh_reason_name(segment->reason), (int)segment->slot,
			    (uint64_t)segment->page_sizes);
	}
	free(entries);
}

void cxl_report(struct cxl *cxl, const char *phase)
{
	struct cxl_softhost_info info = { 0 };

	cxl_check(cxl, cxlsh_info(cxl->fd, &info), "INFO");
	report_line("record=cxl phase=%s exits_in_window=%" PRIu64 " engine=%s slots=%u "
		    "commits=%" PRIu64 " uncommits=%" PRIu64 " refusals=%" PRIu64
		    " ignored=%" PRIu64 " generation=%" PRIu64 " host_bytes=%" PRIu64, phase,
		    cxl_window_exits(cxl), cxlsh_engine_name(info.out_engine),
		    info.out_slots_used, cxl->counts.commits, cxl->counts.uncommits,
		    cxl->counts.refusals, cxl->counts.ignored,
		    (uint64_t)info.out_generation, (uint64_t)info.out_host_bytes);
	for (uint32_t i = 0; i < cxl->window_count; i++) {
		const struct cxl_window *window = &cxl->windows[i];
		const struct cxlsh_window_access *access = &window->access;

		report_line("record=window phase=%s window=%s hpa=0x%" PRIx64
			    " length=0x%" PRIx64 " reads=%" PRIu64 " writes=%" PRIu64
			    " misses=%" PRIu64, phase, window->name, window->hpa,
			    window->length,
			    __atomic_load_n(&access->reads, __ATOMIC_RELAXED),
			    __atomic_load_n(&access->writes, __ATOMIC_RELAXED),
			    __atomic_load_n(&access->misses, __ATOMIC_RELAXED));
	}
	report_map(cxl, phase);
}
