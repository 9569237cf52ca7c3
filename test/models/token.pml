/*
 * The token protocol of native/addon: VPs take turns on two processors. An
 * access to what VPs share is a step; two are one step where nobody can come
 * between them, or where it makes no difference whether somebody does. What the
 * kernel does for a VP is one step, since kernel.pml is about that, and so is
 * what JavaScript does between two accesses.
 *
 *   VPS      virtual processors; no more are made
 *   CALLS    so many may be in calls at the same time (call.cc: VPS - 1; VPS
 *            is as if some that the pool wanted could not be made)
 *   TARGET   while so many are active, UNBLOCKED waits until one looks; 0: no
 *   HOLD     UNBLOCKED is wanted
 *   PROGRAM  what the threads do
 *
 * Left out: the growing and shrinking pool, system VPs, probes by home
 * threads. A block is known by the number of its call. Time does not pass: a
 * deadline may be over at any moment. Which event a VP is given, and which
 * registered VP is woken for it, is left open where the kernel has an order.
 * RESUMED that wakes somebody for a processor is queued once for each.
 */
#ifndef VPS
#define VPS 3
#endif
#ifndef CALLS
#define CALLS VPS
#endif
#ifndef TARGET
#define TARGET 2
#endif
#ifndef HOLD
#define HOLD 1
#endif
#ifndef PROGRAM
#define PROGRAM 1
#endif

#define NOBODY 255

/* For each VP for which @test is true: it may be @v. */
#define CHOOSE(test, v) \
	:: test(0) -> v = 0 \
	:: test(1) -> v = 1 \
	:: VPS > 2 && test(VPS - 1) -> v = VPS - 1 \
	:: VPS > 3 && test(VPS - 2) -> v = VPS - 2
#define ANY_VP(test) (test(0) || test(1) || \
		      VPS > 2 && test(VPS - 1) || VPS > 3 && test(VPS - 2))

/* ---- The threads -------------------------------------------------------- */

mtype:Op = {
	CALL,	/* a system call that ends by itself, and may block or not */
	READ,	/* one that ends when there was a WRITE, or by CANCEL */
	WRITE,
	TAKE,	/* waits, without the kernel, for a POST; thread 2 does */
	POST,
	SPIN,	/* waits for a POST, and never leaves the isolate */
	SLEEP,	/* waits, without the kernel, for a deadline */
	CANCEL,	/* thread 0 where it is in a call */
	LET_GO,	/* the VP of thread 0: it comes back without its processor */
	GIVE,	/* this processor to another VP, if that is registered */
	FINISH,	/* ends the instance, whatever the others do */
	END
};

#define DO(i, a, b, c) ((i) == 0 -> a : ((i) == 1 -> b : ((i) == 2 -> c : END)))

#if PROGRAM == 1	/* who waits for whom, over both processors */
#define T0(i) DO(i, READ, END, END)
#define T1(i) DO(i, CALL, WRITE, POST)
#define P1 1
#define T2(i) DO(i, TAKE, END, END)
#define P2 0
#elif PROGRAM == 2	/* deadlines, and a call that only CANCEL ends */
#define TIMERS
#define T0(i) DO(i, READ, END, END)
#define T1(i) DO(i, SLEEP, CANCEL, END)
#define P1 0
#define T2(i) DO(i, SLEEP, END, END)
#define P2 1
#elif PROGRAM == 3	/* two threads of one processor in calls */
#define T0(i) DO(i, CALL, CALL, END)
#define T1(i) DO(i, CALL, END, END)
#define P1 0
#define T2(i) DO(i, END, END, END)
#define P2 1
#elif PROGRAM == 4	/* a processor is given away: to whom? */
#define T0(i) DO(i, CALL, END, END)
#define T1(i) DO(i, GIVE, END, END)
#define P1 GIVER
#define T2(i) DO(i, END, END, END)
#define P2 1
#elif PROGRAM == 5	/* a resume that fails, because somebody was faster */
#define T0(i) DO(i, CALL, CALL, END)
#define T1(i) DO(i, LET_GO, END, END)
#define P1 0
#define T2(i) DO(i, END, END, END)
#define P2 1
#elif PROGRAM == 6	/* a processor that computes hinders no other */
#define TIMERS
#define T0(i) DO(i, CALL, SLEEP, POST)
#define T1(i) DO(i, LET_GO, END, END)
#define P1 0
#define T2(i) DO(i, SPIN, END, END)
#define P2 1
#elif PROGRAM == 7	/* the end comes at any time */
#define T0(i) DO(i, CALL, CALL, END)
#define T1(i) DO(i, CALL, END, END)
#define P1 0
#define T2(i) DO(i, FINISH, END, END)
#define P2 1
#endif
#ifndef GIVER
#define GIVER 0
#endif

