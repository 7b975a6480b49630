// Every expected value of every sample, through the field tree and, where the
// tree cannot say it, the typed value. The expectations come from what was done
// when the sample was taken, not from the sample.

#include <gtest/gtest.h>

#include <set>

#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/field_tree.h"
#include "lksctp/decoder/table.h"
#include "sample.h"

namespace lksctp {
namespace {

using nlohmann::json;

const NotificationRow* row_named(const std::string& name) {
  for (const NotificationRow& row : notification_rows()) {
    if (name == row.name) return &row;
  }
  return nullptr;
}

// A field of the record wherever it is nested.
const FieldTree* find_field(const FieldTree& tree, const std::string& name) {
  if (const FieldTree* found = tree.find(name)) return found;
  if (const auto* children = std::get_if<FieldTree::Children>(&tree.value)) {
    for (const FieldTree& child : *children) {
      if (const FieldTree* found = find_field(child, name)) return found;
    }
  }
  return nullptr;
}

const FieldDescriptor* find_descriptor(const NotificationRow& row,
                                       const std::string& name) {
  for (const FieldDescriptor& field : row.fields) {
    if (name == field.name) return &field;
    if (field.usrsctp_name != nullptr && name == field.usrsctp_name) {
      return &field;
    }
  }
  return nullptr;
}

// The sample's number as Linux has it.
std::uint64_t to_linux(const FieldDescriptor& field, Abi abi,
                       std::uint64_t value) {
  if (field.kind == FieldKind::kFlags) return value;  // the same in both
  for (const ValueName& name : field.values) {
    if (name.value(abi) == value) return name.linux_value;
  }
  return value;
}

class SampleCheck {
 public:
  SampleCheck(const Sample& sample, Notification notification)
      : sample_(sample),
        notification_(std::move(notification)),
        tree_(field_tree(notification_)),
        row_(*row_of(notification_)) {}

  void check(const std::string& name, const json& value) {
    SCOPED_TRACE(name);
    if (check_special(name, value)) return;
    // The sidecars of Linux use the RFC's prefix where its header does not.
    const std::string spelled =
        name.starts_with("ssfe_") ? "ssf_" + name.substr(5) : name;
    const FieldDescriptor* field = find_descriptor(row_, spelled);
    if (field == nullptr) field = find_descriptor(row_, name);
    ASSERT_NE(field, nullptr);
    EXPECT_EQ(number(field->name),
              to_linux(*field, sample_.abi, value.get<std::uint64_t>()));
  }

 private:
  std::uint64_t number(const std::string& name) const {
    const FieldTree* node = find_field(tree_, name);
    if (node == nullptr) {
      ADD_FAILURE() << "no field " << name;
      return 0;
    }
    return std::get<std::uint64_t>(node->value);
  }

  const Bytes& tail() const {
    return std::get<Bytes>(find_field(tree_, row_.tail_name)->value);
  }

  // Expectations that are not a field's number.
  bool check_special(const std::string& name, const json& value) {
    if (name == "spc_aaddr" || name == "spc_aaddr_ipv4") {
      auto expected = value.get<std::string>();
      if (expected.starts_with("AF_CONN")) expected.clear();
      EXPECT_EQ(std::get<std::string>(find_field(tree_, "spc_aaddr")->value),
                expected);
    } else if (name == "spc_port") {
      EXPECT_EQ(std::get<PeerAddressChange>(notification_).address.port, value);
    } else if (name == "sac_error_cause_code") {
      EXPECT_EQ(number("sac_error"), value);
    } else if (name == "sre_error_cause_code") {
      EXPECT_EQ(number("sre_error"), value);
    } else if (name == "sac_info_contains_text") {
      const auto& causes = std::get<AssociationChange>(notification_).causes;
      if (causes.size() == 1) {
        EXPECT_EQ(text_of(causes[0].information), value);
      } else {
        ADD_FAILURE() << causes.size() << " causes";
      }
    } else if (name == "sre_data_contains_hex") {
      EXPECT_EQ(tail(), from_hex(value));
    } else if (name == "snd_ppid_host_order") {
      EXPECT_EQ(number("snd_ppid"), value);
    } else if (name == "sinfo_ppid_host_order") {
      EXPECT_EQ(number("sinfo_ppid"), value);
    } else if (name == "data_text") {
      EXPECT_EQ(text_of(tail()), value);
    } else if (name == "data_length") {
      EXPECT_EQ(tail().size(), value);
    } else if (name == "data_offset_in_message") {
      const std::string text = text_of(tail());
      const auto offset = value.get<int>();
      const char first =
          std::get<SendFailed>(notification_).context == 61453 ? 'a' : 'A';
      EXPECT_EQ(text.front(), first + offset % 26);
    } else if (name == "strreset_stream_list") {
      std::string list;
      for (StreamId id : std::get<StreamReset>(notification_).streams) {
        list += (list.empty() ? "" : ",") + std::to_string(id.value());
      }
      EXPECT_EQ(list, value);
    } else if (name.starts_with("assocreset_") && name.ends_with("_tsn")) {
      check_tsn(name, value);
    } else if (name.starts_with("strchange_") && name.ends_with("strms")) {
      check_stream_count(name, value);
    } else {
      return false;
    }
    return true;
  }

