// What a journal keeps of events, and back: every body is the same after it.
#include "journal/codec.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "every_body.h"
#include "journal/upcast.h"
#include "lksctp/decoder/decode.h"
#include "lksctp/decoder/table.h"
#include "lksctp/reactor/event_json.h"
#include "random_events.h"
#include "unique_members.h"

namespace lksctp::test {
namespace {

using nlohmann::json;

std::string written(const EventBody& body,
                    JournaledUserData user_data = JournaledUserData::kFull) {
  std::string text;
  write_body(text, body, user_data);
  return text;
}

// Reads what was written, and fails when it is not the same.
void expect_same(const EventBody& body) {
  const std::string text = written(body);
  ASSERT_TRUE(has_unique_members(text)) << text;
  const auto read = read_body(event_kind_name(body), kEventJsonVersion, text);
  ASSERT_TRUE(read) << read.error().to_string() << '\n' << text;
  EXPECT_EQ(read->body, body) << text;
  EXPECT_EQ(read->user_data_size, 0U);
  EXPECT_EQ(written(read->body), text);
}

TEST(JournalCodecTest, RandomEventsAreTheSameAfterwards) {
  for (const Event& event : RandomEvents(11).take(20'000)) {
    expect_same(event.body);
    if (HasFatalFailure()) return;
  }
}

TEST(JournalCodecTest, EveryKindWithEveryMemberIsTheSameAfterwards) {
  std::set<std::string_view> kinds;
  for (const EventBody& body : every_body()) {
    kinds.insert(event_kind_name(body));
    expect_same(body);
  }
  for (std::size_t i = 0; i < kEventKinds; ++i) {
    EXPECT_TRUE(kinds.contains(event_kind_name(static_cast<EventKind>(i))));
  }
}

TEST(JournalCodecTest, SamplesAreTheSameAfterwards) {
  std::size_t count = 0;
  for (const auto& [folder, abi] :
       {std::pair{"linux", Abi::kLinux}, {"usrsctp", Abi::kUsrsctp}}) {
    for (const auto& file : std::filesystem::directory_iterator(
             std::filesystem::path(LKSCTP_SOURCE_DIR) / "tests/samples" /
             folder)) {
      if (file.path().extension() != ".bin") continue;
      std::ifstream stream(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      std::vector<Notification> all;
      ASSERT_TRUE(
          decode_all(std::as_bytes(std::span(bytes)), abi, all, nullptr))
          << file.path();
      for (const Notification& each : all) expect_same(each);
      ++count;
    }
  }
  EXPECT_GT(count, 20U);
}

// The members are those of /events.
TEST(JournalCodecTest, BodiesAreTheMembersOfEvents) {
  for (const EventBody& body : every_body()) {
    Event event;
    event.body = body;
    json shown = json::parse(to_json(event));
    const json kept = json::parse(written(body));
    if (std::holds_alternative<Notification>(body)) {
      shown = shown["notification"];
      shown.erase("type");
      EXPECT_EQ(kept, shown);
    } else {
      for (const auto& [name, value] : kept.items()) {
        EXPECT_EQ(shown[name], value) << name;
      }
    }
  }
}

TEST(JournalCodecTest, UserDataIsLeftOut) {
  const Bytes data(300, std::byte{0xca});
  for (const EventBody& body :
       {EventBody(Notification(SendFailed{.data = data})),
        EventBody(ReceiveFailed{.error = {}, .raw = data})}) {
    const std::string_view kind = event_kind_name(body);
    for (const auto mode :
         {JournaledUserData::kNone, JournaledUserData::kHash}) {
      const std::string text = written(body, mode);
      EXPECT_EQ(text.find("caca"), text.npos);
      const auto read = read_body(kind, kEventJsonVersion, text);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->user_data_size, data.size());
      Event event;
      event.body = body;
      EXPECT_EQ(read->body, without_user_data(event).event.body);
    }
  }
  // `head -c 3 /dev/zero | sha256sum`
  const json hashed = json::parse(written(
      Notification(SendFailed{.data = Bytes(3)}), JournaledUserData::kHash));
  EXPECT_EQ(hashed["dataSha256"],
            "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c");
  EXPECT_EQ(hashed["dataSize"], 3);
}

TEST(JournalCodecTest, NamesThatFollowFromNumbersAreNotRead) {
  const auto read = read_body("peer_address_change", kEventJsonVersion,
                              R"({"state":5,"stateName":"SCTP_ADDR_ADDED"})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->body, EventBody(Notification(PeerAddressChange{
                            .state = PeerAddressState::kConfirmed})));
}

