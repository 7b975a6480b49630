// A snapshot as JSON.
#include "lksctp/reactor/snapshot_json.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lksctp/reactor/statistics.h"
#include "random_events.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

using nlohmann::json;

const StatusFacts kFacts{.version = "1.2.3",
                         .started = WallTime(std::chrono::milliseconds(5))};

json parsed(const AssociationTable& table,
            const StatusSelection& selection = {}) {
  Snapshot snapshot;
  snapshot.table = table;
  snapshot.wall = WallTime(std::chrono::milliseconds(9));
  snapshot.monotonic = MonotonicTime(std::chrono::microseconds(2500));
  return json::parse(to_json(snapshot, selection, kFacts));
}

// A listener with one association that is up and has a path, a connector with a
// peer that refused, and a peer that is expected.
class SnapshotJsonTest : public ::testing::Test {
 protected:
  SnapshotJsonTest() {
    const AssociationId one(1);
    const AssociationId two(2);
    builder.open_listener()
        .accept(one)
        .add(TableBuilder::kListener, one,
             Notification(
                 AssociationChange{.state = AssociationChangeState::kCommUp,
                                   .outbound_streams = 10,
                                   .inbound_streams = 5}))
        .add(TableBuilder::kListener, one,
             StatusSampled{.state = AssociationState::kEstablished,
                           .peer_receive_window = 65536,
                           .unacknowledged_chunks = 3,
                           .inbound_streams = 5,
                           .outbound_streams = 10,
                           .send_queue = 77})
        .add(TableBuilder::kListener, one,
             PathsSampled{{{.address = address("10.0.0.9", 40000),
                            .state = PathState::kActive,
                            .primary = true,
                            .congestion_window = 4380,
                            .srtt = Milliseconds(3),
                            .rto = Milliseconds(1000),
                            .mtu = 1500}}})
        .add(TableBuilder::kListener, one,
             TrafficSampled{.sent = {2, 20}, .received = {3, 30}})
        .add(TableBuilder::kListener, one,
             StatisticsSampled{{.max_rto = Milliseconds(1500),
                                .max_rto_path = address("10.0.0.9", 40000),
                                .packets_sent = 7,
                                .retransmitted_chunks = 2}})
        .open_connector()
        .connect(two)
        .add(TableBuilder::kConnector, two,
             AssociationClosed{CloseReason::kRefused, {}, {}})
        .add({}, {}, PeerExpected{"connect", "hlr"});
  }

  TableBuilder builder;
};

TEST_F(SnapshotJsonTest, Head) {
  const json status = parsed(builder.table());
  EXPECT_EQ(status["format"], 1);
  EXPECT_EQ(status["version"], "1.2.3");
  EXPECT_EQ(status["started"], 5.0);
  EXPECT_EQ(status["now"], 9.0);
  EXPECT_EQ(status["monotonic"], 2.5);
  EXPECT_EQ(status["seq"], builder.table().seq().value());
  EXPECT_TRUE(status["loop"].contains("lag"));
  EXPECT_EQ(status["omitted"], json::parse(R"({"peers":0,"associations":0})"));
}

TEST_F(SnapshotJsonTest, JournalWhereOneIsWritten) {
  Snapshot snapshot;
  const auto journal = [&snapshot] {
    const json status = json::parse(to_json(snapshot, {}, {}));
    return status.value("journal", json());
  };
  EXPECT_EQ(journal(), json());
  snapshot.journal = JournalStatus{.id = "0193",
                                   .durable = EventSeq{7},
                                   .queued = 2,
                                   .gaps = 1,
                                   .lost_events = 3};
  EXPECT_EQ(journal(), json::parse(R"({"id": "0193", "durable": 7, "queued": 2,
                                       "gaps": 1, "lostEvents": 3})"));
  snapshot.journal->error = Error::system(ENOSPC, "commit");
  EXPECT_EQ(journal()["error"]["code"], "ENOSPC");
}

