#include "database/json/change_json.hpp"

#include "base/name_list.hpp"
#include "catalog/definition/definition.hpp"
#include "codec/bson/key.hpp"
#include "codec/json/text.hpp"
#include "codec/key/reader.hpp"
#include "codec/key/writer.hpp"
#include "database/json/cell_text.hpp"
#include "database/json/masked_document.hpp"
#include "database/row_access.hpp"

#include <amphora/archive.hpp>
#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace amphora::detail {

namespace {

using codec::append_quoted;
using codec::JsonObjectText;

bool is_among(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::any_of(
        names, [&](const std::string& one) { return catalog::same_name(one, name); });
}

/// Two numbers that are equal find the same document, so they get the same text: that of the value
/// that is read back from a key.
BsonValue plain_id(const Change& change) {
    codec::KeyWriter written{SpaceId{}};
    codec::append_key(written, change.id());
    codec::KeyReader read{written.bytes()};
    return codec::read_value(read);
}

/// Of a FLOAT or DOUBLE column in a key: 0.0 and -0.0 are the same key.
Cell plain_cell(const Cell& cell) {
    return cell.kind() == Cell::Kind::real && cell.real() == 0 ? Cell::of(0.0) : cell;
}

std::vector<std::string> parts_of(const MaskedColumn& masked) {
    std::vector<std::string> parts;
    std::string_view rest = masked.column;
    for (;;) {
        const std::size_t dot = rest.find('.');
        parts.emplace_back(rest.substr(0, dot));
        if (parts.back().empty()) {
            throw Error{ErrorCode::invalid_argument,
                        fmt::format("'{}' of {} cannot be masked: it is no path of a field; write "
                                    "names with one dot between them",
                                    masked.column, masked.source)};
        }
        if (dot == std::string_view::npos) return parts;
        rest.remove_prefix(dot + 1);
    }
}

}  // namespace

namespace {

std::string names_of_users(const std::vector<SpaceReport>& spaces) {
    NameList names;
    for (const SpaceReport& space : spaces) {
        if (!space.is_system) names.add(space.name);
    }
    return names.text();
}

}  // namespace

FormSource::FormSource(const Database& source)
    : path{source.path()},
      database{source.statistics().database},
      spaces{source.describe(Spaces::all)} {}

FormSource::FormSource(const Archive& source)
    : path{source.path()}, database{source.database()}, spaces{source.describe(Spaces::all)} {}

ChangeJson::ChangeJson(const FormSource& from, const std::vector<MaskedColumn>& masked) {
    for (const SpaceReport& space : from.spaces) {
        Source& source = sources_[hash_name(space.name)];
        source.is_collection = space.is_collection;
        for (const ColumnReport& column : space.columns) {
            if (column.type == "FLOAT") source.floats.push_back(column.name);
        }
    }
    for (const MaskedColumn& column : masked) mask(from, column);
}

void ChangeJson::mask(const FormSource& from, const MaskedColumn& masked) {
    const std::vector<SpaceReport>& spaces = from.spaces;
    const auto space = std::ranges::find_if(spaces, [&](const SpaceReport& one) {
        return catalog::same_name(one.name, masked.source);
    });
    if (space == spaces.end()) {
        throw Error{ErrorCode::no_such_table,
                    fmt::format("{} has no table or collection {} with a column to mask; it has {}",
                                from.path, masked.source, names_of_users(spaces))};
    }
    Source& source = sources_[hash_name(space->name)];
    if (space->is_collection) {
        Path path = parts_of(masked);
        if (path.front() == "_id") {
            throw Error{ErrorCode::invalid_argument,
                        fmt::format("{}.{} cannot be masked: the _id is the key of each change; "
                                    "mask other fields, or do not select the collection",
                                    space->name, masked.column)};
        }
        source.paths.push_back(std::move(path));
        return;
    }
    const auto column = std::ranges::find_if(space->columns, [&](const ColumnReport& one) {
        return catalog::same_name(one.name, masked.column);
    });
    if (column == space->columns.end()) {
        throw Error{
            ErrorCode::no_such_column,
            fmt::format("table {} has no column {} to mask; it has {}", space->name, masked.column,
                        NameList{space->columns, &ColumnReport::name}.text())};
    }
    if (column->primary_key) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{}.{} cannot be masked: the primary key is the key of each "
                                "change; mask other columns, or do not select the table",
                                space->name, column->name)};
    }
    source.masked.push_back(column->name);
}

