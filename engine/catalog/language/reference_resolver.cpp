#include "catalog/language/reference_resolver.hpp"

#include "catalog/language/declaration_builder.hpp"
#include "catalog/language/made_names.hpp"
#include "catalog/language/print.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace amphora::catalog {

namespace {

std::string joined(const std::vector<std::string>& names, std::string_view between) {
    return fmt::format("{}", fmt::join(names, between));
}

bool begins_with(const std::vector<std::string>& columns, const std::vector<std::string>& first) {
    return first.size() <= columns.size() &&
           std::equal(first.begin(), first.end(), columns.begin());
}

class ReferenceResolver {
  public:
    ReferenceResolver(const Definition& definition, const Definition& stored)
        : definition_{definition}, stored_{stored} {}

    Reference resolve(const syntax::Reference& source, const std::string& owner,
                      const std::vector<std::string>& columns,
                      const std::vector<ColumnType>& types) const {
        const Table& parent = require_parent(source.parent);
        require_primary_key(source, parent);
        if (columns.size() != parent.primary_key.size()) {
            fail_syntax(source.place,
                        fmt::format("{} has a primary key of {} columns, the foreign key has {}",
                                    parent.name, parent.primary_key.size(), columns.size()));
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Column& key = parent.columns[parent.primary_key[i]];
            if (!can_refer(types[i], key.type)) {
                fail_syntax(source.place,
                            fmt::format("{}.{} is {}, but {}.{}, to which it refers, is {}", owner,
                                        columns[i], to_sql(types[i]), parent.name, key.name,
                                        to_sql(key.type)));
            }
        }
        Reference reference;
        reference.columns = columns;
        reference.parent = parent.name;
        reference.on_delete = source.on_delete;
        reference.name = source.name
                             ? source.name->text
                             : made_name(fmt::format("fk_{}_{}", owner, joined(columns, "_")));
        return reference;
    }

  private:
    [[nodiscard]] const Table& require_parent(const syntax::Name& name) const {
        if (const Table* table = definition_.find_table(name.text)) return *table;
        if (definition_.find_collection(name.text) != nullptr ||
            stored_.find_collection(name.text) != nullptr) {
            fail_unsupported(
                name.place,
                fmt::format("{} is a collection: only a table can be referred to", name.text));
        }
        if (const Table* table = stored_.find_table(name.text)) return *table;
        fail_syntax(
            name.place,
            fmt::format("there is no table {}: declare it, or give the schema that declares it "
                        "together with this one",
                        name.text));
    }

    static void require_primary_key(const syntax::Reference& source, const Table& parent) {
        if (source.parent_columns.empty()) return;
        bool is_key = source.parent_columns.size() == parent.primary_key.size();
        for (std::size_t i = 0; i < source.parent_columns.size(); ++i) {
            const syntax::Name& name = source.parent_columns[i];
            const auto place = parent.find_column(name.text);
            if (!place) {
                fail_syntax(name.place,
                            fmt::format("table {} has no column {}", parent.name, name.text));
            }
            is_key = is_key && *place == parent.primary_key[i];
        }
        if (!is_key) {
            fail_unsupported(
                source.parent_columns[0].place,
                fmt::format("a reference to other columns than the primary key of {} is not "
                            "supported",
                            parent.name));
        }
    }

