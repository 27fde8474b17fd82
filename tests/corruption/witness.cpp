// The program that builds the databases which are damaged, and reads them afterwards.
//
//   amphora-corruption-witness build DIRECTORY SEED DONE SHAPE
//       Does DONE transactions, so that a database of that shape (shape.hpp) comes of it.
//   amphora-corruption-witness read DIRECTORY SEED DONE look|change
//       Checks the directory, opens it read-only or for changes, and reads everything in it by
//       primary key, by scan and through every index. What it says, a line each:
//   amphora-corruption-witness survey DIRECTORY SEED DONE rescue
//       Opens the directory by rescue and says what is found by its key in its newest version.
//   amphora-corruption-witness repair DIRECTORY SEED DONE apply|schema
//       Repairs the directory, with the schema or without, then does the same as `read` with the
//       result, and says what became of each entry.
//
//   readable NAME ID  of a survey
//   whole 0|1         what the repair calls its result
//   lost TEXT         a loss of the repair
//   kept NAME ID      in quarantine; NAME "?": nobody knows whose
//   missing NAME ID   not in the result, or not in its newest version
//   newest NAME ID    in the result
//   one less          the result shows every transaction but the last
//   lacks NAME ID     as `missing`, of the transactions before the last
//   beyond TEXT       the directory is beyond repair
//   finding TEXT      of the check
//   checked           the check has ended
//   refused TEXT      it does not open
//   at N              it shows N transactions
//   named TEXT        an error instead of a value
//   wrong TEXT        a value that nobody ever wrote there
//   outdated TEXT     a value that was stored once
//   hidden TEXT       something that is there was not found
//   read              everything was asked for

#include "corruption/ballast.hpp"
#include "corruption/document_scans.hpp"
#include "corruption/presence.hpp"
#include "corruption/shape.hpp"
#include "corruption/telling.hpp"
#include "support/small_tables.hpp"
#include "workload/comparison.hpp"
#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/step.hpp"
#include "workload/workload.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace {

using namespace amphora;

using corruption::say;

Options small() {
    constexpr std::uint64_t kib = 1024;
    Options options;
    options.profile = Profile::edge;
    options.segment_bytes = 256 * kib;
    options.commit_bytes_max = 192 * kib;
    options.journal_bytes_max = 8192 * kib;
    options.pending_bytes_max = 8192 * kib;
    options.seal_bytes = 64 * kib;
    options.reserve_bytes = 1024 * kib;
    return options;
}

void build(const std::string& directory, std::uint64_t seed, std::uint64_t done,
           const corruption::Shape& shape) {
    const workload::Workload workload{seed};
    workload::Model model;
    const bool is_killed = shape.ending == corruption::Ending::killed;
    const std::uint64_t delivered = is_killed ? done / 2 : done;
    for (std::uint64_t opening = 1; opening <= shape.openings; ++opening) {
        Database database = Database::open(directory, workload::schema, small());
        corruption::insert_ballast(database, opening - 1, shape.openings);
        // The last of several openings removes little, so that the tables of earlier ones stay.
        const std::uint64_t until = opening == shape.openings
                                        ? delivered
                                        : delivered * 9 / 10 * opening / (shape.openings - 1);
        while (model.done < until) workload.commit_next(database, model, Durability::synced);
        database.close();
        // Later openings that remove much have a level of several files merged again.
        const std::uint64_t split_after =
            is_killed ? shape.openings : std::max<std::uint64_t>(1, shape.openings - 1);
        if (opening == split_after && shape.small_tables) {
            support::split_into_small_tables(directory, 8192);
        }
    }
    if (!is_killed) return;
    Options lazy = small();
    lazy.seal_bytes = lazy.pending_bytes_max;
    lazy.seal_age_ms = 3'600'000;
    Database database = Database::open(directory, workload::schema, lazy);
    while (model.done < done) workload.commit_next(database, model, Durability::synced);
    std::_Exit(0);
}

/// Every value that a thread's transactions ever left, by key.
class History {
  public:
    History(std::uint64_t seed, std::uint64_t done) {
        const workload::Workload workload{seed};
        workload::Model model;
        take(corruption::ballast());
        for (take(model); model.done < done; take(model)) workload.fold(model);
    }

    template <class Value>
    [[nodiscard]] bool had(std::int64_t id, const Value& value) const {
        const auto& all = std::get<Values<Value>>(values_);
        const auto [first, last] = all.equal_range(id);
        return std::any_of(first, last, [&](const auto& each) { return each.second == value; });
    }

  private:
    template <class Value>
    using Values = std::multimap<std::int64_t, Value>;

    void take(const workload::Model& model) {
        add(model.owners);
        add(model.items);
        add(model.loans);
        add(model.receipts);
        add(model.notes);
        add(model.pictures);
    }
    template <class Value>
    void add(const std::map<std::int64_t, Value>& now) {
        for (const auto& [id, value] : now) {
            if (!had(id, value)) std::get<Values<Value>>(values_).emplace(id, value);
        }
    }

