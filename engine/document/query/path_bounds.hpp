#pragma once

#include "base/bytes.hpp"
#include "document/collection/field_path.hpp"
#include "document/query/path_conditions.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace amphora::document {

/// The bounds of the values of one path that a filter can select. The bytes are those of key
/// elements, without a space.
struct PathBounds {
    /// [lower, upper)
    struct Range {
        Buffer lower, upper;
    };
    /// In order, each once: the path has one of these values.
    std::vector<Buffer> points;
    /// Otherwise it is in one of these: in order, no two adjacent.
    std::vector<Range> ranges;
    bool two_sided = false;
    std::string description;  ///< "user_id = 7"

    [[nodiscard]] bool is_points() const noexcept { return !points.empty(); }
};

/// Whether a path may meet arrays. If so, different elements may fulfil two conditions on the path,
/// so only one of the conditions can bound the entries to read.
enum class Arrays : std::uint8_t { never, possible };

/// The bounds for `path` from conditions that must all hold; none if no condition helps.
[[nodiscard]] std::optional<PathBounds> path_bounds(std::span<const PathCondition> conditions,
                                                    const FieldPath& path, Arrays arrays);

}  // namespace amphora::document
