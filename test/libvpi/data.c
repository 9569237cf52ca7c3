/* get_data and set_data: each VP its own; upcalls carry that of their VP. */
#include "tap.h"

#define VPS	4

static atomic_int ready, wrong;
static int value[VPS];
static int pipe_fd[VPS][2];

static void reader(vpi_user_data_t *ud)
{
	int i = atomic_fetch_add(&ready, 1);
	char byte;

	(void)ud;
	if (vpi_get_data())
		atomic_fetch_add(&wrong, 1);
	vpi_set_data(&value[i]);
	vpi_noupcall_clear();
	if (read(pipe_fd[i][0], &byte, 1) != 1)
		atomic_fetch_add(&wrong, 1);
	vpi_noupcall_set();
	if (vpi_get_data() != &value[i])
		atomic_fetch_add(&wrong, 1);
}

int main(void)
{
	vpi_user_data_t ud = { 0 };
	int seen[2] = { 0 };

	plan(6);
	for (int i = 0; i < VPS; i++)
		need(pipe(pipe_fd[i]));
	need(vpi_init(0, value, NULL, NULL, VPI_MASK_USUAL));
	ok(vpi_get_data() == value, "the data given to init");
	vpi_set_data(&ud);
	ok(vpi_get_data() == &ud, "another");
	for (int i = 0; i < VPS; i++)
		need(vpi_create(reader));
	while (seen[1] < VPS) {
		int i;

		need(vpi_kernel_register(&ud));
		i = (int)((int *)ud.data - value);
		if (i < 0 || i >= VPS)
			break;
		seen[ud.type == VPI_UNBLOCKED]++;
		if (ud.type == VPI_BLOCKED)
			need(write(pipe_fd[i][1], "x", 1));
		else
			need(vpi_kernel_resume(&ud.vp));
	}
	ok(seen[0] == VPS && seen[1] == VPS, "each upcall named one of them");
	while (vpi_get_vp_count() > 1)
		sched_yield();
	is(wrong, 0, "each VP kept its own");
	is(vpi_finish(0), 0, "finish");
	ok(!vpi_get_data(), "no VP, no data");
	return done();
}
