/* The VPCBs: table, calling VP, data, NOUPCALL and cookie. */
#include "kcb.h"
#include "vpi-syscall.h"

struct vpcb vpi__table[VPI_MAX_VPS];
unsigned int vpi__used;

/*
 * Initial-exec: no call and no allocation, wherever the library was loaded
 * from. Only functions that are not inlined read it: user-level threads go
 * from VP to VP, and a compiler may keep its address over a switch.
 */
static _Thread_local struct vpcb *current
	__attribute__((tls_model("initial-exec")));

struct vpcb *vpi__self(void)
{
	return current;
}

/* A handle is a generation and a slot; the slot is in its low bits. */
static unsigned int slot_of(uint64_t handle)
{
	return handle % VPI_MAX_VPS;
}

int vpi__attach(struct vpi_attach *attach, vpi_user_func func, void *data)
{
	struct vpcb *self;
	struct vpi_kcb_page *page;
	int ret;

	ret = sys_vpi_attach(attach);
	if (ret < 0)
		return ret;
	if (slot_of(attach->handle) != attach->slot) {
		sys_vpi_detach();
		return -EPROTO;
	}

	/* The slot is this thread's alone until it detaches. */
	page = vpi__pointer(attach->page);
	self = &vpi__table[attach->slot];
	self->word = (void *)((char *)page + page->vp_offset +
			      (size_t)attach->slot * page->vp_size);
	self->func = func;
	self->flags = attach->flags;
	self->thread = pthread_self();
	self->noupcall = VPI_NOUPCALL;
	self->quiet = 0;
	atomic_store_explicit(&self->data, data, memory_order_relaxed);
	current = self;

	vpi__kcb_lock();
	if (vpi__used <= attach->slot)
		vpi__used = attach->slot + 1;
	atomic_store(&self->handle, attach->handle);
	atomic_fetch_add(&vpi__kcb.vps, 1);
	if (self->flags & VPI_ATTACH_SYSTEM)
		atomic_fetch_add(&vpi__kcb.system_vps, 1);
	vpi__kcb_unlock();
	return 0;
}

void vpi__forget_self(void)
{
	atomic_fetch_sub(&vpi__kcb.vps, 1);
	if (current->flags & VPI_ATTACH_SYSTEM)
		atomic_fetch_sub(&vpi__kcb.system_vps, 1);
	atomic_store(&current->handle, 0);
}

void vpi__detach_self(void)
{
	current = NULL;
	sys_vpi_detach();
}

void vpi__forget_all(void)
{
	for (struct vpcb *vpcb = vpi__table; vpcb < vpi__table + vpi__used; vpcb++)
		atomic_store(&vpcb->handle, 0);
	vpi__used = 0;
	current = NULL;
}

struct vpcb *vpi__find(uint64_t handle)
{
	struct vpcb *vpcb = &vpi__table[slot_of(handle)];

	return handle && atomic_load(&vpcb->handle) == handle ? vpcb : NULL;
}

void *vpi__data_of(uint64_t handle)
{
	struct vpcb *vpcb = vpi__find(handle);
	void *data;

	if (!vpcb)
		return NULL;
	data = atomic_load(&vpcb->data);
	/* The slot may have got another VP in between. */
	return atomic_load(&vpcb->handle) == handle ? data : NULL;
}

void *vpi_get_vp(void)
{
	return current ? vpi__pointer(atomic_load(&current->handle)) : NULL;
}

void *vpi_get_data(void)
{
	return current ? atomic_load_explicit(&current->data,
					      memory_order_relaxed) : NULL;
}

void vpi_set_data(void *data)
{
	if (current)
		atomic_store_explicit(&current->data, data,
				      memory_order_release);
}

/*
 * The word of a VP is read by the kernel on behalf of that same VP, when it
 * enters the kernel. So it is the order of the instructions that counts, not
 * that of other CPUs, and a fence for the compiler is enough.
 */
static void write_flags(struct vpcb *self, unsigned int flags)
{
	atomic_signal_fence(memory_order_seq_cst);
	__atomic_store_n(&self->word->flags, flags, __ATOMIC_RELAXED);
	atomic_signal_fence(memory_order_seq_cst);
}

void vpi__quiet(struct vpcb *self)
{
	if (self && self->quiet++ == 0)
		write_flags(self, VPI_NOUPCALL);
}

void vpi__unquiet(struct vpcb *self)
{
	if (self && --self->quiet == 0)
		write_flags(self, self->noupcall);
}

void vpi_noupcall_set(void)
{
	if (!current)
		return;
	current->noupcall = VPI_NOUPCALL;
	write_flags(current, VPI_NOUPCALL);
}

void vpi_noupcall_clear(void)
{
	if (!current)
		return;
	current->noupcall = 0;
	if (current->quiet == 0)
		write_flags(current, 0);
}

void vpi_set_cookie(uint64_t cookie)
{
	if (!current)
		return;
	atomic_signal_fence(memory_order_seq_cst);
	__atomic_store_n(&current->word->cookie, cookie, __ATOMIC_RELAXED);
	atomic_signal_fence(memory_order_seq_cst);
}
