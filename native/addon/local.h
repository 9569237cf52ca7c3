/* What a napi_value is in Node: there is no official way from one to the other, so it stands here once. */
#ifndef VPI_ADDON_LOCAL_H
#define VPI_ADDON_LOCAL_H

#include <cstring>
#include <node_api.h>
#include <v8.h>

namespace vpi {

static_assert(sizeof(v8::Local<v8::Value>) == sizeof(napi_value));

inline v8::Local<v8::Value> local_of(napi_value value) {
  v8::Local<v8::Value> local;
  std::memcpy(static_cast<void*>(&local), &value, sizeof(value));
  return local;
}

inline napi_value value_of(v8::Local<v8::Value> local) {
  napi_value value;
  std::memcpy(&value, static_cast<void*>(&local), sizeof(value));
  return value;
}

}  // namespace vpi

#endif  // VPI_ADDON_LOCAL_H
