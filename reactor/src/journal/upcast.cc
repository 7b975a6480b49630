#include "upcast.h"

namespace lksctp {

std::span<const Upcaster> body_upcasters() { return {}; }

void upcast(std::span<const Upcaster> upcasters, std::string_view kind,
            int version, int newest, rapidjson::Document& body) {
  for (; version < newest; ++version) {
    for (const Upcaster& upcaster : upcasters) {
      if (upcaster.version == version && upcaster.kind == kind) {
        upcaster.bring_up(body);
      }
    }
  }
}

}  // namespace lksctp
