/*
 * A small user-level thread system on libvpi. Threads run on a fixed number of
 * processors, first come, first served. One that blocks in the kernel, in a
 * system call or on a page fault, gives its processor to another until it is
 * its turn again: never do more threads run than there are processors.
 * Any of these calls may go on in another kernel thread: read errno before.
 */
struct thread;

/* Once: run @func as the first of at most @threads, and end with it. -errno. */
int threads_run(void (*func)(void *arg), void *arg, int threads, int processors);
struct thread *thread_create(void (*func)(void *arg), void *arg); /* or NULL */
void thread_join(struct thread *t);	/* wait for its end, once, and free it */
void thread_yield(void);		/* now and then in a long computation */
