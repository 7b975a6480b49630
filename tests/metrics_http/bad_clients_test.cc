// All kinds of bad clients at once, beside a real association on both stacks: the
// endpoint gets over them, and the association loses nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "http_client.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "lksctp/reactor/reactor.h"
#include "stack_under_test.h"

namespace lksctp::test {
namespace {

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return std::distance(begin(all), end(all));
}

const std::string kWrong = "Authorization: Basic d3Jvbmc6d3Jvbmc=\r\n";
const std::string kRight = "Authorization: Basic cHJvbWV0aGV1czpzZWNyZXQ=\r\n";

// Two ends of one association that send one number after the other to and fro.
class BesideAnAssociation : public ::testing::Test {
 protected:
  void SetUp() override {
    auto created = Reactor::create({.stack = stack_under_test()});
    ASSERT_TRUE(created) << created.error().to_string();
    reactor = std::move(*created);
    ListenOptions listen{.name = "echo",
                         .local = {*Address::parse("127.0.0.1", 0)}};
    if (!on_kernel()) listen.udp.local_port = 0;
    AssociationHandlers echo;
    echo.on_message = [](Association& self, Message message) {
      EXPECT_TRUE(self.send(message.payload()));
    };
    auto listening = reactor->listen(listen, [echo](auto&) { return echo; });
    ASSERT_TRUE(listening) << listening.error().to_string();
    endpoint = *listening;
    ConnectOptions connect{.remote = {endpoint->local().front()},
                           .peer_name = "peer"};
    connect.udp.remote_port = endpoint->udp_port();
    AssociationHandlers counting;
    counting.on_established = [this](Association& self) { send_next(self); };
    counting.on_message = [this](Association& self, Message message) {
      std::uint64_t number = 0;
      ASSERT_EQ(message.payload().size(), sizeof number);
      std::memcpy(&number, message.payload().data(), sizeof number);
      EXPECT_EQ(number, next);
      ++exchanged;
      ++next;
      if (!ending) {
        send_next(self);
      } else {
        quiet = true;
      }
    };
    counting.on_closed = [this](auto&, const auto&) { ++closed; };
    ASSERT_TRUE(reactor->connect(connect, counting));
    loop = std::thread([this] { reactor->run(); });
    auto started = MetricsServer::start(
        source_of(*reactor), {.port = 0,
                              .auth = BasicAuth{"prometheus", "secret"},
                              .connection_timeout = std::chrono::seconds(2),
                              .snapshot_wait = std::chrono::minutes(1)});
    ASSERT_TRUE(started) << started.error().to_string();
    server = std::move(*started);
    // Both ends have their sockets then: descriptors can be counted.
    expect_progress();
  }

  void TearDown() override {
    if (server != nullptr) server->stop();
    if (reactor != nullptr) reactor->stop();
    if (loop.joinable()) loop.join();
  }

  void send_next(Association& self) {
    EXPECT_TRUE(self.send(std::as_bytes(std::span(&next, 1))));
  }

  // The association goes on.
  void expect_progress() {
    const std::uint64_t before = exchanged;
    while (exchanged < before + 50 && closed == 0) std::this_thread::yield();
    EXPECT_EQ(closed, 0);
  }

  // A new client that has sent `request`.
  HttpClient& send(const std::string& request, int receive_buffer = 0) {
    clients.push_back(std::make_unique<HttpClient>(
        server->port(), /*ipv6=*/false, receive_buffer));
    clients.back()->send(request);
    return *clients.back();
  }

