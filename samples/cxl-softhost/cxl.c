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
	for (uint32_t i = 0; i < cxl->branch_count; i++)
		if (node_id && cxl->branches[i].node_id == node_id)
			return cxl->branches[i].name;
	for (uint32_t i = 0; i < cxl->device_count; i++)
		if (node_id && cxl->devices[i].node_id == node_id)
			return cxl->devices[i].name;
	return "none";
}

void cxl_check(struct cxl *cxl, int error, const char *what)
{
	if (!error || error == -EINTR)
		return;
	log_error("%s: %s (%s)", what, strerror(-error), cxlsh_errno_text(error));
	if (cxl->on_error)
		return cxl->on_error(error);
	vm_stop(cxl->vm, VM_END_MODULE);
}

int cxl_map_get(struct cxl *cxl, struct cxl_softhost_map_get *map,
		struct cxl_softhost_segment **segments)
{
	int error;

	*segments = NULL;
	/* The map can grow between asking how large it is and getting it. */
	while ((error = cxlsh_map_get(cxl->fd, map)) == -EMSGSIZE) {
		free(*segments);
		*segments = calloc(map->count, sizeof(**segments));
		if (!*segments)
			return -ENOMEM;
		map->entries = (uintptr_t)*segments;
	}
	return error;
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
	if (!cxl->two_phase && result->generation != cxl->generation)
		cxl_memory_update(cxl);
	if (degraded) {
		log_error("%s: KVM kept a slot that should be gone, so the guest stops", node);
		vm_stop(cxl->vm, VM_END_DEGRADED);
	}
}
