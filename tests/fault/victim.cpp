// The program that meets the fault.
//
//   amphora-fault-victim DIRECTORY SEED TRANSACTIONS work|leave|copy|widen
//
// Opens the database, lets two threads work until each has done so many transactions, waits for
// both trees, closes, opens once more and reads. Every refusal is reported; then the database is
// closed and opened again, as an application would do, and the work continues. `leave` ends in the
// middle of it without closing, so that the next process has something to recover. `copy` has an
// archive, makes a backup before the threads continue, and restores both when the database is
// closed; the faults begin when it is open. `widen` opens a narrow database with the wide schema and
// waits until the trees have what that adds.
//
// Each line is one write:
//
//   a T N      transaction number N of thread T is acknowledged: it must survive
//   e CODE ... something was refused by name
//   m TEXT     an error has stopped a consumer, which runs again
//   x TEXT     the database is not what it should be
//   h TEXT     it does not continue
//   done       all of the work is done

#include "fault/agreement.hpp"
#include "fault/copies.hpp"
#include "fault/widening.hpp"
#include "workload/comparison.hpp"
#include "workload/mirror.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/step.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

/// From the preloaded library: calls are counted from here on.
extern "C" __attribute__((weak)) void amphora_faults_begin();

namespace {

using namespace amphora;
using fault::Copies;
using fault::options_of_the_run;
using fault::threads_count;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// One fault can be seen at most at an opening, at a commit and at a closing.
constexpr int lives_max = 4;
/// Of the failures of the consumers' own handlers.
constexpr std::uint64_t mirror_seed = 5;
/// How often a transient error is tried again before the disk gets room.
constexpr int refusals_max = 3;
constexpr milliseconds pause{5};
constexpr std::chrono::seconds patience{10};

template <class... Words>
void say(fmt::format_string<Words...> format, Words&&... words) noexcept {
    // Less than PIPE_BUF and without allocations: in one piece, also without memory.
    std::array<char, 600> line{};
    auto end =
        fmt::format_to_n(line.data(), line.size() - 1, format, std::forward<Words>(words)...).out;
    for (char* letter = line.data(); letter != end; ++letter) {
        if (*letter == '\n') *letter = ' ';
    }
    *end++ = '\n';
    if (::write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(end - line.data())) < 0) {
        std::_Exit(5);
    }
}

[[noreturn]] void give_up(char letter, const char* what) noexcept {
    say("{} {}", letter, what);
    std::_Exit(3);
}

void say_refusal(const std::exception& what) noexcept {
    if (const auto* error = dynamic_cast<const Error*>(&what)) {
        say("e {} {}", to_string(error->code()), error->what());
    } else if (dynamic_cast<const std::bad_alloc*>(&what) != nullptr) {
        say("e out_of_memory");
    } else {
        say("e unnamed {}", what.what());
    }
}

Options logged_options() {
    Options options = options_of_the_run();
    options.log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
    return options;
}

bool asks_for_a_new_process(const std::exception& error) {
    return std::string_view{error.what()}.find("end this process") != std::string_view::npos;
}

void begin_faults() {
    if (amphora_faults_begin != nullptr) amphora_faults_begin();
}

class Victim {
  public:
    Victim(std::string directory, std::uint64_t seed, std::uint64_t transactions, std::string task)
        : directory_{std::move(directory)},
          workload_{seed},
          transactions_{transactions},
          task_{std::move(task)} {}

    void live() {
        for (int life = 0; life < lives_max; ++life) {
            try {
                if (task_ == "widen") {
                    widen();
                } else {
                    task_ == "copy" ? copy() : work();
                    look();
                }
                return say("done");
            } catch (const workload::Disagreement& disagreement) {
                give_up('x', disagreement.what());
            } catch (const std::exception& error) {
                say_refusal(error);
                if (asks_for_a_new_process(error)) std::_Exit(4);
                make_room();
            }
        }
        give_up('h', "the fault is over, and the work does not continue");
    }

  private:
    void work() {
        begin_faults();
        Database database = Database::open(directory_, workload::schema, logged_options());
        std::vector<workload::Model> models = models_in(database);
        std::optional<workload::Mirror> mirror;
        mirror.emplace(database, mirror_seed);
        failure_ = nullptr;
        write_side_by_side(database, models);
        if (task_ == "leave") std::_Exit(0);
        try {
            if (failure_) std::rethrow_exception(failure_);
            await_delivery(database);
        } catch (const Error& error) {
            say_refusal(error);
            require_readable(database);
            throw;
        }
        require_same(database, models);
        require_mirrored(database, mirror);
        mirror.reset();
        database.close();
    }

    /// Every change has taken effect once. A consumer that an error has stopped is run again, as by
    /// an application, and continues.
    static void require_mirrored(Database& database, std::optional<workload::Mirror>& mirror) {
        for (int times = 0; times < lives_max; ++times) {
            const std::vector<std::string> differences = mirror->catch_up();
            const auto why_stopped = mirror->why_stopped();
            if (!why_stopped && differences.empty()) return;
            if (!why_stopped) throw workload::Disagreement{differences.front()};
            say("m {}", *why_stopped);
            mirror.reset();
            mirror.emplace(database, mirror_seed);
        }
        give_up('h', "the consumers stop again and again");
    }

