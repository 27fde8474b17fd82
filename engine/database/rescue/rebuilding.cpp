#include "database/rescue/rebuilding.hpp"

#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "document/rebuild.hpp"
#include "relational/rebuild.hpp"
#include "relational/table/counter.hpp"
#include "tree/lmdb/space_digest.hpp"

#include <amphora/error.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>

namespace amphora {

namespace {

constexpr std::size_t entries_per_commit = 200;
constexpr std::size_t removals_per_commit = 1000;

class Rebuilding {
  public:
    Rebuilding(Core& core, Quarantine& quarantine) : core_{core}, quarantine_{quarantine} {}

    Rebuilt run(std::span<const SalvagedTrees::Unsound> unsound,
                const std::map<SpaceId, UndefinedSpace>& undefined) {
        note_counters();
        keep_unsound(unsound, undefined);
        for (bool taken_out = true; taken_out;) {
            clear_indexes();
            while (restore_entries()) {
            }
            taken_out = rebuild_indexes();
        }
        keep_undefined(undefined);
        follow_numbers();
        return restored_;
    }

  private:
    [[nodiscard]] auto tables() const { return core_.schema->tables().all(); }
    [[nodiscard]] auto collections() const { return core_.schema->collections().all(); }

    /// The contents of a space, and its owner.
    struct SpaceOwner {
        std::string_view name;
        bool is_index = false;  ///< or a counter: made again
        const relational::BoundTable* table = nullptr;
    };
    using SpaceOwners = std::map<SpaceId, SpaceOwner>;
    [[nodiscard]] SpaceOwners owners(const std::map<SpaceId, UndefinedSpace>& undefined) const {
        SpaceOwners all;
        for (const auto& [space, what] : undefined) all[space] = {what.name, what.is_index};
        for (const auto& table : tables()) {
            all[table->definition().space] = {table->name(), false, table.get()};
            all[table->definition().counter] = {table->name(), true};
            for (const auto& index : table->indexes()) all[index.space] = {table->name(), true};
        }
        for (const auto& collection : collections()) {
            all[collection->space()] = {collection->name(), false};
            for (const auto& index : collection->indexes()) {
                all[index.space()] = {collection->name(), true};
            }
        }
        return all;
    }

    void keep_unsound(std::span<const SalvagedTrees::Unsound> unsound,
                      const std::map<SpaceId, UndefinedSpace>& undefined) {
        const SpaceOwners known = owners(undefined);
        for (const SalvagedTrees::Unsound& entry : unsound) {
            const SpaceId space{lmdb::space_of(entry.key)};
            const auto place = known.find(space);
            if (place != known.end() && place->second.is_index) continue;
            const SpaceOwner whose = place == known.end() ? SpaceOwner{} : place->second;
            quarantine_.add(entry.store, whose.name, entry.key, entry.stored, entry.why);
            count(entry.store);
            if (whose.table != nullptr) note_number(unsure_, *whose.table, entry.key);
        }
    }
    void count(TreeId store) {
        ++(store == TreeId::relational ? restored_.rows_quarantined
                                       : restored_.documents_quarantined);
    }

    void keep_undefined(const std::map<SpaceId, UndefinedSpace>& undefined) {
        for (const auto& [space, what] : undefined) {
            for (const TreeId tree : trees_all) {
                if (!what.is_index) keep_undefined(tree, space, what.name);
                clear(tree, space);
            }
        }
    }
    void keep_undefined(TreeId tree, SpaceId space, std::string_view name) {
        const auto reading = core_.engine->snapshot();
        const std::optional<SpaceId> index = find_index_like(*reading, tree, space);
        Buffer scratch;
        each_entry(*reading, tree, space, [&](Bytes key, Bytes value) {
            if (index && reading->find(tree, moved(key, *index), scratch) == value) return true;
            quarantine_.add(tree, name, key, value,
                            "the definition of its table or collection is lost");
            count(tree);
            return true;
        });
    }
    /// An index of the result that has most of the first entries of a space: the space was that
    /// index, before its definition was lost.
    [[nodiscard]] std::optional<SpaceId> find_index_like(const transaction::Reading& reading,
                                                         TreeId tree, SpaceId space) const {
        std::vector<SpaceId> indexes;
        for (const auto& table : tables()) {
            for (const auto& index : table->indexes()) indexes.push_back(index.space);
        }
        for (const auto& collection : collections()) {
            for (const auto& index : collection->indexes()) indexes.push_back(index.space());
        }
        Buffer scratch;
        for (const SpaceId index : indexes) {
            std::size_t asked = 0, had = 0;
            each_entry(reading, tree, space, [&](Bytes key, Bytes value) {
                had += reading.find(tree, moved(key, index), scratch) == value ? 1 : 0;
                return ++asked < entries_per_commit;
            });
            if (2 * had > asked) return index;
        }
        return std::nullopt;
    }
    static Buffer moved(Bytes key, SpaceId space) {
        return codec::KeyWriter{space}.take().append(key.substr(codec::key_space_bytes));
    }
    /// Walks as long as `visit(key, value)` returns true.
    template <class Visit>
    static void each_entry(const transaction::Reading& reading, TreeId tree, SpaceId space,
                           Visit visit) {
        const codec::KeyWriter all{space};
        const auto cursor = reading.cursor(tree, all.bytes(), codec::prefix_end(all.bytes()));
        for (cursor->seek_first(); cursor->valid(); cursor->next()) {
            if (!visit(cursor->key(), cursor->value())) return;
        }
    }

