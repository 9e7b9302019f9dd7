// SPDX-License-Identifier: GPL-2.0-only
/* Who may use which descriptor: processes, and files that are no VM. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "mock.h"
#include "process.h"

/* Every command, from a process whose memory isn't the owner's: @data is the error. */
struct foreign_use {
	const struct command *command;
	struct context *context;
	int expected;
};

static void use_command(void *data)
{
	struct foreign_use *use = data;
	union argument argument = { .head = { 0 } };

	use->command->fill(use->context, &argument);
	EXPECT_RETURN(use->expected, softhost_ioctl(use->context->host.fd, use->command->number,
						    &argument));
}

TEST_TIMEOUT(forked_child_gets_EPERM_from_every_command, 120)
{
	unsigned int i;

	for (i = 0; i < command_count; i++) {
		struct foreign_use use = {
			.command = &commands[i],
			.context = context_create(&commands[i]),
			.expected = -EPERM,
		};

		test_context("%s", commands[i].name);
		EXPECT_TRUE(in_child(use_command, &use));
		/* It changed nothing. */
		use.expected = 0;
		use_command(&use);
		context_destroy(use.context);
	}
}

static void pass_host_and_exit(struct child *self, void *data)
{
	(void)data;
	child_send(self, softhost_open());
	child_receive(self);
}

TEST(descriptor_passed_on_is_EPERM_and_after_its_owner_died_ENODEV)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };
	struct child owner;
	int fd;

	child_start(&owner, pass_host_and_exit, NULL);
	fd = child_receive(&owner);
	EXPECT_RETURN(-EPERM, softhost_ioctl(fd, CXL_SOFTHOST_INFO, &info));
	child_send(&owner, -1);
	ASSERT_TRUE(child_join(&owner));
	EXPECT_RETURN(-ENODEV, softhost_ioctl(fd, CXL_SOFTHOST_INFO, &info));
	EXPECT_RETURN(-ENODEV, __backend_create(fd, memory_reserve(PAGE), PAGE, 0, NULL));
	ASSERT_DONE(close(fd));
}

static void exec_with_host(void *data)
{
	(void)data;
	exec_with(softhost_open(), "owner");
}

__attribute__((constructor)) static void after_exec(void)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };
	const char *what;
	int fd = exec_descriptor(&what);

	if (fd < 0)
		return;
	EXPECT_RETURN(-ENODEV, softhost_ioctl(fd, CXL_SOFTHOST_INFO, &info));
	test_end();
}

TEST(owner_that_called_exec_gets_ENODEV)
{
	EXPECT_TRUE(in_child(exec_with_host, NULL));
}

static void *use_in_thread(void *data)
{
	softhost_info(*(int *)data);
	return NULL;
}

TEST(threads_of_the_owner_may_use_it)
{
	int fd = softhost_open();
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, use_in_thread, &fd));
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

static void pass_vm_and_exit(struct child *self, void *data)
{
	struct vm vm;

	(void)data;
	vm_create(&vm);
	child_send(self, vm.fd);
	child_receive(self);
}

