// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worked examples of decoding, E1 to E9: trees that are built and programmed
 * through registers, and where some addresses have to end. E3 to E5 are those
 * of the CXL specification (implementation notes of HDM decoder operation).
 */
#include "rig.h"

#define DECODERS	2
#define PROBES		5

struct level {
	u32 ways;		/* 0: there is no such level */
	u32 granularity;
};

struct probe {
	u64 hpa;
	u32 window_way, bridge_way, switch_way;
	u64 dpa;
};

struct example {
	const char *name;
	u64 hpa, length;	/* of the window; host bridges and switches decode all of it */
	struct level window, bridge, switches;
	u64 xor_maps[4];
	/* Each device is programmed alike */
	struct {
		u64 base, size;
		u32 ways_code, granularity_code;
	} decoders[DECODERS];
	u32 probe_count;
	struct probe probes[PROBES];
};

#define E6_BASE 0x110000000ULL
#define E7_BASE 0x300000000ULL
#define E9_BASE 0x400000000ULL

static const struct example examples[] = {
	{
		.name = "E1: linear",
		.hpa = 0x100000000ULL, .length = 8 * UNIT,
		.window = { 1, 256 }, .bridge = { 1, 256 },
		.decoders = { { 0x100000000ULL, 2 * UNIT, 0, 0 }, { 0x140000000ULL, UNIT, 0, 0 } },
		.probe_count = 2,
		.probes = {
			{ 0x110001234ULL, 0, 0, 0, 0x10001234 },
			{ 0x140000040ULL, 0, 0, 0, 0x20000040 },
		},
	}, {
		.name = "E2: two host bridges, two ports each",
		.hpa = 0x200000000ULL, .length = 16 * UNIT,
		.window = { 2, 256 }, .bridge = { 2, 512 },
		.decoders = { { 0x200000000ULL, 4 * UNIT, 2, 0 } },
		.probe_count = 1,
		.probes = { { 0x2000007c4ULL, 1, 1, 0, 0x1c4 } },
	}, {
		.name = "E3: a device with 8 ways, second decoder",
		.hpa = 32 * GIB, .length = 100 * GIB,
		.window = { 1, 256 }, .bridge = { 1, 256 },
		.decoders = { { 32 * GIB, 32 * GIB, 3, 1 }, { 128 * GIB, 4 * GIB, 3, 1 } },
		.probe_count = 1,
		.probes = { { 129 * GIB + 1028, 0, 0, 0, 0x108000004ULL } },
	}, {
		.name = "E4: a device with 12 ways, second decoder",
		.hpa = 32 * GIB, .length = 120 * GIB,
		.window = { 1, 256 }, .bridge = { 1, 256 },
		.decoders = { { 32 * GIB, 48 * GIB, 10, 1 }, { 128 * GIB, 24 * GIB, 10, 1 } },
		.probe_count = 1,
		.probes = { { 128 * GIB + 24920, 0, 0, 0, 0x100000958ULL } },
	}, {
		.name = "E5: a host bridge with 4 ways",
		.hpa = 128 * GIB, .length = 4 * GIB,
		.window = { 1, 256 }, .bridge = { 4, 512 },
		.decoders = { { 128 * GIB, 4 * GIB, 2, 1 } },
		.probe_count = 1,
		.probes = { { 129 * GIB + 1028, 0, 2, 0, 0x10000004 } },
	}, {
		.name = "E6: 3 ways on a base that isn't a multiple of 768 MiB (T14)",
		.hpa = E6_BASE, .length = 3 * UNIT,
		.window = { 3, 256 }, .bridge = { 1, 256 },
		.decoders = { { E6_BASE, 3 * UNIT, 8, 0 } },
		.probe_count = 5,
		.probes = {
			{ E6_BASE, 2, 0, 0, 0 },
			{ E6_BASE + 0x123, 0, 0, 0, 0x23 },
			{ E6_BASE + 0x2ff, 1, 0, 0, 0xff },
			{ E6_BASE + 0x300, 2, 0, 0, 0x100 },
			{ E6_BASE + 0x12345, 2, 0, 0, 0x6145 },
		},
	}, {
		.name = "E7: 6 ways: 3 on the window, 2 on the host bridge",
		.hpa = E7_BASE, .length = 6 * UNIT,
		.window = { 3, 512 }, .bridge = { 2, 256 },
		.decoders = { { E7_BASE, 6 * UNIT, 9, 0 } },
		.probe_count = 3,
		.probes = {
			{ E7_BASE + 0xabc, 2, 0, 0, 0x1bc },
			{ E7_BASE + 0x12345, 1, 1, 0, 0x3045 },
			{ E7_BASE + 0x600, 0, 0, 0, 0x100 },
		},
	}, {
		.name = "E8: 12 ways on three levels",
		.hpa = E7_BASE, .length = 12 * UNIT,
		.window = { 3, 1024 }, .bridge = { 2, 512 }, .switches = { 2, 256 },
		.decoders = { { E7_BASE, 12 * UNIT, 10, 0 } },
		.probe_count = 1,
		.probes = { { E7_BASE + 0xabc0, 0, 1, 1, 0xec0 } },
	}, {
		.name = "E9: XOR (T15: the device doesn't know)",
		.hpa = E9_BASE, .length = 4 * UNIT,
		.window = { 4, 256 }, .bridge = { 1, 256 },
		.xor_maps = { 0x2020900, 0x4041200 },
		.decoders = { { E9_BASE, 4 * UNIT, 2, 0 } },
		.probe_count = 3,
		.probes = {
			{ E9_BASE + 0x1980, 2, 0, 0, 0x680 },
			{ E9_BASE + 0x52300, 1, 0, 0, 0x14800 },
			{ E9_BASE + 0x20b40, 3, 0, 0, 0x8240 },
		},
	},
};

