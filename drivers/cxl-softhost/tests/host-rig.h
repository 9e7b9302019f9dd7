/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A whole host for KUnit, made by the module's own commands, and an engine that
 * notes what it is asked to do and fails where a test wants it to.
 */
#ifndef _SOFTHOST_TEST_HOST_RIG_H
#define _SOFTHOST_TEST_HOST_RIG_H

#include <kunit/test.h>
#include <linux/mman.h>

#include "softhost.h"
#include "rig.h"

#define FAKE_SLOTS	16
#define FAKE_FIRST_SLOT	500
#define FAKE_STEPS	64

/**
 * struct fake_step - one call of the engine
 * @add: add, else remove
 * @ret: what it answered
 * @slot: which slot
 * @hpa: of what was added, or of what was in the slot
 * @generation: of the map in force at that time
 * @ctrl: @watched at that time
 */
struct fake_step {
	bool add;
	int ret;
	u32 slot;
	u64 hpa;
	u64 generation;
	u32 ctrl;
};

/**
 * struct fake_engine - an engine without a VM
 * @engine: what the host has; the slots are FAKE_FIRST_SLOT and on
 * @test: the test it fails if something is asked that must not be
 * @bits: of @engine
 * @there: which slots are installed
 * @installed: with what
 * @steps: the calls since fake_forget()
 * @count: how many
 * @adds: those of them that add
 * @fail_add: which of them fails (from 1), 0 = none
 * @fail_count: how many from that one on; 0 = one
 * @add_error: the errno it fails with
 * @stuck: slots whose removal fails
 * @logs: times that a slot's log was to be switched
 * @fail_log: which of them fails (from 1), 0 = none
 * @logged: slots that are logged
 * @watched: Control register in force of a decoder, for @steps; or NULL
 */
struct fake_engine {
	struct softhost_engine engine;
	struct kunit *test;
	unsigned long bits[BITS_TO_LONGS(FAKE_SLOTS)];
	DECLARE_BITMAP(there, FAKE_SLOTS);
	struct softhost_segment installed[FAKE_SLOTS];
	struct fake_step steps[FAKE_STEPS];
	u32 count;
	u32 adds;
	u32 fail_add;
	u32 fail_count;
	int add_error;
	unsigned long stuck;
	u32 logs;
	u32 fail_log;
	unsigned long logged;
	const u32 *watched;
};

/* Volatile capacity of each device */
#define HOST_RIG_LENGTH		(8 * UNIT)
#define HOST_RIG_HPA		(4 * GIB)
#define HOST_RIG_DECODERS	4
/* What host_rig_program() makes of the first device */
#define HOST_RIG_EXTENTS	4

/**
 * struct host_rig - a host with one bridge, two devices and one window
 * @test: the test it belongs to
 * @host: the host
 * @memory: where the backend lies in the test's address space
 * @backend: IDs
 * @bridge: 4 decoders, 4 targets
 * @device: at ports 0 and 1, with 4 decoders each
 * @window: 64 units at HOST_RIG_HPA
 * @fake: its engine, when it is attached
 */
struct host_rig {
	struct kunit *test;
	struct softhost_host *host;
	unsigned long memory;
	u32 backend;
	u32 bridge;
	u32 device[2];
	u32 window;
	struct fake_engine fake;
};

enum host_rig_add {
	HOST_RIG_COMMIT,
	HOST_RIG_HDM_ENABLE,
	HOST_RIG_MEM_ENABLE,
	HOST_RIG_ATTACH,
};

enum host_rig_remove {
	HOST_RIG_UNCOMMIT,
	HOST_RIG_HDM_DISABLE,
	HOST_RIG_MEM_DISABLE,
	HOST_RIG_RESET_DEVICE,
	HOST_RIG_RESET_HOST,
	HOST_RIG_DESTROY,
};

/* An empty host, user memory, and a copy of something: all go with the test */
struct softhost_host *host_rig_empty(struct kunit *test);
unsigned long host_rig_memory(struct kunit *test, u64 length, int prot);
void *host_rig_copy(struct kunit *test, const void *from, size_t bytes);

/* Commands that must succeed; they answer the ID */
u32 host_rig_backend(struct kunit *test, struct softhost_host *host, unsigned long addr,
		     u64 length);
u32 host_rig_bridge(struct kunit *test, struct softhost_host *host);
u32 host_rig_device(struct kunit *test, struct softhost_host *host, u32 bridge, u32 port,
		    u32 backend, u64 offset);
u32 host_rig_window(struct kunit *test, struct softhost_host *host, u32 bridge, u64 hpa,
		    u64 length);
int host_rig_destroy(struct softhost_host *host, u32 id, struct cxl_softhost_result *result);
struct host_rig *host_rig_make(struct kunit *test);

/* The test is alone with the host: what they answer stays until its next command */
struct softhost_node_object *host_rig_node(struct host_rig *rig, u32 id);
const struct softhost_map *host_rig_map(struct host_rig *rig);
/* Control in force of the bridge's first decoder */
const u32 *host_rig_control(struct host_rig *rig);

/* What a guest or its VMM does; the call itself must succeed */
u32 host_rig_read(struct host_rig *rig, u32 node, u32 offset);
struct cxl_softhost_result host_rig_write(struct host_rig *rig, u32 node, u32 offset, u32 value);
struct cxl_softhost_result host_rig_commit(struct host_rig *rig, u32 node,
					   const struct rig_program *program);
void host_rig_must_commit(struct host_rig *rig, u32 node, const struct rig_program *program);
struct cxl_softhost_result host_rig_set_memory(struct host_rig *rig, u32 node, bool enable);
struct cxl_softhost_result host_rig_reset(struct host_rig *rig, u32 node);

/* All that makes the four extents; one action that adds, or removes, them */
void host_rig_program(struct host_rig *rig);
void host_rig_before_add(struct host_rig *rig, enum host_rig_add how);
struct cxl_softhost_result host_rig_add(struct host_rig *rig, enum host_rig_add how);
struct cxl_softhost_result host_rig_remove(struct host_rig *rig, enum host_rig_remove how);

/* Attach the fake engine with @slots slots, and install what is wanted */
struct cxl_softhost_result fake_attach(struct host_rig *rig, u32 slots);
void fake_forget(struct fake_engine *fake);
u32 fake_there(const struct fake_engine *fake);
/* The engine has exactly the slots of the map, condemned ones included */
void fake_check_map(struct host_rig *rig);

#endif /* _SOFTHOST_TEST_HOST_RIG_H */
