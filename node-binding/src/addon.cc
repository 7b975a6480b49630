// The addon's entry: one Environment per environment of Node that loads it.
#include <napi.h>

#include <memory>

#include "environment.h"

namespace {

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  auto environment = std::make_unique<lksctp::node::Environment>(env, exports);
  env.SetInstanceData(environment.release());
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, initialise)
