// SPDX-License-Identifier: MIT
/*
 * Figure 13: a system call that does not block.
 *
 *	calls 13 COUNT kernel|both
 *
 * kernel: by a thread without VPI. both: by a VP, whose process wants BLOCKED
 * and UNBLOCKED. Neither is alone in its process, for which libc and the kernel
 * have shorter ways.
 */
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vpi.h>

#include "measure.h"

static int fd;
static long count;
static uint64_t taken;
static sem_t ended;

static void reads(long n)
{
	char byte;

	for (long i = 0; i < n; i++)
		check(read(fd, &byte, 1) == 1, "a read has not got its byte");
}

static void measure_reads(void)
{
	uint64_t start;

	reads((count + 9) / 10);
	start = nanoseconds();
	reads(count);
	taken = nanoseconds() - start;
}

static void *reads_on_thread(void *unused)
{
	measure_reads();
	return unused;
}

static void measure_on_thread(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, reads_on_thread, NULL),
	      "pthread_create");
	pthread_join(thread, NULL);
}

static void reads_on_vp(vpi_user_data_t *ud)
{
	(void)ud;
	vpi_noupcall_clear();
	measure_reads();
	vpi_noupcall_set();
	sem_post(&ended);
}

/* What becomes of the other VP is all the same: nobody blocks. */
static void carrier(vpi_user_data_t *ud)
{
	while (!vpi_is_finishing())
		vpi_kernel_register(ud);
}

static void measure_on_vp(void)
{
	struct vpi_init_options init = {
		.vpcount = 1,
		.vpmem = carrier,
		.mask = VPI_BLOCKED | VPI_UNBLOCKED,
		.flags = VPI_ATTACH_SYSTEM,
	};

	sem_init(&ended, 0, 0);
	check(!vpi_init_with(&init), "vpi_init: a kernel with VPI is needed");
	check(!vpi_create(reads_on_vp), "vpi_create");
	sem_wait(&ended);
	check(!vpi_finish(0), "vpi_finish");
}

int main(int argc, char **argv)
{
	int kernel = argc == 4 && !strcmp(argv[3], "kernel");

	if (argc != 4 || strcmp(argv[1], "13") || atol(argv[2]) < 1 ||
	    (!kernel && strcmp(argv[3], "both"))) {
		fprintf(stderr, "usage: %s 13 COUNT kernel|both\n", argv[0]);
		return 2;
	}
	count = atol(argv[2]);
	fd = open("/dev/zero", O_RDONLY);
	check(fd >= 0, "/dev/zero can be opened");
	if (kernel)
		measure_on_thread();
	else
		measure_on_vp();
	printf("{\"figure\":13,\"row\":\"%s\",\"count\":%ld,\"nanoseconds\":%llu}\n",
	       kernel ? "kernel" : "libvpi-both", count,
	       (unsigned long long)taken);
	return 0;
}
