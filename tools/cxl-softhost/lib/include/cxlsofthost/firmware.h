/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * libcxlsofthost: commit decoders before the guest boots, as firmware does.
 *
 * Linux 6.5 and later assembles a region from what it finds committed, without
 * asking whether CPU caches can be flushed: the way to have CXL memory in a
 * stock x86 guest that knows it is a guest.
 *
 * What Linux wants for that: the host bridge has an HDM decoder capability, its
 * decoder and the endpoint's have the same base and size and the same
 * granularity, the target type is host-only memory, HDM decoding and Mem_Enable
 * are on, decoders are committed from number 0 upwards without gaps, and the
 * window allows host-only memory of that kind.
 *
 * Everything here is register writes and NODE_SET: the same rules hold, checked
 * by the module. Do it before ATTACH or after, it makes no difference.
 */
#ifndef CXLSOFTHOST_FIRMWARE_H
#define CXLSOFTHOST_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include <cxlsofthost/host.h>
#include <cxlsofthost/type3.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct cxlsh_decoder - what to program into one HDM decoder
 * @hpa: base, a multiple of 256 MiB
 * @length: bytes, a multiple of 256 MiB
 * @ways: 1, 2, 3, 4, 6, 8, 12 or 16
 * @granularity: bytes, a power of two from 256 to 16384
 * @targets: host bridges and switches: Port Number by way; unused ones 0
 * @skip: endpoints: DPA to skip, a multiple of 256 MiB
 * @lock: lock it until reset
 */
struct cxlsh_decoder {
	uint64_t hpa;
	uint64_t length;
	uint32_t ways;
	uint32_t granularity;
	uint8_t targets[8];
	uint64_t skip;
	bool lock;
};

/**
 * cxlsh_decoder_commit() - program and commit one decoder
 * @host: way to the module
 * @kind: enum cxl_softhost_node_kind
 * @node_id: the node
 * @index: number of the decoder
 * @decoder: what to program
 * @result: what the module said to the commit; not NULL
 *
 * Writes in the order that Linux uses. A refused decoder is left with COMMIT
 * clear.
 *
 * Return: 0 if it is COMMITTED; -ECANCELED if it isn't, @result says why;
 * -EINVAL for values that can't be written into registers; else what the module
 * gave.
 */
int cxlsh_decoder_commit(const struct cxlsh_host *host, uint32_t kind,
			 uint32_t node_id, uint32_t index,
			 const struct cxlsh_decoder *decoder,
			 struct cxl_softhost_result *result);

/**
 * cxlsh_decoder_uncommit() - clear COMMIT of one decoder
 * @host: way to the module
 * @node_id: the node
 * @index: number of the decoder
 * @result: what the module said; not NULL
 *
 * Base, size and targets keep their values, as in hardware.
 *
 * Return: 0; -ECANCELED if the module ignored it (the decoder is locked, or
 * doesn't exist), @result says why; else what the module gave.
 */
int cxlsh_decoder_uncommit(const struct cxlsh_host *host, uint32_t node_id,
			   uint32_t index, struct cxl_softhost_result *result);

/**
 * struct cxlsh_firmware_region - a region with one device
 * @hpa: base, inside a window with one target, a multiple of 256 MiB
 * @length: bytes, a multiple of 256 MiB
 * @granularity: bytes, a power of two from 256 to 16384, the same for both
 *	decoders; 256 is good
 * @bridge_node: the host bridge, with HDM decoders
 * @bridge_decoder: the lowest decoder of the bridge that isn't committed yet
 * @endpoint_node: the device
 * @endpoint_decoder: the lowest decoder of the device that isn't committed yet
 * @port: Port Number of the root port above the device
 * @skip: DPA to skip, a multiple of 256 MiB: the rest of the volatile capacity
 *	if this is the first decoder on persistent capacity, else 0
 * @lock: lock both decoders until reset
 * @device: the model of the device, so that its configuration space shows
 *	Mem_Enable; NULL if there is none (NODE_SET is sent all the same)
 */
struct cxlsh_firmware_region {
	uint64_t hpa;
	uint64_t length;
	uint32_t granularity;
	uint32_t bridge_node;
	uint32_t bridge_decoder;
	uint32_t endpoint_node;
	uint32_t endpoint_decoder;
	uint8_t port;
	uint64_t skip;
	bool lock;
	struct cxlsh_type3 *device;
};

/**
 * enum cxlsh_firmware_step - what cxlsh_firmware_commit() was doing
 * @CXLSH_FIRMWARE_HDM_ENABLE: HDM Decoder Enable of the device
 * @CXLSH_FIRMWARE_MEM_ENABLE: Mem_Enable of the device
 * @CXLSH_FIRMWARE_ENDPOINT: the device's decoder
 * @CXLSH_FIRMWARE_BRIDGE: the host bridge's decoder
 * @CXLSH_FIRMWARE_FINISHED: all is done
 */
enum cxlsh_firmware_step {
	CXLSH_FIRMWARE_HDM_ENABLE = 0,
	CXLSH_FIRMWARE_MEM_ENABLE = 1,
	CXLSH_FIRMWARE_ENDPOINT = 2,
	CXLSH_FIRMWARE_BRIDGE = 3,
	CXLSH_FIRMWARE_FINISHED = 4
};

/**
 * struct cxlsh_firmware_report - how it went
 * @step: the last thing tried
 * @result: what the module said to it
 */
struct cxlsh_firmware_report {
	enum cxlsh_firmware_step step;
	struct cxl_softhost_result result;
};

/**
 * cxlsh_firmware_commit() - commit a region with one device
 * @host: way to the module
 * @region: what to commit
 * @report: how it went; not NULL
 *
 * If the bridge's decoder is refused, the device's is uncommitted again (unless
 * it was to be locked: check the region first, or reset the node). The enables
 * stay on: several regions can be committed one after the other.
 *
 * Return: 0 if the region is committed; -ECANCELED if a step was refused,
 * @report says which and why; -EINVAL; else what the module gave.
 */
int cxlsh_firmware_commit(const struct cxlsh_host *host,
			  const struct cxlsh_firmware_region *region,
			  struct cxlsh_firmware_report *report);

/** cxlsh_firmware_step_name() - a step in words: "endpoint decoder" */
const char *cxlsh_firmware_step_name(enum cxlsh_firmware_step step);

#ifdef __cplusplus
}
#endif

#endif /* CXLSOFTHOST_FIRMWARE_H */
