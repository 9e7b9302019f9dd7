// SPDX-License-Identifier: GPL-2.0-only
/*
 * IDs. An object is reserved, built, then published, so that nobody can look
 * up one that is half built; users are counted so that none goes while another
 * refers to it.
 */
#include <linux/slab.h>

#include "softhost.h"

/**
 * __softhost_object_reserve() - take an ID for an object being built
 * @host: the host
 * @object: the object, its @bytes set
 * @type: which one
 *
 * Return: 0; -ENOSPC at the host's limit; -ENOMEM.
 */
int __softhost_object_reserve(struct softhost_host *host, struct softhost_object *object,
			      enum softhost_object_type type)
{
	int ret;

	lockdep_assert_held(&host->state_lock);

	if (host->counts[type] >= host->limits[type])
		return -ENOSPC;
	/* An ID comes back as late as can be: somebody may still know the old one */
	ret = xa_alloc_cyclic(&host->objects, &object->id, NULL, xa_limit_31b, &host->next_id,
			      GFP_KERNEL_ACCOUNT);
	if (ret < 0)
		return ret == -EBUSY ? -ENOSPC : ret;
	object->type = type;
	return 0;
}

void __softhost_object_publish(struct softhost_host *host, struct softhost_object *object)
{
	lockdep_assert_held(&host->state_lock);

	/* The entry is reserved, so this can't fail */
	WARN_ON(xa_err(xa_store(&host->objects, object->id, object, GFP_KERNEL_ACCOUNT)));
	host->counts[object->type]++;
	host->bytes += object->bytes;
	host->started = true;
}

/* Give the ID of an object back that was never published */
void __softhost_object_abort(struct softhost_host *host, struct softhost_object *object)
{
	lockdep_assert_held(&host->state_lock);

	xa_erase(&host->objects, object->id);
}

/* Take a published object away; the last readers may still look at it */
void __softhost_object_free(struct softhost_host *host, struct softhost_object *object)
{
	lockdep_assert_held(&host->state_lock);

	xa_erase(&host->objects, object->id);
	host->counts[object->type]--;
	host->bytes -= object->bytes;
	kfree_rcu(object, rcu);
}

/**
 * softhost_object_find() - object of an ID
 * @host: the host; state_lock or RCU held
 * @id: any number
 *
 * Return: the object, or NULL.
 */
struct softhost_object *softhost_object_find(struct softhost_host *host, u32 id)
{
	return xa_load(&host->objects, id);
}

/**
 * softhost_object_get() - object of an ID and type
 * @host: the host; state_lock or RCU held
 * @id: any number
 * @type: what it must be
 *
 * Return: the object, or -ENOENT if there is none, -EINVAL if it is another
 * type of object.
 */
struct softhost_object *softhost_object_get(struct softhost_host *host, u32 id,
					    enum softhost_object_type type)
{
	struct softhost_object *object = softhost_object_find(host, id);

	if (!object)
		return ERR_PTR(-ENOENT);
	return object->type == type ? object : ERR_PTR(-EINVAL);
}

static int __softhost_destroy(struct softhost_host *host, struct softhost_object *object,
			      struct cxl_softhost_result *result)
{
	struct softhost_change change = {
		.kind = SOFTHOST_CHANGE_DESTROY,
		.node_id = object->id,
	};

	lockdep_assert_held(&host->state_lock);

	switch (object->type) {
	case SOFTHOST_OBJECT_NODE:
		return __softhost_change(host, &change, SOFTHOST_PHASE_BEGIN, result);
	case SOFTHOST_OBJECT_WINDOW:
		return __softhost_window_destroy(host, to_softhost_window(object), result);
	default:
		return __softhost_backend_destroy(host, to_softhost_backend(object));
	}
}

int softhost_destroy_ioctl(struct softhost_ucmd *ucmd)
{
	struct cxl_softhost_destroy *cmd = ucmd->cmd;
	struct softhost_host *host = ucmd->host;
	struct cxl_softhost_result *result = &cmd->out_result;
	struct softhost_object *object;
	int ret;

	if (cmd->flags || cmd->__reserved)
		return -EOPNOTSUPP;

	CLASS(softhost_state, state)(&host->state_lock);
	if (!softhost_state_locked(&state))
		return -EINTR;

	object = softhost_object_find(host, cmd->id);
	if (!object)
		return -ENOENT;
	if (object->users)
		return -EBUSY;
	__softhost_retry_condemned(host);

	softhost_result_init(result);
	ret = __softhost_destroy(host, object, result);
	if (ret)
		return ret;
	__softhost_result_finish(host, result);
	cmd->out_token = __softhost_pending_token(host, result);
	return 0;
}
