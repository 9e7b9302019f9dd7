/* SPDX-License-Identifier: GPL-2.0-only */
/* The VM that fails on demand: mockvm.ko, and comparing its slots with the map. */
#ifndef CXL_SOFTHOST_TEST_MOCK_H
#define CXL_SOFTHOST_TEST_MOCK_H

#include "fixture.h"
#include "mockvm.h"

#define MOCK_DEVICE "/dev/" MOCKVM_NAME

/* Operations on at least so much: ATTACH's proofs, a page each, left out. */
#define NOT_PROOFS UNIT

int mock_create(void);
/* the same, but the file has another name */
int mock_create_named(const char *name);
/* VMs not released yet, of whoever made them */
int mock_live(void);
/*
 * So many are left, if not now then within @ms: the files of VMs are put a moment
 * after the last descriptor.
 */
bool check_live(const char *file, int line, int expected, unsigned int ms);
#define EXPECT_LIVE(expected, ms) check_live(__FILE__, __LINE__, expected, ms)
void mock_set_cap(int vm_fd, uint32_t cap, int32_t value);
/* The @nth operation of @ops on @min_size bytes or more gets @error. */
void mock_fail(int vm_fd, uint32_t ops, uint32_t nth, int error, uint64_t min_size);
void mock_fail_always(int vm_fd, uint32_t ops, uint32_t nth, int error, uint64_t min_size);
void mock_fail_clear(int vm_fd);
void mock_hold(int vm_fd, uint32_t ops);
/* false if no operation waits within @ms */
bool mock_wait_held(int vm_fd, unsigned int ms);
void mock_release(int vm_fd);
void mock_set_dead(int vm_fd);

#define MOCK_MAX_SLOTS 512

struct mock_slots {
	uint32_t count;
	struct mockvm_slot slots[MOCK_MAX_SLOTS];
};

void mock_get_slots(int vm_fd, struct mock_slots *slots);
unsigned int mock_slot_count(int vm_fd);
bool mock_slots_equal(const struct mock_slots *one, const struct mock_slots *other);

struct mock_log {
	uint32_t count;
	struct mockvm_call *calls;
};

struct mock_log mock_get_log(int vm_fd);
void mock_clear_log(int vm_fd);
/* calls in the log that were @op and had that result */
unsigned int mock_log_count(int vm_fd, enum mockvm_op op, int result);
void mock_log_note(int vm_fd);

/*
 * The VM has exactly the slots that MAP_GET lists, with the places it lists:
 * one for each linear or condemned segment.
 */
bool check_slots(const char *file, int line, int fd, int vm_fd);
#define EXPECT_SLOTS_AS_MAPPED(fd, vm_fd) check_slots(__FILE__, __LINE__, fd, vm_fd)

#endif
