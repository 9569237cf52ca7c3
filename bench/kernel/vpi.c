// SPDX-License-Identifier: GPL-2.0
/* What VPI costs: blocks that are told, and calls that do not block. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

#include "bench.h"
#include "vpi_sys.h"

#define WARM_UP	100
#define MASK	(VPI_BLOCKED | VPI_UNBLOCKED)

static uint32_t manager_ready;
static uint32_t io;		/* what the worker's call sleeps on */
static int pipe_fds[2];
static bool with_pipe;
static uint64_t stamp;		/* when the last block began */
static uint64_t stamped;	/* sum of the times from there to BLOCKED */

static struct vpi_vp_page *attach(uint32_t flags)
{
	struct vpi_attach a = {
		.version = VPI_ABI_VERSION,
		.flags = flags,
		.mask = MASK,
		.kcb_mask = flags & VPI_ATTACH_INIT ? MASK : 0,
	};
	struct vpi_kcb_page *page;

	check(!vpi_attach(&a, sizeof(a)), "vpi_attach");
	page = (void *)(uintptr_t)a.page;
	return (void *)((char *)page + page->vp_offset +
			(size_t)a.slot * page->vp_size);
}

static void upcalls(struct vpi_vp_page *word, bool on)
{
	__atomic_store_n(&word->flags, on ? 0 : VPI_NOUPCALL, __ATOMIC_SEQ_CST);
}

/* --- The full cycle ------------------------------------------------------------ */

/* Ends the worker's sleep. */
static void unblock(void)
{
	if (with_pipe) {
		check(write(pipe_fds[1], "x", 1) == 1, "write");
		return;
	}
	store(&io, io + 1);
	futex_wake(&io);
}

/* Carries every event: BLOCKED, unblock; UNBLOCKED, resume and register. */
static void *manager(void *unused)
{
	struct vpi_event e = { .type = 0 };
	unsigned int flags = 0;

	(void)unused;
	attach(0);
	store(&manager_ready, 1);
	futex_wake(&manager_ready);
	for (;;) {
		check(!vpi_register(&e, sizeof(e), VPI_NO_DEADLINE, flags),
		      "vpi_register");
		flags = 0;
		if (e.type == VPI_BLOCKED) {
			stamped += tsc() - stamp;
			unblock();
		} else if (e.type == VPI_UNBLOCKED) {
			e.arg = 0;
			flags = VPI_REGISTER_RESUME;
		} else {
			return NULL;
		}
	}
}

/* A call that blocks, on a VP: somebody else runs meanwhile. */
static void blocking_call(void)
{
	uint32_t value = load(&io);
	char byte;

	stamp = tsc();
	if (with_pipe)
		check(read(pipe_fds[0], &byte, 1) == 1, "read");
	else
		futex_wait(&io, value);
}

static void run_cycles(unsigned int count, struct result *r)
{
	struct vpi_vp_page *word = attach(VPI_ATTACH_INIT);
	pthread_t thread;
	unsigned int i;

	check(!pipe(pipe_fds), "pipe");
	check(!pthread_create(&thread, NULL, manager, NULL), "pthread_create");
	while (!load(&manager_ready))
		futex_wait(&manager_ready, 0);
	check(!vpi_wait_register(1), "vpi_wait_register");
	upcalls(word, true);
	for (i = 0; i < WARM_UP; i++)
		blocking_call();
	stamped = 0;
	begin(r);
	for (i = 0; i < count; i++)
		blocking_call();
	end(r, count);
	upcalls(word, false);
	check(!vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 0, 0), "vpi_resume");
	check(!pthread_join(thread, NULL), "pthread_join");
}

static void check_all_told(unsigned int count)
{
	struct vpi_status s;

	check(!vpi_status(&s, sizeof(s), 0), "vpi_status");
	errno = 0;
	check(s.seen >= count && s.resumes == s.seen,
	      "a block was not told, so the figure would mean nothing");
}

static void cycle(unsigned int count, struct result *r)
{
	run_cycles(count, r);
	check_all_told(count);
}

static void cycle_of_a_read(unsigned int count, struct result *r)
{
	with_pipe = true;
	cycle(count, r);
}

static void block(unsigned int count, struct result *r)
{
	run_cycles(count, r);
	check_all_told(count);
	take_part(r, stamped);
}

static void block_in_a_read(unsigned int count, struct result *r)
{
	with_pipe = true;
	block(count, r);
}

/* --- Calls that do not block ------------------------------------------------------- */

/* An eventfd that has plenty: each read takes one. */
static void read_plenty(unsigned int count, struct result *r)
{
	int fd = eventfd(1u << 30, EFD_SEMAPHORE);
	uint64_t value;
	unsigned int i;

	check(fd >= 0, "eventfd");
	for (i = 0; i < WARM_UP; i++)
		check(read(fd, &value, sizeof(value)) == 8, "read");
	begin(r);
	for (i = 0; i < count; i++)
		check(read(fd, &value, sizeof(value)) == 8, "read");
	end(r, count);
}

static void read_on_a_vp(unsigned int count, struct result *r)
{
	upcalls(attach(VPI_ATTACH_INIT), true);
	read_plenty(count, r);
}

const struct row vpi_rows[] = {
	{ "vpi_block", "block in a futex wait, until a registered VP runs in user mode",
	  true, 2000, block },
	{ "vpi_block_read", "block in read() of a pipe, until a registered VP runs in user mode",
	  true, 2000, block_in_a_read },
	{ "vpi_cycle", "block, BLOCKED, unblock, UNBLOCKED, resume and register",
	  true, 2000, cycle },
	{ "vpi_cycle_read", "the same with read() of a pipe",
	  true, 2000, cycle_of_a_read },
	{ "read_plain", "read() that does not block, plain thread",
	  false, 20000, read_plenty },
	{ "read_vp", "read() that does not block, on a VP",
	  true, 20000, read_on_a_vp },
};

const unsigned int nr_vpi_rows = sizeof(vpi_rows) / sizeof(vpi_rows[0]);
