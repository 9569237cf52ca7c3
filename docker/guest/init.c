// SPDX-License-Identifier: MIT
/* The guest's first program; see guest.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static void kernel_log(const char *text)
{
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	/* Without /dev/kmsg nobody could be told: then the host shows the bare console. */
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return;
	close(fd);
}

void die(const char *format, ...)
{
	char text[512] = "<3>vpi-init: ";
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - used, format, args);
	va_end(args);
	kernel_log(text);
	reboot(RB_POWER_OFF);
	_exit(1);
}

static void bring_up_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("no network: %s", strerror(errno));
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		die("loopback does not come up: %s", strerror(errno));
	close(fd);
}

static void raise_limits(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	const struct rlimit files = { 1 << 20, 1 << 20 };

	setrlimit(RLIMIT_NPROC, &all);
	setrlimit(RLIMIT_NOFILE, &files);
}

int wait_status_code(int wait_status)
{
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

void exec_command(const struct command *command)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (chdir(command->cwd) < 0)
		fprintf(stderr, "vpi: cannot enter %s in the VM: %s\n", command->cwd, strerror(errno));
	else if (execve(command->program, command->argv, command->envp) < 0)
		fprintf(stderr, "vpi: cannot run %s in the VM: %s\n", command->program, strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

void kill_leftovers(void)
{
	kill(-1, SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
}

int main(void)
{
	struct command command = { 0 };
	struct outcome outcome = { 0 };

	mount_early();
	read_command("/command", &command);
	if (command.share)
		channels_open();
	mount_all(&command);
	bring_up_loopback();
	raise_limits();
	if (command.hostname && sethostname(command.hostname, strlen(command.hostname)) < 0)
		die("hostname: %s", strerror(errno));

	/* The boot was quiet; from here on the console carries every message of the kernel. */
	klogctl(8, NULL, 8);
	if (command.program) {
		if (command.share)
			channels_run(&command, &outcome);
		else
			recorder_run(&command, &outcome);
	}
	unmount_shared(&command);

	/* Messages reach the console in their order: the host reads up to this one. */
	kernel_log("<6>vpi-init: end of run\n");
	if (command.share)
		channels_report(&outcome);
	else
		recorder_report(&outcome);
	reboot(RB_POWER_OFF);
	return 1;
}
