// SPDX-License-Identifier: GPL-2.0-only
/* A VMM for guest-code.c: long mode, two vCPUs, no interrupts, no devices. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest.h"

/* Guest physical addresses; all of the lowest 8 GiB is mapped to itself. */
#define RAM_SIZE 0x100000
#define PML4 0x1000
#define PDPT 0x2000
#define PAGE_DIRECTORIES 0x3000
#define DIRECTORY_COUNT 8
#define GDT 0xc000
#define IDT 0xd000
#define SHARED 0x10000
#define CODE 0x20000
#define STACK_TOP(vcpu) (0x80000 + 0x10000 * (vcpu))

#define PTE_PRESENT 0x01
#define PTE_WRITE 0x02
#define PTE_LARGE 0x80

#define CR0_PE_ET_PG 0x80000011
#define CR4_PAE 0x20
#define EFER_LME_LMA 0x500

#define RAM_SLOT 0
#define MAX_CPUID 128

static void write_page_tables(uint8_t *ram)
{
	uint64_t *pml4 = (uint64_t *)(ram + PML4);
	uint64_t *pdpt = (uint64_t *)(ram + PDPT);
	uint64_t *pde = (uint64_t *)(ram + PAGE_DIRECTORIES);
	unsigned int i;

	pml4[0] = PDPT | PTE_PRESENT | PTE_WRITE;
	for (i = 0; i < DIRECTORY_COUNT; i++)
		pdpt[i] = (PAGE_DIRECTORIES + i * PAGE) | PTE_PRESENT | PTE_WRITE;
	for (i = 0; i < DIRECTORY_COUNT * 512; i++)
		pde[i] = (uint64_t)i << 21 | PTE_PRESENT | PTE_WRITE | PTE_LARGE;
}

#define CODE_SELECTOR 8
#define CODE_DESCRIPTOR 0x00af9b000000ffff
#define INTERRUPT_GATE 0x8e00

static void write_descriptor_tables(uint8_t *ram)
{
	const uint64_t vectors = CODE + ((uintptr_t)guest_vectors - (uintptr_t)__start_guest_code);
	uint64_t *gdt = (uint64_t *)(ram + GDT);
	uint64_t *idt = (uint64_t *)(ram + IDT);
	unsigned int i;

	gdt[CODE_SELECTOR / sizeof(*gdt)] = CODE_DESCRIPTOR;
	for (i = 0; i < GUEST_VECTORS; i++) {
		uint64_t at = vectors + i * GUEST_VECTOR_SIZE;

		idt[2 * i] = (at & 0xffff) | CODE_SELECTOR << 16 |
			     (uint64_t)INTERRUPT_GATE << 32 | at >> 16 << 48;
	}
}

static void set_cpuid(int kvm, int vcpu_fd)
{
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) +
					  MAX_CPUID * sizeof(cpuid->entries[0]));

	ASSERT_TRUE(cpuid);
	cpuid->nent = MAX_CPUID;
	ASSERT_DONE(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid));
	ASSERT_DONE(ioctl(vcpu_fd, KVM_SET_CPUID2, cpuid));
	free(cpuid);
}

static void create_vcpu(struct guest *guest, int kvm, unsigned int number)
{
	struct guest_vcpu *vcpu = &guest->vcpus[number];
	size_t size = ASSERT_DONE(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));

	vcpu->guest = guest;
	vcpu->number = number;
	vcpu->fd = ASSERT_DONE(ioctl(guest->vm.fd, KVM_CREATE_VCPU, number));
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	ASSERT_TRUE(vcpu->run != MAP_FAILED);
	set_cpuid(kvm, vcpu->fd);
}

void guest_create_unattached(struct guest *guest, struct host *host)
{
	const uint64_t identity_map = 0xfeffc000;
	int kvm = kvm_open();
	unsigned int i;

	*guest = (struct guest){ .host = host };
	vm_create(&guest->vm);
	/* Intel CPUs want room for these. */
	ASSERT_DONE(ioctl(guest->vm.fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map));
	ASSERT_DONE(ioctl(guest->vm.fd, KVM_SET_TSS_ADDR, 0xfeffd000UL));
	guest->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	ASSERT_TRUE(guest->ram != MAP_FAILED);
	ASSERT_RETURN(0, vm_slot_set(guest->vm.fd, RAM_SLOT, 0, RAM_SIZE, guest->ram));
	write_page_tables(guest->ram);
	write_descriptor_tables(guest->ram);
	guest->shared = (struct guest_shared *)(guest->ram + SHARED);
	memcpy(guest->ram + CODE, __start_guest_code, __stop_guest_code - __start_guest_code);
	for (i = 0; i < GUEST_VCPUS; i++)
		create_vcpu(guest, kvm, i);
	ASSERT_DONE(close(kvm));
}

