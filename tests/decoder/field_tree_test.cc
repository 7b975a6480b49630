#include "lksctp/decoder/field_tree.h"

#include <gtest/gtest.h>

#include "lksctp/decoder/table.h"
#include "sample.h"

namespace lksctp {
namespace {

TEST(FieldTree, HasTheKernelsNamesAndNesting) {
  EXPECT_EQ(to_json(field_tree(
                decode_sample(Abi::kUsrsctp, "assoc_change-comm_up-client"))),
            R"({"sn_type":32769,"sn_assoc_change":{"sac_type":32769,)"
            R"("sac_flags":0,"sac_length":20,"sac_state":0,"sac_error":0,)"
            R"("sac_outbound_streams":7,"sac_inbound_streams":5,)"
            R"("sac_assoc_id":3,"sac_info":""}})");
}

TEST(FieldTree, NestsGroupsAndShowsTails) {
  EXPECT_EQ(to_json(field_tree(
                decode_sample(Abi::kUsrsctp, "send_failed_event-sent-rtx"))),
            R"({"sn_type":32781,"sn_send_failed_event":{"ssf_type":32781,)"
            R"("ssf_flags":1,"ssf_length":43,"ssf_error":0,)"
            R"("ssfe_info":{"snd_sid":1,"snd_flags":3,"snd_ppid":9,)"
            R"("snd_context":888,"snd_assoc_id":3},"ssf_assoc_id":3,)"
            R"("ssf_data":"7274782d6c696d69746564"}})");
}

TEST(FieldTree, ShowsListsAndAddresses) {
  EXPECT_EQ(
      to_json(field_tree(StreamReset{.outgoing = true,
                                     .association = StackAssociationId(5),
                                     .streams = {StreamId(1), StreamId(3)}})),
      R"({"sn_type":32778,"sn_strreset_event":{"strreset_type":32778,)"
      R"("strreset_flags":2,"strreset_length":16,"strreset_assoc_id":5,)"
      R"("strreset_stream_list":[1,3]}})");
  const FieldTree tree = field_tree(
      PeerAddressChange{.address = *Address::parse("2001:db8::1", 2905)});
  EXPECT_EQ(std::get<std::string>(
                tree.find("sn_paddr_change")->find("spc_aaddr")->value),
            "[2001:db8::1]:2905");
}

// The tail of an ABORT is the same bytes that Linux has.
TEST(FieldTree, TailsAreLinuxs) {
  const std::string name = "assoc_change-comm_lost-user_abort_reason";
  const Sample& from_linux = sample(Abi::kLinux, name);
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    const FieldTree tree = field_tree(decode_sample(abi, name));
    const FieldTree& record = *tree.find("sn_assoc_change");
    EXPECT_EQ(std::get<Bytes>(record.find("sac_info")->value),
              Bytes(from_linux.bytes.begin() + 20, from_linux.bytes.end()));
    EXPECT_EQ(std::get<std::uint64_t>(record.find("sac_length")->value),
              from_linux.bytes.size());
  }
}

TEST(FieldTree, ExistsForEachAlternative) {
  const std::vector<Notification> all{
      AssociationChange{},   PeerAddressChange{},    SendFailed{},
      RemoteError{},         ShutdownEvent{},        PartialDelivery{},
      SenderDry{},           AdaptationIndication{}, AuthenticationEvent{},
      StreamReset{},         AssociationReset{},     StreamChange{},
      NotificationsStopped{}};
  for (const Notification& notification : all) {
    const NotificationRow& row = *row_of(notification);
    const FieldTree tree = field_tree(notification);
    const FieldTree* record = tree.find(row.member);
    ASSERT_NE(record, nullptr) << row.name;
    for (const FieldDescriptor& field : row.fields) {
      const FieldTree* parent =
          field.group == nullptr ? record : record->find(field.group);
      ASSERT_NE(parent, nullptr) << field.group;
      EXPECT_EQ(parent->find(field.name) != nullptr,
                field.kind != FieldKind::kPad)
          << field.name;
    }
  }
}

TEST(FieldTree, UnknownTypeShowsItsHeader) {
  EXPECT_EQ(to_json(field_tree(UnknownNotification{
                0x8055, from_hex("5580 0100 0c000000 01020304")})),
            R"({"sn_type":32853,"sn_header":{"sn_type":32853,"sn_flags":1,)"
            R"("sn_length":12}})");
}

TEST(FieldTree, JsonEscapesText) {
  EXPECT_EQ(to_json({"", std::string("a\"b\\c")}), R"("a\"b\\c")");
}

}  // namespace
}  // namespace lksctp
