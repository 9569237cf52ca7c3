// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual processor interface: scheduler activations for user-level
 * thread systems. Documentation/userspace-api/vpi.rst describes it from
 * outside; this file is all of it but the hooks.
 *
 * A virtual processor (VP) is a thread that attached itself. The VPs of a
 * process share a kernel control block (KCB). A VP is in one of five states:
 *
 *	       +----- wait_register ------> WAITREGISTER ----- n registered --+
 *	       |                                                              |
 *	       +----- register -----------> REGISTERED -- event, signal, -----+
 *	       |                                          deadline            |
 *	    ACTIVE <----------------------------------------------------------+
 *	       |                                                              |
 *	       +----- goes to sleep ------> BLOCKED -- nobody saw it, or -----+
 *	                                       |       need not be held       |
 *	                                       v                              |
 *	                                   WAITRESUME ------ is resumed ------+
 *
 * vpi_set_state() makes every transition. News of a VP (BLOCKED, UNBLOCKED,
 * PREEMPT) waits in the KCB's queue until a registered VP carries it to user
 * mode as the result of its vpi_register(). Nothing is ever queued twice:
 * BLOCKED is withdrawn if the VP wakes up before anybody was given it, and
 * UNBLOCKED is queued only after BLOCKED was given to somebody; PREEMPT is
 * withdrawn when the VP runs again. So one node in each VP is enough, and
 * neither blocking nor preemption allocates anything. SIGNAL is for the very VP
 * that got the signal, and is never queued.
 *
 * Locks: vpi_kcb_lock guards signal_struct::vpi and kcb->members. kcb->lock
 * guards all else. It is raw and taken on the way to sleep, where any sleeping
 * lock may be held; under it only pi_lock and rq->lock are taken, by wake-ups.
 * It is never taken in interrupts, nor under pi_lock or rq->lock. No lock of
 * the two is taken under the other.
 */

#include <linux/anon_inodes.h>
#include <linux/bitmap.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/freezer.h>
#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/nospec.h>
#include <linux/proc_fs.h>
#include <linux/ptrace.h>
#include <linux/refcount.h>
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/vpi.h>

#include <asm/syscall.h>

#define CREATE_TRACE_POINTS
#include <trace/events/vpi.h>

#define VPI_ATTACH_ALL	(VPI_ATTACH_INIT | VPI_ATTACH_SYSTEM | \
			 VPI_ATTACH_NOFAULT)

#define VPI_WORDS_PER_PAGE	(PAGE_SIZE / sizeof(struct vpi_vp_page))
#define VPI_AREA_PAGES		(1 + VPI_MAX_VPS / VPI_WORDS_PER_PAGE)

/* A handle is KCB id : generation : slot. */
#define VPI_SLOT_BITS		16
#define VPI_GENERATION_BITS	20
#define VPI_ID_BITS		16

/* An event that waits for somebody to carry it. */
struct vpi_notice {
	struct list_head	link;		/* kcb->queue, or empty */
	struct vpi_vp		*about;		/* whose node it is; NULL: a free-standing one */
	struct vpi_event	event;
};

struct vpi_vp {
	struct task_struct	*task;
	struct vpi_kcb		*kcb;
	struct vpi_vp_page	*word;		/* in the shared page */
	u64			handle;
	u32			flags;		/* VPI_ATTACH_* */
	u32			pf;		/* PF_VPI, or 0 for a system VP */
	u32			mask;
	u32			state;		/* enum vpi_vp_state */
	u32			wait_for;	/* WAITREGISTER: how many */
	u32			handlers;	/* WAITRESUME: signal frames above the hold */
	bool			seen;		/* BLOCKED: somebody knows */
	u64			seq;		/* of the newest block */
	u64			cookie;		/* as it was then, or when preempted */
	u64			preempts;	/* PREEMPT queued so far */
	bool			preempted;	/* PREEMPT queued, not yet back */
	struct list_head	link;		/* in the KCB's list for its state */
	struct vpi_notice	notice;		/* news of this VP */
	struct vpi_event	event;		/* what this VP carries */
	bool			addressed;	/* ... which is for nobody else */
	bool			owed;		/* ... and which it has not got yet */
	struct vpi_notice	*spent;		/* free-standing node it came in */
};

/* The pages that user space shares; lives as long as mapping and KCB do. */
struct vpi_area {
	struct page		*page[VPI_AREA_PAGES];
};

struct vpi_kcb {
	refcount_t		ref;		/* one for all members, one per reader */
	u32			members;	/* VPs, under vpi_kcb_lock */
	u32			id;
	struct file		*file;		/* of the area */
	struct vpi_area		*area;
	struct vpi_kcb_page	*page;		/* its first page */
	unsigned long		address;	/* where user space sees it */

	raw_spinlock_t		lock;		/* all below */
	u32			mask;
	u32			target;
	u32			generation;
	u32			count[VPI_NR_STATES];
	u32			system;
	u32			queued;
	u32			free_standing;	/* queued events about no VP */
	struct list_head	queue;		/* of struct vpi_notice, oldest first */
	struct list_head	registered;	/* in the order in which they are woken */
	struct list_head	held;		/* oldest first */
	struct list_head	waiting;	/* in WAITREGISTER */
	u64			blocks;
	u64			seen;
	u64			cancels;
	u64			unblocked;
	u64			released;
	u64			exits;
	u64			resumes;
	u64			auto_resumes;
	u64			signals;
	u64			preempts;
	u64			preempt_cancels;
	DECLARE_BITMAP(used, VPI_MAX_VPS);
	struct vpi_vp		**slot;		/* VPI_MAX_VPS of them */
};

static DEFINE_SPINLOCK(vpi_kcb_lock);
static struct kmem_cache *vpi_kcb_cache;
static struct kmem_cache *vpi_vp_cache;

/* ------------------------------------------------------------------ */
/* Assertions and delay points, in debug kernels                        */

enum vpi_delay_point {
	VPI_DELAY_BLOCK,		/* about to sleep, not yet BLOCKED */
	VPI_DELAY_BLOCK_WAKE,		/* BLOCKED told, not yet off the CPU */
	VPI_DELAY_CANCEL,		/* awake, BLOCKED not yet withdrawn */
	VPI_DELAY_HOLD,			/* on the way to user mode, not yet held */
	VPI_DELAY_HOLD_SLEEP,		/* held, not yet asleep */
	VPI_DELAY_RESUME,		/* resumed, not yet woken */
	VPI_DELAY_REGISTER_SLEEP,	/* registered, not yet asleep */
	VPI_DELAY_REGISTER_END,		/* signal or deadline seen, still registered */
	VPI_DELAY_PREEMPT,		/* PREEMPT told, still on the CPU */
	VPI_DELAY_EXIT,			/* ending, still attached */
	VPI_DELAY_ATTACH,		/* all made, not yet a VP */
	VPI_DELAY_LEAVE,		/* a VP no more, its KCB not yet left */
	VPI_DELAY_WAIT_END,		/* signal seen, still in WAITREGISTER */
	VPI_DELAY_DELIVER,		/* given an event, not yet in user memory */
	VPI_DELAY_PUT_BACK,		/* ... which failed, not yet queued again */
	VPI_DELAY_HANDLER,		/* frame of a handler built, TIF_VPI set */
	VPI_NR_DELAYS,
};

#ifdef CONFIG_SCHEDVPI_DEBUG

static u32 vpi_delays[VPI_NR_DELAYS];	/* in us */

static void vpi_delay(enum vpi_delay_point point)
{
	u32 us = READ_ONCE(vpi_delays[point]);

	if (unlikely(us))
		udelay(min(us, 10000U));
}

