// The open connections of the HTTP endpoint: how many, and since when silent.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

struct bufferevent;
struct event_base;

namespace lksctp {

// evhttp neither limits connections nor bounds how long one may take for a
// request as a whole, and it tells of a connection only with its first complete
// request. So this makes every connection's bufferevent and keeps a reference
// of its own: evhttp clears the callbacks of one it is done with. HTTP thread
// only.
//
// That reference keeps the bufferevent's events in the loop, so it is also what
// keeps the descriptor open: were it closed before, the loop would read from
// whatever in this process got its number next.
class Connections {
 public:
  using Clock = std::chrono::steady_clock;

  // `max_unread`: bytes of one connection that may wait to be looked at; not less
  // than a request may have.
  explicit Connections(std::size_t max_unread) : max_unread_(max_unread) {}
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  // The bufferevent of a new connection, for evhttp to own. Null without
  // memory.
  bufferevent* open(event_base* base, Clock::time_point now);

  // A request on this connection is complete, or its answer is ready.
  void touch(const bufferevent* connection, Clock::time_point now);

  // Lets go of what evhttp is done with: the descriptor is closed in the loop's
  // next turn, or with the loop. True if there was any. Not from inside the
  // callback that calls `open`, after it: evhttp sets its callbacks later.
  bool forget_closed();

  // Ends what has been silent since before `oldest`; evhttp notices and closes
  // it.
  void end_silent(Clock::time_point oldest);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    bufferevent* connection = nullptr;
    Clock::time_point touched;
  };
  const std::size_t max_unread_;
  std::vector<Entry> entries_;
};

}  // namespace lksctp
