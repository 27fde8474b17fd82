#include "catalog/definition/catalog.hpp"

#include "base/assert.hpp"
#include "base/name_list.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace amphora::catalog {

namespace {

/// Every space of the definition has a number, and no two have the same.
void require_spaces(const Definition& definition, SpaceId next_space) {
    std::vector<bool> used(number(next_space), false);
    const auto take = [&](SpaceId space) {
        AMPHORA_ASSERT(space >= space_first_free);
        AMPHORA_ASSERT(space < next_space);
        AMPHORA_ASSERT(!used[number(space)]);
        used[number(space)] = true;
    };
    for (const Table& table : definition.tables) {
        take(table.space);
        if (table.counter != SpaceId{}) take(table.counter);
        for (const Index& index : table.indexes) take(index.space);
    }
    for (const Collection& collection : definition.collections) {
        take(collection.space);
        for (const Index& index : collection.indexes) take(index.space);
    }
}

}  // namespace

Catalog::Catalog() : Catalog{Definition{}, 0, space_first_free} {}

Catalog::Catalog(Definition definition, std::uint64_t version, SpaceId next_space)
    : definition_{std::make_shared<const Definition>(std::move(definition))},
      version_{version},
      next_space_{next_space} {
    require_spaces(*definition_, next_space_);
    const std::size_t count = definition_->tables.size() + definition_->collections.size();
    slots_.resize(std::bit_ceil(2 * count + 1));
    const auto put = [&](Slot slot) {
        std::size_t at = slot.hash & (slots_.size() - 1);
        while (slots_[at].table != nullptr || slots_[at].collection != nullptr) {
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = slot;
    };
    for (const Table& table : definition_->tables) {
        put({detail::hash_name(table.name), &table, nullptr});
    }
    for (const Collection& collection : definition_->collections) {
        put({detail::hash_name(collection.name), nullptr, &collection});
    }

    children_.resize(definition_->tables.size());
    const auto enter = [&](const Reference& reference, const Table* table,
                           const Collection* collection) {
        const Table* parent = definition_->find_table(reference.parent);
        AMPHORA_ASSERT(parent != nullptr);
        children_[place_of(*parent)].push_back({table, collection, &reference});
    };
    for (const Table& table : definition_->tables) {
        for (const Reference& reference : table.references) enter(reference, &table, nullptr);
    }
    for (const Collection& collection : definition_->collections) {
        for (const Reference& reference : collection.references) {
            enter(reference, nullptr, &collection);
        }
    }
}

const Catalog::Slot* Catalog::find_slot(std::uint64_t hash, std::string_view name) const noexcept {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].table != nullptr || slots_[at].collection != nullptr) {
        const Slot& slot = slots_[at];
        if (slot.hash == hash) {
            // The hash alone is nearly always right, but two names may have the same hash.
            const std::string& own =
                slot.table != nullptr ? slot.table->name : slot.collection->name;
            if (own == name || same_name(own, name)) return &slot;
        }
        at = (at + 1) & (slots_.size() - 1);
    }
    return nullptr;
}

const Table* Catalog::find(const amphora::Table& table) const noexcept {
    const Slot* slot = find_slot(table.hash, table.name);
    return slot == nullptr ? nullptr : slot->table;
}

const Collection* Catalog::find(const amphora::Collection& collection) const noexcept {
    const Slot* slot = find_slot(collection.hash, collection.name);
    return slot == nullptr ? nullptr : slot->collection;
}

const Table& Catalog::require(const amphora::Table& table) const {
    const Table* found = find(table);
    if (found == nullptr) refuse("table", table.name);
    return *found;
}

const Collection& Catalog::require(const amphora::Collection& collection) const {
    const Collection* found = find(collection);
    if (found == nullptr) refuse("collection", collection.name);
    return *found;
}

void Catalog::refuse(std::string_view kind, std::string_view name) const {
    std::string advice;
    if (definition_->find_collection(name) != nullptr) {
        advice = "; it is a collection";
    } else if (definition_->find_table(name) != nullptr) {
        advice = "; it is a table";
    } else {
        NameList names;
        const auto add = [&](const auto& owner) {
            if (is_system_name(owner.name) == is_system_name(name)) names.add(owner.name);
        };
        if (kind == "table") {
            std::ranges::for_each(definition_->tables, add);
        } else {
            std::ranges::for_each(definition_->collections, add);
        }
        advice = "; there are " + names.text();
    }
    throw Error{ErrorCode::no_such_table, fmt::format("there is no {} {}{}", kind, name, advice)};
}

std::span<const Child> Catalog::children(const Table& table) const noexcept {
    return children_[place_of(table)];
}

}  // namespace amphora::catalog
