#include "demo_work/main_job.hpp"

#include "coaching.hpp"
#include "console/progress_bar.hpp"
#include "console/text_table.hpp"
#include "console/units.hpp"
#include "demo_work/figures.hpp"
#include "demo_work/ledger.hpp"
#include "demo_work/worker_process.hpp"
#include "learning.hpp"
#include "loading/loader.hpp"
#include "mission.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <random>

namespace amphora::demo {

namespace {

using console::TextTable;
using console::with_commas;
constexpr auto right = TextTable::Align::right;

/// Parents before children, as the schema declares them.
void load_samples(Database& database, const std::string& samples) {
    TextTable table{{{"table or collection"}, {"loaded", right}, {"rejected", right}}};
    for (const SpaceReport& space : database.describe()) {
        const std::string path =
            samples + "/" + space.name + (space.is_collection ? ".jsonl" : ".csv");
        if (!std::filesystem::exists(path)) continue;
        const loading::LoadReport report =
            space.is_collection ? loading::load_json(database, Collection{space.name}, path, {})
                                : loading::load_csv(database, Table{space.name}, path, {});
        table.add({space.name, with_commas(report.loaded), with_commas(report.rejected)});
        for (const loading::Rejection& rejection : report.rejections) {
            std::printf("%s:%llu: %s\n", path.c_str(),
                        static_cast<unsigned long long>(rejection.line), rejection.reason.c_str());
        }
    }
    std::printf("%s\n", table.text("  ").c_str());
}

/// Runs workers until enough steps are acknowledged, and kills all but the last of them.
bool let_work(const MainJobOptions& options, Ledger& ledger) {
    console::ProgressBar bar{"  steps", options.steps};
    std::mt19937_64 random{options.seed};
    for (std::uint64_t run = 0; run <= options.kills; ++run) {
        const bool last = run == options.kills;
        const std::uint64_t share = options.steps / (options.kills + 1);
        const std::uint64_t until =
            last ? options.steps : run * share + share / 2 + random() % (share / 2);
        WorkerProcess worker{options.program, options.directory, run, options.seed};
        const auto hear = [&](const Step& step) {
            ledger.hear(step);
            bar.advance_to(ledger.acknowledged());
        };
        const bool running = worker.listen([&](const Step& step) {
            hear(step);
            return ledger.acknowledged() < until;
        });
        if (!running) {
            bar.say("  the worker ended by itself; see its message above");
            return false;
        }
        if (last) {
            if (worker.finish(hear) != 0) return false;
        } else {
            worker.kill(hear);
            bar.say(fmt::format("  killed the worker at {} acknowledged steps, starting it again",
                                with_commas(ledger.acknowledged())));
        }
    }
    bar.finish(ledger.acknowledged());
    return true;
}

void print(const Ledger::Verdict& verdict) {
    TextTable table{{{"what must hold"},
                     {"expected", right},
                     {"fate unknown", right},
                     {"found", right},
                     {"lost", right},
                     {"duplicated", right}}};
    for (const Ledger::Line& line : verdict.lines) {
        table.add({line.what, with_commas(line.acknowledged), with_commas(line.unknown),
                   with_commas(line.found), with_commas(line.lost), with_commas(line.duplicated)});
    }
    std::printf("\n%s\n", table.text("  ").c_str());
    for (const std::string& finding : verdict.findings) std::printf("  %s\n", finding.c_str());
}

}  // namespace

int run_main_job(const MainJobOptions& options) {
    std::filesystem::remove_all(options.directory);
    const std::array schemas{mission::schema, learning::schema, coaching::schema};
    std::printf("making %s with the schemas mission, learning and coaching\n\n",
                options.directory.c_str());
    {
        Database database = Database::open(options.directory, schemas);
        load_samples(database, options.samples);
        begin_figures(database);
        database.close();
    }

    std::printf(
        "four threads sign users up, take missions, complete them and write AI feedback;\n"
        "each step is rows and documents in one durable transaction; a consumer counts the "
        "feedback\n");
    std::fflush(stdout);
    Ledger ledger;
    if (!let_work(options, ledger)) return 1;

    Database database = Database::open(options.directory);
    catch_up_with_figures(database);
    const Ledger::Verdict verdict = ledger.judge(database);
    print(verdict);
    const CheckReport check = database.check();
    std::printf(
        "  every invariant of both stores and the journal, over %s rows, %s documents and %s index "
        "entries: %s\n\n",
        with_commas(check.rows).c_str(), with_commas(check.documents).c_str(),
        with_commas(check.index_entries).c_str(), check.findings.empty() ? "holds" : "BROKEN");
    for (const std::string& finding : check.findings) std::printf("  %s\n", finding.c_str());
    std::printf("demo: %llu acknowledged, %llu kills, %llu lost, %llu duplicated\n",
                static_cast<unsigned long long>(ledger.acknowledged()),
                static_cast<unsigned long long>(options.kills),
                static_cast<unsigned long long>(verdict.lost),
                static_cast<unsigned long long>(verdict.duplicated));
    return verdict.lost == 0 && verdict.duplicated == 0 && check.findings.empty() ? 0 : 1;
}

}  // namespace amphora::demo
