/** Functions by module and name: how one processor names a function for another, since functions cannot be sent. */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** An exported function of a module; can be structured-cloned. */
export interface Entry<F = unknown> {
  readonly url: string;
  readonly name: string;
  /** Never there: it carries the type of what it names. */
  readonly __type?: F;
}

/** Names the export `name` of a module: `entry(import.meta.url, 'manager')`. */
export function entry<F = unknown>(url: string, name: string): Entry<F> {
  if (!url.startsWith('file:')) throw new TypeError(`url must be a file: URL, such as import.meta.url, not ${url}`);
  return { url, name };
}

const require = createRequire(import.meta.url);

/**
 * The function that `entry` names; its module is loaded if need be. By `require()`, which loads ES modules too: `import()`
 * does not come to an end on a processor, whose event loop stands still.
 */
export function loadEntry<F>({ url, name }: Entry<F>): F {
  const module = require(fileURLToPath(url)) as Record<string, unknown>;
  if (typeof module[name] !== 'function') throw new TypeError(`${fileURLToPath(url)} exports no function ${name}`);
  return module[name] as F;
}
