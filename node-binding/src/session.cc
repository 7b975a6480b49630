#include "session.h"

#include <cstring>
#include <utility>

#include "to_js.h"

namespace lksctp::node {
namespace {

// A spare block keeps this much memory at most.
constexpr std::size_t kMaxSpareBytes = 512 * 1024;

}  // namespace

Session::Session(LoopThread& loop, std::function<void()> wake_js)
    : loop_(loop), wake_js_(std::move(wake_js)) {}

void Session::submit(std::shared_ptr<CommandBlock> block) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = submitted_.empty();
    submitted_.push_back(std::move(block));
  }
  if (first) loop_.wake(shared_from_this());
}

std::shared_ptr<CommandBlock> Session::block() {
  {
    const std::lock_guard lock(mutex_);
    if (spare_) return std::move(spare_);
  }
  return std::make_shared<CommandBlock>();
}

void Session::request_snapshot(std::function<void(SnapshotPtr)> ready) {
  auto block = std::make_shared<CommandBlock>();
  block->add([ready = std::move(ready)](Session& session) {
    if (Reactor* reactor = session.loop_.existing()) {
      session.watch_for_log();
      reactor->request_snapshot(ready);
    } else {
      ready(no_snapshot());
    }
  });
  submit(std::move(block));
}

std::function<void()> Session::watch_log(
    std::function<void(const Event&)> on_event) {
  const auto watcher =
      std::make_shared<const std::function<void(const Event&)>>(
          std::move(on_event));
  auto block = std::make_shared<CommandBlock>();
  block->add([watcher](Session& session) {
    session.log_watchers_.push_back(watcher);
    session.watch_for_log();
  });
  submit(std::move(block));
  return [self = shared_from_this(), watcher] {
    auto last = std::make_shared<CommandBlock>();
    last->add([watcher](Session& session) {
      std::erase(session.log_watchers_, watcher);
    });
    self->submit(std::move(last));
  };
}

SnapshotPtr Session::no_snapshot() {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->monotonic = std::chrono::steady_clock::now();
  snapshot->wall = std::chrono::system_clock::now();
  return snapshot;
}

// One block of those done, unless a message in it still waits.
void Session::keep_spare() {
  std::shared_ptr<CommandBlock>& last = running_.back();
  if (last.use_count() != 1 || last->records.capacity() > kMaxSpareBytes) {
    return;
  }
  last->clear();
  const std::lock_guard lock(mutex_);
  spare_ = std::move(last);
}

void Session::drain() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(submitted_);
  }
  for (const auto& block : running_) run(block);
  if (!running_.empty()) keep_spare();
  running_.clear();
}

void Session::report() {
  for (const Handle handle : std::exchange(reports_, {})) {
    if (Connection* one = connection(handle)) one->report_taken();
  }
}

void Session::run(const std::shared_ptr<const CommandBlock>& block) {
  const ByteBuffer& records = block->records;
  std::size_t next_task = 0;
  for (std::size_t offset = 0; offset < records.size();) {
    OutboundRecord record;
    std::memcpy(&record, records.data() + offset, sizeof record);
    if (record.handle == 0) {
      block->tasks[next_task++](*this);
    } else if (Connection* one = connection(record.handle)) {
      one->send(block, offset);
    }
    offset += ByteBuffer::padded(record.total_size());
  }
}

Outbox& Session::outbox() {
  if (!std::exchange(hand_over_requested_, true)) {
    loop_.hand_over_later(shared_from_this());
  }
  return outbox_;
}

void Session::hand_over() {
  hand_over_requested_ = false;
  if (closed_ || outbox_.empty()) return;
  if (outbox_.publish()) wake_js_();
}

void Session::report_later(Connection& connection) {
  if (reports_.empty()) loop_.report_later(shared_from_this());
  reports_.push_back(connection.handle());
}

// ---- listening ------------------------------------------------------------------

void Session::fail(Handle handle, const char* type, Error error) {
  outbox().add_object(
      [handle, type, error = std::move(error)](Napi::Env env) -> Napi::Value {
        Napi::Object object = Napi::Object::New(env);
        object["type"] = type;
        object["handle"] = handle;
        object["error"] = to_js(env, error);
        return object;
      });
}

