// CSV: a file ends, reads the same in pieces of any size, and what is read can be written and read
// again.

#include "codec/csv.hpp"
#include "fuzz/require.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace {

using namespace amphora;

using Line = std::vector<std::optional<std::string>>;  // none: NULL
struct ReadLines {
    std::vector<Line> lines;
    std::size_t refused = 0;
};

ReadLines read_lines(std::string_view text, std::size_t chunk, codec::CsvOptions options) {
    std::size_t at = 0;
    codec::CsvReader reader{[&](char* into, std::size_t most) {
                                const std::size_t bytes =
                                    text.copy(into, std::min(chunk, most), at);
                                at += bytes;
                                return bytes;
                            },
                            options};
    ReadLines read;
    codec::CsvLine line;
    while (true) {
        try {
            if (!reader.read(line)) break;
        } catch (const Error& error) {
            fuzz::require(error.code() == ErrorCode::malformed_csv, "a bad line is malformed_csv",
                          [&] { return std::string{error.what()}; });
            ++read.refused;
            fuzz::require(read.refused <= text.size(), "each refusal passes some of the file");
            continue;
        }
        Line& fields = read.lines.emplace_back();
        for (const codec::CsvField& field : line.fields) {
            fields.push_back(field.is_null() ? std::nullopt
                                             : std::optional<std::string>{field.text});
        }
    }
    fuzz::require(reader.bytes_read() == text.size(), "the file is read to its end");
    return read;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const codec::CsvOptions options{.separator = size % 3 == 0 ? ';' : ','};
    const ReadLines whole = read_lines(text, size + 1, options);
    const ReadLines pieces = read_lines(text, 1 + size % 5, options);
    fuzz::require(whole.lines == pieces.lines && whole.refused == pieces.refused,
                  "chunks make no difference");

    std::string written;
    codec::CsvWriter writer{written, options.separator};
    for (const Line& line : whole.lines) {
        for (const std::optional<std::string>& field : line) {
            if (field) {
                writer.field(*field);
            } else {
                writer.null();
            }
        }
        writer.end_line();
    }
    const ReadLines again = read_lines(written, written.size() + 1, options);
    fuzz::require(again.refused == 0 && again.lines == whole.lines,
                  "what is written reads back the same", [&] { return written; });
    return 0;
}
