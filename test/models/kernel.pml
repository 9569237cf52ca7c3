/*
 * The kernel's side: kernel-patch/kernel/schedvpi.c under a simple thread
 * system. What happens under kcb->lock is one step, but for the wake-ups at
 * its end; what happens outside of it is one step for each look.
 *
 *   VPS       virtual processors
 *   CALLS     system calls that each of two threads makes
 *   TARGET    0: none
 *   MASK      1: BLOCKED is wanted, 2: UNBLOCKED, 3: both
 *
 * and how often may happen, at any time,
 *
 *   SIGNALS   a signal with a handler, to any VP
 *   SPURIOUS  a wake-up of a VP that sleeps in a call
 *   DATES     a deadline of a vpi_register() that is over
 *   POKES     vpi_resume() of any VP, held or not, with VPI_SEQ_ANY
 *   WAITS     vpi_wait_register(1)
 *   FAULTS    an event that cannot be written to its address
 *   QUIET     a call with NOUPCALL set
 *   MODES     vpi_mode(): UNBLOCKED is not wanted any more
 *   EXITS     a manager that leaves
 *   KILLS     SIGKILL
 *
 * Thread 0's call ends when thread 1 has ended, so somebody must be told that
 * it has blocked. Left out: CPUs, the shared page, and which event comes first
 * and which registered VP for it, where nothing but fairness depends on that.
 */
#ifndef VPS
#define VPS 3
#endif
#ifndef CALLS
#define CALLS 1
#endif
#ifndef TARGET
#define TARGET 0
#endif
#ifndef MASK
#define MASK 3
#endif
#ifndef SIGNALS
#define SIGNALS 0
#endif
#ifndef SPURIOUS
#define SPURIOUS 0
#endif
#ifndef DATES
#define DATES 0
#endif
#ifndef POKES
#define POKES 0
#endif
#ifndef WAITS
#define WAITS 0
#endif
#ifndef FAULTS
#define FAULTS 0
#endif
#ifndef QUIET
#define QUIET 0
#endif
#ifndef MODES
#define MODES 0
#endif
#ifndef EXITS
#define EXITS 0
#endif
#ifndef KILLS
#define KILLS 0
#endif

#define NOBODY 255

#define COUNT(test) (test(0) + test(1) + (VPS > 2 && test(VPS - 1)) + (VPS > 3 && test(VPS - 2)))
#define ANY(test) (test(0) || test(1) || VPS > 2 && test(VPS - 1) || VPS > 3 && test(VPS - 2))
/* For each VP for which @test is true: it may be @v. */
#define CHOOSE(test, v) \
	:: test(0) -> v = 0 \
	:: test(1) -> v = 1 \
	:: VPS > 2 && test(VPS - 1) -> v = VPS - 1 \
	:: VPS > 3 && test(VPS - 2) -> v = VPS - 2

/* ---- struct vpi_vp, struct vpi_kcb, struct task_struct ------------------ */

mtype:State = { ACTIVE, REGISTERED, BLOCKED, WAITRESUME, WAITREGISTER, GONE };
mtype:Event = { NONE, IS_BLOCKED, IS_UNBLOCKED, IS_RESUMED };

mtype:State state[VPS];
bool seen[VPS];
byte seq[VPS];
byte handlers[VPS];
bool dated[VPS];		/* registered with a deadline */
mtype:Event news[VPS];		/* vpi_vp::notice, in the queue */
mtype:Event event[VPS];		/* what the VP carries: its type, ... */
byte about[VPS];		/* the VP that it is about, ... */
byte number[VPS];		/* and that one's block */

byte free_standing;		/* RESUMED, for whoever registers next */
mtype:Event returned;		/* the event that was put back, if there is one */
byte returned_about;
byte returned_number;

bool asleep[VPS];		/* task_struct::__state is not TASK_RUNNING */
bool pf_vpi[VPS];
bool tif_vpi[VPS];
bool signal[VPS];		/* TIF_SIGPENDING */
bool noupcall[VPS];
bool killed;			/* a fatal signal is pending for all */

bool locked;			/* kcb->lock, while its owner wakes others */
byte mask = MASK;
/* Differences of the counters. */
byte unseen;			/* blocks - seen - cancels */
byte unended;			/* seen - unblocked - released - exits */

