#include "event_text.h"

#include <chrono>
#include <span>
#include <string_view>
#include <type_traits>

#include "description/value_members.h"
#include "lksctp/decoder/error_cause.h"
#include "lksctp/decoder/interpret.h"

namespace lksctp {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }
std::string number(Milliseconds value) {
  return std::to_string(value.count()) + " ms";
}

std::string list(std::span<const Address> addresses) {
  if (addresses.empty()) return "no address";
  std::string text;
  for (const Address& address : addresses) {
    if (!text.empty()) text += ' ';
    text += address.to_string();
  }
  return text;
}

std::string traffic(const Traffic& traffic) {
  return number(traffic.messages) + " messages " + number(traffic.bytes) +
         " bytes";
}

std::string cause_text(CauseCode cause) {
  if (cause == CauseCode::kNone) return "";
  return ", cause " + std::to_string(static_cast<unsigned>(cause)) + " (" +
         std::string(cause_name(cause)) + ')';
}

// Names and values of the options that are present.
class OptionText {
 public:
  template <typename T>
  OptionText& add(std::string_view name, const std::optional<T>& value) {
    if (!value) return *this;
    if (!text_.empty()) text_ += ", ";
    text_ += name;
    text_ += ' ';
    if constexpr (std::is_same_v<T, bool>) {
      text_ += *value ? "on" : "off";
    } else {
      text_ += number(*value);
    }
    return *this;
  }
  [[nodiscard]] std::string take() {
    return text_.empty() ? "none readable" : std::move(text_);
  }

 private:
  std::string text_;
};

std::string options_text(const SocketOptions& options) {
  OptionText text;
  text.add("outbound_streams", options.initiation.outbound_streams)
      .add("max_inbound_streams", options.initiation.max_inbound_streams)
      .add("max_init_attempts", options.initiation.max_attempts)
      .add("max_init_timeout", options.initiation.max_timeout)
      .add("sack_delay", options.delayed_sack.delay)
      .add("sack_frequency", options.delayed_sack.frequency)
      .add("no_delay", options.no_delay)
      .add("rto_initial", options.rto.initial)
      .add("rto_minimum", options.rto.minimum)
      .add("rto_maximum", options.rto.maximum)
      .add("max_retransmissions", options.association.max_retransmissions)
      .add("cookie_life", options.association.cookie_life)
      .add("heartbeat", options.path.heartbeat)
      .add("heartbeat_interval", options.path.heartbeat_interval)
      .add("path_max_retransmissions", options.path.max_retransmissions)
      .add("path_mtu", options.path.path_mtu)
      .add("dscp", options.path.dscp)
      .add("max_segment", options.max_segment)
      .add("max_burst", options.max_burst)
      .add("fragment_interleave", options.fragment_interleave)
      .add("potentially_failed", options.potentially_failed)
      .add("send_buffer", options.send_buffer)
      .add("receive_buffer", options.receive_buffer)
      .add("sender_dry", options.sender_dry);
  return text.take();
}

struct Describe {
  std::string operator()(const Notification& body) const {
    return interpret(body);
  }
  std::string operator()(const EndpointOpened& body) const {
    return body.name + ", " + std::string(text_name(body.role)) + ", " +
           std::string(stack_name(body.stack));
  }
  std::string operator()(const EndpointBound& body) const {
    std::string text = list(body.local);
    if (body.udp_port) text += ", UDP port " + number(*body.udp_port);
    return text;
  }
  std::string operator()(const EndpointClosed&) const { return ""; }
  std::string operator()(const AcceptStateChanged& body) const {
    return body.error ? "paused, " + body.error->to_string() : "accepting";
  }
  std::string operator()(const PeerExpected& body) const {
    return body.peer + " at " + body.endpoint;
  }
  std::string operator()(const PeerForgotten& body) const {
    return body.peer + " at " + body.endpoint;
  }
  std::string operator()(const ConnectRequested& body) const {
    return body.peer + ", to " + list(body.remote);
  }
  std::string operator()(const ConnectFailed& body) const {
    return body.error.to_string();
  }
  std::string operator()(const AssociationAccepted& body) const {
    return body.peer + ", from " + body.remote.to_string();
  }
  std::string operator()(const ShutdownRequested&) const { return ""; }
  std::string operator()(const AbortRequested& body) const {
    return body.reason.empty() ? "no reason given" : '"' + body.reason + '"';
  }
  std::string operator()(const AssociationClosed& body) const {
    std::string text(close_reason_name(body.reason));
    text += cause_text(body.cause);
    if (body.error) text += ", " + body.error->to_string();
    return text;
  }
  std::string operator()(const OptionsChanged& body) const {
    return options_text(body.options);
  }
  std::string operator()(const MessageFailed& body) const {
    return number(body.size) + " bytes on stream " +
           number(body.stream.value()) + ", ppid " + number(body.ppid.value()) +
           ", context " + number(body.context) +
           (body.kind == SendFailedKind::kUnsent ? ", unsent" : ", sent") +
           cause_text(body.cause);
  }
  std::string operator()(const ReceiveFailed& body) const {
    std::string text = body.error.to_string();
    if (!body.raw.empty()) text += " (" + number(body.raw.size()) + " bytes)";
    return text;
  }
  std::string operator()(const StatusSampled& body) const {
    return std::string(association_state_name(body.state)) + ", peer window " +
           number(body.peer_receive_window) + ", unacknowledged " +
           number(body.unacknowledged_chunks) + ", pending " +
           number(body.pending_chunks) + ", streams " +
           number(body.inbound_streams) + " in " +
           number(body.outbound_streams) + " out, send queue " +
           number(body.send_queue) + " bytes";
  }
  std::string operator()(const PathsSampled& body) const {
    std::string text;
    for (const PathInfo& path : body.paths) {
      if (!text.empty()) text += "; ";
      text += path.address.to_string() + ' ' +
              std::string(path_state_name(path.state));
      if (path.primary) text += " primary";
      text += ", srtt " + number(path.srtt) + ", rto " + number(path.rto) +
              ", cwnd " + number(path.congestion_window) + ", mtu " +
              number(path.mtu);
    }
    return text.empty() ? "no path" : text;
  }
  std::string operator()(const LocalAddressesSampled& body) const {
    return list(body.local);
  }
  std::string operator()(const TrafficSampled& body) const {
    return "sent " + traffic(body.sent) + ", received " +
           traffic(body.received);
  }
  std::string operator()(const StatisticsSampled& body) const {
    std::string text = "max_rto " + number(body.statistics.max_rto);
    for (const StatisticsRow& row : statistics_rows()) {
      text += ", " + std::string(row.name) + ' ' +
              number(body.statistics.*row.member);
    }
    return text;
  }
  std::string operator()(const LogGap& body) const {
    return '#' + number(body.from.value()) + " to #" + number(body.to.value());
  }
  std::string operator()(const LogRecovered& body) const {
    return "journal " + body.journal + " to #" + number(body.last.value()) +
           ", " + number(body.lost_bytes) + " bytes lost";
  }
};

}  // namespace

std::string describe(const EventBody& body) {
  return std::visit(Describe{}, body);
}

}  // namespace lksctp
