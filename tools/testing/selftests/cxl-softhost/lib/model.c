// SPDX-License-Identifier: GPL-2.0-only
/* What every byte of the windows should be. */
#include <string.h>

#include "model.h"
#include "same.h"

#define WRONG(name) (1ULL << CXL_SOFTHOST_REASON_##name)

unsigned int ways_of_code(unsigned int code)
{
	return code < 8 ? 1U << code : 3U << (code - 8);
}

void model_init(struct model *model, struct host *host)
{
	*model = (struct model){ .host = host };
}

void model_commit(struct model *model, unsigned int endpoint, unsigned int number,
		  const struct decoder *values)
{
	struct model_decoder *decoder = &model->endpoints[endpoint].decoders[number];

	*decoder = (struct model_decoder){
		.committed = true,
		.base = values->base,
		.size = values->size,
		.ways = ways_of_code(values->ways_code),
		.granularity = 256ULL << values->granularity_code,
		.dpa = values->extra,
	};
	/* No ways: committed behind the model's back, so there is no telling. */
	if (number > 0 && decoder[-1].ways)
		decoder->dpa += decoder[-1].dpa + decoder[-1].size / decoder[-1].ways;
}

void model_commit_bridge(struct model *model, unsigned int number,
			 const struct decoder *values)
{
	model->bridge[number] = (struct model_decoder){
		.committed = true,
		.base = values->base,
		.size = values->size,
		.ways = ways_of_code(values->ways_code),
		.granularity = 256ULL << values->granularity_code,
		.targets = values->extra,
	};
}

static const struct model_decoder *hit(const struct model_decoder *decoders, unsigned int count,
				       uint64_t hpa)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (decoders[i].committed && hpa >= decoders[i].base &&
		    hpa - decoders[i].base < decoders[i].size)
			return &decoders[i];
	return NULL;
}

/* Which endpoint the bridge routes an address to; -1 and why not. */
static int route(const struct model *model, uint64_t hpa, struct model_answer *answer)
{
	const struct host_config *config = &model->host->config;
	unsigned int port = 0;

	if (config->bridge_decoders) {
		const struct model_decoder *decoder = hit(model->bridge, config->bridge_decoders,
							  hpa);

		if (!decoder) {
			answer->reasons = WRONG(NO_DECODER);
			return -1;
		}
		answer->interleaved = decoder->ways > 1;
		port = decoder->targets >> 8 * (hpa / decoder->granularity % decoder->ways) & 0xff;
	}
	if (port >= config->endpoints || model->endpoints[port].destroyed) {
		answer->reasons = WRONG(NO_TARGET);
		return -1;
	}
	return port;
}

static void answer_endpoint(const struct model *model, uint64_t hpa, struct model_answer *answer)
{
	const struct model_endpoint *endpoint = &model->endpoints[answer->endpoint];
	const struct endpoint *real = &model->host->endpoints[answer->endpoint];
	const struct model_decoder *decoder = hit(endpoint->decoders,
						  ARRAY_SIZE(endpoint->decoders), hpa);
	uint64_t offset, granules;

	if (decoder && decoder->ways > 1)
		answer->interleaved = true;
	/* Which of several obstacles is named isn't laid down. */
	if (!endpoint->hdm_enable)
		answer->reasons |= WRONG(HDM_DISABLED);
	if (!endpoint->mem_enable)
		answer->reasons |= WRONG(MEM_DISABLED);
	if (endpoint->media_disabled)
		answer->reasons |= WRONG(MEDIA_DISABLED);
	if (!decoder)
		answer->reasons |= WRONG(NO_ENDPOINT_DECODER);
	if (answer->reasons)
		return;
	offset = hpa - decoder->base;
	granules = offset / decoder->granularity / decoder->ways;
	offset = decoder->dpa + granules * decoder->granularity + offset % decoder->granularity;
	answer->dpa = offset;
	if (offset >= real->lengths[VOLATILE]) {
		offset -= real->lengths[VOLATILE];
		answer->partition = PERSISTENT;
	}
	answer->backend_offset = BACKEND_OFFSET + offset;
	answer->host_addr = real->memory[answer->partition] + offset;
}

struct model_answer model_at(const struct model *model, uint64_t hpa)
{
	const struct host_config *config = &model->host->config;
	struct model_answer answer = { .reasons = 0 };
	int endpoint;

