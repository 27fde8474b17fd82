#include "document/path_bounds.hpp"

#include "base/assert.hpp"
#include "codec/bson_key.hpp"
#include "document/declared_field.hpp"
#include "document/keys.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace amphora::document {

namespace {

using Kind = FilterNode::Kind;

/// Whether the entries equal to `operand` are all that `{path: operand}` can select. An array is
/// not: it is looked for as a whole, and entries are its elements.
bool can_be_point(BsonView operand, const FieldPath& path) {
    switch (operand.type()) {
        // Where a path has a position, "not there" has no entry of its own.
        case BsonType::null:
            return !path.has_position();
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

bool can_be_bound(BsonView operand, const FieldPath& path) {
    return can_be_point(operand, path) && !operand.is_null() && !operand.is_document();
}

Buffer element_key(BsonView value) {
    codec::KeyWriter key{SpaceId{}};
    codec::append_key(key, value);
    return Buffer{without_space(key.bytes())};
}

/// All keys of values that compare with the value of this key lie in [first, end) of their tags.
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

std::optional<PathBounds> find_points(const std::vector<FilterNode>& conditions,
                                      const FieldPath& path, Kind kind) {
    for (const FilterNode& node : conditions) {
        if (node.kind != kind || node.path != path) continue;
        PathBounds bounds;
        if (kind == Kind::equal) {
            if (!can_be_point(node.operand, path)) continue;
            bounds.points.push_back(element_key(node.operand));
            bounds.description = fmt::format("{} = {}", path.dotted(), describe(node.operand));
        } else {
            const auto is_point = [&](BsonView value) { return can_be_point(value, path); };
            // An empty $in selects nothing, which the filter itself says soon enough.
            if (node.operands.empty() || !std::ranges::all_of(node.operands, is_point)) continue;
            for (const BsonView operand : node.operands) {
                bounds.points.push_back(element_key(operand));
            }
            std::ranges::sort(bounds.points);
            bounds.points.erase(std::unique(bounds.points.begin(), bounds.points.end()),
                                bounds.points.end());
            bounds.description =
                fmt::format("{} in {} values", path.dotted(), bounds.points.size());
        }
        return bounds;
    }
    return std::nullopt;
}

/// Narrows `bounds` by one more condition on the same kind of values.
void narrow(PathBounds& bounds, const FilterNode& node, const Buffer& key) {
    switch (node.kind) {
        case Kind::greater:
            bounds.lower = std::max(bounds.lower, codec::prefix_end(key));
            break;
        case Kind::greater_equal:
            bounds.lower = std::max(bounds.lower, key);
            break;
        case Kind::less:
            bounds.upper = std::min(bounds.upper, key);
            break;
        case Kind::less_equal:
            bounds.upper = std::min(bounds.upper, codec::prefix_end(key));
            break;
        default:
            AMPHORA_ASSERT(!"a comparison with an order");
    }
    bounds.description +=
        fmt::format("{}{} {} {}", bounds.description.empty() ? "" : ", ", node.path.dotted(),
                    sign_of(node.kind), describe(node.operand));
}

std::optional<PathBounds> find_range(const std::vector<FilterNode>& conditions,
                                     const FieldPath& path, Arrays arrays) {
    std::optional<PathBounds> bounds;
    Buffer bracket;
    for (const FilterNode& node : conditions) {
        if (!node.is_comparison() || node.kind == Kind::equal || node.path != path) continue;
        if (!can_be_bound(node.operand, path)) continue;
        const Buffer key = element_key(node.operand);
        if (!bounds) {
            bracket = bracket_begin(key);
            bounds = PathBounds{{}, bracket, bracket_end(key), false, {}};
        } else if (bracket_begin(key) != bracket) {
            continue;
        }
        narrow(*bounds, node, key);
        if (arrays == Arrays::possible) break;
    }
    if (bounds) {
        bounds->two_sided = bounds->lower.size() > 1 && bounds->upper.size() > 1;
        // "> 9 and < 3": nothing lies between, and the range must not run backwards.
        if (bounds->upper < bounds->lower) bounds->upper = bounds->lower;
    }
    return bounds;
}

}  // namespace

std::optional<PathBounds> path_bounds(const std::vector<FilterNode>& conditions,
                                      const FieldPath& path, Arrays arrays) {
    if (auto equal = find_points(conditions, path, Kind::equal)) return equal;
    if (auto in = find_points(conditions, path, Kind::in)) return in;
    return find_range(conditions, path, arrays);
}

}  // namespace amphora::document
