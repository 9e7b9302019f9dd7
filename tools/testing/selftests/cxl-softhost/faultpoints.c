// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's own fault points: a slot of a real KVM VM that can't be added,
 * or not removed, at each step of whatever adds or removes several; and a
 * roll-back that fails as well. What the mock VM shows of KVM's refusals
 * (rollback.c, condemned.c) is held here against what KVM then has.
 */
#include <errno.h>

#include "faults.h"
#include "installed.h"
#include "snapshot.h"

/* One decoder across three windows: three slots */
#define EXTENTS 3
#define SIZE (EXTENTS * UNIT)
#define FIRST_SLOT 1000
#define SLOTS 5
/* Far from every window */
#define ELSEWHERE (8 * WINDOW_HPA)

#define ADD "softhost_kvm_add"
#define REMOVE "softhost_kvm_remove"
#define PROBE "__softhost_kvm_probe"

struct setup {
	struct host host;
	struct model model;
	struct vm vm;
};

static uint32_t endpoint_id(const struct setup *setup)
{
	return setup->host.endpoints[0].id;
}

static struct cxl_softhost_result set_commit(struct setup *setup, bool on)
{
	return on ? host_commit(&setup->host, 0, 0, WINDOW_HPA, SIZE) :
		    host_uncommit(&setup->host, 0, 0);
}

static struct cxl_softhost_result set_commit_bridge(struct setup *setup, bool on)
{
	return on ? host_commit_bridge(&setup->host, 0, WINDOW_HPA, SIZE, 0) :
		    decoder_uncommit(setup->host.fd, setup->host.bridge, 0);
}

static struct cxl_softhost_result set_hdm(struct setup *setup, bool on)
{
	return reg_write(setup->host.fd, endpoint_id(setup), HDM_GLOBAL, 4,
			 on ? HDM_GLOBAL_ENABLE : 0);
}

static struct cxl_softhost_result set_mem(struct setup *setup, bool on)
{
	return node_set_mem_enable(setup->host.fd, endpoint_id(setup), on);
}

static struct cxl_softhost_result set_media(struct setup *setup, bool on)
{
	return node_set_media(setup->host.fd, endpoint_id(setup),
			      on ? CXL_SOFTHOST_MEDIA_READY : CXL_SOFTHOST_MEDIA_DISABLED);
}

static void model_set_commit(struct model *model, bool on)
{
	struct decoder decoder = { .base = WINDOW_HPA, .size = SIZE };

	model_commit(model, 0, 0, &decoder);
	model->endpoints[0].decoders[0].committed = on;
}

static void model_set_commit_bridge(struct model *model, bool on)
{
	struct decoder decoder = { .base = WINDOW_HPA, .size = SIZE };

	model_commit_bridge(model, 0, &decoder);
	model->bridge[0].committed = on;
}

static void model_set_hdm(struct model *model, bool on)
{
	model->endpoints[0].hdm_enable = on;
}

static void model_set_mem(struct model *model, bool on)
{
	model->endpoints[0].mem_enable = on;
}

static void model_set_media(struct model *model, bool on)
{
	model->endpoints[0].media_disabled = !on;
}

/* All that puts the three slots in, and takes them out again */
static const struct change {
	const char *name;
	struct cxl_softhost_result (*set)(struct setup *setup, bool on);
	void (*model)(struct model *model, bool on);
	bool commits;
} changes[] = {
	{ "commit", set_commit, model_set_commit, true },
	{ "commit of the bridge", set_commit_bridge, model_set_commit_bridge, true },
	{ "HDM enable", set_hdm, model_set_hdm, false },
	{ "Mem_Enable", set_mem, model_set_mem, false },
	{ "media", set_media, model_set_media, false },
};

static uint32_t changed_node(const struct setup *setup, const struct change *change)
{
	return change->set == set_commit_bridge ? setup->host.bridge : endpoint_id(setup);
}

static void expect_consistent(const struct setup *setup)
{
	EXPECT_AS_MODELLED(&setup->model);
	EXPECT_INSTALLED(&setup->model, &setup->vm);
}

static void apply_change(struct setup *setup, const struct change *change, bool on)
{
	struct cxl_softhost_result result = change->set(setup, on);

	if (!change->commits)
		ASSERT_RESULT(DONE, NONE, result);
	else if (on)
		ASSERT_RESULT(COMMITTED, NONE, result);
	else
		ASSERT_RESULT(UNCOMMITTED, NONE, result);
	change->model(&setup->model, on);
}

