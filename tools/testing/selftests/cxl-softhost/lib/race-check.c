// SPDX-License-Identifier: GPL-2.0-only
/* What a host is after a race, against what commands answered. */
#include "installed.h"
#include "model.h"
#include "race.h"

/* What is left of a host whose windows and devices come and go. */
static struct host existing(const struct race_bed *bed)
{
	struct host view = bed->host;
	unsigned int i;

	view.window_count = 0;
	for (i = 0; i < bed->host.window_count; i++) {
		if (!bed->host.windows[i])
			continue;
		view.windows[view.window_count] = bed->host.windows[i];
		view.config.windows[view.window_count++] = bed->host.config.windows[i];
	}
	return view;
}

/*
 * The value that is neither in a register nor known if several set it: those who
 * did say, and if they don't agree the map tells, which is held to one of them.
 */
static bool is_set(const struct racer *racers, unsigned int count, size_t at, bool before,
		   bool seen)
{
	bool may_be[2] = { false, false };
	unsigned int i;

	for (i = 0; i < count; i++) {
		int value = *(const int *)((const char *)&racers[i] + at);

		if (value >= 0)
			may_be[value] = true;
	}
	if (may_be[0] == may_be[1])
		return may_be[0] ? seen : before;
	return may_be[1];
}

#define OF_PORT(field, port) (offsetof(struct racer, field) + (port) * sizeof(int))

static void model_endpoint(struct model *model, unsigned int port, const struct racer *racers,
			   unsigned int count)
{
	struct model_endpoint *endpoint = &model->endpoints[port];
	int fd = model->host->fd;
	uint32_t id = model->host->endpoints[port].id;
	struct cxl_softhost_translate found = translate(fd, RACE_PLACE(port));
	struct decoder values;

	endpoint->destroyed = !id;
	if (!id)
		return;
	endpoint->hdm_enable = reg_read(fd, id, HDM_GLOBAL, 4) & HDM_GLOBAL_ENABLE;
	/* Media come first; where they are disabled Mem_Enable isn't to be seen. */
	endpoint->media_disabled = is_set(racers, count, OF_PORT(media, port), false,
					  found.out_reason ==
					  CXL_SOFTHOST_REASON_MEDIA_DISABLED);
	endpoint->mem_enable = is_set(racers, count, OF_PORT(mem_enable, port), true,
				      found.out_reason != CXL_SOFTHOST_REASON_MEM_DISABLED);
	if (decoder_read(fd, id, 0, &values))
		model_commit(model, port, 0, &values);
}

/* MAP_GET lists every slot that INFO counts, and what commands answered adds up. */
static bool check_counts(const char *file, int line, const struct race_bed *bed)
{
	struct cxl_softhost_info info = softhost_info(bed->host.fd);
	struct map map = map_get(bed->host.fd);
	bool attached = info.out_engine != CXL_SOFTHOST_ENGINE_NONE;
	unsigned int i, listed = 0;
	bool same = true;

	for (i = 0; i < map.count; i++)
		listed += map.segments[i].slot != CXL_SOFTHOST_NONE;
	same &= check_equal(file, line, listed, info.out_slots_used, "slots in MAP_GET",
			    "out_slots_used");
	same &= check_equal(file, line, map.generation, info.out_generation, "of MAP_GET",
			    "out_generation");
	same &= check_equal(file, line, bed->attached, attached, "ATTACHes less DETACHes",
			    "attached");
	same &= check_equal(file, line, 0, map_count(&map, CXL_SOFTHOST_SEGMENT_CONDEMNED), "none",
			    "condemned slots");
	map_free(&map);
	return same;
}

/* Registers as they are, and what commands answered. */
static void make_model(struct model *model, struct host *view, const struct racer *racers,
		       unsigned int count)
{
	struct decoder values;
	unsigned int i;

	model_init(model, view);
	for (i = 0; i < RACE_PORTS; i++) {
		model_endpoint(model, i, racers, count);
		if (decoder_read(view->fd, view->bridge, i, &values))
			model_commit_bridge(model, i, &values);
	}
}

bool race_check(const char *file, int line, struct race_bed *bed, const struct racer *racers,
		unsigned int count)
{
	struct host view = existing(bed);
	static struct model model;

	make_model(&model, &view, racers, count);
	model.engine = bed->attached;
	return check_counts(file, line, bed) && check_model(file, line, &model);
}

bool race_check_slots(const char *file, int line, struct race_bed *bed,
		      const struct racer *racers, unsigned int count)
{
	struct host view = existing(bed);
	static struct model model;

	make_model(&model, &view, racers, count);
	model.engine = bed->attached;
	return race_check(file, line, bed, racers, count) &&
	       check_installed(file, line, &model, &bed->vm);
}