#define THREADS 3
#define OP(t, i) ((t) == 0 -> T0(i) : ((t) == 1 -> T1(i) : T2(i)))
#define PROCESSOR(t) ((t) == 0 -> 0 : ((t) == 1 -> P1 : P2))

#if CALLS < VPS
#define TIMERS	/* calls that were refused are made later */
#endif

mtype:Thread = {
	READY,
	IN_CALL,
	RESUMABLE,	/* its VP is held, and gets its turn */
	REFUSED,	/* VPs were short for its call */
	TAKING,
	SLEEPING,
	ENDED
};

mtype:Thread thread[THREADS];
byte at[THREADS];		/* its next op */
byte vp_of[THREADS];		/* IN_CALL, RESUMABLE */
bool cancelled;			/* thread 0 */
bool written;
bool posted;

#define DOES(t) OP(t, at[t])
#define IS_ON(t, p, s) (PROCESSOR(t) == (p) && thread[t] == s)
#define ANY_ON(p, s) (IS_ON(0, p, s) || IS_ON(1, p, s) || IS_ON(2, p, s))
#define ALL_ENDED (thread[0] == ENDED && thread[1] == ENDED && thread[2] == ENDED)
#define CHOOSE_THREAD(p, s) \
	:: IS_ON(0, p, s) -> t = 0 \
	:: IS_ON(1, p, s) -> t = 1 \
	:: IS_ON(2, p, s) -> t = 2

/* ---- The kernel --------------------------------------------------------- */

mtype:State = { ACTIVE, REGISTERED, BLOCKED, HELD, GONE };
mtype:News = { NO_NEWS, IS_BLOCKED, IS_UNBLOCKED };
mtype:Upcall = {
	NOTHING,
	UP_BLOCKED,	/* about a VP's call */
	UP_UNBLOCKED,
	UP_WAKE,	/* RESUMED, for a processor that has work */
	UP_GIVEN,	/* RESUMED, with a processor */
	UP_TIMEOUT,
	UP_OVER		/* -ECANCELED */
};

mtype:State state[VPS];
mtype:News news[VPS];		/* of this VP, in the queue */
bool wake[3];			/* in the queue; wake[2]: only to keep time */
bool dated[VPS];		/* registered with a deadline */
mtype:Upcall upcall[VPS];	/* given to this VP ... */
byte about[VPS];		/* a VP, or a processor */
byte cookie[VPS];		/* of this VP's newest call: its processor ... */
byte number[VPS];		/* and its number */
byte told_cookie[VPS];		/* as the upcall has it */
byte told_number[VPS];
bool finishing;			/* vpi_finish() has begun */

#define IS(v, s) (state[v] == s)
#define COUNT(s) (IS(0, s) + IS(1, s) + (VPS > 2 && IS(VPS - 1, s)) + (VPS > 3 && IS(VPS - 2, s)))
#define IS_REGISTERED(v) IS(v, REGISTERED)
#define IS_ACTIVE(v) IS(v, ACTIVE)
#define IS_HELD(v) IS(v, HELD)
#define HAS_NEWS(v) (news[v] != NO_NEWS)
#define ANY_REGISTERED ANY_VP(IS_REGISTERED)
#define QUEUED (wake[0] || wake[1] || wake[2] || ANY_VP(HAS_NEWS))
#define SOMEBODY_LEFT (ANY_VP(IS_ACTIVE) || ANY_REGISTERED)

