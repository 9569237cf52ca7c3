#include "attempt.h"

#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <v8.h>

#include "gate.h"
#include "local.h"

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

static void throw_type_error(v8::Isolate* isolate, const char* what) {
  v8::Local<v8::String> message;
  if (v8::String::NewFromUtf8(isolate, what).ToLocal(&message)) isolate->ThrowException(v8::Exception::TypeError(message));
}

/*
 * Made by V8's own interface, unlike all other functions here: an op begins
 * with an attempt, and Node-API takes longer to get into C and back, and to look
 * at a view, than many of these calls take.
 */
template <ssize_t (*attempt)(int, iovec, int64_t)>
static void call(const v8::FunctionCallbackInfo<v8::Value>& info) {
  const auto view = info[1].As<v8::ArrayBufferView>();
  const auto buffer = view->Buffer();
  /* It would be safe here, where nothing else runs meanwhile; but the call may have to be made outside after all. */
  if (buffer->IsResizableByUserJavaScript()) return throw_type_error(info.GetIsolate(), kResizable);
  const int fd = info[0].As<v8::Int32>()->Value();
  const auto length = static_cast<size_t>(info[2].As<v8::Number>()->Value());
  const auto last = static_cast<int64_t>(info[3].As<v8::Number>()->Value());
  const ssize_t done = attempt(fd, {static_cast<char*>(buffer->Data()) + view->ByteOffset(), length}, last);
  /* No call moves more than 2 GiB. */
  info.GetReturnValue().Set(static_cast<int32_t>(done < 0 ? -errno : done));
}

static void add(Napi::Object exports, const char* name, v8::FunctionCallback callback) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  const auto made = v8::Function::New(isolate->GetCurrentContext(), callback, {}, 4, v8::ConstructorBehavior::kThrow);
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
