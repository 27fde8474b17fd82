#include "catalog/parser.hpp"
#include "catalog/retain.hpp"
#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "loading/input_file.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

namespace amphora::cli {

int init(const Words& words) {
    const CommandLine line{words, {{"schema", true}, {"json", false}}};
    const std::vector<std::string> files = line.all("schema");
    if (line.plain().size() != 1 || files.empty()) {
        throw UsageError{"name one database and at least one schema"};
    }
    std::vector<std::string> texts;
    std::vector<std::string> names;
    texts.reserve(files.size());
    names.reserve(files.size());
    for (const std::string& file : files) {
        texts.push_back(loading::read_all(file));
        names.push_back(std::filesystem::path{file}.filename().string());
    }
    std::vector<Schema> schemas;
    schemas.reserve(texts.size());
    for (std::size_t at = 0; at < texts.size(); ++at) schemas.push_back({names[at], texts[at]});

    Database database = Database::open(line.plain()[0], schemas);
    const catalog::Definition stored = catalog::parse_schema(database.schema_text(), "stored");
    for (const std::string& warning : catalog::retain_warnings(stored)) {
        std::fputs(fmt::format("warning: {}\n", warning).c_str(), stderr);
    }
    std::size_t tables = 0;
    const auto spaces = database.describe();
    for (const SpaceReport& space : spaces) tables += space.is_collection ? 0 : 1;
    database.close();
    if (line.has("json")) {
        print(Document{{"database", line.plain()[0]},
                       {"tables", static_cast<std::int64_t>(tables)},
                       {"collections", static_cast<std::int64_t>(spaces.size() - tables)}});
    } else {
        print_line(fmt::format("{}: {} tables, {} collections", line.plain()[0], tables,
                               spaces.size() - tables));
    }
    return 0;
}

}  // namespace amphora::cli
