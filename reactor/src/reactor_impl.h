// The reactor's engine: owns loop, stack, log, endpoints and associations, and
// runs the end of every turn (see the steps in reactor.h).
//
// Threads: loop thread, but for `post`, `stop`, `snapshot` and
// `request_snapshot`.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "association_impl.h"
#include "buffer_pool.h"
#include "endpoint_impl.h"
#include "housekeeping.h"
#include "lksctp/reactor/reactor.h"
#include "loop.h"
#include "receive_buffers.h"
#include "snapshot_store.h"
#include "stack/stack.h"

namespace lksctp {

class JournalFeed;

class ReactorImpl final : public Reactor {
 public:
  // Makes a stack: kKernel's, kUsrsctp's. Tests give their own.
  using StackFactory =
      std::function<Result<std::unique_ptr<Stack>>(StackChoice, Loop&)>;

  static Result<std::unique_ptr<Reactor>> create(ReactorOptions options,
                                                 StackFactory factory);
  ~ReactorImpl() override;

  // Reactor.
  Result<std::shared_ptr<Endpoint>> listen(ListenOptions options,
                                           AcceptHandler on_accept) override;
  Result<std::shared_ptr<Association>> connect(
      ConnectOptions options, AssociationHandlers handlers) override;
  void expect_peer(std::string endpoint_name, std::string peer_name) override;
  void run() override { loop_->run(); }
  void run_once(std::chrono::milliseconds wait) override {
    loop_->run_once(wait);
  }
  void stop() override { loop_->stop(); }
  void post(std::function<void()> task) override {
    loop_->post(std::move(task));
  }
  SubscriptionId subscribe(EventFilter filter,
                           EventSubscriptions::Handler handler) override;
  void unsubscribe(SubscriptionId id) override;
  Result<void> attach_journal(std::shared_ptr<Journal> journal) override;
  const AssociationTable& table() const override { return log_.table(); }
  SnapshotPtr snapshot() const override { return snapshots_.latest(); }
  void request_snapshot(std::function<void(SnapshotPtr)> ready) override;
  const Capabilities& capabilities() const override {
    return default_stack_->capabilities();
  }
  Result<Capabilities> capabilities(StackChoice choice) override;

  // For endpoints, associations and housekeeping.
  Loop& loop() { return *loop_; }
  // The stack of that choice, made when it is first needed.
  Result<Stack*> stack(std::optional<StackChoice> choice);
  const std::shared_ptr<BufferPool>& pool() const { return pool_; }
  MessageBuffer copy(std::span<const std::byte> bytes) {
    return BufferPool::copy(pool_, bytes);
  }
  const ReactorOptions& options() const { return options_; }
  void assert_loop_thread() const;
  EventSeq append(EndpointId endpoint, AssociationId association,
                  EventBody body, Bytes raw = {});
  // Whether `raw` is worth a copy.
  [[nodiscard]] bool wants_raw() const {
    return journal_ != nullptr || subscriptions_.wants_raw();
  }
  ReceiveBuffers& receive_buffers() { return receive_buffers_; }
  // Messages handed to the stack in one call.
  static constexpr std::size_t kSendBatch = 64;
  std::vector<Notification>& decoded_scratch() { return decoded_; }
  void log_warning(const std::string& text) const;

  // Accepts one association; the error is the stack's. Its handlers are asked
  // for at the end of the turn, before anything of it is delivered.
  Result<void> accept(EndpointImpl& endpoint, StackSocket& listening);
  // The rest of it, once the peer has its name.
  void admit(EndpointImpl& endpoint,
             std::shared_ptr<AssociationImpl> association,
             StackSocket::Accepted accepted, std::string peer);
  // No event and no new association waits for the end of this turn.
  [[nodiscard]] bool nothing_to_deliver() const {
    return events_.empty() && accepted_.empty();
  }

