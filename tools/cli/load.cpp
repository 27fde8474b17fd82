#include "loading/loader.hpp"

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "console/progress_bar.hpp"
#include "console/units.hpp"
#include "loading/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace amphora::cli {

namespace {

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

}  // namespace

int load(const Words& words) {
    const CommandLine line{words, {{"batch", true}, {"waiting", true}, {"json", false}}};
    if (line.plain().size() != 3)
        throw UsageError{"name a database, a table or collection, and a file"};
    const std::string& file = line.plain()[2];
    Database database = open_to_change(line.plain()[0]);
    const SpaceReport space = require_space(database, line.plain()[1]);

    console::ProgressBar bar{"loading " + space.name, loading::InputFile{file}.size()};
    loading::LoadOptions options;
    options.batch_lines = std::max<std::uint64_t>(1, line.number("batch", options.batch_lines));
    const std::uint64_t mebibytes = line.number("waiting", options.waiting_bytes_max >> 20);
    options.waiting_bytes_max = std::min(mebibytes, UINT64_MAX >> 20) << 20;
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
