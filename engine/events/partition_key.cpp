#include "events/partition_key.hpp"

#include "codec/utf8.hpp"
#include "events/change_key.hpp"
#include "relational/row/row.hpp"

#include <amphora/document.hpp>
#include <amphora/value.hpp>

#include <optional>

namespace amphora::events {

namespace {

std::string text_of(const Value& value) {
    return value.is_null() ? std::string{} : to_string(value);
}

std::string text_of(BsonView value) {
    if (value.is_null()) return {};
    if (const auto text = value.as_text()) return std::string{*text};
    return to_json(value);
}

const std::optional<Bytes>& state_of(const CommitChange& change) noexcept {
    return change.after ? change.after : change.before;
}

std::string of_row(const CommitChange& change, std::string_view column) {
    const relational::BoundTable& table = *change.table;
    const std::uint32_t place = table.require_column(column);
    if (const auto& state = state_of(change)) {
        const Cell cell = relational::Row{table, *state}.cell(place);
        return text_of(relational::value_of(table, place, cell));
    }
    for (const auto& [name, value] : key_of(change)) {
        if (name == table.definition().columns[place].name) return text_of(value);
    }
    return {};
}

std::string of_document(const CommitChange& change, std::string_view path) {
    if (const auto& state = state_of(change)) {
        const auto value = DocumentView{*state}.find(path);
        return value ? text_of(*value) : std::string{};
    }
    return path == "_id" ? text_of(id_of(change).view()) : std::string{};
}

}  // namespace

std::string partition_key(const CommitChange& change, std::string_view path) {
    std::string key;
    if (change.table != nullptr) {
        key = of_row(change, path);
    } else if (change.kind != ChangeKind::schema) {
        key = of_document(change, path);
    }
    if (key.size() > partition_key_bytes_max) {
        key.resize(partition_key_bytes_max);
        key.resize(codec::find_invalid_utf8(key).value_or(key.size()));  // half a character
    }
    return key;
}

}  // namespace amphora::events
