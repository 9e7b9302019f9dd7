// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation fails once: a sequence through all commands is run again and
 * again, and in pass n the n-th allocation of each step fails, whether it is the
 * module's, KVM's or another's on whom a command relies. What then fails has to
 * say so as documented and to leave everything as it was (I4), or, if it removes,
 * has to have removed all but a condemned slot (I3). It is repeated at once, and
 * has to work as ever. The last pass is the one in which no step allocates so
 * often.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "commands.h"
#include "faults.h"
#include "installed.h"
#include "process.h"
#include "sequence.h"
#include "snapshot.h"

/*
 * So often nearly every step allocates, and what can fail fails; kmemleak's own
 * allocations count, too. ATTACH and commits go on for long.
 */
#define FIRST_PASSES 16
/* More allocations than this no step can have: something is wrong. */
#define MAX_PASSES 1000
/* Mappings of the module in its owner's address space */
#define ARGUMENT_PAGE "cxl-softhost-arg"

/* How often an allocation failed in each step, and how often the step then did */
static unsigned int injected[MAX_STEPS], failed[MAX_STEPS];

/* I1: map, registers and KVM's slots agree on what the model says. */
static void expect_consistent(const struct sequence *sequence)
{
	if (sequence->host.fd < 0)
		return;
	EXPECT_AS_MODELLED(&sequence->model);
	EXPECT_INSTALLED(&sequence->model, sequence->vm);
}

/* ATTACH: nothing is left, or one slot that KVM wouldn't delete. */
static void after_failed_attach(const struct sequence *sequence, struct snapshot *before)
{
	struct cxl_softhost_info info = softhost_info(sequence->host.fd);

	if (info.out_engine != CXL_SOFTHOST_ENGINE_NONE) {
		EXPECT_EQ(1, info.out_slots_used);
		EXPECT_CONDEMNED(sequence->host.fd, 1);
		EXPECT_EQ(0, detach(sequence->host.fd).flags);
		/* The condemned slot came and went: two changes of the map. */
		before->info.out_generation += 2;
	}
	EXPECT_UNCHANGED(before, &sequence->host);
}

/* A commit that was refused shows it, and the guest takes COMMIT back. */
static void after_refusal(const struct sequence *sequence, const struct step *step,
			  const struct cxl_softhost_result *result, const struct snapshot *before)
{
	uint32_t node = step_node(sequence, step);
	uint32_t control = HDM_DECODER(result->decoder) + HDM_CONTROL;

	EXPECT_REFUSED(ENGINE, 0, ENOMEM, *result);
	if (step->outcome == CXL_SOFTHOST_OUTCOME_COMMITTED) {
		EXPECT_ONLY_ERROR(before, &sequence->host, node, result->decoder);
		EXPECT_RESULT(DONE, NONE,
			      reg_write(sequence->host.fd, node, control, 4,
					snapshot_register(before, node, control)));
	}
	EXPECT_UNCHANGED(before, &sequence->host);
}

/* The removal has taken effect; the slot goes with the next change. */
static void after_degraded_removal(struct sequence *sequence, const struct step *step,
				   const struct cxl_softhost_result *result)
{
	int fd = sequence->host.fd;

	EXPECT_EQ(step->outcome, result->outcome);
	EXPECT_EQ(CXL_SOFTHOST_RESULT_DEGRADED, result->flags);
	EXPECT_CONDEMNED(fd, 1);
	if (step->command == CXL_SOFTHOST_CMD_DETACH) {
		EXPECT_EQ(CXL_SOFTHOST_ENGINE_KVM, softhost_info(fd).out_engine);
		step_run(sequence, step);
	} else {
		step_done(sequence, step);
		expect_consistent(sequence);
		/* Says what is so already, of the device that is destroyed last */
		EXPECT_RESULT(DONE, NONE, node_set_media(fd, sequence->host.endpoints[0].id,
							 CXL_SOFTHOST_MEDIA_READY));
	}
	EXPECT_CONDEMNED(fd, 0);
	EXPECT_AS_MODELLED(&sequence->model);
}

static bool is_documented(const struct step *step, int ret)
{
	if (step->kind == STEP_ATTACHES)
		return ret == -ENOMEM || ret == -EREMOTEIO;
	if (step->kind == STEP_FLAGS)
		return ret == -EREMOTEIO;
	return step->kind == STEP_SETS_UP && ret == -ENOMEM;
}

/* An allocation failed in this step: it says so, or could do without. */
static void after_injection(struct sequence *sequence, const struct step *step, int ret,
			    const struct cxl_softhost_result *result, struct snapshot *before)
{
	injected[step - steps]++;
	if (ret == 0 && result->outcome == step->outcome && result->flags == 0) {
		step_done(sequence, step);
		if (sequence->host.fd >= 0)
			EXPECT_AS_MODELLED(&sequence->model);
		return;
	}
	failed[step - steps]++;
	if (ret == 0 && step->kind == STEP_REMOVES) {
		after_degraded_removal(sequence, step, result);
		return;
	}
	if (ret == 0 && step->kind == STEP_ADDS)
		after_refusal(sequence, step, result, before);
	else if (!is_documented(step, ret))
		test_fail(__FILE__, __LINE__, "returned %d, %s", ret,
			  outcome_name(result->outcome));
	else if (step->kind == STEP_ATTACHES)
		after_failed_attach(sequence, before);
	else if (sequence->host.fd >= 0)
		EXPECT_UNCHANGED(before, &sequence->host);
	expect_consistent(sequence);
	step_run(sequence, step);
	if (sequence->host.fd >= 0)
		EXPECT_AS_MODELLED(&sequence->model);
}

