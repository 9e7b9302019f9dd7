// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others see: results of commands, and what is in force for readers.
 */
#include "softhost.h"

/**
 * __softhost_result_finish() - what goes with every result
 * @host: the host
 * @result: generation and health are set
 */
void __softhost_result_finish(struct softhost_host *host, struct cxl_softhost_result *result)
{
	const struct softhost_map *map = __softhost_map(host);

	result->generation = map->generation;
	if (map->condemned)
		result->flags |= CXL_SOFTHOST_RESULT_DEGRADED;
}

/**
 * softhost_refuse() - make a result say that something is refused
 * @result: the result; its decoder stays
 * @reason: enum cxl_softhost_reason
 * @expected: in the unit of @reason
 * @found: in the unit of @reason
 *
 * Return: false.
 */
bool softhost_refuse(struct cxl_softhost_result *result, u32 reason, u64 expected, u64 found)
{
	result->outcome = CXL_SOFTHOST_OUTCOME_REFUSED;
	result->reason = reason;
	result->expected = expected;
	result->found = found;
	return false;
}

static void softhost_node_publish(struct softhost_node_object *node)
{
	memcpy(node->core.hdm, node->core.next, node->hdm_bytes);
}

/**
 * __softhost_publish() - put wanted registers and host->next in force
 * @host: the host
 * @changed: whose registers; NULL: of every node
 *
 * Together; the map only if it says anything new.
 */
void __softhost_publish(struct softhost_host *host, struct softhost_node_object *changed)
{
	struct softhost_map *old = __softhost_map(host), *new = host->next;
	bool differs = !softhost_map_equal(old, new);
	struct softhost_object *object;
	unsigned long id;

	lockdep_assert_held(&host->state_lock);

	write_seqlock(&host->publish);
	if (changed) {
		softhost_node_publish(changed);
	} else {
		xa_for_each(&host->objects, id, object)
			if (object->type == SOFTHOST_OBJECT_NODE)
				softhost_node_publish(to_softhost_node(object));
	}
	if (differs) {
		new->generation = old->generation + 1;
		rcu_assign_pointer(host->map, new);
		host->next = old;
	}
	write_sequnlock(&host->publish);
}

/**
 * __softhost_publish_node() - put a node's wanted registers in force
 * @host: the host
 * @node: its registers changed in a way that doesn't touch the map
 */
void __softhost_publish_node(struct softhost_host *host, struct softhost_node_object *node)
{
	lockdep_assert_held(&host->state_lock);

	/* A write that was ignored isn't worth sending readers round again */
	if (!memcmp(node->core.hdm, node->core.next, node->hdm_bytes))
		return;
	write_seqlock(&host->publish);
	softhost_node_publish(node);
	write_sequnlock(&host->publish);
}

/**
 * __softhost_publish_map() - put host->next in force, if it says anything new
 * @host: the host; its registers stay
 */
void __softhost_publish_map(struct softhost_host *host)
{
	struct softhost_map *old = __softhost_map(host), *new = host->next;

	lockdep_assert_held(&host->state_lock);

	if (softhost_map_equal(old, new))
		return;
	write_seqlock(&host->publish);
	new->generation = old->generation + 1;
	rcu_assign_pointer(host->map, new);
	host->next = old;
	write_sequnlock(&host->publish);
}
