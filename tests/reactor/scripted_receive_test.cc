// Receiving: pieces, bounds, back-pressure, bytes that make no sense.
#include <random>
#include <string>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using Strings = std::vector<std::string>;

class ScriptedReceive : public ScriptedReactorTest {
 protected:
  void receive(std::string_view text, bool end = true, ReceiveInfo info = {}) {
    socket().receive(ScriptedPiece{
        .bytes = bytes_of(text), .end_of_record = end, .info = info});
  }
};

TEST_F(ScriptedReceive, PiecesBecomeOneMessageWithTheFirstPiecesAttributes) {
  connect_up();
  receive("abc", false,
          {.stream = StreamId(3), .ppid = Ppid(46), .tsn = Tsn(100)});
  run();
  EXPECT_EQ(messages_.size(), 0u);
  receive("def", false,
          {.stream = StreamId(3), .ppid = Ppid(46), .tsn = Tsn(101)});
  receive("g", true,
          {.stream = StreamId(3), .ppid = Ppid(46), .tsn = Tsn(102)});
  receive("next");
  run();
  ASSERT_EQ(messages_.size(), 2u);
  EXPECT_EQ(text_of(messages_[0].payload()), "abcdefg");
  EXPECT_EQ(messages_[0].info.stream, StreamId(3));
  EXPECT_EQ(messages_[0].info.ppid, Ppid(46));
  EXPECT_EQ(messages_[0].info.tsn, Tsn(100));
  EXPECT_EQ(text_of(messages_[1].payload()), "next");
}

TEST_F(ScriptedReceive, NotificationsComeBetweenThePiecesOfAMessage) {
  const auto association = connect_up();
  receive("first", false);
  socket().notify(sample("peer_addr_change-unreachable"));
  receive("second", true);
  run();
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_EQ(text_of(messages_[0].payload()), "firstsecond");
  EXPECT_EQ(recorder_->all<PeerAddressChange>(association->id()).size(), 1u);
}

TEST_F(ScriptedReceive, NotificationsInPiecesAreAssembled) {
  const auto association = connect_up();
  const Bytes record = sample("send_failed_event-unsent-ttl");
  for (std::size_t at = 0; at < record.size(); at += 7) {
    const auto size = std::min<std::size_t>(7, record.size() - at);
    const auto begin = record.begin() + static_cast<std::ptrdiff_t>(at);
    socket().receive(ScriptedPiece{
        .bytes = {begin, begin + static_cast<std::ptrdiff_t>(size)},
        .notification = true,
        .end_of_record = at + size == record.size(),
        .info = std::nullopt});
  }
  run();
  EXPECT_EQ(recorder_->all<SendFailed>(association->id()).size(), 1u);
  EXPECT_EQ(calls_, Strings{"send_failed"});
}

TEST_F(ScriptedReceive, ANotificationsBytesStandBesideItWhenAskedFor) {
  const auto association = connect_up();
  const Bytes record = sample("send_failed_event-unsent-ttl");
  const auto raw_of_failures = [&] {
    std::vector<Bytes> all;
    for (const Event& event : recorder_->events()) {
      const auto* notification = std::get_if<Notification>(&event.body);
      if (notification != nullptr &&
          std::holds_alternative<SendFailed>(*notification)) {
        all.push_back(event.raw);
      }
    }
    return all;
  };
  socket().notify(record);
  run();
  EXPECT_EQ(raw_of_failures(), std::vector<Bytes>{Bytes{}});

  const SubscriptionId asking =
      reactor_->subscribe(EventFilter().with_raw(), [](const Event&) {});
  socket().notify(record);
  run();
  reactor_->unsubscribe(asking);
  socket().notify(record);
  run();
  EXPECT_EQ(raw_of_failures(), (std::vector<Bytes>{{}, record, {}}));
}

TEST_F(ScriptedReceive, AMessageAboveTheBoundAbortsThatAssociationAlone) {
  ConnectOptions options;
  options.association.max_message_size = 10;
  const auto other = connect_up();
  auto& other_socket = socket();
  const auto association = connect_up(options);
  const AssociationId id = association->id();
  receive("0123456789");
  run();
  EXPECT_EQ(calls_, Strings{"message"});
  calls_.clear();
  receive("01234", false);
  receive("567890", false);
  receive("more", true);
  run();
  EXPECT_EQ(calls_, Strings{"closed"});
  EXPECT_EQ(closed_->reason, CloseReason::kAbortLocal);
  ASSERT_TRUE(closed_->error.has_value());
  EXPECT_EQ(closed_->error->code, ErrorCode::kMessageTooLarge);
  EXPECT_EQ(recorder_->all<ReceiveFailed>(id).size(), 1u);
  EXPECT_FALSE(other_socket.abort_reason.has_value());
  EXPECT_TRUE(other->send(bytes_of("fine")).has_value());
}

