// Requests that wait for a snapshot.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "lksctp/metrics_http/metrics_server.h"
#include "mailbox.h"
#include "on_base.h"

struct evhttp_request;

namespace lksctp {

// Asks the SCTP loop for fresh snapshots, one request at a time, and does not
// wait longer than `wait`: then the latest published one serves. HTTP thread
// only.
class SnapshotQueue {
 public:
  using Clock = std::chrono::steady_clock;
  // With the snapshot, null when there is none yet. Answers the request.
  using Ready = std::function<void(evhttp_request*, const SnapshotPtr&)>;

  // The reference must outlive this. `served` is called when all that share one
  // snapshot have been called.
  SnapshotQueue(const MetricsSource& source, std::shared_ptr<Mailbox> mailbox,
                std::chrono::milliseconds wait, std::function<void()> served);

  // False without memory. Call once, before `add`.
  bool start(event_base* base);

  // `ready` is called later, in the order of the requests.
  void add(evhttp_request* request, Ready ready);
  // An answer of the SCTP loop.
  void on_snapshot(const SnapshotPtr& snapshot);
  // Forgets all; requests whose connection is gone are freed, the others are
  // evhttp's.
  void close();

 private:
  struct Waiting {
    evhttp_request* request = nullptr;
    Ready ready;
    Clock::time_point deadline;
    // The snapshot request whose answer is young enough for it.
    std::uint64_t round = 0;
  };

  void ask();
  void arm_deadline();
  void on_deadline();
  // Serves those at the front while `due` holds.
  template <typename Due>
  void serve(const SnapshotPtr& snapshot, Due due);

  const MetricsSource& source_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::chrono::milliseconds wait_;
  const std::function<void()> served_;
  EventPtr deadline_timer_;
  std::deque<Waiting> waiting_;  // in the order of their deadlines
  std::uint64_t round_ = 0;      // snapshot requests made
  bool asked_ = false;           // one is open
};

}  // namespace lksctp
