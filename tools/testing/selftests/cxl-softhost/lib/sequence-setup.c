// SPDX-License-Identifier: GPL-2.0-only
/* Steps of the sequence that make, attach and destroy. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sequence-steps.h"

/* One prototype for all steps, whether or not they need all of it */
#pragma GCC diagnostic ignored "-Wunused-parameter"

int run_open(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	int fd = __softhost_open();

	seq->host.fd = fd;
	return fd < 0 ? fd : 0;
}

int run_close(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return close(seq->host.fd) ? -errno : 0;
}

void done_close(struct sequence *seq, unsigned int arg)
{
	/* What the next host has of it is destroyed before, but for the bridge */
	memset(&seq->model.bridge, 0, sizeof(seq->model.bridge));
	seq->model.endpoints[0].destroyed = true;
	seq->model.endpoints[1].destroyed = true;
	seq->host.endpoints[0].id = 0;
	seq->host.endpoints[1].id = 0;
	seq->host.window_count = 0;
	seq->host.fd = -1;
}

int run_info(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };

	return softhost_ioctl(seq->host.fd, CXL_SOFTHOST_INFO, &info);
}

int run_host_set(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __host_set(seq->host.fd, MAX_WINDOWS, 1 + MAX_ENDPOINTS, MAX_ENDPOINTS);
}

int run_host_set_phases(struct sequence *seq, unsigned int arg,
			struct cxl_softhost_result *result)
{
	return __host_set_flags(seq->host.fd, CXL_SOFTHOST_HOST_TWO_PHASE,
				CXL_SOFTHOST_POLICY_CHECKED);
}

/* Devices: a volatile partition only, and a persistent one only. */
int run_backend_create(struct sequence *seq, unsigned int arg,
		       struct cxl_softhost_result *result)
{
	struct endpoint *endpoint = &seq->host.endpoints[arg];

	endpoint->lengths[arg] = SIZE(arg);
	endpoint->memory[arg] = seq->memory[arg] + BACKEND_OFFSET;
	return __backend_create(seq->host.fd, seq->memory[arg], BACKEND_OFFSET + SIZE(arg),
				backend_cookie(arg, arg), &endpoint->backends[arg]);
}

int run_bridge_create(struct sequence *seq, unsigned int arg,
		      struct cxl_softhost_result *result)
{
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = seq->host.config.ports,
		.decoder_count = seq->host.config.bridge_decoders,
		.target_count = seq->host.config.target_count,
	};

	return __node_create(seq->host.fd, &node, &seq->host.bridge);
}

int run_window_create(struct sequence *seq, unsigned int arg,
		      struct cxl_softhost_result *result)
{
	return __window_create(seq->host.fd, seq->host.config.windows[arg].hpa,
			       seq->host.config.windows[arg].length, seq->host.bridge,
			       &seq->host.windows[arg]);
}

void done_window_create(struct sequence *seq, unsigned int arg)
{
	seq->host.window_count = arg + 1;
}

int run_endpoint_create(struct sequence *seq, unsigned int arg,
			struct cxl_softhost_result *result)
{
	struct endpoint *endpoint = &seq->host.endpoints[arg];
	struct cxl_softhost_node_create node = {
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
			 CXL_SOFTHOST_NODE_A14_12,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = seq->host.bridge,
		.port = arg,
		.decoder_count = seq->host.config.decoders,
	};

	node.partitions[arg] = (struct cxl_softhost_partition){
		.length = SIZE(arg),
		.offset = BACKEND_OFFSET,
		.backend_id = endpoint->backends[arg],
	};
	return __node_create(seq->host.fd, &node, &endpoint->id);
}

void done_endpoint_create(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg] = (struct model_endpoint){ .destroyed = false };
}

int run_attach(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	struct cxl_softhost_attach out;
	int ret = __attach(seq->host.fd, seq->vm->fd, FIRST_SLOT, SLOTS, &out);

	*result = out.out_result;
	return ret;
}

void done_attach(struct sequence *seq, unsigned int arg)
{
	seq->model.engine = true;
}

int run_detach(struct sequence *seq, unsigned int arg, struct cxl_softhost_result *result)
{
	return __detach(seq->host.fd, result);
}

void done_detach(struct sequence *seq, unsigned int arg)
{
	seq->model.engine = false;
}

int run_destroy_endpoint(struct sequence *seq, unsigned int arg,
			 struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.endpoints[arg].id, result);
}

void done_destroy_endpoint(struct sequence *seq, unsigned int arg)
{
	seq->model.endpoints[arg].destroyed = true;
	seq->host.endpoints[arg].id = 0;
}

int run_destroy_window(struct sequence *seq, unsigned int arg,
		       struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.windows[arg], result);
}

void done_destroy_window(struct sequence *seq, unsigned int arg)
{
	seq->host.window_count = arg;
}

int run_destroy_bridge(struct sequence *seq, unsigned int arg,
		       struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.bridge, result);
}

void done_destroy_bridge(struct sequence *seq, unsigned int arg)
{
	seq->host.bridge = 0;
}

int run_destroy_backend(struct sequence *seq, unsigned int arg,
			struct cxl_softhost_result *result)
{
	return __destroy(seq->host.fd, seq->host.endpoints[arg].backends[arg], result);
}
