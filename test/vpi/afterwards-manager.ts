/** A manager that ends at once; its Worker lives on, and answers. */

import { isMainThread } from 'node:worker_threads';
import { finish, type OpGenerator } from 'node-vpi';

if (!isMainThread) {
  const channel = new BroadcastChannel('afterwards');
  channel.onmessage = ({ data }) => {
    if (data !== 'there?') return;
    channel.postMessage('there');
    channel.close();
  };
}

export function* manager(): OpGenerator {
  if (!isMainThread) yield* finish(3);
}
