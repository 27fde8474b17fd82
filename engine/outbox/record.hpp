#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"

#include <array>
#include <cstdint>
#include <optional>

/// The commit record: what one transaction changed in both trees, and the events that it published.
/// Recovery, relays and consumers all read the record that is in the journal.
///
///   01                     format
///   changes  count         varint, relational tree; sorted by key, each key once
///     key size, key        varint, bytes
///     0                    removed; or
///     value size + 1, value
///   changes  count         the same for the document tree
///   events   count
///     size, event          opaque here
namespace amphora::outbox {

/// Writes a record, part by part, in the order of the format.
class RecordWriter {
  public:
    /// `bytes`: an upper bound of the record's size, so that it is allocated once.
    explicit RecordWriter(std::size_t bytes);
    /// Begins the part of `count` changes. The next `count` calls are `put` or `erase`. Called for
    /// the relational tree, then for the documents.
    void begin_changes(std::size_t count);
    void put(Bytes key, Bytes value);
    void erase(Bytes key);
    void begin_events(std::size_t count);
    void event(Bytes event);
    [[nodiscard]] Buffer finish() && { return std::move(bytes_); }

    /// Upper bounds, for `bytes`.
    static constexpr std::size_t frame_bytes_max = 1 + 3 * 10;
    static constexpr std::size_t change_bytes_max = 2 * 10;  ///< in addition to key and value
    static constexpr std::size_t event_bytes_max = 10;       ///< in addition to the event

  private:
    Buffer bytes_;
};

/// A record, read in place. Its bytes must outlive it.
class Record {
  public:
    struct Change {
        Bytes key;
        std::optional<Bytes> value;  ///< none: removed
    };

    /// Reads the whole record once. Throws `corrupt`, naming `sequence`, if anything is out of
    /// bounds or out of order, and `newer_format` for a format of a later version; afterwards
    /// reading it cannot fail.
    Record(Bytes bytes, Sequence sequence);

    [[nodiscard]] std::size_t changes(TreeId tree) const noexcept {
        return parts_[index_of(tree)].count;
    }
    /// How many of the changes put something of a caller's; the engine's own keys are not counted.
    [[nodiscard]] std::size_t puts(TreeId tree) const noexcept {
        return parts_[index_of(tree)].puts;
    }
    [[nodiscard]] std::size_t events() const noexcept { return parts_[trees_count].count; }
    /// The bytes of keys and values in one tree's changes.
    [[nodiscard]] std::size_t content_bytes(TreeId tree) const noexcept {
        return parts_[index_of(tree)].content_bytes;
    }

    /// Calls `visit(const Change&)` for each change of one tree, in the order of keys.
    template <class Visit>
    void each_change(TreeId tree, Visit&& visit) const {
        Bytes rest = parts_[index_of(tree)].bytes;
        for (std::size_t i = 0; i < parts_[index_of(tree)].count; ++i) visit(take_change(rest));
    }
    /// Calls `visit(Bytes)` for each event, in the order of publishing.
    template <class Visit>
    void each_event(Visit&& visit) const {
        Bytes rest = parts_[trees_count].bytes;
        for (std::size_t i = 0; i < events(); ++i) visit(take_event(rest));
    }

  private:
    struct Part {
        Bytes bytes;
        std::size_t count = 0;
        std::size_t puts = 0;
        std::size_t content_bytes = 0;
    };
    static Change take_change(Bytes& rest) noexcept;
    static Bytes take_event(Bytes& rest) noexcept;

    std::array<Part, trees_count + 1> parts_;
};

}  // namespace amphora::outbox
