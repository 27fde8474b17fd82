#include "power/power_run.hpp"

#include "crash/archive_check.hpp"
#include "crash/copy_trial.hpp"
#include "crash/cycle_plan.hpp"
#include "workload/comparison.hpp"
#include "workload/schema.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace amphora::power {
namespace {

constexpr std::uint64_t only_read_once_in = 4;

/// Lock files say who has the database open, also while it is only read.
Image without_locks(Image image) {
    std::erase_if(image.files, [](const auto& file) {
        return file.first.ends_with("/LOCK") || file.first.ends_with("/lock.mdb");
    });
    return image;
}

}  // namespace

std::string PowerReport::closing_line() const {
    return fmt::format("power: {} images, {} lost, {} duplicated, {} refused", images, lost,
                       duplicated, refused);
}

std::string PowerReport::coverage_table() const {
    std::string table = fmt::format("{:<12}", "");
    for (std::uint8_t loss = 0; loss < losses; ++loss) {
        table += fmt::format("{:>9}", to_string(Loss{loss}));
    }
    for (const auto& [doing, by_loss] : coverage) {
        table += fmt::format("\n{:<12}", doing);
        for (std::uint8_t loss = 0; loss < losses; ++loss) {
            const auto found = by_loss.find(Loss{loss});
            table += fmt::format("{:>9}", found == by_loss.end() ? 0 : found->second);
        }
    }
    return table;
}

PowerRun::PowerRun(PowerOptions options) : options_{std::move(options)}, dice_{options_.seed} {}

PowerReport PowerRun::run() {
    std::uint64_t recording = options_.first_image / images_per_database * recordings_per_database;
    for (; !enough(); ++recording) {
        try {
            if (recording % recordings_per_database == 0) begin_database(recording);
            use_recording(recording);
        } catch (const std::exception& error) {
            fail(error.what());
        }
        ++report_.recordings;
        if (!report_.failures.empty()) keep_recording(recording);
    }
    return report_;
}

bool PowerRun::enough() const {
    if (!report_.failures.empty() || report_.images >= options_.images) return true;
    return options_.until && report_.recordings >= 2 &&
           std::chrono::steady_clock::now() > *options_.until;
}

void PowerRun::fail(const std::string& what) {
    report_.failures.push_back(what);
}

void PowerRun::keep_recording(std::uint64_t number) {
    fail(fmt::format("recording {}: {}", number,
                     crash::to_string(crash::plan_of(options_.seed, number))));
    folder_.keep();
    fail(fmt::format("kept in {}; again with: tools/power --seed {} --from {} --images {}",
                     folder_.path(), options_.seed,
                     number / recordings_per_database * images_per_database,
                     (number % recordings_per_database + 1) * images_per_recording));
}

void PowerRun::begin_database(std::uint64_t number) {
    workload_seed_ = workload::Dice{options_.seed, number, 3}();
    disk_ = {};
    promises_ = crash::Promises{crash::Stop::power_cut};
    judge_.emplace(workload_seed_);
}

std::size_t PowerRun::resumes_at(const std::vector<PlannedCut>& cuts, const Phases& phases) {
    // Mostly from interrupted work, which leaves a recovery something to do.
    std::size_t at = dice_.below(cuts.size());
    for (int tries = 0; tries < 3 && cuts[at].moment < phases.open; ++tries) {
        at = dice_.below(cuts.size());
    }
    return at;
}

