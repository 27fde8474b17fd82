#pragma once

#include "codec/json/parser.hpp"
#include "codec/json/window.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <optional>

/// A stream of documents in JSON: one array, or documents one after another with white space or
/// nothing between them. JSON Lines is the second form with one document a line. The first
/// character tells which form it is. A byte order mark is skipped.
///
///   JsonDocuments documents{source};
///   while (true) {
///       try {
///           const auto document = documents.next();
///           if (!document) break;
///           ...
///       } catch (const Error& error) {  // "JSON line 17, column 5: ..."
///           rejected.push_back(error.what());
///       }
///   }
namespace amphora::codec {

/// The longest text of one document. Every possible document fits, as `to_json` writes it on one
/// line: the text of a document is at most 14 times as large as its BSON, for a list of fields
/// without names that are all undefined.
inline constexpr std::size_t json_document_bytes_max = 16 * document_bytes_max;

/// Memory is bounded by the longest document, whose text may have `json_document_bytes_max` bytes.
/// Used by one thread at a time.
///
/// A document is read up to its first mistake. Reading then continues at the end of the damaged
/// document (`JsonRecovery`), which may be before that mistake. Only lines within an unclosed
/// bracket are read more than once: once for each level of nesting, of which there are at most a
/// few hundred.
class JsonDocuments {
  public:
    explicit JsonDocuments(JsonWindow::Source source, const JsonOptions& options = {})
        : window_{std::move(source)}, parser_{options} {}

    /// The next document; none at the end. Throws `malformed_json` with line and column for text
    /// that is no document. The next call continues after it: after its closing bracket or, where
    /// brackets do not match, at the next line that begins a document and is indented no deeper.
    /// Each call passes a part of the stream or ends it. Other errors come from the source and end
    /// the stream.
    [[nodiscard]] std::optional<Document> next();

    /// The line, from 1, on which the document begins that `next` returned or refused last.
    [[nodiscard]] std::uint64_t line() const noexcept { return start_.line; }
    /// Bytes of the stream already passed, for progress.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return window_.offset(); }

  private:
    enum class State : std::uint8_t {
        start,
        stream,         // documents without an array around them
        first_element,  // after the opening bracket
        element,        // after a comma: an element must come
        separator,      // after an element: a comma or the closing bracket
        again,          // after damage: an element, with or without its comma
        after_array,
        end,
    };

    class Progress;

    void begin();
    std::optional<Document> step();
    [[nodiscard]] bool in_array() const noexcept;
    void pass_comma();
    void close_array();
    Document read_document();
    Document parse_document();
    void leave_array(char next);
    /// Passes a character that neither begins a document nor may be between documents.
    void refuse_other(char first);
    void pass_other(char first);
    void pass_until(Bytes stops);
    /// Passes the damaged document at the front of the window.
    void recover();
    void finish();
    [[noreturn]] void refuse(std::string_view reason);

    JsonWindow window_;
    JsonParser parser_;
    State state_ = State::start;
    TextPosition start_{.line = 0};
};

}  // namespace amphora::codec