/* Returns whether the step had an @nth allocation. */
static bool run_step(struct sequence *sequence, const struct step *step, unsigned int nth)
{
	struct cxl_softhost_result result = { .outcome = step->outcome };
	struct snapshot before = { .map.count = 0 };
	bool hit;
	int ret;

	if (sequence->host.fd >= 0)
		snapshot_take(&before, &sequence->host);
	faults_arm(nth);
	ret = step->run(sequence, step->arg, &result);
	hit = !faults_disarm();
	if (hit) {
		after_injection(sequence, step, ret, &result, &before);
	} else {
		ASSERT_RETURN(0, ret);
		ASSERT_TRUE(check_result(__FILE__, __LINE__, step->outcome,
					 CXL_SOFTHOST_REASON_NONE, &result));
		step_done(sequence, step);
	}
	snapshot_free(&before);
	return hit;
}

/* How many steps had an @nth allocation, to fail. */
static unsigned int run_pass(struct sequence *sequence, unsigned int nth)
{
	unsigned int i, mappings = mappings_named(ARGUMENT_PAGE, NULL), hits = 0;

	sequence_begin(sequence);
	for (i = 0; i < step_count && !test_has_failed(); i++) {
		test_context("allocation %u of step %u, %s", nth, i, steps[i].text);
		hits += run_step(sequence, &steps[i], nth);
	}
	/* A page that can't be unmapped, for want of memory, stays: it harms nobody. */
	test_context("allocation %u, at the end", nth);
	EXPECT_TRUE(mappings_named(ARGUMENT_PAGE, NULL) <= mappings + hits);
	return hits;
}

/* A command that is added to the header is to be added to the sequence. */
TEST(every_command_is_in_the_sequence)
{
	unsigned int i, j;

	for (i = 0; i < command_count; i++) {
		bool found = false;

		for (j = 0; j < step_count; j++)
			found |= steps[j].command == _IOC_NR(commands[i].number);
		test_context("%s", commands[i].name);
		EXPECT_TRUE(found);
	}
	for (j = 0; j < step_count; j++) {
		test_context("%s", steps[j].text);
		EXPECT_TRUE(!steps[j].command || is_command(steps[j].command));
	}
}

TEST(the_sequence_succeeds)
{
	struct sequence sequence;
	struct vm vm;
	unsigned int i;

	sequence_init(&sequence, &vm);
	sequence_begin(&sequence);
	for (i = 0; i < step_count; i++) {
		test_context("step %u, %s", i, steps[i].text);
		step_run(&sequence, &steps[i]);
		expect_consistent(&sequence);
	}
	EXPECT_EQ(0, mappings_named(ARGUMENT_PAGE, NULL));
}

static void note_figures(unsigned int passes)
{
	unsigned int i, total = 0, failures = 0;

	for (i = 0; i < step_count; i++) {
		total += injected[i];
		failures += failed[i];
		if (injected[i])
			test_note("%-40s %4u injected, %4u failed", steps[i].text, injected[i],
				  failed[i]);
	}
	test_note("%u passes, %u failures injected, %u of them failed a step", passes, total,
		  failures);
}

/* Passes from @nth on, up to @last or to the one in which nothing can fail */
static void sweep(unsigned int nth, unsigned int last)
{
	unsigned int passes = 0, hits = 1;
	struct sequence sequence;
	struct vm vm;

	faults_open();
	sequence_init(&sequence, &vm);
	for (; hits && nth <= last && !test_has_failed(); nth++) {
		char name[16];

		/* kmemleak tells whose an object was; the test bed knows the name too. */
		snprintf(name, sizeof(name), "nth-%04u", nth);
		ASSERT_DONE(prctl(PR_SET_NAME, name));
		hits = run_pass(&sequence, nth);
		passes++;
	}
	test_context("at the end");
	EXPECT_TRUE(!hits == (last == MAX_PASSES));
	note_figures(passes);
}

TEST_TIMEOUT(each_of_the_first_allocations_fails, 200)
{
	unsigned int i;

	sweep(1, FIRST_PASSES);
	if (test_has_failed())
		return;
	/* What can fail did fail, or this has looked at less than it says. */
	for (i = 0; i < step_count; i++) {
		test_context("step %u, %s", i, steps[i].text);
		if (steps[i].kind == STEP_RETRIES)
			EXPECT_TRUE(injected[i] > 0);
		else if (steps[i].kind != STEP_PLAIN)
			EXPECT_TRUE(failed[i] > 0);
		/* What only looks allocates nothing. */
		if (steps[i].command == CXL_SOFTHOST_CMD_REG_READ ||
		    steps[i].command == CXL_SOFTHOST_CMD_TRANSLATE)
			EXPECT_EQ(0, injected[i]);
	}
}

TEST_TIMEOUT(each_of_the_others_fails, 400)
{
	sweep(FIRST_PASSES + 1, MAX_PASSES);
}

TEST_TIMEOUT(nothing_is_leaked, 180)
{
	faults_open();
	kmemleak_open();
	EXPECT_NO_LEAKS();
}