    void copy() {
        Options options = logged_options();
        options.archive_directory = copies_.archive();
        Database database = Database::open(directory_, workload::schema, options);
        begin_faults();
        std::vector<workload::Model> models = models_in(database);
        back_up(database, models);
        failure_ = nullptr;
        write_side_by_side(database, models);
        if (failure_) std::rethrow_exception(failure_);
        require_same(database, models);
        database.close();
        copies_.restore(models);
    }

    void widen() {
        begin_faults();
        Database database = Database::open(directory_, fault::wide, logged_options());
        await_delivery(database);
        database.close();
    }

    /// One that is refused leaves the database as it was.
    void back_up(const Database& database, const std::vector<workload::Model>& models) {
        try {
            return copies_.back_up(database, models);
        } catch (const Error& error) {
            say_refusal(error);
            if (asks_for_a_new_process(error)) throw;
        }
        make_room();
        require_same(database, models);
        copies_.back_up(database, models);
    }

    void write_side_by_side(Database& database, std::vector<workload::Model>& models) {
        std::vector<std::jthread> threads;
        threads.reserve(threads_count);
        try {
            for (workload::Model& model : models) {
                threads.emplace_back([&] { write_with(database, model); });
            }
        } catch (const std::system_error&) {  // the C library had no memory for this one's own
            throw std::bad_alloc{};
        }
    }

    /// After every refusal reading continues, unless the disk still refuses that, too, or the error
    /// says that only a new process can read.
    void require_readable(const Database& database) {
        if (std::getenv("AMPHORA_FAULT_UNTIL") != nullptr) return;
        try {
            static_cast<void>(models_in(database));
        } catch (const Error& error) {
            if (asks_for_a_new_process(error)) throw;
            throw workload::Disagreement{fmt::format("reading ended, too: {}", error.what())};
        }
    }

    /// A database that was closed shows the same as before.
    void look() {
        Database database = Database::open(directory_, workload::schema, logged_options());
        require_same(database, models_in(database));
        database.close();
    }

    /// What must be stored: everything acknowledged, or one more that was being written.
    std::vector<workload::Model> models_in(const Database& database) {
        std::vector<workload::Model> models;
        const Snapshot now = database.snapshot();
        for (std::uint32_t thread = 0; thread < threads_count; ++thread) {
            const std::uint64_t there = workload::position(now, thread);
            const std::uint64_t known = acknowledged_[thread];
            if (known != 0 && (there < known || there > known + 1)) {
                throw workload::Disagreement{
                    fmt::format("thread {}: {} transactions were acknowledged, {} are there",
                                thread, known, there)};
            }
            workload_.fold(models.emplace_back(thread), there);
        }
        require_same(database, models);
        return models;
    }

    static void require_same(const Database& database, const std::vector<workload::Model>& models) {
        const auto differences = workload::compare(database.snapshot(), models);
        if (!differences.empty()) throw workload::Disagreement{differences.front()};
    }

    void write_with(Database& database, workload::Model& model) noexcept {
        try {
            int refusals = 0;
            while (model.done < transactions_ && !has_failed()) {
                try {
                    workload_.commit_next(
                        database, model,
                        model.done % 3 == 0 ? Durability::written : Durability::synced);
                    acknowledged_[model.thread] = model.done;
                    say("a {} {}", model.thread, model.done);
                    refusals = 0;
                } catch (const Error& error) {
                    if (!heals(error.code()) || ++refusals > 100 * refusals_max) throw;
                    if (refusals <= refusals_max) say_refusal(error);
                    if (refusals == refusals_max) make_room();
                    std::this_thread::sleep_for(pause);
                }
            }
        } catch (...) {
            const std::lock_guard lock{mutex_};
            if (!failure_) failure_ = std::current_exception();
        }
    }
    [[nodiscard]] bool has_failed() {
        const std::lock_guard lock{mutex_};
        return failure_ != nullptr;
    }

    /// Nothing was changed, and it is worth another attempt without reopening.
    static bool heals(ErrorCode code) {
        return code == ErrorCode::disk_full || code == ErrorCode::io_error ||
               code == ErrorCode::outbox_full || code == ErrorCode::documents_stalled;
    }

    static void make_room() noexcept {
        if (const char* ballast = std::getenv("AMPHORA_FAULT_UNTIL")) ::unlink(ballast);
    }

    void await_delivery(const Database& database) {
        const Commit last = database.snapshot().commit_seen();
        const auto until = steady_clock::now() + patience;
        while (!database.wait(last, Delivery::both, milliseconds{50})) {
            make_room();
            if (steady_clock::now() > until) give_up('h', "what was committed is not delivered");
        }
    }

    std::string directory_;
    workload::Workload workload_;
    std::uint64_t transactions_;
    std::string task_;
    Copies copies_{directory_, workload_};
    std::array<std::atomic<std::uint64_t>, threads_count> acknowledged_{};
    std::mutex mutex_;
    std::exception_ptr failure_;
};

}  // namespace

int main(int count, char** words) {
    if (count != 5) {
        std::fprintf(stderr,
                     "amphora-fault-victim DIRECTORY SEED TRANSACTIONS work|leave|copy|widen\n");
        return 2;
    }
    Victim victim{words[1], std::stoull(words[2]), std::stoull(words[3]), words[4]};
    try {
        victim.live();
    } catch (const std::exception& error) {
        give_up('x', error.what());
    }
    return 0;
}
