// What series say is what the kernel says: paths that fail, peers that are killed and
// restart, lost packets, each checked against /proc/net/sctp and `ss` in the same run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "exposition.h"
#include "lksctp/metrics/text.h"
#include "peer_process.h"
#include "two_hosts.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;

// Rows by the names that the first line has.
std::vector<std::map<std::string, std::string>> read_table(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  std::istringstream heading(line);
  std::vector<std::string> names;
  for (std::string name; heading >> name;) names.push_back(name);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    auto& row = rows.emplace_back();
    for (const std::string& name : names) words >> row[name];
  }
  return rows;
}

std::string output_of(const char* command) {
  FILE* pipe = ::popen(command, "r");
  EXPECT_NE(pipe, nullptr);
  std::string text;
  char buffer[4096];
  for (std::size_t got = 0;
       (got = std::fread(buffer, 1, sizeof buffer, pipe));) {
    text.append(buffer, got);
  }
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return text;
}

// Seconds per tick of the kernel's own clock, which /proc/net/sctp counts in.
double tick() {
  timespec resolution{};
  EXPECT_EQ(::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution), 0);
  return static_cast<double>(resolution.tv_sec) +
         static_cast<double>(resolution.tv_nsec) / 1e9;
}

class KernelTruth : public TwoHosts {
 protected:
  // A scrape of now, of the near host.
  Exposition scrape() {
    SnapshotPtr snapshot;
    reactor_->request_snapshot([&](SnapshotPtr ready) { snapshot = ready; });
    EXPECT_TRUE(wait([&] { return snapshot != nullptr; }));
    Scrape scrape;
    scrape.facts.host = read_host_counters();
    const Exposition page = parse_exposition(
        to_text(*snapshot, snapshot->monotonic, scrape, TextFormat::kPrometheus)
            .text);
    EXPECT_THAT(page.problems, testing::IsEmpty());
    return page;
  }

  // A counter of /proc/net/sctp/snmp of the near host.
  static double counted(const std::string& name) {
    std::ifstream file("/proc/net/sctp/snmp");
    std::string key;
    double number = 0;
    while (file >> key >> number) {
      if (key == name) return number;
    }
    ADD_FAILURE() << "no " << name;
    return 0;
  }

  // `sctp_association_<name>{endpoint="connect",peer="far"<more>}`
  static std::string of_peer(const std::string& name,
                             const std::string& more = "") {
    return "sctp_" + name + "{endpoint=\"connect\",peer=\"far\"" + more + "}";
  }

  // Associations of the near host by their local port.
  static std::vector<std::map<std::string, std::string>> associations(
      std::uint16_t port) {
    auto rows = read_table("/proc/net/sctp/assocs");
    std::erase_if(
        rows, [&](auto& row) { return row["LPORT"] != std::to_string(port); });
    return rows;
  }
};

TEST_F(KernelTruth, APathThatFails) {
  connect_hosts({.peer_name = "far"});
  stream_until(*client, [&] { return streamed_ == 50; });
  silence(Link::kSecond);
  ASSERT_TRUE(wait([&] {
    return path(*client, far4(Link::kSecond))->state == PathState::kInactive;
  }));
  const auto label = [](Link link) {
    return ",address=\"" + far4(link).ip_string() + "\"";
  };
  // Timers go on meanwhile: until both were read at the same moment.
  const double seconds_per_tick = tick();
  ASSERT_TRUE(wait([&] {
    EXPECT_TRUE(client->association->sample().has_value());
    const auto rows = read_table("/proc/net/sctp/remaddr");
    const Exposition page = scrape();
    return rows.size() == 2 && std::ranges::all_of(rows, [&](auto row) {
             const std::string address = ",address=\"" + row["ADDR"] + "\"";
             const double rto = std::stod(row["RTO"]) * seconds_per_tick;
             return std::abs(page.value(of_peer("path_rto_seconds", address)) -
                             rto) < seconds_per_tick / 2 &&
                    page.value(of_peer("path_state", address)) ==
                        std::stod(row["STATE"]);
           });
  })) << "RTO in ticks and states as /proc/net/sctp/remaddr has them";
  const Exposition page = scrape();
  EXPECT_EQ(page.value(of_peer("path_up", label(Link::kFirst))), 1);
  EXPECT_EQ(page.value(of_peer("path_up", label(Link::kSecond))), 0);
  EXPECT_EQ(
      page.value(of_peer("path_changes_total",
                         label(Link::kSecond) + ",event=\"unreachable\"")),
      static_cast<double>(path_events(*client, far4(Link::kSecond),
                                      {PeerAddressState::kUnreachable})
                              .size()));
  EXPECT_EQ(page.value(of_peer("path_changes_total",
                               label(Link::kFirst) + ",event=\"unreachable\"")),
            0);
  EXPECT_EQ(page.value(of_peer("association_up")), 1);
  EXPECT_EQ(page.value(of_peer("association_lost")), 0);
}

