#pragma once

#include "base/bytes.hpp"
#include "outbox/arena.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

/// An ordered table of keys in one arena; each key has its versions: a stamp, and a value or a removal.
namespace amphora::outbox {

/// Entries, one for each key, are ordered by key. The versions of a key form a chain from the newest
/// stamp to the oldest, so a key that is written again costs no search for its place. Each version
/// also refers to one far below it (Myers, "An applicative random-access stack", 1983). So the
/// version as of a stamp is found in a logarithm of their number.
///
/// Threads: one inserts, while any number read without locks. A version is complete before the
/// pointer to it is stored (release), and is never freed while the list lives. The structure is
/// Pugh's skip list with the lock-free reading of LevelDB's; the code is our own.
class SkipList {
  public:
    class Entry;

    /// One version of one key. Its value follows it in memory.
    class Version {
      public:
        [[nodiscard]] inline const Entry& entry() const noexcept;
        [[nodiscard]] inline Bytes key() const noexcept;
        [[nodiscard]] inline Bytes value() const noexcept;
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
        [[nodiscard]] inline std::size_t size() const noexcept;
        /// The version of the same key before this one; null for the first.
        [[nodiscard]] inline const Version* older() const noexcept;
        /// Of this version and the older ones, the newest at or below `stamp` that was not
        /// withdrawn; null if there is none.
        [[nodiscard]] inline const Version* as_of(std::uint64_t stamp) const noexcept;

      private:
        friend class SkipList;
        friend class SkipListFill;
        struct Later;
        [[nodiscard]] bool is_first() const noexcept { return height_ != 0; }
        [[nodiscard]] inline const Later& later() const noexcept;
        [[nodiscard]] inline const Version& jump() const noexcept;

        std::uint64_t stamp_ = 0;
        std::uint32_t key_bytes_ = 0;  ///< of the first version
        std::uint32_t value_bytes_ = 0;
        std::uint32_t number_ = 0;  ///< of the older versions
        std::uint8_t height_ = 0;   ///< of the first version, which is the entry; 0 for a later one
        bool removal_ = false;
        bool withdrawn_ = false;
        bool found_ = false;
    };

    /// A key, and its first version. The links to the entries after it, the key and the value follow
    /// it in memory.
    class Entry : public Version {
      public:
        [[nodiscard]] Bytes key() const noexcept { return {bytes(), key_bytes_}; }
        [[nodiscard]] const Version& newest() const noexcept {
            return *newest_.load(std::memory_order_acquire);
        }
        [[nodiscard]] const Version* as_of(std::uint64_t stamp) const noexcept {
            return newest().as_of(stamp);
        }
        /// The entry after this one, in the order of keys.
        [[nodiscard]] Entry* next() const noexcept { return follow(0); }

      private:
        friend class SkipList;
        friend class SkipListFill;
        friend class Version;
        using Link = std::atomic<Entry*>;
        [[nodiscard]] const Link* links() const noexcept {
            return reinterpret_cast<const Link*>(this + 1);
        }
        [[nodiscard]] Link* links() noexcept { return reinterpret_cast<Link*>(this + 1); }
        [[nodiscard]] Entry* follow(int level) const noexcept {
            return links()[level].load(std::memory_order_acquire);
        }
        [[nodiscard]] const char* bytes() const noexcept {
            return reinterpret_cast<const char*>(links() + height_);
        }

        std::uint64_t beginning_ = 0;  ///< see `beginning_of`
        std::atomic<const Version*> newest_{this};
    };

    SkipList(std::size_t first_bytes, std::size_t chunk_bytes, std::shared_ptr<MemoryCount> count);

