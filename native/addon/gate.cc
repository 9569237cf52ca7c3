#include "gate.h"

#include <atomic>
#include <v8.h>

#include "local.h"

namespace vpi {

/*
 * Inside. V8 keeps a request to terminate with the thread that is inside, or
 * with none, and forgets it when threads take turns. The environment remembers
 * it, and Node-API says so before it looks at any argument.
 */
static bool is_stopping(napi_env env) {
  return napi_get_property(env, nullptr, nullptr, nullptr) != napi_invalid_arg;
}

struct Gate::Impl {
  napi_env env = nullptr;
  v8::Isolate* isolate = nullptr;
  std::atomic<bool> terminated{false}; /* by us */
  std::atomic<bool> stopped{false};    /* by whoever the environment belongs to */
  v8::Global<v8::Context> context;
  v8::Global<v8::Function> dispatch;

  /* Inside, or in the middle of JavaScript; closed, it says nothing. */
  bool look() {
    if (env && is_stopping(env)) stopped.store(true);
    return stopped.load();
  }
};

Gate::Gate() : impl_(std::make_unique<Impl>()) {}
Gate::~Gate() = default;

void Gate::open(napi_env env, napi_value dispatch) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  impl_->env = env;
  impl_->isolate = isolate;
  impl_->terminated.store(false);
  impl_->stopped.store(false);
  impl_->context.Reset(isolate, isolate->GetCurrentContext());
  impl_->dispatch.Reset(isolate, local_of(dispatch).As<v8::Function>());
}

void Gate::close() {
  impl_->dispatch.Reset();
  impl_->context.Reset();
  impl_->isolate = nullptr;
  impl_->env = nullptr;
}

/* In this order, and left in the opposite one: V8 checks that the lock comes first. */
struct Inside {
  explicit Inside(v8::Isolate* isolate) : locker(isolate), isolate_scope(isolate), handles(isolate) {}

  v8::Locker locker;
  v8::Isolate::Scope isolate_scope;
  v8::HandleScope handles;
};

/*
 * What AsyncLocalStorage has stored belongs to the isolate, so one VP would see
 * another's. Each entry begins with nothing, and leaves what it has found. In
 * Node 22 there is nothing of the kind.
 */
template <typename Isolate>
class AsyncContext {
 public:
  explicit AsyncContext(Isolate* isolate) : isolate_(isolate) {
    if constexpr (requires { isolate->GetContinuationPreservedEmbedderDataV2(); }) {
      data_ = isolate->GetContinuationPreservedEmbedderDataV2();
      isolate->SetContinuationPreservedEmbedderDataV2(v8::Undefined(isolate));
    } else if constexpr (requires { isolate->GetContinuationPreservedEmbedderData(); }) {
      data_ = isolate->GetContinuationPreservedEmbedderData();
      isolate->SetContinuationPreservedEmbedderData(v8::Undefined(isolate));
    }
  }

  ~AsyncContext() {
    if constexpr (requires { isolate_->GetContinuationPreservedEmbedderDataV2(); })
      isolate_->SetContinuationPreservedEmbedderDataV2(data_);
    else if constexpr (requires { isolate_->GetContinuationPreservedEmbedderData(); })
      isolate_->SetContinuationPreservedEmbedderData(data_.template As<v8::Value>());
  }

 private:
  Isolate* isolate_;
  v8::Local<v8::Data> data_;
};

/*
 * Plain Function::Call: MakeCallback and callback scopes keep a stack per
 * environment, which VPs that take turns would corrupt.
 */
bool Gate::enter(int slot, int entry) {
  v8::Isolate* isolate = impl_->isolate;
  Inside inside(isolate);
  v8::Local<v8::Context> context = impl_->context.Get(isolate);
  AsyncContext async_context(isolate);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> arguments[] = {v8::Integer::New(isolate, slot), v8::Integer::New(isolate, entry)};
  const bool returned = !impl_->dispatch.Get(isolate)->Call(context, v8::Undefined(isolate), 2, arguments).IsEmpty();
  if (returned)
    isolate->PerformMicrotaskCheckpoint();
  else if (caught.HasTerminated() && !impl_->terminated.load())
    impl_->stopped.store(true);
  return returned;
}

void Gate::terminate() {
  impl_->terminated.store(true);
  impl_->isolate->TerminateExecution();
}

bool Gate::is_stopped() {
  Inside inside(impl_->isolate);
  return impl_->look();
}

bool Gate::is_found_stopped() {
  /* V8 may forget this as well; who asks again, asks whoever runs then. */
  const auto look = [](v8::Isolate*, void* impl) { static_cast<Impl*>(impl)->look(); };
  impl_->isolate->RequestInterrupt(look, impl_.get());
  return impl_->stopped.load();
}

void Gate::forget_thread() {
  if (impl_->isolate) impl_->isolate->DiscardThreadSpecificMetadata();
}

struct Gate::Absence::Impl {
  /* Isolate::Exit() once for each Enter(): the stack of entries is the isolate's, not the thread's. */
  explicit Impl(Gate::Impl& gate) : gate(gate), isolate(gate.isolate) {
    while (v8::Isolate::TryGetCurrent() == isolate) {
      isolate->Exit();
      entries++;
    }
    unlocker = std::make_unique<v8::Unlocker>(isolate);
  }

  ~Impl() {
    unlocker.reset();
    while (entries-- > 0) isolate->Enter();
    /* What the home thread itself shall do. In this order: an environment is stopped before V8 is asked. */
    isolate->CancelTerminateExecution();
    if (gate.look()) isolate->TerminateExecution();
  }

  Gate::Impl& gate;
  v8::Isolate* isolate;
  int entries = 0;
  std::unique_ptr<v8::Unlocker> unlocker;
};

Gate::Absence::Absence(Gate& gate) : impl_(std::make_unique<Impl>(*gate.impl_)) {}
Gate::Absence::~Absence() = default;

const char* pin_view(napi_value value, Pin* pin, Memory* memory) {
  v8::Local<v8::Value> view = local_of(value);
  if (!view->IsArrayBufferView()) return "The buffer must be a TypedArray, a DataView or a Buffer";
  v8::Local<v8::ArrayBufferView> bytes = view.As<v8::ArrayBufferView>();
  v8::Local<v8::ArrayBuffer> buffer = bytes->Buffer();
  std::shared_ptr<v8::BackingStore> store = buffer->GetBackingStore();
  if (store->IsResizableByUserJavaScript()) return kResizable;
  *memory = {static_cast<char*>(store->Data()) + bytes->ByteOffset(), bytes->ByteLength()};
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
