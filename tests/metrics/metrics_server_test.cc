// The HTTP endpoint over real loopback connections: what it serves, where it
// binds, and how a scrape gets its snapshot.
#include "lksctp/metrics_http/metrics_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "exposition.h"
#include "http_client.h"
#include "lksctp/metrics/collectable.h"
#include "recorded_log.h"
#include "snapshot_source.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;
using Mode = SnapshotSource::Mode;

constexpr std::chrono::milliseconds kForever{3'600'000};

std::unique_ptr<MetricsServer> serve(SnapshotSource& source,
                                     MetricsServerOptions options = {}) {
  options.port = 0;
  auto server = MetricsServer::start(source.functions(), std::move(options));
  EXPECT_TRUE(server) << server.error().to_string();
  return std::move(server).value();
}

double turns(const HttpResponse& response) {
  EXPECT_EQ(response.status, 200);
  return parse_exposition(response.body).value("sctp_reactor_loop_turns_total");
}

class MetricsServerTest : public ::testing::Test {
 protected:
  MetricsServerTest() { source.publish(1); }

  SnapshotSource source{Mode::kAnswerAtOnce};
};

TEST_F(MetricsServerTest, ServesTheSnapshotAsText) {
  const auto snapshot = std::make_shared<const Snapshot>(recorded_snapshot());
  source.publish(snapshot);
  const auto server = serve(source);
  const HttpResponse response = http_get(server->port(), "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("content-type"),
            "text/plain; version=0.0.4; charset=utf-8");
  // What the process and the host add is not in the snapshot.
  const Exposition page = parse_exposition(response.body);
  EXPECT_THAT(page.problems, ::testing::IsEmpty());
  for (const auto& [name, family] :
       parse_exposition(to_text(*snapshot)).families) {
    if (name.starts_with("sctp_exporter_snapshot_age")) continue;
    EXPECT_EQ(page.families.at(name).samples, family.samples) << name;
  }
  EXPECT_TRUE(page.families.contains("sctp_build_info"));
  EXPECT_TRUE(page.families.contains("sctp_exporter_uptime_seconds"));
}

TEST_F(MetricsServerTest, TellsOfTheScrapeBefore) {
  const auto server = serve(source);
  const std::string first = http_get(server->port(), "/metrics").body;
  EXPECT_EQ(first.find("sctp_exporter_series"), first.npos);
  const Exposition second =
      parse_exposition(http_get(server->port(), "/metrics").body);
  EXPECT_EQ(second.value("sctp_exporter_scrape_size_bytes"),
            static_cast<double>(first.size()));
}

TEST_F(MetricsServerTest, HeadHasHeadersAndNoBody) {
  const auto server = serve(source);
  HttpClient client(server->port());
  client.send("HEAD /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const HttpResponse head = client.receive(/*head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_GT(std::stoi(head.headers.at("content-length")), 100);
  // Nothing of a body stands before the next response.
  EXPECT_EQ(client.get("/healthz").body, "ok\n");
}

TEST_F(MetricsServerTest, HealthAndUnknownPaths) {
  const auto server = serve(source);
  HttpClient client(server->port());
  EXPECT_EQ(client.get("/healthz").body, "ok\n");
  EXPECT_EQ(client.get("/none").status, 404);
  EXPECT_EQ(client.get("/metrics/x").status, 404);
  EXPECT_EQ(client.get("/metrics?detail=path").status, 200);
}

TEST_F(MetricsServerTest, OnlyGetAndHead) {
  const auto server = serve(source);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    HttpClient client(server->port());
    client.send(std::string(method) +
                " /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
                "2\r\n\r\nhi");
    const HttpResponse response = client.receive();
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(response.headers.at("allow"), "GET, HEAD");
  }
}

TEST_F(MetricsServerTest, OldClientsAreAnsweredAndClosed) {
  const auto server = serve(source);
  HttpClient client(server->port());
  client.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.read_to_end(), HasSubstr("\r\n\r\nok\n"));
}

