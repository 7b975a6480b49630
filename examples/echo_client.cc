// An SCTP echo client: sends messages round-robin over the streams, waits for
// as many answers, shuts down gracefully. Status 0 when every answer came.

#include <lksctp/reactor/reactor.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "arguments.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: echo_client [options]\n"
    "  --address IP      address of the server (default 127.0.0.1)\n"
    "  --port N          SCTP port (default 2905)\n"
    "  --udp-port N      UDP port of the server (default 9899)\n"
    "  --message TEXT    what to send (default \"hello\")\n"
    "  --count N         how many messages (default 10)\n"
    "  --streams N       streams to use (default 4)\n"
    "  --ppid N          payload protocol identifier (default 3, M3UA)\n"
    "  --stack NAME      auto, kernel or usrsctp (default auto)\n";

struct Plan {
  std::string message;
  std::uint32_t count = 0;
  std::uint16_t streams = 0;
  lksctp::Ppid ppid{};
};

class EchoClient {
 public:
  EchoClient(lksctp::Reactor& reactor, Plan plan)
      : reactor_(reactor), plan_(std::move(plan)) {}

  [[nodiscard]] bool complete() const {
    return received_ == plan_.count && graceful_;
  }

  lksctp::AssociationHandlers handlers() {
    lksctp::AssociationHandlers handlers;
    handlers.on_established = [this](lksctp::Association& server) {
      // The peer may have granted fewer streams than asked for.
      if (const auto* record = server.record()) {
        plan_.streams = std::min(plan_.streams, record->outbound_streams);
      }
      std::printf("up, %d streams\n", plan_.streams);
      send(server);
    };
    handlers.on_writable = [this](lksctp::Association& server) {
      send(server);
    };
    handlers.on_message = [this](lksctp::Association& server,
                                 const lksctp::Message& message) {
      const auto text = message.payload();
      std::printf("stream %d, PPID %u: %.*s\n", message.info.stream.value(),
                  message.info.ppid.value(), static_cast<int>(text.size()),
                  reinterpret_cast<const char*>(text.data()));
      if (++received_ == plan_.count) (void)server.shutdown();
    };
    handlers.on_closed = [this](lksctp::Association&,
                                const lksctp::AssociationClosed& closed) {
      graceful_ = closed.reason == lksctp::CloseReason::kShutdownLocal;
      std::printf("closed: %s\n",
                  std::string(close_reason_name(closed.reason)).c_str());
      if (closed.error) {
        std::fprintf(stderr, "echo_client: %s\n",
                     closed.error->to_string().c_str());
      }
      reactor_.stop();
    };
    return handlers;
  }

 private:
  // Sends until all is sent or the queue is full; `on_writable` goes on.
  void send(lksctp::Association& server) {
    const auto bytes = std::as_bytes(std::span(plan_.message));
    while (sent_ < plan_.count) {
      const lksctp::StreamId stream(
          static_cast<std::uint16_t>(sent_ % plan_.streams));
      const auto sent =
          server.send(bytes, {.stream = stream, .ppid = plan_.ppid});
      if (!sent) {
        if (sent.error().code == lksctp::ErrorCode::kWouldBlock) return;
        std::fprintf(stderr, "echo_client: %s\n",
                     sent.error().to_string().c_str());
        (void)server.abort("cannot send");
        return;
      }
      ++sent_;
    }
  }

  lksctp::Reactor& reactor_;
  Plan plan_;
  std::uint32_t sent_ = 0;
  std::uint32_t received_ = 0;
  bool graceful_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  examples::Arguments arguments(argc, argv, kUsage);
  const auto address =
      lksctp::Address::parse(arguments.text("--address").value_or("127.0.0.1"),
                             arguments.port("--port").value_or(2905));
  if (!address) arguments.fail("--address takes an IP address");
  Plan plan;
  plan.message = arguments.text("--message").value_or("hello");
  plan.count = arguments.number("--count", /*max=*/1'000'000'000).value_or(10);
  plan.streams = static_cast<std::uint16_t>(
      arguments.number("--streams", /*max=*/65535).value_or(4));
  plan.ppid =
      lksctp::Ppid(arguments.number("--ppid", /*max=*/0xffffffff).value_or(3));
  if (plan.message.empty() || plan.count == 0 || plan.streams == 0) {
    arguments.fail("--message, --count and --streams cannot be empty");
  }
  lksctp::ConnectOptions options{.remote = {*address}};
  options.udp.remote_port = arguments.port("--udp-port");
  options.association.options.initiation.outbound_streams = plan.streams;
  const auto stack =
      examples::stack_choice(arguments.text("--stack").value_or("auto"));
  if (!stack) arguments.fail("--stack is auto, kernel or usrsctp");
  arguments.finish();

  auto reactor = lksctp::Reactor::create({.stack = *stack});
  if (!reactor) {
    std::fprintf(stderr, "echo_client: %s\n",
                 reactor.error().to_string().c_str());
    return 1;
  }
  EchoClient client(**reactor, std::move(plan));
  const auto association =
      (*reactor)->connect(std::move(options), client.handlers());
  if (!association) {
    std::fprintf(stderr, "echo_client: %s\n",
                 association.error().to_string().c_str());
    return 1;
  }
  (*reactor)->run();
  return client.complete() ? 0 : 1;
}
