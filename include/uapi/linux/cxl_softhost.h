/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * cxl-softhost: a software CXL host for KVM virtual machine monitors.
 */
#ifndef _UAPI_LINUX_CXL_SOFTHOST_H
#define _UAPI_LINUX_CXL_SOFTHOST_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define CXL_SOFTHOST_TYPE 0xCE

/**
 * DOC: General ioctl format
 *
 * One open of /dev/cxl-softhost is one *host*: the CXL hierarchy of one VM.
 * Objects inside it (windows, nodes, backends) are named by IDs that are only
 * meaningful on that file; 0 never names an object.
 *
 * Every command takes a pointer to a structure that begins with its own size
 * in bytes. The command numbers don't encode the size, so they stay the same
 * when a structure grows. A structure may be larger than the kernel knows, up
 * to a page (4096 bytes), if the rest is zero, and must not be smaller than its
 * first version. Fields
 * named out_* are written by the kernel, flags come second, reserved fields
 * must be zero. Sizes and addresses are in bytes.
 *
 * Set-up mistakes of the VMM are errors, with one meaning each:
 *
 *  - ENOTTY: no such command.
 *  - EINVAL: a value that is never right: a wrong size, alignment, range or
 *    enumeration value, or an object of the wrong kind.
 *  - E2BIG: the structure is larger than known and the rest isn't zero, or it
 *    is larger than a page.
 *  - EOPNOTSUPP: an unknown flag, a reserved field that isn't zero, a legal
 *    value that isn't supported (yet), or a VM whose memory can't come and go.
 *  - EFAULT: the argument or an array can't be read or written. If it happens
 *    while results are written, the effect stands: read the state again.
 *  - ENOENT: no object of that ID.
 *  - EEXIST: the place is taken: a window overlaps another, a port already has
 *    a device, the VM already has memory at the last page of the lowest window,
 *    two records of a state are about the same thing.
 *  - EBUSY: still in use, or too late: destroying something that others refer
 *    to, a second attach, HOST_SET, WINDOW_CREATE or STATE_SET after their time, a
 *    VM that already has a host; or STATE_GET while a change is pending.
 *  - ENOSPC: a limit of the host is reached, or (ATTACH) the map needs more
 *    slots than were donated or than the VM has.
 *  - EOVERFLOW: base plus size wraps, or passes what can be addressed.
 *  - EADDRNOTAVAIL: a backend's range isn't covered by mappings.
 *  - EADDRINUSE: a donated KVM slot number is already used by the VM.
 *  - ENOTCONN: DETACH without an engine.
 *  - EBADF: vm_fd isn't an open KVM VM.
 *  - EIO: the VM belongs to another process, or is dead.
 *  - EACCES: a security module forbids using the VM.
 *  - EREMOTEIO: KVM refused a slot during ATTACH; nothing is left installed. If
 *    KVM refused to take something back as well, INFO shows the engine still
 *    attached and MAP_GET the condemned slots: DETACH until it isn't. Also when
 *    other threads unmap the mapping "cxl-softhost-arg" as often as it is made:
 *    then nobody knows whether the first number has a slot of one page at the
 *    end of the lowest window, read-only and all-ones. Or KVM refused to change the
 *    flags of a slot: see DIRTY_LOG.
 *  - EPERM: the descriptor doesn't let this process do that: it is the one that
 *    open() gave, or the command is about the owner's memory, and the caller isn't
 *    in the process (the mm) that opened the device; or it hasn't the right.
 *  - ENODEV: the process that opened the device is gone, or the last descriptor
 *    with the right to set up.
 *  - EMSGSIZE: an array is too small; the needed count was written back.
 *  - ESTALE: DELTAS or APPLY of a token that names no pending change, or whose
 *    change would not come to what it announced any more; nothing was done.
 *  - EINTR: killed while waiting; nothing was done.
 *  - ENOMEM: out of memory; nothing was done.
 *
 * What a *guest* does is never an error: the call succeeds and carries an
 * outcome and a reason.
 */

/**
 * CXL_SOFTHOST_ABI - ABI level that this header describes
 *
 * 2: switches, windows with several targets and XOR maps, LINEAR_ONLY,
 * interleaved segments, more than 16 decoders only with their flag.
 * 3: IDENTITY windows.
 * 4: two-phase hosts, DELTAS and APPLY, the advisory engine, TAKEOVER, FD_CREATE.
 * 5: STATE_GET and STATE_SET, DIRTY_LOG.
 */
#define CXL_SOFTHOST_ABI 5

/*
 * Command numbers: 0x40-0x5f set-up, 0x60-0x7f run-time. A seccomp filter for
 * a thread that only runs the guest needs the run-time block alone.
 */
enum {
	CXL_SOFTHOST_CMD_INFO = 0x40,
	CXL_SOFTHOST_CMD_HOST_SET = 0x41,
	CXL_SOFTHOST_CMD_BACKEND_CREATE = 0x42,
	CXL_SOFTHOST_CMD_WINDOW_CREATE = 0x43,
	CXL_SOFTHOST_CMD_NODE_CREATE = 0x44,
	CXL_SOFTHOST_CMD_DESTROY = 0x45,
	CXL_SOFTHOST_CMD_ATTACH = 0x46,
	CXL_SOFTHOST_CMD_DETACH = 0x47,
	CXL_SOFTHOST_CMD_FD_CREATE = 0x48,
	CXL_SOFTHOST_CMD_STATE_SET = 0x49,

	CXL_SOFTHOST_CMD_REG_READ = 0x60,
	CXL_SOFTHOST_CMD_REG_WRITE = 0x61,
	CXL_SOFTHOST_CMD_NODE_SET = 0x62,
	CXL_SOFTHOST_CMD_RESET = 0x63,
	CXL_SOFTHOST_CMD_TRANSLATE = 0x64,
	CXL_SOFTHOST_CMD_MAP_GET = 0x65,
	CXL_SOFTHOST_CMD_DELTAS = 0x66,
	CXL_SOFTHOST_CMD_APPLY = 0x67,
	CXL_SOFTHOST_CMD_STATE_GET = 0x68,
	CXL_SOFTHOST_CMD_DIRTY_LOG = 0x69
};

/** CXL_SOFTHOST_UNIT - unit of windows, decoders, partitions and DPA: 256 MiB */
#define CXL_SOFTHOST_UNIT (1ULL << 28)

/** CXL_SOFTHOST_NONE - "no such thing" in 32-bit output fields (e.g. no slot) */
#define CXL_SOFTHOST_NONE 0xffffffffU

/**
 * enum cxl_softhost_engine - who installs the map
 * @CXL_SOFTHOST_ENGINE_NONE: nobody: before ATTACH and after DETACH. Commits
 *	are judged and latched, nothing is mapped.
 * @CXL_SOFTHOST_ENGINE_KVM: the module sets KVM memory slots.
 * @CXL_SOFTHOST_ENGINE_ADVISORY: the module tells the VMM which slots to set,
 *	and the VMM confirms with APPLY that it has. No VM is ever called: for
 *	VMMs that own their memory map, or run on something else than KVM.
 */
enum cxl_softhost_engine {
	CXL_SOFTHOST_ENGINE_NONE = 0,
	CXL_SOFTHOST_ENGINE_KVM = 1,
	CXL_SOFTHOST_ENGINE_ADVISORY = 2
};

/**
 * enum cxl_softhost_policy - how decoder commits are judged
 * @CXL_SOFTHOST_POLICY_CHECKED: every consistency rule is checked on every
 *	commit, whatever Lock On Commit says (the CXL specification demands
 *	most of them only of locked commits and leaves the others undefined).
 * @CXL_SOFTHOST_POLICY_STRICT_SPEC: a commit without Lock On Commit is refused
 *	only for what no hardware could do: reserved or unsupported codes, a
 *	range beyond the device's capacity or over both of its partitions, a
 *	size without the factor 3 of its ways. Order (ORDER), overlaps
 *	(HPA_BELOW, HPA_ABOVE, DPA_OVERLAP), HPA_WRAP, TARGET_DUPLICATE,
 *	GRANULARITY_UNSUPPORTED and a share that is no multiple of 256 MiB are
 *	let through. Where several live decoders of a component hit, the
 *	lowest-numbered answers; see also CXL_SOFTHOST_SEGMENT_LINEAR.
 */
