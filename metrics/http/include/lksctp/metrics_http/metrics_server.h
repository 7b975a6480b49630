// An HTTP endpoint for Prometheus, on its own thread and its own loop.
//
//   auto server = lksctp::MetricsServer::start(
//       {.snapshot = [&] { return reactor->snapshot(); },
//        .request_snapshot = [&](auto ready) {
//          reactor->request_snapshot(std::move(ready));
//        }});
//   if (!server) log(server.error().to_string());
//
// A scrape asks the SCTP loop for a fresh snapshot and shows it. A loop that is
// busy is not waited for: after `snapshot_wait` the latest published snapshot
// is shown, and `sctp_exporter_snapshot_age_seconds` says how old it is.
//
//   GET, HEAD /metrics   text exposition format 0.0.4
//   GET, HEAD /healthz   "ok" while this server runs
//   any other method there is 405, any other path 404
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "lksctp/metrics/scrape.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/snapshot.h"

namespace lksctp {

// Where the server gets its snapshots. Both functions are called on the
// server's thread, must neither block nor throw, and must stay callable until
// `stop` has returned.
struct MetricsSource {
  // The latest published snapshot; null shows 503.
  std::function<SnapshotPtr()> snapshot;
  // Asks for a fresh one. `ready` may be called on any thread, at once, late,
  // or after the server is gone. The server has one request open at most.
  std::function<void(std::function<void(SnapshotPtr)> ready)> request_snapshot;
};

struct MetricsServerOptions {
  // IPv4 or IPv6 literal, or "localhost" (127.0.0.1).
  std::string host = "127.0.0.1";
  // 0 lets the system choose; `MetricsServer::port` tells.
  std::uint16_t port = 9464;
  // Without it only loopback addresses are accepted: metrics name peers and
  // tell how much is said to them, and nothing here asks who reads.
  bool allow_public = false;
  // Beyond it connections wait to be accepted. A scraper needs one.
  std::size_t max_connections = 64;
  // Of the request line and all header fields; beyond it the request is
  // refused.
  std::size_t max_header_bytes = 8192;
  // A connection that has not completed a request for so long is closed: slow
  // senders, slow readers and idle ones alike. Longer than a usual scrape
  // interval, so that a scraper keeps its connection.
  std::chrono::milliseconds connection_timeout{60000};
  // What a scrape shows.
  MetricsSelection selection;
  // How long a scrape waits for a fresh snapshot.
  std::chrono::milliseconds snapshot_wait{100};
};

// Any thread, except that its methods must not be called from the functions of
// its source.
class MetricsServer {
 public:
  // Binds, listens, and serves on a new thread; returns when connections are
  // accepted. The thread blocks all signals.
  // Errors: kInvalidArgument (host is no address, or not loopback without
  // `allow_public`; empty function), kSystem (EADDRINUSE, EADDRNOTAVAIL,
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

  // Closes the port and all connections, answered or not, and joins the thread.
  // Safe to call twice.
  void stop();

 private:
  class Loop;
  explicit MetricsServer(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
};

}  // namespace lksctp
