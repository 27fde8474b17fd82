#include "document/query/path_bounds.hpp"

#include "base/assert.hpp"
#include "codec/bson/key.hpp"
#include "document/collection/declared_field.hpp"
#include "document/collection/keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

using Kind = FilterNode::Kind;

/// Whether the entries equal to `operand` are all that `{path: operand}` can select. An array has
/// no entry of its own, only its elements have.
bool can_be_point(BsonView operand, const PathCondition& condition) {
    switch (operand.type()) {
        // With a position in the path, a missing value has no entry of its own.
        case BsonType::null:
            return !condition.path->has_position();
        case BsonType::document:
        case BsonType::string:
        case BsonType::symbol:
        case BsonType::binary:
        case BsonType::object_id:
        case BsonType::boolean:
        case BsonType::date:
        case BsonType::timestamp:
            return true;
        default:
            return operand.is_number();
    }
}

bool can_be_bound(BsonView operand, const PathCondition& condition) {
    return can_be_point(operand, condition) && !operand.is_null() && !operand.is_document();
}

Buffer element_key(BsonView value) {
    codec::KeyWriter key{SpaceId{}};
    codec::append_key(key, value);
    return Buffer{without_space(key.bytes())};
}

/// All keys of values that compare with the value of this key are in [first, end) of their tags.
Buffer bracket_begin(const Buffer& key) {
    return Buffer(
        1, static_cast<char>(codec::tag::first_of_kind(static_cast<std::uint8_t>(key.front()))));
}
Buffer bracket_end(const Buffer& key) {
    namespace tag = codec::tag;
    std::uint8_t last = static_cast<std::uint8_t>(bracket_begin(key).front());
    if (last == tag::not_a_number) last = tag::plus_infinity;
    if (last == tag::no) last = tag::yes;
    if (last == tag::datetime_early) last = tag::datetime_late;
    return Buffer(1, static_cast<char>(last + 1));
}

std::string_view sign_of(Kind kind) {
    switch (kind) {
        case Kind::less:
            return "<";
        case Kind::less_equal:
            return "<=";
        case Kind::greater:
            return ">";
        case Kind::greater_equal:
            return ">=";
        default:
            return "=";
    }
}

/// Adds the keys under which a document has at least one entry if its path equals `operand`. False:
/// they are not known.
bool append_points(BsonView operand, const PathCondition& condition, std::vector<Buffer>& points) {
    if (const std::optional<DocumentView> array = operand.as_array()) {
        // The array itself has an entry if it is an element of another array. Otherwise its first
        // element has one.
        static constexpr BsonView undefined{BsonType::undefined, {}};
        points.push_back(element_key(operand));
        points.push_back(element_key(array->empty() ? undefined : array->begin()->value));
        return true;
    }
    if (!can_be_point(operand, condition)) return false;
    points.push_back(element_key(operand));
    return true;
}

void put_in_order(std::vector<Buffer>& points) {
    std::ranges::sort(points);
    points.erase(std::unique(points.begin(), points.end()), points.end());
}

/// >= null and <= null select what equals null.
bool is_equality(const FilterNode& node) {
    return node.kind == Kind::equal ||
           (node.operand.is_null() &&
            (node.kind == Kind::greater_equal || node.kind == Kind::less_equal));
}

std::optional<PathBounds> equal_points(const PathCondition& condition) {
    const BsonView operand = condition.node->operand;
    PathBounds bounds;
    if (!append_points(operand, condition, bounds.points)) return std::nullopt;
    put_in_order(bounds.points);
    bounds.description = fmt::format("{} = {}", condition.path->dotted(), describe(operand));
    return bounds;
}

std::optional<PathBounds> in_points(const PathCondition& condition) {
    PathBounds bounds;
    for (const BsonView operand : condition.node->operands) {
        if (!append_points(operand, condition, bounds.points)) return std::nullopt;
    }
    // An empty $in selects nothing; the filter finds that soon enough.
    if (bounds.points.empty()) return std::nullopt;
    put_in_order(bounds.points);
    bounds.description =
        fmt::format("{} in {} values", condition.path->dotted(), bounds.points.size());
    return bounds;
}

template <class Wanted, class Make>
std::optional<PathBounds> find_points(std::span<const PathCondition> conditions,
                                      const FieldPath& path, Wanted is_wanted, Make make) {
    for (const PathCondition& condition : conditions) {
        if (!is_wanted(*condition.node) || *condition.path != path) continue;
        if (auto bounds = make(condition)) return bounds;
    }
    return std::nullopt;
}

/// Narrows `bounds` by another condition on the same kind of values.
void narrow(PathBounds& bounds, const PathCondition& condition, const Buffer& key) {
    PathBounds::Range& range = bounds.ranges.front();
    switch (condition.node->kind) {
        case Kind::greater:
            range.lower = std::max(range.lower, codec::prefix_end(key));
            break;
        case Kind::greater_equal:
            range.lower = std::max(range.lower, key);
            break;
        case Kind::less:
            range.upper = std::min(range.upper, key);
            break;
        case Kind::less_equal:
            range.upper = std::min(range.upper, codec::prefix_end(key));
            break;
        default:
            AMPHORA_ASSERT(!"a comparison with an order");
    }
    bounds.description +=
        fmt::format("{}{} {} {}", bounds.description.empty() ? "" : ", ", condition.path->dotted(),
                    sign_of(condition.node->kind), describe(condition.node->operand));
}

