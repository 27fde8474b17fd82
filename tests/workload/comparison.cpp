#include "workload/comparison.hpp"

#include "workload/reading.hpp"
#include "workload/schema.hpp"
#include "workload/step.hpp"

#include <amphora/query.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace amphora::workload {
namespace {

using Ids = std::vector<std::int64_t>;

auto of_owner(std::int64_t id) {
    return [id](const auto& each) { return each.owner == id; };
}
auto of_item(std::int64_t id) {
    return [id](const auto& each) { return each.item == id; };
}

/// A comparison while it is made.
class Comparison {
  public:
    Comparison(const Reader& reader, const Model& model) : reader_{reader}, model_{model} {}

    std::vector<std::string> run() {
        try {
            contents();
            row_indexes();
            document_indexes();
            generated_keys();
        } catch (const Disagreement& error) {
            say(error.what());
        }
        return std::move(differences_);
    }

  private:
    void say(const std::string& difference) {
        differences_.push_back(
            fmt::format("thread {} after {}: {}", model_.thread, model_.done, difference));
    }
    void require(bool agrees, const std::string& what) {
        if (!agrees) say(what);
    }
    void same(const std::string& what, Ids expected, Ids found) {
        if (expected == found) return;
        say(fmt::format("{} gives {} instead of {}", what, fmt::join(found, " "),
                        fmt::join(expected, " ")));
    }

    template <class Map>
    void same_map(const char* what, const Map& expected, const Map& found) {
        for (const auto& [id, value] : expected) {
            const auto there = found.find(id);
            if (there == found.end()) {
                say(fmt::format("{} {} is missing", what, id));
            } else if (!(there->second == value)) {
                say(fmt::format("{} {} is another", what, id));
            }
        }
        for (const auto& [id, value] : found) {
            if (!expected.contains(id)) say(fmt::format("{} {} should not be there", what, id));
        }
    }

    template <class Map, class Belongs>
    static Ids ids_where(const Map& all, Belongs&& belongs) {
        Ids ids;
        for (const auto& [id, value] : all) {
            if (belongs(value)) ids.push_back(id);
        }
        return ids;
    }
    template <class Map>
    static Ids ids_of(const Map& all) {
        return ids_where(all, [](const auto&) { return true; });
    }

    Ids rows(const Table& table, const char* key, const Conditions& conditions,
             const ScanOptions& options = {}) const {
        Ids ids;
        for (const RowView& row : reader_.scan(table, conditions, options)) {
            ids.push_back(row[key].integer());
        }
        return ids;
    }
    Ids documents(const Collection& collection, const Document& filter,
                  const FindOptions& options = {}) const {
        Ids ids;
        for (const DocumentView document : reader_.find(collection, filter, options)) {
            ids.push_back(document.field("_id")->as_int64().value_or(0));
        }
        return ids;
    }
    static Ids sorted(Ids ids) {
        std::ranges::sort(ids);
        return ids;
    }
    static Ids reversed(Ids ids) {
        std::ranges::reverse(ids);
        return ids;
    }
    [[nodiscard]] Conditions in_range(const char* column) const {
        return where(column) >= model_.first_id() && where(column) < model_.end_id();
    }
    [[nodiscard]] Document id_range() const {
        return {{"_id", Document{{"$gte", model_.first_id()}, {"$lt", model_.end_id()}}}};
    }

    void contents() {
        const Model found = read_model(reader_, model_.thread);
        require(found.done_in_rows == model_.done_in_rows,
                fmt::format("the rows say {} transactions", found.done_in_rows));
        require(found.done_in_documents == model_.done_in_documents,
                fmt::format("the documents say {} transactions", found.done_in_documents));
        same_map("owner", model_.owners, found.owners);
        same_map("item", model_.items, found.items);
        same_map("loan", model_.loans, found.loans);
        same_map("receipt", model_.receipts, found.receipts);
        same_map("note", model_.notes, found.notes);
        same_map("picture", model_.pictures, found.pictures);
        same_map("trail", model_.trails, found.trails);
        for (const auto& [id, trail] : found.expired_trails) {
            require(model_.expired_trails.contains(id),
                    fmt::format("trail {} has not expired, or is not there", id));
        }
    }