enum cxl_softhost_policy {
	CXL_SOFTHOST_POLICY_CHECKED = 0,
	CXL_SOFTHOST_POLICY_STRICT_SPEC = 1
};

/**
 * enum cxl_softhost_outcome - what a guest's action came to
 * @CXL_SOFTHOST_OUTCOME_DONE: stored or read; no decoder changed state.
 * @CXL_SOFTHOST_OUTCOME_COMMITTED: a decoder is COMMITTED; the map, with all
 *	of its slots, was in place before this was visible.
 * @CXL_SOFTHOST_OUTCOME_UNCOMMITTED: a decoder isn't COMMITTED any more; its
 *	slots are gone (unless CXL_SOFTHOST_RESULT_DEGRADED is set).
 * @CXL_SOFTHOST_OUTCOME_REFUSED: a commit got ERROR NOT COMMITTED, or an
 *	enable didn't stick; nothing else changed. The reason says why.
 * @CXL_SOFTHOST_OUTCOME_IGNORED: a write without effect: a read-only register,
 *	a locked or live decoder, an access width that the register hasn't.
 * @CXL_SOFTHOST_OUTCOME_NOT_MINE: the offset belongs to the VMM: outside the
 *	CXL.cachemem range, or in a capability that it said it serves itself.
 * @CXL_SOFTHOST_OUTCOME_PENDING: on a two-phase host: memory would come or go.
 *	Nothing has changed yet; the command's @out_token names the change for
 *	DELTAS and APPLY.
 * @CXL_SOFTHOST_OUTCOME_BUSY: another change is pending. Nothing was done: hold
 *	the guest's access back and repeat the command after that one's APPLY.
 */
enum cxl_softhost_outcome {
	CXL_SOFTHOST_OUTCOME_DONE = 0,
	CXL_SOFTHOST_OUTCOME_COMMITTED = 1,
	CXL_SOFTHOST_OUTCOME_UNCOMMITTED = 2,
	CXL_SOFTHOST_OUTCOME_REFUSED = 3,
	CXL_SOFTHOST_OUTCOME_IGNORED = 4,
	CXL_SOFTHOST_OUTCOME_NOT_MINE = 5,
	CXL_SOFTHOST_OUTCOME_PENDING = 6,
	CXL_SOFTHOST_OUTCOME_BUSY = 7
};

/**
 * enum cxl_softhost_reason - why a commit was refused, a write ignored, or a
 *	part of a window has no answer
 *
 * Expected and found values come with a refusal, in the units given here. An
 * address just past 2^64 - 1 is given as 2^64 - 1.
 *
 * @CXL_SOFTHOST_REASON_NONE: nothing to say.
 * @CXL_SOFTHOST_REASON_ORDER: the decoder before this one isn't COMMITTED.
 *	Expected: the lowest decoder to commit next; found: this one's number.
 * @CXL_SOFTHOST_REASON_HPA_BELOW: the base lies below the end of a lower live
 *	decoder. Expected: the lowest legal base (HPA); found: the base.
 * @CXL_SOFTHOST_REASON_HPA_ABOVE: the end lies above the base of a higher live
 *	decoder. Expected: the highest legal end (HPA, exclusive); found: the end.
 * @CXL_SOFTHOST_REASON_HPA_WRAP: base plus size passes 2^64. Expected: the
 *	largest size; found: the size.
 * @CXL_SOFTHOST_REASON_SIZE_WAYS: the size isn't a multiple of ways * 256 MiB
 *	(devices; for 3, 6 and 12 ways a multiple of 3 * 256 MiB at least).
 *	Expected: the unit; found: the size.
 * @CXL_SOFTHOST_REASON_WAYS_RESERVED: Interleave Ways holds a reserved code.
 *	Expected: the highest legal code; found: the code.
 * @CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED: Interleave Ways holds a code that
 *	this kind of component, or its capability register, doesn't allow.
 *	Expected: most ways allowed; found: ways.
 * @CXL_SOFTHOST_REASON_WAYS_TARGETS: more ways than the target count of the
 *	capability register. Expected: the count; found: ways.
 * @CXL_SOFTHOST_REASON_GRANULARITY_RESERVED: Interleave Granularity holds a
 *	reserved code. Expected: the highest legal code (6); found: the code.
 * @CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED: an address bit that would
 *	select the target isn't among those of the capability register.
 *	Expected: mask of address bits supported; found: mask of bits needed.
 * @CXL_SOFTHOST_REASON_TARGET_DUPLICATE: a port number occurs twice among the
 *	targets in use. Expected: way of the first; found: way of the second.
 * @CXL_SOFTHOST_REASON_DPA_CAPACITY: the DPA range (skips included) passes the
 *	capacity of the device. Expected: the capacity; found: the end (2^64-1
 *	if it wraps).
 * @CXL_SOFTHOST_REASON_DPA_PARTITION: the DPA range crosses from volatile into
 *	persistent capacity. Expected: the boundary (DPA); found: the end.
 * @CXL_SOFTHOST_REASON_DPA_OVERLAP: the DPA range overlaps that of another
 *	live decoder. Expected: that decoder's DPA base; found: the end.
 * @CXL_SOFTHOST_REASON_NO_SLOTS: fewer donated slot numbers are free than the
 *	map needs. Expected: needed; found: free.
 * @CXL_SOFTHOST_REASON_ENGINE: the engine refused a slot. Expected: 0;
 *	found: the (positive) errno it gave.
 * @CXL_SOFTHOST_REASON_STALE_SLOT: a slot that should be gone couldn't be
 *	removed yet; commits wait for it. Expected: 0; found: how many.
 * @CXL_SOFTHOST_REASON_LINEAR_ONLY: with this commit more than one way would
 *	lead from a part of a CXL_SOFTHOST_WINDOW_LINEAR_ONLY window, were all
 *	devices enabled. Expected: base of the window (HPA); found: the first
 *	such address (HPA).
 * @CXL_SOFTHOST_REASON_IDENTITY: with this commit a part of a
 *	CXL_SOFTHOST_WINDOW_IDENTITY window would be memory that belongs
 *	elsewhere, were all devices enabled. Expected: the offset into the
 *	window's backend that belongs there; found: the one it would be, 2^64 - 1
 *	if it is in another backend.
 * @CXL_SOFTHOST_REASON_ABORTED: the VMM aborted the change (APPLY). Expected
 *	and found: 0.
 *
 * @CXL_SOFTHOST_REASON_LOCKED: ignored: the decoder is locked until reset.
 * @CXL_SOFTHOST_REASON_LIVE: ignored: the field can't change while COMMIT is
 *	set; clear COMMIT first.
 * @CXL_SOFTHOST_REASON_READ_ONLY: ignored: no writable bit there.
 * @CXL_SOFTHOST_REASON_WIDTH: ignored: HDM decoder registers take aligned
 *	4 and 8 byte writes only. Expected: 4; found: the width (which is 4 or
 *	8 if only the alignment is wrong).
 *
 * @CXL_SOFTHOST_REASON_NO_WINDOW: the HPA lies in no window.
 * @CXL_SOFTHOST_REASON_NO_DECODER: the host bridge or switch has no live
 *	decoder there.
 * @CXL_SOFTHOST_REASON_NO_TARGET: the host bridge or switch routes to a port
 *	that has nothing below it.
 * @CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER: the device that the address is
 *	routed to has no live decoder there.
 * @CXL_SOFTHOST_REASON_HDM_DISABLED: the device's HDM Decoder Enable is off.
 * @CXL_SOFTHOST_REASON_MEM_DISABLED: the device's Mem_Enable is off.
 * @CXL_SOFTHOST_REASON_MEDIA_DISABLED: the device's media isn't ready.
 * @CXL_SOFTHOST_REASON_INTERLEAVED: the decoder that was committed has more
 *	than one way: what it decodes isn't mapped but left to the VMM.
 * @CXL_SOFTHOST_REASON_NO_ENGINE: decodes linearly, but no engine is attached
 *	that could map it.
 * @CXL_SOFTHOST_REASON_NOT_MAPPED: no decoder of the node maps this DPA into
 *	a window (TRANSLATE from DPA).
 */
