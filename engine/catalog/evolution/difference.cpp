#include "catalog/definition/check.hpp"
#include "catalog/evolution/definition_comparison.hpp"
#include "catalog/evolution/evolution.hpp"
#include "catalog/evolution/merge.hpp"
#include "catalog/language/print.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

namespace amphora::catalog {

namespace {

using Kind = Difference::Kind;

class Comparison {
  public:
    Comparison(const Definition& stored, const Definition& wanted)
        : stored_{stored}, wanted_{wanted} {}

    std::vector<Difference> run() {
        for (const Table& table : wanted_.tables) compare(table);
        for (const Collection& collection : wanted_.collections) compare(collection);
        const bool conflicting =
            std::any_of(differences_.begin(), differences_.end(),
                        [](const Difference& one) { return one.kind == Kind::conflicting; });
        if (!differences_.empty() && !conflicting) require_together();
        return std::move(differences_);
    }

  private:
    void add(Kind kind, const std::string& text) {
        differences_.push_back({kind, fmt::format("{}: {}", place_, text), owner_});
    }
    void begin(std::string_view what, const std::string& owner) {
        owner_ = owner;
        place_ = fmt::format("{} {}", what, owner);
    }

    /// Finds what only shows in the whole: circles of references, a parent's key wider than a
    /// child's.
    void require_together() {
        try {
            static_cast<void>(merge(stored_, wanted_));
        } catch (const Error& error) {
            owner_.clear();
            place_ = "together with what is stored";
            add(Kind::conflicting, error.what());
        }
    }

    void compare(const Table& wanted) {
        begin("table", wanted.name);
        const Table* stored = stored_.find_table(wanted.name);
        if (stored == nullptr) {
            const bool taken = stored_.find_collection(wanted.name) != nullptr;
            add(taken ? Kind::conflicting : Kind::additive,
                taken ? "is stored as a collection" : "is new");
            return;
        }
        if (wanted.if_not_exists) {
            for (const Column& column : wanted.columns) {
                const auto place = stored->find_column(column.name);
                compare_existing(column, place ? &stored->columns[*place] : nullptr);
            }
            return;
        }
        compare_columns(*stored, wanted);
        std::vector<std::string> stored_key, wanted_key;
        for (const std::uint32_t place : stored->primary_key) {
            stored_key.push_back(stored->columns[place].name);
        }
        for (const std::uint32_t place : wanted.primary_key) {
            wanted_key.push_back(wanted.columns[place].name);
        }
        if (!same_names(stored_key, wanted_key)) {
            add(Kind::conflicting, fmt::format("the primary key is {}, the schema says {}",
                                               joined(stored_key), joined(wanted_key)));
        }
        // Whether a column is NULL in every existing row.
        const auto is_null_before = [&](std::uint32_t place) {
            return place >= stored->columns.size() && !has_default(wanted.columns[place]);
        };
        compare_indexes(*stored, wanted, [&](const Index& index) {
            return std::any_of(index.places.begin(), index.places.end(), is_null_before);
        });
        compare_references(*stored, wanted, [&](const Reference& reference) {
            return std::any_of(reference.places.begin(), reference.places.end(), is_null_before);
        });
        compare_checks(*stored, wanted);
        compare_before(*stored, wanted);
    }

    void compare(const Collection& wanted) {
        begin("collection", wanted.name);
        const Collection* stored = stored_.find_collection(wanted.name);
        if (stored == nullptr) {
            const bool taken = stored_.find_table(wanted.name) != nullptr;
            add(taken ? Kind::conflicting : Kind::additive,
                taken ? "is stored as a table" : "is new");
            return;
        }
        if (wanted.if_not_exists) {
            for (const Column& field : wanted.fields) {
                compare_existing(field, stored->find_field(field.name));
            }
            return;
        }
        for (const Column& field : stored->fields) {
            if (wanted.find_field(field.name) == nullptr) {
                add(Kind::conflicting,
                    fmt::format("field {} is stored, the schema has none", field.name));
            }
        }
        for (const Column& field : wanted.fields) {
            if (const Column* own = stored->find_field(field.name)) {
                compare_column(*own, field, "field");
            } else {
                add(field.not_null ? Kind::conditional : Kind::additive,
                    fmt::format("field {} is new{}", field.name,
                                field.not_null ? " and NOT NULL" : ""));
            }
        }
        const auto never = [](const auto&) { return false; };
        compare_indexes(*stored, wanted, never);
        compare_references(*stored, wanted, never);
        compare_checks(*stored, wanted);
        compare_retention(stored->retention, wanted.retention);
        compare_before(*stored, wanted);
    }