TEST(VM_of_another_process_is_EIO)
{
	struct child other;
	struct host host;
	int fd;

	host_create(&host, NULL);
	child_start(&other, pass_vm_and_exit, NULL);
	fd = child_receive(&other);
	EXPECT_RETURN(-EIO, __attach(host.fd, fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
	child_send(&other, -1);
	ASSERT_TRUE(child_join(&other));
	EXPECT_RETURN(-EIO, __attach(host.fd, fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
}

TEST(dead_VM_is_EIO)
{
	struct host host;
	int vm_fd;

	host_create(&host, NULL);
	vm_fd = mock_create();
	mock_set_dead(vm_fd);
	EXPECT_RETURN(-EIO, __attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
}

/* A file on a file system, with the name that VM files have. */
static int file_called_kvm_vm(void)
{
	ASSERT_DONE(chdir("/tmp"));
	return ASSERT_DONE(open("kvm-vm", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
}

TEST(file_that_is_not_a_VM_is_EBADF)
{
	struct host host;
	struct vm vm;
	struct {
		const char *what;
		int fd;
	} files[14];
	unsigned int i, count = 0;

	host_create(&host, NULL);
	vm_create(&vm);
#define FILE_TO_TRY(text, open) { files[count].what = text; files[count++].fd = open; }
	FILE_TO_TRY("no descriptor", -1);
	FILE_TO_TRY("closed descriptor", 999);
	FILE_TO_TRY("regular file called kvm-vm", file_called_kvm_vm());
	FILE_TO_TRY("memfd called kvm-vm", memfd_create("kvm-vm", 0));
	FILE_TO_TRY("eventfd", eventfd(0, 0));
	FILE_TO_TRY("/dev/kvm", kvm_open());
	FILE_TO_TRY("vCPU", ASSERT_DONE(ioctl(vm.fd, KVM_CREATE_VCPU, 0)));
	FILE_TO_TRY("the host itself", host.fd);
	FILE_TO_TRY("another host", softhost_open());
	FILE_TO_TRY("directory", ASSERT_DONE(open("/tmp", O_RDONLY)));
	FILE_TO_TRY("O_PATH", ASSERT_DONE(open("/dev/kvm", O_PATH)));
	FILE_TO_TRY("answers as a VM, other name", mock_create_named("kvm-vm2"));
	FILE_TO_TRY("answers as a VM, other name", mock_create_named("kvm-v"));
	FILE_TO_TRY("answers as a VM, other name", mock_create_named("[kvm-vm]"));
	for (i = 0; i < count; i++) {
		test_context("%s", files[i].what);
		EXPECT_RETURN(-EBADF, __attach(host.fd, files[i].fd, CXL_SOFTHOST_SLOT_TOP, 4,
					       NULL));
	}
	unlink("kvm-vm");
	/* None of that is in the way of the real one. */
	EXPECT_RETURN(0, __attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
}

TEST(open_hosts_do_not_know_each_other)
{
	struct host one, other;
	struct cxl_softhost_reg_read out;

	host_create(&one, NULL);
	other.fd = softhost_open();
	EXPECT_RETURN(-ENOENT, __reg_read(other.fd, one.endpoints[0].id, HDM_GLOBAL, 4, &out));
	EXPECT_RETURN(-ENOENT, __destroy(other.fd, one.windows[0], NULL));
}

TEST(VM_that_cannot_lose_memory_is_EOPNOTSUPP)
{
	struct host host;
	int vm_fd;

	host_create(&host, NULL);
	vm_fd = mock_create();
	test_context("SEV-ES, SEV-SNP, TDX, pKVM: no read-only memory");
	mock_set_cap(vm_fd, KVM_CAP_READONLY_MEM, 0);
	EXPECT_RETURN(-EOPNOTSUPP, __attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
	mock_set_cap(vm_fd, KVM_CAP_READONLY_MEM, 1);
	test_context("private memory");
	mock_set_cap(vm_fd, KVM_CAP_MEMORY_ATTRIBUTES, 8);
	EXPECT_RETURN(-EOPNOTSUPP, __attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
	mock_set_cap(vm_fd, KVM_CAP_MEMORY_ATTRIBUTES, 0);
	/* No slot was touched to find that out. */
	EXPECT_EQ(0, mock_get_log(vm_fd).count);
	test_context("neither");
	EXPECT_RETURN(0, __attach(host.fd, vm_fd, CXL_SOFTHOST_SLOT_TOP, 4, NULL));
}

struct waiter {
	int fd;
	uint32_t window_bridge;
	int ret;
};

static int wait_for_lock(void *data)
{
	struct waiter *waiter = data;
	uint32_t id;

	waiter->ret = __window_create(waiter->fd, 0x4000000000ULL, UNIT, waiter->window_bridge,
				      &id);
	return 0;
}

static void *commit_in_thread(void *data)
{
	struct host *host = data;

	EXPECT_RESULT(COMMITTED, NONE, host_commit(host, 0, 0, WINDOW_HPA, UNIT));
	return NULL;
}

/* A process that shares the owner's memory, killed while a command waits its turn. */
TEST(killed_while_waiting_nothing_was_done)
{
	static uint8_t stack[64 << 10] __attribute__((aligned(16)));
	struct waiter waiter = { .ret = 12345 };
	struct map before, after;
	pthread_t thread;
	struct host host;
	int vm_fd, status;
	pid_t pid;

	host_create(&host, NULL);
	host_enable(&host, 0);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	before = map_get(host.fd);
	waiter.fd = host.fd;
	waiter.window_bridge = host.bridge;

	mock_hold(vm_fd, MOCKVM_MASK(CREATE));
	ASSERT_EQ(0, pthread_create(&thread, NULL, commit_in_thread, &host));
	ASSERT_TRUE(mock_wait_held(vm_fd, 10000));
	pid = ASSERT_DONE(clone(wait_for_lock, stack + sizeof(stack),
				CLONE_VM | CLONE_FILES | SIGCHLD, &waiter));
	usleep(100000);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	ASSERT_DONE(kill(pid, SIGKILL));
	/* It goes at once, not when the lock is free. */
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(12345, waiter.ret);
	EXPECT_EQ(0, mock_slot_count(vm_fd));
	mock_release(vm_fd);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	after = map_get(host.fd);
	EXPECT_TRUE(map_equal(&before, &after));
}