enum cxl_softhost_reason {
	CXL_SOFTHOST_REASON_NONE = 0,
	CXL_SOFTHOST_REASON_ORDER = 1,
	CXL_SOFTHOST_REASON_HPA_BELOW = 2,
	CXL_SOFTHOST_REASON_HPA_ABOVE = 3,
	CXL_SOFTHOST_REASON_HPA_WRAP = 4,
	CXL_SOFTHOST_REASON_SIZE_WAYS = 5,
	CXL_SOFTHOST_REASON_WAYS_RESERVED = 6,
	CXL_SOFTHOST_REASON_WAYS_UNSUPPORTED = 7,
	CXL_SOFTHOST_REASON_WAYS_TARGETS = 8,
	CXL_SOFTHOST_REASON_GRANULARITY_RESERVED = 9,
	CXL_SOFTHOST_REASON_GRANULARITY_UNSUPPORTED = 10,
	CXL_SOFTHOST_REASON_TARGET_DUPLICATE = 11,
	CXL_SOFTHOST_REASON_DPA_CAPACITY = 12,
	CXL_SOFTHOST_REASON_DPA_PARTITION = 13,
	CXL_SOFTHOST_REASON_DPA_OVERLAP = 14,
	CXL_SOFTHOST_REASON_NO_SLOTS = 15,
	CXL_SOFTHOST_REASON_ENGINE = 16,
	CXL_SOFTHOST_REASON_STALE_SLOT = 17,
	CXL_SOFTHOST_REASON_LINEAR_ONLY = 18,
	CXL_SOFTHOST_REASON_IDENTITY = 19,
	CXL_SOFTHOST_REASON_ABORTED = 20,

	CXL_SOFTHOST_REASON_LOCKED = 32,
	CXL_SOFTHOST_REASON_LIVE = 33,
	CXL_SOFTHOST_REASON_READ_ONLY = 34,
	CXL_SOFTHOST_REASON_WIDTH = 35,

	CXL_SOFTHOST_REASON_NO_WINDOW = 48,
	CXL_SOFTHOST_REASON_NO_DECODER = 49,
	CXL_SOFTHOST_REASON_NO_TARGET = 50,
	CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER = 51,
	CXL_SOFTHOST_REASON_HDM_DISABLED = 52,
	CXL_SOFTHOST_REASON_MEM_DISABLED = 53,
	CXL_SOFTHOST_REASON_MEDIA_DISABLED = 54,
	CXL_SOFTHOST_REASON_INTERLEAVED = 55,
	CXL_SOFTHOST_REASON_NO_ENGINE = 56,
	CXL_SOFTHOST_REASON_NOT_MAPPED = 57
};

/**
 * struct cxl_softhost_result - what a map-changing command came to
 * @outcome: enum cxl_softhost_outcome
 * @reason: enum cxl_softhost_reason; with COMMITTED: INTERLEAVED if the
 *	decoder has more than one way, else NONE
 * @flags: CXL_SOFTHOST_RESULT_DEGRADED or 0
 * @decoder: number of the decoder that the outcome is about, or
 *	CXL_SOFTHOST_NONE
 * @expected: what the rule named by @reason asks for; its unit is there
 * @found: what there was instead
 * @generation: of the map after the command; it changes when the map does
 */
struct cxl_softhost_result {
	__u32 outcome;
	__u32 reason;
	__u32 flags;
	__u32 decoder;
	__aligned_u64 expected;
	__aligned_u64 found;
	__aligned_u64 generation;
};

/**
 * CXL_SOFTHOST_RESULT_DEGRADED - KVM refused to delete a slot that is no
 * longer in the map: the guest may still reach that memory. Don't resume it.
 * MAP_GET lists such slots as CXL_SOFTHOST_SEGMENT_CONDEMNED; the next
 * command that changes the map tries again.
 */
#define CXL_SOFTHOST_RESULT_DEGRADED (1U << 0)

/**
 * struct cxl_softhost_info - ioctl(CXL_SOFTHOST_INFO)
 * @size: sizeof(struct cxl_softhost_info)
 * @flags: 0
 * @out_abi: ABI level of the running module, CXL_SOFTHOST_ABI or later
 * @out_engines: bit mask of 1 << enum cxl_softhost_engine that ATTACH takes
 * @out_engine: enum cxl_softhost_engine attached now
 * @out_first_slot: first donated KVM slot number, if attached
 * @out_slot_count: donated KVM slot numbers, 0 if not attached
 * @out_slots_used: slots installed now, condemned ones included
 * @out_slots_worst: slots that the present set-up can need at most, whatever
 *	a guest programs
 * @out_max_windows: limit of this host
 * @out_max_nodes: limit of this host
 * @out_max_backends: limit of this host
 * @out_host_bytes: kernel memory that this host's objects and buffers take
 * @out_generation: of the map now
 * @out_segments_worst: segments that MAP_GET can list at most with the present
 *	set-up, whatever a guest programs, condemned slots not counted
 * @out_max_depth: most components on the way from host bridge to endpoint, both
 *	included
 * @out_token: of the change that is pending, 0 if none is
 */
struct cxl_softhost_info {
	__u32 size;
	__u32 flags;
	__u32 out_abi;
	__u32 out_engines;
	__u32 out_engine;
	__u32 out_first_slot;
	__u32 out_slot_count;
	__u32 out_slots_used;
	__u32 out_slots_worst;
	__u32 out_max_windows;
	__u32 out_max_nodes;
	__u32 out_max_backends;
	__aligned_u64 out_host_bytes;
	__aligned_u64 out_generation;
	__u32 out_segments_worst;
	__u32 out_max_depth;
	__aligned_u64 out_token;
};

#define CXL_SOFTHOST_INFO _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_INFO)

/**
 * struct cxl_softhost_host_set - ioctl(CXL_SOFTHOST_HOST_SET)
 * @size: sizeof(struct cxl_softhost_host_set)
 * @flags: CXL_SOFTHOST_HOST_TWO_PHASE or 0
 * @policy: enum cxl_softhost_policy
 * @max_windows: 1-64, or 0 for the default (16)
 * @max_nodes: 1-1024, or 0 for the default (256)
 * @max_backends: 1-1024, or 0 for the default (256)
 *
 * Chooses what holds for the whole life of the host; only before the first
 * object is created (EBUSY after).
 */
struct cxl_softhost_host_set {
	__u32 size;
	__u32 flags;
	__u32 policy;
	__u32 max_windows;
	__u32 max_nodes;
	__u32 max_backends;
};

/**
 * CXL_SOFTHOST_HOST_TWO_PHASE - memory comes and goes in two phases
 *
 * While an engine is attached, a REG_WRITE, NODE_SET, RESET or DESTROY that
 * would install or remove a slot has no effect at first: its outcome is PENDING,
 * the guest reads what it read before. The VMM asks DELTAS what would change,
 * moves what else maps the guest's memory (vhost, VFIO, device models in other
 * processes), and then APPLY does all of it together. What installs and removes
 * nothing takes effect at once, as without this flag.
 *
 * One change is pending at a time. Meanwhile a write or NODE_SET that could change
 * the map too is BUSY; everything else goes on. RESET, and DESTROY of a node,
 * cancel the pending change, and are carried out, or pending, themselves; DETACH
 * cancels it as well. Who waits for a change that was cancelled gets ESTALE from APPLY:
 * then it takes back what it made of the additions, and repeats the command if
 * the guest still waits for it. Its removals are in the deltas again then.
 *
 * Not together with CXL_SOFTHOST_POLICY_STRICT_SPEC (EOPNOTSUPP).
 */
