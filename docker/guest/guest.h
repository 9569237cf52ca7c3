/* SPDX-License-Identifier: MIT */
/*
 * The guest's first program: what its parts offer each other.
 *
 * It sets up the file systems, runs one command, passes its input and output through, and
 * reports its status. Anything that goes wrong before ends in die(): the host then sees a
 * machine that ended without a status, and shows the console.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* What to run, as the host wrote it into the initramfs (see docker/vm/command.ts). */
struct command {
	bool share;		/* host's files over 9p; else the initramfs alone */
	const char *cwd;	/* working directory of the command */
	const char *shared;	/* directory shared read-write, or NULL */
	const char *program;	/* path to execute; NULL: nothing (a probe) */
	const char *tty;	/* "ROWS COLUMNS": run on a terminal of that size; else NULL */
	const char *hostname;
	char **argv;
	char **envp;
};

void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

void read_command(const char *path, struct command *command);

/* Proc, sys and dev, as far as the channels to the host need them. */
void mount_early(void);
/* The command's whole file tree, and chroot into it. */
void mount_all(const struct command *command);
/* Takes the shared directory away, so that all that was written reaches the host. */
void unmount_shared(const struct command *command);

/* How the command ended, and how many bytes of output it left behind. */
struct outcome {
	int status;		/* 0..255, death by signal n as 128 + n */
	unsigned long long out, err;
};

/* With virtio ports: output flows while the command runs. */
void channels_open(void);
void channels_run(const struct command *command, struct outcome *outcome);
void channels_report(const struct outcome *outcome);

/* Without: output is kept, and written to I/O ports at the end, so that no interrupt
 * from the host ever hits the run (instruction clock). */
void recorder_run(const struct command *command, struct outcome *outcome);
void recorder_report(const struct outcome *outcome);

/* In the child: never returns. */
void exec_command(const struct command *command) __attribute__((noreturn));
int wait_status_code(int wait_status);

/* What the command left running goes first: its end, too, must show no splat. */
void kill_leftovers(void);

#endif
