#pragma once

#include "base/bytes.hpp"
#include "outbox/arena.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

/// An ordered table of versions: (key, stamp) to a value or a removal, in one arena.
namespace amphora::outbox {

/// Entries are ordered by key, and the versions of one key from the newest stamp to the oldest. So
/// "the version of `key` as of stamp S" is the first entry at or after (key, S).
///
/// Threads: one inserts, while any number read without locks. An entry is complete before the
/// pointer to it is stored (release), and is never changed or freed while the list lives. The
/// structure is Pugh's skip list with the lock-free reading of LevelDB's; the code is our own.
class SkipList {
  public:
    /// One version of one key. Its key and then its value follow it in memory.
    class Node {
      public:
        [[nodiscard]] Bytes key() const noexcept { return {bytes(), key_bytes_}; }
        [[nodiscard]] Bytes value() const noexcept { return {bytes() + key_bytes_, value_bytes_}; }
        [[nodiscard]] std::uint64_t stamp() const noexcept { return stamp_; }
        [[nodiscard]] bool is_removal() const noexcept { return removal_; }
        /// Undone by a savepoint. Only in lists that only the inserting thread reads.
        [[nodiscard]] bool is_withdrawn() const noexcept { return withdrawn_; }
        void withdraw() noexcept { withdrawn_ = true; }
        /// The transaction that wrote it had found its key. Only in lists that only the inserting
        /// thread reads.
        [[nodiscard]] bool was_found() const noexcept { return found_; }
        void note_found() noexcept { found_ = true; }
        /// The bytes of key and value.
        [[nodiscard]] std::size_t size() const noexcept { return key_bytes_ + value_bytes_; }
        /// The entry after this one, in the order of the list.
        [[nodiscard]] Node* next() const noexcept { return follow(0); }

      private:
        friend class SkipList;
        friend class SkipListFill;
        using Link = std::atomic<Node*>;
        [[nodiscard]] const Link* links() const noexcept {
            return reinterpret_cast<const Link*>(this + 1);
        }
        [[nodiscard]] Link* links() noexcept { return reinterpret_cast<Link*>(this + 1); }
        [[nodiscard]] Node* follow(int level) const noexcept {
            return links()[level].load(std::memory_order_acquire);
        }
        [[nodiscard]] const char* bytes() const noexcept {
            return reinterpret_cast<const char*>(links() + height_);
        }

        std::uint64_t stamp_ = 0;
        std::uint32_t key_bytes_ = 0;
        std::uint32_t value_bytes_ = 0;
        std::uint8_t height_ = 0;
        bool removal_ = false;
        bool withdrawn_ = false;
        bool found_ = false;
    };

    SkipList(std::size_t first_bytes, std::size_t chunk_bytes, std::shared_ptr<MemoryCount> count);

    /// Makes room for `entries` insertions with `bytes` of keys and values in total, which then
    /// cannot fail. Throws `std::bad_alloc` with nothing changed.
    void reserve(std::size_t bytes, std::size_t entries);
    /// Inserts a version; no `value` is a removal. (key, stamp) must be new, and room must be
    /// reserved.
    Node* insert(Bytes key, std::uint64_t stamp, std::optional<Bytes> value) noexcept;
    /// Where the last insertion was. For insertions in ascending order, without any others in
    /// between, a search that begins there is shorter than one from the top.
    class Finger;
    Node* insert(Bytes key, std::uint64_t stamp, std::optional<Bytes> value,
                 Finger& finger) noexcept;
    /// Empties the list. Nobody may be reading it. Keeps some memory for reuse.
    void clear() noexcept;

    /// The version of `key` as of `stamp`: the newest at or below it that was not withdrawn; null
    /// if there is none.
    [[nodiscard]] const Node* find(Bytes key, std::uint64_t stamp) const noexcept {
        const Node* node = seek(key, stamp);
        if (node == nullptr || node->key() != key) return nullptr;
        while (node->is_withdrawn()) {
            node = node->next();
            if (node == nullptr || node->key() != key) return nullptr;
        }
        return node;
    }
    /// The first entry at or after (key, stamp); null at the end.
    [[nodiscard]] const Node* seek(Bytes key, std::uint64_t stamp) const noexcept;
    /// The last entry of any key strictly before `key`; null at the beginning.
    [[nodiscard]] const Node* seek_before(Bytes key) const noexcept;
    [[nodiscard]] const Node* first() const noexcept { return head()->follow(0); }
    [[nodiscard]] const Node* last() const noexcept;

