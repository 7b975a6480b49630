// An environment of Node (the main thread or a worker): what JS calls, and what
// calls JS. Made when the addon is loaded into it, gone with it.
//
// Threads: JS thread of the environment.
#pragma once

#include <napi.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <type_traits>
#include <utility>

#include "journal_entries.h"
#include "lksctp/metrics_http/metrics_server.h"
#include "lksctp/reactor/journal.h"
#include "loop_thread.h"
#include "outbox.h"
#include "session.h"

namespace lksctp::node {

class Environment {
 public:
  Environment(Napi::Env env, Napi::Object exports);
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  // Every call from JS: a method of this class.
  using Method = Napi::Value (Environment::*)(const Napi::CallbackInfo&);
  template <Method kMethod>
  void expose(Napi::Object exports, const char* name);

  Napi::Value open(const Napi::CallbackInfo& info);
  Napi::Value keep_alive(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value listen(const Napi::CallbackInfo& info);
  Napi::Value name_peer(const Napi::CallbackInfo& info);
  Napi::Value close_listener(const Napi::CallbackInfo& info);
  Napi::Value connect(const Napi::CallbackInfo& info);
  Napi::Value shutdown(const Napi::CallbackInfo& info);
  Napi::Value abort(const Napi::CallbackInfo& info);
  Napi::Value release(const Napi::CallbackInfo& info);
  Napi::Value consumed(const Napi::CallbackInfo& info);
  Napi::Value sample(const Napi::CallbackInfo& info);
  Napi::Value status(const Napi::CallbackInfo& info);
  Napi::Value statistics(const Napi::CallbackInfo& info);
  Napi::Value options(const Napi::CallbackInfo& info);
  Napi::Value set_options(const Napi::CallbackInfo& info);
  Napi::Value watch_events(const Napi::CallbackInfo& info);
  Napi::Value capabilities(const Napi::CallbackInfo& info);
  Napi::Value constants(const Napi::CallbackInfo& info);
  Napi::Value decode_notification(const Napi::CallbackInfo& info);
  Napi::Value expect_peer(const Napi::CallbackInfo& info);
  Napi::Value metrics_snapshot(const Napi::CallbackInfo& info);
  Napi::Value metrics_text(const Napi::CallbackInfo& info);
  Napi::Value metrics_series(const Napi::CallbackInfo& info);
  Napi::Value metrics_samples(const Napi::CallbackInfo& info);
  Napi::Value metrics_listen(const Napi::CallbackInfo& info);
  Napi::Value metrics_close(const Napi::CallbackInfo& info);
  Napi::Value journal_open(const Napi::CallbackInfo& info);
  Napi::Value journal_status(const Napi::CallbackInfo& info);
  Napi::Value journal_flush(const Napi::CallbackInfo& info);
  Napi::Value journal_close(const Napi::CallbackInfo& info);
  Napi::Value journal_end(const Napi::CallbackInfo& info);
  Napi::Value journal_reader_open(const Napi::CallbackInfo& info);
  Napi::Value journal_reader_next(const Napi::CallbackInfo& info);
  Napi::Value journal_reader_close(const Napi::CallbackInfo& info);
  Napi::Value journal_state(const Napi::CallbackInfo& info);
  // The one on the path of every message, on Node-API itself.
  static napi_value send(napi_env env, napi_callback_info info);

  CommandBlock& commands();
  template <typename Task>
  void command(Task task);
  void submit();
  // Runs `function(session)` on the loop and waits for what it returns. The loop
  // never waits for JS.
  template <typename Function>
  auto ask(Function function) -> std::invoke_result_t<Function&, Session&>;

  // A fresh one; waits for the loop.
  SnapshotPtr snapshot();
  // With everything in it that was told before. Blocks for the disk.
  static Result<void> close_journal(const std::shared_ptr<Session>& session,
                                    Journal& journal);

  static void deliver(napi_env env, napi_value callback, void* context,
                      void* data);
  void deliver(Napi::Env env, napi_value callback);
  void close();

  Napi::Env env_;
  std::shared_ptr<LoopThread> loop_;  // from `open` to `close`
  std::shared_ptr<Session> session_;
  napi_threadsafe_function wake_js_ = nullptr;
  std::shared_ptr<CommandBlock> block_;
  Outbox::Batch batch_;
  std::map<std::uint32_t, std::unique_ptr<MetricsServer>> metrics_servers_;
  std::shared_ptr<Journal> journal_;  // that this environment has opened
  std::map<std::uint32_t, std::shared_ptr<JournalEntries>> journal_readers_;
};

}  // namespace lksctp::node
