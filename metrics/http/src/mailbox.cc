#include "mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace lksctp {

Result<std::shared_ptr<Mailbox>> Mailbox::create(std::size_t max_events) {
  const int descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) {
    return tl::unexpected(Error::system(errno, "eventfd"));
  }
  return std::shared_ptr<Mailbox>(new Mailbox(descriptor, max_events));
}

Mailbox::~Mailbox() { ::close(descriptor_); }

void Mailbox::deliver(SnapshotPtr snapshot) {
  {
    const std::lock_guard lock(mutex_);
    // After the end nobody takes it: the snapshot dies with the parameter.
    if (content_.stop) return;
    content_.snapshots.push_back(std::move(snapshot));
  }
  wake();
}

void Mailbox::deliver(EventPointer event) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (content_.stop) return;
    first = content_.events.empty();
    content_.events.push_back(std::move(event));
    if (content_.events.size() > max_events_) content_.events.pop_front();
  }
  // Those that follow are taken with the first: one system call for many.
  if (first) wake();
}

void Mailbox::stop() {
  {
    const std::lock_guard lock(mutex_);
    content_.stop = true;
  }
  wake();
}

Mailbox::Content Mailbox::take() {
  std::uint64_t wakes = 0;
  // Only clears the counter; EAGAIN means that it was clear.
  [[maybe_unused]] const ssize_t n = ::read(descriptor_, &wakes, sizeof wakes);
  const std::lock_guard lock(mutex_);
  Content taken;
  taken.snapshots.swap(content_.snapshots);
  taken.events.swap(content_.events);
  taken.stop = content_.stop;
  return taken;
}

void Mailbox::wake() const {
  const std::uint64_t one = 1;
  // Fails only when 2^64 - 2 wakes are pending: it is awake then.
  [[maybe_unused]] const ssize_t n = ::write(descriptor_, &one, sizeof one);
}

}  // namespace lksctp
