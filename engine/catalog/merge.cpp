#include "catalog/merge.hpp"

#include "catalog/parser.hpp"
#include "catalog/print.hpp"
#include "catalog/token_stream.hpp"
#include "codec/utf8.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace amphora::catalog {

namespace {

template <class Owner>
void add_indexes(Owner& merged, const Owner& wanted) {
    for (const Index& index : wanted.indexes) {
        if (merged.find_index(index.name) == nullptr) {
            merged.indexes.push_back(index);
            merged.indexes.back().space = SpaceId{};
        }
    }
}

bool has_reference(const std::vector<Reference>& references, const Reference& wanted) {
    return std::any_of(references.begin(), references.end(), [&](const Reference& reference) {
        return same_name(reference.parent, wanted.parent) && reference.places == wanted.places &&
               reference.columns.size() == wanted.columns.size() &&
               std::equal(reference.columns.begin(), reference.columns.end(),
                          wanted.columns.begin(), same_name);
    });
}

/// Names that are made count the CHECKs of one text, so that two texts may make the same.
std::string free_name(const std::vector<Check>& checks, const std::string& wanted) {
    std::string name = wanted;
    const auto taken = [&] {
        return std::any_of(checks.begin(), checks.end(),
                           [&](const Check& check) { return same_name(check.name, name); });
    };
    for (int again = 2; taken(); ++again) {
        name = std::string{codec::first_bytes(wanted, identifier_bytes_max - 12)} + "_" +
               std::to_string(again);
    }
    return name;
}

void add_to(Table& merged, const Table& wanted) {
    for (std::size_t place = 0; place < wanted.columns.size(); ++place) {
        if (place < merged.columns.size()) {
            merged.columns[place].type = wanted.columns[place].type;  // the same, or wider
        } else {
            merged.columns.push_back(wanted.columns[place]);
        }
    }
    add_indexes(merged, wanted);
    for (const Reference& reference : wanted.references) {
        if (!has_reference(merged.references, reference)) merged.references.push_back(reference);
    }
    for (const Check& check : wanted.checks) {
        const bool known =
            std::any_of(merged.checks.begin(), merged.checks.end(),
                        [&](const Check& own) { return own.predicate == check.predicate; });
        if (!known) {
            Check added = check;
            added.name = free_name(merged.checks, check.name);
            merged.checks.push_back(std::move(added));
        }
    }
}

void add_to(Collection& merged, const Collection& wanted) {
    for (const Column& field : wanted.fields) {
        const auto own = std::find_if(merged.fields.begin(), merged.fields.end(),
                                      [&](const Column& one) { return one.name == field.name; });
        if (own == merged.fields.end()) {
            merged.fields.push_back(field);
        } else {
            own->type = field.type;
        }
    }
    add_indexes(merged, wanted);
    merged.retain = wanted.retain;
}

template <class Owner>
void add_all(std::vector<Owner>& merged, const std::vector<Owner>& wanted) {
    for (const Owner& owner : wanted) {
        const auto own = std::find_if(merged.begin(), merged.end(), [&](const Owner& one) {
            return same_name(one.name, owner.name);
        });
        if (own == merged.end()) {
            merged.push_back(owner);
            merged.back().if_not_exists = false;  // from now on it does
        } else if (!owner.if_not_exists) {
            add_to(*own, owner);
        }
    }
}

template <class Owner>
void keep_spaces(std::vector<Owner>& merged, const std::vector<Owner>& stored) {
    for (const Owner& from : stored) {
        const auto to = std::find_if(merged.begin(), merged.end(),
                                     [&](const Owner& one) { return one.name == from.name; });
        to->space = from.space;
        if constexpr (requires { to->counter; }) to->counter = from.counter;
        for (Index& index : to->indexes) {
            if (const Index* own = from.find_index(index.name)) index.space = own->space;
        }
    }
}

}  // namespace

Definition merge(const Definition& stored, const Definition& wanted) {
    Definition together = stored;
    // In the order in which `load` meets them, so that both put them into the same order.
    const auto by_space = [](const auto& left, const auto& right) {
        return left.space < right.space;
    };
    std::stable_sort(together.tables.begin(), together.tables.end(), by_space);
    std::stable_sort(together.collections.begin(), together.collections.end(), by_space);
    add_all(together.tables, wanted.tables);
    add_all(together.collections, wanted.collections);
    // Through text, so that the result is what a later `load` will find, and nothing else.
    Definition merged = parse_schema(to_sql(together), "stored and new schema");
    keep_spaces(merged.tables, stored.tables);
    keep_spaces(merged.collections, stored.collections);
    return merged;
}

}  // namespace amphora::catalog
