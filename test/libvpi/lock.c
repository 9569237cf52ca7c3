/* Locks exclude each other: VPs and a plain thread, more of them than CPUs. */
#include "tap.h"

#include <pthread.h>

#define VPS	6
#define ROUNDS	20000

static vpi_lock_t lock;
static long counter;
static atomic_int ended;

static void count(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 3 || vpi_lock_tryacquire(&lock) < 0)
			vpi_lock_acquire(&lock);
		counter++;
		vpi_lock_release(&lock);
	}
	atomic_fetch_add(&ended, 1);
}

static void manager(vpi_user_data_t *ud)
{
	vpi_noupcall_clear();
	count();
	vpi_noupcall_set();
	serve(ud);
}

static void *plain(void *unused)
{
	count();
	return unused;
}

int main(void)
{
	pthread_t thread;

	plan(4);
	vpi_lock_init(&lock);
	need(vpi_init(VPS, NULL, manager, NULL, VPI_MASK_USUAL));
	need(-pthread_create(&thread, NULL, plain, NULL));
	wait_until(&ended, VPS + 1);
	pthread_join(thread, NULL);
	is(counter, (long)(VPS + 1) * ROUNDS, "no increment is lost");
	is(vpi_lock_tryacquire(&lock), 0, "it is free");
	vpi_lock_release(&lock);
	vpi_lock_free(&lock);
	is(vpi_finish(0), 0, "finish");
	is_only_thread("no thread is left");
	return done();
}
