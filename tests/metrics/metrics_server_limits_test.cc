// What the HTTP endpoint does not put up with: slow, greedy and vanished
// clients.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "http_client.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "snapshot_source.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

using std::chrono::milliseconds;

const std::string kOversizeRequest =
    "GET /metrics HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n";

class MetricsServerLimitsTest : public ::testing::Test {
 protected:
  MetricsServerLimitsTest() { source.publish(1); }

  void serve(MetricsServerOptions options) {
    options.port = 0;
    options.selection.max_peers = 10'000;
    auto started = MetricsServer::start(source.functions(), std::move(options));
    ASSERT_TRUE(started) << started.error().to_string();
    server = std::move(*started);
  }

  // A page of several megabytes: more than socket buffers take.
  void publish_large_page() {
    TableBuilder table;
    for (int i = 0; i < 8000; ++i) {
      table.add({}, {}, PeerExpected{"listen", "peer-" + std::to_string(i)});
    }
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->table = table.table();
    source.publish(std::move(snapshot));
  }

  void expect_alive() {
    EXPECT_EQ(http_get(server->port(), "/healthz").status, 200);
  }

  SnapshotSource source{SnapshotSource::Mode::kAnswerAtOnce};
  std::unique_ptr<MetricsServer> server;
};

TEST_F(MetricsServerLimitsTest, OversizeHeaderIsRefused) {
  serve({.max_header_bytes = 1000});
  HttpClient client(server->port());
  client.send(kOversizeRequest);
  const HttpResponse response = client.receive();
  EXPECT_THAT(response.status, ::testing::AnyOf(0, 400, 413, 431));
  EXPECT_EQ(client.read_to_end(), "");
  expect_alive();
}

