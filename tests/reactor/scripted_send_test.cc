// Sending: attributes, batches, back-pressure, what is refused.
#include <cerrno>
#include <string>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using Strings = std::vector<std::string>;

class ScriptedSend : public ScriptedReactorTest {};

TEST_F(ScriptedSend, AttributesReachTheStack) {
  const auto association = connect_up();
  EXPECT_TRUE(association
                  ->send(bytes_of("hello"), {.stream = StreamId(3),
                                             .ppid = Ppid(46),
                                             .unordered = true,
                                             .context = 99,
                                             .time_to_live = Milliseconds(250)})
                  .has_value());
  EXPECT_EQ(socket().sent.size(), 0u) << "it leaves at the end of the turn";
  run();
  ASSERT_EQ(socket().sent.size(), 1u);
  const ScriptedSent& sent = socket().sent[0];
  EXPECT_EQ(text_of(sent.data), "hello");
  EXPECT_EQ(sent.stream, StreamId(3));
  EXPECT_EQ(sent.ppid, Ppid(46));
  EXPECT_TRUE(sent.unordered);
  EXPECT_EQ(sent.context, 99u);
  ASSERT_TRUE(sent.time_to_live.has_value());
  EXPECT_LE(*sent.time_to_live, Milliseconds(250)) << "what is left of it";
  EXPECT_GT(*sent.time_to_live, Milliseconds(0));
}

TEST_F(ScriptedSend, RarerAttributesReachTheStack) {
  const auto association = connect_up();
  socket().paths = {{.address = address("192.0.2.9", 2905), .primary = true}};
  ASSERT_TRUE(association->sample().has_value());
  ASSERT_TRUE(
      association
          ->send(bytes_of("x"), {.max_retransmissions = 2,
                                 .sack_immediately = true,
                                 .destination = address("192.0.2.9", 0)})
          .has_value());
  run();
  ASSERT_EQ(socket().sent.size(), 1u);
  const ScriptedSent& sent = socket().sent[0];
  EXPECT_EQ(sent.max_retransmissions, 2u);
  EXPECT_TRUE(sent.sack_immediately);
  EXPECT_EQ(sent.destination, address("192.0.2.9", 2905))
      << "the port is the path's";
}

TEST_F(ScriptedSend, ADestinationIsOneOfThePaths) {
  const auto association = connect_up();
  socket().paths = {{.address = address("192.0.2.9", 2905), .primary = true}};
  const auto sent = association->send(
      bytes_of("x"), {.destination = address("192.0.2.10", 2905)});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(sent.error().message.find("192.0.2.10"), std::string::npos);
}

