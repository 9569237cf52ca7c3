/** `FIGURE COUNT`: what `async` and `await` can do of the paper's workloads: figures 3 to 6, on one isolate. */

import { performance } from 'node:perf_hooks';
import { check, readArguments, report, sets, warmUpCalls } from '../../workloads/arguments.ts';

/* ---- 3: an async function that ends at once, awaited ---- */

async function ends(value: number): Promise<number> {
  return value;
}

async function createJoin(count: number): Promise<void> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += await ends(i);
  check(sum === (count * (count - 1)) / 2, 'a function has returned what another one should');
}

/* ---- 4, 6: no mutex is needed in one isolate; who waits keeps its `resolve` where the other one finds it ---- */

class Side {
  #hasBall = false;
  #wake: (() => void) | undefined;

  give(): void {
    check(!this.#hasBall, 'a side was given two balls');
    this.#hasBall = true;
    this.#wake?.();
  }

  async take(): Promise<void> {
    if (!this.#hasBall) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    this.#hasBall = false;
  }
}

async function play(own: Side, other: Side, moves: number): Promise<void> {
  for (let i = 0; i < moves; i++) {
    await own.take();
    other.give();
  }
}

async function pingPong(count: number): Promise<void> {
  const [a, b] = [new Side(), new Side()];
  const players = [play(a, b, Math.ceil(count / 2)), play(b, a, Math.floor(count / 2))];
  a.give();
  await Promise.all(players);
}

async function fourGames(count: number): Promise<void> {
  for (let set = 0; set < sets; set++) await Promise.all([0, 1, 2, 3].map(() => pingPong(Math.ceil(count / sets / 4))));
}

/* ---- 5 ---- */

const threads = 32;

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

async function barrier(count: number): Promise<void> {
  let [missing, come] = [threads, 0];
  let all = withResolvers();
  const member = async () => {
    for (let i = 1; i <= count; i++) {
      come++;
      const { promise, resolve } = all;
      if (--missing === 0) {
        missing = threads;
        all = withResolvers();
        resolve();
      }
      await promise;
      check(come >= i * threads, 'the barrier has let one through early');
    }
  };
  await Promise.all(Array.from({ length: threads }, member));
}

const workloads: Record<number, (count: number) => Promise<void>> = { 3: createJoin, 4: pingPong, 5: barrier, 6: pingPong, 7: fourGames };

const given = readArguments(process.argv.slice(2), Object.keys(workloads).map(Number));
const workload = workloads[given.figure]!;
for (let call = 0; call < warmUpCalls; call++) await workload(given.warmUp);
const start = performance.now();
await workload(given.count);
report('async', given, performance.now() - start);
