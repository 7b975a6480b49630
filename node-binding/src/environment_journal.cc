// The calls of JS about the journal: the one that is written, and those that are read.
#include <cmath>
#include <future>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "environment_calls.h"
#include "from_js.h"
#include "journal_entries.h"
#include "lksctp/reactor/journal.h"
#include "lksctp/reactor/journal_reader.h"
#include "pool_work.h"
#include "to_js.h"

namespace lksctp::node {
namespace {

// Runs `function(session)` on the loop and waits for it, on a thread of the pool. The
// session outlives it: an environment ends when its pool has nothing left of it.
template <typename Function>
auto on_loop(const std::shared_ptr<Session>& session, Function function) {
  using R = std::invoke_result_t<Function&, Session&>;
  auto promise = std::make_shared<std::promise<R>>();
  auto answer = promise->get_future();
  auto block = std::make_shared<CommandBlock>();
  block->add([promise, function = std::move(function)](Session& one) mutable {
    promise->set_value(function(one));
  });
  session->submit(std::move(block));
  return answer.get();
}

// Behind the end of the turn in which it comes to the loop: then the journal has
// everything that was told before.
void pass_turn(const std::shared_ptr<Session>& session) {
  auto promise = std::make_shared<std::promise<void>>();
  auto passed = promise->get_future();
  on_loop(session, [promise](Session& one) {
    Reactor* reactor = one.loop().existing();
    if (reactor == nullptr) {
      promise->set_value();
    } else {
      reactor->post([promise] { promise->set_value(); });
    }
    return true;
  });
  passed.get();
}

Napi::Value batch_to_js(Napi::Env env, const JournalEntries::Batch& batch) {
  Napi::Array items = Napi::Array::New(env, batch.items.size());
  for (std::uint32_t i = 0; i < batch.items.size(); ++i) {
    std::visit([&](const auto& item) { items[i] = to_js(env, item); },
               batch.items[i]);
  }
  Napi::Object object = Napi::Object::New(env);
  object["items"] = items;
  object["atEnd"] = batch.at_end;
  return object;
}

// Milliseconds since the epoch, at the end of what the number may stand for: numbers of
// JS are hundreds of nanoseconds apart there, and the time of an event is to have it in.
WallTime wall_time(double ms) {
  const double end =
      std::nextafter(ms, std::numeric_limits<double>::infinity());
  const auto whole = std::chrono::milliseconds(
      static_cast<std::chrono::milliseconds::rep>(std::floor(end)));
  const auto rest = std::chrono::nanoseconds(static_cast<std::int64_t>(
      std::ceil((end - std::floor(end)) * 1'000'000)));
  return WallTime(whole + rest);
}

}  // namespace

// ---- the one that is written -------------------------------------------------------

// journalOpen(options): {id}, in a promise; undefined when the process has one.
Napi::Value Environment::journal_open(const Napi::CallbackInfo& info) {
  JournalOptions options = journal_options_from_js(info[0].As<Napi::Object>());
  if (!loop_->claim_journal()) return info.Env().Undefined();
  return in_pool(
      info.Env(),
      [session = session_,
       options = std::move(options)]() -> Result<std::shared_ptr<Journal>> {
        auto journal = Journal::open(options);
        Result<void> attached;
        if (journal) {
          attached = on_loop(session, [journal = *journal](Session& one) {
            return one.loop().attach_journal(journal);
          });
        }
        if (journal && attached) return journal;
        session->loop().release_journal();
        return tl::unexpected(journal ? attached.error() : journal.error());
      },
      [this](Napi::Env env, std::shared_ptr<Journal> journal) -> Napi::Value {
        Napi::Object object = Napi::Object::New(env);
        object["id"] = journal->id();
        journal_ = std::move(journal);
        return object;
      });
}

// journalStatus().
Napi::Value Environment::journal_status(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), journal_->status());
}

// journalFlush(): a promise.
Napi::Value Environment::journal_flush(const Napi::CallbackInfo& info) {
  submit();  // what was queued before is in it
  return in_pool(
      info.Env(),
      [session = session_, journal = journal_] {
        pass_turn(session);
        return journal->flush();
      },
      [](Napi::Env env) { return env.Undefined(); });
}