struct tree {
	struct softhost_window window;
	struct softhost_window *list[1];
	struct softhost_topology topology;
	struct softhost_node *bridges[4];
	struct softhost_node *leaves[4][4][2];
};

/* Neither dense nor in order (T13) */
static u32 port_of(u32 way)
{
	return 77 - 9 * way;
}

static u32 code_of(u32 number, u32 first)
{
	u32 code = 0;

	for (; number > first; number /= 2)
		code++;
	return code;
}

/* Ways of a host bridge or switch, over all of the window */
static void program_router(struct softhost_node *node, const struct example *example,
			   const struct level *level)
{
	struct rig_program ask = { .base = example->hpa, .size = example->length };
	u32 way;

	for (way = 0; way < level->ways; way++)
		ask.list |= (u64)port_of(way) << 8 * way;
	ask.ctrl = IW(code_of(level->ways, 1)) | IG(code_of(level->granularity, 256));
	rig_must_commit(node, &ask);
}

static struct softhost_node *add_device(struct softhost_node *above, u32 way,
					const struct example *example)
{
	struct rig_shape shape = rig_endpoint;
	struct softhost_node *device;
	u32 n;

	shape.flags |= CXL_SOFTHOST_NODE_WAYS_3_6_12 | CXL_SOFTHOST_NODE_WAYS_16;
	shape.length[0] = 64 * UNIT;
	device = rig_child(above, port_of(way), &shape);
	rig_enable(device);
	for (n = 0; n < DECODERS && example->decoders[n].size; n++) {
		struct rig_program ask = {
			.n = n,
			.base = example->decoders[n].base,
			.size = example->decoders[n].size,
			.ctrl = IW(example->decoders[n].ways_code) |
				IG(example->decoders[n].granularity_code),
		};

		rig_must_commit(device, &ask);
	}
	return device;
}

static struct tree *build(const struct example *example)
{
	struct tree *tree = rig_alloc(sizeof(*tree));
	u32 w, b, s;

