#include "codec/bson/writer.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::codec {

void BsonWriter::end(Open open) {
    buffer_.push_back('\0');
    const std::size_t bytes = buffer_.size() - open.at;
    if (bytes > document_bytes_max) {
        throw Error{ErrorCode::value_too_large,
                    fmt::format("a document of {} bytes: at most 16 MiB are possible", bytes)};
    }
    store_little(buffer_.data() + open.at, static_cast<std::int32_t>(bytes));
}

ArrayName::ArrayName(std::size_t position) noexcept {
    do {
        digits_[--start_] = static_cast<char>('0' + position % 10);
        position /= 10;
    } while (position != 0);
}

}  // namespace amphora::codec
