// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest has programmed into a component, as records, and back. Registers
 * say all but one thing: what DPA a device's decoder has, which depends on what was
 * committed when it was.
 */
#include "core.h"

/* Any share of a decoder is a multiple of that: 256 MiB dealt out to most ways */
#define SOFTHOST_DPA_UNIT (CXL_SOFTHOST_UNIT / SOFTHOST_MAX_WAYS)

static bool softhost_decoder_blank(const struct softhost_decoder *decoder)
{
	u32 i;

	for (i = 0; i < SOFTHOST_DECODER_REGS; i++)
		if (decoder->reg[i])
			return false;
	return true;
}

/**
 * softhost_state_count() - records that a component takes
 * @node: the component
 * @hdm: its registers
 *
 * Return: how many softhost_state_save() makes, one at least.
 */
u32 softhost_state_count(const struct softhost_node *node, const struct softhost_hdm *hdm)
{
	u32 n, count = 1;

	for (n = 0; n < node->decoder_count; n++)
		count += !softhost_decoder_blank(&hdm->decoders[n]);
	return count;
}

static struct cxl_softhost_record softhost_decoder_save(const struct softhost_node *node,
							const struct softhost_decoder *decoder,
							u32 n)
{
	return (struct cxl_softhost_record){
		.kind = CXL_SOFTHOST_RECORD_DECODER,
		.node_id = node->id,
		.index = n,
		.control = decoder->reg[SOFTHOST_REG_CTRL],
		.hpa = softhost_decoder_base(decoder),
		.length = softhost_decoder_size(decoder),
		.list = softhost_decoder_skip(decoder),
		.dpa = decoder->latch.dpa_base,
	};
}

/**
 * softhost_state_save() - registers as records
 * @node: the component
 * @hdm: its registers
 * @records: room for softhost_state_count()
 *
 * Return: how many it made.
 */
u32 softhost_state_save(const struct softhost_node *node, const struct softhost_hdm *hdm,
			struct cxl_softhost_record *records)
{
	u32 n, count = 0;

	records[count++] = (struct cxl_softhost_record){
		.kind = CXL_SOFTHOST_RECORD_NODE,
		.node_id = node->id,
		.control = hdm->global_ctrl,
		.mem_enable = hdm->mem_enable,
		.media = hdm->media,
	};
	for (n = 0; n < node->decoder_count; n++)
		if (!softhost_decoder_blank(&hdm->decoders[n]))
			records[count++] = softhost_decoder_save(node, &hdm->decoders[n], n);
	return count;
}

/* HDM Decoder Global Control, and what a device has beside it */
static bool softhost_node_record_ok(const struct softhost_node *node,
				    const struct cxl_softhost_record *record)
{
	bool endpoint = node->kind == CXL_SOFTHOST_NODE_ENDPOINT;

	if (record->index || record->hpa || record->length || record->list || record->dpa)
		return false;
	/* Only devices, all of which have decoders, have a bit in it that can be set */
	if (record->control & ~(endpoint ? SOFTHOST_GLOBAL_ENABLE : 0))
		return false;
	return record->mem_enable <= endpoint &&
	       record->media <= (endpoint ? CXL_SOFTHOST_MEDIA_DISABLED : 0);
}

/* No register holds what could not have been written, or been answered */
static bool softhost_decoder_record_ok(const struct softhost_node *node,
				       const struct cxl_softhost_record *record)
{
	bool endpoint = node->kind == CXL_SOFTHOST_NODE_ENDPOINT;
	u32 ctrl = record->control;
	u32 answer = ctrl & (SOFTHOST_CTRL_COMMITTED | SOFTHOST_CTRL_ERR);
	u32 known = SOFTHOST_CTRL_WRITABLE | SOFTHOST_CTRL_COMMITTED | SOFTHOST_CTRL_ERR;

	if (record->index >= node->decoder_count || record->mem_enable || record->media)
		return false;
	if ((ctrl & ~known) || answer == (SOFTHOST_CTRL_COMMITTED | SOFTHOST_CTRL_ERR) ||
	    !answer != !(ctrl & SOFTHOST_CTRL_COMMIT))
		return false;
	if ((record->hpa | record->length) & (CXL_SOFTHOST_UNIT - 1))
		return false;
	if (endpoint && (record->list & (CXL_SOFTHOST_UNIT - 1)))
		return false;
	if (!endpoint || !(ctrl & SOFTHOST_CTRL_COMMITTED))
		return !record->dpa;
	return !(record->dpa & (SOFTHOST_DPA_UNIT - 1));
}

/**
 * softhost_state_ok() - whether a record can be about a component
 * @node: the component
 * @record: kind NODE or DECODER
 *
 * Return: false if its fields hold what the component never can.
 */
bool softhost_state_ok(const struct softhost_node *node,
		       const struct cxl_softhost_record *record)
{
	if (record->kind == CXL_SOFTHOST_RECORD_NODE)
		return softhost_node_record_ok(node, record);
	return softhost_decoder_record_ok(node, record);
}

/**
 * softhost_state_restore() - a record as registers
 * @node: the component
 * @hdm: its registers; what the record is about is in reset state
 * @policy: enum cxl_softhost_policy
 * @record: the record, softhost_state_ok()
 * @result: DONE; or REFUSED, decoder, reason, expected and found
 */
void softhost_state_restore(const struct softhost_node *node, struct softhost_hdm *hdm,
			    u32 policy, const struct cxl_softhost_record *record,
			    struct cxl_softhost_result *result)
{
	struct softhost_decoder *decoder;

	softhost_result_init(result);
	if (record->kind == CXL_SOFTHOST_RECORD_NODE) {
		hdm->global_ctrl = record->control;
		hdm->mem_enable = record->mem_enable;
		hdm->media = record->media;
		return;
	}

	decoder = &hdm->decoders[record->index];
	decoder->reg[SOFTHOST_REG_BASE_LOW] = record->hpa;
	decoder->reg[SOFTHOST_REG_BASE_HIGH] = record->hpa >> 32;
	decoder->reg[SOFTHOST_REG_SIZE_LOW] = record->length;
	decoder->reg[SOFTHOST_REG_SIZE_HIGH] = record->length >> 32;
	decoder->reg[SOFTHOST_REG_LIST_LOW] = record->list;
	decoder->reg[SOFTHOST_REG_LIST_HIGH] = record->list >> 32;
	decoder->reg[SOFTHOST_REG_CTRL] = record->control & ~SOFTHOST_CTRL_COMMITTED;
	if (!(record->control & SOFTHOST_CTRL_COMMITTED))
		return;
	softhost_hdm_restore(node, hdm, record->index, policy, record->dpa, result);
	if (result->outcome != CXL_SOFTHOST_OUTCOME_REFUSED)
		softhost_result_init(result);
}
