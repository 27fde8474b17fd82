#pragma once

#include "events/commit_change.hpp"
#include "events/schema_history.hpp"
#include "journal/journal.hpp"
#include "outbox/record.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace amphora::events {

/// The changes of one commit, one after the other: changes of the schema, rows by table and key,
/// documents by collection and key, then events in the order in which they were published.
///
/// Each row and document comes once, with the net effect of the transaction. One that the
/// transaction inserted and erased again is no change.
class CommitReader {
  public:
    /// `history` must outlive it.
    explicit CommitReader(SchemaHistory& history) : history_{history} {}
    CommitReader(const CommitReader&) = delete;
    CommitReader& operator=(const CommitReader&) = delete;

    /// The record must stay in memory until the next `begin`. Throws `corrupt`, `newer_format`, and
    /// what `SchemaHistory::at` throws.
    void begin(const journal::Entry& entry);
    /// The next change of the commit, valid until the call after the next one; null at the end.
    /// Throws `corrupt` for an event or a definition that no version wrote.
    [[nodiscard]] const CommitChange* next();

  private:
    /// Two, because a change is known to be the last one only when another has been looked for.
    struct Slot {
        CommitChange change;
        std::string name;  ///< of a schema change
        std::string text;
    };
    [[nodiscard]] bool look_ahead(Slot& slot);
    [[nodiscard]] bool take(const outbox::Change& stored, TreeId tree, Slot& slot) const;
    void take_event(const outbox::Record::Event& event, Slot& slot) const;
    void take_definition(const outbox::Change& stored, Slot& slot) const;

    SchemaHistory& history_;
    const Sources* then_ = nullptr;  ///< as of the commit
    std::optional<outbox::Record> record_;
    outbox::Record::Changes rows_;
    outbox::Record::Changes documents_;
    outbox::Record::Events events_;
    Commit commit_;
    std::int64_t time_us_ = 0;
    std::array<Slot, 2> slots_;
    std::size_t ahead_ = 0;  ///< the slot of the change that comes next
    bool has_next_ = false;
    std::uint32_t index_ = 0;
};

}  // namespace amphora::events
