// SPDX-License-Identifier: GPL-2.0
/* Every documented error of every call; and that a failed call changes nothing. */
#include "vpi_test.h"
#include "../kselftest_harness.h"

#define EXPECT_ERRNO(error, call)		\
	do {					\
		errno = 0;			\
		EXPECT_EQ(-1, call);		\
		EXPECT_EQ(error, errno);	\
	} while (0)

static struct vpi_attach init_attach(void)
{
	return (struct vpi_attach) {
		.version = VPI_ABI_VERSION,
		.flags = VPI_ATTACH_INIT,
		.mask = BLOCK_MASKS,
		.kcb_mask = BLOCK_MASKS,
	};
}

/* An address where nothing is mapped. */
static void *unmapped(void)
{
	void *p = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED && !munmap(p, getpagesize()));
	return p;
}

/* A page that can be read only, with @size bytes from @from in it. */
static void *read_only(const void *from, size_t size)
{
	void *p = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memcpy(p, from, size);
	CHECK(!mprotect(p, getpagesize(), PROT_READ));
	return p;
}

/*
 * Where an event begins on a page that can be written, and ends on one that is
 * not there: a first try of the address says nothing about its end.
 */
static void *half_mapped(void)
{
	char *p = mmap(NULL, 2 * getpagesize(), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK(!munmap(p + getpagesize(), getpagesize()));
	return p + getpagesize() - 16;
}

/* --- From a thread that is no VP ----------------------------------------- */

static void expect_eperm(struct __test_metadata *_metadata)
{
	struct vpi_status status;
	struct vpi_event event = {};

	EXPECT_ERRNO(EPERM, vpi_detach(0));
	EXPECT_ERRNO(EPERM, vpi_register(&event, sizeof(event), 0, 0));
	EXPECT_ERRNO(EPERM, vpi_resume(1, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(EPERM, vpi_wait_register(1));
	EXPECT_ERRNO(EPERM, vpi_status(&status, sizeof(status), 0));
	EXPECT_ERRNO(EPERM, vpi_mode(0, 0));
}

TEST(no_vp_in_a_plain_process)
{
	expect_eperm(_metadata);
}

TEST(no_vp_in_a_vpi_process)
{
	struct vp vp;
	struct vpi_attach attach;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	vp_start(&vp);
	ASSERT_EQ(0, vpi_detach(0));
	expect_eperm(_metadata);
	vp_stop(&vp);
}

/* --- attach -------------------------------------------------------------- */

TEST(attach_sizes)
{
	struct {
		struct vpi_attach attach;
		char later[8];
	} arg = { .attach = init_attach() };

	EXPECT_ERRNO(EINVAL, vpi_attach(&arg.attach, 0));
	EXPECT_ERRNO(EINVAL, vpi_attach(&arg.attach,
					VPI_ATTACH_SIZE_VER0 - 1));
	EXPECT_ERRNO(E2BIG, vpi_attach(&arg.attach, getpagesize() + 1));
	EXPECT_ERRNO(E2BIG, vpi_attach(&arg.attach, SIZE_MAX));
	arg.later[7] = 1;
	EXPECT_ERRNO(E2BIG, vpi_attach(&arg.attach, sizeof(arg)));
	arg.later[7] = 0;
	EXPECT_EQ(0, vpi_attach(&arg.attach, sizeof(arg)));
}

TEST(attach_fault)
{
	struct vpi_attach attach = init_attach();

	EXPECT_ERRNO(EFAULT, vpi_attach(NULL, sizeof(attach)));
	EXPECT_ERRNO(EFAULT, vpi_attach(unmapped(), sizeof(attach)));
}

/* The result cannot be told: then the thread is no VP, and there is no KCB. */
TEST(attach_fault_leaves_nothing)
{
	struct vpi_attach attach = init_attach();
	struct vpi_attach *ro = read_only(&attach, sizeof(attach));

	EXPECT_ERRNO(EFAULT, vpi_attach(ro, sizeof(*ro)));
	expect_eperm(_metadata);
	EXPECT_EQ(0, vpi_attach(&attach, sizeof(attach)));
	EXPECT_EQ(1, status_now().count[VPI_ACTIVE]);
}

TEST(attach_version)
{
	struct vpi_attach attach = init_attach();

	attach.version = VPI_ABI_VERSION + 1;
	EXPECT_ERRNO(EPROTO, vpi_attach(&attach, sizeof(attach)));
	attach.version = 0;
	EXPECT_ERRNO(EPROTO, vpi_attach(&attach, sizeof(attach)));
}

TEST(attach_unknown_bits)
{
	struct vpi_attach attach = init_attach();

	attach.flags = VPI_ATTACH_INIT | 0x80000000;
	EXPECT_ERRNO(EINVAL, vpi_attach(&attach, sizeof(attach)));
	attach = init_attach();
	attach.mask = 0x80000000;
	EXPECT_ERRNO(EINVAL, vpi_attach(&attach, sizeof(attach)));
	attach = init_attach();
	attach.kcb_mask = 0x20;
	EXPECT_ERRNO(EINVAL, vpi_attach(&attach, sizeof(attach)));
	attach = init_attach();
	attach.target = VPI_MAX_VPS + 1;
	EXPECT_ERRNO(EINVAL, vpi_attach(&attach, sizeof(attach)));
	attach.target = VPI_MAX_VPS;
	EXPECT_EQ(0, vpi_attach(&attach, sizeof(attach)));
}

TEST(attach_kcb_fields_without_init)
{
	struct vpi_attach attach = init_attach();
	struct vpi_attach creator;
	struct vp vp;

	ASSERT_EQ(0, attach_self(&creator, VPI_ATTACH_INIT, BLOCK_MASKS));
	vp_start(&vp);
	ASSERT_EQ(0, vpi_detach(0));

	attach.flags = 0;
	EXPECT_ERRNO(EINVAL, vpi_attach(&attach, sizeof(attach)));
	attach.kcb_mask = 0;
	attach.target = 1;
	EXPECT_ERRNO(EINVAL, vpi_attach(&attach, sizeof(attach)));
	attach.target = 0;
	EXPECT_EQ(0, vpi_attach(&attach, sizeof(attach)));
	vp_stop(&vp);
}

TEST(attach_order_of_life)
{
	struct vpi_attach attach;
	struct vp vp;

	EXPECT_ERRNO(ENXIO, attach_self(&attach, 0, BLOCK_MASKS));
	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	EXPECT_ERRNO(EALREADY, attach_self(&attach, 0, BLOCK_MASKS));
	vp_start(&vp);
	ASSERT_EQ(0, vpi_detach(0));
	EXPECT_ERRNO(EBUSY, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	vp_stop(&vp);
	EXPECT_ERRNO(ENXIO, attach_self(&attach, 0, BLOCK_MASKS));
}

/* --- detach, mode, wait_register ------------------------------------------ */

TEST(unknown_flags)
{
	struct vpi_event event = {};

	controller_start(0);
	EXPECT_ERRNO(EINVAL, vpi_detach(1));
	EXPECT_ERRNO(EINVAL, vpi_detach(0x80000000));
	EXPECT_ERRNO(EINVAL, vpi_register(&event, sizeof(event), 0, 2));
	EXPECT_ERRNO(EINVAL, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 0, 1));
	EXPECT_ERRNO(EINVAL, vpi_mode(0, 2));
	EXPECT_ERRNO(EINVAL, vpi_mode(0x20, 0));
	EXPECT_ERRNO(EINVAL, vpi_mode(0x80000000, VPI_MODE_ALL));
	EXPECT_ERRNO(EINVAL, vpi_wait_register(0));
	EXPECT_ERRNO(EINVAL, vpi_wait_register(VPI_MAX_VPS + 1));
	EXPECT_EQ(BLOCK_MASKS, status_now().mask);
	EXPECT_EQ(1, status_now().system);
}

/* --- register ------------------------------------------------------------- */

TEST(register_sizes)
{
	struct {
		struct vpi_event event;
		char later[64];
	} arg = {};

	controller_start(0);
	EXPECT_ERRNO(EINVAL, vpi_register(&arg.event, 0, 0, 0));
	EXPECT_ERRNO(EINVAL, vpi_register(&arg.event,
					  VPI_EVENT_SIZE_VER0 - 1, 0, 0));
	EXPECT_ERRNO(E2BIG, vpi_register(&arg.event, 4097, 0, 0));
	EXPECT_ERRNO(ETIMEDOUT, vpi_register(&arg.event, sizeof(arg), 0, 0));
	EXPECT_EQ(0, arg.event.type);
}

/* Arguments that are not valid leave the caller as it was. */
TEST(register_invalid_leaves_noupcall)
{
	struct vpi_event event = {};
	struct vpi_attach attach;
	struct vpi_vp_page *word;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	word = vpi_word(&attach);
	word->flags = 0;
	EXPECT_ERRNO(EINVAL, vpi_register(&event, 1, 0, 0));
	EXPECT_EQ(0, word->flags);
	EXPECT_ERRNO(ETIMEDOUT, vpi_register(&event, sizeof(event), 0, 0));
	EXPECT_EQ(VPI_NOUPCALL, word->flags);
}

static long register_at_order(struct vp *vp, long address)
{
	return vpi_register((void *)address, sizeof(struct vpi_event),
			    VPI_NO_DEADLINE, 0);
}

/* The event that could not be told stays, and is the next one. */
static void expect_event_survives(struct __test_metadata *_metadata,
				  void *address)
{
	struct vp worker, carrier;
	int fds[2];

	controller_start(0);
	vp_start(&worker);
	vp_start(&carrier);
	ASSERT_EQ(0, pipe(fds));

	/* While it sleeps there. */
	vp_order(&carrier, register_at_order, (long)address);
	WAIT_FOR(load(&carrier.word->state) == VPI_REGISTERED ||
		 vp_idle(&carrier));
	if (!vp_idle(&carrier)) {
		vp_order(&worker, read_order, fds[0]);
		ASSERT_EQ(-1, vp_await(&carrier));
	} else {
		/* The pointer may be tried before, as well. */
		ASSERT_EQ(-1, vp_await(&carrier));
		ASSERT_EQ(EFAULT, errno);
		vp_order(&worker, read_order, fds[0]);
		vp_wait_state(&worker, VPI_BLOCKED_STATE);
	}
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(VPI_ACTIVE, carrier.word->state);

	/* At once, as it is queued now. */
	EXPECT_EQ(1, status_now().queued);
	EXPECT_EQ(-1, vp_do(&carrier, register_at_order, (long)address));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, status_now().queued);

	ASSERT_EQ(0, vp_do(&carrier, fetch_order, 0));
	EXPECT_EQ(VPI_BLOCKED, carrier.event.type);
	EXPECT_EQ(worker.attach.handle, carrier.event.vp);
	EXPECT_EQ(0, carrier.event.queued);
	EXPECT_EQ(1, status_now().seen);
	expect_no_event(&carrier);

	put_byte(fds[1]);
	vp_wait_state(&worker, VPI_WAITRESUME);
	EXPECT_EQ(0, vp_do(&carrier, fetch_order, 0));
	EXPECT_EQ(VPI_UNBLOCKED, carrier.event.type);
	ASSERT_EQ(0, vpi_resume(worker.attach.handle, carrier.event.seq, 0, 0));
	EXPECT_EQ(1, vp_await(&worker));
}

TEST(register_unmapped_loses_no_event)
{
	expect_event_survives(_metadata, unmapped());
}

TEST(register_half_mapped_loses_no_event)
{
	expect_event_survives(_metadata, half_mapped());
}

TEST(register_read_only_loses_no_event)
{
	struct vpi_event event = {};

	expect_event_survives(_metadata, read_only(&event, sizeof(event)));
}

/* RESUMED addressed to a registered VP is no less safe, nor a system VP's. */
static void expect_resumed_survives(struct __test_metadata *_metadata,
				    __u32 flags)
{
	struct vp vp;

	vp_start_flags(&vp, flags, BLOCK_MASKS);
	vp_order(&vp, register_at_order, (long)half_mapped());
	vp_wait_state(&vp, VPI_REGISTERED);
	ASSERT_EQ(0, vpi_resume(vp.attach.handle, VPI_SEQ_ANY, 77, 0));
	EXPECT_EQ(-1, vp_await(&vp));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, vp_do(&vp, fetch_order, 0));
	EXPECT_EQ(VPI_RESUMED, vp.event.type);
	EXPECT_EQ(77, vp.event.arg);
	expect_no_event(&vp);
	vp_stop(&vp);
}

TEST(register_fault_loses_no_resumed)
{
	controller_start(0);
	expect_resumed_survives(_metadata, 0);
}

/* It is not for others, even if they are there and it is not. */
TEST(register_fault_keeps_resumed_from_others)
{
	struct vp vp, other;

	controller_start(0);
	vp_start(&vp);
	vp_start(&other);
	vp_register(&other);
	vp_order(&vp, register_at_order, (long)half_mapped());
	vp_wait_state(&vp, VPI_REGISTERED);
	ASSERT_EQ(0, vpi_resume(vp.attach.handle, VPI_SEQ_ANY, 77, 0));
	EXPECT_EQ(-1, vp_await(&vp));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(VPI_REGISTERED, other.word->state);
	ASSERT_EQ(0, vp_do(&vp, fetch_order, 0));
	EXPECT_EQ(VPI_RESUMED, vp.event.type);
	EXPECT_EQ(77, vp.event.arg);
	EXPECT_EQ(VPI_REGISTERED, other.word->state);
}

TEST(register_fault_loses_no_resumed_of_a_system_vp)
{
	controller_start(0);
	expect_resumed_survives(_metadata, VPI_ATTACH_SYSTEM);
}

/* REGISTER_RESUME reads the event before it does anything. */
TEST(register_resume_fault)
{
	struct vp vp;

	controller_start(0);
	vp_start(&vp);
	EXPECT_ERRNO(EFAULT, vpi_register(unmapped(), sizeof(struct vpi_event),
					  0, VPI_REGISTER_RESUME));
	EXPECT_EQ(0, status_now().queued);
	vp_stop(&vp);
}

static long register_resume_order(struct vp *vp, long flags)
{
	return vpi_register(&vp->event, sizeof(vp->event), VPI_NO_DEADLINE,
			    VPI_REGISTER_RESUME);
}

/* The resume's error is register's, and then the caller did not register. */
TEST(register_resume_errors)
{
	struct vp worker, carrier;
	__u64 seq;
	int fds[2];

	controller_start(0);
	vp_start(&worker);
	vp_start(&carrier);
	ASSERT_EQ(0, pipe(fds));
	seq = hold(&worker, &carrier, fds);

	carrier.event = (struct vpi_event) {
		.vp = worker.attach.handle, .seq = seq + 1,
	};
	EXPECT_EQ(-1, vp_do(&carrier, register_resume_order, 0));
	EXPECT_EQ(ESTALE, errno);
	carrier.event = (struct vpi_event) {
		.vp = carrier.attach.handle, .seq = VPI_SEQ_ANY,
	};
	EXPECT_EQ(-1, vp_do(&carrier, register_resume_order, 0));
	EXPECT_EQ(EAGAIN, errno);
	carrier.event = (struct vpi_event) {
		.vp = ~0ULL, .seq = VPI_SEQ_ANY,
	};
	EXPECT_EQ(-1, vp_do(&carrier, register_resume_order, 0));
	EXPECT_EQ(EXDEV, errno);

	EXPECT_EQ(VPI_ACTIVE, carrier.word->state);
	EXPECT_EQ(VPI_WAITRESUME, worker.word->state);
	ASSERT_EQ(0, vpi_resume(worker.attach.handle, seq, 0, 0));
	EXPECT_EQ(1, vp_await(&worker));
}

/* --- resume --------------------------------------------------------------- */

TEST(resume_states)
{
	struct vp worker, carrier;
	__u64 handle;
	int fds[2];

	controller_start(0);
	vp_start(&worker);
	vp_start(&carrier);
	ASSERT_EQ(0, pipe(fds));
	handle = worker.attach.handle;

	/* Active: it has never blocked. */
	EXPECT_ERRNO(EAGAIN, vpi_resume(handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(ESTALE, vpi_resume(handle, 1, 0, 0));

	/* Blocked. */
	vp_register(&carrier);
	vp_order(&worker, read_order, fds[0]);
	expect_event(&carrier, VPI_BLOCKED, &worker);
	EXPECT_ERRNO(EAGAIN, vpi_resume(handle, carrier.event.seq, 0, 0));
	EXPECT_ERRNO(EAGAIN, vpi_resume(handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(ESTALE, vpi_resume(handle, carrier.event.seq + 1, 0, 0));
	EXPECT_ERRNO(ESTALE, vpi_resume(handle, ~0ULL, 0, 0));

	/* Held. */
	put_byte(fds[1]);
	vp_wait_state(&worker, VPI_WAITRESUME);
	EXPECT_ERRNO(ESTALE, vpi_resume(handle, carrier.event.seq + 1, 0, 0));
	EXPECT_EQ(0, vpi_resume(handle, carrier.event.seq, 0, 0));

	/* Over. */
	EXPECT_EQ(1, vp_await(&worker));
	EXPECT_ERRNO(ESTALE, vpi_resume(handle, carrier.event.seq, 0, 0));
	EXPECT_ERRNO(EAGAIN, vpi_resume(handle, VPI_SEQ_ANY, 0, 0));

	/* Gone. */
	vp_stop(&worker);
	EXPECT_ERRNO(ESRCH, vpi_resume(handle, carrier.event.seq, 0, 0));
	EXPECT_ERRNO(ESRCH, vpi_resume(handle, VPI_SEQ_ANY, 0, 0));
}

/* The slot has a new VP; the old one's handle still names nobody. */
TEST(resume_stale_handle)
{
	struct vpi_status status;
	struct vp old, new;
	__u64 handle;

	controller_start(0);
	vp_start(&old);
	handle = old.attach.handle;
	ASSERT_EQ(0, vp_do(&old, detach_order, 0));
	EXPECT_ERRNO(ESRCH, vpi_resume(handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(ESRCH, vpi_status(&status, sizeof(status), handle));
	vp_start(&new);
	EXPECT_EQ(old.attach.slot, new.attach.slot);
	EXPECT_NE(handle, new.attach.handle);
	EXPECT_ERRNO(ESRCH, vpi_resume(handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(ESRCH, vpi_status(&status, sizeof(status), handle));
}

TEST(resume_malformed_handle)
{
	struct vpi_status status;

	controller_start(0);
	EXPECT_ERRNO(EXDEV, vpi_resume(~0ULL, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(EXDEV, vpi_resume(1ULL << 53, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(EXDEV, vpi_status(&status, sizeof(status), ~0ULL));
	EXPECT_ERRNO(EXDEV, vpi_status(&status, sizeof(status), 1ULL << 63));
}

/* A handle of another process means nothing here, and harms nobody there. */
TEST(resume_foreign_handle)
{
	struct vpi_attach other = {};
	struct vpi_status status;
	int up[2], down[2];
	struct vp vp;
	pid_t child;
	int wstatus;
	char byte;

	ASSERT_EQ(0, pipe(up));
	ASSERT_EQ(0, pipe(down));
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		struct vpi_event event;

		CHECK(!attach_self(&other, VPI_ATTACH_INIT, BLOCK_MASKS));
		CHECK(write(up[1], &other, sizeof(other)) == sizeof(other));
		CHECK(read(down[0], &byte, 1) == 1);
		/* Nobody has resumed us. */
		_exit(vpi_register(&event, sizeof(event), 0, 0) != -1 ||
		      errno != ETIMEDOUT);
	}
	controller_start(0);
	vp_start(&vp);
	ASSERT_EQ(sizeof(other), read(up[0], &other, sizeof(other)));
	EXPECT_NE(vp.attach.handle, other.handle);
	EXPECT_ERRNO(EXDEV, vpi_resume(other.handle, VPI_SEQ_ANY, 0, 0));
	EXPECT_ERRNO(EXDEV, vpi_status(&status, sizeof(status), other.handle));
	put_byte(down[1]);
	ASSERT_EQ(child, waitpid(child, &wstatus, 0));
	EXPECT_EQ(0, wstatus);
}

TEST(resume_any_is_bounded)
{
	struct vpi_event event;
	struct vpi_attach attach;
	__u64 i, n;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	for (n = 0; n <= VPI_MAX_VPS; n++)
		if (vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, n, 0))
			break;
	EXPECT_EQ(ENOBUFS, errno);
	EXPECT_EQ(VPI_MAX_VPS, n);
	EXPECT_EQ(n, status_now().queued);
	for (i = 0; i < n; i++) {
		ASSERT_EQ(0, vpi_register(&event, sizeof(event), 0, 0));
		ASSERT_EQ(VPI_RESUMED, event.type);
		ASSERT_EQ(i, event.arg);
	}
	EXPECT_ERRNO(ETIMEDOUT, vpi_register(&event, sizeof(event), 0, 0));
	EXPECT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, n, 0));
}

/* --- status --------------------------------------------------------------- */

TEST(status_errors)
{
	struct vpi_status status;

	controller_start(0);
	EXPECT_ERRNO(EINVAL, vpi_status(&status, 0, 0));
	EXPECT_ERRNO(EINVAL, vpi_status(&status, VPI_STATUS_SIZE_VER0 - 1, 0));
	EXPECT_ERRNO(E2BIG, vpi_status(&status, 4097, 0));
	EXPECT_ERRNO(EFAULT, vpi_status(NULL, sizeof(status), 0));
	EXPECT_ERRNO(EFAULT, vpi_status(unmapped(), sizeof(status), 0));
	EXPECT_EQ(0, vpi_status(&status, sizeof(status), 0));
}

/* --- VPI_MAX_VPS ---------------------------------------------------------- */

static uint32_t attached, leave;

static void *one_of_many(void *arg)
{
	struct vpi_attach attach;

	if (!attach_self(&attach, VPI_ATTACH_NOFAULT, BLOCK_MASKS))
		__atomic_add_fetch(&attached, 1, __ATOMIC_SEQ_CST);
	else if (errno != ENOSPC)
		die("attach of VP %u", load(&attached));
	else
		store(arg, ENOSPC);
	futex_await(&leave, 0);
	return NULL;
}

/* A small machine allows fewer threads than that. */
static void allow_more_threads(void)
{
	FILE *f = fopen("/proc/sys/kernel/threads-max", "w");

	if (!f)
		return;
	fprintf(f, "%d", 4 * VPI_MAX_VPS);
	fclose(f);
}

FIXTURE(many) {
};

FIXTURE_SETUP(many)
{
}

FIXTURE_TEARDOWN(many)
{
}

TEST_F_TIMEOUT(many, attach_too_many, 300)
{
	static pthread_t threads[VPI_MAX_VPS];
	pthread_attr_t attr;
	uint32_t refused = 0;
	unsigned int n = 0;
	int err = 0;

	if (scaled(100) < 100)
		SKIP(return, "a reduced run");
	allow_more_threads();
	controller_start(0);
	CHECK(!pthread_attr_init(&attr));
	CHECK(!pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN));
	while (n < VPI_MAX_VPS && !err) {
		err = pthread_create(&threads[n], &attr, one_of_many, &refused);
		if (!err)
			n++;
	}
	if (err) {
		store(&leave, 1);
		SKIP(return, "no more than %u threads here", n);
	}
	/* The controller has a slot, too: one of these finds none. */
	WAIT_FOR(load(&refused));
	WAIT_FOR(load(&attached) == VPI_MAX_VPS - 1);
	EXPECT_EQ(VPI_MAX_VPS - 1, status_now().count[VPI_ACTIVE]);
	store(&leave, 1);
	futex(&leave, FUTEX_WAKE, INT_MAX);
	while (n)
		CHECK(!pthread_join(threads[--n], NULL));
	EXPECT_EQ(0, status_now().count[VPI_ACTIVE]);
}

VPI_TEST_MAIN