static int __init vpi_debug_init(void)
{
	static const char * const name[VPI_NR_DELAYS] = {
		[VPI_DELAY_BLOCK]		= "block",
		[VPI_DELAY_BLOCK_WAKE]		= "block_wake",
		[VPI_DELAY_CANCEL]		= "cancel",
		[VPI_DELAY_HOLD]		= "hold",
		[VPI_DELAY_HOLD_SLEEP]		= "hold_sleep",
		[VPI_DELAY_RESUME]		= "resume",
		[VPI_DELAY_REGISTER_SLEEP]	= "register_sleep",
		[VPI_DELAY_REGISTER_END]	= "register_end",
		[VPI_DELAY_PREEMPT]		= "preempt",
		[VPI_DELAY_EXIT]		= "exit",
		[VPI_DELAY_ATTACH]		= "attach",
		[VPI_DELAY_LEAVE]		= "leave",
		[VPI_DELAY_WAIT_END]		= "wait_end",
		[VPI_DELAY_DELIVER]		= "deliver",
		[VPI_DELAY_PUT_BACK]		= "put_back",
		[VPI_DELAY_HANDLER]		= "handler",
	};
	struct dentry *dir;
	int i;

	dir = debugfs_create_dir("delay", debugfs_create_dir("vpi", NULL));
	for (i = 0; i < VPI_NR_DELAYS; i++)
		debugfs_create_u32(name[i], 0600, dir, &vpi_delays[i]);
	return 0;
}
late_initcall(vpi_debug_init);

/* The state machine: which states may follow which. */
static const u8 vpi_next[VPI_NR_STATES] = {
	[VPI_ACTIVE]		= BIT(VPI_REGISTERED) | BIT(VPI_BLOCKED_STATE) |
				  BIT(VPI_WAITREGISTER),
	[VPI_REGISTERED]	= BIT(VPI_ACTIVE),
	[VPI_BLOCKED_STATE]	= BIT(VPI_ACTIVE) | BIT(VPI_WAITRESUME),
	[VPI_WAITRESUME]	= BIT(VPI_ACTIVE),
	[VPI_WAITREGISTER]	= BIT(VPI_ACTIVE),
};

static void vpi_check_transition(struct vpi_vp *v, u32 to)
{
	WARN_ON_ONCE(!(vpi_next[v->state] & BIT(to)));
	/* News of a VP is queued while it is news, and never longer. */
	WARN_ON_ONCE((to == VPI_ACTIVE || v->state == VPI_ACTIVE) &&
		     !list_empty(&v->notice.link));
	WARN_ON_ONCE(to == VPI_ACTIVE && !list_empty(&v->link));
}

/* What holds whenever nobody has the lock. */
static void vpi_check_kcb(struct vpi_kcb *k)
{
	u32 active = k->count[VPI_ACTIVE];
	u32 registered = k->count[VPI_REGISTERED];

	lockdep_assert_held(&k->lock);
	/* The paper's promise: whoever waits to be told is told. */
	WARN_ON_ONCE(!list_empty(&k->queue) && registered &&
		     (!k->target || active < k->target));
	/* Never all held. */
	WARN_ON_ONCE(!active && !registered && !list_empty(&k->held));
	WARN_ON_ONCE(k->blocks < k->seen + k->cancels);
	WARN_ON_ONCE(k->seen < k->unblocked + k->released + k->exits);
	WARN_ON_ONCE(k->preempts < k->preempt_cancels);
	WARN_ON_ONCE(list_empty(&k->queue) != !k->queued);
}

#else

static void vpi_delay(enum vpi_delay_point point) { }
static void vpi_check_transition(struct vpi_vp *v, u32 to) { }
static void vpi_check_kcb(struct vpi_kcb *k) { }

#endif /* CONFIG_SCHEDVPI_DEBUG */

/* ------------------------------------------------------------------ */
/* States                                                               */

static void vpi_lock(struct vpi_kcb *k)
	__acquires(&k->lock)
{
	raw_spin_lock(&k->lock);
}

/*
 * Shows user space what has changed under the lock: when it is released, and
 * before anybody is woken, who may look at once.
 */
static void vpi_publish(struct vpi_kcb *k)
{
	WRITE_ONCE(k->page->queued, k->queued);
	WRITE_ONCE(k->page->registered, k->count[VPI_REGISTERED]);
	WRITE_ONCE(k->page->active, k->count[VPI_ACTIVE]);
}

static void vpi_unlock(struct vpi_kcb *k)
	__releases(&k->lock)
{
	vpi_check_kcb(k);
	vpi_publish(k);
	raw_spin_unlock(&k->lock);
}

static bool vpi_is_system(const struct vpi_vp *v)
{
	return v->flags & VPI_ATTACH_SYSTEM;
}

static void vpi_set_state(struct vpi_vp *v, u32 to)
{
	struct vpi_kcb *k = v->kcb;

	lockdep_assert_held(&k->lock);
	vpi_check_transition(v, to);
	trace_vpi_state(v->task, v->handle, v->seq, v->state, to);
	if (!vpi_is_system(v)) {
		k->count[v->state]--;
		k->count[to]++;
	}
	WRITE_ONCE(v->word->state, to);
	/*
	 * Pairs with vpi_wait(): who sees that it is not REGISTERED any more
	 * also sees what it carries.
	 */
	smp_store_release(&v->state, to);
}

/*
 * Wakes @v, whose state was just changed, out of vpi_wait(). @here: the caller
 * is about to sleep, so @v shall have its CPU. Under the lock, because @v may
 * be gone as soon as it is dropped.
 */
static void vpi_wake(struct vpi_vp *v, bool here)
{
	lockdep_assert_held(&v->kcb->lock);
	vpi_publish(v->kcb);
	vpi_delay(VPI_DELAY_RESUME);
	if (here)
		wake_up_state_current_cpu(v->task, TASK_INTERRUPTIBLE);
	else
		wake_up_state(v->task, TASK_INTERRUPTIBLE);
}

/* From here on the current thread's sleeps pass the hooks. */
static void vpi_hooks_on(const struct vpi_vp *v)
{
	/* Nobody else writes them; who reads another task's reads other bits. */
	data_race(current->flags |= v->pf);
}

/* ... and from here on they do not. */
static void vpi_hooks_off(void)
{
	/* As above. */
	data_race(current->flags &= ~PF_VPI);
}

/*
 * Sleeps until the caller is in @state no longer: 0, -EINTR or -ETIMEDOUT.
 * In the latter two cases it may have left @state all the same.
 *
 * Called with preemption disabled, so that a VP that was woken to have this
 * CPU does not preempt the caller before it is off the run queue. PF_VPI is
 * off meanwhile: our own sleep is no block. That cannot be derived from the
 * state, since a resume may change it between schedule()'s look at the task's
 * state and the hook.
 */
static int vpi_wait(struct vpi_vp *v, u32 state, s64 deadline)
{
	ktime_t expires = deadline;
	bool expired = false;
	int err = 0;

	vpi_hooks_off();
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		/* Pairs with vpi_set_state(). */
		if (smp_load_acquire(&v->state) != state)
			break;
		if (signal_pending(current)) {
			err = -EINTR;
			break;
		}
		if (expired) {
			err = -ETIMEDOUT;
			break;
		}
		sched_preempt_enable_no_resched();
		if (deadline == VPI_NO_DEADLINE)
			schedule();
		else
			expired = !schedule_hrtimeout_range(&expires,
							    current->timer_slack_ns,
							    HRTIMER_MODE_ABS);
		preempt_disable();
	}
	__set_current_state(TASK_RUNNING);
	vpi_hooks_on(v);
	preempt_enable();
	return err;
}

/* ------------------------------------------------------------------ */
/* The queue of events                                                  */

static void vpi_enqueue(struct vpi_kcb *k, struct vpi_notice *n)
{
	list_add_tail(&n->link, &k->queue);
	k->queued++;
	if (!n->about)
		k->free_standing++;
}

static void vpi_dequeue(struct vpi_kcb *k, struct vpi_notice *n)
{
	list_del_init(&n->link);
	k->queued--;
	if (!n->about)
		k->free_standing--;
}

