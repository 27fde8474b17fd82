// One commit a second, of a row and a document, on the profile for small machines: what goes to the
// disk for each, because cards wear out.

#include "soak/cases/people.hpp"
#include "soak/load_case.hpp"
#include "soak/usage.hpp"
#include "support/cut_disk.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <chrono>
#include <thread>

namespace amphora::soak {
namespace {

using std::chrono::steady_clock;

/// Fills segments up to where a spare is ready: segments are filled with zeros once, when they are
/// made, and then used again and again; that is not what a commit costs.
void await_spare_segment(Database& db) {
    const auto until = steady_clock::now() + std::chrono::seconds{30};
    while (db.statistics().journal.segments_spare == 0 && steady_clock::now() < until) {
        db.write([](Transaction& tx) { tx.put(people, person(-1)); });
    }
    db.wait(db.snapshot().commit_seen());
}

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

    const std::uint64_t before = bytes_written_to_device(disk.place());
    const std::uint64_t journal_before = db.statistics().journal.bytes_written;
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
    const auto each = [&](std::uint64_t bytes) {
        return bytes / static_cast<std::uint64_t>(commits);
    };
    const std::uint64_t written = each(bytes_written_to_device(disk.place()) - before);
    const std::uint64_t journal = each(db.statistics().journal.bytes_written - journal_before);

    report.require(written >= 4096, "what is durable went to the disk");
    report.require(written <= 32u << 10, fmt::format("{} bytes a commit are too many", written));
    report.require(count_of(db.snapshot().scan(notes)) == static_cast<std::uint64_t>(commits),
                   "each commit is there");
    report.lines.push_back(fmt::format(
        "{} commits, one a second: {} bytes written to the disk for each, deliveries and "
        "the file system's own included; {} of them are the journal's",
        commits, written, journal));
    return report;
}

}  // namespace amphora::soak
