// SPDX-License-Identifier: GPL-2.0-only
/*
 * STATE_GET and STATE_SET: what a guest has programmed as records, and back. A
 * state is put in force whole and without an engine; what it maps comes in with
 * ATTACH, all or nothing like everything else there.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "softhost.h"
#include "trace.h"

/* Of as many nodes, decoders and extents as a host can have */
#define SOFTHOST_MAX_RECORDS							\
	(SOFTHOST_MAX_NODES * (1 + SOFTHOST_MAX_DECODERS) + SOFTHOST_MAX_SEGMENTS)

DEFINE_FREE(softhost_records, struct cxl_softhost_record *, if (!IS_ERR(_T)) kvfree(_T))
DEFINE_FREE(softhost_numbers, struct softhost_numbers *, if (!IS_ERR(_T)) softhost_numbers_free(_T))

/* The number of the slot that @segment has, or that STATE_SET gave it */
static u32 __softhost_state_slot(struct softhost_host *host, const struct softhost_segment *segment)
{
	lockdep_assert_held(&host->state_lock);

	if (segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR)
		return CXL_SOFTHOST_NONE;
	return segment->slot != CXL_SOFTHOST_NONE ? segment->slot :
						    __softhost_number(host, segment->hpa);
}

static u32 __softhost_state_count(struct softhost_host *host)
{
	const struct softhost_map *map = __softhost_map(host);
	struct softhost_object *object;
	unsigned long id;
	u32 i, count = 0;

	lockdep_assert_held(&host->state_lock);

	xa_for_each(&host->objects, id, object)
		if (object->type == SOFTHOST_OBJECT_NODE)
			count += softhost_state_count(&to_softhost_node(object)->core,
						      to_softhost_node(object)->core.hdm);
	for (i = 0; i < map->count; i++)
		count += __softhost_state_slot(host, &map->segments[i]) != CXL_SOFTHOST_NONE;
	return count;
}

static void __softhost_state_save(struct softhost_host *host, struct cxl_softhost_record *records)
{
	const struct softhost_map *map = __softhost_map(host);
	struct softhost_object *object;
	unsigned long id;
	u32 i, slot;

	lockdep_assert_held(&host->state_lock);

	xa_for_each(&host->objects, id, object) {
		const struct softhost_node *node = &to_softhost_node(object)->core;

		if (object->type != SOFTHOST_OBJECT_NODE)
			continue;
		records += softhost_state_save(node, node->hdm, records);
	}
	for (i = 0; i < map->count; i++) {
		slot = __softhost_state_slot(host, &map->segments[i]);
		if (slot == CXL_SOFTHOST_NONE)
			continue;
		*records++ = (struct cxl_softhost_record){
			.kind = CXL_SOFTHOST_RECORD_SLOT,
			.index = slot,
			.hpa = map->segments[i].hpa,
			.length = map->segments[i].length,
		};
	}
}

/* The records of a moment, or an errno; @cmd gets count and generation */
static struct cxl_softhost_record *softhost_state_take(struct softhost_host *host,
						       struct cxl_softhost_state_get *cmd)
{
	struct cxl_softhost_record *records;
	u32 room = cmd->count;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return ERR_PTR(-EINTR);
	if (host->pending.token)
		return ERR_PTR(-EBUSY);
	cmd->count = __softhost_state_count(host);
	if (cmd->count > room)
		return ERR_PTR(-EMSGSIZE);
	records = kvmalloc_array(cmd->count, sizeof(*records), GFP_KERNEL_ACCOUNT);
	if (!records)
		return ERR_PTR(-ENOMEM);
	__softhost_state_save(host, records);
	cmd->out_generation = __softhost_map(host)->generation;
	return records;
}

