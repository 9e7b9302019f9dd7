// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a host lives whose descriptors are spread over processes, and what one
 * process can't do to the others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock.h"
#include "phases.h"
#include "process.h"
#include "vm.h"

#define SET_UP CXL_SOFTHOST_RIGHT_SET_UP
#define REGISTERS CXL_SOFTHOST_RIGHT_REGISTERS
#define READ CXL_SOFTHOST_RIGHT_READ

/* What a device model still gets when nobody owns the VM any more */
static void expect_revoked(const struct host *host, int fd)
{
	struct cxl_softhost_reg_read out;
	struct cxl_softhost_translate answer;

	EXPECT_RETURN(-ENODEV, __reg_read(fd, host->endpoints[0].id, HDM_GLOBAL, 4, &out));
	EXPECT_RETURN(-ENODEV, __reg_write(fd, host->endpoints[0].id, HDM_GLOBAL, 4, 0, NULL));
	EXPECT_RETURN(-ENODEV, __reset(fd, host->endpoints[0].id, NULL));
	EXPECT_RETURN(-ENODEV, __translate(fd, WINDOW_HPA, &answer));
}

TEST(the_last_descriptor_that_sets_up_takes_the_VM_along)
{
	int live = mock_live(), vm_fd, setter, model;
	struct host host;

	host_create(&host, NULL);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	setter = fd_create(host.fd, SET_UP);
	model = fd_create(host.fd, REGISTERS | READ);
	ASSERT_DONE(close(vm_fd));

	test_context("one that sets up is left");
	ASSERT_DONE(close(host.fd));
	EXPECT_RETURN(0, __reg_write(model, host.endpoints[0].id, HDM_GLOBAL, 4,
				     HDM_GLOBAL_ENABLE, NULL));
	EXPECT_EQ(live + 1, mock_live());
	test_context("none is");
	ASSERT_DONE(close(setter));
	expect_revoked(&host, model);
	EXPECT_LIVE(live, 5000);
	ASSERT_DONE(close(model));
}

struct owner {
	int live;
	bool execs;
};

__attribute__((constructor)) static void after_exec(void)
{
	const char *what;

	if (exec_descriptor(&what) < 0)
		return;
	/* What was the owner runs on, as another program */
	pause();
}

/* The owner: a process that makes all of it, hands a descriptor on, and goes. */
static void own_and_go(struct child *self, void *data)
{
	struct owner *owner = data;
	struct host host;
	int vm_fd;

	host_create(&host, NULL);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_EQ(sizeof(host), write(self->socket, &host, sizeof(host)));
	child_send(self, fd_create(host.fd, REGISTERS | READ));
	child_receive(self);
	if (owner->execs)
		exec_with(open("/dev/null", O_RDONLY), "owner");
}

static void outlive(bool execs)
{
	struct owner owner = { .live = mock_live(), .execs = execs };
	struct child child;
	struct host host;
	unsigned int i;
	int fd, status;

	child_start(&child, own_and_go, &owner);
	ASSERT_EQ(sizeof(host), read(child.socket, &host, sizeof(host)));
	fd = child_receive(&child);
	EXPECT_EQ(owner.live + 1, mock_live());
	EXPECT_RETURN(0, __reg_write(fd, host.endpoints[0].id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE,
				     NULL));
	child_send(&child, -1);
	for (i = 0; i < 500; i++) {
		if (__reg_write(fd, host.endpoints[0].id, HDM_GLOBAL, 4, HDM_GLOBAL_ENABLE,
				NULL) == -ENODEV)
			break;
		usleep(10000);
	}
	expect_revoked(&host, fd);
	EXPECT_LIVE(owner.live, 5000);
	ASSERT_DONE(kill(child.pid, SIGKILL));
	ASSERT_DONE(waitpid(child.pid, &status, 0));
	ASSERT_DONE(close(fd));
}

TEST(a_dead_owner_has_no_VM)
{
	outlive(false);
}

TEST(an_owner_that_calls_exec_has_no_VM)
{
	outlive(true);
}

/* A commit of a device model that is under way when the owner is killed */
struct committer {
	struct host host;
	struct cxl_softhost_result result;
	int ret;
};

