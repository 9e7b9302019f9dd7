// SPDX-License-Identifier: GPL-2.0-only
/* NODE_CREATE: every value that can be wrong, one at a time. */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define BRIDGE_FLAGS (CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 | CXL_SOFTHOST_NODE_A14_12)

static struct cxl_softhost_node_create bridge(void)
{
	return (struct cxl_softhost_node_create){
		.flags = BRIDGE_FLAGS,
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = 2,
		.decoder_count = 4,
		.target_count = 4,
	};
}

static struct cxl_softhost_node_create endpoint(const struct host *host)
{
	return (struct cxl_softhost_node_create){
		.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8,
		.kind = CXL_SOFTHOST_NODE_ENDPOINT,
		.parent_id = host->bridge,
		.port = 7,
		.decoder_count = 4,
		.partitions[VOLATILE] = {
			.length = UNIT,
			.backend_id = host->endpoints[0].backends[VOLATILE],
		},
	};
}

static void host_with_free_ports(struct host *host)
{
	host_create(host, &(struct host_config){ .ports = 255, .bridge_decoders = 1 });
}

/* Create @node, made by a valid initialiser and one change; destroy it again. */
#define EXPECT_CREATE(expected_, initialiser, ...)				\
	do {									\
		struct cxl_softhost_node_create node = initialiser;		\
		struct cxl_softhost_result result;				\
		uint32_t id;							\
										\
		test_context("%s", #__VA_ARGS__);				\
		__VA_ARGS__;							\
		if (EXPECT_RETURN(expected_, __node_create(host.fd, &node, &id)) &&	\
		    expected_ == 0)						\
			EXPECT_RETURN(0, __destroy(host.fd, id, &result));	\
	} while (0)

TEST(kinds)
{
	struct host host;

	host_with_free_ports(&host);
	EXPECT_CREATE(-EINVAL, bridge(), node.kind = 0);
	EXPECT_CREATE(-EINVAL, bridge(), node.kind = 4);
	EXPECT_CREATE(-EINVAL, bridge(), node.kind = UINT32_MAX);
}

TEST(host_bridges)
{
	struct host host;

	host_with_free_ports(&host);
	EXPECT_CREATE(0, bridge(), (void)0);
	EXPECT_CREATE(-EINVAL, bridge(), node.parent_id = host.bridge);
	EXPECT_CREATE(-EINVAL, bridge(), node.port = 1);
	EXPECT_CREATE(-EINVAL, bridge(), node.ports = 0);
	EXPECT_CREATE(-EINVAL, bridge(), node.ports = 256);
	EXPECT_CREATE(0, bridge(), node.ports = 255);
	EXPECT_CREATE(-EINVAL, bridge(), node.flags &= ~CXL_SOFTHOST_NODE_A11_8);
	EXPECT_CREATE(-EINVAL, bridge(), node.flags &= ~CXL_SOFTHOST_NODE_A14_12);
	EXPECT_CREATE(-EINVAL, bridge(), node.flags |= CXL_SOFTHOST_NODE_WAYS_3_6_12);
	EXPECT_CREATE(-EINVAL, bridge(), node.flags |= CXL_SOFTHOST_NODE_WAYS_16);
	EXPECT_CREATE(-EINVAL, bridge(), node.partitions[VOLATILE] = endpoint(&host).partitions[0]);
	EXPECT_CREATE(0, bridge(), node.target_count = 8);
	EXPECT_CREATE(0, bridge(), node.target_count = 1);
	EXPECT_CREATE(-EINVAL, bridge(), node.target_count = 0);
	EXPECT_CREATE(-EINVAL, bridge(), node.target_count = 3);
	EXPECT_CREATE(-EINVAL, bridge(), node.target_count = 16);
}

static struct cxl_softhost_node_create switch_below(const struct host *host)
{
	struct cxl_softhost_node_create node = bridge();

	node.kind = CXL_SOFTHOST_NODE_SWITCH;
	node.parent_id = host->bridge;
	node.port = 7;
	return node;
}

TEST(switches)
{
	struct host host;

	host_with_free_ports(&host);
	EXPECT_CREATE(0, switch_below(&host), (void)0);
	EXPECT_CREATE(-ENOENT, switch_below(&host), node.parent_id = 0);
	EXPECT_CREATE(-ENOENT, switch_below(&host), node.parent_id = OUT_OF_RANGE_ID);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.parent_id = host.endpoints[0].id);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.parent_id = host.windows[0]);
	EXPECT_CREATE(-EEXIST, switch_below(&host), node.port = 0);
	EXPECT_CREATE(0, switch_below(&host), node.port = 255);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.port = 256);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.ports = 0);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.ports = 256);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.flags &= ~CXL_SOFTHOST_NODE_A11_8);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.flags &= ~CXL_SOFTHOST_NODE_A14_12);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.flags |= CXL_SOFTHOST_NODE_WAYS_3_6_12);
	EXPECT_CREATE(-EINVAL, switch_below(&host),
		      node.partitions[VOLATILE] = endpoint(&host).partitions[0]);
	EXPECT_CREATE(0, switch_below(&host), node.target_count = 8);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.target_count = 3);
	/* Without HDM capability: one port, and nothing to configure. */
	EXPECT_CREATE(0, switch_below(&host), node.flags = 0; node.decoder_count = 0;
		      node.target_count = 0; node.ports = 1);
	EXPECT_CREATE(-EINVAL, switch_below(&host), node.flags = 0; node.decoder_count = 0;
		      node.target_count = 0);
}

