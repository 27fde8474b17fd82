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

/// The commits that are published but not yet delivered, tree by tree, and the sequence that the
/// next commit gets.
///
/// Invariant, per tree: the tables of the list cover, without a gap, every commit after the tree's
/// mark up to `published()`. A table leaves the list only when the tree's new views show it.
///
/// Threads: `publish` by one at a time; everything else by any.
class Pending {
  public:
    struct Options {
        std::uint64_t seal_bytes = 0;
    };
    explicit Pending(Options options);

    // Before the first `publish`: what the journal holds is taken over, each tree by itself.

    /// How far each tree is; nothing beyond it is published yet.
    void start(const std::array<Sequence, trees_count>& delivered, Sequence published);
    /// A table for the commits after `begin`, to be filled and handed to `take_over`.
    [[nodiscard]] std::shared_ptr<PendingTable> make_table(TreeId tree, Sequence begin) const {
        return make_table(sides_[index_of(tree)], begin);
    }
    /// Lists a sealed table that begins where the tree's active one does, which holds nothing and
    /// goes on behind it.
    void take_over(TreeId tree, std::shared_ptr<PendingTable> table);
    /// Every tree has what it lacked: the order of commits goes on after `last`.
    void go_on_after(Sequence last) noexcept { published_.store(last, std::memory_order_release); }

    /// What became of the tables, so that relays can be woken.
    struct Effect {
        std::array<bool, trees_count> first_change{};  ///< the table was empty: its age begins
        std::array<bool, trees_count> sealed{};        ///< a table was full
    };
    /// Adds a commit as the next sequence. `append(sequence)`, which cannot fail, is called when
    /// the commit is in both tables and before any table can be sealed behind it. Throws
    /// `std::bad_alloc` with nothing changed.
    template <class Append>
    Effect publish(const Record& record, Append&& append) {
        const std::lock_guard lock{publication_};
        Effect effect = prepare(record);
        const Sequence sequence = next(published());
        insert(record, sequence, effect);
        // Stored before the journal knows of the commit, so that never is anything durable that is
        // not published. The next writer reads it only in its turn.
        published_.store(sequence, std::memory_order_release);
        append(sequence);
        return effect;
    }

    /// Seals a tree's active table, if it covers any commit, even one that changed nothing in this
    /// tree.
    void seal(TreeId tree);
    /// The sealed tables, oldest first.
    [[nodiscard]] std::vector<std::shared_ptr<PendingTable>> sealed(TreeId tree) const;
    /// Takes the oldest `count` tables out of a tree's list.
    void drop(TreeId tree, std::size_t count);

    [[nodiscard]] std::shared_ptr<const PendingList> list(TreeId tree) const {
        const Side& side = sides_[index_of(tree)];
        const std::lock_guard lock{side.mutex};
        return side.list;
    }
    /// Grows with each change of a list; read after the change, it is new.
    [[nodiscard]] std::uint64_t version() const noexcept {
        return version_.load(std::memory_order_acquire);
    }
    [[nodiscard]] Sequence published() const noexcept {
        return published_.load(std::memory_order_acquire);
    }

    /// Memory of the tables in the list; what the bound for writers counts.
    [[nodiscard]] std::uint64_t memory_bytes(TreeId tree) const noexcept;
    /// Memory of tables that have left the list but are still held by readers.
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
        mutable std::mutex mutex;  // of the pointer; held for its copy only
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
    /// Puts `list` in place and gives the old one back, to be let go outside of locks.
    std::shared_ptr<const PendingList> exchange(Side& side,
                                                std::shared_ptr<const PendingList> list);
    [[nodiscard]] std::shared_ptr<PendingTable> make_table(const Side& side, Sequence begin) const;

    const Options options_;
    std::mutex publication_;  // of the active tables' content and of sealing
    std::array<Side, trees_count> sides_;
    std::atomic<Sequence> published_{};
    std::atomic<std::uint64_t> version_{1};
};

}  // namespace amphora::outbox
