#include "relational/scan/plan.hpp"

#include "base/assert.hpp"
#include "codec/key/ordered_key.hpp"
#include "codec/key/writer.hpp"
#include "relational/row/index_entry.hpp"
#include "relational/row/row_key.hpp"
#include "relational/value/describe.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

namespace amphora::relational {
namespace {

/// The conditions on the columns of one index, from its first column on.
struct Fit {
    const BoundIndex* index = nullptr;
    std::vector<const Filter*> fixed;   // one for each of the first columns: equal or is_null
    const Filter* list = nullptr;       // `in` on the next column
    std::vector<const Filter*> ranged;  // comparisons with the next column

    [[nodiscard]] bool finds_one() const {
        return index->unique && fixed.size() == index->columns.size() &&
               std::all_of(fixed.begin(), fixed.end(), [](const Filter* filter) {
                   return filter->comparison == Comparison::equal;
               });
    }
    [[nodiscard]] auto rank() const {
        const int next_column = list != nullptr ? 2 : ranged.empty() ? 0 : 1;
        const bool is_primary = index->definition == nullptr;
        return std::tuple{finds_one(), fixed.size(), next_column, is_primary};
    }
};

bool is_range(Comparison comparison) noexcept {
    switch (comparison) {
        case Comparison::less:
        case Comparison::less_equal:
        case Comparison::greater:
        case Comparison::greater_equal:
        case Comparison::is_not_null:
            return true;
        default:
            return false;
    }
}

// Whether the value has a key among those of the column. A whole number or decimal has one among
// numbers, also if no stored value equals it; a real that is no decimal has none, nor has a number
// among booleans.
bool has_key(const BoundTable& table, const Filter& filter) {
    const bool boolean =
        table.definition().columns[filter.column].type.type == catalog::Type::boolean;
    return std::all_of(filter.comparands.begin(), filter.comparands.end(),
                       [&](const Comparand& one) {
                           return one.relation == Comparand::Relation::equals ||
                                  (!boolean && one.cell.kind() != Cell::Kind::real);
                       });
}

Fit fit(const BoundTable& table, const BoundIndex& index, const std::vector<Filter>& filters) {
    Fit result;
    result.index = &index;
    for (const std::uint32_t column : index.columns) {
        const auto find = [&](auto wanted) -> const Filter* {
            const auto found = std::find_if(filters.begin(), filters.end(), [&](const Filter& one) {
                return one.column == column && wanted(one.comparison);
            });
            return found == filters.end() ? nullptr : &*found;
        };
        if (const Filter* fixed = find([](Comparison comparison) {
                return comparison == Comparison::equal || comparison == Comparison::is_null;
            })) {
            result.fixed.push_back(fixed);
            continue;
        }
        result.list = find([](Comparison comparison) { return comparison == Comparison::in; });
        if (result.list == nullptr) {
            for (const Filter& filter : filters) {
                if (filter.column == column && is_range(filter.comparison) &&
                    has_key(table, filter)) {
                    result.ranged.push_back(&filter);
                }
            }
        }
        break;
    }
    return result;
}

// Whether walking the index gives rows in the order of `order_by`. Columns that an equality fixes
// fit every order.
bool gives_order(const BoundTable& table, const Fit& fit, const std::vector<Filter>& filters,
                 const std::vector<std::uint32_t>& order_by) {
    const auto is_fixed = [&](std::uint32_t column) {
        return std::any_of(filters.begin(), filters.end(), [&](const Filter& filter) {
            return filter.column == column && (filter.comparison == Comparison::equal ||
                                               filter.comparison == Comparison::is_null);
        });
    };
    std::vector<std::uint32_t> order(fit.index->columns.begin(), fit.index->columns.end());
    if (fit.index->definition != nullptr) {
        const std::span<const std::uint32_t> primary = table.primary().columns;
        order.insert(order.end(), primary.begin(), primary.end());
    }
    auto at = order.begin();
    for (const std::uint32_t wanted : order_by) {
        while (at != order.end() && *at != wanted && is_fixed(*at)) ++at;
        if (at == order.end()) {
            return true;  // the primary key is in it: no two rows are left to order
        }
        if (*at == wanted) {
            ++at;
        } else if (!is_fixed(wanted)) {
            return false;
        }
    }
    return true;
}

Fit choose(const BoundTable& table, const Scan& scan, const std::vector<Filter>& filters) {
    std::optional<Fit> best;
    const auto consider = [&](const BoundIndex& index) {
        Fit candidate = fit(table, index, filters);
        if (!gives_order(table, candidate, filters, scan.order_by)) return;
        if (!best || candidate.rank() > best->rank()) best = std::move(candidate);
    };
    if (scan.index != nullptr) {
        consider(*scan.index);
    } else {
        consider(table.primary());
        for (const BoundIndex& index : table.indexes()) consider(index);
    }
    if (!best) {
        std::string columns;
        for (const std::uint32_t column : scan.order_by) {
            columns += fmt::format("{}{}", columns.empty() ? "" : ", ",
                                   table.definition().columns[column].name);
        }
        throw Error{ErrorCode::unsupported,
                    fmt::format("no index of {} gives its rows in the order of ({})", table.name(),
                                columns)};
    }
    return std::move(*best);
}

/// Bounds over whole keys, narrowed one condition after another.
class Bounds {
  public:
    explicit Bounds(Buffer prefix)
        : prefix_{std::move(prefix)}, lower_{prefix_}, upper_{codec::prefix_end(prefix_)} {}

