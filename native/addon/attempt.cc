#include "attempt.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <sys/uio.h>
#include <v8.h>

namespace vpi {

/* A position of -1 is the file's own. */
static ssize_t read_at(int fd, iovec memory, int64_t position) { return preadv2(fd, &memory, 1, position, RWF_NOWAIT); }
static ssize_t write_at(int fd, iovec memory, int64_t position) { return pwritev2(fd, &memory, 1, position, RWF_NOWAIT); }

static ssize_t receive(int fd, iovec memory, int64_t flags) {
  return recv(fd, memory.iov_base, memory.iov_len, static_cast<int>(flags) | MSG_DONTWAIT);
}

static ssize_t send_to(int fd, iovec memory, int64_t flags) {
  return send(fd, memory.iov_base, memory.iov_len, static_cast<int>(flags) | MSG_DONTWAIT);
}

/* As it is now, for a call that does not leave the isolate. */
static iovec memory_of(v8::Local<v8::Value> value) {
  const auto view = value.As<v8::ArrayBufferView>();
  return {static_cast<char*>(view->Buffer()->Data()) + view->ByteOffset(), view->ByteLength()};
}

/*
 * Made by V8's own interface, unlike all other functions here: an op begins
 * with an attempt, and Node-API takes longer to get into C and back, and to look
 * at a view, than many of these calls take.
 */
template <ssize_t (*attempt)(int, iovec, int64_t)>
static void call(const v8::FunctionCallbackInfo<v8::Value>& info) {
  const int fd = info[0].As<v8::Int32>()->Value();
  const auto last = static_cast<int64_t>(info[2].As<v8::Number>()->Value());
  const ssize_t done = attempt(fd, memory_of(info[1]), last);
  /* No call moves more than 2 GiB. */
  info.GetReturnValue().Set(static_cast<int32_t>(done < 0 ? -errno : done));
}

/* What a napi_value is in Node; there is no official way. */
static napi_value value_of(v8::Local<v8::Value> local) {
  napi_value value;
  static_assert(sizeof(local) == sizeof(value));
  std::memcpy(&value, static_cast<void*>(&local), sizeof(value));
  return value;
}

static void add(Napi::Object exports, const char* name, v8::FunctionCallback callback) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  const auto made = v8::Function::New(isolate->GetCurrentContext(), callback, {}, 3, v8::ConstructorBehavior::kThrow);
  v8::Local<v8::Function> function;
  /* It fails where an environment ends, which asks for nothing any more. */
  if (made.ToLocal(&function)) exports.Set(name, Napi::Value(exports.Env(), value_of(function)));
}

void add_attempts(Napi::Object exports) {
  add(exports, "attemptRead", call<read_at>);
  add(exports, "attemptWrite", call<write_at>);
  add(exports, "attemptReceive", call<receive>);
  add(exports, "attemptSend", call<send_to>);
}

}  // namespace vpi