#define CXL_SOFTHOST_HOST_TWO_PHASE (1U << 0)

#define CXL_SOFTHOST_HOST_SET _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_HOST_SET)

/**
 * struct cxl_softhost_backend_create - ioctl(CXL_SOFTHOST_BACKEND_CREATE)
 * @size: sizeof(struct cxl_softhost_backend_create)
 * @flags: 0
 * @addr: host virtual address in the caller's process, page aligned
 * @length: bytes, a multiple of the page size, not 0
 * @cookie: anything; given back with the segments that lie on this backend
 * @out_id: ID of the backend
 * @__reserved: 0
 *
 * Registers memory that partitions can lie on. The range must be covered by
 * mappings now (EADDRNOTAVAIL); it is neither pinned nor owned. Whoever unmaps
 * it later takes it from the guest too, as with any KVM memory slot.
 */
struct cxl_softhost_backend_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 addr;
	__aligned_u64 length;
	__aligned_u64 cookie;
	__u32 out_id;
	__u32 __reserved;
};

#define CXL_SOFTHOST_BACKEND_CREATE \
	_IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_BACKEND_CREATE)

/**
 * enum cxl_softhost_arithmetic - how a window selects its host bridge (CFMWS
 *	Interleave Arithmetic)
 * @CXL_SOFTHOST_ARITHMETIC_MODULO: standard modulo
 * @CXL_SOFTHOST_ARITHMETIC_XOR: modulo combined with XOR: each factor 2 of the
 *	ways is selected by the parity of the HPA bits in a map (CXIMS XORMAP), a
 *	factor 3 as with modulo
 */
enum cxl_softhost_arithmetic {
	CXL_SOFTHOST_ARITHMETIC_MODULO = 0,
	CXL_SOFTHOST_ARITHMETIC_XOR = 1
};

/**
 * struct cxl_softhost_window_create - ioctl(CXL_SOFTHOST_WINDOW_CREATE)
 * @size: sizeof(struct cxl_softhost_window_create)
 * @flags: CXL_SOFTHOST_WINDOW_LINEAR_ONLY, with or without
 *	CXL_SOFTHOST_WINDOW_IDENTITY, or 0
 * @hpa: base, a multiple of 256 MiB (CFMWS Base HPA)
 * @length: bytes, a multiple of ways * 256 MiB, not 0 (CFMWS Window Size);
 *	the end must not pass 2^52
 * @ways: number of @targets: 1, 2, 3, 4, 6, 8, 12 or 16 (CFMWS ENIW, decoded);
 *	1 with LINEAR_ONLY
 * @granularity: bytes, 256-16384, a power of two (CFMWS HBIG, decoded)
 * @arithmetic: enum cxl_softhost_arithmetic
 * @__reserved: 0
 * @targets: user address of @ways __u32: node IDs of host bridges, in
 *	interleave order, each once
 * @out_id: ID of the window
 * @__reserved2: 0
 * @xor_maps: XOR: user address of @xor_map_count __u64, in the order of the
 *	CXIMS: map i selects bit i of the position. No map is 0, or has a bit
 *	below @granularity. Modulo: 0
 * @xor_map_count: XOR: at least as many as @ways has factors 2, at most 4; more
 *	than needed aren't used. Modulo: 0
 * @__reserved3: 0
 * @backend_id: IDENTITY: the backend that holds all of the window; else 0
 * @__reserved4: 0
 * @backend_offset: IDENTITY: what of that backend belongs at @hpa, bytes; with
 *	@length it must not pass the backend's end. Else 0
 *
 * Registers a CXL Fixed Memory Window. Windows must not overlap (EEXIST); they
 * are created before ATTACH (EBUSY after).
 *
 * What more than one way leads from can't be a memory slot: it is left to
 * the VMM, as exits that it serves by TRANSLATE.
 */
struct cxl_softhost_window_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 hpa;
	__aligned_u64 length;
	__u32 ways;
	__u32 granularity;
	__u32 arithmetic;
	__u32 __reserved;
	__aligned_u64 targets;
	__u32 out_id;
	__u32 __reserved2;
	__aligned_u64 xor_maps;
	__u32 xor_map_count;
	__u32 __reserved3;
	__u32 backend_id;
	__u32 __reserved4;
	__aligned_u64 backend_offset;
};

/**
 * CXL_SOFTHOST_WINDOW_LINEAR_ONLY - refuse commits (reason LINEAR_ONLY) that
 * would have the guest reach a part of this window by exits: for memory that
 * the guest may use as RAM, where an exit on an instruction that can't be
 * emulated stops the VM. Judged as if every device were enabled.
 */
#define CXL_SOFTHOST_WINDOW_LINEAR_ONLY (1U << 0)

/**
 * CXL_SOFTHOST_WINDOW_IDENTITY - refuse commits (reason IDENTITY) that would put
 * anything at an address of this window but what belongs there: the byte at
 * @backend_offset + HPA - @hpa of the backend. For VMMs whose memory map can't
 * change after boot: they tell all of the window to who does DMA, once, and
 * nothing but its memory slots comes and goes. Judged as if every device were
 * enabled. Only together with LINEAR_ONLY.
 */
#define CXL_SOFTHOST_WINDOW_IDENTITY (1U << 1)

#define CXL_SOFTHOST_WINDOW_CREATE \
	_IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_WINDOW_CREATE)

/**
 * enum cxl_softhost_node_kind - what a node is
 * @CXL_SOFTHOST_NODE_HOST_BRIDGE: CXL host bridge (ACPI0016)
 * @CXL_SOFTHOST_NODE_SWITCH: switch: its upstream port
 * @CXL_SOFTHOST_NODE_ENDPOINT: Type-3 device
 */
enum cxl_softhost_node_kind {
	CXL_SOFTHOST_NODE_HOST_BRIDGE = 1,
	CXL_SOFTHOST_NODE_SWITCH = 2,
	CXL_SOFTHOST_NODE_ENDPOINT = 3
};

/**
 * enum cxl_softhost_media - media state of an endpoint
 * @CXL_SOFTHOST_MEDIA_READY: answers
 * @CXL_SOFTHOST_MEDIA_DISABLED: doesn't: not ready, disabled, or sanitizing
 */
enum cxl_softhost_media {
	CXL_SOFTHOST_MEDIA_READY = 0,
	CXL_SOFTHOST_MEDIA_DISABLED = 1
};

/**
 * enum cxl_softhost_partition_kind - part of a device's DPA space
 * @CXL_SOFTHOST_PARTITION_VOLATILE: from DPA 0
 * @CXL_SOFTHOST_PARTITION_PERSISTENT: follows the volatile one
 */
enum cxl_softhost_partition_kind {
	CXL_SOFTHOST_PARTITION_VOLATILE = 0,
	CXL_SOFTHOST_PARTITION_PERSISTENT = 1
};

/**
 * struct cxl_softhost_partition - where a part of the DPA space lies
 * @length: bytes, a multiple of 256 MiB; 0 = the device has none
 * @offset: into the backend, a multiple of the page size
 * @backend_id: the backend; @offset + @length must lie inside
 * @__reserved: 0
 */
struct cxl_softhost_partition {
	__aligned_u64 length;
	__aligned_u64 offset;
	__u32 backend_id;
	__u32 __reserved;
};

/**
 * struct cxl_softhost_capability - a capability structure in the
 *	CXL.cachemem range that the VMM serves itself (RAS, for instance)
 * @id: CXL Capability ID, 1 and the HDM decoder's (5) excluded; 0 = unused
 * @version: CXL Capability Version, 0-15
 * @offset: from the start of the CXL.cachemem range, a multiple of 4,
 *	0x600-0xffc
 * @length: bytes, a multiple of 4, not 0; such ranges must not overlap
 */
struct cxl_softhost_capability {
	__u16 id;
	__u16 version;
	__u16 offset;
	__u16 length;
};

/** CXL_SOFTHOST_CAPABILITIES - how many a node can have beside the HDM decoder */
#define CXL_SOFTHOST_CAPABILITIES 4

