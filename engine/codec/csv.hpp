#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// Comma-separated values as in RFC 4180: quoted fields may hold separators, line ends and doubled
/// quotes; lines end in LF or CRLF; a leading byte order mark is ignored. The bytes of fields are
/// not changed and not checked: whether they are UTF-8 is checked by the column.
namespace amphora::codec {

/// A field of a line. NULL is written as an empty field, the empty string as "".
struct CsvField {
    Bytes text;
    bool quoted = false;
    [[nodiscard]] bool is_null() const noexcept { return text.empty() && !quoted; }
    bool operator==(const CsvField&) const = default;
};

struct CsvLine {
    std::uint64_t number = 0;  ///< the line of the file on which it begins, from 1
    std::vector<CsvField> fields;
    /// Nothing is on the line. A table of one column writes NULL like this, too.
    [[nodiscard]] bool is_blank() const noexcept {
        return fields.size() == 1 && fields.front().is_null();
    }
};

struct CsvOptions {
    char separator = ',';
    std::size_t line_bytes_max = std::size_t{64}
                                 << 20;  ///< the most that an open quote can swallow
};

/// Reads line by line. Memory is bounded by the longest line.
class CsvReader {
  public:
    /// Puts up to `bytes` bytes at `to` and returns how many; 0: the end. May throw.
    using Source = std::function<std::size_t(char* to, std::size_t bytes)>;

    explicit CsvReader(Source source, CsvOptions options = {});

    /// Reads the next line; false at the end. Fields stay valid until the next call. Throws
    /// `malformed_csv`, with the line's number in `line.number`. The next call then continues after
    /// the first line of the malformed one, so one bad line takes no good line with it.
    [[nodiscard]] bool read(CsvLine& line);

    /// Bytes of the source already read, for a progress bar.
    [[nodiscard]] std::uint64_t bytes_read() const noexcept { return consumed_ + begin_; }

  private:
    struct Span {
        std::size_t begin, end;
        bool quoted;
        bool unescaped;  // in `unescaped_`, not in `buffer_`
    };

    [[nodiscard]] bool has(std::size_t at);
    void read_fields(std::size_t& at);
    void read_quoted(std::size_t& at);
    void read_plain(std::size_t& at);
    void skip_line();
    [[noreturn]] void malformed(std::size_t at, const std::string& what) const;

    Source source_;
    CsvOptions options_;
    std::unique_ptr<char[]> chunk_;  // the next bytes from the source
    std::string buffer_;             // [begin_, size) was read and is not yet returned
    std::size_t begin_ = 0;
    std::uint64_t consumed_ = 0;     // bytes of the source before the buffer
    std::uint64_t line_number_ = 1;  // of begin_
    bool at_end_ = false;
    std::string unescaped_;  // fields that had doubled quotes
    std::vector<Span> spans_;
};

/// Appends fields and lines to a buffer.
class CsvWriter {
  public:
    explicit CsvWriter(Buffer& out, char separator = ',') : out_{out}, separator_{separator} {}

    /// Quoted only where it must be.
    void field(Bytes text);
    void null();
    void end_line();

  private:
    void separate();

    Buffer& out_;
    char separator_;
    bool first_ = true;
};

}  // namespace amphora::codec