    std::tuple<Values<workload::Owner>, Values<workload::Item>, Values<workload::Loan>,
               Values<workload::Receipt>, Values<workload::Note>, Values<workload::Picture>>
        values_;
};

/// The workload's model and what never changes.
using Models = std::array<workload::Model, 2>;

/// Reads everything in the models, one by one, so that one damaged place does not hide the others.
class Witness {
  public:
    Witness(const Reader& reader, const Models& models, const History& history)
        : reader_{reader}, models_{models}, history_{history} {}

    /// What it has reported so far, to be continued.
    corruption::Telling& run() {
        for (const workload::Model& model : models_) {
            rows(model.owners, workload::owners, "owner", workload::owner_of);
            rows(model.items, workload::items, "item", corruption::item_of);
            rows(model.loans, workload::loans, "loan", corruption::loan_of);
            documents(model.notes, workload::notes, "note", workload::note_of);
            documents(model.pictures, workload::pictures, "picture", workload::picture_of);
            through_unique_indexes(model);
            by_scans(model);
        }
        through_all_indexes();
        corruption::ask_for_all_documents(reader_, models_, telling_);
        return telling_;
    }

  private:
    template <class Ask>
    void ask(Ask question) {
        telling_.ask(question);
    }
    void tell(const char* kind, const std::string& what) { telling_.tell(kind, what); }
    template <class Value>
    void judge(const char* kind, std::int64_t id, const Value& found, const Value& expected) {
        if (found == expected) return;
        tell(history_.had(id, found) ? "outdated" : "wrong",
             fmt::format("{} {} is another", kind, id));
    }

    template <class Value, class Convert>
    void rows(const std::map<std::int64_t, Value>& all, const Table& table, const char* kind,
              Convert convert) {
        for (const auto& [id, expected] : all) {
            ask([&, id = id, &expected = expected] {
                const auto row = reader_.find(table, {id});
                if (!row) return tell("hidden", fmt::format("{} {}", kind, id));
                judge(kind, id, convert(*row), expected);
            });
        }
    }
    template <class Value, class Convert>
    void documents(const std::map<std::int64_t, Value>& all, const Collection& collection,
                   const char* kind, Convert convert) {
        for (const auto& [id, expected] : all) {
            ask([&, id = id, &expected = expected] {
                const auto document = reader_.find(collection, Id{id});
                if (!document) return tell("hidden", fmt::format("{} {}", kind, id));
                judge(kind, id, convert(*document), expected);
            });
        }
    }
    void through_unique_indexes(const workload::Model& model) {
        for (const auto& [id, owner] : model.owners) {
            if (!owner.email) continue;
            ask([&, id = id, &owner = owner] {
                const auto row = reader_.find(workload::owners_by_email, {*owner.email});
                if (!row) return tell("hidden", fmt::format("owner {} by e-mail", id));
                judge("owner by e-mail", id, workload::owner_of(*row), owner);
            });
        }
    }

    void by_scans(const workload::Model& model) {
        ask([&] {
            const workload::Model found = workload::read_model(reader_, model.thread);
            compare("owner", model.owners, found.owners);
            compare("item", model.items, found.items);
            compare("loan", model.loans, found.loans);
            compare("receipt", model.receipts, found.receipts);
            compare("note", model.notes, found.notes);
            compare("picture", model.pictures, found.pictures);
        });
    }
    /// Reads through the indexes, if each row and document is right by itself.
    void through_all_indexes() {
        if (!telling_.faultless()) return;
        ask([&] {
            for (const std::string& difference : workload::compare(reader_, models_)) {
                tell("hidden", difference);
            }
        });
    }
    template <class Map>
    void compare(const char* kind, const Map& expected, const Map& found) {
        for (const auto& [id, value] : expected) {
            const auto there = found.find(id);
            if (there == found.end()) {
                tell("hidden", fmt::format("{} {} in a scan", kind, id));
            } else {
                judge(kind, id, there->second, value);
            }
        }
        for (const auto& [id, value] : found) {
            if (expected.contains(id)) continue;
            tell(history_.had(id, value) ? "outdated" : "wrong",
                 fmt::format("{} {} is too much", kind, id));
        }
    }

    const Reader& reader_;
    const Models& models_;
    const History& history_;
    corruption::Telling telling_;
};

void check(const std::string& directory) {
    try {
        const CheckReport report = Database::check_directory(directory, CheckDepth::deep, small());
        for (const std::string& finding : report.findings) say("finding " + finding);
    } catch (const Error& error) {
        say(fmt::format("finding ({}) {}", error.code_name(), error.what()));
    }
    say("checked");
}

Models models_after(std::uint64_t seed, std::uint64_t done) {
    Models models{workload::Model{}, corruption::ballast()};
    workload::Workload{seed}.fold(models[0], done);
    return models;
}

