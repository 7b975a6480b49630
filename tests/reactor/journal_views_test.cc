// The views of a part, in SQLite itself: one row for an event of each kind, with names.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "every_body.h"
#include "journal/codec.h"
#include "lksctp/reactor/event_json.h"

namespace lksctp::test {
namespace {

using Row = std::map<std::string, std::optional<std::string>>;

class JournalViewsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
    database_.reset(handle);
    run("CREATE TABLE event (seq INTEGER PRIMARY KEY, monotonic_ns INTEGER NOT "
        "NULL, wall_ns INTEGER NOT NULL, kind TEXT NOT NULL, version INTEGER "
        "NOT NULL, endpoint INTEGER NOT NULL, association INTEGER NOT NULL, "
        "crc INTEGER NOT NULL, body TEXT NOT NULL, raw BLOB) STRICT");
    run(view_statements());
    for (const EventBody& body : every_body()) {
      std::string text;
      write_body(text, body, JournaledUserData::kNone);
      const std::string statement =
          "INSERT INTO event VALUES (NULL, 1, 1700000000120500000, '" +
          std::string(event_kind_name(body)) + "', 1, 2, 3, 0, ?, NULL)";
      sqlite3_stmt* prepared = nullptr;
      ASSERT_EQ(sqlite3_prepare_v2(database_.get(), statement.c_str(), -1,
                                   &prepared, nullptr),
                SQLITE_OK);
      sqlite3_bind_text(prepared, 1, text.c_str(), -1, SQLITE_TRANSIENT);
      ASSERT_EQ(sqlite3_step(prepared), SQLITE_DONE);
      sqlite3_finalize(prepared);
    }
  }

  void run(const std::string& statements) {
    ASSERT_EQ(sqlite3_exec(database_.get(), statements.c_str(), nullptr,
                           nullptr, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(database_.get()) << '\n'
        << statements;
  }

  // The first row of the view.
  Row row(const std::string& view) {
    Row row;
    sqlite3_stmt* prepared = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database_.get(),
                                 ("SELECT * FROM \"" + view + '"').c_str(), -1,
                                 &prepared, nullptr),
              SQLITE_OK)
        << sqlite3_errmsg(database_.get());
    EXPECT_EQ(sqlite3_step(prepared), SQLITE_ROW) << view;
    for (int i = 0; i < sqlite3_column_count(prepared); ++i) {
      const auto* text =
          reinterpret_cast<const char*>(sqlite3_column_text(prepared, i));
      const auto [at, added] = row.emplace(
          sqlite3_column_name(prepared, i),
          text == nullptr ? std::nullopt : std::optional<std::string>(text));
      EXPECT_TRUE(added) << view << " has two columns " << at->first;
    }
    sqlite3_finalize(prepared);
    return row;
  }

  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  };
  std::unique_ptr<sqlite3, Close> database_;
};

TEST_F(JournalViewsTest, EveryKindHasOneAndItsRow) {
  for (const EventBody& body : every_body()) {
    const Row found = row(std::string(event_kind_name(body)));
    EXPECT_EQ(found.at("time"), "2023-11-14T22:13:20.120500Z");
    EXPECT_EQ(found.at("endpoint"), "2");
    EXPECT_EQ(found.at("association"), "3");
    EXPECT_TRUE(found.at("seq"));
  }
  EXPECT_EQ(row("events").at("kind"), "association_change");
}

// Every member that a body has is in a column: none stays empty.
TEST_F(JournalViewsTest, EveryMemberHasAColumn) {
  for (const EventBody& body : every_body()) {
    const std::string kind(event_kind_name(body));
    if (kind == "accept_state_changed") continue;  // the second has no error
    for (const auto& [column, value] : row(kind)) {
      if (column == "data" || column == "record" ||
          column.ends_with("_sha256")) {
        EXPECT_FALSE(value) << kind << ' ' << column;
      } else {
        EXPECT_TRUE(value) << kind << ' ' << column;
      }
    }
  }
}

TEST_F(JournalViewsTest, NamedValues) {
  Row found = row("association_change");
  EXPECT_EQ(found.at("state"), "SCTP_COMM_LOST");
  EXPECT_EQ(found.at("state_number"), "1");
  EXPECT_EQ(found.at("outbound_streams"), "10");
  found = row("peer_address_change");
  EXPECT_EQ(found.at("aaddr"), "[fe80::1%2]:2906");
  EXPECT_EQ(found.at("state"), "SCTP_ADDR_POTENTIALLY_FAILED");
  found = row("association_closed");
  EXPECT_EQ(found.at("reason"), "error");
  EXPECT_EQ(found.at("cause"), "out of resource");
  EXPECT_EQ(found.at("cause_number"), "4");
  found = row("status_sampled");
  EXPECT_EQ(found.at("state"), "shutdown_ack_sent");
  EXPECT_EQ(found.at("rwnd"), "131072");
  found = row("message_failed");
  EXPECT_EQ(found.at("kind"), "SCTP_DATA_SENT");
  EXPECT_EQ(found.at("ppid"), "46");
  found = row("send_failed");
  EXPECT_EQ(found.at("data_size"), "11");
  found = row("partial_delivery");
  EXPECT_EQ(found.at("body_seq"), "2");
}

}  // namespace
}  // namespace lksctp::test
