// The loop's side of a socket: an association, what JS wants sent on it, and how
// much JS has been given and not yet used.
//
// Threads: loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
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
  // JS has used `size` bytes of what it was given.
  void consumed(std::size_t size);
  // JS wants nothing more of it: what comes is dropped, and the end is awaited.
  void release();
  // The association has ended in the log while JS may have stopped reading.
  void ended_abnormally();
  // Reads paths and addresses from the stack and tells JS, changed or not.
  void sample();
  // Tells JS how many messages were taken since the last time.
  void report_taken();
  // The environment goes: nothing is told any more.
  void detach();

 private:
  struct Waiting {
    std::shared_ptr<const CommandBlock> block;
    std::size_t offset = 0;
  };

  bool try_send(const CommandBlock& block, std::size_t offset);
  void send_waiting();
  void finish();
  void taken(std::uint32_t size, bool report);
  void on_message(Message&& message);
  void on_peer_shutdown();
  void on_closed(const AssociationClosed& closed);

  Session& session_;
  const Handle handle_;
  Reactor& reactor_;
  const std::size_t receive_window_;
  const std::size_t report_bytes_;
  std::shared_ptr<Association> association_;

  // Sending. Messages are counted from 1, modulo 2^32.
  std::deque<Waiting> waiting_;  // `send` said kWouldBlock
  std::uint32_t last_taken_ = 0;
  std::uint32_t unreported_messages_ = 0;
  std::size_t unreported_bytes_ = 0;
  bool report_ = false;          // it is worth telling
  bool report_pending_ = false;  // the session will ask
  bool shutdown_wanted_ = false;
  bool shutdown_done_ = false;

  // Receiving.
  std::size_t unused_ = 0;  // bytes JS has and has not used
  bool paused_ = false;
  bool released_ = false;
};

}  // namespace lksctp::node