/* Gives @w one of the events in the queue. */
inline k_take(w) {
	if
	CHOOSE(HAS_NEWS, x)
	:: wake[0] -> x = VPS
	:: wake[1] -> x = VPS + 1
	:: wake[2] -> x = VPS + 2
	fi;
	if
	:: x >= VPS ->
		upcall[w] = UP_WAKE; about[w] = x - VPS; wake[x - VPS] = false
	:: else ->
		upcall[w] = (news[x] == IS_BLOCKED -> UP_BLOCKED : UP_UNBLOCKED);
		about[w] = x; told_cookie[w] = cookie[x]; told_number[w] = number[x];
		news[x] = NO_NEWS
	fi;
	x = 0
}

inline k_end_hold(v) {
	news[v] = NO_NEWS; state[v] = ACTIVE
}

inline k_give(w, news_of, what) {
	upcall[w] = what; about[w] = news_of;
	state[w] = ACTIVE; dated[w] = false
}

/* Who has no deadline is preferred; beyond that, all are alike. */
#define IS_FREE(v) (IS(v, REGISTERED) && !dated[v])
#define FIRST(test, v) \
	:: test(0) -> v = 0 \
	:: !test(0) && test(1) -> v = 1 \
	:: !test(0) && !test(1) && VPS > 2 && test(VPS - 1) -> v = VPS - 1 \
	:: !test(0) && !test(1) && !(VPS > 2 && test(VPS - 1)) && VPS > 3 && test(VPS - 2) -> v = VPS - 2

inline k_find_registered() {
	if
	FIRST(IS_FREE, y)
	:: else ->
		if FIRST(IS_REGISTERED, y) fi
	fi
}

inline k_wake_one() {
	k_find_registered();
	k_take(y);
	state[y] = ACTIVE; dated[y] = false; y = 0
}

inline k_rebalance(must) {
	if
	:: must && QUEUED && ANY_REGISTERED -> k_wake_one()
	:: else
	fi;
	do
	:: QUEUED && ANY_REGISTERED && (TARGET == 0 || COUNT(ACTIVE) < TARGET) -> k_wake_one()
	:: else -> break
	od;
	if
	:: ANY_VP(IS_HELD) && !SOMEBODY_LEFT ->
		if CHOOSE(IS_HELD, y) fi;
		k_end_hold(y); y = 0
	:: else
	fi
}

/* vpi_kernel_resume_arg() of @v, held after call @c: @ok. */
inline k_resume(v, c) {
	ok = !finishing && IS(v, HELD) && number[v] == c;
	if
	:: ok -> k_end_hold(v)
	:: else
	fi
}

/* The same with VPI_SEQ_ANY: @v is held, or registered and is given @p. */
inline k_resume_in_any_case(v, p) {
	ok = !finishing && (IS(v, HELD) || IS(v, REGISTERED));
	if
	:: ok && IS(v, HELD) -> k_end_hold(v)
	:: ok && IS(v, REGISTERED) -> k_give(v, p, UP_GIVEN)
	:: else
	fi
}

/* The same with VPI_ANY_VP: whoever is registered, or registers next. */
inline k_resume_any(p) {
	if
	:: finishing
	:: !finishing && ANY_REGISTERED ->
		k_find_registered();
		k_give(y, p, UP_WAKE); y = 0
	:: !finishing && !ANY_REGISTERED -> wake[p] = true
	fi
}

/* vpi_kernel_register(), up to its sleep. */
inline k_register(with_date) {
	if
	:: finishing -> upcall[me] = UP_OVER
	:: !finishing && QUEUED -> k_take(me)
	:: !finishing && !QUEUED -> state[me] = REGISTERED; dated[me] = with_date
	fi
}

inline k_block() {
	state[me] = BLOCKED; news[me] = IS_BLOCKED;
	k_rebalance(true)
}

/* It is held if somebody knows that it has blocked. */
inline k_unblock() {
	if
	:: news[me] == IS_BLOCKED -> news[me] = NO_NEWS; state[me] = ACTIVE
	:: else ->
		if
		:: HOLD && !finishing && SOMEBODY_LEFT -> state[me] = HELD; news[me] = IS_UNBLOCKED
		:: else -> state[me] = ACTIVE
		fi;
		k_rebalance(false)
	fi
}

/* ---- Processors: token.h, processor.h, timekeeper.cc, pool.cc ----------- */

