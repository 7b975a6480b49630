#include "stack/usrsctp/usrsctp_socket.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <string>
#include <utility>

#include "stack/socket_address.h"
#include "stack/usrsctp/usrsctp_options.h"

namespace lksctp {
namespace {

// RFC 6335 §6: the ports a client's association may take by itself.
constexpr std::uint16_t kFirstDynamicPort = 49152;
constexpr int kPortAttempts = 256;
// Longer ones are cut by usrsctp to what fits a packet, or refused.
constexpr std::size_t kMaxAbortReason = 1024;
sockaddr_conn conn_address(std::uintptr_t handle, std::uint16_t port) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(port);
  address.sconn_addr = reinterpret_cast<void*>(handle);
  return address;
}

std::uintptr_t handle_of(const sockaddr_conn& address) {
  return reinterpret_cast<std::uintptr_t>(address.sconn_addr);
}

std::uint16_t random_dynamic_port() {
  static thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_int_distribution<std::uint16_t>{kFirstDynamicPort,
                                                      65535}(generator);
}

Error not_connected(const char* operation) {
  return Error::system(ENOTCONN, operation);
}

}  // namespace

Result<std::unique_ptr<UsrsctpSocket>> UsrsctpSocket::open(
    UsrsctpEngine& engine, StackSocketObserver& observer,
    const SocketOptions& options, AddressFamily family) {
  const UsrsctpApi& api = engine.api();
  UsrsctpHandle* handle = api.socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP,
                                     nullptr, nullptr, 0, nullptr);
  if (handle == nullptr) return tl::unexpected(Error::system(errno, "socket"));
  std::unique_ptr<UsrsctpSocket> socket(
      new UsrsctpSocket(engine, handle, &observer, family));
  const auto configured = configure_socket(api, handle, options, family);
  if (!configured) return tl::unexpected(configured.error());
  return socket;
}

UsrsctpSocket::UsrsctpSocket(UsrsctpEngine& engine, UsrsctpHandle* handle,
                             StackSocketObserver* observer,
                             AddressFamily family)
    : engine_(&engine), handle_(handle), observer_(observer), family_(family) {
  api().set_non_blocking(handle_, 1);
  api().set_upcall(handle_, &UsrsctpSocket::on_upcall, this);
  engine_->add(*this);
}

UsrsctpSocket::~UsrsctpSocket() { detach(); }

void UsrsctpSocket::detach() {
  if (engine_ == nullptr) return;
  waiting_.clear();
  if (is_listener()) engine_->remove_listener(local_port_);
  close_handle();
  engine_->remove(*this);
  engine_ = nullptr;
  udp_.clear();
}

void UsrsctpSocket::close_handle() {
  if (handle_ == nullptr) return;
  api().set_upcall(handle_, nullptr, nullptr);
  api().close(std::exchange(handle_, nullptr));
  if (flow_ != nullptr) engine_->release_flow(*std::exchange(flow_, nullptr));
  engine_->request_flush();
}

// ---- setting up -------------------------------------------------------------

Result<void> UsrsctpSocket::bind(std::uintptr_t handle, std::uint16_t port) {
  sockaddr_conn address = conn_address(handle, port);
  if (api().bind(handle_, reinterpret_cast<sockaddr*>(&address),
                 sizeof address) != 0) {
    return tl::unexpected(Error::system(errno, "bind"));
  }
  local_port_ = port;
  return {};
}

// usrsctp would choose one too, and not tell which.
Result<void> UsrsctpSocket::bind_to_free_port(std::uintptr_t handle) {
  auto bound = bind(handle, random_dynamic_port());
  for (int i = 1;
       i < kPortAttempts && !bound && bound.error().errno_value == EADDRINUSE;
       ++i) {
    bound = bind(handle, random_dynamic_port());
  }
  return bound;
}

Result<void> UsrsctpSocket::start_listening(
    std::vector<std::shared_ptr<UdpSocket>> udp, std::size_t addresses,
    std::uint16_t port, int backlog) {
  // The null address: every flow reaches the listener.
  auto bound = port != 0 ? bind(0, port) : bind_to_free_port(0);
  if (!bound) return bound;
  backlog_ = static_cast<std::size_t>(std::max(backlog, 1));
  if (api().listen(handle_, std::max(backlog, 1)) != 0) {
    return tl::unexpected(Error::system(errno, "listen"));
  }
  udp_ = std::move(udp);
  addresses_ = addresses;
  engine_->add_listener(*this, local_port_);
  return {};
}