TEST_F(MetricsServerTest, AnyPortIsTold) {
  const auto server = serve(source);
  EXPECT_NE(server->port(), 0);
  EXPECT_EQ(server->url(),
            "http://127.0.0.1:" + std::to_string(server->port()));
}

TEST_F(MetricsServerTest, TakenPortIsAClearError) {
  const auto server = serve(source);
  const auto second =
      MetricsServer::start(source.functions(), {.port = server->port()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().errno_value, EADDRINUSE);
  EXPECT_THAT(second.error().to_string(), HasSubstr("choose another port"));
}

TEST_F(MetricsServerTest, PublicAddressNeedsPermission) {
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1"}) {
    const auto server =
        MetricsServer::start(source.functions(), {.host = host, .port = 0});
    ASSERT_FALSE(server) << host;
    EXPECT_EQ(server.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(server.error().to_string(), HasSubstr("allow_public"));
  }
  const auto server = serve(source, {.host = "0.0.0.0", .allow_public = true});
  EXPECT_EQ(http_get(server->port(), "/healthz").status, 200);
}

TEST_F(MetricsServerTest, HostMustBeAnAddress) {
  EXPECT_EQ(serve(source, {.host = "localhost"})->url().substr(0, 17),
            "http://127.0.0.1:");
  for (const char* host : {"", "example.org", "127.0.0.1:80"}) {
    const auto server =
        MetricsServer::start(source.functions(), {.host = host, .port = 0});
    ASSERT_FALSE(server) << host;
    EXPECT_EQ(server.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(MetricsServerTest, AddressOfAnotherHostIsAClearError) {
  const auto server = MetricsServer::start(
      source.functions(),
      {.host = "192.0.2.1", .port = 0, .allow_public = true});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().errno_value, EADDRNOTAVAIL);
  EXPECT_EQ(server.error().operation, "bind");
}

TEST_F(MetricsServerTest, ServesIpv6) {
  auto server =
      MetricsServer::start(source.functions(), {.host = "::1", .port = 0});
  if (!server && server.error().code == ErrorCode::kSystem) {
    GTEST_SKIP() << "no IPv6 loopback: " << server.error().to_string();
  }
  ASSERT_TRUE(server);
  EXPECT_EQ((*server)->url(),
            "http://[::1]:" + std::to_string((*server)->port()));
  HttpClient client((*server)->port(), /*ipv6=*/true);
  EXPECT_EQ(client.get("/metrics").status, 200);
}

TEST_F(MetricsServerTest, IncompleteSourceIsRefused) {
  EXPECT_FALSE(MetricsServer::start({}, {.port = 0}));
  EXPECT_FALSE(MetricsServer::start(source.functions(),
                                    {.port = 0, .max_connections = 0}));
}

TEST_F(MetricsServerTest, ScrapeShowsAFreshSnapshot) {
  SnapshotSource held(Mode::kHold);
  held.publish(1);
  const auto server = serve(held, {.snapshot_wait = kForever});
  HttpClient client(server->port());
  client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  held.wait_for_requests(1);
  for (auto& ready : held.take_held()) ready(snapshot_with_turns(2));
  EXPECT_EQ(turns(client.receive()), 2);
}

TEST_F(MetricsServerTest, StalledLoopIsNotWaitedFor) {
  SnapshotSource held(Mode::kHold);
  held.publish(1);
  const auto server =
      serve(held, {.snapshot_wait = std::chrono::milliseconds(10)});
  EXPECT_EQ(turns(http_get(server->port(), "/metrics")), 1);
  held.publish(2);
  EXPECT_EQ(turns(http_get(server->port(), "/metrics")), 2);
  EXPECT_EQ(held.requests(), 1U) << "one request is open at most";
  // When the loop comes back it is asked again.
  for (auto& ready : held.take_held()) ready(snapshot_with_turns(3));
  HttpClient client(server->port());
  while (held.requests() < 2) EXPECT_EQ(turns(client.get("/metrics")), 2);
}

TEST_F(MetricsServerTest, NoSnapshotYetIsUnavailable) {
  SnapshotSource empty(Mode::kHold);
  const auto server =
      serve(empty, {.snapshot_wait = std::chrono::milliseconds(1)});
  EXPECT_EQ(http_get(server->port(), "/metrics").status, 503);
}

// A snapshot that was asked for before a request came may be older than it.
TEST_F(MetricsServerTest, LaterScrapeGetsALaterSnapshot) {
  SnapshotSource held(Mode::kHold);
  const auto server = serve(held, {.snapshot_wait = kForever});
  const std::string request =
      "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  HttpClient first(server->port());
  HttpClient second(server->port());
  HttpClient other(server->port());
  EXPECT_EQ(second.get("/healthz").status, 200);
  first.send(request);
  held.wait_for_requests(1);
  second.send(request);
  // The loop handles what was there before: after two round trips elsewhere it
  // has seen the second scrape.
  EXPECT_EQ(other.get("/healthz").status, 200);
  EXPECT_EQ(other.get("/healthz").status, 200);
  for (auto& ready : held.take_held()) ready(snapshot_with_turns(1));
  EXPECT_EQ(turns(first.receive()), 1);
  held.wait_for_requests(2);
  for (auto& ready : held.take_held()) ready(snapshot_with_turns(2));
  EXPECT_EQ(turns(second.receive()), 2);
}

TEST_F(MetricsServerTest, FiftyScrapesAtOnce) {
  const auto server = serve(source);
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 50; ++i) {
    scrapers.emplace_back(
        [&] { EXPECT_EQ(turns(http_get(server->port(), "/metrics")), 1); });
  }
  for (std::thread& scraper : scrapers) scraper.join();
}

TEST_F(MetricsServerTest, StopsWithScrapesInFlight) {
  SnapshotSource held(Mode::kHold);
  auto server = serve(held, {.snapshot_wait = kForever});
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<HttpClient>(server->port()));
    clients.back()->send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }
  held.wait_for_requests(1);
  clients.front()->reset();
  server->stop();
  server->stop();
  for (std::size_t i = 1; i < clients.size(); ++i) {
    EXPECT_EQ(clients[i]->receive().status, 0);
  }
  EXPECT_FALSE(HttpClient(server->port()).connected());
}

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

