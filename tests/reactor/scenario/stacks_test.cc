// One reactor, every stack there is: one loop, one log, one table.
#include <string>
#include <vector>

#include "scenario.h"

namespace lksctp::test {
namespace {

// Connects over `stack`, has "hello" echoed, and shuts down.
void exchange(Reactor& reactor, StackChoice stack, StackKind kind) {
  End accepted;
  accepted.echo = true;
  ListenOptions listen{.local = {loopback(0)}};
  listen.stack = stack;
  listen.udp.local_port = 0;
  if (kind == StackKind::kKernel) listen.udp = {};
  const auto endpoint = reactor.listen(
      std::move(listen), [&](const std::shared_ptr<Association>& association) {
        accepted.association = association;
        return accepted.handlers();
      });
  ASSERT_TRUE(endpoint.has_value()) << endpoint.error().to_string();
  EXPECT_EQ((*endpoint)->stack(), kind);
  EXPECT_EQ(reactor.table().endpoint((*endpoint)->id())->stack, kind);

  End client;
  ConnectOptions connect{.remote = {(*endpoint)->local().front()}};
  connect.stack = stack;
  connect.udp.remote_port = (*endpoint)->udp_port();
  const auto association =
      reactor.connect(std::move(connect), client.handlers());
  ASSERT_TRUE(association.has_value()) << association.error().to_string();
  client.association = *association;
  EXPECT_EQ((*association)->stack(), kind);
  ASSERT_TRUE(run_until(reactor, [&] { return client.up && accepted.up; }));
  EXPECT_EQ(accepted.association->stack(), kind);

  ASSERT_TRUE((*association)->send(bytes_of("hello")).has_value());
  ASSERT_TRUE(run_until(reactor, [&] { return client.message_count == 1; }));
  EXPECT_EQ(text_of(client.messages.front().payload()), "hello");
  ASSERT_TRUE((*association)->shutdown().has_value());
  ASSERT_TRUE(
      run_until(reactor, [&] { return client.closed && accepted.closed; }));
  (*endpoint)->close();
}

TEST(Stacks, OneReactorServesAllThereAre) {
  const auto made = Reactor::create();
  ASSERT_TRUE(made.has_value()) << made.error().to_string();
  Reactor& reactor = **made;
  Recorder recorder(reactor);
  std::size_t stacks = 0;
  for (const auto& [choice, kind] :
       {std::pair{StackChoice::kKernel, StackKind::kKernel},
        {StackChoice::kUsrsctp, StackKind::kUsrsctp},
        {StackChoice::kKernel, StackKind::kKernel}}) {
    const auto capabilities = reactor.capabilities(choice);
    if (!capabilities) {
      // The same as those who ask for it get.
      EXPECT_EQ(capabilities.error().code, ErrorCode::kStackUnavailable);
      ListenOptions listen{.local = {loopback(0)}};
      listen.stack = choice;
      EXPECT_EQ(reactor.listen(std::move(listen), {}).error().code,
                ErrorCode::kStackUnavailable);
      continue;
    }
    EXPECT_EQ(capabilities->stack, kind);
    exchange(reactor, choice, kind);
    ++stacks;
  }
  // What kAuto gets is the reactor's own here.
  const auto automatic = reactor.capabilities(StackChoice::kAuto);
  ASSERT_TRUE(automatic.has_value());
  EXPECT_EQ(automatic->stack, reactor.capabilities().stack);

  EXPECT_EQ(recorder.all<AssociationClosed>().size(), 2 * stacks);
  std::uint64_t seq = recorder.events().front().seq.value();
  for (const Event& event : recorder.events()) {
    EXPECT_EQ(event.seq.value(), seq++);
  }
  run_pending(reactor);
  recorder.expect_replay_equal();
}

}  // namespace
}  // namespace lksctp::test