#define NO_CALL 0
#define IDLE 0
#define RUNNING(v) (1 + (v))
#define SYSCALL(v, c) (16 + 8 * (v) + (c))
#define GRANTED(v, c) (64 + 8 * (v) + (c))
#define IS_RUNNING(p) (token[p] >= 1 && token[p] < 16)

byte token[2];
bool wanted[2];
bool starves[2];
bool deadline[2];		/* there is one */
typedef inbox_t { bool unblocked[VPS]; bool detached[VPS]; bool resumed };
inbox_t inbox[2];
typedef managers_t { byte vp[VPS] };
managers_t thread_of[2];	/* in whose call the VP's manager there is */
byte inside[2];			/* VPs in the isolate */

byte held_block[VPS];		/* Held::block */
bool offered[VPS];		/* Held::offered */

byte calls;			/* calls_under_way */
byte keeper = NOBODY;
bool clock_mutex;
bool ending;
bool stopped;			/* stop_javascript() is over */

#define IN_INBOX(p, v) (inbox[p].unblocked[v] || inbox[p].detached[v])
#define HAS_WORK(p) (wanted[p] || inbox[p].resumed || IN_INBOX(p, 0) || IN_INBOX(p, 1) || \
		     VPS > 2 && IN_INBOX(p, VPS - 1) || VPS > 3 && IN_INBOX(p, VPS - 2))

inline swap(p, from, to) {
	ok = token[p] == from;
	if
	:: ok -> token[p] = to
	:: else
	fi
}

/* The owner's own move. */
inline move(p, from, to) {
	assert(token[p] == from); token[p] = to
}

/* If it is idle it is @next. That nobody wants it any more is written on the way in. */
inline claim(p) {
	if
	:: token[p] == IDLE -> token[p] = RUNNING(me); next = p
	:: else
	fi
}

inline wake_processor(p) {
	wanted[p] = true;
	atomic {
		if
		:: token[p] == IDLE -> k_resume_any(p)
		:: else
		fi
	}
}

#define IS_DATED(p) (token[p] == IDLE && deadline[p])

#ifdef TIMERS

/* @ok: there is a deadline to be kept, and this VP is to keep it. */
inline keep_time() {
	atomic { !clock_mutex -> clock_mutex = true; ok = IS_DATED(0) }
	atomic {
		ok = (ok || IS_DATED(1)) && (keeper == NOBODY || keeper == me);
		if
		:: ok -> keeper = me
		:: else
		fi;
		clock_mutex = false
	}
}

/* @time_left: there is one that @who, which is the timekeeper, keeps no longer. */
inline stop_keeping_time(who) {
	atomic {
		!clock_mutex;
		if
		:: keeper == who -> keeper = NOBODY; clock_mutex = true; ok = true; time_left = IS_DATED(0)
		:: else
		fi
	}
	if
	:: ok -> atomic { time_left = time_left || IS_DATED(1); ok = false; clock_mutex = false }
	:: else
	fi
}

inline pass_on_the_clock() {
	if
	:: time_left -> atomic { k_resume_any(2); time_left = false }
	:: else
	fi
}

#else
#define keep_time()
#define stop_keeping_time(who)
#define pass_on_the_clock()
#endif

/* ---- What upcalls mean: settle.cc --------------------------------------- */

inline load_upcall() {
	v = about[me]; p = told_cookie[me]; c = told_number[me]; what = upcall[me];
	upcall[me] = NOTHING; about[me] = 0; told_cookie[me] = 0; told_number[me] = 0
}

/* After a push. */
inline tell(p) {
	if
	:: current == NOBODY -> atomic { claim(p) }
	:: current != NOBODY && current != p -> wake_processor(p)
	:: else
	fi
}

/* Its first step, on the token: @ok. */
inline settle_token() {
	if
	:: what == UP_BLOCKED -> swap(p, SYSCALL(v, c), RUNNING(me))
	:: what == UP_UNBLOCKED ->
		if
		:: held_block[v] < c -> held_block[v] = c
		:: else
		fi;
		if
		:: p != current -> swap(p, IDLE, GRANTED(v, c))
		:: else
		fi
	:: what == UP_WAKE ->
		p = v;
		if
		:: p < 2 && current == NOBODY -> claim(p)
		:: p < 2 && current != NOBODY -> ok = p != current && token[p] == IDLE
		:: else	/* to keep time: its next register does */
		fi
	:: what == UP_GIVEN ->
		p = v;
		if
		:: current == NOBODY -> swap(p, GRANTED(me, NO_CALL), RUNNING(me))
		:: else
		fi
	:: else
	fi
}