void guest_create(struct guest *guest, struct host *host)
{
	guest_create_unattached(guest, host);
	attach(host->fd, guest->vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
}

uint8_t *guest_memory_at(const struct guest *guest, uint64_t hpa)
{
	struct cxl_softhost_translate found = translate(guest->host->fd, hpa);
	unsigned int i, partition;

	if (found.out_reason != CXL_SOFTHOST_REASON_NONE)
		return NULL;
	for (i = 0; i < guest->host->config.endpoints; i++)
		for (partition = 0; partition < 2; partition++)
			if (found.out_cookie == backend_cookie(i, partition))
				return guest->host->endpoints[i].memory[partition] -
				       BACKEND_OFFSET + found.out_backend_offset;
	EXPECT_EQ(backend_cookie(0, 0), found.out_cookie);
	test_end();
}

static bool in_window(const struct host *host, uint64_t hpa)
{
	unsigned int i;

	for (i = 0; i < host->window_count; i++)
		if (hpa - host->config.windows[i].hpa < host->config.windows[i].length)
			return true;
	return false;
}

/* A miss reads as all-ones, and what is written is dropped. */
static void access_window(struct guest_vcpu *vcpu, uint64_t hpa, uint8_t *data, uint32_t length,
			  bool is_write)
{
	uint8_t *memory = guest_memory_at(vcpu->guest, hpa);

	vcpu->hits += !!memory;
	if (is_write) {
		vcpu->writes++;
		if (memory)
			memcpy(memory, data, length);
	} else {
		vcpu->reads++;
		if (memory)
			memcpy(data, memory, length);
		else
			memset(data, 0xff, length);
	}
}

static void access_register(struct guest_vcpu *vcpu, uint64_t offset, uint8_t *data,
			    uint32_t length, bool is_write)
{
	struct host *host = vcpu->guest->host;
	unsigned int node = offset >> 16;
	uint64_t value = 0;
	uint32_t id;

	ASSERT_TRUE(node <= host->config.endpoints);
	id = node == GUEST_BRIDGE ? host->bridge : host->endpoints[node - 1].id;
	offset &= 0xffff;
	vcpu->registers++;
	if (is_write) {
		memcpy(&value, data, length);
		vcpu->guest->result = reg_write(host->fd, id, offset, length, value);
		ASSERT_EQ(0, vcpu->guest->result.flags);
	} else {
		value = reg_read(host->fd, id, offset, length);
		memcpy(data, &value, length);
	}
}

static void access_mmio(struct guest_vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint64_t gpa = run->mmio.phys_addr;
	struct host *host = vcpu->guest->host;

	if (in_window(host, gpa)) {
		access_window(vcpu, gpa, run->mmio.data, run->mmio.len, run->mmio.is_write);
	} else {
		ASSERT_TRUE(gpa >= GUEST_REGISTERS);
		access_register(vcpu, gpa - GUEST_REGISTERS, run->mmio.data, run->mmio.len,
				run->mmio.is_write);
	}
}

/* What no guest code here should take, with all that may help to find out why. */
static void fail_by_exception(struct guest_vcpu *vcpu)
{
	const uint64_t *frame;
	struct kvm_regs regs;

	ASSERT_DONE(ioctl(vcpu->fd, KVM_GET_REGS, &regs));
	ASSERT_TRUE(regs.rsp <= RAM_SIZE - 4 * sizeof(*frame));
	frame = (const uint64_t *)(vcpu->guest->ram + regs.rsp);
	test_context("vCPU %u: exception %llu, CR2 %#llx, frame %#llx %#llx %#llx %#llx, code at %#x",
		     vcpu->number, regs.rbx, regs.rdx, (unsigned long long)frame[0],
		     (unsigned long long)frame[1], (unsigned long long)frame[2],
		     (unsigned long long)frame[3], CODE);
	ASSERT_EQ(GUEST_PORT_END, GUEST_PORT_EXCEPTION);
}

/* As above, of what KVM could not go on with. */
static void fail_by_internal_error(struct guest_vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	uint64_t gpa = run->internal.ndata > 3 ? run->internal.data[3] : 0;
	struct kvm_regs regs;

	ASSERT_DONE(ioctl(vcpu->fd, KVM_GET_REGS, &regs));
	test_context("vCPU %u: KVM internal error, suberror %u, GPA %#llx, RIP %#llx, RSP %#llx",
		     vcpu->number, run->internal.suberror, (unsigned long long)gpa, regs.rip,
		     regs.rsp);
	ASSERT_EQ(KVM_EXIT_MMIO, run->exit_reason);
}

static void *run_vcpu(void *data)
{
	struct guest_vcpu *vcpu = data;

	for (;;) {
		if (ioctl(vcpu->fd, KVM_RUN, 0)) {
			if (errno != EINTR && errno != EAGAIN)
				check_done(__FILE__, __LINE__, -1, "KVM_RUN");
			continue;
		}
		switch (vcpu->run->exit_reason) {
		case KVM_EXIT_MMIO:
			access_mmio(vcpu);
			break;
		case KVM_EXIT_IO:
			if (vcpu->run->io.port == GUEST_PORT_EXCEPTION)
				fail_by_exception(vcpu);
			ASSERT_EQ(GUEST_PORT_END, vcpu->run->io.port);
			return NULL;
		case KVM_EXIT_INTERNAL_ERROR:
			fail_by_internal_error(vcpu);
			break;
		default:
			ASSERT_EQ(KVM_EXIT_MMIO, vcpu->run->exit_reason);
		}
	}
}

void guest_start(struct guest *guest, unsigned int number,
		 void (*code)(struct guest_shared *shared, uint64_t vcpu))
{
	const struct kvm_segment cs = {
		.selector = CODE_SELECTOR, .limit = 0xffffffff, .type = 11, .present = 1, .s = 1,
		.l = 1, .g = 1,
	};
	const struct kvm_segment ds = {
		.selector = 16, .limit = 0xffffffff, .type = 3, .present = 1, .s = 1, .db = 1,
		.g = 1,
	};
	struct guest_vcpu *vcpu = &guest->vcpus[number];
	struct kvm_regs regs = {
		.rip = CODE + ((uintptr_t)code - (uintptr_t)__start_guest_code),
		/* as after a call */
		.rsp = STACK_TOP(number) - 8,
		.rdi = SHARED,
		.rsi = number,
		.rflags = 2,
	};
	struct kvm_sregs sregs;

	ASSERT_DONE(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs));
	sregs.cs = cs;
	sregs.ds = ds;
	sregs.es = ds;
	sregs.fs = ds;
	sregs.gs = ds;
	sregs.ss = ds;
	sregs.gdt = (struct kvm_dtable){ .base = GDT, .limit = 2 * 8 - 1 };
	sregs.idt = (struct kvm_dtable){ .base = IDT, .limit = GUEST_VECTORS * 16 - 1 };
	sregs.cr3 = PML4;
	sregs.cr4 = CR4_PAE;
	sregs.cr0 = CR0_PE_ET_PG;
	sregs.efer = EFER_LME_LMA;
	ASSERT_DONE(ioctl(vcpu->fd, KVM_SET_SREGS, &sregs));
	ASSERT_DONE(ioctl(vcpu->fd, KVM_SET_REGS, &regs));
	ASSERT_EQ(0, pthread_create(&vcpu->thread, NULL, run_vcpu, vcpu));
}

