#include "lksctp/metrics_http/metrics_server.h"

#include <utility>

#include "server_loop.h"
#include "sockets.h"

namespace lksctp {

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(
    MetricsSource source, MetricsServerOptions options) {
  if (!source.snapshot || !source.request_snapshot) {
    return tl::unexpected(Error::invalid_argument(
        "a metrics source needs both snapshot and request_snapshot"));
  }
  if (options.max_connections == 0 || options.max_header_bytes == 0) {
    return tl::unexpected(Error::invalid_argument(
        "max_connections and max_header_bytes must be above 0"));
  }
  const auto host =
      parse_host(options.host, options.port, options.allow_public);
  if (!host) return tl::unexpected(host.error());
  auto mailbox = Mailbox::create();
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

void MetricsServer::stop() { loop_->stop(); }

}  // namespace lksctp