inline offer_failed() {
	atomic { swap(p, GRANTED(v, c), RUNNING(me)) }
	if
	:: ok && current == NOBODY -> next = p
	:: ok && current != NOBODY ->
		/* It was not idle for a moment: who has looked then has found no deadline. */
		atomic { move(p, RUNNING(me), IDLE) }
		wake_processor(p)
	:: else
	fi
}

inline settle_rest() {
	if
	:: what == UP_BLOCKED && ok && current == NOBODY -> next = p
	:: what == UP_BLOCKED && ok && current != NOBODY ->
		atomic { deadline[p] = false; move(p, RUNNING(me), IDLE) }
		wake_processor(p)
	:: what == UP_UNBLOCKED && ok ->
		atomic { k_resume(v, c) }
		if
		:: !ok -> offer_failed()
		:: else
		fi
	:: what == UP_UNBLOCKED && !ok -> inbox[p].unblocked[v] = true; tell(p)
	:: what == UP_WAKE && ok -> wake_processor(p)
	:: what == UP_GIVEN && ok -> inbox[p].resumed = true; next = p
	:: what == UP_GIVEN && !ok -> inbox[p].resumed = true; tell(p)
	:: else
	fi;
	atomic { what = NOTHING; ok = false; v = 0; p = 0; c = 0 }
}

/* ---- In the isolate: lib/vpi/dispatch.ts, lib/templates ----------------- */

/* The manager's thread of @v is back from its call. */
inline has_returned(v) {
	t = thread_of[current].vp[v];
	thread[t] = READY; at[t]++; vp_of[t] = 0;
	thread_of[current].vp[v] = NOBODY
}

inline take_upcalls_of(v) {
	if
	:: inbox[current].unblocked[v] ->
		t = thread_of[current].vp[v];
		/* It may have gone on already. */
		if
		:: t != NOBODY && thread[t] == IN_CALL -> thread[t] = RESUMABLE
		:: else
		fi
	:: else
	fi;
	if
	:: inbox[current].detached[v] -> has_returned(v)
	:: else
	fi;
	inbox[current].unblocked[v] = false;
	inbox[current].detached[v] = false
}

inline drain() {
	take_upcalls_of(0); take_upcalls_of(1);
	if
	:: VPS > 2 -> take_upcalls_of(VPS - 1)
	:: else
	fi;
	if
	:: VPS > 3 -> take_upcalls_of(VPS - 2)
	:: else
	fi;
	inbox[current].resumed = false; t = 0
}

inline fire_timers() {
	for (t : 0 .. THREADS - 1) {
		if
		:: IS_ON(t, current, SLEEPING) -> thread[t] = READY
		:: else
		fi
	}
	t = 0
}

/* Only the owner of the processor is there. */
inline enter_isolate() {
	assert(token[current] == RUNNING(me)); assert(inside[current] == 0); assert(!stopped);
	inside[current]++
}

inline leave_isolate() {
	assert(inside[current] == 1);
	inside[current]--
}

/* ---- The native loop of a VP: loop.cc, call.cc -------------------------- */

mtype:Entry = { NEWS, RESULT, TIMEOUT, REFUSAL };

/* May the call of thread @t return? */
#define IS_OVER(t) (finishing || DOES(t) == CALL || written || cancelled && (t) == 0)
#define MY_THREAD thread_of[current].vp[me]

