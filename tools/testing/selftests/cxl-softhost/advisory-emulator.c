// SPDX-License-Identifier: GPL-2.0-only
/*
 * A client of the advisory engine that has no KVM, as an emulator: guest memory is
 * a range of its own address space, devices' memory is in files. It follows what
 * guests program with mmap() alone.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fixture.h"
#include "phases.h"
#include "random.h"

#define DEVICES 2
#define DEVICE_UNITS 4
#define SPAN (16 * UNIT)
/* Each device's part of the window, and its part of the bridge's decoders */
#define PLACE(device) (WINDOW_HPA + 8 * UNIT * (device))

struct emulator {
	int fd;
	uint8_t *guest;			/* WINDOW_HPA in its address space */
	uint32_t bridge;
	uint32_t devices[DEVICES];
	int files[DEVICES];		/* by cookie */
	uint8_t *contents[DEVICES];	/* the files, for the test to look at */
	int pipe[2];
};

static void *guest_hole(void *at, uint64_t length)
{
	int fixed = at ? MAP_FIXED : 0;

	return mmap(at, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | fixed,
		    -1, 0);
}

static void add_device(struct emulator *emulator, unsigned int number)
{
	const uint64_t length = DEVICE_UNITS * UNIT;
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = emulator->bridge,
		.port = number,
		.decoder_count = 4,
		.partitions[VOLATILE].length = length,
	};

	emulator->files[number] = ASSERT_DONE(memfd_create("device", MFD_CLOEXEC));
	ASSERT_DONE(ftruncate(emulator->files[number], length));
	emulator->contents[number] = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
					  emulator->files[number], 0);
	ASSERT_TRUE(emulator->contents[number] != MAP_FAILED);
	node.partitions[VOLATILE].backend_id =
		backend_create(emulator->fd, emulator->contents[number], length, number);
	emulator->devices[number] = node_create(emulator->fd, &node);
	ASSERT_EQ(CXL_SOFTHOST_OUTCOME_DONE,
		  reg_write(emulator->fd, emulator->devices[number], HDM_GLOBAL, 4,
			    HDM_GLOBAL_ENABLE).outcome);
	ASSERT_EQ(CXL_SOFTHOST_OUTCOME_DONE,
		  node_set_mem_enable(emulator->fd, emulator->devices[number], 1).outcome);
}

static void emulator_create(struct emulator *emulator)
{
	struct cxl_softhost_node_create bridge = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = DEVICES,
		.decoder_count = 2,
		.target_count = 2,
	};
	unsigned int i;

	emulator->fd = softhost_open_two_phase();
	emulator->bridge = node_create(emulator->fd, &bridge);
	window_create(emulator->fd, WINDOW_HPA, SPAN, emulator->bridge);
	for (i = 0; i < DEVICES; i++)
		add_device(emulator, i);
	ASSERT_RETURN(0, __attach_advisory(emulator->fd, 0, 0));
	emulator->guest = guest_hole(NULL, SPAN);
	ASSERT_TRUE(emulator->guest != MAP_FAILED);
	ASSERT_DONE(pipe(emulator->pipe));
}

/* Move guest memory as announced, then let the change be */
static void follow(struct emulator *emulator, uint64_t token)
{
	struct deltas deltas = deltas_get(emulator->fd, token);
	unsigned int i;

	for (i = 0; i < deltas.count; i++) {
		const struct cxl_softhost_segment *extent = &deltas.entries[i].segment;
		void *at = emulator->guest + (extent->hpa - WINDOW_HPA), *got;

		if (deltas.entries[i].direction == CXL_SOFTHOST_DIRECTION_ADD)
			got = mmap(at, extent->length, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_FIXED, emulator->files[extent->cookie],
				   extent->backend_offset);
		else
			got = guest_hole(at, extent->length);
		ASSERT_TRUE(got == at);
	}
	deltas_free(&deltas);
	apply(emulator->fd, token);
}

static void guest_write(struct emulator *emulator, uint32_t node, uint32_t offset, uint32_t value)
{
	struct cxl_softhost_reg_write args = {
		.size = sizeof(args), .node_id = node, .offset = offset, .width = 4, .value = value,
	};

	ASSERT_RETURN(0, softhost_ioctl(emulator->fd, CXL_SOFTHOST_REG_WRITE, &args));
	if (args.out_result.outcome == CXL_SOFTHOST_OUTCOME_PENDING)
		follow(emulator, args.out_token);
}

