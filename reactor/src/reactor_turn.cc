// The end of a turn: handlers, sending, samples, snapshots, release.
#include <algorithm>
#include <utility>

#include "journal/journal_feed.h"
#include "reactor_impl.h"

namespace lksctp {
namespace {

// Associations whose totals one turn takes for a snapshot: a millisecond at most.
constexpr std::size_t kSnapshotSlice = 256;

template <bool AssociationImpl::WorkFlags::*kFlag>
void add_once(std::vector<AssociationImpl*>& list, AssociationImpl& item) {
  if (std::exchange(item.work.*kFlag, true)) return;
  list.push_back(&item);
}

// Runs `work` on what is in the list now; what is added meanwhile waits for the
// next round, so that no association can starve the others.
template <bool AssociationImpl::WorkFlags::*kFlag, typename Work>
void drain(std::vector<AssociationImpl*>& list,
           std::vector<AssociationImpl*>& scratch, Work work) {
  if (list.empty()) return;
  scratch.clear();
  scratch.swap(list);
  for (AssociationImpl* item : scratch) {
    item->work.*kFlag = false;
    work(*item);
  }
}

}  // namespace

void ReactorImpl::request_turn_end() {
  if (std::exchange(turn_end_requested_, true)) return;
  loop_->request_turn_end();
}

void ReactorImpl::deliver_later(AssociationImpl& association) {
  add_once<&AssociationImpl::WorkFlags::deliver>(deliver_, association);
  request_turn_end();
}

void ReactorImpl::flush_later(AssociationImpl& association) {
  add_once<&AssociationImpl::WorkFlags::flush>(flush_, association);
  request_turn_end();
}

void ReactorImpl::sample_later(AssociationImpl& association) {
  add_once<&AssociationImpl::WorkFlags::sample>(sample_, association);
  request_turn_end();
}

void ReactorImpl::release_later(AssociationImpl& association) {
  released_.push_back(association.id());
  request_turn_end();
}

void ReactorImpl::discard(std::unique_ptr<StackSocket> socket) {
  if (!socket) return;
  discarded_.push_back(std::move(socket));
  request_turn_end();
}

void ReactorImpl::end_turn() {
  sample_associations();
  if (!events_.empty()) deliver_events();
  if (!accepted_.empty()) deliver_accepted();
  deliver_associations();
  flush_associations();
  if (snapshot_requested_ || !answering_.empty()) answer_snapshot_requests();
  release();
  flush_stacks();
  if (journal_ != nullptr) hand_over_to_journal();
  turn_end_requested_ = false;
  ++loop_statistics_.turns;
  if (has_work()) loop_->request_next_turn_end();
}

bool ReactorImpl::has_work() const {
  return !events_.empty() || !accepted_.empty() || !deliver_.empty() ||
         !flush_.empty() || !sample_.empty() || !answering_.empty() ||
         snapshot_requested_ || retired_ || !released_.empty() ||
         !discarded_.empty();
}

void ReactorImpl::deliver_events() {
  // Swap, then drain: handlers make events.
  scratch_events_.clear();
  scratch_events_.swap(events_);
  for (const Event& event : scratch_events_) subscriptions_.dispatch(event);
  scratch_events_.clear();
}

void ReactorImpl::deliver_accepted() {
  const auto accepted = std::exchange(accepted_, {});
  for (const Accepted& one : accepted) {
    if (!one.endpoint->on_accept()) continue;
    one.association->set_handlers(one.endpoint->on_accept()(one.association));
  }
}

void ReactorImpl::deliver_associations() {
  drain<&AssociationImpl::WorkFlags::deliver>(
      deliver_, scratch_, [](AssociationImpl& one) { one.deliver(); });
}

void ReactorImpl::flush_associations() {
  drain<&AssociationImpl::WorkFlags::flush>(
      flush_, scratch_, [](AssociationImpl& one) { one.flush(); });
}

void ReactorImpl::sample_associations() {
  // A failing read belongs to an association that is ending: its notifications
  // say so.
  drain<&AssociationImpl::WorkFlags::sample>(
      sample_, scratch_,
      [](AssociationImpl& one) { static_cast<void>(one.sample()); });
}

void ReactorImpl::answer_snapshot_requests() {
  if (answering_.empty()) {
    snapshot_requested_ = false;
    const std::lock_guard lock(mutex_);
    answering_.swap(snapshot_requests_);
    next_to_count_ = AssociationId{};
  }
  if (answering_.empty()) return;
  // Messages wait for the totals of some associations, not for those of all.
  auto next = associations_.lower_bound(next_to_count_);
  for (std::size_t i = 0; i < kSnapshotSlice && next != associations_.end();
       ++i, ++next) {
    next->second->sample_traffic();
  }
  if (next != associations_.end()) {
    next_to_count_ = next->first;
    return;
  }
  publish_snapshot();
  const SnapshotPtr snapshot = snapshots_.latest();
  for (const auto& ready : std::exchange(answering_, {})) ready(snapshot);
}

void ReactorImpl::hand_over_to_journal() {
  if (!journal_->hand_over()) journal_.reset();
}

void ReactorImpl::release() {
  if (retired_ && !retired_->shed()) retired_.reset();
  discarded_.clear();
  closed_endpoints_.clear();  // behind the sockets they are told by
  if (released_.empty()) return;
  for (const AssociationId id : std::exchange(released_, {})) {
    const auto found = associations_.find(id);
    if (found == associations_.end()) continue;
    const auto& work = found->second->work;
    if (work.deliver || work.flush || work.sample) {
      released_.push_back(id);  // still on a list: next turn
    } else {
      found->second->detach();
      associations_.erase(found);
    }
  }
}

}  // namespace lksctp
