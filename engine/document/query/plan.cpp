#include "document/query/plan.hpp"

#include "codec/key/ordered_key.hpp"
#include "document/collection/keys.hpp"
#include "document/index/writer.hpp"
#include "document/query/path_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace amphora::document {

namespace {

/// More ranges than this cost more than they save.
constexpr std::size_t ranges_max = 100'000;

/// The bounds that one index can use from a filter.
struct Offer {
    const BoundIndex* index = nullptr;
    std::vector<PathBounds> bounds;  ///< of the first paths; only the last may be a range
    std::uint32_t arrays = 0;
    std::size_t score = 0;

    [[nodiscard]] bool is_point() const {
        const std::size_t paths = index == nullptr ? 1 : index->paths.size();
        return bounds.size() == paths && std::ranges::all_of(bounds, [](const PathBounds& path) {
                   return path.points.size() == 1;
               });
    }
};

std::size_t worth(const PathBounds& bounds) {
    if (bounds.points.size() == 1) return 8;
    if (bounds.is_points()) return 6;
    return bounds.two_sided ? 3 : 2;
}

Offer offer(const transaction::Reading& reading, const BoundIndex& index,
            std::span<const PathCondition> conditions) {
    Offer result;
    result.index = &index;
    // The types exclude arrays, so the mark need not be read.
    const std::uint32_t all = (1u << index.paths.size()) - 1;
    if (!path_bounds(conditions, index.paths[0], Arrays::possible)) return result;
    if ((index.scalar_paths & all) != all) result.arrays = read_array_mark(reading, index);

    bool array_used = false;
    std::size_t ranges = 1;
    for (std::size_t i = 0; i < index.paths.size(); ++i) {
        const bool is_array = (result.arrays >> i & 1) != 0;
        // Two paths through one array have the same element in an entry, but may have different
        // ones in a filter: {"a.x": 1, "a.y": 2} also selects {"a": [{"x": 1}, {"y": 2}]}.
        if (is_array && array_used) break;
        auto bounds =
            path_bounds(conditions, index.paths[i], is_array ? Arrays::possible : Arrays::never);
        if (!bounds) break;
        array_used = array_used || is_array;
        ranges *= std::max({bounds->points.size(), bounds->ranges.size(), std::size_t{1}});
        if (ranges > ranges_max) break;
        result.score += worth(*bounds);
        result.bounds.push_back(std::move(*bounds));
        if (!result.bounds.back().is_points()) break;
    }
    // At most one document: only a look-up by _id is better.
    if (index.unique() && result.is_point()) result.score += 1000;
    return result;
}

Offer offer_id(std::span<const PathCondition> conditions) {
    static const FieldPath id{"_id"};
    Offer result;
    auto bounds = path_bounds(conditions, id, Arrays::never);
    if (!bounds) return result;
    result.score = worth(*bounds) + (bounds->points.size() == 1 ? 2000 : 1);
    result.bounds.push_back(std::move(*bounds));
    return result;
}

/// Every combination of the points, each followed by the range, as whole keys.
std::vector<KeyRange> whole_ranges(SpaceId space, const std::vector<PathBounds>& bounds) {
    std::vector<Buffer> prefixes{codec::KeyWriter{space}.take()};
    for (const PathBounds& path : bounds) {
        if (!path.is_points()) {
            std::vector<KeyRange> ranges;
            ranges.reserve(prefixes.size());
            for (const Buffer& prefix : prefixes) {
                for (const PathBounds::Range& range : path.ranges) {
                    ranges.push_back({prefix + range.lower, prefix + range.upper});
                }
            }
            return ranges;
        }
        std::vector<Buffer> longer;
        longer.reserve(prefixes.size() * path.points.size());
        for (const Buffer& prefix : prefixes) {
            for (const Buffer& point : path.points) longer.push_back(prefix + point);
        }
        prefixes = std::move(longer);
    }
    std::vector<KeyRange> ranges;
    ranges.reserve(prefixes.size());
    for (const Buffer& prefix : prefixes) ranges.push_back({prefix, codec::prefix_end(prefix)});
    return ranges;
}

/// The ranges of stored keys that contain everything in `whole`: where keys are limited, ranges
/// become wider and may merge.
std::vector<KeyRange> stored_ranges(const std::vector<KeyRange>& whole) {
    std::vector<KeyRange> stored;
    for (const KeyRange& range : whole) {
        KeyRange limited{codec::limit_lower(range.lower, part_bytes_max),
                         codec::limit_upper(range.upper, part_bytes_max)};
        if (!stored.empty() && limited.lower < stored.back().upper) {
            stored.back().upper = std::max(stored.back().upper, limited.upper);
        } else {
            stored.push_back(std::move(limited));
        }
    }
    return stored;
}

}  // namespace

Plan plan(const transaction::Reading& reading, const BoundCollection& collection,
          const Filter& filter) {
    const PathConditions filtered{filter.root().children};
    const std::span<const PathCondition> conditions = filtered.all();
    Offer best = offer_id(conditions);
    if (best.score < 2000) {
        for (const BoundIndex& index : collection.indexes()) {
            Offer other = offer(reading, index, conditions);
            if (other.score > best.score) best = std::move(other);
        }
    }
    Plan result;
    result.index = best.index;
    const SpaceId space = best.index == nullptr ? collection.space() : best.index->space();
    result.ranges = stored_ranges(whole_ranges(space, best.bounds));
    result.repeats = best.arrays != 0;
    if (best.is_point() && (best.index == nullptr || best.index->unique())) {
        codec::KeyWriter key{space};
        for (const PathBounds& bounds : best.bounds) key.raw(bounds.points.front());
        Buffer scratch;
        // A limited entry continues with its document's key, and there may be several.
        if (best.index == nullptr || fits(key.bytes())) {
            result.point = Buffer{limited(key, scratch)};
        }
    }
    result.description = best.index == nullptr
                             ? std::string{"documents by _id"}
                             : fmt::format("index {}", best.index->definition->name);
    for (const PathBounds& bounds : best.bounds) result.description += ", " + bounds.description;
    return result;
}

}  // namespace amphora::document