    void row_indexes() {
        const ScanOptions backward{.index = "", .direction = Direction::backward};
        same("owners backward", reversed(ids_of(model_.owners)),
             rows(owners, "owner_id", in_range("owner_id"), backward));
        same("items backward", reversed(ids_of(model_.items)),
             rows(items, "item_id", in_range("item_id"), backward));

        Ids by_balance = ids_of(model_.owners);
        std::ranges::sort(by_balance, {}, [&](std::int64_t id) {
            const Owner& owner = model_.owners.at(id);
            return std::tuple{owner.balance, owner.name, id};
        });
        same("owners_by_balance", by_balance,
             rows(owners, "owner_id", in_range("owner_id"), {.index = "owners_by_balance"}));
        same("owners_by_balance backward", reversed(by_balance),
             rows(owners, "owner_id", in_range("owner_id"),
                  {.index = "owners_by_balance", .direction = Direction::backward}));

        for (const auto& [id, owner] : model_.owners) {
            if (owner.email) {
                const auto row = reader_.find(owners_by_email, {*owner.email});
                require(row && (*row)["owner_id"] == Value{id},
                        fmt::format("owner {} is not found by e-mail", id));
            }
            same(fmt::format("items of owner {}", id), ids_where(model_.items, of_owner(id)),
                 sorted(rows(items, "item_id", where("owner_id") == id)));
            same(fmt::format("loans of owner {}", id), ids_where(model_.loans, of_owner(id)),
                 sorted(rows(loans, "loan_id", where("owner_id") == id)));
            same(fmt::format("receipts of owner {}", id), ids_where(model_.receipts, of_owner(id)),
                 sorted(rows(receipts, "serial", where("owner_id") == id)));
        }
        for (const auto& [id, item] : model_.items) {
            const auto row = reader_.find(items_by_owner, {item.owner, item.label});
            require(row && (*row)["item_id"] == Value{id},
                    fmt::format("item {} is not found by owner and label", id));
        }
        for (const auto& [serial, receipt] : model_.receipts) {
            require(reader_.find(receipts_by_serial, {model_.thread, serial}).has_value(),
                    fmt::format("receipt {} is not found by its serial number", serial));
        }
    }

    void document_indexes() {
        const FindOptions backward{.direction = Direction::backward};
        same("notes backward", reversed(ids_of(model_.notes)),
             documents(notes, id_range(), backward));
        same("pictures backward", reversed(ids_of(model_.pictures)),
             documents(pictures, id_range(), backward));
        const auto is_own = [&](std::int64_t id) {
            return id >= model_.first_id() && id < model_.end_id();
        };
        Ids living = documents(trails, living_trails());
        std::erase_if(living, [&](std::int64_t id) { return !is_own(id); });
        same("trails that live", ids_of(model_.trails), living);
        for (const auto& [id, owner] : model_.owners) {
            same(fmt::format("notes of owner {}", id), ids_where(model_.notes, of_owner(id)),
                 sorted(documents(notes, {{"owner_id", id}})));
        }
        for (const auto& [id, item] : model_.items) {
            same(fmt::format("pictures of item {}", id), ids_where(model_.pictures, of_item(id)),
                 sorted(documents(pictures, {{"item_id", id}})));
        }
        std::set<std::string> tags;
        for (const auto& [id, note] : model_.notes) {
            tags.insert(note.tags.begin(), note.tags.end());
            same("notes by slug " + note.slug, {id}, documents(notes, {{"slug", note.slug}}));
        }
        for (const std::string& tag : tags) {
            const auto has = [&](const Note& note) {
                return std::ranges::find(note.tags, tag) != note.tags.end();
            };
            same("notes by tag " + tag, ids_where(model_.notes, has),
                 sorted(documents(notes, {{"tags", tag}})));
        }
    }

    // A later receipt has a greater number: none is given twice, not even across a crash.
    void generated_keys() {
        std::int64_t last = 0;
        for (const RowView& row : reader_.scan(receipts, where("thread") == model_.thread,
                                               {.index = "receipts_by_serial"})) {
            const std::int64_t number = row["receipt_id"].integer();
            require(number > last, fmt::format("receipt {} has the generated key {} after {}",
                                               row["serial"].integer(), number, last));
            last = number;
        }
    }

    const Reader& reader_;
    const Model& model_;
    std::vector<std::string> differences_;
};

template <class Range>
std::size_t count(Range range) {
    std::size_t all = 0;
    for (auto at = range.begin(); at != range.end(); ++at) ++all;
    return all;
}

}  // namespace

std::vector<std::string> compare(const Reader& reader, const Model& model) {
    return Comparison{reader, model}.run();
}

std::vector<std::string> compare(const Reader& reader, std::span<const Model> models) {
    std::vector<std::string> differences;
    std::size_t rows = 0;
    std::size_t documents = 0;
    for (const Model& model : models) {
        const auto more = compare(reader, model);
        differences.insert(differences.end(), more.begin(), more.end());
        rows += model.owners.size() + model.items.size() + model.loans.size() +
                model.receipts.size() + (model.done_in_rows > 0 ? 1u : 0u);
        documents += model.notes.size() + model.pictures.size() + model.trails.size() +
                     (model.done_in_documents > 0 ? 1u : 0u);
    }
    std::size_t rows_found = 0;
    for (const Table& table : {owners, items, loans, receipts, progress}) {
        rows_found += count(reader.scan(table));
    }
    std::size_t documents_found = 0;
    for (const Collection& collection : {notes, pictures, marks}) {
        documents_found += count(reader.scan(collection));
    }
    documents_found += count(reader.find(trails, living_trails()));
    if (rows_found != rows) {
        differences.push_back(fmt::format("{} rows instead of {}", rows_found, rows));
    }
    if (documents_found != documents) {
        differences.push_back(
            fmt::format("{} documents instead of {}", documents_found, documents));
    }
    return differences;
}

}  // namespace amphora::workload
