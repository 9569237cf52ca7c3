/** descriptors MODULE [ARG...]: runs a program and says how many descriptors it has left open. */

import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [program] = process.argv.splice(2, 1);
// These open some for themselves.
process.stdout.write('');
process.stderr.write('');
const count = () => readdirSync('/proc/self/fd').length;
const before = count();
await import(pathToFileURL(program!).href);
console.error(`descriptors left open: ${count() - before}`);
