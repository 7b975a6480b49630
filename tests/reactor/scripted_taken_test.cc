// What becomes of the messages that `send` has accepted: taken by the stack, or never.
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using Strings = std::vector<std::string>;

class ScriptedTaken : public ScriptedReactorTest {
 protected:
  // Beside what the others note: "taken 2 of 7 bytes", "not taken 3: x".
  std::shared_ptr<Association> connect_up_noting() {
    auto association = connect_up();
    AssociationHandlers handlers = noting_handlers();
    handlers.on_taken = [this](Association&, std::size_t messages,
                               std::size_t bytes) {
      calls_.push_back("taken " + std::to_string(messages) + " of " +
                       std::to_string(bytes) + " bytes");
    };
    handlers.on_not_taken = [this](Association&, const NotTaken& one) {
      calls_.push_back("not taken " + std::to_string(one.number) + ": " +
                       text_of(one.data));
      errors_.push_back(one.error);
    };
    association->set_handlers(std::move(handlers));
    run();
    return association;
  }

  static void send(Association& association,
                   std::initializer_list<const char*> messages) {
    for (const char* message : messages) {
      EXPECT_TRUE(association.send(bytes_of(message)).has_value());
    }
  }

  std::vector<Error> errors_;
};

TEST_F(ScriptedTaken, AllOfATurnAreToldAtOnce) {
  const auto association = connect_up_noting();
  send(*association, {"one", "four", "x"});
  EXPECT_EQ(calls_, Strings{}) << "not from inside the call";
  run();
  EXPECT_EQ(calls_, Strings{"taken 3 of 8 bytes"});
  run();
  EXPECT_EQ(calls_.size(), 1u);
}

TEST_F(ScriptedTaken, AStackThatIsFullTakesNothing) {
  const auto association = connect_up_noting();
  socket().set_room(2);
  send(*association, {"a", "b", "c", "d"});
  run();
  EXPECT_EQ(calls_, Strings{"taken 2 of 2 bytes"});
  calls_.clear();
  run();
  EXPECT_EQ(calls_, Strings{});
  socket().set_room(1);
  run();
  EXPECT_EQ(calls_, Strings{"taken 1 of 1 bytes"});
}

TEST_F(ScriptedTaken, OneThatNeverGoesIsToldBeforeThoseBehindIt) {
  const auto association = connect_up_noting();
  socket().set_room(1);
  send(*association, {"a", "b", "c"});
  run();
  calls_.clear();
  EXPECT_FALSE(association->send({}).has_value())
      << "is not one of those counted";
  // The next has been waiting for room longer than it lives.
  EXPECT_TRUE(
      association->send(bytes_of("short"), {.time_to_live = Milliseconds(1)})
          .has_value());
  send(*association, {"e"});
  const auto expired = Loop::now() + Milliseconds(1);
  while (Loop::now() <= expired) continue;
  socket().set_room(5);
  run();
  EXPECT_EQ(calls_, (Strings{"not taken 4: short", "taken 3 of 3 bytes"}));
  ASSERT_EQ(errors_.size(), 1u);
  EXPECT_EQ(errors_[0].errno_value, ETIMEDOUT);
  EXPECT_TRUE(failed_.empty()) << "told once";
}

TEST_F(ScriptedTaken, OneTooLargeForTheStackSaysSo) {
  const auto association = connect_up_noting();
  socket().send_error = EMSGSIZE;
  send(*association, {"a"});
  run();
  socket().send_error = 0;
  EXPECT_EQ(calls_, Strings{"not taken 1: a"});
  ASSERT_EQ(errors_.size(), 1u);
  EXPECT_EQ(errors_[0].errno_value, EMSGSIZE);
}

TEST_F(ScriptedTaken, WhatIsQueuedWhenThePeerShutsDownIsNotTaken) {
  const auto association = connect_up_noting();
  socket().set_room(1);
  send(*association, {"a", "b", "c"});
  run();
  calls_.clear();
  socket().notify(sample("shutdown_event-server"));
  run();
  EXPECT_EQ(calls_,
            (Strings{"not taken 2: b", "not taken 3: c", "peer_shutdown"}));
  ASSERT_EQ(errors_.size(), 2u);
  EXPECT_EQ(errors_[0].code, ErrorCode::kRemoteEnded);
}

TEST_F(ScriptedTaken, WhatIsQueuedAtTheEndHasItsError) {
  const auto association = connect_up_noting();
  socket().set_room(0);
  send(*association, {"a", "b"});
  run();
  socket().notify(sample("assoc_change-comm_lost-user_abort_reason"));
  run();
  EXPECT_EQ(calls_, (Strings{"not taken 1: a", "not taken 2: b", "closed"}));
  ASSERT_EQ(errors_.size(), 2u);
  EXPECT_EQ(errors_[1], *closed_->error);
}

}  // namespace
}  // namespace lksctp::test
