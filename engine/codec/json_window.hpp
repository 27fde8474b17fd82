#pragma once

#include "base/bytes.hpp"
#include "codec/json_place.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace amphora::codec {

/// The part of a stream of text that was read from the source and is not yet passed.
class JsonWindow {
  public:
    /// Puts up to so many bytes there and answers how many; 0 at the end. May throw.
    using Source = std::function<std::size_t(char* into, std::size_t bytes_max)>;

    explicit JsonWindow(Source source) : source_{std::move(source)} {}

    /// What was passed stays in its memory until `more` is called.
    [[nodiscard]] Bytes text() const noexcept { return Bytes{buffer_}.substr(at_); }
    /// Reads on at the end of the text; false if the source has ended. Throws what the source
    /// throws.
    bool more();
    [[nodiscard]] bool source_failed() const noexcept { return source_failed_; }
    void advance(std::size_t bytes);

    /// The next character that is no white space, which is then the first of the text.
    [[nodiscard]] std::optional<char> peek();

    /// Of the first byte of the text: its line and column; its offset in the stream; how much white
    /// space its line begins with.
    [[nodiscard]] JsonPlace place() const noexcept { return place_; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::size_t indentation() const noexcept { return indentation_; }

  private:
    Source source_;
    std::unique_ptr<char[]> chunk_;  // what the source gives next
    Buffer buffer_;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0;
    JsonPlace place_;
    std::size_t indentation_ = 0;
    bool source_failed_ = false;
    bool in_indentation_ = true;  // nothing but white space on the line so far
};

}  // namespace amphora::codec
