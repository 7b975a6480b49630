// What is kept of the log, and for how long names are known.
#include "event_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "lksctp/reactor/event_log.h"

namespace lksctp::test {
namespace {

class EventRingTest : public ::testing::Test {
 protected:
  EventRingTest() {
    log.add_sink([this](const Event& event) {
      if (listening)
        ring.add(std::make_shared<const EventWithoutUserData>(
            without_user_data(event)));
    });
  }
  void tell(std::uint64_t endpoint, std::uint64_t association, EventBody body) {
    log.append(EndpointId(endpoint), AssociationId(association),
               std::move(body));
  }
  void open(std::uint64_t endpoint, EndpointRole role) {
    tell(endpoint, 0,
         EndpointOpened{
             .name = "m3ua", .role = role, .stack = StackKind::kUsrsctp});
  }
  // As a reactor tells of an attempt to connect.
  void begin_connect(std::uint64_t id) {
    open(id, EndpointRole::kConnect);
    tell(id, id, ConnectRequested{.peer = "hlr", .remote = {}});
  }
  void end_connect(std::uint64_t id) {
    tell(id, id, AssociationClosed{.reason = CloseReason::kRefused});
    tell(id, 0, EndpointClosed{});
  }
  [[nodiscard]] std::string last_endpoint() const {
    const EventRing::Entry* entry = ring.after(log.table().seq().value() - 1);
    return entry == nullptr ? "no entry" : entry->endpoint;
  }

  EventLog log;
  EventRing ring{1000};
  bool listening = true;
};

TEST_F(EventRingTest, NamesGoWithWhatTheyName) {
  for (std::uint64_t id = 1; id <= 100; ++id) {
    begin_connect(id);
    EXPECT_EQ(ring.names(), 2U) << "of the endpoint and the association";
    end_connect(id);
    EXPECT_EQ(last_endpoint(), "m3ua");
    EXPECT_EQ(ring.names(), 0U);
  }
}

TEST_F(EventRingTest, AssociationsOutliveTheirListener) {
  open(1, EndpointRole::kListen);
  tell(1, 1, AssociationAccepted{.peer = "stp", .remote = {}});
  tell(1, 2, AssociationAccepted{.peer = "stp", .remote = {}});
  tell(1, 0, EndpointClosed{});
  tell(1, 1, AssociationClosed{});
  tell(1, 2, ShutdownRequested{});
  EXPECT_EQ(last_endpoint(), "m3ua");
  tell(1, 2, AssociationClosed{});
  EXPECT_EQ(last_endpoint(), "m3ua");
  EXPECT_EQ(ring.names(), 0U);
}

TEST_F(EventRingTest, NamesThatWereLearnedGo) {
  listening = false;
  begin_connect(1);
  open(2, EndpointRole::kListen);
  tell(2, 2, AssociationAccepted{.peer = "stp", .remote = {}});
  listening = true;
  // Of an endpoint whose name is not known yet.
  tell(2, 3, AssociationAccepted{.peer = "stp", .remote = {}});
  ring.learn(log.table());
  EXPECT_EQ(ring.names(), 5U);
  end_connect(1);
  EXPECT_EQ(ring.names(), 3U);
  tell(2, 0, EndpointClosed{});
  tell(2, 2, AssociationClosed{});
  EXPECT_EQ(ring.names(), 2U);
  tell(2, 3, AssociationClosed{});
  EXPECT_EQ(ring.names(), 0U);
}

}  // namespace
}  // namespace lksctp::test
