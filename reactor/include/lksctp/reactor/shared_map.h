// A sorted map of records whose copies share what has not changed since: copying it
// costs a pointer per some dozens of records, which is what makes snapshots of many
// thousands cheap.
//
// Threads: as the map's own, a value; a `const` copy may be read and copied by any
// number of threads while another copy changes.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <unordered_set>
#include <utility>
#include <vector>

namespace lksctp {

// What one value alone can reach of what it may share with copies of it, so that it
// may be changed in place. Every copy ends that for both. Not `use_count() == 1`:
// another thread dropping the last copy would give no ordering to write after.
class SharedOwnership {
 public:
  SharedOwnership() = default;
  SharedOwnership(const SharedOwnership& other) { other.copies_.fetch_add(1); }
  SharedOwnership& operator=(const SharedOwnership& other) {
    if (this == &other) return *this;
    other.copies_.fetch_add(1);
    owned_.clear();
    return *this;
  }

  // What `pointer` is to, for writing: itself, or a clone put in its place.
  template <typename T>
  T& writable(std::shared_ptr<const T>& pointer) {
    if (!owns(pointer.get())) return own(pointer, T(*pointer));
    // Not a const object: `own` made it.
    return const_cast<T&>(*pointer);
  }
  // Puts a new object in the place of what `pointer` is to.
  template <typename T>
  T& own(std::shared_ptr<const T>& pointer, T value) {
    auto made = std::make_shared<T>(std::move(value));
    owned_.insert(made.get());
    pointer = made;
    return *made;
  }
  // It is about to go.
  void drop(const void* object) { owned_.erase(object); }

 private:
  bool owns(const void* object) {
    const std::uint64_t copies = copies_.load();
    if (copies != seen_copies_) {
      seen_copies_ = copies;
      owned_.clear();
    }
    return owned_.contains(object);
  }

  mutable std::atomic<std::uint64_t> copies_ = 0;  // made of this one
  std::uint64_t seen_copies_ = 0;
  std::unordered_set<const void*> owned_;  // never iterated
};

template <typename Key, typename T>
class SharedMap {
 public:
  using Record = T;
  using key_type = Key;
  using mapped_type = std::shared_ptr<const Record>;
  using value_type = std::pair<Key, mapped_type>;

 private:
  // Sorted, never empty.
  using Chunk = std::vector<value_type>;
  using Chunks = std::vector<std::shared_ptr<const Chunk>>;

 public:
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = SharedMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    const_iterator() = default;
    const_iterator(typename Chunks::const_iterator chunk, std::size_t index)
        : chunk_(chunk), index_(index) {}

    reference operator*() const { return (**chunk_)[index_]; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      if (++index_ == (*chunk_)->size()) {
        ++chunk_;
        index_ = 0;
      }
      return *this;
    }
    const_iterator operator++(int) {
      const const_iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator&,
                           const const_iterator&) = default;

   private:
    typename Chunks::const_iterator chunk_{};
    std::size_t index_ = 0;
  };
  using iterator = const_iterator;