  // Work for the end of this turn.
  void request_turn_end();
  void deliver_later(AssociationImpl& association);
  void flush_later(AssociationImpl& association);
  void sample_later(AssociationImpl& association);
  void release_later(AssociationImpl& association);
  // Gives up a socket, which may be calling right now.
  void discard(std::unique_ptr<StackSocket> socket);
  // The last events of an association are in the log.
  void association_ended(const AssociationImpl& association);
  void endpoint_closed(EndpointImpl& endpoint);

  using Associations =
      std::map<AssociationId, std::shared_ptr<AssociationImpl>>;
  [[nodiscard]] const Associations& associations() const {
    return associations_;
  }
  [[nodiscard]] bool idle() const {
    return associations_.empty() && endpoints_.empty();
  }
  void publish_snapshot();
  LoopStatistics& loop_statistics() { return loop_statistics_; }

 private:
  ReactorImpl(ReactorOptions options, StackFactory factory,
              std::unique_ptr<Loop> loop);

  Result<Stack*> make_stack(StackChoice choice);
  void flush_stacks();
  void end_turn();
  void measure_busy();
  void deliver_events();
  void deliver_accepted();
  void deliver_associations();
  void flush_associations();
  void sample_associations();
  void answer_snapshot_requests();
  void release();
  void hand_over_to_journal();
  [[nodiscard]] bool has_work() const;

  // Constant after construction. Destruction is in reverse: sockets, then the
  // stack, then the loop they are on.
  ReactorOptions options_;
  std::shared_ptr<BufferPool> pool_;
  std::unique_ptr<Loop> loop_;
  const StackFactory make_;
  // By choice, kAuto excepted.
  std::map<StackChoice, std::unique_ptr<Stack>> stacks_;
  Stack* default_stack_ = nullptr;
  // Why there is no kernel's, once that is known.
  std::optional<Error> no_kernel_;

  EventLog log_;
  EventSubscriptions subscriptions_;
  std::unique_ptr<JournalFeed> journal_;
  SnapshotStore snapshots_;
  LoopStatistics loop_statistics_;
  // Where its processor time was measured last, and what it was.
  std::thread::id measured_thread_;
  std::chrono::nanoseconds measured_{};

  std::uint64_t last_endpoint_ = 0;
  std::uint64_t last_association_ = 0;
  Associations associations_;
  std::map<EndpointId, std::shared_ptr<EndpointImpl>> endpoints_;

  // Work of this turn. Raw pointers: an association is held by `associations_`
  // until its last piece of work is done.
  struct Accepted {
    std::shared_ptr<EndpointImpl> endpoint;
    std::shared_ptr<AssociationImpl> association;
  };
  std::vector<Event> events_;
  std::vector<Event> scratch_events_;
  std::vector<Accepted> accepted_;
  std::vector<AssociationImpl*> deliver_;
  std::vector<AssociationImpl*> flush_;
  std::vector<AssociationImpl*> sample_;
  std::vector<AssociationImpl*> scratch_;
  std::vector<AssociationId> released_;
  std::vector<std::unique_ptr<StackSocket>> discarded_;
  std::vector<std::shared_ptr<EndpointImpl>> closed_endpoints_;
  bool turn_end_requested_ = false;
  bool snapshot_requested_ = false;

  // Reused from read to read.
  ReceiveBuffers receive_buffers_;
  std::vector<Notification> decoded_;

  // Guarded by `mutex_`: snapshots other threads have asked for.
  std::mutex mutex_;
  std::vector<std::function<void(SnapshotPtr)>> snapshot_requests_;
  // Loop thread: those being answered, in this turn or some, and the association
  // whose totals are next to be taken for them.
  std::vector<std::function<void(SnapshotPtr)>> answering_;
  AssociationId next_to_count_{};
  // Of the snapshot before the latest, freed in slices when nobody else has it.
  std::optional<AssociationTable> retired_;

  std::optional<Housekeeping> housekeeping_;
};

}  // namespace lksctp
