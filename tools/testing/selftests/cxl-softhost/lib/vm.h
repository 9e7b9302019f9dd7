/* SPDX-License-Identifier: GPL-2.0-only */
/* A KVM VM without vCPUs, and the question what memory slots it has. */
#ifndef CXL_SOFTHOST_TEST_VM_H
#define CXL_SOFTHOST_TEST_VM_H

#include <linux/kvm.h>

#include "harness.h"

#ifndef KVM_CAP_MEMORY_ATTRIBUTES
#define KVM_CAP_MEMORY_ATTRIBUTES 233
#endif

struct vm {
	int fd;
};

/* The number that vm_probe() uses: below the numbers that tests donate. */
#define VM_PROBE_SLOT 500

int kvm_open(void);
void vm_create(struct vm *vm);
void vm_close(struct vm *vm);
/* most slots of a VM */
uint32_t vm_slots(const struct vm *vm);
/* KVM_SET_USER_MEMORY_REGION: 0 or a negative errno */
int vm_slot_set(int vm_fd, uint32_t slot, uint64_t gpa, uint64_t size, const void *addr);
/* What KVM has counted of this VM, by the name that its binary statistics give it */
uint64_t vm_stat(const struct vm *vm, const char *name);
/*
 * Does a slot cover the page at @gpa? KVM itself is asked: a slot of one page
 * there is refused with EEXIST, or can be made and is deleted again.
 */
bool vm_probe(int vm_fd, uint64_t gpa);
bool check_mapped(const char *file, int line, int vm_fd, bool expected, uint64_t gpa,
		  uint64_t length);

/* EXPECT_MAPPED - every 256 MiB unit is: first, middle and last page */
#define EXPECT_MAPPED(vm, gpa, length)						\
	check_mapped(__FILE__, __LINE__, (vm)->fd, true, gpa, length)
#define EXPECT_NOT_MAPPED(vm, gpa, length)					\
	check_mapped(__FILE__, __LINE__, (vm)->fd, false, gpa, length)

#endif