const ChangeJson::Source* ChangeJson::find(std::string_view name) const {
    const auto found = sources_.find(hash_name(name));
    return found == sources_.end() ? nullptr : &found->second;
}

void ChangeJson::append_key(Buffer& json, const Change& change) const {
    if (change.is_document()) {
        json += to_json(plain_id(change).view());
        return;
    }
    const Source* const source = find(change.name());
    JsonObjectText object{json};
    for (const auto& [name, value] : change.key()) {
        const bool is_float = source != nullptr && is_among(source->floats, name);
        append_cell(object.member(name), plain_cell(value.cell()),
                    is_float ? Precision::single : Precision::twofold);
    }
    object.end();
}

std::vector<std::string> ChangeJson::key_values(const Change& change) const {
    std::vector<std::string> values;
    if (change.is_document()) {
        const BsonValue id = plain_id(change);
        const auto text = id.view().as_text();
        values.push_back(text ? std::string{*text} : to_json(id.view()));
        return values;
    }
    for (const auto& [name, value] : change.key()) {
        const Cell cell = plain_cell(value.cell());
        if (cell.kind() == Cell::Kind::text) {
            values.emplace_back(cell.text());
            continue;
        }
        Buffer json;
        const Source* const source = find(change.name());
        const bool is_float = source != nullptr && is_among(source->floats, name);
        append_cell(json, cell, is_float ? Precision::single : Precision::twofold);
        const bool is_quoted = json.starts_with('"');
        values.push_back(is_quoted ? json.substr(1, json.size() - 2) : json);
    }
    return values;
}

bool ChangeJson::has_before(const Change& change) {
    return change.is_row() ? change.row_before() != nullptr
                           : change.is_document() && change.document_before().has_value();
}

void ChangeJson::append_row(Buffer& json, const RowView* view, const Source* source) {
    if (view == nullptr) {
        json += "null";
        return;
    }
    const relational::Row& row = RowAccess::row(*view);
    const std::vector<catalog::Column>& columns = row.table().definition().columns;
    JsonObjectText object{json};
    for (std::uint32_t at = 0; at < columns.size(); ++at) {
        const catalog::Column& column = columns[at];
        Buffer& to = object.member(column.name);
        if (source != nullptr && is_among(source->masked, column.name)) {
            append_quoted(to, mask_text);
            continue;
        }
        const Cell cell = row.cell(at);
        if (cell.kind() == Cell::Kind::enumeration) {
            append_cell(to, relational::value_of(row.table(), at, cell).cell(), Precision::twofold);
        } else {
            append_cell(
                to, cell,
                column.type.type == catalog::Type::real32 ? Precision::single : Precision::twofold);
        }
    }
    object.end();
}

void ChangeJson::append_document(Buffer& json, const OptionalDocument& document,
                                 const Source* source) {
    if (!document) {
        json += "null";
    } else if (source == nullptr || source->paths.empty()) {
        json += to_json(*document);
    } else {
        append_masked(json, *document, Paths(source->paths.begin(), source->paths.end()));
    }
}

void ChangeJson::append_before(Buffer& json, const Change& change) const {
    const Source* const source = find(change.name());
    if (change.is_row()) {
        append_row(json, change.row_before(), source);
    } else {
        append_document(json, change.document_before(), source);
    }
}

void ChangeJson::append_after(Buffer& json, const Change& change) const {
    const Source* const source = find(change.name());
    if (change.is_row()) {
        append_row(json, change.row_after(), source);
    } else {
        append_document(json, change.document_after(), source);
    }
}

std::string rfc3339(DateTime moment) {
    using namespace std::chrono;
    const sys_time<microseconds> at = moment.to_chrono();
    const sys_days day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss<microseconds> time{at - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count(),
                       time.subseconds().count());
}

bool is_of_collection(const Change& schema_change) {
    return schema_change.definition().starts_with("CREATE COLLECTION");
}

}  // namespace amphora::detail