bool is_bound(const PathCondition& condition, const FieldPath& path) {
    const FilterNode& node = *condition.node;
    return node.is_comparison() && node.kind != Kind::equal && *condition.path == path &&
           can_be_bound(node.operand, condition);
}

/// The range of the condition at `first`, and of the later ones that hold for the same value.
PathBounds range_from(std::span<const PathCondition> conditions, std::size_t first, Arrays arrays) {
    const PathCondition& begin = conditions[first];
    const FieldPath& path = *begin.path;
    const Buffer begin_key = element_key(begin.node->operand);
    const Buffer bracket = bracket_begin(begin_key);
    PathBounds bounds;
    bounds.ranges.push_back({bracket, bracket_end(begin_key)});
    narrow(bounds, begin, begin_key);
    for (const PathCondition& condition : conditions.subspan(first + 1)) {
        const bool same_value =
            arrays == Arrays::never || (begin.element != 0 && condition.element == begin.element);
        if (!same_value) break;  // conditions on one element are neighbours
        if (!is_bound(condition, path)) continue;
        const Buffer key = element_key(condition.node->operand);
        if (bracket_begin(key) == bracket) narrow(bounds, condition, key);
    }
    PathBounds::Range& range = bounds.ranges.front();
    bounds.two_sided = range.lower.size() > 1 && range.upper.size() > 1;
    // "> 9 and < 3": nothing is between them, and the range must not be inverted.
    if (range.upper < range.lower) range.upper = range.lower;
    return bounds;
}

/// The first range, or a later one that has two ends.
std::optional<PathBounds> find_range(std::span<const PathCondition> conditions,
                                     const FieldPath& path, Arrays arrays) {
    std::optional<PathBounds> best;
    for (std::size_t first = 0; first < conditions.size(); ++first) {
        if (!is_bound(conditions[first], path)) continue;
        PathBounds bounds = range_from(conditions, first, arrays);
        if (!best || bounds.two_sided) best = std::move(bounds);
        if (best->two_sided || arrays == Arrays::never) break;
    }
    return best;
}

std::vector<PathBounds::Range> ranges_of(const PathBounds& bounds) {
    std::vector<PathBounds::Range> ranges = bounds.ranges;
    for (const Buffer& point : bounds.points) {
        ranges.push_back({point, codec::prefix_end(point)});
    }
    return ranges;
}

std::vector<PathBounds::Range> joined(std::vector<PathBounds::Range> ranges) {
    std::ranges::sort(ranges, {}, &PathBounds::Range::lower);
    std::vector<PathBounds::Range> apart;
    for (PathBounds::Range& range : ranges) {
        if (!apart.empty() && range.lower <= apart.back().upper) {
            apart.back().upper = std::max(apart.back().upper, range.upper);
        } else {
            apart.push_back(std::move(range));
        }
    }
    return apart;
}

/// $or: if every branch bounds the path, its value is in one of their bounds.
std::optional<PathBounds> either(const PathCondition& any_of, const FieldPath& path,
                                 Arrays arrays) {
    std::vector<PathBounds> branches;
    for (const FilterNode& branch : any_of.node->children) {
        const PathConditions conditions{branch, any_of};
        auto bounds = path_bounds(conditions.all(), path, arrays);
        if (!bounds) return std::nullopt;
        branches.push_back(std::move(*bounds));
    }
    PathBounds whole;
    if (std::ranges::all_of(branches, &PathBounds::is_points)) {
        for (const PathBounds& branch : branches) {
            whole.points.insert(whole.points.end(), branch.points.begin(), branch.points.end());
        }
        put_in_order(whole.points);
        whole.description = fmt::format("{} in {} values", path.dotted(), whole.points.size());
        return whole;
    }
    for (const PathBounds& branch : branches) {
        for (PathBounds::Range& range : ranges_of(branch)) {
            whole.ranges.push_back(std::move(range));
        }
    }
    whole.ranges = joined(std::move(whole.ranges));
    whole.two_sided =
        std::ranges::all_of(branches, [](const PathBounds& branch) { return branch.two_sided; });
    whole.description = fmt::format("{} in {} range{}", path.dotted(), whole.ranges.size(),
                                    whole.ranges.size() == 1 ? "" : "s");
    return whole;
}

}  // namespace

std::optional<PathBounds> path_bounds(std::span<const PathCondition> conditions,
                                      const FieldPath& path, Arrays arrays) {
    if (auto equal = find_points(conditions, path, is_equality, equal_points)) return equal;
    const auto is_in = [](const FilterNode& node) { return node.kind == Kind::in; };
    if (auto in = find_points(conditions, path, is_in, in_points)) return in;
    std::optional<PathBounds> best = find_range(conditions, path, arrays);
    for (const PathCondition& condition : conditions) {
        if (condition.node->kind != Kind::any_of) continue;
        auto bounds = either(condition, path, arrays);
        if (bounds && (!best || bounds->is_points())) best = std::move(bounds);
    }
    return best;
}

}  // namespace amphora::document
