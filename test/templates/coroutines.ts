/** The coroutines of examples/coroutines, as they are. */

import type { OpGenerator } from 'node-vpi';
import { pipe, read, write } from 'node-vpi/sys';
import { blocks, join, pass, run, spawn } from '../../examples/coroutines/coroutines.ts';
import t from '../program.ts';
import { masks } from './changed.ts';

t.test('turns', async (t) => {
  const turns: string[] = [];
  const [a, b, main] = run(function* () {
    const member = (name: string) => spawn(function* (): OpGenerator<string> {
      for (let i = 1; i <= 3; i++) {
        turns.push(`${name}${i}`);
        yield* pass();
      }
      return name;
    });
    const [first, second] = [member('a'), member('b')];
    return [yield* join(first), yield* join(second), yield* join(first)];
  });
  t.strictSame(turns, ['a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
  t.strictSame([a, b, main], ['a', 'b', 'a'], 'join() gives what they return, any number of times');
});

const [members, rounds] = [6, Math.ceil((50 * Number(process.env['VPI_SCALE'] ?? 100)) / 100)];

/** Passes a byte on, from its own pipe to the next one's. */
function* member(input: number, output: number): OpGenerator<number> {
  const byte = new Uint8Array(1);
  for (let i = 0; i < rounds; i++) {
    yield* read(input, byte);
    byte[0]!++;
    yield* write(output, byte);
  }
  return byte[0]!;
}

for (const [name, mask] of Object.entries(masks)) {
  await t.test(`a ring of coroutines, ${name}`, async (t) => {
    const last = run(function* () {
      const pipes: [number, number][] = [];
      while (pipes.length < members) pipes.push(yield* pipe());
      const ring = pipes.map(([input], i) => spawn(() => member(input, pipes[(i + 1) % members]![1])));
      yield* write(pipes[0]![1], new Uint8Array(1));
      for (const each of ring) yield* join(each);
      return yield* join(ring.at(-1)!);
    }, { mask });
    t.equal(last, (members * rounds) % 256, 'the byte has come round as often as it should');
    t.ok(blocks >= members, `it was waited for in the kernel: ${blocks}`);
  });
}

t.test('they wait for each other', async (t) => {
  const circle = () => run(function* () {
    const one = spawn(function* (): OpGenerator { yield* join(two); });
    const two = spawn(function* (): OpGenerator { yield* join(one); });
  });
  t.throws(circle, /every coroutine waits for another/);
  t.equal(run(function* () { return 'again'; }), 'again', 'nothing is left of that');
});
