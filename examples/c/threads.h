/*
 * A small user-level thread system on libvpi. Threads run on a fixed number of
 * processors, first come, first served. One that blocks in the kernel, in a
 * system call or on a page fault, gives its processor to another until it is
 * its turn again: never do more threads run than there are processors.
 *
 * A thread may go on as another kernel thread after any of these calls: look
 * at errno before, and in a function of its own.
 */
struct thread;

/* Run @func as the first thread; when it returns, end. 0 or -errno. */
int threads_run(void (*func)(void *arg), void *arg, int processors);
/* NULL: no memory for its stack. */
struct thread *thread_create(void (*func)(void *arg), void *arg);
/* Wait for the end of a thread, once, and free it. */
void thread_join(struct thread *t);
/* Let others run: now and then in a long computation. */
void thread_yield(void);
