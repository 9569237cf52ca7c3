/** Finds the kernel's reports of its own bugs ("splats") in a console log. */

/**
 * How the first line of a report begins, after the time stamp. What the kernel logs about a user
 * program's crash (`prog[7]: segfault at`, `traps: prog[7] general protection fault`) begins otherwise.
 */
const reportStarts = [
  /-+\[ cut here \]-+/,
  /WARNING: /,
  /(watchdog: |\[ )?BUG: /,
  /kernel BUG at /,
  /Oops[: ]/,
  /general protection fault, /,
  /(double fault|stack segment|divide error|invalid opcode|int3): /,
  /Kernel panic - /,
  /(KASAN|KCSAN|KFENCE|UBSAN|ODEBUG|refcount_t): /,
  /list_(add|del) corruption/,
  /INFO: (task .* blocked|possible |inconsistent |trying to register |lockdep |rcu)/,
  /rcu: INFO: /,
  /unreferenced object 0x/,
  /kmemleak: \d+ new suspected memory leaks/,
  /\S+: page allocation failure/,
];
/** A trace belongs to a report; if that begins as none of the above, the lines before the trace are it. */
const strayTrace = /^\s*Call Trace:/;

const linePattern = /^(?:\[ *(?<seconds>\d+\.\d+)\](?:\[[^\]]*\])? )?(?<text>.*)$/;
const startPattern = new RegExp(`^\\s*(?:${reportStarts.map((pattern) => pattern.source).join('|')})`);
const endPattern = /^---\[ end |^vpi-init: /;

const longestReport = 200;
const longestHead = 50;
/** Guest seconds of silence after which a line no longer belongs to the report before it. */
const silence = 1;

/** The reports in a console log, each with its own lines; empty if the kernel has nothing to complain of. */
export function findSplats(console: string): string[] {
  const reports: string[][] = [];
  let current: string[] | undefined;
  let before: string[] = [];
  let last = 0;
  for (const line of console.split(/\r*\n/)) {
    const match = linePattern.exec(line);
    const text = match?.groups?.['text'] ?? line;
    const seconds = Number(match?.groups?.['seconds'] ?? last);
    if (seconds - last > silence) [current, before] = [undefined, []];
    if (current && current.length >= longestReport) current = undefined;
    if (!current && startPattern.test(text)) reports.push((current = []));
    if (!current && strayTrace.test(text)) reports.push((current = before));
    if (current && !text.startsWith('vpi-init: ')) current.push(line);
    before = current ? [] : [...before.slice(-longestHead + 1), line];
    if (endPattern.test(text)) current = undefined;
    last = seconds;
  }
  return reports.map((lines) => lines.join('\n').trimEnd());
}
