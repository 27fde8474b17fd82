#pragma once

#include "codec/json_parser.hpp"
#include "codec/json_window.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <optional>

/// A stream of documents in JSON: one array, or documents one after another with white space or
/// nothing between them, however each is laid out. JSON Lines is the second with one document a
/// line. Whether it is an array, the first character tells. A byte order mark is skipped.
///
///   JsonDocuments documents{[&](char* into, std::size_t bytes) { return file.read(into, bytes);
///   }}; while (true) {
///       try {
///           const auto document = documents.next();
///           if (!document) break;
///           ...
///       } catch (const Error& error) {  // "JSON line 17, column 5: ..."
///           rejected.push_back(error.what());
///       }
///   }
namespace amphora::codec {

/// The longest text of one document. Every document that there is fits in it, as `to_json` spells
/// it on one line: no BSON takes more than 14 times its size, the ratio of a list of fields without
/// names that are all undefined.
inline constexpr std::size_t json_document_bytes_max = 16 * document_bytes_max;

/// Memory is bounded by one document: its text may have `json_document_bytes_max` bytes. Used by
/// one thread at a time.
///
/// A document is read up to its first mistake. Reading then continues at the end of the damaged
/// document (`JsonRecovery`), which may be before that mistake. Nothing is read twice but lines
/// within an unclosed bracket: once for each level of nesting, of which there are at most some
/// hundreds.
class JsonDocuments {
  public:
    explicit JsonDocuments(JsonWindow::Source source, const JsonOptions& options = {})
        : window_{std::move(source)}, parser_{options} {}

    /// The next document, or nothing at the end. Throws `malformed_json` with line and column for
    /// what is none; the next call continues after it: after its closing bracket or, where brackets
    /// do not match, at the next line that begins a document and is indented no deeper. Each call
    /// passes some of the stream or ends it. Other errors come from the source and end the stream.
    [[nodiscard]] std::optional<Document> next();

    /// The line on which the document begins that `next` gave, or refused, last; from 1.
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
    /// Passes what is neither a document nor a sign that may stand here.
    void refuse_other(char first);
    void pass_other(char first);
    void pass_until(Bytes stops);
    /// Passes the damaged document that the window is at.
    void recover();
    void finish();
    [[noreturn]] void refuse(std::string_view reason);

    JsonWindow window_;
    JsonParser parser_;
    State state_ = State::start;
    JsonPlace start_{.line = 0};
};

}  // namespace amphora::codec
