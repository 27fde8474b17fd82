#include "database/rescue/rebuilt_definitions.hpp"

#include "catalog/evolution/evolution.hpp"
#include "catalog/evolution/stored_catalog.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "catalog/system/system_schema.hpp"
#include "database/rescue/space_fit.hpp"
#include "database/used_spaces.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace amphora {

namespace {

namespace stored = catalog::stored;

/// A table or collection of the schema that the catalog lacks.
struct Wanted {
    TreeId tree{};
    const catalog::Table* table = nullptr;
    const catalog::Collection* collection = nullptr;
    std::set<SpaceId> possible = {};  ///< spaces that may be its own
    SpaceId space{};                  ///< its own; 0: not known yet
    SpaceId counter{};

    [[nodiscard]] const std::string& name() const {
        return table != nullptr ? table->name : collection->name;
    }
    [[nodiscard]] bool is_system() const { return catalog::is_system_name(name()); }
};

void add_spaces(std::set<SpaceId>& owned, const stored::Entry& entry) {
    owned.insert(entry.spaces.begin(), entry.spaces.end());
}

class Definitions {
  public:
    Definitions(Core& core, const LostDefinitions& lost, std::span<const Schema> schemas)
        : core_{core}, lost_{lost}, reading_{core.engine->snapshot()} {
        for (const catalog::Table& table : stored().tables) {
            entries_.push_back(stored::entry_of(table));
        }
        for (const catalog::Collection& collection : stored().collections) {
            entries_.push_back(stored::entry_of(collection));
        }
        for (const stored::Entry& entry : entries_) add_spaces(owned_, entry);
        for (const stored::Entry& entry : lost.without_parent) add_spaces(owned_, entry);
        for (const TreeId tree : trees_all) {
            used_[index_of(tree)] = used_spaces(*reading_, tree);
            for (const SpaceId space : used_[index_of(tree)]) take_number(space);
        }
        for (const LostDefinitions::Hint& hint : lost.damaged) take_number(hint.space);
        for (const SpaceId space : owned_) take_number(space);
        take_number(SpaceId{number(core.schema->catalog().next_space()) - 1});
        read(schemas);
    }

    RebuiltDefinitions run() {
        find_spaces();
        had_system_ = has_system();
        put_in_force();
        tell();
        return std::move(result_);
    }

  private:
    [[nodiscard]] const catalog::Definition& stored() const {
        return core_.schema->catalog().definition();
    }
    void take_number(SpaceId space) {
        // A damaged number may be anything; numbers that were really given are small.
        if (number(space) < number_max) next_ = std::max(next_, SpaceId{number(space) + 1});
    }
    SpaceId new_space() { return std::exchange(next_, SpaceId{number(next_) + 1}); }

    void read(std::span<const Schema> schemas) {
        std::vector<catalog::SchemaText> texts;
        for (const Schema& schema : schemas) texts.push_back({schema.text, schema.name});
        schema_ = catalog::parse_schemas(texts, stored());
        catalog::require_applicable(stored(), schema_);
        const catalog::Definition& system = catalog::system_definition();
        std::ranges::copy(system.tables, std::back_inserter(schema_.tables));
        std::ranges::copy(system.collections, std::back_inserter(schema_.collections));
        const auto is_there = [&](const std::string& name) {
            return std::ranges::any_of(lost_.without_parent,
                                       [&](const stored::Entry& entry) {
                                           return catalog::same_name(entry.name, name);
                                       }) ||
                   stored().find_table(name) != nullptr ||
                   stored().find_collection(name) != nullptr;
        };
        for (const catalog::Table& table : schema_.tables) {
            if (is_there(table.name)) continue;
            wanted_.push_back({.tree = TreeId::relational, .table = &table});
        }
        for (const catalog::Collection& collection : schema_.collections) {
            if (is_there(collection.name)) continue;
            wanted_.push_back({.tree = TreeId::documents, .collection = &collection});
        }
    }

