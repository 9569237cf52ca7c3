/**
 * What test programs in the VM use in place of tap: the same names and meanings, as far as they need them, and TAP
 * on standard output. tap itself takes 5 to 10 seconds to load there, and its async hooks would watch what VPs do.
 */

import { AssertionError, deepStrictEqual } from 'node:assert';
import { writeSync } from 'node:fs';

type Body = (t: Results) => void | Promise<void>;

export class Results {
  readonly #indent: string;
  #count = 0;
  #failures = 0;
  /** Subtests that were asked for and have no result yet. */
  readonly #pending = new Set<string>();
  #running: Promise<void> = Promise.resolve();

  constructor(indent = '') {
    this.#indent = indent;
  }

  /** Runs `body` as a subtest, after those before it. */
  test(name: string, body: Body): Promise<void> {
    this.#pending.add(name);
    this.#running = this.#running.then(async () => {
      this.say(`# Subtest: ${name}`);
      const inner = new Results(`${this.#indent}    `);
      try {
        await body(inner);
        await inner.#running;
      } catch (error) {
        inner.#result(false, 'it throws nothing', error);
      }
      this.#result(inner.end(), name);
      this.#pending.delete(name);
    });
    return this.#running;
  }

  /** Prints the plan; false if something failed, or never ended. */
  end(): boolean {
    for (const name of this.#pending) this.#result(false, `${name} ends`);
    this.say(`1..${this.#count}`);
    return this.#failures === 0;
  }

  pass(name = ''): void {
    this.#result(true, name);
  }

  fail(name = ''): void {
    this.#result(false, name, new Error('t.fail'));
  }

  ok(value: unknown, name = 'is true'): void {
    this.#result(Boolean(value), name, new Error(`it is ${String(value)}`));
  }

  equal(found: unknown, wanted: unknown, name = `is ${String(wanted)}`): void {
    this.#result(Object.is(found, wanted), name, new AssertionError({ actual: found, expected: wanted, operator: 'strictEqual' }));
  }

  not(found: unknown, unwanted: unknown, name = `is not ${String(unwanted)}`): void {
    this.#result(!Object.is(found, unwanted), name, new Error(`it is ${String(found)}`));
  }

  strictSame(found: unknown, wanted: unknown, name = 'is the same'): void {
    this.#result(...outcomeOf(name, () => deepStrictEqual(found, wanted)));
  }

  /** A pattern is a part of a string, a regular expression, a class, or an object of patterns. */
  match(found: unknown, pattern: unknown, name = 'matches'): void {
    this.#result(matches(found, pattern), name, new AssertionError({ actual: found, expected: pattern, operator: 'deepStrictEqual' }));
  }

  /** Returns what was thrown. */
  throws(body: () => unknown, pattern: unknown = {}, name = 'throws'): unknown {
    try {
      body();
    } catch (error) {
      this.match(error, pattern, name);
      return error;
    }
    this.fail(name);
    return undefined;
  }

  async rejects(promise: Promise<unknown>, pattern: unknown = {}, name = 'rejects'): Promise<void> {
    const [rejected, error] = await promise.then(() => [false, undefined], (error: unknown) => [true, error]);
    if (rejected) this.match(error, pattern, name);
    else this.fail(name);
  }

  comment(text: string): void {
    this.say(`# ${text}`);
  }

  say(text: string): void {
    write(Buffer.from(text.replace(/^/gm, this.#indent) + '\n'));
  }

  #result(ok: boolean, name: string, why?: unknown): void {
    this.#count++;
    if (!ok) this.#failures++;
    this.say(`${ok ? '' : 'not '}ok ${this.#count} - ${name.replaceAll('#', '\\#')}`);
    if (!ok && why !== undefined) this.say(`  ---\n${explained(why).replace(/^/gm, '  ')}\n  ...`);
  }
}

/** A Worker's start makes standard output non-blocking, for all who share it: then nobody may have read what it is full of. */
function write(bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(1, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function outcomeOf(name: string, check: () => void): [boolean, string, unknown?] {
  try {
    check();
    return [true, name];
  } catch (error) {
    return [false, name, error];
  }
}

function matches(found: unknown, pattern: unknown): boolean {
  if (pattern instanceof RegExp) return pattern.test(String(found));
  if (typeof pattern === 'function') return Object(found) instanceof pattern;
  if (typeof pattern === 'string' && typeof found === 'string') return found.includes(pattern);
  if (typeof pattern !== 'object' || pattern === null) return Object.is(found, pattern);
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(pattern).every(([key, part]) => matches((found as Record<string, unknown>)[key], part));
}

function explained(why: unknown): string {
  return why instanceof Error ? (why.stack ?? why.message) : String(why);
}

/** The program's own results; the plan follows when it ends. */
const t = new Results();
export default t;

process.on('exit', () => {
  if (!t.end()) process.exitCode ||= 1;
});
