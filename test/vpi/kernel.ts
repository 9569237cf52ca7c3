/** The kernel in the VM has VPI. */

import { existsSync } from 'node:fs';
import t from '../program.ts';

t.ok(existsSync('/proc/self/vpi'), '/proc/self/vpi is there');