  [[nodiscard]] const_iterator begin() const { return {chunks_.begin(), 0}; }
  [[nodiscard]] const_iterator end() const { return {chunks_.end(), 0}; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  // By a key, or by what compares with one.
  template <typename K>
  [[nodiscard]] const_iterator find(const K& key) const {
    const std::size_t chunk = chunk_of(key);
    if (chunk == chunks_.size()) return end();
    const std::size_t index = index_in(*chunks_[chunk], key);
    const auto& entries = *chunks_[chunk];
    if (index == entries.size() || key < entries[index].first) return end();
    return {chunks_.begin() + static_cast<std::ptrdiff_t>(chunk), index};
  }
  template <typename K>
  [[nodiscard]] bool contains(const K& key) const {
    return find(key) != end();
  }

  // The record for writing; null when there is none. `ownership` is that of the
  // value this map is part of.
  template <typename K>
  Record* writable(const K& key, SharedOwnership& ownership) {
    const std::size_t chunk = chunk_of(key);
    if (chunk == chunks_.size()) return nullptr;
    const std::size_t index = index_in(*chunks_[chunk], key);
    if (index == chunks_[chunk]->size() ||
        key < (*chunks_[chunk])[index].first) {
      return nullptr;
    }
    return &ownership.writable(
        ownership.writable(chunks_[chunk])[index].second);
  }

  // REQUIRES: there is no record with that key.
  Record& insert(const Key& key, Record record, SharedOwnership& ownership) {
    ++size_;
    if (chunks_.empty()) {
      ownership.own(chunks_.emplace_back(), Chunk{{key, nullptr}});
      return ownership.own(ownership.writable(chunks_[0]).front().second,
                           std::move(record));
    }
    std::size_t chunk = chunk_of(key);
    if (chunk == chunks_.size()) chunk = 0;  // before all of them
    if (chunks_[chunk]->size() == kMostEntries) {
      split(chunk, ownership);
      if (!(key < chunks_[chunk + 1]->front().first)) ++chunk;
    }
    Chunk& entries = ownership.writable(chunks_[chunk]);
    const auto place = entries.insert(
        entries.begin() + static_cast<std::ptrdiff_t>(index_in(entries, key)),
        value_type(key, nullptr));
    return ownership.own(place->second, std::move(record));
  }

  // REQUIRES: there is a record with that key.
  void erase(const Key& key, SharedOwnership& ownership) {
    --size_;
    const std::size_t chunk = chunk_of(key);
    const auto index =
        static_cast<std::ptrdiff_t>(index_in(*chunks_[chunk], key));
    Chunk& entries = ownership.writable(chunks_[chunk]);
    ownership.drop(entries[static_cast<std::size_t>(index)].second.get());
    entries.erase(entries.begin() + index);
    if (!entries.empty()) return;
    ownership.drop(&entries);
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(chunk));
  }

  // Lets go of the last records, some hundreds at most.
  void shed() {
    for (std::size_t i = 0; i < kShedChunks && !chunks_.empty(); ++i) {
      size_ -= chunks_.back()->size();
      chunks_.pop_back();
    }
  }

  // The same records, not only equal ones.
  friend bool operator==(const SharedMap& a, const SharedMap& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  static constexpr std::size_t kMostEntries = 64;
  static constexpr std::size_t kShedChunks = 8;

  // The one that has the key, if any has; the number of chunks when the key is
  // before all of them.
  template <typename K>
  std::size_t chunk_of(const K& key) const {
    const auto after = std::partition_point(
        chunks_.begin(), chunks_.end(),
        [&](const auto& chunk) { return !(key < chunk->front().first); });
    return after == chunks_.begin()
               ? chunks_.size()
               : static_cast<std::size_t>(after - chunks_.begin()) - 1;
  }

  // Of the first entry that is not before the key.
  template <typename K>
  static std::size_t index_in(const Chunk& entries, const K& key) {
    return static_cast<std::size_t>(
        std::partition_point(
            entries.begin(), entries.end(),
            [&](const value_type& entry) { return entry.first < key; }) -
        entries.begin());
  }

  // The last chunk stays whole: keys that only rise fill every one.
  void split(std::size_t chunk, SharedOwnership& ownership) {
    const bool last = chunk + 1 == chunks_.size();
    Chunk& entries = ownership.writable(chunks_[chunk]);
    const auto middle = entries.end() - static_cast<std::ptrdiff_t>(
                                            last ? 1 : kMostEntries / 2);
    Chunk upper(middle, entries.end());
    entries.erase(middle, entries.end());
    const auto place = chunks_.insert(
        chunks_.begin() + static_cast<std::ptrdiff_t>(chunk) + 1, nullptr);
    ownership.own(*place, std::move(upper));
  }

  Chunks chunks_;
  std::size_t size_ = 0;
};

}  // namespace lksctp
