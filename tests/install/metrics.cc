#include <lksctp/metrics/collectable.h>
#include <lksctp/reactor/event_log.h>

#include <cstdio>
#include <string>

int main() {
  lksctp::EventLog log;
  log.append(lksctp::EndpointId(1), {},
             lksctp::EndpointOpened{.name = "listen:test",
                                    .role = lksctp::EndpointRole::kListen,
                                    .stack = lksctp::StackKind::kUsrsctp});
  lksctp::Snapshot snapshot;
  snapshot.table = log.table();
  const std::string text = lksctp::to_text(snapshot);
  std::fputs(text.c_str(), stdout);
  return text.find("listen:test") == std::string::npos ? 1 : 0;
}
