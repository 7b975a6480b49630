// One association over one stack socket: queues, reassembly, hand-over to the
// handlers. Facts go to the event log; what is known lives in the table.
//
// Life: connecting or accepted → up → ended (the socket is given up, one
// AssociationClosed) → delivered (`on_closed` has returned) → released.
//
// Threads: loop thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connect_attempt.h"
#include "lksctp/decoder/assembler.h"
#include "lksctp/decoder/send_failure_joiner.h"
#include "lksctp/reactor/association.h"
#include "lksctp/reactor/reactor.h"
#include "lksctp/reactor/snapshot.h"
#include "send_queue.h"
#include "stack/stack.h"
#include "traffic_counters.h"

namespace lksctp {

class ReactorImpl;
class ReceiveBuffers;

class AssociationImpl final : public Association, public StackSocketObserver {
 public:
  // `options_asked_for`: they are read back into an event once it is up.
  AssociationImpl(ReactorImpl& reactor, Stack& stack, AssociationId id,
                  EndpointId endpoint, const AssociationSettings& settings,
                  bool options_asked_for);
  ~AssociationImpl() override;

  // Connecting: `socket` is the attempt's first. Accepted: there is no attempt.
  void start(std::string endpoint_name, std::string peer_name,
             std::unique_ptr<StackSocket> socket,
             std::unique_ptr<ConnectAttempt> attempt);
  // The reactor lets go: no event, no handler, every call gives kClosed. The
  // handlers are destroyed: they may hold the association itself.
  void detach();

  [[nodiscard]] const std::string& endpoint_name() const {
    return endpoint_name_;
  }
  [[nodiscard]] EndpointRole role() const { return role_; }

  // Association.
  AssociationId id() const override { return id_; }
  StackKind stack() const override { return stack_kind_; }
  EndpointId endpoint() const override { return endpoint_; }
  const std::string& peer_name() const override { return peer_name_; }
  void set_handlers(AssociationHandlers handlers) override;
  Result<void> send(std::span<const std::byte> data,
                    const SendOptions& options) override;
  std::size_t send_queue_bytes() const override { return queue_.bytes(); }
  void pause() override;
  void resume() override;
  Result<void> shutdown() override;
  Result<void> abort(std::string_view reason) override;
  Result<void> set_options(const SocketOptions& options) override;
  Result<SocketOptions> options() const override;
  Result<void> sample() override;
  Result<AssociationStatistics> statistics() override;
  Result<AssociationDetails> details() override;
  const AssociationRecord* record() const override;

  // StackSocketObserver.
  void on_ready(bool readable, bool writable) override;

  // End of turn, called by the reactor.
  void deliver();
  void flush();
  void attempt_timed_out();
  void sample_periodically();
  void sample_traffic();  // a TrafficSampled event if the totals changed

  // Ended and `on_closed` delivered: the reactor may let go.
  [[nodiscard]] bool finished() const { return phase_ == Phase::kDelivered; }
  [[nodiscard]] bool established() const { return phase_ == Phase::kUp; }

  // Membership of the reactor's work lists.
  struct WorkFlags {
    bool deliver = false;
    bool flush = false;
    bool sample = false;
  };
  WorkFlags work;

 private:
  enum class Phase : std::uint8_t { kStarting, kUp, kEnded, kDelivered };

  // Receiving (association_receive.cc).
  void read(ReceiveBuffers& buffers);
  void take_piece(ReceiveBuffers& buffers, ReceiveSlot& slot);
  void take_notification_piece(const ReceiveSlot& slot);
  void take_notification(std::span<const std::byte> record);
  void take_message_piece(ReceiveBuffers& buffers, ReceiveSlot& slot);
  void take_message(Message&& message);
  void on_notification(Notification notification, Bytes raw);
  void on_association_change(const AssociationChange& change);
  void on_established();
  void deliver_messages();
  void on_failed_message(FailedMessage message);
  void deliver_failures();
  [[nodiscard]] bool may_read() const;
  void resume_reading();

  // Ending (association_end.cc).
  void fail_front(Error error);
  void fail_queue(const Error& error);
  bool try_next_remote(AssociationClosed& closed);
  void end();
  void close_with(AssociationClosed closed);
  [[nodiscard]] AssociationClosed closed_reason() const;

