// The loop's side of an environment: its connections and listeners by handle, and
// the commands that reach them. The JS side is Environment.
//
// Threads: loop thread, but for `submit` and `outbox().take`.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "byte_buffer.h"
#include "connection.h"
#include "loop_thread.h"
#include "outbox.h"
#include "records.h"

namespace lksctp::node {

class Session;

// Commands of one turn of JS, in order: OutboundRecords, and the tasks that the
// records without a handle stand for.
struct CommandBlock {
  ByteBuffer records;
  std::vector<std::function<void(Session&)>> tasks;
  void add(std::function<void(Session&)> task) {
    const OutboundRecord record{};
    std::memcpy(records.extend(sizeof record).data(), &record, sizeof record);
    tasks.push_back(std::move(task));
  }
  [[nodiscard]] bool empty() const { return records.empty(); }
  void clear() {
    records.clear();
    tasks.clear();
  }
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  // `wake_js`: has JS take the outbox; called by the loop. `loop` outlives `close`.
  Session(LoopThread& loop, std::function<void()> wake_js);

  // Any thread. Blocks of one thread keep their order.
  void submit(std::shared_ptr<CommandBlock> block);
  // An empty block, whose memory may have carried another. Any thread.
  std::shared_ptr<CommandBlock> block();

  // Asks for a snapshot of the process, an empty one where nothing has happened yet.
  // `ready` runs on the loop thread. Any thread.
  void request_snapshot(std::function<void(SnapshotPtr)> ready);
  // Has `on_event` called with every event of the process from now on, on the loop
  // thread, until the function that it returns is called, or this is closed. Any
  // thread.
  std::function<void()> watch_log(std::function<void(const Event&)> on_event);
  // One of a process in which nothing has happened.
  [[nodiscard]] static SnapshotPtr no_snapshot();

  // ---- for LoopThread ---------------------------------------------------------

  void drain();
  void report();
  void hand_over();

  // ---- commands -----------------------------------------------------------------

  struct Listen {
    Handle handle = 0;
    ListenOptions options;     // its stack is chosen
    bool names_peers = false;  // JS names them one by one
  };
  void listen(Listen request);
  void close_listener(Handle handle);
  // What JS calls the peer that was `asked` about.
  void name_peer(std::uint32_t asked, std::string name);

  struct Connect {
    Handle handle = 0;
    ConnectOptions options;  // its stack is chosen
  };
  void connect(Connect request);

  // Null when it has ended.
  [[nodiscard]] Connection* connection(Handle handle);

  // All events of all associations of the process go to JS, or no longer do.
  void watch_events(bool wanted);

  [[nodiscard]] LoopThread& loop() { return loop_; }

  // Aborts what is open and tells nothing any more; those that shut down
  // gracefully go on without us.
  void close();

  // ---- for Connection --------------------------------------------------------------

  // To be filled; it is handed over at the end of this turn.
  Outbox& outbox();
  // Only for `take`, on the JS thread.
  Outbox& outbox_to_take() { return outbox_; }
  // It wants `report_taken`, but nobody waits for it.
  void report_later(Connection& connection);
  void remove(Connection& connection);

 private:
  struct Listener {
    std::shared_ptr<Endpoint> endpoint;
    AssociationSettings settings;
  };
  struct UnnamedPeer {
    Handle listener = 0;
    std::function<void(std::string)> name;
  };

  void run(const std::shared_ptr<const CommandBlock>& block);
  void keep_spare();
  void watch(Reactor& reactor);
  // Once there is one: another environment may have made it.
  void watch_for_log();
  void on_event(const Event& event);
  void ask_name(Handle listener, const Address& remote,
                std::function<void(std::string)> name);
  AssociationHandlers accept(Handle listener, Reactor& reactor,
                             const std::shared_ptr<Association>& association);
  void fail(Handle handle, const char* type, Error error);
  Handle next_accepted_handle();

  LoopThread& loop_;
  const std::function<void()> wake_js_;
  Outbox outbox_;

  // Guarded by `mutex_`.
  std::mutex mutex_;
  std::vector<std::shared_ptr<CommandBlock>> submitted_;
  std::shared_ptr<CommandBlock> spare_;

  // Loop thread.
  std::vector<std::shared_ptr<CommandBlock>> running_;
  std::unordered_map<Handle, std::unique_ptr<Connection>> connections_;
  std::unordered_map<Handle, Listener> listeners_;
  std::unordered_map<std::uint64_t, Connection*> by_association_;
  std::unordered_map<std::uint64_t, Handle> by_endpoint_;  // listeners
  Reactor* reactor_ = nullptr;                             // once watched
  SubscriptionId subscription_{};
  std::unordered_map<std::uint32_t, UnnamedPeer> unnamed_;
  std::uint32_t last_unnamed_ = 0;
  std::vector<Handle> reports_;
  Handle last_accepted_ = 0;
  bool hand_over_requested_ = false;
  bool watch_events_ = false;
  using LogWatcher = std::shared_ptr<const std::function<void(const Event&)>>;
  std::vector<LogWatcher> log_watchers_;
  bool closed_ = false;
};

}  // namespace lksctp::node
