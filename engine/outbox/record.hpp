#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "outbox/context.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

/// The commit record: what one commit changed in both trees, and the events that it published.
/// Recovery, relays and consumers all read the record that is in the journal.
///
///   02                     format
///   contexts count         varint; 0 for a commit without any
///     origin, correlation, causation: each its size (varint) and its bytes
///   changes  count         varint, relational tree; sorted by key, each key once
///     context              varint, only if there are several contexts: its place among them
///     key size, key        varint, bytes
///     what                 varint: 4 * (value size + 1; 0: removed)
///                                  + 1 if the key existed before the commit
///                                  + 2 if its state before the commit follows
///     value                bytes
///     state before         size (varint), bytes
///   changes  count         the same for the document tree
///   events   count
///     context              as above
///     size, event          opaque here
namespace amphora::outbox {

/// Whether a key existed before the commit. This distinguishes an insert from an update, and a
/// delete from a row that the commit inserted and deleted again. It is known for rows and
/// documents; for other entries it means nothing.
enum class Before : std::uint8_t { absent, present };

/// What a commit did to one key.
struct Change {
    Bytes key;
    std::optional<Bytes> value = std::nullopt;  ///< none: removed
    Before before = Before::absent;
    /// The value before the commit, where it is kept. Only of a key that existed.
    std::optional<Bytes> state_before = std::nullopt;
    std::size_t context = 0;  ///< its place; without meaning if the record has no contexts
};

/// Writes a record, part by part, in the order of the format.
class RecordWriter {
  public:
    /// `bytes`: an upper bound of the record's size, so that it is allocated once.
    explicit RecordWriter(std::size_t bytes, std::span<const Context> contexts = {});
    /// Begins the part of `count` changes. The next `count` calls are `change`. Called for the
    /// relational tree, then for the documents.
    void begin_changes(std::size_t count);
    void change(const Change& change);
    void begin_events(std::size_t count);
    /// `context`: its place among the contexts.
    void event(Bytes event, std::size_t context = 0);
    [[nodiscard]] Buffer finish() && { return std::move(bytes_); }

    /// Upper bounds, for `bytes`.
    static constexpr std::size_t frame_bytes_max = 1 + 4 * 10;
    static constexpr std::size_t context_bytes_max = 3 * 10;  ///< in addition to its texts
    /// In addition to key, value and state before.
    static constexpr std::size_t change_bytes_max = 4 * 10;
    static constexpr std::size_t event_bytes_max = 2 * 10;  ///< in addition to the event

  private:
    void refer_to(std::size_t context);

    Buffer bytes_;
    const bool has_places_;
};

/// A record, read in place. Its bytes must outlive it.
class Record {
    struct Part {
        Bytes bytes;
        std::size_t count = 0;
        std::size_t puts = 0;
        std::size_t content_bytes = 0;
    };

  public:
    using Change = outbox::Change;
    struct Event {
        Bytes bytes;
        std::size_t context = 0;
    };

    /// Reads the whole record once. Throws `corrupt`, naming `sequence`, if anything is out of
    /// bounds or out of order, and `newer_format` for a format of a later version; afterwards
    /// reading it cannot fail.
    Record(Bytes bytes, Sequence sequence);

    [[nodiscard]] const std::vector<Context>& contexts() const noexcept { return contexts_; }
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

    /// Reads the changes of one tree in the order of keys, or the events in the order of publishing,
    /// one at a time. The record must outlive it.
    template <class Item>
    class Items {
      public:
        Items() = default;  ///< of none
        /// False at the end.
        [[nodiscard]] bool next(Item& item) noexcept {
            if (left_ == 0) return false;
            --left_;
            record_->take(rest_, item);
            return true;
        }

      private:
        friend class Record;
        Items(const Record& record, const Part& part) noexcept
            : record_{&record}, rest_{part.bytes}, left_{part.count} {}
        const Record* record_ = nullptr;
        Bytes rest_;
        std::size_t left_ = 0;
    };
    using Changes = Items<Change>;
    using Events = Items<Event>;
    [[nodiscard]] Changes changes_of(TreeId tree) const noexcept {
        return {*this, parts_[index_of(tree)]};
    }
    [[nodiscard]] Events all_events() const noexcept { return {*this, parts_[trees_count]}; }

    /// Calls `visit(const Change&)` for each change of one tree, in the order of keys.
    template <class Visit>
    void each_change(TreeId tree, Visit&& visit) const {
        Changes changes = changes_of(tree);
        for (Change change; changes.next(change);) visit(change);
    }
    /// Calls `visit(const Event&)` for each event, in the order of publishing.
    template <class Visit>
    void each_event(Visit&& visit) const {
        Events events = all_events();
        for (Event event; events.next(event);) visit(event);
    }

  private:
    [[nodiscard]] bool has_places() const noexcept { return contexts_.size() > 1; }
    void take(Bytes& rest, Change& change) const noexcept;
    void take(Bytes& rest, Event& event) const noexcept;

    std::vector<Context> contexts_;
    std::array<Part, trees_count + 1> parts_;
};

}  // namespace amphora::outbox
