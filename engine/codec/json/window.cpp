#include "codec/json/window.hpp"

#include <algorithm>

namespace amphora::codec {

namespace {

constexpr std::size_t chunk_bytes = 64 << 10;
constexpr Bytes white_space = " \t\r\n";

}  // namespace

bool JsonWindow::more() {
    // The passed bytes are removed once they are half of the buffer, so a byte is moved about once
    // on average.
    if (at_ >= buffer_.size() / 2) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    // Appending is faster than resizing, which writes zeros first, above all for small reads.
    if (!chunk_) chunk_ = std::make_unique_for_overwrite<char[]>(chunk_bytes);
    source_failed_ = true;  // set back below, unless the source throws
    const std::size_t read = std::min(source_(chunk_.get(), chunk_bytes), chunk_bytes);
    source_failed_ = false;
    buffer_.append(chunk_.get(), read);
    return read > 0;
}

void JsonWindow::advance(std::size_t bytes) {
    Bytes passed = text().substr(0, bytes);
    at_ += passed.size();
    offset_ += passed.size();
    const std::uint64_t line = place_.line;
    place_ = place_of(passed, passed.size(), place_);
    if (place_.line != line) {
        passed.remove_prefix(passed.rfind('\n') + 1);
        indentation_ = 0;
        in_indentation_ = true;
    }
    if (!in_indentation_) return;
    const std::size_t blank = std::min(passed.find_first_not_of(" \t"), passed.size());
    indentation_ += blank;
    in_indentation_ = blank == passed.size();
}

std::optional<char> JsonWindow::peek() {
    do {
        const Bytes rest = text();
        const auto next = rest.find_first_not_of(white_space);
        advance(std::min(next, rest.size()));
        if (next != Bytes::npos) return rest[next];
    } while (more());
    return std::nullopt;
}

}  // namespace amphora::codec