TEST(a_tree_is_as_deep_as_INFO_says_and_no_deeper)
{
	struct cxl_softhost_node_create node;
	uint32_t depth, most;
	struct host host;
	uint32_t above;

	host_with_free_ports(&host);
	most = softhost_info(host.fd).out_max_depth;
	EXPECT_EQ(8, most);
	above = host.bridge;
	for (depth = 2; depth <= most; depth++) {
		test_context("depth %u", depth);
		node = endpoint(&host);
		node.parent_id = above;
		node.port = 9;
		EXPECT_RETURN(0, __node_create(host.fd, &node, NULL));
		node = switch_below(&host);
		node.parent_id = above;
		ASSERT_RETURN(0, __node_create(host.fd, &node, &above));
	}
	test_context("too deep");
	node = endpoint(&host);
	node.parent_id = above;
	EXPECT_RETURN(-EINVAL, __node_create(host.fd, &node, NULL));
	node = switch_below(&host);
	node.parent_id = above;
	EXPECT_RETURN(-EINVAL, __node_create(host.fd, &node, NULL));
}

static struct cxl_softhost_node_create passthrough(void)
{
	return (struct cxl_softhost_node_create){
		.kind = CXL_SOFTHOST_NODE_HOST_BRIDGE,
		.ports = 1,
	};
}

TEST(host_bridges_without_HDM_capability)
{
	struct host host;

	host_with_free_ports(&host);
	EXPECT_CREATE(0, passthrough(), (void)0);
	EXPECT_CREATE(-EINVAL, passthrough(), node.ports = 2);
	EXPECT_CREATE(-EINVAL, passthrough(), node.decoder_count = 1);
	EXPECT_CREATE(-EINVAL, passthrough(), node.target_count = 1);
}

TEST(decoder_counts)
{
	static const uint32_t both[] = { 1, 2, 4, 6, 8, 10 };
	static const uint32_t bridges[] = { 12, 14, 16 };
	static const uint32_t many[] = { 20, 24, 28, 32 };
	static const uint32_t neither[] = { 0, 3, 5, 7, 9, 11, 13, 15, 18, 22, 33, 64, UINT32_MAX };
	struct host host;
	unsigned int i;

	host_with_free_ports(&host);
	for (i = 0; i < ARRAY_SIZE(both); i++) {
		EXPECT_CREATE(0, bridge(), node.decoder_count = both[i]);
		EXPECT_CREATE(0, endpoint(&host), node.decoder_count = both[i]);
	}
	for (i = 0; i < ARRAY_SIZE(bridges); i++) {
		EXPECT_CREATE(0, bridge(), node.decoder_count = bridges[i]);
		EXPECT_CREATE(-EINVAL, endpoint(&host), node.decoder_count = bridges[i]);
	}
	for (i = 0; i < ARRAY_SIZE(many); i++) {
		EXPECT_CREATE(-EINVAL, bridge(), node.decoder_count = many[i]);
		EXPECT_CREATE(0, bridge(), node.decoder_count = many[i];
			      node.flags |= CXL_SOFTHOST_NODE_MANY_DECODERS);
		EXPECT_CREATE(-EINVAL, endpoint(&host), node.decoder_count = many[i]);
		EXPECT_CREATE(-EINVAL, endpoint(&host), node.decoder_count = many[i];
			      node.flags |= CXL_SOFTHOST_NODE_MANY_DECODERS);
	}
	EXPECT_CREATE(0, bridge(), node.flags |= CXL_SOFTHOST_NODE_MANY_DECODERS);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.flags |= CXL_SOFTHOST_NODE_MANY_DECODERS);
	for (i = 0; i < ARRAY_SIZE(neither); i++) {
		EXPECT_CREATE(-EINVAL, bridge(), node.decoder_count = neither[i]);
		EXPECT_CREATE(-EINVAL, endpoint(&host), node.decoder_count = neither[i]);
	}
}

TEST(endpoints)
{
	struct host host;

	host_with_free_ports(&host);
	EXPECT_CREATE(0, endpoint(&host), (void)0);
	EXPECT_CREATE(-ENOENT, endpoint(&host), node.parent_id = 0);
	EXPECT_CREATE(-ENOENT, endpoint(&host), node.parent_id = OUT_OF_RANGE_ID);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.parent_id = host.endpoints[0].id);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.parent_id = host.windows[0]);
	EXPECT_CREATE(-EEXIST, endpoint(&host), node.port = 0);
	EXPECT_CREATE(0, endpoint(&host), node.port = 255);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.port = 256);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.ports = 1);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.target_count = 1);
	EXPECT_CREATE(-EINVAL, endpoint(&host), node.flags &= ~CXL_SOFTHOST_NODE_HDM);
	EXPECT_CREATE(0, endpoint(&host), node.flags |= CXL_SOFTHOST_NODE_WAYS_3_6_12);
	EXPECT_CREATE(0, endpoint(&host), node.flags |= CXL_SOFTHOST_NODE_WAYS_16);
}

