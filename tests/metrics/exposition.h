// The text exposition format 0.0.4, read back.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lksctp::test {

struct ExposedFamily {
  std::string type;
  std::string help;
  // By the sample's name and labels as written: `sctp_path_up{endpoint="a"}`.
  std::map<std::string, double> samples;
};

struct Exposition {
  std::map<std::string, ExposedFamily> families;
  std::vector<std::string> problems;  // one sentence per line that is not right

  // NaN when there is no such sample.
  [[nodiscard]] double value(const std::string& sample) const;
};

// Checks what `promtool check metrics` would: HELP and TYPE before the samples,
// every sample in its family, no duplicates, `_total` exactly on counters.
[[nodiscard]] Exposition parse_exposition(const std::string& text);

}  // namespace lksctp::test