	for (; answer.window < model->host->window_count; answer.window++)
		if (hpa >= config->windows[answer.window].hpa &&
		    hpa - config->windows[answer.window].hpa <
		    config->windows[answer.window].length)
			break;
	if (answer.window == model->host->window_count) {
		answer.reasons = WRONG(NO_WINDOW);
		return answer;
	}
	endpoint = route(model, hpa, &answer);
	if (endpoint < 0)
		return answer;
	answer.endpoint = endpoint;
	answer_endpoint(model, hpa, &answer);
	return answer;
}

static bool check_reason(const char *file, int line, uint64_t hpa, uint64_t reasons,
			 unsigned int found, const char *what)
{
	if (reasons ? found < 64 && reasons >> found & 1 : found == CXL_SOFTHOST_REASON_NONE)
		return true;
	test_fail(file, line, "%s at %#llx: expected one of the reasons %#llx, found %s", what,
		  (unsigned long long)hpa, (unsigned long long)reasons, reason_name(found));
	return false;
}

static bool check_translate(const char *file, int line, const struct model *model, uint64_t hpa,
			    const struct model_answer *answer)
{
	struct cxl_softhost_translate found = translate(model->host->fd, hpa);
	const struct endpoint *endpoint = &model->host->endpoints[answer->endpoint];

	if (!check_reason(file, line, hpa, answer->reasons, found.out_reason, "TRANSLATE"))
		return false;
	if (answer->window < model->host->window_count)
		SAME(model->host->windows[answer->window], found.out_window_id);
	if (answer->reasons)
		return true;
	SAME(hpa, found.out_hpa);
	SAME(answer->dpa, found.out_dpa);
	SAME(answer->backend_offset, found.out_backend_offset);
	SAME(answer->partition, found.out_partition);
	SAME(endpoint->id, found.out_node_id);
	SAME(endpoint->backends[answer->partition], found.out_backend_id);
	SAME(backend_cookie(answer->endpoint, answer->partition), found.out_cookie);
	return true;
}

/* As far as it says that the answer continues, it does. */
static bool check_length(const char *file, int line, const struct model *model, uint64_t hpa,
			 const struct model_answer *answer)
{
	struct cxl_softhost_translate found = translate(model->host->fd, hpa);
	struct model_answer last = model_at(model, hpa + found.out_length - 1);

	if (found.out_length == 0 || found.out_length > 1ULL << 52) {
		test_fail(file, line, "TRANSLATE at %#llx: length %#llx", (unsigned long long)hpa,
			  (unsigned long long)found.out_length);
		return false;
	}
	SAME(!!answer->reasons, !!last.reasons);
	if (answer->reasons)
		return true;
	SAME(answer->host_addr + found.out_length - 1, last.host_addr);
	return true;
}

static bool check_segment(const char *file, int line, const struct model *model, uint64_t hpa,
			  const struct model_answer *answer, const struct map *map)
{
	const struct cxl_softhost_segment *segment = map_find(map, hpa);
	const struct endpoint *endpoint = &model->host->endpoints[answer->endpoint];
	uint64_t into;

	if (!segment) {
		test_fail(file, line, "MAP_GET lists nothing at %#llx", (unsigned long long)hpa);
		return false;
	}
	into = hpa - segment->hpa;
	SAME(model->host->windows[answer->window], segment->window_id);
	if (answer->interleaved && segment->kind == CXL_SOFTHOST_SEGMENT_INTERLEAVED) {
		/* TRANSLATE tells of each way. */
		SAME(CXL_SOFTHOST_NONE, segment->slot);
		return true;
	}
	if (answer->interleaved)
		SAME(true, !!answer->reasons);
	if (answer->reasons) {
		SAME(CXL_SOFTHOST_SEGMENT_HOLE, segment->kind);
		SAME(CXL_SOFTHOST_NONE, segment->slot);
		/* Of several silent ways it names the first. */
		return answer->interleaved ||
		       check_reason(file, line, hpa, answer->reasons, segment->reason, "MAP_GET");
	}
	SAME(CXL_SOFTHOST_SEGMENT_LINEAR, segment->kind);
	SAME(model->engine ? CXL_SOFTHOST_REASON_NONE : CXL_SOFTHOST_REASON_NO_ENGINE,
	     segment->reason);
	SAME(model->engine, segment->slot != CXL_SOFTHOST_NONE);
	SAME(answer->dpa, segment->dpa + into);
	SAME(answer->backend_offset, segment->backend_offset + into);
	SAME((uintptr_t)answer->host_addr, segment->host_addr + into);
	SAME(answer->partition, segment->partition);
	SAME(endpoint->id, segment->node_id);
	SAME(endpoint->backends[answer->partition], segment->backend_id);
	SAME(backend_cookie(answer->endpoint, answer->partition), segment->cookie);
	return true;
}