TEST_F(SnapshotJsonTest, Association) {
  const json status = parsed(builder.table());
  ASSERT_EQ(status["associations"].size(), 1U);
  json one = status["associations"][0];
  const json statistics = one["statistics"];
  EXPECT_EQ(statistics["maxRto"], 1500);
  EXPECT_EQ(statistics["maxRtoAddress"], "10.0.0.9");
  EXPECT_EQ(statistics["packetsSent"], 7);
  EXPECT_EQ(statistics["retransmittedChunks"], 2);
  EXPECT_EQ(statistics.size(), 3 + statistics_rows().size());
  one.erase("statistics");
  const json wanted = json::parse(R"({
    "id": "1", "endpointId": "1", "endpoint": "listen:127.0.0.1:2905",
    "stack": "usrsctp", "role": "listen", "peer": "10.0.0.9",
    "state": 4, "stateName": "established", "up": true,
    "since": 1700000000001.0, "established": 1700000000002.0,
    "remoteAddresses": ["10.0.0.9"], "remotePort": 40000,
    "localAddresses": [], "stackAssociationId": 0,
    "inboundStreams": 5, "outboundStreams": 10,
    "sent": {"messages": 2, "bytes": 20},
    "received": {"messages": 3, "bytes": 30},
    "failedMessages": 0, "unsentMessages": 0, "wouldBlock": 0, "restarts": 0,
    "shutdownRequested": false, "peerShutdown": false, "abortRequested": false,
    "rwnd": 65536, "unackdata": 3, "penddata": 0, "fragmentationPoint": 0,
    "sendQueue": 77,
    "paths": [{"address": "10.0.0.9", "family": "IPv4", "port": 40000,
               "primary": true, "state": 2, "stateName": "active",
               "cwnd": 4380, "srtt": 3, "rto": 1000, "mtu": 1500}]})");
  EXPECT_EQ(one, wanted) << json::diff(one, wanted);
}

TEST_F(SnapshotJsonTest, PeersAddUpWhatLivesAndWhatHasEnded) {
  builder
      .add(TableBuilder::kListener, AssociationId(1),
           AssociationClosed{CloseReason::kShutdownLocal, {}, {}})
      .accept(AssociationId(3))
      .add(TableBuilder::kListener, AssociationId(3),
           TrafficSampled{.sent = {1, 1}, .received = {1, 1}});
  const json peers = parsed(builder.table())["peers"];
  ASSERT_EQ(peers.size(), 3U);
  EXPECT_EQ(peers[0]["peer"], "10.0.0.1:2905");
  EXPECT_EQ(peers[0]["up"], false);
  EXPECT_EQ(peers[0]["lastClose"], "refused");
  EXPECT_EQ(peers[0]["closed"], json::parse(R"({"refused":1})"));
  EXPECT_EQ(peers[1]["peer"], "hlr");
  EXPECT_EQ(peers[1]["configured"], true);
  EXPECT_FALSE(peers[1].contains("lastClose"));
  EXPECT_EQ(peers[2]["sent"], json::parse(R"({"messages":3,"bytes":21})"));
  EXPECT_EQ(peers[2]["received"], json::parse(R"({"messages":4,"bytes":31})"));
  EXPECT_EQ(peers[2]["changes"], json::parse(R"({"comm_up":1})"));
  EXPECT_EQ(peers[2]["associations"], 1);
  EXPECT_EQ(peers[2]["established"], 0);
}

TEST_F(SnapshotJsonTest, Endpoints) {
  const json endpoints = parsed(builder.table())["endpoints"];
  // That of the attempt which was refused is gone with it.
  ASSERT_EQ(endpoints.size(), 1U);
  EXPECT_EQ(endpoints[0]["id"], "1");
  EXPECT_EQ(endpoints[0]["name"], "listen:127.0.0.1:2905");
  EXPECT_EQ(endpoints[0]["role"], "listen");
  EXPECT_EQ(endpoints[0]["associations"], 1);
}

TEST_F(SnapshotJsonTest, OfOneEndpointOrPeer) {
  const json connector = parsed(builder.table(), {.endpoints = {"connect"}});
  EXPECT_EQ(connector["endpoints"].size(), 0U);
  EXPECT_EQ(connector["peers"].size(), 2U);
  EXPECT_EQ(connector["associations"].size(), 0U);
  EXPECT_EQ(connector["omitted"]["associations"], 0);
  const json peer = parsed(builder.table(), {.peers = {"10.0.0.9"}});
  EXPECT_EQ(peer["peers"].size(), 1U);
  EXPECT_EQ(peer["associations"].size(), 1U);
}

TEST_F(SnapshotJsonTest, BeyondTheLimitTheyAreCounted) {
  const json status = parsed(builder.table(), {.limit = 0});
  EXPECT_EQ(status["associations"].size(), 0U);
  EXPECT_EQ(status["omitted"]["associations"], 1);
  EXPECT_EQ(status["omitted"]["peers"], 3);
  EXPECT_EQ(parsed(builder.table(), {.limit = 2})["omitted"]["peers"], 1);
}