    void compare_retention(const Retention& stored, const Retention& wanted) {
        if (stored.is_same(wanted)) return;
        const auto text = [](const Retention& retention) {
            return retention.is_declared()
                       ? fmt::format("{}", fmt::join(options_of(retention), ", "))
                       : std::string{"not declared"};
        };
        add(Kind::additive,
            fmt::format("retention is {}; the schema says: {}", text(stored), text(wanted)));
    }

    template <class Owner>
    void compare_before(const Owner& stored, const Owner& wanted) {
        if (stored.keeps_before == wanted.keeps_before) return;
        const auto word = [](const Owner& owner) { return owner.keeps_before ? "TRUE" : "FALSE"; };
        add(Kind::additive,
            fmt::format("before is {}, the schema says {}", word(stored), word(wanted)));
    }

    /// For a declaration IF NOT EXISTS: the stored one must have what it names.
    void compare_existing(const Column& wanted, const Column* stored) {
        if (stored == nullptr) {
            add(Kind::conflicting,
                fmt::format("is stored without {}, which the schema declares IF NOT EXISTS",
                            wanted.name));
        } else if (stored->type != wanted.type && !is_wider(stored->type, wanted.type)) {
            add(Kind::conflicting, fmt::format("{} is {}, the schema says {}", wanted.name,
                                               to_sql(stored->type), to_sql(wanted.type)));
        }
    }

    void compare_columns(const Table& stored, const Table& wanted) {
        for (std::uint32_t place = 0; place < stored.columns.size(); ++place) {
            const Column& column = stored.columns[place];
            const auto found = wanted.find_column(column.name);
            if (!found) {
                add(Kind::conflicting,
                    fmt::format("column {} is stored, the schema has none", column.name));
                continue;
            }
            if (rank(stored.columns, place, wanted.columns) !=
                rank(wanted.columns, *found, stored.columns)) {
                add(Kind::conflicting,
                    fmt::format("column {} is number {}, in the schema number {}", column.name,
                                place + 1, *found + 1));
            }
            compare_column(column, wanted.columns[*found], "column");
        }
        for (std::uint32_t place = 0; place < wanted.columns.size(); ++place) {
            const Column& column = wanted.columns[place];
            if (stored.find_column(column.name)) continue;
            add_column(column, place, stored);
        }
    }

    /// How many columns before this one are in both declarations: adding or removing a column does
    /// not move those after it.
    static std::size_t rank(const std::vector<Column>& columns, std::uint32_t place,
                            const std::vector<Column>& others) {
        return static_cast<std::size_t>(
            std::count_if(columns.begin(), columns.begin() + place, [&](const Column& column) {
                return std::ranges::any_of(others, [&](const Column& other) {
                    return same_name(other.name, column.name);
                });
            }));
    }

    void add_column(const Column& column, std::uint32_t place, const Table& stored) {
        const auto say = [&](Kind kind, std::string_view more) {
            add(kind, fmt::format("column {} is new{}", column.name, more));
        };
        if (place < stored.columns.size()) {
            say(Kind::conflicting,
                ", but is not at the end; a new column comes after those that are stored");
        } else if (column.auto_increment) {
            say(Kind::conflicting, " and AUTO_INCREMENT: stored rows have no number");
        } else if (std::holds_alternative<Now>(column.default_value)) {
            say(Kind::empty_only, " and DEFAULT NOW()");
        } else if (column.not_null && !has_literal_default(column)) {
            say(Kind::empty_only, " and NOT NULL without a DEFAULT");
        } else {
            say(Kind::additive, "");
        }
    }

    void compare_column(const Column& stored, const Column& wanted, std::string_view what) {
        if (stored.type != wanted.type) {
            add(is_wider(wanted.type, stored.type) ? Kind::additive : Kind::conflicting,
                fmt::format("{} {} is {}, the schema says {}", what, stored.name,
                            to_sql(stored.type), to_sql(wanted.type)));
        }
        if (wanted.not_null && !stored.not_null) {
            add(Kind::conditional, fmt::format("{} {} becomes NOT NULL", what, stored.name));
        }
        Column aligned = wanted;
        if (!stored.not_null) aligned.not_null = false;
        aligned.name = stored.name;
        aligned.type = stored.type;
        if (same_default(stored, wanted)) aligned.default_value = stored.default_value;
        if (aligned != stored) {
            add(Kind::conflicting, fmt::format("{} {} is stored as {}, the schema says {}", what,
                                               stored.name, to_sql(stored), to_sql(wanted)));
        }
    }

