// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors with fewer rights: what each allows, and a device model in another
 * process that lets the guest program decoders and can't reach the VM.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands.h"
#include "mock.h"
#include "phases.h"
#include "process.h"

#define SET_UP CXL_SOFTHOST_RIGHT_SET_UP
#define APPLY CXL_SOFTHOST_RIGHT_APPLY
#define REGISTERS CXL_SOFTHOST_RIGHT_REGISTERS
#define READ CXL_SOFTHOST_RIGHT_READ

static unsigned int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	ASSERT_TRUE(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* Which rights, one of them, each command wants */
static const struct {
	const char *command;
	uint32_t rights;
	bool owner;
} wanted[] = {
	{ "INFO", READ, false },
	{ "HOST_SET", SET_UP, false },
	{ "BACKEND_CREATE", SET_UP, true },
	{ "WINDOW_CREATE", SET_UP, false },
	{ "NODE_CREATE", SET_UP, false },
	{ "DESTROY", SET_UP, false },
	{ "ATTACH", SET_UP, true },
	{ "DETACH", SET_UP, true },
	{ "FD_CREATE", SET_UP, false },
	{ "REG_READ", REGISTERS | READ, false },
	{ "REG_WRITE", REGISTERS, false },
	{ "NODE_SET", REGISTERS, false },
	{ "RESET", REGISTERS, false },
	{ "TRANSLATE", READ, false },
	{ "MAP_GET", READ, false },
	{ "DELTAS", READ, false },
	{ "APPLY", APPLY, false },
	{ "STATE_GET", READ, false },
	{ "STATE_SET", SET_UP, false },
	{ "DIRTY_LOG", APPLY, false },
};

struct use {
	const struct command *command;
	struct context *context;
	int fd;
	int expected;
};

static void use_it(void *data)
{
	struct use *use = data;
	union argument argument = { .head = { 0 } };

	use->command->fill(use->context, &argument);
	EXPECT_RETURN(use->expected, softhost_ioctl(use->fd, use->command->number, &argument));
}

TEST_TIMEOUT(each_right_allows_its_commands_and_no_others, 240)
{
	unsigned int i, bit, elsewhere;

	EXPECT_EQ(command_count, ARRAY_SIZE(wanted));
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		for (bit = 0; bit < 8; bit++) {
			const struct command *command = command_find(wanted[i].command);
			struct context *context = context_create(command);
			uint32_t rights = 1U << bit / 2;
			bool right = wanted[i].rights & rights;
			struct use use = { .command = command, .context = context };

			/* In this process, or in another one */
			elsewhere = bit % 2;
			test_context("%s, rights %#x%s", command->name, rights,
				     elsewhere ? ", elsewhere" : "");
			use.fd = fd_create(context->host.fd, rights);
			use.expected = right && !(wanted[i].owner && elsewhere) ? 0 : -EPERM;
			if (elsewhere)
				EXPECT_TRUE(in_child(use_it, &use));
			else
				use_it(&use);
			ASSERT_DONE(close(use.fd));
			context_destroy(context);
		}
	}
}

TEST(RESET_of_the_host_needs_the_right_to_apply)
{
	struct host host;
	int registers, apply;

	host_create(&host, NULL);
	registers = fd_create(host.fd, REGISTERS | READ);
	apply = fd_create(host.fd, APPLY);
	EXPECT_RETURN(-EPERM, __reset(registers, 0, NULL));
	EXPECT_RETURN(0, __reset(registers, host.endpoints[0].id, NULL));
	EXPECT_RETURN(-EPERM, __reset(apply, host.endpoints[0].id, NULL));
	EXPECT_RETURN(0, __reset(apply, 0, NULL));
}

TEST(FD_CREATE_checks_what_it_is_given)
{
	struct cxl_softhost_fd_create args = { .size = sizeof(args), .rights = READ };
	struct host host;
	unsigned int before;
	int setter, fd;

	host_create(&host, NULL);
	before = open_descriptors();
	args.rights = 0;
	EXPECT_RETURN(-EINVAL, softhost_ioctl(host.fd, CXL_SOFTHOST_FD_CREATE, &args));
	args.rights = READ | 0x10;
	EXPECT_RETURN(-EOPNOTSUPP, softhost_ioctl(host.fd, CXL_SOFTHOST_FD_CREATE, &args));
	args.rights = 1U << 31;
	EXPECT_RETURN(-EOPNOTSUPP, softhost_ioctl(host.fd, CXL_SOFTHOST_FD_CREATE, &args));
	args.rights = READ;
	args.__reserved = 1ULL << 40;
	EXPECT_RETURN(-EOPNOTSUPP, softhost_ioctl(host.fd, CXL_SOFTHOST_FD_CREATE, &args));
	EXPECT_EQ(before, open_descriptors());

	test_context("no more than one has");
	setter = fd_create(host.fd, SET_UP | READ);
	args = (struct cxl_softhost_fd_create){ .size = sizeof(args), .rights = REGISTERS };
	EXPECT_RETURN(-EPERM, softhost_ioctl(setter, CXL_SOFTHOST_FD_CREATE, &args));
	args.rights = SET_UP | READ | APPLY;
	EXPECT_RETURN(-EPERM, softhost_ioctl(setter, CXL_SOFTHOST_FD_CREATE, &args));
	fd = fd_create(setter, READ);
	EXPECT_RETURN(-EPERM, __reg_write(fd, host.endpoints[0].id, HDM_GLOBAL, 4, 0, NULL));
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));

	test_context("an answer that can't be written leaves no descriptor");
	{
		void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);

		ASSERT_TRUE(page != MAP_FAILED);
		memcpy(page, &(struct cxl_softhost_fd_create){
			.size = sizeof(args), .rights = READ }, sizeof(args));
		ASSERT_DONE(mprotect(page, PAGE, PROT_READ));
		fd = fd_create(host.fd, READ);
		ASSERT_DONE(close(fd));
		before = open_descriptors();
		EXPECT_RETURN(-EFAULT, softhost_ioctl(host.fd, CXL_SOFTHOST_FD_CREATE, page));
		EXPECT_EQ(before, open_descriptors());
		/* Nor does its number stay taken */
		EXPECT_EQ(fd, fd_create(host.fd, READ));
	}
}

