/** The manager of resume.ts: both processors resume one VP, for the first of them, as often as they can. */

import { create, finish, getData, kernelRegister, kernelResume, kernelResumeAndRegister, processorIndex, self, setData, type OpGenerator, type VpHandle } from 'node-vpi';

export interface Race {
  times: number;
  /** The VP that is resumed; 0: it is not there yet. */
  target: Float64Array;
  /** How often either has resumed it, how often it has come, and that the second processor is there. */
  counts: Int32Array;
}

let race: Race;
/** Who has resumed the target last. */
let giver: VpHandle;

export function* manager(): OpGenerator {
  const data = getData<Race>();
  if (data && 'target' in data) race = data;
  setData(undefined);
  if (processorIndex() === 1) yield* fromElsewhere();
  else yield* fromHere();
}

function* fromHere(): OpGenerator {
  // The other processor has its VP, so that it will not be run by the target.
  while (Atomics.load(race.counts, 3) === 0) yield* kernelRegister({ timeout: 5 });
  race.target[0] ||= create(target);
  for (;;) {
    giver = self();
    yield* kernelResumeAndRegister(race.target[0] as VpHandle);
    if (Atomics.add(race.counts, 0, 1) >= race.times && Atomics.load(race.counts, 1) >= race.times) yield* finish();
  }
}

function* fromElsewhere(): OpGenerator {
  Atomics.store(race.counts, 3, 1);
  for (;;) {
    const target = race.target[0] as VpHandle;
    if (target > 0 && kernelResume(target, 0, { processor: 0 })) Atomics.add(race.counts, 1, 1);
    yield* kernelRegister({ timeout: 0 });
  }
}

/** Gives the processor back, if somebody is there to take it. */
function* target(): OpGenerator {
  yield* kernelRegister();
  for (;;) {
    Atomics.add(race.counts, 2, 1);
    if (!(yield* kernelResumeAndRegister(giver))) yield* kernelRegister({ timeout: 1 });
  }
}
