#include "connections.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>

#include <algorithm>

namespace lksctp {
namespace {

// Ends a connection under evhttp, which then closes it as it would when the peer
// ends it.
void cut(bufferevent* connection) {
  const int descriptor = bufferevent_getfd(connection);
  if (evbuffer_get_length(bufferevent_get_output(connection)) > 0) {
    // The reader does not read: what the kernel holds for it would stay, too.
    const linger at_once{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  ::shutdown(descriptor, SHUT_RDWR);
}

bool is_closed(bufferevent* connection) {
  bufferevent_event_cb on_event = nullptr;
  bufferevent_getcb(connection, nullptr, nullptr, &on_event, nullptr);
  return on_event == nullptr;
}

}  // namespace

Connections::~Connections() {
  for (const Entry& entry : entries_) bufferevent_decref(entry.connection);
}

bufferevent* Connections::open(event_base* base, Clock::time_point now) {
  // Without the option evhttp would close the descriptor itself, while the
  // reference kept here leaves its events pending.
  bufferevent* connection =
      bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
  if (connection == nullptr) return nullptr;
  // A client that goes on sending while its answer is not ready, or never ends,
  // waits.
  bufferevent_setwatermark(connection, EV_READ, 0, max_unread_);
  bufferevent_incref(connection);
  entries_.push_back({connection, now});
  return connection;
}

void Connections::touch(const bufferevent* connection, Clock::time_point now) {
  const auto found = std::find_if(
      entries_.begin(), entries_.end(),
      [&](const Entry& entry) { return entry.connection == connection; });
  if (found != entries_.end()) found->touched = now;
}

bool Connections::forget_closed() {
  const std::size_t forgotten = std::erase_if(entries_, [](const Entry& entry) {
    if (!is_closed(entry.connection)) return false;
    bufferevent_decref(entry.connection);
    return true;
  });
  return forgotten > 0;
}

void Connections::end_silent(Clock::time_point oldest) {
  for (const Entry& entry : entries_) {
    if (entry.touched < oldest) cut(entry.connection);
  }
}

}  // namespace lksctp
