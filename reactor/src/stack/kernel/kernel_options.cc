#include "stack/kernel/kernel_options.h"

#include <netinet/in.h>
#include <netinet/sctp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <string>

#include "stack/option_codec.h"
#include "stack/socket_address.h"

namespace lksctp {
namespace {

// `assoc_value` of SCTP_EXPOSE_POTENTIALLY_FAILED_STATE; the kernel keeps the
// names to itself.
constexpr std::uint32_t kHidePotentiallyFailed = 1;
constexpr std::uint32_t kExposePotentiallyFailed = 2;

// See option_codec.h.
struct KernelAccess {
  using InitMessage = sctp_initmsg;
  using SackInfo = sctp_sack_info;
  using RtoInfo = sctp_rtoinfo;
  using AssociationParameters = sctp_assocparams;
  using PathParameters = sctp_paddrparams;
  using AssociationValue = sctp_assoc_value;
  using Event = sctp_event;
  static constexpr Abi kAbi = Abi::kLinux;
  static constexpr OptionNumbers kNumbers = {
      .init_message = SCTP_INITMSG,
      .delayed_sack = SCTP_DELAYED_SACK,
      .no_delay = SCTP_NODELAY,
      .rto_info = SCTP_RTOINFO,
      .association_info = SCTP_ASSOCINFO,
      .peer_address_parameters = SCTP_PEER_ADDR_PARAMS,
      .max_segment = SCTP_MAXSEG,
      .max_burst = SCTP_MAX_BURST,
      .fragment_interleave = SCTP_FRAGMENT_INTERLEAVE,
      .event = SCTP_EVENT,
      .receive_info = SCTP_RECVRCVINFO};

  int fd;

  template <typename T>
  Result<void> set(int level, int name, const T& value,
                   const char* what) const {
    if (::setsockopt(fd, level, name, &value, sizeof value) != 0) {
      return tl::unexpected(
          Error::system(errno, std::string("setsockopt ") + what));
    }
    return {};
  }

  // `value` goes in as well: some options read their key from it.
  template <typename T>
  Result<void> get(int level, int name, T& value, const char* what) const {
    socklen_t length = sizeof value;
    if (::getsockopt(fd, level, name, &value, &length) != 0) {
      return tl::unexpected(
          Error::system(errno, std::string("getsockopt ") + what));
    }
    return {};
  }

  // Beyond net.core.{w,r}mem_max where the process may (CAP_NET_ADMIN), up to
  // them silently where it may not: reading back tells.
  Result<void> set_buffer(int name, std::uint32_t bytes,
                          const char* what) const {
    const int beyond = name == SO_SNDBUF ? SO_SNDBUFFORCE : SO_RCVBUFFORCE;
    const auto value = static_cast<int>(bytes);
    if (set(SOL_SOCKET, beyond, value, what)) return {};
    return set(SOL_SOCKET, name, value, what);
  }
  // The kernel doubles what is set, for its own bookkeeping, and returns the
  // double (man 7 socket).
  static std::uint32_t buffer(int raw) {
    return static_cast<std::uint32_t>(raw) / 2;
  }

  // No address: every path, and those to come.
  static PathParameters all_paths() { return {}; }

  static Result<void> check(const SocketOptions&) { return {}; }

  Result<void> set_potentially_failed(bool told) const {
    const sctp_assoc_value value{
        .assoc_id = SCTP_FUTURE_ASSOC,  // or the one the socket has
        .assoc_value =
            told ? kExposePotentiallyFailed : kHidePotentiallyFailed};
    return set(IPPROTO_SCTP, SCTP_EXPOSE_POTENTIALLY_FAILED_STATE, value,
               "SCTP_EXPOSE_POTENTIALLY_FAILED_STATE");
  }
  Result<std::optional<bool>> get_potentially_failed() const {
    sctp_assoc_value value{};
    const auto result = get(IPPROTO_SCTP, SCTP_EXPOSE_POTENTIALLY_FAILED_STATE,
                            value, "SCTP_EXPOSE_POTENTIALLY_FAILED_STATE");
    if (!result) return tl::unexpected(result.error());
    return value.assoc_value == kExposePotentiallyFailed;
  }

