// The calls of JS that want an answer, or only watch: state, totals, options, events.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "environment_calls.h"
#include "from_js.h"
#include "lksctp/decoder/decode.h"
#include "to_js.h"

namespace lksctp::node {

// sample(handle): reads paths and addresses; what changed is told.
Napi::Value Environment::sample(const Napi::CallbackInfo& info) {
  command([handle = handle_of(info)](Session& session) {
    if (Connection* one = session.connection(handle)) one->sample();
  });
  submit();
  return info.Env().Undefined();
}

// status(handle): {status, paths}; undefined when the association has ended.
Napi::Value Environment::status(const Napi::CallbackInfo& info) {
  struct Answer {
    std::optional<StatusSampled> status;
    std::vector<PathInfo> paths;
    std::optional<AssociationDetails> details;
  };
  const Answer answer = ask([handle = handle_of(info)](Session& session) {
    Answer result;
    Connection* one = session.connection(handle);
    if (one == nullptr || !one->association()->sample()) return result;
    const AssociationRecord* record = one->association()->record();
    if (record == nullptr) return result;
    result.status = record->status;
    for (const auto& [address, path] : record->paths) {
      result.paths.push_back(path.info);
    }
    if (const auto details = one->association()->details()) {
      result.details = *details;
    }
    return result;
  });
  if (!answer.status) return info.Env().Undefined();
  Napi::Object object = to_js(info.Env(), *answer.status);
  if (answer.details) add_details(object, *answer.details);
  object["paths"] = to_js(info.Env(), answer.paths);
  return object;
}

// statistics(handle): exact totals of the association; undefined when it has ended.
Napi::Value Environment::statistics(const Napi::CallbackInfo& info) {
  using Answer = std::optional<ConnectionStatistics>;
  auto promise = std::make_shared<std::promise<Answer>>();
  auto answer = promise->get_future();
  command([promise, handle = handle_of(info)](Session& session) {
    Connection* one = session.connection(handle);
    if (one == nullptr) return promise->set_value(std::nullopt);
    std::optional<AssociationStatistics> of_stack;
    if (const auto counted = one->association()->statistics()) {
      of_stack = *counted;
    }
    // A snapshot is when totals are exact: at the end of this turn.
    one->reactor().request_snapshot(
        [promise, of_stack,
         id = one->association()->id()](const SnapshotPtr& snapshot) {
          const AssociationRecord* record = snapshot->table.association(id);
          if (record == nullptr) return promise->set_value(std::nullopt);
          ConnectionStatistics all = statistics_of(*record);
          all.of_stack = of_stack;
          promise->set_value(std::move(all));
        });
  });
  submit();
  const Answer statistics = answer.get();
  if (!statistics) return info.Env().Undefined();
  return to_js(info.Env(), *statistics);
}

// options(handle): as the stack has them now; undefined when it has ended.
Napi::Value Environment::options(const Napi::CallbackInfo& info) {
  const auto answer = ask([handle = handle_of(info)](Session& session) {
    std::optional<Result<SocketOptions>> result;
    if (Connection* one = session.connection(handle)) {
      result = one->association()->options();
    }
    return result;
  });
  if (!answer) return info.Env().Undefined();
  if (!*answer) throw_error(info.Env(), answer->error());
  return to_js(info.Env(), **answer);
}

// setOptions(handle, options): false when the association has ended.
Napi::Value Environment::set_options(const Napi::CallbackInfo& info) {
  const auto answer = ask([handle = handle_of(info),
                           options = socket_options_from_js(
                               info[1].As<Napi::Object>())](Session& session) {
    std::optional<Result<void>> result;
    if (Connection* one = session.connection(handle)) {
      result = one->association()->set_options(options);
    }
    return result;
  });
  if (answer && !*answer) throw_error(info.Env(), answer->error());
  return Napi::Boolean::New(info.Env(), answer.has_value());
}

// watchEvents(wanted): all events of the process, or no longer.
Napi::Value Environment::watch_events(const Napi::CallbackInfo& info) {
  command([wanted = info[0].ToBoolean().Value()](Session& session) {
    session.watch_events(wanted);
  });
  submit();
  return info.Env().Undefined();
}

// capabilities(stack): {..., fallbackReason?}; throws when it cannot serve.
Napi::Value Environment::capabilities(const Napi::CallbackInfo& info) {
  struct Answer {
    Capabilities capabilities;
    std::optional<std::string> fallback_reason;
  };
  const auto answer = ask([choice = stack_choice_from_js(info[0])](
                              Session& session) -> Result<Answer> {
    auto reactor = session.loop().reactor(choice);
    if (!reactor) return tl::unexpected(reactor.error());
    auto capabilities = (*reactor)->capabilities(choice);
    if (!capabilities) return tl::unexpected(capabilities.error());
    Answer result{std::move(*capabilities), std::nullopt};
    if (const std::string* reason =
            session.loop().fallback_reason(choice, result.capabilities.stack)) {
      result.fallback_reason = *reason;
    }
    return result;
  });
  if (!answer) throw_error(info.Env(), answer.error());
  Napi::Object object = to_js(info.Env(), answer->capabilities);
  if (answer->fallback_reason) {
    object["fallbackReason"] = *answer->fallback_reason;
  }
  return object;
}

Napi::Value Environment::constants(const Napi::CallbackInfo& info) {
  return constants_to_js(info.Env());
}

// decodeNotification(bytes, stack): what a listener of 'notification' is given for
// such a record of that stack; undefined when it is malformed.
Napi::Value Environment::decode_notification(const Napi::CallbackInfo& info) {
  const auto buffer = info[0].As<Napi::Buffer<std::byte>>();
  const Bytes raw(buffer.Data(), buffer.Data() + buffer.Length());
  const Abi abi = stack_choice_from_js(info[1]) == StackChoice::kKernel
                      ? Abi::kLinux
                      : Abi::kUsrsctp;
  const auto notification = decode(raw, abi);
  if (!notification) return info.Env().Undefined();
  return notification_to_js(info.Env(), *notification, raw);
}

// expectPeer(stack, endpointName, peerName).
Napi::Value Environment::expect_peer(const Napi::CallbackInfo& info) {
  command([choice = stack_choice_from_js(info[0]),
           endpoint = info[1].ToString().Utf8Value(),
           peer = info[2].ToString().Utf8Value()](Session& session) {
    if (auto reactor = session.loop().reactor(choice)) {
      (*reactor)->expect_peer(endpoint, peer);
    }
  });
  submit();
  return info.Env().Undefined();
}

}  // namespace lksctp::node
