#include "environment.h"

#include <cassert>
#include <cstring>

#include "environment_calls.h"
#include "from_js.h"

namespace lksctp::node {
namespace {

// A batch this small is copied into memory of JS: that costs less than to hand
// memory over.
constexpr std::size_t kCopiedSlab = 2 * 1024;

void check(napi_env env, napi_status status) {
  if (status != napi_ok) throw Napi::Error::New(env);
}

Napi::Value to_js(Napi::Env env, ByteBuffer& slab) {
  napi_value array = nullptr;
  const std::size_t size = slab.size();
  if (size <= kCopiedSlab) {
    void* data = nullptr;
    check(env, napi_create_arraybuffer(env, size, &data, &array));
    std::memcpy(data, slab.data(), size);
    return {env, array};
  }
  std::byte* memory = slab.release().release();
  const napi_status status = napi_create_external_arraybuffer(
      env, memory, size, [](napi_env, void* data, void*) { std::free(data); },
      nullptr, &array);
  if (status != napi_ok) std::free(memory);
  check(env, status);
  return {env, array};
}

Napi::Value to_js(Napi::Env env, MessageBuffer&& buffer) {
  auto* kept = new MessageBuffer(std::move(buffer));
  const auto bytes = kept->bytes();
  return Napi::Buffer<std::byte>::New(
      env, const_cast<std::byte*>(bytes.data()), bytes.size(),
      [](Napi::Env, std::byte*, MessageBuffer* hint) { delete hint; }, kept);
}

}  // namespace

template <Environment::Method kMethod>
void Environment::expose(Napi::Object exports, const char* name) {
  exports[name] = Napi::Function::New(
      exports.Env(),
      [](const Napi::CallbackInfo& info) -> Napi::Value {
        auto* self = static_cast<Environment*>(info.Data());
        return (self->*kMethod)(info);
      },
      name, this);
}

Environment::Environment(Napi::Env env, Napi::Object exports) : env_(env) {
  expose<&Environment::open>(exports, "open");
  expose<&Environment::keep_alive>(exports, "keepAlive");
  expose<&Environment::flush>(exports, "flush");
  expose<&Environment::listen>(exports, "listen");
  expose<&Environment::name_peer>(exports, "namePeer");
  expose<&Environment::close_listener>(exports, "closeListener");
  expose<&Environment::connect>(exports, "connect");
  expose<&Environment::shutdown>(exports, "shutdown");
  expose<&Environment::abort>(exports, "abort");
  expose<&Environment::release>(exports, "release");
  expose<&Environment::consumed>(exports, "consumed");
  expose<&Environment::sample>(exports, "sample");
  expose<&Environment::status>(exports, "status");
  expose<&Environment::statistics>(exports, "statistics");
  expose<&Environment::options>(exports, "options");
  expose<&Environment::set_options>(exports, "setOptions");
  expose<&Environment::watch_events>(exports, "watchEvents");
  expose<&Environment::capabilities>(exports, "capabilities");
  expose<&Environment::constants>(exports, "constants");
  expose<&Environment::decode_notification>(exports, "decodeNotification");
  expose<&Environment::expect_peer>(exports, "expectPeer");
  expose<&Environment::metrics_snapshot>(exports, "metricsSnapshot");
  expose<&Environment::metrics_text>(exports, "metricsText");
  expose<&Environment::metrics_series>(exports, "metricsSeries");
  expose<&Environment::metrics_samples>(exports, "metricsSamples");
  expose<&Environment::metrics_listen>(exports, "metricsListen");
  expose<&Environment::metrics_close>(exports, "metricsClose");
  expose<&Environment::journal_open>(exports, "journalOpen");
  expose<&Environment::journal_status>(exports, "journalStatus");
  expose<&Environment::journal_flush>(exports, "journalFlush");
  expose<&Environment::journal_close>(exports, "journalClose");
  expose<&Environment::journal_end>(exports, "journalEnd");
  expose<&Environment::journal_reader_open>(exports, "journalReaderOpen");
  expose<&Environment::journal_reader_next>(exports, "journalReaderNext");
  expose<&Environment::journal_reader_close>(exports, "journalReaderClose");
  expose<&Environment::journal_state>(exports, "journalState");
  napi_value function = nullptr;
  check(env, napi_create_function(env, "send", NAPI_AUTO_LENGTH, &send, this,
                                  &function));
  exports["send"] = function;
}

// ---- life -----------------------------------------------------------------------

// open(onBatch): once, before anything else.
Napi::Value Environment::open(const Napi::CallbackInfo& info) {
  auto loop = LoopThread::acquire();
  if (!loop) throw_error(info.Env(), loop.error());
  napi_threadsafe_function wake = nullptr;
  check(info.Env(), napi_create_threadsafe_function(
                        info.Env(), info[0], nullptr,
                        Napi::String::New(info.Env(), "lksctp"),
                        /*max_queue_size=*/0, /*initial_thread_count=*/1,
                        nullptr, nullptr, this, &deliver, &wake));
  check(info.Env(), napi_unref_threadsafe_function(info.Env(), wake));
  wake_js_ = wake;
  loop_ = *loop;
  session_ = std::make_shared<Session>(*loop_, [wake] {
    napi_call_threadsafe_function(wake, nullptr, napi_tsfn_nonblocking);
  });
  // After the thread-safe function has added its own: hooks run in reverse, and the
  // loop must have stopped calling that function before it goes.
  info.Env().AddCleanupHook([](Environment* self) { self->close(); }, this);
  return info.Env().Undefined();
}

// Ends before the environment does, in the order that lets nobody call into what
// is gone: first the loop forgets us, then its thread may end.
void Environment::close() {
  if (!session_) return;
  metrics_servers_.clear();
  ask([](Session& session) {
    session.close();
    return true;
  });
  // Behind what the session has told at its end.
  if (const auto journal = std::exchange(journal_, nullptr)) {
    static_cast<void>(close_journal(session_, *journal));
  }
  napi_release_threadsafe_function(wake_js_, napi_tsfn_abort);
  session_.reset();
  loop_.reset();
}

// keepAlive(wanted): whether something that waits here keeps Node's loop going.
Napi::Value Environment::keep_alive(const Napi::CallbackInfo& info) {
  if (info[0].ToBoolean().Value()) {
    napi_ref_threadsafe_function(info.Env(), wake_js_);
  } else {
    napi_unref_threadsafe_function(info.Env(), wake_js_);
  }
  return info.Env().Undefined();
}

// ---- JS to loop ---------------------------------------------------------------------

CommandBlock& Environment::commands() {
  if (!block_) {
    block_ = session_ ? session_->block() : std::make_shared<CommandBlock>();
  }
  return *block_;
}

void Environment::submit() {
  if (!block_ || !session_) return;
  session_->submit(std::move(block_));
}

// flush(): what was queued goes to the loop.
Napi::Value Environment::flush(const Napi::CallbackInfo& info) {
  submit();
  return info.Env().Undefined();
}

// send(handle, bytes, stream, ppid, flags, policyValue, context[, destination]):
// queues a message, copied.
napi_value Environment::send(napi_env env, napi_callback_info info) {
  std::size_t count = 8;
  napi_value values[8];
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  auto& self = *static_cast<Environment*>(data);
  OutboundRecord record;
  void* bytes = nullptr;
  std::size_t size = 0;
  std::uint32_t stream = 0;
  std::uint32_t flags = 0;
  napi_get_value_uint32(env, values[0], &record.handle);
  [[maybe_unused]] const napi_status is_buffer =
      napi_get_buffer_info(env, values[1], &bytes, &size);
  assert(count >= 7 && is_buffer == napi_ok);
  napi_get_value_uint32(env, values[2], &stream);
  napi_get_value_uint32(env, values[3], &record.ppid);
  napi_get_value_uint32(env, values[4], &flags);
  napi_get_value_uint32(env, values[5], &record.policy_value);
  napi_get_value_uint32(env, values[6], &record.context);
  record.size = static_cast<std::uint32_t>(size);
  record.stream = static_cast<std::uint16_t>(stream);
  record.flags = static_cast<std::uint16_t>(flags);
  std::byte* place = self.commands().records.extend(record.total_size()).data();
  std::memcpy(place, &record, sizeof record);
  if (size != 0) std::memcpy(place + sizeof record, bytes, size);
  if ((flags & OutboundRecord::kDestination) != 0) {
    char text[OutboundRecord::kDestinationSize] = {};
    napi_get_value_string_utf8(env, values[7], text, sizeof text, nullptr);
    std::memcpy(place + sizeof record + size, text, sizeof text);
  }
  return nullptr;
}

// listen(handle, stack, options).
Napi::Value Environment::listen(const Napi::CallbackInfo& info) {
  Session::Listen request{
      .handle = handle_of(info),
      .options = listen_options_from_js(info[2].As<Napi::Object>()),
      .names_peers =
          info[2].As<Napi::Object>().Get("namesPeers").ToBoolean().Value()};
  request.options.stack = stack_choice_from_js(info[1]);
  command([request = std::move(request)](Session& session) {
    session.listen(request);
  });
  submit();
  return info.Env().Undefined();
}

// namePeer(asked, name): the answer to "unnamed-peer".
Napi::Value Environment::name_peer(const Napi::CallbackInfo& info) {
  command([asked = info[0].As<Napi::Number>().Uint32Value(),
           name = info[1].ToString().Utf8Value()](Session& session) {
    session.name_peer(asked, name);
  });
  submit();
  return info.Env().Undefined();
}

Napi::Value Environment::close_listener(const Napi::CallbackInfo& info) {
  command([handle = handle_of(info)](Session& session) {
    session.close_listener(handle);
  });
  submit();
  return info.Env().Undefined();
}

// connect(handle, stack, options).
Napi::Value Environment::connect(const Napi::CallbackInfo& info) {
  Session::Connect request{
      .handle = handle_of(info),
      .options = connect_options_from_js(info[2].As<Napi::Object>())};
  request.options.stack = stack_choice_from_js(info[1]);
  command([request = std::move(request)](Session& session) {
    session.connect(request);
  });
  submit();
  return info.Env().Undefined();
}

Napi::Value Environment::shutdown(const Napi::CallbackInfo& info) {
  command([handle = handle_of(info)](Session& session) {
    if (Connection* one = session.connection(handle)) one->shutdown();
  });
  return info.Env().Undefined();
}

// abort(handle, reason).
Napi::Value Environment::abort(const Napi::CallbackInfo& info) {
  command([handle = handle_of(info),
           reason = info[1].ToString().Utf8Value()](Session& session) {
    if (Connection* one = session.connection(handle)) one->abort(reason);
  });
  return info.Env().Undefined();
}

Napi::Value Environment::release(const Napi::CallbackInfo& info) {
  command([handle = handle_of(info)](Session& session) {
    if (Connection* one = session.connection(handle)) one->release();
  });
  return info.Env().Undefined();
}

// consumed(handle, bytes), with kMessageOverhead for each message.
Napi::Value Environment::consumed(const Napi::CallbackInfo& info) {
  command([handle = handle_of(info),
           size = info[1].As<Napi::Number>().Uint32Value()](Session& session) {
    if (Connection* one = session.connection(handle)) one->consumed(size);
  });
  return info.Env().Undefined();
}

// ---- loop to JS -------------------------------------------------------------------------

void Environment::deliver(napi_env env, napi_value callback, void* context,
                          void* /*data*/) {
  // Null when the environment is going.
  if (env == nullptr || callback == nullptr) return;
  auto& self = *static_cast<Environment*>(context);
  if (!self.session_) return;
  try {
    self.deliver(Napi::Env(env), callback);
  } catch (const Napi::Error&) {
    // No value can be made: the environment is going, and nobody is left to tell.
  }
}

// One call of JS with everything there is: (slabs, large messages, objects). What a
// listener throws is an `uncaughtException`, as with net.
void Environment::deliver(Napi::Env env, napi_value callback) {
  session_->outbox_to_take().take(batch_);
  if (batch_.empty()) return;
  Outbox::Batch batch = std::exchange(batch_, {});
  Napi::Array slabs = Napi::Array::New(env, batch.slabs.size());
  for (std::uint32_t i = 0; i < batch.slabs.size(); ++i) {
    slabs[i] = to_js(env, batch.slabs[i]);
  }
  Napi::Array large = Napi::Array::New(env, batch.large.size());
  for (std::uint32_t i = 0; i < batch.large.size(); ++i) {
    large[i] = to_js(env, std::move(batch.large[i]));
  }
  Napi::Array objects = Napi::Array::New(env, batch.objects.size());
  for (std::uint32_t i = 0; i < batch.objects.size(); ++i) {
    objects[i] = batch.objects[i](env);
  }
  const napi_value arguments[] = {slabs, large, objects};
  // Not Napi::Function::Call: that takes the process down when null is thrown.
  const napi_status status =
      napi_call_function(env, env.Undefined(), callback, 3, arguments, nullptr);
  if (status != napi_pending_exception) return;
  napi_value thrown = nullptr;
  napi_get_and_clear_last_exception(env, &thrown);
  napi_fatal_exception(env, thrown);
}

}  // namespace lksctp::node
