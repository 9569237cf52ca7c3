/* The shared page, of which the kernel must trust nothing, and page faults. */
#include <sys/mman.h>
#include <string.h>

#include "arguments.h"
#include "calls.h"
#include "memory.h"
#include "vpi_random.h"
#include "vpi_sys.h"

/* The lane's word, wherever that is by now: a fault ends the operation. */
static struct vpi_vp_page *word_of(const struct lane *lane)
{
	struct vpi_vp_page *first = (void *)(lane->page + 4096);

	return first + VPI_HANDLE_SLOT(lane->handle);
}

void upcalls(const struct lane *lane, bool on)
{
	struct vpi_vp_page *word = word_of(lane);

	if (!lane->page)
		return;
	if (on)
		__atomic_and_fetch(&word->flags, ~VPI_NOUPCALL, __ATOMIC_SEQ_CST);
	else
		__atomic_or_fetch(&word->flags, VPI_NOUPCALL, __ATOMIC_SEQ_CST);
}

void call_word(struct lane *lane, uint64_t *random)
{
	upcalls(lane, random_below(random, 4));
	if (lane->page)
		word_of(lane)->cookie = random_next(random);
}

void call_scribble(struct lane *lane, uint64_t *random)
{
	uint64_t offset = 4096 * random_below(random, 2) +
			  8 * random_below(random, 512);

	if (lane->page)
		*(volatile uint64_t *)(lane->page + offset) = random_next(random);
}

void call_fault(struct lane *lane, uint64_t *random)
{
	size_t size = 4096 << random_below(random, 4);
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return;
	if (seldom(random, 2))
		upcalls(lane, true);
	memset(p, 1, size);
	madvise(p, size, MADV_DONTNEED);
	p[0] = 1;
	mprotect(p, size, PROT_READ);
	munmap(p, size);
}

void call_remap(struct lane *lane, uint64_t *random)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_DOFORK, MADV_PAGEOUT, MADV_WILLNEED,
		MADV_REMOVE, MADV_MERGEABLE, MADV_HUGEPAGE, MADV_POPULATE_WRITE,
	};
	char *page = (char *)lane->page;
	size_t size = 4096 * (1 + random_below(random, 3));
	char *moved;

	if (!page)
		return;
	switch (random_below(random, 5)) {
	case 0:
		/* Nothing else may be mapped there: others still use the address. */
		mmap(page, seldom(random, 2) ? lane->page_size : size, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		break;
	case 1:
		mprotect(page, size, random_below(random, 8));
		break;
	case 2:
		/* A second mapping of it, or a larger one. */
		moved = mremap(page, seldom(random, 2) ? 0 : size, 16 * size,
			       MREMAP_MAYMOVE);
		if (moved != MAP_FAILED)
			munmap(moved, 16 * size);
		break;
	case 3:
		mlock(page, size);
		break;
	default:
		madvise(page, size, advice[random_below(random, 8)]);
		break;
	}
}