    const Definition& definition_;
    const Definition& stored_;
};

/// The index that finds a reference's children: the primary key, an existing index, or a new one.
template <class Owner>
std::string index_for(Owner& owner, const Reference& reference, const SourceLocation& place) {
    if constexpr (std::is_same_v<Owner, Table>) {
        const auto& key = owner.primary_key;
        if (reference.places.size() <= key.size() &&
            std::equal(reference.places.begin(), reference.places.end(), key.begin())) {
            return "PRIMARY";
        }
    }
    for (const Index& index : owner.indexes) {
        if (begins_with(index.columns, reference.columns)) return index.name;
    }
    require_room_for_index(owner, place, "those of its foreign keys");
    Index made;
    made.name =
        free_index_name(owner, fmt::format("fk_{}_{}", owner.name, joined(reference.columns, "_")));
    made.columns = reference.columns;
    made.places = reference.places;
    owner.indexes.push_back(made);
    return made.name;
}

void require_few(const syntax::Declaration& declaration) {
    if (declaration.references.size() > references_max) {
        fail_syntax(
            declaration.name.place,
            fmt::format("{} has {} foreign keys; at most {} are possible", declaration.name.text,
                        declaration.references.size(), references_max));
    }
}

void resolve_table(Table& table, const syntax::Declaration& declaration,
                   const ReferenceResolver& resolver) {
    require_few(declaration);
    for (const syntax::Reference& source : declaration.references) {
        std::vector<std::string> columns;
        std::vector<ColumnType> types;
        std::vector<std::uint32_t> places;
        for (const syntax::Name& name : source.columns) {
            const auto place = table.find_column(name.text);
            if (!place) {
                fail_syntax(name.place,
                            fmt::format("table {} has no column {}", table.name, name.text));
            }
            places.push_back(*place);
            columns.push_back(table.columns[*place].name);
            types.push_back(table.columns[*place].type);
        }
        Reference reference = resolver.resolve(source, table.name, columns, types);
        reference.places = std::move(places);
        reference.index = index_for(table, reference, source.place);
        table.references.push_back(std::move(reference));
    }
}

void resolve_collection(Collection& collection, const syntax::Declaration& declaration,
                        const ReferenceResolver& resolver) {
    require_few(declaration);
    for (const syntax::Reference& source : declaration.references) {
        std::vector<std::string> columns;
        std::vector<ColumnType> types;
        for (const syntax::Name& name : source.columns) {
            const Column* field = collection.find_field(name.text);
            if (field == nullptr) {
                fail_syntax(name.place, fmt::format("collection {} declares no field {}",
                                                    collection.name, name.text));
            }
            columns.push_back(field->name);
            types.push_back(field->type);
        }
        Reference reference = resolver.resolve(source, collection.name, columns, types);
        reference.index = index_for(collection, reference, source.place);
        collection.references.push_back(std::move(reference));
    }
}

}  // namespace

bool can_refer(const ColumnType& child, const ColumnType& parent) noexcept {
    return child.type == parent.type && child.precision == parent.precision &&
           child.scale == parent.scale && child.members == parent.members;
}

std::vector<std::string> order_by_parents(std::vector<Table>& tables) {
    constexpr std::size_t nowhere = SIZE_MAX;
    const auto place_of = [&](std::string_view name) {
        const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& table) {
            return same_name(table.name, name);
        });
        return found == tables.end() ? nowhere : static_cast<std::size_t>(found - tables.begin());
    };
    // For each table the parents that must come before it; a table does not wait for itself.
    std::vector<std::vector<std::size_t>> parents(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) {
        for (const Reference& reference : tables[i].references) {
            const std::size_t parent = place_of(reference.parent);
            if (parent != nowhere && parent != i) parents[i].push_back(parent);
        }
    }
    std::vector<std::size_t> order;
    std::vector<bool> placed(tables.size(), false);
    const auto waits_for = [&](std::size_t table) {
        const auto found = std::find_if(parents[table].begin(), parents[table].end(),
                                        [&](std::size_t parent) { return !placed[parent]; });
        return found == parents[table].end() ? nowhere : *found;
    };
    // Depth first along the parents, without recursion.
    for (std::size_t start = 0; start < tables.size(); ++start) {
        std::vector<std::size_t> path{start};
        while (!placed[start]) {
            const std::size_t parent = waits_for(path.back());
            if (parent == nowhere) {
                placed[path.back()] = true;
                order.push_back(path.back());
                path.pop_back();
                continue;
            }
            const auto met = std::find(path.begin(), path.end(), parent);
            if (met != path.end()) {
                std::vector<std::string> cycle;
                for (auto at = met; at != path.end(); ++at) cycle.push_back(tables[*at].name);
                cycle.push_back(tables[parent].name);
                return cycle;
            }
            path.push_back(parent);
        }
    }
    std::vector<Table> ordered;
    ordered.reserve(tables.size());
    for (const std::size_t place : order) ordered.push_back(std::move(tables[place]));
    tables = std::move(ordered);
    return {};
}

void resolve_references(Definition& definition,
                        const std::vector<const syntax::Declaration*>& tables,
                        const std::vector<const syntax::Declaration*>& collections,
                        const Definition& stored) {
    const ReferenceResolver resolver{definition, stored};
    for (std::size_t i = 0; i < tables.size(); ++i) {
        resolve_table(definition.tables[i], *tables[i], resolver);
    }
    for (std::size_t i = 0; i < collections.size(); ++i) {
        resolve_collection(definition.collections[i], *collections[i], resolver);
    }
    const std::vector<std::string> cycle = order_by_parents(definition.tables);
    if (cycle.empty()) return;
    const auto first =
        std::find_if(tables.begin(), tables.end(), [&](const syntax::Declaration* declaration) {
            return same_name(declaration->name.text, cycle.front());
        });
    fail_unsupported(
        (*first)->name.place,
        fmt::format("tables refer to each other in a circle, so that no first row could be "
                    "inserted: {}",
                    joined(cycle, " -> ")));
}

}  // namespace amphora::catalog
