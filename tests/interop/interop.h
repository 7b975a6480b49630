// A reactor on kernel SCTP, in a network namespace of its own, and programs of
// others as its peers there.
#pragma once

#include <string>

#include "program.h"
#include "scenario.h"

namespace lksctp::test {

// Every program is alone in the namespace of its test.
inline constexpr std::uint16_t kPort = 5000;
inline constexpr std::uint16_t kOtherPort = 5001;

// What the log tells of an association on the kernel, start to end. The kernel's
// "authentication" says that the peer has none.
inline const Strings kEndedByUs = {"connect_requested", "comm_up",
                                   "authentication",    "shutdown_requested",
                                   "shutdown_complete", "association_closed"};
inline const Strings kAbortedByUs = {"connect_requested", "comm_up",
                                     "authentication", "abort_requested",
                                     "association_closed"};
inline const Strings kEndedByPeer = {
    "association_accepted", "comm_up",           "authentication", "shutdown",
    "shutdown_complete",    "association_closed"};
inline const Strings kAbortedByPeer = {"association_accepted", "comm_up",
                                       "authentication", "comm_lost",
                                       "association_closed"};

class Interop : public Scenario {
 protected:
  // Listens on kPort.
  void listen_for_programs() { listen({.local = {loopback(kPort)}}); }

  // The one association that a program made.
  End& wait_for_peer() {
    EXPECT_TRUE(wait([&] { return !accepted_.empty() && accepted_[0].up; }));
    return accepted_.empty() ? accepted_.emplace_back() : accepted_[0];
  }

  // Connects to a program once it listens on `port`, and waits until the
  // association is up.
  End& connect_to_program(std::uint16_t port = kPort,
                          ConnectOptions options = {}) {
    EXPECT_TRUE(wait([&] { return listens_on(port); }));
    if (options.remote.empty()) options.remote = {loopback(port)};
    End& end = clients_.emplace_back();
    auto association = reactor_->connect(std::move(options), end.handlers());
    EXPECT_TRUE(association.has_value()) << association.error().to_string();
    end.association = *association;
    EXPECT_TRUE(wait([&] { return end.up || end.closed.has_value(); }));
    EXPECT_TRUE(end.up);
    return end;
  }

  bool wait_for_output(Program& program, std::string_view text) {
    return wait([&] { return program.printed(text); });
  }
  bool wait_for_end(Program& program) {
    return wait([&] { return program.status().has_value(); });
  }
};

}  // namespace lksctp::test
