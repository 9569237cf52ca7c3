/** The systems that are compared: their names, and one colour for each throughout. */

export interface Row {
  id: string;
  label: string;
  color: string;
  /** What it is not, where it is a model or a stand-in. */
  note?: string;
}

/** In the order in which they are shown. */
export const rows: readonly Row[] = [
  { id: 'vpithreads-1', label: 'VPIthreads, 1 processor', color: '#0b6e4f' },
  { id: 'vpithreads-2', label: 'VPIthreads, 2 processors', color: '#5fb49c', note: 'In figures 4 to 6 the threads that wait for each other are on different processors; in figure 7 each pair is on one.' },
  { id: 'nptl', label: 'NPTL', color: '#1f5fa8', note: "glibc's Pthreads, in C." },
  { id: 'linuxthreads', label: 'LinuxThreads (model)', color: '#8fb8de', note: 'A model of its design, in C; the original cannot be built any more.' },
  { id: 'pth', label: 'GNU Pth (for NGPT)', color: '#8c6bb1', note: "Stands in for NGPT's user-level half, which was built on it." },
  { id: 'go', label: 'Go', color: '#00a2c7', note: 'Goroutines; sync.Mutex, sync.Cond and channels.' },
  { id: 'workers', label: 'worker_threads', color: '#d1495b', note: 'Each thread an isolate; Atomics.wait() and notify().' },
  { id: 'async', label: 'async/await', color: '#edae49', note: 'No blocking calls, no second processor: what it can do of the workload.' },
  { id: 'generators', label: 'bare generators', color: '#a3a847', note: 'Figure 11: next() of generators in turn; no thread system.' },
  { id: 'promises', label: 'fs.promises', color: '#b5651d', note: "libuv's pool of kernel threads, with its usual size: four." },
  { id: 'sequential', label: 'one file after the other', color: '#777777', note: 'fs.readFileSync() in a loop.' },
  { id: 'kernel', label: 'kernel threads, C', color: '#555555', note: 'Figures 8, 9 and 13: the same program without VPI.' },
  { id: 'addon', label: 'plain addon call', color: '#b08968', note: 'Figure 13: the system call by a function of an addon, without VPI.' },
  { id: 'libvpi-none', label: 'libvpi, no notifications', color: '#e3a8d3' },
  { id: 'libvpi-blocked', label: 'libvpi, BLOCKED', color: '#c2459b' },
  { id: 'libvpi-both', label: 'libvpi, BLOCKED and UNBLOCKED', color: '#7a1f5e' },
  { id: 'kernel-js', label: 'Workers, JavaScript', color: '#999999', note: 'Figures 8 and 9: the same functions on kernel threads.' },
  { id: 'vpithreads-blocked', label: 'VPIthreads, BLOCKED', color: '#5fb49c' },
  { id: 'vpithreads-both', label: 'VPIthreads, BLOCKED and UNBLOCKED', color: '#0b6e4f' },
  { id: 'patched', label: 'patched kernel', color: '#7a1f5e', note: 'Figure 15: Linux with the patch of this project.' },
  { id: 'unpatched', label: 'unpatched kernel', color: '#555555', note: 'Figure 15: the same Linux without it.' },
];

/** @throws {TypeError} there is no such row */
export function rowOf(id: string): Row {
  const row = rows.find((row) => row.id === id);
  if (row === undefined) throw new TypeError(`${id}: no such row`);
  return row;
}
