// What the network does to an established association: silence, return, a peer
// that is killed, a peer that starts anew.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>

#include "peer_process.h"
#include "scenario.h"

namespace lksctp::test {
namespace {

class Paths : public Scenario {
 protected:
  [[nodiscard]] std::vector<PeerAddressState> path_states(
      const End& end) const {
    std::vector<PeerAddressState> states;
    for (const PeerAddressChange& change :
         recorder_->all<PeerAddressChange>(end.association->id())) {
      if (change.state == PeerAddressState::kUnreachable ||
          change.state == PeerAddressState::kAvailable) {
        states.push_back(change.state);
      }
      EXPECT_EQ(change.address.ip_string(), "127.0.0.1")
          << "everything a user sees is an IP address";
    }
    return states;
  }

  [[nodiscard]] PathState path_state(const End& end) const {
    const auto* record = end.association->record();
    return record->paths.begin()->second.info.state;
  }
};

using States = std::vector<PeerAddressState>;

TEST_F(Paths, ASilentPeerBecomesUnreachableAndIsLost) {
  connect_pair({.association = {.options = fast_failure()}});
  network_drops_everything();
  ASSERT_TRUE(client->association->send(bytes_of("anyone?"), {.context = 3}));
  ASSERT_TRUE(wait([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed->reason, CloseReason::kTimeout);
  EXPECT_EQ(client->closed->error->errno_value, ETIMEDOUT);
  EXPECT_EQ(path_states(*client), States{PeerAddressState::kUnreachable});
  ASSERT_EQ(client->failed.size(), 1u);
  EXPECT_EQ(client->failed[0].first.context, 3u);
  EXPECT_EQ(client->failed[0].first.kind, SendFailedKind::kSent);
  const Strings all = kinds(*client);
  const auto position = [&](const char* kind) {
    return std::ranges::find(all, kind) - all.begin();
  };
  EXPECT_LT(position("peer_address_change"), position("comm_lost"));
  EXPECT_LT(position("comm_lost"), position("association_closed"));
  network_works();
}

TEST_F(Paths, AnIdlePathIsFoundDeadByHeartbeat) {
  connect_pair({.association = {.options = fast_failure()}});
  network_drops_everything();
  ASSERT_TRUE(wait([&] { return !path_states(*client).empty(); }));
  EXPECT_EQ(path_states(*client), States{PeerAddressState::kUnreachable});
  network_works();
}

TEST_F(Paths, ARestoredPathIsAvailableAgainAndNothingIsLost) {
  connect_pair({.association = {.options = never_gives_up()}});
  network_drops_everything();
  for (std::size_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(client->association->send(pattern(100, i)).has_value());
  }
  ASSERT_TRUE(wait([&] { return path_states(*client).size() == 1; }));
  EXPECT_EQ(path_state(*client), PathState::kInactive);
  network_works();
  ASSERT_TRUE(wait([&] {
    return server->messages.size() == 50 && path_states(*client).size() == 2;
  }));
  EXPECT_EQ(path_states(*client), (States{PeerAddressState::kUnreachable,
                                          PeerAddressState::kAvailable}));
  run_pending(*reactor_);
  EXPECT_EQ(path_state(*client), PathState::kActive);
  EXPECT_FALSE(client->closed.has_value());
}

TEST_F(Paths, AKilledPeerIsLost) {
  PeerProcess peer({"serve"});
  const auto ports = peer.listening();
  ConnectOptions options;
  options.association.options = fast_failure();
  set_peer(options, ports.sctp, ports.udp);
  End& client = clients_.emplace_back();
  client.association = *reactor_->connect(options, client.handlers());
  ASSERT_TRUE(wait([&] { return client.up; }));
  ASSERT_TRUE(client.association->send(bytes_of("ping")).has_value());
  ASSERT_TRUE(wait([&] { return client.messages.size() == 1; }));
  peer.kill(SIGKILL);
  ASSERT_TRUE(wait([&] { return client.closed.has_value(); }));
  if (on_kernel()) {
    // The dead process's kernel aborts its associations.
    EXPECT_EQ(client.closed->reason, CloseReason::kAbortRemote);
    EXPECT_EQ(client.closed->error->errno_value, ECONNRESET);
  } else {
    EXPECT_EQ(client.closed->reason, CloseReason::kTimeout);
    EXPECT_EQ(path_states(client), States{PeerAddressState::kUnreachable});
  }
}

TEST_F(Paths, APeerThatStartsAnewRestartsItsAssociation) {
  const auto endpoint = listen();
  // The same addresses and ports before and after: that is what makes it a
  // restart (RFC 9260 §5.2).
  const Strings arguments = {"connect",
                             std::to_string(endpoint->local().front().port),
                             std::to_string(endpoint->udp_port().value_or(0)),
                             "40001", std::to_string(free_udp_port())};
  PeerProcess first(arguments);
  ASSERT_TRUE(wait(
      [&] { return !accepted_.empty() && accepted_[0].message_count > 0; }));
  // As when its host loses power: nobody says goodbye for it.
  network_drops_everything();
  first.kill(SIGKILL);
  network_works();
  PeerProcess second(arguments);
  End& server = accepted_[0];
  const std::size_t before = server.message_count;
  ASSERT_TRUE(wait([&] { return server.message_count > before; }));
  EXPECT_EQ(accepted_.size(), 1u) << "the association is the same one";
  EXPECT_FALSE(server.closed.has_value());
  EXPECT_EQ(server.association->record()->restarts, 1u);
  EXPECT_EQ(std::ranges::count(kinds(server), "restart"), 1);
}

}  // namespace
}  // namespace lksctp::test
