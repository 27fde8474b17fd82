#include "transaction/epochs.hpp"

#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <limits>

namespace amphora::transaction {

Buffer epoch_key(Epoch epoch) {
    Buffer key(12, '\0');
    codec::store_big32(key.data(), number(space_epochs));
    codec::store_big64(key.data() + 4, number(epoch));
    return key;
}

Buffer epoch_value(Sequence first) {
    Buffer value(8, '\0');
    codec::store_big64(value.data(), number(first));
    return value;
}

std::optional<Sequence> find_successor(const Reading& reading, Epoch epoch) {
    const auto cursor = reading.cursor(TreeId::relational, epoch_key(Epoch{number(epoch) + 1}),
                                       epoch_key(Epoch{std::numeric_limits<std::uint64_t>::max()}));
    cursor->seek_first();
    if (!cursor->valid()) return std::nullopt;
    if (cursor->value().size() != 8) {
        throw Error{ErrorCode::corrupt,
                    "the record of an epoch's first commit is damaged; run `amphora check`"};
    }
    return Sequence{codec::load_big64(cursor->value().data())};
}

}  // namespace amphora::transaction