    /// Makes room for `versions` insertions with `bytes` of keys and values in total, which then
    /// cannot fail. Throws `std::bad_alloc` with nothing changed.
    void reserve(std::size_t bytes, std::size_t versions);
    /// Inserts a version; no `value` is a removal. `stamp` must be above those of the key's other
    /// versions, and room must be reserved.
    Version& insert(Bytes key, std::uint64_t stamp, std::optional<Bytes> value) noexcept;
    /// Where the last insertion was. For insertions in ascending order of keys, without any others in
    /// between, a search that begins there is shorter than one from the top.
    class Finger;
    /// The same for a key that is not in the list.
    Entry& insert_new(Bytes key, std::uint64_t stamp, std::optional<Bytes> value,
                      Finger& finger) noexcept;
    /// The same for a key whose entry is known: without a search.
    Version& add(Entry& entry, std::uint64_t stamp, std::optional<Bytes> value) noexcept;
    /// Empties the list. Nobody may be reading it. Keeps some memory for reuse.
    void clear() noexcept;

    /// The version of `key` as of `stamp`: the newest at or below it that was not withdrawn; null
    /// if there is none.
    [[nodiscard]] const Version* find(Bytes key, std::uint64_t stamp) const noexcept {
        const Entry* const entry = seek(key);
        return entry != nullptr && entry->key() == key ? entry->as_of(stamp) : nullptr;
    }
    /// The first entry at or after `key`; null at the end.
    [[nodiscard]] const Entry* seek(Bytes key) const noexcept;
    /// The last entry strictly before `key`; null at the beginning.
    [[nodiscard]] const Entry* seek_before(Bytes key) const noexcept;
    [[nodiscard]] Entry* first() const noexcept { return head()->follow(0); }
    [[nodiscard]] const Entry* last() const noexcept;

