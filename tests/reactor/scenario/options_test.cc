// Socket options: set, read back, changed, refused.
#include <string>

#include "scenario.h"

namespace lksctp::test {
namespace {

class Options : public Scenario {};

TEST_F(Options, AreSetAndReadBack) {
  ConnectOptions options;
  SocketOptions& wanted = options.association.options;
  wanted = fast_failure();
  wanted.initiation = {.outbound_streams = 17, .max_inbound_streams = 19};
  wanted.delayed_sack = {.delay = Milliseconds(40), .frequency = 3};
  wanted.no_delay = false;
  wanted.association.cookie_life = Milliseconds(30000);
  wanted.max_segment = 1000;
  wanted.max_burst = 7;
  wanted.fragment_interleave = 1;
  wanted.potentially_failed = false;
  if (on_kernel()) wanted.path.dscp = 46;
  wanted.send_buffer = 300'000;
  wanted.receive_buffer = 200'000;
  connect_pair(options);
  const auto current = client->association->options();
  ASSERT_TRUE(current.has_value()) << current.error().to_string();
  EXPECT_EQ(current->rto, wanted.rto);
  EXPECT_EQ(current->delayed_sack, wanted.delayed_sack);
  EXPECT_EQ(current->no_delay, false);
  EXPECT_EQ(current->association, wanted.association);
  EXPECT_EQ(current->path.heartbeat_interval, wanted.path.heartbeat_interval);
  EXPECT_EQ(current->path.max_retransmissions, wanted.path.max_retransmissions);
  EXPECT_EQ(current->send_buffer, wanted.send_buffer);
  EXPECT_EQ(current->receive_buffer, wanted.receive_buffer);
  EXPECT_EQ(client->association->record()->outbound_streams, 17);
  EXPECT_EQ(current->max_burst, 7u);
  EXPECT_EQ(current->fragment_interleave, 1u);
  EXPECT_EQ(current->path.dscp, wanted.path.dscp);
  // usrsctp has no such state to tell of.
  EXPECT_EQ(current->potentially_failed,
            on_kernel() ? std::optional(false) : std::nullopt);

  SocketOptions change;
  change.max_burst = 0;
  change.fragment_interleave = 0;
  change.rto.maximum = Milliseconds(400);
  change.no_delay = true;
  ASSERT_TRUE(client->association->set_options(change).has_value());
  const auto changed = client->association->options();
  EXPECT_EQ(changed->rto.maximum, Milliseconds(400));
  EXPECT_EQ(changed->rto.initial, wanted.rto.initial);
  EXPECT_EQ(changed->no_delay, true);
  EXPECT_EQ(changed->max_burst, 0u);
  EXPECT_EQ(changed->fragment_interleave, 0u);
  run_pending(*reactor_);
  EXPECT_EQ(client->association->record()->options.rto.maximum,
            Milliseconds(400));
}

TEST_F(Options, ThoseThatNobodyOrOneStackHasAreRefused) {
  connect_pair();
  const auto outcome = [&](const SocketOptions& options) {
    const auto set = client->association->set_options(options);
    if (set) return std::string("set");
    if (set.error().code == ErrorCode::kInvalidArgument)
      return std::string("invalid");
    EXPECT_EQ(set.error().code, ErrorCode::kNotSupported);
    return set.error().message.find("kernel stack") != std::string::npos
               ? std::string("see kernel stack")
               : std::string("not supported");
  };
  const std::string kernel_only = on_kernel() ? "set" : "see kernel stack";
  EXPECT_EQ(outcome({.path = {.dscp = 10}}), kernel_only);
  EXPECT_EQ(outcome({.path = {.dscp = 64}}), "invalid");
  EXPECT_EQ(outcome({.potentially_failed = true}), kernel_only);
  EXPECT_EQ(outcome({.potentially_failed = false}), "set");
  EXPECT_EQ(outcome({.fragment_interleave = 2}), "not supported");
}

}  // namespace
}  // namespace lksctp::test
