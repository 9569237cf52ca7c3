/** Three coroutines look for primes in turns. One adds up what they write into a pipe, and one reads a file meanwhile. */

import type { OpGenerator } from 'node-vpi';
import { close, lines, pipe, readFile, write } from 'node-vpi/sys';
import { blocks, join, pass, run, spawn } from './coroutines.ts';

function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return n > 1;
}

/** Looks at 300 numbers, a hundred in each turn. */
function* search(name: string, from: number, output: number): OpGenerator {
  for (let start = from; start < from + 300; start += 100) {
    const primes = Array.from({ length: 100 }, (_, i) => start + i).filter(isPrime);
    console.log(`${name}: ${primes.length} primes from ${start} on`);
    yield* write(output, `${primes.join('\n')}\n`);
    yield* pass();
  }
}

/** Waits in the kernel while the pipe is empty. */
function* add(input: number): OpGenerator<number> {
  const numbers = lines(input);
  let sum = 0;
  for (let line; (line = yield* numbers.next()) !== undefined; ) sum += Number(line);
  return sum;
}

run(function* () {
  const [input, output] = yield* pipe();
  const sum = spawn(() => add(input));
  const text = spawn(() => readFile(import.meta.filename, 'utf8'));
  const searches = ['one', 'two', 'three'].map((name, i) => spawn(() => search(name, 300 * i, output)));
  for (const each of searches) yield* join(each);
  yield* close(output);
  console.log(`their sum is ${yield* join(sum)}`);
  console.log((yield* join(text)).split('\n')[0]);
});
console.error(`the kernel has told of ${blocks} blocks`);
