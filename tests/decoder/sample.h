// Notifications as they were received, see tests/samples/README.md.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "lksctp/decoder/notification.h"

namespace lksctp {

struct Sample {
  std::string name;  // file name without suffix
  Abi abi{};
  Bytes bytes;
  nlohmann::json description;
};

// Every sample of both ABIs, sorted by name.
const std::vector<Sample>& all_samples();

// REQUIRES: the sample exists.
const Sample& sample(Abi abi, const std::string& name);

// The sample's notification; fails the test when it does not decode.
Notification decode_sample(Abi abi, const std::string& name);

// A byte literal: bytes_of({0x01, 0x80}).
Bytes bytes_of(std::initializer_list<int> values);

// "01800000 14000000": blanks are ignored.
Bytes from_hex(const std::string& hex);

std::string text_of(std::span<const std::byte> bytes);

}  // namespace lksctp
