// The ends as programs on the reactor, through its public interface alone.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "kernel/end.h"
#include "lksctp/reactor/reactor.h"

namespace lksctp {
namespace {

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.to_string().c_str());
  std::_Exit(1);
}

Buffers buffers_of(const Association& association) {
  const auto options = association.options();
  if (!options) return {};
  return {.send = options->send_buffer.value_or(0),
          .receive = options->receive_buffer.value_or(0)};
}

class End {
 public:
  explicit End(const EndOrders& orders)
      : orders_(orders),
        meter_(orders),
        message_(orders.size, std::byte{0x5a}) {
    auto reactor = Reactor::create({.stack = StackChoice::kKernel});
    if (!reactor) fail(reactor.error());
    reactor_ = std::move(*reactor);
  }

  [[noreturn]] void run() {
    if (listens(orders_.role)) {
      listen();
    } else {
      connect();
    }
    reactor_->run();
    meter_.finish();
    meter_.write_report();
    std::_Exit(0);
  }

 private:
  AssociationSettings settings() const {
    AssociationSettings result;
    const Buffers& buffers = orders_.buffers;
    if (buffers.send != 0) result.options.send_buffer = buffers.send;
    if (buffers.receive != 0) result.options.receive_buffer = buffers.receive;
    // Room for a batch of the loop's: its 64 messages are in its own memory, too.
    result.send_high_water_mark =
        std::max(result.send_high_water_mark, 64 * orders_.size);
    return result;
  }

  void listen() {
    ListenOptions options;
    options.local = {*Address::parse("127.0.0.1", 0)};
    options.association = settings();
    const auto endpoint = reactor_->listen(
        options,
        [this](const std::shared_ptr<Association>&) { return handlers(); });
    if (!endpoint) fail(endpoint.error());
    write_port(orders_.report, (*endpoint)->local().front().port);
  }

  void connect() {
    ConnectOptions options;
    options.remote = {*Address::parse("127.0.0.1", orders_.port)};
    options.association = settings();
    const auto association = reactor_->connect(options, handlers());
    if (!association) fail(association.error());
  }

  AssociationHandlers handlers() {
    AssociationHandlers result;
    switch (orders_.role) {
      case Role::kSink:
        result.on_message = [this](Association& from, Message&& message) {
          take(from, message);
        };
        break;
      case Role::kEcho:
        result.on_message = [this](Association& from, Message&& message) {
          take(from, message);
          send_one(from);
        };
        break;
      case Role::kSource:
        result.on_established = [this](Association& to) { send_all(to); };
        result.on_writable = [this](Association& to) { send_all(to); };
        break;
      case Role::kPing:
        result.on_established = [this](Association& to) { send_one(to); };
        result.on_message = [this](Association& from, Message&& message) {
          take(from, message);
          if (!meter_.over()) {
            send_one(from);
          } else {
            shut_down(from);
          }
        };
        break;
      case Role::kAccept:
      case Role::kConnect:
        break;  // many_ends.cc
    }
    result.on_closed = [this](Association&, const AssociationClosed& closed) {
      if (closed.error) fail(*closed.error);
      reactor_->stop();
    };
    return result;
  }

  void take(Association& from, const Message& message) {
    if (message.payload().size() != orders_.size ||
        message.info.ssn != static_cast<std::uint16_t>(received_)) {
      meter_.bad();
    }
    ++received_;
    meter_.count();
    if (meter_.noted() && !buffers_known_) {
      meter_.set_buffers(buffers_of(from));
      buffers_known_ = true;
    }
  }

  void send_one(Association& to) {
    if (const auto sent = to.send(message_); !sent) fail(sent.error());
  }

  void send_all(Association& to) {
    while (!meter_.over()) {
      if (const auto sent = to.send(message_); !sent) {
        if (sent.error().code != ErrorCode::kWouldBlock) fail(sent.error());
        return;
      }
      meter_.count();
    }
    shut_down(to);
  }

  void shut_down(Association& association) {
    meter_.set_buffers(buffers_of(association));
    if (const auto done = association.shutdown(); !done) fail(done.error());
  }

  const EndOrders& orders_;
  Meter meter_;
  const std::vector<std::byte> message_;
  std::unique_ptr<Reactor> reactor_;
  std::uint64_t received_ = 0;
  bool buffers_known_ = false;
};

}  // namespace

void run_reactor_end(const EndOrders& orders) { End(orders).run(); }

}  // namespace lksctp
