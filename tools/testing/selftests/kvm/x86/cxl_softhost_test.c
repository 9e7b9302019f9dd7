// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that programs HDM decoders and uses the CXL memory behind them. This
 * is its VMM; its CXL host is /dev/cxl-softhost. What the guest stores to the
 * registers of the host bridge and of the device exits, and goes to REG_WRITE.
 */
#include <sys/ioctl.h>

#include <linux/cxl_softhost.h>
#include <linux/sizes.h>

#include "kvm_test_harness.h"
#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"
#include "ucall_common.h"

/* Where the library puts nothing. The guest has them at the same virtual addresses. */
#define BRIDGE_GPA		0xd0000000ULL
#define DEVICE_GPA		0xd0010000ULL
#define BLOCK_SIZE		SZ_64K
#define WINDOW_GPA		0x400000000ULL
#define WINDOW_SIZE		CXL_SOFTHOST_UNIT

/* The library uses slot 0 */
#define FIRST_SLOT		10

/* Decoder 0, in a component register block */
#define HDM_GLOBAL		(CXL_SOFTHOST_HDM_BASE + 0x04)
#define HDM_BASE_LOW		(CXL_SOFTHOST_HDM_BASE + 0x10)
#define HDM_BASE_HIGH		(CXL_SOFTHOST_HDM_BASE + 0x14)
#define HDM_SIZE_LOW		(CXL_SOFTHOST_HDM_BASE + 0x18)
#define HDM_SIZE_HIGH		(CXL_SOFTHOST_HDM_BASE + 0x1c)
#define HDM_CONTROL		(CXL_SOFTHOST_HDM_BASE + 0x20)
#define HDM_GLOBAL_ENABLE	BIT(1)
#define HDM_COMMIT		BIT(9)
#define HDM_COMMITTED		BIT(10)

#define for_each_word(gpa)							\
	for ((gpa) = WINDOW_GPA; (gpa) < WINDOW_GPA + WINDOW_SIZE; (gpa) += SZ_1M)

#define PATTERN(gpa)		((gpa) ^ 0x5a5a0000a5a5ffffULL)

static void guest_writel(u64 gpa, u32 value)
{
	WRITE_ONCE(*(u32 *)gpa, value);
}

static bool guest_is_committed(u64 block)
{
	return READ_ONCE(*(u32 *)(block + HDM_CONTROL)) & HDM_COMMITTED;
}

/* All of the window, 1 way, and to port 0, or without a DPA skip */
static void guest_commit(u64 block)
{
	guest_writel(block + HDM_BASE_LOW, (u32)WINDOW_GPA);
	guest_writel(block + HDM_BASE_HIGH, WINDOW_GPA >> 32);
	guest_writel(block + HDM_SIZE_LOW, (u32)WINDOW_SIZE);
	guest_writel(block + HDM_SIZE_HIGH, WINDOW_SIZE >> 32);
	guest_writel(block + HDM_CONTROL, HDM_COMMIT);
	GUEST_ASSERT(guest_is_committed(block));
}

static void guest_commit_both(void)
{
	guest_writel(DEVICE_GPA + HDM_GLOBAL, HDM_GLOBAL_ENABLE);
	guest_commit(DEVICE_GPA);
	guest_commit(BRIDGE_GPA);
}

static void guest_fill(void)
{
	u64 gpa;

	for_each_word(gpa)
		WRITE_ONCE(*(u64 *)gpa, PATTERN(gpa));
}

static void guest_check(void)
{
	u64 gpa;

	for_each_word(gpa)
		GUEST_ASSERT_EQ(READ_ONCE(*(u64 *)gpa), PATTERN(gpa));
}

struct softhost {
	struct kvm_vcpu *vcpu;
	int fd;
	u32 bridge;
	u32 device;
	u64 *memory;
	/* What the last write to a register came to */
	struct cxl_softhost_result result;
};