TEST_F(MetricsServerTest, StopClosesConnections) {
  const std::ptrdiff_t before = open_descriptors();
  auto server = serve(source);
  {
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (int i = 0; i < 5; ++i) {
      clients.push_back(std::make_unique<HttpClient>(server->port()));
      EXPECT_EQ(clients.back()->get("/healthz").status, 200);
    }
    server->stop();
  }
  // The mailbox stays: an answer may still come.
  EXPECT_EQ(open_descriptors(), before + 1);
}

TEST_F(MetricsServerTest, AnswerAfterTheEndGoesNowhere) {
  SnapshotSource held(Mode::kHold);
  auto server = serve(held, {.snapshot_wait = kForever});
  HttpClient client(server->port());
  client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  held.wait_for_requests(1);
  auto late = held.take_held();
  server.reset();
  auto snapshot = snapshot_with_turns(1);
  const std::weak_ptr<const Snapshot> watch = snapshot;
  for (auto& ready : late) ready(snapshot);
  snapshot.reset();
  EXPECT_TRUE(watch.expired()) << "kept by a server that is gone";
}

TEST_F(MetricsServerTest, StopsWhileAnswersComeFromAnotherThread) {
  for (int round = 0; round < 20; ++round) {
    SnapshotSource held(Mode::kHold);
    auto server = serve(held, {.snapshot_wait = kForever});
    HttpClient client(server->port());
    client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    held.wait_for_requests(1);
    std::thread loop([ready = held.take_held()] {
      for (const auto& answer : ready) answer(snapshot_with_turns(1));
    });
    server.reset();
    loop.join();
    client.read_to_end();
  }
}

}  // namespace
}  // namespace lksctp::test
