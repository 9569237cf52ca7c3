/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vpi

#if !defined(_TRACE_VPI_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_VPI_H

#include <linux/tracepoint.h>
#include <linux/types.h>
#include <linux/vpi.h>

TRACE_DEFINE_ENUM(VPI_ACTIVE);
TRACE_DEFINE_ENUM(VPI_REGISTERED);
TRACE_DEFINE_ENUM(VPI_BLOCKED_STATE);
TRACE_DEFINE_ENUM(VPI_WAITRESUME);
TRACE_DEFINE_ENUM(VPI_WAITREGISTER);

#define show_vpi_state(state)						\
	__print_symbolic(state,						\
			 { VPI_ACTIVE,		"ACTIVE" },		\
			 { VPI_REGISTERED,	"REGISTERED" },		\
			 { VPI_BLOCKED_STATE,	"BLOCKED" },		\
			 { VPI_WAITRESUME,	"WAITRESUME" },		\
			 { VPI_WAITREGISTER,	"WAITREGISTER" })

#define show_vpi_event(type)						\
	__print_symbolic(type,						\
			 { VPI_BLOCKED,		"BLOCKED" },		\
			 { VPI_UNBLOCKED,	"UNBLOCKED" },		\
			 { VPI_PREEMPT,		"PREEMPT" },		\
			 { VPI_RESUMED,		"RESUMED" },		\
			 { VPI_SIGNAL,		"SIGNAL" })

DECLARE_EVENT_CLASS(vpi_vp,
	TP_PROTO(struct task_struct *task, u64 handle, u32 flags),
	TP_ARGS(task, handle, flags),
	TP_STRUCT__entry(
		__field(pid_t,	tid)
		__field(u64,	handle)
		__field(u32,	flags)
	),
	TP_fast_assign(
		__entry->tid	= task->pid;
		__entry->handle	= handle;
		__entry->flags	= flags;
	),
	TP_printk("tid=%d vp=%#llx flags=%#x",
		  __entry->tid, __entry->handle, __entry->flags)
);

/* A thread became a VP. */
DEFINE_EVENT(vpi_vp, vpi_attach,
	TP_PROTO(struct task_struct *task, u64 handle, u32 flags),
	TP_ARGS(task, handle, flags)
);

/* A VP became a plain thread, or ended. */
DEFINE_EVENT(vpi_vp, vpi_detach,
	TP_PROTO(struct task_struct *task, u64 handle, u32 flags),
	TP_ARGS(task, handle, flags)
);

/* A held VP got a signal frame: its handler runs. */
DEFINE_EVENT(vpi_vp, vpi_signal,
	TP_PROTO(struct task_struct *task, u64 handle, u32 flags),
	TP_ARGS(task, handle, flags)
);

/* A VP changes its state: every transition passes here. */
TRACE_EVENT(vpi_state,
	TP_PROTO(struct task_struct *task, u64 handle, u64 seq, u32 from, u32 to),
	TP_ARGS(task, handle, seq, from, to),
	TP_STRUCT__entry(
		__field(pid_t,	tid)
		__field(u64,	handle)
		__field(u64,	seq)
		__field(u32,	from)
		__field(u32,	to)
	),
	TP_fast_assign(
		__entry->tid	= task->pid;
		__entry->handle	= handle;
		__entry->seq	= seq;
		__entry->from	= from;
		__entry->to	= to;
	),
	TP_printk("tid=%d vp=%#llx seq=%llu %s -> %s",
		  __entry->tid, __entry->handle, __entry->seq,
		  show_vpi_state(__entry->from), show_vpi_state(__entry->to))
);

/* An event was given to a VP, which will carry it to user mode. */
TRACE_EVENT(vpi_notify,
	TP_PROTO(struct task_struct *carrier, const struct vpi_event *event),
	TP_ARGS(carrier, event),
	TP_STRUCT__entry(
		__field(pid_t,	carrier)
		__field(u32,	type)
		__field(u64,	handle)
		__field(u64,	seq)
		__field(u64,	arg)
	),
	TP_fast_assign(
		__entry->carrier = carrier->pid;
		__entry->type	 = event->type;
		__entry->handle	 = event->vp;
		__entry->seq	 = event->seq;
		__entry->arg	 = event->arg;
	),
	TP_printk("carrier=%d %s vp=%#llx seq=%llu arg=%#llx",
		  __entry->carrier, show_vpi_event(__entry->type),
		  __entry->handle, __entry->seq, __entry->arg)
);

#endif /* _TRACE_VPI_H */

#include <trace/define_trace.h>
