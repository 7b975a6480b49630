#include "server_loop.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>
#include <system_error>
#include <utility>

#include "sockets.h"

namespace lksctp {
namespace {

using std::chrono::milliseconds;

// Bodies mean nothing here; a small one is read and ignored.
constexpr std::size_t kMaxBody = 4096;

constexpr unsigned kEveryMethod =
    EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
    EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |
    EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH;

}  // namespace

void EventDeleter::operator()(event_base* base) const { event_base_free(base); }
void EventDeleter::operator()(event* timer) const { event_free(timer); }
void EventDeleter::operator()(evhttp* http) const { evhttp_free(http); }

MetricsServer::Loop::Loop(MetricsSource source, MetricsServerOptions options,
                          Address address, std::shared_ptr<Mailbox> mailbox)
    : source_(std::move(source)),
      options_(std::move(options)),
      address_(address),
      mailbox_(std::move(mailbox)),
      access_(options_.auth, is_loopback(address)),
      connections_(options_.max_header_bytes + kMaxBody),
      snapshots_(source_, mailbox_, options_.snapshot_wait,
                 [this] { rendered_.clear(); }),
      ring_(options_.kept_events),
      streams_(options_, ring_, connections_) {}

MetricsServer::Loop::~Loop() { stop(); }

Result<void> MetricsServer::Loop::start(int listening_descriptor) {
  const bool made = make_base();
  if (!made) ::close(listening_descriptor);
  if (!made || !make_events() || !make_http(listening_descriptor)) {
    return tl::unexpected(Error::system(ENOMEM, "metrics server", address_));
  }
  if (auto started = start_thread(); !started) return started;
  if (source_.watch_events) {
    unwatch_events_ =
        source_.watch_events([mailbox = mailbox_](const Event& event) {
          mailbox->deliver(std::make_shared<const EventWithoutUserData>(
              without_user_data(event)));
        });
  }
  return {};
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
  sweep_timer_.reset(evtimer_new(
      base_.get(),
      [](evutil_socket_t, short, void* loop) {
        static_cast<Loop*>(loop)->on_sweep();
      },
      this));
  return mail_event_ != nullptr && sweep_timer_ != nullptr &&
         snapshots_.start(base_.get()) && streams_.start(base_.get()) &&
         event_add(mail_event_.get(), nullptr) == 0;
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
  evhttp_set_max_body_size(http_.get(), static_cast<ev_ssize_t>(kMaxBody));
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
    streams_.forget_closed();
    if (connections_.forget_closed() && !full()) {
      evconnlistener_enable(listener_);
    }
  }
}

void MetricsServer::Loop::stop() {
  if (unwatch_events_) std::exchange(unwatch_events_, nullptr)();
  mailbox_->stop();
  if (thread_.joinable()) thread_.join();
  snapshots_.close();
  streams_.close();
  http_.reset();
  listener_ = nullptr;
  // The descriptors of the connections are closed with the base.
  connections_.forget_closed();
  sweep_timer_.reset();
  mail_event_.reset();
  base_.reset();
}

bufferevent* MetricsServer::Loop::on_connection() {
  bufferevent* connection = connections_.open(base_.get(), Clock::now());
  if (full()) evconnlistener_disable(listener_);
  return connection;
}

void MetricsServer::Loop::on_mail() {
  Mailbox::Content mail = mailbox_->take();
  stopping_ = mail.stop;
  if (stopping_) return;
  // First, so that a snapshot finds all events that it holds.
  for (EventPointer& event : mail.events) ring_.add(std::move(event));
  if (!mail.snapshots.empty()) snapshots_.on_snapshot(mail.snapshots.back());
  if (!mail.events.empty()) streams_.on_events();
}

void MetricsServer::Loop::touch(evhttp_request* request) {
  if (evhttp_connection* connection = evhttp_request_get_connection(request)) {
    connections_.touch(evhttp_connection_get_bufferevent(connection),
                       Clock::now());
  }
}

void MetricsServer::Loop::on_sweep() {
  streams_.touch_idle(Clock::now());
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
