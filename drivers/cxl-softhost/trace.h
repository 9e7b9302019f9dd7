/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM cxl_softhost

#if !defined(_SOFTHOST_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SOFTHOST_TRACE_H

#include <linux/tracepoint.h>

#include "core/core.h"

/* These are no calls: laid out like the structures and functions they make */
/* clang-format off */

/* A decoder became COMMITTED; its slots are in place */
TRACE_EVENT(cxl_softhost_commit,
	TP_PROTO(u32 node, u32 decoder, const struct softhost_latch *latch),
	TP_ARGS(node, decoder, latch),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, decoder)
		__field(u64, base)
		__field(u64, size)
		__field(u64, dpa_base)
		__field(u32, ways)
		__field(u32, granularity)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->decoder = decoder;
		__entry->base = latch->base;
		__entry->size = latch->size;
		__entry->dpa_base = latch->dpa_base;
		__entry->ways = softhost_ways(latch->interleave);
		__entry->granularity = 1U << latch->interleave.shift;
	),
	TP_printk("node=%u decoder=%u hpa=0x%llx size=0x%llx dpa=0x%llx ways=%u granularity=%u",
		  __entry->node, __entry->decoder, __entry->base, __entry->size,
		  __entry->dpa_base, __entry->ways, __entry->granularity)
);

/* A decoder went, or by a reset all (decoder -1) of a node (0: of the host) */
TRACE_EVENT(cxl_softhost_uncommit,
	TP_PROTO(u32 node, u32 decoder),
	TP_ARGS(node, decoder),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, decoder)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->decoder = decoder;
	),
	TP_printk("node=%u decoder=%d", __entry->node, __entry->decoder)
);

/* A commit got ERROR NOT COMMITTED, or an enable didn't stick */
TRACE_EVENT(cxl_softhost_refuse,
	TP_PROTO(u32 node, const struct cxl_softhost_result *result),
	TP_ARGS(node, result),
	TP_STRUCT__entry(
		__field(u32, node)
		__field(u32, decoder)
		__field(u32, reason)
		__field(u64, expected)
		__field(u64, found)
	),
	TP_fast_assign(
		__entry->node = node;
		__entry->decoder = result->decoder;
		__entry->reason = result->reason;
		__entry->expected = result->expected;
		__entry->found = result->found;
	),
	TP_printk("node=%u decoder=%u reason=%u expected=0x%llx found=0x%llx", __entry->node,
		  __entry->decoder, __entry->reason, __entry->expected, __entry->found)
);

DECLARE_EVENT_CLASS(cxl_softhost_slot,
	TP_PROTO(u32 slot, const struct softhost_segment *segment, int error),
	TP_ARGS(slot, segment, error),
	TP_STRUCT__entry(
		__field(u32, slot)
		__field(u32, node)
		__field(u64, hpa)
		__field(u64, length)
		__field(u64, backend_offset)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->slot = slot;
		__entry->node = segment->node_id;
		__entry->hpa = segment->hpa;
		__entry->length = segment->length;
		__entry->backend_offset = segment->backend_offset;
		__entry->error = error;
	),
	TP_printk("slot=%u node=%u hpa=0x%llx length=0x%llx backend_offset=0x%llx error=%d",
		  __entry->slot, __entry->node, __entry->hpa, __entry->length,
		  __entry->backend_offset, __entry->error)
);

DEFINE_EVENT(cxl_softhost_slot, cxl_softhost_slot_add,
	TP_PROTO(u32 slot, const struct softhost_segment *segment, int error),
	TP_ARGS(slot, segment, error)
);

DEFINE_EVENT(cxl_softhost_slot, cxl_softhost_slot_remove,
	TP_PROTO(u32 slot, const struct softhost_segment *segment, int error),
	TP_ARGS(slot, segment, error)
);

/* clang-format on */

#endif /* _SOFTHOST_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
