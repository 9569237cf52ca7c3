/* The ways in which a worker sleeps, and the thread that wakes some of them. */
#include "group.h"
#include "oracle.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

int pipes[MAX_WORKERS][2];

static pthread_t server;
static uint32_t server_work, server_ends;
static uint32_t shared_word;		/* a futex */
static int shared_event;
static const char *file;		/* mapped; on the host's disk, in the VM */
static size_t file_size;
static int file_fd;

static struct timespec some_time(struct worker *w)
{
	return (struct timespec) { .tv_nsec = random_below(&w->random, 300000) };
}

/* A plain thread, no VP, writes the byte. */
static void in_pipe(struct worker *w)
{
	char byte;

	store(&w->wants, 1);
	server_call();
	while (read(pipes[w - workers][0], &byte, 1) == -1)
		CHECK(errno == EINTR);
}

static void in_futex(struct worker *w)
{
	struct timespec time = some_time(w);

	syscall(SYS_futex, &shared_word, FUTEX_WAIT_PRIVATE, shared_word, &time,
		NULL, 0);
	__atomic_add_fetch(&shared_word, 1, __ATOMIC_SEQ_CST);
	futex(&shared_word, FUTEX_WAKE, 1 + random_below(&w->random, 3));
}

static void in_nanosleep(struct worker *w)
{
	struct timespec time = some_time(w);

	nanosleep(&time, NULL);
}

/* Several poll the same event, and one gets it: the others sleep again. */
static void in_poll(struct worker *w)
{
	struct pollfd pfd = { .fd = shared_event, .events = POLLIN };
	struct timespec time = some_time(w);
	uint64_t value = 1;

	if (random_below(&w->random, 2))
		(void)!write(shared_event, &value, sizeof(value));
	ppoll(&pfd, 1, &time, NULL);
	(void)!read(shared_event, &value, sizeof(value));
}

/* Faults, and calls that all want the lock of the address space. */
static void in_memory(struct worker *w)
{
	size_t size = 8 * getpagesize();
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memset(p, 1, size);
	CHECK(!madvise(p, size, MADV_DONTNEED));
	CHECK(!p[size / 2]);
	CHECK(!mprotect(p, size / 2, PROT_READ));
	CHECK(!munmap(p, size));
}

/* A page that must be read anew. */
static void in_file(struct worker *w)
{
	size_t at = (size_t)random_below(&w->random, file_size / 4096) * 4096;

	posix_fadvise(file_fd, 0, 0, POSIX_FADV_DONTNEED);
	madvise((void *)(file + at), 4096, MADV_DONTNEED);
	*(volatile const char *)(file + at);
}

/*
 * The system call itself: glibc's fork() takes the locks of malloc() and stdio
 * around it, which a held worker would keep from all others.
 */
static void in_wait(struct worker *w)
{
	static char * const argv[] = { "torture", "nothing", NULL };
	int status;
	pid_t child;

	if (random_below(&w->random, 16))
		return;
	child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (!child) {
		if (random_below(&w->random, 2))
			execve("/proc/self/exe", argv, environ);
		_exit(0);
	}
	CHECK(child > 0);
	while (waitpid(child, &status, 0) == -1)
		CHECK(errno == EINTR);
}

static void not_at_all(struct worker *w)
{
	sched_yield();
	spin(random_below(&w->random, 3000));
}

static void (*const sleeps[])(struct worker *w) = {
	in_pipe, in_pipe, in_pipe, in_futex, in_futex, in_nanosleep, in_poll,
	in_poll, in_memory, in_file, in_wait, not_at_all,
};

void sleep_somehow(struct worker *w)
{
	unsigned int n = sizeof(sleeps) / sizeof(sleeps[0]);

	sleeps[random_below(&w->random, n)](w);
}

void server_call(void)
{
	__atomic_add_fetch(&server_work, 1, __ATOMIC_SEQ_CST);
	futex(&server_work, FUTEX_WAKE, 1);
}

static void *server_thread(void *unused)
{
	uint64_t random = config.seed + 17;
	uint32_t before;
	unsigned int i;

	while (!load(&server_ends)) {
		before = load(&server_work);
		spin(random_below(&random, 3000));
		for (i = 0; i < config.workers; i++)
			if (__atomic_exchange_n(&workers[i].wants, 0,
						__ATOMIC_SEQ_CST))
				put_byte(pipes[i][1]);
		futex_await(&server_work, before);
	}
	return NULL;
}

void server_start(void)
{
	unsigned int i;

	for (i = 0; i < config.workers; i++)
		CHECK(!pipe(pipes[i]));
	shared_event = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
	file_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	CHECK(shared_event >= 0 && file_fd >= 0);
	file_size = lseek(file_fd, 0, SEEK_END) & ~4095UL;
	file = mmap(NULL, file_size, PROT_READ, MAP_SHARED, file_fd, 0);
	CHECK(file != MAP_FAILED);
	CHECK(!pthread_create(&server, NULL, server_thread, NULL));
}

void server_stop(void)
{
	store(&server_ends, 1);
	server_call();
	CHECK(!pthread_join(server, NULL));
}