TEST_F(KernelTruth, AnAssociationAsSsShowsIt) {
  connect_hosts({.peer_name = "far"});
  stream_until(*client, [&] { return streamed_ == 50; });
  expect_streamed(*server);
  ASSERT_TRUE(wait([&] {
    return client->association->sample() &&
           client->association->record()->status->unacknowledged_chunks == 0;
  }));
  const Exposition page = scrape();
  const std::string shown = output_of("ss -S -i -n -O");
  EXPECT_THAT(shown, HasSubstr("peers:10.1.0.2,10.2.0.2"));
  EXPECT_THAT(shown, HasSubstr("state:ESTAB"));
  const auto number = [](double value) {
    return std::to_string(static_cast<std::uint64_t>(value));
  };
  for (const auto& [name, series] :
       {std::pair("prwnd:", of_peer("association_receive_window_bytes")),
        {"instrms:", of_peer("association_streams", ",direction=\"in\"")},
        {"outstrms:", of_peer("association_streams", ",direction=\"out\"")}}) {
    EXPECT_THAT(shown, HasSubstr(name + number(page.value(series)) + " "));
  }
  EXPECT_EQ(page.value(of_peer("association_state")), 4);
  const auto rows =
      associations(client->association->record()->local.front().port);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(page.value(of_peer("association_instances")), 1);
  EXPECT_EQ(page.value("sctp_host_associations"), counted("SctpCurrEstab"));
}

TEST_F(KernelTruth, APeerThatIsKilled) {
  PeerProcess peer({"serve"});
  ConnectOptions options{.peer_name = "far"};
  options.association.options = fast_failure();
  set_peer(options, peer.listening().sctp, 0);
  End& end = clients_.emplace_back();
  end.association = *reactor_->connect(options, end.handlers());
  ASSERT_TRUE(wait([&] { return end.up; }));
  ASSERT_TRUE(end.association->send(bytes_of("ping")).has_value());
  ASSERT_TRUE(wait([&] { return end.messages.size() == 1; }));
  ASSERT_TRUE(end.association->sample().has_value());
  const std::uint16_t port = end.association->record()->local.front().port;
  EXPECT_EQ(associations(port).size(), 1u);
  const std::string packets = of_peer("association_sent_packets_total");
  const double before = scrape().value(packets);
  EXPECT_GT(before, 0);
  const double aborted = counted("SctpAborteds");
  peer.kill(SIGKILL);
  ASSERT_TRUE(wait([&] { return end.closed.has_value(); }));
  run_pending(*reactor_);
  const Exposition page = scrape();
  EXPECT_TRUE(associations(port).empty());
  EXPECT_EQ(page.value(of_peer("association_up")), 0);
  EXPECT_EQ(page.value(of_peer("association_configured")), 1);
  EXPECT_EQ(page.value(of_peer("association_lost")), 1);
  EXPECT_EQ(page.value(of_peer("association_closed_total",
                               ",reason=\"abort_remote\"")),
            1);
  EXPECT_EQ(
      page.value(of_peer("association_changes_total", ",event=\"comm_lost\"")),
      1);
  EXPECT_GE(page.value(packets), before) << "what was counted stays";
  const double aborts =
      page.value("sctp_host_associations_closed_total{mode=\"abort\"}");
  EXPECT_EQ(aborts, counted("SctpAborteds"));
  EXPECT_GT(aborts, aborted);
  EXPECT_EQ(
      page.value("sctp_reactor_events_total{kind=\"association_closed\"}"), 1);
}

