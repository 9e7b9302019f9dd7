// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* --pre-commit: what firmware that finds CXL memory leaves to the kernel. */
#include <errno.h>
#include <string.h>

#include "cxl.h"
#include "log.h"

/* How far the decoders and the capacity of each node are used. */
struct progress {
	uint32_t bridge_decoders[OPTIONS_BRIDGES];
	uint32_t device_decoders[OPTIONS_DEVICES];
	uint64_t volatile_done[OPTIONS_DEVICES];
	uint64_t persistent_done[OPTIONS_DEVICES];
};

static bool commit(struct cxl *cxl, struct progress *progress, uint32_t d, uint64_t hpa,
		   uint64_t length, uint64_t skip)
{
	struct cxl_device *device = &cxl->devices[d];
	const struct cxl_branch *bridge = device->parent;
	const struct cxlsh_firmware_region region = {
		.hpa = hpa,
		.length = length,
		.granularity = 256,
		.bridge_node = bridge->node_id,
		.bridge_decoder = progress->bridge_decoders[bridge->uid],
		.endpoint_node = device->node_id,
		.endpoint_decoder = progress->device_decoders[d],
		.port = device->port,
		.skip = skip,
		.device = &device->type3,
	};
	struct cxlsh_firmware_report report;
	int error = cxlsh_firmware_commit(&cxl->host, &region, &report);

	if (error) {
		log_error("can't commit 0x%llx, 0x%llx bytes of %s: %s: %s",
			  (unsigned long long)hpa, (unsigned long long)length, device->name,
			  cxlsh_firmware_step_name(report.step),
			  error == -ECANCELED ? cxlsh_reason_text(report.result.reason) :
						cxlsh_errno_text(error));
		return false;
	}
	progress->bridge_decoders[bridge->uid]++;
	progress->device_decoders[d]++;
	return true;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Whatever capacity of the bridge's devices is left goes in, until it is full. */
static bool fill_window(struct cxl *cxl, struct progress *progress,
			const struct cxl_window *window)
{
	uint64_t at = window->hpa, end = window->hpa + window->length;

	for (uint32_t d = 0; d < cxl->device_count; d++) {
		const struct cxl_device *device = &cxl->devices[d];
		uint64_t *volatile_done = &progress->volatile_done[d];
		uint64_t *persistent_done = &progress->persistent_done[d];
		uint64_t length, skip;

		if (device->parent != window->targets[0])
			continue;
		/* Decoders go up in DPA: no way back to volatile capacity. */
		length = min(device->volatile_size - *volatile_done, end - at);
		if (length && (window->restrictions & CXLSH_CFMWS_VOLATILE) &&
		    !*persistent_done) {
			if (!commit(cxl, progress, d, at, length, 0))
				return false;
			*volatile_done += length;
			at += length;
		}
		length = min(device->persistent_size - *persistent_done, end - at);
		skip = *persistent_done ? 0 : device->volatile_size - *volatile_done;
		if (length && (window->restrictions & CXLSH_CFMWS_PERSISTENT)) {
			if (!commit(cxl, progress, d, at, length, skip))
				return false;
			*persistent_done += length;
			at += length;
		}
	}
	return true;
}

bool cxl_pre_commit(struct cxl *cxl)
{
	struct progress progress = { 0 };
	uint64_t next = 0;

	/* Decoders go up in HPA as well: the lowest window first. */
	for (uint32_t n = 0; n < cxl->window_count; n++) {
		const struct cxl_window *lowest = NULL;

		for (uint32_t i = 0; i < cxl->window_count; i++) {
			const struct cxl_window *window = &cxl->windows[i];

			if (window->hpa >= next && (!lowest || window->hpa < lowest->hpa))
				lowest = window;
		}
		if (!fill_window(cxl, &progress, lowest))
			return false;
		next = lowest->hpa + lowest->length;
	}
	return true;
}
