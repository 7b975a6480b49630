// A one-to-one SCTP socket of the kernel behind the seam: listening, or one
// association.
//
// Threads: loop thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "file_descriptor.h"
#include "loop.h"
#include "stack/kernel/held_messages.h"
#include "stack/kernel/message_batch.h"
#include "stack/kernel/peer_window.h"
#include "stack/stack.h"

namespace lksctp {

// What the sockets of one stack share. Outlives them.
struct KernelShared {
  Loop& loop;
  ReceiveBatch receive_batch;
  SendBatch send_batch;
};

class KernelSocket final : public StackSocket {
 public:
  enum class Role : std::uint8_t { kListening, kAssociation };

  // Takes over a configured, non-blocking descriptor that is listening,
  // connecting or connected. Errors: kSystem (memory).
  static Result<std::unique_ptr<KernelSocket>> open(
      KernelShared& shared, FileDescriptor fd, Role role,
      StackSocketObserver& observer);

  // The UDP port it receives encapsulated packets on.
  void set_udp_port(std::uint16_t port) { udp_port_ = port; }

  // StackSocket.
  ReceiveResult receive(std::span<ReceiveSlot> slots) override;
  SendResult send(std::span<const OutgoingMessage> messages,
                  bool more) override;
  void want_ready(bool read, bool write) override;
  // What is there to read is told as long as it is there. That an association has
  // gone is not, once its last notification was read: who stops behind that one
  // reads again by itself.
  void read_again() override {}
  Result<Accepted> accept(StackSocketObserver& observer) override;
  Result<void> shutdown() override;
  Result<void> abort(std::string_view reason) override;
  Result<StatusSampled> status() override;
  Result<std::vector<PathInfo>> paths() override;
  Result<std::vector<Address>> local_addresses() override;
  Result<AssociationStatistics> statistics() override;
  Result<AssociationDetails> details() override;
  std::optional<std::uint16_t> udp_port() override { return udp_port_; }
  Result<void> set_options(const SocketOptions& options) override;
  Result<SocketOptions> options() override;
  std::size_t largest_message() override;

 private:
  KernelSocket(KernelShared& shared, FileDescriptor fd, Role role,
               StackSocketObserver& observer)
      : shared_(shared), fd_(std::move(fd)), role_(role), observer_(observer) {}

  void on_watch(bool readable, bool writable);

  // Hands over the first of `messages`: small ones so that the kernel bundles them,
  // with `more` also with those of the next run; large ones as they are.
  SendResult send_run(std::span<const OutgoingMessage> messages, bool more);
  [[nodiscard]] bool waits_for_sack(const OutgoingMessage& message) const;
  // How many of `messages` may be held together, behind what is.
  [[nodiscard]] std::size_t holdable(
      std::span<const OutgoingMessage> messages) const;

  void look_at_window(const StatusSampled& status);
  // Looks at the peer's window; false when nothing may be sent now.
  bool window_is_open(const OutgoingMessage& next);
  // The same, once more after a moment when it has just closed.
  bool window_opens(const OutgoingMessage& next);
  void wait_for_window();
  void on_window_timer();

  KernelShared& shared_;
  FileDescriptor fd_;
  const Role role_;
  StackSocketObserver& observer_;
  std::unique_ptr<FileWatch> watch_;
  std::optional<std::uint16_t> udp_port_;

  bool want_read_ = true;
  bool want_write_ = false;
  // The kernel tells nobody when the peer's window opens.
  PeerWindow window_;
  std::unique_ptr<LoopTimer> window_timer_;  // made when first needed
  bool waits_for_window_ = false;
  int window_looks_ = 0;                       // since it closed
  bool may_ask_ = false;                       // not since the last wait
  std::chrono::milliseconds window_wait_{};    // before the next look
  std::chrono::milliseconds window_waited_{};  // in all, since it closed
  HeldMessages held_;
  bool full_ = false;            // the send buffer, with messages held
  std::size_t send_buffer_ = 0;  // SO_SNDBUF as the kernel counts it
  // Pieces the next read asks for: adapts to what was there. One more than is
  // expected: getting fewer tells that nothing more is there, without another
  // system call.
  static constexpr std::size_t kReceiveAtLeast = 2;
  std::size_t receive_ahead_ = kReceiveAtLeast;
  unsigned single_reads_ = 0;
  // The largest of those read, and its path.
  Milliseconds max_rto_{};
  Address max_rto_path_{};
};

}  // namespace lksctp
