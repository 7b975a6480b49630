// Notifications and events as JavaScript objects, by the decoder's table.
#include <cctype>
#include <chrono>
#include <type_traits>
#include <variant>

#include "lksctp/decoder/field_tree.h"
#include "lksctp/decoder/interpret.h"
#include "lksctp/decoder/table.h"
#include "to_js.h"

namespace lksctp::node {
namespace {

// Above all cause codes there are.
constexpr std::uint16_t kCauseCodes = 0x200;

// "user-initiated abort" to "USER_INITIATED_ABORT".
std::string constant_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    result += std::isalnum(byte) ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return result;
}

Napi::Value tree_to_js(Napi::Env env, const FieldTree& tree) {
  return std::visit(
      [env](const auto& value) -> Napi::Value {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::uint64_t>) {
          return Napi::Number::New(env, static_cast<double>(value));
        } else if constexpr (std::is_same_v<T, std::string>) {
          return Napi::String::New(env, value);
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return to_js(env, value);
        } else if constexpr (std::is_same_v<T, FieldTree::Numbers>) {
          Napi::Array array = Napi::Array::New(env, value.size());
          for (std::uint32_t i = 0; i < value.size(); ++i) {
            array[i] = static_cast<double>(value[i]);
          }
          return array;
        } else {
          Napi::Object object = Napi::Object::New(env);
          for (const FieldTree& child : value) {
            object[child.name] = tree_to_js(env, child);
          }
          return object;
        }
      },
      tree.value);
}

Napi::Array causes_to_js(Napi::Env env, const std::vector<ErrorCause>& causes) {
  Napi::Array array = Napi::Array::New(env, causes.size());
  for (std::uint32_t i = 0; i < causes.size(); ++i) {
    array[i] = to_js(env, causes[i]);
  }
  return array;
}

// What the fixed fields of a record do not say.
template <typename T>
void add_tail(Napi::Env, Napi::Object, const T&) {}

void add_tail(Napi::Env env, Napi::Object object,
              const AssociationChange& change) {
  object["causes"] = causes_to_js(env, change.causes);
}
void add_tail(Napi::Env env, Napi::Object object, const RemoteError& error) {
  object["cause"] = to_js(env, error.cause);
}
void add_tail(Napi::Env env, Napi::Object object, const SendFailed& failed) {
  object["data"] = to_js(env, failed.data);
}
void add_tail(Napi::Env env, Napi::Object object, const StreamReset& reset) {
  Napi::Array streams = Napi::Array::New(env, reset.streams.size());
  for (std::uint32_t i = 0; i < reset.streams.size(); ++i) {
    streams[i] = static_cast<double>(reset.streams[i].value());
  }
  object["incoming"] = reset.incoming;
  object["outgoing"] = reset.outgoing;
  object["streams"] = streams;
}
void add_tail(Napi::Env env, Napi::Object object,
              const UnknownNotification& unknown) {
  object["number"] = static_cast<double>(unknown.type);
  object["raw"] = to_js(env, unknown.raw);
}

// The typed value: {type, ...}, with a value's name beside its number.
Napi::Object typed_to_js(Napi::Env env, const Notification& notification) {
  Napi::Object object = Napi::Object::New(env);
  object["type"] = notification_label(notification);
  const NotificationRow* row = row_of(notification);
  std::visit(
      [&](const auto& value) {
        if (row != nullptr) {
          for (const FieldDescriptor& field : row->fields) {
            const std::string name = camel_case_name(field.name);
            if (field.kind == FieldKind::kAddress) {
              // It serves decoding, too, and takes the object mutable.
              auto* mutable_value =
                  const_cast<void*>(static_cast<const void*>(&value));
              object[name] = to_js(env, *field.access.address(mutable_value));
            } else if (field.access.load != nullptr &&
                       field.access.store != nullptr) {
              const std::uint64_t loaded = field.access.load(&value);
              object[name] = static_cast<double>(loaded);
              const std::string_view named = value_name(field, loaded);
              if (!named.empty()) object[name + "Name"] = std::string(named);
            }
          }
        }
        add_tail(env, object, value);
      },
      notification);
  return object;
}

// ---- the other bodies -------------------------------------------------------------

