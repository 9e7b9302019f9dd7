// SPDX-License-Identifier: GPL-2.0-only
/* Things that other processes do. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

static bool ended_well(pid_t pid)
{
	int status;

	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool in_child(void (*work)(void *data), void *data)
{
	pid_t pid;

	fflush(stdout);
	pid = ASSERT_DONE(fork());
	if (pid == 0) {
		work(data);
		test_end();
	}
	return ended_well(pid);
}

void child_start(struct child *child, void (*work)(struct child *self, void *data), void *data)
{
	int sockets[2];

	fflush(stdout);
	ASSERT_DONE(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets));
	child->pid = ASSERT_DONE(fork());
	if (child->pid == 0) {
		close(sockets[0]);
		child->socket = sockets[1];
		work(child, data);
		test_end();
	}
	close(sockets[1]);
	child->socket = sockets[0];
}

void child_send(struct child *child, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 }, byte = 0;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *header;

	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	ASSERT_EQ(1, sendmsg(child->socket, &message, MSG_NOSIGNAL));
}

int child_receive(struct child *child)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec data = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header;
	int fd = -1;

	ASSERT_EQ(1, recvmsg(child->socket, &message, MSG_CMSG_CLOEXEC));
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

bool child_join(struct child *child)
{
	close(child->socket);
	return ended_well(child->pid);
}

/* After exec() the process is the same, its memory is another one. */
#define EXEC_DESCRIPTOR "TEST_DESCRIPTOR"
#define EXEC_WHAT "TEST_WHAT"

_Noreturn void exec_with(int fd, const char *what)
{
	char *arguments[] = { "test", NULL };
	char number[16];

	snprintf(number, sizeof(number), "%ld", ASSERT_DONE(fcntl(fd, F_DUPFD, 100)));
	ASSERT_DONE(setenv(EXEC_DESCRIPTOR, number, 1));
	ASSERT_DONE(setenv(EXEC_WHAT, what, 1));
	execv("/proc/self/exe", arguments);
	ASSERT_DONE(-1);
	abort();
}

int exec_descriptor(const char **what)
{
	const char *number = getenv(EXEC_DESCRIPTOR);

	*what = getenv(EXEC_WHAT);
	return number ? atoi(number) : -1;
}

unsigned int mappings_named(const char *name, uintptr_t *start)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned int count = 0;
	char line[512];

	ASSERT_TRUE(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (!strstr(line, name))
			continue;
		if (count++ == 0 && start)
			*start = strtoull(line, NULL, 16);
	}
	fclose(maps);
	return count;
}
