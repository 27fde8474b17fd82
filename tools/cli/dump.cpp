#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/dump_contents.hpp"
#include "cli/output.hpp"
#include "cli/space_text.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>

namespace amphora::cli {

namespace {

/// Standard output, or a file that is complete or an error.
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

SpaceText dump_space(const Snapshot& now, const SpaceReport& space, OutputFile& out) {
    const SpaceText text =
        write_space(now, space, [&](std::string_view piece) { out.write(piece); });
    out.finish();
    return text;
}

bool is_empty(const Snapshot& now, const SpaceReport& space) {
    if (space.is_collection) {
        Documents documents = now.scan(Collection{space.name});
        return documents.begin() == std::default_sentinel;
    }
    Rows rows = now.scan(Table{space.name});
    return rows.begin() == std::default_sentinel;
}

/// A name in double quotes may contain anything, also a path. In the file's name such bytes are
/// written in hexadecimal, as in a URL.
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
    OutputFile schema{fmt::format("{}/{}", *directory, DumpContents::schema)};
    schema.write(database.schema_text() + "\n");
    schema.finish();
    // One snapshot for all, so the files are consistent with each other. Parents are declared
    // before children.
    DumpContents contents;
    for (const SpaceReport& space : database.describe(Spaces::all)) {
        if (space.is_system && is_empty(now, space)) continue;
        const std::string file = file_name(space);
        OutputFile out{*directory + "/" + file};
        contents.files.push_back(
            {space.name, space.is_collection, file, dump_space(now, space, out)});
    }
    OutputFile order{fmt::format("{}/{}", *directory, DumpContents::name)};
    order.write(to_text(contents));
    order.finish();
    print_line(fmt::format("{}: schema.sql and {} files; amphora load NEW_DATABASE {} loads them",
                           *directory, contents.files.size(), *directory));
    return 0;
}

}  // namespace amphora::cli
