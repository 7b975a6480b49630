#include <lksctp/metrics_http/metrics_server.h>
#include <lksctp/reactor/reactor.h>

#include <cstdio>

int main() {
  auto reactor = lksctp::Reactor::create();
  if (!reactor) {
    std::fprintf(stderr, "%s\n", reactor.error().to_string().c_str());
    return 1;
  }
  auto server =
      lksctp::MetricsServer::start(lksctp::source_of(**reactor), {.port = 0});
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().to_string().c_str());
    return 1;
  }
  std::puts((*server)->url().c_str());
  (*server)->stop();
  return 0;
}