/* Queues news of @v itself. */
static void vpi_announce(struct vpi_vp *v, u32 type)
{
	struct vpi_event *e = &v->notice.event;

	e->type = type;
	e->vp = v->handle;
	e->seq = v->seq;
	e->cookie = v->cookie;
	e->arg = type == VPI_PREEMPT ? v->preempts : 0;
	vpi_enqueue(v->kcb, &v->notice);
}

/* Nobody is to hear of it any more. */
static void vpi_withdraw(struct vpi_vp *v)
{
	if (!list_empty(&v->notice.link))
		vpi_dequeue(v->kcb, &v->notice);
}

/* The rest of an event that @w is given, as it is once @w is active. */
static void vpi_fill(struct vpi_vp *w)
{
	const u32 *count = w->kcb->count;
	bool joins = w->state == VPI_REGISTERED && !vpi_is_system(w);

	w->event.registered = count[VPI_REGISTERED] - joins;
	w->event.active = count[VPI_ACTIVE] + joins;
	w->event.queued = w->kcb->queued;
	trace_vpi_notify(w->task, &w->event);
}

/*
 * Gives the oldest event to @w. From here on it is seen. A system VP gets only
 * what is addressed to it, of which there is no queue.
 */
static bool vpi_take(struct vpi_vp *w)
{
	struct vpi_kcb *k = w->kcb;
	struct vpi_notice *n;

	if (w->owed) {
		w->owed = false;
		vpi_fill(w);
		return true;
	}
	if (vpi_is_system(w))
		return false;
	n = list_first_entry_or_null(&k->queue, struct vpi_notice, link);
	if (!n)
		return false;
	vpi_dequeue(k, n);
	w->event = n->event;
	w->addressed = false;
	if (!n->about) {
		w->spent = n;
	} else if (n->event.type == VPI_BLOCKED) {
		k->seen++;
		WRITE_ONCE(n->about->seen, true);
	}
	vpi_fill(w);
	return true;
}

/* Takes @w out of its list and state; the caller wakes it. */
static void vpi_activate(struct vpi_vp *w)
{
	list_del_init(&w->link);
	vpi_set_state(w, VPI_ACTIVE);
}

/* @v is held no longer, whoever decided so. */
static void vpi_end_hold(struct vpi_vp *v)
{
	vpi_withdraw(v);
	v->handlers = 0;
	vpi_activate(v);
}

/*
 * After anything that queued an event or took away an active VP: wakes
 * registered VPs for the oldest events while there are fewer active VPs than
 * the target says (@must: one in any case). And if nobody is left to act,
 * resumes a held VP.
 */
static void vpi_rebalance(struct vpi_kcb *k, bool must, bool here)
{
	struct vpi_vp *v;

	lockdep_assert_held(&k->lock);
	while (!list_empty(&k->queue) && !list_empty(&k->registered) &&
	       (must || !k->target || k->count[VPI_ACTIVE] < k->target)) {
		v = list_first_entry(&k->registered, struct vpi_vp, link);
		vpi_take(v);
		vpi_activate(v);
		vpi_wake(v, here);
		must = false;
	}
	if (!k->count[VPI_ACTIVE] && !k->count[VPI_REGISTERED] &&
	    !list_empty(&k->held)) {
		v = list_first_entry(&k->held, struct vpi_vp, link);
		vpi_end_hold(v);
		k->auto_resumes++;
		vpi_wake(v, here);
	}
}

/* ------------------------------------------------------------------ */
/* BLOCKED and UNBLOCKED: the hooks                                     */

static u32 vpi_wanted(const struct vpi_vp *v)
{
	if (READ_ONCE(v->word->flags) & VPI_NOUPCALL)
		return 0;
	return READ_ONCE(v->kcb->mask) & READ_ONCE(v->mask);
}

/* Is the sleep that @tsk, the current task, is about to begin a block? */
static bool vpi_is_block(struct task_struct *tsk)
{
	unsigned int state = READ_ONCE(tsk->__state);

	/* Stopped, traced, frozen: somebody else's decision. */
	if (is_special_task_state(state) || tsk->jobctl & JOBCTL_TRAP_FREEZE)
		return false;
	/* __schedule() will not sleep: somebody has woken us, or a signal is there. */
	if (state == TASK_RUNNING || signal_pending_state(state, tsk))
		return false;
	if (tsk->vpi->flags & VPI_ATTACH_NOFAULT &&
	    syscall_get_nr(tsk, task_pt_regs(tsk)) == -1)
		return false;
	return true;
}

/*
 * From sched_submit_work(), as the last thing before __schedule(). Any
 * sleeping lock may be held, the task's state is set: so nothing here sleeps,
 * faults, allocates or touches that state.
 */
void vpi_block(struct task_struct *tsk)
{
	struct vpi_vp *v = tsk->vpi;
	struct vpi_kcb *k = v->kcb;
	u32 wanted;

	vpi_delay(VPI_DELAY_BLOCK);
	/*
	 * BLOCKED: a later sleep of the same kernel entry, which somebody
	 * knows about. WAITRESUME: the signal handler of a held VP.
	 */
	if (READ_ONCE(v->state) != VPI_ACTIVE)
		return;
	wanted = vpi_wanted(v) & (VPI_BLOCKED | VPI_UNBLOCKED);
	if (!wanted || !vpi_is_block(tsk))
		return;

	/*
	 * The carrier gets this CPU when we are off it; a preemption before
	 * that would run it while we are still on the run queue.
	 */
	preempt_disable();
	vpi_lock(k);
	k->blocks++;
	v->seq++;
	v->cookie = READ_ONCE(v->word->cookie);
	vpi_set_state(v, VPI_BLOCKED_STATE);
	if (wanted & VPI_BLOCKED) {
		v->seen = false;
		vpi_announce(v, VPI_BLOCKED);
	} else {
		/* Only the end of the block is wanted. */
		v->seen = true;
		k->seen++;
	}
	vpi_rebalance(k, wanted & VPI_BLOCKED, true);
	vpi_unlock(k);
	vpi_delay(VPI_DELAY_BLOCK_WAKE);
	sched_preempt_enable_no_resched();
}

/* The block that nobody saw never happened. */
static void vpi_cancel(struct vpi_vp *v)
{
	vpi_withdraw(v);
	vpi_set_state(v, VPI_ACTIVE);
	v->kcb->cancels++;
}

/* From sched_update_worker(), after __schedule(). */
void vpi_unblock(struct task_struct *tsk)
{
	struct vpi_vp *v = tsk->vpi;
	struct vpi_kcb *k = v->kcb;

	if (READ_ONCE(v->state) != VPI_BLOCKED_STATE)
		return;
	vpi_delay(VPI_DELAY_CANCEL);
	/* Once seen it stays seen: the lock is for those who can still cancel. */
	if (!READ_ONCE(v->seen)) {
		vpi_lock(k);
		if (!v->seen)
			vpi_cancel(v);
		vpi_unlock(k);
	}
	if (READ_ONCE(v->state) == VPI_BLOCKED_STATE)
		set_thread_flag(TIF_VPI);
}

/*
 * The wait of @v is over: hold it, or let it go on. @here: it sleeps at once if
 * it is held.
 */
static void vpi_unblocked(struct vpi_vp *v, bool here)
{
	struct vpi_kcb *k = v->kcb;

	/* Who could resume it? */
	if (!(vpi_wanted(v) & VPI_UNBLOCKED) ||
	    (!k->count[VPI_ACTIVE] && !k->count[VPI_REGISTERED])) {
		k->released++;
		vpi_set_state(v, VPI_ACTIVE);
	} else {
		k->unblocked++;
		v->handlers = 0;
		vpi_set_state(v, VPI_WAITRESUME);
		list_add_tail(&v->link, &k->held);
		vpi_announce(v, VPI_UNBLOCKED);
	}
	vpi_rebalance(k, false, here);
}

