// SPDX-License-Identifier: MIT
/*
 * Runs the command with its input and output passed through virtio serial ports while it runs.
 *
 * The command gets pipes (or a terminal), not the ports: a port can be opened only once, so a
 * program that opens /dev/stdout would fail on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

/*
 * One direction: what comes from one descriptor goes to the other. A flow closes its own
 * descriptors when it ends; the ports themselves stay open, so that the host gets all of it.
 */
struct flow {
	int from, to;			/* -1: closed */
	size_t start, end;		/* of what is still to be written */
	unsigned long long total;	/* bytes written */
	char bytes[65536];
};

static int in_port, out_port, err_port, status_port;
static struct flow input, output, error;

/* A port's device appears when the host's answer to the driver has come in. */
static int open_port(int number)
{
	char path[32], event[4096];
	int fd, watch = inotify_init1(IN_CLOEXEC);

	snprintf(path, sizeof(path), "/dev/vport0p%d", number);
	if (watch < 0 || inotify_add_watch(watch, "/dev", IN_CREATE | IN_ATTRIB) < 0)
		die("inotify: %s", strerror(errno));
	while ((fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0) {
		if (errno != ENOENT && errno != ENXIO)
			die("%s: %s", path, strerror(errno));
		if (read(watch, event, sizeof(event)) < 0)
			die("inotify: %s", strerror(errno));
	}
	close(watch);
	return fd;
}

/* Until the driver knows that the host is there, a read would look like the end of input. */
static void wait_connected(int port)
{
	struct pollfd state = { .fd = port, .events = POLLOUT };

	do {
		if (poll(&state, 1, 1) < 0)
			die("poll: %s", strerror(errno));
	} while (state.revents & POLLHUP);
}

static void tell_host(const char *line)
{
	if (write(status_port, line, strlen(line)) != (ssize_t)strlen(line))
		die("status port: %s", strerror(errno));
}

void channels_open(void)
{
	in_port = open_port(1);
	out_port = open_port(2);
	err_port = open_port(3);
	status_port = open_port(4);
	wait_connected(in_port);
	wait_connected(out_port);
	wait_connected(err_port);
	wait_connected(status_port);
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static bool flow_empty(const struct flow *flow)
{
	return flow->start == flow->end;
}

/* What to wait for so that @flow can go on; fd -1 is ignored by poll(). */
static struct pollfd flow_poll(const struct flow *flow)
{
	if (flow_empty(flow))
		return (struct pollfd){ .fd = flow->from, .events = POLLIN };
	return (struct pollfd){ .fd = flow->to, .events = POLLOUT };
}

static void flow_read(struct flow *flow)
{
	ssize_t count = read(flow->from, flow->bytes, sizeof(flow->bytes));

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count <= 0) {	/* the end; a terminal says EIO */
		close_end(&flow->from);
		close_end(&flow->to);
		return;
	}
	flow->start = 0;
	flow->end = count;
}

static void flow_write(struct flow *flow)
{
	ssize_t count = write(flow->to, flow->bytes + flow->start, flow->end - flow->start);

	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (count < 0) {	/* nobody reads any more */
		close_end(&flow->from);
		close_end(&flow->to);
		flow->start = flow->end;
		return;
	}
	flow->start += count;
	flow->total += count;
}

static void flow_step(struct flow *flow)
{
	if (flow_empty(flow) && flow->from >= 0)
		flow_read(flow);
	if (!flow_empty(flow))
		flow_write(flow);
}

static void set_nonblocking(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Lines from the host: only "winsize ROWS COLUMNS", when its terminal has changed. */
static void obey_host(int terminal)
{
	char line[256];
	struct winsize size = { 0 };
	ssize_t count = read(status_port, line, sizeof(line) - 1);

	if (count <= 0)
		return;
	line[count] = '\0';
	if (terminal >= 0 && sscanf(line, "winsize %hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(terminal, TIOCSWINSZ, &size);
}

static pid_t start_on_pipes(const struct command *command)
{
	int in[2], out[2], err[2];
	pid_t child;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("pipe: %s", strerror(errno));
	child = fork();
	if (child == 0) {
		setsid();
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		exec_command(command);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	set_nonblocking(in[1]);
	set_nonblocking(out[0]);
	set_nonblocking(err[0]);
	input = (struct flow){ .from = in_port, .to = in[1] };
	output = (struct flow){ .from = out[0], .to = dup(out_port) };
	error = (struct flow){ .from = err[0], .to = dup(err_port) };
	return child;
}

static pid_t start_on_terminal(const struct command *command, int *terminal)
{
	struct winsize size = { 0 };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid_t child;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		die("terminal: %s", strerror(errno));
	sscanf(command->tty, "%hu %hu", &size.ws_row, &size.ws_col);
	ioctl(master, TIOCSWINSZ, &size);
	child = fork();
	if (child == 0) {
		int slave;

		setsid();
		slave = open(ptsname(master), O_RDWR);	/* becomes the controlling terminal */
		dup2(slave, 0);
		dup2(slave, 1);
		dup2(slave, 2);
		if (slave > 2)
			close(slave);
		exec_command(command);
	}
	set_nonblocking(master);
	input = (struct flow){ .from = in_port, .to = dup(master) };
	output = (struct flow){ .from = master, .to = dup(out_port) };
	error = (struct flow){ .from = -1, .to = -1 };
	*terminal = master;
	return child;
}

/* Reaps everybody's orphans; true once @child itself has ended. */
static bool reap(int signals, pid_t child, int *status)
{
	struct signalfd_siginfo info;
	int wait_status;
	bool ended = false;
	pid_t pid;

	while (read(signals, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		*status = wait_status_code(wait_status);
		ended = true;
	}
	return ended;
}

/* Passes on what is in the pipes; nobody is left who could add to it. */
static void drain(struct flow *flow)
{
	while (flow->from >= 0 || !flow_empty(flow)) {
		struct pollfd wanted = flow_poll(flow);

		if (poll(&wanted, 1, -1) < 0)
			die("poll: %s", strerror(errno));
		flow_step(flow);
	}
}

void channels_run(const struct command *command, struct outcome *outcome)
{
	int terminal = -1, signals;
	sigset_t child_ends;
	pid_t child;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&child_ends);
	sigaddset(&child_ends, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_ends, NULL);
	signals = signalfd(-1, &child_ends, SFD_CLOEXEC | SFD_NONBLOCK);

	tell_host("ready\n");
	child = command->tty ? start_on_terminal(command, &terminal) : start_on_pipes(command);
	if (child < 0 || signals < 0)
		die("cannot start the command: %s", strerror(errno));

	for (bool ended = false; !ended;) {
		struct pollfd wanted[] = {
			{ .fd = signals, .events = POLLIN },
			{ .fd = status_port, .events = POLLIN },
			flow_poll(&input),
			flow_poll(&output),
			flow_poll(&error),
		};

		if (poll(wanted, sizeof(wanted) / sizeof(wanted[0]), -1) < 0)
			die("poll: %s", strerror(errno));
		if (wanted[1].revents)
			obey_host(terminal);
		if (wanted[2].revents)
			flow_step(&input);
		if (wanted[3].revents)
			flow_step(&output);
		if (wanted[4].revents)
			flow_step(&error);
		if (wanted[0].revents)
			ended = reap(signals, child, &outcome->status);
	}
	kill_leftovers();
	drain(&output);
	drain(&error);
	outcome->out = output.total;
	outcome->err = error.total;
}

void channels_report(const struct outcome *outcome)
{
	char line[80];

	snprintf(line, sizeof(line), "done %d %llu %llu\n", outcome->status, outcome->out, outcome->err);
	tell_host(line);
	/* The host ends this machine once it has read that many bytes of output. */
	for (;;)
		pause();
}
