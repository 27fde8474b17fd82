#include "events/change_key.hpp"

#include "document/collection/keys.hpp"
#include "relational/row/row.hpp"
#include "relational/row/row_key_reader.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::events {

namespace {

const std::optional<Bytes>& a_state(const CommitChange& change) noexcept {
    return change.after ? change.after : change.before;
}

/// A limited key names nothing, so the commit stores the state before with it.
[[noreturn]] void refuse_unnamed(const CommitChange& change) {
    throw Error{ErrorCode::corrupt,
                fmt::format("commit {}: {} of {} has a key that is too long to name anything, and "
                            "no state; check the journal, and restore a backup",
                            number(change.commit.sequence), to_string(change.kind), change.name)};
}

}  // namespace

FeedPosition position_of(const CommitChange& change, const Lineage& lineage) noexcept {
    const bool is_read = change.kind == ChangeKind::read;
    return {lineage.of(change.commit.sequence).bytes, change.commit.sequence,
            is_read ? FeedPosition::whole_commit : change.index};
}

Record key_of(const CommitChange& row) {
    const relational::BoundTable& table = *row.table;
    const std::span<const std::uint32_t> places = table.primary().columns;
    Record key;
    const auto add = [&](std::size_t at, const Cell& cell) {
        key.set(table.definition().columns[places[at]].name,
                relational::value_of(table, places[at], cell));
    };
    if (const auto& state = a_state(row)) {
        const relational::Row stored{table, *state};
        for (std::size_t at = 0; at < places.size(); ++at) add(at, stored.cell(places[at]));
        return key;
    }
    relational::RowKeyReader reader;
    if (!reader.read(table, row.key)) refuse_unnamed(row);
    for (std::size_t at = 0; at < places.size(); ++at) add(at, reader.cells()[at]);
    return key;
}

BsonValue id_of(const CommitChange& document) {
    if (const auto& state = a_state(document)) {
        if (const auto id = DocumentView{*state}.field("_id")) return BsonValue{*id};
    }
    if (auto id = document::id_of_key(document.key)) return *std::move(id);
    refuse_unnamed(document);
}

}  // namespace amphora::events