proctype VP(byte me; byte next) {
	byte current = NOBODY, made = NO_CALL;	/* the processor it owns; its calls */
	byte t = 0, v = 0, p = 0, c = 0, made_by_v = 0, x = 0, y = 0;
	mtype:Upcall what = NOTHING;
	mtype:Entry entry = NEWS;
	bool ok = false, time_left = false, may_call = false;

	if
	:: next == NOBODY -> goto REGISTERED_UNTIL
	:: else
	fi;

LOOP:	/* Vp::run() */
	atomic {
		if
		:: ending -> goto OUT
		:: !ending && next == NOBODY -> goto WAIT
		:: else
		fi;

		/* Vp::enter() */
		current = next; next = NOBODY;
		enter_isolate();
		wanted[current] = false;
		may_call = entry != REFUSAL;
		if
		:: entry == RESULT ->
			if
			:: MY_THREAD != NOBODY -> has_returned(me); t = 0
			:: else
			fi
		:: entry == REFUSAL -> t = MY_THREAD; thread[t] = REFUSED; MY_THREAD = NOBODY; t = 0
		:: entry == NEWS -> drain()
		:: entry == TIMEOUT -> drain(); fire_timers()
		fi;
		entry = NEWS;

MANAGER:
		if
		:: ending -> goto LEAVE	/* V8 was told to terminate */
		:: QUEUED -> k_take(me); load_upcall(); settle_token(); goto POLLED
		:: ANY_ON(current, READY) -> if CHOOSE_THREAD(current, READY) fi
		:: ANY_ON(current, RESUMABLE) ->
			if CHOOSE_THREAD(current, RESUMABLE) fi;
			thread[t] = IN_CALL; v = vp_of[t]; t = 0;
			goto RESUME_AND_REGISTER
		:: !ANY_ON(current, READY) && !ANY_ON(current, RESUMABLE) ->
			if
			:: ALL_ENDED -> goto FINISH_INSTANCE
			:: !ALL_ENDED && may_call && ANY_ON(current, REFUSED) ->
				if CHOOSE_THREAD(current, REFUSED) fi;
				goto MAKE_CALL
			:: else -> goto GO_IDLE
			fi
		fi;

RUN:		/* Thread t. */
		if
		:: DOES(t) == CALL || DOES(t) == READ -> goto MAKE_CALL
		:: DOES(t) == WRITE -> written = true; at[t]++; goto RUN
		:: DOES(t) == CANCEL -> cancelled = true; at[t]++; goto RUN
		:: DOES(t) == TAKE ->
			if
			:: posted -> at[t]++; goto RUN
			:: else -> thread[t] = TAKING; t = 0; goto MANAGER
			fi
		:: DOES(t) == POST ->
			at[t]++;
			if
			:: thread[2] == TAKING -> thread[2] = READY; at[2]++; ok = true
			:: else -> posted = true; goto RUN
			fi
		:: DOES(t) == SPIN -> goto COMPUTE
		:: DOES(t) == SLEEP -> thread[t] = SLEEPING; at[t]++; t = 0; goto MANAGER
		:: DOES(t) == LET_GO ->
			at[t]++;
			if
			:: thread[0] == IN_CALL || thread[0] == RESUMABLE -> v = vp_of[0]; t = 0; goto LET_IT_GO
			:: else -> goto RUN
			fi
		:: DOES(t) == GIVE -> at[t]++; t = 0; v = (me == 0 -> 1 : 0); goto RESUME_AND_REGISTER
		:: DOES(t) == FINISH -> goto FINISH_INSTANCE
		:: DOES(t) == END -> thread[t] = ENDED; at[t] = 0; t = 0; goto MANAGER
		fi
	}
	wake_processor(P2);
	atomic { ok = false; t = 0; goto MANAGER }

COMPUTE:
	atomic { posted || ending -> at[t]++; t = 0; goto MANAGER }

POLLED:	/* poll_notification() */
	settle_rest();
	atomic { drain(); goto MANAGER }

LET_IT_GO:	/* resume_vp() */
	c = held_block[v];
	if
	:: c != NO_CALL -> atomic { k_resume(v, c); ok = ok || IS(v, BLOCKED) && number[v] == c }
	:: else
	fi;
	if
	:: !ok -> atomic { k_resume_in_any_case(v, current) }
	:: else
	fi;
	atomic { ok = false; v = 0; c = 0; goto MANAGER }

GO_IDLE:
	atomic {
		leave_isolate();
		deadline[current] = ANY_ON(current, SLEEPING) || ANY_ON(current, REFUSED);
		move(current, RUNNING(me), IDLE)
	}
	atomic {
		if
		:: HAS_WORK(current) -> claim(current)
		:: else
		fi;
		current = NOBODY;
		goto LOOP
	}

WAIT:	/* Vp::wait(). It looks at one processor after the other. */
	atomic {
		if
		:: HAS_WORK(0) -> claim(0)
		:: HAS_WORK(1) -> claim(1)
		:: !HAS_WORK(0) && !HAS_WORK(1)
		fi
	}
	if
	:: next != NOBODY -> stop_keeping_time(NOBODY); pass_on_the_clock(); goto LOOP
	:: else
	fi;
	keep_time();
	atomic { k_register(ok); ok = false }

REGISTERED_UNTIL:	/* Vp::registered() */
	atomic {
		if
		:: IS(me, ACTIVE)
		:: IS(me, REGISTERED) && dated[me] -> k_give(me, 0, UP_TIMEOUT)
		fi;
		load_upcall()
#ifdef TIMERS
	}
	stop_keeping_time(me);
	atomic {
#else
		;
#endif
		if
		:: what == UP_TIMEOUT ->
			if
			:: IS_DATED(0) -> claim(0)
			:: IS_DATED(1) -> claim(1)
			:: !IS_DATED(0) && !IS_DATED(1)
			fi;
			if
			:: next != NOBODY -> entry = TIMEOUT
			:: else
			fi
		:: else -> settle_token()
		fi
	}
	settle_rest();
	if
	:: next != NOBODY -> pass_on_the_clock()
	:: else -> time_left = false
	fi;
	goto LOOP;

RESUME_AND_REGISTER:
	atomic {
		leave_isolate();
		c = held_block[v];
		if
		:: c != NO_CALL && cookie[v] == current ->
			made_by_v = number[v]; move(current, RUNNING(me), GRANTED(v, made_by_v)); p = current; current = NOBODY
		:: else ->
			move(current, RUNNING(me), GRANTED(v, NO_CALL)); offered[v] = true; goto GIVE_PROCESSOR
		fi
	}
	keep_time();
	atomic {
		time_left = ok;
		k_resume(v, c);
		if
		:: ok || finishing ->
			k_register(time_left);
			time_left = false; ok = false; v = 0; p = 0; c = 0; made_by_v = 0;
			goto REGISTERED_UNTIL
		:: else -> time_left = false
		fi
	}
	stop_keeping_time(me);
	pass_on_the_clock();
	atomic {
		swap(p, GRANTED(v, made_by_v), RUNNING(me));
		if
		:: ok -> next = p; entry = RESULT
		:: else
		fi;
		ok = false; v = 0; p = 0; c = 0; made_by_v = 0;
		goto LOOP
	}

GIVE_PROCESSOR:
	atomic {
		k_resume_in_any_case(v, current);
		if
		:: ok -> ok = false; current = NOBODY; v = 0; c = 0; goto LOOP
		:: else
		fi
	}
	atomic {
		swap(current, GRANTED(v, NO_CALL), RUNNING(me));
		if
		:: ok -> next = current; entry = RESULT
		:: else
		fi;
		ok = false; current = NOBODY; v = 0; c = 0;
		goto LOOP
	}

MAKE_CALL:	/* Vp::system_call() */
	atomic {
		leave_isolate();
		thread[t] = IN_CALL; vp_of[t] = me; MY_THREAD = t;
#if CALLS < VPS
		if
		:: calls < CALLS -> calls++; goto ADMITTED
		:: else -> starves[current] = true
		fi
	}
	atomic {
		if
		:: calls < CALLS -> calls++
		:: else -> next = current; current = NOBODY; entry = REFUSAL; t = 0; goto LOOP
		fi
	}
ADMITTED:
	atomic {
#endif
		made++; assert(made < 8);
		cookie[me] = current; number[me] = made;
		move(current, RUNNING(me), SYSCALL(me, made));
		if
		:: IS_OVER(t)
		:: DOES(t) == CALL || !IS_OVER(t) -> k_block(); ok = true
		fi
	}
	if
	:: ok -> atomic { IS_OVER(t) -> k_unblock(); ok = false }
	:: else
	fi;
	t = 0;
#if CALLS < VPS
	IS(me, ACTIVE);
	calls--;
	atomic { ok = starves[0]; starves[0] = false }
	if
	:: ok -> ok = false; wake_processor(0)
	:: else
	fi;
	atomic { ok = starves[1]; starves[1] = false }
	if
	:: ok -> ok = false; wake_processor(1)
	:: else
	fi;
#endif
	atomic {
		IS(me, ACTIVE);
		held_block[me] = NO_CALL;
		if
		:: ending -> goto OUT
		:: !ending && offered[me] -> offered[me] = false; goto TURN_DOWN
		:: else
		fi
	}
CALL_OVER:
	atomic {
		if
		:: token[current] == SYSCALL(me, made) || token[current] == GRANTED(me, made) ->
			token[current] = RUNNING(me); next = current; entry = RESULT; current = NOBODY;
			goto LOOP
		:: else
		fi
	}
	goto LOSE_PROCESSOR;

TURN_DOWN:	/* It was held, and resumed as if it had been registered. */
	atomic { swap(0, GRANTED(me, NO_CALL), RUNNING(me)) }
	if
	:: ok -> ok = false; atomic { move(0, RUNNING(me), IDLE) } wake_processor(0)
	:: else
	fi;
	atomic { swap(1, GRANTED(me, NO_CALL), RUNNING(me)) }
	if
	:: ok -> ok = false; atomic { move(1, RUNNING(me), IDLE) } wake_processor(1)
	:: else
	fi;
	goto CALL_OVER;

LOSE_PROCESSOR:
	atomic {
		claim(current);
		if
		:: next != NOBODY -> entry = RESULT; current = NOBODY; goto LOOP
		:: else -> p = current; current = NOBODY
		fi
	}
	inbox[p].detached[me] = true;
	tell(p);
	atomic { p = 0; goto LOOP }

FINISH_INSTANCE:
	ending = true;
LEAVE:
	atomic { leave_isolate(); goto OUT }

OUT:
	atomic {
		if
		:: next != NOBODY -> current = next; next = NOBODY
		:: else
		fi;
		if
		:: current != NOBODY && token[current] == RUNNING(me) -> move(current, RUNNING(me), IDLE)
		:: else
		fi;
		current = NOBODY; what = NOTHING; v = 0; p = 0; c = 0; t = 0;
		ok = false; time_left = false; may_call = false; made = 0; entry = NEWS
	}
	atomic { state[me] = GONE; k_rebalance(false) }
}

