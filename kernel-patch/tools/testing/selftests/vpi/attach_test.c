// SPDX-License-Identifier: GPL-2.0
/* Attach, detach, the shared page, and the masks. */
#include "vpi_test.h"
#include "../kselftest_harness.h"

TEST(init_fills_in_everything)
{
	struct vpi_attach attach;
	struct vpi_kcb_page *page;
	struct vpi_vp_page *word;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	EXPECT_NE(0, attach.handle);
	EXPECT_EQ(0, attach.handle >> 53);
	EXPECT_LT(attach.slot, VPI_MAX_VPS);
	ASSERT_NE(0, attach.page);
	EXPECT_NE(0, attach.page_size);
	EXPECT_EQ(0, attach.page % getpagesize());
	EXPECT_EQ(0, attach.page_size % getpagesize());

	page = vpi_page(&attach);
	EXPECT_EQ(VPI_ABI_VERSION, page->version);
	EXPECT_EQ(sizeof(struct vpi_vp_page), page->vp_size);
	EXPECT_GE(page->vp_offset, sizeof(*page));
	EXPECT_EQ(0, page->target);
	EXPECT_EQ(0, page->queued);
	EXPECT_EQ(0, page->registered);
	EXPECT_EQ(1, page->active);

	word = vpi_word(&attach);
	EXPECT_EQ(attach.handle, word->handle);
	EXPECT_EQ(VPI_ACTIVE, word->state);
	EXPECT_EQ(VPI_NOUPCALL, word->flags & VPI_NOUPCALL);
}

TEST(detach_frees_the_slot_and_leaves_the_page)
{
	struct vpi_attach attach;
	struct vpi_kcb_page *page;
	struct vpi_vp_page *word;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	page = vpi_page(&attach);
	word = vpi_word(&attach);
	ASSERT_EQ(0, vpi_detach(0));

	EXPECT_EQ(0, word->handle);
	EXPECT_EQ(0, page->active);
	EXPECT_EQ(0, munmap(page, attach.page_size));
}

TEST(init_again_after_the_last_vp)
{
	struct vpi_attach first, second;

	ASSERT_EQ(0, attach_self(&first, VPI_ATTACH_INIT, BLOCK_MASKS));
	ASSERT_EQ(0, vpi_detach(0));
	ASSERT_EQ(0, attach_self(&second, VPI_ATTACH_INIT, BLOCK_MASKS));

	EXPECT_NE(first.handle, second.handle);
	EXPECT_NE(first.page, second.page);
	EXPECT_EQ(second.handle, vpi_word(&second)->handle);
	EXPECT_EQ(0, vpi_page(&first)->active);

	/* The old page's end is not the new one's. */
	EXPECT_EQ(0, munmap(vpi_page(&first), first.page_size));
	EXPECT_EQ(1, vpi_page(&second)->active);
}

