#include "workload/mirror.hpp"

#include "workload/dice.hpp"
#include "workload/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>

namespace amphora::workload {

namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Thrown by a handler that will do better next time.
struct Hiccup : std::runtime_error {
    Hiccup() : std::runtime_error{"hiccup"} {}
};

bool is_new(const Change& change) {
    return change.kind() == ChangeKind::insert || change.kind() == ChangeKind::read;
}

/// A change that does not fit becomes a dead letter at last.
void require_fit(bool fits, const Change& change) {
    if (fits) return;
    throw std::logic_error{fmt::format("{} of {} at {} does not fit the copy",
                                       to_string(change.kind()), change.name(),
                                       to_string(change.position()))};
}

void copy_owner(Transaction& tx, const Change& change) {
    const std::int64_t id = change.key()["owner_id"].as<std::int64_t>();
    const bool is_there = tx.find(owner_copies, id).has_value();
    require_fit(is_there != is_new(change), change);
    if (change.kind() == ChangeKind::erase) {
        tx.erase(owner_copies, id);
        return;
    }
    const RowView& row = *change.row_after();
    tx.put(owner_copies, Record{{"owner_id", id},
                                {"name", row["name"].text()},
                                {"balance", row["balance"].integer()}});
}

void copy_item(Transaction& tx, const Change& change) {
    const std::int64_t id = change.key()["item_id"].as<std::int64_t>();
    require_fit(tx.find(item_copies, id).has_value() != is_new(change), change);
    if (change.kind() == ChangeKind::erase) {
        tx.erase(item_copies, id);
        return;
    }
    const RowView& row = *change.row_after();
    tx.put(item_copies, Record{{"item_id", id},
                               {"owner_id", row["owner_id"].integer()},
                               {"label", row["label"].text()}});
}

/// Undoes everything: erases all rows of copies.
auto erase_rows(const Table& copies, const char* key) {
    return [copies, key](Transaction& tx) {
        std::vector<std::int64_t> ids;
        for (const RowView& row : tx.scan(copies)) ids.push_back(row[key].integer());
        for (const std::int64_t id : ids) tx.erase(copies, id);
    };
}

/// The work for a note: its copy; none: it was erased. For some notes it takes some milliseconds.
std::optional<Document> prepare_note(const Snapshot&, const Change& change) {
    const std::uint64_t sequence = number(change.position().sequence());
    if (sequence % 16 == 0) std::this_thread::sleep_for(1ms * static_cast<int>(sequence / 16 % 4));
    const OptionalDocument note = change.document_after();
    if (!note) return std::nullopt;
    return Document{{"_id", change.id()}, {"count", note->find("count")->as_int64().value()}};
}

void copy_note(Transaction& tx, const Change& change, const std::optional<Document>& copy) {
    const BsonValue id = change.id();
    require_fit(tx.find(note_copies, Id{id}).has_value() != is_new(change), change);
    if (copy) {
        tx.put(note_copies, *copy);
    } else {
        tx.erase(note_copies, Id{id});
    }
}

ConsumerOptions patient() {
    ConsumerOptions options;
    options.start = FeedStart::snapshot;
    options.batch_changes_max = 40;
    // A database is killed while the same change is in hand more often than most are.
    options.attempts_max = 20;
    options.backoff = 0ms;
    options.backoff_max = 2ms;
    options.durability = Durability::written;
    options.workers = 2;
    return options;
}

template <class Key, class Value>
void compare(const char* what, const std::map<Key, Value>& original,
             const std::map<Key, Value>& copy, std::vector<std::string>& differences) {
    for (const auto& [key, value] : original) {
        const auto found = copy.find(key);
        if (found == copy.end()) {
            differences.push_back(fmt::format("the copies have no {} {}", what, key));
        } else if (found->second != value) {
            differences.push_back(fmt::format("the copy of {} {} is another one", what, key));
        }
    }
    for (const auto& [key, value] : copy) {
        if (!original.contains(key)) {
            differences.push_back(
                fmt::format("the copies have {} {}, which is not there", what, key));
        }
    }
}

std::map<std::int64_t, std::string> owners_of(const Snapshot& now, const Table& table) {
    std::map<std::int64_t, std::string> all;
    for (const RowView& row : now.scan(table)) {
        all[row["owner_id"].integer()] =
            fmt::format("{} {}", row["name"].text(), row["balance"].integer());
    }
    return all;
}

std::map<std::int64_t, std::string> items_of(const Snapshot& now, const Table& table) {
    std::map<std::int64_t, std::string> all;
    for (const RowView& row : now.scan(table)) {
        all[row["item_id"].integer()] =
            fmt::format("{} {}", row["owner_id"].integer(), row["label"].text());
    }
    return all;
}

std::map<std::string, std::int64_t> notes_of(const Snapshot& now, const Collection& collection) {
    std::map<std::string, std::int64_t> all;
    for (const DocumentView note : now.scan(collection)) {
        all[to_json(*note.find("_id"), JsonFormat::canonical)] =
            note.find("count")->as_int64().value();
    }
    return all;
}

}  // namespace

