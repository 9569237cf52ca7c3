/*
 * What JavaScript sees; lib/native.ts declares it with types, and checks
 * arguments before they come here. Functions that can fail return -errno.
 */
#include <cerrno>
#include <cstring>
#include <napi.h>
#include <node_version.h>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <uv.h>
#include <vpi.h>

#include "attempt.h"
#include "gate.h"
#include "instance.h"
#include "marker.h"
#include "pool.h"
#include "timekeeper.h"

namespace vpi {

using Info = const Napi::CallbackInfo&;

static double number(Info info, size_t i) { return info[i].As<Napi::Number>().DoubleValue(); }
static int integer(Info info, size_t i) { return info[i].As<Napi::Number>().Int32Value(); }
static uint64_t handle(Info info, size_t i) { return static_cast<uint64_t>(number(info, i)); }
static void* vp_pointer(uint64_t handle) { return reinterpret_cast<void*>(static_cast<uintptr_t>(handle)); }
static Napi::Value result(Info info, int64_t value) { return Napi::Number::New(info.Env(), static_cast<double>(value)); }

/* ---- The instance --------------------------------------------------------------- */

static int loop_fd(Napi::Env env) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  return uv_backend_fd(loop);
}

/* claim({ processors, vps, maxVps, mask, target }): names the instance; 0: there is one already */
static Napi::Value claim(Info info) {
  const auto given = info[0].As<Napi::Object>();
  const auto field = [&](const char* name) { return given.Get(name).As<Napi::Number>().Int32Value(); };
  InstanceOptions options;
  options.processors = field("processors");
  options.vps = field("vps");
  options.max_vps = field("maxVps");
  options.mask = field("mask");
  options.target = static_cast<unsigned>(field("target"));
  return result(info, claim_instance(options));
}

static void abandon(Info) { abandon_instance(); }

/* run(dispatch): { status, syscall, failure } */
static Napi::Value run(Info info) {
  Napi::Env env = info.Env();
  const Ending ending = run_instance(env, info[0], loop_fd(env));
  auto object = Napi::Object::New(env);
  object.Set("status", ending.status);
  if (ending.syscall) object.Set("syscall", ending.syscall);
  if (!ending.failure.empty()) object.Set("failure", ending.failure);
  return object;
}

/* serve(index, generation, dispatch): whether there was an instance to serve */
static Napi::Value serve(Info info) {
  Napi::Env env = info.Env();
  const bool served = serve_instance(integer(info, 0), static_cast<uint32_t>(number(info, 1)), env, info[2], loop_fd(env));
  return Napi::Boolean::New(env, served);
}

static Napi::Value fail(Info info) { return Napi::Boolean::New(info.Env(), fail_instance(info[0].As<Napi::String>().Utf8Value())); }

/*
 * The process ends here and now. Not by exit(): that would run destructors
 * under the feet of VPs that are in the middle of something.
 */
static void exit_process(Info info) {
  uv_tty_reset_mode();
  _exit(integer(info, 0));
}

/* ---- Memory that both sides see ------------------------------------------------------ */

static Napi::Value mailbox(Info info) {
  Processor& p = processor(integer(info, 0));
  return Napi::ArrayBuffer::New(info.Env(), &p.shared, sizeof p.shared);
}

/* The kernel's page; it is gone when the instance is. */
static Napi::Value page(Info info) {
  auto* page = const_cast<vpi_kcb_page*>(vpi_get_page());
  if (!page) return info.Env().Undefined();
  auto buffer = Napi::ArrayBuffer::New(info.Env(), page, sizeof *page);
  return Napi::Uint32Array::New(info.Env(), sizeof *page / sizeof(uint32_t), buffer, 0);
}

