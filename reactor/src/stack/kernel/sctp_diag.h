// What the kernel tells of an association through its module sctp_diag
// (NETLINK_SOCK_DIAG): what no socket option does.
//
// Threads: pure but for the system calls; loop thread only.
#pragma once

#include "lksctp/decoder/address.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/statistics.h"

namespace lksctp {

// The association of socket `fd` between `local`, one of its addresses, and `remote`,
// one of the peer's and of the same family, both with their ports. One question and
// one answer, without waiting: the kernel answers from within the question. (The
// first one of a host may load the module.) Errors: kNotSupported, the module is not
// there; kSystem, ENOENT when the association is not to be found in this network
// namespace.
[[nodiscard]] Result<AssociationDetails> query_sctp_diag(int fd,
                                                         const Address& local,
                                                         const Address& remote);

}  // namespace lksctp
