// What the values in events and records are made of: each member and its name, once, for
// everything that goes through them. JSON is written and read by it (`json_writer.h`,
// `json_reader.h`), and the views of a journal have its names as columns.
//
// `members(value, visitor)` calls the visitor for each member, in order:
//
//   visitor("name", member)        by the type of the member
//   visitor.whole("name", member)  an object that is all its parent has
//   visitor.unless("name", member, absent)    left out while it is `absent`
//   visitor.named("state", "stateName", member, name)   a number and, where it has one,
//                                  its name beside it
//   visitor.text("code", write, read)   a text made of members: `write()` gives it,
//                                  `read(text)` takes it and is false when it cannot
//   visitor.derived("name", make)  what follows from other members: never read
//   visitor.derived_unless_empty("name", make)  left out while it is empty
//   visitor.cause("cause", code, presence)   {code, name}
//   visitor.ip("address", member)  an address without its port
//   visitor.address("address", "port", member)  both; left out while there is none
//   visitor.user_data("data", "dataSize", "dataSha256", bytes)
//   visitor.number(name, name_of_name, value, store, name)   as `named`, of a field of the
//                                  decoder's table; `store(value)` as `read`
//
// The value is const or not, as the visitor needs it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "lksctp/decoder/error_cause.h"
#include "lksctp/reactor/event.h"
#include "statistics_members.h"

namespace lksctp {

// `T` or `const T`.
template <typename Given, typename T>
concept Of = std::same_as<std::remove_const_t<Given>, T>;

enum class CausePresence : std::uint8_t { kAlways, kUnlessNone };

// The enumerations that are texts, with their last value. A value without a name is its
// number.
template <typename Enum>
inline constexpr std::size_t kNamedValues = 0;
template <>
inline constexpr std::size_t kNamedValues<EndpointRole> =
    static_cast<std::size_t>(EndpointRole::kConnect) + 1;
template <>
inline constexpr std::size_t kNamedValues<StackKind> =
    static_cast<std::size_t>(StackKind::kScripted) + 1;
template <>
inline constexpr std::size_t kNamedValues<CloseReason> =
    static_cast<std::size_t>(CloseReason::kError) + 1;
template <>
inline constexpr std::size_t kNamedValues<ReconfigurationResult> =
    static_cast<std::size_t>(ReconfigurationResult::kFailed) + 1;

[[nodiscard]] constexpr std::string_view text_name(EndpointRole role) {
  return role == EndpointRole::kListen ? "listen" : "connect";
}
[[nodiscard]] inline std::string_view text_name(StackKind stack) {
  return stack_name(stack);
}
[[nodiscard]] inline std::string_view text_name(CloseReason reason) {
  return close_reason_name(reason);
}
[[nodiscard]] constexpr std::string_view text_name(
    ReconfigurationResult result) {
  if (result == ReconfigurationResult::kPerformed) return "performed";
  return result == ReconfigurationResult::kDenied ? "denied" : "failed";
}

[[nodiscard]] constexpr std::string_view family_name(AddressFamily family) {
  if (family == AddressFamily::kNone) return "";
  return family == AddressFamily::kIpv4 ? "IPv4" : "IPv6";
}

// As the table of notifications has it in `ssf_flags`.
[[nodiscard]] std::string_view send_failed_kind_name(SendFailedKind kind);

// The code of that name; false when there is none. A name of an errno that this system
// does not have is one of another system.
[[nodiscard]] bool set_error_code(Error& error, std::string_view name);

template <Of<Address> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor.ip("address", value);
  visitor.derived("family", [&] { return family_name(value.family); });
  visitor("port", value.port);
}

template <Of<Error> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor.text(
      "code", [&] { return error_code_name(value.code, value.errno_value); },
      [&](auto text) { return set_error_code(value, text); });
  visitor("message", value.message);
  visitor.unless("errno", value.errno_value, 0);
  visitor.unless("operation", value.operation, std::string_view());
  visitor.address("address", "port", value.address);
}

template <Of<ErrorCause> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("code", value.code);
  visitor.derived("name", [&] { return cause_name(value.code); });
  visitor.unless("information", value.information, Bytes());
  visitor.derived_unless_empty("description", [&] {
    return value.information.empty() ? std::string() : describe_cause(value);
  });
}

template <Of<PathInfo> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  members(value.address, visitor);
  visitor.named("state", "stateName", value.state, path_state_name);
  visitor("primary", value.primary);
  visitor("cwnd", value.congestion_window);
  visitor("srtt", value.srtt);
  visitor("rto", value.rto);
  visitor("mtu", value.mtu);
}

template <Of<Traffic> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("messages", value.messages);
  visitor("bytes", value.bytes);
}

template <Of<StreamTraffic> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("sid", value.stream);
  visitor("sent", value.sent);
  visitor("received", value.received);
}

template <Of<PpidTraffic> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("ppid", value.ppid);
  visitor("sent", value.sent);
  visitor("received", value.received);
}

template <Of<AssociationStatistics> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("maxRto", value.max_rto);
  visitor.address("maxRtoAddress", "maxRtoPort", value.max_rto_path);
  for (const StatisticsMember& member : statistics_members()) {
    visitor(member.name, value.*member.member);
  }
}

// ---- options ----------------------------------------------------------------

template <Of<InitiationOptions> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("outboundStreams", value.outbound_streams);
  visitor("maxInboundStreams", value.max_inbound_streams);
  visitor("maxAttempts", value.max_attempts);
  visitor("maxTimeout", value.max_timeout);
}

template <Of<DelayedSackOptions> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("delay", value.delay);
  visitor("freq", value.frequency);
}

template <Of<RtoOptions> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("initial", value.initial);
  visitor("min", value.minimum);
  visitor("max", value.maximum);
}

template <Of<AssociationOptions> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("maxRetransmissions", value.max_retransmissions);
  visitor("cookieLife", value.cookie_life);
}

template <Of<PathOptions> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("heartbeat", value.heartbeat);
  visitor("heartbeatInterval", value.heartbeat_interval);
  visitor("maxRetransmissions", value.max_retransmissions);
  visitor("pathMtu", value.path_mtu);
  visitor("dscp", value.dscp);
}

template <Of<SocketOptions> Value, typename Visitor>
void members(Value& value, Visitor& visitor) {
  visitor("initiation", value.initiation);
  visitor("sack", value.delayed_sack);
  visitor("noDelay", value.no_delay);
  visitor("rto", value.rto);
  visitor("association", value.association);
  visitor("path", value.path);
  visitor("maxSegment", value.max_segment);
  visitor("maxBurst", value.max_burst);
  visitor("fragmentInterleave", value.fragment_interleave);
  visitor("potentiallyFailed", value.potentially_failed);
  visitor("sendBuffer", value.send_buffer);
  visitor("receiveBuffer", value.receive_buffer);
  visitor("senderDry", value.sender_dry);
}

}  // namespace lksctp