int softhost_state_get_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_state_get *cmd = ucmd->cmd;
	u32 least = offsetofend(struct cxl_softhost_record, media);
	u32 i;
	int ret;

	if (cmd->flags)
		return -EOPNOTSUPP;
	if (!softhost_entry_size_ok(cmd->entry_size, least))
		return -EINVAL;

	struct cxl_softhost_record *records __free(softhost_records) =
		softhost_state_take(ucmd->host, cmd);
	if (IS_ERR(records))
		return PTR_ERR(records);
	for (i = 0; i < cmd->count; i++) {
		ret = softhost_entry_put(cmd->entries, i, cmd->entry_size, &records[i],
					 sizeof(records[i]));
		if (ret)
			return ret;
	}
	return 0;
}

static struct cxl_softhost_record *softhost_records_copy(const struct cxl_softhost_state_set *cmd)
{
	u32 i;
	int ret;

	struct cxl_softhost_record *records __free(softhost_records) =
		kvmalloc_array(cmd->count, sizeof(*records), GFP_KERNEL_ACCOUNT);
	if (!records)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < cmd->count; i++) {
		const void __user *from = u64_to_user_ptr(cmd->entries +
							  (u64)i * cmd->entry_size);

		ret = copy_struct_from_user(&records[i], sizeof(records[i]), from,
					    cmd->entry_size);
		if (ret)
			return ERR_PTR(ret);
		cond_resched();
	}
	return no_free_ptr(records);
}

static bool softhost_slot_record_ok(const struct cxl_softhost_record *record)
{
	return !record->node_id && !record->control && !record->list && !record->dpa &&
	       !record->mem_enable && !record->media && record->index != CXL_SOFTHOST_NONE;
}

/* The numbers that records give slots, or an errno and which record it is about */
static struct softhost_numbers *softhost_records_numbers(const struct cxl_softhost_record *records,
							 u32 count, u32 *at)
{
	u32 i, slots = 0;

	for (i = 0; i < count; i++)
		slots += records[i].kind == CXL_SOFTHOST_RECORD_SLOT;
	if (!slots)
		return NULL;

	struct softhost_numbers *numbers __free(softhost_numbers) = softhost_numbers_alloc(slots);
	if (!numbers)
		return ERR_PTR(-ENOMEM);
	for (i = 0, slots = 0; i < count; i++) {
		const struct cxl_softhost_record *record = &records[i];

		if (record->kind != CXL_SOFTHOST_RECORD_SLOT)
			continue;
		/* In order, to be found again by HPA */
		if (!softhost_slot_record_ok(record) ||
		    (slots && record->hpa <= numbers->slots[slots - 1].hpa)) {
			*at = i;
			return ERR_PTR(-EINVAL);
		}
		numbers->slots[slots].hpa = record->hpa;
		numbers->slots[slots++].slot = record->index;
	}
	return no_free_ptr(numbers);
}

/* @next registers of every node as RESET leaves them, and no record seen */
static void __softhost_state_clear(struct softhost_host *host)
{
	struct softhost_object *object;
	unsigned long id;

	lockdep_assert_held(&host->state_lock);

	xa_for_each(&host->objects, id, object) {
		if (object->type != SOFTHOST_OBJECT_NODE)
			continue;
		softhost_hdm_reset(&to_softhost_node(object)->core,
				   to_softhost_node(object)->core.next);
		to_softhost_node(object)->restored = 0;
	}
}

/* One that is about a node or its decoder */
static int __softhost_state_stage(struct softhost_host *host,
				  const struct cxl_softhost_record *record,
				  struct cxl_softhost_result *result)
{
	struct softhost_node_object *node;
	struct softhost_object *object;
	u64 about;

	lockdep_assert_held(&host->state_lock);