/*
 * From exit_to_user_mode_loop(), because of TIF_VPI: no lock is held, and
 * results are in the registers already. Returns when the VP is resumed, or
 * with TIF_VPI still set to have a signal looked at; without a handler to run
 * the loop comes back here.
 */
void vpi_hold(void)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k = v->kcb;

	might_sleep();
	vpi_delay(VPI_DELAY_HOLD);
	preempt_disable();
	if (READ_ONCE(v->state) == VPI_BLOCKED_STATE) {
		vpi_lock(k);
		vpi_unblocked(v, true);
		vpi_unlock(k);
		vpi_delay(VPI_DELAY_HOLD_SLEEP);
	}
	vpi_wait(v, VPI_WAITRESUME, VPI_NO_DEADLINE);
	if (READ_ONCE(v->state) != VPI_WAITRESUME)
		clear_thread_flag(TIF_VPI);
}

/*
 * The frame of a signal handler was built. If the VP is held, it leaves for
 * the handler; its state stays WAITRESUME. If building the frame blocked, the
 * hold comes now: below the handler, not before it.
 */
void __vpi_signal_delivered(void)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k = v->kcb;
	u32 state = READ_ONCE(v->state);

	if (state != VPI_WAITRESUME && state != VPI_BLOCKED_STATE)
		return;
	vpi_delay(VPI_DELAY_HANDLER);
	vpi_lock(k);
	if (v->state == VPI_BLOCKED_STATE)
		vpi_unblocked(v, false);
	if (v->state == VPI_WAITRESUME) {
		v->handlers++;
		k->signals++;
		trace_vpi_signal(v->task, v->handle, v->flags);
		clear_thread_flag(TIF_VPI);
	}
	vpi_unlock(k);
}

/* When the last handler above the hold returns, the hold comes back. */
void __vpi_sigreturn(void)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k = v->kcb;

	if (READ_ONCE(v->state) != VPI_WAITRESUME)
		return;
	vpi_lock(k);
	if (v->state == VPI_WAITRESUME && v->handlers && !--v->handlers)
		set_thread_flag(TIF_VPI);
	vpi_unlock(k);
}

/* ------------------------------------------------------------------ */
/* PREEMPT: the hooks                                                   */

/*
 * From exit_to_user_mode_loop(), before it calls schedule() because somebody
 * else is to have this CPU: no lock is held. The VP stays ACTIVE, and is never
 * held for this. Whether it is really switched away nobody knows before it is;
 * with nobody else on the run queue it is not.
 */
void __vpi_preempt(void)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k = v->kcb;

	if (READ_ONCE(v->state) != VPI_ACTIVE ||
	    !(vpi_wanted(v) & VPI_PREEMPT) || single_task_running())
		return;
	vpi_lock(k);
	v->preempted = true;
	v->preempts++;
	k->preempts++;
	v->cookie = READ_ONCE(v->word->cookie);
	vpi_announce(v, VPI_PREEMPT);
	vpi_rebalance(k, false, false);
	vpi_unlock(k);
	vpi_delay(VPI_DELAY_PREEMPT);
}

/*
 * It runs again. What nobody has been given is no news any more: so of many
 * preemptions at most one is queued, and the node is free for a block.
 */
void __vpi_preempted(void)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k = v->kcb;

	if (!v->preempted)
		return;
	v->preempted = false;
	vpi_lock(k);
	if (!list_empty(&v->notice.link)) {
		vpi_withdraw(v);
		k->preempt_cancels++;
	}
	vpi_unlock(k);
}

/* ------------------------------------------------------------------ */
/* The shared pages                                                     */

static vm_fault_t vpi_area_fault(struct vm_fault *vmf)
{
	struct vpi_area *area = vmf->vma->vm_file->private_data;
	struct page *page;

	if (vmf->pgoff >= VPI_AREA_PAGES)
		return VM_FAULT_SIGBUS;
	page = READ_ONCE(area->page[vmf->pgoff]);
	if (!page)
		return VM_FAULT_SIGBUS;
	get_page(page);
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct vpi_area_vm_ops = {
	.fault		= vpi_area_fault,
};

static int vpi_area_mmap(struct file *file, struct vm_area_struct *vma)
{
	/* A child is no VP; it has no use for its parent's words. */
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND);
	vma->vm_ops = &vpi_area_vm_ops;
	return 0;
}

static int vpi_area_release(struct inode *inode, struct file *file)
{
	struct vpi_area *area = file->private_data;
	int i;

	for (i = 0; i < VPI_AREA_PAGES; i++)
		if (area->page[i])
			put_page(area->page[i]);
	kfree(area);
	return 0;
}

static const struct file_operations vpi_area_fops = {
	.mmap		= vpi_area_mmap,
	.release	= vpi_area_release,
};

/* Sleeps. Two callers may want the same page: the second one's is thrown away. */
static int vpi_area_populate(struct vpi_area *area, u32 index)
{
	struct page *page;

	if (READ_ONCE(area->page[index]))
		return 0;
	page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	if (cmpxchg(&area->page[index], NULL, page))
		put_page(page);
	return 0;
}

static struct file *vpi_area_create(void)
{
	struct vpi_area *area;
	struct file *file;

	area = kzalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);
	if (!area)
		return ERR_PTR(-ENOMEM);
	file = anon_inode_getfile("[vpi]", &vpi_area_fops, area, O_RDWR);
	if (IS_ERR(file)) {
		kfree(area);
		return file;
	}
	if (vpi_area_populate(area, 0)) {
		fput(file);
		return ERR_PTR(-ENOMEM);
	}
	return file;
}

/* ------------------------------------------------------------------ */
/* The KCB                                                              */

static void vpi_kcb_free(struct vpi_kcb *k)
{
	if (!IS_ERR_OR_NULL(k->file))
		fput(k->file);
	kvfree(k->slot);
	kmem_cache_free(vpi_kcb_cache, k);
}

static void vpi_kcb_put(struct vpi_kcb *k)
{
	if (!refcount_dec_and_test(&k->ref))
		return;
	vpi_kcb_free(k);
}

/* The KCB of @task's process with a reference, or NULL. */
static struct vpi_kcb *vpi_kcb_get(struct task_struct *task)
{
	struct vpi_kcb *k;

	spin_lock(&vpi_kcb_lock);
	k = task->signal->vpi;
	if (k)
		refcount_inc(&k->ref);
	spin_unlock(&vpi_kcb_lock);
	return k;
}

/* Makes the caller a member-to-be, which keeps the KCB in its place. */
static struct vpi_kcb *vpi_kcb_join(void)
{
	struct vpi_kcb *k;

	spin_lock(&vpi_kcb_lock);
	k = current->signal->vpi;
	if (k)
		k->members++;
	spin_unlock(&vpi_kcb_lock);
	return k;
}

static void vpi_kcb_leave(struct vpi_kcb *k)
{
	struct vpi_notice *n, *next;
	bool last;

	spin_lock(&vpi_kcb_lock);
	last = !--k->members;
	if (last && current->signal->vpi == k)
		current->signal->vpi = NULL;
	spin_unlock(&vpi_kcb_lock);
	if (!last)
		return;
	/* Only free-standing ones can be left: there is nobody to be about. */
	list_for_each_entry_safe(n, next, &k->queue, link)
		kfree(n);
	vpi_kcb_put(k);
}

/* A KCB with one member-to-be, which nobody else sees yet. */
static struct vpi_kcb *vpi_kcb_create(const struct vpi_attach *a)
{
	static atomic_t last_id = ATOMIC_INIT(0);
	struct vpi_kcb *k;
	unsigned long address;
	int err;

