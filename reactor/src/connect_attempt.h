// What a connecting association still has to try: the remote addresses left, on
// a stack with one path per association, and the time-out of the whole attempt.
//
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "loop.h"
#include "stack/stack.h"

namespace lksctp {

class ConnectAttempt {
 public:
  // `one_by_one`: the stack takes one remote address per association, so each
  // is an attempt of its own; otherwise one attempt has them all.
  ConnectAttempt(StackConnect request, bool one_by_one)
      : request_(std::move(request)) {
    if (one_by_one) {
      for (const Address& remote : request_.remote) {
        candidates_.push_back({remote});
      }
    } else {
      candidates_.push_back(request_.remote);
    }
  }

  // Opens the next socket that starts to connect; the latest error when nothing
  // is left to try.
  Result<std::unique_ptr<StackSocket>> open_next(
      Stack& stack, StackSocketObserver& observer) {
    while (next_ < candidates_.size()) {
      request_.remote = candidates_[next_++];
      auto socket = stack.connect(request_, observer);
      if (socket) return socket;
      last_error_ = socket.error();
    }
    return tl::unexpected(last_error_);
  }

  // Why what is being tried failed: the answer when it was the last.
  void failed(Error error) { last_error_ = std::move(error); }

  // As last opened.
  [[nodiscard]] const StackConnect& request() const { return request_; }

  std::unique_ptr<LoopTimer> timeout;

 private:
  StackConnect request_;
  std::vector<std::vector<Address>> candidates_;
  std::size_t next_ = 0;
  Error last_error_;
};

}  // namespace lksctp
