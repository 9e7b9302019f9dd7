// SPDX-License-Identifier: GPL-2.0-only
/* The advisory engine: the same verdicts, maps and slot numbers as with KVM. */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "phases.h"
#include "random.h"
#include "vm.h"

#define FIRST_SLOT 300
#define SPAN (16 * UNIT)

static int advise(int fd, uint32_t flags, int vm_fd, uint32_t first_slot, uint32_t slot_count)
{
	struct cxl_softhost_attach args = {
		.size = sizeof(args),
		.flags = flags,
		.engine = CXL_SOFTHOST_ENGINE_ADVISORY,
		.vm_fd = vm_fd,
		.first_slot = first_slot,
		.slot_count = slot_count,
	};
	int ret = softhost_ioctl(fd, CXL_SOFTHOST_ATTACH, &args);

	if (!ret) {
		EXPECT_EQ(first_slot, args.out_first_slot);
		EXPECT_EQ(slot_count ?: softhost_info(fd).out_slots_worst, args.out_slot_count);
	}
	return ret;
}

static const struct host_config config = {
	.windows[0] = { WINDOW_HPA, SPAN },
	.bridge_decoders = 4,
	.ports = 2,
	.endpoints = 2,
	.volatile_units = 4,
	.persistent_units = 4,
};

TEST(ATTACH_checks_what_it_is_given)
{
	struct host host, one_phase;
	struct vm vm;

	vm_create(&vm);
	host_create_two_phase(&host, &config);
	EXPECT_RETURN(-EINVAL, advise(host.fd, 0, vm.fd, FIRST_SLOT, 0));
	EXPECT_RETURN(-EINVAL, advise(host.fd, 0, 0, FIRST_SLOT, 0));
	EXPECT_RETURN(-EINVAL, advise(host.fd, CXL_SOFTHOST_ATTACH_TAKEOVER, -1, FIRST_SLOT, 0));
	EXPECT_RETURN(-EINVAL, advise(host.fd, 0, -1, CXL_SOFTHOST_SLOT_TOP, 0));
	EXPECT_RETURN(-EINVAL, advise(host.fd, 0, -1, FIRST_SLOT, 65537));
	EXPECT_RETURN(-EINVAL, advise(host.fd, 0, -1, (1U << 31) - 3, 4));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_NONE, softhost_info(host.fd).out_engine);
	EXPECT_RETURN(0, advise(host.fd, 0, -1, (1U << 31) - 4, 4));
	EXPECT_EQ(CXL_SOFTHOST_ENGINE_ADVISORY, softhost_info(host.fd).out_engine);
	EXPECT_RETURN(-EBUSY, advise(host.fd, 0, -1, FIRST_SLOT, 4));
	EXPECT_RETURN(-EBUSY, __attach(host.fd, vm.fd, FIRST_SLOT, 0, NULL));
	detach(host.fd);
	EXPECT_RETURN(0, advise(host.fd, 0, -1, 0, 65536));

	test_context("without two phases nobody would know in time");
	host_create(&one_phase, NULL);
	EXPECT_RETURN(-EINVAL, advise(one_phase.fd, 0, -1, FIRST_SLOT, 0));
}

TEST(what_is_mapped_already_has_its_slots_after_ATTACH)
{
	const struct cxl_softhost_segment *extent;
	struct host host;
	struct map map;

	host_create_two_phase(&host, &config);
	host_enable_all(&host);
	ASSERT_RESULT(COMMITTED, NONE, host_commit_bridge(&host, 0, WINDOW_HPA, 4 * UNIT, 0));
	ASSERT_RESULT(COMMITTED, NONE, host_commit(&host, 0, 0, WINDOW_HPA, UNIT));
	ASSERT_RETURN(0, advise(host.fd, 0, -1, FIRST_SLOT, 0));
	map = map_get(host.fd);
	extent = map_find(&map, WINDOW_HPA);
	EXPECT_EQ(FIRST_SLOT, extent->slot);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NONE, extent->reason);
	EXPECT_EQ(1, softhost_info(host.fd).out_slots_used);
	map_free(&map);

	test_context("DETACH");
	detach(host.fd);
	map = map_get(host.fd);
	EXPECT_EQ(CXL_SOFTHOST_NONE, map_find(&map, WINDOW_HPA)->slot);
	EXPECT_EQ(CXL_SOFTHOST_REASON_NO_ENGINE, map_find(&map, WINDOW_HPA)->reason);
}

/* What a guest may do, at random: mostly what can succeed */
struct action {
	enum { COMMIT, UNCOMMIT, BRIDGE, BRIDGE_UNCOMMIT, ENABLE, MEDIA, RESET, KINDS } kind;
	unsigned int device, decoder;
	uint64_t base, size;
	unsigned int value;
};

static struct action random_action(uint64_t *random)
{
	struct action action = {
		.kind = random_from(random, KINDS),
		.device = random_from(random, 2),
		.decoder = random_from(random, 3),
		.value = random_from(random, 3) != 0,
	};

