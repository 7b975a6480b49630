// The reactor as a guest: a program that already serves HTTP from its
// event_base takes SCTP associations on the same loop and thread, and shows
// them on its page.

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <lksctp/reactor/reactor.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "arguments.h"

namespace {

constexpr std::string_view kUsage =
    "Usage: embed_in_event_base [options]\n"
    "  --http-port N     port of the page on 127.0.0.1 (default 8080)\n"
    "  --port N          SCTP port on 127.0.0.1 (default 2905)\n"
    "  --udp-port N      UDP port to receive encapsulated SCTP on (default "
    "9899)\n";

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};

// One line per association, straight from the live table: the handler runs on
// the loop thread, between turns of the reactor.
void show_associations(evhttp_request* request, void* context) {
  const auto& reactor = *static_cast<lksctp::Reactor*>(context);
  std::string page = "associations:\n";
  for (const auto& [id, association] : reactor.table().associations()) {
    page += std::to_string(id.value()) + " " + association->peer + " " +
            std::string(association_state_name(association->state)) +
            ", received " + std::to_string(association->received.messages) +
            " messages\n";
  }
  const std::unique_ptr<evbuffer, Freed<evbuffer_free>> body(evbuffer_new());
  evbuffer_add(body.get(), page.data(), page.size());
  evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
                    "text/plain");
  evhttp_send_reply(request, HTTP_OK, "OK", body.get());
}

}  // namespace

int main(int argc, char** argv) {
  examples::Arguments arguments(argc, argv, kUsage);
  const auto http_port = arguments.port("--http-port").value_or(8080);
  const auto address = lksctp::Address::parse(
      "127.0.0.1", arguments.port("--port").value_or(2905));
  lksctp::ListenOptions options{.local = {address.value()}};
  options.udp.local_port = arguments.port("--udp-port");
  arguments.finish();
  std::setvbuf(stdout, nullptr, _IOLBF, 0);

  // What the program had before: a loop, a page, Ctrl-C.
  const std::unique_ptr<event_base, Freed<event_base_free>> base(
      event_base_new());
  const std::unique_ptr<evhttp, Freed<evhttp_free>> http(
      evhttp_new(base.get()));
  if (evhttp_bind_socket(http.get(), "127.0.0.1", http_port) != 0) {
    std::fprintf(stderr, "cannot serve on 127.0.0.1:%d\n", http_port);
    return 1;
  }
  const std::unique_ptr<event, Freed<event_free>> interrupt(evsignal_new(
      base.get(), SIGINT,
      [](evutil_socket_t, short, void* loop) {
        event_base_loopbreak(static_cast<event_base*>(loop));
      },
      base.get()));
  event_add(interrupt.get(), nullptr);

  // What makes it speak SCTP. Declared after the base: it must go first.
  auto reactor = lksctp::Reactor::create({.base = base.get()});
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    return 1;
  }
  evhttp_set_cb(http.get(), "/", show_associations, reactor->get());
  const auto endpoint = (*reactor)->listen(std::move(options), [](const auto&) {
    lksctp::AssociationHandlers handlers;
    handlers.on_message = [](lksctp::Association& peer,
                             const lksctp::Message& message) {
      (void)peer.send(message.payload(), {.stream = message.info.stream,
                                          .ppid = message.info.ppid});
    };
    return handlers;
  });
  if (!endpoint) {
    std::fprintf(stderr, "%s\n", endpoint.error().to_string().c_str());
    return 1;
  }

  std::printf("SCTP on %s; see http://127.0.0.1:%d/\n",
              (*endpoint)->local().front().to_string().c_str(), http_port);
  event_base_dispatch(base.get());
}
