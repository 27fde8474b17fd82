#include "codec/bytes_io.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

namespace amphora::codec {

void BytesReader::damaged(std::string_view expected) const {
    throw Error{ErrorCode::corrupt,
                fmt::format("{} of {} bytes is damaged: expected {} at offset {}; run check on the "
                            "database or restore a backup",
                            what_, bytes_.size(), expected, at_)};
}

}  // namespace amphora::codec
