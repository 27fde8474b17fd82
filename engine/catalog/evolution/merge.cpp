#include "catalog/evolution/merge.hpp"

#include "catalog/evolution/definition_comparison.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/language/print.hpp"
#include "catalog/language/token_stream.hpp"
#include "codec/utf8.hpp"

#include <algorithm>
#include <span>
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

template <class Owner>
void add_references(Owner& merged, const Owner& wanted) {
    for (const Reference& reference : wanted.references) {
        const bool known =
            std::any_of(merged.references.begin(), merged.references.end(),
                        [&](const Reference& own) { return is_same(own, reference); });
        if (!known) merged.references.push_back(reference);
    }
}

/// Generated names count the CHECKs of one text, so two texts may generate the same name.
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

/// `merged` already has the columns or fields of `wanted`.
template <class Owner>
void add_checks(Owner& merged, const Owner& wanted, std::span<const Column> merged_columns,
                std::span<const Column> wanted_columns) {
    for (const Check& check : wanted.checks) {
        Expression predicate = with_places(check.predicate, wanted_columns, merged_columns);
        const bool known =
            std::any_of(merged.checks.begin(), merged.checks.end(),
                        [&](const Check& own) { return own.predicate == predicate; });
        if (known) continue;
        Check added = check;
        added.name = free_name(merged.checks, check.name);
        added.predicate = std::move(predicate);
        merged.checks.push_back(std::move(added));
    }
}

/// Takes over the wider type and the NOT NULL of the same column or field of `wanted`.
void widen(Column& merged, const Column& wanted) {
    merged.type = wanted.type;  // the same, or wider
    merged.not_null = merged.not_null || wanted.not_null;
}

void add_to(Table& merged, const Table& wanted) {
    for (std::size_t place = 0; place < wanted.columns.size(); ++place) {
        if (place < merged.columns.size()) {
            widen(merged.columns[place], wanted.columns[place]);
        } else {
            merged.columns.push_back(wanted.columns[place]);
        }
    }
    add_indexes(merged, wanted);
    add_references(merged, wanted);
    add_checks(merged, wanted, merged.columns, wanted.columns);
    merged.keeps_before = wanted.keeps_before;
}

void add_to(Collection& merged, const Collection& wanted) {
    for (const Column& field : wanted.fields) {
        const auto own = std::find_if(merged.fields.begin(), merged.fields.end(),
                                      [&](const Column& one) { return one.name == field.name; });
        if (own == merged.fields.end()) {
            merged.fields.push_back(field);
        } else {
            widen(*own, field);
        }
    }
    add_indexes(merged, wanted);
    add_references(merged, wanted);
    add_checks(merged, wanted, merged.fields, wanted.fields);
    merged.retention = wanted.retention;
    merged.keeps_before = wanted.keeps_before;
}

template <class Owner>
void add_all(std::vector<Owner>& merged, const std::vector<Owner>& wanted) {
    for (const Owner& owner : wanted) {
        const auto own = std::find_if(merged.begin(), merged.end(), [&](const Owner& one) {
            return same_name(one.name, owner.name);
        });
        if (own == merged.end()) {
            merged.push_back(owner);
            merged.back().if_not_exists = false;  // it exists from now on
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
    // In the order in which `load` reads them, so that both have the same order.
    const auto by_space = [](const auto& left, const auto& right) {
        return left.space < right.space;
    };
    std::stable_sort(together.tables.begin(), together.tables.end(), by_space);
    std::stable_sort(together.collections.begin(), together.collections.end(), by_space);
    add_all(together.tables, wanted.tables);
    add_all(together.collections, wanted.collections);
    // Through text, so that the result is exactly what a later `load` finds.
    Definition merged =
        parse_schema(to_sql(together), "stored and new schema", SystemNames::allowed);
    keep_spaces(merged.tables, stored.tables);
    keep_spaces(merged.collections, stored.collections);
    return merged;
}

}  // namespace amphora::catalog
