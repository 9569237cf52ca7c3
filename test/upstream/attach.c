// SPDX-License-Identifier: MIT
/*
 * To be preloaded: every thread of a program that knows nothing of VPI becomes
 * a VP that is told of and held whenever it blocks. What the program does must
 * come out the same.
 *
 * A process with one thread keeps it: nobody is registered there, so each block
 * is queued and withdrawn. With the second thread comes a manager, which
 * resumes whoever is held. Both begin anew in a child of fork().
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/vpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		     void *);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int has_manager;

/* The test was not one of VPI then, which must not go unseen. */
static void failed(const char *what)
{
	fprintf(stderr, "attach: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static struct vpi_vp_page *attach(unsigned int flags, unsigned int mask)
{
	struct vpi_attach a = {
		.version = VPI_ABI_VERSION, .flags = flags, .mask = mask,
		.kcb_mask = flags & VPI_ATTACH_INIT ?
			    VPI_BLOCKED | VPI_UNBLOCKED : 0,
	};
	struct vpi_kcb_page *page;

	if (syscall(__NR_vpi_attach, &a, sizeof(a))) {
		/* A child of clone(): libc has not said that it begins anew. */
		if (errno == ENXIO)
			return attach(VPI_ATTACH_INIT, mask);
		/* Another of its threads was faster. */
		if (errno == EBUSY)
			return attach(0, mask);
		failed("vpi_attach");
	}
	page = (struct vpi_kcb_page *)a.page;
	return (struct vpi_vp_page *)((char *)page + page->vp_offset) + a.slot;
}

/* From here on each of its blocks is told. */
static void attach_thread(unsigned int flags)
{
	struct vpi_vp_page *word = attach(flags, VPI_BLOCKED | VPI_UNBLOCKED);

	__atomic_store_n(&word->flags, 0, __ATOMIC_RELEASE);
}

/* Has every other thread ended? Those that begin have somebody who began them. */
static int is_alone(void)
{
	struct vpi_status status;
	unsigned int i, n = 0;

	if (syscall(__NR_vpi_status, &status, sizeof(status), 0ULL))
		failed("vpi_status");
	for (i = 0; i < sizeof(status.count) / sizeof(status.count[0]); i++)
		n += status.count[i];
	return n == 1;
}

static long long soon(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec + 100000000;
}

/*
 * NOUPCALL stays set: it is never held itself. It ends with the last of the
 * program's threads, for the process must not outlive those.
 */
static void *manage(void *unused)
{
	struct vpi_event event = {};
	unsigned int flags = 0;

	(void)unused;
	attach(0, 0);
	while (!is_alone()) {
		if (syscall(__NR_vpi_register, &event, sizeof(event), soon(),
			    flags))
			event.type = 0;
		flags = event.type == VPI_UNBLOCKED ? VPI_REGISTER_RESUME : 0;
	}
	return NULL;
}

/* Signals are the program's, and its threads are to get them. */
static void start_manager(void)
{
	sigset_t all, before;
	pthread_t thread;
	int error;

	pthread_mutex_lock(&lock);
	if (!has_manager) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		error = create(&thread, NULL, manage, NULL);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
		if (!error)
			pthread_detach(thread);
		has_manager = !error;
	}
	pthread_mutex_unlock(&lock);
}

struct start {
	void	*(*function)(void *);
	void	*arg;
};

static void *begin(void *arg)
{
	struct start start = *(struct start *)arg;

	free(arg);
	attach_thread(0);
	return start.function(start.arg);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr,
		   void *(*function)(void *), void *arg)
{
	struct start *start = malloc(sizeof(*start));
	int error;

	if (!start)
		return EAGAIN;
	*start = (struct start){ function, arg };
	start_manager();
	error = create(thread, attr, begin, start);
	if (error)
		free(start);
	return error;
}

static void begin_child(void)
{
	pthread_mutex_init(&lock, NULL);
	has_manager = 0;
	attach_thread(VPI_ATTACH_INIT);
}

__attribute__((constructor))
static void begin_process(void)
{
	create = dlsym(RTLD_NEXT, "pthread_create");
	pthread_atfork(NULL, NULL, begin_child);
	attach_thread(VPI_ATTACH_INIT);
}
