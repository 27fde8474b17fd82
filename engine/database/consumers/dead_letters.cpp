#include "database/consumers/dead_letters.hpp"

#include "events/change_key.hpp"
#include "relational/row/row.hpp"
#include "stores/documents.hpp"

#include <amphora/document.hpp>
#include <amphora/schema.hpp>

#include <optional>

namespace amphora::detail {

namespace {

constexpr Collection dead_letters{"amphora.dead_letters"};

BsonValue binary(Bytes bytes) {
    return Binary{.bytes = bytes};
}

/// A state of a row has its bytes, that of a document or event is readable as it is.
BsonValue state_of(const events::CommitChange& change, const std::optional<Bytes>& state) {
    if (!state) return {};
    if (change.table != nullptr || change.kind == ChangeKind::schema) return binary(*state);
    return Document{DocumentView{*state}};
}

Document document_of(const events::CommitChange& change) {
    Document document{{"kind", to_string(change.kind)}, {"name", change.name}};
    if (change.table != nullptr) {
        std::string key;
        for (const auto& [column, value] : events::key_of(change)) {
            key += (key.empty() ? "" : ", ") + column + " " + to_string(value);
        }
        document.append("row", key);
    }
    document.append("key", binary(change.key));
    document.append("after", state_of(change, change.after));
    document.append("before", state_of(change, change.before));
    document.append("origin", change.context.origin);
    document.append("correlation", change.context.correlation);
    document.append("causation", change.context.causation);
    document.append("epoch", static_cast<std::int64_t>(number(change.commit.epoch)));
    document.append("sequence", static_cast<std::int64_t>(number(change.commit.sequence)));
    document.append("index", static_cast<std::int64_t>(change.index));
    document.append("is_last", change.is_last);
    document.append("time_us", change.time_us);
    return document;
}

}  // namespace

void add_dead_letter(ReaderState& transaction, const DeadLetter& letter) {
    Document document{{"consumer", letter.consumer},
                      {"position", to_string(letter.position)},
                      {"at", now},
                      {"attempts", static_cast<std::int32_t>(letter.attempts)},
                      {"error", letter.error},
                      {"first_at", DateTime{letter.first_us}},
                      {"change", document_of(letter.change)}};
    static_cast<void>(
        stores::insert(transaction.writing(), transaction.schema(), dead_letters, document));
}

std::uint64_t count_dead_letters(const ReaderState& reader, std::string_view consumer) {
    const Document filter{{"consumer", consumer}};
    const auto found = stores::find(reader.reading(), reader.schema(), dead_letters,
                                    document::Filter{filter.view()});
    std::uint64_t count = 0;
    while (found->next()) ++count;
    return count;
}

}  // namespace amphora::detail