    /// `is_free`: whether no existing row can violate it.
    template <class Owner, class IsFree>
    void compare_indexes(const Owner& stored, const Owner& wanted, IsFree is_free) {
        for (const Index& index : wanted.indexes) {
            const Index* own = stored.find_index(index.name);
            if (own == nullptr) {
                const bool free = !index.unique || is_free(index);
                add(free ? Kind::additive : Kind::conditional,
                    fmt::format("{} is new", to_text(index)));
            } else if (own->unique != index.unique || !same_names(own->columns, index.columns)) {
                add(Kind::conflicting,
                    fmt::format("{} is stored, the schema says {}{}", to_text(*own), to_text(index),
                                own->unique ? "" : "; give the new index another name"));
            }
        }
        for (const Index& index : stored.indexes) {
            if (index.unique && wanted.find_index(index.name) == nullptr) {
                add(Kind::conflicting,
                    fmt::format("{} is stored, the schema has none", to_text(index)));
            }
        }
    }

    template <class Owner, class IsFree>
    void compare_references(const Owner& stored, const Owner& wanted, IsFree is_free) {
        const auto find = [](const Owner& owner, const Reference& wanted_one) {
            return std::find_if(owner.references.begin(), owner.references.end(),
                                [&](const Reference& one) { return is_same(one, wanted_one); });
        };
        for (const Reference& reference : wanted.references) {
            const auto own = find(stored, reference);
            if (own == stored.references.end()) {
                add(is_free(reference) ? Kind::additive : Kind::conditional,
                    fmt::format("{} is new", to_text(reference)));
            } else if (own->on_delete != reference.on_delete) {
                add(Kind::conflicting, fmt::format("{} is stored, the schema says {}",
                                                   to_text(*own), to_text(reference)));
            }
        }
        for (const Reference& reference : stored.references) {
            if (find(wanted, reference) == wanted.references.end()) {
                add(Kind::conflicting,
                    fmt::format("{} is stored, the schema has none", to_text(reference)));
            }
        }
    }

    void compare_checks(const Table& stored, const Table& wanted) {
        compare_checks(
            stored.checks, wanted.checks,
            [&](const Check& check) {
                return with_places(check.predicate, wanted.columns, stored.columns);
            },
            [&](const Check& check) { return holds_before(check, stored, wanted); });
    }

    void compare_checks(const Collection& stored, const Collection& wanted) {
        compare_checks(
            stored.checks, wanted.checks,
            [&](const Check& check) {
                return with_places(check.predicate, wanted.fields, stored.fields);
            },
            [](const Check&) { return false; });
    }

    /// Whether it is a CHECK over new columns only, which are the same in every existing row.
    static bool holds_before(const Check& check, const Table& stored, const Table& wanted) {
        std::set<std::uint32_t> used;
        collect_columns(check.predicate, used);
        if (used.empty() || *used.begin() < stored.columns.size()) return false;
        std::vector<Cell> row;
        for (const Column& column : wanted.columns) row.push_back(cell_before(column));
        return holds(check, row);
    }

    template <class Align, class HoldsBefore>
    void compare_checks(const std::vector<Check>& stored, const std::vector<Check>& wanted,
                        Align align, HoldsBefore holds_before_here) {
        std::vector<bool> met(stored.size(), false);
        for (const Check& check : wanted) {
            const Expression predicate = align(check);
            bool known = false;
            for (std::size_t i = 0; i < stored.size(); ++i) {
                if (stored[i].predicate == predicate) known = met[i] = true;
            }
            if (known) continue;
            add(holds_before_here(check) ? Kind::additive : Kind::conditional,
                fmt::format("CHECK ({}) is new", check.text));
        }
        for (std::size_t i = 0; i < stored.size(); ++i) {
            if (!met[i]) {
                add(Kind::conflicting,
                    fmt::format("CHECK ({}) is stored, the schema has none", stored[i].text));
            }
        }
    }

    const Definition& stored_;
    const Definition& wanted_;
    std::string owner_;
    std::string place_;  // "table users"
    std::vector<Difference> differences_;
};

std::string_view possible_if(Kind kind) {
    switch (kind) {
        case Kind::additive:
            return " (could be added)";
        case Kind::conditional:
            return " (could be added if everything stored fulfils it)";
        case Kind::empty_only:
            return " (could be added to an empty table)";
        case Kind::conflicting:
            break;
    }
    return {};
}

}  // namespace

std::vector<Difference> difference(const Definition& stored, const Definition& wanted) {
    return Comparison{stored, wanted}.run();
}

void require_applicable(const Definition& stored, const Definition& wanted) {
    const std::vector<Difference> differences = difference(stored, wanted);
    std::string list;
    bool conflicting = false;
    for (const Difference& one : differences) {
        conflicting = conflicting || one.kind == Kind::conflicting;
        list += fmt::format("\n  {}{}", one.text, possible_if(one.kind));
    }
    if (conflicting) {
        throw Error{
            ErrorCode::schema_mismatch,
            fmt::format("the schema does not fit what is stored; nothing was changed:{}", list)};
    }
}

}  // namespace amphora::catalog
