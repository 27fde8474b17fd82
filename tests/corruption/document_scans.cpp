#include "corruption/document_scans.hpp"

#include "workload/schema.hpp"

#include <amphora/amphora.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace amphora::corruption {
namespace {

using Ids = std::vector<std::int64_t>;

/// A collection, all the ids that it has, and an indexed field that each of its documents has.
struct Whole {
    Collection collection;
    Ids ids;
    std::string indexed;
};

/// The ranges of the models do not overlap and are in order.
std::vector<Whole> wholes(std::span<const workload::Model> models) {
    Ids notes;
    Ids pictures;
    for (const workload::Model& model : models) {
        for (const auto& [id, note] : model.notes) notes.push_back(id);
        for (const auto& [id, picture] : model.pictures) pictures.push_back(id);
    }
    return {{workload::notes, notes, "owner_id"}, {workload::pictures, pictures, "item_id"}};
}

template <class Range>
Ids found_in(Range range) {
    Ids ids;
    for (const DocumentView document : range) {
        ids.push_back(document.field("_id")->as_int64().value_or(0));
    }
    return ids;
}

/// Thrown to leave a transaction.
struct Abandoned {};

}  // namespace

void ask_for_all_documents(const Reader& reader, std::span<const workload::Model> models,
                           Telling& telling) {
    for (const Whole& whole : wholes(models)) {
        const auto expect = [&](const char* how, auto read) {
            telling.ask([&] {
                Ids found = read();
                std::ranges::sort(found);
                if (found == whole.ids) return;
                // Documents too many have been judged by their values, one by one.
                const bool too_few = std::ranges::includes(whole.ids, found);
                telling.tell(too_few ? "hidden" : "outdated",
                             fmt::format("{} of {} documents of {} {}", found.size(),
                                         whole.ids.size(), whole.collection.name, how));
            });
        };
        const Collection& all = whole.collection;
        expect("in a scan", [&] { return found_in(reader.scan(all)); });
        expect("in a backward scan",
               [&] { return found_in(reader.scan(all, {.direction = Direction::backward})); });
        expect("in find({})", [&] { return found_in(reader.find(all, "{}")); });
        const Document indexed{{whole.indexed, Document{{"$gte", 0}}}};
        expect("in find through an index", [&] { return found_in(reader.find(all, indexed)); });
        expect("in a backward find through an index", [&] {
            return found_in(reader.find(all, indexed, {.direction = Direction::backward}));
        });
    }
}

void change_all_documents(Database& database, std::span<const workload::Model> models,
                          Telling& telling) {
    for (const Whole& whole : wholes(models)) {
        const auto expect = [&](const char* how, auto change) {
            telling.ask([&] {
                std::uint64_t changed = 0;
                try {
                    database.write([&](Transaction& tx) {
                        changed = change(tx);
                        throw Abandoned{};
                    });
                } catch (const Abandoned&) {
                }
                if (changed == whole.ids.size()) return;
                telling.tell("hidden", fmt::format("{} of {} documents of {} {}", changed,
                                                   whole.ids.size(), whole.collection.name, how));
            });
        };
        expect("in erase_all({})",
               [&](Transaction& tx) { return tx.erase_all(whole.collection, {}); });
        expect("in erase_all through an index", [&](Transaction& tx) {
            return tx.erase_all(whole.collection, {{whole.indexed, Document{{"$gte", 0}}}});
        });
    }
}

}  // namespace amphora::corruption