TEST_F(KernelTruth, APeerThatRestarts) {
  const auto endpoint = listen({.name = "connect", .peer_name = [](auto&) {
                                  return std::string("far");
                                }});
  const std::uint16_t port = endpoint->local().front().port;
  const Strings arguments = {"connect", std::to_string(port), "0", "40001",
                             "0"};
  PeerProcess first(arguments);
  ASSERT_TRUE(wait(
      [&] { return !accepted_.empty() && accepted_[0].message_count > 0; }));
  End& end = accepted_[0];
  ASSERT_TRUE(end.association->sample().has_value());
  const std::string packets = of_peer("association_received_packets_total");
  const double before = scrape().value(packets);
  network_drops_everything();
  first.kill(SIGKILL);
  network_works();
  PeerProcess second(arguments);
  const std::size_t messages = end.message_count;
  ASSERT_TRUE(wait([&] { return end.message_count > messages; }));
  ASSERT_TRUE(end.association->sample().has_value());
  const Exposition page = scrape();
  EXPECT_EQ(associations(port).size(), 1u) << "the same association";
  EXPECT_EQ(
      page.value(of_peer("association_changes_total", ",event=\"restart\"")),
      1);
  EXPECT_EQ(page.value(of_peer("association_up")), 1);
  EXPECT_EQ(page.value(of_peer("association_instances")), 1);
  EXPECT_EQ(page.value(of_peer("association_lost")), 0);
  EXPECT_GT(page.value(packets), before) << "the kernel counts on";
}

TEST_F(KernelTruth, LostPackets) {
  connect_hosts({.peer_name = "far"});
  for (const Link link : {Link::kFirst, Link::kSecond}) {
    disturb(link, "loss 5%");
  }
  stream_until(*client, [&] { return streamed_ == 2000; });
  ASSERT_TRUE(wait([&] { return server->message_count == streamed_; }));
  for (const Link link : {Link::kFirst, Link::kSecond}) restore(link);
  // Heartbeats go on meanwhile: until both were read at the same moment.
  const std::map<std::string, std::string> same = {
      {"association_received_packets_total", "SctpInSCTPPacks"},
      {"association_sent_control_chunks_total", "SctpOutCtrlChunks"},
      {"association_received_control_chunks_total", "SctpInCtrlChunks"},
  };
  std::string different;
  EXPECT_TRUE(wait([&] {
    EXPECT_TRUE(client->association->sample().has_value());
    const Exposition page = scrape();
    different.clear();
    for (const auto& [series, counter] : same) {
      const double value = page.value(of_peer(series));
      if (value == counted(counter)) continue;
      different += series + ' ' + std::to_string(value) + " is not " + counter +
                   ' ' + std::to_string(counted(counter)) + '\n';
    }
    // Of packets sent, the association has been seen to count more.
    return different.empty() &&
           page.value(of_peer("association_sent_packets_total")) >=
               counted("SctpOutSCTPPacks");
  })) << different;
  const Exposition page = scrape();
  const auto one_per_message = static_cast<double>(streamed_);
  EXPECT_EQ(page.value(of_peer("association_sent_data_chunks_total",
                               ",ordering=\"ordered\"")),
            one_per_message);
  EXPECT_EQ(counted("SctpOutOrderChunks"), one_per_message);
  EXPECT_GT(page.value(of_peer("association_retransmitted_chunks_total")), 0);
  EXPECT_GT(page.value(of_peer("association_gap_acks_received_total")), 0);
  EXPECT_GT(page.value("sctp_host_retransmits_total{cause=\"t3\"}") +
                page.value("sctp_host_retransmits_total{cause=\"fast\"}"),
            0);
  EXPECT_EQ(page.value("sctp_endpoint_sent_messages_total{endpoint=\"connect\","
                       "protocol=\"unspecified\"}"),
            one_per_message);
}

}  // namespace
}  // namespace lksctp::test