#define IS(v, s) (state[v] == s)
#define IS_ACTIVE(v) IS(v, ACTIVE)
#define IS_REGISTERED(v) IS(v, REGISTERED)
#define IS_HELD(v) IS(v, WAITRESUME)
#define IS_WAITING(v) IS(v, WAITREGISTER)
#define HAS_NEWS(v) (news[v] != NONE)
#define HAS_BLOCKED(v) (news[v] == IS_BLOCKED)
#define IS_IN_SEEN_BLOCK(v) (IS(v, BLOCKED) && seen[v])
#define QUEUED (returned != NONE || free_standing > 0 || ANY(HAS_NEWS))
#define SIGNAL_PENDING(v) (signal[v] || killed)

/* vpi_check_kcb(), and the documented sums. */
inline check_kcb() {
	assert(!(QUEUED && ANY(IS_REGISTERED) && (TARGET == 0 || COUNT(IS_ACTIVE) < TARGET)));
	assert(!(ANY(IS_HELD) && !ANY(IS_ACTIVE) && !ANY(IS_REGISTERED)));
	assert(unseen == COUNT(HAS_BLOCKED));
	assert(unended == COUNT(IS_IN_SEEN_BLOCK))
}

/* The lock is kept if there is somebody to wake. */
inline unlock() {
	check_kcb();
	locked = to_wake != 0
}

/* One after the other, with the lock. They need not be asleep. */
inline wake_up() {
	do
	:: to_wake != 0 ->
		atomic {
			x = (to_wake & 1 -> 0 : (to_wake & 2 -> 1 : (to_wake & 4 -> 2 : 3)));
			asleep[x] = false;
			to_wake = to_wake & (to_wake - 1);
			locked = to_wake != 0; x = 0
		}
	:: else -> break
	od
}

/* ---- With the lock ------------------------------------------------------ */

/* vpi_set_state() to ACTIVE, and who sleeps because of the other state shall see that. */
inline activate(v) {
	state[v] = ACTIVE; dated[v] = false;
	to_wake = to_wake | (1 << v)
}

inline end_hold(v) {
	news[v] = NONE; handlers[v] = 0;
	activate(v)
}

inline announce(what) {
	assert(news[me] == NONE);
	news[me] = what
}

/* vpi_take(): gives @w one of the events in the queue. */
inline take(w) {
	if
	:: returned != NONE ->
		event[w] = returned; about[w] = returned_about; number[w] = returned_number;
		returned = NONE; returned_about = 0; returned_number = 0
	:: returned == NONE && free_standing > 0 -> event[w] = IS_RESUMED; free_standing--
	:: returned == NONE && ANY(HAS_NEWS) ->
		if CHOOSE(HAS_NEWS, x) fi;
		event[w] = news[x]; about[w] = x; number[w] = seq[x];
		if
		:: news[x] == IS_BLOCKED -> seen[x] = true; unseen--; unended++
		:: else -> assert(seen[x])	/* BLOCKED was there before */
		fi;
		news[x] = NONE; x = 0
	fi
}

/* Who has no deadline is preferred; beyond that, all are alike. */
#define IS_FREE(v) (IS_REGISTERED(v) && !dated[v])
inline find_registered() {
	y = 0;
	do
	:: IS_FREE(y) || !ANY(IS_FREE) && IS_REGISTERED(y) -> break
	:: else -> y++
	od
}

inline wake_one() {
	find_registered();
	take(y); activate(y); y = 0
}

inline rebalance(must) {
	if
	:: must && QUEUED && ANY(IS_REGISTERED) -> wake_one()
	:: else
	fi;
	do
	:: QUEUED && ANY(IS_REGISTERED) && (TARGET == 0 || COUNT(IS_ACTIVE) < TARGET) -> wake_one()
	:: else -> break
	od;
	if
	:: ANY(IS_HELD) && !ANY(IS_ACTIVE) && !ANY(IS_REGISTERED) ->
		if CHOOSE(IS_HELD, y) fi;
		end_hold(y); y = 0
	:: else
	fi
}