/**
 * struct cxl_softhost_node_create - ioctl(CXL_SOFTHOST_NODE_CREATE)
 * @size: sizeof(struct cxl_softhost_node_create)
 * @flags: CXL_SOFTHOST_NODE_*
 * @kind: enum cxl_softhost_node_kind
 * @parent_id: the host bridge or switch above it; 0 for a host bridge. EINVAL if
 *	it would be deeper than INFO's @out_max_depth (8)
 * @port: switches and endpoints: Port Number (PCIe Link Capabilities) of the
 *	root port or switch downstream port above, 0-255: what Target List bytes
 *	are compared with; EEXIST if that port has something below it. 0 for a
 *	host bridge
 * @ports: host bridges and switches: number of downstream ports, 1-255; ENOSPC
 *	when one node more than that is created below. 0 for an endpoint
 * @decoder_count: HDM decoders: 1, 2, 4, 6, 8 or 10, and for a host bridge or
 *	switch also 12, 14, 16, and with CXL_SOFTHOST_NODE_MANY_DECODERS 20, 24,
 *	28 or 32; 0 without CXL_SOFTHOST_NODE_HDM
 * @target_count: host bridges and switches with HDM decoders: 1, 2, 4 or 8 (HDM
 *	Decoder Capability, Target Count); else 0
 * @partitions: endpoints: by enum cxl_softhost_partition_kind; at least one
 *	isn't empty
 * @capabilities: capability headers to show beside the HDM decoder's;
 *	accesses to those structures are answered CXL_SOFTHOST_OUTCOME_NOT_MINE
 * @out_id: ID of the node
 * @__reserved: 0
 *
 * Adds a component. Host bridges come first, windows name them, switches and
 * endpoints are put below them at any time. A new node has all decoders idle, a
 * new endpoint HDM enable and Mem_Enable off and its media ready.
 */
struct cxl_softhost_node_create {
	__u32 size;
	__u32 flags;
	__u32 kind;
	__u32 parent_id;
	__u32 port;
	__u32 ports;
	__u32 decoder_count;
	__u32 target_count;
	struct cxl_softhost_partition partitions[2];
	struct cxl_softhost_capability capabilities[CXL_SOFTHOST_CAPABILITIES];
	__u32 out_id;
	__u32 __reserved;
};

/**
 * CXL_SOFTHOST_NODE_HDM - the component has an HDM decoder capability. Needed
 * for endpoints. A host bridge or switch without it passes everything on to its
 * only downstream port (@ports must be 1).
 */
#define CXL_SOFTHOST_NODE_HDM (1U << 0)
/** CXL_SOFTHOST_NODE_A11_8 - A11to8 Interleave Capable; not endpoints: needed */
#define CXL_SOFTHOST_NODE_A11_8 (1U << 1)
/** CXL_SOFTHOST_NODE_A14_12 - A14to12 Interleave Capable; not endpoints: needed */
#define CXL_SOFTHOST_NODE_A14_12 (1U << 2)
/** CXL_SOFTHOST_NODE_WAYS_3_6_12 - 3, 6, 12 Way Interleave Capable; endpoints */
#define CXL_SOFTHOST_NODE_WAYS_3_6_12 (1U << 3)
/** CXL_SOFTHOST_NODE_WAYS_16 - 16 Way Interleave Capable; endpoints */
#define CXL_SOFTHOST_NODE_WAYS_16 (1U << 4)
/**
 * CXL_SOFTHOST_NODE_MANY_DECODERS - @decoder_count may be more than 16. Linux
 * before 7 misreads such a Decoder Count (HDM Decoder Capability).
 */
#define CXL_SOFTHOST_NODE_MANY_DECODERS (1U << 5)

#define CXL_SOFTHOST_NODE_CREATE \
	_IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_NODE_CREATE)

/**
 * struct cxl_softhost_destroy - ioctl(CXL_SOFTHOST_DESTROY)
 * @size: sizeof(struct cxl_softhost_destroy)
 * @flags: 0
 * @id: of a window, node or backend
 * @__reserved: 0
 * @out_result: what it did to the map: UNCOMMITTED if memory went away
 * @out_token: with outcome PENDING: of the change, for DELTAS and APPLY; else 0
 *
 * Removes an object. A node's memory is taken out of the VM first. EBUSY for a
 * node with children, a host bridge that a window names, a window in which
 * memory answers or that a condemned slot lies in, and a backend that a
 * partition or a condemned slot lies on.
 */
struct cxl_softhost_destroy {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 __reserved;
	struct cxl_softhost_result out_result;
	__aligned_u64 out_token;
};

#define CXL_SOFTHOST_DESTROY _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_DESTROY)

/** CXL_SOFTHOST_SLOT_TOP - @first_slot: take the highest numbers of the VM */
#define CXL_SOFTHOST_SLOT_TOP 0xffffffffU

/**
 * struct cxl_softhost_attach - ioctl(CXL_SOFTHOST_ATTACH)
 * @size: sizeof(struct cxl_softhost_attach)
 * @flags: CXL_SOFTHOST_ATTACH_TAKEOVER or 0
 * @engine: CXL_SOFTHOST_ENGINE_KVM or CXL_SOFTHOST_ENGINE_ADVISORY
 * @vm_fd: KVM: the VM, of this process (EIO if of another); ADVISORY: -1
 * @first_slot: first slot number that the host may use; KVM: or
 *	CXL_SOFTHOST_SLOT_TOP
 * @slot_count: how many; 0 = the worst case of the present set-up, 1 at least.
 *	EINVAL beyond the numbers that the VM has; ADVISORY: if it is more than
 *	65536, or @first_slot + @slot_count more than 2^31
 * @out_first_slot: first number taken
 * @out_slot_count: how many
 * @out_result: what is mapped now
 *
 * Each donated number is proved free first (EADDRINUSE). Then everything that
 * the committed decoders map is installed, or nothing: so a VMM commits
 * decoders as firmware would and attaches after that. A VM has one host. There
 * must be a window (ENOENT).
 *
 * Extents whose slots STATE_SET has numbered get these numbers: EINVAL if one isn't
 * among the donated, or if two have the same.
 *
 * The advisory engine proves and installs nothing, and needs a two-phase host
 * (EINVAL). What is mapped already when it is attached is in MAP_GET, with the
 * slot numbers that it has from now on: the VMM sets those before the guest runs.
 */
struct cxl_softhost_attach {
	__u32 size;
	__u32 flags;
	__u32 engine;
	__s32 vm_fd;
	__u32 first_slot;
	__u32 slot_count;
	__u32 out_first_slot;
	__u32 out_slot_count;
	struct cxl_softhost_result out_result;
};

/**
 * CXL_SOFTHOST_ATTACH_TAKEOVER - delete what the donated numbers hold first, for
 * a VM whose slots an earlier host, or the VMM itself, has left. KVM only
 */
#define CXL_SOFTHOST_ATTACH_TAKEOVER (1U << 0)

#define CXL_SOFTHOST_ATTACH _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_ATTACH)

/**
 * struct cxl_softhost_detach - ioctl(CXL_SOFTHOST_DETACH)
 * @size: sizeof(struct cxl_softhost_detach)
 * @flags: 0
 * @out_result: what it came to
 *
 * Removes every slot and lets go of the VM. Decoders stay committed. If KVM
 * refuses to delete a slot the result is DEGRADED and the host stays attached:
 * repeat it.
 */
struct cxl_softhost_detach {
	__u32 size;
	__u32 flags;
	struct cxl_softhost_result out_result;
};

#define CXL_SOFTHOST_DETACH _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_DETACH)