    void narrow(const Filter& filter) {
        // NULLs come first, and no comparison holds for them.
        raise(codec::prefix_end(with(Cell::null())));
        if (filter.comparison == Comparison::is_not_null) return;
        const Buffer key = with(filter.comparands[0].cell);
        switch (filter.comparison) {
            case Comparison::greater:
                raise(codec::prefix_end(key));
                break;
            case Comparison::greater_equal:
                raise(key);
                break;
            case Comparison::less:
                sink(key);
                break;
            default:
                sink(codec::prefix_end(key));
                break;
        }
    }
    [[nodiscard]] bool is_empty() const noexcept { return lower_ >= upper_; }
    [[nodiscard]] const Buffer& lower() const noexcept { return lower_; }
    [[nodiscard]] const Buffer& upper() const noexcept { return upper_; }

    [[nodiscard]] Buffer with(const Cell& cell) const {
        codec::KeyWriter writer{SpaceId{}};
        writer.cell(cell);
        return prefix_ + Buffer{writer.bytes().substr(codec::key_space_bytes)};
    }

  private:
    void raise(Buffer lower) {
        if (lower > lower_) lower_ = std::move(lower);
    }
    void sink(Buffer upper) {
        if (upper < upper_) upper_ = std::move(upper);
    }

    Buffer prefix_, lower_, upper_;
};

Buffer fixed_prefix(const Fit& fit) {
    codec::KeyWriter writer{fit.index->space};
    for (const Filter* filter : fit.fixed) {
        writer.cell(filter->comparison == Comparison::is_null ? Cell::null()
                                                              : filter->comparands[0].cell);
    }
    return writer.take();
}

std::vector<Plan::Range> ranges_of(const Fit& fit) {
    Bounds bounds{fixed_prefix(fit)};
    std::vector<Plan::Range> ranges;
    if (fit.list != nullptr) {
        for (const Comparand& one : fit.list->comparands) {
            Buffer lower = bounds.with(one.cell);
            Buffer upper = codec::prefix_end(lower);
            ranges.push_back({std::move(lower), std::move(upper)});
        }
        return ranges;
    }
    for (const Filter* filter : fit.ranged) bounds.narrow(*filter);
    if (!bounds.is_empty()) ranges.push_back({bounds.lower(), bounds.upper()});
    return ranges;
}

// Replaces bounds of long keys by those of stored keys. These may contain more than was asked for,
// and ranges of a list may overlap and are merged. Returns whether the bounds still express the
// conditions exactly.
bool limit(std::vector<Plan::Range>& ranges, const BoundIndex& index) {
    const std::size_t bytes_max = index.definition != nullptr
                                      ? index_columns_bytes_max
                                      : codec::key_space_bytes + catalog::primary_key_bytes_max;
    const std::size_t whole_max = bytes_max - codec::key_hash_bytes;
    bool exact = true;
    std::vector<Plan::Range> limited;
    for (Plan::Range& range : ranges) {
        if (range.lower.size() > whole_max || range.upper.size() > whole_max) {
            exact = false;
            range = {codec::limit_lower(range.lower, bytes_max),
                     codec::limit_upper(range.upper, bytes_max)};
        }
        if (!limited.empty() && range.lower < limited.back().upper) {
            limited.back().upper = std::max(limited.back().upper, range.upper);
        } else {
            limited.push_back(std::move(range));
        }
    }
    ranges = std::move(limited);
    return exact;
}

}  // namespace

Plan plan(const BoundTable& table, const Scan& scan) {
    Plan result{nullptr, {}, Filters{table, scan.conditions}, {}, {}};
    const std::vector<Filter>& filters = result.filters.all();
    if (!result.filters.may_hold()) {
        result.index = scan.index != nullptr ? scan.index : &table.primary();
        return result;
    }
    const Fit best = choose(table, scan, filters);
    result.index = best.index;
    result.in_bounds = best.fixed;
    if (best.list != nullptr) result.in_bounds.push_back(best.list);
    result.in_bounds.insert(result.in_bounds.end(), best.ranged.begin(), best.ranged.end());
    result.ranges = ranges_of(best);
    const bool exact = limit(result.ranges, *best.index);
    for (const Filter& filter : filters) {
        const bool said = std::find(result.in_bounds.begin(), result.in_bounds.end(), &filter) !=
                          result.in_bounds.end();
        if (!said || !exact) result.in_rows.push_back(&filter);
    }
    return result;
}

std::string describe(const BoundTable& table, const Plan& plan) {
    static constexpr std::array spelling{"=",  "<>",      "<",           "<=", ">",
                                         ">=", "IS NULL", "IS NOT NULL", "IN"};
    std::string words = fmt::format("{}: ", table.name());
    if (plan.ranges.empty()) return words + "nothing, for no row can fulfil the conditions";
    words += plan.index->definition != nullptr ? "index " + plan.index->definition->name
                                               : std::string{"primary key"};
    if (plan.in_bounds.empty()) words += ", all of it";
    for (const Filter* filter : plan.in_bounds) {
        const catalog::Column& column = table.definition().columns[filter->column];
        words += fmt::format(", {} {}", column.name,
                             spelling[static_cast<std::size_t>(filter->comparison)]);
        for (std::size_t i = 0; i < filter->comparands.size(); ++i) {
            words += fmt::format("{} {}", i == 0 ? "" : ",",
                                 describe(filter->comparands[i].cell, column.type));
        }
    }
    for (std::size_t i = 0; i < plan.in_rows.size(); ++i) {
        words += fmt::format("{} {}", i == 0 ? "; filter" : ",",
                             table.definition().columns[plan.in_rows[i]->column].name);
    }
    return words;
}

}  // namespace amphora::relational
