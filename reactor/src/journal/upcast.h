// Bodies of older versions brought up to the newest, one version at a time.
//
// Threads: pure functions; thread-safe.
#pragma once

#include <rapidjson/document.h>

#include <span>
#include <string_view>

#include "codec.h"

namespace lksctp {

// Association tables, which are no events.
inline constexpr std::string_view kStateKind = "state";

// Makes a body of `version` one of `version` + 1.
struct Upcaster {
  std::string_view kind;  // of the event, or `kStateKind`
  int version = 0;
  // The body, an object, whose members may have any type: the text is not trusted.
  void (*bring_up)(rapidjson::Document& body) = nullptr;
};

// Of the released versions: none, as there is one. A version that changes members of a
// kind adds a row for that kind.
[[nodiscard]] std::span<const Upcaster> body_upcasters();

// Brings `body` from `version` to `newest`.
void upcast(std::span<const Upcaster> upcasters, std::string_view kind,
            int version, int newest, rapidjson::Document& body);

// `read_body` with other upcasters and another newest version.
[[nodiscard]] Result<RecordedBody> read_body(
    std::string_view kind, int version, std::string_view text,
    std::span<const Upcaster> upcasters, int newest);

}  // namespace lksctp
