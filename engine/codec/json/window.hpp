#pragma once

#include "base/bytes.hpp"
#include "codec/json/text_position.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace amphora::codec {

/// The part of a stream of text that was read from the source and is not passed yet.
class JsonWindow {
  public:
    /// Puts up to `bytes_max` bytes at `into` and returns how many; 0 at the end. May throw.
    using Source = std::function<std::size_t(char* into, std::size_t bytes_max)>;

    explicit JsonWindow(Source source) : source_{std::move(source)} {}

    /// The bytes stay in memory until `more` is called, also after they are passed.
    [[nodiscard]] Bytes text() const noexcept { return Bytes{buffer_}.substr(at_); }
    /// Reads more text to the end of the window; false if the source has ended. Throws what the
    /// source throws.
    bool more();
    [[nodiscard]] bool source_failed() const noexcept { return source_failed_; }
    void advance(std::size_t bytes);

    /// The next character that is not white space, which is then the first of the text.
    [[nodiscard]] std::optional<char> peek();

    /// Of the first byte of the text: its line and column, its offset in the stream, and the size
    /// of the white space with which its line begins.
    [[nodiscard]] TextPosition place() const noexcept { return place_; }
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::size_t indentation() const noexcept { return indentation_; }

  private:
    Source source_;
    std::unique_ptr<char[]> chunk_;  // the next bytes from the source
    Buffer buffer_;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0;
    TextPosition place_;
    std::size_t indentation_ = 0;
    bool source_failed_ = false;
    bool in_indentation_ = true;  // nothing but white space on the line so far
};

}  // namespace amphora::codec
