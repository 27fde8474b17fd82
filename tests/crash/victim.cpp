// The program that the crash run kills.
//
//   amphora-crash-victim DIRECTORY WORKLOAD-SEED PLAN-SEED CYCLE work|recover|restore=WISH
//
// Opens the database, reports the position of each thread, and continues from there until a line or
// the end of its input tells it to close; or restores a copy, as RestoreWish says. Each message is
// one line in one write:
//
//   open        the database is open
//   at T N      N transactions of thread T are there
//   ready       what is there is what the model says; the threads begin
//   s T N Q E U   transaction number N of thread T, commit Q of epoch E, returned as `synced`, at U
//   w T N Q E U   it returned as `written`
//   b T N Q E U   it returned as `buffered`
//   skipped     a consumer has lost its place
//   restarted   a consumer that had lost its place starts again
//   compacting  a compaction begins
//   copying N   copy number N begins
//   copied N F L  it is made, and can be restored as of commit F up to L
//   restored    the copy is restored
//   closing     all threads have ended; the database is being closed
//   x TEXT      the database is not what it should be

#include "base/file.hpp"
#include "crash/copy_place.hpp"
#include "crash/cycle_plan.hpp"
#include "crash/restore_wish.hpp"
#include "crash/voice.hpp"
#include "workload/comparison.hpp"
#include "workload/mirror.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/step.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace amphora;

using crash::give_up;
using crash::say;

/// A thread's top function: no exception passes it.
template <class Body>
std::jthread guarded(Body body) {
    return std::jthread{[body] {
        try {
            body();
        } catch (const std::exception& error) {
            give_up(error.what());
        }
    }};
}

class Victim {
  public:
    Victim(const std::string& directory, std::uint64_t workload_seed, crash::CyclePlan plan)
        : directory_{directory},
          plan_{std::move(plan)},
          workload_{workload_seed},
          seed_{workload_seed} {
        plan_.options = crash::options_of(plan_, directory, workload_seed);
        if (!plan_.names_archive && operating_system_files().exists(directory + "/ARCHIVE")) {
            plan_.options.archive_directory.clear();
        }
        plan_.options.log = [](const std::string& line) {
            std::fprintf(stderr, "%s\n", line.c_str());
            if (const auto word = crash::fate_of_consumer(line)) say(*word);
        };
        database_ = Database::open(directory, workload::schema, plan_.options);
        say("open");
        mirror_.emplace(*database_, workload_seed);
        const Snapshot now = database_->snapshot();
        for (std::uint32_t thread = 0; thread < crash::threads_max; ++thread) {
            positions_.push_back(workload::position(now, thread));
            say(fmt::format("at {} {}", thread, positions_.back()));
        }
    }

    void work() {
        std::vector<workload::Model> models;
        models.reserve(plan_.threads);
        std::vector<std::jthread> threads;
        threads.reserve(plan_.threads + 4);  // those that read, skip, compact and copy
        for (std::uint32_t thread = 0; thread < plan_.threads; ++thread) {
            models.emplace_back(thread);
            workload_.fold(models.back(), positions_[thread]);
            require_same(database_->snapshot(), models.back());
        }
        say("ready");
        for (workload::Model& model : models) {
            threads.push_back(guarded([this, &model] { write_for_ever(model); }));
        }
        if (plan_.reads) threads.push_back(guarded([this] { read_for_ever(); }));
        if (plan_.skips) threads.push_back(guarded([this] { pause_items_again_and_again(); }));
        if (plan_.compacts) threads.push_back(guarded([this] { compact_for_ever(); }));
        if (plan_.copies) threads.push_back(guarded([this] { copy_for_ever(); }));
        wait_for_line();
        stop_ = true;
    }
    void wait_for_line() {
        char letter = 0;
        while (::read(STDIN_FILENO, &letter, 1) > 0 && letter != '\n') {
        }
    }
    void close() {
        say("closing");
        mirror_.reset();
        database_->close();
    }

  private:
    static void require_same(const Reader& reader, const workload::Model& model) {
        const auto differences = workload::compare(reader, model);
        if (!differences.empty()) give_up(differences.front());
    }

