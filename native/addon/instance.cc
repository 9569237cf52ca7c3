#include "instance.h"

#include <cerrno>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <vpi.h>

#include "home.h"
#include "pool.h"

namespace vpi {

/*
 * Never destroyed: at the end of the process a VP may still look at them, and
 * V8's handles in the gates must not be touched when their isolate is gone.
 */
static Processor* const processors = new Processor[kMaxProcessors];
static Home* const homes = new Home[kMaxProcessors];

static struct {
  std::mutex mutex;
  std::condition_variable changed;
  bool exists = false;
  uint32_t generation = 0;
  int serving = 0; /* home threads in serve_instance() */
  bool is_over = false;
  std::atomic<bool> ending{false};
  std::atomic<int> processors{0};
  std::atomic<int> max_vps{0};
  InstanceOptions options;
  Ending result;
} instance;

Processor& processor(int index) { return processors[index]; }
bool instance_is_ending() { return instance.ending.load(); }
int processor_count() { return instance.processors.load(); }
int max_vps() { return instance.max_vps.load(); }

uint32_t claim_instance(const InstanceOptions& options) {
  std::lock_guard lock(instance.mutex);
  if (instance.exists) return 0;
  instance.exists = true;
  instance.is_over = false;
  instance.options = options;
  instance.result = {};
  instance.max_vps.store(options.max_vps);
  for (int i = 0; i < options.processors; i++) processors[i].reset();
  instance.processors.store(options.processors);
  instance.ending.store(false);
  return ++instance.generation;
}

void abandon_instance() {
  std::lock_guard lock(instance.mutex);
  instance.ending.store(true);
  instance.exists = false;
}

static bool end_with(const Ending& ending) {
  {
    std::lock_guard lock(instance.mutex);
    if (!instance.exists || instance.ending.load()) return false;
    instance.result = ending;
    instance.ending.store(true);
  }
  homes[0].wake();
  return true;
}

bool finish_instance(int status) { return end_with({status, nullptr, {}}); }

bool fail_instance(const std::string& failure) {
  return end_with({1, nullptr, failure.empty() ? std::string("null") : failure});
}

/* A home thread, as an owner of its processor's token. */
constexpr Slot kHome = UINT16_MAX;
static_assert(VPI_MAX_VPS <= kHome);

enum class Probe { kGoesOn, kStopped, kUnknown };

/*
 * Was the environment of processor @index told to stop? Only a look from
 * inside tells, and that must not be waited for: where JavaScript runs it may
 * run for long.
 */
static Probe probe(int index) {
  Processor& p = processors[index];
  const bool owned = p.token.claim(kHome);
  if (!owned && p.token.is_running()) return p.gate.is_found_stopped() ? Probe::kStopped : Probe::kUnknown;
  const bool stopped = p.gate.is_stopped();
  if (owned) {
    p.token.idle(kHome);
    /* It was not idle for a moment: whoever looked then for work, or for its deadline, has found none. */
    p.wanted.store(true);
    homes[0].wake();
  }
  return stopped ? Probe::kStopped : Probe::kGoesOn;
}

/*
 * When to probe again, in ms: JavaScript was interrupted and will know more; or what was posted has not been taken, as
 * nobody runs the event loop, and until it is, what is posted after it may give no sign.
 */
constexpr int kProbeSoon = 50;
constexpr int kProbeLater = 500;

/* A home thread sleeps until there is something to do; whoever stops its environment ends the instance. */
static void sleep_at_home(int index, int* timeout) {
  if (!homes[index].wait(*timeout) || instance_is_ending()) return;
  const Probe result = probe(index);
  if (result == Probe::kStopped) fail_instance("");
  *timeout = result == Probe::kUnknown ? kProbeSoon : kProbeLater;
}

static void wait_for_end(int index) {
  for (int timeout = -1; !instance_is_ending();) sleep_at_home(index, &timeout);
}

/* Processors that have joined, or were probed, shall begin. On home 0, which is a VP. */
static void start_joined_processors() {
  for (int i = 0; i < processor_count(); i++)
    if (processors[i].open.load() && processors[i].has_work()) wake_processor(i);
}

static void run_home() {
  for (int timeout = -1; !instance_is_ending();) {
    start_joined_processors();
    sleep_at_home(0, &timeout);
  }
}

/*
 * Every gain of a token looks whether the instance ends. So what still runs
 * JavaScript has got its token before; and it may be told too early, between
 * the two: so it is told again.
 */
static void stop_javascript() {
  const timespec pause = {0, 1000000};
  bool runs = true;
  while (runs) {
    runs = false;
    for (int i = 0; i < processor_count(); i++) {
      if (!processors[i].open.load() || !processors[i].token.is_running()) continue;
      processors[i].gate.terminate();
      runs = true;
    }
    if (runs) nanosleep(&pause, nullptr);
  }
}

/* The other home threads go back into their isolates. */
static void release_homes() {
  std::unique_lock lock(instance.mutex);
  instance.is_over = true;
  for (int i = 1; i < processor_count(); i++)
    if (processors[i].open.load()) homes[i].wake();
  /* For those that have seen already that it ends. */
  instance.changed.notify_all();
  instance.changed.wait(lock, [] { return instance.serving == 0; });
}

static int create_vps(int count) {
  int ret = create_pool_vp(0);
  for (int i = 1; ret == 0 && i < count; i++) ret = create_pool_vp(-1);
  return ret;
}

static void fail_to_begin(int error, const char* syscall) { end_with({error, syscall, {}}); }

/* From vpi_init() to vpi_finish(): the calling thread is a system VP meanwhile. */
static void run_as_main_vp() {
  const InstanceOptions& options = instance.options;
  vpi_init_options init = {};
  init.mask = options.mask;
  init.target = options.target;
  init.flags = VPI_ATTACH_SYSTEM | VPI_ATTACH_NOFAULT;
  int ret = vpi_init_with(&init);
  if (ret < 0) return fail_to_begin(ret, "vpi_init");

  reset_pool(options.vps);
  Gate::Absence absence(processors[0].gate);
  ret = create_vps(options.vps);
  if (ret < 0) fail_to_begin(ret, "vpi_create");
  run_home();
  stop_javascript();
  vpi_finish(0);
}

Ending run_instance(napi_env env, napi_value dispatch, int loop_fd) {
  Processor& p = processors[0];
  const int ret = homes[0].open(loop_fd);
  if (ret < 0) {
    fail_to_begin(ret, "epoll_ctl");
  } else {
    p.gate.open(env, dispatch);
    p.open.store(true);
    run_as_main_vp();
    release_homes();
    p.open.store(false);
    p.gate.close();
    homes[0].close();
  }
  std::lock_guard lock(instance.mutex);
  instance.exists = false;
  return instance.result;
}

bool serve_instance(int index, uint32_t generation, napi_env env, napi_value dispatch, int loop_fd) {
  Processor& p = processors[index];
  {
    std::lock_guard lock(instance.mutex);
    if (!instance.exists || instance.generation != generation || instance.is_over || p.open.load()) return false;
    if (homes[index].open(loop_fd) < 0) return false;
    instance.serving++;
    p.gate.open(env, dispatch);
    p.wanted.store(true);
    p.open.store(true);
  }
  homes[0].wake();
  {
    Gate::Absence absence(p.gate);
    wait_for_end(index);
    /* VPs may still be on their way out of the isolate. */
    std::unique_lock lock(instance.mutex);
    instance.changed.wait(lock, [] { return instance.is_over; });
  }
  p.open.store(false);
  p.gate.close();
  homes[index].close();
  std::lock_guard lock(instance.mutex);
  instance.serving--;
  instance.changed.notify_all();
  return true;
}

}  // namespace vpi
