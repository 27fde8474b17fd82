#include "catalog/evolution/evolution.hpp"

#include "base/assert.hpp"
#include "catalog/evolution/merge.hpp"
#include "catalog/evolution/stored_catalog.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>

namespace amphora::catalog {

namespace {

/// Each space was given, and to one owner only.
void require_own_spaces(const std::vector<stored::Entry>& entries, SpaceId next_space) {
    std::set<SpaceId> met;
    for (const stored::Entry& entry : entries) {
        for (std::size_t i = 0; i < entry.spaces.size(); ++i) {
            const SpaceId space = entry.spaces[i];
            const bool no_counter = i == 1 && space == SpaceId{};
            if (no_counter) continue;
            if (space < space_first_free || space >= next_space || !met.insert(space).second) {
                stored::raise_damaged(
                    fmt::format("the catalog gives {} the space {}, which is not its own",
                                entry.name, number(space)));
            }
        }
    }
}

class Numbering {
  public:
    explicit Numbering(SpaceId next) : next_{next} {}

    void give(SpaceId& space) {
        if (space != SpaceId{}) return;
        AMPHORA_ASSERT(number(next_) != UINT32_MAX);
        space = next_;
        next_ = SpaceId{number(next_) + 1};
    }
    /// The spaces of system tables and collections come after those of all others, so that a
    /// schema has the same spaces whatever the engine adds to it.
    void give_all(Definition& definition) {
        give_those(definition, [](std::string_view name) { return !is_system_name(name); });
        give_those(definition, is_system_name);
    }
    [[nodiscard]] SpaceId next() const noexcept { return next_; }

  private:
    template <class IsOne>
    void give_those(Definition& definition, IsOne is_one) {
        for (Table& table : definition.tables) {
            if (!is_one(table.name)) continue;
            give(table.space);
            const bool counts = std::any_of(table.columns.begin(), table.columns.end(),
                                            [](const Column& one) { return one.auto_increment; });
            if (counts) give(table.counter);
            for (Index& index : table.indexes) give(index.space);
        }
        for (Collection& collection : definition.collections) {
            if (!is_one(collection.name)) continue;
            give(collection.space);
            for (Index& index : collection.indexes) give(index.space);
        }
    }

    SpaceId next_;
};

/// Writes the entries that are new or have changed; reports what is new in an old one.
template <class Owner>
void write_changes(transaction::Writing& writing, const Owner& owner, const Owner* before,
                   Applied& applied) {
    if (before != nullptr && *before == owner) return;
    writing.put(TreeId::relational, stored::entry_key(owner.space),
                stored::encode(stored::entry_of(owner)));
    if (before == nullptr) return;
    for (const Index& index : owner.indexes) {
        if (before->find_index(index.name) == nullptr) {
            applied.indexes.push_back({owner.name, index.name});
        }
    }
    if constexpr (std::is_same_v<Owner, Collection>) {
        for (const Column& field : owner.fields) {
            if (before->find_field(field.name) == nullptr) {
                applied.fields.push_back({owner.name, field.name});
            }
        }
    }
}

using StoredPair = std::pair<Buffer, Buffer>;

std::shared_ptr<const Catalog> catalog_of(const std::vector<StoredPair>& pairs) {
    if (pairs.empty()) return std::make_shared<const Catalog>();
    std::optional<stored::Header> header;
    std::vector<stored::Entry> entries;
    for (const auto& [key, value] : pairs) {
        if (key == stored::header_key()) {
            header = stored::decode_header(value);
            continue;
        }
        entries.push_back(stored::decode_entry(value));
        if (entries.back().spaces.empty() ||
            key != stored::entry_key(entries.back().spaces.front())) {
            stored::raise_damaged("the catalog has an entry under a key that is not its own: " +
                                  entries.back().name);
        }
    }
    if (!header) {
        stored::raise_damaged("the catalog has entries, but its header is missing");
    }
    if (header->entries != entries.size()) {
        stored::raise_damaged(fmt::format("of the {} entries of the catalog {} are found",
                                          header->entries, entries.size()));
    }
    require_own_spaces(entries, header->next_space);
    return std::make_shared<const Catalog>(stored::definition_of(entries), header->version,
                                           header->next_space);
}

}  // namespace

std::shared_ptr<const Catalog> load(const transaction::Reading& reading, const std::string& place) {
    std::vector<StoredPair> pairs;
    const auto cursor =
        reading.cursor(TreeId::relational, stored::keys_lower(), stored::keys_upper());
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
        pairs.emplace_back(cursor->key(), cursor->value());
    }
    try {
        return catalog_of(pairs);
    } catch (const Error& error) {
        throw Error{error.code(), fmt::format("{}: {}", place, error.what())};
    }
}

std::uint64_t stored_version(const transaction::Reading& reading) {
    Buffer scratch;
    const auto value = reading.find(TreeId::relational, stored::header_key(), scratch);
    return value ? stored::decode_header(*value).version : 0;
}

Applied apply_additive(transaction::Writing& writing, const Catalog& stored,
                       const Definition& wanted) {
    require_applicable(stored.definition(), wanted);
    Applied applied;
    const std::vector<Difference> differences = difference(stored.definition(), wanted);
    if (differences.empty()) {
        applied.catalog = std::make_shared<const Catalog>(stored.definition(), stored.version(),
                                                          stored.next_space());
        return applied;
    }
    Definition merged = merge(stored.definition(), wanted);
    Numbering numbering{stored.next_space()};
    numbering.give_all(merged);
    applied.changed = true;
    for (const Difference& one : differences) {
        if (one.kind == Difference::Kind::additive) continue;
        applied.conditions.push_back(one);
    }

    const Definition& before = stored.definition();
    for (const Table& table : merged.tables) {
        write_changes(writing, table, before.find_table(table.name), applied);
    }
    for (const Collection& collection : merged.collections) {
        write_changes(writing, collection, before.find_collection(collection.name), applied);
    }
    writing.put(
        TreeId::relational, stored::header_key(),
        stored::encode(stored::Header{.version = stored.version() + 1,
                                      .next_space = numbering.next(),
                                      .entries = static_cast<std::uint32_t>(
                                          merged.tables.size() + merged.collections.size())}));
    applied.catalog =
        std::make_shared<const Catalog>(std::move(merged), stored.version() + 1, numbering.next());
    return applied;
}

}  // namespace amphora::catalog
