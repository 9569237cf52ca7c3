/* The rules; vpi_test.h's die() ends a group that breaks one. */
#include "oracle.h"
#include "group.h"

struct delivered delivered;

static struct life *lives;
static unsigned int nr_lives, max_lives;

void oracle_start(unsigned int n)
{
	max_lives = n;
	lives = calloc(n, sizeof(*lives));
	CHECK(lives);
}

struct life *oracle_life(void)
{
	unsigned int number = nr_lives;

	if (number == max_lives)
		return NULL;
	__atomic_store_n(&nr_lives, number + 1, __ATOMIC_SEQ_CST);
	return &lives[number];
}

bool oracle_full(void)
{
	return nr_lives == max_lives;
}

uint64_t oracle_cookie(const struct life *life, uint32_t mask)
{
	return (uint64_t)(life - lives) << 8 | mask;
}

/* Whose cookie it is, that is who it is about. */
static struct life *life_of(const struct vpi_event *e)
{
	unsigned int number = e->cookie >> 8;

	if (number >= __atomic_load_n(&nr_lives, __ATOMIC_SEQ_CST) ||
	    lives[number].handle != e->vp)
		die("cookie %#llx is not of VP %#llx", e->cookie, e->vp);
	return &lives[number];
}

struct life *oracle_life_of(const struct vpi_event *e)
{
	struct life *life = life_of(e);

	if (!e->seq || e->seq >= MAX_BLOCKS)
		die("block %llu of one worker", e->seq);
	return life;
}

static bool is_marked(const uint64_t *bits, uint64_t seq)
{
	return __atomic_load_n(&bits[seq / 64], __ATOMIC_SEQ_CST) >> seq % 64 & 1;
}

static void mark(uint64_t *bits, uint64_t seq, const char *what)
{
	uint64_t bit = 1ULL << seq % 64;

	if (__atomic_fetch_or(&bits[seq / 64], bit, __ATOMIC_SEQ_CST) & bit)
		die("%s of block %llu was delivered twice", what,
		    (unsigned long long)seq);
}

/* Only one thread takes events: it sees them in their order. */
static bool in_order(void)
{
	return config.managers == 1 && !config.fetches;
}

static void note_unblocked(struct life *life, const struct vpi_event *e)
{
	bool asked = e->cookie & VPI_BLOCKED;

	mark(life->unblocked, e->seq, "UNBLOCKED");
	__atomic_add_fetch(&delivered.unblocked, 1, __ATOMIC_SEQ_CST);
	/* The KCB's mask may have been without BLOCKED for a moment. */
	if (!asked || config.masks)
		mark(life->unasked, e->seq, "UNBLOCKED");
	else if (in_order() && !is_marked(life->blocked, e->seq))
		die("UNBLOCKED %llu before BLOCKED", e->seq);
}

void oracle_note(const struct vpi_event *e)
{
	switch (e->type) {
	case VPI_BLOCKED:
		mark(oracle_life_of(e)->blocked, e->seq, "BLOCKED");
		__atomic_add_fetch(&delivered.blocked, 1, __ATOMIC_SEQ_CST);
		break;
	case VPI_UNBLOCKED:
		note_unblocked(oracle_life_of(e), e);
		break;
	case VPI_PREEMPT:
		life_of(e);
		__atomic_add_fetch(&delivered.preempted, 1, __ATOMIC_SEQ_CST);
		break;
	case VPI_RESUMED:
	case VPI_SIGNAL:
		break;
	default:
		die("event of type %#x", e->type);
	}
}

bool oracle_claim(struct life *life, uint64_t seq)
{
	uint64_t old = __atomic_load_n(&life->claimed, __ATOMIC_SEQ_CST);

	while (old < seq)
		if (__atomic_compare_exchange_n(&life->claimed, &old, seq, false,
						__ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST))
			return true;
	return false;
}

void oracle_stands_still(const struct life *life, uint64_t seq,
			 void (*meanwhile)(uint64_t *), uint64_t *random)
{
	uint64_t before = __atomic_load_n(&life->counter, __ATOMIC_SEQ_CST);
	uint64_t after;

	meanwhile(random);
	after = __atomic_load_n(&life->counter, __ATOMIC_SEQ_CST);
	if (before != after)
		die("VP %#llx ran while held after block %llu: %llu, then %llu",
		    (unsigned long long)life->handle, (unsigned long long)seq,
		    (unsigned long long)before, (unsigned long long)after);
}

void oracle_check(void)
{
	unsigned int i, j;

	for (i = 0; i < nr_lives; i++)
		for (j = 0; j < MAX_BLOCKS / 64; j++)
			if (lives[i].unblocked[j] & ~lives[i].blocked[j] &
			    ~lives[i].unasked[j])
				die("VP %#llx: UNBLOCKED without BLOCKED near block %u",
				    (unsigned long long)lives[i].handle, j * 64);
}