static void attach_again(struct setup *setup)
{
	struct cxl_softhost_attach out = attach(setup->host.fd, setup->vm.fd, FIRST_SLOT, SLOTS);

	EXPECT_EQ(0, out.out_result.flags);
	setup->model.engine = true;
}

static void setup_mapped(struct setup *setup)
{
	unsigned int i;

	faultpoints_open();
	host_create(&setup->host, &(struct host_config){
		.windows = { { WINDOW_HPA, UNIT }, { WINDOW_HPA + UNIT, UNIT },
			     { WINDOW_HPA + 2 * UNIT, UNIT } },
		.bridge_decoders = 2,
		.volatile_units = EXTENTS,
		.decoders = 2,
	});
	model_init(&setup->model, &setup->host);
	vm_create(&setup->vm);
	attach_again(setup);
	for (i = 0; i < ARRAY_SIZE(changes); i++)
		apply_change(setup, &changes[i], true);
	expect_consistent(setup);
}

/* What a guest does after a refused commit: otherwise there is nothing to do. */
static void take_commit_back(struct setup *setup, const struct change *change,
			     const struct snapshot *before)
{
	uint32_t node = changed_node(setup, change), control = HDM_DECODER(0) + HDM_CONTROL;

	if (change->commits)
		EXPECT_RESULT(DONE, NONE, reg_write(setup->host.fd, node, control, 4,
						    snapshot_register(before, node, control)));
}

TEST(I4_an_addition_that_fails_at_any_slot)
{
	static const int errors[] = { ENOMEM, EEXIST, ESTALE };
	struct setup setup;
	unsigned int i, nth;

	setup_mapped(&setup);
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		struct snapshot before;

		test_context("%s", changes[i].name);
		apply_change(&setup, &changes[i], false);
		snapshot_take(&before, &setup.host);
		for (nth = 1; nth <= EXTENTS; nth++) {
			int error = errors[(i + nth) % ARRAY_SIZE(errors)];
			struct cxl_softhost_result result;

			test_context("%s, slot %u of %u", changes[i].name, nth, EXTENTS);
			faultpoint_add(ADD, error);
			faultpoints_arm(nth, 1);
			result = changes[i].set(&setup, true);
			EXPECT_EQ(0, faultpoints_disarm());
			EXPECT_REFUSED(ENGINE, 0, error, result);
			EXPECT_ONLY_ERROR(&before, &setup.host, changed_node(&setup, &changes[i]),
					  result.decoder);
			take_commit_back(&setup, &changes[i], &before);
			EXPECT_UNCHANGED(&before, &setup.host);
			expect_consistent(&setup);
			faultpoints_close();
		}
		test_context("%s, no failure", changes[i].name);
		apply_change(&setup, &changes[i], true);
		expect_consistent(&setup);
		snapshot_free(&before);
	}
}

TEST(I4_a_roll_back_that_fails_as_well)
{
	struct setup setup;
	unsigned int i, nth, times;

	setup_mapped(&setup);
	faultpoint_add(ADD, ENOMEM);
	faultpoint_add(REMOVE, ENOMEM);
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		/* Slot nth can't be added, and of those before it some not removed. */
		for (nth = 2; nth <= EXTENTS; nth++) {
			for (times = 2; times <= nth; times++) {
				struct cxl_softhost_result result;
				struct snapshot before;

				test_context("%s, slot %u, %u of %u stay", changes[i].name, nth,
					     times - 1, nth - 1);
				apply_change(&setup, &changes[i], false);
				snapshot_take(&before, &setup.host);
				faultpoints_arm(nth, times);
				result = changes[i].set(&setup, true);
				EXPECT_EQ(0, faultpoints_disarm());
				EXPECT_DEGRADED(REFUSED, result);
				EXPECT_EQ(CXL_SOFTHOST_REASON_ENGINE, result.reason);
				EXPECT_EQ(ENOMEM, result.found);
				EXPECT_CONDEMNED(setup.host.fd, times - 1);
				EXPECT_EQ(times - 1, softhost_info(setup.host.fd).out_slots_used);
				EXPECT_REGISTERS(&before, &setup.host,
						 changed_node(&setup, &changes[i]), result.decoder);
				expect_consistent(&setup);
				test_context("%s, slot %u, repeated", changes[i].name, nth);
				if (changes[i].commits)
					reg_write(setup.host.fd, changed_node(&setup, &changes[i]),
						  HDM_DECODER(0) + HDM_CONTROL, 4, 0);
				apply_change(&setup, &changes[i], true);
				EXPECT_CONDEMNED(setup.host.fd, 0);
				expect_consistent(&setup);
				snapshot_free(&before);
			}
		}
	}
	faultpoints_close();
}

