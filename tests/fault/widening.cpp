#include "fault/widening.hpp"

#include "fault/agreement.hpp"

#include <amphora/amphora.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>

namespace amphora::fault {
namespace {

constexpr Table teams{"teams"};
constexpr Table people{"people"};
constexpr Table guests{"guests"};
constexpr Collection papers{"papers"};
constexpr Collection sketches{"sketches"};
constexpr UniqueIndex people_by_name{"people", "people_by_name"};

constexpr std::int64_t entries = 120;
constexpr std::int64_t team = 5;
constexpr std::int64_t fresh = 1000;  // no entry has this key

enum class Width : std::uint8_t { narrow, wide };

std::string name_of(std::int64_t id) {
    return fmt::format("somebody called {}", id);
}

Record person(std::int64_t id) {
    return {{"id", id}, {"name", name_of(id)}, {"team", team}, {"age", id % 90}};
}
Document paper(std::int64_t id) {
    return {{"_id", id}, {"author", name_of(id)}, {"team", team}, {"kind", id % 4}};
}
Document without(const Document& document, std::string_view field) {
    Document rest;
    for (const auto& each : document.view()) {
        if (each.name != field) rest.append(each.name, BsonValue{each.value});
    }
    return rest;
}
/// As it is after the widening: the new field has stored the number as its type, INT.
Document widened(std::int64_t id) {
    Document document = without(paper(id), "kind");
    document.append("kind", static_cast<std::int32_t>(id % 4));
    return document;
}

/// A write that the narrow schema takes. The wide one takes it if there is no `refusal`.
struct Trial {
    std::string what;
    std::optional<ErrorCode> refusal;
    std::function<void(Transaction&)> write;
};

void add_row_trials(std::vector<Trial>& trials, const Table& table, Width width) {
    const auto add = [&](const char* what, std::optional<ErrorCode> refusal, const Record& row) {
        trials.push_back({fmt::format("{}: {}", table.name, what), refusal,
                          [table, row](Transaction& tx) { tx.insert(table, row); }});
    };
    Record fitting = person(fresh);
    if (table.name == guests.name) {
        add("no level", ErrorCode::not_null_violation, fitting);
        if (width == Width::wide) fitting.set("level", 1);
    }
    add("a row that fits", std::nullopt, fitting);
    Record other = fitting;
    other.set("name", nullptr);
    add("no name", ErrorCode::not_null_violation, other);
    other = fitting;
    other.set("age", -1);
    add("a negative age", ErrorCode::check_violation, other);
    other = fitting;
    other.set("team", team + 1);
    add("a team that there is not", ErrorCode::foreign_key_violation, other);
    Record twin = fitting;
    twin.set("id", fresh + 1);
    trials.push_back({fmt::format("{}: a name twice", table.name), ErrorCode::duplicate_key,
                      [table, fitting, twin](Transaction& tx) {
                          tx.insert(table, fitting);
                          tx.insert(table, twin);
                      }});
}

void add_document_trials(std::vector<Trial>& trials, const Collection& collection) {
    const auto add = [&](const char* what, std::optional<ErrorCode> refusal,
                         const Document& document) {
        trials.push_back(
            {fmt::format("{}: {}", collection.name, what), refusal,
             [collection, document](Transaction& tx) { tx.insert(collection, document); }});
    };
    const Document fitting = paper(fresh);
    add("a document that fits", std::nullopt, fitting);
    add("no kind", ErrorCode::not_null_violation, without(fitting, "kind"));
    add("no author", ErrorCode::not_null_violation, without(fitting, "author"));
    add("a short author", ErrorCode::check_violation,
        {{"_id", fresh}, {"author", "al"}, {"team", team}, {"kind", 1}});
    add("a team that there is not", ErrorCode::foreign_key_violation,
        {{"_id", fresh}, {"author", name_of(fresh)}, {"team", team + 1}, {"kind", 1}});
    trials.push_back(
        {fmt::format("{}: an author twice", collection.name), ErrorCode::duplicate_key,
         [collection, fitting](Transaction& tx) {
             tx.insert(collection, fitting);
             tx.insert(
                 collection,
                 {{"_id", fresh + 1}, {"author", name_of(fresh)}, {"team", team}, {"kind", 1}});
         }});
}

std::vector<Trial> trials_for(Width width) {
    std::vector<Trial> trials;
    add_row_trials(trials, people, width);
    add_row_trials(trials, guests, width);
    add_document_trials(trials, papers);
    add_document_trials(trials, sketches);
    // With an entry that was stored before the index.
    Record twin = person(7);
    twin.set("id", fresh);
    trials.push_back({"people: a stored name", ErrorCode::duplicate_key,
                      [twin](Transaction& tx) { tx.insert(people, twin); }});
    return trials;
}

/// The error of a write that is rolled back.
std::optional<ErrorCode> refusal_of(Database& database, const Trial& trial) {
    Transaction tx = database.begin();
    try {
        trial.write(tx);
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

std::string name_of(std::optional<ErrorCode> code) {
    return code ? std::string{to_string(*code)} : "taken";
}

void judge_constraints(Database& database, Width width, std::vector<std::string>& findings) {
    for (const Trial& trial : trials_for(width)) {
        const auto wanted = width == Width::wide ? trial.refusal : std::nullopt;
        const auto found = refusal_of(database, trial);
        if (found == wanted) continue;
        findings.push_back(fmt::format("{} schema, {}: {} instead of {}",
                                       width == Width::wide ? "wide" : "narrow", trial.what,
                                       name_of(found), name_of(wanted)));
    }
}

void judge_entries(const Database& database, Width width, std::vector<std::string>& findings) {
    const Snapshot now = database.snapshot();
    const auto require = [&](bool holds, const char* what, std::int64_t id) {
        if (!holds) findings.push_back(fmt::format("{} {} is not as it was stored", what, id));
    };
    std::int64_t rows = 0;
    for (const RowView& row : now.scan(people)) {
        const Record found = row.record();
        ++rows;
        Record wanted = person(rows);
        if (width == Width::wide) wanted.set("level", 3);
        require(found == wanted, "person", rows);
    }
    std::int64_t documents = 0;
    for (const DocumentView document : now.scan(papers)) {
        ++documents;
        require(
            Document{document} == (width == Width::wide ? widened(documents) : paper(documents)),
            "paper", documents);
    }
    if (rows != entries || documents != entries) {
        findings.push_back(
            fmt::format("{} people and {} papers instead of {} of each", rows, documents, entries));
    }
    for (std::int64_t id = 1; width == Width::wide && id <= entries; ++id) {
        require(now.find(people_by_name, {name_of(id)}).has_value(), "the name of person", id);
        Documents found = now.find(papers, Document{{"author", name_of(id)}});
        require(found.begin() != Documents::end(), "the author of paper", id);
    }
    const CheckReport check = database.check();
    findings.insert(findings.end(), check.findings.begin(), check.findings.end());
}

}  // namespace

Widening::Widening(const std::string& directory, const std::string& other) {
    {
        Database database = Database::open(directory, narrow, options_of_the_run());
        database.write([](Transaction& tx) {
            tx.insert(teams, Record{{"id", team}});
            for (std::int64_t id = 1; id <= entries; ++id) {
                tx.insert(people, person(id));
                tx.insert(papers, paper(id));
            }
        });
        narrow_text_ = database.schema_text();
    }
    std::filesystem::copy(directory, other, std::filesystem::copy_options::recursive);
    wide_text_ = Database::open(other, wide, options_of_the_run()).schema_text();
    if (narrow_text_ == wide_text_) throw std::logic_error{"the wide schema adds nothing"};
}

Widening::Judged Widening::judge(const std::string& directory) const {
    Judged judged;
    const auto judge_as = [&](Database database, Width width) {
        judge_entries(database, width, judged.findings);
        judge_constraints(database, width, judged.findings);
    };
    const std::string stored = Database::open(directory, options_of_the_run()).schema_text();
    judged.was_narrow = stored == narrow_text_;
    if (judged.was_narrow) {
        judge_as(Database::open(directory, narrow, options_of_the_run()), Width::narrow);
    } else if (stored != wide_text_) {
        judged.findings.push_back("the schema is neither the narrow nor the wide one: " + stored);
    }
    judge_as(Database::open(directory, wide, options_of_the_run()), Width::wide);
    return judged;
}

}  // namespace amphora::fault
