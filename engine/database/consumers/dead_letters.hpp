#pragma once

#include "database/reader_state.hpp"
#include "events/commit_change.hpp"
#include "events/sources.hpp"

#include <amphora/consumer.hpp>
#include <amphora/document.hpp>
#include <amphora/object_id.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The changes that consumers have set aside: documents of the system collection
/// `amphora.dead_letters`, each with everything that is needed to show its change again.
namespace amphora::detail {

/// A letter to be written.
struct NewDeadLetter {
    std::string_view consumer;
    std::string_view position;
    const events::CommitChange& change;
    DeadLetterState state = DeadLetterState::dead;
    std::optional<std::string> partition;
    std::uint32_t attempts = 0;
    std::string_view error;
    std::int64_t first_us = 0;  ///< when the first attempt failed
};

/// Throws what inserting a document throws.
ObjectId add_dead_letter(ReaderState& transaction, const NewDeadLetter& letter);

/// The letter as it is stored; none: it is not there any more.
[[nodiscard]] std::optional<Document> find_dead_letter(const ReaderState& reader,
                                                       const ObjectId& id);
/// Those of one consumer, or all with an empty name: by consumer, then in the order of the changes.
[[nodiscard]] std::vector<DeadLetter> read_dead_letters(const ReaderState& reader,
                                                        std::string_view consumer);

/// How many letters of a consumer are dead, and how many are in another state.
struct DeadLetterCounts {
    std::uint64_t dead = 0;
    std::uint64_t others = 0;
};
[[nodiscard]] DeadLetterCounts count_dead_letters(const ReaderState& reader,
                                                  std::string_view consumer);

[[nodiscard]] DeadLetterState state_of(DocumentView letter);
[[nodiscard]] std::uint32_t attempts_of(DocumentView letter);

/// Notes a further attempt.
void note_attempt(ReaderState& transaction, const ObjectId& id, DeadLetterState state,
                  std::uint32_t attempts, std::string_view error);
void set_state(ReaderState& transaction, const ObjectId& id, DeadLetterState state,
               std::uint32_t attempts);
/// Was there one?
bool erase_dead_letter(ReaderState& transaction, const ObjectId& id);
void erase_dead_letters(ReaderState& transaction, std::string_view consumer);
/// Of a consumer that is dropped: its letters are dead, and nothing waits for them.
void forsake_dead_letters(ReaderState& transaction, std::string_view consumer);

/// The change of a letter, which points into the letter and into `sources`. Throws
/// `no_such_table` if its table or collection is not there any more, `corrupt` for a letter that no
/// version wrote.
[[nodiscard]] events::CommitChange change_of(DocumentView letter, const events::Sources& sources);

}  // namespace amphora::detail
