// docs/notifications.md, as the table of notifications gives it.
#pragma once

#include <string>

namespace lksctp {

std::string notifications_page();

}  // namespace lksctp
