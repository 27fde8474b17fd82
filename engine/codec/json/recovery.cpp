#include "codec/json/recovery.hpp"

#include "base/assert.hpp"

namespace amphora::codec {

namespace {

/// The offset of the next character that may end a string or a line.
std::size_t skip_plain_text(Bytes piece, std::size_t at) noexcept {
    while (at < piece.size() && piece[at] != '"' && piece[at] != '\\' && piece[at] != '\n') ++at;
    return at;
}

}  // namespace

std::size_t JsonRecovery::pass(Bytes piece) noexcept {
    AMPHORA_ASSERT(!ended_);
    std::size_t at = 0;
    while (at < piece.size() && !ended_) {
        if (begins_document(piece[at])) {
            ended_ = true;
            break;
        }
        follow_line(piece[at]);
        if (!in_text_) {
            follow_brackets(piece[at++]);
            continue;
        }
        follow_text(piece[at++]);
        if (in_text_ && !escaped_ && !at_line_start_) at = skip_plain_text(piece, at);
    }
    AMPHORA_ASSERT(at > 0 || ended_ || piece.empty());
    return at;
}

bool JsonRecovery::begins_document(char letter) const noexcept {
    return letter == '{' && at_line_start_ && blanks_ <= indentation_;
}

void JsonRecovery::follow_line(char letter) noexcept {
    switch (letter) {
        case '\n':
            at_line_start_ = true;
            comma_seen_ = false;
            blanks_ = 0;
            break;
        case ' ':
        case '\t':
            if (!comma_seen_) ++blanks_;
            break;
        case ',':
            at_line_start_ = at_line_start_ && !comma_seen_;
            comma_seen_ = true;
            break;
        default:
            at_line_start_ = false;
            break;
    }
}

void JsonRecovery::follow_text(char letter) noexcept {
    if (escaped_) {
        escaped_ = false;
    } else if (letter == '\\') {
        escaped_ = true;
    } else if (letter == '"') {
        in_text_ = false;
    }
}

void JsonRecovery::follow_brackets(char letter) noexcept {
    switch (letter) {
        case '"':
            in_text_ = true;
            break;
        case '{':
        case '[':
            ++depth_;
            break;
        case '}':
        case ']':
            if (depth_ > 0) --depth_;
            ended_ = depth_ == 0;
            break;
        default:
            break;
    }
}

}  // namespace amphora::codec
