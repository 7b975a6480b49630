// The peer of a scenario, as a process that can be killed.
//
//   scenario_peer serve
//       listens on any port, prints "listening <sctp port> <udp port>", echoes
//   scenario_peer connect <sctp port> <udp port> <own sctp port> <own udp port>
//       connects and sends a message at once and each time one comes back
//   scenario_peer listen-unprivileged <udp port>
//       gives up its privileges, tries to listen there, prints the error
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "lksctp/reactor/reactor.h"

namespace {

using namespace lksctp;

std::uint16_t port(const char* text) {
  return static_cast<std::uint16_t>(std::strtoul(text, nullptr, 10));
}

AssociationHandlers echo() {
  return {.on_message = [](Association& self, Message message) {
    static_cast<void>(self.send(message.payload()));
  }};
}

int serve(Reactor& reactor) {
  const auto endpoint = reactor.listen(
      {.local = {*Address::parse("127.0.0.1", 0)}, .udp = {.local_port = 0}},
      [](const auto&) { return echo(); });
  if (!endpoint) {
    std::fprintf(stderr, "%s\n", endpoint.error().to_string().c_str());
    return 1;
  }
  std::printf("listening %u %u\n", (*endpoint)->local().front().port,
              *(*endpoint)->udp_port());
  std::fflush(stdout);
  reactor.run();
  return 0;
}

int listen_unprivileged(Reactor& reactor, const char* udp_port) {
  if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
  const auto endpoint =
      reactor.listen({.local = {*Address::parse("127.0.0.1", 0)},
                      .udp = {.local_port = port(udp_port)}},
                     nullptr);
  std::printf("%s\n",
              endpoint ? "listens" : endpoint.error().to_string().c_str());
  return 0;
}

int connect(Reactor& reactor, char** arguments) {
  ConnectOptions options;
  options.remote = {*Address::parse("127.0.0.1", port(arguments[0]))};
  options.udp.remote_port = port(arguments[1]);
  options.local = {*Address::parse("127.0.0.1", port(arguments[2]))};
  options.udp.local_port = port(arguments[3]);
  AssociationHandlers handlers = echo();
  handlers.on_established = [](Association& self) {
    static const std::byte hello[] = {std::byte{'h'}, std::byte{'i'}};
    static_cast<void>(self.send(hello));
  };
  const auto association = reactor.connect(options, handlers);
  if (!association) {
    std::fprintf(stderr, "%s\n", association.error().to_string().c_str());
    return 1;
  }
  reactor.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  auto reactor = Reactor::create();
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    return 1;
  }
  if (argc == 2 && std::strcmp(argv[1], "serve") == 0) return serve(**reactor);
  if (argc == 6 && std::strcmp(argv[1], "connect") == 0) {
    return connect(**reactor, argv + 2);
  }
  if (argc == 3 && std::strcmp(argv[1], "listen-unprivileged") == 0) {
    return listen_unprivileged(**reactor, argv[2]);
  }
  std::fprintf(stderr, "usage: see the comment in scenario_peer.cc\n");
  return 2;
}
