// The life of an association, in every order a stack may choose to report it.
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using Strings = std::vector<std::string>;

class ScriptedAssociation : public ScriptedReactorTest {};

TEST_F(ScriptedAssociation, ComesUp) {
  const auto association = connect();
  EXPECT_EQ(association->record()->state, AssociationState::kCookieWait);
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  EXPECT_EQ(calls_, Strings{"up"});
  EXPECT_EQ(association->record()->state, AssociationState::kEstablished);
  EXPECT_EQ(association->record()->outbound_streams, 7);
  EXPECT_EQ(recorder_->kinds(association->id()),
            (Strings{"connect_requested", "comm_up"}));
  EXPECT_EQ(association->peer_name(), "192.0.2.1:2905");
}

TEST_F(ScriptedAssociation, RefusedIsToldOnceWithItsError) {
  const auto association = connect();
  const AssociationId id = association->id();
  socket().receive(ScriptedError{ECONNREFUSED});
  socket().notify(sample("assoc_change-cant_str_assoc-refused"));
  socket().receive(ScriptedEndOfFile{});
  run();
  EXPECT_EQ(calls_, Strings{"closed"});
  ASSERT_TRUE(closed_.has_value());
  EXPECT_EQ(closed_->reason, CloseReason::kRefused);
  ASSERT_TRUE(closed_->error.has_value());
  EXPECT_EQ(closed_->error->errno_value, ECONNREFUSED);
  EXPECT_EQ(closed_->error->address, address("192.0.2.1", 2905));
  EXPECT_EQ(recorder_->kinds(id),
            (Strings{"connect_requested", "cant_start", "connect_failed",
                     "association_closed"}));
  EXPECT_EQ(association->record(), nullptr);
  EXPECT_TRUE(socket().destroyed);
}

TEST_F(ScriptedAssociation, RemoteAddressesAreTriedInTurnWithoutMultihoming) {
  start({}, /*multihoming=*/false);
  const auto association = connect(
      {.remote = {address("192.0.2.1", 2905), address("192.0.2.2", 2905)}});
  ASSERT_EQ(stack_->connects.size(), 1u);
  socket().receive(ScriptedError{ECONNREFUSED});
  socket().notify(sample("assoc_change-cant_str_assoc-refused"));
  socket().receive(ScriptedEndOfFile{});
  run();
  EXPECT_EQ(calls_, Strings{}) << "one address is left";
  ASSERT_EQ(stack_->connects.size(), 2u);
  EXPECT_EQ(stack_->connects[1].remote,
            std::vector{address("192.0.2.2", 2905)});
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  EXPECT_EQ(calls_, Strings{"up"});
  EXPECT_TRUE(association->record() != nullptr);
}

TEST_F(ScriptedAssociation, AnAddressThatFailsAtOnceIsPassedOver) {
  start({}, /*multihoming=*/false);
  stack_->next_error = Error::system(EADDRNOTAVAIL, "bind");
  connect({.remote = {address("192.0.2.1", 1), address("192.0.2.2", 1)}});
  ASSERT_EQ(stack_->connects.size(), 2u);
}

