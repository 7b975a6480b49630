#include "lksctp/metrics/host_counters.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <system_error>

namespace lksctp {

HostCounters parse_host_counters(std::string_view text) {
  HostCounters counters;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t name_end = line.find_first_of(" \t");
    const std::size_t begin = line.find_last_of(" \t") + 1;
    if (name_end == line.npos || name_end == 0) continue;
    std::uint64_t value = 0;
    const char* end = line.data() + line.size();
    const auto read = std::from_chars(line.data() + begin, end, value);
    if (read.ec != std::errc() || read.ptr != end) continue;
    counters.emplace(line.substr(0, name_end), value);
  }
  return counters;
}

std::optional<HostCounters> read_host_counters(const char* path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return parse_host_counters(text.str());
}

}  // namespace lksctp
