#include "from_js.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lksctp::node {
namespace {

// Absent and undefined are the same.
Napi::Value get(const Napi::Object& object, const char* name) {
  return object.Get(name);
}

bool has(const Napi::Object& object, const char* name) {
  return !get(object, name).IsUndefined();
}

Napi::Object group(const Napi::Object& object, const char* name) {
  const Napi::Value value = get(object, name);
  return value.IsObject() ? value.As<Napi::Object>()
                          : Napi::Object::New(object.Env());
}

double number(const Napi::Object& object, const char* name) {
  const Napi::Value value = get(object, name);
  if (!value.IsNumber()) {
    throw Napi::TypeError::New(object.Env(),
                               std::string(name) + " must be a number");
  }
  return value.As<Napi::Number>().DoubleValue();
}

template <typename T>
void read(const Napi::Object& object, const char* name,
          std::optional<T>& member) {
  if (!has(object, name)) return;
  if constexpr (std::is_same_v<T, bool>) {
    member = get(object, name).ToBoolean().Value();
  } else if constexpr (std::is_same_v<T, Milliseconds>) {
    member = Milliseconds(static_cast<std::uint32_t>(number(object, name)));
  } else {
    member = static_cast<T>(number(object, name));
  }
}

// A part of a second is a whole one.
void read(const Napi::Object& object, const char* name,
          std::chrono::seconds& member) {
  if (!has(object, name)) return;
  member = std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(
      static_cast<std::int64_t>(number(object, name))));
}

void read(const Napi::Object& object, const char* name,
          std::optional<std::chrono::seconds>& member) {
  if (has(object, name)) read(object, name, member.emplace());
}

template <typename T>
void read(const Napi::Object& object, const char* name, T& member) {
  if (has(object, name)) member = static_cast<T>(number(object, name));
}

void read(const Napi::Object& object, const char* name, std::string& member) {
  if (has(object, name)) member = get(object, name).ToString().Utf8Value();
}

std::vector<Address> addresses(const Napi::Object& object, const char* name,
                               std::uint16_t port) {
  std::vector<Address> result;
  if (!has(object, name)) return result;
  const Napi::Array list = get(object, name).As<Napi::Array>();
  for (std::uint32_t i = 0; i < list.Length(); ++i) {
    const std::string text = list.Get(i).ToString().Utf8Value();
    const auto address = Address::parse(text, port);
    if (!address) {
      throw Napi::TypeError::New(object.Env(), "not an IP address: " + text);
    }
    result.push_back(*address);
  }
  return result;
}

std::uint16_t port(const Napi::Object& object, const char* name) {
  return has(object, name) ? static_cast<std::uint16_t>(number(object, name))
                           : std::uint16_t{0};
}

UdpEncapsulation udp_from_js(const Napi::Object& options) {
  UdpEncapsulation udp;
  read(options, "localPort", udp.local_port);
  read(options, "remotePort", udp.remote_port);
  return udp;
}

AssociationSettings settings_from_js(const Napi::Object& options) {
  AssociationSettings settings;
  settings.options = socket_options_from_js(group(options, "sctp"));
  read(options, "sendWindow", settings.send_high_water_mark);
  read(options, "receiveWindow", settings.receive_high_water_mark);
  read(options, "maxMessageSize", settings.max_message_size);
  return settings;
}

}  // namespace

StackChoice stack_choice_from_js(const Napi::Value& name) {
  const std::string text = name.ToString().Utf8Value();
  if (text == "kernel") return StackChoice::kKernel;
  if (text == "usrsctp") return StackChoice::kUsrsctp;
  return StackChoice::kAuto;
}

SocketOptions socket_options_from_js(const Napi::Object& options) {
  SocketOptions result;
  const Napi::Object initiation = group(options, "initiation");
  read(initiation, "outboundStreams", result.initiation.outbound_streams);
  read(initiation, "maxInboundStreams", result.initiation.max_inbound_streams);
  read(initiation, "maxAttempts", result.initiation.max_attempts);
  read(initiation, "maxTimeout", result.initiation.max_timeout);
  const Napi::Object sack = group(options, "sack");
  read(sack, "delay", result.delayed_sack.delay);
  read(sack, "freq", result.delayed_sack.frequency);
  const Napi::Object rto = group(options, "rto");
  read(rto, "initial", result.rto.initial);
  read(rto, "min", result.rto.minimum);
  read(rto, "max", result.rto.maximum);
  const Napi::Object association = group(options, "association");
  read(association, "maxRetransmissions",
       result.association.max_retransmissions);
  read(association, "cookieLife", result.association.cookie_life);
  const Napi::Object path = group(options, "path");
  read(path, "heartbeat", result.path.heartbeat);
  read(path, "heartbeatInterval", result.path.heartbeat_interval);
  read(path, "maxRetransmissions", result.path.max_retransmissions);
  read(path, "pathMtu", result.path.path_mtu);
  read(options, "noDelay", result.no_delay);
  read(path, "dscp", result.path.dscp);
  read(options, "maxSegment", result.max_segment);
  read(options, "maxBurst", result.max_burst);
  read(options, "fragmentInterleave", result.fragment_interleave);
  read(options, "potentiallyFailed", result.potentially_failed);
  read(options, "sendBuffer", result.send_buffer);
  read(options, "receiveBuffer", result.receive_buffer);
  read(options, "senderDry", result.sender_dry);
  return result;
}

ListenOptions listen_options_from_js(const Napi::Object& options) {
  ListenOptions result;
  read(options, "name", result.name);
  result.local = addresses(options, "localAddresses", port(options, "port"));
  read(options, "backlog", result.backlog);
  result.ipv6_only = get(options, "ipv6Only").ToBoolean().Value();
  result.association = settings_from_js(options);
  result.udp = udp_from_js(group(options, "udpEncapsulation"));
  std::string peer_name;
  read(options, "peerName", peer_name);
  if (!peer_name.empty()) {
    result.peer_name = [peer_name](const Address&) { return peer_name; };
  }
  return result;
}

ConnectOptions connect_options_from_js(const Napi::Object& options) {
  ConnectOptions result;
  read(options, "name", result.name);
  result.remote = addresses(options, "remoteAddresses", port(options, "port"));
  result.local =
      addresses(options, "localAddresses", port(options, "localPort"));
  read(options, "peerName", result.peer_name);
  if (has(options, "timeout")) {
    result.timeout = std::chrono::milliseconds(
        static_cast<std::int64_t>(number(options, "timeout")));
  }
  result.association = settings_from_js(options);
  result.udp = udp_from_js(group(options, "udpEncapsulation"));
  return result;
}

JournalOptions journal_options_from_js(const Napi::Object& options) {
  JournalOptions result;
  read(options, "path", result.path);
  if (get(options, "mode").ToString().Utf8Value() == "fast") {
    result.mode = JournalMode::kFast;
  }
  const std::string user_data = get(options, "userData").ToString().Utf8Value();
  if (user_data == "hash") result.user_data = JournaledUserData::kHash;
  if (user_data == "full") result.user_data = JournaledUserData::kFull;
  read(options, "queueCapacity", result.queue_capacity);
  read(options, "rotateBytes", result.rotate_bytes);
  read(options, "rotateAfter", result.rotate_after);
  read(options, "retainBytes", result.retain_bytes);
  read(options, "retainFor", result.retain_for);
  return result;
}

}  // namespace lksctp::node
