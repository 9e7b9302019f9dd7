/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: the commands of /dev/cxl-softhost, their vocabulary, and the
 * way in which the other pieces reach the module.
 */
#ifndef CXLSOFTHOST_HOST_H
#define CXLSOFTHOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/cxl_softhost.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------
 * Commands (ioctl.c)
 * ------------------------------------------------------------------------
 * Each wrapper fills in @cmd->size, calls the module and returns 0 or -errno.
 * The meaning of fields and errors is in <linux/cxl_softhost.h>. Zero the
 * structure first: flags and reserved fields must be 0.
 */

/** CXLSH_DEVICE - where the module's device node normally is */
#define CXLSH_DEVICE "/dev/cxl-softhost"

/**
 * cxlsh_open() - make a host
 * @path: device node, or NULL for CXLSH_DEVICE
 *
 * The host belongs to the calling process; close() ends it. The descriptor is
 * close-on-exec.
 *
 * Return: a file descriptor, or -errno (-ENOENT: the module isn't loaded).
 */
int cxlsh_open(const char *path);

int cxlsh_info(int fd, struct cxl_softhost_info *cmd);
int cxlsh_host_set(int fd, struct cxl_softhost_host_set *cmd);
int cxlsh_backend_create(int fd, struct cxl_softhost_backend_create *cmd);
int cxlsh_window_create(int fd, struct cxl_softhost_window_create *cmd);
int cxlsh_node_create(int fd, struct cxl_softhost_node_create *cmd);
int cxlsh_destroy(int fd, struct cxl_softhost_destroy *cmd);
int cxlsh_attach(int fd, struct cxl_softhost_attach *cmd);
int cxlsh_detach(int fd, struct cxl_softhost_detach *cmd);
int cxlsh_fd_create(int fd, struct cxl_softhost_fd_create *cmd);
int cxlsh_reg_read(int fd, struct cxl_softhost_reg_read *cmd);
int cxlsh_reg_write(int fd, struct cxl_softhost_reg_write *cmd);
int cxlsh_node_set(int fd, struct cxl_softhost_node_set *cmd);
int cxlsh_reset(int fd, struct cxl_softhost_reset *cmd);
int cxlsh_translate(int fd, struct cxl_softhost_translate *cmd);

/**
 * cxlsh_map_get() - list the map
 * @fd: the host
 * @cmd: @cmd->entries and @cmd->count are the caller's; @cmd->entry_size may be
 *	0, which means sizeof(struct cxl_softhost_segment)
 *
 * Return: 0 or -errno; -EMSGSIZE with the needed number in @cmd->count.
 */
int cxlsh_map_get(int fd, struct cxl_softhost_map_get *cmd);

/**
 * cxlsh_deltas() - CXL_SOFTHOST_DELTAS
 * @fd: from cxlsh_open()
 * @cmd: as for the command; an entry_size of 0 is set to that of this header
 *
 * Return: 0 or -errno; -EMSGSIZE with the needed number in @cmd->count.
 */
int cxlsh_deltas(int fd, struct cxl_softhost_deltas *cmd);

/** cxlsh_apply() - CXL_SOFTHOST_APPLY; 0 or -errno */
int cxlsh_apply(int fd, struct cxl_softhost_apply *cmd);

/**
 * cxlsh_state_get() - CXL_SOFTHOST_STATE_GET; state.h has it in one call
 * @fd: from cxlsh_open()
 * @cmd: as for the command; an entry_size of 0 is set to that of this header
 *
 * Return: 0 or -errno; -EMSGSIZE with the needed number in @cmd->count.
 */
int cxlsh_state_get(int fd, struct cxl_softhost_state_get *cmd);

/**
 * cxlsh_state_set() - CXL_SOFTHOST_STATE_SET
 * @fd: from cxlsh_open()
 * @cmd: as for the command; an entry_size of 0 is set to that of this header
 *
 * Return: 0 or -errno; what the rules forbid is in @cmd->out_result.
 */
int cxlsh_state_set(int fd, struct cxl_softhost_state_set *cmd);

/** cxlsh_dirty_log() - CXL_SOFTHOST_DIRTY_LOG; 0 or -errno */
int cxlsh_dirty_log(int fd, struct cxl_softhost_dirty_log *cmd);

/* ------------------------------------------------------------------------
 * How the device models reach the module
 * ------------------------------------------------------------------------
 */

/**
 * struct cxlsh_ops - what the other pieces ask of the module
 * @reg_read: CXL_SOFTHOST_REG_READ
 * @reg_write: CXL_SOFTHOST_REG_WRITE
 * @node_set: CXL_SOFTHOST_NODE_SET
 * @reset: CXL_SOFTHOST_RESET
 * @translate: CXL_SOFTHOST_TRANSLATE
 * @deltas: CXL_SOFTHOST_DELTAS
 * @apply: CXL_SOFTHOST_APPLY
 *
 * Each has the contract of the command of that name, takes the structure with
 * everything but size filled in, and returns 0 or -errno. A VMM in several
 * processes puts its own messages here; tests put a fake here. An op that no
 * piece in use needs may be NULL: component.h needs the first two, type3.h the
 * first four, port.h none for root and downstream ports and the first two and
 * reset for upstream ports, window.h translate, firmware.h the first three,
 * phases.h all but translate.
 */
