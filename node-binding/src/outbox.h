// What an environment is to be told, in order: records in slabs of bytes, large
// messages as they are, and objects made on the JS thread. Filled by the loop
// thread, taken by the JS thread.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "byte_buffer.h"
#include "lksctp/reactor/message.h"
#include "records.h"

namespace lksctp::node {

class Outbox {
 public:
  // Makes the JS value of an object record; JS thread.
  using Object = std::function<Napi::Value(Napi::Env)>;

  struct Batch {
    std::vector<ByteBuffer> slabs;
    std::vector<MessageBuffer> large;
    std::vector<Object> objects;
    [[nodiscard]] bool empty() const { return slabs.empty(); }
  };

  // ---- loop thread ------------------------------------------------------------

  void add_message(Handle handle, Message&& message);
  void add_object(Object object);
  void add_taken(Handle handle, std::uint32_t messages, std::uint32_t bytes);
  void add_ending(Handle handle);
  // Nothing was added since the last `publish`.
  [[nodiscard]] bool empty() const { return building_.empty(); }
  // Makes what was added takeable. True when there was nothing to take before: the
  // JS thread must be woken.
  bool publish();

  // ---- JS thread ----------------------------------------------------------------

  // All that was published, `batch` being empty.
  void take(Batch& batch);

 private:
  std::span<std::byte> append(const InboundRecord& record, std::size_t payload);

  Batch building_;  // loop thread

  std::mutex mutex_;
  Batch ready_;  // guarded by `mutex_`
};

}  // namespace lksctp::node
