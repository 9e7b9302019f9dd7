// SPDX-License-Identifier: GPL-2.0-only
/* A KVM VM without vCPUs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "softhost.h"
#include "vm.h"

int kvm_open(void)
{
	return ASSERT_DONE(open("/dev/kvm", O_RDWR | O_CLOEXEC));
}

void vm_create(struct vm *vm)
{
	int kvm = kvm_open();

	vm->fd = ASSERT_DONE(ioctl(kvm, KVM_CREATE_VM, 0));
	ASSERT_DONE(close(kvm));
}

void vm_close(struct vm *vm)
{
	ASSERT_DONE(close(vm->fd));
	vm->fd = -1;
}

uint32_t vm_slots(const struct vm *vm)
{
	return ASSERT_DONE(ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS));
}

int vm_slot_set(int vm_fd, uint32_t slot, uint64_t gpa, uint64_t size, const void *addr)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)addr,
	};

	return ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &region) ? -errno : 0;
}

uint64_t vm_stat(const struct vm *vm, const char *name)
{
	int fd = ASSERT_DONE(ioctl(vm->fd, KVM_GET_STATS_FD, NULL));
	struct kvm_stats_header header;
	struct kvm_stats_desc *found = NULL;
	uint64_t value;
	size_t size;
	unsigned int i;
	char *descs;

	ASSERT_EQ(sizeof(header), pread(fd, &header, sizeof(header), 0));
	size = sizeof(*found) + header.name_size;
	descs = calloc(header.num_desc, size);
	ASSERT_TRUE(descs);
	ASSERT_EQ(header.num_desc * size,
		  pread(fd, descs, header.num_desc * size, header.desc_offset));
	for (i = 0; i < header.num_desc; i++) {
		found = (struct kvm_stats_desc *)(descs + i * size);
		if (strcmp(found->name, name) == 0)
			break;
	}
	ASSERT_TRUE(i < header.num_desc);
	ASSERT_EQ(sizeof(value), pread(fd, &value, sizeof(value), header.data_offset +
				       found->offset));
	free(descs);
	ASSERT_DONE(close(fd));
	return value;
}

bool vm_probe(int vm_fd, uint64_t gpa)
{
	static void *page;
	int ret;

	if (!page) {
		page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ASSERT_TRUE(page != MAP_FAILED);
	}
	ret = vm_slot_set(vm_fd, VM_PROBE_SLOT, gpa, PAGE, page);
	if (ret == -EEXIST)
		return true;
	ASSERT_RETURN(0, ret);
	ASSERT_RETURN(0, vm_slot_set(vm_fd, VM_PROBE_SLOT, gpa, 0, page));
	return false;
}

bool check_mapped(const char *file, int line, int vm_fd, bool expected, uint64_t gpa,
		  uint64_t length)
{
	static const uint64_t offsets[] = { 0, UNIT / 2, UNIT - PAGE };
	uint64_t unit;
	unsigned int i;

	for (unit = gpa; unit < gpa + length; unit += UNIT) {
		for (i = 0; i < ARRAY_SIZE(offsets); i++) {
			if (vm_probe(vm_fd, unit + offsets[i]) == expected)
				continue;
			test_fail(file, line, "%#llx: expected %s slot, found %s",
				  (unsigned long long)(unit + offsets[i]),
				  expected ? "a" : "no", expected ? "none" : "one");
			return false;
		}
	}
	return true;
}