/* Slots are condemned, and removing goes on to fail: all is told, nothing is built on it. */
static void expect_all_wait(struct setup *setup, unsigned int condemned)
{
	unsigned int number = setup->model.bridge[0].committed ? 1 : 0;
	struct cxl_softhost_result result;

	faultpoints_arm(1, 1000);
	result = host_commit_bridge(&setup->host, number, ELSEWHERE, UNIT, 0);
	EXPECT_DEGRADED(REFUSED, result);
	EXPECT_EQ(CXL_SOFTHOST_REASON_STALE_SLOT, result.reason);
	EXPECT_EQ(condemned, result.found);
	reg_write(setup->host.fd, setup->host.bridge, HDM_DECODER(number) + HDM_CONTROL, 4, 0);
	if (setup->model.endpoints[0].destroyed)
		EXPECT_RETURN(-EBUSY, __destroy(setup->host.fd,
						setup->host.endpoints[0].backends[VOLATILE], NULL));
	EXPECT_CONDEMNED(setup->host.fd, condemned);
	EXPECT_EQ(condemned, softhost_info(setup->host.fd).out_slots_used);
	expect_consistent(setup);
	faultpoints_disarm();
}

/* From wherever it is to what setup_mapped() left: the first change heals. */
static void map_again(struct setup *setup)
{
	struct endpoint *endpoint = &setup->host.endpoints[0];
	unsigned int i;

	if (setup->model.endpoints[0].destroyed) {
		struct cxl_softhost_node_create node = {
			.flags = CXL_SOFTHOST_NODE_HDM | CXL_SOFTHOST_NODE_A11_8 |
				 CXL_SOFTHOST_NODE_A14_12,
			.kind = CXL_SOFTHOST_NODE_ENDPOINT,
			.parent_id = setup->host.bridge,
			.decoder_count = setup->host.config.decoders,
			.partitions[VOLATILE] = {
				.length = endpoint->lengths[VOLATILE],
				.offset = BACKEND_OFFSET,
				.backend_id = endpoint->backends[VOLATILE],
			},
		};

		endpoint->id = node_create(setup->host.fd, &node);
		setup->model.endpoints[0] = (struct model_endpoint){ .destroyed = false };
	}
	if (!setup->model.engine) {
		if (softhost_info(setup->host.fd).out_engine != CXL_SOFTHOST_ENGINE_NONE)
			EXPECT_EQ(0, detach(setup->host.fd).flags);
		attach_again(setup);
	}
	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct model_endpoint *model = &setup->model.endpoints[0];
		const bool on[] = { model->decoders[0].committed, setup->model.bridge[0].committed,
				    model->hdm_enable, model->mem_enable, !model->media_disabled };

		if (!on[i])
			apply_change(setup, &changes[i], true);
	}
	EXPECT_CONDEMNED(setup->host.fd, 0);
	expect_consistent(setup);
}

enum { RESET_NODE = ARRAY_SIZE(changes), RESET_HOST, DESTROY, DETACH, REMOVALS };

static struct cxl_softhost_result remove_all(struct setup *setup, unsigned int what)
{
	struct cxl_softhost_result result;

	switch (what) {
	case RESET_NODE:
		result = reset(setup->host.fd, endpoint_id(setup));
		setup->model.endpoints[0] = (struct model_endpoint){ .destroyed = false };
		break;
	case RESET_HOST:
		result = reset(setup->host.fd, 0);
		setup->model.endpoints[0] = (struct model_endpoint){ .destroyed = false };
		setup->model.bridge[0].committed = false;
		break;
	case DESTROY:
		result = destroy(setup->host.fd, endpoint_id(setup));
		setup->model.endpoints[0].destroyed = true;
		setup->host.endpoints[0].id = 0;
		break;
	case DETACH:
		result = detach(setup->host.fd);
		setup->model.engine = false;
		break;
	default:
		result = changes[what].set(setup, false);
		changes[what].model(&setup->model, false);
		break;
	}
	return result;
}

