#include <cstdio>

#include "commands.h"
#include "terminal.h"

namespace lksctp::journal_command {

Result<int> verify(const Arguments& arguments) {
  const auto check = [&] {
    Progress progress("reading");
    return verify_journal(arguments.path, progress.function());
  }();
  if (!check) return tl::unexpected(check.error());
  warn(check->damage);
  std::uint64_t unknown = 0;
  for (const auto& [kind, count] : check->unknown) unknown += count;
  std::printf(
      "%llu events, %llu of them of kinds not known here; %llu snapshots\n",
      static_cast<unsigned long long>(check->events),
      static_cast<unsigned long long>(unknown),
      static_cast<unsigned long long>(check->snapshots));
  if (check->damage.empty()) {
    print_line("nothing is damaged, nothing is missing", Colour::kGreen);
    return 0;
  }
  print_line(
      std::to_string(check->damage.size()) + " places are damaged or missing",
      Colour::kRed);
  return 1;
}

}  // namespace lksctp::journal_command
