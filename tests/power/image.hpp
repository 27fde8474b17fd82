#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace amphora::power {

/// A directory with everything in it, in memory. Files that did not change are shared.
struct Image {
    using Content = std::shared_ptr<const std::string>;

    std::set<std::string> directories;     ///< paths below the root, without a slash in front
    std::map<std::string, Content> files;  ///< likewise

    [[nodiscard]] static Image read(const std::string& root);
    /// Makes `root` hold this and nothing else.
    void write(const std::string& root) const;
};

/// The first thing in which they differ, in words. `unknowable` names files whose content may be
/// anything.
[[nodiscard]] std::optional<std::string> difference(const Image& expected, const Image& found,
                                                    const std::set<std::string>& unknowable);

}  // namespace amphora::power
