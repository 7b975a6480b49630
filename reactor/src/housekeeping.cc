#include "housekeeping.h"

#include <algorithm>
#include <utility>

#include "reactor_impl.h"

namespace lksctp {
namespace {

// Short enough that a slice stays small, long enough to cost nothing when idle.
constexpr std::chrono::milliseconds kTick{100};

}  // namespace

Housekeeping::Housekeeping(ReactorImpl& reactor)
    : reactor_(reactor),
      timer_(reactor.loop().background_timer([this] { tick(); })) {}

void Housekeeping::wake() {
  if (running_) return;
  running_ = true;
  last_ = Loop::now();
  due_ = last_ + kTick;
  timer_->start(kTick);
}

void Housekeeping::peer_gone(std::string endpoint, std::string peer) {
  Peer key{std::move(endpoint), std::move(peer)};
  const MonotonicTime now = Loop::now();
  const bool known = !gone_.insert_or_assign(key, now).second;
  if (!known) goings_.emplace_back(now, std::move(key));
}

void Housekeeping::tick() {
  const MonotonicTime now = Loop::now();
  measure_lag(now);
  sample_slice(now - std::exchange(last_, now));
  forget_peers(now);
  if (reactor_.idle() && gone_.empty()) {
    running_ = false;
    return;
  }
  due_ = now + kTick;
  timer_->start(kTick);
}

void Housekeeping::measure_lag(MonotonicTime now) {
  LoopStatistics& statistics = reactor_.loop_statistics();
  const auto lag = std::max(now - due_, std::chrono::nanoseconds::zero());
  const auto bucket =
      std::ranges::lower_bound(LoopStatistics::kLagBounds, lag) -
      LoopStatistics::kLagBounds.begin();
  ++statistics.lag_buckets[static_cast<std::size_t>(bucket)];
  statistics.lag_sum += lag;
  statistics.lag_last = lag;
}

void Housekeeping::sample_slice(std::chrono::nanoseconds elapsed) {
  const auto& associations = reactor_.associations();
  const auto interval =
      std::chrono::nanoseconds(reactor_.options().sample_interval);
  if (interval <= std::chrono::nanoseconds::zero() || associations.empty()) {
    return;
  }
  // As many as this tick's share of the period: all are read once per period.
  owed_ += static_cast<double>(associations.size()) *
           static_cast<double>(elapsed.count()) /
           static_cast<double>(interval.count());
  owed_ = std::min(owed_, static_cast<double>(associations.size()));
  MonotonicTime measured = Loop::now();
  const auto measure_round = [&] {
    const MonotonicTime now = Loop::now();
    round_ += now - std::exchange(measured, now);
  };
  auto next = associations.lower_bound(next_);
  for (; owed_ >= 1; owed_ -= 1) {
    if (next == associations.end()) {
      measure_round();
      reactor_.loop_statistics().sampling_rounds.add(
          std::exchange(round_, std::chrono::nanoseconds::zero()));
      next = associations.begin();
    }
    AssociationImpl& association = *next->second;
    if (association.established()) association.sample_periodically();
    ++next;
  }
  measure_round();
  // At the end: the next slice ends the round before it begins another.
  next_ = next == associations.end()
              ? AssociationId(associations.rbegin()->first.value() + 1)
              : next->first;
}

void Housekeeping::forget_peers(MonotonicTime now) {
  while (!goings_.empty() &&
         now - goings_.front().first >= reactor_.options().forget_peers_after) {
    auto [when, key] = std::move(goings_.front());
    goings_.pop_front();
    const auto latest = gone_.find(key);
    if (latest->second != when) {  // and once more since
      goings_.emplace_back(latest->second, std::move(key));
      continue;
    }
    gone_.erase(latest);
    const PeerRecord* peer = reactor_.table().peer(key.first, key.second);
    if (peer == nullptr || peer->associations != 0 || peer->configured) {
      continue;
    }
    reactor_.append({}, {}, PeerForgotten{key.first, key.second});
  }
}

}  // namespace lksctp
