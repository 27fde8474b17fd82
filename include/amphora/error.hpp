#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace amphora {

/// The kinds of error to which a program can react. The list is closed: a code exists if and only
/// if some caller would do something different on seeing it. `Error::what()` is the sentence for
/// people: what happened, where, and what to do. include/amphora/README.md says for each code
/// whether a program changes something, tries again or reopens the database.
enum class ErrorCode : std::uint8_t {
    // The call itself.
    invalid_argument,    ///< an argument that no database could accept; a bug in the caller
    would_deadlock,      ///< a write or a wait inside this thread's own write transaction
    transaction_closed,  ///< the transaction, snapshot or database of this handle has ended
    read_only,           ///< a write to a database that was opened read-only
    used_after_fork,     ///< a forked child uses a database that its parent has opened
    /// A construct of schema, filter or update that this version does not enforce, or a database of
    /// a pre-release format.
    unsupported,
    timeout,  ///< the time allowed for waiting has passed; nothing was changed

    // Opening.
    not_a_database,          ///< the directory holds something else, or is missing
    in_use,                  ///< another process, or this one, has the database open
    newer_format,            ///< written by a later version of the library
    foreign_piece,           ///< a part of the directory belongs to another database or moment
    unsupported_filesystem,  ///< memory maps or locks cannot be trusted there (NFS and the like)

    // Schema.
    schema_syntax,    ///< the schema text is not understood; the message has line and column
    schema_mismatch,  ///< the schema does not fit what is stored; the message lists differences
    no_such_table,    ///< no table or collection has that name
    no_such_column,   ///< the table has no column of that name
    no_such_index,    ///< the table or collection has no index of that name

    // Values and constraints. Nothing was changed by the statement.
    type_mismatch,          ///< a value of a kind that the column or field does not take
    value_out_of_range,     ///< a number or a date beyond what the column holds
    value_too_large,        ///< longer than the column, or than any tree accepts
    invalid_utf8,           ///< text that is not UTF-8
    malformed_json,         ///< not JSON, or not Extended JSON where a type is spelled out
    malformed_bson,         ///< bytes that are not a BSON document
    malformed_csv,          ///< a line that does not have the columns of the header
    duplicate_key,          ///< a row or document with that key exists
    not_null_violation,     ///< NULL, or no value, for a NOT NULL column or field
    check_violation,        ///< a CHECK does not hold, or an ENUM has no such member
    foreign_key_violation,  ///< the parent does not exist, or a child still refers to the row

    // Limits.
    transaction_too_large,  ///< the transaction has collected more than one commit may hold
    documents_stalled,      ///< the documents' backlog is full; rows can still be written
    outbox_full,            ///< undelivered work has reached its bound; try again
    feed_full,              ///< what is kept for feeds and consumers has reached its bound
    disk_full,              ///< no room on the file system or in the map; ends when there is room
    snapshot_expired,       ///< the snapshot is older than the age limit
    too_many_snapshots,     ///< the relational store has no place for one more; let go of some
    result_too_large,       ///< an observed query selects more than it may keep in memory

    // Change feeds.
    unknown_position,  ///< a feed's position is of a commit that the database does not have
    feed_gap,          ///< changes after a feed's position are gone, or a repair may have lost some
    consumer_changed,  ///< a consumer is run with other selections than before
    no_such_consumer,  ///< the database knows no consumer of that name

    // Durability.
    io_error,         ///< the operating system refused; nothing acknowledged is affected
    outcome_unknown,  ///< the commit's frame could not be written or synced; reopening decides
    needs_reopen,  ///< an earlier write or sync failed; reads continue, writes only after reopening
    commit_lost,   ///< the commit was not synced, and a crash took it
    corrupt,       ///< stored bytes do not verify; the message names file and place
};

/// The code's own spelling, for example "duplicate_key".
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

/// The exception that the library throws for everything in `ErrorCode`. Where memory runs out, it
/// throws `std::bad_alloc`. A broken invariant of the library itself does not throw: it stops the
/// process and prints the expression and its place in the source.
class Error : public std::runtime_error {
  public:
    /// `message` is a sentence for people; `what()` returns it.
    Error(ErrorCode code, const std::string& message);

    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    /// The code's own spelling, for logs: "duplicate_key".
    [[nodiscard]] std::string_view code_name() const noexcept { return to_string(code_); }

  private:
    ErrorCode code_;
};

}  // namespace amphora
