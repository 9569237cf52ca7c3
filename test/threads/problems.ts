/**
 * Classic problems with a known outcome, for any number of processors: their threads are entries, and share objects by
 * handles. How threads meet is up to `disturb()`: yields, sleeps and system calls, by a seed.
 *
 * The thread system is the one of `underTest()`: a test may run more than one of them at a time.
 */

import * as Sys from 'node-vpi/sys';
import * as Threads from 'node-vpi/threads';
import { processorCount, type OpGenerator } from 'node-vpi';

export interface UnderTest {
  threads: typeof Threads;
  sys: typeof Sys;
  processors: number;
}

declare global {
  var underTest: () => UnderTest;
}

globalThis.underTest ??= () => ({ threads: Threads, sys: Sys, processors: processorCount() });

export interface Problem {
  name: string;
  /** Throws, or gives false, where the outcome is not the known one. */
  run: (seed: number) => OpGenerator<boolean>;
}

/* ---- Chance ------------------------------------------------------------------------------------ */

/** mulberry32: a small generator that is good enough, and the same everywhere. */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % below;
  };
}

/** Perhaps others run now. */
function* disturb(chance: (below: number) => number): OpGenerator {
  const { threads, sys } = underTest();
  const choice = chance(8);
  if (choice < 2) yield* threads.yieldNow();
  else if (choice === 2) yield* threads.sleep(chance(3) / 10);
  else if (choice === 3) yield* sys.nanosleep(chance(3) * 50_000);
}

/* ---- Starting and joining ------------------------------------------------------------------------ */

type Body = (...args: never[]) => OpGenerator<unknown>;

/** Starts the exported function `name` on the processor whose turn it is. */
function start(turn: number, name: string, ...args: unknown[]): Threads.Thread {
  const { threads, processors } = underTest();
  const entry = threads.entry<Body>(import.meta.url, name, { processor: turn % processors });
  const thread = threads.Thread.create(entry, ...(args as never[]));
  thread.name = `${name} ${turn}`;
  return thread;
}

function* joinAll(threads: readonly Threads.Thread[]): OpGenerator<unknown[]> {
  const results: unknown[] = [];
  for (const thread of threads) results.push(yield* thread.join());
  return results;
}