void survey(const std::string& directory, std::uint64_t seed, std::uint64_t done) {
    Options options = small();
    options.mode = OpenMode::rescue;
    const Database database = Database::open(directory, options);
    const Snapshot now = database.snapshot();
    for (const workload::Model& model : models_after(seed, done)) {
        corruption::each_entry(now, model,
                               [](std::string_view name, std::int64_t id, bool is_newest) {
                                   if (is_newest) say(fmt::format("readable {} {}", name, id));
                               });
    }
}

/// What the quarantine has, by name and by the first number in its key.
void say_what_is_kept(const RepairReport& report) {
    std::ifstream file{report.quarantine_path};
    for (std::string line; std::getline(file, line);) {
        const auto after = [&](std::string_view words) {
            const std::size_t at = line.find(words);
            return at == std::string::npos ? std::string{} : line.substr(at + words.size());
        };
        std::string name = after("\"name\": \"");
        name.resize(std::min(name.find('"'), name.size()));
        const std::string key = after("\"key_text\": \"space ");
        const std::size_t number = key.find('(');
        const std::string id =
            number < key.find('"') ? std::to_string(std::atoll(key.c_str() + number + 1)) : "?";
        say(fmt::format("kept {} {}", name.empty() ? "?" : name, id));
    }
}

/// Repairs; returns whether there is something to be read afterwards.
bool repair(const std::string& directory, bool with_schema) {
    try {
        const std::span<const Schema> schemas{&workload::schema, with_schema ? 1u : 0u};
        const RepairReport report =
            Database::repair_directory(directory, RepairMode::apply, small(), schemas);
        say(fmt::format("whole {}", report.whole ? 1 : 0));
        for (const std::string& loss : report.losses) say("lost " + loss);
        say_what_is_kept(report);
        return true;
    } catch (const Error& error) {
        say(fmt::format("beyond ({}) {}", error.code_name(), error.what()));
        say("checked");
        say("read");
        return false;
    }
}

/// Whether the last transaction is missing. Without the definitions that count them nobody knows.
bool is_one_less(const Snapshot& now, std::uint64_t done) {
    try {
        return workload::position(now, 0) + 1 == done;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::no_such_table) throw;
        return false;
    }
}

void say_what_is_missing(const Snapshot& now, const Models& models, std::string_view word) {
    for (const workload::Model& model : models) {
        corruption::each_entry(
            now, model, [&](std::string_view name, std::int64_t id, bool is_newest) {
                say(fmt::format("{} {} {}", is_newest ? "newest" : word, name, id));
            });
    }
}

/// In a repaired database anything may be missing; what is there must have been written.
void read_repaired(const std::string& directory, std::uint64_t seed, std::uint64_t done) {
    check(directory);
    try {
        Options options = small();
        options.mode = OpenMode::must_exist;
        Database database = Database::open(directory, options);
        const Models models = models_after(seed, done);
        say(fmt::format("at {}", done));
        const History history{seed, done};
        const Snapshot now = database.snapshot();
        Witness{now, models, history}.run();
        say_what_is_missing(now, models, "missing");
        if (is_one_less(now, done)) {
            say("one less");
            say_what_is_missing(now, models_after(seed, done - 1), "lacks");
        }
    } catch (const Error& error) {
        say(fmt::format("refused ({}) {}", error.code_name(), error.what()));
    }
    say("read");
}

void read(const std::string& directory, std::uint64_t seed, std::uint64_t done, OpenMode mode) {
    check(directory);
    try {
        Options options = small();
        options.mode = mode;
        Database database = Database::open(directory, options);
        const Snapshot now = database.snapshot();
        const std::uint64_t there = workload::position(now, 0);
        say(fmt::format("at {}", there));
        if (there > done) return say("wrong more transactions than were done");
        Models models{workload::Model{}, corruption::ballast()};
        workload::Workload{seed}.fold(models[0], there);
        const History history{seed, there};
        Witness witness{now, models, history};
        corruption::Telling& telling = witness.run();
        if (mode != OpenMode::read_only) {
            corruption::change_all_documents(database, models, telling);
        }
    } catch (const Error& error) {
        say(fmt::format("refused ({}) {}", error.code_name(), error.what()));
    }
    say("read");
}

}  // namespace

int main(int count, char** words) {
    const std::string_view verb = count == 6 ? words[1] : "";
    const auto number = [&](int at) { return std::strtoull(words[at], nullptr, 10); };
    if (verb == "build") {
        build(words[2], number(3), number(4), corruption::shapes.at(number(5)));
    } else if (verb == "read") {
        const bool change = std::string_view{words[5]} == "change";
        read(words[2], number(3), number(4), change ? OpenMode::must_exist : OpenMode::read_only);
    } else if (verb == "repair") {
        if (repair(words[2], std::string_view{words[5]} == "schema")) {
            read_repaired(words[2], number(3), number(4));
        }
    } else if (verb == "survey") {
        survey(words[2], number(3), number(4));
    } else {
        return 2;
    }
    return 0;
}
