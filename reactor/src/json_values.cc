#include "json_values.h"

#include <chrono>
#include <optional>
#include <type_traits>

#include "lksctp/decoder/error_cause.h"
#include "lksctp/decoder/table.h"

namespace lksctp {
namespace {

const char* family_name(AddressFamily family) {
  switch (family) {
    case AddressFamily::kIpv4:
      return "IPv4";
    case AddressFamily::kIpv6:
      return "IPv6";
    case AddressFamily::kNone:
      break;
  }
  return "";
}

// Sets what is there.
template <typename T>
void set(Json& object, const char* name, const std::optional<T>& value) {
  if (!value) return;
  if constexpr (std::is_same_v<T, Milliseconds>) {
    object[name] = value->count();
  } else {
    object[name] = *value;
  }
}

}  // namespace

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

double milliseconds(std::chrono::nanoseconds time) {
  // Apart, so that a whole number of them stays one.
  constexpr std::int64_t kNanoseconds = 1'000'000;
  return static_cast<double>(time.count() / kNanoseconds) +
         static_cast<double>(time.count() % kNanoseconds) / kNanoseconds;
}

std::string hexadecimal(const Bytes& bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kDigits[value >> 4U];
    text += kDigits[value & 0xfU];
  }
  return text;
}

const char* role_name(EndpointRole role) {
  return role == EndpointRole::kListen ? "listen" : "connect";
}

Json to_value(const Address& address) {
  return {{"address", address.ip_string()},
          {"family", family_name(address.family)},
          {"port", address.port}};
}

Json to_value(const Error& error) {
  Json object{{"code", error_code_name(error.code, error.errno_value)},
              {"message", error.message}};
  if (error.errno_value != 0) object["errno"] = error.errno_value;
  if (!error.operation.empty()) object["operation"] = error.operation;
  if (error.address.family != AddressFamily::kNone) {
    object["address"] = error.address.ip_string();
    object["port"] = error.address.port;
  }
  return object;
}

Json to_value(const PathInfo& path) {
  Json object = to_value(path.address);
  object["state"] = static_cast<unsigned>(path.state);
  object["stateName"] = path_state_name(path.state);
  object["primary"] = path.primary;
  object["cwnd"] = path.congestion_window;
  object["srtt"] = path.srtt.count();
  object["rto"] = path.rto.count();
  object["mtu"] = path.mtu;
  return object;
}

Json to_value(const Traffic& traffic) {
  return {{"messages", traffic.messages}, {"bytes", traffic.bytes}};
}

Json to_value(const StreamTraffic& stream) {
  return {{"sid", stream.stream.value()},
          {"sent", to_value(stream.sent)},
          {"received", to_value(stream.received)}};
}

Json to_value(const PpidTraffic& protocol) {
  return {{"ppid", protocol.ppid.value()},
          {"sent", to_value(protocol.sent)},
          {"received", to_value(protocol.received)}};
}

Json to_value(const AssociationStatistics& statistics) {
  Json object{{"maxRto", statistics.max_rto.count()}};
  if (statistics.max_rto_path.family != AddressFamily::kNone) {
    object["maxRtoAddress"] = statistics.max_rto_path.ip_string();
    object["maxRtoPort"] = statistics.max_rto_path.port;
  }
  for (const StatisticsRow& row : statistics_rows()) {
    object[camel_case_name(std::string("_") + row.name)] =
        statistics.*row.member;
  }
  return object;
}

Json to_value(const ErrorCause& cause) {
  Json object{{"code", static_cast<unsigned>(cause.code)},
              {"name", cause_name(cause.code)}};
  if (!cause.information.empty()) {
    object["information"] = hexadecimal(cause.information);
    object["description"] = describe_cause(cause);
  }
  return object;
}

Json to_value(const SocketOptions& options) {
  Json initiation = Json::object();
  set(initiation, "outboundStreams", options.initiation.outbound_streams);
  set(initiation, "maxInboundStreams", options.initiation.max_inbound_streams);
  set(initiation, "maxAttempts", options.initiation.max_attempts);
  set(initiation, "maxTimeout", options.initiation.max_timeout);
  Json sack = Json::object();
  set(sack, "delay", options.delayed_sack.delay);
  set(sack, "freq", options.delayed_sack.frequency);
  Json rto = Json::object();
  set(rto, "initial", options.rto.initial);
  set(rto, "min", options.rto.minimum);
  set(rto, "max", options.rto.maximum);
  Json association = Json::object();
  set(association, "maxRetransmissions",
      options.association.max_retransmissions);
  set(association, "cookieLife", options.association.cookie_life);
  Json path = Json::object();
  set(path, "heartbeat", options.path.heartbeat);
  set(path, "heartbeatInterval", options.path.heartbeat_interval);
  set(path, "maxRetransmissions", options.path.max_retransmissions);
  set(path, "pathMtu", options.path.path_mtu);
  set(path, "dscp", options.path.dscp);
  Json object{{"initiation", initiation},
              {"sack", sack},
              {"rto", rto},
              {"association", association},
              {"path", path}};
  set(object, "noDelay", options.no_delay);
  set(object, "maxSegment", options.max_segment);
  set(object, "maxBurst", options.max_burst);
  set(object, "fragmentInterleave", options.fragment_interleave);
  set(object, "potentiallyFailed", options.potentially_failed);
  set(object, "sendBuffer", options.send_buffer);
  set(object, "receiveBuffer", options.receive_buffer);
  set(object, "senderDry", options.sender_dry);
  return object;
}

}  // namespace lksctp
