/** The status line of the guest, and whether all of the output that it announces is here. */

/** The program's status and output counts, as the guest reports them, and how much has come in. */
export class Outcome {
  readonly complete: Promise<number>;
  #resolve!: (status: number) => void;
  #received = { out: 0, err: 0 };
  #report: Report | undefined;

  constructor() {
    this.complete = new Promise((resolve) => (this.#resolve = resolve));
  }

  received(channel: 'out' | 'err', bytes: number): void {
    this.#received[channel] += bytes;
    this.#check();
  }

  reported(line: string): void {
    this.#report = parseReport(line);
    this.#check();
  }

  #check(): void {
    const report = this.#report;
    if (report && this.#received.out >= report.out && this.#received.err >= report.err) this.#resolve(report.status);
  }
}

interface Report {
  status: number;
  out: number;
  err: number;
}

export function parseReport(line: string): Report | undefined {
  const match = /^done (\d+) (\d+) (\d+)$/.exec(line);
  return match ? { status: Number(match[1]), out: Number(match[2]), err: Number(match[3]) } : undefined;
}
