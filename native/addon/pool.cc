/* The pool of VPs: creation, waking, resuming. */
#include "pool.h"

#include <cerrno>

#include "instance.h"
#include "reserve.h"
#include "vp.h"

namespace vpi {

thread_local Vp* this_vp;

int resume_any(uint64_t argument) { return vpi_kernel_resume_arg(nullptr, VPI_SEQ_ANY, argument); }

/* VPs that the pool has made and that have not come to wait yet: one is enough. */
static std::atomic<int> newborn;

/* Against max_vps(): without system VPs, and without those that are about to end. */
static std::atomic<int> vps;

/* Slots are given out from the lowest: all that were ever used are below this. */
static std::atomic<int> slots;

int used_slots() { return slots.load(); }

static void use_slot(Slot slot) {
  int used = slots.load();
  while (used <= slot && !slots.compare_exchange_weak(used, slot + 1)) {
  }
}

void reset_pool(int reserve) {
  newborn.store(0); /* a VP that was born into the end of an instance has never run */
  vps.store(0);
  reset_reserve(reserve);
  slots.store(0);
  use_slot(slot_of(handle_of(vpi_get_vp())));
}

static void run_vp(vpi_user_data_t* ud, Vp::Kind kind) {
  Vp vp(kind);
  this_vp = &vp;
  vp.run(static_cast<int>(reinterpret_cast<intptr_t>(ud->data)) - 1);
  this_vp = nullptr;
}

static void pool_vp_main(vpi_user_data_t* ud) { run_vp(ud, Vp::kPool); }

static void grown_vp_main(vpi_user_data_t* ud) {
  newborn.fetch_sub(1);
  run_vp(ud, Vp::kPool);
}

static void program_vp_main(vpi_user_data_t* ud) { run_vp(ud, Vp::kProgram); }

static void system_vp_main(vpi_user_data_t* ud) { run_vp(ud, Vp::kSystem); }

static int create(vpi_user_func main, int first, unsigned int flags, uint64_t* handle) {
  vpi_create_options options = {};
  options.data = reinterpret_cast<void*>(static_cast<intptr_t>(first + 1));
  options.flags = flags;
  const int ret = vpi_create_with(main, &options);
  if (ret < 0) return ret;
  use_slot(slot_of(handle_of(options.vp)));
  if (handle) *handle = handle_of(options.vp);
  return 0;
}

static int create_counted(vpi_user_func main, int first, uint64_t* handle) {
  vps.fetch_add(1);
  const int ret = create(main, first, 0, handle);
  if (ret < 0) vps.fetch_sub(1);
  return ret;
}

int create_pool_vp(int first) { return create_counted(pool_vp_main, first, nullptr); }

int create_vp(uint64_t* handle) { return create_counted(program_vp_main, -1, handle); }

int create_system_vp(int index, uint64_t* handle) { return create(system_vp_main, index, VPI_ATTACH_SYSTEM, handle); }

void grow_pool(uint32_t registered) {
  if (registered > 0 || newborn.load() > 0 || vps.load() >= max_vps()) return;
  newborn.fetch_add(1);
  /* If that fails, VPs are short: events wait in the kernel until one registers. */
  if (create_counted(grown_vp_main, -1, nullptr) < 0) newborn.fetch_sub(1);
}

void count_out() { vps.fetch_sub(1); }

/*
 * First it ceases to count, then it looks. So whoever takes the last registered
 * VP either finds room for another one below max_vps(), or was seen to have
 * taken it: then this one stays.
 */
bool leave_pool() {
  count_out();
  if (vpi_get_registered_count() > 0) {
    send_next_away();
    return true;
  }
  vps.fetch_add(1);
  return false;
}

void wake_processor(int index) {
  Processor& p = processor(index);
  p.wanted.store(true);
  if (p.open.load() && p.token.is_idle()) {
    resume_any(ResumeArgument::wake(index));
    grow_pool(vpi_get_registered_count());
  }
}

bool poll_notification() {
  vpi_user_data_t ud = {};
  ud.deadline = VPI_NO_WAIT;
  if (vpi_kernel_register(&ud) < 0) return false;
  grow_pool(ud.registered);
  this_vp->settle(ud);
  return true;
}

int resume_vp(uint64_t handle, uint32_t argument, int index) {
  Held& h = held[slot_of(handle)];
  const uint64_t block = handle ? h.block.load() : 0;
  if (block) {
    const int ret = vpi_kernel_resume_arg(pointer_of(handle), block, 0);
    if (ret != -ESTALE) return ret;
  }
  return vpi_kernel_resume_arg(pointer_of(handle), VPI_SEQ_ANY, ResumeArgument::program(index, argument));
}

int current_processor() { return this_vp ? this_vp->processor_index() : -1; }

}  // namespace vpi
