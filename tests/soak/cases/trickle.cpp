// One commit a second, of a row and a document, on the profile for small machines: the bytes
// written to the disk for each, because flash cards wear out.

#include "soak/cases/people.hpp"
#include "soak/load_case.hpp"
#include "soak/usage.hpp"
#include "support/cut_disk.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

namespace amphora::soak {
namespace {

using std::chrono::steady_clock;

/// Writes until a spare segment is ready. Segments are filled with zeros once, when they are made,
/// and then reused, so that is not a part of a commit's cost.
void await_spare_segment(Database& db) {
    const auto until = steady_clock::now() + std::chrono::seconds{30};
    while (db.statistics().journal.segments_spare == 0 && steady_clock::now() < until) {
        db.write([](Transaction& tx) { tx.put(people, person(-1)); });
    }
    db.wait(db.snapshot().commit_seen());
}

/// A block for the frame, and an occasional delivery.
constexpr std::uint64_t bytes_each_max = 12u << 10;
/// One delivery to each store, for a short run, and two blocks of the page for observers.
constexpr std::uint64_t bytes_once_max = 72u << 10;

struct Written {
    std::uint64_t disk = 0;
    std::uint64_t frames = 0;  ///< and marks, of the journal
    BytesHandedOver files;

    static Written so_far(const Database& db, const std::string& place) {
        return {bytes_written_to_device(place), db.statistics().journal.bytes_written,
                bytes_handed_over()};
    }
    [[nodiscard]] Written since(const Written& before) const {
        return {disk - before.disk, frames - before.frames, files.since(before.files)};
    }
    /// The cost of new journal segments: 4 MiB of zeros each. The bytes of a run depend mainly on
    /// whether one is made in it.
    [[nodiscard]] std::uint64_t filling() const {
        return files.journal - std::min(files.journal, frames);
    }
    [[nodiscard]] std::string by_kind(std::uint64_t commits) const {
        return fmt::format(
            "of them: journal {}, new segments of it {}, rows {}, documents {}; file system, and "
            "the rounding to blocks, {}",
            frames / commits, filling() / commits, files.rows / commits, files.documents / commits,
            (disk - std::min(disk, files.all())) / commits);
    }
};

}  // namespace

CaseReport trickle(const CaseOptions& options) {
    CaseReport report;
    const support::CutDisk disk{options.folder};
    if (!disk.usable()) {
        report.skipped = support::CutDisk::why_unusable;
        return report;
    }
    Options edge;
    edge.profile = Profile::edge;
    Database db = Database::open(disk.place() + "/trickle.amphora", people_schema, edge);
    await_spare_segment(db);
    ::sync();

    const Written before = Written::so_far(db, disk.place());
    std::int64_t commits = 0;
    auto next = steady_clock::now();
    for (std::uint64_t second = 0; second < options.size; ++second) {
        db.write([&](Transaction& tx) {
            tx.put(people, person(commits));
            tx.put(notes, note(commits, "It was a quiet second."));
        });
        ++commits;
        next += std::chrono::seconds{1};
        std::this_thread::sleep_until(next);
    }
    const Written written = Written::so_far(db, disk.place()).since(before);

    const auto count = static_cast<std::uint64_t>(commits);
    report.require(written.disk >= 4096 * count, "what is durable went to the disk");
    report.require(written.disk <= written.filling() + count * bytes_each_max + bytes_once_max,
                   fmt::format("{} bytes a commit are too many", written.disk / count));
    report.require(count_of(db.snapshot().scan(notes)) == count, "each commit is there");
    report.lines.push_back(
        fmt::format("{} commits, one a second: {} bytes written to the disk for "
                    "each, deliveries and the file system's own included",
                    commits, written.disk / count));
    report.lines.push_back(written.by_kind(count));
    return report;
}

}  // namespace amphora::soak
