#include <lksctp/reactor/reactor.h>

#include <cstdio>

int main() {
  auto reactor = lksctp::Reactor::create();
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    return 1;
  }
  (*reactor)->post([&] { (*reactor)->stop(); });
  (*reactor)->run();
  return 0;
}
