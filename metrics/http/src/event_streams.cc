#include "event_streams.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>

#include <algorithm>
#include <string>
#include <utility>

#include "http_answer.h"

namespace lksctp {
namespace {

// Of one write: more waits in the ring until this has been taken.
constexpr std::size_t kMaxWrite = 64 * 1024;

// What a reader that lost its connection waits before it comes again.
constexpr const char* kRetry = "retry: 2000\n";

std::string gap(std::uint64_t from, std::uint64_t to) {
  const std::string last = std::to_string(to);
  return "id: " + last +
         "\nevent: gap\ndata: {\"from\":" + std::to_string(from) +
         ",\"lost\":" + std::to_string(to - from + 1) + ",\"to\":" + last +
         ",\"type\":\"gap\"}\n\n";
}

}  // namespace

struct EventStreams::Stream {
  EventStreams* streams = nullptr;
  evhttp_request* request = nullptr;
  EventSelection selection;
  std::uint64_t seq = 0;  // the last event that was sent or passed over

  // Null when the client has gone.
  [[nodiscard]] evhttp_connection* connection() const {
    return evhttp_request_get_connection(request);
  }
  [[nodiscard]] bool has_unsent() const {
    evhttp_connection* to = connection();
    return to != nullptr && evbuffer_get_length(bufferevent_get_output(
                                evhttp_connection_get_bufferevent(to))) > 0;
  }
};

EventStreams::EventStreams(const MetricsServerOptions& options, EventRing& ring,
                           Connections& connections)
    : options_(options), ring_(ring), connections_(connections) {}

EventStreams::~EventStreams() = default;

bool EventStreams::start(event_base* base) {
  heartbeat_timer_.reset(evtimer_new(
      base,
      [](evutil_socket_t, short, void* streams) {
        static_cast<EventStreams*>(streams)->on_heartbeat();
      },
      this));
  if (heartbeat_timer_ == nullptr) return false;
  arm_heartbeat();
  return true;
}

bool EventStreams::full() const {
  return streams_.size() >= options_.max_event_streams;
}

void EventStreams::open(evhttp_request* request, EventSelection selection,
                        const std::string& hello, EventSeq seq) {
  if (evhttp_request_get_connection(request) == nullptr) {
    return evhttp_request_free(request);
  }
  const std::uint64_t last = seq.value();
  auto stream = std::make_unique<Stream>();
  stream->streams = this;
  stream->request = request;
  stream->seq = selection.since.value_or(seq).value();
  stream->selection = std::move(selection);
  add_common_headers(request);
  evkeyvalq* headers = evhttp_request_get_output_headers(request);
  evhttp_add_header(headers, "Content-Type", "text/event-stream");
  // For proxies of the nginx kind, which would collect the events.
  evhttp_add_header(headers, "X-Accel-Buffering", "no");
  evhttp_send_reply_start(request, 200, "OK");
  std::string first =
      std::string(kRetry) + "event: hello\ndata: " + hello + "\n\n";
  if (stream->seq > last) {
    // It has read another process's log: of this one it knows nothing.
    if (last > 0) first += gap(1, last);
    stream->seq = last;
  } else if (stream->seq < last && ring_.after(stream->seq) == nullptr) {
    first += gap(stream->seq + 1, last);
    stream->seq = last;
  }
  send(*stream, first);
  streams_.push_back(std::move(stream));
}

void EventStreams::on_events() {
  for (const auto& stream : streams_) pump(*stream);
}

void EventStreams::pump(Stream& stream) {
  if (stream.has_unsent()) return;
  std::string text;
  const EventRing::Entry* entry = nullptr;
  while (text.size() < kMaxWrite &&
         (entry = ring_.after(stream.seq)) != nullptr) {
    const std::uint64_t seq = entry->event().seq.value();
    // Samples that are gone are not missed by who did not ask for them.
    const std::uint64_t lost =
        stream.selection.samples
            ? seq - 1
            : std::min(seq - 1, ring_.last_lost_fact().value());
    if (lost > stream.seq) text += gap(stream.seq + 1, lost);
    if (entry->matches(stream.selection)) text += entry->sent_form();
    stream.seq = seq;
  }
  if (!text.empty()) send(stream, text);
}

void EventStreams::send(Stream& stream, const std::string& text) {
  evhttp_connection* connection = stream.connection();
  if (connection == nullptr) return;
  connections_.touch(evhttp_connection_get_bufferevent(connection),
                     Connections::Clock::now());
  const std::unique_ptr<evbuffer, decltype(&evbuffer_free)> buffer(
      evbuffer_new(), &evbuffer_free);
  if (buffer == nullptr ||
      evbuffer_add(buffer.get(), text.data(), text.size()) != 0) {
    return;
  }
  evhttp_send_reply_chunk_with_cb(
      stream.request, buffer.get(),
      [](evhttp_connection*, void* taken) {
        auto* one = static_cast<Stream*>(taken);
        one->streams->pump(*one);
      },
      &stream);
}

void EventStreams::forget_closed() {
  std::erase_if(streams_, [](const std::unique_ptr<Stream>& stream) {
    if (stream->connection() != nullptr) return false;
    evhttp_request_free(stream->request);
    return true;
  });
}

void EventStreams::touch_idle(Connections::Clock::time_point now) {
  for (const auto& stream : streams_) {
    evhttp_connection* connection = stream->connection();
    if (connection != nullptr && !stream->has_unsent()) {
      connections_.touch(evhttp_connection_get_bufferevent(connection), now);
    }
  }
}

void EventStreams::on_heartbeat() {
  for (const auto& stream : streams_) {
    if (stream->has_unsent()) continue;
    // With an id: what the filter hides is not missed by who comes back.
    send(*stream, ": heartbeat\nid: " + std::to_string(stream->seq) + "\n\n");
  }
  arm_heartbeat();
}

void EventStreams::arm_heartbeat() {
  const timeval next = to_timeval(options_.event_heartbeat);
  evtimer_add(heartbeat_timer_.get(), &next);
}

void EventStreams::close() {
  forget_closed();
  streams_.clear();
  heartbeat_timer_.reset();
}

}  // namespace lksctp
