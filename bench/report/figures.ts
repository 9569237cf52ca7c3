/** What each figure shows, and what is to be said of it. */

/**
 * Times of rows; overheads over computing time; times over the number of threads; how times are distributed; memory of rows;
 * operations on two kernels.
 */
export type FigureKind = 'times' | 'overheads' | 'threads' | 'distribution' | 'memory' | 'operations';

export interface Figure {
  number: number;
  kind: FigureKind;
  title: string;
  /** What the time, or the memory, is of. */
  iteration: string;
  /** What is measured, in a sentence or two. */
  workload: string;
  /** Where VPIthreads loses, or what the figure does not say. */
  remark: string;
}

export const figures: readonly Figure[] = [
  {
    number: 3,
    kind: 'times',
    title: 'Create and join',
    iteration: 'a thread created and joined',
    workload: 'The main thread creates a thread that ends at once, and joins it.',
    remark: 'A thread of VPIthreads is a generator and an object beside it; a kernel thread needs a stack and the kernel. Go and async/await make less: a goroutine is entered by a switch of stacks alone, and an async function that does not wait is a call.',
  },
  {
    number: 4,
    kind: 'times',
    title: 'Condition wait and signal',
    iteration: 'a signal, and the wait for it',
    workload: 'Two threads signal each other in turn, with one mutex and one condition.',
    remark: 'On two processors each signal has to wake a kernel thread on another CPU, as it does with NPTL; what VPIthreads adds there is entering the isolate again.',
  },
  {
    number: 5,
    kind: 'times',
    title: 'A barrier of 32 threads',
    iteration: 'an episode: all 32 threads pass',
    workload: '32 threads pass a barrier together, again and again.',
    remark: 'Between two processors the barrier is in shared memory, under a spin lock, and each episode wakes the other processor.',
  },
  {
    number: 6,
    kind: 'times',
    title: "Sun's ping-pong, 1 game",
    iteration: 'a move',
    workload: 'Two threads block and unblock each other in turn, each with a mutex and a condition of its own.',
    remark: 'As figure 4, with two mutexes and two conditions.',
  },
  {
    number: 7,
    kind: 'times',
    title: "Sun's ping-pong, 4 games at once",
    iteration: 'a move of any game',
    workload: 'Four pairs of threads play at the same time, on two processors: twenty times, with new threads, since the kernel leaves a pair where it is, on one CPU or on two. Workers, which take long to start, play in new pairs seven times.',
    remark: 'With two processors VPIthreads has two games on each. Rows on the instruction clock count what both CPUs execute, one after the other: there two processors gain nothing.',
  },
  {
    number: 8,
    kind: 'overheads',
    title: 'Overhead of notifications, 1 pair',
    iteration: 'a block',
    workload: 'A VP computes, asks for an answer by a pipe, and blocks in reading that from another one; a kernel thread without VPI, which runs when no other does (SCHED_IDLE), gives it. The work is the same with every mask. The overhead is (VPI - KERNEL) / KERNEL, against the same program without VPI.',
    remark: 'With one pair there is nothing else to run: a notification brings nothing and costs its delivery. Nobody carries it in the program without VPI, so this is the worst case.',
  },
  {
    number: 9,
    kind: 'overheads',
    title: 'Overhead of notifications, 16 pairs',
    iteration: 'a block',
    workload: 'The same with 16 pairs.',
    remark: 'With more to run, a notification is often fetched by a VP that is awake anyway.',
  },
  {
    number: 10,
    kind: 'times',
    title: 'Cold files (beyond the paper)',
    iteration: 'a file, opened, read and closed',
    workload: 'Small files that are not in the page cache are read, four at a time: by four threads of VPIthreads, four Workers, fs.promises on a pool of four; and one after the other. Workers are started before, and all read ten times to warm up, each time from a cold cache.',
    remark: 'The machine has no disk: the files come from the host, which has them in memory, over 9p. How long a read waits is how soon the host answers. VPIthreads and fs.promises have one isolate, the Workers four of them.',
  },
  {
    number: 11,
    kind: 'threads',
    title: 'A switch among many threads (beyond the paper)',
    iteration: 'a switch',
    workload: 'So many threads are there, and each does nothing but give way to the next one, on one processor: yieldNow(), runtime.Gosched(), await of a promise that is settled. Threads begin before the measurement and end after it.',
    remark: 'The queue of ready threads costs the same at any length; what grows is the memory that is gone through from one turn of a thread to its next.',
  },
  {
    number: 12,
    kind: 'distribution',
    title: 'From block to upcall (beyond the paper)',
    iteration: 'from the block to who runs then',
    workload: 'libvpi: from the moment before a VP blocks in read() to the moment when a registered VP has the upcall. VPIthreads: to the moment when another thread runs. NPTL: from the moment before a thread wakes another one and sleeps, to the moment when that one runs.',
    remark: 'A hand-off by futex is what a thread system without VPI has for this, if it knows beforehand that a call will block.',
  },
  {
    number: 13,
    kind: 'times',
    title: 'A system call that does not block (beyond the paper)',
    iteration: 'a read() of one byte',
    workload: 'One byte of /dev/zero is read, again and again: in C, by a kernel thread without VPI and by a VP that is to tell of BLOCKED and UNBLOCKED; in JavaScript, by a plain function of an addon without VPI and by a thread of VPIthreads.',
    remark: 'A VP costs the kernel nothing as long as it does not block. In JavaScript the call is tried inside the isolate first, in a way that does not wait; beyond the plain function there is an op that is made, with arguments that are checked, and whose result is taken by yield*.',
  },
  {
    number: 14,
    kind: 'memory',
    title: 'Memory of a thread that waits (beyond the paper)',
    iteration: 'a thread that waits',
    workload: 'Many threads are created and wait, all for the same thing. What the machine has less of free memory then, divided by their number: their stacks and objects, and what the kernel keeps for them. Garbage is collected before.',
    remark: 'A thread of VPIthreads is a generator that waits: it keeps its local variables and nothing else. A kernel thread needs a stack in the kernel and one of its own, of which some pages are touched.',
  },
  {
    number: 15,
    kind: 'operations',
    title: 'The kernel (beyond the paper)',
    iteration: 'an operation',
    workload: 'A program in C is all that runs, on a machine that is the same in every boot, to the instruction: once on the patched kernel, once on the same kernel without the patch. What is not about VPI shows what the patch costs those who do not use it.',
    remark: 'A context switch looks at one more flag on its way, on both sides of it. Operations that need the patch stand in the table alone; what they are to be compared with is among the goals.',
  },
];

/** @throws {RangeError} there is no such figure */
export function figureOf(number: number): Figure {
  const figure = figures.find((figure) => figure.number === number);
  if (figure === undefined) throw new RangeError(`there is no figure ${number}, only ${figures.map(({ number }) => number).join(', ')}`);
  return figure;
}
