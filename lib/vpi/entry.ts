/** Functions by module and name: how one processor names a function for another, since functions cannot be sent. */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** An exported function of a module; can be structured-cloned. */
export interface Entry<F = unknown> {
  readonly url: string;
  readonly name: string;
  /** Where a thread that runs it is to be; undefined: where the fewest are. Not used for managers. */
  readonly processor?: number;
  /** Never there: it carries the type of what it names. */
  readonly __type?: F;
}

/**
 * Names the export `name` of a module: `entry(import.meta.url, 'manager')`. Not of one that is still being evaluated when
 * the function is needed, as a main program is that calls `init()`: every processor loads the module anew.
 */
export function entry<F = unknown>(url: string, name: string, { processor }: { processor?: number } = {}): Entry<F> {
  if (!url.startsWith('file:')) throw new TypeError(`url must be a file: URL, such as import.meta.url, not ${url}`);
  return { url, name, ...(processor !== undefined && { processor }) };
}

const require = createRequire(import.meta.url);

const reasons: Record<string, string> = {
  ERR_REQUIRE_CYCLE_MODULE: 'is still being evaluated; move what entry() names into a module of its own',
  ERR_REQUIRE_ASYNC_MODULE: 'has a top-level await, or imports a module that has one; a processor has no event loop to wait with',
};

/**
 * The function that `entry` names; its module is loaded if need be. By `require()`, which loads ES modules too: `import()`
 * does not come to an end on a processor, whose event loop stands still.
 */
export function loadEntry<F>({ url, name }: Entry<F>): F {
  const path = fileURLToPath(url);
  const loaded = loadModule(path)[name];
  if (typeof loaded !== 'function') throw new TypeError(`${path} exports no function ${name}`);
  return loaded as F;
}

function loadModule(path: string): Record<string, unknown> {
  try {
    return require(path) as Record<string, unknown>;
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    throw reason === undefined ? error : new TypeError(`${path} ${reason}`, { cause: error });
  }
}
