#include "lksctp/decoder/interpret.h"

#include <optional>
#include <string_view>
#include <variant>

#include "lksctp/decoder/table.h"
#include "printable.h"

namespace lksctp {
namespace {

// The name of the value that the row's field `name` has in `number`, or the
// number.
std::string named(const NotificationRow& row, std::string_view field_name,
                  std::uint64_t number) {
  for (const FieldDescriptor& field : row.fields) {
    if (field_name != field.name) continue;
    const std::string_view name = value_name(field, number);
    if (!name.empty()) return std::string(name);
  }
  return "value " + std::to_string(number);
}

template <typename Enum>
std::uint64_t number_of(Enum value) {
  return static_cast<std::uint64_t>(value);
}

std::string count(std::size_t number, std::string_view what) {
  std::string out = std::to_string(number) + ' ';
  out += what;
  if (number != 1) out += 's';
  return out;
}

std::string_view result_name(ReconfigurationResult result) {
  if (result == ReconfigurationResult::kPerformed) return "performed";
  return result == ReconfigurationResult::kDenied ? "denied" : "failed";
}

std::string or_unknown(const std::optional<std::uint16_t>& value) {
  return value ? std::to_string(*value) : "?";
}

// What stands behind "NAME: ", one function per alternative.

std::string describe(const NotificationRow& row,
                     const AssociationChange& change) {
  std::string out = named(row, "sac_state", number_of(change.state));
  if (change.state == AssociationChangeState::kCommUp ||
      change.state == AssociationChangeState::kRestart) {
    return out + ", MIS " + std::to_string(change.inbound_streams) + " / OS " +
           std::to_string(change.outbound_streams);
  }
  for (const ErrorCause& cause : change.causes) {
    out += ", " + describe_cause(cause);
  }
  if (change.causes.empty() && change.error != CauseCode::kNone) {
    out += ", " + describe_cause({change.error, {}});
  }
  return out;
}

std::string describe(const NotificationRow& row,
                     const PeerAddressChange& change) {
  std::string out = named(row, "spc_state", number_of(change.state));
  const std::string ip = change.address.ip_string();
  return ip.empty() ? out : out + ' ' + ip;
}

std::string describe(const NotificationRow& row, const SendFailed& failed,
                     std::size_t left_out) {
  std::string out = named(row, "ssf_flags", number_of(failed.kind)) +
                    ", stream " + std::to_string(failed.stream.value()) +
                    ", PPID " + std::to_string(failed.ppid.value()) +
                    ", context " + std::to_string(failed.context) + ", " +
                    count(failed.data.size() + left_out, "byte");
  if (failed.error != CauseCode::kNone) {
    out += ", " + describe_cause({failed.error, {}});
  }
  return out;
}

std::string describe(const NotificationRow&, const RemoteError& error) {
  return describe_cause(error.cause);
}

std::string describe(const NotificationRow&, const ShutdownEvent&) {
  return "the peer sends no more";
}

std::string describe(const NotificationRow& row, const PartialDelivery& event) {
  return named(row, "pdapi_indication", number_of(event.indication)) +
         ", stream " + std::to_string(event.stream) + ", sequence " +
         std::to_string(event.sequence);
}

std::string describe(const NotificationRow&,
                     const AdaptationIndication& event) {
  return hexadecimal(event.indication, 8);
}

std::string describe(const NotificationRow& row,
                     const AuthenticationEvent& event) {
  std::string out = named(row, "auth_indication", number_of(event.indication));
  if (event.indication == AuthenticationIndication::kNoAuthentication) {
    return out;
  }
  return out + ", key id " + std::to_string(event.key_number);
}

std::string describe(const NotificationRow&, const SenderDry&) {
  return "all data is acknowledged";
}

std::string describe(const NotificationRow&, const StreamReset& reset) {
  std::string out;
  if (reset.incoming) out += "incoming";
  if (reset.outgoing) out += reset.incoming ? " and outgoing" : "outgoing";
  if (out.empty()) out = "no direction";
  if (reset.result != ReconfigurationResult::kPerformed) {
    out += ' ';
    out += result_name(reset.result);
  }
  if (reset.streams.empty()) return out + ", all streams";
  out += reset.streams.size() == 1 ? ", stream " : ", streams ";
  for (std::size_t i = 0; i < reset.streams.size(); ++i) {
    if (i > 0) out += ' ';
    out += std::to_string(reset.streams[i].value());
  }
  return out;
}

std::string describe(const NotificationRow&, const AssociationReset& reset) {
  return std::string(result_name(reset.result)) + ", local TSN " +
         std::to_string(reset.local_tsn.value()) + ", remote TSN " +
         std::to_string(reset.remote_tsn.value());
}

std::string describe(const NotificationRow&, const StreamChange& change) {
  std::string out(result_name(change.result));
  if (change.inbound_streams || change.outbound_streams) {
    out += ", MIS " + or_unknown(change.inbound_streams) + " / OS " +
           or_unknown(change.outbound_streams);
  }
  if (change.inbound_added || change.outbound_added) {
    out += ", added " + or_unknown(change.inbound_added) + " in / " +
           or_unknown(change.outbound_added) + " out";
  }
  return out;
}

std::string describe(const NotificationRow&, const NotificationsStopped&) {
  return "notifications were lost";
}

}  // namespace

std::string interpret(const Notification& notification, std::size_t left_out) {
  const NotificationRow* row = row_of(notification);
  return std::visit(
      [&](const auto& value) -> std::string {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, UnknownNotification>) {
          return "unknown notification " + hexadecimal(value.type, 4) + ": " +
                 count(value.raw.size(), "byte");
        } else if constexpr (std::is_same_v<Value, SendFailed>) {
          return std::string(row->name) + ": " +
                 describe(*row, value, left_out);
        } else {
          return std::string(row->name) + ": " + describe(*row, value);
        }
      },
      notification);
}

}  // namespace lksctp
