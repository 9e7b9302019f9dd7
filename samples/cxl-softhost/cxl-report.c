// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Lines of the report: counters, the topology, what decoders hold, and the map. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cxl.h"
#include "log.h"
#include "report.h"

#define HDM_GLOBAL		0x04
#define HDM_BASE(n)		(0x10 + 0x20 * (n))
#define HDM_SIZE(n)		(0x18 + 0x20 * (n))
#define HDM_CONTROL(n)		(0x20 + 0x20 * (n))
#define HDM_LIST(n)		(0x24 + 0x20 * (n))
#define CONTROL_COMMIT		0x200u
#define DVSEC_CONTROL		0x0c
#define DVSEC_CONTROL_MEM	0x04u

/* "none", or the XOR maps with + between them. */
static void describe_maps(const struct cxl_window *window, char *to, size_t size)
{
	uint64_t maps[CXLSH_XOR_MAPS];
	size_t used = 0;

	snprintf(to, size, "none");
	if (window->arithmetic != CXL_SOFTHOST_ARITHMETIC_XOR)
		return;
	cxl_xor_maps(window->granularity, maps);
	for (uint32_t i = 0; i < CXLSH_XOR_MAPS; i++)
		used += snprintf(to + used, size - used, "%s0x%" PRIx64, i ? "+" : "", maps[i]);
}

static void report_windows(const struct cxl *cxl, const char *phase)
{
	for (uint32_t i = 0; i < cxl->window_count; i++) {
		const struct cxl_window *window = &cxl->windows[i];
		const struct cxlsh_window_access *access = &window->access;
		char targets[OPTIONS_WAYS * (OPTIONS_NAME + 1)] = "", maps[96];

		describe_maps(window, maps, sizeof(maps));
		for (uint32_t way = 0; way < window->ways; way++) {
			strcat(targets, way ? "+" : "");
			strcat(targets, window->targets[way]->name);
		}
		report_line("record=window phase=%s window=%s hpa=0x%" PRIx64
			    " length=0x%" PRIx64 " ways=%u granularity=%u arithmetic=%s"
			    " maps=%s targets=%s linear_only=%d reads=%" PRIu64 " writes=%" PRIu64
			    " misses=%" PRIu64, phase, window->name, window->hpa,
			    window->length, window->ways, window->granularity,
			    cxlsh_arithmetic_name(window->arithmetic), maps, targets,
			    window->linear_only,
			    __atomic_load_n(&access->reads, __ATOMIC_RELAXED),
			    __atomic_load_n(&access->writes, __ATOMIC_RELAXED),
			    __atomic_load_n(&access->misses, __ATOMIC_RELAXED));
	}
}

static uint64_t read_register(struct cxl *cxl, uint32_t node_id, uint32_t offset, uint32_t width)
{
	struct cxl_softhost_reg_read cmd = {
		.node_id = node_id,
		.offset = CXL_SOFTHOST_HDM_BASE + offset,
		.width = width,
	};

	cxl_check(cxl, cxlsh_reg_read(cxl->fd, &cmd), "REG_READ");
	return cmd.out_value;
}

/* Decoders as the guest reads them, if COMMIT is set. */
static void report_decoders(struct cxl *cxl, const char *phase, const char *name,
			    uint32_t node_id, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++) {
		uint32_t control = read_register(cxl, node_id, HDM_CONTROL(n), 4);

		if (!(control & CONTROL_COMMIT))
			continue;
		report_line("record=decoder phase=%s node=%s decoder=%u base=0x%" PRIx64
			    " size=0x%" PRIx64 " control=0x%x list=0x%" PRIx64, phase, name, n,
			    read_register(cxl, node_id, HDM_BASE(n), 8),
			    read_register(cxl, node_id, HDM_SIZE(n), 8), control,
			    read_register(cxl, node_id, HDM_LIST(n), 4) |
			    read_register(cxl, node_id, HDM_LIST(n) + 4, 4) << 32);
	}
}

bool cxl_device_mem_enable(const struct cxl_device *device)
{
	return cxlsh_config_get8(&device->type3.config, device->type3.dvsec + DVSEC_CONTROL) &
	       DVSEC_CONTROL_MEM;
}

