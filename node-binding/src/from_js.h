// The option objects that lib/options.js has checked, as the reactor's structs.
// What is wrong in them is a defect of lib/ and throws a TypeError.
//
// Threads: JS thread.
#pragma once

#include <napi.h>

#include "lksctp/reactor/journal.h"
#include "lksctp/reactor/reactor.h"

namespace lksctp::node {

StackChoice stack_choice_from_js(const Napi::Value& name);
ListenOptions listen_options_from_js(const Napi::Object& options);
ConnectOptions connect_options_from_js(const Napi::Object& options);
SocketOptions socket_options_from_js(const Napi::Object& options);
JournalOptions journal_options_from_js(const Napi::Object& options);

}  // namespace lksctp::node