	k = kmem_cache_zalloc(vpi_kcb_cache, GFP_KERNEL);
	if (!k)
		return ERR_PTR(-ENOMEM);
	k->slot = kvcalloc(VPI_MAX_VPS, sizeof(*k->slot), GFP_KERNEL_ACCOUNT);
	k->file = k->slot ? vpi_area_create() : ERR_PTR(-ENOMEM);
	if (IS_ERR(k->file)) {
		err = PTR_ERR(k->file);
		vpi_kcb_free(k);
		return ERR_PTR(err);
	}
	refcount_set(&k->ref, 1);
	k->members = 1;
	/* Never 0, so that no handle is 0. */
	k->id = 1 + (u32)atomic_inc_return(&last_id) % (BIT(VPI_ID_BITS) - 1);
	k->area = k->file->private_data;
	k->page = page_address(k->area->page[0]);
	raw_spin_lock_init(&k->lock);
	INIT_LIST_HEAD(&k->queue);
	INIT_LIST_HEAD(&k->registered);
	INIT_LIST_HEAD(&k->held);
	INIT_LIST_HEAD(&k->waiting);
	k->mask = a->kcb_mask;
	k->target = a->target;
	k->page->version = VPI_ABI_VERSION;
	k->page->vp_offset = PAGE_SIZE;
	k->page->vp_size = sizeof(struct vpi_vp_page);
	k->page->target = a->target;

	address = vm_mmap(k->file, 0, VPI_AREA_PAGES * PAGE_SIZE,
			  PROT_READ | PROT_WRITE, MAP_SHARED, 0);
	if (IS_ERR_VALUE(address)) {
		vpi_kcb_put(k);
		return ERR_PTR(address);
	}
	k->address = address;
	return k;
}

/* What vpi_kcb_create() made, nobody has seen. */
static void vpi_kcb_discard(struct vpi_kcb *k)
{
	vm_munmap(k->address, VPI_AREA_PAGES * PAGE_SIZE);
	vpi_kcb_put(k);
}

static int vpi_kcb_publish(struct vpi_kcb *k)
{
	int err = 0;

	spin_lock(&vpi_kcb_lock);
	if (current->signal->vpi)
		err = -EBUSY;
	else
		current->signal->vpi = k;
	spin_unlock(&vpi_kcb_lock);
	return err;
}

/* ------------------------------------------------------------------ */
/* VPs come and go                                                      */

static u32 vpi_slot_of(u64 handle)
{
	return VPI_HANDLE_SLOT(handle);
}

static u32 vpi_id_of(u64 handle)
{
	return handle >> (VPI_SLOT_BITS + VPI_GENERATION_BITS);
}

/* The VP that @handle names: -EXDEV if not one of ours, -ESRCH if it is gone. */
static struct vpi_vp *vpi_find(struct vpi_kcb *k, u64 handle)
{
	u32 slot = vpi_slot_of(handle);
	struct vpi_vp *v;

	lockdep_assert_held(&k->lock);
	if (vpi_id_of(handle) != k->id || slot >= VPI_MAX_VPS)
		return ERR_PTR(-EXDEV);
	v = k->slot[array_index_nospec(slot, VPI_MAX_VPS)];
	if (!v || v->handle != handle)
		return ERR_PTR(-ESRCH);
	return v;
}

/* Reserves a slot, and with it a handle that no VP before had. */
static int vpi_slot_reserve(struct vpi_kcb *k, struct vpi_vp *v)
{
	u32 slot, generation;

	vpi_lock(k);
	slot = find_first_zero_bit(k->used, VPI_MAX_VPS);
	if (slot < VPI_MAX_VPS)
		__set_bit(slot, k->used);
	generation = k->generation++ & (BIT(VPI_GENERATION_BITS) - 1);
	vpi_unlock(k);
	if (slot == VPI_MAX_VPS)
		return -ENOSPC;
	v->handle = (u64)k->id << (VPI_SLOT_BITS + VPI_GENERATION_BITS) |
		    (u64)generation << VPI_SLOT_BITS | slot;
	return 0;
}

static void vpi_slot_release(struct vpi_kcb *k, struct vpi_vp *v)
{
	vpi_lock(k);
	__clear_bit(vpi_slot_of(v->handle), k->used);
	vpi_unlock(k);
}

static int vpi_word_create(struct vpi_kcb *k, struct vpi_vp *v)
{
	u32 slot = vpi_slot_of(v->handle);
	u32 index = 1 + slot / VPI_WORDS_PER_PAGE;
	int err = vpi_area_populate(k->area, index);

	if (err)
		return err;
	v->word = page_address(k->area->page[index]);
	v->word += slot % VPI_WORDS_PER_PAGE;
	WRITE_ONCE(v->word->flags, VPI_NOUPCALL);
	WRITE_ONCE(v->word->state, VPI_ACTIVE);
	WRITE_ONCE(v->word->cookie, 0);
	return 0;
}

static struct vpi_vp *vpi_vp_create(struct vpi_kcb *k, const struct vpi_attach *a)
{
	struct vpi_vp *v;
	int err;

	v = kmem_cache_zalloc(vpi_vp_cache, GFP_KERNEL);
	if (!v)
		return ERR_PTR(-ENOMEM);
	v->task = current;
	v->kcb = k;
	v->flags = a->flags & (VPI_ATTACH_SYSTEM | VPI_ATTACH_NOFAULT);
	v->pf = vpi_is_system(v) ? 0 : PF_VPI;
	v->mask = a->mask;
	v->state = VPI_ACTIVE;
	v->notice.about = v;
	INIT_LIST_HEAD(&v->link);
	INIT_LIST_HEAD(&v->notice.link);

	err = vpi_slot_reserve(k, v);
	if (!err) {
		err = vpi_word_create(k, v);
		if (err)
			vpi_slot_release(k, v);
	}
	if (err) {
		kmem_cache_free(vpi_vp_cache, v);
		return ERR_PTR(err);
	}
	return v;
}

static void vpi_vp_discard(struct vpi_vp *v)
{
	vpi_slot_release(v->kcb, v);
	kmem_cache_free(vpi_vp_cache, v);
}

/* From here on the current thread is a VP. */
static void vpi_vp_publish(struct vpi_vp *v)
{
	struct vpi_kcb *k = v->kcb;

	vpi_lock(k);
	k->slot[vpi_slot_of(v->handle)] = v;
	if (vpi_is_system(v))
		k->system++;
	else
		k->count[VPI_ACTIVE]++;
	WRITE_ONCE(v->word->handle, v->handle);
	trace_vpi_attach(v->task, v->handle, v->flags);
	vpi_unlock(k);
	current->vpi = v;
	vpi_hooks_on(v);
}

/* Takes the VP out of whatever state it is in. */
static void vpi_vp_leave_state(struct vpi_vp *v)
{
	struct vpi_kcb *k = v->kcb;

	if (v->state == VPI_BLOCKED_STATE) {
		if (v->seen)
			k->exits++;
		else
			k->cancels++;
	}
	vpi_withdraw(v);
	list_del_init(&v->link);
	if (vpi_is_system(v))
		k->system--;
	else
		k->count[v->state]--;
}

/* The current thread ends, executes another program, or detaches. */
void __vpi_exit(void)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k = v->kcb;

	vpi_hooks_off();
	clear_thread_flag(TIF_VPI);
	vpi_delay(VPI_DELAY_EXIT);
	vpi_lock(k);
	vpi_vp_leave_state(v);
	k->slot[vpi_slot_of(v->handle)] = NULL;
	__clear_bit(vpi_slot_of(v->handle), k->used);
	WRITE_ONCE(v->word->handle, 0);
	trace_vpi_detach(v->task, v->handle, v->flags);
	vpi_rebalance(k, false, false);
	vpi_unlock(k);
	current->vpi = NULL;
	kfree(v->spent);
	kmem_cache_free(vpi_vp_cache, v);
	vpi_delay(VPI_DELAY_LEAVE);
	vpi_kcb_leave(k);
}

/* ------------------------------------------------------------------ */
/* System calls                                                         */

static int vpi_check_mask(u32 mask)
{
	return mask & ~VPI_MASK_ALL ? -EINVAL : 0;
}

