// Events as JSON: complete, in one order, valid whatever is in them.
#include "lksctp/reactor/event_json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/table.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"
#include "table_builder.h"
#include "unique_members.h"

namespace lksctp::test {
namespace {

using nlohmann::json;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

json parsed(EventBody body) {
  Event event;
  event.body = std::move(body);
  return json::parse(to_json(event));
}

TEST(EventJsonTest, TheWholeText) {
  Event event;
  event.seq = EventSeq(12);
  event.wall = WallTime(std::chrono::nanoseconds(1'700'000'000'120'500'000));
  event.monotonic = MonotonicTime(std::chrono::nanoseconds(2'500'001));
  event.endpoint = EndpointId(2);
  event.association = AssociationId(0xffff'ffff'ffff'ffff);
  event.body =
      Notification(PeerAddressChange{.address = address("10.0.0.1"),
                                     .state = PeerAddressState::kConfirmed,
                                     .association = StackAssociationId(7)});
  event.raw = {std::byte{0x02}, std::byte{0xab}};
  EXPECT_EQ(
      to_json(event),
      R"({"v":1,"type":"peer_address_change","seq":12,)"
      R"("time":1700000000120.5,"timeNs":"1700000000120500000",)"
      R"("monotonic":2.500001,"monotonicNs":"2500001",)"
      R"("endpointId":"2","associationId":"18446744073709551615",)"
      R"("notification":{"type":"peer_address_change",)"
      R"("aaddr":{"address":"10.0.0.1","family":"IPv4","port":2905},)"
      R"("state":5,"stateName":"SCTP_ADDR_CONFIRMED","error":0,"assocId":7},)"
      R"("interpreted":"SCTP_PEER_ADDR_CHANGE: SCTP_ADDR_CONFIRMED 10.0.0.1",)"
      R"("raw":"02ab"})");
}

TEST(EventJsonTest, EveryEventIsOneObjectWithOneOfEachMember) {
  for (const Event& event : RandomEvents(5).take(3000)) {
    const std::string text = to_json(event);
    const json read = json::parse(text);
    EXPECT_TRUE(has_unique_members(text)) << text;
    EXPECT_EQ(text.find('\n'), text.npos);
    EXPECT_EQ(read["type"], event_kind_name(event.body));
    EXPECT_EQ(read["seq"], event.seq.value());
    EXPECT_EQ(read.contains("notification"),
              std::holds_alternative<Notification>(event.body));
  }
}

// Nothing is left out: of two events that differ the texts do.
TEST(EventJsonTest, IsComplete) {
  std::map<std::string, Event> seen;
  for (Event& event : RandomEvents(6).take(20'000)) {
    event.seq = {};
    event.wall = {};
    event.monotonic = {};
    const std::string text = to_json(event);
    const auto [same, added] = seen.emplace(text, event);
    if (!added) {
      ASSERT_EQ(same->second, event) << text;
    }
  }
  EXPECT_GT(seen.size(), 1000U);
}

// Every record that was ever recorded, with every field that the table keeps.
TEST(EventJsonTest, NotificationsByTheTable) {
  std::size_t count = 0;
  for (const auto& [folder, abi] :
       {std::pair{"linux", Abi::kLinux}, {"usrsctp", Abi::kUsrsctp}}) {
    for (const auto& file : std::filesystem::directory_iterator(
             std::filesystem::path(LKSCTP_SOURCE_DIR) / "tests/samples" /
             folder)) {
      if (file.path().extension() != ".bin") continue;
      const std::string bytes = read_file(file.path());
      const auto decoded = decode(std::as_bytes(std::span(bytes)), abi);
      ASSERT_TRUE(decoded) << file.path();
      ++count;
      const json read = parsed(*decoded)["notification"];
      EXPECT_EQ(read["type"], notification_label(*decoded));
      const NotificationRow* row = row_of(*decoded);
      if (row == nullptr) continue;
      for (const FieldDescriptor& field : row->fields) {
        if (field.access.store == nullptr && field.access.address == nullptr) {
          continue;
        }
        EXPECT_TRUE(read.contains(camel_case_name(field.name)))
            << file.path() << ' ' << field.name;
      }
    }
  }
  EXPECT_GT(count, 20U);
}

// The undelivered message is not told, its size is.
TEST(EventJsonTest, WithoutUserData) {
  Event event;
  event.body = Notification(
      SendFailed{.kind = SendFailedKind::kUnsent,
                 .data = {std::byte{0xca}, std::byte{0xfe}, std::byte{0xca}}});
  event.raw = {std::byte{0x05}, std::byte{0xca}, std::byte{0xfe}};
  const EventWithoutUserData without = without_user_data(event);
  EXPECT_EQ(without.user_data_size, 3U);
  EXPECT_EQ(to_json(without.event).find("cafe"), std::string::npos);
  json wanted = json::parse(to_json(event));
  wanted.erase("raw");
  wanted["notification"].erase("data");
  wanted["notification"]["dataSize"] = 3;
  EXPECT_EQ(json::parse(to_json(without)), wanted);

  event.body = ReceiveFailed{.error = {}, .raw = {std::byte{0xca}}};
  event.raw = {};
  wanted = json::parse(to_json(event));
  wanted.erase("record");
  wanted["recordSize"] = 1;
  EXPECT_EQ(json::parse(to_json(without_user_data(event))), wanted);
}

TEST(EventJsonTest, NothingElseIsLeftOut) {
  for (const Event& event : RandomEvents(7).take(3000)) {
    const auto kind = kind_of(event.body);
    if (kind == kind_of(Notification(SendFailed{})) ||
        kind == kind_of(ReceiveFailed{})) {
      continue;
    }
    EXPECT_EQ(to_json(without_user_data(event)), to_json(event));
  }
}

TEST(EventJsonTest, TextThatIsNoUtf8) {
  const json read = parsed(PeerExpected{"a\xff\"\n", "\xe2\x82"});
  EXPECT_EQ(read["endpointName"], "a\xef\xbf\xbd\"\n");
  EXPECT_EQ(read["peer"], "\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(EventJsonTest, WhatIsNotKnownIsAbsent) {
  EXPECT_FALSE(parsed(AssociationClosed{}).contains("error"));
  EXPECT_FALSE(parsed(AssociationClosed{}).contains("cause"));
  EXPECT_FALSE(parsed(AcceptStateChanged{}).contains("error"));
  EXPECT_FALSE(parsed(EndpointBound{}).contains("udpPort"));
  EXPECT_FALSE(parsed(EndpointBound{}).contains("raw"));
  EXPECT_EQ(parsed(OptionsChanged{})["options"]["rto"], json::object());
}

// The page docs/http.md tells of every kind that is no notification.
TEST(EventJsonTest, ThePageListsTheKinds) {
  const std::string page =
      read_file(std::filesystem::path(LKSCTP_SOURCE_DIR) / "docs" / "http.md");
  for (std::size_t i = kNotificationKinds; i < kEventKinds; ++i) {
    const std::string name(event_kind_name(static_cast<EventKind>(i)));
    EXPECT_NE(page.find('`' + name + '`'), page.npos) << name;
  }
}

}  // namespace
}  // namespace lksctp::test
