/* The system calls of VPI: drawn arguments, and a look at what they return. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "calls.h"
#include "vpi_random.h"
#include "vpi_sys.h"

/* draw_pointer() and draw_size() go up to a page beyond the beginning each. */
static __thread char buffer[12288] __attribute__((aligned(4096)));

/* The documented errors of a call, ended by 0. */
static void expect_errors(const char *call, int ret, const int *errors)
{
	int err = errno;

	__atomic_add_fetch(ret >= 0 ? &run->succeeded : &run->refused, 1,
			   __ATOMIC_RELAXED);
	if (ret >= 0)
		return;
	while (*errors)
		if (*errors++ == err)
			return;
	fail("%s: error %d is not documented", call, err);
}

#define EXPECT_ERRORS(call, ret, ...)					\
	expect_errors(call, ret, (const int[]){ __VA_ARGS__, 0 })

void call_attach(struct lane *lane, uint64_t *random)
{
	struct vpi_attach *attach = memset(buffer, 0, sizeof(buffer)), *to;
	size_t size = draw_size(sizeof(*attach), random);
	struct vpi_status status;
	int ret;

	attach->version = seldom(random, 32) ? random_next(random) :
			  VPI_ABI_VERSION;
	attach->flags = draw_flags(VPI_ATTACH_INIT | VPI_ATTACH_SYSTEM |
				   VPI_ATTACH_NOFAULT, random);
	if (!seldom(random, 4))
		attach->flags &= ~VPI_ATTACH_SYSTEM;
	attach->mask = draw_mask(random);
	if (attach->flags & VPI_ATTACH_INIT || seldom(random, 32)) {
		attach->kcb_mask = draw_mask(random);
		attach->target = random_below(random, 4);
		if (seldom(random, 32))
			attach->target = random_next(random);
	}
	to = draw_pointer(lane, attach, random);
	ret = vpi_attach(to, size);
	/* There is a KCB, or there is none: so be it, or little would succeed. */
	if (ret && (errno == EBUSY || errno == ENXIO)) {
		attach->flags ^= VPI_ATTACH_INIT;
		if (errno == EBUSY)
			attach->kcb_mask = attach->target = 0;
		ret = vpi_attach(to, size);
	}
	EXPECT_ERRORS("attach", ret, EINVAL, E2BIG, EPROTO, EOPNOTSUPP, EFAULT,
		      EALREADY, EBUSY, ENXIO, ENOSPC, ENOMEM);
	if (ret || to != attach)
		return;
	lane->handle = attach->handle;
	lane->page = attach->page;
	lane->page_size = attach->page_size;
	/* A handler may have detached it. */
	if (!vpi_status(&status, sizeof(status), lane->handle) &&
	    status.vp_tid != (__u32)gettid())
		fail("attach: the handle is of thread %u", status.vp_tid);
}

void call_detach(struct lane *lane, uint64_t *random)
{
	int ret = vpi_detach(seldom(random, 16) ? random_next(random) : 0);

	(void)lane;
	EXPECT_ERRORS("detach", ret, EPERM, EINVAL);
	if (!ret && !(vpi_detach(0) == -1 && errno == EPERM))
		fail("detach: twice");
}

static void look_at(const struct vpi_event *event)
{
	unsigned int i;

	if (!event->type || event->type & (event->type - 1) ||
	    event->type > VPI_SIGNAL)
		fail("register: event of type %#x", event->type);
	if (event->reserved[0] || event->reserved[1])
		fail("register: reserved fields");
	__atomic_add_fetch(&run->events[__builtin_ctz(event->type)], 1,
			   __ATOMIC_RELAXED);
	for (i = 0; i < run->processes * run->threads; i++)
		if (run->lane[i].handle == event->vp)
			run->lane[i].seq = event->seq;
}

void call_register(struct lane *lane, uint64_t *random)
{
	struct vpi_event *event = memset(buffer, 0, sizeof(buffer)), *to;
	uint32_t flags = seldom(random, 3) ?
			 draw_flags(VPI_REGISTER_RESUME, random) : 0;
	int ret;

	event->vp = draw_handle(lane, random);
	event->seq = draw_seq(lane, random);
	event->arg = random_next(random);
	to = draw_pointer(lane, event, random);
	ret = vpi_register(to, draw_size(sizeof(*event), random),
			   draw_deadline(random), flags);
	EXPECT_ERRORS("register", ret, EPERM, EINVAL, E2BIG, EFAULT, ENOMEM,
		      ETIMEDOUT, EINTR, ESRCH, EXDEV, ESTALE, EAGAIN, ENOBUFS);
	if (ret || to != event)
		return;
	look_at(event);
	if (event->type == VPI_UNBLOCKED && !seldom(random, 4))
		vpi_resume(event->vp, event->seq, 0, 0);
}

void call_resume(struct lane *lane, uint64_t *random)
{
	int ret = vpi_resume(draw_handle(lane, random), draw_seq(lane, random),
			     random_next(random),
			     seldom(random, 32) ? random_next(random) : 0);

	EXPECT_ERRORS("resume", ret, EPERM, EINVAL, ESRCH, EXDEV, ESTALE,
		      EAGAIN, ENOBUFS, ENOMEM);
}

void call_wait_register(struct lane *lane, uint64_t *random)
{
	int ret = vpi_wait_register(seldom(random, 16) ? random_next(random) :
				    random_below(random, run->threads));

	(void)lane;
	EXPECT_ERRORS("wait_register", ret, EPERM, EINVAL, EINTR);
}

/* The invariants that hold at any time. */
static void expect_balance(const struct vpi_status *s)
{
	uint64_t unseen = s->blocks - s->seen - s->cancels;
	uint64_t known = s->seen - s->unblocked - s->released - s->exits;

	if (unseen > s->queued || unseen + known != s->count[VPI_BLOCKED_STATE])
		fail("status: blocks %llu seen %llu cancels %llu unblocked %llu released %llu exits %llu, %u blocked",
		     s->blocks, s->seen, s->cancels, s->unblocked, s->released,
		     s->exits, s->count[VPI_BLOCKED_STATE]);
	if (s->unblocked < s->resumes + s->auto_resumes +
	    s->count[VPI_WAITRESUME])
		fail("status: unblocked %llu, but resumes %llu auto_resumes %llu held %u",
		     s->unblocked, s->resumes, s->auto_resumes,
		     s->count[VPI_WAITRESUME]);
	if (!s->count[VPI_ACTIVE] && !s->count[VPI_REGISTERED] &&
	    s->count[VPI_WAITRESUME])
		fail("status: nobody could resume the %u that are held",
		     s->count[VPI_WAITRESUME]);
}

void call_status(struct lane *lane, uint64_t *random)
{
	struct vpi_status *status = memset(buffer, 0, sizeof(buffer)), *to;
	int ret;

	to = draw_pointer(lane, status, random);
	ret = vpi_status(to, draw_size(sizeof(*status), random),
			 draw_handle(lane, random));
	EXPECT_ERRORS("status", ret, EPERM, EINVAL, E2BIG, EFAULT, EXDEV, ESRCH);
	if (!ret && to == status)
		expect_balance(status);
}

void call_mode(struct lane *lane, uint64_t *random)
{
	int ret = vpi_mode(draw_mask(random),
			   seldom(random, 4) ? draw_flags(VPI_MODE_ALL, random) :
			   0);

	(void)lane;
	EXPECT_ERRORS("mode", ret, EPERM, EINVAL, EOPNOTSUPP);
}