static int vpi_check_attach(const struct vpi_attach *a)
{
	int err;

	if (a->version != VPI_ABI_VERSION)
		return -EPROTO;
	if (a->flags & ~VPI_ATTACH_ALL)
		return -EINVAL;
	if (!(a->flags & VPI_ATTACH_INIT) && (a->kcb_mask || a->target))
		return -EINVAL;
	if (a->target > VPI_MAX_VPS)
		return -EINVAL;
	err = vpi_check_mask(a->mask);
	return err ?: vpi_check_mask(a->kcb_mask);
}

/* Copies out as much as the caller knows of; what it knows more is 0. */
static int vpi_copy_out(void __user *to, size_t size, const void *from, size_t known)
{
	size_t rest = size > known ? size - known : 0;

	if (copy_to_user(to, from, size - rest) || clear_user(to + known, rest))
		return -EFAULT;
	return 0;
}

static int vpi_check_size(size_t size, size_t least)
{
	if (size < least)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	return 0;
}

SYSCALL_DEFINE2(vpi_attach, struct vpi_attach __user *, attach, size_t, size)
{
	struct vpi_attach a;
	struct vpi_kcb *k;
	struct vpi_vp *v;
	bool init;
	int err;

	err = vpi_check_size(size, VPI_ATTACH_SIZE_VER0);
	if (err)
		return err;
	err = copy_struct_from_user(&a, sizeof(a), attach, size);
	if (err)
		return err;
	err = vpi_check_attach(&a);
	if (err)
		return err;
	if (current->vpi)
		return -EALREADY;

	init = a.flags & VPI_ATTACH_INIT;
	if (init) {
		/* vpi_kcb_publish() decides; this saves making it for nothing. */
		if (READ_ONCE(current->signal->vpi))
			return -EBUSY;
		k = vpi_kcb_create(&a);
		if (IS_ERR(k))
			return PTR_ERR(k);
	} else {
		k = vpi_kcb_join();
		if (!k)
			return -ENXIO;
	}
	v = vpi_vp_create(k, &a);
	if (IS_ERR(v)) {
		err = PTR_ERR(v);
		goto out_kcb;
	}
	a.handle = v->handle;
	a.slot = vpi_slot_of(v->handle);
	a.page = k->address;
	a.page_size = VPI_AREA_PAGES * PAGE_SIZE;
	err = vpi_copy_out(attach, size, &a, sizeof(a));
	vpi_delay(VPI_DELAY_ATTACH);
	if (!err && init)
		err = vpi_kcb_publish(k);
	if (err)
		goto out_vp;
	vpi_vp_publish(v);
	return 0;

out_vp:
	vpi_vp_discard(v);
out_kcb:
	if (init)
		vpi_kcb_discard(k);
	else
		vpi_kcb_leave(k);
	return err;
}

SYSCALL_DEFINE1(vpi_detach, unsigned int, flags)
{
	if (!current->vpi)
		return -EPERM;
	if (flags)
		return -EINVAL;
	__vpi_exit();
	return 0;
}

/*
 * Wakes @w, which is REGISTERED, with RESUMED. Returns it, for the caller to
 * wake: whether on its own CPU it knows last.
 */
static struct vpi_vp *vpi_give_resumed(struct vpi_vp *me, struct vpi_vp *w,
				       u64 arg, bool addressed)
{
	w->event = (struct vpi_event) {
		.type = VPI_RESUMED, .vp = me->handle, .arg = arg,
	};
	w->addressed = addressed;
	vpi_fill(w);
	vpi_activate(w);
	return w;
}

/* Resumes whoever registers next, or is registered now. Uses *@fresh if it must. */
static struct vpi_vp *vpi_resume_any(struct vpi_vp *me, u64 arg,
				     struct vpi_notice **fresh)
{
	struct vpi_kcb *k = me->kcb;
	struct vpi_vp *w;

	w = list_first_entry_or_null(&k->registered, struct vpi_vp, link);
	if (w)
		return vpi_give_resumed(me, w, arg, false);
	if (k->free_standing >= VPI_MAX_VPS)
		return ERR_PTR(-ENOBUFS);
	(*fresh)->event = (struct vpi_event) {
		.type = VPI_RESUMED, .vp = me->handle, .arg = arg,
	};
	vpi_enqueue(k, *fresh);
	*fresh = NULL;
	return NULL;
}

/*
 * Resumes what @r says. Returns the VP that the caller is to wake, if any, or
 * an error. A resume with a sequence number is for the hold after that very
 * block: it must not wake a VP that has long gone on and registered.
 */
static struct vpi_vp *vpi_do_resume(struct vpi_vp *me, const struct vpi_event *r,
				    struct vpi_notice **fresh)
{
	struct vpi_kcb *k = me->kcb;
	struct vpi_vp *v;

	if (r->vp == VPI_ANY_VP)
		return vpi_resume_any(me, r->arg, fresh);
	v = vpi_find(k, r->vp);
	if (IS_ERR(v))
		return v;
	if (r->seq != VPI_SEQ_ANY && r->seq != v->seq)
		return ERR_PTR(-ESTALE);

	switch (v->state) {
	case VPI_WAITRESUME:
		vpi_end_hold(v);
		k->resumes++;
		return v;
	case VPI_REGISTERED:
		if (r->seq == VPI_SEQ_ANY)
			return vpi_give_resumed(me, v, r->arg, true);
		return ERR_PTR(-ESTALE);
	case VPI_BLOCKED_STATE:
		return ERR_PTR(-EAGAIN);
	default:
		return ERR_PTR(r->seq == VPI_SEQ_ANY ? -EAGAIN : -ESTALE);
	}
}

/* Only a resume of any VP may have to wait in the queue. */
static int vpi_fresh_notice(u64 vp, struct vpi_notice **fresh)
{
	*fresh = NULL;
	if (vp != VPI_ANY_VP)
		return 0;
	*fresh = kzalloc(sizeof(**fresh), GFP_KERNEL_ACCOUNT);
	return *fresh ? 0 : -ENOMEM;
}

SYSCALL_DEFINE4(vpi_resume, u64, vp, u64, seq, u64, arg, unsigned int, flags)
{
	struct vpi_event r = { .vp = vp, .seq = seq, .arg = arg };
	struct vpi_vp *v = current->vpi, *w;
	struct vpi_notice *fresh;
	int err;

	if (!v)
		return -EPERM;
	if (flags)
		return -EINVAL;
	err = vpi_fresh_notice(vp, &fresh);
	if (err)
		return err;
	vpi_lock(v->kcb);
	w = vpi_do_resume(v, &r, &fresh);
	if (!IS_ERR_OR_NULL(w))
		vpi_wake(w, false);
	vpi_unlock(v->kcb);
	kfree(fresh);
	return PTR_ERR_OR_ZERO(w);
}

/*
 * The caller is about to leave its state. It may be held, but run a signal
 * handler or have jumped out of one: it is held no longer. And it may have
 * blocked at the entry of this very call, or in a fault since: whoever was told
 * need not wait for UNBLOCKED, as it goes on.
 */
static void vpi_be_active(struct vpi_vp *v)
{
	struct vpi_kcb *k = v->kcb;

	if (READ_ONCE(v->state) == VPI_ACTIVE)
		return;
	vpi_lock(k);
	if (v->state == VPI_WAITRESUME) {
		vpi_end_hold(v);
		k->resumes++;
	} else if (v->state == VPI_BLOCKED_STATE) {
		vpi_set_state(v, VPI_ACTIVE);
		k->released++;
	}
	vpi_unlock(k);
}

/* Those who waited for as many registered VPs as there are now. */
static void vpi_end_wait_register(struct vpi_kcb *k)
{
	struct vpi_vp *v, *next;

	list_for_each_entry_safe(v, next, &k->waiting, link) {
		if (k->count[VPI_REGISTERED] < v->wait_for)
			continue;
		vpi_activate(v);
		vpi_wake(v, false);
	}
}