Mirror::Mirror(Database& database, std::uint64_t seed) : database_{database} {
    ConsumerOptions options = patient();
    // Only the consumer that may be skipped loses its place.
    const auto counted = [this](std::function<void(Transaction&)> reset) {
        return [this, reset = std::move(reset)](Transaction& tx) {
            ++starts_again_;
            reset(tx);
        };
    };
    options.reset = counted([](Transaction& tx) { tx.erase_all(note_copies, Document{}); });
    notes_ = database.consume("mirror of notes", changes(notes), prepare_note, copy_note, options);
    options.reset = erase_rows(item_copies, "item_id");
    options.when_full = FeedFull::skip;
    items_ = database.consume("mirror of items", changes(items), copy_item, options);
    options.when_full = FeedFull::hold;
    options.partition_by = "owner_id";
    options.reset = counted(erase_rows(owner_copies, "owner_id"));
    auto dice = std::make_shared<Dice>(std::initializer_list<std::uint64_t>{seed, 77});
    owners_ = database.consume(
        "mirror of owners", changes(owners),
        [dice](Transaction& tx, const Change& change) {
            copy_owner(tx, change);
            if (dice->once_in(12)) throw Hiccup{};
        },
        options);
}

std::vector<const Subscription*> Mirror::all() const {
    return {&*owners_, &*items_, &*notes_};
}

std::optional<std::string> Mirror::why_stopped() const {
    for (const Subscription* subscription : all()) {
        const ConsumerReport report = subscription->report();
        if (report.state != ConsumerState::running) return report.last_error;
    }
    return std::nullopt;
}

std::vector<std::string> Mirror::catch_up() {
    std::vector<std::string> differences;
    if (starts_again_ != 0) differences.emplace_back("a mirror has lost its place");
    const Commit last = database_.snapshot().commit_seen();
    database_.sync(last);
    for (const Subscription* subscription : all()) {
        if (subscription->await(last, 60s)) continue;
        const ConsumerReport report = subscription->report();
        differences.push_back(fmt::format("a mirror has not caught up within a minute: {}, {}",
                                          to_string(report.state), report.last_error));
        return differences;
    }
    // What waits for a dead letter would wait for ever.
    const auto are_aside = [&] {
        const auto all = database_.consumers();
        return std::ranges::any_of(all, [](const auto& each) { return each.set_aside > 0; }) &&
               std::ranges::all_of(all, [](const auto& each) { return each.dead_letters == 0; });
    };
    for (int i = 0; i < 60'000 && are_aside(); ++i) std::this_thread::sleep_for(1ms);
    for (const DeadLetter& letter : database_.dead_letters()) {
        differences.push_back(
            fmt::format("a change of {} is a dead letter: {}", letter.consumer, letter.error));
    }
    const Snapshot now = database_.snapshot();
    compare("owner", owners_of(now, owners), owners_of(now, owner_copies), differences);
    compare("item", items_of(now, items), items_of(now, item_copies), differences);
    compare("note", notes_of(now, notes), notes_of(now, note_copies), differences);
    return differences;
}

}  // namespace amphora::workload