    using Numbers = std::map<const relational::BoundTable*, std::int64_t>;

    /// Only if the counter itself is lost.
    void note_counters() {
        const auto reading = core_.engine->snapshot();
        for (const auto& table : tables()) {
            if (!table->numbered_column() || relational::find_last_number(*reading, *table)) {
                continue;
            }
            sure_[table.get()] = unsure_[table.get()] = 0;
        }
    }
    static void note_number(Numbers& numbers, const relational::BoundTable& table, Bytes key) {
        const auto noted = numbers.find(&table);
        if (noted == numbers.end() || table.primary().columns.front() != table.numbered_column()) {
            return;
        }
        try {
            codec::KeyReader reader{key};
            if (!reader.next()) return;
            const Cell cell = reader.cell();
            if (cell.kind() != Cell::Kind::integer) return;
            noted->second = std::max(noted->second, cell.integer());
        } catch (const Error&) {
            // A damaged key may be no valid key.
        }
    }
    void follow_numbers() {
        auto writing = core_.engine->begin({});
        for (const auto& [table, highest] : sure_) {
            const std::int64_t last =
                std::max(highest, relational::find_last_number(*writing, *table).value_or(0));
            // A damaged key may contain any number.
            const std::int64_t believed = last < INT64_MAX / 4 ? 2 * last + 1'000'000 : last;
            const std::int64_t unsure = unsure_.at(table);
            const std::int64_t number = std::max(last, unsure <= believed ? unsure : 0);
            if (number > 0) relational::follow_number(*writing, *table, number);
        }
        core_.engine->commit(std::move(writing));
    }

    void clear_indexes() {
        for (const auto& table : tables()) {
            for (const auto& index : table->indexes()) clear(TreeId::relational, index.space);
        }
        for (const auto& collection : collections()) {
            for (const auto& index : collection->indexes()) clear(TreeId::documents, index.space());
        }
    }
    void clear(TreeId tree, SpaceId space) {
        for (bool more = true; more;) {
            auto writing = core_.engine->begin({});
            const codec::KeyWriter all{space};
            const auto cursor = writing->cursor(tree, all.bytes(), codec::prefix_end(all.bytes()));
            std::size_t removed = 0;
            for (cursor->seek_first(); cursor->valid() && removed < removals_per_commit;
                 cursor->next(), ++removed) {
                writing->erase(tree, Buffer{cursor->key()});
            }
            more = removed == removals_per_commit;
            core_.engine->commit(std::move(writing));
        }
    }

    /// Whether an entry was taken out.
    bool restore_entries() {
        const std::uint64_t before = quarantine_.entries();
        for (const auto& table : tables()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return relational::rebuild_rows(writing, *table, from, entries_per_commit,
                                                refused(*table));
            });
        }
        for (const auto& collection : collections()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return document::rebuild_documents(writing, *collection, from, entries_per_commit,
                                                   refused(*collection));
            });
        }
        return quarantine_.entries() != before;
    }
    bool rebuild_indexes() {
        const std::uint64_t before = quarantine_.entries();
        for (const auto& table : tables()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return relational::rebuild_indexes(writing, *table, from, entries_per_commit,
                                                   refused(*table));
            });
        }
        for (const auto& collection : collections()) {
            in_steps([&](transaction::Writing& writing, Bytes from) {
                return document::rebuild_indexes(writing, *collection, from, entries_per_commit,
                                                 refused(*collection));
            });
        }
        return quarantine_.entries() != before;
    }

    template <class Step>
    void in_steps(Step step) {
        std::optional<Buffer> from = Buffer{};
        while (from) {
            auto writing = core_.engine->begin({});
            from = step(*writing, *from);
            core_.engine->commit(std::move(writing));
        }
    }

    relational::Refused refused(const relational::BoundTable& table) {
        return [this, &table](Bytes key, Bytes value, const std::string& why) {
            quarantine_.add(TreeId::relational, table.name(), key, value, why);
            ++restored_.rows_quarantined;
            note_number(sure_, table, key);
        };
    }
    document::Refused refused(const document::BoundCollection& collection) {
        return [this, &collection](Bytes key, Bytes value, const std::string& why) {
            quarantine_.add(TreeId::documents, collection.name(), key, value, why);
            ++restored_.documents_quarantined;
        };
    }

    Core& core_;
    Quarantine& quarantine_;
    Rebuilt restored_;
    Numbers sure_;    ///< the highest number in quarantine of each table whose counter is lost
    Numbers unsure_;  ///< the same of rows whose checksum does not match
};

}  // namespace

Rebuilt rebuild_contents(Core& core, std::span<const SalvagedTrees::Unsound> unsound,
                         const std::map<SpaceId, UndefinedSpace>& undefined,
                         Quarantine& quarantine) {
    return Rebuilding{core, quarantine}.run(unsound, undefined);
}

}  // namespace amphora