/* pin(view): its address. The memory stays until the next request of this processor is done. */
static Napi::Value pin(Info info) {
  Pin pin;
  Memory memory;
  if (const char* why = pin_view(info[0], &pin, &memory)) {
    Napi::TypeError::New(info.Env(), why).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  const int index = current_processor();
  if (index >= 0) processor(index).pins.push_back(std::move(pin));
  return result(info, reinterpret_cast<intptr_t>(memory.data));
}

/* ---- Upcalls ------------------------------------------------------------------------------ */

/* How many there are. The oldest into the mailbox: [0] type, [1] vp, [2] argument, [3] registered, [4] result. */
static Napi::Value take_upcall(Info info) {
  Processor& p = processor(current_processor());
  Upcall upcall;
  const size_t waiting = p.inbox.pop(&upcall);
  if (waiting == 0) return result(info, 0);
  p.mailbox()[0] = upcall.type;
  p.mailbox()[1] = static_cast<double>(upcall.vp);
  p.mailbox()[2] = upcall.arg;
  p.mailbox()[3] = upcall.registered;
  p.mailbox()[4] = static_cast<double>(upcall.result);
  return result(info, static_cast<int64_t>(waiting));
}

static Napi::Value poll(Info info) { return Napi::Boolean::New(info.Env(), poll_notification()); }

/* ---- Virtual processors ---------------------------------------------------------------------- */

/* create(isSystem) */
static Napi::Value create(Info info) {
  uint64_t created = 0;
  const int ret = info[0].As<Napi::Boolean>() ? create_system_vp(current_processor(), &created) : create_vp(&created);
  return result(info, ret < 0 ? ret : static_cast<int64_t>(created));
}

static Napi::Value resume(Info info) {
  return result(info, resume_vp(handle(info, 0), static_cast<uint32_t>(number(info, 1)), integer(info, 2)));
}

static void wake(Info info) { wake_processor(integer(info, 0)); }

static Napi::Value interrupt(Info info) { return result(info, vpi_interrupt(vp_pointer(handle(info, 0)))); }

static Napi::Value self(Info info) { return result(info, static_cast<int64_t>(reinterpret_cast<intptr_t>(vpi_get_vp()))); }

static Napi::Value mode(Info info) {
  const int mask = integer(info, 0);
  return result(info, info[1].As<Napi::Boolean>() ? vpi_kernel_mode_all(mask) : vpi_kernel_mode(mask));
}

static Napi::Value cpu_count(Info info) { return result(info, vpi_get_cpu_count()); }
static Napi::Value vp_count(Info info) { return result(info, vpi_get_vp_count()); }

/* status(vp): struct vpi_status as it is, or -errno */
static Napi::Value status(Info info) {
  vpi_status status;
  const int ret = vpi_kernel_status_of(vp_pointer(handle(info, 0)), &status);
  if (ret < 0) return result(info, ret);
  return Napi::Buffer<char>::Copy(info.Env(), reinterpret_cast<char*>(&status), sizeof status);
}

/* vps(): the handles of all VPs */
static Napi::Value vps(Info info) {
  auto list = Napi::Array::New(info.Env());
  const auto* page = vpi_get_page();
  if (!page) return list;
  const char* words = reinterpret_cast<const char*>(page) + page->vp_offset;
  uint32_t count = 0;
  /* Words behind those that were ever used must not be touched. */
  for (int slot = 0; slot < used_slots(); slot++) {
    const auto* word = reinterpret_cast<const vpi_vp_page*>(words + static_cast<size_t>(slot) * page->vp_size);
    const uint64_t handle = __atomic_load_n(&word->handle, __ATOMIC_RELAXED);
    if (handle) list.Set(count++, Napi::Number::New(info.Env(), static_cast<double>(handle)));
  }
  return list;
}

/* ---- System calls -------------------------------------------------------------------------------- */

/* syscall(number, ...six arguments): at once, inside the isolate; for what does not block */
static Napi::Value system_call(Info info) {
  long a[7] = {};
  for (size_t i = 0; i < info.Length() && i < 7; i++) a[i] = static_cast<long>(number(info, i));
  const long ret = ::syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  return result(info, ret < 0 ? -errno : ret);
}

static Napi::Value time_now(Info info) { return result(info, now()); }
static void yield_cpu(Info) { sched_yield(); }
static void mark(Info info) { mark_entries(integer(info, 0)); }

/* ---- Loading ---------------------------------------------------------------------------------------- */

/* v8.h is no stable interface: this binary is for one version of it, whatever Node-API says. */
static bool is_right_node(Napi::Env env) {
  const auto process = env.Global().Get("process").As<Napi::Object>();
  const auto modules = process.Get("versions").As<Napi::Object>().Get("modules").As<Napi::String>().Utf8Value();
  if (modules == std::to_string(NODE_MODULE_VERSION)) return true;
  Napi::Error::New(env, "node-vpi was built for Node " NODE_VERSION_STRING " (ABI " NODE_STRINGIFY(NODE_MODULE_VERSION) "), this one has ABI " + modules + ": build it again with this Node")
      .ThrowAsJavaScriptException();
  return false;
}

static Napi::Object load(Napi::Env env, Napi::Object exports) {
  if (!is_right_node(env)) return exports;
  if (const char* why = prepare_v8()) {
    Napi::Error::New(env, std::string("node-vpi cannot run on this Node: ") + why).ThrowAsJavaScriptException();
    return exports;
  }
  const auto add = [&](const char* name, auto function) { exports.Set(name, Napi::Function::New(env, function, name)); };
  add("claim", claim);
  add("abandon", abandon);
  add("run", run);
  add("serve", serve);
  add("fail", fail);
  add("exit", exit_process);
  add("mailbox", mailbox);
  add("page", page);
  add("pin", pin);
  add("takeUpcall", take_upcall);
  add("poll", poll);
  add("create", create);
  add("resume", resume);
  add("wake", wake);
  add("interrupt", interrupt);
  add("self", self);
  add("mode", mode);
  add("cpuCount", cpu_count);
  add("vpCount", vp_count);
  add("status", status);
  add("vps", vps);
  add("syscall", system_call);
  add_attempts(exports);
  add("now", time_now);
  add("yieldCpu", yield_cpu);
  add("mark", mark);
  return exports;
}

NODE_API_MODULE(vpi, load)

}  // namespace vpi
