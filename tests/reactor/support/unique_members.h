// Whether no object of a JSON text has two members of one name, which parsers take without
// a word.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace lksctp::test {

// False for what is not JSON in UTF-8, too.
inline bool has_unique_members(const std::string& text) {
  using nlohmann::json;
  std::vector<std::set<std::string>> objects;
  bool unique = true;
  const auto look = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) {
      objects.emplace_back();
    } else if (event == json::parse_event_t::object_end) {
      objects.pop_back();
    } else if (event == json::parse_event_t::key) {
      unique = objects.back().insert(value.get<std::string>()).second && unique;
    }
    return true;
  };
  return !json::parse(text, look, /*allow_exceptions=*/false).is_discarded() &&
         unique;
}

}  // namespace lksctp::test
