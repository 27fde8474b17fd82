#include <amphora/error.hpp>

namespace amphora {

std::string_view to_string(ErrorCode code) noexcept {
    switch (code) {
#define AMPHORA_SPELL(name) \
    case ErrorCode::name:   \
        return #name
        AMPHORA_SPELL(invalid_argument);
        AMPHORA_SPELL(would_deadlock);
        AMPHORA_SPELL(transaction_closed);
        AMPHORA_SPELL(read_only);
        AMPHORA_SPELL(used_after_fork);
        AMPHORA_SPELL(unsupported);
        AMPHORA_SPELL(timeout);
        AMPHORA_SPELL(not_a_database);
        AMPHORA_SPELL(in_use);
        AMPHORA_SPELL(newer_format);
        AMPHORA_SPELL(foreign_piece);
        AMPHORA_SPELL(unsupported_filesystem);
        AMPHORA_SPELL(schema_syntax);
        AMPHORA_SPELL(schema_mismatch);
        AMPHORA_SPELL(no_such_table);
        AMPHORA_SPELL(no_such_column);
        AMPHORA_SPELL(no_such_index);
        AMPHORA_SPELL(type_mismatch);
        AMPHORA_SPELL(value_out_of_range);
        AMPHORA_SPELL(value_too_large);
        AMPHORA_SPELL(invalid_utf8);
        AMPHORA_SPELL(malformed_json);
        AMPHORA_SPELL(malformed_bson);
        AMPHORA_SPELL(malformed_csv);
        AMPHORA_SPELL(duplicate_key);
        AMPHORA_SPELL(not_null_violation);
        AMPHORA_SPELL(check_violation);
        AMPHORA_SPELL(foreign_key_violation);
        AMPHORA_SPELL(transaction_too_large);
        AMPHORA_SPELL(documents_stalled);
        AMPHORA_SPELL(outbox_full);
        AMPHORA_SPELL(feed_full);
        AMPHORA_SPELL(disk_full);
        AMPHORA_SPELL(snapshot_expired);
        AMPHORA_SPELL(too_many_snapshots);
        AMPHORA_SPELL(result_too_large);
        AMPHORA_SPELL(unknown_position);
        AMPHORA_SPELL(feed_gap);
        AMPHORA_SPELL(consumer_changed);
        AMPHORA_SPELL(no_such_consumer);
        AMPHORA_SPELL(io_error);
        AMPHORA_SPELL(outcome_unknown);
        AMPHORA_SPELL(needs_reopen);
        AMPHORA_SPELL(commit_lost);
        AMPHORA_SPELL(corrupt);
#undef AMPHORA_SPELL
    }
    return "unknown";  // a number that no enumerator has
}

Error::Error(ErrorCode code, const std::string& message)
    : std::runtime_error{message}, code_{code} {}

}  // namespace amphora
