/** When an instance is over, its Workers are Workers as any other: what Node asks them for does no harm to the process. */

import { entry, init } from 'node-vpi';
import t from '../program.ts';

t.test('a Worker that lives on', async (t) => {
  const status = init({ manager: entry(import.meta.resolve('./afterwards-manager.js'), 'manager'), processors: 2 });
  t.equal(status, 3);
  const channel = new BroadcastChannel('afterwards');
  const answer = new Promise((resolve) => (channel.onmessage = ({ data }) => resolve(data)));
  // What this thread has to tell its Worker since that was made comes first.
  await new Promise(setImmediate);
  channel.postMessage('there?');
  t.equal(await answer, 'there');
  channel.close();
});