  static std::uint32_t path_mtu_to_stack(std::uint32_t mtu) { return mtu; }
  static std::uint32_t path_mtu_from_stack(std::uint32_t mtu) { return mtu; }
  static std::uint32_t max_segment_to_stack(std::uint32_t bytes) {
    return bytes;
  }
  static std::uint32_t max_segment_from_stack(std::uint32_t bytes) {
    return bytes;
  }
};

// Ours have Linux's numbers.
AssociationState association_state(std::int32_t state) {
  return state >= SCTP_EMPTY && state <= SCTP_SHUTDOWN_ACK_SENT
             ? static_cast<AssociationState>(state)
             : AssociationState::kClosed;
}

PathState path_state(std::int32_t state) {
  // SCTP_UNKNOWN, before the first answer, counts as active, as in SCTP_STATUS.
  return state >= SCTP_INACTIVE && state <= SCTP_UNCONFIRMED
             ? static_cast<PathState>(state)
             : PathState::kActive;
}

// `spinfo_srtt` counts ticks of the kernel's clock: the resolution of the
// coarse clock is one tick.
std::uint32_t ticks_to_milliseconds(std::uint32_t ticks) {
  static const std::int64_t tick_nanoseconds = [] {
    timespec resolution{};
    ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
    return std::int64_t{resolution.tv_sec} * 1'000'000'000 + resolution.tv_nsec;
  }();
  return static_cast<std::uint32_t>(ticks * tick_nanoseconds / 1'000'000);
}

Address address_at(const sockaddr& first) {
  sockaddr_storage storage{};
  std::memcpy(
      &storage, &first,
      first.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  return to_address(storage);
}

// The address of a path stands where its type would not be aligned.
constexpr std::size_t kPathAddress = offsetof(sctp_paddrinfo, spinfo_address);

Address read_address(const sctp_status& status, std::size_t offset) {
  sockaddr_storage storage{};
  std::memcpy(&storage, reinterpret_cast<const std::byte*>(&status) + offset,
              sizeof storage);
  return to_address(storage);
}

// Address sets come packed, each as long as its family says.
const sockaddr& after(const sockaddr& one) {
  const std::size_t size =
      one.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  return *reinterpret_cast<const sockaddr*>(
      reinterpret_cast<const std::byte*>(&one) + size);
}

// The kernel says EINVAL for a socket without an association.
Error sample_error(int error_number, const char* what) {
  return Error::system(error_number == EINVAL ? ENOTCONN : error_number, what);
}

Result<sctp_status> read_status(int fd) {
  sctp_status status{};
  socklen_t length = sizeof status;
  if (::getsockopt(fd, IPPROTO_SCTP, SCTP_STATUS, &status, &length) != 0) {
    return tl::unexpected(sample_error(errno, "getsockopt SCTP_STATUS"));
  }
  return status;
}

struct FreeAddresses {
  void operator()(sockaddr* addresses) const { ::sctp_freepaddrs(addresses); }
};
using Addresses = std::unique_ptr<sockaddr, FreeAddresses>;

}  // namespace

Result<void> configure_kernel_socket(int fd, const SocketOptions& options) {
  const KernelAccess socket{fd};
  // Closing aborts what is alive: nothing goes on in the background behind a
  // reactor's back, or after it.
  const linger abort_on_close{.l_onoff = 1, .l_linger = 0};
  const int off = 0;
  auto result = subscribe_socket(socket);
  if (result) {
    result = socket.set(SOL_SOCKET, SO_LINGER, abort_on_close, "SO_LINGER");
  }
  if (result) {
    result = socket.set_potentially_failed(true);
  }
  if (result) {
    result = socket.set(IPPROTO_SCTP, SCTP_I_WANT_MAPPED_V4_ADDR, off,
                        "SCTP_I_WANT_MAPPED_V4_ADDR");
  }
  return result ? set_socket_options(socket, options) : result;
}

Result<void> set_kernel_options(int fd, const SocketOptions& options) {
  return set_socket_options(KernelAccess{fd}, options);
}

Result<SocketOptions> get_kernel_options(int fd) {
  return get_socket_options(KernelAccess{fd});
}

Result<void> set_remote_udp_port(int fd, std::uint16_t port) {
  sctp_udpencaps encapsulation{};
  encapsulation.sue_port = htons(port);
  return KernelAccess{fd}.set(IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT,
                              encapsulation, "SCTP_REMOTE_UDP_ENCAPS_PORT");
}

Result<StatusSampled> get_kernel_status(int fd) {
  const auto raw = read_status(fd);
  if (!raw) return tl::unexpected(raw.error());
  return StatusSampled{.state = association_state(raw->sstat_state),
                       .stack_association = StackAssociationId(
                           static_cast<std::uint32_t>(raw->sstat_assoc_id)),
                       .peer_receive_window = raw->sstat_rwnd,
                       .unacknowledged_chunks = raw->sstat_unackdata,
                       .pending_chunks = raw->sstat_penddata,
                       .inbound_streams = raw->sstat_instrms,
                       .outbound_streams = raw->sstat_outstrms,
                       .fragmentation_point = raw->sstat_fragmentation_point};
}

namespace {

// SCTP_GET_PEER_ADDR_INFO of `address`. While they are hidden, the kernel refuses to
// tell of a path that is potentially failed: shown for the moment of the question,
// it counts as active.
Result<PathInfo> read_path(int fd, const Address& address) {
  const KernelAccess socket{fd};
  const SocketAddress key = to_socket_address(address);
  sctp_paddrinfo info{};
  std::memcpy(reinterpret_cast<std::byte*>(&info) + kPathAddress, &key.generic,
              key.length);
  const auto read = [&] {
    return socket.get(IPPROTO_SCTP, SCTP_GET_PEER_ADDR_INFO, info,
                      "SCTP_GET_PEER_ADDR_INFO");
  };
  auto result = read();
  const bool hidden = !result && result.error().errno_value == EACCES;
  if (hidden && socket.set_potentially_failed(true)) {
    result = read();
    static_cast<void>(socket.set_potentially_failed(false));
  }
  if (!result) return tl::unexpected(result.error());
  return PathInfo{
      .address = address,
      .state = hidden ? PathState::kActive : path_state(info.spinfo_state),
      .congestion_window = info.spinfo_cwnd,
      .srtt = Milliseconds(ticks_to_milliseconds(info.spinfo_srtt)),
      .rto = Milliseconds(info.spinfo_rto),
      .mtu = info.spinfo_mtu};
}

}  // namespace

Result<std::vector<PathInfo>> get_kernel_paths(int fd) {
  const auto status = read_status(fd);
  if (!status) return tl::unexpected(status.error());
  const Address primary = read_address(
      *status, offsetof(sctp_status, sstat_primary) + kPathAddress);
  sockaddr* raw_addresses = nullptr;
  const int count = ::sctp_getpaddrs(fd, 0, &raw_addresses);
  if (count < 0) {
    return tl::unexpected(sample_error(errno, "sctp_getpaddrs"));
  }
  if (count == 0) return std::vector<PathInfo>{};
  const Addresses addresses(raw_addresses);
  std::vector<PathInfo> paths;
  const sockaddr* next = addresses.get();
  for (int i = 0; i < count; ++i, next = &after(*next)) {
    auto path = read_path(fd, address_at(*next));
    if (!path) {
      const int error_number = path.error().errno_value;
      // Removed by the peer since the list was read.
      if (error_number == EINVAL && count > 1) continue;
      return tl::unexpected(
          sample_error(error_number, "getsockopt SCTP_GET_PEER_ADDR_INFO"));
    }
    path->primary = path->address == primary;
    paths.push_back(*path);
  }
  return paths;
}

Result<AssociationStatistics> get_kernel_statistics(int fd) {
  sctp_assoc_stats raw{};
  socklen_t length = sizeof raw;
  if (::getsockopt(fd, IPPROTO_SCTP, SCTP_GET_ASSOC_STATS, &raw, &length) !=
      0) {
    return tl::unexpected(
        sample_error(errno, "getsockopt SCTP_GET_ASSOC_STATS"));
  }
  sctp_prstatus abandoned{};
  abandoned.sprstat_policy = SCTP_PR_SCTP_ALL;
  length = sizeof abandoned;
  if (::getsockopt(fd, IPPROTO_SCTP, SCTP_PR_ASSOC_STATUS, &abandoned,
                   &length) != 0) {
    return tl::unexpected(
        sample_error(errno, "getsockopt SCTP_PR_ASSOC_STATUS"));
  }
  const Address path = to_address(raw.sas_obs_rto_ipaddr);
  return AssociationStatistics{
      .max_rto =
          Milliseconds(path.family == AddressFamily::kNone
                           ? 0
                           : ticks_to_milliseconds(
                                 static_cast<std::uint32_t>(raw.sas_maxrto))),
      .max_rto_path = path,
      .packets_sent = raw.sas_opackets,
      .packets_received = raw.sas_ipackets,
      .sacks_sent = raw.sas_osacks,
      .sacks_received = raw.sas_isacks,
      .retransmitted_chunks = raw.sas_rtxchunks,
      .tsns_out_of_sequence = raw.sas_outofseqtsns,
      .duplicate_chunks = raw.sas_idupchunks,
      .gap_ack_blocks = raw.sas_gapcnt,
      .unordered_chunks_sent = raw.sas_ouodchunks,
      .unordered_chunks_received = raw.sas_iuodchunks,
      .ordered_chunks_sent = raw.sas_oodchunks,
      .ordered_chunks_received = raw.sas_iodchunks,
      .control_chunks_sent = raw.sas_octrlchunks,
      .control_chunks_received = raw.sas_ictrlchunks,
      .abandoned_unsent_chunks = abandoned.sprstat_abandoned_unsent,
      .abandoned_sent_chunks = abandoned.sprstat_abandoned_sent};
}

Result<std::vector<Address>> get_kernel_local_addresses(int fd) {
  sockaddr* raw_addresses = nullptr;
  const int count = ::sctp_getladdrs(fd, 0, &raw_addresses);
  if (count < 0) return tl::unexpected(Error::system(errno, "sctp_getladdrs"));
  std::vector<Address> result;
  if (count == 0) return result;
  const Addresses addresses(raw_addresses);
  const sockaddr* next = addresses.get();
  for (int i = 0; i < count; ++i, next = &after(*next)) {
    result.push_back(address_at(*next));
  }
  std::ranges::sort(result);
  return result;
}

int sctp_sysctl(const char* name) {
  std::ifstream file(std::string("/proc/sys/net/sctp/") + name);
  int value = 0;
  file >> value;
  return file ? value : 0;
}

}  // namespace lksctp