static void vpi_enter_registered(struct vpi_vp *v, s64 deadline)
{
	struct vpi_kcb *k = v->kcb;

	vpi_set_state(v, VPI_REGISTERED);
	if (vpi_is_system(v))
		return;
	/* The newest is the warmest; those who have a date are spared. */
	if (deadline == VPI_NO_DEADLINE)
		list_add(&v->link, &k->registered);
	else
		list_add_tail(&v->link, &k->registered);
	vpi_end_wait_register(k);
}

/*
 * A signal has woken @v, which was given no event. SIGNAL is made out of it
 * here, for nobody but @v: so it needs no queue. The handler, if there is one,
 * runs before the call returns. Task work wakes it, too, and is no signal.
 */
static int vpi_signalled(struct vpi_vp *v)
{
	u32 wanted = READ_ONCE(v->kcb->mask) & READ_ONCE(v->mask);

	if (!(wanted & VPI_SIGNAL) || !task_sigpending(current))
		return -EINTR;
	v->event = (struct vpi_event) {
		.type = VPI_SIGNAL, .vp = v->handle,
	};
	v->addressed = true;
	vpi_fill(v);
	return 0;
}

/*
 * Resumes first, if asked to, then takes an event or waits for one, all under
 * one hold of the lock. 0: there is an event in v->event.
 */
static int vpi_do_register(struct vpi_vp *v, const struct vpi_event *resume,
			   struct vpi_notice **fresh, s64 deadline)
{
	struct vpi_kcb *k = v->kcb;
	struct vpi_vp *w = NULL;
	bool sleeps;
	int err = 0;

	preempt_disable();
	vpi_lock(k);
	if (resume)
		w = vpi_do_resume(v, resume, fresh);
	if (IS_ERR(w)) {
		err = PTR_ERR(w);
		goto unlock;
	}
	sleeps = !vpi_take(v);
	if (sleeps && deadline <= 0) {
		err = -ETIMEDOUT;
		sleeps = false;
	}
	if (!sleeps) {
		/* The caller goes on; so let the other one find a CPU. */
		if (w)
			vpi_wake(w, false);
		goto unlock;
	}
	vpi_enter_registered(v, deadline);
	if (w)
		vpi_wake(w, true);
	vpi_unlock(k);
	vpi_delay(VPI_DELAY_REGISTER_SLEEP);

	err = vpi_wait(v, VPI_REGISTERED, deadline);
	if (!err)
		return 0;
	vpi_delay(VPI_DELAY_REGISTER_END);
	vpi_lock(k);
	/* An event that was given to us meanwhile goes before signal and deadline. */
	if (v->state != VPI_REGISTERED) {
		err = 0;
	} else {
		vpi_activate(v);
		if (err == -EINTR)
			err = vpi_signalled(v);
	}
	vpi_unlock(k);
	return err;

unlock:
	vpi_unlock(k);
	preempt_enable();
	return err;
}

/*
 * The event could not be written to where the caller wanted it. One that only
 * the caller may have waits for its next call; another goes back to the front
 * of the queue. It must not get lost, so this allocation does not fail; it is
 * small, and we may sleep.
 */
static void vpi_put_back(struct vpi_vp *v)
{
	struct vpi_kcb *k = v->kcb;
	struct vpi_notice *n = v->spent;

	if (v->addressed) {
		v->owed = true;
		return;
	}
	v->spent = NULL;
	vpi_delay(VPI_DELAY_PUT_BACK);
	if (!n)
		n = kzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT | __GFP_NOFAIL);
	n->event = v->event;
	vpi_lock(k);
	vpi_enqueue(k, n);
	list_move(&n->link, &k->queue);
	vpi_rebalance(k, true, false);
	vpi_unlock(k);
}

/*
 * In and out field by field: for so few bytes a copy routine costs more than
 * what it copies, and this is the way of every notification.
 */
static int vpi_get_resume(struct vpi_event *resume,
			  const struct vpi_event __user *event)
{
	if (!user_read_access_begin(event, sizeof(*event)))
		return -EFAULT;
	unsafe_get_user(resume->vp, &event->vp, fault);
	unsafe_get_user(resume->seq, &event->seq, fault);
	unsafe_get_user(resume->arg, &event->arg, fault);
	user_read_access_end();
	return 0;
fault:
	user_read_access_end();
	return -EFAULT;
}

static int vpi_put_event(void __user *to, size_t size, const void *event)
{
	const size_t known = sizeof(struct vpi_event);

	if (!user_write_access_begin(to, known))
		return -EFAULT;
	unsafe_copy_to_user(to, event, known, fault);
	user_write_access_end();
	if (likely(size == known))
		return 0;
	return clear_user(to + known, size - known) ? -EFAULT : 0;
fault:
	user_write_access_end();
	return -EFAULT;
}

SYSCALL_DEFINE4(vpi_register, struct vpi_event __user *, event, size_t, size,
		s64, deadline, unsigned int, flags)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_notice *fresh = NULL;
	struct vpi_event resume;
	int err;

	if (!v)
		return -EPERM;
	if (flags & ~VPI_REGISTER_RESUME)
		return -EINVAL;
	err = vpi_check_size(size, VPI_EVENT_SIZE_VER0);
	if (err)
		return err;
	/*
	 * Whoever comes back from here is not ready to be notified about until
	 * it says so. The VP itself is the only other writer.
	 */
	WRITE_ONCE(v->word->flags, READ_ONCE(v->word->flags) | VPI_NOUPCALL);
	if (flags & VPI_REGISTER_RESUME) {
		err = vpi_get_resume(&resume, event);
		if (err)
			return err;
	}
	/* No event yet; and a bad address is found before anything is done. */
	if (put_user(0, &event->type))
		return -EFAULT;
	if (flags & VPI_REGISTER_RESUME) {
		err = vpi_fresh_notice(resume.vp, &fresh);
		if (err)
			return err;
	}
	vpi_be_active(v);
	err = vpi_do_register(v, flags & VPI_REGISTER_RESUME ? &resume : NULL,
			      &fresh, deadline);
	if (!err) {
		vpi_delay(VPI_DELAY_DELIVER);
		err = vpi_put_event(event, size, &v->event);
		if (err)
			vpi_put_back(v);
	}
	/* Seldom is anything left over: spare the others two calls. */
	if (unlikely(fresh || v->spent)) {
		kfree(fresh);
		kfree(v->spent);
		v->spent = NULL;
	}
	return err;
}

SYSCALL_DEFINE1(vpi_wait_register, unsigned int, count)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_kcb *k;
	int err;

	if (!v)
		return -EPERM;
	if (!count || count > VPI_MAX_VPS)
		return -EINVAL;
	vpi_be_active(v);
	k = v->kcb;
	preempt_disable();
	vpi_lock(k);
	if (k->count[VPI_REGISTERED] >= count) {
		vpi_unlock(k);
		preempt_enable();
		return 0;
	}
	v->wait_for = count;
	vpi_set_state(v, VPI_WAITREGISTER);
	list_add_tail(&v->link, &k->waiting);
	vpi_rebalance(k, false, true);
	vpi_unlock(k);

	err = vpi_wait(v, VPI_WAITREGISTER, VPI_NO_DEADLINE);
	if (!err)
		return 0;
	vpi_delay(VPI_DELAY_WAIT_END);
	vpi_lock(k);
	if (v->state == VPI_WAITREGISTER)
		vpi_activate(v);
	else
		err = 0;
	vpi_unlock(k);
	return err;
}

SYSCALL_DEFINE2(vpi_mode, unsigned int, mask, unsigned int, flags)
{
	struct vpi_vp *v = current->vpi;
	u32 *which, old;
	int err;

	if (!v)
		return -EPERM;
	if (flags & ~VPI_MODE_ALL)
		return -EINVAL;
	err = vpi_check_mask(mask);
	if (err)
		return err;
	which = flags & VPI_MODE_ALL ? &v->kcb->mask : &v->mask;
	vpi_lock(v->kcb);
	old = *which;
	WRITE_ONCE(*which, mask);
	vpi_unlock(v->kcb);
	return old;
}

