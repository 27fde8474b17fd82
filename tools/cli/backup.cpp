#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "console/progress_bar.hpp"
#include "console/units.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace amphora::cli {

namespace {

std::int64_t plain(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

/// A progress bar that appears with the first piece, when the total is known.
class CopyBar {
  public:
    explicit CopyBar(std::string title) : title_{std::move(title)} {}
    [[nodiscard]] CopyProgress teller() {
        return [this](std::uint64_t done, std::uint64_t total) {
            if (!bar_) bar_ = std::make_unique<console::ProgressBar>(title_, total);
            bar_->advance_to(done);
            done_ = done;
        };
    }
    void finish() {
        if (bar_) bar_->finish(done_);
    }

  private:
    std::string title_;
    std::unique_ptr<console::ProgressBar> bar_;
    std::uint64_t done_ = 0;
};

DateTime time_in(const std::string& text) {
    try {
        return parse_datetime(text);
    } catch (const Error& error) {
        throw UsageError{fmt::format("--to-time: {}", error.what())};
    }
}

std::string commits_of(const ArchiveRange& range) {
    if (range.last < range.first) {
        return fmt::format("no commits after {}", number(range.first) - 1);
    }
    return fmt::format("commits {} to {}", number(range.first), number(range.last));
}

int list_archive(const CommandLine& line) {
    const std::vector<ArchiveRange> ranges = Database::archived(line.plain()[0]);
    for (const ArchiveRange& range : ranges) {
        if (line.has("json")) {
            print(Document{{"database", range.database},
                           {"timeline", range.timeline},
                           {"first", plain(number(range.first))},
                           {"last", plain(number(range.last))},
                           {"last_time", to_string(range.last_time)},
                           {"segments", plain(range.segments)},
                           {"bytes", plain(range.bytes)}});
        } else {
            print_line(fmt::format("timeline {}: {}, until {}, {} segments, {}", range.timeline,
                                   commits_of(range), to_string(range.last_time), range.segments,
                                   console::bytes_text(range.bytes)));
        }
    }
    return ranges.empty() ? 1 : 0;
}

void keep_archiving(const CommandLine& line) {
    Options options;
    options.mode = OpenMode::must_exist;
    options.archive_directory = line.plain()[1];
    Database::open(line.plain()[0], options).close();
}

int stop_archiving(const CommandLine& line) {
    if (line.plain().size() != 1 || line.has("keep")) throw UsageError{"name a database"};
    const std::string& path = line.plain()[0];
    const std::string before = open_to_look(path, line).statistics().archive_directory;
    Options options;
    options.mode = OpenMode::must_exist;
    options.archiving = Archiving::stops;
    Database::open(path, options).close();
    if (line.has("json")) {
        print(Document{{"stopped", before}});
    } else {
        print_line(before.empty() ? fmt::format("{}: is not archived", path)
                                  : fmt::format("{}: {} gets nothing from now on", path, before));
    }
    return 0;
}

}  // namespace

int backup(const Words& words) {
    const CommandLine line{words, {{"check", false}, {"json", false}}};
    if (line.plain().size() != 2) throw UsageError{"name a database and a place for the copy"};
    Database database = open_to_change(line.plain()[0]);
    CopyBar bar{"copying"};
    const BackupReport report = database.backup(
        line.plain()[1],
        {.progress = bar.teller(),
         .verify = line.has("check") ? Verification::checked : Verification::opened});
    bar.finish();
    database.close();
    if (line.has("json")) {
        print(Document{{"database", report.database},
                       {"timeline", report.timeline},
                       {"earliest", plain(number(report.earliest))},
                       {"last", plain(number(report.last))},
                       {"bytes", plain(report.bytes)}});
    } else {
        print_line(fmt::format("{}: everything up to commit {}, {}; it opens", line.plain()[1],
                               number(report.last), console::bytes_text(report.bytes)));
    }
    return 0;
}

int restore(const Words& words) {
    const CommandLine line{
        words, {{"archive", true}, {"to-sequence", true}, {"to-time", true}, {"json", false}}};
    if (line.plain().size() != 2) throw UsageError{"name a backup and a place for the database"};
    if (line.has("to-sequence") && line.has("to-time")) {
        throw UsageError{"it ends at a sequence or at a time, not at both"};
    }
    RestoreOptions options;
    options.archive = line.find("archive").value_or("");
    if (line.has("to-sequence")) options.to_sequence = Sequence{line.number("to-sequence", 0)};
    if (const auto time = line.find("to-time")) options.to_time = time_in(*time);
    CopyBar bar{"copying"};
    options.progress = bar.teller();
    const RestoreReport report = Database::restore(line.plain()[0], line.plain()[1], options);
    bar.finish();
    if (line.has("json")) {
        print(Document{{"database", report.database},
                       {"timeline", report.timeline},
                       {"timeline_before", report.timeline_before},
                       {"last", plain(number(report.last))},
                       {"time", to_string(report.time)},
                       {"commits_replayed", plain(report.commits_replayed)},
                       {"bytes", plain(report.bytes)}});
    } else {
        print_line(fmt::format(
            "{}: everything up to commit {} of {}, in the new timeline {}; it "
            "checks",
            line.plain()[1], number(report.last), to_string(report.time), report.timeline));
    }
    return 0;
}

int archive(const Words& words) {
    const CommandLine line{words, {{"keep", false}, {"stop", false}, {"json", false}}};
    if (line.has("stop")) return stop_archiving(line);
    if (line.plain().size() == 1 && !line.has("keep")) return list_archive(line);
    if (line.plain().size() != 2) throw UsageError{"name a database and an archive, or an archive"};
    const std::string& place = line.plain()[1];
    Database database = open_unused(line.plain()[0]);
    CopyBar bar{"copying"};
    const ArchiveReport report = database.archive(place, bar.teller());
    bar.finish();
    database.close();
    if (line.has("keep")) keep_archiving(line);  // a place that takes segments, as was seen
    if (line.has("json")) {
        print(Document{{"segments", plain(report.segments)},
                       {"bytes", plain(report.bytes)},
                       {"last", plain(number(report.last))}});
    } else {
        print_line(fmt::format("{}: {} segments more, {}; up to commit {}{}", place,
                               report.segments, console::bytes_text(report.bytes),
                               number(report.last),
                               line.has("keep") ? "; and whatever comes, from now on" : ""));
    }
    return 0;
}

}  // namespace amphora::cli
