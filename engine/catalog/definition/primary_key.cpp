#include "catalog/definition/primary_key.hpp"

#include "base/assert.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"

namespace amphora::catalog {
namespace {

constexpr std::size_t row_key_bytes_max = codec::key_space_bytes + primary_key_bytes_max;

}  // namespace

void encode_row_key(const Table& table, std::span<const Cell> cells, Buffer& key) {
    AMPHORA_ASSERT(cells.size() == table.primary_key.size());
    codec::KeyWriter writer{table.space};
    for (const Cell& cell : cells) {
        AMPHORA_ASSERT(!cell.is_null() && !cell.is_absent());
        writer.cell(cell);
    }
    key.assign(writer.bytes());
    codec::limit_key(key, row_key_bytes_max);
}

bool is_limited_row_key(Bytes key) noexcept {
    return codec::is_limited(key, row_key_bytes_max);
}

}  // namespace amphora::catalog