/**
 * struct cxl_softhost_fd_create - ioctl(CXL_SOFTHOST_FD_CREATE)
 * @size: sizeof(struct cxl_softhost_fd_create)
 * @flags: 0
 * @rights: CXL_SOFTHOST_RIGHT_*, one at least, none that the descriptor asked
 *	hasn't got (EPERM)
 * @out_fd: the new descriptor, close-on-exec
 * @__reserved: 0
 *
 * Makes another descriptor of the host, with fewer rights, that works in whatever
 * process it is passed to: a device model that lets the guest program decoders, and
 * can neither register memory nor reach the VM. What such a process's command asks
 * of KVM is done in the name of the owner, charged to it, on a worker.
 *
 * The host lives for as long as there are descriptors, but is revoked with the last
 * one that can set it up, or with the owner's address space: then every command is
 * ENODEV, and the VM is let go of.
 */
struct cxl_softhost_fd_create {
	__u32 size;
	__u32 flags;
	__u32 rights;
	__s32 out_fd;
	__aligned_u64 __reserved;
};

/**
 * CXL_SOFTHOST_RIGHT_SET_UP - HOST_SET, WINDOW_CREATE, NODE_CREATE, DESTROY,
 * FD_CREATE, STATE_SET; in the owner's process BACKEND_CREATE, ATTACH and DETACH. Only with it
 * MAP_GET and DELTAS tell host addresses
 */
#define CXL_SOFTHOST_RIGHT_SET_UP (1U << 0)
/** CXL_SOFTHOST_RIGHT_APPLY - APPLY, RESET of the host, DIRTY_LOG */
#define CXL_SOFTHOST_RIGHT_APPLY (1U << 1)
/** CXL_SOFTHOST_RIGHT_REGISTERS - REG_READ, REG_WRITE, NODE_SET, RESET of a node */
#define CXL_SOFTHOST_RIGHT_REGISTERS (1U << 2)
/** CXL_SOFTHOST_RIGHT_READ - INFO, REG_READ, TRANSLATE, MAP_GET, DELTAS, STATE_GET */
#define CXL_SOFTHOST_RIGHT_READ (1U << 3)

#define CXL_SOFTHOST_FD_CREATE _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_FD_CREATE)

/** CXL_SOFTHOST_CM_BASE - start of the CXL.cachemem range in a component block */
#define CXL_SOFTHOST_CM_BASE 0x1000
/** CXL_SOFTHOST_CM_SIZE - length of the CXL.cachemem range, bytes */
#define CXL_SOFTHOST_CM_SIZE 0x1000
/** CXL_SOFTHOST_HDM_BASE - HDM decoder structure in a component block */
#define CXL_SOFTHOST_HDM_BASE 0x1100

/**
 * struct cxl_softhost_reg_read - ioctl(CXL_SOFTHOST_REG_READ)
 * @size: sizeof(struct cxl_softhost_reg_read)
 * @flags: 0
 * @node_id: the component
 * @offset: byte offset in its 64 KiB component register block; any value
 * @width: bytes, 1-8, aligned or not
 * @out_outcome: DONE or NOT_MINE
 * @out_value: little endian, zero above @width; 0 where nothing is implemented
 *
 * Never waits for a command that changes the map.
 */
struct cxl_softhost_reg_read {
	__u32 size;
	__u32 flags;
	__u32 node_id;
	__u32 offset;
	__u32 width;
	__u32 out_outcome;
	__aligned_u64 out_value;
};

#define CXL_SOFTHOST_REG_READ _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_REG_READ)

/**
 * struct cxl_softhost_reg_write - ioctl(CXL_SOFTHOST_REG_WRITE)
 * @size: sizeof(struct cxl_softhost_reg_write)
 * @flags: 0
 * @node_id: the component
 * @offset: byte offset in its 64 KiB component register block; any value
 * @width: bytes, 1-8. HDM decoder registers take aligned 4 and 8; of an
 *	8 byte write that covers Control the other half is stored first
 * @__reserved: 0
 * @value: little endian
 * @out_result: what it came to
 * @out_token: with outcome PENDING: of the change, for DELTAS and APPLY; else 0
 *
 * When it returns, slots, map and registers agree: complete the guest's store
 * after it, but if the outcome is PENDING after APPLY.
 */
struct cxl_softhost_reg_write {
	__u32 size;
	__u32 flags;
	__u32 node_id;
	__u32 offset;
	__u32 width;
	__u32 __reserved;
	__aligned_u64 value;
	struct cxl_softhost_result out_result;
	__aligned_u64 out_token;
};

#define CXL_SOFTHOST_REG_WRITE _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_REG_WRITE)

/**
 * struct cxl_softhost_node_set - ioctl(CXL_SOFTHOST_NODE_SET)
 * @size: sizeof(struct cxl_softhost_node_set)
 * @flags: 0
 * @node_id: an endpoint
 * @mask: CXL_SOFTHOST_SET_*: which of the following to change, at least one;
 *	a field whose bit isn't set must be 0
 * @mem_enable: 0 or 1: Mem_Enable of the DVSEC CXL Control register
 * @media: enum cxl_softhost_media
 * @out_result: REFUSED if what would answer now can't be mapped: the old
 *	values stay; UNCOMMITTED never: decoders keep their state
 * @out_token: with outcome PENDING: of the change, for DELTAS and APPLY; else 0
 *
 * What lives in config space and mailbox, and gates decoding.
 */
struct cxl_softhost_node_set {
	__u32 size;
	__u32 flags;
	__u32 node_id;
	__u32 mask;
	__u32 mem_enable;
	__u32 media;
	struct cxl_softhost_result out_result;
	__aligned_u64 out_token;
};

/** CXL_SOFTHOST_SET_MEM_ENABLE - @mem_enable is given */
#define CXL_SOFTHOST_SET_MEM_ENABLE (1U << 0)
/** CXL_SOFTHOST_SET_MEDIA - @media is given */
#define CXL_SOFTHOST_SET_MEDIA (1U << 1)

#define CXL_SOFTHOST_NODE_SET _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_NODE_SET)

/**
 * struct cxl_softhost_reset - ioctl(CXL_SOFTHOST_RESET)
 * @size: sizeof(struct cxl_softhost_reset)
 * @flags: 0
 * @node_id: the component, or 0 for the whole host (system reset)
 * @__reserved: 0
 * @out_result: UNCOMMITTED if a decoder was COMMITTED, else DONE
 * @out_token: with outcome PENDING: of the change, for DELTAS and APPLY; else 0
 *
 * Conventional reset: decoders, locks, HDM enable and Mem_Enable go to their
 * reset values, after the slots are gone. Media state is kept.
 */
struct cxl_softhost_reset {
	__u32 size;
	__u32 flags;
	__u32 node_id;
	__u32 __reserved;
	struct cxl_softhost_result out_result;
	__aligned_u64 out_token;
};

#define CXL_SOFTHOST_RESET _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_RESET)

/**
 * struct cxl_softhost_translate - ioctl(CXL_SOFTHOST_TRANSLATE)
 * @size: sizeof(struct cxl_softhost_translate)
 * @flags: CXL_SOFTHOST_TRANSLATE_FROM_DPA or 0
 * @addr: HPA, or with FROM_DPA a DPA of @node_id
 * @node_id: FROM_DPA: an endpoint; else 0
 * @out_reason: NONE if something answers at @addr, else why nothing does
 * @out_hpa: HPA (FROM_DPA: the lowest one, if several decoders map the DPA)
 * @out_dpa: DPA
 * @out_length: bytes from @addr on for which the answer just continues: at most
 *	to the end of the granule if there is more than one way
 * @out_backend_offset: into the backend
 * @out_cookie: of the backend
 * @out_generation: of the map that this was read from
 * @out_window_id: the window, 0 if none
 * @out_node_id: the endpoint; if nothing answers, the component at which the way
 *	ended, 0 if none
 * @out_backend_id: the backend, 0 if none
 * @out_partition: enum cxl_softhost_partition_kind
 *
 * Answers from the latched registers, whether or not it is mapped: as soon as
 * a removal is done, it answers no longer. Never waits for a command that
 * changes the map.
 */
