#include "codec/json/documents.hpp"

#include "base/assert.hpp"
#include "codec/json/recovery.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace amphora::codec {

namespace {

constexpr Bytes byte_order_mark = "\xef\xbb\xbf";

std::string describe(char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte >= 0x20 && byte < 0x7f ? fmt::format("'{}'", letter)
                                       : fmt::format("byte {:#04x}", byte);
}

}  // namespace

/// Aborts if a call neither passes a byte of the stream nor ends it, because its caller would never
/// end.
class JsonDocuments::Progress {
  public:
    explicit Progress(const JsonDocuments& documents) noexcept
        : documents_{documents}, offset_{documents.bytes()}, state_{documents.state_} {}
    ~Progress() {
        // From these two states a mistake leads to another state, and never back without a byte.
        const bool changed = documents_.state_ != state_ &&
                             (state_ == State::separator || state_ == State::after_array);
        AMPHORA_ASSERT(documents_.bytes() > offset_ || documents_.state_ == State::end || changed);
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

  private:
    const JsonDocuments& documents_;
    std::uint64_t offset_;
    State state_;
};

std::optional<Document> JsonDocuments::next() {
    const Progress progress{*this};
    try {
        if (state_ == State::start) begin();
        while (state_ != State::end) {
            const std::uint64_t before = bytes();
            if (auto document = step()) return document;
            AMPHORA_ASSERT(bytes() > before || state_ == State::end);
        }
        return std::nullopt;
    } catch (...) {
        if (window_.source_failed()) state_ = State::end;
        throw;
    }
}

void JsonDocuments::begin() {
    while (window_.text().size() < byte_order_mark.size() && window_.more()) {
    }
    if (window_.text().starts_with(byte_order_mark)) window_.advance(byte_order_mark.size());
    const bool is_array = window_.peek() == '[';
    if (is_array) window_.advance(1);
    state_ = is_array ? State::first_element : State::stream;
}

bool JsonDocuments::in_array() const noexcept {
    return state_ != State::stream && state_ != State::after_array;
}

/// Passes one document, one character between documents, or something that is neither.
std::optional<Document> JsonDocuments::step() {
    const std::optional<char> next = window_.peek();
    start_ = window_.place();
    if (!next) {
        finish();
    } else if (state_ == State::after_array) {
        leave_array(*next);
    } else if (*next == ',' && in_array()) {
        pass_comma();
    } else if (*next == ']' && in_array()) {
        close_array();
    } else if (*next == '{') {
        return read_document();
    } else {
        refuse_other(*next);
    }
    return std::nullopt;
}

void JsonDocuments::pass_comma() {
    window_.advance(1);
    const State before = state_;
    state_ = State::element;
    if (before == State::element || before == State::first_element) {
        refuse("a comma without a document before it");
    }
}

void JsonDocuments::close_array() {
    window_.advance(1);
    const State before = state_;
    state_ = State::after_array;
    if (before == State::element) refuse("a comma without a document after it");
}

void JsonDocuments::finish() {
    const bool is_open = in_array();
    state_ = State::end;
    if (is_open) refuse("the array's closing bracket is missing");
}

Document JsonDocuments::read_document() {
    if (state_ == State::separator) {
        state_ = State::again;  // the next call reads the document
        refuse("no comma between this document and the one before it");
    }
    try {
        Document document = parse_document();
        if (in_array()) state_ = State::separator;
        return document;
    } catch (const Error&) {
        if (!window_.source_failed()) recover();
        throw;
    }
}

Document JsonDocuments::parse_document() {
    parser_.begin(start_);
    JsonParser::Input input = JsonParser::Input::more_may_come;
    while (true) {
        const auto end = parser_.read_some(window_.text(), input);
        if (end) {
            Document document = parser_.built();
            window_.advance(*end);
            return document;
        }
        AMPHORA_ASSERT(input == JsonParser::Input::more_may_come);
        if (window_.text().size() > json_document_bytes_max) {
            refuse("a document of more than 256 MiB, or one whose brackets do not match");
        }
        if (!window_.more()) input = JsonParser::Input::has_ended;
    }
}

void JsonDocuments::recover() {
    JsonRecovery recovery{window_.indentation()};
    do {
        window_.advance(recovery.pass(window_.text()));
    } while (!recovery.has_ended() && window_.more());
    if (!recovery.has_ended()) {
        state_ = State::end;
    } else if (in_array()) {
        state_ = State::again;
    }
}

void JsonDocuments::leave_array(char next) {
    // One bracket too many may have closed the array early; what follows is still read.
    state_ = next == ',' ? State::again : State::stream;
    if (Bytes{",{["}.find(next) == Bytes::npos) pass_other(next);
    refuse("something follows the array");
}

void JsonDocuments::refuse_other(char first) {
    if (first == '[') {
        recover();
        refuse("a document is an object and begins with '{', and this is an array");
    }
    pass_other(first);
    const std::string what = describe(first);
    if (first == '}' || first == ']') refuse(fmt::format("{} closes nothing", what));
    if (first == ',') refuse("a comma between documents that are in no array");
    refuse(fmt::format("a document is an object and begins with '{{', and this with {}", what));
}

void JsonDocuments::pass_other(char first) {
    window_.advance(1);
    if (first == '"') {
        pass_until("\"\n");
        if (window_.text().starts_with('"')) window_.advance(1);
    }
    pass_until(in_array() ? Bytes{"{[,]\n"} : Bytes{"{[\n"});
    if (in_array()) state_ = State::again;
}

void JsonDocuments::pass_until(Bytes stops) {
    do {
        const auto stop = window_.text().find_first_of(stops);
        window_.advance(std::min(stop, window_.text().size()));
        if (stop != Bytes::npos) return;
    } while (window_.more());
}

void JsonDocuments::refuse(std::string_view reason) {
    throw Error{ErrorCode::malformed_json,
                fmt::format("JSON {}: {}", codec::describe(start_), reason)};
}

}  // namespace amphora::codec
