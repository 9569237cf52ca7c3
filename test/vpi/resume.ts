/** Two VPs resume a third for one processor, one of them by giving it that: whoever comes late has nothing to do. */

import { entry, init } from 'node-vpi';
import t from '../program.ts';
import type { Race } from './resume-manager.ts';

const times = Math.ceil(10 * Number(process.env['VPI_SCALE'] ?? 100));
const counts = new Int32Array(new SharedArrayBuffer(16));
const data: Race = { times, target: new Float64Array(new SharedArrayBuffer(8)), counts };

init({ manager: entry(import.meta.resolve('./resume-manager.js'), 'manager'), data, processors: 2 });
t.ok(counts[0]! >= times, `resumed here: ${counts[0]}`);
t.ok(counts[1]! >= times, `resumed from elsewhere: ${counts[1]}`);
t.ok(counts[2]! > 0, `it came: ${counts[2]}`);
