#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/schema_files.hpp"
#include "console/units.hpp"

#include <fmt/format.h>

namespace amphora::cli {

namespace {

using console::with_commas;

Array to_array(const std::vector<std::string>& lines) {
    Array array;
    for (const std::string& line : lines) array.append(line);
    return array;
}

Document to_document(const RepairReport& report) {
    const auto plain = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    return Document{{"findings", to_array(report.findings)},
                    {"whole", report.whole},
                    {"losses", to_array(report.losses)},
                    {"notes", to_array(report.notes)},
                    {"rows", plain(report.rows)},
                    {"documents", plain(report.documents)},
                    {"rows_quarantined", plain(report.rows_quarantined)},
                    {"documents_quarantined", plain(report.documents_quarantined)},
                    {"commits_replayed", plain(report.commits_replayed)},
                    {"last", plain(number(report.last))},
                    {"timeline", report.timeline},
                    {"identity_only", report.identity_only},
                    {"applied", report.applied},
                    {"quarantine", report.quarantine_path},
                    {"damaged", report.damaged_path}};
}

void print_lines(const RepairReport& report) {
    for (const std::string& finding : report.findings) print_line("found: " + finding);
    for (const std::string& note : report.notes) print_line("note: " + note);
    for (const std::string& loss : report.losses) print_line("lost: " + loss);
    const char* const did = report.applied ? "repair" : "repair would have";
    if (report.findings.empty()) return print_line("repair: nothing to repair");
    if (report.identity_only) {
        return print_line(fmt::format("{}: the file IDENTITY made again", did));
    }
    print_line(
        fmt::format("{}: {} rows, {} documents, {} rows and {} documents in quarantine; last "
                    "commit {}, of which {} came from the journal",
                    did, with_commas(report.rows), with_commas(report.documents),
                    with_commas(report.rows_quarantined), with_commas(report.documents_quarantined),
                    with_commas(number(report.last)), with_commas(report.commits_replayed)));
    if (report.whole) {
        print_line("nothing is missing");
    } else {
        print_line(
            "something is missing or may be: see what is lost above and what is in quarantine");
    }
    if (!report.applied) return print_line("nothing was changed; --apply puts it in place");
    print_line("the damaged database is kept as " + report.damaged_path);
    if (!report.quarantine_path.empty()) print_line("quarantine: " + report.quarantine_path);
}

}  // namespace

int repair(const Words& words) {
    const CommandLine line{words, {{"apply", false}, {"schema", true}, {"json", false}}};
    if (line.plain().size() != 1) throw UsageError{"name one database"};
    const SchemaFiles schemas{line.all("schema")};
    const RepairReport report = Database::repair_directory(
        line.plain()[0], line.has("apply") ? RepairMode::apply : RepairMode::dry_run, {},
        schemas.all());
    if (line.has("json")) {
        print(to_document(report));
    } else {
        print_lines(report);
    }
    if (report.findings.empty()) return 0;
    return report.applied && report.whole ? 0 : 1;
}

}  // namespace amphora::cli