	for (w = 0; w < example->window.ways; w++) {
		tree->bridges[w] = rig_node(&rig_bridge);
		program_router(tree->bridges[w], example, &example->bridge);
		for (b = 0; b < example->bridge.ways; b++) {
			struct softhost_node *above = tree->bridges[w];

			if (!example->switches.ways) {
				tree->leaves[w][b][0] = add_device(above, b, example);
				continue;
			}
			above = rig_child(above, port_of(b), &rig_switch);
			program_router(above, example, &example->switches);
			for (s = 0; s < example->switches.ways; s++)
				tree->leaves[w][b][s] = add_device(above, s, example);
		}
	}
	tree->window = rig_window(9, example->hpa, example->length, tree->bridges[0]);
	rig_window_ways(&tree->window, example->window.ways, example->window.granularity,
			tree->bridges);
	for (w = 0; w < 4 && example->xor_maps[w]; w++)
		tree->window.xor_maps[tree->window.xor_map_count++] = example->xor_maps[w];
	tree->list[0] = &tree->window;
	tree->topology.windows = tree->list;
	tree->topology.window_count = 1;
	return tree;
}

static void tear_down(struct tree *tree)
{
	u32 w;

	for (w = 0; w < tree->window.ways; w++)
		rig_free(tree->bridges[w]);
	rig_release(tree);
}

static void check_probe(const struct tree *tree, const struct example *example,
			const struct probe *probe)
{
	const struct softhost_node *leaf =
		tree->leaves[probe->window_way][probe->bridge_way][probe->switch_way];
	struct softhost_answer answer;
	u32 n = 0, position, found = 0;
	const struct softhost_latch *latch;

	softhost_walk(&tree->window, probe->hpa, true, &answer);
	CHECK_EQUAL(answer.reason, CXL_SOFTHOST_REASON_NONE);
	CHECK_EQUAL(answer.dpa, probe->dpa);
	if (!CHECK(answer.node == leaf))
		rig_note("at %#llx", (unsigned long long)probe->hpa);
	CHECK_EQUAL(answer.partition, CXL_SOFTHOST_PARTITION_VOLATILE);
	CHECK_EQUAL(softhost_window_position(&tree->window, probe->hpa), probe->window_way);

	/* And back: one of the device's positions is this address */
	while (n + 1 < DECODERS && example->decoders[n + 1].size &&
	       probe->hpa >= example->decoders[n + 1].base)
		n++;
	latch = &leaf->next->decoders[n].latch;
	for (position = 0; position < softhost_ways(latch->interleave); position++)
		found += latch->base + softhost_unfold(latch->interleave,
						       probe->dpa - latch->dpa_base,
						       position) == probe->hpa;
	CHECK_EQUAL(found, 1);
}

static void check_map(const struct tree *tree, const struct example *example)
{
	struct softhost_map *map = rig_map(&tree->topology);
	const struct softhost_segment *segment;
	bool several = example->window.ways > 1 || example->bridge.ways > 1 ||
		       example->switches.ways > 1 || example->decoders[0].ways_code;
	u64 next;
	u32 i;

	softhost_route(&tree->topology, map);
	for (i = 0; i < example->probe_count; i++) {
		segment = softhost_map_find(map, map->count, example->probes[i].hpa, &next);
		if (!CHECK(segment))
			continue;
		CHECK_EQUAL(segment->kind, several ? CXL_SOFTHOST_SEGMENT_INTERLEAVED :
						     CXL_SOFTHOST_SEGMENT_LINEAR);
		CHECK_EQUAL(segment->reason, CXL_SOFTHOST_REASON_NONE);
	}
	rig_release(map);
}

u32 rig_example_count(void)
{
	return ARRAY_SIZE(examples);
}

const char *rig_example_name(u32 i)
{
	return examples[i].name;
}

void rig_check_example(u32 i)
{
	struct tree *tree = build(&examples[i]);
	u32 p;

	for (p = 0; p < examples[i].probe_count; p++)
		check_probe(tree, &examples[i], &examples[i].probes[p]);
	check_map(tree, &examples[i]);
	tear_down(tree);
}
