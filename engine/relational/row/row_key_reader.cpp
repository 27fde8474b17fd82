#include "relational/row/row_key_reader.hpp"

#include "base/assert.hpp"
#include "catalog/definition/primary_key.hpp"
#include "codec/key/ordered_key.hpp"
#include "relational/value/conversion.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {
namespace {

[[noreturn]] void refuse(const BoundTable& table, Bytes key, std::string_view why) {
    throw Error{ErrorCode::corrupt,
                fmt::format("a key of table {} is damaged, {}: {}; run check on the database or "
                            "restore a backup",
                            table.name(), codec::describe_key(key), why)};
}

}  // namespace

bool RowKeyReader::read(const BoundTable& table, Bytes key) {
    cells_.clear();
    codec::KeyReader elements{key};
    if (elements.space() != table.definition().space) {
        refuse(table, key, "its first bytes are not the number of the table");
    }
    if (catalog::is_limited_row_key(key)) {
        if (key.size() == codec::key_space_bytes + catalog::primary_key_bytes_max) return false;
        refuse(table, key, "no key has this length");
    }
    texts_.clear();
    texts_.reserve(key.size());
    try {
        for (const std::uint32_t place : table.primary().columns) {
            cells_.push_back(read_cell(table, place, elements));
        }
        // Also finds what the elements do not show one by one: more elements than columns,
        // descending ones, numbers that the columns round.
        catalog::encode_row_key(table.definition(), cells_, again_);
        if (again_ != key) refuse(table, key, "its columns make another key");
    } catch (const Error& error) {
        cells_.clear();
        if (error.code() == ErrorCode::corrupt) throw;
        refuse(table, key, error.what());
    }
    return true;
}

// A stored cell is valid if the column would store it unchanged.
Cell RowKeyReader::read_cell(const BoundTable& table, std::uint32_t place,
                             codec::KeyReader& elements) {
    if (!elements.next()) elements.damaged("another column of the primary key");
    const Cell cell = elements.cell(table.layout().type(place));
    if (cell.is_null()) elements.damaged("a value, and not NULL, as the element that ends");
    Conversion conversion{table.definition(), 0};
    return keep(conversion(place, cell));
}

Cell RowKeyReader::keep(const Cell& cell) {
    if (cell.kind() != Cell::Kind::text && cell.kind() != Cell::Kind::blob) return cell;
    const std::string_view text = cell.text();
    AMPHORA_ASSERT(texts_.capacity() - texts_.size() >= text.size());
    const std::size_t start = texts_.size();
    texts_.append(text);
    const std::string_view kept = Bytes{texts_}.substr(start);
    return cell.kind() == Cell::Kind::text ? Cell::of(kept) : Cell::blob(kept);
}

}  // namespace amphora::relational
