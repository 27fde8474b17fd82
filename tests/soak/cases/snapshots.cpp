// Thousands of snapshots, hundreds of them held at once, while rows and documents are written and
// delivered.

#include "soak/cases/people.hpp"
#include "soak/load_case.hpp"
#include "soak/series.hpp"
#include "soak/usage.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <deque>

namespace amphora::soak {
namespace {

constexpr std::size_t held_max = 500;
constexpr std::int64_t commits_per_delivery = 20;

struct Held {
    Snapshot snapshot;
    std::int64_t commits;  ///< that it shows
};

}  // namespace

CaseReport snapshots_opened_and_dropped(const CaseOptions& options) {
    Database db = Database::open(options.folder + "/snapshots.amphora", people_schema);
    CaseReport report;
    Series memory{"memory"};
    std::deque<Held> held;
    std::uint64_t readers_most = 0;
    const auto drop_oldest = [&] {
        const auto row = held.front().snapshot.find(people, {std::int64_t{0}});
        const auto document = held.front().snapshot.find(notes, Id{std::int64_t{0}});
        report.require(row && (*row)["visits"].as<std::int64_t>() == held.front().commits,
                       "a snapshot shows the row as it was");
        report.require(
            document && document->field("text")->as_text() == std::to_string(held.front().commits),
            "a snapshot shows the document as it was");
        held.pop_front();
    };
    for (std::int64_t commits = 1; commits <= static_cast<std::int64_t>(options.size); ++commits) {
        const Commit commit = db.write(
            [&](Transaction& tx) {
                tx.put(people, person(0, commits));
                tx.put(notes, note(0, std::to_string(commits)));
            },
            {.durability = Durability::written});
        if (commits % commits_per_delivery == 0) db.wait(commit);
        held.push_back({db.snapshot(), commits});
        if (held.size() > held_max) drop_oldest();
        if (commits % 50 != 0) continue;
        memory.add(memory_of(::getpid()).own_bytes);
        for (const TreeReport& tree : db.statistics().trees) {
            readers_most = std::max(readers_most, tree.readers);
        }
    }
    while (!held.empty()) drop_oldest();

    const Slack slack{.share = 0.10, .bytes = 16u << 20};
    report.require(memory.is_flat(slack), memory.verdict(slack));
    const Statistics now = db.statistics();
    report.require(now.snapshots == 0, "no snapshot is left");
    for (const TreeReport& tree : now.trees) {
        report.require(tree.readers <= 1,
                       fmt::format("{} views of the {} tree are left", tree.readers, tree.name));
    }
    report.require(db.check().findings.empty(), "check finds nothing");
    report.lines.push_back(fmt::format(
        "{} snapshots, {} at once, at most {} views of a tree, memory {}, highest {}", options.size,
        held_max, readers_most, in_mib(memory.last()), in_mib(memory.highest())));
    return report;
}

}  // namespace amphora::soak
