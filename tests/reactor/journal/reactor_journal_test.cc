// A reactor with a journal.
#include "scripted_reactor.h"
#include "stored_journal.h"

namespace lksctp::test {
namespace {

class ReactorJournal : public ScriptedReactorTest {
 protected:
  std::shared_ptr<Journal> open(const std::string& name = "a.journal") {
    auto opened = Journal::open({.path = directory_.file(name)});
    EXPECT_TRUE(opened.has_value());
    return opened.value_or(nullptr);
  }
  std::vector<StoredEvent> stored(const std::string& name = "a.journal") {
    return stored_events(directory_.file(name));
  }

  const TemporaryDirectory directory_;
};

TEST_F(ReactorJournal, HasEveryEventWithItsRecord) {
  const auto journal = open();
  ASSERT_TRUE(reactor_->attach_journal(journal).has_value());
  const auto association = connect_up();
  association->abort("enough");
  run();
  ASSERT_TRUE(journal->flush().has_value());
  const auto events = stored();
  ASSERT_EQ(events.size(), recorder_->events().size());
  bool seen = false;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& live = recorder_->events()[i];
    EXPECT_EQ(events[i].seq, live.seq.value());
    EXPECT_EQ(events[i].kind, event_kind_name(live.body));
    EXPECT_EQ(events[i].raw, std::holds_alternative<Notification>(live.body));
    seen = seen || events[i].raw;
  }
  EXPECT_TRUE(seen);
  ASSERT_TRUE(journal->close().has_value());
}

TEST_F(ReactorJournal, HasTheEventsOfItsEnd) {
  const auto journal = open();
  ASSERT_TRUE(reactor_->attach_journal(journal).has_value());
  const auto association = connect();
  reactor_->expect_peer("e", "p");  // no turn follows
  const EventSeq last = reactor_->table().seq();
  recorder_.reset();
  reactor_.reset();
  ASSERT_TRUE(journal->close().has_value());
  EXPECT_EQ(numbers(stored()), from_to(1, last.value()));
  start({});
}

TEST_F(ReactorJournal, MayComeLate) {
  connect_up();
  const EventSeq before = reactor_->table().seq();
  const auto journal = open();
  ASSERT_TRUE(reactor_->attach_journal(journal).has_value());
  reactor_->expect_peer("e", "p");
  run();
  ASSERT_TRUE(journal->close().has_value());
  const StoredPart part = stored_parts(directory_.file("a.journal")).at(0);
  EXPECT_EQ(numbers(part.events),
            from_to(before.value() + 1, before.value() + 1));
  EXPECT_EQ(
      part.snapshots,
      (std::map<std::uint64_t, bool>{{before.value(), /*required=*/true}}));
}

TEST_F(ReactorJournal, IsOne) {
  const auto journal = open();
  ASSERT_TRUE(reactor_->attach_journal(journal).has_value());
  const auto second = reactor_->attach_journal(open("b.journal"));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kInvalidArgument);
  const auto none = reactor_->attach_journal(nullptr);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kInvalidArgument);
  // A closed one makes room for another.
  ASSERT_TRUE(journal->close().has_value());
  reactor_->expect_peer("e", "p");
  run();
  const auto third = open("c.journal");
  EXPECT_TRUE(reactor_->attach_journal(third).has_value());
  reactor_->expect_peer("e", "q");
  run();
  ASSERT_TRUE(third->flush().has_value());
  EXPECT_EQ(stored("c.journal").size(), 1U);
}

// Handlers attach, too: what they cause belongs to the same turn.
TEST_F(ReactorJournal, IsAttachedInsideAHandler) {
  const auto journal = open();
  auto association = reactor_->connect(
      {.remote = {address("192.0.2.1", 2905)}},
      {.on_established = [&](Association& established) {
        ASSERT_TRUE(reactor_->attach_journal(journal).has_value());
        established.abort("enough");
      }});
  ASSERT_TRUE(association.has_value());
  socket().notify(sample("assoc_change-comm_up-client"));
  run();
  ASSERT_TRUE(journal->flush().has_value());
  const auto events = stored();
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.front().kind, "abort_requested");
  EXPECT_EQ(events.back().seq, reactor_->table().seq().value());
}

}  // namespace
}  // namespace lksctp::test