    [[nodiscard]] bool empty() const noexcept { return versions() == 0; }
    [[nodiscard]] std::uint64_t versions() const noexcept {
        return versions_.load(std::memory_order_acquire);
    }
    /// Bytes that versions use; the rest of `memory_bytes` is room for more.
    [[nodiscard]] std::uint64_t used_bytes() const noexcept {
        return used_bytes_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept { return arena_.bytes(); }

  private:
    friend class SkipListFill;
    static constexpr int height_max = 14;  // 4^14 entries before searches become longer
    struct Head {
        Entry entry;
        std::array<Entry::Link, height_max> links{};
    };

    /// The beginning of a key as a number in the order of keys, zeros after the key's end. Equal
    /// ones need a comparison of the keys.
    [[nodiscard]] static std::uint64_t beginning_of(Bytes key) noexcept;
    /// The order of an entry's key and of another one: negative, zero or positive.
    [[nodiscard]] static int compare(const Entry& entry, Bytes key,
                                     std::uint64_t beginning) noexcept;

    /// The neighbours of a position on the lowest level: the last entry before it, or the head, and
    /// the first entry after it, or null. `Each` is `Entry` or `const Entry`.
    template <class Each>
    struct Gap {
        Each* before;
        Each* after;
    };
    /// Goes down to a position from the highest of `levels`, beginning at `begin`, which is before
    /// it. `is_before(entry)` says whether an entry is before the position; `at_level(level, entry)`
    /// gets the last such entry of each level. An entry that is found after the position on one
    /// level is not asked about again.
    template <class Each, class IsBefore, class AtLevel>
    static Gap<Each> descend(Each* begin, int levels, IsBefore is_before, AtLevel at_level) {
        Gap<Each> gap{begin, nullptr};
        while (levels-- > 0) {
            for (;;) {
                Each* const after = gap.before->follow(levels);
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
    [[nodiscard]] Gap<const Entry> descend(IsBefore is_before) const noexcept {
        return descend(head(), height_.load(std::memory_order_relaxed), is_before,
                       [](int, const Entry*) {});
    }

    [[nodiscard]] const Entry* head() const noexcept { return &head_.entry; }
    [[nodiscard]] static std::uint8_t draw_height(std::uint64_t& random) noexcept;
    /// The entry of `key`, or null and the place for one.
    [[nodiscard]] Entry* locate(Bytes key, Finger& finger) noexcept;
    Entry& link(Entry& entry, Finger& finger) noexcept;
    /// Puts a new entry into memory, complete except for its links.
    Entry& put_down(Bytes key, std::uint64_t stamp, std::optional<Bytes> value) noexcept;
    [[nodiscard]] char* take(std::size_t bytes) noexcept;
    void count(std::uint64_t versions) noexcept;

    Arena arena_;
    Head head_;
    std::uint64_t random_;
    std::atomic<int> height_{1};
    std::atomic<std::uint64_t> versions_{0};
    std::atomic<std::uint64_t> used_bytes_{0};
};

/// A version that is not the first of its key. Its value follows it in memory.
struct SkipList::Version::Later : Version {
    Entry* entry;
    const Version* older;
    const Version* jump;  ///< a version below this one, see `SkipList`
};

inline const SkipList::Version::Later& SkipList::Version::later() const noexcept {
    return static_cast<const Later&>(*this);
}
inline const SkipList::Entry& SkipList::Version::entry() const noexcept {
    return is_first() ? static_cast<const Entry&>(*this) : *later().entry;
}
inline Bytes SkipList::Version::key() const noexcept {
    return entry().key();
}
inline Bytes SkipList::Version::value() const noexcept {
    if (is_first()) return {entry().bytes() + key_bytes_, value_bytes_};
    return {reinterpret_cast<const char*>(&later() + 1), value_bytes_};
}
inline std::size_t SkipList::Version::size() const noexcept {
    return key().size() + value_bytes_;
}
inline const SkipList::Version* SkipList::Version::older() const noexcept {
    return is_first() ? nullptr : later().older;
}
inline const SkipList::Version& SkipList::Version::jump() const noexcept {
    return is_first() ? *this : *later().jump;
}
inline const SkipList::Version* SkipList::Version::as_of(std::uint64_t stamp) const noexcept {
    const Version* version = this;
    while (version != nullptr && version->stamp_ > stamp) {
        const Version& jump = version->jump();
        version = jump.stamp_ > stamp && &jump != version ? &jump : version->older();
    }
    while (version != nullptr && version->is_withdrawn()) version = version->older();
    return version;
}

class SkipList::Finger {
  private:
    friend class SkipList;
    /// On each level, the last entry at or before the last insertion, or the head. Null: none yet.
    std::array<Entry*, height_max> before_{};
};

/// A position among the versions that are visible as of one stamp: one entry for each key, removals
/// included. Keeps nothing alive.
///
/// Between two visible entries there may be any number of later ones. A caller that knows the
/// end of its range sets it with `narrow_to`, and the search for a visible entry ends there.
class SkipCursor {
  public:
    SkipCursor(const SkipList& list, std::uint64_t stamp) noexcept : list_{&list}, stamp_{stamp} {}

    /// From the next seek on the cursor searches only keys in [lower, upper); an empty bound is
    /// none. It may still show an entry outside. The bytes must outlive their use by the cursor.
    void narrow_to(Bytes lower, Bytes upper) noexcept {
        lower_ = lower;
        upper_ = upper;
        version_ = nullptr;
    }
    void seek(Bytes key) noexcept;         ///< first key at or after `key`
    void seek_before(Bytes key) noexcept;  ///< last key strictly before `key`
    void seek_first() noexcept;
    void seek_last() noexcept;
    void next() noexcept;
    void previous() noexcept;

    /// Null: no position.
    [[nodiscard]] const SkipList::Version* version() const noexcept { return version_; }

  private:
    void settle_forward(const SkipList::Entry* entry) noexcept;
    void settle_backward(const SkipList::Entry* entry) noexcept;
    const SkipList* list_;
    std::uint64_t stamp_;
    Bytes lower_, upper_;
    const SkipList::Version* version_ = nullptr;
};

}  // namespace amphora::outbox
