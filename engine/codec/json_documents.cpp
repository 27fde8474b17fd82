#include "codec/json_documents.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::codec {

namespace {

constexpr Bytes byte_order_mark = "\xef\xbb\xbf";

bool is_blank(Bytes line) noexcept {
    return line.find_first_not_of(" \t\r") == Bytes::npos;
}

/// Where brackets and strings end, without judging anything else: the parser does that.
class ElementEnd {
  public:
    /// Looks at text from where it stopped; answers where the element ends if it does.
    std::optional<std::size_t> find(Bytes text) noexcept {
        std::size_t at = at_;
        while (at < text.size()) {
            if (in_string_) {
                at = skip_string(text, at);
                continue;
            }
            switch (text[at]) {
                case '"':
                    in_string_ = true;
                    break;
                case '{':
                case '[':
                    ++depth_;
                    break;
                case '}':
                case ']':
                    if (depth_ == 0) return at;  // the array's own bracket, behind a scalar
                    if (--depth_ == 0) return at + 1;
                    break;
                case ',':
                case ' ':
                case '\t':
                case '\r':
                case '\n':
                    if (depth_ == 0 && at > 0) return at;
                    break;
                default:
                    break;
            }
            ++at;
        }
        at_ = at;
        return std::nullopt;
    }

    [[nodiscard]] std::size_t seen() const noexcept { return at_; }

  private:
    /// Behind the closing quote, or the end of the text.
    std::size_t skip_string(Bytes text, std::size_t at) noexcept {
        if (escaped_) {
            escaped_ = false;
            return at + 1;
        }
        while (at < text.size() && text[at] != '"' && text[at] != '\\') ++at;
        if (at == text.size()) return at;
        escaped_ = text[at] == '\\';
        in_string_ = escaped_;
        return at + 1;
    }

    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
};

/// The beginning of the first line in `text`, begun by a newline before `limit`, that begins a
/// document with at most so much white space before it.
std::optional<std::size_t> find_document_line(Bytes text, std::size_t limit,
                                              std::size_t indentation) noexcept {
    const auto skip_blanks = [&](std::size_t at) {
        return std::min(text.find_first_not_of(" \t", at), text.size());
    };
    for (auto newline = text.find('\n'); newline < limit; newline = text.find('\n', newline + 1)) {
        const std::size_t line = newline + 1;
        std::size_t at = skip_blanks(line);
        if (at - line > indentation) continue;
        if (at < text.size() && text[at] == ',') at = skip_blanks(at + 1);
        if (at < text.size() && text[at] == '{') return line;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Document> JsonDocuments::next() {
    if (state_ == State::start) begin();
    if (state_ == State::lines) return next_line();
    if (state_ != State::behind_array && state_ != State::end) {
        if (auto document = next_element()) return document;
    }
    if (state_ == State::behind_array) check_behind_array();
    return std::nullopt;
}

void JsonDocuments::begin() {
    while (window_.text().size() < byte_order_mark.size() && window_.more()) {
    }
    if (window_.text().starts_with(byte_order_mark)) window_.advance(byte_order_mark.size());
    const auto first = window_.peek();
    state_ = !first ? State::end : *first == '[' ? State::first_element : State::lines;
    if (first == '[') window_.advance(1);
}

std::optional<Document> JsonDocuments::next_line() {
    while (true) {
        std::size_t seen = 0;
        bool too_long = false;
        Bytes::size_type newline = Bytes::npos;
        while ((newline = window_.text().find('\n', seen)) == Bytes::npos) {
            seen = window_.text().size();
            if (seen > json_document_bytes_max) {
                too_long = true;
                line_ = window_.line();
                window_.advance(seen);
                seen = 0;
            }
            if (!window_.more()) break;
        }
        const Bytes line = window_.text().substr(0, newline);
        if (!too_long) line_ = window_.line();
        window_.advance(line.size() + 1);
        if (too_long) refuse("a line of more than 64 MiB");
        if (!is_blank(line)) return parser_.document(line, line_);
        if (newline == Bytes::npos) break;
    }
    state_ = State::end;
    return std::nullopt;
}

bool JsonDocuments::find_element() {
    while (true) {
        const auto next = window_.peek();
        line_ = window_.line();
        if (!next) {
            state_ = State::end;
            refuse("the array's closing bracket is missing");
        }
        const State before = state_;
        switch (*next) {
            case ']':
                window_.advance(1);
                state_ = State::behind_array;
                if (before == State::element) refuse("a comma, and no document behind it");
                return false;
            case ',':
                window_.advance(1);
                state_ = State::element;
                if (before == State::element || before == State::first_element) {
                    refuse("a comma, and no document before it");
                }
                break;
            default:
                if (before != State::separator) return true;
                state_ = State::again;  // what stands here is read by the next call
                refuse("no comma between this and what is before it");
        }
    }
}

JsonDocuments::Extent JsonDocuments::element_extent() {
    using Ending = Extent::Ending;
    ElementEnd element;
    while (true) {
        const auto end = element.find(window_.text());
        if (end) return {*end, Ending::complete};
        if (element.seen() > json_document_bytes_max) return {element.seen(), Ending::too_long};
        if (!window_.more()) return {element.seen(), Ending::stream_ended};
    }
}

std::optional<Document> JsonDocuments::next_element() {
    if (!find_element()) return std::nullopt;
    const std::size_t indentation = window_.indentation();
    const Extent extent = element_extent();
    switch (extent.ending) {
        case Extent::Ending::too_long:
            recover(extent, indentation);
            refuse("a document of more than 64 MiB, or one whose brackets do not match");
        case Extent::Ending::stream_ended:
            recover(extent, indentation);
            refuse("the document does not end: its brackets or quotes do not match");
        case Extent::Ending::complete:
            break;
    }
    try {
        Document document = parser_.document(window_.text().substr(0, extent.bytes), line_);
        window_.advance(extent.bytes);
        state_ = State::separator;
        return document;
    } catch (const Error&) {
        recover(extent, indentation);
        throw;
    }
}

void JsonDocuments::recover(Extent damaged, std::size_t indentation) {
    if (const auto line = find_document_line(window_.text(), damaged.bytes, indentation)) {
        window_.advance(*line);
        state_ = State::again;
        return;
    }
    state_ = State::separator;
    if (damaged.ending == Extent::Ending::complete) return window_.advance(damaged.bytes);
    while (true) {
        // The last newline stays, for the line behind it may be one to go on with.
        const Bytes text = window_.text();
        const auto newline = text.rfind('\n');
        window_.advance(newline == Bytes::npos ? text.size() : newline);
        if (!window_.more()) break;
        const Bytes longer = window_.text();
        if (const auto line = find_document_line(longer, longer.size(), indentation)) {
            window_.advance(*line);
            state_ = State::again;
            return;
        }
    }
    window_.advance(window_.text().size());
    state_ = State::end;
}

void JsonDocuments::check_behind_array() {
    state_ = State::end;
    if (!window_.peek()) return;
    line_ = window_.line();
    window_.advance(window_.text().size());
    refuse("something follows the array");
}

void JsonDocuments::refuse(std::string_view reason) {
    throw Error{ErrorCode::malformed_json, fmt::format("JSON line {}: {}", line_, reason)};
}

}  // namespace amphora::codec
