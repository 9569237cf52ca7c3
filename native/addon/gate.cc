#include "gate.h"

#include <cstring>
#include <v8.h>

namespace vpi {

/* What a napi_value is in Node; there is no official way, so it stands here once. */
static v8::Local<v8::Value> local_of(napi_value value) {
  v8::Local<v8::Value> local;
  static_assert(sizeof(local) == sizeof(value));
  std::memcpy(static_cast<void*>(&local), &value, sizeof(value));
  return local;
}

struct Gate::Impl {
  v8::Isolate* isolate = nullptr;
  v8::Global<v8::Context> context;
  v8::Global<v8::Function> dispatch;
};

Gate::Gate() : impl_(std::make_unique<Impl>()) {}
Gate::~Gate() = default;

void Gate::open(napi_value dispatch) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  impl_->isolate = isolate;
  impl_->context.Reset(isolate, isolate->GetCurrentContext());
  impl_->dispatch.Reset(isolate, local_of(dispatch).As<v8::Function>());
}

void Gate::close() {
  impl_->dispatch.Reset();
  impl_->context.Reset();
  impl_->isolate = nullptr;
}

/* In this order, and left in the opposite one: V8 checks that the lock comes first. */
struct Inside {
  explicit Inside(v8::Isolate* isolate) : locker(isolate), isolate_scope(isolate), handles(isolate) {}

  v8::Locker locker;
  v8::Isolate::Scope isolate_scope;
  v8::HandleScope handles;
};

/*
 * Plain Function::Call: MakeCallback and callback scopes keep a stack per
 * environment, which VPs that take turns would corrupt.
 */
bool Gate::enter(int slot, int entry) {
  v8::Isolate* isolate = impl_->isolate;
  Inside inside(isolate);
  v8::Local<v8::Context> context = impl_->context.Get(isolate);
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> arguments[] = {v8::Integer::New(isolate, slot), v8::Integer::New(isolate, entry)};
  const bool returned = !impl_->dispatch.Get(isolate)->Call(context, v8::Undefined(isolate), 2, arguments).IsEmpty();
  if (returned) isolate->PerformMicrotaskCheckpoint();
  return returned;
}

void Gate::terminate() { impl_->isolate->TerminateExecution(); }

bool Gate::is_stopped() {
  v8::Isolate* isolate = impl_->isolate;
  Inside inside(isolate);
  v8::Local<v8::Context> context = impl_->context.Get(isolate);
  v8::Context::Scope context_scope(context);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Script> script;
  /* A loop: that is where JavaScript looks whether it is to stop. */
  const auto source = v8::String::NewFromUtf8Literal(isolate, "for (let i = 0; i < 2; i++);");
  const bool ran = v8::Script::Compile(context, source).ToLocal(&script) && !script->Run(context).IsEmpty();
  return !ran && caught.HasTerminated();
}

void Gate::forget_thread() {
  if (impl_->isolate) impl_->isolate->DiscardThreadSpecificMetadata();
}

struct Gate::Absence::Impl {
  /* Isolate::Exit() once for each Enter(): the stack of entries is the isolate's, not the thread's. */
  explicit Impl(v8::Isolate* isolate) : isolate(isolate) {
    while (v8::Isolate::TryGetCurrent() == isolate) {
      isolate->Exit();
      entries++;
    }
    unlocker = std::make_unique<v8::Unlocker>(isolate);
  }

  ~Impl() {
    unlocker.reset();
    while (entries-- > 0) isolate->Enter();
    /* Ours was for the VPs; one that is not ours comes again, from Node. */
    isolate->CancelTerminateExecution();
  }

  v8::Isolate* isolate;
  int entries = 0;
  std::unique_ptr<v8::Unlocker> unlocker;
};

Gate::Absence::Absence(Gate& gate) : impl_(std::make_unique<Impl>(gate.impl_->isolate)) {}
Gate::Absence::~Absence() = default;

const char* pin_view(napi_value value, Pin* pin, char** data, size_t* length) {
  v8::Local<v8::Value> view = local_of(value);
  if (!view->IsArrayBufferView()) return "must be a TypedArray, a DataView or a Buffer";
  v8::Local<v8::ArrayBufferView> bytes = view.As<v8::ArrayBufferView>();
  v8::Local<v8::ArrayBuffer> buffer = bytes->Buffer();
  std::shared_ptr<v8::BackingStore> store = buffer->GetBackingStore();
  if (store->IsResizableByUserJavaScript()) return "must not lie in a resizable buffer: its memory could go away during the call";
  *length = bytes->ByteLength();
  *data = static_cast<char*>(store->Data()) + bytes->ByteOffset();
  *pin = std::move(store);
  return nullptr;
}

const char* prepare_v8() {
#ifdef V8_COMPRESS_POINTERS
  return "it was built with pointer compression, where isolates share a cage that VPs cannot leave";
#endif
  /*
   * A garbage collection of wasm code aborts the process while any thread is
   * archived, as the home thread always is ("archived threads in combination
   * with wasm not supported"). Node uses wasm itself.
   */
  v8::V8::SetFlagsFromString("--no-wasm-code-gc");
  return nullptr;
}

}  // namespace vpi
