// Socket options and samples in usrsctp's own layouts, numbers and units.
//
// Threads: loop thread only.
#pragma once

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/options.h"
#include "stack/usrsctp/usrsctp_library.h"

namespace lksctp {

// Bytes that IP, UDP and the SCTP common header take of a path MTU.
[[nodiscard]] std::uint32_t encapsulation_overhead(AddressFamily family);

// Makes a new socket what every socket of this library is: subscriptions,
// receive information, the path MTU of an Ethernet link unless `options` says
// otherwise. Errors: kSystem, kInvalidArgument.
Result<void> configure_socket(const UsrsctpApi& api, UsrsctpHandle* handle,
                              const SocketOptions& options,
                              AddressFamily family);

Result<void> set_socket_options(const UsrsctpApi& api, UsrsctpHandle* handle,
                                const SocketOptions& options,
                                AddressFamily family);
Result<SocketOptions> get_socket_options(const UsrsctpApi& api,
                                         UsrsctpHandle* handle,
                                         AddressFamily family);

// SCTP_STATUS with its primary path, which is the only one. `peer` stands in
// for the address that usrsctp has as a handle. Errors: kSystem, ENOTCONN
// without an association.
struct StatusAndPath {
  StatusSampled status;
  PathInfo path;
};
Result<StatusAndPath> get_status(const UsrsctpApi& api, UsrsctpHandle* handle,
                                 const Address& peer);

}  // namespace lksctp
