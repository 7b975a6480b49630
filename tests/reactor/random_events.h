// Random event sequences, sensible and absurd ones mixed.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "lksctp/reactor/event.h"

namespace lksctp::test {

// The same seed gives the same events, on every platform. Identities are few,
// so that events hit known, ended and never seen ones alike.
class RandomEvents {
 public:
  explicit RandomEvents(std::uint32_t seed) : engine_(seed) {}

  Event next();
  std::vector<Event> take(std::size_t count);

 private:
  // Below `bound`. Not a std:: distribution: those differ between libraries.
  std::uint32_t pick(std::uint32_t bound) {
    return static_cast<std::uint32_t>(engine_() % bound);
  }
  template <typename T>
  T pick_value(std::uint32_t bound) {
    return static_cast<T>(pick(bound));
  }
  bool chance(std::uint32_t percent) { return pick(100) < percent; }

  EventBody body();
  Notification notification();
  Address address();
  std::string peer_name();
  Traffic traffic();
  EventBody paths();
  EventBody statistics();

  std::mt19937 engine_;
  std::uint64_t seq_ = 0;
  std::int64_t time_ = 0;
};

}  // namespace lksctp::test
