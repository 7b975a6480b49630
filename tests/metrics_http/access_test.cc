// Who may read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "http_client.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "log_source.h"

namespace lksctp::test {
namespace {

using ::testing::HasSubstr;

// "prometheus:secret"
const std::string kRight = "Authorization: Basic cHJvbWV0aGV1czpzZWNyZXQ=\r\n";

class AccessTest : public ::testing::Test {
 protected:
  void serve(MetricsServerOptions options) {
    options.port = 0;
    auto started = MetricsServer::start(source.functions(), std::move(options));
    ASSERT_TRUE(started) << started.error().to_string();
    server = std::move(*started);
  }
  int status(const std::string& path, const std::string& headers = "") {
    return http_get(server->port(), path, headers).status;
  }

  LogSource source;
  std::unique_ptr<MetricsServer> server;
};

TEST_F(AccessTest, WithThePasswordOnly) {
  serve({.auth = BasicAuth{"prometheus", "secret"}});
  for (const char* path : {"/metrics", "/status.json", "/none"}) {
    const HttpResponse refused = http_get(server->port(), path);
    EXPECT_EQ(refused.status, 401) << path;
    EXPECT_THAT(refused.headers.at("www-authenticate"), HasSubstr("Basic"));
    EXPECT_LT(refused.body.size(), 200U);
  }
  EXPECT_EQ(server->refused(), 3U);
  EXPECT_EQ(status("/healthz"), 200);
  EXPECT_EQ(status("/metrics", kRight), 200);
  EXPECT_EQ(status("/status.json", kRight), 200);
  EXPECT_EQ(status("/none", kRight), 404);
  EXPECT_EQ(status("/metrics",
                   "Authorization: bASIC  "
                   "cHJvbWV0aGV1czpzZWNyZXQ=\r\n"),
            200);
  // The password says who asks: names are fine.
  EXPECT_EQ(status("/metrics", kRight + "Host: sctp.example.org\r\n"), 200);
  EXPECT_EQ(server->refused(), 3U);
}

TEST_F(AccessTest, NothingNearThePassword) {
  serve({.auth = BasicAuth{"prometheus", "secret"}});
  for (const char* credentials :
       {"", "Basic", "Basic ", "Basic cHJvbWV0aGV1czpzZWNyZXQ",
        "Basic cHJvbWV0aGV1czpzZWNyZXQ==", "Basic cHJvbWV0aGV1czo=",
        "Basic cHJvbWV0aGV1czpzZWNyZXR4", "Bearer cHJvbWV0aGV1czpzZWNyZXQ=",
        "cHJvbWV0aGV1czpzZWNyZXQ=", "Basic prometheus:secret",
        "Basic \xff\xfe\xff"}) {
    EXPECT_EQ(status("/metrics",
                     std::string("Authorization: ") + credentials + "\r\n"),
              401)
        << credentials;
  }
}

TEST_F(AccessTest, NamesOfOtherSitesAreRefusedWithoutAPassword) {
  serve({});
  for (const char* path : {"/metrics", "/status.json", "/events", "/"}) {
    EXPECT_EQ(status(path, "Host: rebound.example.org:9464\r\n"), 403) << path;
  }
  EXPECT_EQ(server->refused(), 4U);
  EXPECT_EQ(status("/healthz", "Host: rebound.example.org\r\n"), 200);
  EXPECT_EQ(status("/metrics", "Host: localhost:9464\r\n"), 200);
  EXPECT_EQ(status("/metrics", "Host: [::1]:9464\r\n"), 200);
}

TEST_F(AccessTest, APublicServerHasAName) {
  serve({.host = "0.0.0.0", .allow_public = true});
  EXPECT_EQ(status("/metrics", "Host: sctp.example.org\r\n"), 200);
}

TEST_F(AccessTest, APasswordOpensAPublicAddress) {
  serve({.host = "0.0.0.0", .auth = BasicAuth{"prometheus", "secret"}});
  EXPECT_EQ(status("/metrics"), 401);
  EXPECT_EQ(status("/metrics", kRight), 200);
}

TEST_F(AccessTest, CredentialsThatHttpCannotCarry) {
  for (const BasicAuth& auth :
       {BasicAuth{"", "x"}, BasicAuth{"x", ""}, BasicAuth{"a:b", "x"},
        BasicAuth{"a", "x\n"}, BasicAuth{"a\x7f", "x"}}) {
    const auto refused =
        MetricsServer::start(source.functions(), {.port = 0, .auth = auth});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().to_string(), HasSubstr("auth"));
  }
}

}  // namespace
}  // namespace lksctp::test
