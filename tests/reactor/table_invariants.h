// What is true of every association table, whatever events it has seen.
#pragma once

#include <string>
#include <vector>

#include "lksctp/reactor/association_table.h"

namespace lksctp::test {

// One sentence per broken invariant; empty when all hold.
[[nodiscard]] std::vector<std::string> broken_invariants(
    const AssociationTable& table);

}  // namespace lksctp::test