/* A device model: what its guest does, with nothing but a descriptor. */
static void device_model(struct child *self, void *data)
{
	struct host host = *(struct host *)data;
	struct map map;

	close(host.fd);
	host.fd = child_receive(self);
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	map = map_get(host.fd);
	EXPECT_EQ(UNIT, map_find(&map, WINDOW_HPA)->length);
	EXPECT_TRUE(map_find(&map, WINDOW_HPA)->slot != CXL_SOFTHOST_NONE);
	EXPECT_EQ(0, map_find(&map, WINDOW_HPA)->host_addr);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, translate(host.fd, WINDOW_HPA).out_reason);
	child_send(self, -1);
	child_receive(self);
	EXPECT_RESULT(UNCOMMITTED, NONE, host_uncommit(&host, 0, 0));
	child_send(self, -1);
	child_receive(self);
	EXPECT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, host.endpoints[0].id, 0));
	EXPECT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA + UNIT, UNIT));
	EXPECT_RESULT(DONE, NONE, node_set_mem_enable(host.fd, host.endpoints[0].id, 1));
	child_send(self, -1);
}

TEST(another_process_commits_into_this_ones_VM)
{
	struct child child;
	struct host host;
	struct map map;
	struct vm vm;

	host_create(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	child_start(&child, device_model, &host);
	child_send(&child, fd_create(host.fd, REGISTERS | READ));
	child_receive(&child);
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
	map = map_get(host.fd);
	EXPECT_TRUE(map_find(&map, WINDOW_HPA)->host_addr);
	map_free(&map);
	child_send(&child, -1);
	child_receive(&child);
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, 4 * UNIT);
	child_send(&child, -1);
	child_receive(&child);
	EXPECT_MAPPED(&vm, WINDOW_HPA + UNIT, UNIT);
	EXPECT_TRUE(child_join(&child));
}

/* The guest's device model is elsewhere, who moves memory is here. */
static void pending_model(struct child *self, void *data)
{
	struct host host = *(struct host *)data;
	struct deltas deltas;

	host.fd = child_receive(self);
	EXPECT_RESULT(PENDING, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	deltas = deltas_get(host.fd, pending_token(host.fd));
	ASSERT_EQ(1, deltas.count);
	EXPECT_EQ(WINDOW_HPA, deltas.entries[0].segment.hpa);
	EXPECT_EQ(0, deltas.entries[0].segment.host_addr);
	deltas_free(&deltas);
	EXPECT_RETURN(-EPERM, __apply(host.fd, pending_token(host.fd), 0, NULL));
	child_send(self, -1);
	child_receive(self);
	EXPECT_TRUE(decoder_is_committed(host.fd, host.endpoints[0].id, 0));
}

TEST(two_phases_in_two_processes)
{
	struct child child;
	struct host host;
	struct vm vm;

	host_create_two_phase(&host, NULL);
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	child_start(&child, pending_model, &host);
	child_send(&child, fd_create(host.fd, REGISTERS | READ));
	child_receive(&child);
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, UNIT);
	EXPECT_RESULT(COMMITTED, NONE, phases_follow(host.fd, pending_token(host.fd)));
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
	child_send(&child, -1);
	EXPECT_TRUE(child_join(&child));
}

/* Memory that KVM can be given, and the VM itself, stay the owner's. */
static void set_up_elsewhere(struct child *self, void *data)
{
	struct host host = *(struct host *)data;
	uint8_t *memory = memory_reserve(UNIT);
	struct cxl_softhost_node_create switch_node = {
		.kind = CXL_SOFTHOST_NODE_SWITCH, .parent_id = host.bridge, .port = 1, .ports = 1,
	};

	host.fd = child_receive(self);
	EXPECT_RETURN(-EPERM, __backend_create(host.fd, memory, UNIT, 0, NULL));
	EXPECT_RETURN(-EPERM, __attach(host.fd, -1, CXL_SOFTHOST_SLOT_TOP, 0, NULL));
	EXPECT_RETURN(-EPERM, __detach(host.fd, NULL));
	node_create(host.fd, &switch_node);
	/* With memory in use: its slot goes, in the owner's VM */
	EXPECT_RESULT(UNCOMMITTED, NONE, destroy(host.fd, host.endpoints[0].id));
	child_send(self, -1);
}

TEST(setting_up_from_another_process)
{
	struct child child;
	struct host host;
	struct vm vm;

	host_create(&host, &(struct host_config){ .ports = 2, .bridge_decoders = 2 });
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	host_commit_bridge(&host, 0, WINDOW_HPA, UNIT, 0);
	host_commit(&host, 0, 0, WINDOW_HPA, UNIT);
	EXPECT_MAPPED(&vm, WINDOW_HPA, UNIT);
	child_start(&child, set_up_elsewhere, &host);
	child_send(&child, fd_create(host.fd, SET_UP | READ));
	child_receive(&child);
	EXPECT_TRUE(child_join(&child));
	EXPECT_NOT_MAPPED(&vm, WINDOW_HPA, UNIT);
}
