// /events: order, filters, coming back, and readers that do not read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "event_reader.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "log_source.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class EventsTest : public ::testing::Test {
 protected:
  void serve(MetricsServerOptions options = {}) {
    options.port = 0;
    auto started = MetricsServer::start(source.functions(), std::move(options));
    ASSERT_TRUE(started) << started.error().to_string();
    server = std::move(*started);
  }
  EventReader reader(const std::string& query = "",
                     const std::string& headers = "") {
    return EventReader(server->port(), query, headers);
  }
  void tell(int count) {
    for (int i = 0; i < count; ++i) source.tell(std::to_string(i));
  }
  // An endpoint called `name` with an association with `peer`, both of this id.
  void accept(std::uint64_t id, const std::string& name,
              const std::string& peer) {
    source.tell(EndpointId(id), {},
                EndpointOpened{.name = name,
                               .role = EndpointRole::kListen,
                               .stack = StackKind::kUsrsctp});
    source.tell(EndpointId(id), AssociationId(id),
                AssociationAccepted{.peer = peer, .remote = {}});
  }
  void shut_down(std::uint64_t id) {
    source.tell(EndpointId(id), AssociationId(id), ShutdownRequested{});
  }

  LogSource source;
  std::unique_ptr<MetricsServer> server;
};

std::vector<std::string> ids(EventReader& reader, std::size_t count) {
  std::vector<std::string> result;
  while (result.size() < count) result.push_back(reader.next().id);
  return result;
}

