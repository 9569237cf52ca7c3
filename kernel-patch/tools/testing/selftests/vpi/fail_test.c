// SPDX-License-Identifier: GPL-2.0
/*
 * Allocations that fail, each in its turn (a kernel with CONFIG_FAULT_INJECTION):
 * the call says ENOMEM, nothing is left of it, and it works when tried again.
 */
#include "vpi_test.h"
#include "vpi_slab.h"
#include "../kselftest_harness.h"

#define DEBUG	"/sys/kernel/debug/"

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Also those that could wait for memory; of any size. Not told in the log. */
static bool fail_all_sorts(void)
{
	return write_text(DEBUG "failslab/verbose", "0") &&
	       write_text(DEBUG "fail_page_alloc/verbose", "0") &&
	       write_text(DEBUG "failslab/ignore-gfp-wait", "N") &&
	       write_text(DEBUG "fail_page_alloc/ignore-gfp-wait", "N") &&
	       write_text(DEBUG "fail_page_alloc/ignore-gfp-highmem", "N") &&
	       write_text(DEBUG "fail_page_alloc/min-order", "0");
}

/* The @n-th allocation of this thread from here on. */
static int fail_nth(int n)
{
	int fd = open("/proc/thread-self/fail-nth", O_RDWR);
	char text[16];

	CHECK(fd >= 0);
	snprintf(text, sizeof(text), "%d", n);
	CHECK(write(fd, text, strlen(text)) > 0);
	return fd;
}

/* Whether it came to that. No allocation fails any more. */
static bool has_failed(int fd)
{
	char text[16] = "";
	bool failed;

	CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);
	failed = atoi(text) == 0;
	CHECK(pwrite(fd, "0", 1, 0) == 1);
	close(fd);
	return failed;
}

static struct vpi_attach attach;

static long attach_it(void)
{
	attach = (struct vpi_attach) {
		.version = VPI_ABI_VERSION, .flags = VPI_ATTACH_INIT,
		.mask = BLOCK_MASKS, .kcb_mask = BLOCK_MASKS,
	};
	return vpi_attach(&attach, sizeof(attach));
}

static unsigned int resumed;

/* Nobody is registered: it has to be queued. */
static long resume_any(void)
{
	long ret = vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 1, 0);

	resumed += !ret;
	return ret;
}

static long join_another(void)
{
	struct vp vp;

	vp_start(&vp);
	vp_stop(&vp);
	return 0;
}

/*
 * Fails the first allocation of @call, then the second, and so on until there
 * are no more. Returns how many times it said ENOMEM.
 */
static int fail_each(long (*call)(void), long (*undo)(void))
{
	int n, fd, refused = 0;
	bool failed;
	long ret;

	for (n = 1; ; n++) {
		CHECK(n < 1000);
		fd = fail_nth(n);
		errno = 0;
		ret = call();
		if (ret)
			CHECK(errno == ENOMEM);
		failed = has_failed(fd);
		if (ret) {
			CHECK(failed);
			refused++;
			CHECK(!call());
		}
		if (undo)
			CHECK(!undo());
		if (!failed)
			return refused;
	}
}

static long detach_it(void)
{
	return vpi_detach(0);
}

#define NEED_FAILURES							\
	do {								\
		if (!fail_all_sorts())					\
			SKIP(return, "no fault injection, or no right to it"); \
	} while (0)

TEST(attach_fails)
{
	struct slab_counts before;
	bool counts = slab_counts(&before);
	int refused;

	NEED_FAILURES;
	refused = fail_each(attach_it, detach_it);
	TH_LOG("%d allocations", refused);
	/* The KCB, its table, its area, the page, the VP, the mapping ... */
	EXPECT_LT(5, refused);
	if (counts)
		WAIT_FOR(slab_counts_back(&before));
}

TEST(resume_any_fails)
{
	int refused;

	NEED_FAILURES;
	ASSERT_EQ(0, attach_it());
	refused = fail_each(resume_any, NULL);
	EXPECT_EQ(1, refused);
	/* Each that succeeded is there once, whatever else has failed in it. */
	EXPECT_EQ(resumed, status_now().queued);
	ASSERT_EQ(0, join_another());
}

VPI_TEST_MAIN
