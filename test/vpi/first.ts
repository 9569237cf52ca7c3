
import { init, kernelRegister, kernelResumeAndRegister, finish, Notification, setData, DETACHED, type VpHandle, type OpGenerator } from '../../lib/vpi/index.ts';
import { read } from '../../lib/sys/index.ts';
import { native } from '../../lib/native.ts';

const fds = new Int32Array(2);
const pipes: [number, number][] = [];
function pipe(): [number, number] {
  const r = native.syscall(293, native.pin(fds), 0);
  if (r < 0) throw new Error(String(r));
  return [fds[0]!, fds[1]!];
}
const ready: (OpGenerator | VpHandle)[] = [];
let live = 0;
const log: string[] = [];
function* reader(fd: number): OpGenerator {
  const b = Buffer.alloc(16);
  const n = yield* read(fd, b);
  log.push(`read ${n} ${b.toString('utf8', 0, n)}`);
  live--;
}
function* writer(): OpGenerator {
  log.push('writer');
  for (const [, w] of pipes) { const b = Buffer.from(`p${w}`); native.syscall(1, w, native.pin(b), b.length); }
  live--;
}
function* manager(): OpGenerator {
  for (;;) {
    const next = ready.shift();
    if (next === undefined) {
      if (live === 0) yield* finish(3);
      const up = (yield* kernelRegister())!;
      log.push(`up ${up.type}`);
      if (up.type === Notification.UNBLOCKED) ready.push(up.vp);
      if (up.type === DETACHED) ready.push(up.data as OpGenerator);
    } else if (typeof next === 'number') {
      const up = yield* kernelResumeAndRegister(next);
      log.push(`after resume ${up?.type}`);
      if (up?.type === Notification.UNBLOCKED) ready.push(up.vp);
    } else {
      setData(next);
      const step = next.next();
      if (!step.done) { yield step.value; ready.push(next); }
    }
  }
}
for (let i = 0; i < 5; i++) { pipes.push(pipe()); ready.push(reader(pipes[i]![0])); live++; }
ready.push(writer()); live++;
const t0 = Date.now();
console.log(init({ manager, mask: Number(process.argv[2] ?? 3) }), log.join('; '));
console.log('ms', Date.now() - t0);