    void write_for_ever(workload::Model& model) {
        workload::Dice dice{seed_, model.thread, model.done, 7};
        struct Held {
            Snapshot snapshot;
            workload::Model model;
        };
        std::optional<Held> held;
        while (!stop_) {
            const Durability durability = plan_.durabilities[dice.below(plan_.durabilities.size())];
            const Commit commit = workload_.commit_next(*database_, model, durability);
            say(crash::commit_line(durability, model.thread, model.done, commit));
            if (!dice.once_in(40)) continue;
            // This thread's commits are visible at once, and a snapshot does not change.
            if (held) {
                require_same(held->snapshot, held->model);
                held.reset();
            } else {
                held = Held{database_->snapshot(), model};
                require_same(held->snapshot, model);
            }
        }
    }

    // Both stores as of one commit: no note without its owner, no picture without its item.
    void read_for_ever() {
        while (!stop_) {
            const Snapshot now = database_->snapshot();
            for (const DocumentView note : now.scan(workload::notes)) {
                if (!now.find(workload::owners, {workload::note_of(note).owner})) {
                    give_up("a snapshot shows a note without its owner");
                }
            }
            for (const DocumentView picture : now.scan(workload::pictures)) {
                if (!now.find(workload::items, {workload::picture_of(picture).item})) {
                    give_up("a snapshot shows a picture without its item");
                }
            }
        }
    }

    // The consumer that copies items is paused and resumed.
    void pause_items_again_and_again() {
        workload::Dice dice{seed_, positions_[0], 8};
        const auto pass = [&](std::uint64_t ms) {
            const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{ms};
            while (!stop_ && std::chrono::steady_clock::now() < until) {
                std::this_thread::sleep_for(std::chrono::milliseconds{2});
            }
        };
        while (!stop_) {
            mirror_->pause_items();
            pass(dice.between(50, 500));
            mirror_->resume_items();
            pass(dice.between(5, 50));
        }
    }

    void compact_for_ever() {
        while (!stop_) {
            say("compacting");
            database_->compact();
        }
    }

    // Each replaces the last but one, so that there is always a complete one.
    void copy_for_ever() {
        for (std::uint64_t number = 0; !stop_; ++number) {
            const std::string place = crash::place_of_copy(directory_, number);
            std::filesystem::remove_all(place);
            // Removed durably, so that no power cut brings it back in place of this one.
            operating_system_files().sync_directory(
                std::filesystem::path{directory_}.parent_path().string());
            say(fmt::format("copying {}", number));
            const BackupReport made = database_->backup(place);
            say(fmt::format("copied {} {} {}", number, amphora::number(made.earliest),
                            amphora::number(made.last)));
        }
    }

    std::string directory_;
    crash::CyclePlan plan_;
    workload::Workload workload_;
    std::uint64_t seed_;
    std::optional<Database> database_;
    std::optional<workload::Mirror> mirror_;
    std::vector<std::uint64_t> positions_;
    std::atomic<bool> stop_{false};
};

void restore(const std::string& directory, const crash::RestoreWish& wish, const Options& options) {
    Database::restore(crash::place_of_copy(directory, wish.copy),
                      crash::place_of_restored(directory), wish.options_for(directory, options));
    say("restored");
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words, words + count);
    if (count != 6) {
        std::fprintf(stderr,
                     "amphora-crash-victim DIRECTORY WORKLOAD-SEED PLAN-SEED CYCLE "
                     "work|recover|restore=WISH\n");
        return 2;
    }
    try {
        const crash::CyclePlan plan =
            crash::plan_of(std::stoull(arguments[3]), std::stoull(arguments[4]));
        if (const std::string word = "restore="; arguments[5].starts_with(word)) {
            restore(arguments[1], crash::to_wish(arguments[5].substr(word.size())), plan.options);
            return 0;
        }
        Victim victim{arguments[1], std::stoull(arguments[2]), plan};
        if (arguments[5] == "work") {
            victim.work();
        } else {
            victim.wait_for_line();
        }
        victim.close();
    } catch (const std::exception& error) {
        give_up(error.what());
    }
    return 0;
}
