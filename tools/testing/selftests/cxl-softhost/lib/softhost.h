/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of /dev/cxl-softhost for tests, two spellings each where tests
 * need both: with two underscores a negative errno comes back, without them
 * anything but success ends the test.
 */
#ifndef CXL_SOFTHOST_TEST_SOFTHOST_H
#define CXL_SOFTHOST_TEST_SOFTHOST_H

#include <linux/cxl_softhost.h>

#include "harness.h"

#define DEVICE "/dev/cxl-softhost"

#define UNIT CXL_SOFTHOST_UNIT
#define PAGE 4096ULL
#define ALL_ONES (~0ULL)
#define OUT_OF_RANGE_ID 0x7ffffff0U

/* HDM decoder capability structure: offsets in the component register block */
#define HDM_CAPABILITY CXL_SOFTHOST_HDM_BASE
#define HDM_GLOBAL (CXL_SOFTHOST_HDM_BASE + 0x04)
#define HDM_GLOBAL_POISON (1U << 0)
#define HDM_GLOBAL_ENABLE (1U << 1)
#define HDM_DECODER(n) (CXL_SOFTHOST_HDM_BASE + 0x10 + 0x20 * (n))
#define HDM_BASE_LOW 0x00
#define HDM_BASE_HIGH 0x04
#define HDM_SIZE_LOW 0x08
#define HDM_SIZE_HIGH 0x0c
#define HDM_CONTROL 0x10
#define HDM_EXTRA_LOW 0x14	/* devices: DPA skip, others: target list */
#define HDM_EXTRA_HIGH 0x18

#define CONTROL_GRANULARITY(code) ((uint32_t)(code) << 0)
#define CONTROL_WAYS(code) ((uint32_t)(code) << 4)
#define CONTROL_LOCK (1U << 8)
#define CONTROL_COMMIT (1U << 9)
#define CONTROL_COMMITTED (1U << 10)
#define CONTROL_ERROR (1U << 11)
#define CONTROL_HOST_ONLY (1U << 12)

int __softhost_open(void);
int softhost_open(void);
/* 0, a negative errno, or whatever else ioctl() returned */
int softhost_ioctl(int fd, unsigned int command, void *argument);

struct cxl_softhost_info softhost_info(int fd);
int __host_set(int fd, uint32_t windows, uint32_t nodes, uint32_t backends);
int __backend_create(int fd, const void *addr, uint64_t length, uint64_t cookie, uint32_t *id);
uint32_t backend_create(int fd, const void *addr, uint64_t length, uint64_t cookie);
int __window_create(int fd, uint64_t hpa, uint64_t length, uint32_t bridge, uint32_t *id);
uint32_t window_create(int fd, uint64_t hpa, uint64_t length, uint32_t bridge);
int __node_create(int fd, struct cxl_softhost_node_create *node, uint32_t *id);
uint32_t node_create(int fd, struct cxl_softhost_node_create *node);
int __destroy(int fd, uint32_t id, struct cxl_softhost_result *result);
struct cxl_softhost_result destroy(int fd, uint32_t id);
int __attach(int fd, int vm_fd, uint32_t first_slot, uint32_t slot_count,
	     struct cxl_softhost_attach *out);
struct cxl_softhost_attach attach(int fd, int vm_fd, uint32_t first_slot, uint32_t slot_count);
/* With TAKEOVER; with the advisory engine: of whatever kind the program is */
int __take_over(int fd, int vm_fd, uint32_t first_slot, uint32_t slot_count);
int __attach_advisory(int fd, uint32_t first_slot, uint32_t slot_count);
int __detach(int fd, struct cxl_softhost_result *result);
struct cxl_softhost_result detach(int fd);

int fd_create(int fd, uint32_t rights);

int __reg_read(int fd, uint32_t node, uint32_t offset, uint32_t width,
	       struct cxl_softhost_reg_read *out);
/* the value of an implemented register or of reserved space in the range */
uint64_t reg_read(int fd, uint32_t node, uint32_t offset, uint32_t width);
int __reg_write(int fd, uint32_t node, uint32_t offset, uint32_t width, uint64_t value,
		struct cxl_softhost_result *result);
struct cxl_softhost_result reg_write(int fd, uint32_t node, uint32_t offset, uint32_t width,
				     uint64_t value);
int __node_set(int fd, uint32_t node, uint32_t mask, uint32_t mem_enable, uint32_t media,
	       struct cxl_softhost_result *result);
