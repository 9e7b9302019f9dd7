// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who pays for what KVM allocates when another process than the owner commits: the
 * owner. Seen by what the kernel says of two memory cgroups.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "process.h"
#include "softhost.h"
#include "vm.h"

#define GROUPS "/tmp/memory-cgroups"
#define OWNER GROUPS "/owner"
#define OTHER GROUPS "/other"

/*
 * A slot so large that KVM's own bookkeeping of it can't be overlooked: 4 bytes for
 * each huge page of 2 MiB. Emulated processors have addresses of 40 bits.
 */
#define LENGTH (1ULL << 39)
#define LEAST (LENGTH / (2 << 20) * 4)
/* Kernel memory comes and goes a little meanwhile; and counts are not exact */
#define NOISE (LEAST / 8)

struct delegate {
	const struct host *host;
	int fd;
	bool own;		/* to be done as the owner */
};

static bool put(const char *file, const char *text)
{
	FILE *stream = fopen(file, "w");
	bool done = stream && fputs(text, stream) >= 0;

	if (stream && fclose(stream))
		done = false;
	return done;
}

static void make_groups(void)
{
	mkdir(GROUPS, 0700);
	if (mount("none", GROUPS, "cgroup2", 0, NULL)) {
		/* Another test's is there already; a kernel without doesn't know the name */
		ASSERT_TRUE(errno == EBUSY || errno == ENODEV);
		if (errno == ENODEV)
			test_skip("no memory cgroups in this kernel");
	}
	put(GROUPS "/cgroup.subtree_control", "+memory");
	mkdir(OWNER, 0700);
	mkdir(OTHER, 0700);
	if (access(OWNER "/memory.stat", R_OK))
		test_skip("no memory cgroups in this kernel");
}

static void enter(const char *group)
{
	char file[64], pid[16];

	snprintf(file, sizeof(file), "%s/cgroup.procs", group);
	snprintf(pid, sizeof(pid), "%d", getpid());
	ASSERT_TRUE(put(file, pid));
}

/* Kernel memory, bytes */
static int64_t charged(const char *group)
{
	char file[64], name[64];
	FILE *stream;
	int64_t value = -1;

	snprintf(file, sizeof(file), "%s/memory.stat", group);
	stream = fopen(file, "r");
	ASSERT_TRUE(stream);
	while (fscanf(stream, "%63s %" SCNd64, name, &value) == 2)
		if (strcmp(name, "kernel") == 0)
			break;
	fclose(stream);
	ASSERT_TRUE(strcmp(name, "kernel") == 0);
	return value;
}

static void commit_and_look(void *data)
{
	const struct delegate *delegate = data;
	const struct decoder decoder = { .base = WINDOW_HPA, .size = LENGTH };
	uint32_t device = delegate->host->endpoints[0].id;
	int64_t owner, other;

	if (!delegate->own)
		enter(OTHER);
	owner = charged(OWNER);
	other = charged(OTHER);
	ASSERT_RESULT(COMMITTED, NONE, decoder_commit(delegate->fd, device, 0, &decoder));
	owner = charged(OWNER) - owner;
	other = charged(OTHER) - other;
	test_note("a commit in %s process: %" PRId64 " bytes for the owner, %" PRId64 " for the other",
		  delegate->own ? "the owner's" : "another", owner, other);
	EXPECT_TRUE(owner >= (int64_t)(LEAST - NOISE));
	EXPECT_TRUE(other <= (int64_t)NOISE);
}

static void charge(bool own)
{
	struct delegate delegate = { .own = own };
	struct host host;
	struct vm vm;

	make_groups();
	enter(OWNER);
	host_create(&host, &(struct host_config){
		.windows = { { WINDOW_HPA, LENGTH } }, .volatile_units = LENGTH / UNIT,
	});
	vm_create(&vm);
	attach(host.fd, vm.fd, CXL_SOFTHOST_SLOT_TOP, 0);
	host_enable(&host, 0);
	delegate.host = &host;
	delegate.fd = own ? host.fd :
			    fd_create(host.fd, CXL_SOFTHOST_RIGHT_REGISTERS |
					       CXL_SOFTHOST_RIGHT_READ);
	if (own)
		commit_and_look(&delegate);
	else
		ASSERT_TRUE(in_child(commit_and_look, &delegate));
	host_close(&host);
}

/* What the next test is compared with */
TEST(a_commit_of_the_owner_is_charged_to_it)
{
	charge(true);
}

TEST(a_commit_from_another_process_is_charged_to_the_owner)
{
	charge(false);
}
