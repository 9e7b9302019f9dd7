// SPDX-License-Identifier: GPL-2.0-only
/* The VM that fails on demand. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mock.h"

static int mock_device(void)
{
	return ASSERT_DONE(open(MOCK_DEVICE, O_RDWR | O_CLOEXEC));
}

int mock_create(void)
{
	int device = mock_device();
	int fd = ASSERT_DONE(ioctl(device, MOCKVM_CREATE));

	ASSERT_DONE(close(device));
	return fd;
}

int mock_create_named(const char *name)
{
	int device = mock_device();
	int fd = ASSERT_DONE(ioctl(device, MOCKVM_CREATE_NAMED, name));

	ASSERT_DONE(close(device));
	return fd;
}

int mock_live(void)
{
	int device = mock_device();
	int count = ASSERT_DONE(ioctl(device, MOCKVM_LIVE));

	ASSERT_DONE(close(device));
	return count;
}

bool check_live(const char *file, int line, int expected, unsigned int ms)
{
	int live = mock_live();
	unsigned int waited;

	for (waited = 0; waited < ms && live != expected; waited += 20) {
		usleep(20000);
		live = mock_live();
	}
	if (live == expected)
		return true;
	test_fail(file, line, "expected %d VMs, found %d", expected, live);
	return false;
}

void mock_set_cap(int vm_fd, uint32_t cap, int32_t value)
{
	struct mockvm_cap args = { .cap = cap, .value = value };

	ASSERT_DONE(ioctl(vm_fd, MOCKVM_SET_CAP, &args));
}

static void add_rule(int vm_fd, struct mockvm_fail rule)
{
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_FAIL, &rule));
}

void mock_fail(int vm_fd, uint32_t ops, uint32_t nth, int error, uint64_t min_size)
{
	add_rule(vm_fd, (struct mockvm_fail){
		.ops = ops, .nth = nth, .error = error, .min_size = min_size,
	});
}

void mock_fail_always(int vm_fd, uint32_t ops, uint32_t nth, int error, uint64_t min_size)
{
	add_rule(vm_fd, (struct mockvm_fail){
		.ops = ops, .nth = nth, .error = error, .min_size = min_size, .always = 1,
	});
}

void mock_fail_clear(int vm_fd)
{
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_FAIL_CLEAR));
}

void mock_hold(int vm_fd, uint32_t ops)
{
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_HOLD, (unsigned long)ops));
}

bool mock_wait_held(int vm_fd, unsigned int ms)
{
	if (ioctl(vm_fd, MOCKVM_WAIT_HELD, (unsigned long)ms) == 0)
		return true;
	ASSERT_EQ(ETIMEDOUT, errno);
	return false;
}

void mock_release(int vm_fd)
{
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_RELEASE));
}

void mock_set_dead(int vm_fd)
{
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_SET_DEAD));
}

void mock_get_slots(int vm_fd, struct mock_slots *slots)
{
	struct mockvm_slots args = {
		.count = MOCK_MAX_SLOTS,
		.slots = (uintptr_t)slots->slots,
	};

	memset(slots, 0, sizeof(*slots));
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_GET_SLOTS, &args));
	ASSERT_TRUE(args.count <= MOCK_MAX_SLOTS);
	slots->count = args.count;
}

unsigned int mock_slot_count(int vm_fd)
{
	static struct mock_slots slots;

	mock_get_slots(vm_fd, &slots);
	return slots.count;
}

static const struct mockvm_slot *find_slot(const struct mock_slots *slots, uint32_t number)
{
	unsigned int i;

	for (i = 0; i < slots->count; i++)
		if (slots->slots[i].slot == number)
			return &slots->slots[i];
	return NULL;
}

bool mock_slots_equal(const struct mock_slots *one, const struct mock_slots *other)
{
	unsigned int i;

	if (one->count != other->count)
		return false;
	for (i = 0; i < one->count; i++) {
		const struct mockvm_slot *same = find_slot(other, one->slots[i].slot);

		if (!same || memcmp(same, &one->slots[i], sizeof(*same)))
			return false;
	}
	return true;
}

struct mock_log mock_get_log(int vm_fd)
{
	struct mock_log log = { .calls = calloc(MOCKVM_LOG_SIZE, sizeof(*log.calls)) };
	struct mockvm_log args = { .count = MOCKVM_LOG_SIZE, .calls = (uintptr_t)log.calls };

	ASSERT_TRUE(log.calls);
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_GET_LOG, &args));
	ASSERT_TRUE(args.count <= MOCKVM_LOG_SIZE);
	log.count = args.count;
	return log;
}

void mock_clear_log(int vm_fd)
{
	ASSERT_DONE(ioctl(vm_fd, MOCKVM_CLEAR_LOG));
}

unsigned int mock_log_count(int vm_fd, enum mockvm_op op, int result)
{
	struct mock_log log = mock_get_log(vm_fd);
	unsigned int i, count = 0;

	for (i = 0; i < log.count; i++)
		count += log.calls[i].op == op && log.calls[i].result == result;
	free(log.calls);
	return count;
}

void mock_log_note(int vm_fd)
{
	static const char *const names[] = {
		"create", "delete", "move", "flags", "nothing", "refused",
	};
	struct mock_log log = mock_get_log(vm_fd);
	unsigned int i;

	for (i = 0; i < log.count; i++)
		test_note("  %s slot %u, %#llx + %#llx: %d", names[log.calls[i].op],
			  log.calls[i].region.slot, log.calls[i].region.gpa,
			  log.calls[i].region.size, log.calls[i].result);
	free(log.calls);
}

bool check_slots(const char *file, int line, int fd, int vm_fd)
{
	static struct mock_slots slots;
	struct map map = map_get(fd);
	unsigned int i, listed = 0;
	bool same = true;

	mock_get_slots(vm_fd, &slots);
	for (i = 0; i < map.count; i++) {
		const struct cxl_softhost_segment *segment = &map.segments[i];
		const struct mockvm_slot *slot;

		if (segment->kind == CXL_SOFTHOST_SEGMENT_HOLE ||
		    segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED)
			continue;
		listed++;
		slot = find_slot(&slots, segment->slot);
		if (slot && slot->gpa == segment->hpa && slot->size == segment->length &&
		    slot->addr == segment->host_addr && slot->flags == 0)
			continue;
		test_fail(file, line, "segment %#llx + %#llx at %#llx: expected slot %d there, found %s",
			  segment->hpa, segment->length, segment->host_addr,
			  (int)segment->slot, slot ? "it elsewhere" : "none");
		same = false;
	}
	if (listed != slots.count) {
		test_fail(file, line, "slots of the VM: expected %u, found %u", listed,
			  slots.count);
		same = false;
	}
	if (!same)
		map_note(&map);
	map_free(&map);
	return same;
}
