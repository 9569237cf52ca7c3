/** The examples on VPIthreads in the VM: `examples/echo` and `examples/wc-threads`. */

import t from 'tap';
import { programsIn, testNodeInGuest } from './node.ts';
import { testMachine } from './vm.ts';

const long = process.env['VPI_TEST_LONG'] !== undefined;

await testNodeInGuest(t, await testMachine(), programsIn('examples'), { patience: long ? 3600 : 600, scale: long ? 1000 : 100 });
