#include "relational/table/counter.hpp"

#include "codec/key/writer.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::relational {
namespace {

constexpr std::size_t number_bytes = 8;

std::int64_t number_max(catalog::Type type) noexcept {
    switch (type) {
        case catalog::Type::smallint:
            return INT16_MAX;
        case catalog::Type::integer:
            return INT32_MAX;
        default:
            return INT64_MAX;
    }
}

void keep(transaction::Writing& writing, const BoundTable& table, std::int64_t last) {
    char bytes[number_bytes];
    for (std::size_t i = 0; i < number_bytes; ++i) {
        bytes[i] = static_cast<char>(static_cast<std::uint64_t>(last) >> (56 - 8 * i));
    }
    writing.put(TreeId::relational, codec::KeyWriter{table.definition().counter}.bytes(),
                Bytes{bytes, number_bytes});
}

}  // namespace

std::optional<std::int64_t> find_last_number(const transaction::Reading& reading,
                                             const BoundTable& table) {
    Buffer scratch;
    const std::optional<Bytes> value = reading.find(
        TreeId::relational, codec::KeyWriter{table.definition().counter}.bytes(), scratch);
    if (!value) return std::nullopt;
    if (value->size() != number_bytes) {
        throw Error{ErrorCode::corrupt, fmt::format("the AUTO_INCREMENT counter of {} has {} bytes",
                                                    table.name(), value->size())};
    }
    std::uint64_t last = 0;
    for (const char byte : *value) last = last << 8 | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(last);
}

std::int64_t take_next_number(transaction::Writing& writing, const BoundTable& table) {
    const catalog::Column& column = table.definition().columns[*table.numbered_column()];
    const std::int64_t last = find_last_number(writing, table).value_or(0);
    if (last >= number_max(column.type.type)) {
        throw Error{ErrorCode::value_out_of_range,
                    fmt::format("AUTO_INCREMENT column {} of {} has given its last number, {}",
                                column.name, table.name(), last)};
    }
    keep(writing, table, last + 1);
    return last + 1;
}

void follow_number(transaction::Writing& writing, const BoundTable& table, std::int64_t chosen) {
    if (chosen > find_last_number(writing, table).value_or(0)) keep(writing, table, chosen);
}

}  // namespace amphora::relational
