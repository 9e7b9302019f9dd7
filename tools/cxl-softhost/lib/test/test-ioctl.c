// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The wrappers send the right number and size, and give back -errno. ioctl() is
 * replaced here, so that the module isn't needed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cxlsofthost/host.h>

#include "tap.h"

static int seen_fd;
static unsigned long seen_request;
static uint32_t seen_size;
static void *seen_arg;
static int fail_with;

/* Takes the place of the C library's */
int ioctl(int fd, unsigned long request, ...);

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;

	va_start(args, request);
	seen_arg = va_arg(args, void *);
	va_end(args);
	seen_fd = fd;
	seen_request = request;
	memcpy(&seen_size, seen_arg, sizeof(seen_size));
	if (!fail_with)
		return 0;
	errno = fail_with;
	return -1;
}

#define TEST(name, number) do {							\
	struct cxl_softhost_##name cmd;						\
										\
	memset(&cmd, 0, sizeof(cmd));						\
	seen_request = 0;							\
	fail_with = 0;								\
	eq(cxlsh_##name(42, &cmd), 0, #name ": 0");				\
	eq(seen_fd, 42, #name ": descriptor");					\
	eq(seen_request, 0xce00 | (number), #name ": request");			\
	eq(seen_size, sizeof(cmd), #name ": size");				\
	ok(seen_arg == &cmd, #name ": argument");				\
	fail_with = EXDEV;							\
	eq(cxlsh_##name(42, &cmd), -EXDEV, #name ": -errno");			\
} while (0)

static void test_ops(void)
{
	struct cxl_softhost_reg_read read = { .node_id = 1 };
	struct cxl_softhost_reg_write write = { .node_id = 1 };
	struct cxl_softhost_node_set set = { .node_id = 1 };
	struct cxl_softhost_reset reset = { .node_id = 1 };
	struct cxl_softhost_translate translate = { .addr = 1 };
	struct cxl_softhost_deltas deltas = { .token = 1 };
	struct cxl_softhost_apply apply = { .token = 1 };
	struct cxlsh_host host;

	memset(&host, 0xff, sizeof(host));
	cxlsh_host_init_fd(&host, 43);
	ok(!host.result, "no result callback");
	fail_with = 0;
	eq(host.ops->reg_read(host.ctx, &read), 0, "op reg_read");
	eq(seen_request, 0xce60, "op reg_read: request");
	eq(seen_fd, 43, "op reg_read: descriptor");
	eq(host.ops->reg_write(host.ctx, &write), 0, "op reg_write");
	eq(seen_request, 0xce61, "op reg_write: request");
	eq(host.ops->node_set(host.ctx, &set), 0, "op node_set");
	eq(seen_request, 0xce62, "op node_set: request");
	eq(host.ops->reset(host.ctx, &reset), 0, "op reset");
	eq(seen_request, 0xce63, "op reset: request");
	eq(host.ops->translate(host.ctx, &translate), 0, "op translate");
	eq(seen_request, 0xce64, "op translate: request");
	eq(host.ops->deltas(host.ctx, &deltas), 0, "op deltas");
	eq(seen_request, 0xce66, "op deltas: request");
	eq(deltas.entry_size, sizeof(struct cxl_softhost_delta), "op deltas: entry size");
	eq(host.ops->apply(host.ctx, &apply), 0, "op apply");
	eq(seen_request, 0xce67, "op apply: request");
	fail_with = ENODEV;
	eq(host.ops->translate(host.ctx, &translate), -ENODEV, "op translate: -errno");
}

int main(void)
{
	struct cxl_softhost_map_get map = { .count = 0 };
	struct cxl_softhost_state_get get = { .count = 0 };
	struct cxl_softhost_state_set set = { .count = 0 };
	int fd;

	TEST(info, 0x40);
	TEST(host_set, 0x41);
	TEST(backend_create, 0x42);
	TEST(window_create, 0x43);
	TEST(node_create, 0x44);
	TEST(destroy, 0x45);
	TEST(attach, 0x46);
	TEST(detach, 0x47);
	TEST(fd_create, 0x48);
	TEST(state_set, 0x49);
	TEST(reg_read, 0x60);
	TEST(reg_write, 0x61);
	TEST(node_set, 0x62);
	TEST(reset, 0x63);
	TEST(translate, 0x64);
	TEST(map_get, 0x65);
	TEST(deltas, 0x66);
	TEST(apply, 0x67);
	TEST(state_get, 0x68);
	TEST(dirty_log, 0x69);

	fail_with = 0;
	cxlsh_map_get(42, &map);
	eq(map.entry_size, sizeof(struct cxl_softhost_segment), "entry size filled in");
	map.entry_size = 4096;
	cxlsh_map_get(42, &map);
	eq(map.entry_size, 4096, "entry size kept");
	cxlsh_state_get(42, &get);
	eq(get.entry_size, sizeof(struct cxl_softhost_record), "a state's is filled in");
	get.entry_size = 4096;
	cxlsh_state_get(42, &get);
	eq(get.entry_size, 4096, "and kept");
	cxlsh_state_set(42, &set);
	eq(set.entry_size, sizeof(struct cxl_softhost_record), "also on the way back");
	set.entry_size = 4096;
	cxlsh_state_set(42, &set);
	eq(set.entry_size, 4096, "and kept");

	test_ops();

	eq(cxlsh_open("/nonexistent/device"), -ENOENT, "open: -errno");
	fd = cxlsh_open("/dev/null");
	ok(fd >= 0, "open: a descriptor");
	eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC, "close-on-exec");
	eq(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR, "read and write");
	close(fd);
	return tap_done();
}