  [[nodiscard]] bool usable() const;
  void append(EventBody body, Bytes raw = {});
  void update_readiness();
  void shrink();
  static Error closed_error();
  static Error remote_ended_error();
  void sample_statistics();
  template <typename T>
  tl::unexpected<Error> failed_to_sample(SampleOperation operation,
                                         const Result<T>& result);
  // Sending (association_send.cc).
  Error would_block();
  Error stream_error(StreamId stream) const;
  // With `more` the last one stays until the end of the turn, if the others may wait
  // for it.
  void send_queued(bool more);
  [[nodiscard]] bool queue_is_full() const;
  void count_taken(std::size_t messages, std::size_t bytes);
  void tell_taken();
  bool send_at_once(std::span<const std::byte> data,
                    const SendOptions& options);
  // Why the message is refused. (Not a Result: one that holds nothing costs more to
  // make than the checks do.)
  [[nodiscard]] std::optional<Error> check_send(std::span<const std::byte> data,
                                                const SendOptions& options);
  [[nodiscard]] std::optional<Error> check_policy(
      const SendOptions& options) const;
  [[nodiscard]] std::optional<Error> make_send_buffer_fit(std::size_t size);
  Result<Address> path_to(const Address& destination);
  Result<void> send_checked(std::span<const std::byte> data,
                            const SendOptions& options);

  // Constant after construction.
  // These outlive all but a detached association.
  ReactorImpl& reactor_;
  Stack& stack_;
  const StackKind stack_kind_;
  const AssociationId id_;
  const EndpointId endpoint_;
  const AssociationSettings settings_;
  const bool options_asked_for_;

  // Once started.
  std::string endpoint_name_;
  std::string peer_name_;
  EndpointRole role_ = EndpointRole::kListen;

  std::unique_ptr<const AssociationHandlers> handlers_;  // never null
  std::vector<std::unique_ptr<const AssociationHandlers>> retired_handlers_;
  std::unique_ptr<StackSocket> socket_;
  std::unique_ptr<ConnectAttempt> attempt_;  // until it is up or has ended
  Phase phase_ = Phase::kStarting;

  // What was asked for and heard: decides what `send` allows and why it ended.
  bool shutdown_requested_ = false;
  bool shutdown_started_ = false;  // the stack was told
  bool peer_shutdown_ = false;
  std::optional<CloseReason> shutdown_reason_;  // by who began
  bool abort_requested_ = false;
  bool terminal_seen_ =
      false;  // a notification that nothing follows but failures
  std::optional<AssociationChange> terminal_;
  int last_errno_ = 0;
  std::optional<Error> fatal_;  // our own reason to abort

  // Sending.
  SendQueue queue_;
  std::uint64_t accepted_ = 0;      // messages, by `send`
  std::size_t taken_messages_ = 0;  // by the stack, not told yet
  std::size_t taken_bytes_ = 0;
  bool waiting_for_room_ = false;  // the stack said EAGAIN
  bool was_full_ = false;          // `send` said kWouldBlock
  std::uint16_t outbound_streams_ = 0;
  std::uint16_t inbound_streams_ = 0;
  std::optional<std::size_t> send_buffer_;  // largest message, once asked for
  bool send_buffer_chosen_ = false;         // by the program: it stays

  // Receiving.
  std::unique_ptr<NotificationAssembler> assembler_;  // while one is incomplete
  SendFailureJoiner joiner_;
  std::vector<std::byte> partial_;  // message being reassembled
  std::optional<ReceiveInfo> partial_info_;
  std::optional<PartialDelivery> last_partial_abort_;
  std::vector<Message> inbox_;
  std::size_t inbox_head_ = 0;
  std::size_t inbox_cost_ = 0;
  bool paused_ = false;
  bool reading_stopped_ = false;
  bool gone_in_stack_ = false;  // what is left to read is bounded

  // For the handlers.
  bool established_pending_ = false;
  bool peer_shutdown_pending_ = false;
  bool writable_pending_ = false;
  bool ended_told_ = false;
  struct Failure {
    MessageFailed message;
    Bytes data;
    std::uint64_t number = 0;    // where the stack never took it
    std::optional<Error> error;  // and why
  };
  std::vector<Failure> failures_pending_;
  std::optional<AssociationClosed> closed_pending_;

  TrafficCounters traffic_;
  bool stack_counts_ = true;  // until it says that it does not
};

}  // namespace lksctp