struct cxlsh_ops {
	int (*reg_read)(void *ctx, struct cxl_softhost_reg_read *cmd);
	int (*reg_write)(void *ctx, struct cxl_softhost_reg_write *cmd);
	int (*node_set)(void *ctx, struct cxl_softhost_node_set *cmd);
	int (*reset)(void *ctx, struct cxl_softhost_reset *cmd);
	int (*translate)(void *ctx, struct cxl_softhost_translate *cmd);
	int (*deltas)(void *ctx, struct cxl_softhost_deltas *cmd);
	int (*apply)(void *ctx, struct cxl_softhost_apply *cmd);
};

/** cxlsh_ioctl_ops - ops that call ioctl(); their ctx is (void *)(intptr_t)fd */
extern const struct cxlsh_ops cxlsh_ioctl_ops;

/**
 * struct cxlsh_host - a way to the module
 * @ops: what to call
 * @ctx: first argument of each op
 * @result: NULL, or told of every result that a register write, NODE_SET or
 *	RESET brought, DONE and IGNORED ones included: where a VMM logs refusals
 *	and stops the guest on CXL_SOFTHOST_RESULT_DEGRADED. Called by the thread
 *	that made the access, before it returns
 * @result_ctx: first argument of @result
 *
 * Copied nowhere: it must live as long as the objects that point to it.
 */
struct cxlsh_host {
	const struct cxlsh_ops *ops;
	void *ctx;
	void (*result)(void *result_ctx, uint32_t node_id,
		       const struct cxl_softhost_result *result);
	void *result_ctx;
};

/**
 * cxlsh_host_init_fd() - reach the module by ioctl()
 * @host: to fill in; @host->result is set to NULL
 * @fd: from cxlsh_open(); stays the caller's
 */
void cxlsh_host_init_fd(struct cxlsh_host *host, int fd);

/* ------------------------------------------------------------------------
 * Vocabulary (names.c)
 * ------------------------------------------------------------------------
 * Static strings, never NULL; "unknown" for a number that this header doesn't
 * know, so that an older VMM can print what a newer module says. Names are the
 * constants' own, without prefix, in lower case: "dpa_capacity".
 */
const char *cxlsh_outcome_name(uint32_t outcome);
const char *cxlsh_reason_name(uint32_t reason);
const char *cxlsh_engine_name(uint32_t engine);
const char *cxlsh_policy_name(uint32_t policy);
const char *cxlsh_arithmetic_name(uint32_t arithmetic);
const char *cxlsh_node_kind_name(uint32_t kind);
const char *cxlsh_segment_kind_name(uint32_t kind);
const char *cxlsh_partition_name(uint32_t partition);
const char *cxlsh_record_kind_name(uint32_t kind);

/**
 * cxlsh_reason_text() - a reason as a sentence for a person
 * @reason: enum cxl_softhost_reason
 *
 * Return: what is wrong, without a full stop ("the decoder before this one
 * isn't committed").
 */
const char *cxlsh_reason_text(uint32_t reason);

/**
 * cxlsh_errno_text() - what an error of the module means
 * @err: errno, of either sign, that a command or a wrapper returned
 *
 * Return: the one meaning that this errno has in the module; "unknown" if it
 * never gives that one.
 */
const char *cxlsh_errno_text(int err);

/* ------------------------------------------------------------------------
 * Encodings that decoders, windows and tables share (names.c)
 * ------------------------------------------------------------------------
 */

/**
 * cxlsh_encode_ways() - ways to the code of IW, ENIW and HBIW
 * @ways: 1, 2, 3, 4, 6, 8, 12 or 16
 *
 * Return: the code, or -EINVAL.
 */
int cxlsh_encode_ways(uint32_t ways);

/**
 * cxlsh_encode_granularity() - granularity to the code of IG and HBIG
 * @granularity: bytes, a power of two from 256 to 16384
 *
 * Return: the code (0-6), or -EINVAL.
 */
int cxlsh_encode_granularity(uint32_t granularity);

/** CXLSH_XOR_MAPS - most XOR maps that a window uses */
#define CXLSH_XOR_MAPS 4

/**
 * cxlsh_xor_map_count() - maps that a window with XOR arithmetic needs
 * @ways: 1, 2, 3, 4, 6, 8, 12 or 16
 *
 * A map selects one of the factors 2 of the ways; the factor 3 has none.
 *
 * Return: 0 to CXLSH_XOR_MAPS, or -EINVAL.
 */
int cxlsh_xor_map_count(uint32_t ways);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_HOST_H */