TEST(more_devices_than_root_ports_are_ENOSPC)
{
	struct cxl_softhost_node_create node;
	struct host host;

	host_create(&host, &(struct host_config){ .endpoints = 2, .bridge_decoders = 1 });
	node = endpoint(&host);
	EXPECT_RETURN(-ENOSPC, __node_create(host.fd, &node, NULL));
	destroy(host.fd, host.endpoints[0].id);
	EXPECT_RETURN(0, __node_create(host.fd, &node, NULL));
}

TEST(partitions)
{
	struct cxl_softhost_partition *part;
	uint64_t length;
	struct host host;

	host_with_free_ports(&host);
	/* The fixture's backends are larger than two units by this much. */
	length = host.endpoints[0].lengths[VOLATILE];
#define CHANGE(expected, change)						\
	EXPECT_CREATE(expected, endpoint(&host), part = node.partitions; change)
	CHANGE(-EINVAL, part[VOLATILE].length = 0);
	CHANGE(-EINVAL, part[VOLATILE].length = UNIT / 2);
	CHANGE(-EINVAL, part[VOLATILE].length = UNIT + PAGE);
	CHANGE(-EINVAL, part[VOLATILE].offset = 1);
	CHANGE(-EINVAL, part[VOLATILE].offset = PAGE / 2);
	CHANGE(0, part[VOLATILE].offset = PAGE);
	CHANGE(-EINVAL, part[VOLATILE].length = 4 * UNIT);
	CHANGE(0, part[VOLATILE].offset = BACKEND_OFFSET + length - UNIT);
	CHANGE(-EINVAL, part[VOLATILE].offset = BACKEND_OFFSET + length - UNIT + PAGE);
	CHANGE(-EINVAL, part[VOLATILE].offset = BACKEND_OFFSET + length);
	CHANGE(-EOVERFLOW, part[VOLATILE].offset = -PAGE);
	CHANGE(-EOVERFLOW, part[VOLATILE].length = -UNIT; part[VOLATILE].offset = UNIT);
	CHANGE(-ENOENT, part[VOLATILE].backend_id = 0);
	CHANGE(-ENOENT, part[VOLATILE].backend_id = OUT_OF_RANGE_ID);
	CHANGE(-EINVAL, part[VOLATILE].backend_id = host.bridge);
	CHANGE(-EINVAL, part[VOLATILE].backend_id = host.windows[0]);
	CHANGE(0, part[PERSISTENT] = part[VOLATILE]; part[VOLATILE].length = 0;
	       part[VOLATILE].backend_id = 0);
	CHANGE(-EINVAL, part[PERSISTENT] = part[VOLATILE]; part[PERSISTENT].length = UNIT / 2);
}

TEST(capabilities)
{
	struct cxl_softhost_capability *caps;
	struct host host;

	host_with_free_ports(&host);
#undef CHANGE
#define CHANGE(expected, ...)							\
	EXPECT_CREATE(expected, endpoint(&host), caps = node.capabilities;	\
		      caps[0] = (struct cxl_softhost_capability){ __VA_ARGS__ })
	CHANGE(0, 2, 1, 0x600, 0x58);
	CHANGE(0, 2, 15, 0xffc, 4);
	CHANGE(0, 0xffff, 0, 0x600, 0xa00);
	CHANGE(-EINVAL, 1, 1, 0x600, 0x58);
	CHANGE(-EINVAL, 5, 1, 0x600, 0x58);
	CHANGE(-EINVAL, 2, 16, 0x600, 0x58);
	CHANGE(-EINVAL, 2, 1, 0x5fc, 0x58);
	CHANGE(-EINVAL, 2, 1, 0, 0x58);
	CHANGE(-EINVAL, 2, 1, 0x602, 0x58);
	CHANGE(-EINVAL, 2, 1, 0x1000, 4);
	CHANGE(-EINVAL, 2, 1, 0x600, 0);
	CHANGE(-EINVAL, 2, 1, 0x600, 0x5a);
	CHANGE(-EINVAL, 2, 1, 0xffc, 8);
	CHANGE(-EINVAL, 2, 1, 0x600, 0xa04);
#undef CHANGE
#define CHANGE(expected, from, length)						\
	EXPECT_CREATE(expected, bridge(), caps = node.capabilities;		\
		      caps[1] = (struct cxl_softhost_capability){ 2, 1, 0x700, 0x100 };	\
		      caps[3] = (struct cxl_softhost_capability){ 7, 1, from, length })
	CHANGE(0, 0x800, 0x100);
	CHANGE(0, 0x600, 0x100);
	CHANGE(-EINVAL, 0x700, 0x100);
	CHANGE(-EINVAL, 0x600, 0x104);
	CHANGE(-EINVAL, 0x7fc, 0x4);
	CHANGE(-EINVAL, 0x600, 0x400);
}
