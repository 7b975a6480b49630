// What is answered: formats, compression, selections, status.json, headers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "exposition.h"
#include "http_client.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "log_source.h"
#include "openmetrics.h"
#include "table_builder.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, MAX_WBITS + 16), Z_OK);
  std::string text(1'000'000, '\0');
  std::string in = bytes;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(text.size() - stream.avail_out);
  inflateEnd(&stream);
  return text;
}

class AnswersTest : public ::testing::Test {
 protected:
  AnswersTest() {
    source.tell(EndpointId(1), {},
                EndpointOpened{.name = "m3ua",
                               .role = EndpointRole::kListen,
                               .stack = StackKind::kUsrsctp});
    source.tell(EndpointId(1), AssociationId(1),
                AssociationAccepted{.peer = "stp",
                                    .remote = address("10.0.0.9", 40000)});
    source.tell("hlr");
    auto started = MetricsServer::start(source.functions(), {.port = 0});
    server = std::move(started).value();
  }
  HttpResponse get(const std::string& path, const std::string& headers = "") {
    return http_get(server->port(), path, headers);
  }

  LogSource source;
  std::unique_ptr<MetricsServer> server;
};

TEST_F(AnswersTest, OpenMetricsForThoseWhoAskForIt) {
  const HttpResponse page =
      get("/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.at("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_THAT(page.headers.at("vary"), HasSubstr("Accept"));
  EXPECT_THAT(parse_openmetrics(page.body).problems, ::testing::IsEmpty());
  EXPECT_THAT(get("/metrics").body, Not(HasSubstr("# EOF")));
}

TEST_F(AnswersTest, CompressedForThoseWhoTakeIt) {
  for (const char* path :
       {"/metrics?family=sctp_association_up", "/status.json?peer=hlr"}) {
    const HttpResponse packed = get(path, "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
    const HttpResponse plain = get(path);
    EXPECT_FALSE(plain.headers.contains("content-encoding"));
    const std::string text = gunzip(packed.body);
    EXPECT_EQ(text.substr(0, 20), plain.body.substr(0, 20));
    EXPECT_EQ(text.back(), plain.body.back());
  }
}

TEST_F(AnswersTest, HeadTellsTheLengthOfWhatGetWouldSend) {
  HttpClient client(server->port());
  client.send("HEAD /status.json HTTP/1.1\r\nHost: [::1]\r\n\r\n");
  const HttpResponse head = client.receive(/*head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_GT(std::stoi(head.headers.at("content-length")), 100);
  client.send("HEAD /events HTTP/1.1\r\nHost: [::1]\r\n\r\n");
  EXPECT_EQ(client.receive(/*head=*/true).headers.at("content-type"),
            "text/event-stream");
  EXPECT_EQ(client.get("/healthz").body, "ok\n");
}

// docs/http.md says so.
TEST_F(AnswersTest, WhatIsNoRequestThatCanBeRead) {
  const auto answer = [&](const std::string& request) {
    HttpClient client(server->port());
    client.send(request);
    return client.receive();
  };
  const std::string host = " HTTP/1.1\r\nHost: localhost\r\n";
  const HttpResponse other = answer("DELETE /metrics" + host + "\r\n");
  EXPECT_EQ(other.status, 405);
  EXPECT_EQ(other.headers.at("cache-control"), "no-store");
  EXPECT_EQ(answer("FOO /metrics" + host + "\r\n").status, 501);
  EXPECT_EQ(answer("POST /metrics" + host + "Content-Length: 6000\r\n\r\n" +
                   std::string(6000, 'x'))
                .status,
            413);
  EXPECT_EQ(answer("POST /metrics" + host + "Content-Length: 4096\r\n\r\n" +
                   std::string(4096, 'x'))
                .status,
            405);
}

TEST_F(AnswersTest, ChosenDetail) {
  const Exposition all = parse_exposition(get("/metrics").body);
  EXPECT_TRUE(all.families.contains("sctp_association_up"));
  const Exposition few = parse_exposition(get("/metrics?detail=endpoint").body);
  EXPECT_FALSE(few.families.contains("sctp_association_up"));
  EXPECT_TRUE(few.families.contains("sctp_endpoint_info"));
}

TEST_F(AnswersTest, ChosenFamiliesAndEndpoints) {
  const Exposition two = parse_exposition(
      get("/metrics?family=sctp_association_up&family=sctp_endpoint_info")
          .body);
  EXPECT_EQ(two.families.size(), 2U);
  const std::string up =
      get("/metrics?endpoint=m3ua&family=sctp_association_up").body;
  EXPECT_THAT(up, HasSubstr("peer=\"stp\""));
  EXPECT_THAT(up, Not(HasSubstr("peer=\"hlr\"")));
}

TEST_F(AnswersTest, WrongQueriesSayWhatIsRight) {
  for (const auto& [path, allowed] :
       {std::pair{"/metrics?detail=all", "endpoint, association, path"},
        {"/metrics?detail=path&detail=endpoint", "once"},
        {"/metrics?family=sctp_association", "sctp_association_up"},
        {"/metrics?name=x", "detail, endpoint, family"},
        {"/metrics?detail", "?name=value"},
        {"/status.json?limit=-1", "whole numbers"},
        {"/status.json?id=1", "endpoint, limit, peer"},
        {"/events?kind=x", "association_closed"},
        {"/events?since=x", "numbers of events"},
        {"/events?assoc=1", "association, endpoint, kind, peer, since"},
        {"/events?association=x", "ids of associations"}}) {
    const HttpResponse refused = get(path);
    EXPECT_EQ(refused.status, 400) << path;
    EXPECT_THAT(refused.body, HasSubstr(allowed));
  }
}

TEST_F(AnswersTest, Status) {
  const HttpResponse answer = get("/status.json");
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  const auto status = nlohmann::json::parse(answer.body);
  EXPECT_EQ(status["seq"], 3);
  EXPECT_EQ(status["associations"][0]["peer"], "stp");
  EXPECT_EQ(status["peers"].size(), 2U);
  const auto chosen =
      nlohmann::json::parse(get("/status.json?endpoint=m3ua&limit=0").body);
  EXPECT_EQ(chosen["peers"].size(), 0U);
  EXPECT_EQ(chosen["omitted"]["peers"], 1);
  EXPECT_EQ(chosen["started"], status["started"]);
}

// For who opens the address alone.
TEST_F(AnswersTest, TheRootLeadsToThePage) {
  const HttpResponse root = get("/");
  EXPECT_EQ(root.status, 302);
  // Relative to the root, wherever a proxy has put it.
  EXPECT_EQ(root.headers.at("location"), "status");
  const HttpResponse page = get("/status");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.headers.at("content-security-policy"),
              StartsWith("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page.body, StartsWith("<!doctype html>"));
}

TEST_F(AnswersTest, NothingIsKeptOrGuessedOrSharedWithOtherSites) {
  for (const char* path : {"/metrics", "/status.json", "/healthz", "/none"}) {
    const HttpResponse answer = get(path, "Origin: http://example.org\r\n");
    EXPECT_EQ(answer.headers.at("cache-control"), "no-store") << path;
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff") << path;
    EXPECT_FALSE(answer.headers.contains("access-control-allow-origin"));
  }
}

}  // namespace
}  // namespace lksctp::test
