// The stack seam: what the reactor needs of an SCTP implementation. One
// implementation each for the kernel, usrsctp and the scripted stack.
//
// Below the seam: sockets, readiness, wire I/O, the ABI of options. Above it:
// decoding, events, queues, reassembly, handlers. Notifications cross as the
// raw bytes of the stack's ABI, with addresses that are IP addresses.
//
// Threads: loop thread only. Re-entry: a stack never calls an observer from
// inside a call into the stack; it calls from the loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "lksctp/decoder/ancillary.h"
#include "lksctp/decoder/notification.h"
#include "lksctp/reactor/capabilities.h"
#include "lksctp/reactor/error.h"
#include "lksctp/reactor/event.h"
#include "lksctp/reactor/options.h"
#include "lksctp/reactor/statistics.h"

namespace lksctp {

// Where one piece of a message or notification is put by `receive`.
struct ReceiveSlot {
  std::span<std::byte> buffer;      // in: where to write
  std::size_t size = 0;             // out: bytes written
  bool notification = false;        // out: MSG_NOTIFICATION
  bool end_of_record = false;       // out: MSG_EOR
  std::optional<ReceiveInfo> info;  // out: attributes of a message piece
};

// Why `receive` filled no more slots.
enum class ReceiveEnd : std::uint8_t {
  kSlotsFull,   // there may be more: call again
  kWouldBlock,  // nothing more now: wait for readiness
  kEndOfFile,   // the association is over and everything was read
  kError,       // `error_number`; there may be more behind it: call again
};

struct ReceiveResult {
  std::size_t filled = 0;  // slots written, from the first
  ReceiveEnd end = ReceiveEnd::kWouldBlock;
  int error_number = 0;
};

struct OutgoingMessage {
  std::span<const std::byte> data;
  StreamId stream{};
  Ppid ppid{};
  bool unordered = false;
  std::uint32_t context = 0;
  std::optional<Milliseconds> time_to_live;
  std::optional<std::uint32_t> max_retransmissions;
  std::optional<std::uint32_t> priority;
  bool sack_immediately = false;
  Address destination{};  // with the peer's port; kNone: the stack chooses
};

// Nothing can be wrong with the message when it is its turn: it is for a path that
// is there, has room in any buffer, and its time is never over.
[[nodiscard]] inline bool goes_for_certain(const OutgoingMessage& message) {
  constexpr std::size_t kSmallMessage = 32 * 1024;
  return message.data.size() <= kSmallMessage && !message.time_to_live &&
         message.destination.family == AddressFamily::kNone;
}

struct SendResult {
  std::size_t sent = 0;  // messages taken, from the first
  int error_number = 0;  // why the next one was not; EAGAIN: wait for readiness
};

// What a socket tells its owner. Called from the loop, not from inside a call.
class StackSocketObserver {
 public:
  // There may be something to read (messages, notifications, an error, the end,
  // associations to accept) or room to write. Edge-like: the owner reads until
  // kWouldBlock and writes until EAGAIN or asks again with `want_ready`.
  virtual void on_ready(bool readable, bool writable) = 0;

 protected:
  ~StackSocketObserver() = default;
};

// One open socket: listening or holding one association. Destruction closes it;
// an association still alive is aborted.
class StackSocket {
 public:
  virtual ~StackSocket() = default;

  // Reads up to `slots.size()` pieces.
  virtual ReceiveResult receive(std::span<ReceiveSlot> slots) = 0;
  // Hands messages over, all of each or nothing of it. Their streams exist. With
  // `more` another call without it follows in this turn, with a message that can
  // go: these may wait for it, so that packets are full.
  virtual SendResult send(std::span<const OutgoingMessage> messages,
                          bool more) = 0;
  // Which readiness the owner wants to hear of. What was there already is told
  // again when reading or writing becomes wanted.
  virtual void want_ready(bool read, bool write) = 0;
  // The owner stopped before kWouldBlock and still wants to read: tell it again,
  // in a later turn.
  virtual void read_again() = 0;

  // Next association of a listening socket; its observer is told of readiness
  // from the next turn on. Errors: EAGAIN when there is none now, EMFILE …,
  // ECONNABORTED when it went away meanwhile.
  struct Accepted {
    std::unique_ptr<StackSocket> socket;
    Address remote;
  };
  virtual Result<Accepted> accept(StackSocketObserver& observer) = 0;

  virtual Result<void> shutdown() = 0;                      // graceful
  virtual Result<void> abort(std::string_view reason) = 0;  // ABORT, at once

  // Reads `SCTP_STATUS` / `SCTP_GET_PEER_ADDR_INFO`; units and numbering are
  // those of the samples. `send_queue` is left 0.
  virtual Result<StatusSampled> status() = 0;
  virtual Result<std::vector<PathInfo>> paths() = 0;
  virtual Result<std::vector<Address>> local_addresses() = 0;
  // What a stack that does not count or tell it leaves to these: kNotSupported.
  virtual Result<AssociationStatistics> statistics() {
    return tl::unexpected(Error::make(
        ErrorCode::kNotSupported,
        "this stack does not count by association: the kernel stack does"));
  }
  virtual Result<AssociationDetails> details() {
    return tl::unexpected(
        Error::make(ErrorCode::kNotSupported,
                    "only the kernel stack, with sctp_diag, tells this"));
  }
  // UDP port the socket receives encapsulated packets on, if any.
  virtual std::optional<std::uint16_t> udp_port() = 0;

  virtual Result<void> set_options(const SocketOptions& options) = 0;
  virtual Result<SocketOptions> options() = 0;
  // Bytes of the largest message that the send buffer takes now.
  virtual std::size_t largest_message() = 0;
};

struct StackListen {
  std::vector<Address> local;
  int backlog = 511;
  SocketOptions options;
  std::optional<std::uint16_t> udp_local_port;
  bool ipv6_only = false;  // otherwise `::` takes IPv4 peers, too
};

struct StackConnect {
  std::vector<Address> remote;
  std::vector<Address> local;
  SocketOptions options;
  std::optional<std::uint16_t> udp_local_port;
  std::optional<std::uint16_t> udp_remote_port;
};

class Stack {
 public:
  virtual ~Stack() = default;

  [[nodiscard]] virtual const Capabilities& capabilities() const = 0;
  [[nodiscard]] virtual Abi abi() const = 0;
  // Handing over a message costs no system call, so that nothing is won by
  // collecting the messages of a turn.
  [[nodiscard]] virtual bool sends_without_system_call() const = 0;
  // How many pieces a read fills at most, of no stack more than these.
  static constexpr std::size_t kMaxPiecesPerRead = 64;
  [[nodiscard]] virtual std::size_t pieces_per_read() const = 0;

  // A bound, listening socket, subscribed to every notification the stack has.
  virtual Result<std::unique_ptr<StackSocket>> listen(
      const StackListen& request, StackSocketObserver& observer) = 0;
  // A socket that is connecting. COMM_UP or CANT_STR_ASSOC and the error tell
  // how it ended. A stack without multihoming uses the first remote address
  // only: the reactor tries the others in turn.
  virtual Result<std::unique_ptr<StackSocket>> connect(
      const StackConnect& request, StackSocketObserver& observer) = 0;

  // Puts on the wire what calls of this turn have queued. Called at the end of
  // every turn that used the stack.
  virtual void flush() = 0;

  // What a user should know about a failed connection or association of this
  // stack, to append to messages: which UDP port the peer must speak
  // encapsulation on, which sysctl … May be empty. `connect` is null once the
  // association is up.
  virtual std::string advice(int error_number,
                             const StackConnect* connect) const = 0;
};

}  // namespace lksctp
