// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "report.h"
#include "serial.h"

/* How long a line without an end may stay in the console's buffer. */
#define FLUSH_MS 100
/* How long whoever asked for something while it has the lock may have to wait. */
#define LOCK_MS 5
/* Ctrl-A x leaves, as in other VMMs. */
#define ESCAPE 0x01

static int signal_fd;
static bool reads_input;
static bool terminal_changed;
static struct termios terminal;

/* What another thread waits for */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t done;
	int fd;			/* eventfd: something was asked */
	void (*call)(void *opaque, const char *name);
	void *opaque;
	const char *name;
} asked = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };

static void raw_terminal(void)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &terminal))
		return;	/* a pipe: nothing to change */
	raw = terminal;
	cfmakeraw(&raw);
	raw.c_oflag = terminal.c_oflag;
	terminal_changed = !tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

bool loop_init(bool interactive)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL))
		return false;
	signal(SIGPIPE, SIG_IGN);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	asked.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (signal_fd < 0 || asked.fd < 0) {
		log_error("signals or events: %s", strerror(errno));
		return false;
	}
	reads_input = interactive;
	if (interactive)
		raw_terminal();
	return true;
}

void loop_restore(void)
{
	if (terminal_changed)
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
}

void loop_call(void (*call)(void *opaque, const char *name), void *opaque, const char *name)
{
	uint64_t one = 1;

	pthread_mutex_lock(&asked.lock);
	asked.call = call;
	asked.opaque = opaque;
	asked.name = name;
	(void)!write(asked.fd, &one, sizeof(one));
	while (asked.call)
		pthread_cond_wait(&asked.done, &asked.lock);
	pthread_mutex_unlock(&asked.lock);
}

/* Whoever asked has the device lock, so nobody may wait for that first. */
static void do_asked(void)
{
	uint64_t count;

	(void)!read(asked.fd, &count, sizeof(count));
	pthread_mutex_lock(&asked.lock);
	if (asked.call) {
		asked.call(asked.opaque, asked.name);
		asked.call = NULL;
		pthread_cond_signal(&asked.done);
	}
	pthread_mutex_unlock(&asked.lock);
}

bool loop_lock_devices(struct vm *vm, uint32_t ms)
{
	for (uint32_t waited = 0; !vm_lock_devices(vm, LOCK_MS); waited += LOCK_MS) {
		if (waited >= ms)
			return false;
		do_asked();
	}
	return true;
}

static void take_signal(struct vm *vm, void (*phase)(void *opaque, const char *name))
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo != SIGUSR1) {
		vm_stop(vm, VM_END_INTERRUPTED);
		return;
	}
	if (!loop_lock_devices(vm, 1000)) {
		log_error("a device is busy, no report now");
		return;
	}
	phase(NULL, "sigusr1");
	pthread_mutex_unlock(&vm->device_lock);
}

/* As many bytes as the UART has room for; false at the end of the input. */
static bool take_input(struct vm *vm, size_t room)
{
	static bool escaped;
	uint8_t bytes[SERIAL_FIFO];
	ssize_t count = read(STDIN_FILENO, bytes, room);

	if (count <= 0)
		return false;
	for (ssize_t i = 0; i < count && terminal_changed; i++) {
		if (escaped && bytes[i] == 'x')
			vm_stop(vm, VM_END_INTERRUPTED);
		escaped = bytes[i] == ESCAPE;
	}
	while (!loop_lock_devices(vm, FLUSH_MS))
		;
	serial_input(vm->serial, bytes, count);
	pthread_mutex_unlock(&vm->device_lock);
	return true;
}

static bool is_late(const struct timespec *started, uint32_t timeout)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return timeout && now.tv_sec - started->tv_sec >= timeout;
}

void loop_run(struct vm *vm, uint32_t timeout, void (*phase)(void *opaque, const char *name))
{
	struct timespec started;

	clock_gettime(CLOCK_MONOTONIC, &started);
	while (!vm->stopped) {
		struct pollfd fds[4] = {
			{ .fd = vm->stop_fd, .events = POLLIN },
			{ .fd = signal_fd, .events = POLLIN },
			{ .fd = -1, .events = POLLIN },
			{ .fd = asked.fd, .events = POLLIN },
		};
		size_t room = 0;

		do_asked();
		if (loop_lock_devices(vm, FLUSH_MS)) {
			console_flush(vm->serial->console);
			room = serial_room(vm->serial);
			pthread_mutex_unlock(&vm->device_lock);
		}
		if (reads_input && room)
			fds[2].fd = STDIN_FILENO;

		poll(fds, 4, FLUSH_MS);
		if (fds[1].revents)
			take_signal(vm, phase);
		if (fds[2].revents && !take_input(vm, room))
			reads_input = false;
		if (is_late(&started, timeout))
			vm_stop(vm, VM_END_TIMEOUT);
	}
}
