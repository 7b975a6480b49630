// What the calls of JS are made of: commands for the loop, and questions to it.
// Part of Environment, for the files that implement it.
//
// Threads: JS thread of the environment.
#pragma once

#include <napi.h>

#include <cassert>
#include <cstring>
#include <future>
#include <memory>
#include <type_traits>

#include "environment.h"
#include "to_js.h"

namespace lksctp::node {

[[noreturn]] inline void throw_error(Napi::Env env, const Error& error) {
  Napi::Error thrown = Napi::Error::New(env, error.message);
  thrown.Set("native", to_js(env, error));
  throw thrown;
}

inline Handle handle_of(const Napi::CallbackInfo& info) {
  assert(info.Length() > 0 && info[0].IsNumber());
  return info[0].As<Napi::Number>().Uint32Value();
}

template <typename Task>
void Environment::command(Task task) {
  commands().add(std::move(task));
}

template <typename Function>
auto Environment::ask(Function function)
    -> std::invoke_result_t<Function&, Session&> {
  using R = std::invoke_result_t<Function&, Session&>;
  auto promise = std::make_shared<std::promise<R>>();
  auto answer = promise->get_future();
  command([promise, function](Session& session) mutable {
    promise->set_value(function(session));
  });
  submit();
  return answer.get();
}

}  // namespace lksctp::node
