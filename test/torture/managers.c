/* Managers: they carry the events, and resume whom they are told about. */
#include "group.h"
#include "oracle.h"

struct manager {
	struct vpi_attach attach;
	uint64_t random;
	pthread_t thread;
};

static struct manager managers[MAX_MANAGERS];

static void linger(uint64_t *random)
{
	switch (random_below(random, 32)) {
	case 0:
		nap_ns(random_below(random, 100000));
		break;
	case 1 ... 4:
		sched_yield();
		break;
	case 5 ... 12:
		spin(random_below(random, 1000));
		break;
	default:
		break;
	}
}

/*
 * After UNBLOCKED: whether the hold is ours to end. Then the worker must stand
 * still. We are active ourselves, so the kernel does not let it go either.
 */
static bool claimed_and_held(const struct vpi_event *e, uint64_t *random)
{
	struct life *life = oracle_life_of(e);

	if (!oracle_claim(life, e->seq))
		return false;
	if (config.flaw)
		vpi_resume(e->vp, e->seq, 0, 0);
	oracle_stands_still(life, e->seq, linger, random);
	return true;
}

/* It is held, or dead. */
static void expect_resumed(int ret, const struct vpi_event *e)
{
	if (ret && errno != ESRCH && !config.flaw)
		die("resume after block %llu", e->seq);
}

void serve(const struct vpi_event *e, uint64_t *random)
{
	if (e->type == VPI_UNBLOCKED && claimed_and_held(e, random))
		expect_resumed(vpi_resume(e->vp, e->seq, 0, 0), e);
}

static __s64 some_deadline(struct manager *m)
{
	switch (random_below(&m->random, 16)) {
	case 0:
		return 0;
	case 1 ... 2:
		return now_ns() + random_below(&m->random, 300000);
	default:
		return VPI_NO_DEADLINE;
	}
}

/* It becomes another VP. The first one never does: so there always is one. */
static void reborn(struct manager *m)
{
	if (m == managers || random_below(&m->random, 64))
		return;
	CHECK(!vpi_detach(0));
	linger(&m->random);
	CHECK(!attach_self(&m->attach, 0, VPI_MASK_ALL));
}

/* The next event, or type 0; resumes in the same call whom @e was about. */
static void next_event(struct manager *m, struct vpi_event *e)
{
	struct vpi_event about = *e;
	unsigned int flags = 0;

	if (e->type == VPI_UNBLOCKED && claimed_and_held(e, &m->random)) {
		if (random_below(&m->random, 2))
			flags = VPI_REGISTER_RESUME;
		else
			expect_resumed(vpi_resume(e->vp, e->seq, 0, 0), e);
	}
	if (!flags)
		reborn(m);
	if (!vpi_register(e, sizeof(*e), some_deadline(m), flags)) {
		oracle_note(e);
		return;
	}
	e->type = 0;
	if (errno != EINTR && errno != ETIMEDOUT)
		expect_resumed(-1, &about);
}

static void *manager_thread(void *arg)
{
	struct manager *m = arg;
	struct vpi_event e = {};

	CHECK(!attach_self(&m->attach, 0, VPI_MASK_ALL));
	do
		next_event(m, &e);
	while (e.type != VPI_RESUMED || e.arg != LEAVE);
	return NULL;
}

void managers_start(void)
{
	unsigned int i;

	for (i = 0; i < config.managers; i++) {
		managers[i].random = config.seed + 1000 + i;
		CHECK(!pthread_create(&managers[i].thread, NULL, manager_thread,
				      &managers[i]));
	}
	WAIT_FOR(status_now().count[VPI_REGISTERED] == config.managers);
}

void managers_stop(void)
{
	unsigned int i;

	for (i = 0; i < config.managers; i++)
		CHECK(!vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, LEAVE, 0));
	for (i = 0; i < config.managers; i++)
		CHECK(!pthread_join(managers[i].thread, NULL));
}
