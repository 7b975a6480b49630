// The same fact gives the same value whichever stack reported it.

#include <gtest/gtest.h>

#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/field_tree.h"
#include "lksctp/decoder/interpret.h"
#include "sample.h"

namespace lksctp {
namespace {

// Both samples with what differs by the runs they were taken in made equal.
template <typename T>
std::pair<T, T> pair_of(const std::string& name) {
  auto linux_value = std::get<T>(decode_sample(Abi::kLinux, name));
  auto usrsctp_value = std::get<T>(decode_sample(Abi::kUsrsctp, name));
  linux_value.association = usrsctp_value.association;
  return {linux_value, usrsctp_value};
}

template <typename T>
void expect_same(const std::string& name) {
  SCOPED_TRACE(name);
  auto [linux_value, usrsctp_value] = pair_of<T>(name);
  EXPECT_EQ(linux_value, usrsctp_value);
  EXPECT_EQ(interpret(linux_value), interpret(usrsctp_value));
  EXPECT_EQ(to_json(field_tree(linux_value)),
            to_json(field_tree(usrsctp_value)));
}

TEST(Pairs, AssociationChangeIsTheSameButForTheFeatures) {
  for (const char* name :
       {"assoc_change-comm_up-client", "assoc_change-comm_up-server",
        "assoc_change-restart"}) {
    SCOPED_TRACE(name);
    auto [linux_value, usrsctp_value] = pair_of<AssociationChange>(name);
    ASSERT_TRUE(usrsctp_value.features.has_value());
    EXPECT_TRUE(usrsctp_value.features->partial_reliability);
    usrsctp_value.features.reset();
    EXPECT_EQ(linux_value, usrsctp_value);
  }
}

TEST(Pairs, AbortsCarryTheSameCauses) {
  expect_same<AssociationChange>("assoc_change-comm_lost-user_abort_reason");
  expect_same<AssociationChange>("assoc_change-comm_lost-linger_close");
  expect_same<AssociationChange>("assoc_change-cant_str_assoc-refused");
  expect_same<AssociationChange>("assoc_change-shutdown_comp-server");
}

// usrsctp 0.9.5 does not tell a local abort from a time-out.
TEST(Pairs, LocalAbortDiffersInItsCauseOnly) {
  auto [linux_value, usrsctp_value] =
      pair_of<AssociationChange>("assoc_change-comm_lost-local_abort");
  EXPECT_EQ(linux_value.error, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(usrsctp_value.error, CauseCode::kNone);
  usrsctp_value.error = linux_value.error;
  EXPECT_EQ(linux_value, usrsctp_value);
}

TEST(Pairs, PeerAddressStatesAreLinuxs) {
  for (const char* name :
       {"peer_addr_change-added", "peer_addr_change-available",
        "peer_addr_change-made_prim-by_peer", "peer_addr_change-unreachable",
        "peer_addr_change-unreachable-single_path",
        "peer_addr_change-unreachable-ipv4_on_ipv6_socket"}) {
    SCOPED_TRACE(name);
    auto [linux_value, usrsctp_value] = pair_of<PeerAddressChange>(name);
    EXPECT_EQ(linux_value.state, usrsctp_value.state);
    EXPECT_EQ(linux_value.address.family, AddressFamily::kIpv4);
    EXPECT_EQ(usrsctp_value.address.family, AddressFamily::kIpv4);
  }
}

TEST(Pairs, SmallRecordsAreTheSame) {
  expect_same<RemoteError>("remote_error-unrecognized_chunk-client");
  expect_same<ShutdownEvent>("shutdown_event-server");
  expect_same<SenderDry>("sender_dry-client");
  expect_same<AdaptationIndication>("adaptation-client");
  expect_same<AuthenticationEvent>("authentication-free_key-client");
  expect_same<AuthenticationEvent>("authentication-no_auth-client");
}

TEST(Pairs, StreamResetsAreTheSame) {
  expect_same<StreamReset>("stream_reset-denied-client");
  expect_same<StreamReset>("stream_reset-incoming_list-server");
  expect_same<StreamReset>("stream_reset-incoming_request-client");
  expect_same<StreamReset>("stream_reset-outgoing_by_request-server");
  expect_same<StreamReset>("stream_reset-outgoing_list-client");
}

TEST(Pairs, SendFailuresAreTheSame) {
  expect_same<SendFailed>("send_failed-deprecated");
  expect_same<SendFailed>("send_failed_event-peer_abort-first");
  expect_same<SendFailed>("send_failed_event-peer_abort-last");
}

// With interleaving Linux tells the stream; usrsctp always does.
TEST(Pairs, PartialDeliveryIsTheSame) {
  auto linux_value = std::get<PartialDelivery>(decode_sample(
      Abi::kLinux, "partial_delivery-aborted-by_abort-interleaving"));
  const auto usrsctp_value = std::get<PartialDelivery>(
      decode_sample(Abi::kUsrsctp, "partial_delivery-aborted-by_abort"));
  linux_value.association = usrsctp_value.association;
  EXPECT_EQ(linux_value, usrsctp_value);
}

// What one end calls local is remote to the other, on both stacks.
TEST(Pairs, AssociationResetsAgreeOnBothEnds) {
  for (Abi abi : {Abi::kLinux, Abi::kUsrsctp}) {
    const auto client =
        std::get<AssociationReset>(decode_sample(abi, "assoc_reset-client"));
    const auto server =
        std::get<AssociationReset>(decode_sample(abi, "assoc_reset-server"));
    EXPECT_EQ(client.local_tsn, server.remote_tsn);
    EXPECT_EQ(client.remote_tsn, server.local_tsn);
    EXPECT_EQ(client.result, ReconfigurationResult::kPerformed);
  }
}

TEST(Pairs, StreamChangesAreTheSameOnceTheCountsAreKnown) {
  struct Case {
    const char* name;
    StreamCounts before;
  };
  // The client added 3 outbound streams, then 2 inbound ones, to 10 / 10.
  for (const Case& c : {Case{"stream_change-add_out-client", {10, 10}},
                        Case{"stream_change-add_out-server", {10, 10}},
                        Case{"stream_change-add_in-client", {10, 13}}}) {
    SCOPED_TRACE(c.name);
    auto linux_value = std::get<StreamChange>(
        *decode(sample(Abi::kLinux, c.name).bytes, Abi::kLinux, &c.before));
    auto usrsctp_value = std::get<StreamChange>(
        *decode(sample(Abi::kUsrsctp, c.name).bytes, Abi::kUsrsctp, &c.before));
    linux_value.association = usrsctp_value.association;
    EXPECT_EQ(linux_value, usrsctp_value);
    EXPECT_TRUE(linux_value.inbound_streams && linux_value.inbound_added);
  }
}

}  // namespace
}  // namespace lksctp
