/** Ctrl-C and its kin while something runs that has to be ended in good order first. */

const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** This process was asked to end; what ran for it has ended in good order. */
export class Interrupted extends Error {
  /** What a shell expects this process to exit with. */
  readonly status: number;

  constructor(status: number) {
    super('interrupted');
    this.status = status;
  }
}

/** `signal` is aborted, by an `Interrupted`, when this process is asked to end; `status` is then what a shell expects of it. */
export class Interruption implements Disposable {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  status: number | undefined;

  readonly #interrupt = (name: NodeJS.Signals) => {
    this.status ??= statuses[name as keyof typeof statuses];
    this.#controller.abort(new Interrupted(this.status));
  };

  constructor() {
    for (const name of Object.keys(statuses)) process.on(name, this.#interrupt);
  }

  [Symbol.dispose](): void {
    for (const name of Object.keys(statuses)) process.off(name, this.#interrupt);
  }
}