/* VPI_ANY_VP. */
inline resume_any() {
	if
	:: ANY(IS_REGISTERED) -> find_registered(); event[y] = IS_RESUMED; activate(y); y = 0
	:: else -> free_standing++
	fi
}

inline end_wait_register() {
	for (y : 0 .. VPS - 1) {
		if
		:: IS_WAITING(y) -> activate(y)
		:: else
		fi
	}
	y = 0
}

/* ---- The threads -------------------------------------------------------- */

byte calls_left[2];
bool is_ready[2];
bool has_ended[2];
byte ready_block[VPS];		/* UNBLOCKED has told of this block: 0, of none */
mtype:Call = { NO_CALL, UNDER_WAY, OVER };
mtype:Call call[VPS];
bool is_deep[VPS];		/* its sleep is one that signals do not end */

#define IS_TOLD(v) (ready_block[v] != 0)
#define ALL_ENDED (has_ended[0] && has_ended[1])
#define IS_GONE(v) IS(v, GONE)

byte signals = SIGNALS, spurious = SPURIOUS, dates = DATES, pokes = POKES, waits = WAITS;
byte faults = FAULTS, quiet = QUIET, modes = MODES, exits = EXITS, kills = KILLS;

/* ---- A VP --------------------------------------------------------------- */

/* vpi_block(), on the way to sleep. */
inline block() {
	atomic {
		if
		:: pf_vpi[me] && IS_ACTIVE(me) && !noupcall[me] && mask && (is_deep[me] || !SIGNAL_PENDING(me)) ->
			!locked;
			seq[me]++;
			state[me] = BLOCKED;
			if
			:: mask & 1 -> seen[me] = false; unseen++; announce(IS_BLOCKED); rebalance(true)
			:: else -> seen[me] = true; unended++; rebalance(false)
			fi;
			unlock()
		:: else
		fi
	}
	wake_up()
}

#define WAKES_FOR_SIGNAL (SIGNAL_PENDING(me) && !is_deep[me])