TEST_F(EventsTest, WhatHappensFromNowOn) {
  serve();
  tell(3);
  EventReader events = reader();
  EXPECT_THAT(events.head(), HasSubstr("200 OK"));
  EXPECT_THAT(events.head(), HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(events.head(), HasSubstr("Cache-Control: no-store"));
  const SentEvent hello = events.next();
  EXPECT_EQ(hello.type, "hello");
  EXPECT_EQ(hello.id, "");
  EXPECT_EQ(json::parse(hello.data)["seq"], 3);
  source.tell("late");
  accept(1, "m3ua", "stp");
  const SentEvent expected = events.next();
  EXPECT_EQ(expected.id, "4");
  EXPECT_EQ(expected.type, "peer_expected");
  const json data = json::parse(expected.data);
  EXPECT_EQ(data["seq"], 4);
  EXPECT_EQ(data["type"], "peer_expected");
  EXPECT_EQ(data["peer"], "late");
  EXPECT_EQ(events.next().type, "endpoint_opened");
  EXPECT_EQ(events.next().type, "association_accepted");
}

TEST_F(EventsTest, StatusAndEventsOfOneServerAreTold) {
  serve();
  tell(2);
  const json status =
      json::parse(http_get(server->port(), "/status.json").body);
  EventReader events = reader("?since=" + status["seq"].dump());
  EXPECT_EQ(json::parse(events.next().data)["started"], status["started"]);
  source.tell("next");
  EXPECT_EQ(events.next().id, "3");
}

TEST_F(EventsTest, WhatIsKept) {
  serve();
  tell(5);
  EventReader all = reader("?since=0");
  all.next();
  EXPECT_THAT(ids(all, 5), ElementsAre("1", "2", "3", "4", "5"));
  EventReader some = reader("?since=3");
  some.next();
  EXPECT_THAT(ids(some, 2), ElementsAre("4", "5"));
}

TEST_F(EventsTest, AReaderThatComesBackMissesNothing) {
  serve();
  tell(5);
  // The query is that of its first connection.
  EventReader events = reader("?since=0", "Last-Event-ID: 4\r\n");
  events.next();
  EXPECT_EQ(events.next().id, "5");
}

TEST_F(EventsTest, WhatIsNoLongerKeptIsAGap) {
  serve({.kept_events = 4});
  tell(10);
  EventReader events = reader("?since=2");
  events.next();
  const SentEvent gap = events.next();
  EXPECT_EQ(gap.type, "gap");
  EXPECT_EQ(gap.id, "6");
  EXPECT_EQ(json::parse(gap.data),
            json::parse(R"({"type":"gap","from":3,"to":6,"lost":4})"));
  EXPECT_THAT(ids(events, 4), ElementsAre("7", "8", "9", "10"));
}

TEST_F(EventsTest, SamplesPushNothingElseOut) {
  serve({.kept_events = 4});
  // The server has taken all before it answers.
  const auto settle = [&] { http_get(server->port(), "/status.json"); };
  accept(1, "m3ua", "stp");  // events 1 and 2
  settle();
  for (int i = 0; i < 10; ++i) {
    source.tell(EndpointId(1), AssociationId(1), TrafficSampled{});
    settle();
  }
  shut_down(1);  // 13
  settle();
  EventReader facts =
      reader("?since=0&kind=association_accepted&kind=shutdown_requested");
  facts.next();
  EXPECT_THAT(ids(facts, 2), ElementsAre("2", "13")) << "and no gap";
  EventReader all = reader("?since=0");
  all.next();
  EXPECT_THAT(ids(all, 2), ElementsAre("1", "2"));
  EXPECT_EQ(json::parse(all.next().data),
            json::parse(R"({"type":"gap","from":3,"to":8,"lost":6})"));
  EXPECT_THAT(ids(all, 5), ElementsAre("9", "10", "11", "12", "13"));
  EventReader samples = reader("?since=0&kind=traffic_sampled");
  samples.next();
  EXPECT_EQ(samples.next().type, "gap");
  EXPECT_EQ(samples.next().id, "9");
  // Facts that are gone are missed whoever reads.
  tell(4);  // 14 to 17
  EventReader late = reader("?since=1&kind=peer_expected");
  late.next();
  EXPECT_EQ(json::parse(late.next().data)["to"], 8);
  EXPECT_EQ(late.next().id, "13");
  EXPECT_EQ(late.next().id, "14");
}

TEST_F(EventsTest, WhatWasBeforeTheServerIsAGap) {
  tell(3);
  serve();
  EventReader events = reader("?since=1");
  events.next();
  EXPECT_EQ(json::parse(events.next().data)["lost"], 2);
  source.tell("next");
  EXPECT_EQ(events.next().id, "4");
}

TEST_F(EventsTest, AReaderOfAnotherProcess) {
  serve();
  tell(3);
  EventReader events = reader("", "Last-Event-ID: 5000\r\n");
  events.next();
  EXPECT_EQ(json::parse(events.next().data),
            json::parse(R"({"type":"gap","from":1,"to":3,"lost":3})"));
  source.tell("next");
  EXPECT_EQ(events.next().id, "4");
}

TEST_F(EventsTest, Filters) {
  serve();
  accept(1, "m3ua", "stp");        // events 1 and 2
  accept(2, "diameter", "hss/1");  // 3 and 4
  shut_down(1);                    // 5
  shut_down(2);                    // 6
  source.tell("expected");         // 7, of the endpoint connect
  for (const auto& [query, wanted] :
       std::vector<std::pair<std::string, std::vector<std::string>>>{
           {"&kind=shutdown_requested", {"5", "6"}},
           {"&kind=shutdown_requested&kind=peer_expected", {"5", "6", "7"}},
           {"&endpoint=m3ua", {"1", "2", "5"}},
           {"&endpoint=connect", {"7"}},
           {"&peer=hss%2F1", {"4", "6"}},
           {"&peer=hss%2F1&kind=shutdown_requested", {"6"}},
           {"&peer=expected", {"7"}},
           {"&association=2", {"4", "6"}},
           {"&association=1&association=2", {"2", "4", "5", "6"}}}) {
    EventReader events = reader("?since=0" + query);
    events.next();
    EXPECT_EQ(ids(events, wanted.size()), wanted) << query;
  }
}

TEST_F(EventsTest, NamesOfWhatWasThereBefore) {
  accept(1, "m3ua", "stp");
  serve();
  EventReader by_peer = reader("?peer=stp");
  by_peer.next();
  EventReader by_endpoint = reader("?endpoint=m3ua");
  by_endpoint.next();
  source.tell("other");
  shut_down(1);
  EXPECT_EQ(by_peer.next().id, "4");
  EXPECT_EQ(by_endpoint.next().id, "4");
}

// All ids and gaps together are all events, in order.
TEST_F(EventsTest, AReaderThatDoesNotReadIsToldWhatItMissed) {
  serve({.kept_events = 16});
  EventReader slow(server->port(), "", "", /*receive_buffer=*/4096);
  EventReader fast = reader("?kind=peer_forgotten");
  slow.next();
  fast.next();
  constexpr std::uint64_t kEvents = 20'000;
  const std::string long_name(1000, 'x');
  for (std::uint64_t i = 1; i < kEvents; ++i) source.tell(long_name);
  source.tell({}, {}, PeerForgotten{"connect", "the last"});
  // Nobody waits for it.
  SentEvent last = fast.next();
  while (last.type == "gap") last = fast.next();
  EXPECT_EQ(last.id, std::to_string(kEvents));
  std::uint64_t seq = 0;
  std::uint64_t lost = 0;
  while (seq < kEvents) {
    const SentEvent event = slow.next();
    ASSERT_NE(event.type, "") << "the stream ended";
    const json data = json::parse(event.data);
    if (event.type == "gap") {
      EXPECT_EQ(data["from"], seq + 1);
      lost += data["lost"].get<std::uint64_t>();
      seq = data["to"];
    } else {
      EXPECT_EQ(data["seq"], seq + 1);
      seq = data["seq"];
    }
    EXPECT_EQ(event.id, std::to_string(seq));
  }
  EXPECT_GT(lost, 0U);
  source.tell("after");
  EXPECT_EQ(slow.next().id, std::to_string(kEvents + 1));
}

TEST_F(EventsTest, AReaderThatNeverReadsIsCutOff) {
  serve({.max_connections = 1, .connection_timeout = milliseconds(300)});
  HttpClient silent(server->port(), /*ipv6=*/false, /*receive_buffer=*/4096);
  silent.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(silent.receive(/*head=*/true).status, 200);
  const std::string long_name(1000, 'x');
  for (int i = 0; i < 20'000; ++i) source.tell(long_name);
  // The next one is served only after it has been closed.
  EXPECT_EQ(http_get(server->port(), "/healthz").status, 200);
}

TEST_F(EventsTest, AReaderToWhomNothingHappensStays) {
  serve({.connection_timeout = milliseconds(100),
         .event_heartbeat = std::chrono::hours(1)});
  EventReader events = reader();
  events.next();
  // Others were closed for their silence in the meantime, three times.
  for (int i = 0; i < 3; ++i) {
    HttpClient idle(server->port());
    EXPECT_EQ(idle.get("/healthz").status, 200);
    EXPECT_EQ(idle.read_to_end(), "");
  }
  source.tell("at last");
  EXPECT_EQ(events.next().id, "1");
}

TEST_F(EventsTest, Heartbeat) {
  serve({.event_heartbeat = milliseconds(1)});
  EventReader events = reader();
  events.next();
  while (events.comments() == 0) {
    source.tell("x");
    EXPECT_EQ(events.next().type, "peer_expected");
  }
}

// What they say to each other is not for those who watch.
TEST_F(EventsTest, UndeliveredMessagesAreNotTold) {
  serve();
  accept(1, "m3ua", "stp");
  const Bytes secret(1000, std::byte{0x42});
  source.tell(EndpointId(1), AssociationId(1),
              Notification(
                  SendFailed{.kind = SendFailedKind::kUnsent, .data = secret}));
  source.tell(EndpointId(1), AssociationId(1),
              ReceiveFailed{.error = {}, .raw = secret});
  EventReader events = reader("?since=2");
  events.next();
  const SentEvent send = events.next();
  EXPECT_EQ(send.type, "send_failed");
  EXPECT_EQ(json::parse(send.data)["notification"]["dataSize"], 1000);
  EXPECT_THAT(send.data, HasSubstr("1000 bytes"));
  EXPECT_THAT(send.data, Not(HasSubstr("4242")));
  const SentEvent receive = events.next();
  EXPECT_EQ(receive.type, "receive_failed");
  EXPECT_EQ(json::parse(receive.data)["recordSize"], 1000);
  EXPECT_THAT(receive.data, Not(HasSubstr("4242")));
}

// Of what a filter hides the heartbeat tells how far it was read.
TEST_F(EventsTest, AFilteredReaderThatMissedNothingIsToldOfNoGap) {
  serve({.kept_events = 4, .event_heartbeat = milliseconds(1)});
  accept(1, "m3ua", "stp");  // events 1 and 2
  const std::string query = "?kind=shutdown_requested";
  std::string id;
  {
    EventReader events = reader(query);
    tell(10);
    while (id != "12") {
      id = events.next_heartbeat();
      ASSERT_NE(id, "the stream ended");
    }
  }
  shut_down(1);
  EventReader again = reader(query, "Last-Event-ID: " + id + "\r\n");
  again.next();
  const SentEvent event = again.next();
  EXPECT_EQ(event.type, "shutdown_requested");
  EXPECT_EQ(event.id, "13");
}

// The loop is busy, its latest snapshot is older than what was read.
TEST_F(EventsTest, AnOldSnapshotDoesNotTurnTheEventsBack) {
  MetricsSource busy = source.functions();
  busy.request_snapshot = [](const auto&) {};
  busy.snapshot = [old = source.snapshot()] { return old; };
  auto started =
      MetricsServer::start(busy, {.port = 0, .snapshot_wait = milliseconds(1)});
  ASSERT_TRUE(started);
  server = std::move(*started);
  tell(3);
  EventReader events = reader("", "Last-Event-ID: 2\r\n");
  EXPECT_EQ(json::parse(events.next().data)["seq"], 3);
  EXPECT_THAT(ids(events, 1), ElementsAre("3"));
  source.tell("next");
  const SentEvent next = events.next();
  EXPECT_EQ(next.id, "4");
  EXPECT_EQ(next.type, "peer_expected");
}

TEST_F(EventsTest, SoManyReadersAndNoMore) {
  serve({.max_event_streams = 2});
  EventReader first = reader();
  auto second = std::make_unique<EventReader>(server->port());
  const HttpResponse refused = http_get(server->port(), "/events");
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  second.reset();
  // Its place is free once the server has seen that.
  while (http_get(server->port(), "/healthz").status == 200) {
    if (reader().head().find("200 OK") != std::string::npos) break;
  }
  first.next();
  source.tell("x");
  EXPECT_EQ(first.next().id, "1");
}

TEST_F(EventsTest, ChunkedAsBrowsersReadIt) {
  serve();
  HttpClient client(server->port());
  client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.receive(/*head=*/true).headers.at("transfer-encoding"),
            "chunked");
  EXPECT_THAT(client.read_some(), HasSubstr("\r\nretry: 2000\nevent: hello\n"));
}

TEST_F(EventsTest, ServersWithoutEventsSaySo) {
  MetricsSource without = source.functions();
  without.watch_events = nullptr;
  auto started = MetricsServer::start(without, {.port = 0});
  ASSERT_TRUE(started);
  EXPECT_EQ(http_get((*started)->port(), "/events").status, 404);
}

TEST_F(EventsTest, StopsWithReaders) {
  serve();
  EXPECT_TRUE(source.is_watched());
  EventReader events = reader();
  events.next();
  tell(100);
  server->stop();
  EXPECT_FALSE(source.is_watched());
  while (events.next().type == "peer_expected") {
  }
  server->stop();
}

}  // namespace
}  // namespace lksctp::test