    [[nodiscard]] bool empty() const noexcept { return entries() == 0; }
    [[nodiscard]] std::uint64_t entries() const noexcept {
        return entries_.load(std::memory_order_acquire);
    }
    /// Bytes that entries use; the rest of `memory_bytes` is room for more.
    [[nodiscard]] std::uint64_t used_bytes() const noexcept {
        return used_bytes_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept { return arena_.bytes(); }

  private:
    friend class SkipListFill;
    static constexpr int height_max = 14;  // 4^14 entries before searches become longer
    struct Head {
        Node node;
        std::array<Node::Link, height_max> links{};
    };

    /// The neighbours of a position on the lowest level: the last entry before it, or the head, and
    /// the first entry after it, or null. `Entry` is `Node` or `const Node`.
    template <class Entry>
    struct Gap {
        Entry* before;
        Entry* after;
    };
    /// Goes down to a position from the highest of `levels`, beginning at `begin`, which is before
    /// it. `is_before(entry)` says whether an entry is before the position; `at_level(level, entry)`
    /// gets the last such entry of each level. An entry that is found after the position on one
    /// level is not asked about again.
    template <class Entry, class IsBefore, class AtLevel>
    static Gap<Entry> descend(Entry* begin, int levels, IsBefore is_before, AtLevel at_level) {
        Gap<Entry> gap{begin, nullptr};
        while (levels-- > 0) {
            for (;;) {
                Entry* const after = gap.before->follow(levels);
                if (after == nullptr || after == gap.after || !is_before(*after)) {
                    gap.after = after;
                    break;
                }
                gap.before = after;
            }
            at_level(levels, gap.before);
        }
        return gap;
    }
    template <class IsBefore>
    [[nodiscard]] Gap<const Node> descend(IsBefore is_before) const noexcept {
        return descend(head(), height_.load(std::memory_order_relaxed), is_before,
                       [](int, const Node*) {});
    }

    [[nodiscard]] const Node* head() const noexcept { return &head_.node; }
    [[nodiscard]] static std::uint8_t draw_height(std::uint64_t& random) noexcept;
    /// Puts an entry into memory, complete except for its links.
    Node* put_down(Bytes key, std::uint64_t stamp, std::optional<Bytes> value) noexcept;
    [[nodiscard]] static std::size_t node_bytes(std::uint8_t height, std::size_t content) noexcept;

    Arena arena_;
    Head head_;
    std::uint64_t random_;
    std::atomic<int> height_{1};
    std::atomic<std::uint64_t> entries_{0};
    std::atomic<std::uint64_t> used_bytes_{0};
};

class SkipList::Finger {
  private:
    friend class SkipList;
    /// On each level up to `levels`, the last entry at or before the last insertion, or the head.
    std::array<Node*, height_max> before_{};
    int levels_ = 0;
};

/// A position among the versions that are visible as of one stamp: one entry for each key, removals
/// included. Keeps nothing alive.
///
/// Between two visible entries there may be any number of later versions. A caller that knows the
/// end of its range sets it with `narrow_to`, and the search for a visible entry ends there.
class SkipCursor {
  public:
    SkipCursor(const SkipList& list, std::uint64_t stamp) noexcept : list_{&list}, stamp_{stamp} {}

    /// From the next seek on the cursor searches only keys in [lower, upper); an empty bound is
    /// none. It may still show an entry outside. The bytes must outlive their use by the cursor.
    void narrow_to(Bytes lower, Bytes upper) noexcept {
        lower_ = lower;
        upper_ = upper;
        node_ = nullptr;
    }
    void seek(Bytes key) noexcept;         ///< first key at or after `key`
    void seek_before(Bytes key) noexcept;  ///< last key strictly before `key`
    void seek_first() noexcept;
    void seek_last() noexcept;
    void next() noexcept;
    void previous() noexcept;

    [[nodiscard]] const SkipList::Node* node() const noexcept {
        return node_;
    }  ///< null: no position

  private:
    void settle_forward(const SkipList::Node* node) noexcept;
    void settle_backward(const SkipList::Node* node) noexcept;
    [[nodiscard]] bool shows(const SkipList::Node& node) const noexcept {
        return node.stamp() <= stamp_ && !node.is_withdrawn();
    }
    const SkipList* list_;
    std::uint64_t stamp_;
    Bytes lower_, upper_;
    const SkipList::Node* node_ = nullptr;
};

}  // namespace amphora::outbox
