#include "stack/kernel/kernel_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "stack/kernel/kernel_options.h"
#include "stack/kernel/sctp_diag.h"
#include "stack/socket_address.h"

namespace lksctp {
namespace {

Error closed(const char* operation) {
  return Error::system(ENOTCONN, operation);
}

}  // namespace

Result<std::unique_ptr<KernelSocket>> KernelSocket::open(
    KernelShared& shared, FileDescriptor fd, Role role,
    StackSocketObserver& observer) {
  std::unique_ptr<KernelSocket> socket(
      new KernelSocket(shared, std::move(fd), role, observer));
  auto watch = shared.loop.watch(
      socket->fd_.get(), [self = socket.get()](bool readable, bool writable) {
        self->on_watch(readable, writable);
      });
  if (!watch) return tl::unexpected(watch.error());
  socket->watch_ = std::move(*watch);
  socket->watch_->want(true, false);
  return socket;
}

void KernelSocket::on_watch(bool readable, bool writable) {
  // Room to write is told once: the owner asks again when it needs more.
  if (writable && want_write_) want_ready(want_read_, false);
  observer_.on_ready(readable, writable);
}

void KernelSocket::want_ready(bool read, bool write) {
  want_read_ = read;
  want_write_ = write;
  if (watch_) watch_->want(read, write && !waits_for_window_);
}

Result<StackSocket::Accepted> KernelSocket::accept(
    StackSocketObserver& observer) {
  sockaddr_storage remote{};
  socklen_t length = sizeof remote;
  FileDescriptor fd(::accept4(fd_.get(), reinterpret_cast<sockaddr*>(&remote),
                              &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.valid()) return tl::unexpected(Error::system(errno, "accept"));
  auto socket = open(shared_, std::move(fd), Role::kAssociation, observer);
  if (!socket) return tl::unexpected(socket.error());
  if (udp_port_) (*socket)->set_udp_port(*udp_port_);
  return Accepted{.socket = std::move(*socket), .remote = to_address(remote)};
}

// ---- the end ----------------------------------------------------------------

Result<void> KernelSocket::shutdown() {
  if (!fd_.valid()) return tl::unexpected(closed("shutdown"));
  // Not SHUT_RDWR: that drops what still comes, SHUTDOWN_COMP included.
  if (::shutdown(fd_.get(), SHUT_WR) != 0) {
    return tl::unexpected(Error::system(errno, "shutdown"));
  }
  return {};
}

// One-to-one sockets refuse SCTP_ABORT with a reason (EINVAL): closing one with
// SO_LINGER set to zero aborts without.
Result<void> KernelSocket::abort(std::string_view) {
  watch_.reset();
  window_timer_.reset();
  fd_.reset();
  return {};
}

// ---- samples and options ----------------------------------------------------

Result<StatusSampled> KernelSocket::status() {
  if (!fd_.valid()) return tl::unexpected(closed("status"));
  return get_kernel_status(fd_.get());
}

Result<std::vector<PathInfo>> KernelSocket::paths() {
  if (!fd_.valid()) return tl::unexpected(closed("paths"));
  return get_kernel_paths(fd_.get());
}

Result<std::vector<Address>> KernelSocket::local_addresses() {
  if (!fd_.valid()) return tl::unexpected(closed("local_addresses"));
  if (role_ == Role::kListening) {
    // For a wildcard the kernel lists every address of the host.
    sockaddr_storage bound{};
    socklen_t length = sizeof bound;
    if (::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&bound),
                      &length) == 0) {
      const Address address = to_address(bound);
      if (address.is_any()) return std::vector{address};
    }
  }
  return get_kernel_local_addresses(fd_.get());
}

// Reading starts the largest RTO anew: the largest of all is kept here.
Result<AssociationStatistics> KernelSocket::statistics() {
  if (!fd_.valid()) return tl::unexpected(closed("statistics"));
  auto read = get_kernel_statistics(fd_.get());
  if (!read) return read;
  if (read->max_rto_path.family != AddressFamily::kNone &&
      read->max_rto >= max_rto_) {
    max_rto_ = read->max_rto;
    max_rto_path_ = read->max_rto_path;
  }
  read->max_rto = max_rto_;
  read->max_rto_path = max_rto_path_;
  return read;
}

Result<AssociationDetails> KernelSocket::details() {
  if (!fd_.valid()) return tl::unexpected(closed("details"));
  const auto paths = get_kernel_paths(fd_.get());
  if (!paths) return tl::unexpected(paths.error());
  const auto local = get_kernel_local_addresses(fd_.get());
  if (!local) return tl::unexpected(local.error());
  // Any two of the addresses name it.
  for (const PathInfo& path : *paths) {
    const auto mine =
        std::ranges::find(*local, path.address.family, &Address::family);
    if (mine != local->end()) {
      return query_sctp_diag(fd_.get(), *mine, path.address);
    }
  }
  return tl::unexpected(closed("details"));
}

Result<void> KernelSocket::set_options(const SocketOptions& options) {
  if (!fd_.valid()) return tl::unexpected(closed("set_options"));
  send_buffer_ = 0;
  return set_kernel_options(fd_.get(), options);
}

Result<SocketOptions> KernelSocket::options() {
  if (!fd_.valid()) return tl::unexpected(closed("options"));
  return get_kernel_options(fd_.get());
}

// By SO_SNDBUF as the kernel counts it, twice what was set (net/sctp/socket.c).
std::size_t KernelSocket::largest_message() {
  int bytes = 0;
  socklen_t length = sizeof bytes;
  const int done =
      ::getsockopt(fd_.get(), SOL_SOCKET, SO_SNDBUF, &bytes, &length);
  return done == 0 ? static_cast<std::size_t>(bytes) : 0;
}

}  // namespace lksctp