static bool check_byte(const char *file, int line, const struct model *model, uint64_t hpa,
		       const struct map *map)
{
	struct model_answer answer = model_at(model, hpa);

	return check_segment(file, line, model, hpa, &answer, map) &&
	       check_translate(file, line, model, hpa, &answer) &&
	       check_length(file, line, model, hpa, &answer);
}

/* Page by page of 2 MiB and 1 GiB: one can be used, or addresses differ, or none fits. */
static bool check_pages(const char *file, int line, const struct cxl_softhost_segment *segment)
{
	static const uint64_t sizes[] = { PAGE, 512 * PAGE, 512 * 512 * PAGE };
	uint64_t page_sizes = 0, misaligned = 0, hpa = segment->hpa, end = hpa + segment->length;
	uint64_t page;
	unsigned int i;

	for (i = 0; segment->kind == CXL_SOFTHOST_SEGMENT_LINEAR && i < ARRAY_SIZE(sizes); i++) {
		if (hpa % sizes[i] != segment->host_addr % sizes[i]) {
			misaligned += sizes[i];
			continue;
		}
		/* The first page that begins in it */
		page = hpa % sizes[i] ? hpa - hpa % sizes[i] + sizes[i] : hpa;
		if (page < end && end - page >= sizes[i])
			page_sizes += sizes[i];
	}
	SAME(page_sizes, segment->page_sizes);
	SAME(misaligned, segment->misaligned);
	return true;
}

/* The segments that aren't condemned cover every window, in order, once. */
static bool check_cover(const char *file, int line, const struct model *model,
			const struct map *map)
{
	const struct host_config *config = &model->host->config;
	uint64_t total = 0, listed = 0, end = 0;
	unsigned int i;

	for (i = 0; i < model->host->window_count; i++)
		total += config->windows[i].length;
	for (i = 0; i < map->count; i++) {
		const struct cxl_softhost_segment *segment = &map->segments[i];
		uint64_t hpa = segment->hpa;

		if (segment->kind == CXL_SOFTHOST_SEGMENT_CONDEMNED)
			continue;
		if (hpa < end) {
			test_fail(file, line, "MAP_GET: %#llx comes after %#llx",
				  (unsigned long long)hpa, (unsigned long long)end);
			return false;
		}
		if (!check_pages(file, line, segment))
			return false;
		end = hpa + segment->length;
		listed += segment->length;
	}
	if (listed != total) {
		test_fail(file, line, "MAP_GET: expected %#llx bytes, found %#llx",
			  (unsigned long long)total, (unsigned long long)listed);
		return false;
	}
	return true;
}

bool check_model(const char *file, int line, const struct model *model)
{
	/* Everything has units of 256 MiB: both ends of each, and a byte inside. */
	static const uint64_t offsets[] = { 0, 0x1234567, UNIT - 1 };
	const struct host_config *config = &model->host->config;
	struct map map = map_get(model->host->fd);
	bool same = check_cover(file, line, model, &map);
	unsigned int i, j;

	for (i = 0; same && i < model->host->window_count; i++) {
		uint64_t hpa, end = config->windows[i].hpa + config->windows[i].length;

		for (hpa = config->windows[i].hpa; same && hpa < end; hpa += UNIT)
			for (j = 0; same && j < ARRAY_SIZE(offsets); j++)
				same = check_byte(file, line, model, hpa + offsets[j], &map);
		if (same && model_at(model, end).reasons == WRONG(NO_WINDOW)) {
			struct model_answer outside = model_at(model, end);

			same = check_translate(file, line, model, end, &outside);
		}
	}
	if (!same)
		map_note(&map);
	map_free(&map);
	return same;
}
