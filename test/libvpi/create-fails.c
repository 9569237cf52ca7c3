/* A VP that cannot be created leaves nothing behind, nor does its instance. */
#include "tap.h"

#include <pthread.h>
#include <sys/resource.h>

static atomic_int runs;

static void manager(vpi_user_data_t *ud)
{
	atomic_fetch_add(&runs, 1);
	serve(ud);
}

static long address_space_kb(void)
{
	long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");

	if (!statm || fscanf(statm, "%ld", &pages) != 1)
		exit(1);
	fclose(statm);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

int main(void)
{
	struct vpi_init_options options = {
		.vpcount = 8,
		.vpmem = manager,
		.mask = VPI_MASK_USUAL,
		.stack_size = 64 << 20,
	};
	struct rlimit old, limit;
	int ret, created = 0;

	plan(10);
	/* Room for some of the eight stacks. */
	getrlimit(RLIMIT_AS, &old);
	limit = old;
	limit.rlim_cur = (address_space_kb() + (400 << 10)) << 10;
	need(setrlimit(RLIMIT_AS, &limit));
	is(vpi_init_with(&options), -EAGAIN, "init: no room for all the VPs");
	is(runs, 0, "the manager has run on none");
	is_only_thread("no thread is left");
	ok(!vpi_get_vp() && !vpi_get_page(), "the caller is no VP");

	options.vpcount = 0;
	is(vpi_init_with(&options), 0, "init without them");
	while ((ret = vpi_create(manager)) == 0)
		created++;
	is(ret, -EAGAIN, "create: no room for one more");
	ok(created > 0, "there was room for some");
	is(vpi_get_vp_count(), 1 + created, "the failed one does not count");
	need(setrlimit(RLIMIT_AS, &old));
	need(vpi_kernel_wait_register(created));
	is(vpi_create(manager), 0, "create, with room again");
	need(vpi_finish(0));
	is_only_thread("no thread is left");
	return done();
}
