// What the headers and the query of a request mean.
#include <gtest/gtest.h>

#include "gzip.h"
#include "http_request.h"
#include "selections.h"

namespace lksctp::test {
namespace {

TEST(NegotiationTest, PrometheusGetsOpenMetrics) {
  // 2.42 and 3.0, as they send it.
  for (const char* accept :
       {"application/openmetrics-text;version=1.0.0,application/"
        "openmetrics-text;version=0.0.1;q=0.75,text/"
        "plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,text/"
        "plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/"
        "plain;version=0.0.4;q=0.3,*/*;q=0.2"}) {
    EXPECT_EQ(preferred_format(accept), TextFormat::kOpenMetrics) << accept;
  }
}

TEST(NegotiationTest, OthersGetText) {
  for (const char* accept :
       {"", "*/*", "text/plain", "text/html,application/xhtml+xml,*/*;q=0.8",
        "application/openmetrics-text;version=0.0.1",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=x",
        "application/openmetrics-text;q=0.3, text/plain;q=0.4", ";;,,=;q",
        "application/openmetrics-textual"}) {
    EXPECT_EQ(preferred_format(accept), TextFormat::kPrometheus) << accept;
  }
  for (const char* accept :
       {"application/openmetrics-text", "Application/OpenMetrics-Text ; Q=0.1",
        " text/plain ; q=0.5 , application/openmetrics-text ; version=1.0.0"}) {
    EXPECT_EQ(preferred_format(accept), TextFormat::kOpenMetrics) << accept;
  }
}

TEST(NegotiationTest, Gzip) {
  for (const char* accepted : {"gzip", "deflate, gzip;q=1.0, *;q=0.5", "*",
                               "GZIP", "x-gzip", "identity;q=0, *;q=0.1"}) {
    EXPECT_TRUE(takes_gzip(accepted)) << accepted;
  }
  for (const char* refused :
       {"", "identity", "gzip;q=0", "br", "*;q=1, gzip;q=0", "gzip;q=nan(x"}) {
    EXPECT_FALSE(takes_gzip(refused)) << refused;
  }
}

TEST(NegotiationTest, HostsThatNoNameServerCanMove) {
  for (const char* host :
       {"localhost", "LocalHost:9464", "127.0.0.1", "127.0.0.1:9464",
        "[::1]:9464", "[::1]", "192.0.2.1"}) {
    EXPECT_TRUE(is_literal_host(host)) << host;
  }
  for (const char* host :
       {"", "example.org", "localhost.example.org", "127.0.0.1.example.org",
        "127.0.0.1:x", "[::1", "[::1]x", "[localhost", ":9464", "1"}) {
    EXPECT_FALSE(is_literal_host(host)) << host;
  }
}

TEST(NegotiationTest, Queries) {
  const auto query = parse_query("a=1&b=x%20y&a=2");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->at("a").size(), 2U);
  EXPECT_TRUE(query->at("b").contains("x y"));
  EXPECT_TRUE(parse_query("")->empty());
  EXPECT_FALSE(parse_query("nothing"));
}

TEST(NegotiationTest, TheServersSelectionIsABound) {
  const MetricsSelection shown{.detail = MetricsDetail::kAssociation,
                               .families = {"sctp_association_up"},
                               .endpoints = {"a", "b"}};
  EXPECT_TRUE(metrics_selection({}, shown));
  EXPECT_FALSE(metrics_selection({{"detail", {"path"}}}, shown));
  EXPECT_EQ(metrics_selection({{"endpoint", {"a"}}}, shown)->endpoints,
            MetricsSelection::Names{"a"});
  EXPECT_FALSE(metrics_selection({{"endpoint", {"c"}}}, shown));
  EXPECT_FALSE(metrics_selection({{"family", {"sctp_path_up"}}}, shown));
}

TEST(NegotiationTest, ThatOfAnotherServerIsNoErrorInAReader) {
  EXPECT_FALSE(event_selection({}, "not-a-number")->since);
  EXPECT_EQ(event_selection({{"since", {"3"}}}, "7")->since, EventSeq(7));
  EXPECT_EQ(event_selection({{"since", {"3"}}}, std::nullopt)->since,
            EventSeq(3));
  EXPECT_FALSE(event_selection({{"since", {"-3"}}}, std::nullopt));
  EXPECT_FALSE(event_selection({{"association", {"x"}}}, std::nullopt));
  EXPECT_FALSE(event_selection({{"kind", {"x"}}}, std::nullopt));
}

}  // namespace
}  // namespace lksctp::test