TEST(I3_a_removal_that_fails_at_any_slot)
{
	static const char *const names[REMOVALS] = {
		"uncommit", "uncommit of the bridge", "HDM enable", "Mem_Enable", "media",
		"RESET of the device", "RESET of the host", "DESTROY", "DETACH",
	};
	struct setup setup;
	unsigned int what, nth;

	setup_mapped(&setup);
	faultpoint_add(REMOVE, ENOMEM);
	for (what = 0; what < REMOVALS; what++) {
		bool uncommits = what < 2 || (what >= RESET_NODE && what != DETACH);

		/* The first, the middle, the last one, and all of them */
		for (nth = 0; nth <= EXTENTS; nth++) {
			unsigned int failures = nth ? 1 : EXTENTS;
			struct cxl_softhost_result result;

			test_context("%s, slot %u of %u (0: all)", names[what], nth, EXTENTS);
			faultpoints_arm(nth ?: 1, failures);
			result = remove_all(&setup, what);
			EXPECT_EQ(0, faultpoints_disarm());
			if (uncommits)
				EXPECT_DEGRADED(UNCOMMITTED, result);
			else
				EXPECT_DEGRADED(DONE, result);
			EXPECT_CONDEMNED(setup.host.fd, failures);
			expect_consistent(&setup);
			expect_all_wait(&setup, failures);
			test_context("%s, slot %u of %u (0: all), repeated", names[what], nth,
				     EXTENTS);
			map_again(&setup);
		}
	}
	faultpoints_close();
}

TEST(I4_ATTACH_that_fails_at_any_slot)
{
	struct snapshot before;
	struct setup setup;
	unsigned int nth;

	setup_mapped(&setup);
	ASSERT_RESULT(DONE, NONE, remove_all(&setup, DETACH));
	snapshot_take(&before, &setup.host);
	for (nth = 1; nth <= EXTENTS + SLOTS; nth++) {
		bool proving = nth > EXTENTS;

		test_context("%s %u", proving ? "proof" : "slot", proving ? nth - EXTENTS : nth);
		faultpoint_add(proving ? PROBE : ADD, ENOMEM);
		faultpoints_arm(proving ? nth - EXTENTS : nth, 1);
		EXPECT_RETURN(-EREMOTEIO, __attach(setup.host.fd, setup.vm.fd, FIRST_SLOT, SLOTS,
						   NULL));
		EXPECT_EQ(0, faultpoints_disarm());
		EXPECT_UNCHANGED(&before, &setup.host);
		expect_consistent(&setup);
		faultpoints_close();
	}
	test_context("no failure");
	map_again(&setup);
	snapshot_free(&before);
}

/* The proof's own slot, or slots of the map: DETACH until nothing is left. */
TEST(I4_ATTACH_that_can_not_be_rolled_back)
{
	struct snapshot before;
	struct setup setup;
	unsigned int times;

	setup_mapped(&setup);
	ASSERT_RESULT(DONE, NONE, remove_all(&setup, DETACH));
	for (times = 1; times <= EXTENTS; times++) {
		unsigned int condemned = times == 1 ? 1 : times - 1;

		test_context("%s, %u stay", times == 1 ? "proof" : "last slot", condemned);
		faultpoint_add(REMOVE, ENOMEM);
		if (times > 1)
			faultpoint_add(ADD, ENOMEM);
		snapshot_take(&before, &setup.host);
		/* The proof's removal, then three to be added, then back. */
		faultpoints_arm(times == 1 ? 1 : 1 + EXTENTS, times);
		EXPECT_RETURN(-EREMOTEIO, __attach(setup.host.fd, setup.vm.fd, FIRST_SLOT, SLOTS,
						   NULL));
		EXPECT_EQ(0, faultpoints_disarm());
		EXPECT_EQ(CXL_SOFTHOST_ENGINE_KVM, softhost_info(setup.host.fd).out_engine);
		EXPECT_CONDEMNED(setup.host.fd, condemned);
		EXPECT_REGISTERS(&before, &setup.host, 0, CXL_SOFTHOST_NONE);
		expect_consistent(&setup);
		snapshot_free(&before);
		expect_all_wait(&setup, condemned);
		faultpoints_arm(1, condemned);
		EXPECT_EQ(CXL_SOFTHOST_RESULT_DEGRADED, detach(setup.host.fd).flags);
		EXPECT_EQ(CXL_SOFTHOST_ENGINE_KVM, softhost_info(setup.host.fd).out_engine);
		faultpoints_disarm();
		EXPECT_EQ(0, detach(setup.host.fd).flags);
		EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(setup.host.fd).out_engine);
		expect_consistent(&setup);
		faultpoints_close();
	}
	test_context("no failure");
	map_again(&setup);
}
