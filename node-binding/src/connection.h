// The loop's side of a socket: an association, what JS wants sent on it, and how
// much JS has been given and not yet used.
//
// Threads: loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string_view>

#include "lksctp/reactor/reactor.h"
#include "records.h"
#include "to_js.h"

namespace lksctp::node {

class Session;
struct CommandBlock;

class Connection {
 public:
  // Of `settings`: JS may hold `receive_high_water_mark` bytes unused before
  // reading stops, and sends `send_high_water_mark` bytes ahead.
  Connection(Session& session, Handle handle, Reactor& reactor,
             const AssociationSettings& settings);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // What the association tells. `listener` is 0 for one that we connect.
  [[nodiscard]] AssociationHandlers handlers(Handle listener);
  void attach(std::shared_ptr<Association> association);

  [[nodiscard]] Handle handle() const { return handle_; }
  [[nodiscard]] Reactor& reactor() const { return reactor_; }
  // Null before `attach`.
  [[nodiscard]] Association* association() const { return association_.get(); }

  // Sends the message of the record at `offset` of the block, which stays alive
  // as long as the message waits.
  void send(const std::shared_ptr<const CommandBlock>& block,
            std::size_t offset);
  // Graceful shutdown, behind all that is to be sent.
  void shutdown();
  void abort(std::string_view reason);
  // JS has used what counts for `size` bytes, overhead included.
  void consumed(std::size_t size);
  // JS wants nothing more of it: what comes is dropped, and the end is awaited.
  void release();
  // The association has ended in the log while JS may have stopped reading.
  void ended_abnormally();
  // Reads paths and addresses from the stack and tells JS, changed or not.
  void sample();
  // Tells JS how many messages were settled since the last time.
  void report_taken();
  // The environment goes: nothing is told any more.
  void detach();

 private:
  struct Waiting {
    std::shared_ptr<const CommandBlock> block;
    std::size_t offset = 0;
    MonotonicTime since{};  // its time to live goes on while it waits
    [[nodiscard]] OutboundRecord record() const;
    [[nodiscard]] std::span<const std::byte> payload() const;
  };

  bool try_send(const Waiting& message);
  void refuse(const Waiting& message, const Error& error);
  void refuse_waiting(const Error& error);
  void send_waiting();
  void finish();
  void on_taken(std::size_t messages, std::size_t bytes);
  void not_taken(std::uint64_t number, const MessageFailed& failed,
                 std::span<const std::byte> data, const Error& error);
  void pass_over(std::uint64_t number, std::uint64_t bytes, bool refused);
  void settle(std::uint64_t messages);
  void report_if_worth_it();
  void on_message(Message&& message);
  void on_peer_shutdown();
  void on_closed(const AssociationClosed& closed);

  Session& session_;
  const Handle handle_;
  Reactor& reactor_;
  const std::size_t receive_window_;
  const std::size_t report_bytes_;
  std::shared_ptr<Association> association_;

  // Sending. Messages are counted from 1, as JS counts them; those that are settled
  // were taken by the stack, or never will be.
  std::deque<Waiting> waiting_;  // `send` said kWouldBlock
  std::uint64_t sent_ = 0;       // given to the association, refused or not
  std::uint64_t settled_ = 0;
  std::uint64_t reported_ = 0;      // JS knows them to be settled
  std::uint64_t report_up_to_ = 0;  // the last that JS wants to hear of at once
  std::uint64_t unreported_bytes_ = 0;
  // Not settled, but will not be taken: by number, whether `send` has refused it.
  std::map<std::uint64_t, bool> passed_over_;
  std::uint64_t refused_ = 0;    // of those that are settled
  bool report_pending_ = false;  // the session will ask
  bool shutdown_wanted_ = false;
  bool shutdown_done_ = false;
  bool ending_told_ = false;

  // Receiving.
  std::size_t unused_ = 0;  // bytes JS has and has not used
  bool paused_ = false;
  bool ended_abnormally_ = false;  // what is left is bounded: no more pauses
  bool released_ = false;
};

}  // namespace lksctp::node