#define softhost_ioctl(host, cmd, arg)							\
	do {										\
		int __ret = ioctl((host)->fd, cmd, arg);				\
											\
		TEST_ASSERT(!__ret, __KVM_IOCTL_ERROR(#cmd, __ret));			\
	} while (0)

/* A backend, a bridge with one port, a window that leads to it, and a device at the port */
static void create_hierarchy(struct softhost *host)
{
	struct cxl_softhost_backend_create backend = {
		.size = sizeof(backend),
		.addr = (u64)host->memory,
		.length = WINDOW_SIZE,
	};
	struct cxl_softhost_node_create node = {
		.size = sizeof(node),
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = 1,
		.decoder_count = 1,
		.target_count = 1,
	};
	struct cxl_softhost_window_create window = {
		.size = sizeof(window),
		.hpa = WINDOW_GPA,
		.length = WINDOW_SIZE,
		.ways = 1,
		.granularity = 256,
		.targets = (u64)&host->bridge,
	};
	/* A bit of the device's configuration space, which has no model here */
	struct cxl_softhost_node_set enable = {
		.size = sizeof(enable),
		.mask = CXL_SOFTHOST_SET_MEM_ENABLE,
		.mem_enable = 1,
	};

	softhost_ioctl(host, CXL_SOFTHOST_BACKEND_CREATE, &backend);
	softhost_ioctl(host, CXL_SOFTHOST_NODE_CREATE, &node);
	host->bridge = node.out_id;
	softhost_ioctl(host, CXL_SOFTHOST_WINDOW_CREATE, &window);

	node.kind = CXL_SOFTHOST_NODE_ENDPOINT;
	node.parent_id = host->bridge;
	node.ports = 0;
	node.target_count = 0;
	node.partitions[CXL_SOFTHOST_PARTITION_VOLATILE].length = WINDOW_SIZE;
	node.partitions[CXL_SOFTHOST_PARTITION_VOLATILE].backend_id = backend.out_id;
	softhost_ioctl(host, CXL_SOFTHOST_NODE_CREATE, &node);
	host->device = node.out_id;
	enable.node_id = host->device;
	softhost_ioctl(host, CXL_SOFTHOST_NODE_SET, &enable);
}

static void attach(struct softhost *host)
{
	struct cxl_softhost_attach attach = {
		.size = sizeof(attach),
		.engine = CXL_SOFTHOST_ENGINE_KVM,
		.vm_fd = host->vcpu->vm->fd,
		.first_slot = FIRST_SLOT,
	};

	softhost_ioctl(host, CXL_SOFTHOST_ATTACH, &attach);
	TEST_ASSERT_EQ(attach.out_first_slot, FIRST_SLOT);
}

static void register_access(struct softhost *host, u32 node, u32 offset)
{
	struct kvm_run *run = host->vcpu->run;
	struct cxl_softhost_reg_read rd = {
		.size = sizeof(rd),
		.node_id = node,
		.offset = offset,
		.width = run->mmio.len,
	};
	struct cxl_softhost_reg_write wr = {
		.size = sizeof(wr),
		.node_id = node,
		.offset = offset,
		.width = run->mmio.len,
	};

	if (run->mmio.is_write) {
		memcpy(&wr.value, run->mmio.data, run->mmio.len);
		softhost_ioctl(host, CXL_SOFTHOST_REG_WRITE, &wr);
		TEST_ASSERT(!wr.out_result.flags, "KVM kept memory that should be gone");
		host->result = wr.out_result;
	} else {
		softhost_ioctl(host, CXL_SOFTHOST_REG_READ, &rd);
		memcpy(run->mmio.data, &rd.out_value, run->mmio.len);
	}
}

/* Until the guest does something else than to access registers */
static void run_guest(struct softhost *host)
{
	struct kvm_run *run = host->vcpu->run;

	for (;;) {
		vcpu_run(host->vcpu);
		if (run->exit_reason != KVM_EXIT_MMIO)
			return;
		if (run->mmio.phys_addr - BRIDGE_GPA < BLOCK_SIZE)
			register_access(host, host->bridge, run->mmio.phys_addr - BRIDGE_GPA);
		else if (run->mmio.phys_addr - DEVICE_GPA < BLOCK_SIZE)
			register_access(host, host->device, run->mmio.phys_addr - DEVICE_GPA);
		else
			return;
	}
}

static void expect_ucall(struct softhost *host, u64 cmd)
{
	struct ucall uc;

	TEST_ASSERT_KVM_EXIT_REASON(host->vcpu, KVM_EXIT_IO);
	if (get_ucall(host->vcpu, &uc) == UCALL_ABORT)
		REPORT_GUEST_ASSERT(uc);
	TEST_ASSERT_EQ(uc.cmd, cmd);
}

FIXTURE(cxl_softhost) {
	struct softhost host;
};

FIXTURE_SETUP(cxl_softhost)
{
	struct softhost *host = &self->host;
	struct kvm_vm *vm = vm_create_with_one_vcpu(&host->vcpu, NULL);

	virt_map(vm, BRIDGE_GPA, BRIDGE_GPA, BLOCK_SIZE / vm->page_size);
	virt_map(vm, DEVICE_GPA, DEVICE_GPA, BLOCK_SIZE / vm->page_size);
	virt_map_level(vm, WINDOW_GPA, WINDOW_GPA, WINDOW_SIZE, PG_LEVEL_2M);

	/* In the process that runs the VM, which a test has to itself */
	host->fd = open_path_or_exit("/dev/cxl-softhost", O_RDWR | O_CLOEXEC);
	host->memory = kvm_mmap(WINDOW_SIZE, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	create_hierarchy(host);
	attach(host);
}

FIXTURE_TEARDOWN(cxl_softhost)
{
	struct softhost *host = &self->host;

	kvm_close(host->fd);
	kvm_vm_free(host->vcpu->vm);
	kvm_munmap(host->memory, WINDOW_SIZE);
}

static void guest_uses_memory(void)
{
	guest_commit_both();
	GUEST_SYNC(0);
	guest_fill();
	guest_check();
	GUEST_DONE();
}

TEST_F(cxl_softhost, committed_memory_is_ram)
{
	struct softhost *host = &self->host;
	u64 exits, gpa;

	vcpu_arch_set_entry_point(host->vcpu, guest_uses_memory);
	run_guest(host);
	expect_ucall(host, UCALL_SYNC);
	TEST_ASSERT_EQ(host->result.outcome, CXL_SOFTHOST_OUTCOME_COMMITTED);

	/* One run, up to the next ucall: no access exits */
	exits = vcpu_get_stat(host->vcpu, mmio_exits);
	vcpu_run(host->vcpu);
	expect_ucall(host, UCALL_DONE);
	TEST_ASSERT_EQ(vcpu_get_stat(host->vcpu, mmio_exits), exits);
	for_each_word(gpa)
		TEST_ASSERT_EQ(host->memory[(gpa - WINDOW_GPA) / sizeof(u64)], PATTERN(gpa));
}

static void guest_uncommits(void)
{
	guest_commit_both();
	guest_fill();
	guest_writel(DEVICE_GPA + HDM_CONTROL, 0);
	GUEST_ASSERT(!guest_is_committed(DEVICE_GPA));
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(READ_ONCE(*(u64 *)WINDOW_GPA), ~0ULL);
	guest_commit(DEVICE_GPA);
	guest_check();
	GUEST_DONE();
}

TEST_F(cxl_softhost, uncommitted_memory_exits_and_keeps_its_bytes)
{
	struct softhost *host = &self->host;
	struct kvm_run *run = host->vcpu->run;
	u64 exits;

	vcpu_arch_set_entry_point(host->vcpu, guest_uncommits);
	run_guest(host);
	expect_ucall(host, UCALL_SYNC);
	TEST_ASSERT_EQ(host->result.outcome, CXL_SOFTHOST_OUTCOME_UNCOMMITTED);

	exits = vcpu_get_stat(host->vcpu, mmio_exits);
	run_guest(host);
	TEST_ASSERT_KVM_EXIT_REASON(host->vcpu, KVM_EXIT_MMIO);
	TEST_ASSERT_EQ(run->mmio.phys_addr, WINDOW_GPA);
	TEST_ASSERT_EQ(run->mmio.len, sizeof(u64));
	TEST_ASSERT(!run->mmio.is_write, "The guest reads");
	TEST_ASSERT_EQ(vcpu_get_stat(host->vcpu, mmio_exits), exits + 1);

	/* Where nothing answers */
	memset(run->mmio.data, 0xff, run->mmio.len);
	run_guest(host);
	expect_ucall(host, UCALL_DONE);
}

int main(int argc, char *argv[])
{
	close(open_path_or_exit("/dev/cxl-softhost", O_RDWR | O_CLOEXEC));
	return test_harness_run(argc, argv);
}