    void find_spaces() {
        for (Wanted& wanted : wanted_) {
            for (const SpaceId space : used_[index_of(wanted.tree)]) {
                if (owned_.contains(space)) continue;
                const bool fits = wanted.table != nullptr
                                      ? rows_fit(*reading_, *wanted.table, space)
                                      : documents_fit(*reading_, *wanted.collection, space);
                if (fits) wanted.possible.insert(space);
            }
        }
        for (const LostDefinitions::Hint& hint : lost_.damaged) {
            for (Wanted& wanted : wanted_) {
                if (!catalog::same_name(hint.name, wanted.name())) continue;
                if (wanted.possible.contains(hint.space)) give(wanted, hint.space, hint.counter);
            }
        }
        // System spaces first: a user's entries lack what is NOT NULL there, but a user's collection
        // may have no declared field and then also fits the engine's documents.
        for (Wanted& wanted : wanted_) {
            if (wanted.is_system() && wanted.possible.size() == 1) {
                give(wanted, *wanted.possible.begin(), {});
            }
        }
        for (bool more = true; more;) {
            more = false;
            for (Wanted& wanted : wanted_) {
                if (wanted.space != SpaceId{} || wanted.possible.size() != 1) continue;
                const SpaceId only = *wanted.possible.begin();
                const auto others = std::ranges::count_if(wanted_, [&](const Wanted& other) {
                    return other.tree == wanted.tree && other.possible.contains(only);
                });
                if (others != 1) continue;
                give(wanted, only, {});
                more = true;
            }
        }
    }
    void give(Wanted& wanted, SpaceId space, SpaceId counter) {
        for (Wanted& other : wanted_) {
            if (other.tree == wanted.tree) other.possible.erase(space);
        }
        wanted.possible.clear();
        wanted.space = space;
        owned_.insert(space);
        if (wanted.table == nullptr || !counts(*wanted.table)) return;
        // Numbers are given one after the other: that of the rows, then that of the counter.
        for (const SpaceId guess : {counter, SpaceId{number(space) + 1}}) {
            if (owned_.contains(guess) || !is_counter(*reading_, guess)) continue;
            wanted.counter = guess;
            owned_.insert(guess);
            return;
        }
    }

    void put_in_force() {
        std::vector<stored::Entry> all = entries_;
        all.insert(all.end(), lost_.without_parent.begin(), lost_.without_parent.end());
        for (Wanted& wanted : wanted_) all.push_back(entry_of(wanted));
        const PartedDefinitions parted = part_definitions(std::move(all));
        std::vector<stored::Entry> added;
        for (const stored::Entry& entry : parted.sound) {
            const bool is_there = stored().find_table(entry.name) != nullptr ||
                                  stored().find_collection(entry.name) != nullptr;
            if (!is_there) added.push_back(entry);
        }
        if (added.empty()) return;
        auto writing = core_.engine->begin({});
        for (const stored::Entry& entry : added) {
            writing->put(TreeId::relational, stored::entry_key(entry.spaces.front()),
                         stored::encode(entry));
        }
        const std::size_t entries =
            stored().tables.size() + stored().collections.size() + added.size();
        writing->put(
            TreeId::relational, stored::header_key(),
            stored::encode(stored::Header{.version = core_.schema->catalog().version() + 1,
                                          .next_space = next_,
                                          .entries = static_cast<std::uint32_t>(entries)}));
        core_.engine->commit(std::move(writing));
        core_.schema =
            std::make_shared<const stores::BoundSchema>(catalog::load(*core_.engine->snapshot()));
    }
    stored::Entry entry_of(Wanted& wanted) {
        if (wanted.space == SpaceId{}) wanted.space = new_space();
        const auto numbered = [&](auto owner) {
            owner.space = wanted.space;
            if constexpr (requires { owner.counter; }) {
                if (counts(owner)) {
                    owner.counter = wanted.counter == SpaceId{} ? new_space() : wanted.counter;
                }
            }
            for (catalog::Index& index : owner.indexes) index.space = new_space();
            return stored::entry_of(owner);
        };
        return wanted.table != nullptr ? numbered(*wanted.table) : numbered(*wanted.collection);
    }

