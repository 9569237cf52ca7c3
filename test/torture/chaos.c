/* What disturbs the group from inside. */
#include "group.h"
#include "oracle.h"

unsigned long deaths;

/* In a handler a held worker may end its own hold, if nobody else is about to. */
static void leave_hold(struct worker *w)
{
	struct vpi_status s;
	struct vpi_event e = {};

	if (load(&w->word->state) != VPI_WAITRESUME || !config.fetches)
		return;
	if (vpi_status(&s, sizeof(s), w->attach.handle) ||
	    s.vp_state != VPI_WAITRESUME || !oracle_claim(w->life, s.vp_seq))
		return;
	if (!vpi_register(&e, sizeof(e), 0, 0)) {
		oracle_note(&e);
		serve(&e, &w->random);
	} else {
		CHECK(errno == ETIMEDOUT);
	}
}

void chaos_on_signal(int sig)
{
	struct worker *w = this_worker;
	int err = errno;

	if (!w)
		return;
	if (sig == SIGUSR2) {
		__atomic_add_fetch(&deaths, 1, __ATOMIC_SEQ_CST);
		store(&w->dead, 1);
		syscall(SYS_exit, 0);
	}
	leave_hold(w);
	errno = err;
}

static struct worker *some_worker(uint64_t *random)
{
	struct worker *w = &workers[random_below(random, config.workers)];

	return w->thread && load(&w->attached) && !load(&w->dead) ? w : NULL;
}

void resume_held(struct worker *w)
{
	struct vpi_status s;

	if (vpi_status(&s, sizeof(s), w->attach.handle)) {
		CHECK(errno == ESRCH);
		return;
	}
	if (s.vp_state != VPI_WAITRESUME || !oracle_claim(w->life, s.vp_seq))
		return;
	/* Without managers the kernel may let it go first. */
	if (vpi_resume(w->attach.handle, s.vp_seq, 0, 0) && errno != ESRCH &&
	    (config.managers || errno != ESTALE))
		die("resume after block %llu", s.vp_seq);
}

static void move_about(struct worker *w, uint64_t *random)
{
	uint64_t cpus = random_below(random, 3) ? ~0ULL :
			1ULL << random_below(random,
					     sysconf(_SC_NPROCESSORS_ONLN));

	syscall(SYS_sched_setaffinity, w->tid, sizeof(cpus), &cpus);
}

static void change_kcb_mask(uint64_t *random)
{
	static const __u32 masks[] = { VPI_MASK_ALL, VPI_BLOCKED, 0 };

	CHECK(vpi_mode(masks[random_below(random, 3)], VPI_MODE_ALL) >= 0);
	nap_ns(random_below(random, 300000));
	CHECK(vpi_mode(VPI_MASK_ALL, VPI_MODE_ALL) >= 0);
}

void chaos(uint64_t *random)
{
	struct worker *w = some_worker(random);

	if (!w)
		return;
	switch (random_below(random, 16)) {
	case 0 ... 3:
		if (config.signals)
			syscall(SYS_tgkill, getpid(), w->tid, SIGUSR1);
		break;
	case 4:
		if (config.signals)
			kill(getpid(), SIGUSR1);
		break;
	case 5:
		if (config.deaths && !random_below(random, 8))
			syscall(SYS_tgkill, getpid(), w->tid, SIGUSR2);
		break;
	case 6 ... 7:
		resume_held(w);
		break;
	case 8:
		if (config.masks)
			change_kcb_mask(random);
		break;
	case 9:
		move_about(w, random);
		break;
	default:
		nap_ns(random_below(random, 500000));
		break;
	}
}
