#include "stack/usrsctp/flow_table.h"

#include <bit>
#include <random>

namespace lksctp {
namespace {

// SipHash-2-4 of whole 64-bit words: keyed, so that nobody outside can choose
// addresses that collide.
class SipHash {
 public:
  explicit SipHash(const std::array<std::uint64_t, 2>& key)
      : v_{0x736f6d6570736575 ^ key[0], 0x646f72616e646f6d ^ key[1],
           0x6c7967656e657261 ^ key[0], 0x7465646279746573 ^ key[1]} {}

  void add(std::uint64_t word) {
    v_[3] ^= word;
    round();
    round();
    v_[0] ^= word;
  }

  std::uint64_t finish() {
    v_[2] ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v_[0] ^ v_[1] ^ v_[2] ^ v_[3];
  }

 private:
  void round() {
    v_[0] += v_[1];
    v_[2] += v_[3];
    v_[1] = std::rotl(v_[1], 13) ^ v_[0];
    v_[3] = std::rotl(v_[3], 16) ^ v_[2];
    v_[0] = std::rotl(v_[0], 32);
    v_[2] += v_[1];
    v_[0] += v_[3];
    v_[1] = std::rotl(v_[1], 17) ^ v_[2];
    v_[3] = std::rotl(v_[3], 21) ^ v_[0];
    v_[2] = std::rotl(v_[2], 32);
  }

  std::array<std::uint64_t, 4> v_;
};

std::uint64_t random_word(std::random_device& source) {
  return static_cast<std::uint64_t>(source()) << 32 | source();
}

std::uint64_t word_at(const std::array<std::uint8_t, 16>& bytes,
                      std::size_t offset) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | bytes[offset + i];
  return word;
}

}  // namespace

FlowTable::FlowTable() {
  std::random_device source;
  key_ = {random_word(source), random_word(source)};
}

std::uintptr_t FlowTable::handle_of(const UdpSocket& udp,
                                    const Address& remote) const {
  SipHash hash(key_);
  hash.add(udp.id());
  hash.add(word_at(remote.ip, 0));
  hash.add(word_at(remote.ip, 8));
  hash.add(static_cast<std::uint64_t>(remote.scope_id) << 32 |
           static_cast<std::uint64_t>(remote.port) << 8 |
           static_cast<std::uint64_t>(remote.family));
  const std::uint64_t value = hash.finish();
  return value != 0 ? value : 1;  // usrsctp takes a null address for "any"
}

Flow* FlowTable::find(std::uintptr_t handle) {
  const auto found = flows_.find(handle);
  return found != flows_.end() ? found->second.get() : nullptr;
}

Flow* FlowTable::obtain(UdpSocket& udp, const Address& remote) {
  const std::uintptr_t handle = handle_of(udp, remote);
  auto& slot = flows_[handle];
  if (!slot) {
    slot = std::make_unique<Flow>();
    slot->handle = handle;
    slot->udp = udp.shared_from_this();
    slot->remote = remote;
  }
  return slot->udp.get() == &udp && slot->remote == remote ? slot.get()
                                                           : nullptr;
}

void FlowTable::erase(std::uintptr_t handle) { flows_.erase(handle); }

}  // namespace lksctp
