#include "fault/copies.hpp"

#include "fault/agreement.hpp"
#include "workload/comparison.hpp"
#include "workload/reading.hpp"
#include "workload/step.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

namespace amphora::fault {

namespace fs = std::filesystem;

namespace {

/// A reader that has read nothing, so a restore has commits to take over for it.
const FeedOptions outside{.reader = "outside"};

/// The reader continues where it was. Throws a refusal.
void require_continued(const Database& restored) {
    try {
        Feed feed = restored.feed(outside);
        const Commit last = restored.snapshot().commit_seen();
        restored.sync(last);
        while (feed.next(std::chrono::milliseconds{0}) != nullptr) {
        }
        if (feed.position()->sequence() < last.sequence) {
            throw workload::Disagreement{"restored: the reader ends early"};
        }
    } catch (const Error& error) {
        const bool is_lost =
            error.code() == ErrorCode::feed_gap || error.code() == ErrorCode::unknown_position;
        if (!is_lost) throw;
        throw workload::Disagreement{fmt::format("restored: {}", error.what())};
    }
}

}  // namespace

Copies::Copies(const std::string& database, const workload::Workload& workload)
    : workload_{workload},
      archive_{database + ".archive"},
      backup_{database + ".backup"},
      restored_{database + ".restored"},
      backed_up_{threads_count} {}

void Copies::back_up(const Database& database, const std::vector<workload::Model>& models) {
    // A directory with the name is complete.
    if (fs::exists(backup_)) return;
    for (const workload::Model& model : models) backed_up_[model.thread] = model.done;
    static_cast<void>(database.feed(outside));
    database.backup(backup_);
}

void Copies::restore(const std::vector<workload::Model>& models) {
    if (!fs::exists(restored_)) {
        Database::restore(backup_, restored_,
                          {.archive = archive_, .options = options_of_the_run()});
    }
    Options options = options_of_the_run();
    options.mode = OpenMode::must_exist;
    const Database database = Database::open(restored_, options);
    const Snapshot now = database.snapshot();
    std::vector<workload::Model> there;
    for (const workload::Model& model : models) {
        const std::uint64_t done = workload::position(now, model.thread);
        if (done < backed_up_[model.thread] || done > model.done) {
            throw workload::Disagreement{
                fmt::format("thread {}: {} transactions were backed up, {} are restored",
                            model.thread, backed_up_[model.thread], done)};
        }
        workload_.fold(there.emplace_back(model.thread), done);
    }
    const auto differences = workload::compare(now, there);
    if (!differences.empty()) throw workload::Disagreement{"restored: " + differences.front()};
    require_continued(database);
}

}  // namespace amphora::fault
