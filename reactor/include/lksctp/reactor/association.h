// An association as a program holds it: send, pause, shut down, abort, ask.
//
// Its facts (state, paths, totals) live in the association table; this object
// is the way to act on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lksctp/reactor/association_table.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/message.h"
#include "lksctp/reactor/options.h"
#include "lksctp/reactor/statistics.h"

namespace lksctp {

class Association;

// A message that `send` had accepted and the stack never took.
struct NotTaken {
  const MessageFailed& message;
  std::span<const std::byte> data;
  // Which one: of those accepted, counted from 1.
  std::uint64_t number;
  // Its time to live was over, it could never go, or the association ended first.
  const Error& error;
};

// What a program wants to hear about one association. Every member may be
// empty.
//
// All run on the loop thread, never from inside a call into the library; all
// may call anything, `Reactor::stop` and `Association::abort` included. They keep the order of the facts: messages
// that arrived before the end are delivered before `on_closed`.
struct AssociationHandlers {
  // The association is up: streams are negotiated, messages may flow. Not
  // called when the attempt fails (`on_closed` is, alone).
  std::function<void(Association&)> on_established;
  // A whole message. Move it to keep it (or take it by value). Without a handler messages are counted
  // and dropped.
  std::function<void(Association&, Message&&)> on_message;
  // After `send` gave kWouldBlock: the queue has fallen to half its bound, or
  // the stack has room again.
  std::function<void(Association&)> on_writable;
  // The peer shuts down gracefully: `send` fails from now on with kRemoteEnded,
  // messages on their way are still delivered.
  std::function<void(Association&)> on_peer_shutdown;
  // A message sent earlier will not be delivered. `data` is what the stack gave
  // back of it, valid during the call.
  std::function<void(Association&, const MessageFailed&,
                     std::span<const std::byte> data)>
      on_send_failed;
  // The stack has taken so many more of the messages accepted by `send`, in their
  // order, with so many bytes of payload: once for all of a turn.
  std::function<void(Association&, std::size_t messages, std::size_t bytes)>
      on_taken;
  // A message that the stack never took, before `on_taken` counts one behind it. With
  // this handler `on_send_failed` hears only of those that it had taken. What
  // `message` refers to is valid during the call.
  std::function<void(Association&, const NotTaken& message)> on_not_taken;
  // It has ended: `send` fails from now on, and nothing more arrives. Comes before
  // the messages that are still held while it is paused: who waits for room to send
  // before going on hears it here that there will be none.
  std::function<void(Association&, const AssociationClosed&)> on_ended;
  // The last call, behind all messages. The object stays valid as long as somebody holds it; every
  // method then gives kClosed.
  std::function<void(Association&, const AssociationClosed&)> on_closed;
};

// Loop thread only, asserted. Shared: the reactor holds it until `on_closed`
// has returned, the program as long as it likes.
class Association : public std::enable_shared_from_this<Association> {
 public:
  virtual ~Association() = default;
  Association(const Association&) = delete;
  Association& operator=(const Association&) = delete;

  [[nodiscard]] virtual AssociationId id() const = 0;
  // The stack it is on.
  [[nodiscard]] virtual StackKind stack() const = 0;
  [[nodiscard]] virtual EndpointId endpoint() const = 0;
  // The observers' name of the peer.
  [[nodiscard]] virtual const std::string& peer_name() const = 0;

  // Replaces the handlers; what is already queued goes to the new ones.
  virtual void set_handlers(AssociationHandlers handlers) = 0;

  // Queues one message (copied) or hands it to the stack. It leaves at the end of
  // this turn together with all others of the turn, or earlier, once there are
  // enough for a batch. Before the association is up messages wait.
  //
  // Errors, none of which ends the association or sends anything:
  // - kWouldBlock: the queue holds `send_high_water_mark` bytes or more, or a
  //   stack that keeps the queue itself (usrsctp: `SocketOptions::send_buffer`)
  //   has no room; retry after `on_writable`.
  // - kInvalidArgument: empty message, stream beyond the negotiated ones, more than
  //   one policy to abandon it by, or a destination that is none of the paths.
  // - kNotSupported: the stack has no such policy; see `Capabilities`.
  // - kMessageTooLarge: above the send buffer of the stack.
  // - kRemoteEnded: the peer has shut down. - kClosed: ended, or shut down
  // here.
  [[nodiscard]] virtual Result<void> send(std::span<const std::byte> data,
                                          const SendOptions& options = {}) = 0;

  // Bytes queued here, not yet taken by the stack.
  [[nodiscard]] virtual std::size_t send_queue_bytes() const = 0;

  // Stops and starts delivery of messages. While paused, what arrives is held
  // up to `receive_high_water_mark` bytes and the rest waits in the stack,
  // which closes the peer's window. Notifications in front of what waits are
  // events at once; those behind it when it is read, the end of the association
  // within a sampling period. `on_ended` comes all the same, `on_closed` after the
  // messages held, hence after `resume`.
  virtual void pause() = 0;
  virtual void resume() = 0;

  // Graceful SHUTDOWN (RFC 9260 §9.2): everything queued is delivered,
  // everything the peer has sent is still received. `on_closed` tells when it
  // is done.
  virtual Result<void> shutdown() = 0;

  // ABORT (RFC 9260 §9.1), at once. `reason` (up to 1,000 bytes) reaches the
  // peer as a user-initiated abort cause where `Capabilities::abort_reason`
  // says so. Messages not yet delivered are lost. `on_closed` follows.
  virtual Result<void> abort(std::string_view reason = {}) = 0;

  // Sets what is present in `options`; reads everything back into an
  // `OptionsChanged` event. `initiation` is refused here: it is set at
  // creation.
  virtual Result<void> set_options(const SocketOptions& options) = 0;
  [[nodiscard]] virtual Result<SocketOptions> options() const = 0;

  // Reads status and paths from the stack now; changes become events.
  virtual Result<void> sample() = 0;

  // What the stack counts, read from it now. Errors: kNotSupported (usrsctp does not
  // count by association), kClosed, kSystem.
  [[nodiscard]] virtual Result<AssociationStatistics> statistics() = 0;
  // What only a look into the stack tells, read now. Errors: kNotSupported (usrsctp; a
  // kernel without sctp_diag), kClosed, kSystem.
  [[nodiscard]] virtual Result<AssociationDetails> details() = 0;

  // The table's record; nullptr once closed. Valid until control returns to the
  // loop.
  [[nodiscard]] virtual const AssociationRecord* record() const = 0;

 protected:
  Association() = default;
};

}  // namespace lksctp
