// Values of the reactor as JSON, by the names of the Node API.
//
// Threads: pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lksctp/reactor/event.h"

namespace lksctp {

// Members in the order of their names.
using Json = nlohmann::json;

// On one line; what is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string to_text(const Json& json);

// Milliseconds, as precise as a double is.
[[nodiscard]] double milliseconds(std::chrono::nanoseconds time);
// What is 64 bits wide and names a thing: not every reader of JSON has integers.
template <typename Id>
[[nodiscard]] std::string id_text(Id id) {
  return std::to_string(id.value());
}
[[nodiscard]] std::string hexadecimal(const Bytes& bytes);
[[nodiscard]] const char* role_name(EndpointRole role);

// {address, family, port}.
[[nodiscard]] Json to_value(const Address& address);
// {code, message, errno, operation, address, port}; without what is not known.
[[nodiscard]] Json to_value(const Error& error);
[[nodiscard]] Json to_value(const PathInfo& path);
[[nodiscard]] Json to_value(const Traffic& traffic);
[[nodiscard]] Json to_value(const StreamTraffic& stream);
[[nodiscard]] Json to_value(const PpidTraffic& protocol);
[[nodiscard]] Json to_value(const AssociationStatistics& statistics);
[[nodiscard]] Json to_value(const ErrorCause& cause);
// Only the options that are there.
[[nodiscard]] Json to_value(const SocketOptions& options);

template <typename T>
[[nodiscard]] Json to_value(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(to_value(value));
  return array;
}

}  // namespace lksctp