struct cxl_softhost_translate {
	__u32 size;
	__u32 flags;
	__aligned_u64 addr;
	__u32 node_id;
	__u32 out_reason;
	__aligned_u64 out_hpa;
	__aligned_u64 out_dpa;
	__aligned_u64 out_length;
	__aligned_u64 out_backend_offset;
	__aligned_u64 out_cookie;
	__aligned_u64 out_generation;
	__u32 out_window_id;
	__u32 out_node_id;
	__u32 out_backend_id;
	__u32 out_partition;
};

/** CXL_SOFTHOST_TRANSLATE_FROM_DPA - from DPA to HPA */
#define CXL_SOFTHOST_TRANSLATE_FROM_DPA (1U << 0)

#define CXL_SOFTHOST_TRANSLATE _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_TRANSLATE)

/**
 * enum cxl_softhost_segment_kind - what a part of a window is
 * @CXL_SOFTHOST_SEGMENT_HOLE: nothing answers; @reason says why
 * @CXL_SOFTHOST_SEGMENT_LINEAR: one backend range with slope 1, an extent. It
 *	has a slot; but under CXL_SOFTHOST_POLICY_STRICT_SPEC not necessarily one
 *	that a commit took from another decoder, or an uncommit gave back, while
 *	the engine failed (reason ENGINE): exits reach it until the next command
 *	that changes the map, which tries again
 * @CXL_SOFTHOST_SEGMENT_CONDEMNED: not in the map, but KVM still has the slot
 * @CXL_SOFTHOST_SEGMENT_INTERLEAVED: more than one way leads from there, by
 *	granules; TRANSLATE tells for each address. Never a slot
 */
enum cxl_softhost_segment_kind {
	CXL_SOFTHOST_SEGMENT_HOLE = 0,
	CXL_SOFTHOST_SEGMENT_LINEAR = 1,
	CXL_SOFTHOST_SEGMENT_CONDEMNED = 2,
	CXL_SOFTHOST_SEGMENT_INTERLEAVED = 3
};

/**
 * struct cxl_softhost_segment - a part of a window
 * @hpa: base
 * @length: bytes
 * @dpa: DPA at @hpa
 * @backend_offset: into the backend, at @hpa
 * @cookie: of the backend
 * @host_addr: host virtual address at @hpa
 * @page_sizes: OR of the page sizes (bytes) that KVM can map it with, as far
 *	as @hpa, @host_addr and @length allow. Whether the host has such pages there
 *	is between the VMM and its kernel
 * @window_id: the window
 * @node_id: LINEAR, CONDEMNED: the endpoint; else the component that @reason is
 *	about, 0 if none
 * @backend_id: the backend, or 0
 * @partition: enum cxl_softhost_partition_kind
 * @kind: enum cxl_softhost_segment_kind
 * @reason: HOLE: why nothing answers; LINEAR: NO_ENGINE or ENGINE if it isn't
 *	mapped, else NONE; CONDEMNED: STALE_SLOT; INTERLEAVED: NONE if every way answers,
 *	else why the first silent one doesn't
 * @slot: slot number, or CXL_SOFTHOST_NONE
 * @misaligned: OR of the page sizes (bytes) that KVM can't use because @hpa and
 *	@host_addr differ modulo the size. One that is neither here nor in @page_sizes
 *	doesn't fit: there is no whole page of it between @hpa and @hpa + @length.
 *	Below ABI level 4 always 0
 */
struct cxl_softhost_segment {
	__aligned_u64 hpa;
	__aligned_u64 length;
	__aligned_u64 dpa;
	__aligned_u64 backend_offset;
	__aligned_u64 cookie;
	__aligned_u64 host_addr;
	__aligned_u64 page_sizes;
	__u32 window_id;
	__u32 node_id;
	__u32 backend_id;
	__u32 partition;
	__u32 kind;
	__u32 reason;
	__u32 slot;
	__u32 misaligned;
};

/**
 * struct cxl_softhost_map_get - ioctl(CXL_SOFTHOST_MAP_GET)
 * @size: sizeof(struct cxl_softhost_map_get)
 * @flags: 0
 * @entry_size: bytes from one entry to the next, at least
 *	sizeof(struct cxl_softhost_segment) of ABI level 1, a multiple of 8, at
 *	most 4096; what the kernel doesn't know is zeroed
 * @count: room in @entries on entry, segments written on return; EMSGSIZE
 *	with the needed count (and nothing written) if there is too little
 * @entries: user address of the array; unused if @count is 0
 * @out_generation: of the map
 *
 * Lists the whole of every window, by ascending HPA, then condemned slots.
 * Never waits for a command that changes the map.
 */
struct cxl_softhost_map_get {
	__u32 size;
	__u32 flags;
	__u32 entry_size;
	__u32 count;
	__aligned_u64 entries;
	__aligned_u64 out_generation;
};

#define CXL_SOFTHOST_MAP_GET _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_MAP_GET)

/**
 * enum cxl_softhost_direction - what a pending change does to an extent
 * @CXL_SOFTHOST_DIRECTION_ADD: the guest gets it
 * @CXL_SOFTHOST_DIRECTION_REMOVE: the guest loses it
 */
enum cxl_softhost_direction {
	CXL_SOFTHOST_DIRECTION_ADD = 1,
	CXL_SOFTHOST_DIRECTION_REMOVE = 2
};

/**
 * struct cxl_softhost_delta - an extent that comes or goes
 * @segment: the extent, kind LINEAR, with the slot number that it will have, or
 *	has
 * @direction: enum cxl_softhost_direction
 * @__reserved: 0
 */
struct cxl_softhost_delta {
	struct cxl_softhost_segment segment;
	__u32 direction;
	__u32 __reserved;
};

/**
 * struct cxl_softhost_deltas - ioctl(CXL_SOFTHOST_DELTAS)
 * @size: sizeof(struct cxl_softhost_deltas)
 * @flags: 0
 * @token: of the pending change (ESTALE if it isn't)
 * @entry_size: bytes from one entry to the next, at least
 *	sizeof(struct cxl_softhost_delta) of ABI level 4, a multiple of 8, at
 *	most 4096; what the kernel doesn't know is zeroed
 * @count: room in @entries on entry, deltas written on return; EMSGSIZE with
 *	the needed count (and nothing written) if there is too little
 * @entries: user address of the array; unused if @count is 0
 *
 * Lists what a pending change would do, by ascending HPA; as often as one likes.
 * A change either adds or removes: never both. Never waits for a command that
 * changes the map.
 */
struct cxl_softhost_deltas {
	__u32 size;
	__u32 flags;
	__aligned_u64 token;
	__u32 entry_size;
	__u32 count;
	__aligned_u64 entries;
};

#define CXL_SOFTHOST_DELTAS _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_DELTAS)

/**
 * struct cxl_softhost_apply - ioctl(CXL_SOFTHOST_APPLY)
 * @size: sizeof(struct cxl_softhost_apply)
 * @flags: CXL_SOFTHOST_APPLY_ABORT or 0
 * @token: of the pending change
 * @out_result: what the command that began the change came to now
 *
 * Carries a pending change out: slots, map and registers change together, as
 * DELTAS said, or a change that adds is refused as it would be without two
 * phases. The command is judged again first; if it wouldn't come to the same any
 * more (the guest wrote other registers that it depends on, say), nothing is done
 * and the token is gone: ESTALE, as of a token that was cancelled or was never
 * one. Repeat the command then.
 */
struct cxl_softhost_apply {
	__u32 size;
	__u32 flags;
	__aligned_u64 token;
	struct cxl_softhost_result out_result;
};

/**
 * CXL_SOFTHOST_APPLY_ABORT - refuse a change that adds, with reason ABORTED: a
 * commit gets ERROR NOT COMMITTED, an enable doesn't stick. A change that
 * removes can't be aborted (EINVAL): guests don't ask whether it was done.
 */
#define CXL_SOFTHOST_APPLY_ABORT (1U << 0)

#define CXL_SOFTHOST_APPLY _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_APPLY)

/**
 * enum cxl_softhost_record_kind - what a record of a host's state is about
 * @CXL_SOFTHOST_RECORD_NODE: a component apart from its decoders
 * @CXL_SOFTHOST_RECORD_DECODER: one HDM decoder
 * @CXL_SOFTHOST_RECORD_SLOT: the number of the slot that an extent has
 */
