// An HTTP endpoint for Prometheus and for people, on its own thread and its own
// loop.
//
//   auto server = lksctp::MetricsServer::start(lksctp::source_of(*reactor));
//   if (!server) log(server.error().to_string());
//
// A scrape asks the SCTP loop for a fresh snapshot and shows it. A loop that is
// busy is not waited for: after `snapshot_wait` the latest published snapshot
// is shown, and `sctp_exporter_snapshot_age_seconds` says how old it is.
//
//   /metrics      OpenMetrics 1.0 or the text format 0.0.4
//   /status.json  what is there now
//   /events       the event log, as server-sent events
//   /status       the two above as a page, for a browser; / leads there
//   /healthz      "ok" while this server runs; needs no credentials
//   GET and HEAD; any other method of HTTP is 405, any other path 404
//
// docs/http.md has the queries, the JSON and who may read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lksctp/metrics/metrics_source.h"
#include "lksctp/metrics/scrape.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// RFC 7617. The user must not have a colon, neither may have control characters.
struct BasicAuth {
  std::string user;
  std::string password;
};

struct MetricsServerOptions {
  // IPv4 or IPv6 literal, or "localhost" (127.0.0.1).
  std::string host = "127.0.0.1";
  // 0 lets the system choose; `MetricsServer::port` tells.
  std::uint16_t port = 9464;
  // Asks everyone who reads, /healthz apart.
  std::optional<BasicAuth> auth;
  // Without it and without `auth` only loopback addresses are accepted: metrics
  // name peers and tell how much is said to them.
  bool allow_public = false;
  // Beyond it connections wait to be accepted. A scraper needs one, a page two.
  std::size_t max_connections = 64;
  // Of the request line and all header fields; beyond it the request is
  // refused.
  std::size_t max_header_bytes = 8192;
  // A connection that has not completed a request for so long is closed: slow
  // senders, slow readers and idle ones alike. Longer than a usual scrape
  // interval, so that a scraper keeps its connection.
  std::chrono::milliseconds connection_timeout{60000};
  // What a scrape shows; its query chooses from that.
  MetricsSelection selection;
  // How long a scrape waits for a fresh snapshot.
  std::chrono::milliseconds snapshot_wait{100};
  // Readers of /events at the same time; one more is answered 503.
  std::size_t max_event_streams = 16;
  // The latest events are kept for readers that are slow or come again: so many, and
  // so many samples (`*_sampled`) apart from them.
  std::size_t kept_events = 4096;
  // A reader of /events gets a comment that often, with the id of the last event
  // that was looked at for it.
  std::chrono::milliseconds event_heartbeat{15000};
};

// Any thread, except that its methods must not be called from the functions of
// its source.
class MetricsServer {
 public:
  // Binds, listens, and serves on a new thread; returns when connections are
  // accepted. The thread blocks all signals.
  // Errors: kInvalidArgument (host is no address, or not loopback without `auth`
  // and `allow_public`; empty function; a limit of 0; a user or password that HTTP
  // cannot carry), kSystem (EADDRINUSE, EADDRNOTAVAIL,
  // EACCES, EMFILE …).
  static Result<std::unique_ptr<MetricsServer>> start(
      MetricsSource source, MetricsServerOptions options = {});

  // Stops.
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  // The port in use.
  [[nodiscard]] std::uint16_t port() const;
  // "http://127.0.0.1:9464".
  [[nodiscard]] std::string url() const;
  // Requests that were answered 401 or 403 so far.
  [[nodiscard]] std::uint64_t refused() const;

  // Closes the port and all connections, answered or not, and joins the thread.
  // Safe to call twice.
  void stop();

 private:
  class Loop;
  explicit MetricsServer(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace lksctp
