// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation fails once: a sequence through all commands is run again and
 * again, and in pass n the n-th allocation fails, whether it is the module's,
 * KVM's or another's on whom a command relies. What then fails has to say so as
 * documented and to leave everything as it was (I4), or, if it removes, has to
 * have removed all but a condemned slot (I3). It is repeated at once, and the
 * rest of the sequence has to work as ever.
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

/* More allocations than this the sequence can't have: something is wrong. */
#define MAX_PASSES 4000
/* Mappings of the module in its owner's address space */
#define ARGUMENT_PAGE "cxl-softhost-arg"

struct pass {
	struct sequence sequence;
	unsigned int left;	/* allocations up to the one that fails, 0: it has */
	int step;		/* in which it has, or -1 */
};

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
	expect_consistent(sequence);
}

static bool is_documented(const struct step *step, int ret)
{
	if (step->kind == STEP_ATTACHES)
		return ret == -ENOMEM || ret == -EREMOTEIO;
	return step->kind == STEP_SETS_UP && ret == -ENOMEM;
}

/* An allocation failed in this step: it says so, or could do without. */
static void after_injection(struct sequence *sequence, const struct step *step, int ret,
			    const struct cxl_softhost_result *result, struct snapshot *before)
{
	injected[step - steps]++;
	if (ret == 0 && result->outcome == step->outcome && result->flags == 0) {
		step_done(sequence, step);
		expect_consistent(sequence);
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
	expect_consistent(sequence);
}

static void run_step(struct pass *pass, const struct step *step)
{
	struct cxl_softhost_result result = { .outcome = step->outcome };
	struct sequence *sequence = &pass->sequence;
	struct snapshot before = { .map.count = 0 };
	int ret;

	if (!pass->left) {
		step_run(sequence, step);
		return;
	}
	if (sequence->host.fd >= 0)
		snapshot_take(&before, &sequence->host);
	faults_arm(pass->left);
	ret = step->run(sequence, step->arg, &result);
	pass->left = faults_disarm();
	if (pass->left) {
		ASSERT_RETURN(0, ret);
		ASSERT_TRUE(check_result(__FILE__, __LINE__, step->outcome,
					 CXL_SOFTHOST_REASON_NONE, &result));
		step_done(sequence, step);
	} else {
		pass->step = step - steps;
		after_injection(sequence, step, ret, &result, &before);
	}
	snapshot_free(&before);
}

/* The n-th allocation fails; 0: none, and everything is looked at. */
static void run_pass(struct pass *pass, unsigned int number)
{
	unsigned int i, mappings = mappings_named(ARGUMENT_PAGE, NULL);

	pass->left = number;
	pass->step = -1;
	sequence_begin(&pass->sequence);
	for (i = 0; i < step_count && !test_has_failed(); i++) {
		test_context("allocation %u, step %u, %s", number, i, steps[i].text);
		run_step(pass, &steps[i]);
		/* With everything mapped, and where it is mapped anew */
		if (number == 0 || steps[i].kind == STEP_ATTACHES)
			expect_consistent(&pass->sequence);
	}
	/* A page that can't be unmapped, for want of memory, stays: it harms nobody. */
	test_context("allocation %u, at the end", number);
	EXPECT_TRUE(mappings_named(ARGUMENT_PAGE, NULL) <= mappings + (pass->step >= 0));
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
	struct pass pass;
	struct vm vm;

	sequence_init(&pass.sequence, &vm);
	run_pass(&pass, 0);
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

/* What can fail did fail, or this has looked at less than it says. */
static void expect_all_failed(void)
{
	unsigned int i;

	for (i = 0; i < step_count; i++) {
		test_context("step %u, %s", i, steps[i].text);
		if (steps[i].kind != STEP_PLAIN)
			EXPECT_TRUE(failed[i] > 0);
		/* What only looks allocates nothing. */
		if (steps[i].command == CXL_SOFTHOST_CMD_REG_READ ||
		    steps[i].command == CXL_SOFTHOST_CMD_TRANSLATE)
			EXPECT_EQ(0, injected[i]);
	}
}

TEST_TIMEOUT(every_allocation_fails_once, 400)
{
	struct pass pass;
	unsigned int n;
	struct vm vm;

	faults_open();
	sequence_init(&pass.sequence, &vm);
	for (n = 1; n < MAX_PASSES && !test_has_failed(); n++) {
		char name[16];

		/* kmemleak tells whose an object was. */
		snprintf(name, sizeof(name), "nth-%04u", n);
		ASSERT_DONE(prctl(PR_SET_NAME, name));
		run_pass(&pass, n);
		if (pass.step < 0)
			break;
	}
	test_context("at the end");
	EXPECT_TRUE(n < MAX_PASSES);
	note_figures(n);
	if (!test_has_failed())
		expect_all_failed();
}

TEST_TIMEOUT(nothing_is_leaked, 180)
{
	faults_open();
	kmemleak_open();
	EXPECT_NO_LEAKS();
}
