/* TAP, and what several tests of libvpi wait for. */
#ifndef TAP_H
#define TAP_H

#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <vpi.h>

static int tap_run, tap_failed;

/* A test that hangs is killed: the plan is then not met. */
static inline void plan(int tests)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	alarm(240);
	printf("TAP version 13\n1..%d\n", tests);
}

/* On any VP: number and line stay together. */
static inline bool ok(bool passed, const char *name)
{
	flockfile(stdout);
	printf("%sok %d - %s\n", passed ? "" : "not ", ++tap_run, name);
	tap_failed += !passed;
	funlockfile(stdout);
	return passed;
}

static inline bool is(long long got, long long expected, const char *name)
{
	if (!ok(got == expected, name)) {
		printf("# got %lld, expected %lld\n", got, expected);
		return false;
	}
	return true;
}

/* Nothing after this can make sense: not a test of its own. */
#define need(what)							\
	do {								\
		long long need_ret = (what);				\
		if (need_ret < 0) {					\
			printf("Bail out! %s: %lld\n", #what, need_ret);\
			exit(1);					\
		}							\
	} while (0)

static inline int done(void)
{
	return tap_failed != 0;
}

/* Until the kernel says that @vp is in @state, whatever the caller is. */
static inline void wait_for_state(void *vp, unsigned int state)
{
	struct vpi_status status;

	do {
		sched_yield();
		need(vpi_kernel_status_of(vp, &status));
	} while (status.vp_state != state);
}

static inline void wait_until(atomic_int *value, int at_least)
{
	while (atomic_load(value) < at_least)
		sched_yield();
}

/*
 * That the caller is the only thread. The kernel counts one that was joined
 * for a moment longer: so this waits, and fails by the alarm.
 */
static inline void is_only_thread(const char *name)
{
	char line[128];
	int count = 0;

	while (count != 1) {
		FILE *status = fopen("/proc/self/status", "r");

		while (status && fgets(line, sizeof(line), status))
			sscanf(line, "Threads: %d", &count);
		if (!status)
			break;
		fclose(status);
	}
	is(count, 1, name);
}

/* A manager that takes every upcall and does nothing about it. */
static inline void serve(vpi_user_data_t *ud)
{
	int ret;

	do
		ret = vpi_kernel_register(ud);
	while (ret == 0 || ret == -EINTR);
}

#endif /* TAP_H */
