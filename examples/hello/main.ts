/** The program of the README: two threads that sleep in the kernel, on a manager of a few lines. */

import { finish, init, kernelRegister, kernelResumeAndRegister, Notification, type OpGenerator, type VpHandle } from 'node-vpi';
import { nanosleep } from 'node-vpi/sys';

const ready: (OpGenerator | VpHandle)[] = [hello('one', 2e9), hello('two', 1e9)];
let live = ready.length;

function* hello(name: string, time: number): OpGenerator {
  yield* nanosleep(time); //                              blocks this virtual processor, in the kernel
  console.log(`${name} is awake`);
  if (--live === 0) yield* finish();
}

init({
  *manager() { //                                         every virtual processor runs one
    for (;;) {
      const next = ready.shift();
      if (typeof next === 'object') {
        const step = next.next(); //                      run the thread until it has to wait ...
        if (!step.done) yield step.value; //              ... and wait here. Another VP goes on above
        if (!step.done) ready.push(next);
        continue;
      }
      const upcall = yield* next === undefined ? kernelRegister() : kernelResumeAndRegister(next);
      if (upcall?.type === Notification.UNBLOCKED) ready.push(upcall.vp);
    }
  },
});
