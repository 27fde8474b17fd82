#include "relational/row/row_key.hpp"

#include "codec/key/ordered_key.hpp"
#include "relational/value/comparison.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {

RowKey::RowKey(const BoundTable& table, Bytes primary_part) {
    const std::uint32_t space = number(table.definition().space);
    key_.reserve(codec::key_space_bytes + primary_part.size());
    for (int shift = 24; shift >= 0; shift -= 8) key_.push_back(static_cast<char>(space >> shift));
    key_.append(primary_part);
}

std::optional<Row> find_row(const transaction::Reading& reading, const BoundTable& table,
                            const RowKey& key, std::span<const Cell> primary, Buffer& scratch) {
    const std::optional<Bytes> value = reading.find(TreeId::relational, key.bytes(), scratch);
    if (!value) return std::nullopt;
    const Row row{table, *value};
    if (key.is_limited()) {
        const std::span<const std::uint32_t> places = table.primary().columns;
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (!same(row.cell(places[i]), primary[i])) return std::nullopt;
        }
    }
    return row;
}

Row require_row(const transaction::Reading& reading, const BoundTable& table,
                const BoundIndex& index, Bytes primary_part, Buffer& scratch) {
    const RowKey key{table, primary_part};
    const std::optional<Bytes> value = reading.find(TreeId::relational, key.bytes(), scratch);
    if (!value) refuse_missing_row(table, index, key);
    return Row{table, *value};
}

void refuse_missing_row(const BoundTable& table, const BoundIndex& index, const RowKey& key) {
    throw Error{
        ErrorCode::corrupt,
        fmt::format("index {} of {} has an entry for a row that is not there: {}",
                    index.definition->name, table.name(), codec::describe_key(key.bytes()))};
}

}  // namespace amphora::relational