// Four with two paths each, from the healthy one to the one that is not up.
class SnapshotJsonLimit : public ::testing::Test {
 protected:
  SnapshotJsonLimit() {
    builder.open_listener();
    add(1, "a", PathState::kActive, PathState::kActive);
    add(2, "b", PathState::kPotentiallyFailed, PathState::kActive);
    add(3, "c", PathState::kInactive, PathState::kInactive);
    builder.accept(AssociationId(4), "d")
        .add({}, {}, PeerExpected{"listen:127.0.0.1:2905", "z"});
  }

  void add(std::uint64_t number, const char* peer, PathState first,
           PathState second) {
    const AssociationId id(number);
    builder.accept(id, peer)
        .change(id, AssociationChangeState::kCommUp)
        .traffic(id, {number, 10 * number}, {1, 1})
        .add({}, id,
             PathsSampled{{{.address = address("10.0.0.1"), .state = first},
                           {.address = address("10.0.0.2"), .state = second}}});
  }

  // Ids of the associations that are shown.
  std::vector<std::string> shown(std::size_t limit) {
    const json status = parsed(builder.table(), {.limit = limit});
    std::vector<std::string> ids;
    for (const json& one : status["associations"]) ids.push_back(one["id"]);
    return ids;
  }

  TableBuilder builder;
};

using Ids = std::vector<std::string>;

TEST_F(SnapshotJsonLimit, LeavesTheHealthyOut) {
  EXPECT_EQ(shown(4), (Ids{"1", "2", "3", "4"}));
  EXPECT_EQ(shown(3), (Ids{"2", "3", "4"}));
  EXPECT_EQ(shown(2), (Ids{"3", "4"})) << "nothing gets through to these";
  EXPECT_EQ(shown(1), (Ids{"3"})) << "of equals the older";
}

TEST_F(SnapshotJsonLimit, LeavesPeersOutThatAreUpOrNotExpected) {
  const json status = parsed(builder.table(), {.limit = 1});
  ASSERT_EQ(status["peers"].size(), 1U);
  EXPECT_EQ(status["peers"][0]["peer"], "z");
  EXPECT_EQ(status["omitted"], json::parse(R"({"peers":4,"associations":3})"));
}

TEST_F(SnapshotJsonLimit, IsNoneForTotals) {
  builder.accept(AssociationId(5), "a")
      .traffic(AssociationId(5), {1, 1000}, {0, 0})
      .close(AssociationId(5), CloseReason::kShutdownRemote);
  const json wanted = json::parse(R"({
    "associations": 3, "alive": 4, "pathsFailed": 3, "peersDown": 1,
    "sent": {"messages": 7, "bytes": 1060},
    "received": {"messages": 3, "bytes": 3},
    "failedMessages": 0, "unsentMessages": 0})");
  for (const std::size_t limit : {0U, 2U, 100U}) {
    EXPECT_EQ(parsed(builder.table(), {.limit = limit})["totals"], wanted);
  }
}

TEST_F(SnapshotJsonLimit, TotalsAreOfWhatIsAskedFor) {
  const json wanted = json::parse(R"({
    "associations": 1, "alive": 1, "pathsFailed": 1, "peersDown": 0,
    "sent": {"messages": 2, "bytes": 20},
    "received": {"messages": 1, "bytes": 1},
    "failedMessages": 0, "unsentMessages": 0})");
  EXPECT_EQ(parsed(builder.table(), {.peers = {"b"}})["totals"], wanted);
  EXPECT_EQ(parsed(builder.table(), {.endpoints = {"none"}})["totals"]["alive"],
            0);
}

TEST_F(SnapshotJsonTest, AnyTableIsValid) {
  AssociationTable table;
  for (const Event& event : RandomEvents(8).take(3000)) {
    table.apply(event);
    if (event.seq.value() % 100 != 0) continue;
    const json status = parsed(table, {.limit = 100'000});
    EXPECT_EQ(status["associations"].size(), table.associations().size());
    EXPECT_EQ(status["peers"].size(), table.peers().size());
    EXPECT_EQ(status["endpoints"].size(), table.endpoints().size());
  }
}

// Every member is on the page docs/http.md.
TEST_F(SnapshotJsonTest, ThePageListsTheMembers) {
  std::ifstream file(std::string(LKSCTP_SOURCE_DIR) + "/docs/http.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const json status = parsed(builder.table());
  const auto expect_listed = [&](const json& object) {
    for (const auto& member : object.items()) {
      EXPECT_NE(page.find('"' + member.key() + '"'), page.npos) << member.key();
    }
  };
  expect_listed(status);
  expect_listed(status["totals"]);
  for (const char* list : {"endpoints", "peers", "associations"}) {
    for (const json& one : status[list]) expect_listed(one);
  }
}

}  // namespace
}  // namespace lksctp::test
