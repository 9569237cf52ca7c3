/** How every program of this directory ends. */

import { Interrupted } from './interruption.ts';

/** Exit status for what went wrong here, not in the program that was to be run. */
const ownFailure = 125;

/** As if SIGPIPE had ended us: nobody reads our output any more. */
const outputClosed = 128 + 13;

/** Runs `main` and exits with the status that it gives; an error's message is for the user. */
export async function runMain(main: () => Promise<number>): Promise<never> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? outputClosed : ownFailure));
  const status = await main().catch((error: unknown) => {
    if (error instanceof Interrupted) return error.status;
    process.stderr.write(`vpi: ${error instanceof Error ? error.message : String(error)}\n`);
    return ownFailure;
  });
  // Standard input may still be open, but nobody reads it any more.
  await new Promise((resolve) => process.stdout.write('', resolve));
  process.exit(status);
}