void guest_join(struct guest *guest, unsigned int number)
{
	ASSERT_EQ(0, pthread_join(guest->vcpus[number].thread, NULL));
}

/* Every watched location has a value of its own. */
static struct guest_watched watched(uint64_t vcpu, uint64_t hpa, uint8_t *memory)
{
	uint64_t value = 0x5ca1ab1e00000000ULL ^ hpa;

	memcpy(memory, &value, sizeof(value));
	return (struct guest_watched){ .gpa = hpa, .value = value, .vcpu = vcpu };
}

static void add_watched(struct guest_shared *shared, struct guest_watched watched)
{
	ASSERT_TRUE(shared->watched_count < GUEST_MAX_WATCHED);
	shared->watched[shared->watched_count++] = watched;
}

void guest_watch(struct guest *guest, uint64_t hpa, uint8_t *memory)
{
	add_watched(guest->shared, watched(GUEST_ALL_VCPUS, hpa, memory));
}

void guest_watch_by(struct guest *guest, unsigned int vcpu, uint64_t hpa, uint8_t *memory)
{
	add_watched(guest->shared, watched(vcpu, hpa, memory));
}

void guest_watch_steady(struct guest *guest, uint64_t hpa, uint8_t *memory)
{
	struct guest_shared *shared = guest->shared;

	ASSERT_TRUE(shared->steady_count < GUEST_MAX_WATCHED);
	shared->steady[shared->steady_count++] = watched(GUEST_ALL_VCPUS, hpa, memory);
}