static void vpi_status_kcb(struct vpi_kcb *k, struct vpi_status *s)
{
	memcpy(s->count, k->count, sizeof(k->count));
	s->system = k->system;
	s->queued = k->queued;
	s->mask = k->mask;
	s->target = k->target;
	s->blocks = k->blocks;
	s->seen = k->seen;
	s->cancels = k->cancels;
	s->unblocked = k->unblocked;
	s->released = k->released;
	s->exits = k->exits;
	s->resumes = k->resumes;
	s->auto_resumes = k->auto_resumes;
	s->signals = k->signals;
	s->preempts = k->preempts;
	s->preempt_cancels = k->preempt_cancels;
}

static void vpi_status_vp(struct vpi_vp *v, struct vpi_status *s)
{
	s->vp_state = v->state;
	s->vp_mask = v->mask;
	s->vp_tid = task_pid_vnr(v->task);
	s->vp_flags = v->flags;
	s->vp_seq = v->seq;
}

SYSCALL_DEFINE3(vpi_status, struct vpi_status __user *, status, size_t, size, u64, vp)
{
	struct vpi_vp *v = current->vpi;
	struct vpi_status s = { };
	struct vpi_kcb *k;
	int err;

	if (!v)
		return -EPERM;
	err = vpi_check_size(size, VPI_STATUS_SIZE_VER0);
	if (err)
		return err;
	k = v->kcb;
	vpi_lock(k);
	vpi_status_kcb(k, &s);
	if (vp != VPI_ANY_VP) {
		v = vpi_find(k, vp);
		if (IS_ERR(v))
			err = PTR_ERR(v);
		else
			vpi_status_vp(v, &s);
	}
	vpi_unlock(k);
	return err ?: vpi_copy_out(status, size, &s, sizeof(s));
}

/* ------------------------------------------------------------------ */
/* /proc                                                                */

static const char * const vpi_state_name[VPI_NR_STATES] = {
	[VPI_ACTIVE]		= "ACTIVE",
	[VPI_REGISTERED]	= "REGISTERED",
	[VPI_BLOCKED_STATE]	= "BLOCKED",
	[VPI_WAITRESUME]	= "WAITRESUME",
	[VPI_WAITREGISTER]	= "WAITREGISTER",
};

/* What a line about a VP says, copied under the lock and printed without it. */
struct vpi_line {
	pid_t		tid;
	u64		handle;
	u64		seq;
	u32		state;
	u32		mask;
	u32		flags;
	u32		word;
};

/* The VP in @slot; false if there is none, or if it is not @only. */
static bool vpi_line_get(struct vpi_kcb *k, u32 slot, struct task_struct *only,
			 struct pid_namespace *ns, struct vpi_line *line)
{
	struct vpi_vp *v;

	vpi_lock(k);
	v = k->slot[slot];
	if (v && only && v->task != only)
		v = NULL;
	if (v)
		*line = (struct vpi_line) {
			.tid	= task_pid_nr_ns(v->task, ns),
			.handle	= v->handle,
			.seq	= v->seq,
			.state	= v->state,
			.mask	= v->mask,
			.flags	= v->flags,
			.word	= READ_ONCE(v->word->flags),
		};
	vpi_unlock(k);
	return v;
}

static void vpi_show_vps(struct seq_file *m, struct pid_namespace *ns,
			 struct vpi_kcb *k, struct task_struct *only)
{
	struct vpi_line line;
	u32 slot;

	for (slot = 0; slot < VPI_MAX_VPS; slot++) {
		/* A hint: whether there is one is decided under the lock. */
		if (!test_bit(slot, k->used) ||
		    !vpi_line_get(k, slot, only, ns, &line))
			continue;
		seq_printf(m, "vp %u tid %d handle %#llx state %s seq %llu mask %#x%s%s%s\n",
			   slot, line.tid, line.handle,
			   vpi_state_name[line.state], line.seq, line.mask,
			   line.flags & VPI_ATTACH_SYSTEM ? " system" : "",
			   line.flags & VPI_ATTACH_NOFAULT ? " nofault" : "",
			   line.word & VPI_NOUPCALL ? " noupcall" : "");
	}
}

static void vpi_show_kcb(struct seq_file *m, struct vpi_kcb *k)
{
	struct vpi_status s = { };

	vpi_lock(k);
	vpi_status_kcb(k, &s);
	vpi_unlock(k);
	seq_printf(m, "active %u registered %u blocked %u waitresume %u waitregister %u system %u\n",
		   s.count[VPI_ACTIVE], s.count[VPI_REGISTERED],
		   s.count[VPI_BLOCKED_STATE], s.count[VPI_WAITRESUME],
		   s.count[VPI_WAITREGISTER], s.system);
	seq_printf(m, "mask %#x target %u queued %u\n",
		   s.mask, s.target, s.queued);
	seq_printf(m, "blocks %llu seen %llu cancels %llu unblocked %llu released %llu exits %llu\n",
		   s.blocks, s.seen, s.cancels, s.unblocked, s.released, s.exits);
	seq_printf(m, "resumes %llu auto_resumes %llu signals %llu\n",
		   s.resumes, s.auto_resumes, s.signals);
	seq_printf(m, "preempts %llu preempt_cancels %llu\n",
		   s.preempts, s.preempt_cancels);
}

static int vpi_show(struct seq_file *m, struct pid_namespace *ns,
		    struct task_struct *task, bool whole)
{
	struct vpi_kcb *k;
	int err;

	err = down_read_killable(&task->signal->exec_update_lock);
	if (err)
		return err;
	err = -EACCES;
	if (!ptrace_may_access(task, PTRACE_MODE_READ_FSCREDS))
		goto out;
	err = 0;
	k = vpi_kcb_get(task);
	if (!k)
		goto out;
	if (whole)
		vpi_show_kcb(m, k);
	vpi_show_vps(m, ns, k, whole ? NULL : task);
	vpi_kcb_put(k);
out:
	up_read(&task->signal->exec_update_lock);
	return err;
}

/* /proc/PID/vpi: the KCB and its VPs; empty for a process without VPI. */
int proc_pid_vpi(struct seq_file *m, struct pid_namespace *ns,
		 struct pid *pid, struct task_struct *task)
{
	return vpi_show(m, ns, task, true);
}

/* /proc/PID/task/TID/vpi: one VP; empty for a plain thread. */
int proc_tid_vpi(struct seq_file *m, struct pid_namespace *ns,
		 struct pid *pid, struct task_struct *task)
{
	return vpi_show(m, ns, task, false);
}

static int __init vpi_init(void)
{
	BUILD_BUG_ON(sizeof(struct vpi_attach) != VPI_ATTACH_SIZE_VER0);
	BUILD_BUG_ON(sizeof(struct vpi_event) != VPI_EVENT_SIZE_VER0);
	BUILD_BUG_ON(sizeof(struct vpi_status) != VPI_STATUS_SIZE_VER1);
	BUILD_BUG_ON(sizeof(struct vpi_kcb_page) != 64);
	BUILD_BUG_ON(sizeof(struct vpi_vp_page) != 64);
	BUILD_BUG_ON(BIT(VPI_SLOT_BITS) < VPI_MAX_VPS);
	BUILD_BUG_ON(VPI_HANDLE_SLOT(~0ULL) != BIT(VPI_SLOT_BITS) - 1);

	vpi_kcb_cache = kmem_cache_create("vpi_kcb", sizeof(struct vpi_kcb), 0,
					  SLAB_PANIC | SLAB_ACCOUNT | SLAB_NO_MERGE, NULL);
	vpi_vp_cache = kmem_cache_create("vpi_vp", sizeof(struct vpi_vp), 0,
					 SLAB_PANIC | SLAB_ACCOUNT | SLAB_NO_MERGE, NULL);
	return 0;
}
core_initcall(vpi_init);
