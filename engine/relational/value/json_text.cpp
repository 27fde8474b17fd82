#include "relational/value/json_text.hpp"

namespace amphora::relational {
namespace {

// Recursive descent over the grammar of RFC 8259. Each step returns whether it found what its name
// says. It leaves `at` after that, or at the first byte that does not fit.
class JsonText {
  public:
    explicit JsonText(std::string_view text) noexcept : text_{text} {}

    std::optional<std::size_t> find_invalid() noexcept {
        if (!value(0)) return at_;
        space();
        if (at_ != text_.size()) return at_;
        return std::nullopt;
    }

  private:
    [[nodiscard]] char here() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) noexcept {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void space() noexcept {
        while (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r') ++at_;
    }
    bool word(std::string_view wanted) noexcept {
        for (const char c : wanted) {
            if (!take(c)) return false;
        }
        return true;
    }
    bool digits() noexcept {
        if (here() < '0' || here() > '9') return false;
        while (here() >= '0' && here() <= '9') ++at_;
        return true;
    }
    bool number() noexcept {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (here() == 'e' || here() == 'E') {
            ++at_;
            if (!take('+')) take('-');
            if (!digits()) return false;
        }
        return true;
    }
    bool hexadecimal() noexcept {
        const char c = here();
        const bool is = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (is) ++at_;
        return is;
    }
    bool string() noexcept {
        if (!take('"')) return false;
        for (;;) {
            if (at_ >= text_.size() || static_cast<unsigned char>(text_[at_]) < 0x20) return false;
            const char c = text_[at_++];
            if (c == '"') return true;
            if (c != '\\') continue;
            if (take('u')) {
                for (int i = 0; i < 4; ++i) {
                    if (!hexadecimal()) return false;
                }
            } else if (at_ < text_.size() &&
                       std::string_view{"\"\\/bfnrt"}.find(text_[at_]) != std::string_view::npos) {
                ++at_;
            } else {
                return false;
            }
        }
    }
    bool members(int depth) noexcept {
        space();
        if (take('}')) return true;
        for (;;) {
            space();
            if (!string()) return false;
            space();
            if (!take(':') || !value(depth)) return false;
            space();
            if (take('}')) return true;
            if (!take(',')) return false;
        }
    }
    bool elements(int depth) noexcept {
        space();
        if (take(']')) return true;
        for (;;) {
            if (!value(depth)) return false;
            space();
            if (take(']')) return true;
            if (!take(',')) return false;
        }
    }
    bool value(int depth) noexcept {
        space();
        if (at_ >= text_.size()) return false;
        switch (text_[at_]) {
            case '{':
                if (depth == json_depth_max) return false;
                ++at_;
                return members(depth + 1);
            case '[':
                if (depth == json_depth_max) return false;
                ++at_;
                return elements(depth + 1);
            case '"':
                return string();
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<std::size_t> find_invalid_json(std::string_view text) noexcept {
    return JsonText{text}.find_invalid();
}

}  // namespace amphora::relational
