#include "loading/loader.hpp"

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/load_dump.hpp"
#include "cli/output.hpp"
#include "console/progress_bar.hpp"
#include "console/units.hpp"
#include "database/system_access.hpp"
#include "loading/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

namespace amphora::cli {

namespace {

loading::LoadOptions options_of(const CommandLine& line) {
    loading::LoadOptions options;
    options.batch_lines = std::max<std::uint64_t>(1, line.number("batch", options.batch_lines));
    const std::uint64_t mebibytes = line.number("waiting", options.waiting_bytes_max >> 20);
    options.waiting_bytes_max = std::min(mebibytes, UINT64_MAX >> 20) << 20;
    // Whole numbers that no 64-bit integer holds are refused otherwise.
    if (line.has("decimals")) options.json.large_integers = LargeIntegers::decimals;
    return options;
}

Document to_document(const loading::LoadReport& report, const std::string& name, double seconds) {
    Array rejections;
    for (const loading::Rejection& rejection : report.rejections) {
        rejections.append(Document{{"line", static_cast<std::int64_t>(rejection.line)},
                                   {"reason", rejection.reason}});
    }
    return Document{{"into", name},
                    {"loaded", static_cast<std::int64_t>(report.loaded)},
                    {"rejected", static_cast<std::int64_t>(report.rejected)},
                    {"seconds", seconds},
                    {"rejections", rejections}};
}

/// `amphora load DATABASE DIRECTORY`: a whole dump.
int load_directory(const CommandLine& line) {
    const std::string& path = line.plain()[0];
    const std::string& directory = line.plain()[1];
    std::optional<console::ProgressBar> bar;
    const DumpLoadReport report =
        load_dump(path, directory, options_of(line), [&](std::uint64_t done, std::uint64_t all) {
            if (!bar) bar.emplace("loading " + directory, all);
            bar->advance_to(done);
        });
    if (bar) bar->finish(report.bytes);
    if (line.has("json")) {
        print(Document{{"database", path},
                       {"tables", static_cast<std::int64_t>(report.tables)},
                       {"collections", static_cast<std::int64_t>(report.collections)},
                       {"rows", static_cast<std::int64_t>(report.rows)},
                       {"documents", static_cast<std::int64_t>(report.documents)},
                       {"bytes", static_cast<std::int64_t>(report.bytes)}});
    } else {
        print_line(
            fmt::format("{}: {} tables with {} rows, {} collections with {} documents; the "
                        "same as in {}",
                        path, report.tables, console::with_commas(report.rows), report.collections,
                        console::with_commas(report.documents), directory));
    }
    return 0;
}

}  // namespace

int load(const Words& words) {
    const CommandLine line{
        words, {{"batch", true}, {"waiting", true}, {"decimals", false}, {"json", false}}};
    const bool is_dump = line.plain().size() == 2 && std::filesystem::is_directory(line.plain()[1]);
    if (is_dump) return load_directory(line);
    if (line.plain().size() != 3) {
        throw UsageError{
            "name a database, a table or collection, and a file; or a new database and the "
            "directory of a dump"};
    }
    const std::string& file = line.plain()[2];
    Database database = open_to_change(line.plain()[0]);
    const SpaceReport space = require_space(database, line.plain()[1]);
    if (space.is_system) {
        detail::SystemAccess::refuse_write(space.is_collection ? "collection" : "table",
                                           space.name);
    }

    console::ProgressBar bar{"loading " + space.name, loading::InputFile{file}.size()};
    loading::LoadOptions options = options_of(line);
    options.progress = [&](std::uint64_t bytes, std::uint64_t) { bar.advance_to(bytes); };
    const loading::LoadReport report =
        space.is_collection ? loading::load_json(database, Collection{space.name}, file, options)
                            : loading::load_csv(database, Table{space.name}, file, options);
    const double seconds = bar.seconds();
    bar.finish(report.bytes);
    database.close();

    if (line.has("json")) {
        print(to_document(report, space.name, seconds));
    } else {
        for (const loading::Rejection& rejection : report.rejections) {
            std::fprintf(stderr, "%s:%llu: %s\n", file.c_str(),
                         static_cast<unsigned long long>(rejection.line), rejection.reason.c_str());
        }
        if (report.rejected > report.rejections.size()) {
            std::fprintf(
                stderr, "... and %llu more\n",
                static_cast<unsigned long long>(report.rejected - report.rejections.size()));
        }
        print_line(fmt::format("{}: {} loaded, {} rejected, {}/s", space.name,
                               console::with_commas(report.loaded),
                               console::with_commas(report.rejected),
                               console::with_commas(static_cast<std::uint64_t>(
                                   static_cast<double>(report.loaded) / std::max(seconds, 1e-6)))));
    }
    return report.rejected == 0 ? 0 : 1;
}

}  // namespace amphora::cli
