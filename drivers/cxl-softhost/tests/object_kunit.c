// SPDX-License-Identifier: GPL-2.0-only
/* IDs: reserve, build, publish, destroy; users, limits, and the last reader. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "host-rig.h"

static const struct type_row {
	const char *name;
	enum softhost_object_type type;
	enum softhost_object_type other;
} type_rows[] = {
	{ "window", SOFTHOST_OBJECT_WINDOW, SOFTHOST_OBJECT_NODE },
	{ "node", SOFTHOST_OBJECT_NODE, SOFTHOST_OBJECT_BACKEND },
	{ "backend", SOFTHOST_OBJECT_BACKEND, SOFTHOST_OBJECT_WINDOW },
};

KUNIT_ARRAY_PARAM_DESC(type, type_rows, name);

/* An object of no particular type: what object.c looks at comes first in each */
static struct softhost_object *object_alloc(struct kunit *test, size_t bytes)
{
	struct softhost_object *object = kzalloc(bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, object);
	object->bytes = bytes;
	return object;
}

/* Takes the lock for each step, so that a failed assertion leaves none behind */
static int object_reserve(struct softhost_host *host, struct softhost_object *object,
			  enum softhost_object_type type)
{
	guard(mutex)(&host->state_lock);
	return __softhost_object_reserve(host, object, type);
}

static void object_publish(struct softhost_host *host, struct softhost_object *object)
{
	guard(mutex)(&host->state_lock);
	__softhost_object_publish(host, object);
}

static void object_abort(struct softhost_host *host, struct softhost_object *object)
{
	guard(mutex)(&host->state_lock);
	__softhost_object_abort(host, object);
}

static void object_free(struct softhost_host *host, struct softhost_object *object)
{
	guard(mutex)(&host->state_lock);
	__softhost_object_free(host, object);
}

static struct softhost_object *object_find(struct softhost_host *host, u32 id)
{
	guard(mutex)(&host->state_lock);
	return softhost_object_find(host, id);
}

static long object_get_error(struct softhost_host *host, u32 id, enum softhost_object_type type)
{
	guard(mutex)(&host->state_lock);
	return PTR_ERR_OR_ZERO(softhost_object_get(host, id, type));
}

/* One that is there until the test ends, or is freed */
static struct softhost_object *object_create(struct kunit *test, struct softhost_host *host,
					     enum softhost_object_type type)
{
	struct softhost_object *object = object_alloc(test, sizeof(*object));
	int ret = object_reserve(host, object, type);

	if (ret) {
		kfree(object);
		KUNIT_FAIL_AND_ABORT(test, "no ID: %d", ret);
	}
	object_publish(host, object);
	return object;
}

static void whole_life(struct kunit *test)
{
	const struct type_row *row = test->param_value;
	struct softhost_host *host = host_rig_empty(test);
	struct softhost_object *object = object_alloc(test, 200);
	size_t bytes = host->bytes;
	u32 id;

	KUNIT_ASSERT_EQ(test, object_reserve(host, object, row->type), 0);
	id = object->id;
	KUNIT_EXPECT_NE(test, id, 0);
	KUNIT_EXPECT_EQ(test, object->type, row->type);

	/* Half built: nobody can look it up, nothing counts it */
	KUNIT_ASSERT_NULL(test, object_find(host, id));
	KUNIT_EXPECT_EQ(test, object_get_error(host, id, row->type), -ENOENT);
	KUNIT_EXPECT_EQ(test, host->counts[row->type], 0);
	KUNIT_EXPECT_EQ(test, host->bytes, bytes);
	KUNIT_EXPECT_FALSE(test, host->started);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, id, NULL), -ENOENT);

	object_publish(host, object);
	KUNIT_EXPECT_PTR_EQ(test, object_find(host, id), object);
	KUNIT_EXPECT_EQ(test, object_get_error(host, id, row->type), 0);
	KUNIT_EXPECT_EQ(test, object_get_error(host, id, row->other), -EINVAL);
	KUNIT_EXPECT_EQ(test, host->counts[row->type], 1);
	KUNIT_EXPECT_EQ(test, host->counts[row->other], 0);
	KUNIT_EXPECT_EQ(test, host->bytes, bytes + 200);
	KUNIT_EXPECT_TRUE(test, host->started);

	object_free(host, object);
	KUNIT_EXPECT_NULL(test, object_find(host, id));
	KUNIT_EXPECT_EQ(test, object_get_error(host, id, row->type), -ENOENT);
	KUNIT_EXPECT_EQ(test, host->counts[row->type], 0);
	KUNIT_EXPECT_EQ(test, host->bytes, bytes);
	/* HOST_SET stays too late */
	KUNIT_EXPECT_TRUE(test, host->started);
}

