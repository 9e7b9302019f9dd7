/* SPDX-License-Identifier: GPL-2.0-only */
/* Every command with an argument that succeeds, for tests of what holds for all. */
#ifndef CXL_SOFTHOST_TEST_COMMANDS_H
#define CXL_SOFTHOST_TEST_COMMANDS_H

#include "fixture.h"
#include "vm.h"

/* A host, attached or not, and things that commands need. */
struct context {
	struct host host;
	struct vm vm;
	uint32_t target;
	struct cxl_softhost_segment segments[64];
	struct cxl_softhost_delta deltas[4];
	struct cxl_softhost_record records[16];
	uint64_t token;			/* of the change that is pending */
	void *memory;
};

union argument {
	uint32_t head[2];		/* size and flags of all of them */
	struct cxl_softhost_info info;
	struct cxl_softhost_host_set host_set;
	struct cxl_softhost_backend_create backend_create;
	struct cxl_softhost_window_create window_create;
	struct cxl_softhost_node_create node_create;
	struct cxl_softhost_destroy destroy;
	struct cxl_softhost_attach attach;
	struct cxl_softhost_detach detach;
	struct cxl_softhost_fd_create fd_create;
	struct cxl_softhost_reg_read reg_read;
	struct cxl_softhost_reg_write reg_write;
	struct cxl_softhost_node_set node_set;
	struct cxl_softhost_reset reset;
	struct cxl_softhost_translate translate;
	struct cxl_softhost_map_get map_get;
	struct cxl_softhost_deltas deltas;
	struct cxl_softhost_apply apply;
	struct cxl_softhost_state_get state_get;
	struct cxl_softhost_state_set state_set;
	struct cxl_softhost_dirty_log dirty_log;
	uint8_t bytes[256];
};

struct command {
	const char *name;
	unsigned int number;
	size_t size;
	size_t first_size;		/* of its first ABI level; 0: as it is now */
	void (*setup)(struct context *context);
	void (*fill)(struct context *context, union argument *argument);
	uint32_t known_flags;
	struct {
		size_t offset;
		bool used;
	} reserved[4];			/* 32-bit fields that must be 0 */
};

extern const struct command commands[];
extern const unsigned int command_count;

/* the command of that name */
const struct command *command_find(const char *name);
bool is_command(unsigned int number);

/* what @command needs to succeed, on a fresh host */
struct context *context_create(const struct command *command);
void context_destroy(struct context *context);

#endif