proctype VP(byte me) {
	byte t = NOBODY;		/* the thread that it runs */
	byte v = 0, x = 0, y = 0, to_wake = 0, frames = 0;
	mtype:State from = ACTIVE;	/* what vpi_wait() waits in */
	bool expired = false, has_date = false;

	if
	:: me > 0 -> goto REGISTER
	:: else
	fi;

MANAGER:	/* In user mode, with NOUPCALL set. */
	atomic {
		v = 0;
		if
		:: killed -> goto EXIT
		:: else
		fi;
		assert(IS_ACTIVE(me));
		signal[me] = false;
		if
		:: event[me] == IS_UNBLOCKED && ready_block[about[me]] < number[me] -> ready_block[about[me]] = number[me]
		:: else
		fi;
		event[me] = NONE; about[me] = 0; number[me] = 0;
		if
		:: ALL_ENDED -> goto LEAVE
		:: is_ready[0] -> t = 0; is_ready[t] = false; goto CALL
		:: is_ready[1] -> t = 1; is_ready[t] = false; goto CALL
		:: ANY(IS_TOLD) -> if CHOOSE(IS_TOLD, v) fi; goto RESUME_AND_REGISTER
		:: !ALL_ENDED && !is_ready[0] && !is_ready[1] && !ANY(IS_TOLD) -> goto REGISTER
		:: !ALL_ENDED && !is_ready[0] && !is_ready[1] && !ANY(IS_TOLD) && exits -> exits--; goto EXIT
		:: !ALL_ENDED && pokes -> pokes--; goto POKE
		:: !ALL_ENDED && waits -> waits--; goto WAIT_REGISTER
		:: !ALL_ENDED && modes -> modes--; mask = mask & 1
		fi
	}
	goto MANAGER;

	/* ---- System calls of VPI ---- */

POKE:
	atomic {
		if
		:: v = 0
		:: v = 1
		:: VPS > 2 -> v = VPS - 1
		fi;
		!locked;
		if
		:: IS_HELD(v) -> end_hold(v)
		:: IS_REGISTERED(v) -> event[v] = IS_RESUMED; activate(v)
		:: else	/* EAGAIN, ESRCH */
		fi;
		unlock()
	}
	wake_up();
	goto MANAGER;

RESUME_AND_REGISTER:
	atomic {
		!locked;
		y = ready_block[v];
		ready_block[v] = 0;
		if
		:: IS_HELD(v) && seq[v] == y -> y = 0; end_hold(v); goto DO_REGISTER
		:: else -> y = 0; goto MANAGER	/* ESTALE */
		fi
	}

REGISTER:
	atomic {
		!locked;
DO_REGISTER:	v = 0;
		noupcall[me] = true;
		if
		:: QUEUED -> take(me)
		:: else ->
			state[me] = REGISTERED;
			if
			:: dates -> dates--; has_date = true; dated[me] = true
			:: true
			fi;
			end_wait_register();
			from = REGISTERED
		fi;
		unlock()
	}
	wake_up();
	if
	:: from == REGISTERED -> goto WAIT
	:: else -> goto REGISTERED_END
	fi;

WAIT_REGISTER:
	atomic {
		!locked;
		if
		:: ANY(IS_REGISTERED)
		:: else -> state[me] = WAITREGISTER; from = WAITREGISTER; rebalance(false)
		fi;
		unlock()
	}
	wake_up();
	if
	:: from == WAITREGISTER -> goto WAIT
	:: else -> goto MANAGER
	fi;

	/* ---- vpi_wait() ---- */

WAIT:	pf_vpi[me] = false;
	do
	:: asleep[me] = true;
		atomic {
			if
			:: state[me] != from -> break
			:: else ->
				if
				:: SIGNAL_PENDING(me) || expired -> break
				:: else
				fi
			fi
		}
		block();	/* schedule() */
		atomic {
			if
			:: !asleep[me] || SIGNAL_PENDING(me)
			:: has_date -> expired = true
			fi
		}
	od;
	atomic {
		asleep[me] = false; pf_vpi[me] = true; expired = false; has_date = false;
		if
		:: from == WAITRESUME -> goto HOLD_END
		:: else
		fi
	}
	atomic {
		!locked;
		if
		:: state[me] == from -> state[me] = ACTIVE; dated[me] = false
		:: else
		fi;
		unlock()
	}

REGISTERED_END:
	atomic {
		from = ACTIVE;
		if
		:: event[me] != NONE && event[me] != IS_RESUMED && faults -> faults--
		:: true -> goto MANAGER
		fi
	}
	/* vpi_put_back() */
	atomic {
		!locked;
		returned = event[me]; returned_about = about[me]; returned_number = number[me];
		event[me] = NONE; about[me] = 0; number[me] = 0;
		rebalance(true);
		unlock()
	}
	wake_up();
	goto MANAGER;

	/* ---- A system call of the thread ---- */

CALL:
	atomic {
		if
		:: calls_left[t] == 0 -> has_ended[t] = true; t = NOBODY; goto MANAGER
		:: else
		fi;
		calls_left[t]--;
		call[me] = UNDER_WAY; is_deep[me] = t == 1;
		if
		:: noupcall[me] = false
		:: quiet && t == 1 -> quiet--
		fi
	}
	do
	:: asleep[me] = true;
		if
		:: call[me] == OVER || WAKES_FOR_SIGNAL -> break
		:: else
		fi;
		block();	/* schedule() */
		!asleep[me] || WAKES_FOR_SIGNAL;
		/* vpi_unblock() */
		if
		:: IS(me, BLOCKED) && !seen[me] ->
			atomic {
				!locked;
				if
				:: !seen[me] -> news[me] = NONE; state[me] = ACTIVE; unseen--
				:: else
				fi;
				unlock()
			}
		:: else
		fi;
		tif_vpi[me] = IS(me, BLOCKED)
	od;
	asleep[me] = false;
	atomic { call[me] = NO_CALL; is_deep[me] = false }

	/* ---- exit_to_user_mode_loop() ---- */

TO_USER_MODE:
	if
	:: tif_vpi[me] -> goto HOLD
	:: else
	fi;
DELIVER:
	atomic {
		if
		:: killed -> goto EXIT
		:: !killed && signal[me] ->
			signal[me] = false;
			if
			:: true	/* ignored */
			:: frames < 2 -> frames++; goto HANDLER
			fi
		:: else
		fi
	}
	if
	:: tif_vpi[me] || SIGNAL_PENDING(me) -> goto TO_USER_MODE
	:: !tif_vpi[me] && !SIGNAL_PENDING(me) && frames > 0 -> goto IN_HANDLER
	:: else
	fi;
	/* Back in user mode: nobody is here who is held. */
	assert(IS_ACTIVE(me));
	noupcall[me] = true;
	goto CALL;

HOLD:
	if
	:: IS(me, BLOCKED) ->
		atomic {
			!locked;
			unended--;
			if
			:: !(mask & 2) || noupcall[me] || !ANY(IS_ACTIVE) && !ANY(IS_REGISTERED) -> state[me] = ACTIVE
			:: else -> handlers[me] = 0; state[me] = WAITRESUME; announce(IS_UNBLOCKED)
			fi;
			rebalance(false);
			unlock()
		}
		wake_up()
	:: else
	fi;
	from = WAITRESUME;
	goto WAIT;
HOLD_END:
	atomic {
		from = ACTIVE;
		if
		:: !IS_HELD(me) -> tif_vpi[me] = false
		:: else
		fi;
		goto DELIVER
	}

HANDLER:	/* Its frame was built: __vpi_signal_delivered(). */
	if
	:: IS_HELD(me) ->
		atomic {
			!locked;
			if
			:: IS_HELD(me) -> handlers[me]++; tif_vpi[me] = false
			:: else
			fi
		}
	:: else
	fi;
	goto TO_USER_MODE;
IN_HANDLER:
	if
	:: SIGNAL_PENDING(me) -> goto TO_USER_MODE
	:: frames--
	fi;
	/* __vpi_sigreturn() */
	if
	:: IS_HELD(me) ->
		atomic {
			!locked;
			if
			:: IS_HELD(me) && handlers[me] > 0 ->
				handlers[me]--;
				tif_vpi[me] = handlers[me] == 0
			:: else
			fi
		}
	:: else
	fi;
	goto TO_USER_MODE;

	/* ---- The end ---- */

LEAVE:	/* The others, too. */
	atomic { !locked; resume_any(); unlock() }
	wake_up();
EXIT:
	pf_vpi[me] = false;
	atomic {
		!locked;
		if
		:: IS(me, BLOCKED) && seen[me] -> unended--
		:: IS(me, BLOCKED) && !seen[me] -> unseen--
		:: else
		fi;
		news[me] = NONE;
		state[me] = GONE;
		rebalance(false);
		unlock()
	}
	wake_up()
}