void Session::listen(Listen request) {
  const StackChoice choice = request.options.stack.value();
  auto made = loop_.reactor(choice);
  if (!made) return fail(request.handle, "listen-failed", made.error());
  Reactor& reactor = **made;
  watch(reactor);
  const AssociationSettings settings = request.options.association;
  const Handle handle = request.handle;
  if (request.names_peers) {
    request.options.peer_name_later =
        [this, handle](const Address& remote,
                       std::function<void(std::string)> name) {
          ask_name(handle, remote, std::move(name));
        };
  }
  auto endpoint =
      reactor.listen(std::move(request.options),
                     [this, handle, &reactor](
                         const std::shared_ptr<Association>& association) {
                       return accept(handle, reactor, association);
                     });
  if (!endpoint) return fail(handle, "listen-failed", endpoint.error());
  by_endpoint_.emplace((*endpoint)->id().value(), handle);
  const StackKind kind = (*endpoint)->stack();
  listeners_.emplace(handle, Listener{*endpoint, settings});
  outbox().add_object(
      [handle, kind, local = (*endpoint)->local(), name = (*endpoint)->name(),
       udp_port = (*endpoint)->udp_port(),
       fallback =
           loop_.fallback_reason(choice, kind)](Napi::Env env) -> Napi::Value {
        Napi::Object object = Napi::Object::New(env);
        object["type"] = "listening";
        object["handle"] = handle;
        object["stack"] = std::string(stack_name(kind));
        object["name"] = name;
        object["local"] = to_js(env, local);
        if (udp_port) object["udpPort"] = *udp_port;
        if (fallback != nullptr) object["fallbackReason"] = *fallback;
        return object;
      });
}

void Session::ask_name(Handle listener, const Address& remote,
                       std::function<void(std::string)> name) {
  const std::uint32_t asked = ++last_unnamed_;
  unnamed_.emplace(asked, UnnamedPeer{listener, std::move(name)});
  outbox().add_object([listener, asked, remote](Napi::Env env) -> Napi::Value {
    Napi::Object object = Napi::Object::New(env);
    object["type"] = "unnamed-peer";
    object["handle"] = listener;
    object["asked"] = asked;
    object["remote"] = to_js(env, remote);
    return object;
  });
}

void Session::name_peer(std::uint32_t asked, std::string name) {
  auto found = unnamed_.extract(asked);
  if (!found.empty()) found.mapped().name(std::move(name));
}

void Session::close_listener(Handle handle) {
  std::erase_if(unnamed_, [handle](const auto& one) {
    return one.second.listener == handle;
  });
  const auto found = listeners_.find(handle);
  if (found != listeners_.end()) {
    by_endpoint_.erase(found->second.endpoint->id().value());
    found->second.endpoint->close();
    listeners_.erase(found);
  }
  outbox().add_object([handle](Napi::Env env) -> Napi::Value {
    Napi::Object object = Napi::Object::New(env);
    object["type"] = "listener-closed";
    object["handle"] = handle;
    return object;
  });
}

// JS gives its handles odd numbers.
Handle Session::next_accepted_handle() {
  do {
    last_accepted_ += 2;
  } while (last_accepted_ == 0 || connections_.contains(last_accepted_));
  return last_accepted_;
}

AssociationHandlers Session::accept(
    Handle listener, Reactor& reactor,
    const std::shared_ptr<Association>& association) {
  const auto found = listeners_.find(listener);
  if (found == listeners_.end()) {
    static_cast<void>(association->abort());
    return {};
  }
  const Handle handle = next_accepted_handle();
  auto made = std::make_unique<Connection>(*this, handle, reactor,
                                           found->second.settings);
  made->attach(association);
  by_association_.emplace(association->id().value(), made.get());
  return connections_.emplace(handle, std::move(made))
      .first->second->handlers(listener);
}

// ---- connecting -------------------------------------------------------------------

