#include "scenario.h"

#include <algorithm>
#include <utility>

namespace lksctp::test {

AssociationHandlers End::handlers() {
  return {
      .on_established =
          [this](Association&) {
            up = true;
            calls.emplace_back("up");
          },
      .on_message =
          [this](Association& self, Message message) {
            ++message_count;
            if (echo) {
              send_echo(self, std::move(message));
            } else if (keep_messages) {
              messages.push_back(std::move(message));
            }
          },
      .on_writable =
          [this](Association& self) {
            calls.emplace_back("writable");
            auto waiting = std::exchange(to_echo, {});
            for (Message& message : waiting) {
              send_echo(self, std::move(message));
            }
          },
      .on_peer_shutdown =
          [this](Association&) { calls.emplace_back("peer_shutdown"); },
      .on_send_failed =
          [this](Association&, const MessageFailed& one,
                 std::span<const std::byte> data) {
            calls.emplace_back("send_failed");
            failed.emplace_back(one, text_of(data));
          },
      .on_closed =
          [this](Association&, const AssociationClosed& how) {
            calls.emplace_back("closed");
            closed = how;
          },
  };
}

void End::send_echo(Association& self, Message message) {
  const SendOptions options{.stream = message.info.stream,
                            .ppid = message.info.ppid,
                            .unordered = message.info.unordered};
  if (!self.send(message.payload(), options)) {
    to_echo.push_back(std::move(message));
  }
}

void Scenario::SetUp() {
  Result<std::unique_ptr<Reactor>> created;
  if (on_kernel()) {
    namespace_.emplace();
    created = Reactor::create({.stack = StackChoice::kKernel});
  } else {
    const auto filter = [this](PacketDirection direction, const Address& remote,
                               std::span<const std::byte> packet) {
      return filter_ ? filter_(direction, remote, packet)
                     : PacketVerdict::kPass;
    };
    created = ReactorImpl::create(
        {.stack = StackChoice::kUsrsctp}, [filter](StackChoice, Loop& loop) {
          return make_usrsctp_stack(loop, {.packet_filter = filter});
        });
  }
  ASSERT_TRUE(created.has_value()) << created.error().to_string();
  reactor_ = std::move(*created);
  recorder_.emplace(*reactor_);
  journal_check_.emplace();
  const auto attached = reactor_->attach_journal(journal_check_->journal());
  ASSERT_TRUE(attached.has_value()) << attached.error().to_string();
}

void Scenario::TearDown() {
  if (!reactor_) return;
  run_pending(*reactor_);
  recorder_->expect_replay_equal();
  journal_check_->expect_replay_equal(recorder_->events());
  recorder_.reset();
  reactor_.reset();
  journal_check_.reset();
}

std::shared_ptr<Endpoint> Scenario::listen(ListenOptions options, bool echo) {
  if (options.local.empty()) options.local = {loopback(0)};
  if (!options.udp.local_port && !on_kernel()) options.udp.local_port = 0;
  auto endpoint = reactor_->listen(
      std::move(options),
      [this, echo](const std::shared_ptr<Association>& association) {
        End& end = accepted_.emplace_back();
        end.association = association;
        end.echo = echo;
        return end.handlers();
      });
  EXPECT_TRUE(endpoint.has_value()) << endpoint.error().to_string();
  endpoints_.push_back(*endpoint);
  return *endpoint;
}

End& Scenario::connect(const Endpoint& to, ConnectOptions options) {
  if (options.remote.empty()) options.remote = {to.local().front()};
  if (!options.udp.remote_port) options.udp.remote_port = to.udp_port();
  End& end = clients_.emplace_back();
  auto association = reactor_->connect(std::move(options), end.handlers());
  EXPECT_TRUE(association.has_value()) << association.error().to_string();
  end.association = *association;
  return end;
}

void Scenario::connect_pair(ConnectOptions connect_options,
                            ListenOptions listen_options, bool echo) {
  const auto endpoint = listen(std::move(listen_options), echo);
  const std::size_t before = accepted_.size();
  client = &connect(*endpoint, std::move(connect_options));
  ASSERT_TRUE(wait([&] {
    return client->up && accepted_.size() > before && accepted_.back().up;
  }));
  server = &accepted_.back();
}

void Scenario::network_drops_everything() {
  filter_ = [](PacketDirection, const Address&, std::span<const std::byte>) {
    return PacketVerdict::kDrop;
  };
  if (namespace_) run_command("tc qdisc replace dev lo root netem loss 100%");
}

void Scenario::network_drops_packets_to(const std::string& ip) {
  filter_ = [ip](PacketDirection, const Address& remote,
                 std::span<const std::byte>) {
    return remote.ip_string() == ip ? PacketVerdict::kDrop
                                    : PacketVerdict::kPass;
  };
  if (namespace_) {
    run_command(
        "tc qdisc replace dev lo root handle 1: prio && "
        "tc qdisc replace dev lo parent 1:3 netem loss 100% && "
        "tc filter add dev lo parent 1: protocol ip u32 match ip dst " +
        ip + "/32 flowid 1:3");
  }
}

void Scenario::network_loses_and_reorders() {
  filter_ = [packets = 0u](PacketDirection direction, const Address&,
                           std::span<const std::byte>) mutable {
    if (direction == PacketDirection::kIncoming) return PacketVerdict::kPass;
    ++packets;
    if (packets % 17 == 0) return PacketVerdict::kDrop;
    return packets % 5 == 0 ? PacketVerdict::kHold : PacketVerdict::kPass;
  };
  if (namespace_) {
    run_command(
        "tc qdisc replace dev lo root netem delay 1ms loss 6% reorder 80%");
  }
}

void Scenario::network_works() {
  filter_ = nullptr;
  if (namespace_) run_command("tc qdisc replace dev lo root pfifo");
}

void Scenario::set_peer(ConnectOptions& options, std::uint16_t sctp_port,
                        std::uint16_t udp_port) const {
  options.remote = {loopback(sctp_port)};
  if (!on_kernel()) options.udp.remote_port = udp_port;
}

void Scenario::settle() {
  for (int i = 0; i < 20; ++i) reactor_->run_once(std::chrono::milliseconds(5));
}

void Scenario::send_all(End& from, std::size_t count,
                        const std::function<Bytes(std::size_t)>& make,
                        const SendOptions& options) {
  for (std::size_t i = 0; i < count;) {
    const auto sent = from.association->send(make(i), options);
    if (sent) {
      ++i;
      continue;
    }
    ASSERT_EQ(sent.error().code, ErrorCode::kWouldBlock)
        << sent.error().to_string();
    const auto writable = [&] {
      return std::ranges::count(from.calls, "writable");
    };
    const auto before = writable();
    ASSERT_TRUE(
        wait([&] { return writable() > before || from.closed.has_value(); }));
    ASSERT_FALSE(from.closed.has_value()) << from.closed->error->to_string();
  }
}

SocketOptions fast_failure() {
  SocketOptions options;
  options.rto = {.initial = Milliseconds(100),
                 .minimum = Milliseconds(60),
                 .maximum = Milliseconds(200)};
  options.path = {.heartbeat_interval = Milliseconds(100),
                  .max_retransmissions = 2};
  options.association.max_retransmissions = 6;
  return options;
}

SocketOptions never_gives_up() {
  SocketOptions options = fast_failure();
  options.association.max_retransmissions = 1000;
  return options;
}

Bytes pattern(std::size_t size, std::size_t seed) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>((i * 31 + seed * 7 + (i >> 8)) & 0xff);
  }
  return bytes;
}

}  // namespace lksctp::test
