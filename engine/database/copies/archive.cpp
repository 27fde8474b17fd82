#include "journal/archive/archive.hpp"

#include "base/file.hpp"
#include "database/archiving.hpp"
#include "database/copies/copy_counter.hpp"
#include "database/core.hpp"
#include "database/directory/directory.hpp"
#include "journal/archive/segment_copy.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <mutex>

namespace amphora {

ArchiveReport Database::archive(const std::string& directory, const CopyProgress& progress) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_usable();
    if (core->is_live()) {
        throw Error{
            ErrorCode::unsupported,
            fmt::format("{}: an archive needs segments that stay; make it in the process that has "
                        "the database open, or open it read-only when nobody has",
                        core->path)};
    }
    require_path(directory, "the archive");
    require_outside(core->path, directory, "the archive");
    // Recycling is stopped in the same way as for a backup, and not at the same time.
    const std::lock_guard one_at_a_time{core->backing_up};
    const outbox::RecyclingPause pause{*core->outbox, outbox::Keeper::manual_archive};
    const auto alone = core->archiver ? core->archiver->pause() : std::unique_lock<std::mutex>{};
    FileSystem& files = *core->files;
    journal::make_archive(files, directory);
    const std::vector<journal::SegmentExtent> segments = core->journal->segments();
    std::uint64_t total = 0;
    for (const journal::SegmentExtent& segment : segments) total += segment.end;
    CopyCounter counter{total, progress};
    ArchiveReport report;
    // A rescue may show a catalog that is empty where it is damaged.
    const journal::ArchivedCatalogs catalogs =
        core->is_rescue() ? journal::ArchivedCatalogs{} : archived_catalogs(*core);
    for (const journal::SegmentExtent& segment : segments) {
        if (journal::copy_segment(files, segment, directory, counter.adder(), &catalogs)) {
            ++report.segments;
        }
        report.last = segment.last;
    }
    counter.finish();
    report.bytes = counter.done();
    return report;
}

std::vector<ArchiveRange> Database::archived(const std::string& directory) {
    require_path(directory, "the archive");
    FileSystem& files = operating_system_files();
    if (!files.exists(directory)) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{} is not an archive: there is no such directory", directory)};
    }
    std::vector<ArchiveRange> ranges;
    for (const journal::ArchivedRun& run : journal::list_archive(files, directory)) {
        ranges.push_back({.database = to_string(run.identity.database),
                          .timeline = to_string(run.identity.timeline),
                          .first = run.first,
                          .last = run.last,
                          .first_time = DateTime{run.first_us},
                          .last_time = DateTime{run.last_us},
                          .segments = run.segments,
                          .bytes = run.bytes});
    }
    return ranges;
}

}  // namespace amphora