TEST_F(ScriptedReceive, AnAbandonedPartialMessageIsDroppedAndSaidOnce) {
  const auto association = connect_up();
  receive("half", false);
  for (int i = 0; i < 3; ++i) {
    socket().notify(sample("partial_delivery-aborted-pr_sctp"));
  }
  receive("whole");
  run();
  ASSERT_EQ(messages_.size(), 1u);
  EXPECT_EQ(text_of(messages_[0].payload()), "whole");
  EXPECT_EQ(recorder_->all<PartialDelivery>(association->id()).size(), 1u);
}

TEST_F(ScriptedReceive, APausedAssociationHoldsABoundedAmount) {
  ConnectOptions options;
  options.association.receive_high_water_mark = 100;
  const auto association = connect_up(options);
  association->pause();
  for (int i = 0; i < 50; ++i) receive("0123456789");
  socket().notify(sample("assoc_change-comm_lost-linger_close"));
  run();
  EXPECT_EQ(calls_, Strings{});
  EXPECT_FALSE(socket().wants_read) << "the rest waits in the stack";
  association->resume();
  run();
  EXPECT_EQ(messages_.size(), 50u);
  EXPECT_EQ(calls_.back(), "closed");
}

TEST_F(ScriptedReceive, ThePeersEndIsFoundBehindMessagesNobodyReads) {
  start({.sample_interval = std::chrono::milliseconds(1)});
  ConnectOptions options;
  options.association.receive_high_water_mark = 500;
  const auto association = connect_up(options);
  association->pause();
  for (int i = 0; i < 50; ++i) receive("0123456789");
  socket().receive(ScriptedError{ECONNRESET});
  socket().notify(sample("assoc_change-comm_lost-linger_close"));
  run();
  EXPECT_NE(association->record(), nullptr);
  socket().status_error = ENOTCONN;
  EXPECT_TRUE(
      run_until(*reactor_, [&] { return association->record() == nullptr; }));
  EXPECT_EQ(calls_, Strings{}) << "the messages are still held";
  association->resume();
  run();
  EXPECT_EQ(messages_.size(), 50u);
  EXPECT_EQ(calls_.back(), "closed");
}

// The read that brings the end also fills what may be held: nothing reports the
// socket as readable again.
TEST_F(ScriptedReceive, AnEndReadTogetherWithAsMuchAsMayBeHeldIsTheEnd) {
  ConnectOptions options;
  options.association.receive_high_water_mark = 500;
  const auto association = connect_up(options);
  association->pause();
  for (int i = 0; i < 6; ++i) receive("0123456789");
  socket().notify(sample("assoc_change-comm_lost-linger_close"));
  run();
  EXPECT_EQ(association->record(), nullptr) << "it has ended";
  EXPECT_EQ(calls_, Strings{}) << "the messages are still held";
  association->resume();
  run();
  EXPECT_EQ(messages_.size(), 6u);
  EXPECT_EQ(calls_.back(), "closed");
}

TEST_F(ScriptedReceive, APausedAssociationIsToldThatItHasEnded) {
  const auto association = connect_up();
  int ended = 0;
  association->set_handlers(
      {.on_message =
           [&](Association&, Message&& message) {
             messages_.push_back(std::move(message));
           },
       .on_ended =
           [&](Association& self, const AssociationClosed& closed) {
             ++ended;
             EXPECT_EQ(closed.reason, CloseReason::kAbortRemote);
             EXPECT_EQ(messages_.size(), 0u);
             self.resume();
           },
       .on_closed =
           [&](Association&, const AssociationClosed&) {
             calls_.push_back("closed");
           }});
  association->pause();
  receive("held");
  socket().notify(sample("assoc_change-comm_lost-linger_close"));
  run();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(messages_.size(), 1u);
  EXPECT_EQ(calls_, Strings{"closed"});
}