struct cxl_softhost_result node_set_mem_enable(int fd, uint32_t node, uint32_t mem_enable);
struct cxl_softhost_result node_set_media(int fd, uint32_t node, uint32_t media);
int __reset(int fd, uint32_t node, struct cxl_softhost_result *result);
struct cxl_softhost_result reset(int fd, uint32_t node);
int __translate(int fd, uint64_t hpa, struct cxl_softhost_translate *out);
struct cxl_softhost_translate translate(int fd, uint64_t hpa);
int __translate_dpa(int fd, uint32_t node, uint64_t dpa, struct cxl_softhost_translate *out);

struct map {
	uint32_t count;
	uint64_t generation;
	struct cxl_softhost_segment *segments;
};

int __map_get(int fd, uint32_t entry_size, uint32_t *count, void *entries, uint64_t *generation);
struct map map_get(int fd);
void map_free(struct map *map);
/* are the two the same, their generations aside? */
bool map_equal(const struct map *one, const struct map *other);
/* how many segments of the kind are there? */
unsigned int map_count(const struct map *map, enum cxl_softhost_segment_kind kind);
/* EXPECT_CONDEMNED - MAP_GET lists so many condemned slots */
bool check_condemned(const char *file, int line, int fd, unsigned int expected);
#define EXPECT_CONDEMNED(fd, expected) check_condemned(__FILE__, __LINE__, fd, expected)
/* the segment, not condemned, that @hpa lies in, or NULL */
const struct cxl_softhost_segment *map_find(const struct map *map, uint64_t hpa);
void map_note(const struct map *map);

/* What a guest programs into a decoder; a code is what the register holds. */
struct decoder {
	uint64_t base;
	uint64_t size;
	uint32_t ways_code;
	uint32_t granularity_code;
	bool lock;
	uint64_t extra;		/* devices: DPA skip, others: targets, way 0 lowest */
};

/* everything but Control, in four byte writes as Linux does it */
void decoder_program(int fd, uint32_t node, unsigned int number, const struct decoder *decoder);
/* the value of Control that commits it */
uint32_t decoder_commit_value(const struct decoder *decoder);
/* decoder_program() and the write to Control */
struct cxl_softhost_result decoder_commit(int fd, uint32_t node, unsigned int number,
					  const struct decoder *decoder);
/* as Linux does it: Control as it reads, without COMMIT */
struct cxl_softhost_result decoder_uncommit(int fd, uint32_t node, unsigned int number);
uint32_t decoder_control(int fd, uint32_t node, unsigned int number);
/* base, size, ways and Target List or DPA skip as they read: is it committed? */
bool decoder_read(int fd, uint32_t node, unsigned int number, struct decoder *values);
bool decoder_is_committed(int fd, uint32_t node, unsigned int number);

bool check_result(const char *file, int line, enum cxl_softhost_outcome outcome,
		  enum cxl_softhost_reason reason, const struct cxl_softhost_result *found);
bool check_refused(const char *file, int line, enum cxl_softhost_reason reason,
		   uint64_t expected, uint64_t found, const struct cxl_softhost_result *result);

/* EXPECT_RESULT - outcome and reason as given, not DEGRADED */
#define EXPECT_RESULT(outcome, reason, result)						\
	check_result(__FILE__, __LINE__, CXL_SOFTHOST_OUTCOME_##outcome,		\
		     CXL_SOFTHOST_REASON_##reason, &(struct cxl_softhost_result[]){ result }[0])
#define ASSERT_RESULT(outcome, reason, result)						\
	do {										\
		if (!EXPECT_RESULT(outcome, reason, result))				\
			test_end();							\
	} while (0)
/* EXPECT_REFUSED - REFUSED with this reason and these two values */
#define EXPECT_REFUSED(reason, expected, found, result)					\
	check_refused(__FILE__, __LINE__, CXL_SOFTHOST_REASON_##reason, expected, found,	\
		      &(struct cxl_softhost_result[]){ result }[0])
/* EXPECT_DEGRADED - outcome as given, and DEGRADED */
bool check_degraded(const char *file, int line, enum cxl_softhost_outcome outcome,
		    const struct cxl_softhost_result *result);
#define EXPECT_DEGRADED(outcome, result)						\
	check_degraded(__FILE__, __LINE__, CXL_SOFTHOST_OUTCOME_##outcome,		\
		       &(struct cxl_softhost_result[]){ result }[0])

const char *outcome_name(unsigned int outcome);
const char *reason_name(unsigned int reason);

#endif