void guest_on(struct guest *guest, unsigned int node, uint32_t offset, uint32_t value)
{
	struct guest_shared *shared = guest->shared;

	ASSERT_TRUE(shared->on_count < GUEST_MAX_WRITES);
	shared->on[shared->on_count++] = (struct guest_write){
		.gpa = GUEST_REGISTER(node, offset),
		.value = value,
	};
}

void guest_off(struct guest *guest, unsigned int node, uint32_t offset, uint32_t value)
{
	struct guest_shared *shared = guest->shared;

	ASSERT_TRUE(shared->off_count < GUEST_MAX_WRITES);
	shared->off[shared->off_count++] = (struct guest_write){
		.gpa = GUEST_REGISTER(node, offset),
		.value = value,
	};
}

void guest_on_decoder(struct guest *guest, unsigned int node, unsigned int number,
		      const struct decoder *decoder)
{
	uint32_t at = HDM_DECODER(number);

	guest_on(guest, node, at + HDM_BASE_HIGH, decoder->base >> 32);
	guest_on(guest, node, at + HDM_BASE_LOW, decoder->base);
	guest_on(guest, node, at + HDM_SIZE_HIGH, decoder->size >> 32);
	guest_on(guest, node, at + HDM_SIZE_LOW, decoder->size);
	guest_on(guest, node, at + HDM_EXTRA_HIGH, decoder->extra >> 32);
	guest_on(guest, node, at + HDM_EXTRA_LOW, decoder->extra);
	guest_on(guest, node, at + HDM_CONTROL, decoder_commit_value(decoder));
	guest->shared->status_gpa = GUEST_REGISTER(node, at + HDM_CONTROL);
	guest->shared->status_mask = CONTROL_COMMITTED | CONTROL_ERROR;
	guest->shared->status_value = CONTROL_COMMITTED;
}

void guest_note(const struct guest *guest, unsigned int vcpu)
{
	const volatile struct guest_observation *seen = &guest->shared->observations[vcpu];
	const struct guest_vcpu *exits = &guest->vcpus[vcpu];

	test_note("vCPU %u saw mapped: %llu memory; unmapped: %llu all-ones; in between: %llu memory, %llu all-ones",
		  vcpu, (unsigned long long)seen->memory[GUEST_MAPPED],
		  (unsigned long long)seen->all_ones[GUEST_UNMAPPED],
		  (unsigned long long)seen->memory[GUEST_CHANGING],
		  (unsigned long long)seen->all_ones[GUEST_CHANGING]);
	test_note("vCPU %u exits: %llu registers, %llu reads and %llu writes in windows, %llu of them late",
		  vcpu, (unsigned long long)exits->registers, (unsigned long long)exits->reads,
		  (unsigned long long)exits->writes, (unsigned long long)exits->hits);
}

void guest_expect_kept(struct guest *guest, unsigned int vcpu)
{
	const volatile struct guest_observation *seen = &guest->shared->observations[vcpu];

	test_context("vCPU %u", vcpu);
	if (!EXPECT_EQ(0, seen->broken))
		test_note("the first: %#llx read at %#llx in round %llu, %s",
			  (unsigned long long)seen->value, (unsigned long long)seen->gpa,
			  (unsigned long long)seen->phase >> 2,
			  (seen->phase & GUEST_PHASE_MASK) == GUEST_MAPPED ? "mapped" :
			  (seen->phase & GUEST_PHASE_MASK) == GUEST_UNMAPPED ? "unmapped" :
			  "in between");
	/* It has looked. */
	EXPECT_TRUE(seen->memory[GUEST_MAPPED] > 0);
	EXPECT_TRUE(seen->all_ones[GUEST_UNMAPPED] > 0);
	EXPECT_EQ(0, seen->all_ones[GUEST_MAPPED]);
	EXPECT_EQ(0, seen->memory[GUEST_UNMAPPED]);
	test_context("%s", "");
}

void guest_run(struct guest *guest, unsigned int rounds)
{
	struct guest_shared *shared = guest->shared;

	shared->rounds = rounds;
	shared->phase = GUEST_PHASE(0, GUEST_CHANGING);
	guest_start(guest, 1, guest_observer);
	guest_start(guest, 0, guest_programmer);
	guest_join(guest, 0);
	guest_join(guest, 1);
	EXPECT_EQ(rounds, shared->rounds_done);
	EXPECT_EQ(0, shared->wrong_status);
	guest_note(guest, 1);
}
