#include "snapshot_queue.h"

#include <event2/event.h>
#include <event2/http.h>

#include <utility>

namespace lksctp {

SnapshotQueue::SnapshotQueue(const MetricsSource& source,
                             std::shared_ptr<Mailbox> mailbox,
                             std::chrono::milliseconds wait,
                             std::function<void()> served)
    : source_(source),
      mailbox_(std::move(mailbox)),
      wait_(wait),
      served_(std::move(served)) {}

bool SnapshotQueue::start(event_base* base) {
  deadline_timer_.reset(evtimer_new(
      base,
      [](evutil_socket_t, short, void* queue) {
        static_cast<SnapshotQueue*>(queue)->on_deadline();
      },
      this));
  return deadline_timer_ != nullptr;
}

void SnapshotQueue::add(evhttp_request* request, Ready ready) {
  // A snapshot that was asked for earlier may be older than this request.
  waiting_.push_back(
      {request, std::move(ready), Clock::now() + wait_, round_ + 1});
  if (!asked_) ask();
  if (waiting_.size() == 1) arm_deadline();
}

void SnapshotQueue::ask() {
  asked_ = true;
  ++round_;
  source_.request_snapshot([mailbox = mailbox_](SnapshotPtr snapshot) {
    mailbox->deliver(std::move(snapshot));
  });
}

void SnapshotQueue::arm_deadline() {
  const timeval wait = to_timeval(std::chrono::ceil<std::chrono::microseconds>(
      waiting_.front().deadline - Clock::now()));
  evtimer_add(deadline_timer_.get(), &wait);
}

void SnapshotQueue::on_snapshot(const SnapshotPtr& snapshot) {
  asked_ = false;
  serve(snapshot, [this](const Waiting& one) { return one.round <= round_; });
  if (!waiting_.empty()) ask();
}

void SnapshotQueue::on_deadline() {
  const Clock::time_point now = Clock::now();
  serve(source_.snapshot(),
        [now](const Waiting& one) { return one.deadline <= now; });
  if (!waiting_.empty()) arm_deadline();
}

template <typename Due>
void SnapshotQueue::serve(const SnapshotPtr& snapshot, Due due) {
  while (!waiting_.empty() && due(waiting_.front())) {
    const Waiting one = std::move(waiting_.front());
    waiting_.pop_front();
    one.ready(one.request, snapshot);
  }
  served_();
}

void SnapshotQueue::close() {
  for (const Waiting& one : waiting_) {
    if (evhttp_request_get_connection(one.request) == nullptr) {
      evhttp_request_free(one.request);
    }
  }
  waiting_.clear();
  deadline_timer_.reset();
}

}  // namespace lksctp
