#pragma once

#include "codec/json_parser.hpp"
#include "codec/json_window.hpp"

#include <amphora/document.hpp>

#include <cstdint>
#include <optional>

/// A stream of documents in JSON: one a line (JSON Lines), or one big array. Which of the two it
/// is, the first character tells. A byte order mark is skipped, and so are empty lines.
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

/// The longest text of one document; as BSON it has at most 16 MiB.
inline constexpr std::size_t json_document_bytes_max = std::size_t{64} << 20;

/// Memory is bounded by one document: its text may have `json_document_bytes_max` bytes. Used by
/// one thread at a time.
class JsonDocuments {
  public:
    explicit JsonDocuments(JsonWindow::Source source) : window_{std::move(source)} {}

    /// The next document, or nothing at the end. Throws `malformed_json` with the line in the
    /// stream for one that is none; the next call goes on behind it: in JSON Lines with the next
    /// line, in an array behind the element's closing bracket or, where its brackets do not match,
    /// with the next line that begins a document no deeper than this one was. The message says so
    /// if nothing could be found to go on with. Other errors come from the source and end the
    /// stream.
    [[nodiscard]] std::optional<Document> next();

    /// The line on which the document begins that `next` gave, or refused, last; from 1.
    [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
    /// Bytes of the stream that lie behind; for progress.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return window_.offset(); }

  private:
    enum class State : std::uint8_t {
        start,
        lines,
        first_element,  // behind the opening bracket
        element,        // behind a comma: an element must come
        separator,      // behind an element: a comma or the closing bracket
        again,          // behind damage: an element, with or without its comma
        behind_array,
        end,
    };

    /// How far the element at the beginning of the window goes, and whether it ends there.
    struct Extent {
        std::size_t bytes;
        enum class Ending : std::uint8_t { complete, stream_ended, too_long } ending;
    };

    void begin();
    std::optional<Document> next_line();
    std::optional<Document> next_element();
    /// Moves to where the next element begins; false at the array's end.
    bool find_element();
    Extent element_extent();
    /// Moves behind a damaged element, to where a document may begin.
    void recover(Extent damaged, std::size_t indentation);
    void check_behind_array();
    [[noreturn]] void refuse(std::string_view reason);

    JsonWindow window_;
    JsonParser parser_;
    State state_ = State::start;
    std::uint64_t line_ = 0;
};

}  // namespace amphora::codec
