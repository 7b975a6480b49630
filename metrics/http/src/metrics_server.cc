#include "lksctp/metrics_http/metrics_server.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "server_loop.h"
#include "sockets.h"

namespace lksctp {
namespace {

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

Result<void> check(const MetricsServerOptions& options) {
  if (options.max_connections == 0 || options.max_header_bytes == 0 ||
      options.kept_events == 0) {
    return tl::unexpected(Error::invalid_argument(
        "max_connections, max_header_bytes and kept_events must be above 0"));
  }
  if (options.event_heartbeat <= std::chrono::milliseconds(0)) {
    return tl::unexpected(
        Error::invalid_argument("event_heartbeat must be above 0"));
  }
  if (!options.auth) return {};
  if (options.auth->user.empty() || options.auth->password.empty() ||
      options.auth->user.find(':') != std::string::npos ||
      has_control_character(options.auth->user) ||
      has_control_character(options.auth->password)) {
    return tl::unexpected(Error::invalid_argument(
        "auth needs a user without a colon and a password, neither empty nor "
        "with control characters (RFC 7617)"));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(
    MetricsSource source, MetricsServerOptions options) {
  if (!source.snapshot || !source.request_snapshot) {
    return tl::unexpected(Error::invalid_argument(
        "a metrics source needs both snapshot and request_snapshot"));
  }
  if (auto checked = check(options); !checked) {
    return tl::unexpected(std::move(checked).error());
  }
  const auto host = parse_host(options.host, options.port,
                               options.allow_public || options.auth);
  if (!host) return tl::unexpected(host.error());
  auto mailbox = Mailbox::create(options.kept_events);
  if (!mailbox) return tl::unexpected(std::move(mailbox).error());
  const auto socket = listen_tcp(*host);
  if (!socket) return tl::unexpected(socket.error());
  auto loop = std::make_unique<Loop>(std::move(source), std::move(options),
                                     socket->address, std::move(*mailbox));
  if (auto started = loop->start(socket->descriptor); !started) {
    return tl::unexpected(std::move(started).error());
  }
  return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(loop)));
}

MetricsServer::MetricsServer(std::unique_ptr<Loop> loop)
    : loop_(std::move(loop)) {}

MetricsServer::~MetricsServer() = default;

std::uint16_t MetricsServer::port() const { return loop_->address().port; }

std::string MetricsServer::url() const {
  return "http://" + loop_->address().to_string();
}

std::uint64_t MetricsServer::refused() const { return loop_->refused(); }

void MetricsServer::stop() { loop_->stop(); }

}  // namespace lksctp