    void tell() {
        std::set<SpaceId> defined;
        std::set<std::string> names;
        const auto define = [&](const stored::Entry& entry) {
            add_spaces(defined, entry);
            names.insert(entry.name);
        };
        for (const catalog::Table& table : stored().tables) define(stored::entry_of(table));
        for (const catalog::Collection& collection : stored().collections) {
            define(stored::entry_of(collection));
        }
        for (const TreeId tree : trees_all) {
            for (const SpaceId space : used_[index_of(tree)]) {
                if (!defined.contains(space)) result_.undefined.try_emplace(space);
            }
        }
        for (const stored::Entry& entry : lost_.without_parent) {
            if (defined.contains(entry.spaces.front())) continue;
            for (std::size_t at = 0; at < entry.spaces.size(); ++at) {
                result_.undefined[entry.spaces[at]] = {.name = entry.name, .is_index = at > 1};
            }
            result_.losses.push_back(
                fmt::format("{}: its definition refers to a table whose own definition is lost; {}",
                            entry.name, advice));
        }
        std::uint64_t found_again = 0;
        for (const Wanted& wanted : wanted_) {
            if (was_there(wanted)) found_again += names.contains(wanted.name()) ? 1 : 0;
        }
        for (const LostDefinitions::Hint& hint : lost_.damaged) {
            const auto named = [&](const std::string& name) {
                return catalog::same_name(name, hint.name);
            };
            if (defined.contains(hint.space) || std::ranges::any_of(names, named)) continue;
            const auto space = result_.undefined.find(hint.space);
            if (space != result_.undefined.end()) space->second.name = hint.name;
            result_.losses.push_back(
                fmt::format("{}: its definition in the catalog (space {}) is damaged; {}",
                            hint.name.empty() ? "a table or collection" : hint.name,
                            number(hint.space), advice));
        }
        if (lost_.missing > found_again) {
            result_.losses.push_back(fmt::format("{} definitions are missing from the catalog; {}",
                                                 lost_.missing - found_again, advice));
        }
        for (const Wanted& wanted : wanted_) {
            if (used_[index_of(wanted.tree)].contains(wanted.space)) continue;
            if (!was_there(wanted)) continue;
            result_.notes.push_back(
                fmt::format("{}: defined by the {}; no entries were found that can only be its own",
                            wanted.name(), wanted.is_system() ? "library" : "schema"));
        }
    }

    /// Whether the catalog once had a definition of it. A database that an earlier version of the
    /// library made has no system tables and collections; any other has all of them.
    [[nodiscard]] bool was_there(const Wanted& wanted) const {
        return !wanted.is_system() || had_system_;
    }
    [[nodiscard]] bool has_system() const {
        const auto is_system = [](const auto& one) { return catalog::is_system_name(one.name); };
        return std::ranges::any_of(entries_, is_system) ||
               std::ranges::any_of(lost_.damaged, is_system) ||
               std::ranges::any_of(wanted_, [](const Wanted& wanted) {
                   return wanted.is_system() && wanted.space != SpaceId{};
               });
    }

    static bool counts(const catalog::Table& table) {
        return std::ranges::any_of(table.columns, &catalog::Column::auto_increment);
    }

    static constexpr std::uint32_t number_max = 1u << 24;
    static constexpr const char* advice =
        "a repair with the schema (--schema FILE) brings its entries back";

    Core& core_;
    const LostDefinitions& lost_;
    std::shared_ptr<const transaction::Reading> reading_;
    catalog::Definition schema_;
    std::vector<stored::Entry> entries_;
    std::vector<Wanted> wanted_;
    std::array<std::set<SpaceId>, trees_count> used_;
    std::set<SpaceId> owned_;
    SpaceId next_ = space_first_free;
    bool had_system_ = false;
    RebuiltDefinitions result_;
};

}  // namespace

RebuiltDefinitions rebuild_definitions(Core& core, const LostDefinitions& lost,
                                       std::span<const Schema> schemas) {
    return Definitions{core, lost, schemas}.run();
}

}  // namespace amphora
