// SPDX-License-Identifier: GPL-2.0-only
/*
 * What core/ costs: one translation on paths of several shapes, and making the
 * map anew as a host has more and more committed decoders. Pinned to one CPU,
 * median of 9; the machine may be busy, so look at ratios.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rig.h"

#define RUNS		9
#define ADDRESSES	4096
#define ROUNDS		64
#define WINDOWS		16
#define DEVICES		4		/* below the bridge of each window */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;

	return (one > other) - (one < other);
}

static double median(double values[RUNS])
{
	qsort(values, RUNS, sizeof(values[0]), compare);
	return values[RUNS / 2];
}

/* A region over all of the window; a level with ways 0 isn't there */
struct path {
	const char *name;
	u32 window_ways, bridge_ways, switch_ways;
	u32 window_granularity, bridge_code, switch_code;
	u32 device_code;		/* Interleave Ways of the devices */
};

static const struct path paths[] = {
	{ "1 way", 1, 1, 0, 256, 0, 0, 0 },
	{ "4 ways, window and host bridge", 2, 2, 0, 256, 1, 0, 2 },
	{ "12 ways, three levels", 3, 2, 2, 1024, 1, 0, 10 },
	{ "16 ways, three levels", 2, 4, 2, 256, 1, 3, 4 },
};

static u32 ways_code(u32 ways)
{
	u32 code = 0;

	for (; ways > 1; ways /= 2)
		code++;
	return code;
}

static void program(struct softhost_node *node, u64 size, u32 ways, u32 granularity_code)
{
	rig_must_commit(node, &(struct rig_program){
		.base = 4 * GIB, .size = size, .list = 0x0706050403020100ULL,
		.ctrl = IW(ways_code(ways)) | IG(granularity_code),
	});
}

static void add_devices(struct softhost_node *above, u32 count, const struct path *path, u64 size)
{
	struct rig_shape shape = rig_endpoint;
	u32 i;

	shape.flags |= CXL_SOFTHOST_NODE_WAYS_3_6_12 | CXL_SOFTHOST_NODE_WAYS_16;
	for (i = 0; i < count; i++) {
		struct softhost_node *device = rig_child(above, i, &shape);

		rig_enable(device);
		rig_must_commit(device, &(struct rig_program){
			.base = 4 * GIB, .size = size, .ctrl = IW(path->device_code),
		});
	}
}

static void bench_path(const struct path *path)
{
	struct softhost_node *bridges[3];
	struct softhost_window window;
	struct softhost_answer answer;
	static u64 addresses[ADDRESSES];
	double times[RUNS];
	u64 size, sum = 0;
	u32 w, b, i, run;

	size = 48 * UNIT;
	for (w = 0; w < path->window_ways; w++) {
		bridges[w] = rig_node(&rig_bridge);
		program(bridges[w], size, path->bridge_ways, path->bridge_code);
		for (b = 0; b < path->bridge_ways; b++) {
			struct softhost_node *below;

			if (!path->switch_ways)
				continue;
			below = rig_child(bridges[w], b, &rig_switch);
			program(below, size, path->switch_ways, path->switch_code);
			add_devices(below, path->switch_ways, path, size);
		}
		if (!path->switch_ways)
			add_devices(bridges[w], path->bridge_ways, path,
				    path->device_code ? size : 16 * UNIT);
	}
	window = rig_window(1, 4 * GIB, size, bridges[0]);
	rig_window_ways(&window, path->window_ways, path->window_granularity, bridges);
	for (i = 0; i < ADDRESSES; i++)
		addresses[i] = 4 * GIB + i * 2654435761ULL % (16 * UNIT);

	for (run = 0; run < RUNS; run++) {
		double from = now();

		for (i = 0; i < ADDRESSES * ROUNDS; i++) {
			softhost_walk(&window, addresses[i % ADDRESSES], true, &answer);
			sum += answer.dpa + answer.reason;
		}
		times[run] = (now() - from) / (ADDRESSES * ROUNDS);
	}
	printf("translate: %-32s %6.1f ns  (%llx)\n", path->name, median(times),
	       (unsigned long long)sum & 0xff);
	for (w = 0; w < path->window_ways; w++)
		rig_free(bridges[w]);
}

/*
 * @regions, dealt out to the windows; each has a decoder of the bridge and one of
 * each of its devices: one, or all four of the bridge
 */
static double bench_route(u32 regions, bool interleaved, u32 *decoders)
{
	static struct softhost_window windows[WINDOWS];
	struct softhost_window *list[WINDOWS];
	struct softhost_topology topology = { .windows = list, .window_count = WINDOWS };
	struct rig_shape bridge = rig_bridge, device = rig_endpoint;
	struct softhost_node *bridges[WINDOWS];
	struct softhost_map *map;
	double times[RUNS];
	u32 w, d, r, run, rounds = 200;

	bridge.decoders = 32;
	device.decoders = 10;
	device.length[0] = 40 * UNIT;
	*decoders = 0;
	for (w = 0; w < WINDOWS; w++) {
		u64 base = (u64)(w + 1) << 36, size = (interleaved ? 4 : 1) * UNIT;
		u32 used[DEVICES] = { 0 };

		bridges[w] = rig_node(&bridge);
		for (d = 0; d < DEVICES; d++)
			rig_enable(rig_child(bridges[w], d, &device));
		windows[w] = rig_window(w + 1, base, 128 * UNIT, bridges[w]);
		list[w] = &windows[w];
		for (r = 0; r < (regions + WINDOWS - 1 - w) / WINDOWS; r++) {
			struct rig_program ask = { .n = r, .base = base + r * size, .size = size };

			ask.list = interleaved ? 0x03020100 : r % DEVICES;
			ask.ctrl = interleaved ? IW(2u) : 0;
			rig_must_commit(bridges[w], &ask);
			++*decoders;
			ask.list = 0;
			for (d = 0; d < DEVICES; d++) {
				if (!interleaved && d != r % DEVICES)
					continue;
				ask.n = used[d]++;
				rig_must_commit((struct softhost_node *)
						softhost_child_find(bridges[w], d, true), &ask);
				++*decoders;
			}
		}
	}
	map = rig_map(&topology);
	for (run = 0; run < RUNS; run++) {
		double from = now();

		for (r = 0; r < rounds; r++)
			softhost_route(&topology, map);
		times[run] = (now() - from) / rounds;
	}
	free(map);
	for (w = 0; w < WINDOWS; w++)
		rig_free(bridges[w]);
	return median(times);
}

static void bench_routes(bool interleaved, const u32 *regions, u32 count)
{
	double first = 0;
	u32 i, decoders, first_decoders = 0;

	for (i = 0; i < count; i++) {
		double time = bench_route(regions[i], interleaved, &decoders);

		if (!i) {
			first = time;
			first_decoders = decoders;
		}
		printf("map: %3u decoders, %s: %8.2f us, %5.2f times the time for %5.2f times as many\n",
		       decoders, interleaved ? "4 ways" : "1 way ", time / 1000, time / first,
		       (double)decoders / first_decoders);
	}
}

int main(void)
{
	/* 16, 64, 256 and 512 decoders, or about as many in groups of five */
	static const u32 linear[] = { 8, 32, 128, 256 };
	static const u32 interleaved[] = { 3, 13, 51, 102 };
	cpu_set_t one;
	u32 i;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		perror("not pinned");
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		bench_path(&paths[i]);
	printf("map: %u windows, %u devices\n", WINDOWS, WINDOWS * DEVICES);
	bench_routes(false, linear, ARRAY_SIZE(linear));
	bench_routes(true, interleaved, ARRAY_SIZE(interleaved));
	return 0;
}
