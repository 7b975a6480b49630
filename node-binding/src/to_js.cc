#include "to_js.h"

#include <cstring>
#include <optional>

#include "lksctp/decoder/table.h"

namespace lksctp::node {
namespace {

double number(Milliseconds value) { return static_cast<double>(value.count()); }

template <typename T>
double number(T value) {
  return static_cast<double>(value);
}

// Sets what is there.
template <typename T>
void set(Napi::Object object, const char* name, const std::optional<T>& value) {
  if (!value) return;
  if constexpr (std::is_same_v<T, bool>) {
    object[name] = *value;
  } else {
    object[name] = number(*value);
  }
}

template <typename T>
Napi::Array array_of(Napi::Env env, const std::vector<T>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (std::uint32_t i = 0; i < values.size(); ++i) {
    array[i] = to_js(env, values[i]);
  }
  return array;
}

}  // namespace

std::string_view role_name(EndpointRole role) {
  return role == EndpointRole::kListen ? "listen" : "connect";
}

Napi::Object to_js(Napi::Env env, const Address& address) {
  Napi::Object object = Napi::Object::New(env);
  object["address"] = address.ip_string();
  object["family"] = address.family == AddressFamily::kIpv6 ? "IPv6" : "IPv4";
  object["port"] = static_cast<double>(address.port);
  return object;
}

Napi::Array to_js(Napi::Env env, const std::vector<Address>& addresses) {
  return array_of(env, addresses);
}

Napi::Object to_js(Napi::Env env, const Error& error) {
  Napi::Object object = Napi::Object::New(env);
  object["code"] = std::string(error_code_name(error.code, error.errno_value));
  object["message"] = error.message;
  if (error.errno_value != 0) {
    object["errno"] = static_cast<double>(error.errno_value);
  }
  if (!error.operation.empty()) object["operation"] = error.operation;
  if (error.address.family != AddressFamily::kNone) {
    object["address"] = error.address.ip_string();
    object["port"] = static_cast<double>(error.address.port);
  }
  return object;
}

Napi::Object to_js(Napi::Env env, const PathInfo& path) {
  Napi::Object object = Napi::Object::New(env);
  object["address"] = path.address.ip_string();
  object["family"] =
      path.address.family == AddressFamily::kIpv6 ? "IPv6" : "IPv4";
  object["port"] = static_cast<double>(path.address.port);
  object["state"] = static_cast<double>(path.state);
  object["stateName"] = std::string(path_state_name(path.state));
  object["primary"] = path.primary;
  object["cwnd"] = number(path.congestion_window);
  object["srtt"] = number(path.srtt);
  object["rto"] = number(path.rto);
  object["mtu"] = number(path.mtu);
  return object;
}

Napi::Array to_js(Napi::Env env, const std::vector<PathInfo>& paths) {
  return array_of(env, paths);
}

Napi::Object to_js(Napi::Env env, const ConnectionInfo& info) {
  Napi::Object object = Napi::Object::New(env);
  object["associationId"] = number(info.association.value());
  object["stack"] = std::string(stack_name(info.stack));
  object["peerName"] = info.peer_name;
  object["inboundStreams"] = number(info.inbound_streams);
  object["outboundStreams"] = number(info.outbound_streams);
  object["local"] = to_js(env, info.local);
  object["remote"] = to_js(env, info.remote);
  object["paths"] = to_js(env, info.paths);
  return object;
}

Napi::Object to_js(Napi::Env env, const StatusSampled& status) {
  Napi::Object object = Napi::Object::New(env);
  object["associationId"] = number(status.stack_association.value());
  object["state"] = static_cast<double>(status.state);
  object["stateName"] = std::string(association_state_name(status.state));
  object["rwnd"] = number(status.peer_receive_window);
  object["unackdata"] = number(status.unacknowledged_chunks);
  object["penddata"] = number(status.pending_chunks);
  object["numberOfIncomingStreams"] = number(status.inbound_streams);
  object["numberOfOutgoingStreams"] = number(status.outbound_streams);
  object["fragmentationPoint"] = number(status.fragmentation_point);
  return object;
}

void add_details(Napi::Object status, const AssociationDetails& details) {
  status["tag"] = number(details.tag);
  status["incomingQueue"] = number(details.incoming_queue);
  status["outgoingQueue"] = number(details.outgoing_queue);
  status["overallError"] = number(details.overall_error);
  status["maxBurst"] = number(details.max_burst);
  status["maxSeg"] = number(details.max_segment);
  Napi::Object peer = Napi::Object::New(status.Env());
  peer["tag"] = number(details.peer_tag);
  peer["rwnd"] = number(details.peer_receive_window);
  peer["cap"] = number(details.peer_capabilities);
  peer["sack"] = number(details.peer_sack);
  status["peer"] = peer;
}

Napi::Object to_js(Napi::Env env, const Traffic& traffic) {
  Napi::Object object = Napi::Object::New(env);
  object["messages"] = number(traffic.messages);
  object["bytes"] = number(traffic.bytes);
  return object;
}

ConnectionStatistics statistics_of(const AssociationRecord& record) {
  ConnectionStatistics result{.sent = record.sent,
                              .received = record.received,
                              .failed_messages = record.failed_messages,
                              .restarts = record.restarts};
  for (const auto& [id, stream] : record.streams) {
    result.streams.push_back({id, stream.sent, stream.received});
  }
  return result;
}

Napi::Object to_js(Napi::Env env, const ConnectionStatistics& statistics) {
  Napi::Object object = Napi::Object::New(env);
  object["sent"] = to_js(env, statistics.sent);
  object["received"] = to_js(env, statistics.received);
  object["failedMessages"] = number(statistics.failed_messages);
  object["restarts"] = number(statistics.restarts);
  Napi::Array streams = Napi::Array::New(env);
  for (const StreamTraffic& stream : statistics.streams) {
    Napi::Object one = Napi::Object::New(env);
    one["sid"] = number(stream.stream.value());
    one["sent"] = to_js(env, stream.sent);
    one["received"] = to_js(env, stream.received);
    streams[streams.Length()] = one;
  }
  object["streams"] = streams;
  if (statistics.of_stack) add_statistics(object, *statistics.of_stack);
  return object;
}

void add_statistics(Napi::Object object, const AssociationStatistics& counted) {
  object["maxRto"] = number(counted.max_rto);
  if (counted.max_rto_path.family != AddressFamily::kNone) {
    object["maxRtoAddress"] = counted.max_rto_path.ip_string();
  }
  for (const StatisticsRow& row : statistics_rows()) {
    object[camel_case_name(std::string("_") + row.name)] =
        number(counted.*row.member);
  }
}

Napi::Object to_js(Napi::Env env, const SocketOptions& options) {
  Napi::Object object = Napi::Object::New(env);
  Napi::Object initiation = Napi::Object::New(env);
  set(initiation, "outboundStreams", options.initiation.outbound_streams);
  set(initiation, "maxInboundStreams", options.initiation.max_inbound_streams);
  set(initiation, "maxAttempts", options.initiation.max_attempts);
  set(initiation, "maxTimeout", options.initiation.max_timeout);
  object["initiation"] = initiation;
  Napi::Object sack = Napi::Object::New(env);
  set(sack, "delay", options.delayed_sack.delay);
  set(sack, "freq", options.delayed_sack.frequency);
  object["sack"] = sack;
  Napi::Object rto = Napi::Object::New(env);
  set(rto, "initial", options.rto.initial);
  set(rto, "min", options.rto.minimum);
  set(rto, "max", options.rto.maximum);
  object["rto"] = rto;
  Napi::Object association = Napi::Object::New(env);
  set(association, "maxRetransmissions",
      options.association.max_retransmissions);
  set(association, "cookieLife", options.association.cookie_life);
  object["association"] = association;
  Napi::Object path = Napi::Object::New(env);
  set(path, "heartbeat", options.path.heartbeat);
  set(path, "heartbeatInterval", options.path.heartbeat_interval);
  set(path, "maxRetransmissions", options.path.max_retransmissions);
  set(path, "pathMtu", options.path.path_mtu);
  set(path, "dscp", options.path.dscp);
  object["path"] = path;
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

Napi::Object to_js(Napi::Env env, const MessageFailed& failed) {
  Napi::Object object = Napi::Object::New(env);
  object["sid"] = number(failed.stream.value());
  object["ppid"] = number(failed.ppid.value());
  object["context"] = number(failed.context);
  object["size"] = number(failed.size);
  object["sent"] = failed.kind == SendFailedKind::kSent;
  object["cause"] = to_js(env, ErrorCause{.code = failed.cause});
  return object;
}

Napi::Object to_js(Napi::Env env, const AssociationClosed& closed) {
  Napi::Object object = Napi::Object::New(env);
  object["reason"] = std::string(close_reason_name(closed.reason));
  if (closed.cause != CauseCode::kNone) {
    object["cause"] = to_js(env, ErrorCause{.code = closed.cause});
  }
  if (closed.error) object["error"] = to_js(env, *closed.error);
  return object;
}

Napi::Object to_js(Napi::Env env, const ErrorCause& cause) {
  Napi::Object object = Napi::Object::New(env);
  object["code"] = static_cast<double>(cause.code);
  object["name"] = std::string(cause_name(cause.code));
  if (!cause.information.empty()) {
    object["information"] = to_js(env, cause.information);
    object["description"] = describe_cause(cause);
  }
  return object;
}

Napi::Object to_js(Napi::Env env, const Capabilities& capabilities) {
  Napi::Object object = Napi::Object::New(env);
  object["stack"] = std::string(stack_name(capabilities.stack));
  for (const CapabilityRow& row : capability_rows()) {
    object[camel_case_name(std::string("_") + row.name)] =
        capabilities.*row.member;
  }
  return object;
}

Napi::Value to_js(Napi::Env env, const Bytes& bytes) {
  return Napi::Buffer<std::byte>::Copy(env, bytes.data(), bytes.size());
}

}  // namespace lksctp::node