Result<void> UsrsctpSocket::start_connecting(Flow& flow,
                                             std::uint16_t local_port,
                                             std::uint16_t remote_port) {
  flow_ = &flow;
  remote_port_ = remote_port;
  // To the flow's own address: usrsctp walks all addresses for every packet to
  // an association that is bound to any.
  auto bound = local_port != 0 ? bind(flow.handle, local_port)
                               : bind_to_free_port(flow.handle);
  if (!bound) return bound;
  sockaddr_conn address = conn_address(flow.handle, remote_port);
  if (api().connect(handle_, reinterpret_cast<sockaddr*>(&address),
                    sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return tl::unexpected(Error::system(errno, "connect", peer()));
  }
  engine_->mark_active(*this);
  return {};
}

bool UsrsctpSocket::listens_on(const UdpSocket& udp) const {
  return std::any_of(udp_.begin(), udp_.end(),
                     [&](const auto& one) { return one.get() == &udp; });
}

std::unique_ptr<UsrsctpSocket> UsrsctpSocket::adopt(UsrsctpEngine& engine,
                                                    UsrsctpHandle* handle,
                                                    const sockaddr_conn& remote,
                                                    std::uint16_t local_port) {
  Flow* flow = engine.acquire_accepted_flow(handle_of(remote));
  std::unique_ptr<UsrsctpSocket> socket(new UsrsctpSocket(
      engine, handle, nullptr,
      flow != nullptr ? flow->remote.family : AddressFamily::kNone));
  if (flow == nullptr) return nullptr;
  socket->flow_ = flow;
  socket->local_port_ = local_port;
  socket->remote_port_ = ntohs(remote.sconn_port);
  return socket;
}

void UsrsctpSocket::accept_waiting() {
  bool added = false;
  // Bounded: a listener whose accept keeps failing must not hold the loop.
  for (std::size_t tries = 2 * backlog_;
       tries > 0 && waiting_.size() < backlog_; --tries) {
    sockaddr_conn remote{};
    socklen_t length = sizeof remote;
    UsrsctpHandle* accepted =
        api().accept(handle_, reinterpret_cast<sockaddr*>(&remote), &length);
    if (accepted == nullptr) {
      if (errno == EAGAIN) break;
      continue;  // that one is gone; there may be more behind it
    }
    if (auto socket = adopt(*engine_, accepted, remote, local_port_)) {
      waiting_.push_back(std::move(socket));
      added = true;
    }
  }
  if (added) engine_->mark_ready(*this);
}

Result<StackSocket::Accepted> UsrsctpSocket::accept(
    StackSocketObserver& observer) {
  if (handle_ == nullptr) return tl::unexpected(not_connected("accept"));
  if (waiting_.empty()) accept_waiting();
  if (waiting_.empty()) {
    return tl::unexpected(Error::system(EAGAIN, "accept"));
  }
  std::unique_ptr<UsrsctpSocket> socket = std::move(waiting_.front());
  waiting_.pop_front();
  socket->observer_ = &observer;
  engine_->mark_ready(*socket);
  const Address remote = socket->peer();
  return Accepted{.socket = std::move(socket), .remote = remote};
}

// ---- readiness --------------------------------------------------------------

void UsrsctpSocket::on_upcall(UsrsctpHandle*, void* self, int) {
  auto& socket = *static_cast<UsrsctpSocket*>(self);
  socket.write_blocked_ = false;
  socket.engine_->mark_ready(socket);
}

void UsrsctpSocket::report_events() {
  if (observer_ == nullptr) return;  // whoever accepts it is told then
  if (is_listener()) {
    if (waiting_.size() < backlog_) accept_waiting();
    if (want_read_ && !waiting_.empty()) observer_->on_ready(true, false);
    return;
  }
  // A closed socket has its end to be read.
  const int events =
      handle_ != nullptr ? api().get_events(handle_) : SCTP_EVENT_READ;
  const bool readable = want_read_ && !ended_ &&
                        (events & (SCTP_EVENT_READ | SCTP_EVENT_ERROR)) != 0;
  const bool writable =
      want_write_ && !write_blocked_ && (events & SCTP_EVENT_WRITE) != 0;
  if (readable || writable) observer_->on_ready(readable, writable);
}

// Timers and our own calls queue without an upcall, and free send space.
void UsrsctpSocket::sweep() {
  if (handle_ == nullptr || observer_ == nullptr || is_listener()) return;
  const int events = api().get_events(handle_);
  if (want_write_ && (events & SCTP_EVENT_WRITE) != 0) write_blocked_ = false;
  const bool readable = want_read_ && !ended_ &&
                        (events & (SCTP_EVENT_READ | SCTP_EVENT_ERROR)) != 0;
  const bool writable = want_write_ && !write_blocked_;
  if (readable || writable) engine_->mark_ready(*this);
}

void UsrsctpSocket::want_ready(bool read, bool write) {
  const bool newly_read = !std::exchange(want_read_, read) && read;
  const bool newly_write = !std::exchange(want_write_, write) && write;
  if (engine_ == nullptr) return;
  if (newly_read || (newly_write && !write_blocked_)) {
    engine_->mark_ready(*this);
  }
}

void UsrsctpSocket::read_again() {
  if (engine_ != nullptr) engine_->mark_ready(*this);
}

// ---- the end ----------------------------------------------------------------

Result<void> UsrsctpSocket::shutdown() {
  if (handle_ == nullptr) return tl::unexpected(not_connected("shutdown"));
  if (api().shutdown(handle_, SHUT_WR) != 0) {
    return tl::unexpected(Error::system(errno, "shutdown", peer()));
  }
  engine_->mark_active(*this);
  engine_->mark_ready(*this);
  return {};
}

Result<void> UsrsctpSocket::abort(std::string_view reason) {
  if (handle_ == nullptr) return tl::unexpected(not_connected("abort"));
  sctp_sndinfo info{};
  info.snd_flags = SCTP_ABORT;
  const std::size_t size = std::min(reason.size(), kMaxAbortReason);
  const char* bytes = size != 0 ? reason.data() : "";
  if (api().sendv(handle_, bytes, size, nullptr, 0, &info, sizeof info,
                  SCTP_SENDV_SNDINFO, 0) < 0) {
    // Not up yet, or no longer: usrsctp carries no reason then.
    close_handle();
  }
  // usrsctp queues the COMM_LOST of a local abort without an upcall.
  engine_->mark_ready(*this);
  return {};
}

// ---- samples and options ----------------------------------------------------

Address UsrsctpSocket::peer() const {
  return flow_ != nullptr ? flow_->remote.with_port(remote_port_) : Address{};
}

Result<StatusSampled> UsrsctpSocket::status() {
  if (handle_ == nullptr) return tl::unexpected(not_connected("status"));
  return get_status(api(), handle_, peer()).map([](const StatusAndPath& both) {
    return both.status;
  });
}

Result<std::vector<PathInfo>> UsrsctpSocket::paths() {
  if (handle_ == nullptr) return tl::unexpected(not_connected("paths"));
  return get_status(api(), handle_, peer()).map([](const StatusAndPath& both) {
    return std::vector<PathInfo>{both.path};
  });
}

Result<std::vector<Address>> UsrsctpSocket::local_addresses() {
  if (handle_ == nullptr) {
    return tl::unexpected(not_connected("local_addresses"));
  }
  std::vector<Address> addresses;
  for (std::size_t i = 0; i < addresses_; ++i) {
    addresses.push_back(udp_[i]->local().with_port(local_port_));
  }
  if (flow_ != nullptr) {
    addresses.push_back(flow_->local.with_port(local_port_));
  }
  return addresses;
}

std::optional<std::uint16_t> UsrsctpSocket::udp_port() {
  if (!udp_.empty()) return udp_.front()->local().port;
  if (flow_ != nullptr) return flow_->udp->local().port;
  return std::nullopt;
}

Result<void> UsrsctpSocket::set_options(const SocketOptions& options) {
  if (handle_ == nullptr) return tl::unexpected(not_connected("set_options"));
  return set_socket_options(api(), handle_, options, family_);
}

Result<SocketOptions> UsrsctpSocket::options() {
  if (handle_ == nullptr) return tl::unexpected(not_connected("options"));
  return get_socket_options(api(), handle_, family_);
}

std::size_t UsrsctpSocket::largest_message() {
  const auto current = options();
  return current ? current->send_buffer.value_or(0) : 0;
}

}  // namespace lksctp
