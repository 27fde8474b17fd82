#pragma once

#include "base/ids.hpp"
#include "outbox/pending_table.hpp"
#include "outbox/record.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace amphora::outbox {

/// The commits that are published and not yet delivered, for each tree, and the sequence of the
/// next commit.
///
/// Invariant, for each tree: the tables of the list cover, without a gap, every commit after the
/// tree's mark up to `published()`. A table leaves the list only when the tree's new views show it.
///
/// Threads: `publish` by one at a time; everything else by any.
class Pending {
  public:
    struct Options {
        std::uint64_t seal_bytes = 0;
    };
    explicit Pending(Options options);

    // Before the first `publish`: commits are taken over from the journal, for each tree by itself.

    /// The last delivered commit of each tree; nothing after it is published yet.
    void start(const std::array<Sequence, trees_count>& delivered, Sequence published);
    /// A table for the commits after `begin`, to be filled and passed to `take_over`.
    [[nodiscard]] std::shared_ptr<PendingTable> make_table(TreeId tree, Sequence begin) const {
        return make_table(sides_[index_of(tree)], begin);
    }
    /// Adds a sealed table to the list. It begins where the tree's active table does; that one is
    /// empty, and continues after it.
    void take_over(TreeId tree, std::shared_ptr<PendingTable> table);
    /// Every tree has the commits that it lacked: the next commit comes after `last`.
    void continue_after(Sequence last) noexcept {
        published_.store(last, std::memory_order_release);
    }

    /// What happened to the tables, so that relays can be woken.
    struct Effect {
        std::array<bool, trees_count> first_change{};  ///< the table was empty: its age begins
        std::array<bool, trees_count> sealed{};        ///< a table was full
    };
    /// Adds a commit as the next sequence. Calls `append(sequence)`, which cannot fail, when the
    /// commit is in both tables and before a table can be sealed after it. Throws `std::bad_alloc`
    /// with nothing changed.
    template <class Append>
    Effect publish(const Record& record, Append&& append) {
        const std::lock_guard lock{publication_};
        Effect effect = prepare(record);
        const Sequence sequence = next(published());
        insert(record, sequence, effect);
        // Stored before the journal has the commit, so that nothing is ever durable and not
        // published. The next writer reads it only in its turn.
        published_.store(sequence, std::memory_order_release);
        append(sequence);
        return effect;
    }

    /// Seals a tree's active table if it covers any commit, even one that changed nothing in this
    /// tree.
    void seal(TreeId tree);
    /// The sealed tables, oldest first.
    [[nodiscard]] std::vector<std::shared_ptr<PendingTable>> sealed(TreeId tree) const;
    /// Removes the oldest `count` tables from a tree's list.
    void drop(TreeId tree, std::size_t count);

    [[nodiscard]] std::shared_ptr<const PendingList> list(TreeId tree) const {
        const Side& side = sides_[index_of(tree)];
        const std::lock_guard lock{side.mutex};
        return side.list;
    }
    /// Increases with each change of a list; read after a change, it is new.
    [[nodiscard]] std::uint64_t version() const noexcept {
        return version_.load(std::memory_order_acquire);
    }
    [[nodiscard]] Sequence published() const noexcept {
        return published_.load(std::memory_order_acquire);
    }

    /// Memory of the tables in the list; what the bound for writers counts.
    [[nodiscard]] std::uint64_t memory_bytes(TreeId tree) const noexcept;
    /// Memory of tables that have left the list and are still used by readers.
    [[nodiscard]] std::uint64_t reader_bytes(TreeId tree) const noexcept;

    /// In the tables of the list: what entries take, and how many there are.
    [[nodiscard]] std::uint64_t used_bytes(TreeId tree) const noexcept {
        return sides_[index_of(tree)].used_bytes.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t entries(TreeId tree) const noexcept {
        return sides_[index_of(tree)].entries.load(std::memory_order_relaxed);
    }
    /// The same of all that has ever entered: grows only. What it counts is counted by the two
    /// above as well, until it is delivered.
    [[nodiscard]] std::uint64_t entered_bytes(TreeId tree) const noexcept {
        return sides_[index_of(tree)].entered_bytes.load(std::memory_order_acquire);
    }
    [[nodiscard]] std::uint64_t entered_entries(TreeId tree) const noexcept {
        return sides_[index_of(tree)].entered_entries.load(std::memory_order_acquire);
    }

  private:
    struct Side {
        mutable std::mutex mutex;  // protects the pointer; held only to copy it
        std::shared_ptr<const PendingList> list;
        std::atomic<std::uint64_t> used_bytes{0};
        std::atomic<std::uint64_t> entries{0};
        std::atomic<std::uint64_t> entered_bytes{0};
        std::atomic<std::uint64_t> entered_entries{0};

        void add(std::uint64_t bytes, std::uint64_t count) noexcept {
            used_bytes.fetch_add(bytes, std::memory_order_relaxed);
            entries.fetch_add(count, std::memory_order_relaxed);
            entered_bytes.fetch_add(bytes, std::memory_order_release);
            entered_entries.fetch_add(count, std::memory_order_release);
        }
        std::shared_ptr<MemoryCount> memory = std::make_shared<MemoryCount>();   // of all tables
        std::shared_ptr<MemoryCount> readers = std::make_shared<MemoryCount>();  // not in the list
    };
    Effect prepare(const Record& record);
    void insert(const Record& record, Sequence sequence, Effect& effect) noexcept;
    void seal_locked(TreeId tree);
    [[nodiscard]] PendingTable& active(TreeId tree) noexcept {
        return *sides_[index_of(tree)].list->tables().back();
    }
    /// Replaces the list and returns the old one, to be destroyed outside of locks.
    std::shared_ptr<const PendingList> exchange(Side& side,
                                                std::shared_ptr<const PendingList> list);
    [[nodiscard]] std::shared_ptr<PendingTable> make_table(const Side& side, Sequence begin) const;

    const Options options_;
    std::mutex publication_;  // protects the content of the active tables, and their sealing
    std::array<Side, trees_count> sides_;
    std::atomic<Sequence> published_{};
    std::atomic<std::uint64_t> version_{1};
};

}  // namespace amphora::outbox
