/** Lines of `schedvpi.c` that something stands on: a lock, a check, a wake-up. Without each, a test must fail. */

export interface Mutation {
  name: string;
  /** Text that is there once, and what is there instead. */
  text: string;
  instead: string;
}

export const mutations: Mutation[] = [
  { name: 'BLOCKED is not queued', text: '		vpi_announce(v, VPI_BLOCKED);\n', instead: '' },
  { name: 'nobody is woken for BLOCKED', text: '	vpi_rebalance(k, wanted & VPI_BLOCKED, true);\n', instead: '' },
  { name: 'a sleep is a block although somebody has ended it before', text: 'if (state == TASK_RUNNING || signal', instead: 'if (signal' },
  { name: 'a sleep that a pending signal ends is a block', text: 'if (state == TASK_RUNNING || signal_pending_state(state, tsk))', instead: 'if (state == TASK_RUNNING)' },
  { name: 'a stop is a block', text: 'if (is_special_task_state(state) || tsk->jobctl & JOBCTL_TRAP_FREEZE)', instead: 'if (tsk->jobctl & JOBCTL_TRAP_FREEZE)' },
  { name: 'NOFAULT is not heeded', text: 'if (tsk->vpi->flags & VPI_ATTACH_NOFAULT &&', instead: 'if (0 &&' },
  { name: 'NOUPCALL is not heeded', text: '	if (READ_ONCE(v->word->flags) & VPI_NOUPCALL)\n		return 0;\n', instead: '' },
  { name: 'a block that was seen is withdrawn', text: '		if (!v->seen)\n			vpi_cancel(v);\n', instead: '		vpi_cancel(v);\n' },
  { name: 'a block is withdrawn without the lock', text: '		vpi_lock(k);\n		if (!v->seen)\n			vpi_cancel(v);\n		vpi_unlock(k);\n', instead: '		if (!v->seen)\n			vpi_cancel(v);\n' },
  { name: 'nobody is held', text: '	if (READ_ONCE(v->state) == VPI_BLOCKED_STATE)\n		set_thread_flag(TIF_VPI);\n', instead: '' },
  { name: 'held although nobody could resume it', text: ' ||\n	    (!k->count[VPI_ACTIVE] && !k->count[VPI_REGISTERED]))', instead: ')' },
  { name: 'UNBLOCKED is not queued', text: '		vpi_announce(v, VPI_UNBLOCKED);\n', instead: '' },
  { name: 'its own sleep is a block', text: '	vpi_hooks_off();\n	for (;;) {', instead: '	for (;;) {' },
  { name: 'the state is not looked at before the sleep', text: '		if (smp_load_acquire(&v->state) != state)\n			break;\n		if (signal', instead: '		if (signal' },
  { name: 'a signal does not end a wait', text: '		if (signal_pending(current)) {', instead: '		if (fatal_signal_pending(current)) {' },
  { name: 'all may be held', text: '	if (!k->count[VPI_ACTIVE] && !k->count[VPI_REGISTERED] &&\n	    !list_empty(&k->held)) {', instead: '	if (0) {' },
  { name: 'with fewer active than the target nobody is woken', text: '(must || !k->target || k->count[VPI_ACTIVE] < k->target)', instead: '(must || !k->target)' },
  { name: 'who ends a hold leaves its news in the queue', text: '	vpi_withdraw(v);\n	v->handlers = 0;\n', instead: '	v->handlers = 0;\n' },
  { name: 'who ends leaves its news in the queue', text: '	vpi_withdraw(v);\n	list_del_init(&v->link);\n', instead: '	list_del_init(&v->link);\n' },
  { name: 'nobody acts when the last active one has ended', text: '	trace_vpi_detach(v->task, v->handle, v->flags);\n	vpi_rebalance(k, false, false);\n', instead: '	trace_vpi_detach(v->task, v->handle, v->flags);\n' },
  { name: 'after its handler a VP is not held', text: '	if (v->state == VPI_WAITRESUME && v->handlers && !--v->handlers)\n		set_thread_flag(TIF_VPI);\n', instead: '' },
  { name: 'a handler is held, too', text: '		trace_vpi_signal(v->task, v->handle, v->flags);\n		clear_thread_flag(TIF_VPI);\n', instead: '		trace_vpi_signal(v->task, v->handle, v->flags);\n' },
  { name: 'the end of a wait goes before an event', text: '	if (v->state != VPI_REGISTERED) {\n		err = 0;\n	} else {', instead: '	if (v->state == VPI_REGISTERED) {' },
  { name: 'an event that cannot be written is lost', text: '		if (err)\n			vpi_put_back(v);\n', instead: '' },
  { name: 'SIGNAL that cannot be written is for anybody', text: '	v->addressed = true;\n	vpi_fill(v);\n', instead: '	vpi_fill(v);\n' },
  { name: 'a resume is for any block', text: '	if (r->seq != VPI_SEQ_ANY && r->seq != v->seq)\n		return ERR_PTR(-ESTALE);\n', instead: '' },
  { name: 'a handle is for whoever has the slot', text: 'if (!v || v->handle != handle)', instead: 'if (!v)' },
  { name: 'a block goes on in a register', text: '	} else if (v->state == VPI_BLOCKED_STATE) {\n		vpi_set_state(v, VPI_ACTIVE);\n		k->released++;\n	}\n', instead: '	}\n' },
  { name: 'PREEMPT is told when it is over', text: '		vpi_withdraw(v);\n		k->preempt_cancels++;\n', instead: '' },
  { name: 'who waits for registered VPs is not woken', text: '	vpi_end_wait_register(k);\n}', instead: '}' },
];

/** @throws {Error} the text is not there, or more than once */
export function mutated(source: string, { name, text, instead }: Mutation): string {
  const parts = source.split(text);
  if (parts.length !== 2) throw new Error(`${name}: its text is there ${parts.length - 1} times`);
  return parts.join(instead);
}