enum cxl_softhost_record_kind {
	CXL_SOFTHOST_RECORD_NODE = 1,
	CXL_SOFTHOST_RECORD_DECODER = 2,
	CXL_SOFTHOST_RECORD_SLOT = 3
};

/**
 * struct cxl_softhost_record - a part of a host's state
 * @kind: enum cxl_softhost_record_kind
 * @node_id: NODE, DECODER: the component; where the state is restored it may have
 *	another ID: put that one in
 * @index: DECODER: its number; SLOT: the slot number
 * @control: NODE: HDM Decoder Global Control, of which only an endpoint has a bit
 *	that can be set (HDM Decoder Enable); DECODER: HDM Decoder n Control,
 *	COMMITTED and ERROR NOT COMMITTED as they read. COMMIT is set with just one of
 *	these, or none of the three is
 * @hpa: DECODER: Base, SLOT: of the extent; HPA, a multiple of 256 MiB
 * @length: DECODER: Size, SLOT: of the extent; bytes, a multiple of 256 MiB
 * @list: DECODER: the two dwords after Control, the low one first: Target List of a
 *	host bridge or switch, DPA Skip of an endpoint, a multiple of 256 MiB
 * @dpa: DECODER of an endpoint that is COMMITTED: DPA at @hpa, a multiple of 16 MiB.
 *	It can't be told from the registers: after an uncommit out of order a decoder
 *	keeps the DPA that it had
 * @mem_enable: NODE of an endpoint: Mem_Enable, 0 or 1
 * @media: NODE of an endpoint: enum cxl_softhost_media
 *
 * Fields that a kind doesn't name are 0. Later ABI levels take what STATE_GET of an
 * earlier one gave. They give kinds that aren't here only to who has used what those
 * are about.
 */
struct cxl_softhost_record {
	__u32 kind;
	__u32 node_id;
	__u32 index;
	__u32 control;
	__aligned_u64 hpa;
	__aligned_u64 length;
	__aligned_u64 list;
	__aligned_u64 dpa;
	__u32 mem_enable;
	__u32 media;
};

/**
 * struct cxl_softhost_state_get - ioctl(CXL_SOFTHOST_STATE_GET)
 * @size: sizeof(struct cxl_softhost_state_get)
 * @flags: 0
 * @entry_size: bytes from one entry to the next, at least
 *	sizeof(struct cxl_softhost_record) of ABI level 5, a multiple of 8, at
 *	most 4096; what the kernel doesn't know is zeroed
 * @count: room in @entries on entry, records written on return; EMSGSIZE
 *	with the needed count (and nothing written) if there is too little
 * @entries: user address of the array; unused if @count is 0
 * @out_generation: of the map that the records come to
 *
 * Lists all that a guest has programmed, and what numbers its slots have, for
 * STATE_SET: a record of every node; one of each decoder with a register that
 * isn't 0; then one of each slot, by ascending HPA. Windows, nodes and backends
 * aren't among them: the VMM knows what it made. Nor is what memory holds, nor
 * DIRTY_LOG, nor slots that are condemned. Waits for its turn, as commands do that
 * change the map.
 *
 * While a change is pending (EBUSY) consumers are between two maps, and the
 * guest's access isn't done: APPLY first.
 */
struct cxl_softhost_state_get {
	__u32 size;
	__u32 flags;
	__u32 entry_size;
	__u32 count;
	__aligned_u64 entries;
	__aligned_u64 out_generation;
};

#define CXL_SOFTHOST_STATE_GET _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_STATE_GET)

/**
 * struct cxl_softhost_state_set - ioctl(CXL_SOFTHOST_STATE_SET)
 * @size: sizeof(struct cxl_softhost_state_set)
 * @flags: 0
 * @entry_size: bytes from one entry to the next, as for STATE_GET; what the kernel
 *	doesn't know must be zero (E2BIG)
 * @count: records in @entries; more than a host can have is EINVAL
 * @entries: user address of the array; unused if @count is 0
 * @out_result: DONE; or REFUSED, with the reason, and nothing has changed. Its
 *	decoder is the record's
 * @out_record: index of the record that is to blame: for REFUSED, and, though the
 *	command fails, for EINVAL, EEXIST and ENOENT that are about one record. Else
 *	CXL_SOFTHOST_NONE, which for REFUSED means all of them together (LINEAR_ONLY,
 *	IDENTITY)
 * @__reserved: 0
 *
 * Puts a host into the state that the records describe, all of it or nothing:
 * components and decoders that no record is about are as RESET leaves them. Only
 * without an engine (EBUSY), so nothing is mapped yet: ATTACH installs what the
 * restored decoders map, before the guest runs, as for decoders that a VMM commits
 * like firmware. There extents get the numbers that the records give them: one
 * that wasn't donated, or occurs twice, is EINVAL, and the others get what is left.
 * ATTACH is what ends that; another STATE_SET replaces the numbers. INFO of the saved
 * host says which it had (@out_first_slot, @out_slot_count).
 *
 * A decoder that is COMMITTED is judged by the rules of a commit, but that it may
 * follow one that isn't (ORDER), and that it has its @dpa already. So a state in
 * which a window came after the decoders that it doesn't allow is refused. Under
 * CXL_SOFTHOST_POLICY_STRICT_SPEC window flags are left to the map, and one with
 * Lock On Commit is judged like one without: what overlaps it may have come later.
 *
 * Records of SLOT come by ascending HPA and each names an extent that the other
 * records come to, linear and of that length (EINVAL). Order doesn't matter
 * otherwise; two about the same node or decoder are EEXIST. Those of no node are
 * ENOENT.
 */
struct cxl_softhost_state_set {
	__u32 size;
	__u32 flags;
	__u32 entry_size;
	__u32 count;
	__aligned_u64 entries;
	struct cxl_softhost_result out_result;
	__u32 out_record;
	__u32 __reserved;
};

#define CXL_SOFTHOST_STATE_SET _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_STATE_SET)

/**
 * struct cxl_softhost_dirty_log - ioctl(CXL_SOFTHOST_DIRTY_LOG)
 * @size: sizeof(struct cxl_softhost_dirty_log)
 * @flags: 0
 * @window_id: the window, or 0 for all that there are
 * @enable: 1: KVM logs which pages of it are written, 0: it doesn't
 *
 * Sets KVM_MEM_LOG_DIRTY_PAGES of the slots that the window has, and that it gets
 * from now on; without an engine just that. The VMM reads the log itself, slot by
 * slot (KVM_GET_DIRTY_LOG, MAP_GET says which), and may set that flag of a slot
 * on its own as well.
 *
 * A slot's log goes with it: what was written since it was last read isn't known
 * then. Whoever copies memory takes all of an extent that went as written; or, when
 * DELTAS has announced that it goes, stops the vCPUs and reads its log before APPLY.
 * One that comes has a log that begins empty, or full if the VMM has asked KVM for that
 * (KVM_DIRTY_LOG_INITIALLY_SET); KVM takes memory for it, without which a commit is
 * refused (ENGINE). Under CXL_SOFTHOST_POLICY_STRICT_SPEC a commit that is refused so
 * may have taken slots of others out and in again.
 *
 * If KVM refuses some of the slots (EREMOTEIO; EIO if the VM is dead), the others are
 * switched all the same; 0 holds for what comes from then on, 1 doesn't. So there may
 * be logs too many, but none is lost. Repeat it. The slots of the advisory engine are
 * the VMM's, and so are their flags: EOPNOTSUPP, and what was set before it was attached
 * counts for nothing.
 */
struct cxl_softhost_dirty_log {
	__u32 size;
	__u32 flags;
	__u32 window_id;
	__u32 enable;
};

#define CXL_SOFTHOST_DIRTY_LOG _IO(CXL_SOFTHOST_TYPE, CXL_SOFTHOST_CMD_DIRTY_LOG)

#endif /* _UAPI_LINUX_CXL_SOFTHOST_H */