// RFC 6458 §5.3.7: there is one policy per message.
TEST_F(ScriptedSend, PoliciesExcludeEachOther) {
  const auto association = connect_up();
  const SendOptions both[] = {
      {.time_to_live = Milliseconds(5), .max_retransmissions = 1},
      {.time_to_live = Milliseconds(5), .priority = 1},
      {.max_retransmissions = 1, .priority = 1}};
  for (const SendOptions& options : both) {
    const auto sent = association->send(bytes_of("x"), options);
    ASSERT_FALSE(sent.has_value());
    EXPECT_EQ(sent.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(ScriptedSend, APolicyTheStackDoesNotHaveIsRefused) {
  const auto association = connect_up();
  const auto sent = association->send(bytes_of("x"), {.priority = 1});
  ASSERT_FALSE(sent.has_value());
  EXPECT_EQ(sent.error().code, ErrorCode::kNotSupported);
  EXPECT_NE(sent.error().message.find("kernel"), std::string::npos)
      << "which stack has it";
}

TEST_F(ScriptedSend, AWholeBatchDoesNotWaitForTheEndOfTheTurn) {
  const auto association = connect_up();
  for (int i = 0; i < 64; ++i) {
    ASSERT_TRUE(association->send(bytes_of("x")).has_value());
  }
  EXPECT_EQ(socket().sent.size(), 0u);
  ASSERT_TRUE(association->send(bytes_of("last")).has_value());
  ASSERT_EQ(socket().sent.size(), 64u);
  for (const ScriptedSent& sent : socket().sent) EXPECT_TRUE(sent.more);
  run();
  ASSERT_EQ(socket().sent.size(), 65u);
  EXPECT_EQ(text_of(socket().sent[64].data), "last");
  EXPECT_FALSE(socket().sent[64].more) << "what it follows waits for it";
}

TEST_F(ScriptedSend, NothingWaitsForAMessageThatMayNeverGo) {
  const auto association = connect_up();
  socket().paths = {{.address = address("192.0.2.9", 2905), .primary = true}};
  ASSERT_TRUE(association->sample().has_value());
  for (const SendOptions& doubtful :
       {SendOptions{.time_to_live = Milliseconds(1)},
        SendOptions{.destination = address("192.0.2.9", 0)}}) {
    socket().sent.clear();
    for (int i = 0; i < 64; ++i) {
      ASSERT_TRUE(association->send(bytes_of("x")).has_value());
    }
    const auto sent = association->send(bytes_of("y"), doubtful);
    ASSERT_TRUE(sent.has_value()) << sent.error().to_string();
    ASSERT_GE(socket().sent.size(), 64u);
    for (const ScriptedSent& one : socket().sent) EXPECT_FALSE(one.more);
    run();
  }
}

TEST_F(ScriptedSend, AQueueThatIsFullOfOneMessageIsHandedOver) {
  ConnectOptions options;
  options.association.send_high_water_mark = message_cost(10);
  const auto association = connect_up(options);
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(association->send(Bytes(10)).has_value()) << i;
    EXPECT_EQ(socket().sent.size(), i);
  }
}

TEST_F(ScriptedSend, TheHighWaterMarkCountsWhatTheStackDidNotTake) {
  const auto association = connect_up();
  const Bytes message(AssociationSettings{}.send_high_water_mark / 2);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(association->send(message).has_value()) << i;
  }
  socket().set_room(0);
  while (association->send(message).has_value()) {
  }
  EXPECT_EQ(association->send(message).error().code, ErrorCode::kWouldBlock);
  EXPECT_LE(association->send_queue_bytes(), 2 * message.size());
}

TEST_F(ScriptedSend, TimeInTheQueueIsTimeOfLife) {
  const auto association = connect_up();
  socket().set_room(0);
  EXPECT_TRUE(association
                  ->send(bytes_of("late"),
                         {.context = 5, .time_to_live = Milliseconds(1)})
                  .has_value());
  EXPECT_TRUE(association->send(bytes_of("good")).has_value());
  run();
  const MonotonicTime expired = Loop::now() + Milliseconds(2);
  while (Loop::now() < expired) run();
  socket().set_room(10);
  run();
  ASSERT_EQ(socket().sent.size(), 1u);
  EXPECT_EQ(text_of(socket().sent[0].data), "good");
  ASSERT_EQ(failed_.size(), 1u);
  EXPECT_EQ(failed_[0].first.context, 5u);
  EXPECT_EQ(failed_[0].first.kind, SendFailedKind::kUnsent);
}

TEST_F(ScriptedSend, WaitsForTheAssociation) {
  const auto association = connect();
  EXPECT_TRUE(association->send(bytes_of("early")).has_value());
  run();
  EXPECT_EQ(socket().sent.size(), 0u);
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  EXPECT_EQ(socket().sent.size(), 1u);
}

TEST_F(ScriptedSend, RefusesWhatCanNeverBeSent) {
  const auto association = connect_up();
  EXPECT_EQ(association->send({}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      association->send(bytes_of("x"), {.stream = StreamId(7)}).error().code,
      ErrorCode::kInvalidArgument)
      << "7 streams were negotiated: 0 to 6";
  socket().options.send_buffer = 256 * 1024;
  EXPECT_EQ(association->send(Bytes(2 * 1024 * 1024)).error().code,
            ErrorCode::kMessageTooLarge);
  run();
  EXPECT_EQ(socket().sent.size(), 0u);
  EXPECT_EQ(calls_, Strings{});
  EXPECT_TRUE(association->send(bytes_of("x"), {.stream = StreamId(6)}));
}

TEST_F(ScriptedSend, AStreamThatWasNotNegotiatedFailsThatMessageAlone) {
  const auto association = connect();
  socket().outbound_streams = 7;
  EXPECT_TRUE(
      association->send(bytes_of("bad"), {.stream = StreamId(11), .context = 1})
          .has_value());
  EXPECT_TRUE(association->send(bytes_of("good"), {.context = 2}).has_value());
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  ASSERT_EQ(socket().sent.size(), 1u);
  EXPECT_EQ(text_of(socket().sent[0].data), "good");
  ASSERT_EQ(failed_.size(), 1u);
  EXPECT_EQ(failed_[0].first.context, 1u);
}

TEST_F(ScriptedSend, TheQueueIsBoundedAndSaysWhenThereIsRoom) {
  ConnectOptions options;
  // Of 30 bytes and the overhead of each.
  options.association.send_high_water_mark = 3 * message_cost(30) + 10;
  const auto association = connect_up(options);
  socket().set_room(0);
  int queued = 0;
  while (association->send(Bytes(30, std::byte{1})).has_value()) ++queued;
  EXPECT_EQ(queued, 4) << "the one that crosses the mark is still taken";
  EXPECT_EQ(association->send(bytes_of("x")).error().code,
            ErrorCode::kWouldBlock);
  EXPECT_EQ(association->send_queue_bytes(), 120u);
  run();
  EXPECT_EQ(calls_, Strings{});
  socket().set_room(1);
  run();
  EXPECT_EQ(calls_, Strings{}) << "three are more than half";
  socket().set_room(2);
  run();
  EXPECT_EQ(calls_, Strings{"writable"});
  EXPECT_EQ(association->send_queue_bytes(), 30u);
  EXPECT_TRUE(association->send(bytes_of("x")).has_value());
}

TEST_F(ScriptedSend, MessagesKeepTheirOrderAcrossBackPressure) {
  const auto association = connect_up();
  socket().set_room(3);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(association->send(bytes_of(std::to_string(i))).has_value());
  }
  while (socket().sent.size() < 1000) {
    socket().set_room(37);
    run();
  }
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(text_of(socket().sent[static_cast<std::size_t>(i)].data),
              std::to_string(i));
  }
}

