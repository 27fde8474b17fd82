// A million transactions that change one row each, from eight threads, each on stable storage.

#include "soak/cases/people.hpp"
#include "soak/lap_times.hpp"
#include "soak/load_case.hpp"
#include "soak/series.hpp"
#include "soak/usage.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <thread>
#include <vector>

namespace amphora::soak {
namespace {

constexpr std::uint64_t threads = 8;

}  // namespace

CaseReport tiny_transactions(const CaseOptions& options) {
    Database db = Database::open(options.folder + "/tiny.amphora", people_schema);
    const std::uint64_t each = options.size / threads;
    LapTimes times;
    Series memory{"memory"};
    Series files{"files"};
    const auto start = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> writers;
        for (std::uint64_t thread = 0; thread < threads; ++thread) {
            writers.emplace_back([&, id = static_cast<std::int64_t>(thread)] {
                for (std::uint64_t done = 1; done <= each; ++done) {
                    times.measure([&] {
                        db.write([&](Transaction& tx) {
                            tx.put(people, person(id, static_cast<std::int64_t>(done)));
                        });
                    });
                    if (id != 0 || done % (each / 90 + 1) != 0) continue;
                    memory.add(memory_of(::getpid()).own_bytes);
                    files.add(bytes_on_disk(db.path()));
                }
            });
        }
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    CaseReport report;
    const Snapshot now = db.snapshot();
    for (std::uint64_t thread = 0; thread < threads; ++thread) {
        const auto row = now.find(people, {static_cast<std::int64_t>(thread)});
        report.require(
            row && (*row)["visits"].as<std::int64_t>() == static_cast<std::int64_t>(each),
            "each thread's last value is there");
    }
    report.require(db.check().findings.empty(), "check finds nothing");
    const Slack slack{.share = 0.10, .bytes = 64u << 20};
    report.require(memory.is_flat(slack), memory.verdict(slack));
    // In a short run the journal's two spares may come late.
    const Slack spares{.share = 0.10, .bytes = 130u << 20};
    report.require(files.is_flat(spares), files.verdict(spares));
    const Pulse::Times took = times.take();
    report.lines.push_back(
        fmt::format("{} transactions, {:.0f}/s, p50/p99/p99.9 {}/{}/{} us, memory {}, files {}",
                    took.count, static_cast<double>(took.count) / seconds, took.p50_us, took.p99_us,
                    took.p999_us, in_mib(memory.last()), in_mib(files.last())));
    return report;
}

}  // namespace amphora::soak
