// Listening and accepting.
#include <cerrno>
#include <string>
#include <vector>

#include "scripted_reactor.h"

namespace lksctp::test {
namespace {

using Strings = std::vector<std::string>;

class ScriptedEndpoint : public ScriptedReactorTest {
 protected:
  std::shared_ptr<Endpoint> listen(ListenOptions options = {}) {
    if (options.local.empty()) options.local = {address("192.0.2.9", 2905)};
    auto endpoint = reactor_->listen(
        options, [this](const std::shared_ptr<Association>& association) {
          calls_.push_back("accept");
          accepted_.push_back(association);
          return noting_handlers();
        });
    EXPECT_TRUE(endpoint.has_value());
    return *endpoint;
  }

  std::vector<std::shared_ptr<Association>> accepted_;
};

TEST_F(ScriptedEndpoint, IsNamedAfterItsAddress) {
  const auto endpoint = listen();
  EXPECT_EQ(endpoint->name(), "listen:192.0.2.9:2905");
  EXPECT_EQ(endpoint->local(), std::vector{address("192.0.2.9", 2905)});
  EXPECT_EQ(listen({.name = "m3ua"})->name(), "m3ua");
}

TEST_F(ScriptedEndpoint, AcceptsAllThatWait) {
  const auto endpoint = listen();
  auto& listening = socket();
  const auto first = listening.incoming(address("198.51.100.1", 1000));
  const auto second = listening.incoming(address("198.51.100.2", 1000));
  first->notify(sample("assoc_change-comm_up-server"));
  run();
  EXPECT_EQ(calls_, (Strings{"accept", "accept", "up"}));
  EXPECT_EQ(accepted_[0]->peer_name(), "198.51.100.1");
  EXPECT_EQ(accepted_[0]->endpoint(), endpoint->id());
  EXPECT_EQ(recorder_->kinds(accepted_[0]->id()),
            (Strings{"association_accepted", "comm_up"}));
  EXPECT_EQ(accepted_[1]->record()->state, AssociationState::kClosed);
}

TEST_F(ScriptedEndpoint, PeersAreNamedByTheCallback) {
  listen({.peer_name = [](const Address& remote) {
    return "peer-" + remote.ip_string();
  }});
  socket().incoming(address("198.51.100.1", 1000));
  run();
  EXPECT_EQ(accepted_.at(0)->peer_name(), "peer-198.51.100.1");
}

TEST_F(ScriptedEndpoint, PausesWhenDescriptorsRunOutAndGoesOn) {
  listen();
  auto& listening = socket();
  listening.set_accept_error(EMFILE);
  listening.incoming(address("198.51.100.1", 1000));
  run();
  EXPECT_EQ(calls_, Strings{});
  EXPECT_FALSE(listening.wants_read) << "it does not spin";
  auto changes = recorder_->all<AcceptStateChanged>();
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].error->errno_value, EMFILE);
  listening.set_accept_error(0);
  EXPECT_TRUE(run_until(*reactor_, [&] { return !accepted_.empty(); }));
  run();
  changes = recorder_->all<AcceptStateChanged>();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_FALSE(changes[1].error.has_value());
}

TEST_F(ScriptedEndpoint, ClosingStopsAcceptingAndKeepsAssociations) {
  const auto endpoint = listen();
  const auto peer = socket().incoming(address("198.51.100.1", 1000));
  auto& listening = socket();
  peer->notify(sample("assoc_change-comm_up-server"));
  run();
  endpoint->close();
  endpoint->close();
  run();
  EXPECT_TRUE(listening.destroyed);
  EXPECT_FALSE(peer->destroyed);
  EXPECT_TRUE(accepted_.at(0)->send(bytes_of("still here")).has_value());
  run();
  EXPECT_EQ(peer->sent.size(), 1u);
  EXPECT_EQ(recorder_->all<EndpointClosed>().size(), 1u);
}

TEST_F(ScriptedEndpoint, MayBeClosedAndDroppedWhilePeersWait) {
  auto endpoint = listen();
  const auto peer = socket().incoming(address("198.51.100.1", 1000));
  auto& listening = socket();
  reactor_->post([&] {
    endpoint->close();
    endpoint.reset();
    // Reported in the pass in which the endpoint goes.
    listening.incoming(address("198.51.100.2", 1000));
  });
  run();
  EXPECT_TRUE(listening.destroyed);
}

