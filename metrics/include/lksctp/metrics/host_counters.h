// Counters of kernel SCTP for the whole network namespace.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lksctp {

// By the kernel's own names: "SctpCurrEstab" …
using HostCounters = std::map<std::string, std::uint64_t, std::less<>>;

// Lines of a name and a number, as in /proc/net/sctp/snmp; other lines are left
// out. Any thread.
[[nodiscard]] HostCounters parse_host_counters(std::string_view text);

// Reads the file, which needs no privilege; nullopt where the kernel has no SCTP.
// Any thread.
[[nodiscard]] std::optional<HostCounters> read_host_counters(
    const char* path = "/proc/net/sctp/snmp");

}  // namespace lksctp
