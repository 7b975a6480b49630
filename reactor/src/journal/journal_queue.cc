#include "journal_queue.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace lksctp {
namespace {

// Kept for the loop to fill again; a larger one was a burst's.
constexpr std::size_t kSpareVectors = 16;
constexpr std::size_t kSpareEvents = 1024;

}  // namespace

bool JournalQueue::attach(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  if (closing_ || std::exchange(attached_, true)) return false;
  wake_ = std::move(wake);
  return true;
}

void JournalQueue::detach() {
  const std::lock_guard lock(mutex_);
  wake_ = nullptr;
}

JournalQueue::Answer JournalQueue::offer(std::vector<Event>& events,
                                         bool last) {
  Answer answer;
  const std::lock_guard lock(mutex_);
  if (closing_) {
    events.clear();
    answer.closed = true;
    return answer;
  }
  const std::size_t room =
      gap_ ? 0 : capacity_ - std::min(capacity_, status_.waiting);
  if (events.size() > room) drop(events, room);
  if (!events.empty()) {
    JournalBatch batch{.events = std::move(events)};
    events = {};
    if (!spare_.empty()) {
      events = std::move(spare_.back());
      spare_.pop_back();
    }
    push(std::move(batch));
  }
  if (gap_ && (last || has_room_again())) {
    answer.gap = std::exchange(gap_, std::nullopt);
    status_.untold = 0;
    woken_ = false;
  }
  answer.table = std::exchange(table_wanted_, false);
  return answer;
}

void JournalQueue::drop(std::vector<Event>& events, std::size_t from) {
  if (!gap_) {
    gap_ = LogGap{.from = events[from].seq};
    ++status_.gaps;
  }
  gap_->to = events.back().seq;
  status_.lost += events.size() - from;
  status_.untold += events.size() - from;
  events.erase(events.begin() + static_cast<std::ptrdiff_t>(from),
               events.end());
}

void JournalQueue::put(JournalBatch batch) {
  const std::lock_guard lock(mutex_);
  if (!closing_) push(std::move(batch));
}

void JournalQueue::push(JournalBatch batch) {
  const bool first = batches_.empty();
  const bool was_due = due();
  if (first) first_ = Clock::now();
  untaken_ += batch.events.size();
  put_ += batch.events.size();
  status_.waiting += batch.events.size();
  batches_.push_back(std::move(batch));
  if (first || (due() && !was_due)) work_.notify_one();
}

std::deque<JournalBatch> JournalQueue::take(
    std::optional<Clock::time_point> until) {
  std::unique_lock lock(mutex_);
  const auto something = [this] { return due() || !batches_.empty(); };
  if (!until) {
    work_.wait(lock, something);
  } else {
    work_.wait_until(lock, *until, something);
  }
  if (!batches_.empty()) {
    work_.wait_until(lock, first_ + kLongestWait, [this] { return due(); });
  }
  flushing_ = false;
  untaken_ = 0;
  return std::exchange(batches_, {});
}

void JournalQueue::pause(std::chrono::milliseconds how_long) {
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, how_long, [this] { return closing_ || flushing_; });
  flushing_ = false;
}

void JournalQueue::settle(std::size_t events) {
  const std::lock_guard lock(mutex_);
  settled_ += events;
  status_.waiting -= events;
  done_.notify_all();
  if (gap_ && !woken_ && wake_ && has_room_again()) {
    woken_ = true;
    wake_();
  }
}

void JournalQueue::fail(Error error) {
  const std::lock_guard lock(mutex_);
  ++status_.failures;
  status_.error = std::move(error);
  done_.notify_all();
}

void JournalQueue::succeed() {
  const std::lock_guard lock(mutex_);
  status_.error.reset();
}

void JournalQueue::recycle(std::vector<Event> events) {
  events.clear();
  if (events.capacity() > kSpareEvents) return;
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kSpareVectors) spare_.push_back(std::move(events));
}

void JournalQueue::want_table() {
  const std::lock_guard lock(mutex_);
  table_wanted_ = true;
  if (wake_) wake_();
}

bool JournalQueue::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

void JournalQueue::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  done_.notify_all();
}

Result<void> JournalQueue::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = put_;
  const std::uint64_t failures = status_.failures;
  const auto settled = [&] { return settled_ >= target; };
  if (!settled() && !ended_) {
    flushing_ = true;
    work_.notify_one();
    done_.wait(lock, [&] {
      return settled() || ended_ || status_.failures != failures;
    });
  }
  if (settled()) return {};
  return tl::unexpected(
      status_.error.value_or(Error::make(ErrorCode::kClosed,
                                         "the journal was closed before all "
                                         "that waited could be written",
                                         EIO)));
}

void JournalQueue::close() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  work_.notify_one();
}

JournalQueue::Status JournalQueue::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace lksctp