/* Commit decoder @n of @node, or take it back */
static void guest_toggle(struct emulator *emulator, uint32_t node, unsigned int n,
			 const struct decoder *decoder)
{
	uint32_t at = HDM_DECODER(n);

	if (reg_read(emulator->fd, node, at + HDM_CONTROL, 4) & CONTROL_COMMIT)
		return guest_write(emulator, node, at + HDM_CONTROL, 0);
	guest_write(emulator, node, at + HDM_BASE_HIGH, decoder->base >> 32);
	guest_write(emulator, node, at + HDM_BASE_LOW, decoder->base);
	guest_write(emulator, node, at + HDM_SIZE_HIGH, decoder->size >> 32);
	guest_write(emulator, node, at + HDM_SIZE_LOW, decoder->size);
	guest_write(emulator, node, at + HDM_EXTRA_LOW, decoder->extra);
	guest_write(emulator, node, at + HDM_CONTROL, decoder_commit_value(decoder));
}

/* The guest's byte at @hpa, or -1 where it has none: the kernel is asked to read it */
static int guest_byte(struct emulator *emulator, uint64_t hpa)
{
	uint8_t byte;

	if (write(emulator->pipe[1], emulator->guest + (hpa - WINDOW_HPA), 1) != 1)
		return -1;
	ASSERT_EQ(1, read(emulator->pipe[0], &byte, 1));
	return byte;
}

/* At both ends of each unit: a hole, or the byte where the decoders put it */
static unsigned int check_guest(struct emulator *emulator, uint8_t mark)
{
	unsigned int i, answers = 0;

	for (i = 0; i < 2 * SPAN / UNIT; i++) {
		uint64_t hpa = WINDOW_HPA + i / 2 * UNIT + (i % 2 ? UNIT - 1 : 0);
		struct cxl_softhost_translate to = translate(emulator->fd, hpa);
		uint8_t *byte;

		test_context("byte at %#llx", (unsigned long long)hpa);
		if (to.out_reason) {
			EXPECT_EQ((uint64_t)-1, (uint64_t)guest_byte(emulator, hpa));
			continue;
		}
		answers++;
		/* A device's DPA is an offset into its file: nothing of the map is used */
		EXPECT_EQ(emulator->devices[to.out_cookie], to.out_node_id);
		byte = &emulator->contents[to.out_cookie][to.out_dpa];
		*byte = mark + i;
		EXPECT_EQ(*byte, guest_byte(emulator, hpa));
		emulator->guest[hpa - WINDOW_HPA] = mark + i + 1;
		EXPECT_EQ((uint8_t)(mark + i + 1), *byte);
	}
	return answers;
}

TEST_TIMEOUT(an_emulator_without_KVM_sees_the_right_bytes, 240)
{
	uint64_t random = random_seed(5, 3);
	unsigned int i, answers = 0, changes = 0;
	struct emulator emulator;

	emulator_create(&emulator);
	for (i = 0; i < 600 && !test_has_failed(); i++) {
		unsigned int device = random_from(&random, DEVICES);
		unsigned int n = random_from(&random, 3);
		struct decoder decoder = {
			.base = PLACE(device) + 2 * n * UNIT,
			.size = (1 + random_from(&random, 2)) * UNIT,
			.extra = random_from(&random, 4) ? 0 : UNIT,
		};
		uint64_t before = softhost_info(emulator.fd).out_generation;

		if (random_from(&random, 4)) {
			guest_toggle(&emulator, emulator.devices[device], n, &decoder);
		} else {
			decoder.base = PLACE(device);
			decoder.size = (5 + random_from(&random, 4)) * UNIT;
			decoder.extra = device;
			guest_toggle(&emulator, emulator.bridge, device, &decoder);
		}
		changes += softhost_info(emulator.fd).out_generation != before;
		answers += check_guest(&emulator, i);
	}
	test_note("%u steps, %u changes of the map, %u bytes looked at", i, changes, answers);
	EXPECT_TRUE(changes >= 100);
	EXPECT_TRUE(answers >= 500);
}