TEST_F(ScriptedAssociation, WhatIsKnownAtOnceIsReturned) {
  stack_->next_error = Error::system(EADDRNOTAVAIL, "bind");
  const auto failed =
      reactor_->connect({.remote = {address("192.0.2.1", 1)}}, {});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().errno_value, EADDRNOTAVAIL);
  EXPECT_TRUE(recorder_->events().empty());

  EXPECT_EQ(reactor_->connect({}, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(reactor_->connect({.remote = {Address{}}}, {}).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      reactor_->connect({.remote = {address("192.0.2.1", 0)}}, {}).error().code,
      ErrorCode::kInvalidArgument);
  EXPECT_EQ(reactor_
                ->connect({.remote = {address("192.0.2.1", 1),
                                      address("192.0.2.2", 2)}},
                          {})
                .error()
                .code,
            ErrorCode::kInvalidArgument);
}

TEST_F(ScriptedAssociation, TheAttemptTimesOut) {
  const auto association = connect({.timeout = std::chrono::milliseconds(1)});
  EXPECT_TRUE(run_until(*reactor_, [&] { return closed_.has_value(); }));
  EXPECT_EQ(closed_->reason, CloseReason::kTimeout);
  EXPECT_EQ(closed_->error->errno_value, ETIMEDOUT);
  EXPECT_TRUE(socket().destroyed);
  EXPECT_FALSE(association->send(bytes_of("late")).has_value());
}

TEST_F(ScriptedAssociation, DataBehindAnErrorIsDeliveredBeforeTheEnd) {
  connect_up();
  socket().receive(ScriptedError{ECONNRESET});
  socket().receive(
      ScriptedPiece{.bytes = bytes_of("last words"), .info = ReceiveInfo{}});
  socket().notify(sample("assoc_change-comm_lost-user_abort_reason"));
  run();
  EXPECT_EQ(calls_, (Strings{"message", "closed"}));
  EXPECT_EQ(closed_->reason, CloseReason::kAbortRemote);
  EXPECT_EQ(closed_->cause, CauseCode::kUserInitiatedAbort);
  EXPECT_EQ(closed_->error->errno_value, ECONNRESET);
}

TEST_F(ScriptedAssociation, OneErrorIsNotTheEnd) {
  connect_up();
  socket().receive(ScriptedError{ECONNRESET});
  socket().receive(ScriptedError{ENOBUFS});
  run();
  EXPECT_EQ(calls_, Strings{});
  socket().receive(
      ScriptedPiece{.bytes = bytes_of("alive"), .info = ReceiveInfo{}});
  run();
  EXPECT_EQ(calls_, Strings{"message"});
}

TEST_F(ScriptedAssociation, ASocketThatOnlyFailsIsGivenUp) {
  connect_up();
  for (int i = 0; i < 20; ++i) socket().receive(ScriptedError{EBADF});
  run();
  EXPECT_EQ(calls_, Strings{"closed"});
  EXPECT_EQ(closed_->reason, CloseReason::kError);
  EXPECT_EQ(closed_->error->errno_value, EBADF);
}

TEST_F(ScriptedAssociation, LostWithoutCauseIsATimeout) {
  const auto association = connect_up();
  Bytes record = sample("assoc_change-comm_lost-local_abort");
  record[10] = record[11] = std::byte{0};  // sac_error: none
  socket().notify(record);
  socket().receive(ScriptedError{ETIMEDOUT});
  socket().receive(ScriptedError{ENOTCONN});
  run();
  EXPECT_EQ(calls_, Strings{"closed"});
  EXPECT_EQ(closed_->reason, CloseReason::kTimeout);
}

TEST_F(ScriptedAssociation, FailedMessagesComeBeforeTheEndWhateverTheOrder) {
  connect_up();
  // Linux: COMM_LOST, then the failures.
  socket().notify(sample("assoc_change-comm_lost-linger_close"));
  socket().notify(sample("send_failed_event-unsent-ttl"));
  run();
  EXPECT_EQ(calls_, (Strings{"send_failed", "closed"}));
  ASSERT_EQ(failed_.size(), 1u);
  EXPECT_EQ(failed_[0].first.kind, SendFailedKind::kUnsent);
  EXPECT_EQ(failed_[0].first.size, failed_[0].second.size());
}

TEST_F(ScriptedAssociation, ShutdownSendsWhatIsQueuedFirst) {
  const auto association = connect_up();
  EXPECT_TRUE(association->send(bytes_of("one")).has_value());
  EXPECT_TRUE(association->send(bytes_of("two")).has_value());
  socket().set_room(1);
  EXPECT_TRUE(association->shutdown().has_value());
  EXPECT_EQ(association->send(bytes_of("three")).error().code,
            ErrorCode::kClosed);
  run();
  EXPECT_EQ(socket().sent.size(), 1u);
  EXPECT_FALSE(socket().shutdown_called) << "a message is still queued";
  socket().set_room(10);
  run();
  EXPECT_EQ(socket().sent.size(), 2u);
  EXPECT_TRUE(socket().shutdown_called);
  // The peer's last message arrives after our SHUTDOWN.
  socket().receive(
      ScriptedPiece{.bytes = bytes_of("bye"), .info = ReceiveInfo{}});
  socket().notify(sample("assoc_change-shutdown_comp-server"));
  run();
  EXPECT_EQ(calls_, (Strings{"message", "closed"}));
  EXPECT_EQ(closed_->reason, CloseReason::kShutdownLocal);
  EXPECT_FALSE(closed_->error.has_value());
}

TEST_F(ScriptedAssociation, ShutdownWhileConnectingWaitsForTheAssociation) {
  const auto association = connect();
  EXPECT_TRUE(association->send(bytes_of("early")).has_value());
  EXPECT_TRUE(association->shutdown().has_value());
  run();
  EXPECT_FALSE(socket().shutdown_called);
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  ASSERT_EQ(socket().sent.size(), 1u);
  EXPECT_TRUE(socket().shutdown_called);
}

TEST_F(ScriptedAssociation, PeerShutdownFailsWhatTheStackNoLongerTakes) {
  const auto association = connect_up();
  socket().set_room(0);
  EXPECT_TRUE(
      association->send(bytes_of("too late"), {.context = 7}).has_value());
  run();
  socket().notify(sample("shutdown_event-server"));
  socket().receive(
      ScriptedPiece{.bytes = bytes_of("on its way"), .info = ReceiveInfo{}});
  run();
  EXPECT_EQ(calls_, (Strings{"message", "send_failed", "peer_shutdown"}));
  ASSERT_EQ(failed_.size(), 1u);
  EXPECT_EQ(failed_[0].first.context, 7u);
  EXPECT_EQ(failed_[0].second, "too late");
  EXPECT_EQ(association->send(bytes_of("x")).error().code,
            ErrorCode::kRemoteEnded);
  calls_.clear();
  socket().notify(sample("assoc_change-shutdown_comp-server"));
  run();
  EXPECT_EQ(calls_, Strings{"closed"});
  EXPECT_EQ(closed_->reason, CloseReason::kShutdownRemote);
}

TEST_F(ScriptedAssociation, AbortIsAtOnceAndCarriesItsReason) {
  const auto association = connect_up();
  const AssociationId id = association->id();
  association->pause();
  socket().receive(
      ScriptedPiece{.bytes = bytes_of("unread"), .info = ReceiveInfo{}});
  run();
  socket().set_room(0);
  EXPECT_TRUE(association->send(bytes_of("unsent")).has_value());
  EXPECT_TRUE(association->abort("maintenance").has_value());
  EXPECT_EQ(socket().abort_reason, "maintenance");
  run();
  EXPECT_EQ(calls_, (Strings{"send_failed", "closed"}));
  EXPECT_EQ(closed_->reason, CloseReason::kAbortLocal);
  EXPECT_EQ(recorder_->kinds(id),
            (Strings{"connect_requested", "comm_up", "abort_requested",
                     "message_failed", "association_closed"}));
  EXPECT_EQ(association->abort().error().code, ErrorCode::kClosed);
}

TEST_F(ScriptedAssociation, AbortReasonHasABound) {
  const auto association = connect_up();
  EXPECT_EQ(association->abort(std::string(1001, 'r')).error().code,
            ErrorCode::kInvalidArgument);
  EXPECT_FALSE(socket().abort_reason.has_value());
}

TEST_F(ScriptedAssociation, RestartKeepsTheAssociation) {
  const auto association = connect_up();
  socket().notify(sample("assoc_change-restart"));
  run();
  EXPECT_EQ(calls_, Strings{});
  EXPECT_EQ(association->record()->restarts, 1u);
  EXPECT_TRUE(association->send(bytes_of("again")).has_value());
  run();
  EXPECT_EQ(socket().sent.size(), 1u);
}

TEST_F(ScriptedAssociation, ARestartUndoesThePeersShutdown) {
  const auto association = connect_up();
  socket().notify(sample("shutdown_event-server"));
  run();
  EXPECT_FALSE(association->send(bytes_of("x")).has_value());
  socket().notify(sample("assoc_change-restart"));
  run();
  EXPECT_TRUE(association->send(bytes_of("x")).has_value());
}

TEST_F(ScriptedAssociation, AnAbortReportsEveryMessage) {
  const auto association = connect_up();
  for (int i = 0; i < 1000; ++i) {
    socket().notify(sample("send_failed_event-unsent-ttl"));
  }
  EXPECT_TRUE(association->abort().has_value());
  run();
  EXPECT_EQ(failed_.size(), 1000u);
  EXPECT_EQ(calls_.back(), "closed");
}

TEST_F(ScriptedAssociation, HandlersMayHoldTheirAssociation) {
  std::weak_ptr<Association> weak;
  {
    const auto association = connect_up();
    weak = association;
    association->set_handlers(
        {.on_message = [association](Association&, Message&&) {},
         .on_closed = [association](Association&,
                                    const AssociationClosed&) {}});
    EXPECT_TRUE(association->abort().has_value());
  }
  run();
  EXPECT_TRUE(weak.expired());
}

TEST_F(ScriptedAssociation, TheEndpointOfAConnectionEndsWithIt) {
  const auto association = connect_up();
  EXPECT_TRUE(association->abort().has_value());
  run();
  EXPECT_EQ(recorder_->all<EndpointClosed>().size(), 1u);
  EXPECT_TRUE(reactor_->table().endpoints().empty());
}

TEST_F(ScriptedAssociation, SubscribersHearOfTheEndBeforeItsHandler) {
  const auto association = connect_up();
  Strings order;
  const auto subscription =
      reactor_->subscribe(EventFilter::only<AssociationClosed>(),
                          [&](const Event&) { order.push_back("subscriber"); });
  association->set_handlers(
      {.on_peer_shutdown = [](Association& self) { EXPECT_TRUE(self.abort()); },
       .on_closed =
           [&](Association&, const AssociationClosed&) {
             order.push_back("handler");
           }});
  socket().notify(sample("shutdown_event-server"));
  run();
  reactor_->unsubscribe(subscription);
  EXPECT_EQ(order, (Strings{"subscriber", "handler"}));
}

TEST_F(ScriptedAssociation, ASilentAddressLeavesTimeForTheNext) {
  start({}, /*multihoming=*/false);
  connect({.remote = {address("192.0.2.1", 2905), address("192.0.2.2", 2905)},
           .timeout = std::chrono::milliseconds(200)});
  EXPECT_TRUE(
      run_until(*reactor_, [&] { return stack_->connects.size() == 2; }));
  EXPECT_FALSE(closed_.has_value());
  EXPECT_TRUE(run_until(*reactor_, [&] { return closed_.has_value(); }));
  EXPECT_EQ(closed_->reason, CloseReason::kTimeout);
  EXPECT_EQ(closed_->error->address, address("192.0.2.2", 2905))
      << "the address that was tried last";
}

TEST_F(ScriptedAssociation, TheErrorIsThatOfTheLastAddress) {
  start({}, /*multihoming=*/false);
  connect({.remote = {address("192.0.2.1", 1), address("192.0.2.2", 1)}});
  stack_->next_error =
      Error::system(ENETUNREACH, "connect", address("192.0.2.2", 1));
  socket().receive(ScriptedError{ECONNREFUSED});
  socket().notify(sample("assoc_change-cant_str_assoc-refused"));
  socket().receive(ScriptedEndOfFile{});
  run();
  ASSERT_TRUE(closed_.has_value());
  EXPECT_EQ(closed_->error->errno_value, ENETUNREACH);
}

TEST_F(ScriptedAssociation, OutlivesItsReactor) {
  auto association = connect_up();
  auto waiting = connect();
  recorder_.reset();
  reactor_.reset();
  EXPECT_EQ(association->send(bytes_of("x")).error().code, ErrorCode::kClosed);
  EXPECT_EQ(association->shutdown().error().code, ErrorCode::kClosed);
  EXPECT_EQ(waiting->abort().error().code, ErrorCode::kClosed);
  EXPECT_EQ(association->record(), nullptr);
  association->pause();
  association->resume();
  EXPECT_EQ(calls_, Strings{}) << "no handler runs when the reactor goes";
  start({});
}

TEST_F(ScriptedAssociation, HandlersMayDoAnything) {
  int messages = 0;
  auto association = connect_up();
  association->set_handlers({
      .on_message =
          [&](Association& self, Message) {
            ++messages;
            // Replaces the function that is running.
            self.set_handlers(
                {.on_message =
                     [&](Association& again, Message) {
                       ++messages;
                       EXPECT_TRUE(again.abort("enough"));
                     },
                 .on_closed =
                     [&](Association& again, const AssociationClosed&) {
                       calls_.push_back("closed");
                       EXPECT_FALSE(again.shutdown());
                       reactor_->stop();
                     }});
          },
  });
  for (int i = 0; i < 5; ++i) {
    socket().receive(
        ScriptedPiece{.bytes = bytes_of("m"), .info = ReceiveInfo{}});
  }
  run();
  EXPECT_EQ(messages, 2) << "nothing is delivered after an abort";
  EXPECT_EQ(calls_, Strings{"closed"});
}

TEST_F(ScriptedAssociation, AHandlerMayAbortAnotherAssociation) {
  const auto victim = connect_up();
  auto& victim_socket = socket();
  const auto association = connect_up();
  std::string received;
  association->set_handlers({.on_message = [&](Association&, Message message) {
    received += text_of(message.payload());
    static_cast<void>(victim->abort());
  }});
  run();
  // Both have something to read; the abort reads the victim's.
  victim_socket.notify(sample("send_failed_event-unsent-ttl"));
  for (const char* text : {"a", "b", "c", "d"}) {
    socket().receive(
        ScriptedPiece{.bytes = bytes_of(text), .info = ReceiveInfo{}});
  }
  run();
  EXPECT_EQ(received, "abcd");
  EXPECT_EQ(calls_, (Strings{"send_failed", "closed"}));
}

TEST_F(ScriptedAssociation, SnapshotsForOtherThreadsHaveExactTotals) {
  const auto association = connect_up();
  socket().receive(
      ScriptedPiece{.bytes = bytes_of("12345"), .info = ReceiveInfo{}});
  EXPECT_TRUE(association->send(bytes_of("123")).has_value());
  run();
  const SnapshotPtr before = reactor_->snapshot();
  SnapshotPtr asked;
  std::thread other([&] {
    reactor_->request_snapshot(
        [&](SnapshotPtr ready) { asked = std::move(ready); });
  });
  EXPECT_TRUE(run_until(*reactor_, [&] { return asked != nullptr; }));
  other.join();
  const auto* record = asked->table.association(association->id());
  ASSERT_NE(record, nullptr);
  EXPECT_EQ(record->received, (Traffic{1, 5}));
  EXPECT_EQ(record->sent, (Traffic{1, 3}));
  EXPECT_EQ(before->table.association(association->id()), nullptr)
      << "a snapshot never changes";
  EXPECT_EQ(reactor_->snapshot(), asked);
}

}  // namespace
}  // namespace lksctp::test
