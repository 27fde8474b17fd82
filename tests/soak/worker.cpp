#include "soak/worker.hpp"

#include "crash/voice.hpp"
#include "workload/comparison.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>
#include <thread>

namespace amphora::soak {
namespace {

using std::chrono::milliseconds;

/// A reader reads everything once in so many reads.
constexpr std::uint64_t whole_looks_one_in = 256;
/// The thread that presses the relays compacts and checks once in so many rounds.
constexpr std::uint64_t compactions_one_in = 40;
constexpr std::uint64_t checks_one_in = 40;
/// From the end of one backup to the beginning of the next.
constexpr std::uint32_t backup_pulses = 10;

}  // namespace

Worker::Worker(const std::string& directory, const WorkerPlan& plan, const Options& options,
               Say say)
    : plan_{plan}, say_{std::move(say)}, workload_{plan.seed} {
    database_ = Database::open(directory, workload::schema, options);
    say_("open");
    const Snapshot now = database_->snapshot();
    for (std::uint32_t thread = 0; thread < plan_.writers; ++thread) {
        workload::Model& model = models_.emplace_back(thread);
        workload_.fold(model, workload::position(now, thread));
        say_(fmt::format("at {} {}", thread, model.done));
        require(workload::compare(now, model).empty(), "what is there is what the model says");
    }
}

void Worker::work() {
    say_("ready");
    {
        std::vector<std::jthread> threads;
        const auto start = [&](auto body) {
            threads.emplace_back([this, body] {
                try {
                    body();
                } catch (const std::exception& error) {
                    fail(error.what());
                }
            });
        };
        for (workload::Model& model : models_) start([&] { write(model); });
        for (std::uint32_t reader = 0; reader < plan_.readers; ++reader) {
            start([this, reader] { read(reader); });
        }
        start([this] { hold_snapshots(); });
        start([this] { press_relays(); });
        start([this] { back_up(); });
        start([this] { pulse(); });
    }
    if (!failure_.empty()) throw std::runtime_error{failure_};
}

void Worker::write(workload::Model& model) {
    workload::Dice dice{plan_.seed, model.thread, model.done, 7};
    while (!stopped_) {
        // Both survive the death of the process.
        const Durability durability = dice.once_in(4) ? Durability::written : Durability::synced;
        Commit commit;
        writes_.measure([&] { commit = workload_.commit_next(*database_, model, durability); });
        say_(crash::commit_line(durability, model.thread, model.done, commit));
    }
}

// Time never runs backwards for a reader, and both stores are as of one commit.
void Worker::read(std::uint64_t number) {
    workload::Dice dice{plan_.seed, number, 8};
    std::vector<std::uint64_t> seen(plan_.writers);
    while (!stopped_) {
        const auto thread = static_cast<std::uint32_t>(dice.below(plan_.writers));
        std::uint64_t there = 0;
        reads_.measure([&] { there = workload::position(database_->snapshot(), thread); });
        require(there >= seen[thread], "a later snapshot shows what an earlier one showed");
        seen[thread] = there;
        if (dice.once_in(whole_looks_one_in)) look_whole(database_->snapshot());
    }
}

void Worker::look_whole(const Snapshot& snapshot) {
    for (const DocumentView note : snapshot.scan(workload::notes)) {
        require(snapshot.find(workload::owners, {workload::note_of(note).owner}).has_value(),
                "a note has its owner");
    }
    for (const DocumentView picture : snapshot.scan(workload::pictures)) {
        require(snapshot.find(workload::items, {workload::picture_of(picture).item}).has_value(),
                "a picture has its item");
    }
}

// A snapshot does not change, whatever is written, delivered and compacted meanwhile.
void Worker::hold_snapshots() {
    workload::Dice dice{plan_.seed, 9};
    const auto contents = [this](const Snapshot& snapshot) {
        std::uint64_t sum = 0;
        // Not compared with the models, which their writers change.
        for (std::uint32_t thread = 0; thread < plan_.writers; ++thread) {
            sum = sum * 31 + workload::position(snapshot, thread);
            const workload::Model there = workload::read_model(snapshot, thread);
            for (const auto& [id, note] : there.notes) sum = sum * 31 + note.count + id;
            for (const auto& [id, owner] : there.owners) sum = sum * 31 + owner.balance + id;
        }
        return sum;
    };
    for (;;) {
        const Snapshot held = database_->snapshot();
        const std::uint64_t before = contents(held);
        const bool continues =
            pause(milliseconds{dice.between(plan_.pulse_ms, 5 * plan_.pulse_ms)});
        require(contents(held) == before, "a snapshot stays as it was");
        if (!continues) return;
    }
}

// Small deliveries in quick succession, compactions, and checks of every invariant.
void Worker::press_relays() {
    workload::Dice dice{plan_.seed, 10};
    while (pause(milliseconds{dice.below(plan_.pulse_ms)})) {
        const Commit commit = database_->snapshot().commit_seen();
        database_->wait(commit, Delivery::both, milliseconds{1000});
        if (dice.once_in(compactions_one_in)) database_->compact();
        if (!dice.once_in(checks_one_in)) continue;
        const CheckReport report = database_->check();
        require(report.findings.empty(),
                report.findings.empty() ? "" : report.findings.front().c_str());
    }
}

std::vector<std::uint64_t> Worker::positions(const Snapshot& snapshot) const {
    std::vector<std::uint64_t> all;
    for (std::uint32_t thread = 0; thread < plan_.writers; ++thread) {
        all.push_back(workload::position(snapshot, thread));
    }
    return all;
}

// What had returned when the backup began is in the restored database, which is whole.
void Worker::back_up() {
    const std::string backup = database_->path() + ".backup";
    const std::string restored = database_->path() + ".restored";
    while (pause(milliseconds{backup_pulses * plan_.pulse_ms})) {
        const std::vector<std::uint64_t> before = positions(database_->snapshot());
        database_->backup(backup);
        Database::restore(backup, restored, {.options = plan_.options()});
        {
            const Database copy = Database::open(restored, workload::schema, plan_.options());
            const Snapshot there = copy.snapshot();
            look_whole(there);
            const std::vector<std::uint64_t> after = positions(there);
            for (std::size_t thread = 0; thread < before.size(); ++thread) {
                require(after[thread] >= before[thread], "a backup holds what had returned");
            }
        }
        std::filesystem::remove_all(backup);
        std::filesystem::remove_all(restored);
        ++backups_;
    }
}

void Worker::pulse() {
    while (pause(milliseconds{plan_.pulse_ms})) {
        const Statistics now = database_->statistics();
        Pulse pulse{.writes = writes_.take(),
                    .reads = reads_.take(),
                    .checks = checks_,
                    .backups = backups_};
        for (const TreeReport& tree : now.trees) pulse.pending_bytes += tree.pending_bytes;
        pulse.journal_bytes = now.journal.bytes_live;
        say_(pulse.to_line());
    }
}

void Worker::require(bool holds, const char* invariant) {
    ++checks_;
    if (!holds) throw std::runtime_error{fmt::format("does not hold: {}", invariant)};
}

bool Worker::pause(milliseconds time) {
    std::unique_lock lock{mutex_};
    return !stopping_.wait_for(lock, time, [this] { return stopped_.load(); });
}

void Worker::stop() noexcept {
    const std::lock_guard lock{mutex_};
    stopped_ = true;
    stopping_.notify_all();
}

void Worker::fail(const std::string& what) {
    {
        const std::lock_guard lock{mutex_};
        if (failure_.empty()) failure_ = what;
    }
    stop();
}

}  // namespace amphora::soak
