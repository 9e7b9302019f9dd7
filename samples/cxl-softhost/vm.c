// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "layout.h"
#include "log.h"
#include "vm.h"

static bool vm_ioctl(const struct vm *vm, unsigned long request, const void *arg,
		     const char *name)
{
	if (ioctl(vm->vm_fd, request, arg) >= 0)
		return true;
	log_error("%s: %s", name, strerror(errno));
	return false;
}

static bool open_kvm(struct vm *vm)
{
	int size;

	vm->kvm_fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0) {
		log_error("can't open /dev/kvm: %s", strerror(errno));
		return false;
	}
	if (ioctl(vm->kvm_fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		log_error("/dev/kvm has another API version than %d", KVM_API_VERSION);
		return false;
	}
	size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0) {
		log_error("KVM_GET_VCPU_MMAP_SIZE: %s", strerror(errno));
		return false;
	}
	vm->run_size = size;
	vm->vm_fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, 0);
	if (vm->vm_fd < 0) {
		log_error("KVM_CREATE_VM: %s", strerror(errno));
		return false;
	}
	return true;
}

bool vm_set_slot(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t size, void *host)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)host,
	};

	return vm_ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region, "KVM_SET_USER_MEMORY_REGION");
}

static bool add_ram(struct vm *vm, uint32_t slot, uint64_t gpa, uint64_t size, void *host)
{
	return !size || vm_set_slot(vm, slot, gpa, size, host);
}

static bool share_ram(struct vm *vm)
{
	const struct guest_ram *ram = &vm->ram;

	guest_memory_init(&vm->memory);
	if (guest_memory_add_ram(&vm->memory, 0, ram->low, ram->host) &&
	    (!ram->high || guest_memory_add_ram(&vm->memory, LAYOUT_RAM_HIGH, ram->high,
						ram->host + ram->low)))
		return true;
	log_error("no memory for the table of RAM");
	return false;
}

bool vm_create(struct vm *vm, const struct options *options)
{
	/* The guest programs it only if it has nothing better; no port 0x61. */
	struct kvm_pit_config pit = { .flags = KVM_PIT_SPEAKER_DUMMY };
	uint64_t identity_map = LAYOUT_IDENTITY_MAP;

	memset(vm, 0, sizeof(*vm));
	vm->cpus = options->cpus;
	pthread_mutex_init(&vm->device_lock, NULL);
	pthread_mutex_init(&vm->stop_lock, NULL);
	vm->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (vm->stop_fd < 0) {
		log_error("eventfd: %s", strerror(errno));
		return false;
	}
	return open_kvm(vm) &&
	       vm_ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map,
			"KVM_SET_IDENTITY_MAP_ADDR") &&
	       vm_ioctl(vm, KVM_SET_TSS_ADDR, (void *)LAYOUT_TSS, "KVM_SET_TSS_ADDR") &&
	       vm_ioctl(vm, KVM_CREATE_IRQCHIP, NULL, "KVM_CREATE_IRQCHIP") &&
	       vm_ioctl(vm, KVM_CREATE_PIT2, &pit, "KVM_CREATE_PIT2") &&
	       guest_ram_init(&vm->ram, options->mem, options->pages) && share_ram(vm) &&
	       add_ram(vm, 0, 0, vm->ram.low, vm->ram.host) &&
	       add_ram(vm, 1, LAYOUT_RAM_HIGH, vm->ram.high,
		       vm->ram.host + vm->ram.low);
}

void vm_stop(struct vm *vm, enum vm_end end)
{
	uint64_t one = 1;

	pthread_mutex_lock(&vm->stop_lock);
	if (!vm->stopped) {
		vm->stopped = true;
		vm->end = end;
		/* Can't fail: the counter is 0. */
		(void)!write(vm->stop_fd, &one, sizeof(one));
	}
	pthread_mutex_unlock(&vm->stop_lock);
}

bool vm_lock_devices(struct vm *vm, uint32_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return !pthread_mutex_timedlock(&vm->device_lock, &until);
}

void vm_set_irq(struct vm *vm, uint32_t irq, bool level)
{
	struct kvm_irq_level line = { .irq = irq, .level = level };

	vm_ioctl(vm, KVM_IRQ_LINE, &line, "KVM_IRQ_LINE");
}

const char *vm_end_text(enum vm_end end)
{
	switch (end) {
	case VM_END_POWER_OFF:
		return "the guest powered off";
	case VM_END_RESET:
		return "the guest asked for a reset";
	case VM_END_INTERNAL_ERROR:
		return "KVM internal error";
	case VM_END_KVM:
		return "KVM can't run the guest";
	case VM_END_TRIPLE_FAULT:
		return "the guest shut down with a triple fault";
	case VM_END_DEGRADED:
		return "KVM kept a slot that should be gone";
	case VM_END_MODULE:
		return "cxl-softhost refused what it should not";
	case VM_END_TIMEOUT:
		return "out of time";
	case VM_END_INTERRUPTED:
		return "interrupted";
	case VM_END_SETUP:
		return "something could not be set up";
	case VM_END_USAGE:
		break;
	}
	return "not started";
}
