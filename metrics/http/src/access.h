// Who may read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http_answer.h"
#include "lksctp/metrics_http/metrics_server.h"

namespace lksctp {

// Basic authentication (RFC 7617); without it, on a loopback address, the rule
// against DNS rebinding. Thread-compatible; constant after construction.
class Access {
 public:
  // `loopback`: the server listens on a loopback address.
  Access(const std::optional<BasicAuth>& auth, bool loopback);

  // The answer to a request that may not read: 401 or 403; nullopt: it may.
  // `authorization` and `host` are its headers; an absent Host, which no browser
  // sends, passes.
  [[nodiscard]] std::optional<HttpAnswer> refusal(
      std::optional<std::string_view> authorization,
      std::optional<std::string_view> host) const;

 private:
  std::optional<std::string> credentials_;  // in base64
  bool literal_hosts_only_ = false;
};

}  // namespace lksctp
