/**
 * Strict parallelism, read from the kernel's trace: which VPs are in user mode, and which of those run JavaScript.
 *
 * A VP is in user mode where its state is ACTIVE and it is in no system call: `vpi:*` and `raw_syscalls:*` tell that. It runs
 * JavaScript between the marks of the native loop. In between it carries an upcall, or hands its processor over.
 */

export interface Strictness {
  /** VPs that were in user mode. */
  vps: number;
  /** Times that a VP entered an isolate. */
  entries: number;
  /** What must not be: two VPs in one isolate, or one there that is held or waits. */
  violations: string[];
  /** VPs in user mode at the same time, at most. */
  most: number;
  /** Seconds in which somebody was in user mode; and in which there were more than processors. */
  seconds: number;
  secondsBeyond: number;
}

interface Vp {
  tid: number;
  state: string;
  isInCall: boolean;
  /** The processor whose JavaScript it runs. */
  processor: number | undefined;
}

/** A line of the trace: thread, time, event, and what that says. */
const linePattern = /-(\d+) +\[\d+\] .*? +([\d.]+): (\w+): (.*)$/;

export function strictnessOf(trace: string[], processors: number): Strictness {
  const vps = new Map<number, Vp>();
  const owners = new Map<number, Vp>();
  const seen = new Set<number>();
  const result: Strictness = { vps: 0, entries: 0, violations: [], most: 0, seconds: 0, secondsBeyond: 0 };
  let before = 0;
  let users = 0;

  for (const line of trace) {
    const match = linePattern.exec(line);
    if (!match) continue;
    const [tid, time, event, text] = [Number(match[1]), Number(match[2]), match[3]!, match[4]!];
    if (users > 0) result.seconds += time - before;
    if (users > processors) result.secondsBeyond += time - before;
    before = time;
    if (event === 'vpi_attach') vps.set(subject(text), { tid: subject(text), state: 'ACTIVE', isInCall: true, processor: undefined });
    else if (event === 'vpi_detach') vps.delete(subject(text));
    else if (event === 'vpi_state') changeState(vps.get(subject(text)), / -> (\w+)/.exec(text)![1]!);
    else if (event === 'sys_enter' || event === 'sys_exit') {
      const vp = vps.get(tid);
      if (vp) vp.isInCall = event === 'sys_enter';
    } else if (event === 'tracing_mark_write') move(vps.get(tid), text, line);
    const now = [...vps.values()].filter(isInUserMode);
    for (const vp of now) seen.add(vp.tid);
    users = now.length;
    result.most = Math.max(result.most, users);
  }
  result.vps = seen.size;
  return result;

  function changeState(vp: Vp | undefined, state: string): void {
    if (!vp) return;
    vp.state = state;
    // What blocks in there (a page fault, the allocator) is told to nobody, and never held.
    if (vp.processor !== undefined && state !== 'ACTIVE') result.violations.push(`${vp.tid} is ${state} in processor ${vp.processor}`);
  }

  function move(vp: Vp | undefined, text: string, line: string): void {
    const mark = /^vpi (enter|leave) (\d+)$/.exec(text);
    if (!mark) return;
    const processor = Number(mark[2]);
    const owner = owners.get(processor);
    if (mark[1] === 'leave') {
      if (!vp || owner !== vp) result.violations.push(`it leaves what it has not entered: ${line}`);
      owners.delete(processor);
      if (vp) vp.processor = undefined;
      return;
    }
    result.entries++;
    if (owner) result.violations.push(`${owner.tid} is there already: ${line}`);
    if (!vp) return void result.violations.push(`it is no VP: ${line}`);
    vp.processor = processor;
    owners.set(processor, vp);
  }
}

function isInUserMode(vp: Vp): boolean {
  return vp.state === 'ACTIVE' && !vp.isInCall;
}

/** The thread that an event of VPI is about, which need not be the one that does it. */
function subject(text: string): number {
  return Number(/\btid=(\d+)/.exec(text)![1]);
}
