#pragma once

#include "base/bytes.hpp"
#include "document/field_path.hpp"
#include "document/path_conditions.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace amphora::document {

/// Between which elements of a key the values of one path lie, as far as a filter says so. The
/// bytes are those of key elements, without a space.
struct PathBounds {
    /// [lower, upper)
    struct Range {
        Buffer lower, upper;
    };
    /// In order, each once: the path has one of these values.
    std::vector<Buffer> points;
    /// Or else it lies in one of these: in order, none touches another.
    std::vector<Range> ranges;
    bool two_sided = false;
    std::string description;  ///< "user_id = 7"

    [[nodiscard]] bool is_points() const noexcept { return !points.empty(); }
};

/// Whether a path may meet arrays. Where it does, two conditions on it may be fulfilled by
/// different elements, so that only one of them can bound the entries to look at.
enum class Arrays : std::uint8_t { never, possible };

/// What the conditions that all must hold say about `path`; nothing if nothing that helps.
[[nodiscard]] std::optional<PathBounds> path_bounds(std::span<const PathCondition> conditions,
                                                    const FieldPath& path, Arrays arrays);

}  // namespace amphora::document
