#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/schema_files.hpp"

#include <fmt/format.h>

namespace amphora::cli {

int init(const Words& words) {
    const CommandLine line{words, {{"schema", true}, {"json", false}}};
    const std::vector<std::string> files = line.all("schema");
    if (line.plain().size() != 1 || files.empty()) {
        throw UsageError{"name one database and at least one schema"};
    }
    const SchemaFiles schemas{files};
    Database database = Database::open(line.plain()[0], schemas.all());
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