TEST_F(ScriptedSend, AMessageTheStackCannotTakeFailsAlone) {
  const auto association = connect_up();
  socket().send_error = EMSGSIZE;
  EXPECT_TRUE(association->send(bytes_of("a"), {.context = 5}).has_value());
  run();
  EXPECT_EQ(calls_, Strings{"send_failed"});
  EXPECT_EQ(failed_[0].first.context, 5u);
  socket().send_error = 0;
  EXPECT_TRUE(association->send(bytes_of("b")).has_value());
  run();
  EXPECT_EQ(socket().sent.size(), 1u);
}

TEST_F(ScriptedSend, ABrokenSocketFailsTheQueueWhenTheEndIsKnown) {
  const auto association = connect_up();
  socket().send_error = EPIPE;
  EXPECT_TRUE(association->send(bytes_of("a"), {.context = 5}).has_value());
  run();
  EXPECT_EQ(calls_, Strings{});
  socket().notify(sample("assoc_change-comm_lost-linger_close"));
  run();
  EXPECT_EQ(calls_, (Strings{"send_failed", "closed"}));
}

TEST_F(ScriptedSend, OptionsAreSetAndReadBackAsAnEvent) {
  const auto association = connect_up();
  SocketOptions options;
  options.rto.initial = Milliseconds(500);
  EXPECT_TRUE(association->set_options(options).has_value());
  EXPECT_EQ(association->options()->rto.initial, Milliseconds(500));
  run();
  EXPECT_EQ(recorder_->all<OptionsChanged>(association->id()).size(), 1u);
  EXPECT_EQ(association->record()->options.rto.initial, Milliseconds(500));
  options.initiation.max_attempts = 3;
  EXPECT_EQ(association->set_options(options).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(ScriptedSend, EmptyLookingMessagesCountWhatTheyTake) {
  const auto association = connect();
  std::size_t queued = 0;
  while (association->send(bytes_of("x")).has_value()) ++queued;
  EXPECT_LT(queued, AssociationSettings{}.send_high_water_mark / 100)
      << "one byte is not what it costs";
}

TEST_F(ScriptedSend, AResendInsideTheFailureHandlerStarvesNobody) {
  const auto association = connect_up();
  socket().send_error = EMSGSIZE;
  int failures = 0;
  association->set_handlers(
      {.on_send_failed = [&](Association& self, const MessageFailed&,
                             std::span<const std::byte> data) {
        if (++failures == 50) reactor_->stop();
        if (failures < 100'000) static_cast<void>(self.send(data));
      }});
  EXPECT_TRUE(association->send(bytes_of("stubborn")).has_value());
  reactor_->run();
  EXPECT_LT(failures, 100);
  socket().send_error = 0;
  association->set_handlers({});
  run();
}

TEST_F(ScriptedSend, OptionsSetWhileConnectingHoldForTheNextAddress) {
  start({}, /*multihoming=*/false);
  const auto association = connect(
      {.remote = {address("192.0.2.1", 2905), address("192.0.2.2", 2905)}});
  socket().options.send_buffer = 100'000;
  SocketOptions options;
  options.rto.initial = Milliseconds(123);
  EXPECT_TRUE(association->set_options(options).has_value());
  EXPECT_TRUE(association->send(Bytes(500'000)).has_value());
  socket().receive(ScriptedError{ECONNREFUSED});
  socket().notify(sample("assoc_change-cant_str_assoc-refused"));
  socket().receive(ScriptedEndOfFile{});
  run();
  ASSERT_EQ(stack_->connects.size(), 2u);
  EXPECT_EQ(stack_->connects[1].options.rto.initial, Milliseconds(123));
  EXPECT_EQ(stack_->connects[1].options.send_buffer, 500'000u);
}

TEST_F(ScriptedSend, NagleIsOffUnlessAskedFor) {
  connect();
  EXPECT_EQ(socket().options.no_delay, true);
  ConnectOptions options;
  options.association.options.no_delay = false;
  connect(options);
  EXPECT_EQ(socket().options.no_delay, false);
}

TEST_F(ScriptedSend, TheSendBufferGrowsWithTheMessages) {
  const auto association = connect_up();
  socket().options.send_buffer = 100'000;
  EXPECT_TRUE(association->send(Bytes(500'000)).has_value());
  EXPECT_EQ(socket().options.send_buffer, 500'000u);
  run();
  EXPECT_TRUE(association->send(Bytes(400'000)).has_value());
  EXPECT_EQ(socket().options.send_buffer, 500'000u);
}

TEST_F(ScriptedSend, ASendBufferThatWasChosenStays) {
  ConnectOptions options;
  options.association.options.send_buffer = 100'000;
  const auto association = connect_up(options);
  EXPECT_EQ(association->send(Bytes(100'001)).error().code,
            ErrorCode::kMessageTooLarge);
  EXPECT_TRUE(association->send(Bytes(100'000)).has_value());
  SocketOptions smaller;
  smaller.send_buffer = 10'000;
  EXPECT_TRUE(association->set_options(smaller).has_value());
  EXPECT_EQ(association->send(Bytes(10'001)).error().code,
            ErrorCode::kMessageTooLarge);
}

}  // namespace
}  // namespace lksctp::test
