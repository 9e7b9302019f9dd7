/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TEST ONLY. A file that calls itself "kvm-vm" and keeps memory slots as KVM
 * does, but fails, waits and tells what was done with it as a test wants.
 */
#ifndef CXL_SOFTHOST_MOCKVM_H
#define CXL_SOFTHOST_MOCKVM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define MOCKVM_NAME "cxl-softhost-mockvm"
#define MOCKVM_TYPE 0xCF

/* What KVM_SET_USER_MEMORY_REGION comes to; masks of it are 1 << op. */
enum mockvm_op {
	MOCKVM_OP_CREATE,
	MOCKVM_OP_DELETE,
	MOCKVM_OP_MOVE,
	MOCKVM_OP_FLAGS,
	MOCKVM_OP_NOTHING,	/* modified to what it is already */
	MOCKVM_OP_REFUSED,	/* by KVM's own checks */
	MOCKVM_OPS
};

#define MOCKVM_MASK(op) (1U << MOCKVM_OP_##op)

/* On the device: a new VM of the calling process; returns its descriptor. */
#define MOCKVM_CREATE _IO(MOCKVM_TYPE, 0)
/* On the device: the same, the file called by the name at the argument. */
#define MOCKVM_CREATE_NAMED _IO(MOCKVM_TYPE, 12)
#define MOCKVM_NAME_SIZE 32
/* On the device: VMs whose last reference isn't gone. */
#define MOCKVM_LIVE _IO(MOCKVM_TYPE, 1)

/* All others on the VM. */

/* Answer of KVM_CHECK_EXTENSION. */
struct mockvm_cap {
	__u32 cap;
	__s32 value;
};

#define MOCKVM_SET_CAP _IOW(MOCKVM_TYPE, 2, struct mockvm_cap)

/*
 * Fail operations that KVM's checks would let pass. Only those of @ops on at
 * least @min_size bytes count; of these the @nth from now on, and if @always
 * all that follow. Several rules can be there at a time.
 */
struct mockvm_fail {
	__u32 ops;
	__u32 nth;
	__u32 error;		/* positive errno */
	__u32 always;
	__u64 min_size;
};

#define MOCKVM_FAIL _IOW(MOCKVM_TYPE, 3, struct mockvm_fail)
#define MOCKVM_FAIL_CLEAR _IO(MOCKVM_TYPE, 4)

/*
 * Let operations of these kinds wait before they have any effect; or all of
 * them, before their argument is read.
 */
#define MOCKVM_HOLD _IO(MOCKVM_TYPE, 5)		/* argument: mask */
#define MOCKVM_HOLD_ENTRY (1U << 31)
/* Wait until one of them does, at most argument milliseconds: ETIMEDOUT. */
#define MOCKVM_WAIT_HELD _IO(MOCKVM_TYPE, 6)
#define MOCKVM_RELEASE _IO(MOCKVM_TYPE, 7)

/* From now on all operations get EIO, as on a VM that KVM has given up. */
#define MOCKVM_SET_DEAD _IO(MOCKVM_TYPE, 8)

struct mockvm_slot {
	__u32 slot;
	__u32 flags;
	__u64 gpa;
	__u64 size;
	__u64 addr;
};

struct mockvm_slots {
	__u32 count;		/* room on entry, slots there on return */
	__u32 pad;
	__u64 slots;		/* user address of struct mockvm_slot[] */
};

#define MOCKVM_GET_SLOTS _IOWR(MOCKVM_TYPE, 9, struct mockvm_slots)

/* KVM_SET_USER_MEMORY_REGION calls since the log was cleared, oldest first. */
struct mockvm_call {
	__u32 op;		/* what it would have been, if it failed */
	__s32 result;
	struct mockvm_slot region;
};

struct mockvm_log {
	__u32 count;		/* room on entry, calls made on return */
	__u32 pad;
	__u64 calls;		/* user address of struct mockvm_call[] */
};

#define MOCKVM_GET_LOG _IOWR(MOCKVM_TYPE, 10, struct mockvm_log)
#define MOCKVM_CLEAR_LOG _IO(MOCKVM_TYPE, 11)

/* Calls beyond this are counted, but not kept. */
#define MOCKVM_LOG_SIZE 4096

#endif