/* What the VPs do not do themselves. */
#define IS_UNDER_WAY(v) (call[v] == UNDER_WAY && (is_deep[v] || has_ended[1] || MASK == 2))
#define SLEEPS_IN_CALL(v) (call[v] == UNDER_WAY && asleep[v])
#define IS_ALIVE(v) !IS_GONE(v)

proctype Outside() {
	byte v = 0;

	do
	:: atomic { ANY(IS_UNDER_WAY) -> if CHOOSE(IS_UNDER_WAY, v) fi; call[v] = OVER; asleep[v] = false; v = 0 }
	:: atomic { spurious && ANY(SLEEPS_IN_CALL) -> if CHOOSE(SLEEPS_IN_CALL, v) fi; spurious--; asleep[v] = false; v = 0 }
	:: atomic { signals && ANY(IS_ALIVE) -> if CHOOSE(IS_ALIVE, v) fi; signals--; signal[v] = true; v = 0 }
	:: atomic { ALL_ENDED && ANY(IS_WAITING) -> if CHOOSE(IS_WAITING, v) fi; signal[v] = true; v = 0 }
	:: atomic { kills -> kills--; killed = true }
	:: COUNT(IS_GONE) == VPS -> break
	od
}

init {
	byte i = 0;

	d_step {
		for (i : 0 .. VPS - 1) {
			state[i] = ACTIVE; news[i] = NONE; event[i] = NONE; call[i] = NO_CALL;
			pf_vpi[i] = true; noupcall[i] = true
		}
		returned = NONE;
		for (i : 0 .. 1) { calls_left[i] = CALLS; is_ready[i] = true }
		i = 0
	}
	atomic {
		run Outside();
		for (i : 0 .. VPS - 1) { run VP(i) }
		i = 0
	}
}
