/** In which bounds the models are looked at, and which lines of theirs each property stands on. */

export type ModelName = 'kernel' | 'token';

export interface Check {
  model: ModelName;
  /** See the head of the model. */
  bounds: Record<string, number>;
}

export interface Mutation extends Check {
  property: string;
  /** The line, or the part of one, that is there once, and what the mutated model has for it. */
  line: string;
  instead: string;
}

export const checks: Check[] = [
  { model: 'kernel', bounds: { VPS: 3, CALLS: 2 } },
  { model: 'kernel', bounds: { VPS: 3, TARGET: 1, SIGNALS: 1 } },
  { model: 'kernel', bounds: { VPS: 3, POKES: 1, EXITS: 1 } },
  { model: 'kernel', bounds: { VPS: 3, SPURIOUS: 1, FAULTS: 1 } },
  { model: 'kernel', bounds: { VPS: 3, DATES: 1, MASK: 1 } },
  { model: 'kernel', bounds: { VPS: 3, WAITS: 1, MASK: 2 } },
  { model: 'kernel', bounds: { VPS: 3, QUIET: 1, MODES: 1 } },
  { model: 'kernel', bounds: { VPS: 3, KILLS: 1 } },
  { model: 'token', bounds: { PROGRAM: 1, HOLD: 0 } },
  { model: 'token', bounds: { PROGRAM: 2 } },
  { model: 'token', bounds: { PROGRAM: 3, CALLS: 2 } },
  { model: 'token', bounds: { PROGRAM: 4 } },
  { model: 'token', bounds: { PROGRAM: 5 } },
  { model: 'token', bounds: { PROGRAM: 7 } },
];

/** Minutes each: only in the long run. */
export const longChecks: Check[] = [
  { model: 'kernel', bounds: { VPS: 4 } },
  { model: 'kernel', bounds: { VPS: 4, TARGET: 2 } },
  { model: 'kernel', bounds: { VPS: 3, SIGNALS: 2 } },
  { model: 'kernel', bounds: { VPS: 3, POKES: 1, SPURIOUS: 1, SIGNALS: 1 } },
  { model: 'kernel', bounds: { VPS: 3, CALLS: 2, DATES: 1, TARGET: 1 } },
  { model: 'token', bounds: { PROGRAM: 1 } },
  { model: 'token', bounds: { PROGRAM: 4, GIVER: 1 } },
  { model: 'token', bounds: { PROGRAM: 6 } },
  { model: 'token', bounds: { PROGRAM: 5, TARGET: 1 } },
  { model: 'token', bounds: { PROGRAM: 3, CALLS: 2, HOLD: 0 } },
];

const kernel = (property: string, bounds: Record<string, number>, line: string, instead: string): Mutation => ({ model: 'kernel', property, bounds: { VPS: 3, ...bounds }, line, instead });
const token = (property: string, bounds: Record<string, number>, line: string, instead: string): Mutation => ({ model: 'token', property, bounds, line, instead });

export const mutations: Mutation[] = [
  kernel('who registers is given what is queued', {}, ':: QUEUED -> take(me)', ':: false -> take(me)'),
  kernel('an event that could not be delivered is queued again', { FAULTS: 1 }, 'returned = event[me]; returned_about', 'returned = NONE; returned_about'),
  kernel('an event goes before a deadline', { DATES: 1 }, ':: state[me] == from -> state[me] = ACTIVE; dated[me] = false', ':: true -> state[me] = ACTIVE; dated[me] = false; event[me] = NONE'),
  kernel('RESUMED waits for the next to register', {}, ':: else -> free_standing++', ':: else'),
  kernel('BLOCKED comes before UNBLOCKED, or neither', {}, ':: !seen[me] -> news[me] = NONE; state[me] = ACTIVE; unseen--', ':: false -> news[me] = NONE; state[me] = ACTIVE; unseen--'),
  kernel('later sleeps of a block that was seen are none', { SPURIOUS: 1 }, 'pf_vpi[me] && IS_ACTIVE(me) && !noupcall', 'pf_vpi[me] && !noupcall'),
  kernel('its own sleep in the hold is no block', { POKES: 1 }, 'WAIT:	pf_vpi[me] = false;', 'WAIT:	skip;'),
  kernel('who is resumed is woken', {}, 'to_wake = to_wake | (1 << v)', 'skip'),
  kernel('never all held', { EXITS: 1 }, ':: ANY(IS_HELD) && !ANY(IS_ACTIVE) && !ANY(IS_REGISTERED) ->', ':: false ->'),
  kernel('a signal does not end a hold', { SIGNALS: 1 }, ':: !IS_HELD(me) -> tif_vpi[me] = false', ':: true -> tif_vpi[me] = false'),
  kernel('after its handlers a VP is held again', { SIGNALS: 1 }, 'tif_vpi[me] = handlers[me] == 0', 'skip'),
  kernel('with fewer active VPs than the target somebody is woken', { TARGET: 2 }, '(TARGET == 0 || COUNT(IS_ACTIVE) < TARGET) -> wake_one()', 'TARGET == 0 -> wake_one()'),
  kernel('who waits for registered VPs hears of them', { WAITS: 1 }, '			end_wait_register();', '			skip;'),
  token('one VP in an isolate', { PROGRAM: 1, HOLD: 0 }, ':: what == UP_BLOCKED -> swap(p, SYSCALL(v, c), RUNNING(me))', ':: what == UP_BLOCKED -> token[p] = RUNNING(me); ok = true'),
  token('who comes back without a processor leaves its result', { PROGRAM: 1, HOLD: 0 }, 'inbox[p].detached[me] = true;', 'skip;'),
  token('who waits looks for work before', { PROGRAM: 1 }, ':: HAS_WORK(0) -> claim(0)', ':: false -> claim(0)'),
  token('a deadline of an idle processor is kept', { PROGRAM: 2 }, 'deadline[current] = ANY_ON(current, SLEEPING) || ANY_ON(current, REFUSED);', 'deadline[current] = false;'),
  token('an offer that nobody can take up is taken back', { PROGRAM: 4 }, ':: !ending && offered[me] -> offered[me] = false; goto TURN_DOWN', ':: false -> goto TURN_DOWN'),
  token('a processor whose resume has failed goes on', { PROGRAM: 5 }, ':: !ok -> offer_failed()', ':: !ok'),
  token('the newer of two blocks counts', { PROGRAM: 5 }, ':: held_block[v] < c -> held_block[v] = c', ':: true -> held_block[v] = c'),
  token('who ends gives up what it has gained', { PROGRAM: 7 }, ':: next != NOBODY -> current = next; next = NOBODY', ':: next != NOBODY -> next = NOBODY'),
  token('who is registered hears of the end', { PROGRAM: 7 }, ':: atomic { ANY_REGISTERED -> if CHOOSE(IS_REGISTERED, y) fi; k_give(y, 0, UP_OVER); y = 0 }', ':: false'),
];
