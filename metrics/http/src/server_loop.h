// The loop behind `MetricsServer`: evhttp, its listener and the scrapes that
// wait for a snapshot.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "connections.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "mailbox.h"

struct bufferevent;
struct event;
struct evconnlistener;
struct evhttp;
struct evhttp_request;

namespace lksctp {

struct EventDeleter {
  void operator()(event_base* base) const;
  void operator()(event* timer) const;
  void operator()(evhttp* http) const;
};

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

 private:
  using Clock = std::chrono::steady_clock;

  // A request for /metrics that is not answered yet.
  struct Waiting {
    evhttp_request* request = nullptr;
    Clock::time_point began;
    Clock::time_point deadline;
    // The snapshot request whose answer is young enough for it.
    std::uint64_t round = 0;
  };

  // False without memory. `make_http` takes over the descriptor.
  bool make_base();
  bool make_events();
  bool make_http(int listening_descriptor);
  Result<void> start_thread();
  // The thread.
  void run();

  // Makes what evhttp puts a new connection on; stops accepting at the limit.
  bufferevent* on_connection();
  void on_request(evhttp_request* request);
  void on_mail();
  void on_deadline();
  void on_sweep();
  [[nodiscard]] bool full() const;

  void begin_scrape(evhttp_request* request);
  void ask_for_snapshot();
  void arm_deadline();
  // Answers the scrapes at the front while `due` holds.
  template <typename Due>
  void answer(const SnapshotPtr& snapshot, Due due);
  // The page of a scrape that began at `began`.
  [[nodiscard]] std::string render(const Snapshot& snapshot,
                                   Clock::time_point began);
  void reply(evhttp_request* request, int code, const char* content_type,
             std::shared_ptr<const std::string> body);

  // Constant after construction.
  const MetricsSource source_;
  const MetricsServerOptions options_;
  const Address address_;
  const std::shared_ptr<Mailbox> mailbox_;
  const Clock::time_point started_ = Clock::now();

  // `stop` ends them: evhttp lets go of connections, then our references to
  // them go, then the base they live on.
  std::unique_ptr<event_base, EventDeleter> base_;
  Connections connections_;
  std::unique_ptr<event, EventDeleter> mail_event_;
  std::unique_ptr<event, EventDeleter> deadline_timer_;
  std::unique_ptr<event, EventDeleter> sweep_timer_;
  std::unique_ptr<evhttp, EventDeleter> http_;
  evconnlistener* listener_ = nullptr;  // owned by http_

  std::deque<Waiting> scrapes_;  // in the order of their deadlines
  std::uint64_t round_ = 0;      // snapshot requests made
  std::optional<LastScrape> last_scrape_;
  bool asked_ = false;  // one is open
  bool stopping_ = false;

  std::thread thread_;  // of the stopping thread
};

}  // namespace lksctp