  // Linux swaps the two fields of RFC 6525 §6.1.2; usrsctp's remote one, and so
  // the sample's expectation of it, is one too large.
  void check_tsn(const std::string& name, const json& value) {
    const auto& reset = std::get<AssociationReset>(notification_);
    const bool local = name == "assocreset_local_tsn";
    const auto expected = value.get<std::uint32_t>();
    if (sample_.abi == Abi::kLinux) {
      EXPECT_EQ((local ? reset.remote_tsn : reset.local_tsn).value(), expected);
    } else {
      EXPECT_EQ((local ? reset.local_tsn : reset.remote_tsn).value(),
                local ? expected : expected - 1);
    }
  }

  // Linux reports the streams added, usrsctp the totals.
  void check_stream_count(const std::string& name, const json& value) {
    const auto& change = std::get<StreamChange>(notification_);
    const bool inbound = name == "strchange_instrms";
    if (sample_.abi == Abi::kLinux) {
      EXPECT_EQ(inbound ? change.inbound_added : change.outbound_added,
                value.get<std::uint16_t>());
    } else {
      EXPECT_EQ(inbound ? change.inbound_streams : change.outbound_streams,
                value.get<std::uint16_t>());
    }
  }

  const Sample& sample_;
  Notification notification_;
  FieldTree tree_;
  const NotificationRow& row_;
};

TEST(Samples, GiveTheValuesTheirDescriptionsExpect) {
  std::size_t checked = 0;
  ASSERT_FALSE(all_samples().empty());
  for (const Sample& sample : all_samples()) {
    SCOPED_TRACE(sample.name);
    auto decoded = decode(sample.bytes, sample.abi);
    ASSERT_TRUE(decoded.has_value()) << to_string(decoded.error());
    ASSERT_NE(row_of(*decoded), nullptr);
    EXPECT_EQ(row_of(*decoded)->name, sample.description["event"]);
    SampleCheck check(sample, *decoded);
    for (const auto& [name, expected] :
         sample.description["expected"].items()) {
      check.check(name, expected["value"]);
      ++checked;
    }
  }
  EXPECT_GT(checked, 250u);
}

TEST(Samples, DecodeAllAgreesWithDecode) {
  for (const Sample& sample : all_samples()) {
    std::vector<Notification> all;
    ASSERT_TRUE(decode_all(sample.bytes, sample.abi, all).has_value());
    ASSERT_EQ(all.size(), 1u) << sample.name;
    EXPECT_EQ(all[0], *decode(sample.bytes, sample.abi)) << sample.name;
  }
}

// No stack generates SCTP_NOTIFICATIONS_STOPPED_EVENT.
TEST(Samples, ExistForEachRowInEachAbiThatCanProduceIt) {
  std::set<std::pair<std::string, Abi>> seen;
  for (const Sample& sample : all_samples()) {
    seen.emplace(sample.description["event"], sample.abi);
  }
  for (const NotificationRow& row : notification_rows()) {
    if (row.alternative == Notification(NotificationsStopped{}).index()) {
      continue;
    }
    for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
      if (row.type(abi) == 0) continue;
      EXPECT_TRUE(seen.contains({row.name, abi})) << row.name;
    }
  }
}

TEST(Samples, NameOnlyRowsOfTheTable) {
  for (const Sample& sample : all_samples()) {
    EXPECT_NE(row_named(sample.description["event"]), nullptr) << sample.name;
  }
}

}  // namespace
}  // namespace lksctp