/* The home thread of processor 0: instance.cc. A system VP. */
proctype Home() {
	byte y = 0;
	bool runs = false;

	ending;
	/* stop_javascript(); what it would tell again and again, it waits for here. */
	do
	:: IS_RUNNING(0) -> !IS_RUNNING(0); runs = true
	:: else ->
		if
		:: IS_RUNNING(1) -> !IS_RUNNING(1); runs = true
		:: else ->
			if
			:: runs -> runs = false
			:: else -> break
			fi
		fi
	od;
	stopped = true;
	/* vpi_finish(): nobody is held any more, and whoever waits is interrupted. */
	finishing = true;
	do
	:: atomic { ANY_VP(IS_HELD) -> if CHOOSE(IS_HELD, y) fi; k_end_hold(y); y = 0 }
	:: atomic { ANY_REGISTERED -> if CHOOSE(IS_REGISTERED, y) fi; k_give(y, 0, UP_OVER); y = 0 }
	:: COUNT(GONE) == VPS -> break
	od
}

/* VP 0 has processor 0, VP 1 was woken for processor 1, the others are registered. */
init {
	byte i = 0;
	d_step {
		for (i : 0 .. VPS - 1) {
			state[i] = (i < 2 -> ACTIVE : REGISTERED); news[i] = NO_NEWS; upcall[i] = NOTHING;
			thread_of[0].vp[i] = NOBODY; thread_of[1].vp[i] = NOBODY
		}
		for (i : 0 .. THREADS - 1) { thread[i] = READY }
		token[0] = RUNNING(0);
		wanted[1] = true; upcall[1] = UP_WAKE; about[1] = 1
	}
	atomic {
		run Home();
		run VP(0, 0);
		for (i : 1 .. VPS - 1) { run VP(i, NOBODY) }
		i = 0
	}
}