TEST_F(ScriptedReceive, TwoAbandonedMessagesAreTwoEvents) {
  const auto association = connect_up();
  receive("first half", false);
  socket().notify(sample("partial_delivery-aborted-pr_sctp"));
  receive("second half", false);
  socket().notify(sample("partial_delivery-aborted-pr_sctp"));
  run();
  EXPECT_EQ(recorder_->all<PartialDelivery>(association->id()).size(), 2u);
}

TEST_F(ScriptedReceive, NotificationsAreReadWhilePaused) {
  const auto association = connect_up();
  association->pause();
  receive("held");
  socket().notify(sample("peer_addr_change-unreachable"));
  run();
  EXPECT_EQ(recorder_->all<PeerAddressChange>(association->id()).size(), 1u);
  EXPECT_EQ(messages_.size(), 0u);
  association->resume();
  run();
  EXPECT_EQ(messages_.size(), 1u);
}

TEST_F(ScriptedReceive, PausingInsideAHandlerStopsAtOnce) {
  const auto association = connect_up();
  int seen = 0;
  association->set_handlers({.on_message = [&](Association& self, Message) {
    if (++seen == 3) self.pause();
  }});
  for (int i = 0; i < 10; ++i) receive("m");
  run();
  EXPECT_EQ(seen, 3);
  association->resume();
  run();
  EXPECT_EQ(seen, 10);
}

TEST_F(ScriptedReceive, BytesThatDoNotDecodeAreAnEventAndNothingElse) {
  const auto association = connect_up();
  Bytes truncated = sample("peer_addr_change-available");
  truncated.resize(20);
  socket().notify(truncated);
  socket().notify(bytes_of("xx"));
  socket().notify({});
  receive("alive");
  run();
  EXPECT_EQ(calls_, Strings{"message"});
  const auto failed = recorder_->all<ReceiveFailed>(association->id());
  ASSERT_EQ(failed.size(), 3u);
  EXPECT_EQ(failed[0].raw, truncated);
}

TEST_F(ScriptedReceive, AnUnknownNotificationIsKeptWhole) {
  const auto association = connect_up();
  Bytes record = sample("sender_dry-client");
  record[0] = std::byte{0x7f};
  socket().notify(record);
  run();
  const auto unknown = recorder_->all<UnknownNotification>(association->id());
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown[0].raw, record);
  EXPECT_EQ(reactor_->table().notifications().at("unknown"), 1u);
}

// Whatever a stack says, in whatever order: no crash, and the log still replays
// (the fixture checks).
TEST_F(ScriptedReceive, SurvivesAnyInput) {
  const Strings names = {"assoc_change-comm_up-client",
                         "assoc_change-restart",
                         "assoc_change-comm_lost-linger_close",
                         "assoc_change-shutdown_comp-server",
                         "assoc_change-cant_str_assoc-refused",
                         "peer_addr_change-added",
                         "peer_addr_change-removed",
                         "peer_addr_change-made_prim-local",
                         "send_failed_event-fragment-0",
                         "send_failed_event-fragment-3",
                         "stream_change-add_out-client",
                         "stream_reset-denied-client",
                         "shutdown_event-server",
                         "partial_delivery-aborted-pr_sctp"};
  std::mt19937 random(20250101);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  for (int round = 0; round < 200; ++round) {
    const auto association = connect();
    for (std::size_t i = below(30) + 1; i > 0; --i) {
      switch (below(6)) {
        case 0:
        case 1:
        case 2: {
          Bytes record = sample(names[below(names.size())]);
          if (below(4) == 0)
            record[below(record.size())] = std::byte(below(256));
          if (below(8) == 0) record.resize(below(record.size()));
          socket().notify(std::move(record));
          break;
        }
        case 3:
          receive("data", below(2) == 0);
          break;
        case 4:
          socket().receive(ScriptedError{static_cast<int>(below(130)) + 1});
          break;
        default:
          static_cast<void>(association->send(bytes_of("out")));
          if (below(10) == 0) static_cast<void>(association->shutdown());
          if (below(10) == 0) static_cast<void>(association->abort("x"));
          break;
      }
      if (below(3) == 0) run();
    }
    if (below(2) == 0) socket().receive(ScriptedEndOfFile{});
    run();
  }
}

}  // namespace
}  // namespace lksctp::test
