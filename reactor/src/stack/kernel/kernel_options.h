// Socket options and samples of Linux kernel SCTP, through getsockopt and
// setsockopt.
//
// Threads: loop thread only.
#pragma once

#include <vector>

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/options.h"
#include "lksctp/reactor/statistics.h"

namespace lksctp {

// Makes a new socket what every socket of this library is: subscriptions,
// receive information, potentially-failed states told (RFC 7829 §7), addresses
// of IPv4 peers as such on IPv6 sockets, abort on close. Errors: kSystem;
// ENOPROTOOPT and EINVAL where the kernel is too old.
Result<void> configure_kernel_socket(int fd, const SocketOptions& options);

Result<void> set_kernel_options(int fd, const SocketOptions& options);
Result<SocketOptions> get_kernel_options(int fd);

// The UDP port of the peer for every path there will be (RFC 6951 §5.2,
// SCTP_REMOTE_UDP_ENCAPS_PORT). Errors: kSystem.
Result<void> set_remote_udp_port(int fd, std::uint16_t port);

// SCTP_STATUS. Errors: kSystem, ENOTCONN without an association.
Result<StatusSampled> get_kernel_status(int fd);
// SCTP_GET_PEER_ADDR_INFO of every path. Errors: as above.
Result<std::vector<PathInfo>> get_kernel_paths(int fd);

// SCTP_GET_ASSOC_STATS; its largest RTO is that since the last call. Errors: as
// above.
Result<AssociationStatistics> get_kernel_statistics(int fd);

// The addresses of an association or listener, with its port. Errors: kSystem.
Result<std::vector<Address>> get_kernel_local_addresses(int fd);

// A sysctl of SCTP in this network namespace, "net.sctp.<name>"; 0 when it is
// not there.
int sctp_sysctl(const char* name);

}  // namespace lksctp