static void *commit_thread(void *data)
{
	struct committer *committer = data;
	struct cxl_softhost_reg_write args = {
		.size = sizeof(args),
		.node_id = committer->host.endpoints[0].id,
		.offset = HDM_DECODER(0) + HDM_CONTROL,
		.width = 4,
		.value = CONTROL_COMMIT,
	};

	committer->ret = softhost_ioctl(committer->host.fd, CXL_SOFTHOST_REG_WRITE, &args);
	committer->result = args.out_result;
	return NULL;
}

static void own_a_slow_VM(struct child *self, void *data)
{
	struct host host;
	int vm_fd;

	(void)data;
	host_create(&host, NULL);
	vm_fd = mock_create();
	attach(host.fd, vm_fd, 100, 0);
	host_enable(&host, 0);
	ASSERT_EQ(sizeof(host), write(self->socket, &host, sizeof(host)));
	child_send(self, fd_create(host.fd, REGISTERS | READ));
	child_send(self, vm_fd);
	for (;;)
		pause();
}

TEST(an_owner_killed_while_another_process_commits)
{
	struct decoder decoder = { .base = WINDOW_HPA, .size = UNIT };
	struct committer committer = { .ret = 1 };
	int live = mock_live(), vm_fd, status;
	struct child child;
	pthread_t thread;

	child_start(&child, own_a_slow_VM, NULL);
	ASSERT_EQ(sizeof(committer.host), read(child.socket, &committer.host,
					       sizeof(committer.host)));
	committer.host.fd = child_receive(&child);
	vm_fd = child_receive(&child);
	decoder_program(committer.host.fd, committer.host.endpoints[0].id, 0, &decoder);
	mock_hold(vm_fd, MOCKVM_MASK(CREATE));
	ASSERT_EQ(0, pthread_create(&thread, NULL, commit_thread, &committer));
	ASSERT_TRUE(mock_wait_held(vm_fd, 10000));

	test_context("I7: the guest's other accesses don't wait for it");
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENDPOINT_DECODER,
		  translate(committer.host.fd, WINDOW_HPA).out_reason);
	EXPECT_EQ(0, decoder_control(committer.host.fd, committer.host.endpoints[0].id, 0));

	ASSERT_DONE(kill(child.pid, SIGKILL));
	ASSERT_DONE(waitpid(child.pid, &status, 0));
	/* Its memory is kept until the command is through, not longer */
	mock_release(vm_fd);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_RETURN(0, committer.ret);
	EXPECT_RESULT(COMMITTED, NONE, committer.result);
	expect_revoked(&committer.host, committer.host.fd);
	ASSERT_DONE(close(committer.host.fd));
	ASSERT_DONE(close(vm_fd));
	EXPECT_LIVE(live, 5000);
}

/* A page that its process never fills: whoever reads or writes it waits */
static void *stalled_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		test_skip("no userfaultfd: %s", strerror(errno));
	ASSERT_TRUE(page != MAP_FAILED);
	ASSERT_DONE(ioctl(fd, UFFDIO_API, &api));
	range.range.start = (uintptr_t)page;
	range.range.len = PAGE;
	ASSERT_DONE(ioctl(fd, UFFDIO_REGISTER, &range));
	return page;
}

struct stall {
	int fd;
	unsigned int how;
};

static void stall(struct child *self, void *data)
{
	struct stall *stall = data;
	struct cxl_softhost_map_get get = {
		.size = sizeof(get), .entry_size = sizeof(struct cxl_softhost_segment), .count = 32,
	};
	void *page = stalled_page();

	child_send(self, -1);
	if (stall->how == 0) {
		/* The answer's array */
		get.entries = (uintptr_t)page;
		softhost_ioctl(stall->fd, CXL_SOFTHOST_MAP_GET, &get);
	} else {
		/* The command itself */
		softhost_ioctl(stall->fd, CXL_SOFTHOST_REG_WRITE, page);
	}
	test_fail(__FILE__, __LINE__, "it came back");
}

TEST(who_stalls_its_own_memory_holds_nobody_up)
{
	struct stall data;
	struct host host;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	data.fd = fd_create(host.fd, REGISTERS | READ);
	for (data.how = 0; data.how < 2; data.how++) {
		struct child child;
		int status;

		child_start(&child, stall, &data);
		child_receive(&child);
		usleep(200000);
		EXPECT_EQ(0, waitpid(child.pid, &status, WNOHANG));
		EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
		EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
		EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
		EXPECT_EQ(0, waitpid(child.pid, &status, WNOHANG));
		ASSERT_DONE(kill(child.pid, SIGKILL));
		ASSERT_DONE(waitpid(child.pid, &status, 0));
	}
}
