// SPDX-License-Identifier: GPL-2.0
/*
 * A VP that blocks at the entry of a system call of VPI itself: a supervisor
 * is asked (seccomp) whether it may go on. The block that somebody was told of
 * is over when the call takes the VP into another state.
 */
#include "vpi_test.h"
#include <stddef.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include "../kselftest_harness.h"

FIXTURE(entry) {
	struct vp worker;
	struct vp carrier;
	struct vp other;
};

FIXTURE_SETUP(entry)
{
	controller_start(0);
	vp_start(&self->worker);
	vp_start(&self->carrier);
	vp_start(&self->other);
}

FIXTURE_TEARDOWN(entry)
{
}

/* The calling thread asks before each call @nr; returns whom, or -1. */
static long ask_order(struct vp *vp, long nr)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = ARRAY_SIZE(code), .filter = code,
	};

	CHECK(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void let_go_on(int listener)
{
	struct seccomp_notif_resp answer = {
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};
	struct seccomp_notif question = {};

	CHECK(!ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question));
	answer.id = question.id;
	CHECK(!ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer));
}

static long wait_one_order(struct vp *vp, long unused)
{
	long ret;

	upcalls_on(vp);
	ret = vpi_wait_register(1);
	upcalls_off(vp);
	return ret;
}

static long ready_register_order(struct vp *vp, long flags)
{
	upcalls_on(vp);
	return register_order(vp, flags);
}

static long ready_detach_order(struct vp *vp, long flags)
{
	upcalls_on(vp);
	return vpi_detach(flags);
}

/* The worker blocks on its way into @order, the carrier takes BLOCKED. */
static bool block_at_entry(FIXTURE_DATA(entry) *self, long nr,
			   long (*order)(struct vp *, long))
{
	int listener = vp_do(&self->worker, ask_order, nr);

	if (listener < 0)
		return false;
	vp_register(&self->carrier);
	vp_order(&self->worker, order, 0);
	expect_event(&self->carrier, VPI_BLOCKED, &self->worker);
	let_go_on(listener);
	return true;
}

/* One block, seen, after which the worker went on without being held. */
static void expect_released(struct vp *carrier)
{
	struct vpi_status s = status_now();

	CHECK(s.blocks == 1 && s.seen == 1 && s.cancels == 0);
	CHECK(s.released == 1 && s.unblocked == 0 && s.exits == 0);
	CHECK(s.count[VPI_BLOCKED_STATE] == 0);
	expect_no_event(carrier);
}

TEST_F(entry, register_after_a_block_that_was_seen)
{
	if (!block_at_entry(self, __NR_vpi_register, ready_register_order))
		SKIP(return, "no seccomp, or no right to it");
	vp_wait_state(&self->worker, VPI_REGISTERED);
	expect_released(&self->carrier);
	ASSERT_EQ(0, vpi_resume(self->worker.attach.handle, VPI_SEQ_ANY, 7, 0));
	ASSERT_EQ(0, vp_await(&self->worker));
	EXPECT_EQ(VPI_RESUMED, self->worker.event.type);
	expect_released(&self->carrier);
}

TEST_F(entry, wait_register_after_a_block_that_was_seen)
{
	if (!block_at_entry(self, __NR_vpi_wait_register, wait_one_order))
		SKIP(return, "no seccomp, or no right to it");
	vp_wait_state(&self->worker, VPI_WAITREGISTER);
	expect_released(&self->carrier);
	vp_register(&self->other);
	ASSERT_EQ(0, vp_await(&self->worker));
	expect_released(&self->carrier);
}

TEST_F(entry, detach_after_a_block_that_was_seen)
{
	struct vpi_status s;

	if (!block_at_entry(self, __NR_vpi_detach, ready_detach_order))
		SKIP(return, "no seccomp, or no right to it");
	ASSERT_EQ(0, vp_await(&self->worker));
	s = status_now();
	EXPECT_EQ(1, s.exits);
	EXPECT_EQ(s.seen, s.exits);
	EXPECT_EQ(0, s.count[VPI_BLOCKED_STATE]);
	expect_no_event(&self->carrier);
}

VPI_TEST_MAIN
