#pragma once

#include "base/bytes.hpp"
#include "outbox/key_index.hpp"
#include "outbox/skip_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace amphora::transaction {

/// The versions of the keys that a transaction has written in one tree. The usual transaction writes
/// a few, which a search of the list finds as quickly; from some number on there is a hash table, too.
class WrittenKeys {
  public:
    using Version = outbox::SkipList::Version;

    WrittenKeys(std::size_t first_bytes, std::size_t chunk_bytes)
        : list_{first_bytes, chunk_bytes, nullptr} {}

    /// Makes room for one insertion of so many bytes of key and value. Throws `std::bad_alloc` with
    /// nothing changed.
    void reserve(std::size_t bytes) {
        list_.reserve(bytes, 1);
        if (list_.versions() >= searched_max) index_.reserve(is_indexed() ? 1 : searched_max + 1);
    }
    /// As SkipList::insert. Room must be reserved.
    Version& insert(Bytes key, std::uint64_t stamp, std::optional<Bytes> value) noexcept {
        if (!is_indexed()) {
            Version& version = list_.insert(key, stamp, value);
            if (is_indexed()) index_all();
            return version;
        }
        const std::uint64_t hash = outbox::KeyIndex::hash(key);
        if (auto* const entry = index_.find(key, hash)) return list_.add(*entry, stamp, value);
        outbox::SkipList::Finger finger;
        auto& entry = list_.insert_new(key, stamp, value, finger);
        index_.add(hash, entry);
        return entry;
    }
    /// As SkipList::find.
    [[nodiscard]] const Version* find(Bytes key, std::uint64_t stamp) const noexcept {
        if (list_.empty()) return nullptr;
        if (!is_indexed()) return list_.find(key, stamp);
        const auto* const entry = index_.find(key, outbox::KeyIndex::hash(key));
        return entry == nullptr ? nullptr : entry->as_of(stamp);
    }
    [[nodiscard]] const outbox::SkipList& list() const noexcept { return list_; }
    /// Nobody may be reading it. Keeps some memory for reuse.
    void clear() noexcept {
        if (is_indexed()) index_.clear();
        list_.clear();
    }

  private:
    static constexpr std::uint64_t searched_max = 16;
    /// Then every key is in the hash table.
    [[nodiscard]] bool is_indexed() const noexcept { return list_.versions() > searched_max; }
    void index_all() noexcept {
        for (auto* entry = list_.first(); entry != nullptr; entry = entry->next()) {
            index_.add(outbox::KeyIndex::hash(entry->key()), *entry);
        }
    }

    outbox::SkipList list_;
    outbox::KeyIndex index_;
};

}  // namespace amphora::transaction