TEST(JournalCodecTest, AppendsToTheText) {
  std::string text = "before ";
  write_body(text, EndpointClosed{}, JournaledUserData::kNone);
  EXPECT_EQ(text, "before {}");
}

struct Bad {
  const char* kind;
  int version;
  std::string text;
  const char* message;  // a part of it
};

TEST(JournalCodecTest, ErrorsSayWhatIsWrong) {
  const std::string deep = [] {
    std::string text = "{\"a\":";
    text.append(100'000, '[');
    return text;
  }();
  for (const Bad& bad : std::vector<Bad>{
           {"no_such_kind", 1, "{}", "no_such_kind"},
           {"log_gap", 2, "{}", "versions 1 to 1"},
           {"log_gap", 0, "{}", "versions 1 to 1"},
           {"log_gap", 1, "", "not JSON"},
           {"log_gap", 1, "{", "not JSON"},
           {"log_gap", 1, "[]", "not a JSON object"},
           {"log_gap", 1, "{} {}", "not JSON"},
           {"log_gap", 1, "{\"from\":\"\xff\"}", "not JSON"},
           {"log_gap", 1, deep, "too deep"},
           {"log_gap", 1, R"({"from":-1})", "'from' should be a whole number"},
           {"log_gap", 1, R"({"from":1.5})", "'from'"},
           {"log_gap", 1, R"({"from":18446744073709551616})", "'from'"},
           {"log_gap", 1, R"({"from":1e999})", "not JSON"},
           {"endpoint_bound", 1, R"({"udpPort":65536})",
            "'udpPort' should be a whole number from 0 to 65535"},
           {"endpoint_bound", 1, R"({"local":[{"address":"10.0.0"}]})",
            "'address' should be an IP address"},
           {"endpoint_bound", 1, R"({"local":{}})",
            "'local' should be an array"},
           {"endpoint_opened", 1, R"({"role":"both"})", "'role'"},
           {"association_change", 1, R"({"state":65536})", "'state'"},
           {"connect_failed", 1, R"({"error":{"code":"ERR_SCTP_NEW"}})",
            "'code'"},
           {"unknown", 1, R"({"raw":"0g"})", "'raw' should be hexadecimal"},
           {"unknown", 1, R"({"raw":"0"})", "'raw'"},
           {"send_failed", 1, R"({"dataSize":-5})", "'dataSize'"}}) {
    const auto read = read_body(bad.kind, bad.version, bad.text);
    ASSERT_FALSE(read) << bad.kind << ' ' << bad.message;
    EXPECT_EQ(read.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(read.error().message.find(bad.message), std::string::npos)
        << read.error().message;
    EXPECT_NE(read.error().message.find(bad.kind), std::string::npos);
  }
}

// Version 1 had the number in text, version 2 under another name.
void number_of_text(rapidjson::Document& body) {
  rapidjson::Value& text = body["first"];
  text.SetUint64(std::stoull(text.GetString()));
}
void rename_first(rapidjson::Document& body) {
  rapidjson::Value number(body["first"].GetUint64());
  body.AddMember("from", number, body.GetAllocator());
}

TEST(JournalCodecTest, OlderVersionsAreBroughtUp) {
  const Upcaster upcasters[] = {{"log_gap", 2, rename_first},
                                {"log_gap", 1, number_of_text},
                                {"log_recovered", 1, nullptr}};
  const EventBody wanted = LogGap{EventSeq(7), EventSeq(9)};
  for (const auto& [version, text] : {std::pair{1, R"({"first":"7","to":9})"},
                                      {2, R"({"first":7,"to":9})"},
                                      {3, R"({"from":7,"to":9})"}}) {
    const auto read = read_body("log_gap", version, text, upcasters, 3);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->body, wanted) << version;
  }
  EXPECT_FALSE(read_body("log_gap", 4, "{}", upcasters, 3));
}

}  // namespace
}  // namespace lksctp::test
