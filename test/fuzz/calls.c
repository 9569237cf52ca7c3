/* The table of calls. */
#include "calls.h"

#include <string.h>

#include "vpi_random.h"

const struct call calls[] = {
	{ "attach", 60, call_attach },
	{ "detach", 10, call_detach },
	{ "register", 200, call_register },
	{ "resume", 100, call_resume },
	{ "wait_register", 20, call_wait_register },
	{ "status", 40, call_status },
	{ "mode", 20, call_mode },
	{ "read", 80, call_read },
	{ "write", 100, call_write },
	{ "futex", 40, call_futex },
	{ "nanosleep", 40, call_nanosleep },
	{ "poll", 40, call_poll },
	{ "yield", 20, call_yield },
	{ "word", 60, call_word },
	{ "scribble", 20, call_scribble },
	{ "fault", 20, call_fault },
	{ "remap", 4, call_remap },
	{ "signal", 30, call_signal },
	{ "stop", 2, call_stop },
	{ "affinity", 10, call_affinity },
	{ "proc", 10, call_proc },
	{ "fork", 4, call_fork },
	{ "vfork", 2, call_vfork },
	{ "ptrace", 2, call_ptrace },
	{ "exit", 6, call_exit },
	{ "exit_group", 1, call_exit_group },
	{ "exec", 1, call_exec },
	{ "kill", 1, call_kill },
};

const unsigned int nr_calls = sizeof(calls) / sizeof(calls[0]);

uint32_t draw_call(uint64_t *random)
{
	unsigned int sum = 0, i, drawn;

	for (i = 0; i < nr_calls; i++)
		sum += calls[i].weight;
	drawn = random_below(random, sum);
	for (i = 0; drawn >= calls[i].weight; i++)
		drawn -= calls[i].weight;
	return i;
}

int find_call(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_calls; i++)
		if (!strcmp(calls[i].name, name))
			return i;
	return -1;
}