static void abort_leaves_nothing(struct kunit *test)
{
	const struct type_row *row = test->param_value;
	struct softhost_host *host = host_rig_empty(test);
	struct softhost_object *object = object_alloc(test, 200);
	size_t bytes = host->bytes;
	u32 first;

	KUNIT_ASSERT_EQ(test, object_reserve(host, object, row->type), 0);
	first = object->id;
	object_abort(host, object);
	KUNIT_EXPECT_NULL(test, object_find(host, first));
	KUNIT_EXPECT_EQ(test, host->counts[row->type], 0);
	KUNIT_EXPECT_EQ(test, host->bytes, bytes);
	KUNIT_EXPECT_FALSE(test, host->started);
	KUNIT_EXPECT_TRUE(test, xa_empty(&host->objects));

	/* Nobody ever saw the number, it is passed over all the same */
	KUNIT_ASSERT_EQ(test, object_reserve(host, object, row->type), 0);
	KUNIT_EXPECT_NE(test, object->id, first);
	object_publish(host, object);
}

static void id_comes_back_last(struct kunit *test)
{
	struct softhost_host *host = host_rig_empty(test);
	struct softhost_object *kept, *object;
	u32 last, i;

	kept = object_create(test, host, SOFTHOST_OBJECT_NODE);
	last = kept->id;
	for (i = 0; i < 1000; i++) {
		object = object_create(test, host, SOFTHOST_OBJECT_BACKEND);
		KUNIT_ASSERT_GT(test, object->id, last);
		last = object->id;
		object_free(host, object);
	}

	/* After the last number the first free one; one in use is passed over */
	host->next_id = S32_MAX;
	object = object_create(test, host, SOFTHOST_OBJECT_BACKEND);
	KUNIT_EXPECT_EQ(test, object->id, S32_MAX);
	object_free(host, object);
	object = object_create(test, host, SOFTHOST_OBJECT_BACKEND);
	KUNIT_EXPECT_NE(test, object->id, 0);
	KUNIT_EXPECT_EQ(test, object->id, kept->id + 1);
	object_free(host, object);
}

static void no_such_id(struct kunit *test)
{
	static const u32 ids[] = { 0, 2, S32_MAX, BIT(31), U32_MAX };
	struct softhost_host *host = host_rig_empty(test);
	u32 i;

	object_create(test, host, SOFTHOST_OBJECT_BACKEND);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		KUNIT_EXPECT_EQ_MSG(test, object_get_error(host, ids[i], SOFTHOST_OBJECT_BACKEND),
				    -ENOENT, "%u", ids[i]);
		KUNIT_EXPECT_EQ_MSG(test, host_rig_destroy(host, ids[i], NULL), -ENOENT,
				    "%u", ids[i]);
	}
}

static void limit_of_each_type(struct kunit *test)
{
	const struct type_row *row = test->param_value;
	struct softhost_host *host = host_rig_empty(test);
	struct softhost_object *object, *extra;
	u32 next_id, i;

	host->limits[row->type] = 3;
	for (i = 0; i < 3; i++)
		object = object_create(test, host, row->type);
	extra = object_alloc(test, sizeof(*extra));
	next_id = host->next_id;
	KUNIT_EXPECT_EQ(test, object_reserve(host, extra, row->type), -ENOSPC);
	KUNIT_EXPECT_EQ(test, host->next_id, next_id);

	/* Each type has its own, and what goes makes room */
	object_create(test, host, row->other);
	object_free(host, object);
	KUNIT_ASSERT_EQ(test, object_reserve(host, extra, row->type), 0);
	object_publish(host, extra);
	KUNIT_EXPECT_EQ(test, host->counts[row->type], 3);
}