void fill(Napi::Env, Napi::Object object, const EndpointOpened& body) {
  object["name"] = body.name;
  object["role"] = std::string(role_name(body.role));
  object["stack"] = std::string(stack_name(body.stack));
}
void fill(Napi::Env env, Napi::Object object, const EndpointBound& body) {
  object["local"] = to_js(env, body.local);
  if (body.udp_port) object["udpPort"] = static_cast<double>(*body.udp_port);
}
void fill(Napi::Env, Napi::Object, const EndpointClosed&) {}
void fill(Napi::Env env, Napi::Object object, const AcceptStateChanged& body) {
  if (body.error) object["error"] = to_js(env, *body.error);
}
void fill(Napi::Env, Napi::Object object, const PeerExpected& body) {
  object["endpointName"] = body.endpoint;
  object["peer"] = body.peer;
}
void fill(Napi::Env, Napi::Object object, const PeerForgotten& body) {
  object["endpointName"] = body.endpoint;
  object["peer"] = body.peer;
}
void fill(Napi::Env env, Napi::Object object, const ConnectRequested& body) {
  object["peer"] = body.peer;
  object["remote"] = to_js(env, body.remote);
}
void fill(Napi::Env env, Napi::Object object, const ConnectFailed& body) {
  object["error"] = to_js(env, body.error);
}
void fill(Napi::Env env, Napi::Object object, const AssociationAccepted& body) {
  object["peer"] = body.peer;
  object["remote"] = to_js(env, body.remote);
}
void fill(Napi::Env, Napi::Object, const ShutdownRequested&) {}
void fill(Napi::Env, Napi::Object object, const AbortRequested& body) {
  object["reason"] = body.reason;
}
void fill(Napi::Env env, Napi::Object object, const AssociationClosed& body) {
  const Napi::Object closed = to_js(env, body);
  for (const char* name : {"reason", "cause", "error"}) {
    if (closed.Has(name)) object[name] = closed.Get(name);
  }
}
void fill(Napi::Env env, Napi::Object object, const OptionsChanged& body) {
  object["options"] = to_js(env, body.options);
}
void fill(Napi::Env env, Napi::Object object, const MessageFailed& body) {
  object["message"] = to_js(env, body);
}
void fill(Napi::Env env, Napi::Object object, const ReceiveFailed& body) {
  object["error"] = to_js(env, body.error);
  object["raw"] = to_js(env, body.raw);
}
void fill(Napi::Env env, Napi::Object object, const StatusSampled& body) {
  object["status"] = to_js(env, body);
}
void fill(Napi::Env env, Napi::Object object, const PathsSampled& body) {
  object["paths"] = to_js(env, body.paths);
}
void fill(Napi::Env env, Napi::Object object,
          const LocalAddressesSampled& body) {
  object["local"] = to_js(env, body.local);
}
void fill(Napi::Env env, Napi::Object object, const TrafficSampled& body) {
  object["sent"] = to_js(env, body.sent);
  object["received"] = to_js(env, body.received);
}
void fill(Napi::Env env, Napi::Object object, const StatisticsSampled& body) {
  Napi::Object statistics = Napi::Object::New(env);
  add_statistics(statistics, body.statistics);
  object["statistics"] = statistics;
}
void fill(Napi::Env, Napi::Object object, const LogGap& body) {
  object["from"] = static_cast<double>(body.from.value());
  object["to"] = static_cast<double>(body.to.value());
}
void fill(Napi::Env, Napi::Object object, const LogRecovered& body) {
  object["journal"] = body.journal;
  object["last"] = static_cast<double>(body.last.value());
  object["lostBytes"] = static_cast<double>(body.lost_bytes);
}

// What all events have.
Napi::Object envelope(Napi::Env env, const std::string& type,
                      const Event& event) {
  Napi::Object object = Napi::Object::New(env);
  object["type"] = type;
  object["seq"] = static_cast<double>(event.seq.value());
  object["time"] = milliseconds(event.wall.time_since_epoch());
  object["monotonic"] = milliseconds(event.monotonic.time_since_epoch());
  object["endpointId"] = static_cast<double>(event.endpoint.value());
  object["associationId"] = static_cast<double>(event.association.value());
  return object;
}

}  // namespace

Napi::Object constants_to_js(Napi::Env env) {
  Napi::Object object = Napi::Object::New(env);
  const auto add = [&object](const std::string& name, std::uint64_t value) {
    object[name] = static_cast<double>(value);
  };
  for (const NotificationRow& row : notification_rows()) {
    if (row.linux_type != 0) add(row.name, row.linux_type);
    for (const FieldDescriptor& field : row.fields) {
      for (const ValueName& value : field.values) {
        if (value.linux_value != ValueName::kAbsent) {
          add(value.name, value.linux_value);
        }
      }
    }
  }
  for (int state = 0;
       state <= static_cast<int>(AssociationState::kShutdownAckSent); ++state) {
    add("SCTP_" + constant_name(association_state_name(
                      static_cast<AssociationState>(state))),
        static_cast<std::uint64_t>(state));
  }
  for (int state = 0; state <= static_cast<int>(PathState::kUnconfirmed);
       ++state) {
    add("SCTP_" + constant_name(path_state_name(static_cast<PathState>(state))),
        static_cast<std::uint64_t>(state));
  }
  const std::string_view unknown = cause_name(CauseCode{0xffff});
  for (std::uint16_t code = 1; code < kCauseCodes; ++code) {
    const std::string_view name = cause_name(CauseCode{code});
    if (name != unknown) add("SCTP_CAUSE_" + constant_name(name), code);
  }
  return object;
}

Napi::Object notification_to_js(Napi::Env env, const Notification& notification,
                                const Bytes& raw) {
  Napi::Object object = Napi::Object::New(env);
  object["raw"] = to_js(env, raw);
  object["parsed"] = tree_to_js(env, field_tree(notification));
  object["interpreted"] = interpret(notification);
  object["event"] = typed_to_js(env, notification);
  return object;
}

Napi::Object to_js(Napi::Env env, const Event& event) {
  Napi::Object object =
      envelope(env, std::string(event_kind_name(event.body)), event);
  std::visit(
      [&](const auto& body) {
        if constexpr (std::is_same_v<std::decay_t<decltype(body)>,
                                     Notification>) {
          object["notification"] = typed_to_js(env, body);
          object["interpreted"] = interpret(body);
        } else {
          fill(env, object, body);
        }
      },
      event.body);
  return object;
}

Napi::Object to_js(Napi::Env env, const JournalEntry& entry) {
  Napi::Object object = entry.unknown
                            ? envelope(env, entry.unknown->kind, entry.event)
                            : to_js(env, entry.event);
  object["journal"] = entry.journal;
  if (entry.unknown) {
    object["version"] = entry.unknown->version;
    object["body"] = entry.unknown->body;
  }
  if (entry.user_data_size != 0) {
    object["userDataSize"] = static_cast<double>(entry.user_data_size);
  }
  return object;
}

}  // namespace lksctp::node