void Session::connect(Connect request) {
  const StackChoice choice = request.options.stack.value();
  auto existing = loop_.reactor(choice);
  if (!existing) {
    return fail(request.handle, "connect-failed", existing.error());
  }
  Reactor& reactor = **existing;
  watch(reactor);
  const Handle handle = request.handle;
  auto made = std::make_unique<Connection>(*this, handle, reactor,
                                           request.options.association);
  auto association =
      reactor.connect(std::move(request.options), made->handlers(0));
  if (!association) return fail(handle, "connect-failed", association.error());
  made->attach(*association);
  by_association_.emplace((*association)->id().value(), made.get());
  connections_.emplace(handle, std::move(made));
  if (const std::string* fallback =
          loop_.fallback_reason(choice, (*association)->stack())) {
    outbox().add_object([reason = *fallback](Napi::Env env) -> Napi::Value {
      Napi::Object object = Napi::Object::New(env);
      object["type"] = "fallback";
      object["fallbackReason"] = reason;
      return object;
    });
  }
}

Connection* Session::connection(Handle handle) {
  const auto found = connections_.find(handle);
  return found == connections_.end() ? nullptr : found->second.get();
}

void Session::remove(Connection& connection) {
  by_association_.erase(connection.association()->id().value());
  connections_.erase(connection.handle());
}

// ---- events -------------------------------------------------------------------------

void Session::watch(Reactor& reactor) {
  if (std::exchange(reactor_, &reactor) != nullptr) return;
  subscription_ =
      reactor.subscribe(EventFilter().with_raw(),
                        [this](const Event& event) { on_event(event); });
}

void Session::watch_for_log() {
  if (log_watchers_.empty()) return;
  if (Reactor* reactor = loop_.existing()) watch(*reactor);
}

void Session::watch_events(bool wanted) {
  watch_events_ = wanted;
  if (!wanted) return;
  if (Reactor* reactor = loop_.existing()) watch(*reactor);
}

void Session::on_event(const Event& event) {
  for (const LogWatcher& watcher : log_watchers_) (*watcher)(event);
  if (watch_events_) {
    outbox().add_object([event](Napi::Env env) -> Napi::Value {
      Napi::Object object = Napi::Object::New(env);
      object["type"] = "event";
      object["event"] = to_js(env, event);
      return object;
    });
  }
  if (event.association == AssociationId{}) {
    const auto* accepting = std::get_if<AcceptStateChanged>(&event.body);
    if (accepting == nullptr) return;
    const auto listener = by_endpoint_.find(event.endpoint.value());
    if (listener == by_endpoint_.end() || !accepting->error) return;
    return fail(listener->second, "accept-failed", *accepting->error);
  }
  const auto found = by_association_.find(event.association.value());
  if (found == by_association_.end()) return;
  Connection& connection = *found->second;
  const Handle handle = connection.handle();
  if (const auto* closed = std::get_if<AssociationClosed>(&event.body)) {
    if (closed->error) connection.ended_abnormally();
  } else if (std::holds_alternative<Notification>(event.body)) {
    outbox().add_object([handle, event](Napi::Env env) -> Napi::Value {
      Napi::Object object = notification_to_js(
          env, std::get<Notification>(event.body), event.raw);
      object["type"] = "notification";
      object["handle"] = handle;
      return object;
    });
  } else if (const auto* paths = std::get_if<PathsSampled>(&event.body)) {
    outbox().add_object([handle, paths = *paths](Napi::Env env) -> Napi::Value {
      Napi::Object object = Napi::Object::New(env);
      object["type"] = "paths";
      object["handle"] = handle;
      object["paths"] = to_js(env, paths.paths);
      return object;
    });
  } else if (const auto* local =
                 std::get_if<LocalAddressesSampled>(&event.body)) {
    outbox().add_object([handle, local = *local](Napi::Env env) -> Napi::Value {
      Napi::Object object = Napi::Object::New(env);
      object["type"] = "local";
      object["handle"] = handle;
      object["local"] = to_js(env, local.local);
      return object;
    });
  }
}

void Session::close() {
  closed_ = true;
  if (reactor_ != nullptr) reactor_->unsubscribe(subscription_);
  reactor_ = nullptr;
  by_association_.clear();
  by_endpoint_.clear();
  for (auto& [handle, connection] : connections_) connection->detach();
  connections_.clear();
  for (auto& [handle, listener] : listeners_) listener.endpoint->close();
  listeners_.clear();
  unnamed_.clear();
  log_watchers_.clear();
}

}  // namespace lksctp::node
