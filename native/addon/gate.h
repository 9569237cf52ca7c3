/*
 * The gate: the way into an isolate for a VP, and out of it for its home
 * thread. gate.cc knows V8, and attempt.cc, and local.h for both; nothing else.
 */
#ifndef VPI_ADDON_GATE_H
#define VPI_ADDON_GATE_H

#include <memory>
#include <node_api.h>
#include <vector>

namespace v8 {
class BackingStore;
class Isolate;
}  // namespace v8

namespace vpi {

/* Keeps a buffer's memory, whatever becomes of the JavaScript object. */
using Pin = std::shared_ptr<v8::BackingStore>;

class Gate {
 public:
  Gate();
  ~Gate();

  /* On the home thread, in a call from JavaScript. @dispatch is what VPs call. */
  void open(napi_env env, napi_value dispatch);

  /* On the home thread, when no VP enters any more. */
  void close();

  /*
   * Calls dispatch(slot, entry), and then the promise jobs that it has left
   * (not if the home thread is in the middle of one itself), on the calling
   * thread, which must own the
   * processor's token and be at the bottom of its stack: no frame of
   * JavaScript, no handle scope of V8 or Node-API may be open there, since
   * Node keeps those per environment and not per thread. False: JavaScript
   * was terminated, or threw (dispatch itself catches what programs throw).
   */
  bool enter(int slot, int entry);

  /* Stops JavaScript that runs there now. From any thread. */
  void terminate();

  /* On the home thread, outside: was the environment told to stop (by worker.terminate(), say)? */
  bool is_stopped();

  /*
   * The same while JavaScript runs there: what is known of it. JavaScript is
   * interrupted to look again, so the next call knows more.
   */
  bool is_found_stopped();

  /* The calling thread ends: V8 forgets what it kept for it. Outside. */
  void forget_thread();

  /* The home thread is outside of its isolate for as long as this lives. */
  class Absence {
   public:
    explicit Absence(Gate& gate);
    ~Absence();
    Absence(const Absence&) = delete;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Memory {
  char* data;
  size_t length;
};

/* Memory that may go away while a call is made is not taken. */
constexpr char kResizable[] = "The buffer must not lie in a resizable buffer: its memory could go away during the call";

/* The memory of @view and its pin; null with a message if it cannot be pinned. */
const char* pin_view(napi_value view, Pin* pin, Memory* memory);

/* Once per process, before anything else here. Null, or why this Node cannot be used. */
const char* prepare_v8();

}  // namespace vpi

#endif  // VPI_ADDON_GATE_H