// A refused connection is closed with input left: whatever gets its descriptor
// number next must not be read in its place.
TEST_F(MetricsServerLimitsTest, DescriptorsOfOthersAreNotRead) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  const std::string content(4096, 'x');
  ASSERT_EQ(::write(ends[1], content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  serve({.max_header_bytes = 1000});
  // The embedder opens files all the time: each gets the lowest free number.
  std::atomic<bool> done = false;
  std::thread embedder([&] {
    while (!done) ::close(::dup(ends[0]));
  });
  for (int i = 0; i < 3000; ++i) {
    HttpClient client(server->port());
    client.send(kOversizeRequest);
    client.read_to_end();
  }
  done = true;
  embedder.join();
  int left = 0;
  EXPECT_EQ(::ioctl(ends[0], FIONREAD, &left), 0);
  EXPECT_EQ(left, static_cast<int>(content.size()));
  ::close(ends[0]);
  ::close(ends[1]);
  expect_alive();
}

// The next connection may have the descriptor number of the closed one, and all
// that comes on it is its own: also while its answer is not ready.
TEST_F(MetricsServerLimitsTest, ClosedConnectionTakesNothingOfTheNext) {
  SnapshotSource held(SnapshotSource::Mode::kHold);
  auto started = MetricsServer::start(
      held.functions(), {.port = 0, .snapshot_wait = std::chrono::hours(1)});
  ASSERT_TRUE(started) << started.error().to_string();
  const std::uint16_t port = (*started)->port();
  HttpClient other(port);
  EXPECT_EQ(other.get("/healthz").status, 200);
  HttpClient closed(port);
  closed.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_THAT(closed.read_to_end(), ::testing::HasSubstr("ok"));

  HttpClient next(port);
  next.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  held.wait_for_requests(1);
  next.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  // The loop has seen it after two round trips elsewhere.
  EXPECT_EQ(other.get("/healthz").status, 200);
  EXPECT_EQ(other.get("/healthz").status, 200);
  for (auto& ready : held.take_held()) ready(snapshot_with_turns(1));
  EXPECT_EQ(next.receive().status, 200);
  EXPECT_EQ(next.receive().status, 200);
}

TEST_F(MetricsServerLimitsTest, EndlessRequestLineIsRefused) {
  serve({.max_header_bytes = 1000});
  HttpClient client(server->port());
  client.send("GET /" + std::string(100'000, 'x'));
  EXPECT_THAT(client.receive().status, ::testing::AnyOf(0, 400, 414, 431));
  expect_alive();
}

TEST_F(MetricsServerLimitsTest, OversizeBodyIsRefused) {
  serve({});
  HttpClient client(server->port());
  client.send(
      "POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
      "1000000\r\n\r\n");
  EXPECT_EQ(client.receive().status, 413);
  expect_alive();
}

TEST_F(MetricsServerLimitsTest, NonsenseIsRefused) {
  serve({});
  for (const char* nonsense :
       {"\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02", "GET /metrics\r\n\r\n",
        "BREW /metrics HTTP/1.1\r\n\r\n", "GET http:// HTTP/1.1\r\n\r\n",
        "CONNECT x:1 HTTP/1.1\r\n\r\n", "GET * HTTP/1.1\r\n\r\n"}) {
    HttpClient client(server->port());
    client.send(nonsense);
    client.reset();
    expect_alive();
  }
}

// Sends its request byte by byte: every byte is activity, the request never is.
TEST_F(MetricsServerLimitsTest, SlowSenderIsClosedAndHoldsUpNobody) {
  serve({.connection_timeout = milliseconds(200)});
  HttpClient slow(server->port());
  slow.send("GET /metrics HTT");
  expect_alive();
  EXPECT_EQ(slow.read_to_end(), "");
  expect_alive();
}

TEST_F(MetricsServerLimitsTest, IdleConnectionIsClosed) {
  serve({.connection_timeout = milliseconds(200)});
  HttpClient client(server->port());
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(MetricsServerLimitsTest, SlowReaderIsClosedAndHoldsUpNobody) {
  publish_large_page();
  serve({.max_connections = 1, .connection_timeout = milliseconds(300)});
  HttpClient slow(server->port(), /*ipv6=*/false, /*receive_buffer=*/4096);
  slow.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  // The next one is served only after that has been closed.
  expect_alive();
  EXPECT_EQ(slow.receive().status, 0) << "the page was cut";
}

TEST_F(MetricsServerLimitsTest, LargePageArrivesWhole) {
  publish_large_page();
  serve({});
  const HttpResponse response = http_get(server->port(), "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_GT(response.body.size(), 5'000'000U);
  EXPECT_TRUE(response.body.ends_with('\n'));
}

TEST_F(MetricsServerLimitsTest, VanishedReaderRaisesNoSignal) {
  publish_large_page();
  serve({});
  for (int i = 0; i < 5; ++i) {
    HttpClient client(server->port(), /*ipv6=*/false, /*receive_buffer=*/4096);
    client.send("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    source.wait_for_requests(static_cast<std::size_t>(i) + 1);
    client.reset();
  }
  expect_alive();
}

TEST_F(MetricsServerLimitsTest, ConnectionsBeyondTheLimitWaitTheirTurn) {
  serve({.max_connections = 2});
  auto first = std::make_unique<HttpClient>(server->port());
  HttpClient second(server->port());
  EXPECT_EQ(first->get("/healthz").status, 200);
  EXPECT_EQ(second.get("/healthz").status, 200);
  HttpClient third(server->port());
  third.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  // Round trips elsewhere in which it would have been answered.
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(second.get("/healthz").status, 200);
  }
  EXPECT_FALSE(third.has_input());
  first.reset();
  EXPECT_EQ(third.receive().status, 200);
}

TEST_F(MetricsServerLimitsTest, LimitIsNotUsedUpByConnectionsThatCameAndWent) {
  serve({.max_connections = 2});
  for (int i = 0; i < 20; ++i) expect_alive();
}

TEST_F(MetricsServerLimitsTest, LimitIsNotUsedUpByConnectionsThatWereRefused) {
  serve({.max_connections = 1, .max_header_bytes = 1000});
  for (int i = 0; i < 20; ++i) {
    HttpClient client(server->port());
    client.send(kOversizeRequest);
    client.read_to_end();
    expect_alive();
  }
}

}  // namespace
}  // namespace lksctp::test
