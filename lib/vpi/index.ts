/** `node-vpi`: the paper's interface, function for function. */

export type { Manager } from './dispatch.ts';
export { entry, loadEntry, type Entry } from './entry.ts';
export { VpiError } from './error.ts';
export { init, type InitOptions } from './init.ts';
export { kernelMode, kernelRegister, kernelResume, kernelResumeAndRegister, kernelWaitRegister, queuedCount, type RegisterOptions } from './kernel.ts';
export { Lock } from './lock.ts';
export { forgottenOp, KernelOp, Op, setBeforeOp, type AnyOp, type OpGenerator } from './op.ts';
export { kernelStatus, type KernelStatus, type VpStateName, type VpStatus } from './status.ts';
export { DETACHED, Notification, type Upcall, type VpHandle } from './upcall.ts';
export {
  abandonOp,
  cpuCount,
  create,
  createSystem,
  exit,
  finish,
  getData,
  interrupt,
  now,
  processorCount,
  processorIndex,
  self,
  setData,
  vpCount,
  wakeProcessor,
} from './vp.ts';