	/* Commits are what makes the rest worth while */
	if (random_from(random, 2))
		action.kind = random_from(random, 2) ? COMMIT : BRIDGE;
	if (action.kind == RESET && random_from(random, 4))
		action.kind = UNCOMMIT;
	action.base = WINDOW_HPA + 8 * UNIT * action.device + action.decoder * 2 * UNIT;
	action.size = (1 + random_from(random, 2)) * UNIT;
	if (action.kind == BRIDGE) {
		action.decoder = action.device;
		action.base = WINDOW_HPA + 8 * UNIT * action.device;
		action.size = (4 + random_from(random, 5)) * UNIT;
	}
	return action;
}

static struct cxl_softhost_result act(struct host *host, const struct action *action)
{
	uint32_t device = host->endpoints[action->device].id;

	switch (action->kind) {
	case COMMIT:
		if (decoder_control(host->fd, device, action->decoder) & CONTROL_COMMIT)
			return decoder_uncommit(host->fd, device, action->decoder);
		return host_commit(host, action->device, action->decoder, action->base,
				   action->size);
	case UNCOMMIT:
		return decoder_uncommit(host->fd, device, action->decoder);
	case BRIDGE:
		if (decoder_control(host->fd, host->bridge, action->decoder) & CONTROL_COMMIT)
			return decoder_uncommit(host->fd, host->bridge, action->decoder);
		return host_commit_bridge(host, action->decoder, action->base, action->size,
					  action->device);
	case BRIDGE_UNCOMMIT:
		return decoder_uncommit(host->fd, host->bridge, action->device);
	case ENABLE:
		return node_set_mem_enable(host->fd, device, action->value);
	case MEDIA:
		return node_set_media(host->fd, device, !action->value);
	default:
		return reset(host->fd, action->value ? device : 0);
	}
}

/* Finish what is pending */
static struct cxl_softhost_result act_wholly(struct host *host, const struct action *action)
{
	struct cxl_softhost_result result = act(host, action);

	if (result.outcome == CXL_SOFTHOST_OUTCOME_PENDING)
		result = phases_follow(host->fd, pending_token(host->fd));
	return result;
}

static void enable_wholly(struct host *host)
{
	struct action enable = { .kind = ENABLE, .value = 1 };

	for (enable.device = 0; enable.device < 2; enable.device++) {
		struct cxl_softhost_result result =
			reg_write(host->fd, host->endpoints[enable.device].id, HDM_GLOBAL, 4,
				  HDM_GLOBAL_ENABLE);

		if (result.outcome == CXL_SOFTHOST_OUTCOME_PENDING)
			phases_follow(host->fd, pending_token(host->fd));
		act_wholly(host, &enable);
	}
}

/* The maps of two hosts that differ in where their backends lie alone */
static bool same_extents(const struct host *one, const struct map *map, const struct host *other,
			 const struct map *twin)
{
	unsigned int i;

	if (map->count != twin->count)
		return false;
	for (i = 0; i < map->count; i++) {
		struct cxl_softhost_segment a = map->segments[i], b = twin->segments[i];
		unsigned int device = a.node_id == one->endpoints[1].id;
		unsigned int partition = a.partition;

		/* Where their memory lies is all that may differ */
		if (a.host_addr && b.host_addr) {
			a.host_addr -= (uintptr_t)one->endpoints[device].memory[partition];
			b.host_addr -= (uintptr_t)other->endpoints[device].memory[partition];
			a.page_sizes = 0;
			a.misaligned = 0;
			b.page_sizes = 0;
			b.misaligned = 0;
		}
		if (memcmp(&a, &b, sizeof(a)))
			return false;
	}
	return true;
}

TEST_TIMEOUT(random_programs_come_to_the_same_with_both_engines, 240)
{
	unsigned int i, slots = 0, refused = 0;
	uint64_t random = random_seed(5, 2);
	struct host kvm, advisory;
	struct vm vm;

	host_create(&kvm, &config);
	host_create_two_phase(&advisory, &config);
	vm_create(&vm);
	attach(kvm.fd, vm.fd, FIRST_SLOT, 0);
	ASSERT_RETURN(0, advise(advisory.fd, 0, -1, FIRST_SLOT, 0));
	host_enable_all(&kvm);
	host_enable_all(&advisory);
	for (i = 0; i < 3000 && !test_has_failed(); i++) {
		struct action action = random_action(&random);
		struct cxl_softhost_result one = act_wholly(&kvm, &action);
		struct cxl_softhost_result other = act_wholly(&advisory, &action);
		struct map map = map_get(kvm.fd), twin = map_get(advisory.fd);

		test_context("step %u, action %u", i, action.kind);
		EXPECT_EQ(0, memcmp(&one, &other, sizeof(one)));
		EXPECT_TRUE(same_extents(&kvm, &map, &advisory, &twin));
		EXPECT_EQ(map.generation, twin.generation);
		slots += softhost_info(advisory.fd).out_slots_used;
		refused += one.outcome == CXL_SOFTHOST_OUTCOME_REFUSED;
		map_free(&map);
		map_free(&twin);
		/* A reset leaves nothing that could answer */
		if (action.kind == RESET) {
			enable_wholly(&kvm);
			enable_wholly(&advisory);
		}
	}
	test_note("%u steps, %u slots seen, %u refused", i, slots, refused);
	EXPECT_TRUE(slots >= 400);
	EXPECT_TRUE(refused >= 20);
}