  void send_all_that_is_bad() {
    for (int i = 0; i < 5; ++i) {
      send("GET /metrics HTT");  // and no more
      send("GET /metrics HTTP/1.1\r\nX: " + std::string(20'000, 'x'));
      send("POST /metrics HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n");
      send("POST /metrics HTTP/1.1\r\nContent-Length: 4000\r\n\r\nx");
      send("\x16\x03\x01\x02\x00\x01\x00\x01");
      send("GET /metrics HTTP/1.1\r\n" + kWrong + "\r\n");
      send("GET /metrics HTTP/1.1\r\n" + kRight + "\r\n", 4096);
      send("GET /events?since=0 HTTP/1.1\r\n" + kRight + "\r\n", 4096);
      // And what nobody asked for behind it: more than the server looks at, and no
      // more than its socket holds, so that this does not wait.
      send("GET /events HTTP/1.1\r\n" + kRight + "\r\n" +
               std::string(30'000, 'x'),
           4096);
    }
  }

  std::uint64_t next = 1;  // loop thread
  std::atomic<std::uint64_t> exchanged = 0;
  std::atomic<bool> ending = false;
  std::atomic<bool> quiet = false;
  std::atomic<int> closed = 0;
  std::unique_ptr<Reactor> reactor;
  std::shared_ptr<Endpoint> endpoint;
  std::thread loop;
  std::unique_ptr<MetricsServer> server;
  std::vector<std::unique_ptr<HttpClient>> clients;
};

TEST_F(BesideAnAssociation, BadClientsAreGotOver) {
  expect_progress();
  const std::ptrdiff_t before = open_descriptors();
  send_all_that_is_bad();
  expect_progress();
  // Good ones are served beside them.
  const HttpResponse page =
      http_get(server->port(), "/metrics?detail=endpoint", kRight);
  EXPECT_EQ(page.status, 200);
  expect_progress();
  clients.clear();
  // Every connection is given back.
  while (open_descriptors() != before) {
    EXPECT_EQ(http_get(server->port(), "/healthz").status, 200);
  }
  EXPECT_EQ(server->refused(), 5U);

  ending = true;
  while (!quiet) std::this_thread::yield();
  const auto status = nlohmann::json::parse(
      http_get(server->port(), "/status.json?peer=peer", kRight).body);
  const auto& peer = status["peers"][0];
  EXPECT_EQ(peer["sent"]["messages"], exchanged.load());
  EXPECT_EQ(peer["received"]["messages"], exchanged.load());
  EXPECT_EQ(peer["failedMessages"], 0);
  EXPECT_EQ(peer["up"], true);
}

TEST_F(BesideAnAssociation, TwoHundredAtOnce) {
  const std::ptrdiff_t before = open_descriptors();
  const std::string request =
      "GET /metrics HTTP/1.1\r\nAccept-Encoding: gzip\r\n" + kRight + "\r\n";
  for (int i = 0; i < 200; ++i) send(request);
  expect_progress();
  for (auto& client : clients) {
    EXPECT_EQ(client->receive().status, 200);
    client.reset();
  }
  while (open_descriptors() != before) {
    EXPECT_EQ(http_get(server->port(), "/healthz").status, 200);
  }
  expect_progress();
}

// Wrong passwords, as fast as they come: each costs a short answer and counts.
TEST_F(BesideAnAssociation, GuessingPasswords) {
  HttpClient guesser(server->port());
  for (int i = 0; i < 1000; ++i) {
    const HttpResponse refused = guesser.get("/metrics", kWrong);
    ASSERT_EQ(refused.status, 401);
    ASSERT_LT(refused.body.size(), 100U);
  }
  EXPECT_EQ(server->refused(), 1000U);
  expect_progress();
}

// The page's own way: the status, and the events that follow it.
TEST_F(BesideAnAssociation, StatusAndEventsTellTheSame) {
  expect_progress();
  const auto status = nlohmann::json::parse(
      http_get(server->port(), "/status.json", kRight).body);
  ASSERT_EQ(status["associations"].size(), 2U);
  for (const auto& association : status["associations"]) {
    EXPECT_EQ(association["stateName"], "established");
    EXPECT_EQ(association["paths"].size(), 1U);
    EXPECT_EQ(association["paths"][0]["stateName"], "active");
    EXPECT_EQ(association["stack"], on_kernel() ? "kernel" : "usrsctp");
  }
  HttpClient events(server->port());
  events.send("GET /events?association=" +
              status["associations"][0]["id"].get<std::string>() + "&since=" +
              status["seq"].dump() + " HTTP/1.0\r\n" + kRight + "\r\n");
  std::string text;
  while (text.find("event: traffic_sampled\n") == text.npos) {
    const std::string more = events.read_some();
    ASSERT_NE(more, "") << text;
    text += more;
    // Before a snapshot is taken the totals are.
    EXPECT_EQ(http_get(server->port(), "/status.json", kRight).status, 200);
  }
  EXPECT_NE(text.find("event: hello\n"), text.npos);
}

}  // namespace
}  // namespace lksctp::test
