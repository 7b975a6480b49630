// Writes what the fuzzer of the journal's texts begins with, into the directory given: a
// body of every kind, and a table.
#include <cstddef>
#include <fstream>
#include <string>

#include "every_body.h"
#include "journal/codec.h"
#include "lksctp/reactor/event_log.h"
#include "random_events.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  using namespace lksctp;
  const std::string directory = argv[1];
  std::size_t count = 0;
  const auto add = [&](std::size_t first, const std::string& text) {
    std::ofstream file(directory + "/journal-" + std::to_string(count++),
                       std::ios::binary);
    file << static_cast<char>(first) << text;
  };
  for (const EventBody& body : test::every_body()) {
    std::string text;
    write_body(text, body, JournaledUserData::kFull);
    add(static_cast<std::size_t>(kind_of(body)), text);
  }
  add(kEventKinds, write_state(replay(test::RandomEvents(1).take(40))));
  return 0;
}
