// What a scrape may choose, and what a page tells beside the snapshot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "exposition.h"
#include "lksctp/metrics/text.h"
#include "recorded_log.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

Exposition page_of(const AssociationTable& table,
                   const MetricsSelection& selection) {
  Snapshot snapshot;
  snapshot.table = table;
  Scrape scrape;
  scrape.selection = selection;
  Exposition page = parse_exposition(
      to_text(snapshot, snapshot.monotonic, scrape, TextFormat::kPrometheus)
          .text);
  EXPECT_THAT(page.problems, IsEmpty());
  return page;
}

Exposition recorded_page(const MetricsSelection& selection) {
  return page_of(recorded_snapshot().table, selection);
}

TEST(SelectionTest, DetailIsALevel) {
  const auto families = [](MetricsDetail detail) {
    std::set<std::string> names;
    for (const auto& [name, family] :
         recorded_page({.detail = detail}).families) {
      names.insert(name.substr(0, name.find('_', 5)));
    }
    return names;
  };
  const auto endpoint = families(MetricsDetail::kEndpoint);
  EXPECT_TRUE(endpoint.contains("sctp_endpoint"));
  EXPECT_TRUE(endpoint.contains("sctp_reactor"));
  EXPECT_FALSE(endpoint.contains("sctp_association"));
  const auto association = families(MetricsDetail::kAssociation);
  EXPECT_TRUE(association.contains("sctp_association"));
  EXPECT_FALSE(association.contains("sctp_path"));
  EXPECT_TRUE(families(MetricsDetail::kPath).contains("sctp_path"));
}

TEST(SelectionTest, DetailsHaveNames) {
  EXPECT_EQ(metrics_detail_from_name("endpoint"), MetricsDetail::kEndpoint);
  EXPECT_EQ(metrics_detail_from_name("association"),
            MetricsDetail::kAssociation);
  EXPECT_EQ(metrics_detail_from_name("path"), MetricsDetail::kPath);
  EXPECT_EQ(metrics_detail_from_name("paths"), std::nullopt);
}

// Endpoint series do not depend on what is shown of peers.
TEST(SelectionTest, EndpointSeriesCountWhatIsNotShown) {
  const std::string sent =
      "sctp_endpoint_sent_bytes_total{endpoint=\"connect\"}";
  const double all = recorded_page({}).value(sent);
  EXPECT_EQ(all, 64000);
  EXPECT_EQ(recorded_page({.detail = MetricsDetail::kEndpoint}).value(sent),
            all);
  EXPECT_EQ(recorded_page({.max_peers = 0}).value(sent), all);
  EXPECT_EQ(recorded_page({.peers = {"nobody"}}).value(sent), all);
}

TEST(SelectionTest, NamesFilter) {
  const auto keys = [](const MetricsSelection& selection) {
    std::vector<std::string> all;
    for (const auto& [name, family] : recorded_page(selection).families) {
      for (const auto& [key, value] : family.samples) all.push_back(key);
    }
    return all;
  };
  EXPECT_THAT(keys({.families = {"sctp_association_up", "sctp_path_up"}}),
              Each(HasSubstr("_up{")));
  EXPECT_THAT(keys({.families = {"sctp_association_up"}, .peers = {"mme"}}),
              ::testing::ElementsAre(
                  "sctp_association_up{endpoint=\"listen:127.0.0.1:2905\","
                  "peer=\"mme\"}"));
  EXPECT_THAT(keys({.endpoints = {"connect"}}),
              Each(Not(HasSubstr("listen:"))));
  EXPECT_THAT(keys({.families = {"nothing"}}), IsEmpty());
}

TEST(SelectionTest, GuardKeepsConfiguredPeersThenTheFirst) {
  TableBuilder t;
  t.open_listener();
  for (const char* name : {"c", "b", "a"}) {
    t.accept(AssociationId(1U + static_cast<unsigned>('c' - *name)), name);
  }
  t.add({}, {}, PeerExpected{"listen:127.0.0.1:2905", "z"});
  const Exposition page = page_of(t.table(), {.max_peers = 2});
  const auto up = [&](const char* peer) {
    return page.value(std::string("sctp_association_up{endpoint=\"listen:127.0."
                                  "0.1:2905\",peer=\"") +
                      peer + "\"}");
  };
  EXPECT_EQ(up("z"), 0);
  EXPECT_EQ(up("c"), 0);
  EXPECT_TRUE(std::isnan(up("a")) && std::isnan(up("b")));
  EXPECT_EQ(page.value("sctp_exporter_dropped_peers{endpoint=\"listen:127.0.0."
                       "1:2905\"}"),
            2);
}

TEST(SelectionTest, StreamsBeyondTheBoundShareASeries) {
  const auto value = [](const Exposition& page, const char* stream) {
    return page.value(
        std::string("sctp_stream_messages_total{endpoint=\"connect\",peer="
                    "\"hlr-1\",stream=\"") +
        stream + "\",direction=\"out\"}");
  };
  const Exposition two = recorded_page({.max_streams = 2});
  EXPECT_EQ(value(two, "0"), 400);
  EXPECT_EQ(value(two, "1"), 350);
  EXPECT_EQ(value(two, "other"), 250);
  EXPECT_EQ(value(recorded_page({.max_streams = 1}), "other"), 600);
  EXPECT_FALSE(
      recorded_page({}).families.contains("sctp_stream_messages_total"));
}

TEST(SelectionTest, WhatIsNotKnownIsAbsent) {
  const Exposition page = recorded_page({});
  for (const char* name : {"sctp_host_associations", "sctp_host_packets_total",
                           "sctp_exporter_uptime_seconds",
                           "sctp_exporter_series", "sctp_build_info"}) {
    EXPECT_FALSE(page.families.contains(name)) << name;
  }
}

TEST(HostCountersTest, LinesOfANameAndANumber) {
  EXPECT_THAT(
      parse_host_counters("SctpA   \t7\nSctpB 18446744073709551615\n"
                          "\nSctpC\nSctpD x\nSctpE -1\nSctpF 3 x\n 5"),
      ::testing::ElementsAre(::testing::Pair("SctpA", 7U),
                             ::testing::Pair("SctpB", 18446744073709551615U)));
  EXPECT_THAT(parse_host_counters(""), IsEmpty());
}

// An older kernel counts less: what it lacks is absent, the rest is there.
TEST(HostCountersTest, MissingCounterIsAMissingSample) {
  Scrape scrape;
  scrape.facts.host = parse_host_counters("SctpActiveEstabs 4\n");
  const Exposition page = parse_exposition(
      to_text(Snapshot(), {}, scrape, TextFormat::kPrometheus).text);
  EXPECT_EQ(page.value("sctp_host_associations_opened_total{mode=\"active\"}"),
            4);
  EXPECT_TRUE(std::isnan(
      page.value("sctp_host_associations_opened_total{mode=\"passive\"}")));
  EXPECT_FALSE(page.families.contains("sctp_host_associations"));
}

TEST(HostCountersTest, NoFileIsNoCounters) {
  EXPECT_EQ(read_host_counters("/nonexistent/snmp"), std::nullopt);
}

}  // namespace
}  // namespace lksctp::test
