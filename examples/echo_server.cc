// An SCTP echo server: sends every message back on its stream, with its PPID.
//
//   echo_server --port 2905        and, in another terminal:
//   echo_client --port 2905 --message hello

#include <lksctp/reactor/reactor.h>

#include <cstdio>
#include <deque>
#include <map>
#include <memory>

#include "arguments.h"
#include "stop_signals.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: echo_server [options]\n"
    "  --address IP      address to listen on (default 127.0.0.1)\n"
    "  --port N          SCTP port (default 2905)\n"
    "  --udp-port N      UDP port to receive encapsulated SCTP on (default "
    "9899)\n"
    "  --stack NAME      auto, kernel or usrsctp (default auto)\n"
    "  --quiet           do not print events\n"
    "Ctrl-C shuts every association down gracefully and ends.\n";

// Keeps the living associations, to shut them down when asked to end.
class EchoServer {
 public:
  explicit EchoServer(lksctp::Reactor& reactor) : reactor_(reactor) {}

  lksctp::Result<void> start(lksctp::ListenOptions options) {
    auto endpoint = reactor_.listen(
        std::move(options),
        [this](const std::shared_ptr<lksctp::Association>& association) {
          clients_[association->id()].association = association;
          return handlers();
        });
    if (!endpoint) return tl::unexpected(endpoint.error());
    endpoint_ = *endpoint;
    const auto stack = stack_name(reactor_.capabilities().stack);
    std::printf("echo_server: listening on %s, stack %.*s",
                endpoint_->local().front().to_string().c_str(),
                static_cast<int>(stack.size()), stack.data());
    if (const auto udp = endpoint_->udp_port()) {
      std::printf(", UDP port %d", *udp);
    }
    std::printf("\n");
    return {};
  }

  // Takes no more clients and ends the loop when the last one is gone; asked
  // again, at once.
  void stop() {
    if (stopping_) return reactor_.stop();
    stopping_ = true;
    endpoint_->close();
    for (const auto& [id, client] : clients_) {
      (void)client.association->shutdown();
    }
    if (clients_.empty()) reactor_.stop();
  }

 private:
  struct Client {
    std::shared_ptr<lksctp::Association> association;
    std::deque<lksctp::Message> unsent;  // while its send queue is full
  };

  lksctp::AssociationHandlers handlers() {
    lksctp::AssociationHandlers handlers;
    handlers.on_message = [this](lksctp::Association& association,
                                 lksctp::Message message) {
      Client& client = clients_.at(association.id());
      client.unsent.push_back(std::move(message));
      echo(client);
    };
    handlers.on_writable = [this](lksctp::Association& association) {
      echo(clients_.at(association.id()));
    };
    handlers.on_ended = [this](lksctp::Association& association,
                               const lksctp::AssociationClosed&) {
      clients_.at(association.id()).unsent.clear();  // nobody waits for them
      association.resume();
    };
    handlers.on_closed = [this](lksctp::Association& association,
                                const lksctp::AssociationClosed&) {
      clients_.erase(association.id());
      if (stopping_ && clients_.empty()) reactor_.stop();
    };
    return handlers;
  }

  // Sends what waits; takes no more from a client that does not take its
  // answers.
  static void echo(Client& client) {
    while (!client.unsent.empty()) {
      const lksctp::Message& message = client.unsent.front();
      const auto sent = client.association->send(
          message.payload(), {.stream = message.info.stream,
                              .ppid = message.info.ppid,
                              .unordered = message.info.unordered});
      if (!sent && sent.error().code == lksctp::ErrorCode::kWouldBlock) {
        return client.association->pause();
      }
      if (!sent) {
        std::fprintf(stderr, "echo_server: %s\n",
                     sent.error().to_string().c_str());
      }
      client.unsent.pop_front();
    }
    client.association->resume();
  }

  lksctp::Reactor& reactor_;
  std::shared_ptr<lksctp::Endpoint> endpoint_;
  std::map<lksctp::AssociationId, Client> clients_;
  bool stopping_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  examples::StopSignals signals;
  examples::Arguments arguments(argc, argv, kUsage);
  const auto address =
      lksctp::Address::parse(arguments.text("--address").value_or("127.0.0.1"),
                             arguments.port("--port").value_or(2905));
  if (!address) arguments.fail("--address takes an IP address");
  lksctp::ListenOptions options{.local = {*address}};
  options.udp.local_port = arguments.port("--udp-port");
  const auto stack =
      examples::stack_choice(arguments.text("--stack").value_or("auto"));
  if (!stack) arguments.fail("--stack is auto, kernel or usrsctp");
  const bool quiet = arguments.flag("--quiet");
  arguments.finish();

  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  auto reactor = lksctp::Reactor::create({.stack = *stack});
  if (!reactor) {
    std::fprintf(stderr, "echo_server: %s\n",
                 reactor.error().to_string().c_str());
    return 1;
  }
  lksctp::Reactor& loop = **reactor;
  if (!quiet) {
    loop.subscribe({}, [](const lksctp::Event& event) {
      std::printf("%s\n", lksctp::to_string(event).c_str());
    });
  }
  EchoServer server(loop);
  if (const auto started = server.start(std::move(options)); !started) {
    std::fprintf(stderr, "echo_server: %s\n",
                 started.error().to_string().c_str());
    return 1;
  }
  signals.start([&] { loop.post([&] { server.stop(); }); });
  loop.run();
  signals.end();
}
