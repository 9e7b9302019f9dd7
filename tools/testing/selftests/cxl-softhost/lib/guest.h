/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VMM: runs guest code on two vCPUs in a real KVM VM, forwards what a guest
 * stores to component registers, and answers exits in windows by TRANSLATE.
 */
#ifndef CXL_SOFTHOST_TEST_GUEST_H
#define CXL_SOFTHOST_TEST_GUEST_H

#include <linux/kvm.h>
#include <pthread.h>

#include "fixture.h"
#include "guest-code.h"
#include "vm.h"

/* Component register blocks: 64 KiB each, the bridge's, then the endpoints'. */
#define GUEST_REGISTERS 0xd0000000ULL
#define GUEST_BRIDGE 0
#define GUEST_ENDPOINT(number) (1 + (number))
#define GUEST_REGISTER(node, offset) (GUEST_REGISTERS + ((uint64_t)(node) << 16) + (offset))

struct guest;

struct guest_vcpu {
	struct guest *guest;
	unsigned int number;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	/* exits by MMIO */
	uint64_t registers;
	uint64_t reads;		/* in windows */
	uint64_t writes;
	uint64_t hits;		/* of both: something answered there meanwhile */
};

struct guest {
	struct host *host;
	struct vm vm;
	uint8_t *ram;
	struct guest_shared *shared;
	struct guest_vcpu vcpus[GUEST_VCPUS];
	/* what the last REG_WRITE of a guest came to */
	struct cxl_softhost_result result;
};

/* A VM with RAM and vCPUs, attached to the host. */
void guest_create(struct guest *guest, struct host *host);
/* The same, for a test that attaches it itself. */
void guest_create_unattached(struct guest *guest, struct host *host);
/* Run @code on a vCPU, in a thread of its own. */
void guest_start(struct guest *guest, unsigned int vcpu,
		 void (*code)(struct guest_shared *shared, uint64_t vcpu));
void guest_join(struct guest *guest, unsigned int vcpu);

/* Where TRANSLATE says the byte at @hpa is, or NULL if nothing answers. */
uint8_t *guest_memory_at(const struct guest *guest, uint64_t hpa);

/* What the guest is to watch: memory at @hpa is @memory, and gets a value. */
void guest_watch(struct guest *guest, uint64_t hpa, uint8_t *memory);
void guest_watch_by(struct guest *guest, unsigned int vcpu, uint64_t hpa, uint8_t *memory);
void guest_watch_steady(struct guest *guest, uint64_t hpa, uint8_t *memory);
/* What the programmer is to write, when it commits and when it uncommits. */
void guest_on(struct guest *guest, unsigned int node, uint32_t offset, uint32_t value);
void guest_off(struct guest *guest, unsigned int node, uint32_t offset, uint32_t value);
/* The register writes that program a decoder, and those that commit it. */
void guest_on_decoder(struct guest *guest, unsigned int node, unsigned int number,
		      const struct decoder *decoder);

/* Run the programmer beside an observer, and check that no promise was broken. */
void guest_run(struct guest *guest, unsigned int rounds);
void guest_expect_kept(struct guest *guest, unsigned int vcpu);
void guest_note(const struct guest *guest, unsigned int vcpu);

#endif
