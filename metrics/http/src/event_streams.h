// The readers of `/events`.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "connections.h"
#include "event_ring.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "on_base.h"

struct evhttp_connection;
struct evhttp_request;

namespace lksctp {

// Each reader is a place in the ring: what it has not taken yet waits there, not
// in a queue of its own, and what has left the ring is told as a gap. HTTP
// thread only.
class EventStreams {
 public:
  // The references must outlive this.
  EventStreams(const MetricsServerOptions& options, EventRing& ring,
               Connections& connections);
  ~EventStreams();
  EventStreams(const EventStreams&) = delete;
  EventStreams& operator=(const EventStreams&) = delete;

  // False without memory. Call once.
  bool start(event_base* base);

  [[nodiscard]] bool full() const;
  // Begins to answer with the events after `selection.since`, else with those
  // after `seq`, the last of the log. `hello` is what it says first, a line of
  // JSON.
  void open(evhttp_request* request, EventSelection selection,
            const std::string& hello, EventSeq seq);
  // The ring has new events.
  void on_events();
  // Lets go of the readers whose connection is gone.
  void forget_closed();
  // A reader that has read all there was is not silent.
  void touch_idle(Connections::Clock::time_point now);
  // Ends all, for good.
  void close();

 private:
  struct Stream;

  void on_heartbeat();
  // Sends what there is, if all before has been taken.
  void pump(Stream& stream);
  void send(Stream& stream, const std::string& text);
  void arm_heartbeat();

  const MetricsServerOptions& options_;
  EventRing& ring_;
  Connections& connections_;
  EventPtr heartbeat_timer_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

}  // namespace lksctp
