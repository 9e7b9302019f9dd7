// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands while processes come and go: children that inherit the device, owners
 * that exit, call exec() or are killed with commands on their way, and signals.
 *
 * Counted in steps as in races.c, and scaled by the same variables.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mock.h"
#include "process.h"
#include "race.h"
#include "random.h"

#define THREADS 2
#define STEPS 400
#define CHILDREN 12
#define OWNERS 6
#define KILLED 30
#define SIGNALS 300

/* Every command, from who may not use it. */
static void use_every_command(struct context *context, int fd, int expected)
{
	unsigned int i;

	for (i = 0; i < command_count; i++) {
		union argument argument = { .head = { commands[i].size } };

		test_context("%s", commands[i].name);
		if (context)
			commands[i].fill(context, &argument);
		EXPECT_RETURN(expected, softhost_ioctl(fd, commands[i].number, &argument));
	}
}

__attribute__((constructor)) static void after_exec(void)
{
	const char *what;
	int fd = exec_descriptor(&what);

	if (fd < 0)
		return;
	/* The owner's memory went with exec(); a child never was the owner. */
	use_every_command(NULL, fd, what[0] == 'o' ? -ENODEV : -EPERM);
	test_end();
}

/* A bed, threads that race on it, and one more worker. */
struct scene {
	struct race_bed bed;
	struct race_mixer mixers[THREADS];
	struct worker workers[THREADS + 1];
	struct racer racers[THREADS + 1];
	bool stop;
};

static struct scene *scene_create(const struct vm *vm, uint64_t seed, unsigned int steps)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	unsigned int i;

	ASSERT_TRUE(scene);
	race_bed_create(&scene->bed, softhost_open(), vm);
	for (i = 0; i < THREADS; i++) {
		race_mixer_init(&scene->mixers[i], &scene->bed, &scene->workers[i],
				seed_or(seed), i);
		scene->mixers[i].steps = steps;
		scene->mixers[i].stop = &scene->stop;
	}
	return scene;
}

