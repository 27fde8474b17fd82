#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "codec/csv.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

namespace amphora::cli {

namespace {

/// Standard output, or a file that is whole or an error.
class OutputFile {
  public:
    OutputFile() : file_{stdout} {}
    explicit OutputFile(const std::string& path)
        : path_{path}, file_{std::fopen(path.c_str(), "w")} {
        if (file_ == nullptr) fail("making");
    }
    ~OutputFile() {
        if (file_ != nullptr && file_ != stdout) std::fclose(file_);
    }
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    void write(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail("writing");
    }
    void finish() {
        if (std::fflush(file_) != 0) fail("writing");
    }

  private:
    [[noreturn]] void fail(const char* doing) {
        const std::string reason = std::generic_category().message(errno);
        throw Error{
            ErrorCode::io_error,
            fmt::format("{} {}: {}", doing, path_.empty() ? "the standard output" : path_, reason)};
    }
    std::string path_;
    std::FILE* file_;
};

void dump_table(const Snapshot& now, const SpaceReport& table, OutputFile& out) {
    std::string text;
    codec::CsvWriter writer{text};
    for (const ColumnReport& column : table.columns) writer.field(column.name);
    writer.end_line();
    for (const RowView& row : now.scan(Table{table.name})) {
        for (const auto& [name, value] : to_shown(row.record(), table)) {
            if (value.is_null()) {
                writer.null();
            } else {
                writer.field(to_string(value));
            }
        }
        writer.end_line();
        if (text.size() > 1 << 16) {
            out.write(text);
            text.clear();
        }
    }
    out.write(text);
}

void dump_collection(const Snapshot& now, const SpaceReport& collection, OutputFile& out) {
    // Canonical: loading gives back the same bytes.
    for (const DocumentView document : now.scan(Collection{collection.name})) {
        out.write(to_json(document, JsonFormat::canonical) + "\n");
    }
}

void dump_space(const Snapshot& now, const SpaceReport& space, OutputFile& out) {
    if (space.is_collection) {
        dump_collection(now, space, out);
    } else {
        dump_table(now, space, out);
    }
    out.finish();
}

/// A name in double quotes may hold anything, a path too: in the file's name such bytes are written
/// in hexadecimal, as in an address.
std::string file_name(const SpaceReport& space) {
    std::string name;
    for (const char letter : space.name) {
        const bool is_plain = letter != '/' && letter != '%' && letter != '\0';
        name += is_plain ? std::string(1, letter)
                         : fmt::format("%{:02x}", static_cast<unsigned char>(letter));
    }
    return name + (space.is_collection ? ".jsonl" : ".csv");
}

}  // namespace

int dump(const Words& words) {
    const CommandLine line{words, {{"schema", false}, {"output", true}, {"rescue", false}}};
    if (line.plain().empty() || line.plain().size() > 2) {
        throw UsageError{"name a database, and one table or collection or none"};
    }
    const Database database = open_to_look(line.plain()[0], line);
    const Snapshot now = database.snapshot();
    if (line.plain().size() == 2) {
        OutputFile out;
        dump_space(now, require_space(database, line.plain()[1]), out);
        return 0;
    }
    if (line.has("schema")) {
        print_line(database.schema_text());
        return 0;
    }
    const auto directory = line.find("output");
    if (!directory) throw UsageError{"name a table or collection, --schema, or --output DIRECTORY"};

    std::filesystem::create_directories(*directory);
    OutputFile schema{*directory + "/schema.sql"};
    schema.write(database.schema_text() + "\n");
    schema.finish();
    // One snapshot for all: the files fit together.
    for (const SpaceReport& space : database.describe()) {
        OutputFile out{*directory + "/" + file_name(space)};
        dump_space(now, space, out);
    }
    print_line(fmt::format("{}: schema.sql and {} files", *directory, database.describe().size()));
    return 0;
}

}  // namespace amphora::cli
