/* Workers: they sleep, count on, and end. */
#include "group.h"
#include "oracle.h"

struct worker workers[MAX_WORKERS];
__thread struct worker *this_worker;

void worker_upcalls(struct worker *w, bool on)
{
	if (on)
		__atomic_and_fetch(&w->word->flags, ~VPI_NOUPCALL,
				   __ATOMIC_SEQ_CST);
	else
		__atomic_or_fetch(&w->word->flags, VPI_NOUPCALL,
				  __ATOMIC_SEQ_CST);
}

void block_deadly_signal(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	CHECK(!pthread_sigmask(how, &set, NULL));
}

/* What a worker does when it runs: who holds it sees that it does not. */
static void count_on(struct worker *w)
{
	unsigned int n = 1 + random_below(&w->random, 50);

	while (n--)
		__atomic_add_fetch(&w->life->counter, 1, __ATOMIC_RELAXED);
}

/* An active VP looks at the queue. */
static void fetch(struct worker *w)
{
	struct vpi_event e = {};

	/* An event must not die with us. */
	block_deadly_signal(SIG_BLOCK);
	if (!vpi_register(&e, sizeof(e), 0, 0)) {
		oracle_note(&e);
		serve(&e, &w->random);
		/* It was for a manager that ends. */
		if (e.type == VPI_RESUMED && e.arg == LEAVE)
			CHECK(!vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, LEAVE, 0));
	} else {
		CHECK(errno == ETIMEDOUT);
	}
	block_deadly_signal(SIG_UNBLOCK);
}

static void change_mask(struct worker *w)
{
	static const __u32 masks[] = {
		VPI_MASK_ALL, VPI_MASK_ALL, VPI_BLOCKED, VPI_UNBLOCKED, 0,
	};
	__u32 mask = masks[random_below(&w->random, 5)];

	/* No block in between: its cookie would lie. */
	block_deadly_signal(SIG_BLOCK);
	worker_upcalls(w, false);
	CHECK(vpi_mode(mask, 0) >= 0);
	w->word->cookie = oracle_cookie(w->life, mask);
	block_deadly_signal(SIG_UNBLOCK);
}

static void operate(struct worker *w)
{
	if (config.masks && !random_below(&w->random, 16))
		change_mask(w);
	if (config.fetches && !random_below(&w->random, 2))
		fetch(w);
	worker_upcalls(w, random_below(&w->random, 8));
	sleep_somehow(w);
	count_on(w);
	worker_upcalls(w, false);
	__atomic_add_fetch(&progress->operations, 1, __ATOMIC_SEQ_CST);
}

static void park(struct worker *w)
{
	uint32_t number = load(&rest);

	if (!(number & 1))
		return;
	store(&w->parked, number);
	futex_await(&rest, number);
}

static void *worker_thread(void *arg)
{
	struct worker *w = arg;
	__u32 flags = random_below(&w->random, 2) ? VPI_ATTACH_NOFAULT : 0;

	w->tid = gettid();
	CHECK(!attach_self(&w->attach, flags, VPI_MASK_ALL));
	w->word = vpi_word(&w->attach);
	w->word->cookie = oracle_cookie(w->life, VPI_MASK_ALL);
	w->life->handle = w->attach.handle;
	this_worker = w;
	store(&w->attached, 1);
	block_deadly_signal(SIG_UNBLOCK);
	while (w->left--) {
		operate(w);
		park(w);
	}
	block_deadly_signal(SIG_BLOCK);
	store(&w->dead, 1);
	return NULL;
}

void worker_start(struct worker *w, uint64_t *random)
{
	struct life *life = oracle_life();

	if (!life)
		return;
	memset(w, 0, sizeof(*w));
	w->life = life;
	w->random = random_next(random);
	w->left = 100 + random_below(random, 600);
	CHECK(!pthread_create(&w->thread, NULL, worker_thread, w));
}
