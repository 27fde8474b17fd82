#pragma once

#include "base/bytes.hpp"

#include <cstddef>

namespace amphora::codec {

/// Finds the end of a damaged document in a stream: its closing bracket or, before that, a line
/// that begins another document and is indented no deeper than the damaged one. Brackets of both
/// kinds count alike, because the damage may be a wrong bracket. A newline ends a string: JSON
/// strings contain no newline, so a missing quote does not swallow the following lines.
///
/// Every byte is read once, and each call with text passes at least one byte or has found the end.
class JsonRecovery {
  public:
    /// The stream is at the opening bracket of the damaged document; its line begins with
    /// `indentation` bytes of white space.
    explicit JsonRecovery(std::size_t indentation) noexcept : indentation_{indentation} {}

    /// The number of bytes of the piece that belong to the damaged document. The next call takes
    /// the bytes after them.
    [[nodiscard]] std::size_t pass(Bytes piece) noexcept;
    /// The damaged document ends where the last `pass` stopped.
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }

  private:
    [[nodiscard]] bool begins_document(char letter) const noexcept;
    void follow_line(char letter) noexcept;
    void follow_text(char letter) noexcept;
    void follow_brackets(char letter) noexcept;

    std::size_t indentation_;
    std::size_t depth_ = 0;
    bool in_text_ = false;
    bool escaped_ = false;
    bool ended_ = false;
    // About the current line, while it has had only white space and at most one comma.
    bool at_line_start_ = false;
    bool comma_seen_ = false;
    std::size_t blanks_ = 0;
};

}  // namespace amphora::codec
