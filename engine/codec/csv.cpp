#include "codec/csv.hpp"

#include "base/assert.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace amphora::codec {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10;
constexpr Bytes byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(Source source, CsvOptions options)
    : source_{std::move(source)}, options_{options} {
    if (has(2) && Bytes{buffer_}.starts_with(byte_order_mark)) begin_ = byte_order_mark.size();
}

// Whether there is a byte at `at` of the buffer; reads more if necessary. The current line stays in
// the buffer from its beginning, so a malformed line can be read again from its second line.
bool CsvReader::has(std::size_t at) {
    while (at >= buffer_.size() && !at_end_) {
        if (at - begin_ > options_.line_bytes_max) {
            malformed(begin_,
                      fmt::format("the line does not end within {} bytes; is a quote left open?",
                                  options_.line_bytes_max));
        }
        // Appending is faster than resizing, which writes zeros first, above all for small reads.
        if (!chunk_) chunk_ = std::make_unique_for_overwrite<char[]>(chunk_bytes);
        const std::size_t got = std::min(source_(chunk_.get(), chunk_bytes), chunk_bytes);
        buffer_.append(chunk_.get(), got);
        at_end_ = got == 0;
    }
    return at < buffer_.size();
}

bool CsvReader::read(CsvLine& line) {
    // Bytes that were returned are not needed any more. They are removed once they are half of the
    // buffer, so a byte is moved about once on average.
    if (begin_ >= chunk_bytes && begin_ >= buffer_.size() / 2) {
        buffer_.erase(0, begin_);
        consumed_ += begin_;
        begin_ = 0;
    }
    line.fields.clear();
    if (!has(begin_)) return false;

    line.number = line_number_;
    spans_.clear();
    unescaped_.clear();
    std::size_t at = begin_;
    const std::uint64_t before = bytes_read();
    try {
        read_fields(at);
        AMPHORA_ASSERT(at > begin_);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::malformed_csv) {
            skip_line();
            AMPHORA_ASSERT(bytes_read() > before);
        }
        throw;
    }
    // Only now, because both buffers move while they grow.
    for (const Span& span : spans_) {
        const std::string& from = span.unescaped ? unescaped_ : buffer_;
        line.fields.push_back({Bytes{from}.substr(span.begin, span.end - span.begin), span.quoted});
    }
    line_number_ += static_cast<std::uint64_t>(
        std::count(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
                   buffer_.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    begin_ = at;
    return true;
}

void CsvReader::read_fields(std::size_t& at) {
    while (true) {
        if (has(at) && buffer_[at] == '"') {
            read_quoted(at);
        } else {
            read_plain(at);
        }
        if (!has(at)) return;
        if (buffer_[at] == options_.separator) {
            ++at;
            continue;
        }
        if (buffer_[at] == '\r' && has(at + 1) && buffer_[at + 1] == '\n') ++at;
        if (buffer_[at] != '\n') {
            malformed(at, "text follows a closing quote; double a quote within a field");
        }
        ++at;
        return;
    }
}

void CsvReader::read_quoted(std::size_t& at) {
    ++at;
    Span span{at, at, true, false};
    while (true) {
        if (!has(at)) {
            malformed(at,
                      "a quote that opens in this line is not closed before the end of the file");
        }
        const std::size_t quote = std::min(buffer_.find('"', at), buffer_.size());
        if (span.unescaped) unescaped_.append(buffer_, at, quote - at);
        at = quote;
        if (at == buffer_.size()) continue;
        const bool doubled = has(at + 1) && buffer_[at + 1] == '"';
        if (!doubled) break;
        if (!span.unescaped) {
            const std::size_t begin = unescaped_.size();
            unescaped_.append(buffer_, span.begin, at - span.begin);
            span = {begin, begin, true, true};
        }
        unescaped_.push_back('"');
        at += 2;
    }
    span.end = span.unescaped ? unescaped_.size() : at;
    spans_.push_back(span);
    ++at;
}

void CsvReader::read_plain(std::size_t& at) {
    const std::size_t begin = at;
    for (; has(at); ++at) {
        const char c = buffer_[at];
        if (c == options_.separator || c == '\n') break;
        if (c == '\r' && has(at + 1) && buffer_[at + 1] == '\n') break;
        if (c == '"') malformed(at, "a quote inside a field that does not begin with one");
    }
    spans_.push_back({begin, at, false, false});
}

void CsvReader::skip_line() {
    std::size_t at = begin_;
    while (at < buffer_.size() && buffer_[at] != '\n') ++at;
    // A line longer than the bound is skipped piece by piece.
    while (at == buffer_.size() && !at_end_) {
        consumed_ += at;
        buffer_.clear();
        begin_ = at = 0;
        if (!has(0)) break;
        at = std::min(buffer_.find('\n'), buffer_.size());
    }
    begin_ = std::min(at + 1, buffer_.size());
    ++line_number_;
}

void CsvReader::malformed(std::size_t at, const std::string& what) const {
    const auto begin = buffer_.begin() + static_cast<std::ptrdiff_t>(begin_);
    const auto lines = std::count(
        begin, buffer_.begin() + static_cast<std::ptrdiff_t>(std::min(at, buffer_.size())), '\n');
    throw Error{ErrorCode::malformed_csv,
                lines == 0 ? what
                           : fmt::format("{}, in line {}", what,
                                         line_number_ + static_cast<std::uint64_t>(lines))};
}

void CsvWriter::separate() {
    if (!first_) out_.push_back(separator_);
    first_ = false;
}

void CsvWriter::field(Bytes text) {
    separate();
    const char special[] = {separator_, '"', '\r', '\n'};
    if (!text.empty() && text.find_first_of(Bytes{special, sizeof special}) == Bytes::npos &&
        !text.starts_with(byte_order_mark)) {
        out_.append(text);
        return;
    }
    out_.push_back('"');
    while (true) {
        const std::size_t quote = text.find('"');
        out_.append(text.substr(0, quote));
        if (quote == Bytes::npos) break;
        out_.append("\"\"");
        text.remove_prefix(quote + 1);
    }
    out_.push_back('"');
}

void CsvWriter::null() {
    separate();
}

void CsvWriter::end_line() {
    out_.push_back('\n');
    first_ = true;
}

}  // namespace amphora::codec