void PowerRun::use_recording(std::uint64_t number) {
    dice_ = workload::Dice{options_.seed, number, 4};
    const crash::CyclePlan plan = crash::plan_of(options_.seed, number);
    const RecordedVictim victim{.folder = folder_.path(),
                                .workload_seed = workload_seed_,
                                .plan_seed = options_.seed,
                                .cycle = number,
                                .commits = dice_.below(dice_.once_in(6) ? 1'200 : 300)};
    const Recording recording = victim.record(disk_);

    const Phases phases = phases_of(recording);
    Disk disk{recording, fmt::format("{}/journal/", RecordedVictim::database)};
    auto said = recording.said.begin();
    promises_.started(plan.threads);
    const std::vector<PlannedCut> cuts = plan_cuts(recording, phases, images_per_recording, dice_);
    const std::uint64_t continues = resumes_at(cuts, phases);
    Image next_disk;
    crash::Promises next_promises;
    for (std::uint64_t at = 0;
         at < cuts.size() && report_.images < options_.images && report_.failures.empty(); ++at) {
        const auto& [moment, loss] = cuts[at];
        disk.advance(moment);
        for (; said != recording.said.end() && said->moment <= moment; ++said) {
            promises_.heard(said->line);
        }
        const Image image = disk.lose(loss, dice_);
        const char* const doing =
            doing_at(moment, phases, number % recordings_per_database == 0, promises_);
        ++report_.coverage[doing][loss];
        if (at == continues) {
            next_disk = image;
            next_promises = promises_;
        }
        report_.promised += promises_.acknowledged();
        try_image(number, image, promises_);
        if (!report_.failures.empty()) {
            fail(fmt::format(
                "image {} of the recording: power cut while {} after record {}, {} lost", at, doing,
                moment, to_string(loss)));
        }
    }
    disk_ = std::move(next_disk);
    promises_ = std::move(next_promises);
}

const char* PowerRun::doing_at(Moment moment, const Phases& phases, bool is_first,
                               const crash::Promises& promises) {
    if (moment < phases.open) return is_first ? "creating" : "recovering";
    if (moment >= phases.closing) return "closing";
    const auto& copies = promises.copies();
    return copies.empty() || copies.back().is_made ? "working" : "copying";
}

void PowerRun::try_image(std::uint64_t cycle, const Image& image, crash::Promises promises) {
    image.write(folder_.path() + "/image");
    const std::uint64_t lost = promises.lost();
    const std::uint64_t duplicated = promises.duplicated();
    const std::size_t complaints = promises.complaints().size();
    try {
        judge(cycle, image, promises);
    } catch (const std::exception& error) {
        ++report_.refused;
        fail(error.what());
    }
    report_.lost += promises.lost() - lost;
    report_.duplicated += promises.duplicated() - duplicated;
    for (std::size_t at = complaints; at < promises.complaints().size(); ++at) {
        fail(promises.complaints()[at]);
    }
    ++report_.images;
    if (options_.progress) options_.progress(report_.images);
}

/// The last commit that an opening for reading shows; none if there is no database yet.
std::optional<Sequence> PowerRun::only_read(const Image& image, Options options) {
    const std::string root = folder_.path() + "/image";
    options.mode = OpenMode::read_only;
    std::optional<Sequence> shown;
    try {
        shown = Database::open(root + "/" + RecordedVictim::database, options)
                    .snapshot()
                    .commit_seen()
                    .sequence;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_a_database) throw;
    }
    ++report_.only_read;
    if (const auto change =
            difference(without_locks(image), without_locks(Image::read(root)), {})) {
        fail("after reading only: " + *change);
    }
    return shown;
}

void PowerRun::judge(std::uint64_t cycle, const Image& image, crash::Promises& promises) {
    const crash::CyclePlan plan = crash::plan_of(options_.seed, cycle);
    const std::string path = folder_.path() + "/image/" + RecordedVictim::database;
    const auto shown =
        dice_.once_in(only_read_once_in) ? only_read(image, plan.options) : std::nullopt;
    const Options options = crash::options_of(plan, path, workload_seed_);
    judge_copies(path, options, promises);
    Database database = Database::open(path, workload::schema, options);
    if (shown) {
        const auto there = amphora::number(database.snapshot().commit_seen().sequence);
        // The schema may have been a commit of its own.
        if (const auto before = amphora::number(*shown); there != before && there != before + 1) {
            fail(fmt::format("reading showed commit {}, and then there was {}", before, there));
        }
    }
    report_.replayed += database.statistics().recovery.commits_replayed;
    std::vector<std::string> differences = judge_->look(database, promises);
    if (const std::string& archive = options.archive_directory; !archive.empty()) {
        ++report_.archives;
        if (auto lack = crash::what_is_not_archived(database, archive)) {
            differences.push_back(*lack);
        }
    }
    report_.lost += differences.size();
    if (differences.size() > 20) differences.resize(20);
    for (const std::string& difference : differences) fail(difference);
    if (differences.empty()) work_on(database, cycle, promises);
    // Otherwise the handle is dropped, which closes, too, but ignores errors.
    if (dice_.once_in(2)) database.close();
}

void PowerRun::judge_copies(const std::string& database, const Options& options,
                            crash::Promises& promises) {
    crash::CopyTrial trial{database, options};
    const std::vector<std::string> findings = trial.look(*judge_, promises, dice_);
    report_.lost += findings.size();
    for (const std::string& finding : findings) fail(finding);
    report_.copies += trial.whole();
    for (const auto& [kind, times] : trial.restores()) report_.restores[kind] += times;
}

void PowerRun::work_on(Database& database, std::uint64_t cycle, crash::Promises& promises) {
    const crash::CyclePlan plan = crash::plan_of(options_.seed, cycle);
    const workload::Workload workload{workload_seed_};
    std::vector<workload::Model> models = judge_->models();
    for (std::uint32_t thread = 0; thread < plan.threads; ++thread) {
        const Commit commit = workload.commit_next(database, models[thread], Durability::synced);
        promises.committed_under(amphora::number(commit.epoch));
    }
    for (const std::string& difference : workload::compare(database.snapshot(), models)) {
        fail("after working on: " + difference);
    }
}

}  // namespace amphora::power