TEST(the_page_may_be_unmapped_at_any_time)
{
	struct vpi_attach attach;
	struct vpi_event event;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	ASSERT_EQ(0, munmap(vpi_page(&attach), attach.page_size));
	EXPECT_EQ(-1, vpi_register(&event, sizeof(event), 0, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_EQ(0, vpi_detach(0));
}

TEST(second_vp_shares_the_page)
{
	struct vpi_kcb_page *page = controller_start(0);
	struct vp one, two;

	vp_start(&one);
	vp_start(&two);
	EXPECT_EQ(page, vpi_page(&one.attach));
	EXPECT_EQ(page, vpi_page(&two.attach));
	EXPECT_NE(one.attach.slot, two.attach.slot);
	EXPECT_NE(one.attach.handle, two.attach.handle);
	EXPECT_EQ(one.attach.handle, one.word->handle);
	EXPECT_EQ(two.attach.handle, two.word->handle);
	EXPECT_EQ(2, page->active);

	vp_stop(&one);
	EXPECT_EQ(1, page->active);
	vp_stop(&two);
	EXPECT_EQ(0, page->active);
}

TEST(system_vp_is_not_counted)
{
	struct vpi_kcb_page *page = controller_start(3);
	struct vpi_status status = status_now();

	EXPECT_EQ(0, page->active);
	EXPECT_EQ(3, page->target);
	EXPECT_EQ(0, status.count[VPI_ACTIVE]);
	EXPECT_EQ(1, status.system);
	EXPECT_EQ(3, status.target);
}

/* The KCB lives as long as any VP, system VPs included. */
TEST(system_vp_keeps_the_kcb)
{
	struct vp vp;

	controller_start(0);
	vp_start(&vp);
	vp_stop(&vp);
	EXPECT_EQ(0, status_now().count[VPI_ACTIVE]);
	vp_start(&vp);
	EXPECT_EQ(1, status_now().count[VPI_ACTIVE]);
	vp_stop(&vp);
}

/* As the first INIT's VP goes, others keep the KCB. */
TEST(kcb_outlives_its_creator)
{
	struct vpi_attach attach;
	struct vp vp;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	vp_start(&vp);
	ASSERT_EQ(0, vpi_detach(0));
	ASSERT_EQ(-1, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	EXPECT_EQ(EBUSY, errno);
	ASSERT_EQ(0, attach_self(&attach, 0, BLOCK_MASKS));
	EXPECT_EQ(2, status_now().count[VPI_ACTIVE]);
	vp_stop(&vp);
}

TEST(status_tells_about_a_vp)
{
	struct vpi_status status;
	struct vp vp;

	controller_start(0);
	vp_start_flags(&vp, VPI_ATTACH_NOFAULT, VPI_BLOCKED);
	status = status_of(vp.attach.handle);
	EXPECT_EQ(VPI_ACTIVE, status.vp_state);
	EXPECT_EQ(VPI_BLOCKED, status.vp_mask);
	EXPECT_EQ(vp.tid, status.vp_tid);
	EXPECT_EQ(VPI_ATTACH_NOFAULT,
		  status.vp_flags & (VPI_ATTACH_NOFAULT | VPI_ATTACH_SYSTEM));
	EXPECT_EQ(0, status.vp_seq);
	EXPECT_EQ(BLOCK_MASKS, status.mask);
	vp_stop(&vp);
}

TEST(mode_returns_the_old_mask)
{
	struct vpi_attach attach;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, VPI_BLOCKED));
	EXPECT_EQ(VPI_BLOCKED, vpi_mode(VPI_UNBLOCKED, 0));
	EXPECT_EQ(VPI_UNBLOCKED, vpi_mode(0, 0));
	EXPECT_EQ(0, vpi_mode(VPI_BLOCKED | VPI_UNBLOCKED, 0));
	EXPECT_EQ(VPI_BLOCKED | VPI_UNBLOCKED,
		  status_of(attach.handle).vp_mask);
	EXPECT_EQ(BLOCK_MASKS, status_now().mask);
}

TEST(mode_all_is_the_kcbs)
{
	struct vpi_attach attach;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, VPI_BLOCKED));
	EXPECT_EQ(BLOCK_MASKS, vpi_mode(VPI_UNBLOCKED, VPI_MODE_ALL));
	EXPECT_EQ(VPI_UNBLOCKED, vpi_mode(0, VPI_MODE_ALL));
	EXPECT_EQ(VPI_BLOCKED, status_of(attach.handle).vp_mask);
	EXPECT_EQ(0, status_now().mask);
}

/* A struct of a later version, whose new fields are zero, is welcome. */
TEST(longer_struct_of_zeroes)
{
	struct {
		struct vpi_attach attach;
		char later[64];
	} arg = {
		.attach.version = VPI_ABI_VERSION,
		.attach.flags = VPI_ATTACH_INIT,
	};
	struct {
		struct vpi_status status;
		char later[64];
	} status;

	ASSERT_EQ(0, vpi_attach(&arg.attach, sizeof(arg)));
	EXPECT_NE(0, arg.attach.handle);

	memset(&status, 0xff, sizeof(status));
	ASSERT_EQ(0, vpi_status(&status.status, sizeof(status), 0));
	EXPECT_EQ(1, status.status.count[VPI_ACTIVE]);
	EXPECT_EQ(0, status.later[0]);
	EXPECT_EQ(0, status.later[63]);
}

TEST(reserved_fields_are_zero)
{
	struct vpi_status status;
	struct vpi_attach attach;
	struct vpi_vp_page *word;
	int i;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	memset(&status, 0xff, sizeof(status));
	ASSERT_EQ(0, vpi_status(&status, sizeof(status), 0));
	for (i = VPI_NR_STATES; i < 8; i++)
		EXPECT_EQ(0, status.count[i]);
	EXPECT_EQ(0, status.vp_tid);
	EXPECT_EQ(0, status.vp_seq);
	for (i = 0; i < 9; i++)
		EXPECT_EQ(0, vpi_page(&attach)->reserved[i]);
	word = vpi_word(&attach);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, word->reserved[i]);
}

/* Nothing that user space writes into the page may harm the kernel. */
TEST(a_page_full_of_garbage)
{
	struct vpi_event event = {};
	struct vpi_attach attach;

	ASSERT_EQ(0, attach_self(&attach, VPI_ATTACH_INIT, BLOCK_MASKS));
	memset(vpi_word(&attach), 0xa5, sizeof(struct vpi_vp_page));
	memset(vpi_page(&attach), 0xa5, sizeof(struct vpi_kcb_page));
	EXPECT_EQ(0, vpi_resume(VPI_ANY_VP, VPI_SEQ_ANY, 5, 0));
	EXPECT_EQ(0, vpi_register(&event, sizeof(event), 0, 0));
	EXPECT_EQ(VPI_RESUMED, event.type);
	EXPECT_EQ(1, event.active);
	EXPECT_EQ(0, event.registered);
	EXPECT_EQ(1, status_now().count[VPI_ACTIVE]);
	EXPECT_EQ(attach.handle, event.vp);
	EXPECT_EQ(0, vpi_detach(0));
}

VPI_TEST_MAIN