/* What others refer to is busy, up to the last of them */
static void users_keep_it(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);
	struct softhost_host *host = rig->host;

	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->backend, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->bridge, NULL), -EBUSY);

	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->device[0], NULL), 0);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->backend, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->bridge, NULL), -EBUSY);

	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->device[1], NULL), 0);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->backend, NULL), 0);
	/* The window is left */
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->bridge, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->window, NULL), 0);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->bridge, NULL), 0);

	KUNIT_EXPECT_TRUE(test, xa_empty(&host->objects));
	KUNIT_EXPECT_EQ(test, host_rig_destroy(host, rig->bridge, NULL), -ENOENT);
}

/* A window in which memory answers is in use by it */
static void memory_keeps_its_window(struct kunit *test)
{
	struct host_rig *rig = host_rig_make(test);

	host_rig_program(rig);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(rig->host, rig->window, NULL), -EBUSY);
	host_rig_set_memory(rig, rig->device[0], false);
	KUNIT_EXPECT_EQ(test, host_rig_destroy(rig->host, rig->window, NULL), 0);
	KUNIT_EXPECT_EQ(test, host_rig_map(rig)->count, 0);
}

/* All that a host took is given back by destroying what is in it */
static void bytes_come_back(struct kunit *test)
{
	struct softhost_host *host = host_rig_empty(test);
	size_t bytes = host->bytes;
	unsigned long memory = host_rig_memory(test, HOST_RIG_LENGTH, PROT_READ);
	u32 backend, bridge, device, i;

	for (i = 0; i < 3; i++) {
		backend = host_rig_backend(test, host, memory, HOST_RIG_LENGTH);
		bridge = host_rig_bridge(test, host);
		device = host_rig_device(test, host, bridge, 7, backend, 0);
		KUNIT_EXPECT_GT(test, host->bytes, bytes);
		KUNIT_EXPECT_EQ(test, host_rig_destroy(host, device, NULL), 0);
		KUNIT_EXPECT_EQ(test, host_rig_destroy(host, bridge, NULL), 0);
		KUNIT_EXPECT_EQ(test, host_rig_destroy(host, backend, NULL), 0);
		KUNIT_EXPECT_EQ(test, host->bytes, bytes);
	}
}

/*
 * Who looked an object up under RCU may look at it until they are done. The
 * kernel that runs this clears what is freed, or has KASAN.
 */
static void last_reader(struct kunit *test)
{
	struct softhost_host *host = host_rig_empty(test);
	struct softhost_object *object = object_create(test, host, SOFTHOST_OBJECT_BACKEND);
	struct softhost_object *seen;
	size_t bytes = object->bytes;
	u32 id = object->id;

	mutex_lock(&host->state_lock);
	rcu_read_lock();
	seen = softhost_object_find(host, id);
	__softhost_object_free(host, object);
	KUNIT_EXPECT_NULL(test, softhost_object_find(host, id));
	KUNIT_EXPECT_PTR_EQ(test, seen, object);
	KUNIT_EXPECT_EQ(test, READ_ONCE(seen->id), id);
	KUNIT_EXPECT_EQ(test, READ_ONCE(seen->type), SOFTHOST_OBJECT_BACKEND);
	KUNIT_EXPECT_EQ(test, READ_ONCE(seen->bytes), bytes);
	rcu_read_unlock();
	mutex_unlock(&host->state_lock);
}

static struct kunit_case softhost_object_cases[] = {
	KUNIT_CASE_PARAM(whole_life, type_gen_params),
	KUNIT_CASE_PARAM(abort_leaves_nothing, type_gen_params),
	KUNIT_CASE(id_comes_back_last),
	KUNIT_CASE(no_such_id),
	KUNIT_CASE_PARAM(limit_of_each_type, type_gen_params),
	KUNIT_CASE(users_keep_it),
	KUNIT_CASE(memory_keeps_its_window),
	KUNIT_CASE(bytes_come_back),
	KUNIT_CASE(last_reader),
	{}
};

static struct kunit_suite softhost_object_suite = {
	.name = "cxl_softhost_object",
	.test_cases = softhost_object_cases,
};

kunit_test_suite(softhost_object_suite);
