// Payload protocol identifiers that have a name: IANA, "SCTP Payload Protocol
// Identifiers" of the registry sctp-parameters.
//
// Threads: immutable.
#pragma once

#include <span>
#include <string_view>

#include "lksctp/decoder/strong_type.h"

namespace lksctp {

struct PpidRow {
  Ppid ppid{};
  const char* name = "";  // "m3ua" …: what a label of a metric can be
};

// In rising order.
[[nodiscard]] std::span<const PpidRow> ppid_rows();

// "" for one without a name.
[[nodiscard]] std::string_view ppid_name(Ppid ppid);

// Under this one messages are counted whose PPID has no name: a peer chooses
// PPIDs, and must not choose how much is remembered.
inline constexpr Ppid kOtherPpid{0xffffffff};

// `ppid` when it has a name, else `kOtherPpid`.
[[nodiscard]] Ppid named_ppid(Ppid ppid);

}  // namespace lksctp