static void scene_run(struct scene *scene, const char *name, void (*work)(struct worker *self))
{
	unsigned int i;

	scene->workers[THREADS] = (struct worker){ .work = work, .data = scene };
	snprintf(scene->workers[THREADS].name, sizeof(scene->workers[0].name), "%s", name);
	workers_run(scene->workers, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		scene->racers[i] = scene->mixers[i].racer;
	race_note(scene->racers, THREADS);
}

static void stop_others(struct scene *scene)
{
	__atomic_store_n(&scene->stop, true, __ATOMIC_RELEASE);
}

/* Let the others make some steps. */
static void let_race(struct scene *scene, uint64_t *random)
{
	unsigned int i, more = random_from(random, 12);
	unsigned long at = scene->workers[0].steps;

	for (i = 0; i < 100000; i++) {
		if (__atomic_load_n(&scene->workers[0].steps, __ATOMIC_RELAXED) - at >= more ||
		    __atomic_load_n(&scene->workers[0].done, __ATOMIC_ACQUIRE))
			return;
		usleep(10);
	}
}

/* Forked with the device open, and the other threads in the middle of commands. */
static void make_children(struct worker *self)
{
	struct scene *scene = self->data;
	struct context context = { .host = scene->bed.host, .vm = scene->bed.vm };
	uint64_t random = random_seed(seed_or(1), 100);
	unsigned int i, count = scaled(CHILDREN);

	context.memory = scene->bed.memory;
	for (i = 0; i < count && !test_has_failed(); i++) {
		int status;
		pid_t pid;

		worker_step(self, "fork");
		let_race(scene, &random);
		pid = ASSERT_DONE(fork());
		if (pid == 0) {
			use_every_command(&context, scene->bed.host.fd, -EPERM);
			if (i % 3 == 1)
				exec_with(scene->bed.host.fd, "child");
			if (i % 3 == 2)
				raise(SIGKILL);
			test_end();
		}
		worker_step(self, "waitpid");
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		if (i % 3 == 2)
			EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		else
			EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	stop_others(scene);
}

TEST_TIMEOUT(children_get_EPERM_and_disturb_nothing, 600)
{
	struct scene *scene;
	struct vm vm;

	vm_create(&vm);
	scene = scene_create(&vm, 11, scaled(STEPS) * 10);
	scene_run(scene, "who forks", make_children);
	EXPECT_CONSISTENT_SLOTS(&scene->bed, scene->racers, THREADS);
	race_settle(&scene->bed);
	race_bed_destroy(&scene->bed);
}

/* How an owner goes, with commands on their way */
enum end { EXITS, CALLS_EXEC, IS_KILLED, ENDS };

struct owner {
	enum end end;
	bool real;		/* the VM */
	unsigned int number;
	struct child *self;
};

static struct owner owner;

static void end_process(struct worker *self)
{
	struct scene *scene = self->data;
	uint64_t random = random_seed(seed_or(2), owner.number);

	child_send(owner.self, scene->bed.host.fd);
	let_race(scene, &random);
	worker_step(self, "the end of the process");
	if (test_has_failed() || owner.end == EXITS)
		test_end();
	if (owner.end == CALLS_EXEC)
		exec_with(scene->bed.host.fd, "owner");
	raise(SIGKILL);
}

static void own(struct child *self, void *data)
{
	struct scene *scene;
	struct vm vm;

	(void)data;
	owner.self = self;
	if (owner.real)
		vm_create(&vm);
	else
		vm.fd = mock_create();
	scene = scene_create(&vm, 20 + owner.number, ~0U);
	scene_run(scene, "who ends the process", end_process);
}

/* Until it is dead its descriptor is another's, then it is nobody's. */
static void watch_owner(const struct child *child, int fd)
{
	struct cxl_softhost_info info = { .size = sizeof(info) };
	siginfo_t ended = { .si_pid = 0 };
	bool gone = false;

	do {
		int ret = softhost_ioctl(fd, CXL_SOFTHOST_INFO, &info);

		EXPECT_TRUE(ret == -ENODEV || (ret == -EPERM && !gone));
		gone = ret == -ENODEV;
		usleep(100);
		ASSERT_DONE(waitid(P_PID, child->pid, &ended, WEXITED | WNOWAIT | WNOHANG));
	} while (!ended.si_pid && !test_has_failed());
	if (owner.end == IS_KILLED)
		EXPECT_TRUE(ended.si_code == CLD_KILLED && ended.si_status == SIGKILL);
	else
		EXPECT_TRUE(ended.si_code == CLD_EXITED && ended.si_status == 0);
}

TEST_TIMEOUT(owner_goes_while_another_has_the_descriptor, 600)
{
	unsigned int i, count = scaled(OWNERS);
	int live = mock_live();

	for (i = 0; i < count && !test_has_failed(); i++) {
		struct child child;
		int fd;

		owner = (struct owner){ .end = i % ENDS, .real = i / ENDS % 2, .number = i };
		test_context("owner %u", i);
		child_start(&child, own, NULL);
		fd = child_receive(&child);
		watch_owner(&child, fd);
		child_join(&child);
		use_every_command(NULL, fd, -ENODEV);
		/* The VM isn't kept, though the host still is. */
		EXPECT_LIVE(live, 10000);
		ASSERT_DONE(close(fd));
	}
}

static unsigned int signals_taken;

static void take_signal(int number)
{
	(void)number;
	__atomic_fetch_add(&signals_taken, 1, __ATOMIC_RELAXED);
}

static void send_signals(struct worker *self)
{
	uint64_t random = random_seed(seed_or(3), 300);
	struct scene *scene = self->data;
	unsigned int i, count = scaled(SIGNALS);

	for (i = 0; i < count && !test_has_failed(); i++) {
		unsigned int to = random_from(&random, THREADS);

		worker_step(self, "pthread_kill");
		ASSERT_EQ(0, pthread_kill(scene->workers[to].thread, SIGUSR1));
		let_race(scene, &random);
	}
	stop_others(scene);
}

/* A signal that doesn't kill is nothing to a command: no EINTR. */
TEST_TIMEOUT(signals_disturb_no_command, 600)
{
	const struct sigaction action = { .sa_handler = take_signal };
	struct scene *scene;
	struct vm vm;

	ASSERT_DONE(sigaction(SIGUSR1, &action, NULL));
	vm_create(&vm);
	scene = scene_create(&vm, 31, ~0U);
	scene_run(scene, "who signals", send_signals);
	test_note("%u signals", signals_taken);
	EXPECT_TRUE(signals_taken > 0);
	EXPECT_CONSISTENT_SLOTS(&scene->bed, scene->racers, THREADS);
	race_bed_destroy(&scene->bed);
}

static int run_mixer(void *data)
{
	race_mix(data);
	return 0;
}

static uint64_t commands_named(const char *const *names, unsigned int count)
{
	uint64_t commands = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		commands |= 1ULL << race_command(names[i]);
	return commands;
}

/* What leaves nothing behind that only the killed one would have known. */
static const char *const harmless[] = {
	"INFO", "ATTACH", "DETACH", "REG_READ", "REG_WRITE", "NODE_SET", "RESET", "TRANSLATE",
};

/*
 * A process that shares memory and descriptors with the others is killed like a
 * thread that can't be. It shares the variables of the thread that made it, too,
 * which does nothing else meanwhile.
 */
static void kill_others(struct worker *self)
{
	static uint8_t stack[256 << 10] __attribute__((aligned(16)));
	uint64_t random = random_seed(seed_or(4), 400);
	unsigned int i, killed = 0, count = scaled(KILLED);
	struct scene *scene = self->data;
	static struct race_mixer mixer;
	struct worker worker;
	int status;

	for (i = 0; i < count && !test_has_failed(); i++) {
		unsigned int more = 1 + random_from(&random, 10);
		pid_t pid;

		race_mixer_init(&mixer, &scene->bed, &worker, seed_or(41), 100 + i);
		mixer.commands = commands_named(harmless, ARRAY_SIZE(harmless));
		mixer.steps = ~0U;
		mixer.stays = true;
		pid = ASSERT_DONE(clone(run_mixer, stack + sizeof(stack),
					CLONE_VM | CLONE_FILES | SIGCHLD, &worker));
		while (__atomic_load_n(&worker.steps, __ATOMIC_RELAXED) < more)
			sched_yield();
		worker_step(self, "kill");
		ASSERT_DONE(kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		killed += WIFSIGNALED(status);
	}
	test_note("%u killed", killed);
	EXPECT_EQ(count, killed);
	stop_others(scene);
}

TEST_TIMEOUT(killed_with_a_command_on_its_way, 600)
{
	static struct racer racers[2];
	struct scene *scene;
	unsigned int i, port;
	struct vm vm;

	vm_create(&vm);
	scene = scene_create(&vm, 42, ~0U);
	for (i = 0; i < THREADS; i++)
		scene->mixers[i].commands = commands_named(harmless, ARRAY_SIZE(harmless));
	scene_run(scene, "who kills", kill_others);
	/* Whether its last command was done nobody was told: either will do. */
	scene->bed.attached = softhost_info(scene->bed.host.fd).out_engine !=
			      CXL_SOFTHOST_ENGINE_NONE;
	for (i = 0; i < ARRAY_SIZE(racers); i++) {
		racer_init(&racers[i], &scene->bed, NULL, 1);
		for (port = 0; port < RACE_PORTS; port++) {
			racers[i].mem_enable[port] = i;
			racers[i].media[port] = i;
		}
	}
	EXPECT_CONSISTENT_SLOTS(&scene->bed, racers, ARRAY_SIZE(racers));
	race_settle(&scene->bed);
	race_bed_destroy(&scene->bed);
}
