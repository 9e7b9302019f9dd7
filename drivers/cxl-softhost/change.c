// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that change registers. Each is staged in @next registers and put in
 * force together with the map that these want, or @next is put back. On a
 * two-phase host what would move memory is put back too, and waits for APPLY.
 */
#include <linux/err.h>

#include "softhost.h"
#include "trace.h"

static bool softhost_stage_reset(struct softhost_node_object *node,
				 struct cxl_softhost_result *result)
{
	if (softhost_hdm_reset(&node->core, node->core.next))
		result->outcome = CXL_SOFTHOST_OUTCOME_UNCOMMITTED;
	return true;
}

/* @next registers as the command wants them; says whether the map may change */
static bool __softhost_stage(struct softhost_host *host, const struct softhost_change *change,
			     struct softhost_node_object *node, struct cxl_softhost_result *result)
{
	struct softhost_object *object;
	unsigned long id;

	lockdep_assert_held(&host->state_lock);

	softhost_result_init(result);
	switch (change->kind) {
	case SOFTHOST_CHANGE_WRITE:
		return softhost_reg_write(&node->core, node->core.next, host->topology.policy,
					  change->offset, change->width, change->value, result);
	case SOFTHOST_CHANGE_SET:
		if (change->mask & CXL_SOFTHOST_SET_MEM_ENABLE)
			node->core.next->mem_enable = change->mem_enable;
		if (change->mask & CXL_SOFTHOST_SET_MEDIA)
			node->core.next->media = change->media;
		return true;
	case SOFTHOST_CHANGE_DESTROY:
		node->core.next->present = false;
		return softhost_stage_reset(node, result);
	case SOFTHOST_CHANGE_RESET:
		if (node)
			return softhost_stage_reset(node, result);
		xa_for_each(&host->objects, id, object)
			if (object->type == SOFTHOST_OBJECT_NODE)
				softhost_stage_reset(to_softhost_node(object), result);
	}
	return true;
}

static void softhost_node_unstage(struct softhost_node_object *node)
{
	memcpy(node->core.next, node->core.hdm, node->hdm_bytes);
}

/**
 * __softhost_unstage() - @next registers as they are in force
 * @host: the host
 * @node: whose; NULL: of every node
 */
void __softhost_unstage(struct softhost_host *host, struct softhost_node_object *node)
{
	struct softhost_object *object;
	unsigned long id;

	lockdep_assert_held(&host->state_lock);

	if (node)
		return softhost_node_unstage(node);
	xa_for_each(&host->objects, id, object)
		if (object->type == SOFTHOST_OBJECT_NODE)
			softhost_node_unstage(to_softhost_node(object));
}

/*
 * While one change is pending another can't be judged: a commit that is refused
 * now might be right after the first, and the other way round.
 */
static bool softhost_judged(const struct softhost_change *change,
			    const struct softhost_node_object *node, bool maps,
			    const struct cxl_softhost_result *result)
{
	switch (change->kind) {
	case SOFTHOST_CHANGE_WRITE:
		return maps || result->outcome == CXL_SOFTHOST_OUTCOME_REFUSED;
	case SOFTHOST_CHANGE_SET:
		return memcmp(node->core.next, node->core.hdm, node->hdm_bytes);
	default:
		return false;
	}
}

static void softhost_trace(const struct softhost_change *change,
			   const struct softhost_node_object *node,
			   const struct cxl_softhost_result *result)
{
	const struct softhost_decoder *decoder;

	switch (result->outcome) {
	case CXL_SOFTHOST_OUTCOME_COMMITTED:
		decoder = &node->core.hdm->decoders[result->decoder];
		trace_cxl_softhost_commit(change->node_id, result->decoder, &decoder->latch);
		break;
	case CXL_SOFTHOST_OUTCOME_UNCOMMITTED:
		trace_cxl_softhost_uncommit(change->node_id, result->decoder);
		break;
	case CXL_SOFTHOST_OUTCOME_REFUSED:
		trace_cxl_softhost_refuse(change->node_id, result);
		break;
	}
}

/* Nothing is done now */
static void __softhost_put_off(struct softhost_host *host, struct softhost_node_object *node,
			       u32 outcome, struct cxl_softhost_result *result)
{
	__softhost_unstage(host, node);
	softhost_result_init(result);
	result->outcome = outcome;
}