static void report_nodes(struct cxl *cxl, const char *phase)
{
	for (uint32_t i = 0; i < cxl->branch_count; i++) {
		const struct cxl_branch *branch = &cxl->branches[i];

		if (!branch->node_id)
			continue;
		report_line("record=node phase=%s node=%s kind=%s parent=%s port=%u ports=%u"
			    " decoders=%u", phase, branch->name,
			    branch->parent ? "switch" : "host_bridge",
			    branch->parent ? branch->parent->name : "none", branch->port,
			    branch->port_count, branch->decoders);
		report_decoders(cxl, phase, branch->name, branch->node_id, branch->decoders);
	}
	for (uint32_t i = 0; i < cxl->device_count; i++) {
		const struct cxl_device *device = &cxl->devices[i];
		bool mem_enable = cxl->device_process ? device->mem_enable :
							cxl_device_mem_enable(device);

		if (!device->node_id)
			continue;
		report_line("record=node phase=%s node=%s kind=endpoint parent=%s port=%u"
			    " decoders=%u volatile=0x%" PRIx64 " persistent=0x%" PRIx64
			    " global=0x%x mem_enable=%d", phase, device->name,
			    device->parent->name, device->port, device->decoders,
			    device->volatile_size, device->persistent_size,
			    (uint32_t)read_register(cxl, device->node_id, HDM_GLOBAL, 4),
			    mem_enable);
		report_decoders(cxl, phase, device->name, device->node_id, device->decoders);
	}
}

static void report_map(struct cxl *cxl, const char *phase)
{
	struct cxl_softhost_map_get map = { 0 };
	struct cxl_softhost_segment *entries;
	int error = cxl_map_get(cxl, &map, &entries);

	if (error)
		log_error("MAP_GET: %s", cxlsh_errno_text(error));
	for (uint32_t i = 0; !error && i < map.count; i++) {
		const struct cxl_softhost_segment *segment = &entries[i];
		const struct cxl_window *window = cxl_find_window(cxl, segment->hpa);

		report_line("record=segment phase=%s window=%s hpa=0x%" PRIx64
			    " length=0x%" PRIx64 " kind=%s node=%s dpa=0x%" PRIx64
			    " partition=%s reason=%s slot=%d page_sizes=0x%" PRIx64
			    " misaligned=0x%x", phase,
			    window ? window->name : "none", (uint64_t)segment->hpa,
			    (uint64_t)segment->length, cxlsh_segment_kind_name(segment->kind),
			    cxl_node_name(cxl, segment->node_id), (uint64_t)segment->dpa,
			    cxlsh_partition_name(segment->partition),
			    cxlsh_reason_name(segment->reason), (int)segment->slot,
			    (uint64_t)segment->page_sizes, segment->misaligned);
	}
	free(entries);
}

void cxl_report(struct cxl *cxl, const char *phase)
{
	struct cxl_softhost_info info = { 0 };

	cxl_check(cxl, cxlsh_info(cxl->fd, &info), "INFO");
	report_line("record=cxl phase=%s exits_in_window=%" PRIu64 " engine=%s slots=%u "
		    "commits=%" PRIu64 " uncommits=%" PRIu64 " refusals=%" PRIu64
		    " ignored=%" PRIu64 " phases=%d followed=%" PRIu64 " waits=%" PRIu64
		    " device_process=%d"
		    " generation=%" PRIu64 " host_bytes=%" PRIu64
		    " slots_worst=%u segments_worst=%u confined_vcpus=%u", phase,
		    cxl_window_exits(cxl),
		    cxlsh_engine_name(info.out_engine), info.out_slots_used,
		    cxl->counts.commits, cxl->counts.uncommits, cxl->counts.refusals,
		    cxl->counts.ignored, cxl->two_phase ? 2 : 1, cxl->counts.followed,
		    guest_memory_waits(&cxl->vm->memory), cxl->device_process,
		    (uint64_t)info.out_generation,
		    (uint64_t)info.out_host_bytes, info.out_slots_worst,
		    info.out_segments_worst, cxl->vm->confined);
	report_windows(cxl, phase);
	report_nodes(cxl, phase);
	report_map(cxl, phase);
}
