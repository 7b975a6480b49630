// The loop behind `MetricsServer`: evhttp, its listener, and what answers a
// request.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "access.h"
#include "connections.h"
#include "event_ring.h"
#include "event_streams.h"
#include "http_answer.h"
#include "http_request.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "lksctp/reactor/snapshot_json.h"
#include "mailbox.h"
#include "on_base.h"
#include "snapshot_queue.h"

struct bufferevent;
struct evconnlistener;
struct evhttp_request;

namespace lksctp {

// Made and stopped by one thread, lives on its own in between: unless said
// otherwise a member belongs to the HTTP thread.
class MetricsServer::Loop {
 public:
  Loop(MetricsSource source, MetricsServerOptions options, Address address,
       std::shared_ptr<Mailbox> mailbox);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Takes over the listening descriptor, closing it on error, and starts the
  // thread. Call once, before anything else. Errors: kSystem.
  Result<void> start(int listening_descriptor);

  // Any thread but this one.
  void stop();
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  using Clock = std::chrono::steady_clock;

  // ---- server_loop.cc: the thread and its connections -----------------------

  // False without memory. `make_http` takes over the descriptor.
  bool make_base();
  bool make_events();
  bool make_http(int listening_descriptor);
  Result<void> start_thread();
  // The thread.
  void run();

  // Makes what evhttp puts a new connection on; stops accepting at the limit.
  bufferevent* on_connection();
  void on_mail();
  void on_sweep();
  void touch(evhttp_request* request);
  [[nodiscard]] bool full() const;

  // ---- routes.cc: what answers a request ------------------------------------

  struct Route;
  static const Route kRoutes[];

  void on_request(evhttp_request* request);
  void reply(evhttp_request* request, HttpAnswer answer);
  void healthz(evhttp_request* request, const Query& query);
  // Leads to what there is for people.
  void root(evhttp_request* request, const Query& query);
  void page(evhttp_request* request, const Query& query);
  void metrics(evhttp_request* request, const Query& query);
  void status_json(evhttp_request* request, const Query& query);
  void events(evhttp_request* request, const Query& query);
  // The page of a scrape that began at `began`.
  [[nodiscard]] std::string render_metrics(const Snapshot& snapshot,
                                           const MetricsSelection& selection,
                                           TextFormat format,
                                           Clock::time_point began);
  [[nodiscard]] StatusFacts facts() const;
  // Replies with what `render` makes of a fresh snapshot, compressed for those
  // who take that. Requests that share a snapshot and `key` share the body.
  void reply_rendered(evhttp_request* request, const char* content_type,
                      const std::string& key,
                      std::function<std::string(const Snapshot&)> render);

  // Constant after construction.
  const MetricsSource source_;
  const MetricsServerOptions options_;
  const Address address_;
  const std::shared_ptr<Mailbox> mailbox_;
  const Access access_;
  const Clock::time_point started_ = Clock::now();
  const WallTime started_wall_ = std::chrono::system_clock::now();

  // `stop` ends them: evhttp lets go of connections, then our references to
  // them go, then the base they live on.
  std::unique_ptr<event_base, EventDeleter> base_;
  Connections connections_;
  EventPtr mail_event_;
  EventPtr sweep_timer_;
  std::unique_ptr<evhttp, EventDeleter> http_;
  evconnlistener* listener_ = nullptr;  // owned by http_

  SnapshotQueue snapshots_;
  struct Rendered {
    HttpBody body;
    bool compressed = false;
  };
  std::map<std::string, Rendered> rendered_;  // of the snapshot being served
  std::optional<LastScrape> last_scrape_;
  EventRing ring_;
  EventStreams streams_;
  bool stopping_ = false;

  std::atomic<std::uint64_t> refused_ = 0;  // read by any thread
  // Of the stopping thread.
  std::function<void()> unwatch_events_;
  std::thread thread_;
};

}  // namespace lksctp
