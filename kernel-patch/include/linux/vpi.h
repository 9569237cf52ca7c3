/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual processor interface: what the rest of the kernel calls. Each
 * hook is one line; kernel/schedvpi.c does the work.
 */
#ifndef _LINUX_VPI_H
#define _LINUX_VPI_H

#include <linux/sched.h>
#include <uapi/linux/vpi.h>

struct pid;
struct pid_namespace;
struct seq_file;

#ifdef CONFIG_SCHEDVPI

void vpi_block(struct task_struct *tsk);
void vpi_unblock(struct task_struct *tsk);
void vpi_hold(void);
void __vpi_signal_delivered(void);
void __vpi_sigreturn(void);
void __vpi_preempt(void);
void __vpi_preempted(void);
void __vpi_exit(void);

int proc_pid_vpi(struct seq_file *m, struct pid_namespace *ns,
		 struct pid *pid, struct task_struct *task);
int proc_tid_vpi(struct seq_file *m, struct pid_namespace *ns,
		 struct pid *pid, struct task_struct *task);

/* A handler is about to run: a held VP may leave for it. */
static inline void vpi_signal_delivered(void)
{
	if (unlikely(current->vpi))
		__vpi_signal_delivered();
}

/* A handler is over: a held VP is held again. */
static inline void vpi_sigreturn(void)
{
	if (unlikely(current->vpi))
		__vpi_sigreturn();
}

/* Somebody else is to have this CPU, though the current thread would run on. */
static inline void vpi_preempt(void)
{
	if (unlikely(current->flags & PF_VPI))
		__vpi_preempt();
}

/* ... and the current thread has it again. */
static inline void vpi_preempted(void)
{
	if (unlikely(current->flags & PF_VPI))
		__vpi_preempted();
}

/* The current thread ends or executes another program: it is no VP any more. */
static inline void vpi_exit(void)
{
	if (unlikely(current->vpi))
		__vpi_exit();
}

/* The copy of a VP is a plain thread. */
static inline void vpi_fork(struct task_struct *child)
{
	if (likely(!child->vpi))
		return;
	child->vpi = NULL;
	child->flags &= ~PF_VPI;
	clear_tsk_thread_flag(child, TIF_VPI);
}

#else /* !CONFIG_SCHEDVPI */

static inline void vpi_block(struct task_struct *tsk) { }
static inline void vpi_unblock(struct task_struct *tsk) { }
static inline void vpi_hold(void) { }
static inline void vpi_signal_delivered(void) { }
static inline void vpi_sigreturn(void) { }
static inline void vpi_preempt(void) { }
static inline void vpi_preempted(void) { }
static inline void vpi_exit(void) { }
static inline void vpi_fork(struct task_struct *child) { }

#endif /* CONFIG_SCHEDVPI */

#endif /* _LINUX_VPI_H */
