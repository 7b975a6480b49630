// Work that would hold up JS: it runs on a thread of libuv's pool, and JS has a promise
// of what comes of it. The process lives on until then.
//
// Threads: JS thread of the environment, but for the work itself.
#pragma once

#include <napi.h>

#include <optional>
#include <type_traits>
#include <utility>

#include "environment_calls.h"

namespace lksctp::node {

// `work()` runs in the pool and returns a Result; `answer(env, value)` makes a value of JS
// of that, `answer(env)` where there is none. Its Error rejects, as `throw_error` throws.
template <typename Work, typename Answer>
class PoolWork : public Napi::AsyncWorker {
 public:
  PoolWork(Napi::Env env, Work work, Answer answer)
      : AsyncWorker(env, "SCTPJOURNAL"),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        answer_(std::move(answer)) {}

  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

  void Execute() override { outcome_.emplace(work_()); }

  void OnOK() override {
    try {
      if (!*outcome_) throw_error(Env(), outcome_->error());
      deferred_.Resolve(value());
    } catch (const Napi::Error& error) {
      deferred_.Reject(error.Value());
    }
  }

 private:
  using Outcome = std::invoke_result_t<Work&>;

  Napi::Value value() {
    if constexpr (std::is_void_v<typename Outcome::value_type>) {
      return answer_(Env());
    } else {
      return answer_(Env(), std::move(**outcome_));
    }
  }

  Napi::Promise::Deferred deferred_;
  Work work_;
  Answer answer_;
  std::optional<Outcome> outcome_;
};

template <typename Work, typename Answer>
Napi::Promise in_pool(Napi::Env env, Work work, Answer answer) {
  // Deletes itself when it is done.
  auto* running = new PoolWork(env, std::move(work), std::move(answer));
  const Napi::Promise promise = running->promise();
  running->Queue();
  return promise;
}

}  // namespace lksctp::node