/*
 * What is staged may change the map. On a two-phase host what moves memory is
 * announced first, and carried out if it is what was announced. Returns 0, or
 * -ESTALE if it isn't.
 */
static int __softhost_change_map(struct softhost_host *host, const struct softhost_change *change,
				 struct softhost_node_object *node, enum softhost_phase phase,
				 struct cxl_softhost_result *result)
{
	bool commit = result->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED;
	bool done = __softhost_prepare(host, result);

	lockdep_assert_held(&host->state_lock);

	if (phase == SOFTHOST_PHASE_BEGIN) {
		if (done && host->two_phase && softhost_plan_steps(&host->plan)) {
			done = __softhost_slots_suffice(host, result);
			if (done) {
				__softhost_pending_begin(host, change);
				__softhost_put_off(host, node, CXL_SOFTHOST_OUTCOME_PENDING,
						   result);
				return 0;
			}
		}
	} else if (!done || !__softhost_pending_stands(host)) {
		return -ESTALE;
	} else if (phase == SOFTHOST_PHASE_ABORT) {
		done = softhost_refuse(result, CXL_SOFTHOST_REASON_ABORTED, 0, 0);
	}

	done = done && __softhost_carry_out(host, node, result);
	if (done)
		return 0;
	/* A commit gets its error bit, an enable doesn't stick */
	if (commit) {
		softhost_hdm_refuse(node->core.next, result->decoder);
		__softhost_publish_node(host, node);
	} else {
		__softhost_unstage(host, node);
	}
	return 0;
}

/* What the command is about; NULL for all nodes */
static struct softhost_node_object *
__softhost_change_node(struct softhost_host *host, const struct softhost_change *change)
{
	struct softhost_object *object;

	if (change->kind == SOFTHOST_CHANGE_RESET && !change->node_id)
		return NULL;
	object = softhost_object_get(host, change->node_id, SOFTHOST_OBJECT_NODE);
	if (IS_ERR(object))
		return ERR_CAST(object);
	if (change->kind == SOFTHOST_CHANGE_SET &&
	    to_softhost_node(object)->core.kind != CXL_SOFTHOST_NODE_ENDPOINT)
		return ERR_PTR(-EINVAL);
	if (change->kind == SOFTHOST_CHANGE_DESTROY && object->users)
		return ERR_PTR(-EBUSY);
	return to_softhost_node(object);
}

/**
 * __softhost_change() - carry out a command that changes registers
 * @host: the host
 * @change: the command
 * @phase: BEGIN; or APPLY, ABORT: what to do with the pending change, which
 *	@change is
 * @result: what it came to
 *
 * Return: 0; -ENOENT or -EINVAL by the node's ID; -EINVAL to set what only an
 * endpoint has; -EBUSY to destroy what has users; -ESTALE if it doesn't come to
 * what was announced: then nothing was done.
 */
int __softhost_change(struct softhost_host *host, const struct softhost_change *change,
		      enum softhost_phase phase, struct cxl_softhost_result *result)
{
	bool removes = change->kind == SOFTHOST_CHANGE_RESET ||
		       change->kind == SOFTHOST_CHANGE_DESTROY;
	struct softhost_node_object *node;
	int ret = 0;
	bool maps;

	lockdep_assert_held(&host->state_lock);

	node = __softhost_change_node(host, change);
	if (IS_ERR(node))
		return PTR_ERR(node);
	if (phase == SOFTHOST_PHASE_BEGIN && removes)
		__softhost_pending_end(host);

	maps = __softhost_stage(host, change, node, result);
	if (phase == SOFTHOST_PHASE_BEGIN && host->pending.token &&
	    softhost_judged(change, node, maps, result))
		__softhost_put_off(host, node, CXL_SOFTHOST_OUTCOME_BUSY, result);
	else if (maps)
		ret = __softhost_change_map(host, change, node, phase, result);
	else if (phase == SOFTHOST_PHASE_BEGIN)
		__softhost_publish_node(host, node);
	else
		ret = -ESTALE;
	if (ret) {
		__softhost_unstage(host, node);
		return ret;
	}
	softhost_trace(change, node, result);
	if (change->kind == SOFTHOST_CHANGE_DESTROY &&
	    result->outcome != CXL_SOFTHOST_OUTCOME_PENDING)
		__softhost_node_gone(host, node);
	__softhost_result_finish(host, result);
	return 0;
}