TEST_F(ScriptedEndpoint, PeersOfAClosedEndpointAreForgotten) {
  start({.forget_peers_after = std::chrono::milliseconds(1)});
  const auto endpoint = listen({.name = "m3ua"});
  const auto peer = socket().incoming(address("198.51.100.1", 1000));
  peer->notify(sample("assoc_change-comm_up-server"));
  run();
  endpoint->close();
  peer->notify(sample("assoc_change-shutdown_comp-server"));
  EXPECT_TRUE(run_until(
      *reactor_, [&] { return recorder_->all<PeerForgotten>().size() == 1; }));
}

TEST_F(ScriptedEndpoint, BadArgumentsAreRefused) {
  const auto refused = [&](ListenOptions options) {
    return reactor_->listen(std::move(options), nullptr).error().code;
  };
  EXPECT_EQ(refused({}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(refused({.local = {Address{}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(
      refused({.local = {address("192.0.2.1", 1), address("192.0.2.2", 2)}}),
      ErrorCode::kInvalidArgument);
  stack_->next_error = Error::system(EADDRINUSE, "bind");
  EXPECT_EQ(refused({.local = {address("192.0.2.1", 1)}}), ErrorCode::kSystem);
  EXPECT_TRUE(recorder_->events().empty());
}

TEST_F(ScriptedEndpoint, AnAssociationWithoutHandlersIsHeldAndCounted) {
  auto endpoint =
      reactor_->listen({.local = {address("192.0.2.9", 1)}}, nullptr);
  ASSERT_TRUE(endpoint.has_value());
  const auto peer = socket().incoming(address("198.51.100.1", 1000));
  peer->notify(sample("assoc_change-comm_up-server"));
  peer->receive(ScriptedPiece{.bytes = bytes_of("x"), .info = ReceiveInfo{}});
  run();
  SnapshotPtr snapshot;
  reactor_->request_snapshot(
      [&](SnapshotPtr ready) { snapshot = std::move(ready); });
  EXPECT_TRUE(run_until(*reactor_, [&] { return snapshot != nullptr; }));
  ASSERT_EQ(snapshot->table.associations().size(), 1u);
  EXPECT_EQ(snapshot->table.associations().begin()->second->received,
            (Traffic{1, 1}));
}

TEST_F(ScriptedEndpoint, ExpectedPeersAreKnownBeforeTheyConnect) {
  reactor_->expect_peer("m3ua", "stp-1");
  run();
  const PeerRecord* peer = reactor_->table().peer("m3ua", "stp-1");
  ASSERT_NE(peer, nullptr);
  EXPECT_TRUE(peer->configured);
  EXPECT_EQ(peer->established, 0u);
}

// What is kept of the log has only UTF-8: live and replayed tables have equal names.
TEST_F(ScriptedEndpoint, NamesAreUtf8WhereTheyComeIn) {
  const std::string given = "a\xff";
  const std::string wanted = "a\xef\xbf\xbd";
  const auto endpoint = listen(
      {.name = given, .peer_name = [&](const Address&) { return given; }});
  EXPECT_EQ(endpoint->name(), wanted);
  socket().incoming(address("198.51.100.1", 1000));
  run();
  EXPECT_EQ(accepted_.at(0)->peer_name(), wanted);
  EXPECT_NE(reactor_->table().peer(wanted, wanted), nullptr);
  reactor_->expect_peer(given, given + given);
  EXPECT_NE(reactor_->table().peer(wanted, wanted + wanted), nullptr);
  const auto association =
      reactor_->connect({.name = given,
                         .remote = {address("192.0.2.1", 2905)},
                         .peer_name = given},
                        {});
  ASSERT_TRUE(association);
  EXPECT_EQ((*association)->peer_name(), wanted);
  EXPECT_EQ(reactor_->table().endpoint((*association)->endpoint())->name,
            wanted);
}

}  // namespace
}  // namespace lksctp::test
