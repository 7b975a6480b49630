#include "lksctp/decoder/decode.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace lksctp {
namespace {

template <typename T>
T decoded(Abi abi, const std::string& hex,
          const StreamCounts* known = nullptr) {
  const auto result = decode(from_hex(hex), abi, known);
  EXPECT_TRUE(result.has_value());
  return std::get<T>(*result);
}

// SCTP_ASSOC_CHANGE of Linux: type 8001, flags 0, length 20, state 0, error 0,
// 10 streams out, 10 in, association 3.
TEST(Decode, FromCaptureAssociationUp) {
  const auto change = decoded<AssociationChange>(
      Abi::kLinux, "0180 0000 14000000 0000 0000 0a00 0a00 03000000");
  EXPECT_EQ(change.state, AssociationChangeState::kCommUp);
  EXPECT_EQ(change.outbound_streams, 10);
  EXPECT_EQ(change.inbound_streams, 10);
  EXPECT_EQ(change.association, StackAssociationId(3));
  EXPECT_TRUE(change.causes.empty());
}

TEST(Decode, FeaturesComeFromUsrsctpsBytes) {
  const auto change = decoded<AssociationChange>(
      Abi::kUsrsctp,
      "0100 0000 17000000 0100 0000 0a00 0a00 03000000 01 06 63");
  EXPECT_EQ(change.features,
            (PeerFeatures{.partial_reliability = true, .interleaving = true}));
}

TEST(Decode, UnknownTypeKeepsItsBytes) {
  const Bytes bytes = from_hex("5580 0100 0c000000 01020304 ff");
  const auto result = decode(bytes, Abi::kLinux);
  ASSERT_TRUE(result.has_value());
  const auto& unknown = std::get<UnknownNotification>(*result);
  EXPECT_EQ(unknown.type, 0x8055);
  EXPECT_EQ(unknown.raw, Bytes(bytes.begin(), bytes.begin() + 12));
}

// SCTP_DATA_IO_EVENT switches ancillary data on and is never delivered.
TEST(Decode, TypesOutsideTheTableAreUnknown) {
  for (int type : {0x0000, 0x0001, 0x8000, 0x800e, 0xffff}) {
    const Bytes bytes = bytes_of({type & 0xff, type >> 8, 0, 0, 8, 0, 0, 0});
    EXPECT_TRUE(std::holds_alternative<UnknownNotification>(
        *decode(bytes, Abi::kLinux)))
        << type;
  }
}

TEST(Decode, UnknownStateIsKeptAndNotTakenForAnother) {
  EXPECT_EQ(decoded<AssociationChange>(
                Abi::kLinux, "0180 0000 14000000 0900 0000 0000 0000 03000000")
                .state,
            AssociationChangeState{9});
  // usrsctp counts from 1; Linux's 0 is SCTP_COMM_UP.
  EXPECT_EQ(
      decoded<AssociationChange>(
          Abi::kUsrsctp, "0100 0000 14000000 0000 0000 0000 0000 03000000")
          .state,
      AssociationChangeState{0x8000});
}

// The record of Linux before 4.18 ends after the association.
TEST(Decode, OlderKernelsPartialDeliveryHasNoStream) {
  const auto event = decoded<PartialDelivery>(
      Abi::kLinux, "0680 0000 10000000 00000000 0a000000");
  EXPECT_EQ(event.association, StackAssociationId(10));
  EXPECT_EQ(event.stream, 0u);
}

TEST(Decode, SeveralCausesGiveOneRemoteErrorEachOnBothStacks) {
  // Invalid stream 7, then protocol violation "abc", in one ERROR chunk.
  std::vector<Notification> from_linux;
  for (const char* hex : {"0480 0000 14000000 0001 0000 19000000 00070000",
                          "0480 0000 14000000 000d 0000 19000000 61626300"}) {
    ASSERT_TRUE(decode_all(from_hex(hex), Abi::kLinux, from_linux));
  }
  std::vector<Notification> from_usrsctp;
  ASSERT_TRUE(decode_all(
      from_hex("0300 0000 24000000 0100 0000 19000000 09000014 00010008 "
               "00070000 000d0007 61626300"),
      Abi::kUsrsctp, from_usrsctp));
  // Linux pads the information, which cannot be told from zeros of the peer.
  std::get<RemoteError>(from_usrsctp.at(1))
      .cause.information.push_back(std::byte{0});
  EXPECT_EQ(from_linux, from_usrsctp);
}

TEST(Decode, DecodeAllLeavesTheVectorOnError) {
  std::vector<Notification> out(1);
  EXPECT_FALSE(decode_all(from_hex("0180"), Abi::kLinux, out));
  EXPECT_EQ(out.size(), 1u);
}

TEST(Decode, AfConnAddressIsNone) {
  const auto change = std::get<PeerAddressChange>(
      decode_sample(Abi::kUsrsctp, "peer_addr_change-unreachable-af_conn"));
  EXPECT_EQ(change.address, Address{});
  EXPECT_EQ(change.state, PeerAddressState::kUnreachable);
}

TEST(Decode, ScopeIsKeptForLinkLocalAddressesOnly) {
  const std::string head = "0280 0000 94000000 0a00 0b59 00000000 ";
  const std::string foot =
      std::string(std::size_t{100} * 2, '0') + "00000000 00000000 03000000";
  const auto global = decoded<PeerAddressChange>(
      Abi::kLinux,
      head + "20010db8 00000000 00000000 00000001 02000000" + foot);
  EXPECT_EQ(global.address, *Address::parse("2001:db8::1", 2905));
  const auto local = decoded<PeerAddressChange>(
      Abi::kLinux,
      head + "fe800000 00000000 00000000 00000001 02000000" + foot);
  EXPECT_EQ(local.address, *Address::parse("fe80::1%2", 2905));
}

TEST(Decode, StreamChangeHasWhatTheRecordAllows) {
  const auto added = decoded<StreamChange>(
      Abi::kLinux, "0c80 0000 10000000 05000000 0000 0500");
  EXPECT_EQ(added.outbound_added, 5);
  EXPECT_EQ(added.outbound_streams, std::nullopt);
  const auto totals = decoded<StreamChange>(
      Abi::kUsrsctp, "0d00 0000 10000000 03000000 0a00 0f00");
  EXPECT_EQ(totals.outbound_added, std::nullopt);
  EXPECT_EQ(totals.outbound_streams, 15);
}

// Linux repeats the number asked for, usrsctp the totals there are.
TEST(Decode, RefusedStreamChangeIsTheSameOnBothStacks) {
  const StreamCounts known{.inbound = 10, .outbound = 10};
  auto from_linux = decoded<StreamChange>(
      Abi::kLinux, "0c80 0400 10000000 03000000 0000 0200", &known);
  EXPECT_EQ(from_linux, decoded<StreamChange>(
                            Abi::kUsrsctp,
                            "0d00 0400 10000000 03000000 0a00 0a00", &known));
  EXPECT_EQ(from_linux.result, ReconfigurationResult::kDenied);
  EXPECT_EQ(from_linux.outbound_added, 0);
  EXPECT_EQ(from_linux.outbound_streams, 10);
}

TEST(Decode, StreamTotalsThatDoNotFitAreUnknown) {
  const StreamCounts known{.inbound = 65535, .outbound = 20};
  EXPECT_EQ(decoded<StreamChange>(
                Abi::kLinux, "0c80 0000 10000000 05000000 0100 0000", &known)
                .inbound_streams,
            std::nullopt);
  EXPECT_EQ(decoded<StreamChange>(
                Abi::kUsrsctp, "0d00 0000 10000000 03000000 0a00 0a00", &known)
                .outbound_added,
            std::nullopt);
}

TEST(Decode, OddStreamListDropsTheHalfNumber) {
  const auto reset =
      decoded<StreamReset>(Abi::kLinux, "0a80 0200 0f000000 05000000 0100 03");
  EXPECT_EQ(reset.streams, std::vector{StreamId(1)});
}

TEST(DecodeError, NamesRowAndField) {
  const auto error = [](const std::string& hex) {
    return to_string(decode(from_hex(hex), Abi::kLinux).error());
  };
  EXPECT_EQ(error("0180 0000 09000000 00"),
            "SCTP_ASSOC_CHANGE: record ends before sac_state");
  EXPECT_EQ(error("0180"), "notification: shorter than its header");
  EXPECT_EQ(error("0180 0000 07000000"),
            "SCTP_ASSOC_CHANGE: declared length does not cover the header");
  EXPECT_EQ(error("5580 0000 09000000"),
            "notification of type 32853: declared length is larger than what "
            "was received");
}

}  // namespace
}  // namespace lksctp