// journalClose(): a promise of its last status. Whatever comes of it, it is closed then.
Napi::Value Environment::journal_close(const Napi::CallbackInfo& info) {
  submit();
  return in_pool(
      info.Env(),
      [session = session_,
       journal = std::exchange(journal_, nullptr)]() -> Result<JournalStatus> {
        if (auto closed = close_journal(session, *journal); !closed) {
          return tl::unexpected(closed.error());
        }
        return journal->status();
      },
      [](Napi::Env env, const JournalStatus& status) {
        return to_js(env, status);
      });
}

// journalEnd(): closes it here and now: the process exits.
Napi::Value Environment::journal_end(const Napi::CallbackInfo& info) {
  submit();
  if (const auto journal = std::exchange(journal_, nullptr)) {
    static_cast<void>(close_journal(session_, *journal));
  }
  return info.Env().Undefined();
}

Result<void> Environment::close_journal(const std::shared_ptr<Session>& session,
                                        Journal& journal) {
  pass_turn(session);
  auto closed = journal.close();
  on_loop(session, [](Session& one) {
    one.loop().detach_journal();
    return true;
  });
  session->loop().release_journal();
  return closed;
}

// ---- those that are read -------------------------------------------------------------

// journalReaderOpen(id, path, journal, seq, kinds, peer): a promise. What is undefined is
// not asked for.
Napi::Value Environment::journal_reader_open(const Napi::CallbackInfo& info) {
  const std::uint32_t id = info[0].ToNumber().Uint32Value();
  std::optional<JournalPosition> after;
  if (!info[2].IsUndefined()) {
    after = {.journal = info[2].ToString().Utf8Value(),
             .seq = EventSeq{
                 static_cast<std::uint64_t>(info[3].ToNumber().Int64Value())}};
  }
  EntryFilter filter;
  if (!info[4].IsUndefined()) {
    const auto kinds = info[4].As<Napi::Array>();
    filter.kinds.emplace();
    for (std::uint32_t i = 0; i < kinds.Length(); ++i) {
      filter.kinds->insert(kinds.Get(i).ToString().Utf8Value());
    }
  }
  if (!info[5].IsUndefined()) filter.peer = info[5].ToString().Utf8Value();
  return in_pool(
      info.Env(),
      [path = info[1].ToString().Utf8Value(), after = std::move(after),
       filter = std::move(filter)] {
        return JournalEntries::open(path, after, filter);
      },
      [this, id](Napi::Env env, std::shared_ptr<JournalEntries> entries) {
        journal_readers_[id] = std::move(entries);
        return env.Undefined();
      });
}

// journalReaderNext(id): {items, atEnd}, in a promise. One at a time.
Napi::Value Environment::journal_reader_next(const Napi::CallbackInfo& info) {
  return in_pool(
      info.Env(),
      [entries = journal_readers_.at(info[0].ToNumber().Uint32Value())] {
        return entries->next();
      },
      [](Napi::Env env, const JournalEntries::Batch& batch) {
        return batch_to_js(env, batch);
      });
}

// journalReaderClose(id).
Napi::Value Environment::journal_reader_close(const Napi::CallbackInfo& info) {
  journal_readers_.erase(info[0].ToNumber().Uint32Value());
  return info.Env().Undefined();
}

// journalState(path, journal, seq, at): a snapshot with `position`, `exact`, `unknown` and
// `damage`, in a promise. What is undefined is not asked for.
Napi::Value Environment::journal_state(const Napi::CallbackInfo& info) {
  ReplayOptions options;
  if (!info[1].IsUndefined()) options.journal = info[1].ToString().Utf8Value();
  if (!info[2].IsUndefined()) {
    options.seq =
        EventSeq{static_cast<std::uint64_t>(info[2].ToNumber().Int64Value())};
  }
  if (!info[3].IsUndefined()) {
    options.at = wall_time(info[3].ToNumber().DoubleValue());
  }
  return in_pool(
      info.Env(),
      [path = info[0].ToString().Utf8Value(), options = std::move(options)] {
        return replay(path, options);
      },
      [](Napi::Env env, const Replayed& replayed) {
        return to_js(env, replayed);
      });
}

}  // namespace lksctp::node
