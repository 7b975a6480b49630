// Two SCTP endpoints on one loop: one echoes, one asks once and shuts down.
#include <lksctp/reactor/reactor.h>

#include <cstdio>
#include <span>
#include <string_view>

int main() {
  auto reactor = lksctp::Reactor::create();
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    return 1;
  }
  lksctp::Reactor& loop = **reactor;
  const auto address = lksctp::Address::parse("127.0.0.1", 2905).value();

  // Every event of every association, as one line each.
  loop.subscribe({}, [](const lksctp::Event& event) {
    std::puts(lksctp::to_string(event).c_str());
  });

  lksctp::AssociationHandlers echo;
  echo.on_message = [](lksctp::Association& client, lksctp::Message message) {
    (void)client.send(message.payload(), {.stream = message.info.stream});
  };
  auto server = loop.listen({.local = {address}}, [&](auto&) { return echo; });

  lksctp::AssociationHandlers ask;
  ask.on_established = [](lksctp::Association& server) {
    (void)server.send(std::as_bytes(std::span(std::string_view("hello"))));
  };
  ask.on_message = [](lksctp::Association& server, lksctp::Message) {
    (void)server.shutdown();  // graceful: nothing on its way is lost
  };
  ask.on_closed = [&](auto&, const auto&) { loop.stop(); };
  auto client = loop.connect({.remote = {address}}, ask);

  if (!server || !client) return 1;
  loop.run();
}
