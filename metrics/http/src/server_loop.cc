#include "server_loop.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include "lksctp/metrics/text.h"

namespace lksctp {
namespace {

using std::chrono::milliseconds;

constexpr const char* kPlainType = "text/plain; charset=utf-8";

// Bodies mean nothing here; a small one is read and ignored.
constexpr ev_ssize_t kMaxBody = 4096;

constexpr unsigned kEveryMethod =
    EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
    EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |
    EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH;

timeval to_timeval(std::chrono::microseconds duration) {
  duration = std::max(duration, std::chrono::microseconds(0));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(duration);
  timeval tv{};
  tv.tv_sec = static_cast<decltype(tv.tv_sec)>(seconds.count());
  tv.tv_usec = static_cast<decltype(tv.tv_usec)>((duration - seconds).count());
  return tv;
}

const char* reason_phrase(int code) {
  switch (code) {
    case HTTP_OK:
      return "OK";
    case HTTP_NOTFOUND:
      return "Not Found";
    case HTTP_BADMETHOD:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

std::shared_ptr<const std::string> text(const char* words) {
  return std::make_shared<const std::string>(words);
}

// Keeps the body alive until it is sent; several answers may share one.
void add_body(evbuffer* buffer, std::shared_ptr<const std::string> body) {
  auto* holder = new std::shared_ptr<const std::string>(std::move(body));
  const auto release = [](const void*, std::size_t, void* arg) {
    delete static_cast<std::shared_ptr<const std::string>*>(arg);
  };
  if (evbuffer_add_reference(buffer, (*holder)->data(), (*holder)->size(),
                             release, holder) != 0) {
    delete holder;
  }
}

std::string_view path_of(evhttp_request* request) {
  const evhttp_uri* uri = evhttp_request_get_evhttp_uri(request);
  const char* path = uri != nullptr ? evhttp_uri_get_path(uri) : nullptr;
  return path != nullptr ? path : "";
}

}  // namespace

void EventDeleter::operator()(event_base* base) const { event_base_free(base); }
void EventDeleter::operator()(event* timer) const { event_free(timer); }
void EventDeleter::operator()(evhttp* http) const { evhttp_free(http); }

MetricsServer::Loop::Loop(MetricsSource source, MetricsServerOptions options,
                          Address address, std::shared_ptr<Mailbox> mailbox)
    : source_(std::move(source)),
      options_(std::move(options)),
      address_(address),
      mailbox_(std::move(mailbox)) {}

MetricsServer::Loop::~Loop() { stop(); }

Result<void> MetricsServer::Loop::start(int listening_descriptor) {
  const bool made = make_base();
  if (!made) ::close(listening_descriptor);
  if (!made || !make_events() || !make_http(listening_descriptor)) {
    return tl::unexpected(Error::system(ENOMEM, "metrics server", address_));
  }
  return start_thread();
}

bool MetricsServer::Loop::make_base() {
  // Other threads come through the mailbox only: no locks.
  const std::unique_ptr<event_config, decltype(&event_config_free)> config(
      event_config_new(), &event_config_free);
  if (config == nullptr) return false;
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_NOLOCK);
  base_.reset(event_base_new_with_config(config.get()));
  return base_ != nullptr;
}

bool MetricsServer::Loop::make_events() {
  mail_event_.reset(event_new(
      base_.get(), mailbox_->descriptor(), EV_READ | EV_PERSIST,
      [](evutil_socket_t, short, void* loop) {
        static_cast<Loop*>(loop)->on_mail();
      },
      this));
  deadline_timer_.reset(evtimer_new(
      base_.get(),
      [](evutil_socket_t, short, void* loop) {
        static_cast<Loop*>(loop)->on_deadline();
      },
      this));
  sweep_timer_.reset(evtimer_new(
      base_.get(),
      [](evutil_socket_t, short, void* loop) {
        static_cast<Loop*>(loop)->on_sweep();
      },
      this));
  return mail_event_ != nullptr && deadline_timer_ != nullptr &&
         sweep_timer_ != nullptr && event_add(mail_event_.get(), nullptr) == 0;
}

bool MetricsServer::Loop::make_http(int listening_descriptor) {
  std::unique_ptr<evconnlistener, decltype(&evconnlistener_free)> listener(
      evconnlistener_new(base_.get(), nullptr, nullptr,
                         LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
                         /*backlog=*/0, listening_descriptor),
      &evconnlistener_free);
  if (listener == nullptr) {
    ::close(listening_descriptor);
    return false;
  }
  // Out of descriptors: the connection stays in the backlog and would be
  // reported again at once. The sweep tries again.
  evconnlistener_set_error_cb(
      listener.get(),
      [](evconnlistener* paused, void*) { evconnlistener_disable(paused); });
  http_.reset(evhttp_new(base_.get()));
  if (http_ == nullptr ||
      evhttp_bind_listener(http_.get(), listener.get()) == nullptr) {
    return false;
  }
  listener_ = listener.release();

  constexpr auto kMost =
      static_cast<std::size_t>(std::numeric_limits<ev_ssize_t>::max());
  evhttp_set_max_headers_size(
      http_.get(),
      static_cast<ev_ssize_t>(std::min(options_.max_header_bytes, kMost)));
  evhttp_set_max_body_size(http_.get(), kMaxBody);
  evhttp_set_allowed_methods(http_.get(),
                             static_cast<ev_uint16_t>(kEveryMethod));
  evhttp_set_gencb(
      http_.get(),
      [](evhttp_request* request, void* loop) {
        static_cast<Loop*>(loop)->on_request(request);
      },
      this);
  evhttp_set_bevcb(
      http_.get(),
      [](event_base*, void* loop) {
        return static_cast<Loop*>(loop)->on_connection();
      },
      this);
  on_sweep();
  return true;
}

Result<void> MetricsServer::Loop::start_thread() {
  // The thread inherits the mask: signals are for the embedder's threads, and
  // SIGPIPE, raised by writing to a scraper that went away, for nobody.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Result<void> result;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    result = tl::unexpected(
        Error::system(error.code().value(), "pthread_create", address_));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

void MetricsServer::Loop::run() {
  while (!stopping_ && event_base_loop(base_.get(), EVLOOP_ONCE) == 0) {
    // At once: until then a closed connection is read on and holds its place.
    if (connections_.forget_closed() && !full()) {
      evconnlistener_enable(listener_);
    }
  }
}

void MetricsServer::Loop::stop() {
  mailbox_->stop();
  if (thread_.joinable()) thread_.join();
  // A request whose connection is still there is evhttp's.
  for (const Waiting& scrape : scrapes_) {
    if (evhttp_request_get_connection(scrape.request) == nullptr) {
      evhttp_request_free(scrape.request);
    }
  }
  scrapes_.clear();
  http_.reset();
  listener_ = nullptr;
  // The descriptors of the connections are closed with the base.
  connections_.forget_closed();
  sweep_timer_.reset();
  deadline_timer_.reset();
  mail_event_.reset();
  base_.reset();
}

void MetricsServer::Loop::on_request(evhttp_request* request) {
  connections_.touch(
      evhttp_connection_get_bufferevent(evhttp_request_get_connection(request)),
      Clock::now());
  const std::string_view path = path_of(request);
  const bool metrics = path == "/metrics";
  if (!metrics && path != "/healthz") {
    return reply(request, HTTP_NOTFOUND, kPlainType,
                 text("not found; metrics are at /metrics\n"));
  }
  const evhttp_cmd_type method = evhttp_request_get_command(request);
  if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
    evhttp_add_header(evhttp_request_get_output_headers(request), "Allow",
                      "GET, HEAD");
    return reply(request, HTTP_BADMETHOD, kPlainType,
                 text("only GET and HEAD\n"));
  }
  if (!metrics) return reply(request, HTTP_OK, kPlainType, text("ok\n"));
  begin_scrape(request);
}

void MetricsServer::Loop::begin_scrape(evhttp_request* request) {
  // A snapshot that was asked for earlier may be older than this request.
  const Clock::time_point now = Clock::now();
  scrapes_.push_back({request, now, now + options_.snapshot_wait, round_ + 1});
  if (!asked_) ask_for_snapshot();
  if (scrapes_.size() == 1) arm_deadline();
}

void MetricsServer::Loop::ask_for_snapshot() {
  asked_ = true;
  ++round_;
  source_.request_snapshot([mailbox = mailbox_](SnapshotPtr snapshot) {
    mailbox->deliver(std::move(snapshot));
  });
}

void MetricsServer::Loop::arm_deadline() {
  const timeval wait = to_timeval(std::chrono::ceil<std::chrono::microseconds>(
      scrapes_.front().deadline - Clock::now()));
  evtimer_add(deadline_timer_.get(), &wait);
}

void MetricsServer::Loop::on_mail() {
  const Mailbox::Content mail = mailbox_->take();
  stopping_ = mail.stop;
  if (stopping_) return;
  if (mail.snapshots.empty()) return;
  asked_ = false;
  answer(mail.snapshots.back(),
         [this](const Waiting& scrape) { return scrape.round <= round_; });
  if (!scrapes_.empty()) ask_for_snapshot();
}

void MetricsServer::Loop::on_deadline() {
  const Clock::time_point now = Clock::now();
  answer(source_.snapshot(),
         [now](const Waiting& scrape) { return scrape.deadline <= now; });
  if (!scrapes_.empty()) arm_deadline();
}

template <typename Due>
void MetricsServer::Loop::answer(const SnapshotPtr& snapshot, Due due) {
  std::shared_ptr<const std::string> body;
  while (!scrapes_.empty() && due(scrapes_.front())) {
    evhttp_request* request = scrapes_.front().request;
    const Clock::time_point began = scrapes_.front().began;
    scrapes_.pop_front();
    if (snapshot == nullptr) {
      reply(request, HTTP_SERVUNAVAIL, kPlainType, text("no snapshot yet\n"));
      continue;
    }
    if (body == nullptr) {
      body = std::make_shared<const std::string>(render(*snapshot, began));
    }
    reply(request, HTTP_OK, content_type(TextFormat::kPrometheus), body);
  }
}

std::string MetricsServer::Loop::render(const Snapshot& snapshot,
                                        Clock::time_point began) {
  const Clock::time_point now = Clock::now();
  const Scrape scrape{.selection = options_.selection,
                      .facts = {.version = LKSCTP_VERSION,
                                .libevent = event_get_version(),
                                .uptime = now - started_,
                                .last = last_scrape_,
                                .host = read_host_counters()}};
  MetricsText page = to_text(snapshot, now, scrape, TextFormat::kPrometheus);
  last_scrape_ = LastScrape{.duration = Clock::now() - began,
                            .bytes = page.text.size(),
                            .series = page.series};
  return std::move(page.text);
}

void MetricsServer::Loop::reply(evhttp_request* request, int code,
                                const char* content_type,
                                std::shared_ptr<const std::string> body) {
  if (evhttp_connection* connection = evhttp_request_get_connection(request)) {
    connections_.touch(evhttp_connection_get_bufferevent(connection),
                       Clock::now());
  }
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", content_type);
  evhttp_add_header(headers, "Content-Length",
                    std::to_string(body->size()).c_str());
  const std::unique_ptr<evbuffer, decltype(&evbuffer_free)> buffer(
      evbuffer_new(), &evbuffer_free);
  if (buffer != nullptr &&
      evhttp_request_get_command(request) != EVHTTP_REQ_HEAD) {
    add_body(buffer.get(), std::move(body));
  }
  // Frees a request whose connection is gone.
  evhttp_send_reply(request, code, reason_phrase(code), buffer.get());
}

bufferevent* MetricsServer::Loop::on_connection() {
  bufferevent* connection = connections_.open(base_.get(), Clock::now());
  if (full()) evconnlistener_disable(listener_);
  return connection;
}

void MetricsServer::Loop::on_sweep() {
  connections_.end_silent(Clock::now() - options_.connection_timeout);
  if (!full()) evconnlistener_enable(listener_);
  const timeval next = to_timeval(std::clamp(
      options_.connection_timeout / 4, milliseconds(10), milliseconds(1000)));
  evtimer_add(sweep_timer_.get(), &next);
}

bool MetricsServer::Loop::full() const {
  return connections_.size() >= options_.max_connections;
}

}  // namespace lksctp
