#pragma once

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "journal/commit_tags.hpp"
#include "outbox/record.hpp"
#include "transaction/write_contexts.hpp"
#include "transaction/written_keys.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace amphora::transaction {

/// The changes of one transaction, version by version.
///
/// Each write takes the next stamp and adds a version. Nothing is overwritten or freed while the
/// transaction lives. So a cursor that remembers a stamp continues to see the write set as of that
/// stamp, and a savepoint is a stamp: returning to it withdraws the versions after it. Stamps are
/// not given again after that, because an older cursor would then see the new versions.
class WriteSet {
  public:
    using Version = WrittenKeys::Version;

    WriteSet();

    /// Throws `transaction_too_large`, with nothing changed, if the transaction would exceed
    /// `bytes_max`.
    ///
    /// `before`: whether the caller has found the key. `state_before`: the value of the key before
    /// the transaction, if the record is to keep it; only where `earlier` has neither.
    void put(TreeId tree, Bytes key, Bytes value, outbox::Before before,
             std::optional<Bytes> state_before, std::uint64_t bytes_max);
    void erase(TreeId tree, Bytes key, std::optional<Bytes> state_before, std::uint64_t bytes_max);
    void publish(Bytes event, journal::CommitTags tags, std::uint64_t bytes_max);
    /// The context of the writes and events that follow.
    void set_context(const outbox::Context& context, std::uint64_t bytes_max);

    /// What the transaction's writes say of a key before the transaction.
    struct Earlier {
        outbox::Before before = outbox::Before::absent;
        std::optional<Bytes> state;
    };
    /// None if the transaction has not written the key.
    [[nodiscard]] std::optional<Earlier> earlier(TreeId tree, Bytes key) const;

    /// The stamp of the newest write; 0 at the beginning.
    [[nodiscard]] std::uint64_t stamp() const noexcept { return stamp_; }
    void rollback_to(std::uint64_t stamp) noexcept;

    /// The newest version of a key; null if this transaction has not written it.
    [[nodiscard]] const Version* find(TreeId tree, Bytes key) const noexcept {
        return keys_[index_of(tree)].find(key, stamp_);
    }
    [[nodiscard]] const outbox::SkipList& list(TreeId tree) const noexcept {
        return keys_[index_of(tree)].list();
    }
    /// Whether there is nothing to commit.
    [[nodiscard]] bool empty() const noexcept { return writes_.empty() && events_.empty(); }

    /// Of everything that was written, also of what was withdrawn.
    [[nodiscard]] journal::CommitTags tags() const noexcept { return tags_; }
    /// The commit record (outbox/record.hpp): the newest version of each key, and the events.
    [[nodiscard]] Buffer encode() const;

    /// The spaces of the keys that are written, each once, ascending.
    [[nodiscard]] std::vector<SpaceId> spaces() const;

    /// Empties it for the next transaction; no cursor may refer to it. Keeps some memory.
    void clear() noexcept;

  private:
    struct Write {
        Version* version;
    };
    struct Event {
        std::uint64_t stamp;
        Buffer bytes;
    };
    /// The value of a key before the transaction: of the key that the write with this stamp wrote.
    struct StateBefore {
        std::uint64_t stamp;
        Buffer bytes;
    };
    void write(TreeId tree, Bytes key, std::optional<Bytes> value, outbox::Before before,
               std::optional<Bytes> state_before, std::uint64_t bytes_max);
    [[nodiscard]] std::uint64_t room(std::uint64_t bytes_max) const noexcept;
    void require_fit(std::uint64_t bytes, std::uint64_t bytes_max) const;
    [[nodiscard]] std::optional<Bytes> state_before(std::uint64_t stamp) const noexcept;
    [[nodiscard]] Earlier earlier(const Version& newest) const noexcept;

    std::array<WrittenKeys, trees_count> keys_;
    std::vector<Write> writes_;  // in the order of stamps, without those withdrawn
    std::vector<Event> events_;
    std::vector<StateBefore> states_before_;  // in the order of stamps, without those withdrawn
    WriteContexts contexts_;
    journal::CommitTags tags_;
    std::uint64_t stamp_ = 0;
    std::uint64_t bytes_ = 0;            // what counts in commit_bytes_max and is not withdrawn
    std::uint64_t bytes_withdrawn_ = 0;  // still in memory
};

}  // namespace amphora::transaction
