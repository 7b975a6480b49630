// From an association to a scrape: a real reactor on its own thread, a real
// association over loopback, a real HTTP request.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "http_client.h"
#include "lksctp/metrics/collectable.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "lksctp/reactor/reactor.h"

namespace lksctp {
namespace {

TEST(MetricsOfARealReactor, AScrapeShowsTheAssociation) {
  auto created = Reactor::create({.stack = StackChoice::kUsrsctp});
  ASSERT_TRUE(created.has_value()) << created.error().to_string();
  const std::unique_ptr<Reactor> reactor = std::move(*created);
  std::atomic<int> received{0};
  const auto endpoint = reactor->listen(
      {.name = "m3ua",
       .local = {*Address::parse("127.0.0.1", 0)},
       .udp = {.local_port = 0},
       .peer_name = [](const Address&) { return "stp-1"; }},
      [&](const auto&) {
        return AssociationHandlers{
            .on_message = [&](Association&, Message) { ++received; }};
      });
  ASSERT_TRUE(endpoint.has_value());
  ConnectOptions options;
  options.remote = {(*endpoint)->local().front()};
  options.udp.remote_port = (*endpoint)->udp_port();
  AssociationHandlers handlers;
  handlers.on_established = [](Association& self) {
    const std::byte three[3] = {};
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(self.send(three));
  };
  ASSERT_TRUE(reactor->connect(options, handlers).has_value());

  std::thread loop([&] { reactor->run(); });
  while (received < 5) std::this_thread::yield();
  auto server = MetricsServer::start(
      {.snapshot = [&] { return reactor->snapshot(); },
       .request_snapshot =
           [&](auto ready) { reactor->request_snapshot(std::move(ready)); }},
      // As long as it takes: this scrape must be exact.
      {.port = 0, .snapshot_wait = std::chrono::minutes(1)});
  ASSERT_TRUE(server.has_value()) << server.error().to_string();
  const std::string page = test::http_get((*server)->port(), "/metrics").body;
  (*server)->stop();
  // What prometheus-cpp collects, too, of all that has happened since.
  const SnapshotCollectable collectable(source_of(*reactor), {},
                                        std::chrono::minutes(1));
  const SnapshotPtr before = reactor->snapshot();
  reactor->post([&] { reactor->expect_peer("m3ua", "stp-2"); });
  const auto families = collectable.Collect();
  EXPECT_GT(reactor->snapshot()->table.seq(), before->table.seq());
  reactor->stop();
  loop.join();

  const auto up = std::ranges::find(families, "sctp_association_up",
                                    &prometheus::MetricFamily::name);
  ASSERT_NE(up, families.end());
  EXPECT_TRUE(std::ranges::any_of(up->metric, [](const auto& metric) {
    return metric.label.back().value == "stp-2" && metric.gauge.value == 0;
  }));
  EXPECT_TRUE(std::ranges::any_of(up->metric, [](const auto& metric) {
    return metric.label.back().value == "stp-1" && metric.gauge.value == 1;
  }));
  for (const char* line :
       {"sctp_association_up{endpoint=\"m3ua\",peer=\"stp-1\"} 1",
        "sctp_association_received_messages_total{endpoint=\"m3ua\",peer="
        "\"stp-1\"} 5",
        "sctp_association_received_bytes_total{endpoint=\"m3ua\",peer="
        "\"stp-1\"} 15",
        "sctp_path_up{endpoint=\"m3ua\",peer=\"stp-1\",address=\"127.0.0.1"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << "\n" << page;
  }
}

}  // namespace
}  // namespace lksctp