	object = softhost_object_get(host, record->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return PTR_ERR(object);
	node = to_softhost_node(object);
	if (!softhost_state_ok(&node->core, record))
		return -EINVAL;
	about = record->kind == CXL_SOFTHOST_RECORD_NODE ? SOFTHOST_RESTORED_NODE :
							   BIT_ULL(record->index);
	if (node->restored & about)
		return -EEXIST;
	node->restored |= about;
	softhost_state_restore(&node->core, node->core.next, host->topology.policy, record, result);
	return 0;
}

/* The first SLOT record that isn't about an extent of host->next, or @count */
static u32 __softhost_slots_meant(struct softhost_host *host,
				  const struct cxl_softhost_record *records, u32 count)
{
	const struct softhost_segment *segment;
	u64 next;
	u32 i;

	lockdep_assert_held(&host->state_lock);

	for (i = 0; i < count; i++) {
		if (records[i].kind != CXL_SOFTHOST_RECORD_SLOT)
			continue;
		segment = softhost_map_find(host->next, host->next->count, records[i].hpa, &next);
		if (!segment || segment->kind != CXL_SOFTHOST_SEGMENT_LINEAR ||
		    segment->hpa != records[i].hpa || segment->length != records[i].length)
			break;
	}
	return i;
}

/*
 * @next registers and host->next as the records want them. What an errno is about is in
 * cmd->out_record.
 */
static int __softhost_state_prepare(struct softhost_host *host,
				    const struct cxl_softhost_record *records,
				    struct cxl_softhost_state_set *cmd)
{
	struct cxl_softhost_result *result = &cmd->out_result;
	u32 i;
	int ret;

	lockdep_assert_held(&host->state_lock);

	__softhost_state_clear(host);
	for (i = 0; i < cmd->count; i++) {
		if (records[i].kind == CXL_SOFTHOST_RECORD_SLOT)
			continue;
		cmd->out_record = i;
		if (records[i].kind != CXL_SOFTHOST_RECORD_NODE &&
		    records[i].kind != CXL_SOFTHOST_RECORD_DECODER)
			return -EINVAL;
		ret = __softhost_state_stage(host, &records[i], result);
		if (ret)
			return ret;
		if (result->outcome != CXL_SOFTHOST_OUTCOME_REFUSED)
			continue;
		trace_cxl_softhost_refuse(records[i].node_id, result);
		return 0;
	}
	cmd->out_record = CXL_SOFTHOST_NONE;
	/* Where decoders overlap, what windows don't allow may come to light later */
	if (host->topology.policy == CXL_SOFTHOST_POLICY_CHECKED &&
	    !softhost_route_allowed(&host->topology, result))
		return 0;
	/* Without an engine nothing more is asked */
	__softhost_prepare(host, result);
	i = __softhost_slots_meant(host, records, cmd->count);
	if (i == cmd->count)
		return 0;
	cmd->out_record = i;
	return -EINVAL;
}

int softhost_state_set_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_state_set *cmd = ucmd->cmd;
	u32 least = offsetofend(struct cxl_softhost_record, media);
	struct cxl_softhost_result *result = &cmd->out_result;
	struct softhost_host *host = ucmd->host;
	int ret;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;
	if (!softhost_entry_size_ok(cmd->entry_size, least) || cmd->count > SOFTHOST_MAX_RECORDS)
		return -EINVAL;
	cmd->out_record = CXL_SOFTHOST_NONE;
	softhost_result_init(result);
	ucmd->answers = true;
	struct cxl_softhost_record *records __free(softhost_records) = softhost_records_copy(cmd);
	if (IS_ERR(records))
		return PTR_ERR(records);
	struct softhost_numbers *numbers __free(softhost_numbers) =
		softhost_records_numbers(records, cmd->count, &cmd->out_record);
	if (IS_ERR(numbers))
		return PTR_ERR(numbers);

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;
	if (host->engine)
		return -EBUSY;
	ret = __softhost_state_prepare(host, records, cmd);
	if (ret || result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED) {
		__softhost_unstage(host, NULL);
	} else {
		__softhost_numbers_set(host, no_free_ptr(numbers));
		/* Without an engine there is nothing that could go wrong */
		__softhost_carry_out(host, NULL, result);
	}
	__softhost_result_finish(host, result);
	return ret;
}
