// The peer of a scenario, as a process that can be killed.
//
//   scenario_peer serve
//       listens on any port, prints "listening <sctp port> <udp port>" (0 on the
//       kernel stack), echoes
//   scenario_peer connect <sctp port> <udp port> <own sctp port> <own udp port>
//       connects and sends a message at once and each time one comes back
//   scenario_peer listen-unprivileged <port>
//       gives up its privileges, tries to listen on that port (UDP on usrsctp),
//       prints the error
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "lksctp/reactor/reactor.h"
#include "stack_under_test.h"

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
  ListenOptions options;
  options.local = {*Address::parse("127.0.0.1", 0)};
  if (!test::on_kernel()) options.udp.local_port = 0;
  const auto endpoint =
      reactor.listen(options, [](const auto&) { return echo(); });
  if (!endpoint) {
    std::fprintf(stderr, "%s\n", endpoint.error().to_string().c_str());
    return 1;
  }
  std::printf("listening %u %u\n", (*endpoint)->local().front().port,
              (*endpoint)->udp_port().value_or(0));
  std::fflush(stdout);
  reactor.run();
  return 0;
}

int listen_unprivileged(Reactor& reactor, const char* number) {
  if (::geteuid() == 0 && ::setuid(65534) != 0) return 1;
  const Address any_port = *Address::parse("127.0.0.1", 0);
  ListenOptions options;
  if (test::on_kernel()) {
    options.local = {any_port.with_port(port(number))};
  } else {
    options.local = {any_port};
    options.udp.local_port = port(number);
  }
  const auto endpoint = reactor.listen(options, nullptr);
  std::printf("%s\n",
              endpoint ? "listens" : endpoint.error().to_string().c_str());
  return 0;
}

int connect(Reactor& reactor, char** arguments) {
  ConnectOptions options;
  options.remote = {*Address::parse("127.0.0.1", port(arguments[0]))};
  options.local = {*Address::parse("127.0.0.1", port(arguments[2]))};
  if (!test::on_kernel()) {
    options.udp = {.local_port = port(arguments[3]),
                   .remote_port = port(arguments[1])};
  }
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
  auto reactor = Reactor::create({.stack = test::stack_under_test()});
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
