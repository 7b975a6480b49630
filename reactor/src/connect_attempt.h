// What a connecting association still has to try: the remote addresses left, and
// the time-out of the whole attempt.
//
// Threads: loop thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "loop.h"
#include "merge_options.h"
#include "stack/stack.h"

namespace lksctp {

class ConnectAttempt {
 public:
  // `one_by_one`: the stack takes one remote address per association. Otherwise
  // an attempt has all that are left: even then one address that refuses ends
  // it, because its stack cannot know that another host has taken it over.
  ConnectAttempt(StackConnect request, bool one_by_one)
      : request_(std::move(request)) {
    const std::vector<Address>& all = request_.remote;
    for (auto first = all.begin(); first != all.end(); ++first) {
      candidates_.emplace_back(first, one_by_one ? first + 1 : all.end());
    }
  }

  // For the whole attempt. `timer` fires when what is being tried has had its
  // share: what is left of the limit, divided by what is left to try.
  void set_time_limit(std::chrono::nanoseconds limit,
                      std::unique_ptr<LoopTimer> timer) {
    deadline_ = Loop::now() + limit;
    timer_ = std::move(timer);
    start_timer();
  }

  // Opens the next socket that starts to connect; the latest error when nothing
  // is left to try.
  Result<std::unique_ptr<StackSocket>> open_next(
      Stack& stack, StackSocketObserver& observer) {
    while (next_ < candidates_.size()) {
      request_.remote = candidates_[next_++];
      auto socket = stack.connect(request_, observer);
      if (socket) {
        start_timer();
        return socket;
      }
      last_error_ = socket.error();
    }
    return tl::unexpected(last_error_);
  }

  // Why what is being tried failed: the answer when it was the last.
  void failed(Error error) { last_error_ = std::move(error); }

  // Options set since: the next socket has them from the start.
  void amend(const SocketOptions& options) {
    merge_options(request_.options, options);
  }

  // As last opened.
  [[nodiscard]] const StackConnect& request() const { return request_; }

 private:
  StackConnect request_;
  std::vector<std::vector<Address>> candidates_;
  std::size_t next_ = 0;
  Error last_error_;
  std::unique_ptr<LoopTimer> timer_;  // null: no limit
  MonotonicTime deadline_{};

  void start_timer() {
    if (!timer_) return;
    const auto shares = static_cast<int>(candidates_.size() - next_ + 1);
    timer_->start((deadline_ - Loop::now()) / shares);
  }
};

}  // namespace lksctp
