#include "stack/usrsctp/usrsctp_engine.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "stack/usrsctp/usrsctp_socket.h"

namespace lksctp {
namespace {

// Accepted by usrsctp and not claimed by `accept`: kept while packets come at
// least as often as heartbeats do, with room for a lost one.
constexpr std::chrono::seconds kUnclaimedLife{120};
constexpr std::size_t kMaxUnclaimed = 4096;

void* as_address(std::uintptr_t handle) {
  return reinterpret_cast<void*>(handle);
}

void note_init(Flow& flow, const PacketPeek& init) {
  std::erase_if(flow.unanswered_inits, [&](const PacketPeek& other) {
    return other.source_port == init.source_port &&
           other.destination_port == init.destination_port;
  });
  flow.unanswered_inits.push_back(init);
}

}  // namespace

Result<std::unique_ptr<UsrsctpEngine>> UsrsctpEngine::create(
    Loop& loop, UsrsctpStackOptions options) {
  std::unique_ptr<UsrsctpEngine> engine(
      new UsrsctpEngine(loop, std::move(options)));
  auto lease = UsrsctpLease::acquire(*engine);
  if (!lease) return tl::unexpected(lease.error());
  engine->lease_.emplace(std::move(*lease));
  return engine;
}

UsrsctpEngine::UsrsctpEngine(Loop& loop, UsrsctpStackOptions options)
    : loop_(loop),
      options_(std::move(options)),
      tick_(loop.timer([this] { on_tick(); })),
      drain_soon_(loop.timer([this] {
        drain_scheduled_ = false;
        drain();
      })) {}

UsrsctpEngine::~UsrsctpEngine() {
  if (!lease_) return;
  while (!sockets_.empty()) sockets_.back()->detach();
  for (const std::uintptr_t handle : unclaimed_) {
    api().deregister_address(as_address(handle));
  }
  flush();
  for (const auto& weak : udp_sockets_) {
    if (const auto udp = weak.lock()) udp->detach();
  }
}

Result<std::shared_ptr<UdpSocket>> UsrsctpEngine::udp_socket(
    const Address& local, UdpUse use) {
  std::erase_if(udp_sockets_, [](const auto& weak) { return weak.expired(); });
  if (local.port != 0) {
    for (const auto& weak : udp_sockets_) {
      if (auto udp = weak.lock(); udp && udp->local() == local) return udp;
    }
  } else if (use == UdpUse::kConnect) {
    if (const auto found = client_udp_.find(local);
        found != client_udp_.end()) {
      return found->second;
    }
  }
  auto opened = UdpSocket::open(loop_, *this, local);
  if (!opened) return opened;
  udp_sockets_.push_back(*opened);
  if (local.port == 0 && use == UdpUse::kConnect) {
    client_udp_.emplace(local, *opened);
  }
  return opened;
}

// ---- flows ------------------------------------------------------------------

Flow* UsrsctpEngine::acquire_flow(UdpSocket& udp, const Address& remote) {
  Flow* flow = flows_.obtain(udp, remote);
  if (flow == nullptr) return nullptr;
  if (!flow->registered) {
    api().register_address(as_address(flow->handle));
    flow->registered = true;
  }
  if (flow->users++ == 0) std::erase(unclaimed_, flow->handle);
  return flow;
}

Flow* UsrsctpEngine::acquire_accepted_flow(std::uintptr_t handle) {
  Flow* flow = flows_.find(handle);
  return flow != nullptr ? acquire_flow(*flow->udp, flow->remote) : nullptr;
}

void UsrsctpEngine::release_flow(Flow& flow) {
  if (--flow.users > 0) return;
  // Another association of the same peer may wait inside usrsctp.
  if (backlog_full()) {
    unclaimed_.push_back(flow.handle);
    return;
  }
  api().deregister_address(as_address(flow.handle));
  flows_.erase(flow.handle);
}

void UsrsctpEngine::expire_flows(MonotonicTime now) {
  if (now < next_expiry_) return;
  next_expiry_ = now + std::chrono::seconds(1);
  std::size_t excess =
      unclaimed_.size() > kMaxUnclaimed ? unclaimed_.size() - kMaxUnclaimed : 0;
  std::erase_if(unclaimed_, [&](std::uintptr_t handle) {
    const Flow* flow = flows_.find(handle);
    if (flow == nullptr) return true;
    if (excess == 0 && now - flow->last_packet < kUnclaimedLife) return false;
    if (excess > 0) --excess;
    api().deregister_address(as_address(handle));
    flows_.erase(handle);
    return true;
  });
}

// ---- packets ----------------------------------------------------------------

void UsrsctpEngine::on_udp_packet(UdpSocket& udp, const Address& source,
                                  const Address& local,
                                  std::span<const std::byte> packet) {
  const Scope scope(in_callback_);
  if (options_.packet_filter) {
    switch (
        options_.packet_filter(PacketDirection::kIncoming, source, packet)) {
      case PacketVerdict::kDrop:
        return;
      case PacketVerdict::kHold:
        held_in_.push_back({udp.weak_from_this(),
                            source,
                            local,
                            {packet.begin(), packet.end()}});
        return;
      case PacketVerdict::kPass:
        break;
    }
  }
  input(udp, source, local, packet);
  for (const Held& held : std::exchange(held_in_, {})) {
    if (const auto held_udp = held.udp.lock()) {
      input(*held_udp, held.remote, held.local, held.bytes);
    }
  }
}

bool UsrsctpEngine::wanted(const UdpSocket& udp, const PacketPeek& peek) const {
  if (peek.first_chunk != ChunkType::kInit) return true;
  const auto listener = listeners_.find(peek.destination_port);
  return listener == listeners_.end() || listener->second->listens_on(udp);
}

void UsrsctpEngine::input(UdpSocket& udp, const Address& source,
                          const Address& local,
                          std::span<const std::byte> packet) {
  const auto peek = peek_packet(packet);
  if (!peek) {
    ++drops_.malformed;
    return;
  }
  // usrsctp's listener hears every flow; ours only its own addresses.
  if (!wanted(udp, *peek)) {
    ++drops_.unwanted;
    return;
  }
  Flow* flow = flows_.obtain(udp, source);
  if (flow == nullptr) return;
  if (flow->local.family == AddressFamily::kNone) {
    flow->local =
        local.family != AddressFamily::kNone ? local : udp.local().with_port(0);
  }
  flow->last_packet = last_tick_;
  std::erase_if(flow->unanswered_inits, [&](const PacketPeek& init) {
    return init.source_port == peek->destination_port &&
           init.destination_port == peek->source_port;
  });
  api().conninput(as_address(flow->handle), packet.data(), packet.size(),
                  /*ecn_bits=*/0);
  if (std::exchange(flow->new_association, false)) {
    on_new_association(*flow, peek->destination_port);
  } else if (!flow->registered) {
    flows_.erase(flow->handle);  // from nobody we know: leaves no trace
  }
}

void UsrsctpEngine::on_new_association(Flow& flow,
                                       std::uint16_t destination_port) {
  if (!flow.registered) {
    api().register_address(as_address(flow.handle));
    flow.registered = true;
    unclaimed_.push_back(flow.handle);
  }
  // At once, before the peer can abort it: usrsctp leaks a socket whose
  // association ends between being set up and being accepted.
  if (const auto listener = listeners_.find(destination_port);
      listener != listeners_.end()) {
    listener->second->accept_waiting();
  }
}

bool UsrsctpEngine::backlog_full() const {
  return std::any_of(
      listeners_.begin(), listeners_.end(),
      [](const auto& entry) { return entry.second->backlog_full(); });
}

void UsrsctpEngine::on_output(std::uintptr_t handle,
                              std::span<const std::byte> packet) {
  Flow* flow = flows_.find(handle);
  const auto peek = peek_packet(packet);
  if (flow == nullptr || !peek) {
    ++drops_.no_flow;
    return;
  }
  if (peek->first_chunk == ChunkType::kCookieAck) {
    flow->new_association = true;
  } else if (peek->first_chunk == ChunkType::kInit) {
    note_init(*flow, *peek);
  }
  if (options_.packet_filter) {
    switch (options_.packet_filter(PacketDirection::kOutgoing, flow->remote,
                                   packet)) {
      case PacketVerdict::kDrop:
        return;
      case PacketVerdict::kHold:
        held_out_.push_back({flow->udp,
                             flow->remote,
                             flow->local,
                             {packet.begin(), packet.end()}});
        return;
      case PacketVerdict::kPass:
        break;
    }
  }
  output(*flow->udp, flow->remote, flow->local, packet);
  for (const Held& held : std::exchange(held_out_, {})) {
    if (const auto udp = held.udp.lock()) {
      output(*udp, held.remote, held.local, held.bytes);
    }
  }
}

void UsrsctpEngine::output(UdpSocket& udp, const Address& remote,
                           const Address& local,
                           std::span<const std::byte> packet) {
  udp.send(remote, local, packet);
  loop_.request_turn_end();
}

void UsrsctpEngine::flush() {
  for (const auto& weak : udp_sockets_) {
    if (const auto udp = weak.lock()) udp->flush();
  }
}

void UsrsctpEngine::on_udp_refused(UdpSocket& udp, const Address& remote) {
  refused_.push_back(flows_.handle_of(udp, remote));
  schedule_drain();
}

// Answers the INITs that nobody heard as the peer's stack would have if it had
// run without a listener. An association that is up has no unanswered INIT: its
// peer may come back (RFC 9260 §10 leaves ICMP unreachables to the upper
// layer).
void UsrsctpEngine::refuse(std::uintptr_t handle) {
  Flow* flow = flows_.find(handle);
  if (flow == nullptr) return;
  for (const PacketPeek& init : std::exchange(flow->unanswered_inits, {})) {
    auto packet = make_abort_for_init(init);
    const std::uint32_t checksum = api().crc32c(packet.data(), packet.size());
    std::memcpy(packet.data() + 8, &checksum, sizeof checksum);
    api().conninput(as_address(handle), packet.data(), packet.size(),
                    /*ecn_bits=*/0);
  }
}

}  // namespace lksctp
