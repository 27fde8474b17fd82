#pragma once

#include "outbox/key_index.hpp"
#include "outbox/skip_list_fill.hpp"

#include <amphora/types.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace amphora::outbox {

/// The changes of consecutive commits to one tree, in memory, until they are delivered.
/// It shares no cache line with another one.
///
/// A table covers the commits after `begin()` up to `end()`. While it is active, one thread at a
/// time adds commits, and `end()` is the largest possible sequence. A sealed table never changes
/// again.
class alignas(64) PendingTable {
  public:
    /// `chunk_bytes`: the step in which its memory grows.
    PendingTable(Sequence begin, std::size_t chunk_bytes, std::shared_ptr<MemoryCount> count)
        : begin_{begin}, count_{count}, list_{first_chunk_bytes, chunk_bytes, std::move(count)} {}
    ~PendingTable() {
        if (count_) count_->bytes.fetch_sub(index_.memory_bytes(), std::memory_order_relaxed);
        if (readers_) readers_->bytes.fetch_sub(memory_bytes(), std::memory_order_relaxed);
    }
    PendingTable(const PendingTable&) = delete;
    PendingTable& operator=(const PendingTable&) = delete;

    /// Makes room, as SkipList::reserve does.
    void reserve(std::size_t bytes, std::size_t versions) {
        list_.reserve(bytes, versions);
        reserve_index(versions);
    }
    /// `finger`: of the insertion before, of the same commit, whose keys ascend.
    void insert(Bytes key, Sequence sequence, std::optional<Bytes> value,
                SkipList::Finger& finger) noexcept {
        const std::uint64_t hash = KeyIndex::hash(key);
        if (SkipList::Entry* const entry = index_.find(key, hash)) {
            list_.add(*entry, number(sequence), value);
        } else {
            index_.add(hash, list_.insert_new(key, number(sequence), value, finger));
        }
    }
    /// Fills a table that is in no list yet, in any order of keys; see SkipListFill.
    class Fill {
      public:
        explicit Fill(PendingTable& table) : table_{table}, fill_{table.list_} {}
        void add(Bytes key, Sequence sequence, std::optional<Bytes> value) {
            const std::uint64_t hash = KeyIndex::hash(key);
            if (SkipList::Entry* const entry = table_.index_.find(key, hash)) {
                table_.list_.reserve(value ? value->size() : 0, 1);
                table_.list_.add(*entry, number(sequence), value);
            } else {
                table_.reserve_index(1);
                table_.index_.add(hash, fill_.add(key, number(sequence), value));
            }
        }
        /// The table is sealed at `end`.
        void finish(Sequence end) noexcept {
            fill_.finish();
            table_.seal(end);
        }

      private:
        PendingTable& table_;
        SkipListFill fill_;
    };
    /// The newest version of `key` at or before `sequence`; null if there is none. `hash` is the
    /// key's.
    [[nodiscard]] const SkipList::Version* find(Bytes key, std::uint64_t hash,
                                                Sequence sequence) const noexcept {
        const SkipList::Entry* const entry = index_.find(key, hash);
        return entry == nullptr ? nullptr : entry->as_of(number(sequence));
    }
    [[nodiscard]] const SkipList& list() const noexcept { return list_; }

    [[nodiscard]] Sequence begin() const noexcept { return begin_; }
    /// Every commit in (begin, end] is in this table. Read `visible` before calling this:
    /// everything that was visible before the table was found unsealed is in it.
    [[nodiscard]] Sequence end() const noexcept { return end_.load(std::memory_order_acquire); }
    [[nodiscard]] bool sealed() const noexcept { return end() != unsealed; }
    void seal(Sequence end) noexcept { end_.store(end, std::memory_order_release); }

    /// The time of the first change; 0 while there is none.
    [[nodiscard]] std::int64_t first_ms() const noexcept {
        return first_ms_.load(std::memory_order_relaxed);
    }

    /// Commits by the time of their publication, for the consistency window: the number in each
    /// step.
    struct Moment {
        std::int64_t at_us;
        std::uint32_t commits;
    };
    static constexpr std::int64_t moment_us = 1000;
    /// Makes room for one more moment. May throw.
    void reserve_moment() {
        if (moments_.size() == moments_.capacity()) moments_.reserve(2 * moments_.size() + 16);
    }
    void note_commit(std::int64_t at_us) noexcept;
    /// Only for a sealed table.
    [[nodiscard]] const std::vector<Moment>& moments() const noexcept { return moments_; }

    /// The table is delivered. From now on its memory belongs to its readers, and is counted in
    /// `readers`.
    void leave_list(std::shared_ptr<MemoryCount> readers) noexcept {
        readers->bytes.fetch_add(memory_bytes(), std::memory_order_relaxed);
        readers_ = std::move(readers);
    }

    static constexpr Sequence unsealed{~std::uint64_t{0}};

  private:
    static constexpr std::size_t first_chunk_bytes = 64u << 10;

    void reserve_index(std::size_t keys) {
        const std::size_t bytes_before = index_.memory_bytes();
        index_.reserve(keys);
        const std::size_t grown = index_.memory_bytes() - bytes_before;
        if (grown != 0 && count_) count_->bytes.fetch_add(grown, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept {
        return list_.memory_bytes() + index_.memory_bytes();
    }

    const Sequence begin_;
    const std::shared_ptr<MemoryCount> count_;
    std::atomic<Sequence> end_{unsealed};
    std::atomic<std::int64_t> first_ms_{0};
    SkipList list_;
    KeyIndex index_;
    std::shared_ptr<MemoryCount> readers_;  // set when the table has left the list
    /// Only for the thread that adds commits, until the table is sealed.
    std::vector<Moment> moments_;
};

/// The tables of one tree, oldest first; the last is the active one. Immutable: a new list replaces
/// it.
class PendingList {
  public:
    explicit PendingList(std::vector<std::shared_ptr<PendingTable>> tables)
        : tables_{std::move(tables)} {}
    [[nodiscard]] const std::vector<std::shared_ptr<PendingTable>>& tables() const noexcept {
        return tables_;
    }
    [[nodiscard]] const PendingTable& active() const noexcept { return *tables_.back(); }
    /// The list certainly has every commit up to this one.
    [[nodiscard]] Sequence end() const noexcept { return active().end(); }

  private:
    std::vector<std::shared_ptr<PendingTable>> tables_;
};

}  // namespace amphora::outbox