function sharedWords(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

/* ---- Bounded buffer -------------------------------------------------------------------------------- */

interface Buffer {
  mutex: Threads.Handle<'Mutex'>;
  notEmpty: Threads.Handle<'Condition'>;
  notFull: Threads.Handle<'Condition'>;
  /** [0] put, [1] taken, [2...] items */
  words: Int32Array;
  size: number;
}

export function* producer(buffer: Buffer, first: number, items: number, seed: number): OpGenerator {
  const { Mutex, Condition } = underTest().threads;
  const [mutex, notEmpty, notFull] = [Mutex.from(buffer.mutex), Condition.from(buffer.notEmpty), Condition.from(buffer.notFull)];
  const chance = random(seed);
  for (let i = 0; i < items; i++) {
    yield* disturb(chance);
    yield* mutex.lock();
    while (buffer.words[0]! - buffer.words[1]! === buffer.size) yield* notFull.wait(mutex);
    buffer.words[2 + (buffer.words[0]! % buffer.size)] = first + i;
    buffer.words[0]!++;
    notEmpty.signal();
    mutex.unlock();
  }
}

export function* consumer(buffer: Buffer, items: number, seed: number): OpGenerator<number> {
  const { Mutex, Condition } = underTest().threads;
  const [mutex, notEmpty, notFull] = [Mutex.from(buffer.mutex), Condition.from(buffer.notEmpty), Condition.from(buffer.notFull)];
  const chance = random(seed);
  let sum = 0;
  for (let i = 0; i < items; i++) {
    yield* disturb(chance);
    yield* mutex.lock();
    while (buffer.words[0] === buffer.words[1]) yield* notEmpty.wait(mutex);
    sum += buffer.words[2 + (buffer.words[1]! % buffer.size)]!;
    buffer.words[1]!++;
    notFull.signal();
    mutex.unlock();
  }
  return sum;
}

function* boundedBuffer(seed: number): OpGenerator<boolean> {
  const { Mutex, Condition } = underTest().threads;
  const size = 3;
  const buffer: Buffer = { mutex: new Mutex().shared(), notEmpty: new Condition().shared(), notFull: new Condition().shared(), words: sharedWords(2 + size), size };
  const producers = count(3).map((i) => start(i, 'producer', buffer, 100 * i, 8, seed + i));
  const consumers = count(4).map((i) => start(i, 'consumer', buffer, 6, seed + 10 + i));
  yield* joinAll(producers);
  const sums = (yield* joinAll(consumers)) as number[];
  return sums.reduce((a, b) => a + b) === 8 * (0 + 100 + 200) + 3 * (7 * 4);
}

/* ---- Readers and writers ------------------------------------------------------------------------------ */

interface Library {
  mutex: Threads.Handle<'Mutex'>;
  free: Threads.Handle<'Condition'>;
  /** [0] readers inside, [1] a writer is inside, [2] the book, [3] errors */
  words: Int32Array;
}

export function* reader(library: Library, seed: number): OpGenerator {
  const { Mutex, Condition } = underTest().threads;
  const [mutex, free] = [Mutex.from(library.mutex), Condition.from(library.free)];
  const { words } = library;
  const chance = random(seed);
  for (let i = 0; i < 5; i++) {
    yield* mutex.lock();
    while (words[1] !== 0) yield* free.wait(mutex);
    words[0]!++;
    mutex.unlock();
    const before = words[2];
    yield* disturb(chance);
    if (words[2] !== before) words[3]!++;
    yield* mutex.lock();
    if (--words[0]! === 0) free.broadcast();
    mutex.unlock();
  }
}

export function* writer(library: Library, seed: number): OpGenerator {
  const { Mutex, Condition } = underTest().threads;
  const [mutex, free] = [Mutex.from(library.mutex), Condition.from(library.free)];
  const { words } = library;
  const chance = random(seed);
  for (let i = 0; i < 5; i++) {
    yield* mutex.lock();
    while (words[0] !== 0 || words[1] !== 0) yield* free.wait(mutex);
    words[1] = 1;
    mutex.unlock();
    const book = words[2]!;
    yield* disturb(chance);
    words[2] = book + 1;
    yield* mutex.lock();
    words[1] = 0;
    free.broadcast();
    mutex.unlock();
  }
}

function* readersAndWriters(seed: number): OpGenerator<boolean> {
  const { Mutex, Condition } = underTest().threads;
  const library: Library = { mutex: new Mutex().shared(), free: new Condition().shared(), words: sharedWords(4) };
  yield* joinAll(count(6).map((i) => start(i, i % 3 === 0 ? 'writer' : 'reader', library, seed + i)));
  return library.words[2] === 10 && library.words[3] === 0;
}

/* ---- Dining philosophers ------------------------------------------------------------------------------- */

export function* philosopher(forks: [Threads.Handle<'Mutex'>, Threads.Handle<'Mutex'>], seat: Threads.Handle<'Semaphore'>, meals: Int32Array, me: number, seed: number): OpGenerator {
  const { Mutex, Semaphore } = underTest().threads;
  const [left, right] = [Mutex.from(forks[0]), Mutex.from(forks[1])];
  const table = Semaphore.from(seat);
  const chance = random(seed);
  for (let i = 0; i < 5; i++) {
    yield* disturb(chance);
    yield* table.acquire();
    yield* left.lock();
    yield* disturb(chance);
    yield* right.lock();
    meals[me]!++;
    right.unlock();
    left.unlock();
    table.release();
  }
}

function* diningPhilosophers(seed: number): OpGenerator<boolean> {
  const { Mutex, Semaphore } = underTest().threads;
  const forks = count(5).map(() => new Mutex().shared());
  const table = new Semaphore(4).shared();
  const meals = sharedWords(5);
  yield* joinAll(count(5).map((i) => start(i, 'philosopher', [forks[i], forks[(i + 1) % 5]], table, meals, i, seed + i)));
  return meals.every((meal) => meal === 5);
}

/* ---- Sleeping barber -------------------------------------------------------------------------------------- */

interface Shop {
  mutex: Threads.Handle<'Mutex'>;
  customers: Threads.Handle<'Semaphore'>;
  barber: Threads.Handle<'Semaphore'>;
  /** [0] chairs that are free, [1] cut, [2] turned away */
  words: Int32Array;
}

export function* barber(shop: Shop, seed: number): OpGenerator {
  const { Mutex, Semaphore } = underTest().threads;
  const [mutex, customers, chair] = [Mutex.from(shop.mutex), Semaphore.from(shop.customers), Semaphore.from(shop.barber)];
  const chance = random(seed);
  for (;;) {
    yield* customers.acquire();
    yield* mutex.lock();
    shop.words[0]!++;
    mutex.unlock();
    chair.release();
    yield* disturb(chance);
    Atomics.add(shop.words, 1, 1);
  }
}

export function* customer(shop: Shop, seed: number): OpGenerator {
  const { Mutex, Semaphore } = underTest().threads;
  const [mutex, customers, chair] = [Mutex.from(shop.mutex), Semaphore.from(shop.customers), Semaphore.from(shop.barber)];
  yield* disturb(random(seed));
  yield* mutex.lock();
  if (shop.words[0] === 0) {
    Atomics.add(shop.words, 2, 1);
    mutex.unlock();
    return;
  }
  shop.words[0]!--;
  mutex.unlock();
  customers.release();
  yield* chair.acquire();
}

/** The barber is cancelled when all customers are gone: then every one was served or turned away. */
function* sleepingBarber(seed: number): OpGenerator<boolean> {
  const { Mutex, Semaphore, sleep } = underTest().threads;
  const words = sharedWords(3);
  words[0] = 2;
  const shop: Shop = { mutex: new Mutex().shared(), customers: new Semaphore(0).shared(), barber: new Semaphore(0).shared(), words };
  const barber = start(1, 'barber', shop, seed);
  yield* joinAll(count(8).map((i) => start(i, 'customer', shop, seed + 1 + i)));
  while (Atomics.load(words, 1) + Atomics.load(words, 2) < 8) yield* sleep(0.1);
  barber.cancel('closed');
  try {
    yield* barber.join();
  } catch (error) {
    return (error as Error).name === 'CancelledError' && words[1]! + words[2]! === 8 && words[0] === 2;
  }
  return false;
}

/* ---- Cigarette smokers --------------------------------------------------------------------------------------- */

export function* smoker(mine: Threads.Handle<'Semaphore'>, agent: Threads.Handle<'Semaphore'>, smoked: Int32Array, me: number, seed: number): OpGenerator {
  const { Semaphore } = underTest().threads;
  const [ingredients, table] = [Semaphore.from(mine), Semaphore.from(agent)];
  const chance = random(seed);
  for (;;) {
    yield* ingredients.acquire();
    if (smoked[3] === 1) return;
    smoked[me]!++;
    yield* disturb(chance);
    table.release();
  }
}

function* cigaretteSmokers(seed: number): OpGenerator<boolean> {
  const { Semaphore } = underTest().threads;
  const [smokers, table] = [count(3).map(() => new Semaphore(0)), new Semaphore(1)];
  const smoked = sharedWords(4);
  const threads = count(3).map((i) => start(i, 'smoker', smokers[i]!.shared(), table.shared(), smoked, i, seed + i));
  const chance = random(seed);
  const wanted = [0, 0, 0];
  for (let i = 0; i < 12; i++) {
    yield* table.acquire();
    const who = chance(3);
    wanted[who]!++;
    smokers[who]!.release();
  }
  yield* table.acquire();
  smoked[3] = 1;
  for (const smoker of smokers) smoker.release();
  yield* joinAll(threads);
  return wanted.every((times, i) => smoked[i] === times);
}

/* ---- Water ----------------------------------------------------------------------------------------------------- */

interface Water {
  mutex: Threads.Handle<'Mutex'>;
  ready: Threads.Handle<'Semaphore'>;
  go: Threads.Handle<'Semaphore'>;
  bond: Threads.Handle<'Barrier'>;
  /** [0] atoms bonded, [1] molecules */
  words: Int32Array;
}

export function* hydrogen(water: Water, seed: number): OpGenerator {
  const { Semaphore, Barrier } = underTest().threads;
  yield* disturb(random(seed));
  Semaphore.from(water.ready).release();
  yield* Semaphore.from(water.go).acquire();
  Atomics.add(water.words, 0, 1);
  if (yield* Barrier.from(water.bond).wait()) Atomics.add(water.words, 1, 1);
}

/** One molecule at a time is formed. */
export function* oxygen(water: Water, seed: number): OpGenerator {
  const { Mutex, Semaphore, Barrier } = underTest().threads;
  const ready = Semaphore.from(water.ready);
  yield* disturb(random(seed));
  yield* Mutex.from(water.mutex).withLock(function* () {
    yield* ready.acquire();
    yield* ready.acquire();
    Semaphore.from(water.go).release(2);
    const before = Atomics.add(water.words, 0, 1);
    if (yield* Barrier.from(water.bond).wait()) Atomics.add(water.words, 1, 1);
    if (Math.floor(before / 3) + 1 !== Math.floor(Atomics.load(water.words, 0) / 3)) throw new Error('atoms of two molecules were mixed');
  });
}

function* waterMolecules(seed: number): OpGenerator<boolean> {
  const { Mutex, Semaphore, Barrier } = underTest().threads;
  const water: Water = { mutex: new Mutex().shared(), ready: new Semaphore(0).shared(), go: new Semaphore(0).shared(), bond: new Barrier(3).shared(), words: sharedWords(2) };
  yield* joinAll(count(9).map((i) => start(i, i % 3 === 0 ? 'oxygen' : 'hydrogen', water, seed + i)));
  return water.words[0] === 9 && water.words[1] === 3;
}

/* ---- Prime sieve -------------------------------------------------------------------------------------------------- */

/** A channel for one number: made of semaphores. */
interface Channel {
  empty: Threads.Handle<'Semaphore'>;
  full: Threads.Handle<'Semaphore'>;
  value: Int32Array;
}

function channel(): Channel {
  const { Semaphore } = underTest().threads;
  return { empty: new Semaphore(1).shared(), full: new Semaphore(0).shared(), value: sharedWords(1) };
}

function* put({ empty, full, value }: Channel, number: number): OpGenerator {
  const { Semaphore } = underTest().threads;
  yield* Semaphore.from(empty).acquire();
  value[0] = number;
  Semaphore.from(full).release();
}

function* take({ empty, full, value }: Channel): OpGenerator<number> {
  const { Semaphore } = underTest().threads;
  yield* Semaphore.from(full).acquire();
  const number = value[0]!;
  Semaphore.from(empty).release();
  return number;
}

/** Takes numbers; the first is a prime, and what it divides is dropped. 0 ends it. Gives the primes from here on. */
export function* sieve(from: Channel, turn: number): OpGenerator<number[]> {
  const prime = yield* take(from);
  if (prime === 0) return [];
  const to = channel();
  const next = start(turn + 1, 'sieve', to, turn + 1);
  for (;;) {
    const number = yield* take(from);
    if (number === 0) break;
    if (number % prime !== 0) yield* put(to, number);
  }
  yield* put(to, 0);
  return [prime, ...((yield* next.join()) as number[])];
}

function* primeSieve(): OpGenerator<boolean> {
  const to = channel();
  const first = start(0, 'sieve', to, 0);
  for (let number = 2; number < 40; number++) yield* put(to, number);
  yield* put(to, 0);
  return String(yield* first.join()) === '2,3,5,7,11,13,17,19,23,29,31,37';
}

/* ---- Timeouts and cancellation ---------------------------------------------------------------------------------------- */

/** Waits for what may come in time, or not, or be cancelled; whatever happens is counted once. */
export function* impatient(handles: { mutex: Threads.Handle<'Mutex'>; condition: Threads.Handle<'Condition'>; permits: Threads.Handle<'Semaphore'> }, counts: Int32Array, seed: number): OpGenerator {
  const { Mutex, Condition, Semaphore } = underTest().threads;
  const [mutex, condition, permits] = [Mutex.from(handles.mutex), Condition.from(handles.condition), Semaphore.from(handles.permits)];
  const chance = random(seed);
  for (let i = 0; i < 4; i++) {
    yield* disturb(chance);
    if (yield* permits.acquireFor(chance(4) / 10)) {
      Atomics.add(counts, 0, 1);
      try {
        yield* disturb(chance);
      } finally {
        permits.release();
        Atomics.sub(counts, 0, 1);
      }
    }
    if (!(yield* mutex.lockFor(chance(5) / 10))) continue;
    try {
      if (chance(2) === 0) condition.signal();
      else yield* condition.waitFor(mutex, chance(4) / 10);
    } finally {
      mutex.unlock();
    }
  }
  Atomics.add(counts, 1, 1);
}

function* impatience(seed: number): OpGenerator<boolean> {
  const { Mutex, Condition, Semaphore, sleep } = underTest().threads;
  const [mutex, condition, permits] = [new Mutex(), new Condition(), new Semaphore(2)];
  const counts = sharedWords(2);
  const threads = count(8).map((i) => start(i, 'impatient', { mutex: mutex.shared(), condition: condition.shared(), permits: permits.shared() }, counts, seed + i));
  const chance = random(seed);
  yield* sleep(chance(10) / 10);
  for (const thread of threads.slice(0, 3)) thread.cancel();
  let cancelled = 0;
  for (const thread of threads) {
    try {
      yield* thread.join();
    } catch (error) {
      if ((error as Error).name !== 'CancelledError') throw error;
      cancelled++;
    }
  }
  // Nothing is lost: the mutex is free, all permits are back, and everybody has come to the end or was cancelled.
  return mutex.tryLock() && permits.permits === 2 && counts[0] === 0 && counts[1]! + cancelled === 8;
}

/* ---- Deadlock ------------------------------------------------------------------------------------------------------------- */

export function* locker(first: Threads.Handle<'Mutex'>, second: Threads.Handle<'Mutex'>, met: Threads.Handle<'Barrier'>, seed: number): OpGenerator {
  const { Mutex, Barrier } = underTest().threads;
  yield* Mutex.from(first).lock();
  yield* disturb(random(seed));
  yield* Barrier.from(met).wait();
  yield* Mutex.from(second).lock();
}

/** Ends with a DeadlockError. */
export function* deadlock(seed: number): OpGenerator<boolean> {
  const { Mutex, Barrier } = underTest().threads;
  const [a, b, met] = [new Mutex().shared(), new Mutex().shared(), new Barrier(2).shared()];
  yield* joinAll([start(0, 'locker', a, b, met, seed), start(1, 'locker', b, a, met, seed + 1)]);
  return false;
}

export const problems: Problem[] = [
  { name: 'bounded buffer', run: boundedBuffer },
  { name: 'readers and writers', run: readersAndWriters },
  { name: 'dining philosophers', run: diningPhilosophers },
  { name: 'sleeping barber', run: sleepingBarber },
  { name: 'cigarette smokers', run: cigaretteSmokers },
  { name: 'water', run: waterMolecules },
  { name: 'prime sieve', run: primeSieve },
  { name: 'timeouts and cancellation', run: impatience },
];
